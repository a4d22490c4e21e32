"""Exploration: against what can be counted by hand."""

import gzip
import json

import numpy as np
import pytest
from tiny import tiny_data

from fercourse.__main__ import main
from fercourse.data import exploration
from fercourse.data.exploration import (
    FERPLUS_HEADER,
    average_faces,
    balanced,
    constant_images,
    contradictory_groups,
    duplicate_groups,
    ferplus_agreement,
    find_ferplus,
    joined,
    leak,
    nearest_neighbours,
    picture_numbers,
    random_test,
    read_ferplus,
    shrink,
)
from fercourse.data.faces import FaceData, Faces
from fercourse.data.facts import (
    differing_facts,
    facts,
    ferplus_facts,
    stored_facts,
    write_facts,
)


def pictures(*greys: int) -> np.ndarray:
    """One picture for each grey value, not constant: its first pixel is 255 minus it."""
    images = np.repeat(np.array(greys, "uint8"), 48 * 48).reshape(-1, 48, 48)
    images[:, 0, 0] = 255 - images[:, 0, 0]
    return images


def faces(greys: list[int], emotions: list[int], first: int = 0) -> Faces:
    rows = np.arange(first, first + len(greys), dtype="int32")
    return Faces(pictures(*greys), np.array(emotions, "uint8"), rows)


@pytest.fixture
def data() -> FaceData:
    """Grey values 10 to 60; 10 is in all three splits and twice in training, 20 in training and test."""
    return FaceData(
        faces([10, 10, 20, 30], [3, 3, 4, 3]),
        faces([10, 40], [2, 5], first=4),
        faces([10, 20, 50, 60], [3, 6, 3, 0], first=6),
        "fer2013.csv",
        "verified FER2013",
    )


# copies
# --------------------------------------------------------------------------------------


def test_same_pictures_have_the_same_number():
    assert picture_numbers(pictures(7, 9, 7, 8, 9)).tolist() == [0, 1, 0, 2, 1]


def test_one_different_pixel_makes_another_picture():
    images = pictures(7, 7)
    images[1, 47, 47] += 1
    assert picture_numbers(images).tolist() == [0, 1]


def test_a_view_is_compared_by_what_it_shows():
    images = pictures(1, 2, 3, 2)[::-1].transpose(0, 2, 1)
    assert picture_numbers(images).tolist() == [0, 1, 0, 2]


def test_groups_by_hand():
    groups = duplicate_groups(pictures(7, 9, 7, 8, 9, 7))
    assert [group.tolist() for group in groups] == [[0, 2, 5], [1, 4]]


@pytest.mark.parametrize("greys", [(), (5,), (5, 6)])
def test_no_groups_without_copies(greys):
    assert duplicate_groups(pictures(*greys)) == []


def test_contradictory_groups_by_hand():
    groups = [np.array([0, 2, 5]), np.array([1, 4])]
    contradictory = contradictory_groups(groups, np.array([3, 1, 3, 0, 1, 4]))
    assert [group.tolist() for group in contradictory] == [[0, 2, 5]]


def test_constant_is_not_only_black():
    images = np.stack(
        [np.zeros((48, 48)), np.full((48, 48), 7), pictures(7)[0]]
    ).astype("uint8")
    assert constant_images(images).tolist() == [True, True, False]


# pictures
# ------------------------------------------------------------------------------------


def test_average_face_by_hand():
    means, spreads = average_faces(
        Faces(
            pictures(10, 30, 90),
            np.array([4, 4, 0], "uint8"),
            np.arange(3, dtype="int32"),
        )
    )
    assert means.shape == spreads.shape == (7, 48, 48)
    assert (means[4, 1, 1], spreads[4, 1, 1]) == (20, 10)
    assert (means[0, 1, 1], spreads[0, 1, 1]) == (90, 0)
    assert not means[3].any()


def test_shrink_takes_means_and_repeats_them():
    image = np.zeros((1, 48, 48), "uint8")
    image[0, :24, :12] = 100
    small = shrink(image, 2)
    assert small.dtype == "uint8"
    assert (small[0, :24, :24] == 50).all()
    assert not small[0, 24:].any()
    assert not small[0, :, 24:].any()


def test_shrink_to_the_same_size_changes_nothing():
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 48)).astype("uint8")
    np.testing.assert_array_equal(shrink(images, 48), images)


# nearest neighbours
# --------------------------------------------------------------------------


def brute_force(images: np.ndarray, known: np.ndarray) -> np.ndarray:
    flat, theirs = (
        some.reshape(len(some), -1).astype("int64") for some in (images, known)
    )
    return np.array([((theirs - one) ** 2).sum(axis=1).argmin() for one in flat])


@pytest.mark.parametrize("count", [1, 256, 300])
def test_nearest_against_brute_force(count):
    random = np.random.default_rng(count)
    known = random.integers(0, 256, (50, 48, 48)).astype("uint8")
    noise = random.integers(-40, 40, (count, 48, 48))
    images = np.clip(known[random.integers(0, 50, count)] + noise, 0, 255).astype(
        "uint8"
    )
    np.testing.assert_array_equal(
        nearest_neighbours(images, known), brute_force(images, known)
    )


def test_nearest_is_exact_where_float32_is_not():
    # The sums of squares are about 150 million; 32-bit floats skip numbers there.
    known = np.full((3, 48, 48), 255, "uint8")
    known[0, 0, :2] = 254
    known[1, 0, 0] = 254
    known[2, 0, :3] = 254
    assert nearest_neighbours(np.full((1, 48, 48), 255, "uint8"), known).tolist() == [1]
    assert nearest_neighbours(np.zeros((1, 48, 48), "uint8"), known).tolist() == [2]


def test_of_equals_the_first_is_nearest():
    assert nearest_neighbours(pictures(20), pictures(10, 30, 20, 20)).tolist() == [2]
    assert nearest_neighbours(
        np.full((1, 48, 48), 20, "uint8"), np.full((2, 48, 48), 9, "uint8")
    ).tolist() == [0]


def test_nothing_is_nearest_to_nothing():
    with pytest.raises(ValueError, match="known is empty"):
        nearest_neighbours(pictures(1), pictures())
    assert nearest_neighbours(pictures(), pictures(1)).shape == (0,)


# splits
# --------------------------------------------------------------------------------------


def test_random_test_has_the_size_and_depends_on_the_seed():
    test = random_test(100, 10, seed=0)
    assert test.dtype == bool
    assert test.sum() == 10
    assert (test == random_test(100, 10, seed=0)).all()
    assert (test != random_test(100, 10, seed=1)).any()


def test_balanced_repeats_the_rare():
    emotions = np.array([3, 3, 3, 1, 4, 4])
    positions = balanced(emotions)
    assert np.bincount(emotions[positions]).tolist() == [0, 3, 0, 3, 3]
    assert set(positions) == set(range(6))


def test_leak_by_hand():
    numbers = np.array([0, 1, 0, 2, 3, 3])
    assert (
        leak(numbers, np.array([1, 1, 0, 0, 1, 1], bool)) == 1
    )  # 3 and 3 are both in the test split
    assert leak(numbers, np.zeros(6, bool)) == 0


# FER+
# ----------------------------------------------------------------------------------------


def row(**votes: int) -> list[int]:
    return [votes.get(name, 0) for name in FERPLUS_HEADER[2:]]


def test_agreement_looks_into_the_right_columns():
    names = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
    votes = np.array([row(**{name: 6}, unknown=4) for name in names])
    assert ferplus_agreement(np.arange(7), votes).all()
    assert not ferplus_agreement(np.roll(np.arange(7), 1), votes).any()


def test_a_tie_counts_as_the_first_column():
    votes = np.array([row(neutral=5, sadness=5)] * 2)
    assert ferplus_agreement(np.array([6, 4]), votes).tolist() == [True, False]


def ferplus_lines(count: int) -> str:
    lines = [",".join(FERPLUS_HEADER)]
    return "\n".join(
        lines
        + [
            f"Training,fer{i:07}.png,{','.join(map(str, row(anger=9, NF=i)))}"
            for i in range(count)
        ]
    )


def test_read_ferplus_plain_and_compressed(tmp_path):
    plain, small = tmp_path / "fer2013new.csv", tmp_path / "fer2013new.csv.gz"
    plain.write_text(ferplus_lines(3) + "\n")
    with gzip.open(small, "wt") as file:
        file.write(ferplus_lines(3))
    for path in (plain, small):
        votes = read_ferplus(path)
        assert votes.tolist() == [row(anger=9, NF=i) for i in range(3)]


def test_another_table_is_refused(tmp_path):
    path = tmp_path / "fer2013new.csv"
    path.write_text("emotion,pix\n1,2\n")
    with pytest.raises(
        ValueError, match=r"fer2013new.csv does not begin with the columns of FER\+"
    ):
        read_ferplus(path)


def test_find_ferplus(tmp_path, monkeypatch):
    monkeypatch.setattr(exploration, "REPOSITORY", tmp_path)
    monkeypatch.delenv("FERCOURSE_DATA", raising=False)
    monkeypatch.delenv(exploration.FERPLUS_VARIABLE, raising=False)
    assert find_ferplus() is None
    places = [tmp_path / name for name in ("data", "mine", "named")]
    for place in places:
        place.mkdir()
        (place / "fer2013new.csv").write_text("")
    assert find_ferplus() == places[0] / "fer2013new.csv"
    monkeypatch.setenv("FERCOURSE_DATA", str(places[1]))
    assert find_ferplus() == places[1] / "fer2013new.csv"
    monkeypatch.setenv(
        "FERCOURSE_DATA", str(places[1] / "fer2013.csv")
    )  # not there: no folder to look in
    assert find_ferplus() == places[0] / "fer2013new.csv"
    monkeypatch.setenv(exploration.FERPLUS_VARIABLE, str(places[2] / "fer2013new.csv"))
    assert find_ferplus() == places[2] / "fer2013new.csv"


# the facts
# -----------------------------------------------------------------------------------


def test_joined_keeps_the_order(data):
    everyone = joined(data)
    assert everyone.rows.tolist() == list(range(10))
    assert everyone.emotions.tolist() == [3, 3, 4, 3, 2, 5, 3, 6, 3, 0]


def test_facts_by_hand(data):
    found = {name: fact["value"] for name, fact in facts(data).items()}
    random, repeated = found.pop("random_split_leak"), found.pop("balanced_split_leak")
    assert found == {
        "training_faces": [0, 0, 0, 3, 1, 0, 0],
        "public_faces": [0, 0, 1, 0, 0, 1, 0],
        "private_faces": [1, 0, 0, 2, 0, 0, 1],
        "constant_images": 0,
        "duplicate_groups": 2,  # 10 four times, 20 twice
        "duplicate_images": 6,
        "groups_across_splits": 2,
        "contradictory_groups": 2,  # 10: happy and fear; 20: sad and neutral
        "contradictory_groups_of_faces": 2,
        "public_in_training": 1,
        "private_in_training": 2,
        "private_in_public": 1,
        "private_in_either": 2,
        "majority_right": 2,
        "nearest_right_copies": 1,  # 10 happy, 20 sad instead of neutral
        "nearest_right_rest": 1,  # 50 and 60 are nearest to 30, happy
    }
    assert 0 <= random <= repeated <= len(data.test)


def test_constant_pictures_are_told_apart(data):
    black = data.train.images.copy()
    black[:2] = 0
    train = Faces(black, np.array([3, 0, 4, 3], "uint8"), data.train.rows)
    found = facts(FaceData(train, data.validation, data.test, "", ""))
    assert found["constant_images"]["value"] == 2
    assert (
        found["contradictory_groups"]["value"]
        - found["contradictory_groups_of_faces"]["value"]
        == 1
    )


def test_every_fact_names_a_function_that_exists(data):
    for name, fact in facts(data).items():
        assert name in getattr(exploration, fact["computed_by"])(data)
        assert fact["meaning"]


def test_ferplus_facts_by_hand(data):
    votes = np.array(
        [row(happiness=10)] * 6
        + [row(happiness=9, fear=1), row(sadness=10), row(NF=10), row(anger=5, NF=5)]
    )
    found = {name: value for name, (value, _) in ferplus_facts(data, votes).items()}
    assert found == {
        "ferplus_agree_training": [0, 0, 0, 3, 0, 0, 0],
        "ferplus_agree_public": [0, 0, 0, 0, 0, 0, 0],
        "ferplus_agree_private": [1, 0, 0, 1, 0, 0, 0],
        "ferplus_of_fear_private": [0] * 7,  # no test face is labelled fear
        "ferplus_votes_private": 40,
        "ferplus_votes_for_label": 14,
        "ferplus_no_face": 1,
        "ferplus_no_face_or_tied": 2,
    }


def test_what_voters_call_fear(data):
    test = Faces(data.test.images, np.full(4, 2, "uint8"), data.test.rows)
    votes = np.array(
        [row(happiness=10)] * 6
        + [row(fear=9), row(fear=8, sadness=2), row(surprise=9), row(NF=10)]
    )
    found = ferplus_facts(FaceData(data.train, data.validation, test, "", ""), votes)
    assert found["ferplus_of_fear_private"][0] == [0, 0, 2, 0, 0, 1, 0]


def test_ferplus_of_other_faces_is_refused(data):
    with pytest.raises(ValueError, match="9 rows of FER\\+ do not belong to 10 faces"):
        ferplus_facts(data, np.zeros((9, 10), int))


def test_facts_are_written_and_compared(data, tmp_path, monkeypatch):
    monkeypatch.setattr(exploration, "FACTS", tmp_path / "facts.json")
    found = facts(data)
    write_facts(found, data)
    assert stored_facts()["duplicate_groups"] == 2
    assert differing_facts(found) == []
    found["duplicate_groups"]["value"] = 3
    assert differing_facts(found) == ["duplicate_groups: 3 here, 2 in facts.json"]
    about = json.loads(exploration.FACTS.read_text())
    assert set(about["provenance"]) >= {"date", "code", "data"}


def test_only_facts_of_fer2013_are_written(tmp_path, monkeypatch):
    monkeypatch.setattr(exploration, "FACTS", tmp_path / "facts.json")
    with pytest.raises(ValueError, match="as published only; this is: made for a test"):
        write_facts({}, tiny_data())
    assert not list(tmp_path.iterdir())


def test_stored_facts_hold_counts_only_and_say_where_from():
    table = json.loads(exploration.FACTS.read_text("utf-8"))
    assert table["provenance"]["data"].endswith("verified FER2013")
    for name, fact in table["facts"].items():
        assert callable(getattr(exploration, fact["computed_by"])), name
        value = fact["value"]
        assert isinstance(value, int) or (
            len(value) == 7 and all(isinstance(one, int) for one in value)
        )


def test_stored_facts_equal_what_is_published():
    stored = stored_facts()
    assert sum(stored["training_faces"]) == 28709
    assert stored["private_faces"] == [491, 55, 528, 879, 594, 416, 626]
    assert (stored["duplicate_groups"], stored["duplicate_images"]) == (1516, 3369)
    assert (stored["public_in_training"], stored["private_in_training"]) == (280, 288)
    assert (stored["contradictory_groups"], stored["constant_images"]) == (57, 12)
    assert stored["ferplus_no_face"] == 177
    assert sum(stored["ferplus_agree_private"]) / 3589 == pytest.approx(0.622, abs=5e-4)


# the command
# ---------------------------------------------------------------------------------


@pytest.fixture
def csv_file(data, tmp_path, monkeypatch):
    """The ten faces as fer2013.csv, without FER+ beside them."""
    monkeypatch.setattr(exploration, "REPOSITORY", tmp_path)
    monkeypatch.delenv(exploration.FERPLUS_VARIABLE, raising=False)
    monkeypatch.delenv("FERCOURSE_DATA", raising=False)
    path, lines = tmp_path / "fer2013.csv", ["emotion,pixels,Usage"]
    for usage, some in (
        ("Training", data.train),
        ("PublicTest", data.validation),
        ("PrivateTest", data.test),
    ):
        for image, emotion in zip(some.images, some.emotions, strict=True):
            lines.append(
                f"{emotion},{' '.join(map(str, image.ravel().tolist()))},{usage}"
            )
    path.write_text("\n".join(lines) + "\n")
    return path


def test_command_compares(csv_file, capsys):
    assert main(["facts", "--data", str(csv_file)]) == 1
    printed = capsys.readouterr().out
    assert "duplicate_groups: 2 (groups of two or more" in printed
    assert "The votes of FER+ are not here" in printed
    assert "duplicate_groups: 2 here, 1516 in fer2013_facts.json" in printed


def test_command_reads_the_votes(csv_file, tmp_path, capsys):
    votes = tmp_path / "fer2013new.csv"
    votes.write_text(ferplus_lines(10))
    main(["facts", "--data", str(csv_file), "--ferplus", str(votes)])
    assert "ferplus_no_face: 0 (" in capsys.readouterr().out


def test_command_writes_no_facts_of_other_data(csv_file, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(exploration, "FACTS", tmp_path / "facts.json")
    assert main(["facts", "--data", str(csv_file), "--write"]) == 1
    assert "facts are stored of FER2013 as published only" in capsys.readouterr().err
    assert not exploration.FACTS.exists()


def test_command_without_data(tmp_path, capsys):
    assert main(["facts", "--data", str(tmp_path)]) == 1
    assert "FER2013 was not found" in capsys.readouterr().err


@pytest.mark.slow
def test_stored_facts_are_those_of_the_real_data(fer2013_folder, capsys):
    assert main(["facts", "--data", str(fer2013_folder)]) == 0
    assert "facts agree with fer2013_facts.json" in capsys.readouterr().out
