"""What every lesson begins with."""

import numpy as np
import pytest

from fercourse.data import practice
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
    assert len(printed) == 2
    assert printed[0].startswith("profile: practice")


def test_a_profile_without_its_data_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("FERCOURSE_PROFILE", "quick")
    monkeypatch.setenv("FERCOURSE_DATA", str(tmp_path))
    with pytest.raises(FaceDataNotFoundError, match="fercourse download"):
        lesson.begin()


def test_fer2013_when_it_is_here(monkeypatch, fer2013_folder):
    monkeypatch.setenv("FERCOURSE_PROFILE", "quick")
    monkeypatch.setenv("FERCOURSE_DATA", str(fer2013_folder))
    profile, data = lesson.begin()
    assert profile.name == "quick"
    assert len(data.train) == 28_709
