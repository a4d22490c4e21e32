"""Figures of lesson 05: how certain a table of results is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import seaborn
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

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
    names_above,
    new_figure,
    note,
)
from fercourse.plots.tables import Table
from fercourse.results.comparisons import (
    Comparison,
    Ranks,
    detectable_difference,
    faces_needed,
)
from fercourse.results.statistics import TEST_FACES, PairedTest, wilson_interval
from fercourse.results.table3.rows import Row

_WIDTH = 3.8  # inches: on a phone, where figures shrink, text stays readable
_FLOOR = 50  # percent; an accuracy below is drawn at the edge, with its number


def origins_chart(table: Table) -> tuple[Figure, str]:
    """How each row was measured: blue has a source, grey is likely, white unknown.

    `table` is that of `origins`.
    """
    (_, *kinds), *rows = table
    figure, axis = new_figure(width=_WIDTH, height=0.5 + TALL_ROW * len(rows))
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
            # White and grey say that it is unknown or only probable.
            note(axis, words.removeprefix("probably "), middle, ink, "center")
    names_above(axis, [name for name, *_ in rows])
    axis.xaxis.tick_top()
    axis.set_xticks(np.arange(len(kinds)) + 0.485, kinds)
    axis.tick_params(axis="x", length=0)
    axis.spines[:].set_visible(False)
    axis.set(xlim=(0, len(kinds)), ylim=(len(rows) - 0.6, -0.7))
    return figure, ". ".join(", ".join(row) for row in table)


def intervals_in_band(
    accuracies: Mapping[str, tuple[float, float, float]],
) -> tuple[Figure, str]:
    """Accuracies with intervals, and a band that is as wide as the last one's."""
    figure = accuracy_intervals(accuracies, "{:g}")
    figure.set_figwidth(_WIDTH)
    (axis,) = figure.axes
    *others, (accuracy, low, high) = accuracies.values()
    # Below the names, which are above each row.
    band: Options = {"left": low, "color": HIGHLIGHT, "zorder": 0}
    axis.barh(range(len(accuracies)), high - low, 0.36, **band)
    axis.hlines(len(others), low, high, color=ORANGE, linewidth=2)
    look: Options = {"color": ORANGE, "markeredgecolor": "white", "markersize": 6}
    axis.plot(accuracy, len(others), "o", **look)
    inside = sum(low < one < high for one, *_ in others)
    alt = (
        f"Accuracies with intervals. A band shows the last one's, from {low:.1f} to "
        f"{high:.1f} percent; {inside} of the {len(others)} others are inside it."
    )
    return figure, alt


def both_halves(rows: Mapping[str, Row]) -> tuple[Figure, str]:
    """PrivateTest accuracies with intervals, and a tick for PublicTest."""
    private = {name: row.private for name, row in rows.items()}
    lines = {name: (one.accuracy, one.low, one.high) for name, one in private.items()}
    figure = accuracy_intervals(lines)
    figure.set_figwidth(_WIDTH)
    (axis,) = figure.axes
    public = [row.public.accuracy for row in rows.values()]
    look: Options = {"color": ORANGE, "markersize": 11, "markeredgewidth": 2}
    axis.plot(public, range(len(public)), "|", **look)
    # One row far below the others would squeeze them.
    if min(public) < _FLOOR:
        axis.set_xlim(left=_FLOOR)
    for place, one in enumerate(private.values()):
        if one.high < _FLOOR:
            words = f"\N{BLACK LEFT-POINTING SMALL TRIANGLE} at {one.accuracy:.1f}"
            note(axis, words, (_FLOOR, place))
    # The marks are named over the first row.
    (dot, *_), *_ = lines.values()
    over: Options = {"level": "bottom", "textcoords": "offset points"}
    note(axis, "PublicTest", (public[0], 0), ORANGE, "right", xytext=(-4, 6), **over)
    note(axis, "PrivateTest", (dot, 0), INK, "left", xytext=(4, 6), **over)
    axis.set_xlabel("accuracy (%)")
    axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    top = max(lines, key=lambda name: lines[name])
    return figure, (
        f"PrivateTest accuracies of {len(rows)} networks with intervals, and "
        f"PublicTest accuracies. Highest on PrivateTest: {top}."
    )


def faces_needed_curves(
    accuracy: float, discordant: float, gaps: Mapping[str, float]
) -> tuple[Figure, str]:
    """How many test faces it takes to tell two accuracies apart, by their difference.

    Args:
        accuracy: in the middle between the two, in percent.
        discordant: percent of the faces on which exactly one of two models is right.
        gaps: differences in points to mark, by name.
    """
    figure, axis = new_figure(width=_WIDTH, height=3.2)
    points = np.geomspace(0.05, min(5.0, discordant), 40)
    ends = [(accuracy - gap / 2, accuracy + gap / 2) for gap in points]
    own = [faces_needed(*pair) for pair in ends]
    same = [faces_needed(*pair, discordant=discordant) for pair in ends]
    axis.plot(points, own, "-", color=INK)
    axis.plot(points, same, "--", color=INK)
    axis.axhline(TEST_FACES, color=BLUE, linewidth=1)
    # Off the curves, which fall: to the right above, to the left below.
    above: Options = {"xytext": (6, 3), "level": "bottom"}
    below: Options = {"xytext": (-6, -3), "level": "top", "across": "right"}
    off: Options = {"textcoords": "offset points"}
    early, late = len(points) // 5, len(points) * 2 // 5
    start = points[early], own[early]
    note(axis, "each on faces\nof its own", start, **above, **off)
    note(axis, "both on the\nsame faces", (points[late], same[late]), **below, **off)
    # What a test half of FER2013 can detect: where the curves meet its line.
    apart = detectable_difference(accuracy, TEST_FACES)
    paired = detectable_difference(accuracy, TEST_FACES, discordant=discordant)
    for gap, form in ((paired, below), (apart, above)):
        axis.plot(gap, TEST_FACES, "o", color=BLUE, markersize=5)
        note(axis, f"{gap:.1f}", (gap, TEST_FACES), BLUE, **form, **off)
    words, left = f"{TEST_FACES:,} faces", (0.09, TEST_FACES)
    note(axis, words, left, BLUE, level="top", xytext=(0, -3), **off)
    at_the_top: Options = {"xycoords": ("data", "axes fraction"), "level": "bottom"}
    for name, gap in gaps.items():
        axis.axvline(gap, color=ORANGE, linestyle=":")
        note(axis, name, (gap, 1.01), ORANGE, "center", **at_the_top)
    axis.set(xscale="log", yscale="log", xlabel="difference (points)")
    axis.set_title("test faces needed", loc="left", fontsize=9, pad=22)
    ticks = [0.05, 0.1, 0.2, 0.5, 1, 2, 5]
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_yticks([1e3, 1e4, 1e5, 1e6, 1e7])
    axis.yaxis.set_major_formatter(lambda faces, _: _in_words(faces))
    axis.minorticks_off()
    return figure, (
        "Test faces needed against the difference in points, on logarithmic scales: "
        f"two falling lines that reach FER2013's {TEST_FACES:,} faces at {apart:.1f} "
        f"points, or at {paired:.1f} if both answer the same faces."
    )


def _in_words(count: float) -> str:
    return f"{count:,.0f}" if count < 1e6 else f"{count / 1e6:g} million"


def pair_bars(
    first: str, second: str, test: PairedTest, both_right: int, count: int
) -> Figure:
    """All faces, divided by which of two models is right; below, those that decide.

    Both models are right on `both_right` of `count` faces.
    """
    decide = test.only_first + test.only_second
    neither = count - both_right - decide
    figure, (every, deciding) = new_figure(rows=2, width=_WIDTH, height=2.1)
    # The bars keep their place whatever the names next to them are.
    figure.set_layout_engine("none")
    every.set_position((0.01, 0.76, 0.98, 0.14))
    deciding.set_position((0.01, 0.3, 0.98, 0.16))
    _stacked(every, (both_right, decide, neither), (PALE, "white", "0.9"))
    only = test.only_first, test.only_second
    _stacked(deciding, only, (BLUE, ORANGE))
    ends: Options = {"xycoords": "axes fraction"}
    note(every, f"both right: {both_right:,}", (0, 1.35), **ends)
    note(every, f"neither right: {neither:,}", (1, 1.35), across="right", **ends)
    if not decide:
        words = "both are right on the same faces"
        note(deciding, words, (0.5, 0.5), across="center", **ends)
        return figure
    # The lower bar is an enlarged part of the upper one.
    for inner, outer in ((both_right, 0), (both_right + decide, decide)):
        corners: Options = {"xyA": (inner, -0.4), "xyB": (outer, 0.4)}
        sides: Options = {"coordsA": every.transData, "coordsB": deciding.transData}
        figure.add_artist(ConnectionPatch(**corners, **sides, color=GREY))
    note(deciding, f"one right: {decide:,}", (0.57, 1.7), across="center", **ends)
    note(deciding, f"only {first}: {only[0]:,}", (0, -0.5), BLUE, **ends)
    words = f"only {second}: {only[1]:,}"
    note(deciding, words, (1, -1.3), ORANGE, "right", **ends)
    deciding.axvline(decide / 2, color="black", linestyle=":")
    return figure


def _stacked(axis: Axes, parts: Sequence[int], colours: Sequence[str]) -> None:
    """One bar of parts that fills its axes."""
    left = 0
    for number, colour in zip(parts, colours, strict=True):
        axis.barh(0, number, left=left, color=colour, edgecolor="0.4")
        left += number
    axis.set(xlim=(0, max(left, 1)), ylim=(-0.4, 0.4), xticks=[], yticks=[])
    axis.spines[:].set_visible(False)


def pair_matrix(
    accuracies: Mapping[str, float], differ: Sequence[Comparison]
) -> Figure:
    """How many points each model trails each better one; blue: more than luck.

    Args:
        accuracies: in percent, by name; shown with the highest first.
        differ: the pairs that differ by more than the luck of the faces.
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
    figure, axis = new_figure(width=_WIDTH, height=height)
    look: Options = {
        "cmap": "Blues",
        "vmin": 0,
        "vmax": 1,
        "cbar": False,
        "mask": above,
    }
    # Three characters at most, which fit a square.
    words = np.array([f"{gap:.{int(gap < 10)}f}" for gap in behind.flat], object)
    numbers: Options = {"annot": words.reshape(behind.shape), "fmt": ""}
    numbers["annot_kws"] = {"fontsize": 8}
    order = [*places_of({name: accuracies[name] for name in names}).values()]
    places = with_letters(order)
    labels: Options = {"xticklabels": places, "yticklabels": places}
    seaborn.heatmap(shades, ax=axis, **look, **numbers, **labels)
    axis.tick_params(length=0, labelrotation=0)
    # The names fill the empty half.
    rows = (
        f"{place:\N{FIGURE SPACE}<3} {name}"
        for place, name in zip(places, names, strict=True)
    )
    corner: Options = {"xycoords": "axes fraction", "multialignment": "left"}
    corner |= {"across": "right", "level": "top", "linespacing": 1.05}
    note(axis, "\n".join(rows), (1, 1), **corner)
    return figure


def places_of(accuracies: Mapping[str, float]) -> dict[str, int]:
    """The place of each model, 1 for the best; equal ones share the better place."""
    values = np.array([*accuracies.values()])
    return {name: int((values > own).sum()) + 1 for name, own in accuracies.items()}


def with_letters(places: Sequence[int]) -> list[str]:
    """Ascending places as text, shared ones with letters: 1, 2a, 2b."""
    counts = Counter(places)
    return [
        f"{place}{chr(ord('a') + n - places.index(place)) * (counts[place] > 1)}"
        for n, place in enumerate(places)
    ]


def rank_plot(ranks: Ranks) -> tuple[Figure, str]:
    """For each model how often it takes which place, and the interval of its place."""
    order = np.argsort(ranks.rank, kind="stable")
    count = len(order)
    places = places_of({n: -r for n, r in zip(ranks.names, ranks.rank, strict=True)})
    figure, axis = new_figure(width=_WIDTH, height=0.7 + TALL_ROW * count)
    names_above(axis, [f"{places[ranks.names[m]]}  {ranks.names[m]}" for m in order])
    greys = colormaps["Greys"]
    for row, model in enumerate(order):
        shares = ranks.shares[model]
        # A column is centred on its place.
        look: Options = {"left": np.arange(count) + 0.5, "color": greys(shares)}
        axis.barh([row + 0.1] * count, 1, 0.46, **look)
        for place, share in enumerate(shares, start=1):
            ink = "white" if share > 0.55 else INK
            if share >= 0.005:
                note(axis, f"{100 * share:.0f}", (place, row + 0.1), ink, "center")
        low, high = ranks.low[model], ranks.high[model]
        corner, frame = (low - 0.5, row - 0.13), (high - low + 1, 0.46)
        look = {"fill": False, "edgecolor": BLUE, "linewidth": 2, "zorder": 3}
        axis.add_patch(Rectangle(corner, *frame, **look))
    axis.set(xlim=(0.4, count + 0.6), xticks=range(1, count + 1))
    axis.set_xlabel("place by accuracy, 1 is best")
    longest = int((ranks.high - ranks.low).max()) + 1
    return figure, (
        f"One row for each of {count} networks: how often it takes each place. The "
        f"interval of {(ranks.low == 1).sum()} begins at first place; the longest "
        f"spans {longest} places."
    )


def two_kinds(
    rows: Mapping[str, tuple[np.ndarray, np.ndarray, float]],
) -> tuple[Figure, str]:
    """Each model's accuracy on two kinds of faces, with intervals, and its excess.

    The largest excess comes first.

    Args:
        rows: by name, bool, whether each unseen face was answered correctly, the same
            for those also in Training, and by how many points the accuracy on all is
            above that on unseen ones.
    """
    ordered = sorted(rows.items(), key=lambda row: -row[1][2])
    figure, axis = new_figure(width=_WIDTH, height=1.0 + TALL_ROW * len(rows))
    marks = ("o", ORANGE), ("s", BLUE)
    for place, (_, (unseen, known, above)) in enumerate(ordered):
        for right, (mark, colour) in zip((unseen, known), marks, strict=True):
            low, high = wilson_interval(int(right.sum()), len(right))
            axis.hlines(place, low, high, color=colour, linewidth=1, alpha=0.6)
            accuracy = 100 * right.mean()
            axis.plot(accuracy, place, mark, color=colour, markersize=5)
        note(axis, f"{above:+.1f}", (93, place))
    # The marks are named over the first row.
    unseen, known = (100 * right.mean() for right in ordered[0][1][:2])
    outer = "right" if unseen <= known else "left"
    note(axis, "unseen", (unseen, -0.7), ORANGE, outer, "bottom")
    note(axis, "also in Training", (known, -0.7), BLUE, "center", "bottom")
    note(axis, "excess", (91, -0.7), level="bottom")
    names_above(axis, [name for name, _ in ordered])
    axis.set(xlim=(30, 99), ylim=(len(rows) - 0.4, -1.2), xlabel="accuracy (%)")
    higher = sum(new.mean() < old.mean() for new, old, _ in rows.values())
    (most, (*_, highest)), *_, (least, (*_, lowest)) = ordered
    return figure, (
        f"Two dots for each of {len(rows)} networks: accuracy on unseen faces and on "
        f"faces from Training, {higher} times higher. The excess: most for {most}, "
        f"{highest:.1f} points, and least for {least}, {lowest:.1f}."
    )


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


def cost_plot(points: Sequence[Priced]) -> tuple[Figure, str]:
    """Accuracy against cost; the front is filled, the best of each group is named."""
    figure, axis = new_figure(width=4.6, height=3.4)
    front = on_front(points)
    best = sorted(
        point[1:3] for point, first in zip(points, front, strict=True) if first
    )
    axis.step(*zip(*best, strict=True), "--", where="post", color=PALE, zorder=0)
    floor = _FLOOR if max(point.low for point in points) > _FLOOR else 0
    for point, first in zip(points, front, strict=True):
        look: Options = {"color": BLUE, "markerfacecolor": BLUE if first else "white"}
        if point.high < floor:  # would squeeze the others: an arrow at the edge
            height = floor + 0.4
            axis.plot(point.cost, height, "v", markersize=6, **look)
            words = f"{point.group}, at {point.accuracy:.1f}"
            to_the_left: Options = {"xytext": (-6, 0), "textcoords": "offset points"}
            note(axis, words, (point.cost, height), across="right", **to_the_left)
        else:
            axis.vlines(point.cost, point.low, point.high, color=PALE, linewidth=1)
            axis.plot(point.cost, point.accuracy, "o", markersize=6, **look)
    shown = [point for point in points if point.high >= floor]
    # So wide that networks of nearly one cost are drawn side by side.
    costs = [point.cost for point in points]
    low, high = min(costs) / 2, 5 * max(costs)  # room for names
    axis.set(xscale="log", xlim=(low, high), ylim=(floor or None, None))
    steps = (1, 2, 5) if high < 1000 * low else (1,)
    axis.xaxis.set_major_locator(LogLocator(subs=steps))
    axis.xaxis.set_major_formatter(lambda cost, _: f"{cost / 1e6:,g}")
    axis.xaxis.set_minor_locator(NullLocator())
    axis.set_xlabel("million multiply-adds for one face")
    axis.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axis.set_title("PrivateTest accuracy (%)", loc="left", fontsize=9)
    # Each group is named once, below its best point, on the side without intervals.
    best_last = sorted(shown, key=lambda point: point.accuracy)
    for name, point in {point.group: point for point in best_last}.items():
        crossed = any(
            1.1 * point.cost < other.cost < 3 * point.cost
            and other.low - 1 < point.accuracy < other.high
            for other in shown
        )
        side = ("right", -6) if crossed else ("left", 6)
        off: Options = {"xytext": (side[1], -3), "textcoords": "offset points"}
        note(axis, name, (point.cost, point.accuracy), INK, side[0], "top", **off)
    names = sorted({p.group for p, first in zip(points, front, strict=True) if first})
    return figure, (
        f"Accuracy against multiply-adds of {len(points)} networks; on the front: "
        f"{', '.join(names)}."
    )


def emotion_dots(
    confusions: Mapping[str, np.ndarray], highlighted: str
) -> tuple[Figure, str]:
    """For each emotion the share that every model gets right, one model in colour.

    Args:
        confusions: for each model int, shape (7, 7), a row for each true emotion, in
            the order of `EMOTIONS`.
        highlighted: name of the model that is shown in the emotions' colours.
    """
    figure, axis = new_figure(width=_WIDTH, height=3.2)
    rows = np.arange(len(EMOTIONS))
    recalls = {
        name: 100 * confusion.diagonal() / confusion.sum(axis=1)
        for name, confusion in confusions.items()
    }
    for name, values in recalls.items():
        if name != highlighted:
            hollow: Options = {"markeredgecolor": "0.55", "markersize": 5}
            axis.plot(values, rows, "o", color="none", **hollow)
    own = recalls[highlighted]
    look: Options = {"marker": "D", "s": 46, "zorder": 3}
    for row, confusion in enumerate(confusions[highlighted]):
        low, high = wilson_interval(int(confusion[row]), int(confusion.sum()))
        axis.hlines(row, low, high, color=INK, linewidth=1, zorder=2)
    axis.scatter(own, rows, c=[*EMOTION_COLOURS.values()], **look)
    axis.set_yticks(rows, EMOTIONS)
    axis.set(xlim=(-3, 103), ylim=(len(rows) - 0.5, -0.5))
    axis.set_xlabel("right answers (%)")
    words = f"diamonds: {highlighted}, 95 % intervals\ncircles: the others"
    axis.set_title(words, loc="left", fontsize=8)
    easiest, hardest = EMOTIONS[own.argmax()], EMOTIONS[own.argmin()]
    return figure, (
        f"Right answers for each emotion. {highlighted}: most for {easiest}, "
        f"{own.max():.0f} percent, fewest for {hardest}, {own.min():.0f} percent."
    )
