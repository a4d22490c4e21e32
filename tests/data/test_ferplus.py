"""FER+: the right file, the right columns."""

import gzip

import numpy as np
import pytest
from votes import ferplus_lines, vote

from fercourse.data import ferplus
from fercourse.data.ferplus import ferplus_agreement, find_ferplus, read_ferplus


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
    path.write_text("emotion,pix\n1,2\n")
    with pytest.raises(ValueError, match=r"fer2013new\.csv .* columns of FER\+"):
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
