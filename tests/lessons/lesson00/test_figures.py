"""The figures of lesson 00."""

import numpy as np
from drawn import texts

from fercourse.lessons.lesson00.figures import answer_figure


def test_an_answer_is_a_face_and_seven_bars():
    face = np.zeros((48, 48), "uint8")
    figure = answer_figure(face, np.array([0.5, 0.25, 0.25, 0, 0, 0, 0]))
    assert len(figure.axes[0].images) == 1
    assert {"angry", "neutral", "50 %", "25 %", "probability (%)"} <= texts(figure)
