"""Figures of lesson 05: how certain a table of results is."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from fercourse.data.faces import EMOTIONS
from fercourse.plots.figures import (
    BLUE,
    GREY,
    HIGHLIGHT,
    INK,
    ORANGE,
    PALE,
    ROW_HEIGHT,
    Options,
    Shown,
    interval_rows,
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
from fercourse.results.runs import Answers
from fercourse.results.statistics import TEST_FACES, PairedTest, wilson_interval
from fercourse.results.table3.paper import PAPER_ROWS, PaperRow
from fercourse.results.table3.rows import Mean, Row

_WIDTH = 3.8  # inches: on a phone, where figures shrink, text stays readable
_WIDE = 4.4  # where names are left of their rows
_LINE = 0.33  # inches: a row whose name may take two lines
_KNOWN = {"unknown": ("white", GREY), "probably": ("0.85", INK)}
"""Fill and ink of what no source states; what one states is blue."""
_BEYOND = 1.96  # standard errors: there p is 0.05
_FLOOR = 50  # percent; an accuracy below is drawn at the edge, with its number


def printed_rows() -> Shown:
    """The paper's table as dots, and the gap between its last two rows."""
    figure, axis = new_figure(width=4.2, height=0.6 + _LINE * len(PAPER_ROWS))
    for place, row in enumerate(PAPER_ROWS):
        colour = ORANGE if row is PAPER_ROWS[-1] else INK
        axis.plot(row.accuracy, place, "o", color=colour, markersize=6)
        # The last two are labelled on the left, where their gap is not.
        near: Options = {"textcoords": "offset points", "xytext": (-7, 0)}
        note(axis, row.printed, (row.accuracy, place), colour, "right", **near)
    *_, second, first = PAPER_ROWS
    ends, bottom = (second.accuracy, first.accuracy), len(PAPER_ROWS) - 1
    axis.vlines(ends, -0.3, bottom, color=ORANGE, linewidth=0.8)
    gap = f"{first.accuracy - second.accuracy:.2f} points"
    note(axis, gap, (first.accuracy + 0.07, 0), ORANGE)
    _name_methods(axis)
    axis.set(xlim=(69, 74.9), xlabel="accuracy (%)")
    printed = "; ".join(f"{row.method}, {row.printed}" for row in PAPER_ROWS)
    return figure, f"Accuracies in percent: {printed}. The last leads by {gap}."


def _name_methods(axis: Axes) -> None:
    """The paper's methods left of their rows, in two lines if they are long."""
    names = [textwrap.fill(row.method, 21) for row in PAPER_ROWS]
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(len(names) - 0.5, -0.6)


def origins_chart(table: Table) -> Shown:
    """How each row was measured: blue has a source, grey is likely, white unknown.

    `table` is that of `origins`.
    """
    (_, *kinds), *rows = table
    figure, axis = new_figure(width=4.4, height=0.8 + _LINE * len(rows))
    _name_methods(axis)
    for place, (_, *cells) in enumerate(rows):
        for column, words in enumerate(cells):
            form = "probably" if words.startswith("probably") else words
            fill, ink = _KNOWN.get(form, (BLUE, "white"))
            look: Options = {"color": fill, "edgecolor": "0.6", "linewidth": 0.6}
            axis.barh(place, 0.97, 0.62, left=column, **look)
            middle = (column + 0.485, place)
            # White and grey say that it is unknown or only probable.
            note(axis, words.removeprefix("probably "), middle, ink, "center")
    key = {"source read": BLUE, "likely, not confirmed": "0.85", "unknown": "white"}
    marks = [Patch(facecolor=c, edgecolor="0.6", label=n) for n, c in key.items()]
    below: Options = {"loc": "outside lower right", "ncols": 3, "fontsize": 8}
    below |= {"frameon": False, "handlelength": 1, "columnspacing": 1}
    figure.legend(handles=marks, **below)
    axis.xaxis.tick_top()
    axis.set_xticks(np.arange(len(kinds)) + 0.485, kinds)
    axis.tick_params(axis="x", length=0)
    axis.spines[:].set_visible(False)
    axis.set_xlim(0, len(kinds))
    return figure, ". ".join(", ".join(row) for row in table)


def intervals_in_band(accuracies: Sequence[tuple[float, float, float]]) -> Shown:
    """The paper's accuracies with intervals, and a band as wide as the last one's."""
    figure, axis = new_figure(width=4.2, height=0.6 + _LINE * len(accuracies))
    interval_rows(axis, {f"{n}": row for n, row in enumerate(accuracies)})
    _name_methods(axis)
    *others, (accuracy, low, high) = accuracies
    axis.axvspan(low, high, color=HIGHLIGHT, zorder=0)
    axis.hlines(len(others), low, high, color=ORANGE, linewidth=2)
    look: Options = {"color": ORANGE, "markeredgecolor": "white", "markersize": 6}
    axis.plot(accuracy, len(others), "o", **look)
    axis.set_xlabel("accuracy (%), with 95 % interval")
    inside = sum(low < one < high for one, *_ in others)
    alt = (
        f"Accuracies with intervals. A band shows the last one's, from {low:.1f} to "
        f"{high:.1f} percent; {inside} of the {len(others)} others are inside it."
    )
    return figure, alt


def what_is_known(
    accuracies: Sequence[tuple[float, float, float]], large: Mapping[str, Mean]
) -> Shown:
    """The paper's rows with what is known of their test faces, and our own runs below.

    Args:
        accuracies: of the paper's rows, in percent, with their intervals.
        large: accuracies of the course's networks of the paper's size, by name.
    """
    names = [textwrap.fill(row.method, 21) for row in PAPER_ROWS]
    ours = {
        textwrap.fill(name, 21): (one.accuracy, one.low, one.high)
        for name, one in large.items()
    }
    lines = dict(zip(names, accuracies, strict=True)) | ours
    figure, axis = new_figure(width=5.4, height=0.8 + _LINE * len(lines))
    interval_rows(axis, lines)
    last = len(names) - 1
    # No interval belongs to a number that is no share of so many faces.
    axis.hlines(last, *accuracies[last][1:], color="white", linewidth=3)
    printed = accuracies[last][0]
    axis.plot(printed, last, "X", color=ORANGE, markersize=9)
    words = f"no count of {TEST_FACES:,}\ngives {PAPER_ROWS[last].printed} %"
    note(axis, words, (printed - 0.35, last), ORANGE, "right")
    for place, (accuracy, low, high) in enumerate(ours.values(), start=last + 1):
        axis.hlines(place, low, high, color=BLUE, linewidth=2)
        look: Options = {"color": BLUE, "markeredgecolor": "white", "markersize": 6}
        axis.plot(accuracy, place, "o", **look)
    axis.axhline(last + 0.5, color=PALE, linewidth=0.8)
    tested = [_tested_on(row) for row in PAPER_ROWS] + ["PrivateTest"] * len(ours)
    shown = [f"{accuracy:.1f}" for accuracy, *_ in ours.values()]
    shown = [row.printed for row in PAPER_ROWS] + shown
    _columns_at_the_right(axis, {"%": shown, "tested on": tested})
    axis.tick_params(axis="y", length=0, labelsize=8)
    axis.set_xlabel("accuracy (%), with 95 % interval")
    told = (f"{n}, {half}" for n, half in zip(shown, tested, strict=True))
    return figure, (
        f"Accuracies in percent, and the test faces: {'; '.join(told)}. No count of "
        f"{TEST_FACES:,} faces gives {PAPER_ROWS[last].printed} percent."
    )


def _tested_on(row: PaperRow) -> str:
    """The half on which a row was measured, as far as known."""
    return "unknown" if row.split.word.startswith("not") else row.split.word


def leads_chart(table: Table) -> Shown:
    """The last row's leads in standard errors; 1.96 is where p falls below 0.05.

    `table` is that of `lead_of_the_last`.
    """
    (title, *_), *rows = table
    scores = [float(z) for *_, z, _ in rows]
    figure, axis = new_figure(width=_WIDE, height=0.7 + _LINE * len(rows))
    names = [textwrap.fill(name, 21) for name, *_ in rows]
    interval_rows(axis, {n: (z, 0, z) for n, z in zip(names, scores, strict=True)})
    for place, (z, (_, _, faces, _, p)) in enumerate(zip(scores, rows, strict=True)):
        # Beyond the line, which no words may cross.
        words = f"{faces} faces, p = {p}"
        note(axis, words, (max(z, _BEYOND) + 0.15, place))
    axis.axvline(_BEYOND, color=ORANGE, linestyle="--", linewidth=1.2)
    top: Options = {"across": "center", "level": "bottom"}
    note(axis, f"{_BEYOND}", (_BEYOND, -0.6), ORANGE, **top)
    axis.set(xlim=(0, 5.6), xticks=range(4), xlabel="z")
    axis.tick_params(axis="y", length=0, labelsize=8)
    told = (f"{name}: {gap} points, z = {z}, p = {p}" for name, gap, _, z, p in rows)
    return figure, f"{title} each other row. {'; '.join(told)}."


def pocket_in_blue(axis: Axes) -> None:
    """Give the names of the pocket networks their colour."""
    for name in axis.get_yticklabels():
        name.set_fontsize(8)
        name.set_color(colour_of(name.get_text()))


def colour_of(name: str) -> str:
    """Blue for pocket networks."""
    return BLUE if "pocket" in name else INK


def both_halves(rows: Mapping[str, Row]) -> Shown:
    """PrivateTest accuracies with intervals, a tick for PublicTest, and the budgets."""
    private = {name: row.private for name, row in rows.items()}
    lines = {name: (one.accuracy, one.low, one.high) for name, one in private.items()}
    figure, axis = new_figure(width=5.4, height=0.7 + ROW_HEIGHT * len(rows))
    interval_rows(axis, lines)
    pocket_in_blue(axis)
    look: Options = {"markeredgecolor": "white", "markersize": 6}
    for place, (name, one) in enumerate(private.items()):
        axis.plot(one.accuracy, place, "o", color=colour_of(name), **look)
        if one.high < _FLOOR:
            words = f"\N{BLACK LEFT-POINTING SMALL TRIANGLE} at {one.accuracy:.1f}"
            note(axis, words, (_FLOOR, place))
    public = [row.public.accuracy for row in rows.values()]
    tick: Options = {"color": ORANGE, "markersize": 11, "markeredgewidth": 2}
    axis.plot(public, range(len(public)), "|", **tick)
    # One row far below the others would squeeze them.
    if min(public) < _FLOOR:
        axis.set_xlim(left=_FLOOR)
    # The marks are named over the first row.
    (dot, *_), *_ = lines.values()
    over: Options = {"level": "bottom", "textcoords": "offset points"}
    note(axis, "PublicTest", (public[0], 0), ORANGE, "right", xytext=(-2, 9), **over)
    note(axis, "PrivateTest", (dot, 0), INK, "left", xytext=(2, 9), **over)
    axis.set_ylim(top=-1.2)
    columns = {
        "%": [f"{one.accuracy:.1f}" for one in private.values()],
        "epochs": [f"{row.epochs}" for row in rows.values()],
        "cost": [f"{row.multiply_adds / 1e6:,.0f}" for row in rows.values()],
    }
    _columns_at_the_right(axis, columns)
    # Room for the name of PrivateTest.
    axis.set_xlim(right=max(one.high for one in private.values()) + 4)
    axis.set_xlabel("accuracy (%), with 95 % interval")
    axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    top = max(lines, key=lambda name: lines[name])
    return figure, (
        f"PrivateTest accuracies of {len(rows)} networks with intervals, PublicTest "
        f"accuracies, epochs and costs. Highest on PrivateTest: {top}."
    )


def _columns_at_the_right(axis: Axes, columns: Mapping[str, Sequence[str]]) -> None:
    """Columns of words in the right margin, one word for each row, under a heading."""
    margin: Options = {"xycoords": axis.get_yaxis_transform(), "across": "right"}
    margin |= {"textcoords": "offset points"}
    end = 0.0
    for heading, words in columns.items():
        # A letter of 8 points is about 5 wide.
        end += 5 * max(map(len, [heading, *words])) + 8
        for place, word in enumerate(words):
            note(axis, word, (1, place), xytext=(end, 0), **margin)
        note(axis, heading, (1, -0.75), GREY, xytext=(end, 0), **margin)


def faces_needed_curves(
    accuracy: float, discordant: float, gaps: Mapping[str, float]
) -> Shown:
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

    A name is at the end of its row and on top of its column.

    Args:
        accuracies: in percent, by name; shown with the highest first.
        differ: the pairs that differ by more than the luck of the faces.
    """
    names = sorted(accuracies, key=lambda name: -accuracies[name])
    clear = {frozenset((pair.first, pair.second)) for pair in differ}
    figure, axis = new_figure(width=_WIDE, height=0.5 + 0.25 * max(len(names), 6))
    for row, name in enumerate(names):
        note(axis, f" {name}", (row, row + 0.5), colour_of(name))
        for column, better in enumerate(names[:row]):
            gap = accuracies[better] - accuracies[name]
            told = frozenset((name, better)) in clear
            look: Options = {"color": BLUE if told else "0.9", "edgecolor": "white"}
            axis.barh(row + 0.5, 1, 1, left=column, **look)
            # Three characters at most, which fit a square.
            ink = "white" if told else INK
            words = f"{gap:.{int(gap < 9.95)}f}"
            note(axis, words, (column + 0.5, row + 0.5), ink, "center")
    # Room for the last names, on the right of the triangle.
    axis.set(xlim=(0, 1.5 * len(names)), ylim=(len(names), 0), xticks=[], yticks=[])
    axis.spines[:].set_visible(False)
    return figure


def places_of(accuracies: Mapping[str, float]) -> dict[str, int]:
    """The place of each model, 1 for the best; equal ones share the better place."""
    values = np.array([*accuracies.values()])
    return {name: int((values > own).sum()) + 1 for name, own in accuracies.items()}


def rank_plot(ranks: Ranks) -> Shown:
    """For each model how often it takes which place, and the interval of its place."""
    order = np.argsort(ranks.rank, kind="stable")
    count = len(order)
    places = places_of({n: -r for n, r in zip(ranks.names, ranks.rank, strict=True)})
    figure, axis = new_figure(width=4.7, height=0.6 + ROW_HEIGHT * count)
    names = [f"{ranks.names[m]}  {places[ranks.names[m]]}" for m in order]
    axis.set_yticks(range(count), names)
    pocket_in_blue(axis)
    axis.tick_params(axis="y", length=0)
    greys = colormaps["Greys"]
    for row, model in enumerate(order):
        shares = ranks.shares[model]
        # A column is centred on its place.
        look: Options = {"left": np.arange(count) + 0.5, "color": greys(shares)}
        axis.barh([row] * count, 1, 0.76, **look)
        for place, share in enumerate(shares, start=1):
            ink = "white" if share > 0.55 else INK
            if share >= 0.005:
                note(axis, f"{100 * share:.0f}", (place, row), ink, "center")
        low, high = ranks.low[model], ranks.high[model]
        corner, frame = (low - 0.5, row - 0.38), (high - low + 1, 0.76)
        look = {"fill": False, "edgecolor": BLUE, "linewidth": 2, "zorder": 3}
        axis.add_patch(Rectangle(corner, *frame, **look))
    axis.set(xlim=(0.4, count + 0.6), xticks=range(1, count + 1))
    axis.set_ylim(count - 0.5, -0.6)
    axis.set_xlabel("place by accuracy, 1 is best")
    longest = int((ranks.high - ranks.low).max()) + 1
    return figure, (
        f"One row for each of {count} networks: how often it takes each place. The "
        f"interval of {(ranks.low == 1).sum()} begins at first place; the longest "
        f"spans {longest} places."
    )


def excess_dots(answers: Mapping[str, Answers]) -> Shown:
    """By how many points each model does better on all faces than on unseen ones.

    The models are sorted by that; the dashed line is the lead of the paper's last row.
    """
    above = {
        name: 100 * (faces.correct.mean() - faces.correct[~faces.seen].mean())
        for name, faces in answers.items()
    }
    names = sorted(above, key=lambda name: -above[name])
    figure, axis = new_figure(width=_WIDE, height=0.7 + ROW_HEIGHT * len(names))
    interval_rows(axis, {name: (above[name], 0, above[name]) for name in names}, "0.6")
    pocket_in_blue(axis)
    for place, name in enumerate(names):
        note(axis, f"{above[name]:.1f}", (above[name] + 0.06, place))
    *_, second, first = PAPER_ROWS
    lead = first.accuracy - second.accuracy
    axis.axvline(lead, color=ORANGE, linestyle="--", linewidth=1.2)
    top: Options = {"level": "bottom"}
    note(axis, f"the paper's lead: {lead:.2f}", (lead, -0.7), ORANGE, **top)
    axis.set_ylim(len(names) - 0.4, -0.7)
    axis.set(xlim=(0, 1.15 * max(above.values())), xlabel="excess (points)")
    return figure, (
        f"The excess of {len(names)} networks, in points: {above[names[0]]:.1f} for "
        f"{names[0]}, falling to {above[names[-1]]:.1f} for {names[-1]}."
    )


def emotion_dots(confusions: Mapping[str, np.ndarray], highlighted: str) -> Shown:
    """For each emotion the share that every model gets right, one model as diamonds.

    Args:
        confusions: for each model int, shape (7, 7), a row for each true emotion, in
            the order of `EMOTIONS`.
        highlighted: name of the model that is shown as diamonds.
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
    axis.scatter(own, rows, color=BLUE, **look)
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
