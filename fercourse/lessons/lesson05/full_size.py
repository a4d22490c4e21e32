"""The paper's network at full size, next to a small one: a figure of lesson 05."""

from __future__ import annotations

from collections.abc import Mapping

from fercourse.lessons.lesson05.figures import pocket_in_blue
from fercourse.lessons.lesson05.tables import p_in_words
from fercourse.plots.figures import (
    GREY,
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
from fercourse.results.statistics import PairedTest
from fercourse.results.table3.paper import PAPER_ROWS
from fercourse.results.table3.rows import Mean, Row


def full_size_chart(
    large: Mapping[str, Row], small: tuple[str, Row], test: PairedTest
) -> Shown:
    """Accuracies of networks of the paper's size, a small one, and the printed one.

    A large network that is clearly worse than the small one is grey.

    Args:
        large: rows of full size, by name.
        small: another row and its name.
        test: of the first large row against the small one, from one view.
    """
    means = {small[0]: small[1].private, **views_of(large)}
    lines = {name: (one.accuracy, one.low, one.high) for name, one in means.items()}
    figure, axis = new_figure(width=4.4, height=0.9 + ROW_HEIGHT * len(lines))
    interval_rows(axis, lines)
    pocket_in_blue(axis)
    for place, (accuracy, low, high) in enumerate(lines.values()):
        # On the left: on the right is the printed one.
        failed = high < small[1].private.low
        colour = GREY if failed else INK
        note(axis, f"{accuracy:.1f} ", (low, place), colour, "right")
        if failed:
            axis.hlines(place, low, high, color=PALE, linewidth=2)
            axis.plot(accuracy, place, "o", color=GREY, markersize=6)
            axis.get_yticklabels()[place].set_color(GREY)
    printed = PAPER_ROWS[-1].accuracy
    axis.axvline(printed, color=ORANGE, linestyle="--", linewidth=1.2)
    above: Options = {"across": "center", "level": "bottom"}
    note(axis, f"printed: {printed}", (printed, -0.7), ORANGE, **above)
    axis.set_ylim(len(lines) - 0.4, -0.7)
    axis.set(xlim=(49, 76), xlabel="PrivateTest accuracy (%), with 95 % interval")
    first = next(iter(large.values()))
    against = f"Table I against the small network: {p_in_words(test.p_value)}"
    axis.set_title(f"{against}\n", loc="left", fontsize=8)
    told = "; ".join(f"{name}, {one.accuracy:.1f}" for name, one in means.items())
    return figure, (
        f"PrivateTest accuracies in percent: {told}; printed, {printed}. {against}. "
        f"It trained for {first.epochs} epochs, {first.minutes:.0f} minutes on an "
        f"{first.hardware}."
    )


def views_of(large: Mapping[str, Row]) -> dict[str, Mean]:
    """Of each row the accuracy from one view, and from several if there are any."""
    short = {name: name.partition(",")[0] for name in large}
    means = {}
    for name, row in large.items():
        alone = [*short.values()].count(short[name]) == 1
        label = short[name] if alone else name
        label = label.replace("Table I", "our run of Table I")
        means[f"{label}, one view"] = row.private
        if row.multi_private:
            means[f"{label}, {row.views} views"] = row.multi_private
    return means
