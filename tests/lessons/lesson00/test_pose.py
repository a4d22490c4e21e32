"""The game of lesson 00."""

import re

import numpy as np
import pytest

from fercourse.data.faces import EMOTIONS
from fercourse.data.practice import ACTION_UNITS, practice_faces
from fercourse.lessons.lesson00 import pose
from fercourse.lessons.lesson00.pose import MOVEMENTS, PosePanel


@pytest.fixture
def panel(monkeypatch):
    """With a model that says happy to a bright mouth corner, else neutral."""

    def answer(_, images):
        bright = images.astype(int).sum() > at_rest
        return np.eye(7)[[3 if bright else 6]] * 0.9 + 0.01

    at_rest = int(1e12)
    monkeypatch.setattr(pose, "predict", answer)
    made = PosePanel(None)
    at_rest = 0
    return made


def test_a_movement_changes_the_face_and_collects_an_answer(panel):
    shown = panel.children[-1]
    pictures = [shown.value]
    assert panel.collected == {"neutral"}
    panel.movements["jaw dropped"].value = True
    pictures.append(shown.value)
    assert panel.collected == {"neutral", "happy"}
    assert "a drawn face with jaw dropped" in pictures[-1]
    assert "2 of 7 (happy, neutral)" in pictures[-1]
    images = [re.search(r"base64,([^\"]+)", picture)[1] for picture in pictures]
    assert images[0] != images[1]
    panel.children[1].children[1].click()
    assert "a drawn face with no movement" in shown.value
    assert repr(panel) == f"PosePanel(2 of {len(EMOTIONS)} collected)"


def test_a_page_that_is_not_run_shows_what_two_movements_do(panel):
    still = panel.still()
    assert "lips apart · jaw dropped" in still
    assert still.count("<img") == 1
    answers = "lip corners up: happy 91 %; jaw dropped: happy 91 %; lip corners up, "
    assert answers + "another person: happy 91 %" in still


def test_the_movements_are_those_of_practice_faces():
    drawn = practice_faces(1, seed=11)
    units = dict(zip(ACTION_UNITS, drawn.action_units[0].tolist(), strict=True))
    posed = pose.posed_face(units, 0, 11)
    assert (posed == drawn.faces.images[0]).all()
    assert set(MOVEMENTS.values()) < set(ACTION_UNITS)
