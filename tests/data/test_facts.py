"""The stored facts: counted by hand on ten faces, compared, written, and published."""

import json

import numpy as np
import pytest
from copies import write
from tiny import tiny_data
from votes import ferplus_lines, vote

from fercourse.__main__ import main
from fercourse.data import facts as facts_module
from fercourse.data import ferplus
from fercourse.data.faces import SPLITS, FaceData, Faces
from fercourse.data.facts import (
    differing_facts,
    facts,
    ferplus_facts,
    stored_facts,
    write_facts,
)


def faces(greys, emotions, first=0):
    """One picture for each grey value, not constant."""
    images = np.repeat(np.array(greys, "uint8"), 48 * 48).reshape(-1, 48, 48)
    images[:, 0, 0] = 255 - images[:, 0, 0]
    rows = np.arange(first, first + len(greys), dtype="int32")
    return Faces(images, np.array(emotions, "uint8"), rows)


@pytest.fixture
def data():
    return FaceData(
        faces([10, 10, 20, 30], [3, 3, 4, 3]),
        faces([10, 40], [2, 5], first=4),
        faces([10, 20, 50, 60], [3, 6, 3, 0], first=6),
        "fer2013.csv",
        "verified FER2013",
    )


def values(computed):
    return {name: fact["value"] for name, fact in computed.items()}


def test_facts_by_hand(data):
    computed = values(facts(data))
    random = computed.pop("random_split_leak")
    assert 0 <= random <= computed.pop("balanced_split_leak") <= len(data.test)
    assert 0 <= computed.pop("random_split_right") <= len(data.test)
    # Three copies of the most frequent emotion, and many of all others.
    assert computed.pop("balanced_split_right") > 0
    assert computed.pop("picture_split_faces") >= len(data.test)
    assert computed.pop("picture_split_right") <= len(data.test)
    assert computed == {
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


def test_constant_pictures_are_counted_apart(data):
    data.train.images[:2] = 0
    data.train.emotions[1] = 0
    computed = values(facts(data))
    assert computed["constant_images"] == 2
    of_faces = computed["contradictory_groups_of_faces"]
    assert computed["contradictory_groups"] - of_faces == 1


def test_every_fact_names_the_function_that_computes_it(data):
    for name, fact in facts(data).items():
        assert name in getattr(facts_module, fact["computed_by"])(data)
        assert fact["meaning"]


def test_ferplus_facts_by_hand(data):
    votes = [vote(happiness=10)] * 6
    votes += [vote(happiness=9, fear=1), vote(sadness=10)]
    votes += [vote(NF=10), vote(anger=5, NF=5)]
    assert ferplus_facts(data, np.array(votes)) == {
        "ferplus_agree_training": [0, 0, 0, 3, 0, 0, 0],
        "ferplus_agree_public": [0, 0, 0, 0, 0, 0, 0],
        "ferplus_agree_private": [1, 0, 0, 1, 0, 0, 0],
        "ferplus_of_fear_private": [0] * 7,  # no test face is labelled fear
        "ferplus_votes_private": 40,
        "ferplus_votes_for_label": 14,
        "ferplus_votes_for_best_emotion": 24,  # 9, 10, 0 and 5
        # labels 3, 6, 3 and 0: happy nine times, sad, not a face, half an angry face
        "ferplus_votes_by_label": rows_of(
            {0: {0: 5, 9: 5}, 3: {2: 1, 3: 9, 9: 10}, 6: {4: 10}}
        ),
        # 9 and 1 votes: 0.47 bits; 5 and 5: one bit
        "ferplus_most_votes_private": [0, 0, 0, 0, 1, 0, 0, 0, 1, 2],
        "ferplus_entropy_private": [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] + 23 * [0],
        "ferplus_no_face": 1,
        "ferplus_no_face_or_tied": 2,
    }
    assert "ferplus_no_face" in facts(data, np.array(votes))


def test_what_voters_call_fear(data):
    data.test.emotions[:] = 2
    votes = [vote(happiness=10)] * 6
    votes += [vote(fear=9), vote(fear=8, sadness=2), vote(surprise=9), vote(NF=10)]
    computed = ferplus_facts(data, np.array(votes))
    assert computed["ferplus_of_fear_private"] == [0, 0, 2, 0, 0, 1, 0]


def test_votes_for_answers_by_hand(data):
    votes = [vote(happiness=10)] * 6
    votes += [vote(happiness=9, fear=1), vote(sadness=10)]
    votes += [vote(NF=10), vote(anger=5, NF=5)]
    computed = facts(data, np.array(votes), np.array([2, 4, 3, 0]))
    assert computed["ferplus_votes_by_pocket"]["value"] == rows_of(
        {0: {0: 5, 9: 5}, 2: {2: 1, 3: 9}, 3: {9: 10}, 4: {4: 10}}
    )


def rows_of(table):
    """Seven rows of ten numbers, from those that are not 0."""
    return [
        [table.get(row, {}).get(column, 0) for column in range(10)] for row in range(7)
    ]


def test_ferplus_of_other_faces_is_refused(data):
    with pytest.raises(ValueError, match=r"9 rows .* 10 faces"):
        ferplus_facts(data, np.zeros((9, 10), int))


def test_facts_are_written_and_compared(data, tmp_path, monkeypatch):
    monkeypatch.setattr(facts_module, "FACTS", tmp_path / "facts.json")
    computed = facts(data)
    write_facts(computed, data)
    assert stored_facts()["duplicate_groups"] == 2
    assert differing_facts(computed) == []
    computed["duplicate_groups"]["value"] = 3
    assert differing_facts(computed) == ["duplicate_groups: 3 here, 2 in facts.json"]
    provenance = json.loads((tmp_path / "facts.json").read_text())["provenance"]
    assert set(provenance) >= {"date", "code", "data"}
    with pytest.raises(ValueError, match="as published only"):
        write_facts({}, tiny_data())


def test_stored_facts_hold_counts_only_and_say_where_from():
    table = json.loads(facts_module.FACTS.read_text("utf-8"))
    assert table["provenance"]["data"].endswith("verified FER2013")
    for name, fact in table["facts"].items():
        assert callable(getattr(facts_module, fact["computed_by"])), name
        counts = np.array(fact["value"])
        assert counts.dtype == int and counts.shape in ((), (7,), (10,), (34,), (7, 10))


def test_stored_facts_equal_what_is_published():
    stored = stored_facts()
    assert sum(stored["training_faces"]) == 28709
    assert stored["private_faces"] == [491, 55, 528, 879, 594, 416, 626]
    assert (stored["duplicate_groups"], stored["duplicate_images"]) == (1516, 3369)
    assert (stored["public_in_training"], stored["private_in_training"]) == (280, 288)
    assert (stored["contradictory_groups"], stored["constant_images"]) == (57, 12)
    assert stored["ferplus_no_face"] == 177
    assert sum(stored["ferplus_agree_private"]) / 3589 == pytest.approx(0.622, abs=5e-4)


@pytest.fixture
def csv_file(data, tmp_path, monkeypatch):
    """The ten faces as fer2013.csv, without FER+ next to them."""
    monkeypatch.setattr(ferplus, "REPOSITORY", tmp_path)
    monkeypatch.delenv("FERCOURSE_FERPLUS", raising=False)
    lines = ["emotion,pixels,Usage"]
    for split in SPLITS:
        some = data.splits[split.name]
        for image, emotion in zip(some.images, some.emotions, strict=True):
            lines.append(f"{emotion},{' '.join(map(str, image.ravel()))},{split.usage}")
    return write(tmp_path / "fer2013.csv", lines)


def test_command_compares(csv_file, tmp_path, capsys):
    assert main(["facts", "--data", str(csv_file)]) == 1
    printed = capsys.readouterr().out
    assert "duplicate_groups: 2 (groups of two or more" in printed
    assert "duplicate_groups: 2 here, 1516 in fer2013_facts.json" in printed
    assert "FER+ are not here" in printed
    votes = tmp_path / "fer2013new.csv"
    votes.write_text(ferplus_lines(10))
    main(["facts", "--data", str(csv_file), "--ferplus", str(votes)])
    assert "ferplus_no_face: 0 (" in capsys.readouterr().out


def test_command_writes_no_facts_of_other_data(csv_file, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(facts_module, "FACTS", tmp_path / "facts.json")
    assert main(["facts", "--data", str(csv_file), "--write"]) == 1
    assert "as published only" in capsys.readouterr().err
    assert not facts_module.FACTS.exists()


def test_command_without_data(tmp_path, capsys):
    assert main(["facts", "--data", str(tmp_path)]) == 1
    assert "FER2013 was not found" in capsys.readouterr().err


@pytest.mark.slow
def test_stored_facts_are_those_of_the_real_data(fer2013_folder, capsys):
    assert main(["facts", "--data", str(fer2013_folder)]) == 0
    assert "facts agree with fer2013_facts.json" in capsys.readouterr().out
