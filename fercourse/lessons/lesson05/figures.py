"""The figures of lesson 05: how sure a table of results is, in the style of `fercourse.plots.figures`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from fercourse.data.faces import EMOTIONS
from fercourse.plots.figures import EMOTION_COLOURS, new_figure
from fercourse.results.comparisons import Comparison, Ranks, faces_needed
from fercourse.results.statistics import (
    TEST_FACES,
    CalibrationCurve,
    PairedTest,
    wilson_interval,
)

_PALE, _DARK, _BLUE, _ORANGE = "0.75", "0.25", "#0072B2", "#D55E00"
_ROW = 0.27
"""Inches for one row of a figure."""


def faces_needed_curves(
    accuracy: float, discordant: float, gaps: Mapping[str, float]
) -> Figure:
    """How many test faces it takes to tell two accuracies apart, by the points between them.

    Args:
        accuracy: in the middle between the two, in percent.
        discordant: percent of the faces on which just one of two models is right.
        gaps: differences in points to mark, by name.
    """
    figure, axis = new_figure(width=6.0, height=3.0)
    points = np.geomspace(0.05, min(5.0, discordant), 40)
    ends = [(accuracy - gap / 2, accuracy + gap / 2) for gap in points]
    curves = {
        "each on faces of its own": [faces_needed(*pair) for pair in ends],
        "both on the same faces": [
            faces_needed(*pair, discordant=discordant) for pair in ends
        ],
    }
    middle = len(points) // 2
    for (name, faces), style, side in zip(
        curves.items(), ("-", "--"), ("left", "right"), strict=True
    ):
        axis.plot(points, faces, style, color=_DARK)
        place = {"ha": side, "va": "bottom" if side == "left" else "top", "fontsize": 8}
        axis.annotate(f"  {name}  ", (points[middle], faces[middle]), **place)
    axis.axhline(TEST_FACES, color=_BLUE, linewidth=1)
    axis.annotate(
        f"{TEST_FACES:,} faces",
        (points[0], TEST_FACES),
        va="bottom",
        color=_BLUE,
        fontsize=8,
    )
    for name, gap in gaps.items():
        axis.axvline(gap, color=_ORANGE, linestyle=":")
        axis.annotate(
            f" {name}",
            (gap, 1.0),
            xycoords=("data", "axes fraction"),
            color=_ORANGE,
            fontsize=8,
        )
    axis.set(
        xscale="log",
        yscale="log",
        xlabel="difference (points)",
        ylabel="test faces needed",
    )
    axis.set_xticks(
        [0.05, 0.1, 0.2, 0.5, 1, 2, 5], ["0.05", "0.1", "0.2", "0.5", "1", "2", "5"]
    )
    axis.minorticks_off()
    return figure


def pair_bars(
    first: str, second: str, test: PairedTest, both_right: int, count: int
) -> Figure:
    """All faces by which of two models is right, and below them those that decide.

    Args:
        first: name of one model.
        second: name of the other.
        test: of the two.
        both_right: faces that both got right.
        count: faces in all.
    """
    decide = test.only_first + test.only_second
    figure, (every, deciding) = new_figure(rows=2, width=6.6, height=2.2)
    all_faces = {
        "both right": (both_right, _PALE),
        "one of them": (decide, "white"),
        "none": (count - both_right - decide, "0.9"),
    }
    _stacked(every, all_faces, f"all {count:,} faces")
    only = {
        f"only {first}": (test.only_first, _BLUE),
        f"only {second}": (test.only_second, _ORANGE),
    }
    _stacked(deciding, only, f"the {decide:,} that decide")
    if decide:
        deciding.axvline(decide / 2, color="black", linestyle=":")
    return figure


def _stacked(axis: Axes, parts: Mapping[str, tuple[int, str]], title: str) -> None:
    """One bar of parts, each with its number in it; the names stand above the bar, one after the other."""
    left = 0
    for number, colour in parts.values():
        axis.barh(0, number, left=left, color=colour, edgecolor="0.4")
        dark = colour in (_BLUE, _ORANGE)
        if number:
            tone = "white" if dark else "black"
            axis.text(
                left + number / 2,
                0,
                f"{number:,}",
                ha="center",
                va="center",
                color=tone,
                fontsize=8,
            )
        left += number
    names = list(parts)
    for place, name in zip(np.linspace(0, 1, len(names)), names, strict=True):
        side = "left" if place == 0 else "right" if place == 1 else "center"
        axis.text(
            place,
            1.02,
            name,
            ha=side,
            va="bottom",
            fontsize=8,
            transform=axis.transAxes,
        )
    axis.set_xlim(0, max(left, 1))
    axis.set_xticks([])
    axis.set_yticks([0], [title])
    axis.spines[:].set_visible(False)


def pair_matrix(
    accuracies: Mapping[str, float], comparisons: Sequence[Comparison], alpha: float
) -> Figure:
    """Every pair: by how many points the row's model lies behind, dark where that is more than chance.

    Args:
        accuracies: in percent, by name; shown with the highest first.
        comparisons: of all pairs of these names.
        alpha: an adjusted p-value below it counts.
    """
    names = sorted(accuracies, key=accuracies.get, reverse=True)
    told_apart = {
        frozenset((pair.first, pair.second)): pair.adjusted < alpha
        for pair in comparisons
    }
    side = _ROW * 1.25 * len(names)
    figure, axis = new_figure(
        width=min(2.6 + side, 8.0), height=0.9 + _ROW * len(names)
    )
    shades = np.full((len(names), len(names)), np.nan)
    for row, behind in enumerate(names):
        for column, ahead in enumerate(names[:row]):
            clear = told_apart[frozenset((ahead, behind))]
            shades[row, column] = 0.75 if clear else 0.12
            text = f"{accuracies[ahead] - accuracies[behind]:.1f}"
            tone = "white" if clear else "black"
            axis.text(
                column, row, text, ha="center", va="center", fontsize=7, color=tone
            )
    axis.imshow(shades, cmap="Greys", vmin=0, vmax=1, aspect="auto")
    axis.set_yticks(
        range(len(names)), [f"{name}  {n}" for n, name in enumerate(names, 1)]
    )
    axis.set_xticks(range(len(names)), range(1, len(names) + 1))
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    return figure


def rank_plot(ranks: Ranks) -> Figure:
    """One row for each model: how often it takes which place, its interval, and its place on the real faces.

    Args:
        ranks: as `fercourse.results.comparisons.bootstrap_ranks` gives them; shown with
            the best first.
    """
    order = np.argsort(ranks.rank, kind="stable")
    places = np.arange(1, len(order) + 1)
    figure, axis = new_figure(width=6.4, height=0.8 + _ROW * len(order))
    axis.imshow(
        ranks.shares[order],
        cmap="Greys",
        vmin=0,
        vmax=1,
        aspect="auto",
        extent=_cells(len(order)),
    )
    for row, model in enumerate(order):
        axis.plot(
            [ranks.low[model], ranks.high[model]],
            [row, row],
            color=_BLUE,
            linewidth=1.6,
        )
        axis.plot(
            ranks.rank[model],
            row,
            "o",
            color=_ORANGE,
            markeredgecolor="white",
            markersize=6,
        )
    axis.set_yticks(range(len(order)), [ranks.names[model] for model in order])
    axis.set_xticks(places)
    axis.set_xlabel("place by accuracy, 1 is best")
    return figure


def _cells(count: int) -> tuple[float, float, float, float]:
    """So that the columns of an image are centred on 1, 2, … and its rows on 0, 1, …, from above."""
    return 0.5, count + 0.5, count - 0.5, -0.5


def two_kinds(
    accuracies: Mapping[str, tuple[float, float]],
    kinds: tuple[str, str],
    label: str = "accuracy (%)",
) -> Figure:
    """One row for each model: its accuracy on two kinds of faces, joined by a line.

    Args:
        accuracies: for each name the two numbers.
        kinds: what the two are.
        label: of the horizontal axis.
    """
    figure, axis = new_figure(width=6.2, height=0.9 + _ROW * len(accuracies))
    values = np.array(list(accuracies.values()), float).reshape(-1, 2)
    rows = np.arange(len(accuracies))
    axis.hlines(rows, values[:, 0], values[:, 1], color=_PALE, linewidth=2, zorder=1)
    ends = ("right", "left") if values[0, 0] <= values[0, 1] else ("left", "right")
    marks = zip(kinds, "os", (_ORANGE, _BLUE), ends, strict=True)
    for number, (kind, marker, colour, side) in enumerate(marks):
        axis.scatter(
            values[:, number], rows, marker=marker, color=colour, s=28, zorder=2
        )
        axis.text(
            values[0, number],
            -0.45,
            f" {kind} ",
            ha=side,
            va="bottom",
            color=colour,
            fontsize=8,
        )
    axis.set_yticks(rows, accuracies)
    axis.set_ylim(len(accuracies) - 0.4, -1.2)
    axis.margins(x=0.2)
    axis.set_xlabel(label)
    return figure


@dataclass(frozen=True)
class Priced:
    """One model in a figure of accuracy against cost.

    Attributes:
        group: its name, or that of several models that share one.
        cost: multiply-adds for one face.
        accuracy: in percent.
        low: lower end of its interval.
        high: its upper end.
    """

    group: str
    cost: float
    accuracy: float
    low: float
    high: float


def on_front(points: Sequence[Priced]) -> list[bool]:
    """For each, whether none of the others is at least as cheap and at least as good, and better in one."""
    return [
        not any(
            other.cost <= point.cost
            and other.accuracy >= point.accuracy
            and (other.cost, other.accuracy) != (point.cost, point.accuracy)
            for other in points
        )
        for point in points
    ]


def cost_plot(points: Sequence[Priced]) -> Figure:
    """Accuracy against cost, with intervals; those that no other beats in both are filled and joined.

    Args:
        points: at least one; the best of each group bears its name.
    """
    figure, axis = new_figure(width=6.6, height=3.4)
    front = on_front(points)
    steps = sorted(
        (point.cost, point.accuracy)
        for point, best in zip(points, front, strict=True)
        if best
    )
    axis.step(
        *zip(*steps, strict=True), where="post", color=_PALE, linestyle="--", zorder=0
    )
    for point, best in zip(points, front, strict=True):
        axis.plot(
            [point.cost] * 2,
            [point.low, point.high],
            color=_PALE,
            linewidth=1,
            zorder=1,
        )
        fill = _BLUE if best else "white"
        axis.plot(
            point.cost,
            point.accuracy,
            "o",
            markersize=6,
            color=_BLUE,
            markerfacecolor=fill,
        )
    best_of = {
        point.group: point for point in sorted(points, key=lambda point: point.accuracy)
    }
    named = dict(sorted(best_of.items(), key=lambda item: item[1].accuracy))
    heights = _apart(
        [point.accuracy for point in named.values()], 0.07 * np.diff(axis.get_ylim())[0]
    )
    for (group, point), height in zip(named.items(), heights, strict=True):
        axis.annotate(
            group,
            (point.cost, point.accuracy),
            xytext=(1.03, height),
            textcoords=axis.get_yaxis_transform(),
            arrowprops={"arrowstyle": "-", "color": "0.85", "shrinkA": 0, "shrinkB": 4},
            va="center",
            fontsize=8,
        )
    costs = [point.cost for point in points]
    # So wide that networks of nearly one cost stand side by side.
    low, high = min(costs) / 2, 2 * max(costs)
    axis.set(xscale="log", xlim=(low, high), ylabel="PrivateTest accuracy (%)")
    axis.xaxis.set_major_locator(
        LogLocator(subs=(1, 2, 5) if high < 1000 * low else (1,))
    )
    axis.xaxis.set_major_formatter(lambda cost, _: f"{cost / 1e6:,g}")
    axis.xaxis.set_minor_locator(NullLocator())
    axis.set_xlabel("million multiply-adds for one face")
    return figure


def _apart(ascending: Sequence[float], distance: float) -> list[float]:
    """The numbers moved upwards until neighbours are so far apart, then all down by half of the last move."""
    moved: list[float] = []
    for number in ascending:
        moved.append(max(number, moved[-1] + distance) if moved else number)
    shift = (moved[-1] - ascending[-1]) / 2
    return [number - shift for number in moved]


def emotion_dots(recalls: Mapping[str, np.ndarray], highlighted: str) -> Figure:
    """One row for each emotion: which share of its faces every model gets right, one model in colour.

    Args:
        recalls: for each model float, shape (7,), in percent, in the order of
            `EMOTIONS`.
        highlighted: name of the model that is shown in the emotions' colours.
    """
    figure, axis = new_figure(width=6.0, height=2.9)
    rows = np.arange(len(EMOTIONS))
    for name, values in recalls.items():
        if name != highlighted:
            axis.plot(
                values, rows, "o", color="none", markeredgecolor="0.55", markersize=5
            )
    own = recalls[highlighted]
    axis.scatter(
        own, rows, marker="D", color=list(EMOTION_COLOURS.values()), s=46, zorder=3
    )
    axis.set_yticks(rows, EMOTIONS)
    axis.invert_yaxis()
    axis.set_xlim(-3, 103)
    axis.set_xlabel(f"right answers (%); diamonds: {highlighted}; circles: the others")
    return figure


def calibration_plots(curves: Mapping[str, CalibrationCurve]) -> Figure:
    """Side by side: how often a model is right when it is so sure, with intervals; dotted, as it should be.

    Args:
        curves: one or more, by name.
    """
    figure, axes = new_figure(len(curves), width=2.9 * len(curves) + 0.3, height=3.0)
    for axis, (name, curve) in zip(np.ravel(axes), curves.items(), strict=True):
        filled = curve.count > 0
        sure, right, count = (
            curve.confidence[filled],
            curve.accuracy[filled],
            curve.count[filled],
        )
        ends = [
            wilson_interval(round(a * n / 100), int(n))
            for a, n in zip(right, count, strict=True)
        ]
        axis.plot([0, 100], [0, 100], ":", color="black")
        axis.vlines(sure, *zip(*ends, strict=True), color=_PALE)
        axis.plot(sure, right, "o-", color=_BLUE, markersize=4)
        axis.set_title(
            f"{name}\ncalibration error {curve.error:.1f} points", fontsize=9
        )
        axis.set(
            xlim=(0, 100),
            ylim=(0, 100),
            xlabel="how sure it is (%)",
            ylabel="right answers (%)",
        )
    return figure
