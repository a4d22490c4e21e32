"""What others have found, and what the law says, drawn for lesson 07."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fercourse.lessons.lesson07.figures import legend_outside
from fercourse.plots.figures import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    TALL_ROW,
    Options,
    names_above,
    new_figure,
    note,
)


def paired_scores(
    scores: Mapping[str, tuple[float, float]], names: tuple[str, str]
) -> tuple[Figure, str]:
    """For each score, from 0 to 100, a bar for each of two named people.

    Also returns an alternative text.
    """
    figure, axis = new_figure(width=4.4, height=0.9 + 0.62 * len(scores))
    rows = np.arange(len(scores))
    pairs = np.transpose([*scores.values()])
    for name, values, colour, offset in zip(
        names, pairs, (BLUE, ORANGE), (-0.19, 0.19), strict=True
    ):
        bars = axis.barh(rows + offset, values, height=0.34, color=colour, label=name)
        labels = [f"{value:g}" for value in values]
        axis.bar_label(bars, labels, padding=3, fontsize=8)
    axis.set_yticks(rows, list(scores))
    axis.set(xlim=(0, 100), xticks=[0, 50, 100], xlabel="score")
    axis.invert_yaxis()
    legend_outside(axis, (-0.02, 1), loc="lower left", ncols=2)
    said = [f"{name} {one:g} and {other:g}" for name, (one, other) in scores.items()]
    return figure, f"Scores of {' and '.join(names)}: {'; '.join(said)}."


def shares_of_one(shares: Mapping[str, float], whole: str) -> tuple[Figure, str]:
    """A bar for each named number from 0 to 1, and a line at 1, called `whole`.

    Also returns an alternative text.
    """
    figure, axis = new_figure(width=4.4, height=0.8 + TALL_ROW * len(shares))
    rows, values = np.arange(len(shares)), list(shares.values())
    bars = axis.barh(rows, values, height=0.3, color=BLUE)
    axis.bar_label(bars, [f"{value:.2f}" for value in values], padding=3, fontsize=8)
    axis.axvline(1, color=ORANGE, linewidth=2)
    axis.set(xlim=(0, 1.02), xticks=[0, 0.5, 1])
    names_above(axis, list(shares))
    note(axis, f"{whole}: 1  ", (1, len(shares) - 1), ORANGE, "right")
    said = [f"{name} {value:.2f}" for name, value in shares.items()]
    return figure, f"Bars, {whole} would be 1: {'; '.join(said)}."


_QUESTIONS = (
    "Are emotions\ninferred from\nthe body?",
    "At work, in education\nor applying\nfor a job?",
    "For medical or\nsafety reasons?",
)


def law_diagram() -> tuple[Figure, str]:
    """Three questions about a system that reads emotions, and where they lead.

    Also returns an alternative text.
    """
    figure, axis = new_figure(width=4.4, height=4.9)
    axis.set(xlim=(0, 4.4), ylim=(0, 4.9))
    axis.axis("off")
    left, right, heights = 1.25, 3.6, (4.2, 2.75, 1.3)
    for question, height in zip(_QUESTIONS, heights, strict=True):
        _question(axis, question, (left, height))
    _verdict(axis, "not covered", (right, heights[0]), GREY)
    _verdict(axis, "high-risk:\nduties", (right, heights[1]), BLUE)
    _verdict(axis, "prohibited", (left, 0.22), ORANGE)
    across, down = 1.05, 0.6  # from a question's middle to its corners
    for height in heights[:2]:
        _arrow(axis, (left + across, height), (right - 0.5, height))
        note(axis, "no", (2.62, height + 0.12), INK, "center")
        _arrow(axis, (left, height - down), (left, height - 1.45 + down))
        note(axis, "yes", (left + 0.1, height - 0.72), INK)
    axis.plot([left + across, right], [heights[2]] * 2, color=INK, linewidth=1)
    _arrow(axis, (right, heights[2]), (right, heights[1] - 0.26))
    note(axis, "yes", (2.62, heights[2] + 0.12), INK, "center")
    _arrow(axis, (left, heights[2] - down), (left, 0.38))
    note(axis, "no", (left + 0.1, heights[2] - 0.72), INK)
    alt = (
        "Three questions. Are emotions inferred from the body? If not: not covered. "
        "If so, are the people at work, in education or applying for a job? If not: "
        "high-risk, with duties. If so, is it for medical or safety reasons? If so: "
        "high-risk, with duties. If not: prohibited."
    )
    return figure, alt


def _question(axis: Axes, text: str, middle: tuple[float, float]) -> None:
    x, y = middle
    corners = [(x - 1.05, y), (x, y + 0.6), (x + 1.05, y), (x, y - 0.6)]
    axis.fill(*np.transpose(corners), facecolor="white", edgecolor=GREEN, linewidth=1.5)
    note(axis, text, middle, INK, "center")


def _verdict(axis: Axes, text: str, middle: tuple[float, float], colour: str) -> None:
    box: Options = {"boxstyle": "round,pad=0.5", "facecolor": "white"}
    look: Options = {"bbox": {**box, "edgecolor": colour, "linewidth": 1.5}}
    note(axis, text, middle, colour, "center", fontweight="bold", **look)


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    look: Options = {"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", end, start, arrowprops=look)
