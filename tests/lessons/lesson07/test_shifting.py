"""The pictures of lesson 07 that another camera would have taken."""

import numpy as np
import pytest
from drawn import texts

from fercourse.data.faces import EMOTIONS
from fercourse.data.practice import practice_faces
from fercourse.lessons.lesson07 import shifting
from fercourse.models.pocket import pocket_model
from fercourse.training.prediction import predict

FACES = practice_faces(20, seed=2).faces


@pytest.fixture(scope="module")
def network():
    return pocket_model("block3_pool", "concat", trained_on="practice")


@pytest.mark.parametrize("change", shifting.CHANGES.values())
def test_the_first_strength_changes_nothing_and_the_others_more_and_more(change):
    distances = [
        np.abs(change.apply(FACES.images, strength) - FACES.images.astype(int)).mean()
        for strength in change.strengths
    ]
    assert distances[0] == 0
    assert distances == sorted(distances) and len(set(distances)) == 4


def test_curves_begin_with_the_pictures_as_they_are(network):
    curves = shifting.measured_changes(network, FACES)
    answers = predict(network, FACES.images)
    right = 100 * (answers.argmax(axis=1) == FACES.emotions).mean()
    for curve in curves.values():
        assert curve.shape == (4, 3)
        assert curve[0, 1:] == pytest.approx([right, 100 * answers.max(axis=1).mean()])


def test_the_panel_follows_its_lists(network):
    panel = shifting.ChangePanel(network, FACES)
    before = panel.still()
    assert f"A face labelled {EMOTIONS[FACES.emotions[6]]}. as it is: " in before
    assert "30\xa0% covered" in before
    panel.change.value = "tilt"
    assert "tilted, 20°" in repr(panel)
    panel.strength.value = 0
    as_it_is, changed = repr(panel).split("as it is: ")[1].split("; tilted, 0°: ")
    assert changed.startswith(as_it_is)
    panel.face.value = 1
    assert f"labelled {EMOTIONS[FACES.emotions[1]]}" in repr(panel)


def test_changes_are_named_with_their_units():
    named = ["blurred, 2.1 pixels", "contrast × 0.2", "tilted, 30°", "45\xa0% covered"]
    changes = shifting.CHANGES.values()
    assert [shifting.in_words(one, one.strengths[-1]) for one in changes] == named


def test_a_face_that_disappears_is_answered_at_each_stage(network):
    figure, alt = shifting.disappearing(network, FACES.images[:1], (0, 0.5, 1))
    words = shifting.answer_in_words(predict(network, FACES.images[:1])[0])
    assert words in alt and words in texts(figure)
    assert "; 50%, " in alt and alt.count(" %") == 3


def test_both_faces_have_their_answers():
    answer = np.array([0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0])
    titles = ["as it is: sad, 40 %", "blur 2: angry, 50 %"]
    figure = shifting.two_faces(np.zeros((2, 48, 48)), titles, answer, "the label is x")
    shown = {"as it is\nsad, 40 %", "blur 2\nangry, 50 %", "50 %", *EMOTIONS}
    assert shown <= texts(figure)
