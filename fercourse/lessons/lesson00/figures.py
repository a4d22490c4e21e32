"""Figures and other outputs of lesson 00."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import numpy as np
import seaborn
from IPython.display import HTML, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.plots.figures import (
    INK,
    MAP_COLOURS,
    ORANGE,
    Options,
    emotion_bars,
    new_figure,
    show_face,
)


def answer_figure(image: np.ndarray, probabilities: np.ndarray) -> Figure:
    """A face, and next to it a model's seven probabilities as bars.

    The image has shape (48, 48), grey 0–255; the probabilities shape (7,), 0 to 1.
    """
    figure, (left, right) = new_figure(2, width=5.2, height=2.1)
    show_face(left, image)
    emotion_bars(right, [*(100 * probabilities)], "{:.0f} %")
    right.set(xlabel="probability (%)", xlim=(0, 115), xticks=range(0, 101, 25))
    return figure


def answers_with_maps(
    images: np.ndarray,
    labels: Sequence[str],
    maps: np.ndarray,
    probabilities: np.ndarray,
) -> tuple[Figure, str]:
    """Faces, below each its map in numbers and its answer, and an alternative text.

    An answer that is not the label is orange and says so. Shapes: (N, 48, 48), grey
    0–255; (N, 3, 3), 0 to 1; (N, 7), 0 to 1.
    """
    figure, axes = new_figure(len(images), 3, width=4.4, height=4.0)
    edges = np.linspace(0, IMAGE_SIDE, 4)[1:-1] - 0.5
    for column, label in enumerate(labels):
        face, grid, bars = axes[:, column]
        # With fewer greys, the picture's palette has room for the colours of all bars.
        show_face(face, images[column] // 4 * 4)
        for edge in edges:
            face.axhline(edge, color="white", linewidth=0.7)
            face.axvline(edge, color="white", linewidth=0.7)
        face.set_title(f"labelled {label}", fontsize=9)
        numbers: Options = {"annot": True, "fmt": ".2f", "annot_kws": {"fontsize": 8}}
        look: Options = {"cmap": MAP_COLOURS, "vmin": 0, "vmax": 1, "cbar": False}
        seaborn.heatmap(maps[column], ax=grid, square=True, **numbers, **look)
        grid.set(xticks=[], yticks=[])
        _answer_bars(bars, probabilities[column], names=column == 0, label=label)
    axes[1, 0].set_ylabel("attention")
    answers = [
        f"{label}: attention {map_.min():.2f} to {map_.max():.2f}, answer "
        f"{EMOTIONS[row.argmax()]} {100 * row.max():.0f} %"
        for label, map_, row in zip(labels, maps, probabilities, strict=True)
    ]
    return (
        figure,
        f"Faces, maps of 3 by 3 cells, and bars. Labelled {'; '.join(answers)}.",
    )


def movements_figure(
    images: np.ndarray, movements: Sequence[str], probabilities: np.ndarray
) -> tuple[Figure, str]:
    """One person's face in several poses, below each the answer, and a text.

    Shapes: (N, 48, 48), grey 0–255; (N, 7), 0 to 1.
    """
    figure, axes = new_figure(len(images), 2, width=4.4, height=3.0)
    answers = []
    for column, movement in enumerate(movements):
        face, bars = axes[:, column]
        show_face(face, images[column] // 4 * 4)
        face.set_title(movement, fontsize=9)
        row = probabilities[column]
        _answer_bars(bars, row, names=column == 0)
        answer = EMOTIONS[row.argmax()]
        answers.append(f"{movement}: {answer} {100 * row.max():.0f} %")
    about = "One drawn person, and a model's probability for each emotion."
    return figure, f"{about} Answers: {'; '.join(answers)}."


def _answer_bars(
    axis: Axes, probabilities: np.ndarray, names: bool, label: str = ""
) -> None:
    """Seven bars under the answer in words, whose bar is outlined."""
    emotion_bars(axis, [*(100 * probabilities)], "{:.0f}")
    axis.set(xlim=(0, 125), xticks=(0, 50, 100), xlabel="probability (%)")
    axis.tick_params(axis="y", left=False, labelleft=names)
    answer = EMOTIONS[probabilities.argmax()]
    (longest,) = axis.containers[int(probabilities.argmax())]
    longest.set(edgecolor=INK, linewidth=1.2)
    wrong = label not in ("", answer)
    words = f"answer: {answer}" + ("\nnot the label" if wrong else "")
    axis.set_title(words, fontsize=9, color=ORANGE if wrong else INK)


def show_check(lines: Sequence[str]) -> None:
    """Show what `check_installation` says as a list; what is fine is folded."""
    good = [line for line in lines if line.startswith("[ ok ]")]
    others = [line for line in lines if line not in good]
    folded = f"<details><summary>{len(good)} items are ok</summary>{_list(good)}"
    display(HTML(f"{_list(others)}{folded}</details>"))


def _list(lines: Sequence[str]) -> str:
    items = re.sub(r"`(.*?)`", r"<code>\1</code>", "".join(map(_item, lines)))
    return f'<ul style="list-style:none;padding-left:0">{items}</ul>'


def _item(line: str) -> str:
    text = escape(line)
    for mark, sign in (("[ ok ]", "✓"), ("[ -- ]", "☐"), ("[FAIL]", "✗ <b>FAIL</b>")):
        text = text.replace(mark, sign)
    return f"<li>{text}</li>"
