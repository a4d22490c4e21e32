"""The widget of doubtful labels: what it shows is what is known of each face."""

import re

import numpy as np
import pytest

from fercourse.data.faces import EMOTIONS, FaceData, Faces
from fercourse.data.practice import practice_faces
from fercourse.lessons.lesson01 import planted_labels, voted_labels

HAPPY, SAD = EMOTIONS.index("happy"), EMOTIONS.index("sad")


@pytest.fixture(scope="module")
def voted():
    """Five happy faces, of which votes doubt three, two of them with one happy vote."""
    # neutral, happiness, surprise, sadness, … as in the file of FER+
    votes = np.zeros((5, 10), int)
    votes[:, 1], votes[:, 3], votes[:, 9] = (9, 1, 0, 8, 1), (0, 7, 10, 1, 3), 1
    votes[4, 0] = 5
    images = np.zeros((5, 48, 48), "uint8")
    rows = np.arange(5, dtype="int32")
    faces = Faces(images, np.full(5, HAPPY, "uint8"), rows)
    return FaceData(faces[:2], faces[2:2], faces[2:], "a test", "made up"), votes


def table(shown) -> dict[str, int]:
    cells = r'right">([\w ]+)</td>.*?</div>(\d+)</td>'
    return {name: int(value) for name, value in re.findall(cells, shown.still())}


def test_votes_of_the_faces_that_few_or_no_voters_confirm(voted):
    shown = voted_labels(*voted)
    assert (shown.level.value, shown.level.max, shown.face.max) == (1, 1, 2)
    assert "agree 1: 2 of 3 faces" in shown.still()
    assert "label is happy: 1 of 9 voters agree" in shown.still()
    assert (table(shown)["sad"], table(shown)["no face"]) == (7, 1)
    shown.face.value = 2
    assert (table(shown)["sad"], table(shown)["neutral"]) == (3, 5)
    shown.level.value = 0
    assert (shown.face.value, shown.face.max) == (1, 1)
    assert table(shown)["sad"] == 10


def test_the_answer_is_hidden_until_it_is_asked_for_and_again_for_the_next(voted):
    shown = voted_labels(*voted)
    face = shown.children[-1]

    def answered() -> bool:
        return "voters agree" in face.value and "<table" in face.value

    assert "labelled happy" in face.value and not answered()
    assert "<details>" in shown.still()
    shown.reveal.value = True
    assert answered()
    shown.face.value = 2
    assert not answered() and not shown.reveal.value
    shown.reveal.value = True
    shown.level.value = 0
    assert not answered()


def test_planted_labels_show_the_truth_and_no_votes():
    drawn = practice_faces(60, seed=0, label_noise=0.3, evidence=False)
    wrong = np.flatnonzero(drawn.faces.emotions != drawn.drawn_emotions)
    shown = planted_labels(drawn)
    faces = 0
    for level in range(shown.level.max + 1):
        shown.level.value = level
        if "<table" not in shown.still():
            continue
        for face in range(1, shown.face.max + 1):
            shown.face.value = face
            label, truth = re.search(
                r"label is (\w+); what was drawn is (\w+)", shown.still()
            ).groups()
            assert label != truth
            assert f'alt="a face that is labelled {label}"' in shown.still()
            if truth == "neutral":
                assert set(table(shown).values()) == {0}
            else:
                assert table(shown)[truth] == max(table(shown).values()) > 0
            faces += 1
    assert faces == len(wrong) > 5
    assert "vote" not in shown.still()
