"""What every lesson begins with."""

import numpy as np
import pytest
from copies import LINES, write, write_halves

from fercourse.data import practice
from fercourse.data.fer2013 import load
from fercourse.data.fer2013.tables import FaceDataNotFoundError
from fercourse.data.practice import practice_data
from fercourse.lessons import start as lesson


@pytest.fixture
def small_practice_data(monkeypatch, tmp_path):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path))
    calls = []

    def draw():
        calls.append(1)
        return practice_data(20, 5, 5)

    monkeypatch.setattr(practice, "practice_data", draw)
    return calls


def test_practice_faces_are_drawn_once(small_practice_data, monkeypatch, capsys):
    monkeypatch.setenv("FERCOURSE_PROFILE", "practice")
    profile, data = lesson.begin()
    _, again = lesson.begin()
    assert len(small_practice_data) == 1
    assert profile.name == "practice"
    assert data.source == again.source == "practice faces"
    assert data.reports == again.reports
    for split in ("train", "validation", "test"):
        assert np.array_equal(getattr(data, split).images, getattr(again, split).images)
    printed = capsys.readouterr().out.splitlines()
    assert printed == 2 * ["profile: practice (drawn faces)"]


def test_a_profile_without_its_data_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("FERCOURSE_PROFILE", "quick")
    monkeypatch.setenv("FERCOURSE_DATA", str(tmp_path))
    with pytest.raises(FaceDataNotFoundError, match="fercourse download"):
        lesson.begin()


@pytest.fixture
def no_profile(small_practice_data, monkeypatch, tmp_path):
    monkeypatch.delenv("FERCOURSE_PROFILE", raising=False)
    monkeypatch.delenv("FERCOURSE_DATA", raising=False)
    monkeypatch.setattr(load, "REPOSITORY", tmp_path / "nowhere")
    monkeypatch.chdir(tmp_path)


def test_without_data_two_lines_are_enough(no_profile, capsys):
    profile, _ = lesson.begin()
    assert (profile.name, profile.reason) == ("practice", "FER2013 is not here")
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_path_that_finds_nothing_is_said(no_profile, monkeypatch, capsys):
    monkeypatch.setenv("FERCOURSE_DATA", "$HOME/no/faces")
    profile, data = lesson.begin()
    assert (profile.name, data.source) == ("practice", "practice faces")
    assert "no/faces)." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (LINES[:9], "not all three splits"),
        ([*LINES[:9], "3,1 2,Training"], "cannot be read"),
    ],
)
def test_data_that_cannot_be_used_are_said(
    no_profile, tmp_path, monkeypatch, capsys, lines, reason
):
    write(tmp_path / "faces.csv", lines)
    monkeypatch.setenv("FERCOURSE_DATA", "faces.csv")
    profile, data = lesson.begin()
    assert (profile.name, data.source) == ("practice", "practice faces")
    assert reason in profile.reason
    assert len(capsys.readouterr().out.splitlines()) > 2
    monkeypatch.setenv("FERCOURSE_PROFILE", "quick")
    with pytest.raises(ValueError, match=r"three splits|faces with labels|row 8"):
        lesson.begin()


def test_someone_elses_data_are_passed_over(no_profile, tmp_path, capsys):
    write_halves(tmp_path / "data")
    assert lesson.begin()[0].name == "practice"
    assert "another data set" in capsys.readouterr().out


def test_fer2013_when_it_is_here(monkeypatch, fer2013_folder):
    monkeypatch.setenv("FERCOURSE_PROFILE", "quick")
    monkeypatch.setenv("FERCOURSE_DATA", str(fer2013_folder))
    profile, data = lesson.begin()
    assert profile.name == "quick"
    assert len(data.train) == 28_709
