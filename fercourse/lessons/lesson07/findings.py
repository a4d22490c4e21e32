"""What others have found, and what the law says, drawn for lesson 07."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from fercourse.lessons.lesson07.figures import legend_outside
from fercourse.plots.figures import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    TALL_ROW,
    Options,
    Shown,
    names_above,
    new_figure,
    note,
)


def paired_scores(
    scores: Mapping[str, tuple[float, float]], names: tuple[str, str]
) -> Shown:
    """For each score, from 0 to 100, a bar for each of two named people."""
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


def shares_of_all(shares: Mapping[str, float], whole: str, label: str) -> Shown:
    """A bar for each named percentage, and a line at 100 %, called `whole`."""
    figure, axis = new_figure(width=4.4, height=1.0 + TALL_ROW * len(shares))
    rows, values = np.arange(len(shares)), list(shares.values())
    bars = axis.barh(rows, values, height=0.3, color=BLUE)
    axis.bar_label(bars, [f"{value:g} %" for value in values], padding=3, fontsize=8)
    axis.axvline(100, color=ORANGE, linewidth=2)
    axis.set(xlim=(0, 102), xticks=[0, 50, 100], xlabel=label)
    names_above(axis, list(shares))
    for stripe in axis.patches[len(shares) :]:
        stripe.remove()  # two rows need no bands
    note(axis, f"{whole}: 100 %  ", (100, len(shares) - 1), ORANGE, "right")
    said = [f"{name} {value:g} %" for name, value in shares.items()]
    return figure, f"{label}: {'; '.join(said)}; {whole} would be 100 %."


_QUESTIONS = (
    "Are emotions or intentions\ninferred from the body?",
    "At work, in education or\napplying for a job?",
    "For medical or\nsafety reasons?",
)
_WIDE, _HIGH = 2.3, 0.74  # inches: a question's box


def law_diagram() -> Shown:
    """Three questions about a system that reads emotions, and where they lead."""
    figure, axis = new_figure(width=4.6, height=4.3)
    axis.set(xlim=(0, 4.6), ylim=(-0.05, 4.3))  # all of the lowest frame
    axis.axis("off")
    left, right, heights = 1.2, 3.85, (3.85, 2.65, 1.45)
    for question, height in zip(_QUESTIONS, heights, strict=True):
        _box(axis, question, (left, height), (_WIDE, _HIGH), INK)
    _verdict(axis, "not covered", (right, heights[0]), GREY)
    _verdict(axis, "high-risk:\nduties", (right, heights[1]), BLUE)
    _verdict(axis, "prohibited", (left, 0.3), ORANGE)
    edge, between = left + _WIDE / 2, (left + _WIDE / 2 + 3.2) / 2
    for height, answer in zip(heights, ("no", "no", "yes"), strict=True):
        note(axis, answer, (between, height + 0.12), INK, "center")
    for height, answer in zip(heights, ("yes", "yes", "no"), strict=True):
        note(axis, answer, (left + 0.1, height - 0.6), INK)
    for height in heights[:2]:
        _arrow(axis, (edge, height), (right - 0.65, height))
        _arrow(axis, (left, height - _HIGH / 2), (left, height - 1.2 + _HIGH / 2))
    axis.plot([edge, right], [heights[2]] * 2, color=INK, linewidth=1)
    _arrow(axis, (right, heights[2]), (right, heights[1] - 0.3))
    _arrow(axis, (left, heights[2] - _HIGH / 2), (left, 0.6))
    alt = (
        "Three questions. Are emotions or intentions inferred from the body? If not: "
        "not covered. If so, are the people at work, in education or applying for a "
        "job? If not: high-risk, with duties. If so, is it for medical or safety "
        "reasons? If so: high-risk, with duties. If not: prohibited."
    )
    return figure, alt


def _verdict(axis: Axes, text: str, middle: tuple[float, float], colour: str) -> None:
    _box(axis, text, middle, (1.3, 0.6), colour, linewidth=2, fontweight="bold")


def _box(
    axis: Axes,
    text: str,
    middle: tuple[float, float],
    size: tuple[float, float],
    colour: str,
    linewidth: float = 1,
    fontweight: str = "normal",
) -> None:
    """A box with rounded corners and a text in its middle."""
    corner = middle[0] - size[0] / 2, middle[1] - size[1] / 2
    look: Options = {"facecolor": "white", "edgecolor": colour, "linewidth": linewidth}
    rounded = "round,pad=0,rounding_size=0.08"
    axis.add_patch(FancyBboxPatch(corner, *size, boxstyle=rounded, **look))
    written: Options = {"ha": "center", "va": "center", "fontsize": 9.5}
    axis.text(*middle, text, color=colour, fontweight=fontweight, **written)


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    look: Options = {"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", end, start, arrowprops=look)
