"""The figures of lesson 00."""

import numpy as np
from drawn import texts

from fercourse.lessons.lesson00 import figures
from fercourse.lessons.lesson00.figures import (
    answer_figure,
    answers_by_label,
    answers_with_maps,
    compare_pictures,
    movements_figure,
    path_figure,
    show_check,
)


def test_an_answer_is_a_face_and_seven_bars():
    face = np.zeros((48, 48), "uint8")
    figure, alt = answer_figure(face, np.array([0.5, 0.25, 0.25, 0, 0, 0, 0]))
    assert len(figure.axes[0].images) == 1
    assert figure.axes[1].get_xlim()[1] > 100  # one scale for every face
    assert {"angry", "neutral", "50 %", "25 %", "probability (%)"} <= texts(figure)
    assert "The longest: angry 50 %." in alt


def test_the_path_shrinks_a_face_to_nine_cells():
    face = np.arange(2304).reshape(48, 48).astype("uint8")
    figure, alt = path_figure(face, np.full((3, 3), 0.25), np.eye(7)[5] * 0.65 + 0.05)
    assert {"image\n48 × 48", "block 4\n3 × 3", "answer: surprise"} <= texts(figure)
    assert {"attention\n3 × 3", "0.25"} <= texts(figure)
    tiles = [axis.images[0].get_array() for axis in figure.axes if axis.images]
    assert [
        len(np.unique(tile)) <= side**2
        for tile, side in zip(tiles, (48, 24, 12, 6, 3), strict=True)
    ] == [True] * 5
    assert "Answer: surprise 70 %." in alt


def test_each_image_has_its_map_in_numbers_and_its_answer():
    maps = np.full((2, 3, 3), 0.25)
    maps[1, 2, 1] = 0.75
    rows = np.eye(7)[[3, 4]] * 0.65 + 0.05
    faces = np.zeros((2, 48, 48), "uint8")
    figure, alt = answers_with_maps(faces, ["labelled happy", "no face"], maps, rows)
    assert {"labelled happy", "no face", "0.25", "0.75", "70"} <= texts(figure)
    assert {"answer: happy", "answer: sad"} <= texts(figure)
    assert "no face: attention 0.25 to 0.75, answer sad 70 %" in alt


def test_a_confusion_table_names_the_share_of_right_answers():
    table = np.diag([2] * 7)
    table[0, 1] = 6
    _, alt = answers_by_label(table)
    assert "Right: angry 25 %, disgust 100 %, fear 100 %" in alt


def test_both_kinds_of_pictures_are_compared_with_always_happy():
    photographs = np.diag([1, 1, 2, 4, 0, 0, 0])
    right = np.array([True, True, True, False])
    figure, alt = compare_pictures(photographs, np.array([0, 0, 0, 3]), right)
    names = ["photographs", "photographs, always happy"]
    names += ["drawings", "drawings, always happy"]
    assert {*names} <= texts(figure)
    numbers = "100.0", "50.0", "75.0", "25.0"
    for name, number in zip(names, numbers, strict=True):
        assert f"{name} {number} %" in alt


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
