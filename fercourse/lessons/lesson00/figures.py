"""Figures and other outputs of lesson 00."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import seaborn
from IPython.display import HTML, display
from matplotlib.axes import Axes
from matplotlib.patches import ConnectionPatch

from fercourse.data.exploration import shrink
from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.plots.figures import (
    INK,
    MAP_COLOURS,
    Options,
    Shown,
    accuracy_intervals,
    confusion_table,
    emotion_bars,
    new_figure,
    show_face,
)
from fercourse.results.statistics import wilson_interval

_SIDES = (48, 24, 12, 6, 3)
"""Of the grid of VGG19: each of the first four blocks halves it."""


def answer_figure(image: np.ndarray, probabilities: np.ndarray) -> Shown:
    """A face, next to it a model's seven probabilities as bars, and a text.

    The image has shape (48, 48), grey 0–255; the probabilities shape (7,), 0 to 1.
    """
    figure, (left, right) = new_figure(2, width=5.2, height=2.1)
    show_face(left, image)
    emotion_bars(right, [*(100 * probabilities)], "{:.0f} %")
    right.set(xlabel="probability (%)", xlim=(0, 115), xticks=range(0, 101, 25))
    return (
        figure,
        f"A face, and a bar for each emotion. The longest: {_most(probabilities)}.",
    )


def _most(probabilities: np.ndarray) -> str:
    """The most probable emotion and its percentage, in words."""
    return f"{EMOTIONS[probabilities.argmax()]} {100 * probabilities.max():.0f} %"


def path_figure(
    image: np.ndarray, attention_map: np.ndarray, probabilities: np.ndarray
) -> Shown:
    """A face's ever coarser grid, its map, then the answer, and a text.

    Shapes: (48, 48), grey 0–255; (3, 3), 0 to 1; (7,), 0 to 1.
    """
    figure, axis = new_figure(width=5.6, height=3.2)
    axis.remove()
    parts: Any = figure.subfigures(2, 1, height_ratios=(5, 7))
    strip, answer = parts
    widths: Options = {"width_ratios": [1] * len(_SIDES) + [1.7]}
    *tiles, last = strip.subplots(1, len(_SIDES) + 1, **widths)
    _numbered_map(last, attention_map)
    last.set_title("attention\n3 × 3", fontsize=9)
    for block, (axis, side) in enumerate(zip(tiles, _SIDES, strict=True)):
        show_face(axis, shrink(image[None], side)[0] // 4 * 4)
        name = f"block {block}" if block else "image"
        axis.set_title(f"{name}\n{side} × {side}", fontsize=9)
    bars = answer.subplots()
    _answer_bars(bars, probabilities, names=True)
    bars.spines[["top", "right"]].set_visible(False)
    bars.xaxis.label.set_size(9)
    bars.tick_params(labelsize=9)
    places: Options = {"coordsA": last.transAxes, "coordsB": bars.transAxes}
    arrow: Options = {"arrowstyle": "->", "color": INK, "mutation_scale": 12}
    down = ConnectionPatch((0.5, -0.04), (0.64, 1.08), **places, **arrow)
    figure.add_artist(down)
    return figure, (
        f"A face in ever larger squares: {', '.join(f'{n} × {n}' for n in _SIDES)}. "
        f"Then the map of 3 × 3 numbers, {attention_map.min():.2f} to "
        f"{attention_map.max():.2f}. Below it a bar for each emotion. "
        f"Answer: {_most(probabilities)}."
    )


def answers_with_maps(
    images: np.ndarray,
    titles: Sequence[str],
    maps: np.ndarray,
    probabilities: np.ndarray,
) -> Shown:
    """Images, below each its map in numbers and its answer, and an alternative text.

    Shapes: (N, 48, 48), grey 0–255; (N, 3, 3), 0 to 1; (N, 7), 0 to 1.
    """
    figure, axes = new_figure(len(images), 3, width=4.4, height=4.0)
    edges = np.linspace(0, IMAGE_SIDE, 4)[1:-1] - 0.5
    for column, title in enumerate(titles):
        face, grid, bars = axes[:, column]
        # With fewer greys, the picture's palette has room for the colours of all bars.
        show_face(face, images[column] // 4 * 4)
        for edge in edges:
            face.axhline(edge, color="white", linewidth=0.7)
            face.axvline(edge, color="white", linewidth=0.7)
        face.set_title(title, fontsize=9)
        _numbered_map(grid, maps[column])
        _answer_bars(bars, probabilities[column], names=column == 0)
    axes[1, 0].set_ylabel("attention")
    answers = [
        f"{title}: attention {map_.min():.2f} to {map_.max():.2f}, answer {_most(row)}"
        for title, map_, row in zip(titles, maps, probabilities, strict=True)
    ]
    return figure, f"Images, maps of 3 by 3 cells, and bars. {'; '.join(answers)}."


def _numbered_map(axis: Axes, attention_map: np.ndarray) -> None:
    """A map in colours, with its numbers."""
    numbers: Options = {"annot": True, "fmt": ".2f", "annot_kws": {"fontsize": 8}}
    look: Options = {"cmap": MAP_COLOURS, "vmin": 0, "vmax": 1, "cbar": False}
    seaborn.heatmap(attention_map, ax=axis, square=True, **numbers, **look)
    axis.set(xticks=[], yticks=[])


def movements_figure(
    images: np.ndarray, movements: Sequence[str], probabilities: np.ndarray
) -> Shown:
    """Faces with movements, below each the model's answer, and a text.

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
        answers.append(f"{movement}: {_most(row)}".replace("\n", " "))
    about = "Drawn faces, and a model's probability for each emotion."
    return figure, f"{about} Answers: {'; '.join(answers)}."


def _answer_bars(axis: Axes, probabilities: np.ndarray, names: bool) -> None:
    """Seven bars under the answer in words, whose bar is outlined."""
    emotion_bars(axis, [*(100 * probabilities)], "{:.0f}")
    axis.set(xlim=(0, 125), xticks=(0, 50, 100), xlabel="probability (%)")
    axis.tick_params(axis="y", left=False, labelleft=names)
    (longest,) = axis.containers[int(probabilities.argmax())]
    longest.set(edgecolor=INK, linewidth=1.2)
    axis.set_title(f"answer: {EMOTIONS[probabilities.argmax()]}", fontsize=9)


def answers_by_label(confusion: np.ndarray) -> Shown:
    """The confusion table of int counts, shape (7, 7), and an alternative text."""
    figure = confusion_table(confusion)
    figure.axes[0].set_title("percent of each row", loc="left", fontsize=9)
    right = 100 * confusion.diagonal() / confusion.sum(axis=1)
    words = [f"{e} {share:.0f} %" for e, share in zip(EMOTIONS, right, strict=True)]
    about = "Labels in rows, the model's answers in columns. Right:"
    return figure, f"{about} {', '.join(words)}."


def compare_pictures(
    confusion: np.ndarray, emotions: np.ndarray, right: np.ndarray
) -> Shown:
    """Accuracies on photographs and on drawings, each with a baseline, and a text.

    The baseline always answers happy. The photographs' table of int counts has shape
    (7, 7); the drawings' labels and whether the answers are right have shape (N,).
    """
    happy = EMOTIONS.index("happy")
    photographs, drawings = int(confusion.sum()), len(emotions)
    counts = {
        "photographs": (confusion.trace(), photographs),
        "photographs, always happy": (confusion[happy].sum(), photographs),
        "drawings": (right.sum(), drawings),
        "drawings, always happy": ((emotions == happy).sum(), drawings),
    }
    rows = {
        name: (100 * count / faces, *wilson_interval(int(count), faces))
        for name, (count, faces) in counts.items()
    }
    words = [f"{name} {row[0]:.1f} %" for name, row in rows.items()]
    return accuracy_intervals(rows), f"Accuracies: {', '.join(words)}."


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
