"""Figures of lesson 07: what a confidence is worth, and for whom."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from matplotlib.figure import Figure

from fercourse.plots.figures import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    ROW_HEIGHT,
    TALL_ROW,
    Options,
    interval_rows,
    name_ends,
    named_bars,
    names_above,
    new_figure,
    note,
    show_face,
)
from fercourse.results.audit import GroupErrors
from fercourse.results.statistics import CalibrationCurve, wilson_interval


def reliability_plots(curves: Mapping[str, CalibrationCurve]) -> Figure:
    """How often each model is right by how confident it is; dotted: as it should be.

    What is between is orange where the model is too sure, and blue where too modest.
    """
    figure, axes = new_figure(1, len(curves), 4.2, 3.2 * len(curves))
    for axis, (name, curve) in zip(np.ravel(axes), curves.items(), strict=True):
        filled = curve.count > 0
        confident, right = curve.confidence[filled], curve.accuracy[filled]
        correct = np.rint(right * curve.count[filled] / 100).astype(int)
        bins = zip(correct, curve.count[filled], strict=True)
        ends = [wilson_interval(int(n), int(count)) for n, count in bins]
        axis.plot([0, 100], [0, 100], ":", color="black")
        between: Options = {"interpolate": True, "alpha": 0.2, "linewidth": 0}
        for sure, colour in ((right < confident, ORANGE), (right >= confident, BLUE)):
            axis.fill_between(
                confident, right, confident, sure, color=colour, **between
            )
        axis.vlines(confident, *zip(*ends, strict=True), color=PALE)
        # Dots at 100 % are drawn whole.
        axis.plot(confident, right, "o-", color=BLUE, markersize=5, clip_on=False)
        inside: Options = {"xycoords": "axes fraction"}
        note(axis, "too modest", (0.04, 0.94), BLUE, **inside)
        note(axis, "too sure", (0.96, 0.06), ORANGE, "right", **inside)
        axis.set_title(f"{name}\n{_error_in_words(curve)}", loc="left")
        axis.set(xlim=(0, 100), ylim=(0, 100))
        axis.set(xlabel="confidence (%)", ylabel="right answers (%)")
    return figure


def _error_in_words(curve: CalibrationCurve) -> str:
    by_chance = f"{curve.error_by_chance:.1f} by chance alone"
    return f"{curve.error:.1f} points of error, {by_chance}"


def calibration_in_words(curves: Mapping[str, CalibrationCurve]) -> str:
    """The alternative text of `reliability_plots`."""
    errors = "; ".join(
        f"{name}, {_error_in_words(curve)}" for name, curve in curves.items()
    )
    return f"Right answers against confidence: {errors}."


def vote_bars(most: np.ndarray) -> Figure:
    """How often the commonest answer got ten votes, nine, …; `most` counts 1, 2, …."""
    figure, axis = new_figure(width=4.4, height=3.1)
    shares = 100 * most / most.sum()
    named = {f"{votes} of {len(most)}": shares[votes - 1] for votes in range(10, 1, -1)}
    named_bars(axis, named, form="{:.0f} %")
    axis.set_xlabel("share of PrivateTest faces (%)")
    axis.set_ylabel("votes for the commonest answer")
    return figure


def change_plots(curves: Mapping[str, np.ndarray], faces: np.ndarray) -> Figure:
    """Right answers and mean confidence by the strength of a change, a row for each.

    Each curve has rows of strength, right answers and confidence, both in percent; next
    to it is a face at the greatest strength. Between the lines it is orange where the
    confidence is too high.
    """
    figure, axes = new_figure(2, len(curves), 4.6, 1.9 * len(curves))
    axes = np.reshape(axes, (-1, 2))
    axes[0, 0].get_gridspec().set_width_ratios((2.4, 1))
    for (axis, picture), (name, curve), face in zip(
        axes, curves.items(), faces, strict=True
    ):
        strength, right, confident = np.array(curve, float).T
        axis.plot(strength, confident, "s--", color=ORANGE, markersize=5)
        axis.plot(strength, right, "o-", color=BLUE, markersize=5)
        axis.fill_between(
            strength,
            right,
            confident,
            right < confident,
            interpolate=True,
            color=ORANGE,
            alpha=0.2,
            linewidth=0,
        )
        axis.set(ylim=(0, 80), yticks=[0, 40, 80], xlabel=name, xticks=strength)
        axis.xaxis.set_major_formatter("{x:g}")
        axis.set_ylabel("faces (%)")
        if strength[0] > strength[-1]:  # the stronger change is always on the right
            axis.invert_xaxis()
        show_face(picture, face)
        picture.set_title(f"{strength[-1]:g}", fontsize=9, pad=3)
    first = axes[0, 0]
    note(first, "dashed: confidence", (0.03, 0.22), ORANGE, xycoords="axes fraction")
    note(first, "solid: right", (0.03, 0.08), BLUE, xycoords="axes fraction")
    return figure


def group_errors(found: Mapping[str, GroupErrors]) -> Figure:
    """One row for each group: its error with an interval, above that of the rest.

    The groups with the most errors, compared with the rest, come first.
    """
    height = 0.9 + 1.3 * ROW_HEIGHT * len(found)
    figure, axis = new_figure(width=4.6, height=height)
    found = dict(sorted(found.items(), key=lambda item: -item[1].gap))
    names = {f"{name} ({one.count})": one for name, one in found.items()}
    rest = {name: (one.rest_error, *one.rest_interval) for name, one in names.items()}
    interval_rows(axis, rest, line=PALE, dot=GREY)
    own = {name: (one.error, *one.interval) for name, one in names.items()}
    rows = np.arange(len(own)) - 0.28
    values, low, high = np.array(list(own.values())).T
    axis.hlines(rows, low, high, color=BLUE, linewidth=2)
    axis.plot(values, rows, "D", color=BLUE, markeredgecolor="white", markersize=6)
    axis.set_xlabel("errors (%)\nblue diamonds: the group; grey dots: all other faces")
    axis.margins(x=0.06)
    return figure


def smallest_p(found: Mapping[str, GroupErrors], count: int = 3) -> list[list[str]]:
    """A table of the groups that differ most surely from the rest."""
    rows = [["group", "faces", "errors", "rest", "p", "Holm"]]
    for name in sorted(found, key=lambda name: found[name].p_value)[:count]:
        one = found[name]
        errors = [f"{one.error:.0f}", f"{one.rest_error:.0f}"]
        p_values = [f"{one.p_value:.3f}", f"{one.adjusted:.2f}"]
        rows.append([name, str(one.count), *errors, *p_values])
    return rows


def false_alarm_curves(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]):
    """The share of alarms that are right, in percent, by how common the emotion is."""
    figure, axis = new_figure(width=4.6, height=3.0)
    ends, colours = {}, dict(zip(curves, (BLUE, GREEN, ORANGE), strict=False))
    for name, (common, right) in curves.items():
        axis.plot(common, right, color=colours[name], linewidth=2)
        ends[name] = (common[-1], right[-1])
    axis.axhline(50, linestyle=":", color=GREY)
    axis.set(ylim=(0, 100), xlabel="people who feel it (%)")
    note(axis, "half", (axis.get_xlim()[1], 48), GREY, "right", "top")
    axis.set_ylabel("alarms that are right (%)")
    name_ends(axis, ends, colours)
    return figure


def law_dates(dates: Mapping[str, str], today: str) -> Figure:
    """What applies from when: a row for each duty, from its date (ISO) to the right.

    `today` is a date too; a line marks it.
    """
    figure, axis = new_figure(width=4.6, height=0.7 + TALL_ROW * len(dates))
    days = [date.fromisoformat(text) for text in dates.values()]
    starts = [_year(day) for day in days]
    now, end = _year(date.fromisoformat(today)), max(starts) + 0.9
    for place, start in enumerate(starts):
        colour = BLUE if start <= now else PALE
        axis.plot([start, end], [place, place], color=colour, linewidth=5)
    rows = [
        f"{day.day} {month_name[day.month]} {day.year}: {name}"
        for name, day in zip(dates, days, strict=True)
    ]
    axis.axvline(now, color=GREY, linestyle="--", linewidth=1, zorder=0)
    names_above(axis, rows)
    for label in axis.get_yticklabels():
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
    axis.set(xlim=(min(starts) - 0.05, end), xticks=range(2025, int(end) + 1))
    axis.xaxis.set_major_formatter("{x:.0f}")
    note(axis, " this lesson", (now, len(dates) - 0.75), GREY)
    return figure


def _year(day: date) -> float:
    """Such as 2025.5 for the middle of 2025."""
    return day.year + (day.timetuple().tm_yday - 1) / 365
