"""FER+: the right file, the right columns."""

import gzip
import re

import numpy as np
import pytest
from votes import ferplus_lines, vote

from fercourse.data import ferplus
from fercourse.data.faces import EMOTIONS, FERPLUS, FaceData, Faces
from fercourse.data.fer2013.load import load_fer2013
from fercourse.data.ferplus import (
    ferplus_agreement,
    ferplus_data,
    find_ferplus,
    read_ferplus,
    require_ferplus,
    vote_shares,
)


def test_agreement_looks_into_the_right_columns():
    names = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
    votes = np.array([vote(**{name: 6}, unknown=4) for name in names])
    assert ferplus_agreement(np.arange(7), votes).all()
    assert not ferplus_agreement(np.roll(np.arange(7), 1), votes).any()


def test_a_tie_counts_as_the_first_column():
    votes = np.array([vote(neutral=5, sadness=5)] * 2)
    assert ferplus_agreement(np.array([6, 4]), votes).tolist() == [True, False]


def test_read_plain_and_compressed(tmp_path):
    plain, small = tmp_path / "fer2013new.csv", tmp_path / "fer2013new.csv.gz"
    plain.write_text(ferplus_lines(3) + "\n")
    small.write_bytes(gzip.compress(ferplus_lines(3).encode()))
    for path in (plain, small):
        expected = [vote(anger=9, NF=row) for row in range(3)]
        assert read_ferplus(path).tolist() == expected


def test_another_table_is_refused(tmp_path):
    path = tmp_path / "fer2013new.csv"
    for content in ("emotion,pix\n1,2\n", ""):
        path.write_text(content)
        with pytest.raises(ValueError, match=r"fer2013new\.csv .* columns of FER\+"):
            read_ferplus(path)


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    path = tmp_path / "fer2013new.csv.gz"
    path.write_bytes(gzip.compress(b"Usage,Image name\n" * 99)[:-20])
    with pytest.raises(ValueError, match=r"fer2013new\.csv\.gz is cut off"):
        read_ferplus(path)


def test_places(tmp_path, monkeypatch):
    monkeypatch.setattr(ferplus, "REPOSITORY", tmp_path)
    monkeypatch.delenv("FERCOURSE_FERPLUS", raising=False)
    assert find_ferplus() is None
    default, mine, named = (
        tmp_path / name / "fer2013new.csv" for name in ("data", "mine", "named")
    )
    for path in (default, mine, named):
        path.parent.mkdir()
        path.write_text("")
    assert find_ferplus() == default
    monkeypatch.setenv("FERCOURSE_DATA", str(mine.parent))
    assert find_ferplus() == mine
    missing = mine.with_name("fer2013.csv")  # not there, so no folder to look in
    monkeypatch.setenv("FERCOURSE_DATA", str(missing))
    assert find_ferplus() == default
    monkeypatch.setenv("FERCOURSE_FERPLUS", str(named))
    assert find_ferplus() == named
    for path in (mine, mine.parent):
        assert find_ferplus(path) == mine


def test_a_place_without_votes_is_named(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"empty is neither fer2013new\.csv"):
        find_ferplus(tmp_path / "empty")
    monkeypatch.setenv("FERCOURSE_FERPLUS", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="FERCOURSE_FERPLUS"):
        find_ferplus()


def five_faces():
    images = np.arange(5 * 48 * 48).reshape(5, 48, 48).astype("uint8")
    return Faces(images, np.zeros(5, "uint8"), np.arange(5, dtype="int32"))


VOTES = np.array(
    [
        vote(happiness=7, neutral=3),
        vote(contempt=6, fear=4),
        vote(sadness=5, neutral=5),
        vote(anger=2, disgust=1, unknown=7),
        vote(surprise=4, fear=3, contempt=1, NF=2),
    ]
)


def test_the_most_frequent_vote_becomes_the_label():
    faces = five_faces()
    data = FaceData(faces, faces[:0], faces[:2], "a.csv", "made up")
    relabelled = ferplus_data(data, np.concatenate([VOTES, VOTES[:2]]))
    names = [EMOTIONS[number] for number in relabelled.train.emotions]
    assert names == ["happy", "surprise"]
    assert relabelled.train.rows.tolist() == [0, 4]
    np.testing.assert_array_equal(relabelled.train.images, faces.images[[0, 4]])
    assert "3 of Training" in relabelled.reports[0]
    assert re.fullmatch("ferplus-[0-9a-f]{8}", relabelled.name)
    with pytest.raises(ValueError, match=r"5 rows of votes and .* 7 faces"):
        ferplus_data(data, VOTES)


def test_shares_of_votes_are_those_of_the_seven_emotions():
    shares = vote_shares(five_faces(), VOTES)
    happy, neutral = EMOTIONS.index("happy"), EMOTIONS.index("neutral")
    np.testing.assert_allclose(shares[0][[happy, neutral]], [0.7, 0.3])
    np.testing.assert_allclose(shares[4][[5, 2]], [4 / 7, 3 / 7])
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
    nobody = vote_shares(five_faces(), 0 * VOTES)
    np.testing.assert_allclose(nobody, 1 / 7)


def test_ferplus_of_published_fer2013_is_known_by_its_content(fer2013_folder):
    if find_ferplus() is None:
        pytest.skip("needs the votes of FER+: set FERCOURSE_FERPLUS")
    data = ferplus_data(load_fer2013(fer2013_folder / "fer2013.csv"), require_ferplus())
    assert data.name == FERPLUS and data.comparable
    assert len(data.train) == 26_778
