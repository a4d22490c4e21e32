"""Figures of lesson 00."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from fercourse.plots.figures import emotion_bars, new_figure, show_face


def answer_figure(image: np.ndarray, probabilities: np.ndarray) -> Figure:
    """A face, and next to it a model's seven probabilities as bars.

    The image has shape (48, 48), grey 0–255; the probabilities shape (7,), 0 to 1.
    """
    figure, (left, right) = new_figure(2, width=6.4, height=2.3)
    show_face(left, image)
    emotion_bars(right, [*(100 * probabilities)], "{:.0f} %")
    right.set_xlabel("probability (%)")
    return figure
