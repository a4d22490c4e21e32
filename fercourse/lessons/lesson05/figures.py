"""Figures of lesson 05: how certain a table of results is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from fercourse.data.faces import EMOTIONS
from fercourse.plots.figures import (
    BLUE,
    EMOTION_COLOURS,
    GREY,
    HIGHLIGHT,
    INK,
    ORANGE,
    PALE,
    ROW_HEIGHT,
    TALL_ROW,
    Options,
    accuracy_intervals,
    interval_rows,
    name_ends,
    names_above,
    new_figure,
    note,
)
from fercourse.plots.tables import Table
from fercourse.results.comparisons import Comparison, Ranks, faces_needed
from fercourse.results.statistics import TEST_FACES, PairedTest
from fercourse.results.table3.rows import Row


def origins_chart(table: Table) -> Figure:
    """How each row was measured: blue has a source, grey is likely, white unknown.

    `table` is that of `origins`.
    """
    (_, *kinds), *rows = table
    figure, axis = new_figure(width=4.4, height=0.5 + TALL_ROW * len(rows))
    for place, (_, *cells) in enumerate(rows):
        for column, words in enumerate(cells):
            fill, ink = BLUE, "white"
            if words.startswith("not"):
                fill, ink = "white", GREY
            elif words.startswith("probably"):
                fill, ink = "0.85", INK
            look: Options = {"color": fill, "edgecolor": "0.6", "linewidth": 0.6}
            axis.barh(place + 0.08, 0.97, 0.46, left=column, **look)
            middle = (column + 0.485, place + 0.08)
            note(axis, words, middle, ink, "center")
    names_above(axis, [name for name, *_ in rows])
    axis.xaxis.tick_top()
    axis.set_xticks(np.arange(len(kinds)) + 0.485, kinds)
    axis.tick_params(axis="x", length=0)
    axis.spines[:].set_visible(False)
    axis.set(xlim=(0, len(kinds)), ylim=(len(rows) - 0.6, -0.7))
    return figure


def intervals_in_band(accuracies: Mapping[str, tuple[float, float, float]]) -> Figure:
    """Accuracies with intervals, and a band that is as wide as the last one's."""
    figure = accuracy_intervals(accuracies, "{:g}")
    (axis,) = figure.axes
    *_, (accuracy, low, high) = accuracies.values()
    axis.axvspan(low, high, color=HIGHLIGHT, zorder=0)
    last = len(accuracies) - 1
    axis.hlines(last, low, high, color=ORANGE, linewidth=2)
    axis.plot(accuracy, last, "o", color=ORANGE, markeredgecolor="white", markersize=6)
    return figure


def both_halves(rows: Mapping[str, Row]) -> Figure:
    """PrivateTest accuracies with intervals, and a tick for PublicTest."""
    private = {name: row.private for name, row in rows.items()}
    lines = {name: (one.accuracy, one.low, one.high) for name, one in private.items()}
    figure = accuracy_intervals(lines)
    (axis,) = figure.axes
    public = [row.public.accuracy for row in rows.values()]
    look: Options = {"color": ORANGE, "markersize": 11, "markeredgewidth": 2}
    axis.plot(public, range(len(public)), "|", **look)
    axis.set_xlabel(
        "accuracy (%); dot and 95 % interval: PrivateTest,\norange tick: PublicTest"
    )
    return figure


def faces_needed_curves(
    accuracy: float, discordant: float, gaps: Mapping[str, float]
) -> Figure:
    """How many test faces it takes to tell two accuracies apart, by their difference.

    Args:
        accuracy: in the middle between the two, in percent.
        discordant: percent of the faces on which exactly one of two models is right.
        gaps: differences in points to mark, by name.
    """
    figure, axis = new_figure(width=4.4, height=3.0)
    points = np.geomspace(0.05, min(5.0, discordant), 40)
    ends = [(accuracy - gap / 2, accuracy + gap / 2) for gap in points]
    own = [faces_needed(*pair) for pair in ends]
    same = [faces_needed(*pair, discordant=discordant) for pair in ends]
    axis.plot(points, own, "-", color=INK)
    axis.plot(points, same, "--", color=INK)
    early, late = len(points) // 6, len(points) * 3 // 5
    start = (points[early], own[early])
    # Off the curves, which fall: to the right above, to the left below.
    above: Options = {"xytext": (6, 3), "level": "bottom"}
    below: Options = {"xytext": (-6, -3), "level": "top", "across": "right"}
    off: Options = {"textcoords": "offset points"}
    note(axis, "each on faces\nof its own", start, **above, **off)
    note(axis, "both on the same faces", (points[late], same[late]), **below, **off)
    axis.axhline(TEST_FACES, color=BLUE, linewidth=1)
    in_margin: Options = {"xycoords": axis.get_yaxis_transform()}
    note(axis, f"{TEST_FACES:,} faces", (1.01, TEST_FACES), BLUE, **in_margin)
    at_the_top: Options = {"xycoords": ("data", "axes fraction"), "level": "baseline"}
    for name, gap in gaps.items():
        axis.axvline(gap, color=ORANGE, linestyle=":")
        note(axis, f" {name}", (gap, 1.0), ORANGE, **at_the_top)
    axis.set(xscale="log", yscale="log", xlabel="difference (points)")
    axis.set_ylabel("test faces needed")
    ticks = [0.05, 0.1, 0.2, 0.5, 1, 2, 5]
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    return figure


def pair_bars(
    first: str, second: str, test: PairedTest, both_right: int, count: int
) -> Figure:
    """All faces, divided by which of two models is right; below, those that decide.

    Both models are right on `both_right` of `count` faces.
    """
    decide = test.only_first + test.only_second
    neither = count - both_right - decide
    figure, (every, deciding) = new_figure(rows=2, width=4.4, height=2.2)
    # The bars keep their place whatever the names above them are.
    figure.set_layout_engine("none")
    every.set_position((0.01, 0.63, 0.98, 0.17))
    deciding.set_position((0.01, 0.02, 0.98, 0.17))
    parts = {"both right": both_right, "one right": decide, "neither right": neither}
    _stacked(every, parts, (PALE, "white", "0.9"), f"all {count:,} faces", 1)
    only = {first: test.only_first, second: test.only_second}
    title = f"the {decide:,} that decide, by the network that is right"
    _stacked(deciding, only, (BLUE, ORANGE), title, 2)
    if decide:
        deciding.axvline(decide / 2, color="black", linestyle=":")
    else:
        middle: Options = {"xycoords": "axes fraction", "across": "center"}
        note(deciding, "both are right on the same faces", (0.5, 0.5), **middle)
    return figure


def _stacked(
    axis: Axes,
    parts: Mapping[str, int],
    colours: Sequence[str],
    title: str,
    lines: int,
) -> None:
    """One bar of parts; above it a title, and a legend with their names and numbers.

    The legend has this many lines.
    """
    left = 0
    for (name, number), colour in zip(parts.items(), colours, strict=False):
        look: Options = {"color": colour, "edgecolor": "0.4"}
        axis.barh(0, number, left=left, label=f"{name}: {number:,}", **look)
        left += number
    above: Options = {"loc": "lower left", "bbox_to_anchor": (0, 1), "fontsize": 8}
    above |= {"borderpad": 0, "borderaxespad": 0.3, "frameon": False}
    axis.legend(ncols=-(-len(parts) // lines), handlelength=1, **above)
    axis.set_title(title, loc="left", fontsize=8, y=1.2 + 0.5 * lines, pad=0)
    axis.set(xlim=(0, max(left, 1)), xticks=[], yticks=[])
    axis.spines[:].set_visible(False)


def pair_matrix(
    accuracies: Mapping[str, float], differ: Sequence[Comparison]
) -> Figure:
    """By how many points each model is behind each better one; dark: more than chance.

    Args:
        accuracies: in percent, by name; shown with the highest first.
        differ: the pairs that differ by more than chance.
    """
    names = sorted(accuracies, key=lambda name: accuracies[name], reverse=True)
    values = np.array([accuracies[name] for name in names])
    behind = values - values[:, None]  # (row, column): points behind the column's model
    clear = {frozenset((pair.first, pair.second)) for pair in differ}
    shades = [
        [0.75 if frozenset((row, column)) in clear else 0.12 for column in names]
        for row in names
    ]
    # Each pair once: below the diagonal.
    above = np.triu(np.ones_like(behind, bool))
    height = 0.5 + ROW_HEIGHT * max(len(names), 6)
    figure, axis = new_figure(width=4.0, height=height)
    look: Options = {
        "cmap": "Greys",
        "vmin": 0,
        "vmax": 1,
        "cbar": False,
        "mask": above,
    }
    # Three characters at most, which fit a square.
    words = np.array([f"{gap:.{int(gap < 10)}f}" for gap in behind.flat], object)
    numbers: Options = {"annot": words.reshape(behind.shape), "fmt": ""}
    numbers["annot_kws"] = {"fontsize": 8}
    places = range(1, len(names) + 1)
    labels: Options = {"xticklabels": places, "yticklabels": places}
    seaborn.heatmap(shades, ax=axis, **look, **numbers, **labels)
    axis.tick_params(length=0, labelrotation=0)
    # The names fill the empty half.
    rows = (f"{place}  {name}" for place, name in zip(places, names, strict=True))
    corner: Options = {"xycoords": "axes fraction", "multialignment": "left"}
    corner |= {"across": "right", "level": "top"}
    note(axis, "\n".join(rows), (1, 1), **corner)
    return figure


def rank_plot(ranks: Ranks) -> Figure:
    """For each model how often it takes which place, its interval, and its place."""
    order = np.argsort(ranks.rank, kind="stable")
    count = len(order)
    figure, axis = new_figure(width=4.8, height=1.2 + ROW_HEIGHT * count)
    # Columns are centred on places 1, 2, …, rows on 0, 1, … from the top.
    cells = (0.5, count + 0.5, count - 0.5, -0.5)
    look: Options = {"cmap": "Greys", "vmin": 0, "vmax": 1, "aspect": "auto"}
    look |= {"interpolation": "nearest"}
    shares = axis.imshow(ranks.shares[order], extent=cells, **look)
    bar: Options = {"location": "bottom", "aspect": 40, "pad": 0.02}
    figure.colorbar(shares, ax=axis, label="share of the draws", **bar)
    rows = {
        ranks.names[model]: (ranks.rank[model], ranks.low[model], ranks.high[model])
        for model in order
    }
    interval_rows(axis, rows, line=BLUE, dot=ORANGE)
    # Each name is on the side of its interval where more room is left.
    for row, (name, (_, low, high)) in enumerate(rows.items()):
        if low - 1 > count - high:
            note(axis, name, (low - 0.7, row), across="right")
        else:
            note(axis, name, (high + 0.7, row))
    axis.set(xlim=(-0.2, count + 0.7), xticks=range(1, count + 1), yticks=[])
    axis.set_xlabel("place by accuracy, 1 is best")
    axis.spines["left"].set_visible(False)
    return figure


def two_kinds(
    accuracies: Mapping[str, tuple[float, float]],
    kinds: tuple[str, str],
    label: str = "accuracy (%)",
) -> Figure:
    """One row for each model: its accuracy on two kinds of faces, joined by a line."""
    figure, axis = new_figure(width=4.6, height=1.0 + TALL_ROW * len(accuracies))
    values = np.reshape([*accuracies.values()], (-1, 2)).astype(float)
    rows = np.arange(len(accuracies))
    axis.hlines(rows, values[:, 0], values[:, 1], color=PALE, linewidth=2)
    # Each kind is named over its dot of the first row, on the outer side.
    sides = ("right", "left") if values[0, 0] <= values[0, 1] else ("left", "right")
    looks = zip(kinds, "os", (ORANGE, BLUE), sides, values.T, strict=True)
    for kind, marker, colour, side, column in looks:
        axis.plot(column, rows, marker, color=colour, markersize=5)
        over: Options = {"across": side, "level": "bottom"}
        note(axis, f" {kind} ", (column[0], -0.7), colour, **over)
    names_above(axis, list(accuracies))
    axis.set_ylim(len(accuracies) - 0.4, -1.2)
    axis.margins(x=0.2)
    axis.set_xlabel(label)
    return figure


class Priced(NamedTuple):
    """One model in a figure of accuracy against cost."""

    group: str  # its name, or one that it shares with other models
    cost: float  # multiply-adds for one face
    accuracy: float  # percent
    low: float  # of its interval
    high: float


def priced(rows: Mapping[str, Row]) -> list[Priced]:
    """Rows with their costs; what follows a comma in a name is left out."""
    return [
        Priced(
            name.partition(",")[0],
            row.multiply_adds,
            row.private.accuracy,
            row.private.low,
            row.private.high,
        )
        for name, row in rows.items()
    ]


def on_front(points: Sequence[Priced]) -> list[bool]:
    """For each, whether no other is as cheap and as good, and better in one of both."""
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
    """Accuracy against cost; the front is filled, the best of each group is named."""
    figure, axis = new_figure(width=4.6, height=3.4)
    front = on_front(points)
    best = sorted(
        point[1:3] for point, first in zip(points, front, strict=True) if first
    )
    axis.step(*zip(*best, strict=True), "--", where="post", color=PALE, zorder=0)
    costs = [point.cost for point in points]
    lows, highs = [point.low for point in points], [point.high for point in points]
    axis.vlines(costs, lows, highs, color=PALE, linewidth=1, zorder=1)
    for point, first in zip(points, front, strict=True):
        fill: Options = {"color": BLUE, "markerfacecolor": BLUE if first else "white"}
        axis.plot(point.cost, point.accuracy, "o", markersize=6, **fill)
    # So wide that networks of nearly one cost are drawn side by side.
    low, high = min(costs) / 2, 2 * max(costs)
    axis.set(xscale="log", xlim=(low, high), ylabel="PrivateTest accuracy (%)")
    steps = (1, 2, 5) if high < 1000 * low else (1,)
    axis.xaxis.set_major_locator(LogLocator(subs=steps))
    axis.xaxis.set_major_formatter(lambda cost, _: f"{cost / 1e6:,g}")
    axis.xaxis.set_minor_locator(NullLocator())
    axis.set_xlabel("million multiply-adds for one face")
    ascending = sorted(points, key=lambda point: point.accuracy)
    ends = {point.group: point[1:3] for point in ascending}
    # From the left third, a line to the margin would cross the other points.
    far = low * (high / low) ** (1 / 3)
    left = {name: end for name, end in ends.items() if end[0] < far}
    below: Options = {"xytext": (6, -3), "textcoords": "offset points", "level": "top"}
    for name, end in left.items():
        note(axis, name, end, **below)
    name_ends(axis, {name: end for name, end in ends.items() if name not in left})
    return figure


def emotion_dots(recalls: Mapping[str, np.ndarray], highlighted: str) -> Figure:
    """For each emotion the share that every model gets right, one model in colour.

    Args:
        recalls: for each model float, shape (7,), in percent, in the order of
            `EMOTIONS`.
        highlighted: name of the model that is shown in the emotions' colours.
    """
    figure, axis = new_figure(width=4.2, height=2.9)
    rows = np.arange(len(EMOTIONS))
    for name, values in recalls.items():
        if name != highlighted:
            hollow: Options = {
                "color": "none",
                "markeredgecolor": "0.55",
                "markersize": 5,
            }
            axis.plot(values, rows, "o", **hollow)
    look: Options = {"marker": "D", "s": 46, "zorder": 3}
    axis.scatter(recalls[highlighted], rows, c=[*EMOTION_COLOURS.values()], **look)
    axis.set_yticks(rows, EMOTIONS)
    axis.invert_yaxis()
    axis.set_xlim(-3, 103)
    axis.set_xlabel(f"right answers (%)\ndiamonds: {highlighted}; circles: the others")
    return figure
