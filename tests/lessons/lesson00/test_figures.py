"""The figures of lesson 00."""

import numpy as np
from drawn import texts

from fercourse.lessons.lesson00 import figures
from fercourse.lessons.lesson00.figures import answer_figure, label_shares, show_check


def test_an_answer_is_a_face_and_seven_bars():
    face = np.zeros((48, 48), "uint8")
    figure = answer_figure(face, np.array([0.5, 0.25, 0.25, 0, 0, 0, 0]))
    assert len(figure.axes[0].images) == 1
    assert figure.axes[1].get_xlim()[1] > 100  # one scale for every face
    assert {"angry", "neutral", "50 %", "25 %", "probability (%)"} <= texts(figure)


def test_the_share_of_each_label_is_a_bar():
    figure, alt = label_shares([10, 0, 20, 40, 10, 10, 10])
    assert {"happy", "40.0 %", "disgust", "0.0 %"} <= texts(figure)
    assert "happy 40.0 %, sad 10.0 %" in alt


def test_what_is_fine_is_folded_and_what_is_not_is_seen(monkeypatch):
    shown = []
    monkeypatch.setattr(figures, "display", shown.append)
    missing, advice = "[ -- ] <FER2013> is not here", "Next: download it."
    show_check(["[ ok ] keras 3", missing, "[ ok ] numpy 2", advice])
    seen, folded = shown[0].data.split("<details>")
    assert "&lt;FER2013&gt; is not here\nNext: download it." in seen
    assert "2 items are ok" in folded
    assert "[ ok ] keras 3\n[ ok ] numpy 2" in folded
