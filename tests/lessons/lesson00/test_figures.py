"""The figures of lesson 00."""

import numpy as np
from drawn import texts

from fercourse.lessons.lesson00 import figures
from fercourse.lessons.lesson00.figures import (
    answer_figure,
    answers_with_maps,
    movements_figure,
    show_check,
)


def test_an_answer_is_a_face_and_seven_bars():
    face = np.zeros((48, 48), "uint8")
    figure = answer_figure(face, np.array([0.5, 0.25, 0.25, 0, 0, 0, 0]))
    assert len(figure.axes[0].images) == 1
    assert figure.axes[1].get_xlim()[1] > 100  # one scale for every face
    assert {"angry", "neutral", "50 %", "25 %", "probability (%)"} <= texts(figure)


def test_each_face_has_its_map_in_numbers_and_its_answer():
    maps = np.full((2, 3, 3), 0.25)
    maps[1, 2, 1] = 0.75
    rows = np.eye(7)[[3, 4]] * 0.65 + 0.05
    faces = np.zeros((2, 48, 48), "uint8")
    figure, alt = answers_with_maps(faces, ["happy", "fear"], maps, rows)
    assert {"labelled happy", "labelled fear", "0.25", "0.75", "70"} <= texts(figure)
    assert {"answer: happy", "answer: sad\nnot the label"} <= texts(figure)
    assert "fear: attention 0.25 to 0.75, answer sad 70 %" in alt


def test_each_pose_has_its_answer_and_the_longest_bar_is_outlined():
    rows = np.eye(7)[[6, 3]] * 0.65 + 0.05
    faces = np.zeros((2, 48, 48), "uint8")
    figure, alt = movements_figure(faces, ["at rest", "smiling"], rows)
    assert {"at rest", "smiling", "answer: neutral", "answer: happy"} <= texts(figure)
    assert alt.endswith("Answers: at rest: neutral 70 %; smiling: happy 70 %.")
    for axis in figure.axes[2:]:
        widths = [bar.get_width() for bar in axis.patches]
        outlined = [bar.get_linewidth() > 1 for bar in axis.patches]
        assert outlined == [width == max(widths) for width in widths]


def test_what_is_fine_is_folded_and_what_is_not_is_seen(monkeypatch):
    shown = []
    monkeypatch.setattr(figures, "display", shown.append)
    missing, advice = "[ -- ] <FER2013> is not here", "Next: `make lab` opens it."
    show_check(["[ ok ] keras 3", missing, "[FAIL] scipy", "[ ok ] numpy 2", advice])
    seen, folded = shown[0].data.split("<details>")
    assert "<li>☐ &lt;FER2013&gt; is not here</li>" in seen
    assert "<li>✗ <b>FAIL</b> scipy</li>" in seen
    assert "<li>Next: <code>make lab</code> opens it.</li>" in seen
    assert "2 items are ok" in folded
    assert "<li>✓ keras 3</li><li>✓ numpy 2</li>" in folded
