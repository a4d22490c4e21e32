"""Figures and other outputs of lesson 00."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from IPython.display import HTML, display
from matplotlib.figure import Figure

from fercourse.data.faces import EMOTIONS
from fercourse.plots.figures import emotion_bars, new_figure, show_face


def answer_figure(image: np.ndarray, probabilities: np.ndarray) -> Figure:
    """A face, and next to it a model's seven probabilities as bars.

    The image has shape (48, 48), grey 0–255; the probabilities shape (7,), 0 to 1.
    """
    figure, (left, right) = new_figure(2, width=5.2, height=2.1)
    show_face(left, image)
    emotion_bars(right, [*(100 * probabilities)], "{:.0f} %")
    right.set(xlabel="probability (%)", xlim=(0, 115), xticks=range(0, 101, 25))
    return figure


def label_shares(shares: Sequence[float]) -> tuple[Figure, str]:
    """A bar for the share of each label, in percent, and an alternative text."""
    figure, axis = new_figure(width=3.8, height=2.4)
    emotion_bars(axis, shares, "{:.1f} %")
    axis.set_xlabel("share of the labels (%)")
    pairs = zip(EMOTIONS, shares, strict=True)
    words = ", ".join(f"{emotion} {share:.1f} %" for emotion, share in pairs)
    return figure, f"A bar for each label: {words}."


def show_check(lines: Sequence[str]) -> None:
    """Show what `check_installation` says; what is fine is folded."""
    good = [line for line in lines if line.startswith("[ ok ]")]
    others = [line for line in lines if line not in good]
    folded = f"<details><summary>{len(good)} items are ok</summary>{_list(good)}"
    display(HTML(f"{_list(others)}{folded}</details>"))


def _list(lines: Sequence[str]) -> str:
    text = escape("\n".join(lines))
    return f'<pre style="white-space:pre-wrap">{text}</pre>'
