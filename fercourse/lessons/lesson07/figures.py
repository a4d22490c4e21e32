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
    named_bars,
    names_above,
    new_figure,
    note,
    show_face,
)
from fercourse.results.audit import GroupErrors
from fercourse.results.comparisons import ALPHA
from fercourse.results.statistics import CalibrationCurve, wilson_interval


def reliability_plot(curves: Mapping[str, CalibrationCurve]) -> Figure:
    """How often each model is right by how confident it is; dotted: as it should be.

    There are three curves at most; the pale lines are 95 % intervals.
    """
    figure, axis = new_figure(width=4.4, height=3.7 + 0.32 * len(curves))
    axis.plot([0, 100], [0, 100], ":", color="black")
    looks = ((BLUE, "o-"), (ORANGE, "s-"), (GREEN, "D-"))
    for (name, curve), (colour, form) in zip(curves.items(), looks, strict=False):
        filled = curve.count > 0
        confident, right = curve.confidence[filled], curve.accuracy[filled]
        correct = np.rint(right * curve.count[filled] / 100).astype(int)
        bins = zip(correct, curve.count[filled], strict=True)
        ends = [wilson_interval(int(n), int(count)) for n, count in bins]
        between: Options = {"color": colour, "alpha": 0.15, "linewidth": 0}
        axis.fill_between(confident, right, confident, **between)
        axis.vlines(confident, *zip(*ends, strict=True), color=colour, alpha=0.35)
        # Dots at 100 % are drawn whole.
        look: Options = {"color": colour, "markersize": 5, "clip_on": False}
        label = f"{name}:\n{_error_in_words(curve)}"
        axis.plot(confident, right, form, label=label, **look)
    inside: Options = {"xycoords": "axes fraction"}
    note(axis, "too modest", (0.03, 0.95), GREY, **inside)
    note(axis, "too sure", (0.97, 0.05), GREY, "right", **inside)
    axis.legend(loc="lower left", bbox_to_anchor=(-0.04, 1), fontsize=9, frameon=False)
    axis.set(xlim=(0, 100), ylim=(0, 100))
    axis.set(xlabel="confidence (%)", ylabel="right answers (%)")
    return figure


def _error_in_words(curve: CalibrationCurve) -> str:
    by_chance = f"{curve.error_by_chance:.1f} by chance alone"
    return f"{curve.error:.1f} points of error, {by_chance}"


def calibration_in_words(curves: Mapping[str, CalibrationCurve]) -> str:
    """The alternative text of `reliability_plot`."""
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


def change_plots(
    curves: Mapping[str, np.ndarray], faces: np.ndarray, titles: Sequence[str]
) -> Figure:
    """Right answers and mean confidence by the strength of a change, a row for each.

    Each curve has rows of strength, right answers and confidence, both in percent; next
    to it is a face at the greatest strength, with its title. Between the lines it is
    orange where the confidence is too high.
    """
    figure, axes = new_figure(2, len(curves), 4.6, 1.6 * len(curves))
    axes = np.reshape(axes, (-1, 2))
    axes[0, 0].get_gridspec().set_width_ratios((2.1, 1))
    for (axis, picture), (name, curve), face, title in zip(
        axes, curves.items(), faces, titles, strict=True
    ):
        strength, right, confident = np.array(curve, float).T
        axis.plot(strength, confident, "s--", color=ORANGE, markersize=5)
        axis.plot(strength, right, "o-", color=BLUE, markersize=5)
        too_sure: Options = {"where": right < confident, "interpolate": True}
        look: Options = {"color": ORANGE, "alpha": 0.2, "linewidth": 0}
        axis.fill_between(strength, right, confident, **too_sure, **look)
        axis.set(ylim=(0, 80), yticks=[0, 40, 80], xlabel=name, xticks=strength)
        axis.xaxis.set_major_formatter("{x:g}")
        axis.set_ylabel("faces (%)")
        if strength[0] > strength[-1]:  # the stronger change is always on the right
            axis.invert_xaxis()
        show_face(picture, face)
        picture.set_title(title, fontsize=9, pad=3)
    first = axes[0, 0]
    note(first, "dashed: confidence", (0.03, 0.22), ORANGE, xycoords="axes fraction")
    note(first, "solid: right", (0.03, 0.08), BLUE, xycoords="axes fraction")
    return figure


def group_gaps(audits: Mapping[str, Mapping[str, GroupErrors]]) -> Figure:
    """One row for each group: its error minus that of all other faces, with interval.

    One or two audits of the same groups; the first one's largest gap comes first. A
    marker is filled where Holm's correction leaves p below 0.05.
    """
    first = next(iter(audits.values()))
    names = sorted(first, key=lambda name: -first[name].gap)
    height = 1.3 + (0.6 + 0.5 * len(audits)) * ROW_HEIGHT * len(names)
    figure, axis = new_figure(width=4.6, height=height)
    axis.axvline(0, color=GREY, linewidth=1)
    looks = ((BLUE, "o"), (ORANGE, "s"))
    for number, (label, audit) in enumerate(audits.items()):
        colour, form = looks[number]
        rows = np.arange(len(names)) + 0.3 * number - 0.15 * (len(audits) - 1)
        found = [audit[name] for name in names]
        ends = np.array([one.gap_interval for one in found]).T
        axis.hlines(rows, *ends, color=colour)
        sure = np.array([one.adjusted < ALPHA for one in found])
        gaps = np.array([one.gap for one in found])
        look: Options = {"color": colour, "markersize": 6, "linestyle": "none"}
        axis.plot(gaps[sure], rows[sure], form, label=label, **look)
        hollow: Options = {**look, "markerfacecolor": "white"}
        axis.plot(gaps[~sure], rows[~sure], form, **hollow)
    axis.set_yticks(
        range(len(names)), [f"{name} ({first[name].count})" for name in names]
    )
    axis.set_ylim(len(names) - 0.4, -0.9)
    note(axis, "fewer errors ", (0, -0.7), GREY, "right")
    note(axis, " more errors", (0, -0.7), GREY)
    axis.set_xlabel(
        "errors of the group minus errors of all others (points)\n"
        "filled: p < 0.05 after Holm\u2019s correction"
    )
    if len(audits) > 1:
        axis.legend(
            loc="lower left",
            bbox_to_anchor=(-0.02, 1),
            ncols=2,
            fontsize=9,
            frameon=False,
        )
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


def law_dates(dates: Mapping[str, str], today: str) -> Figure:
    """What applies from when: a bar for each rule, from its date (ISO) to the right.

    A bar is dark until `today`, a date too, and pale after it.
    """
    figure, axis = new_figure(width=4.6, height=0.9 + TALL_ROW * len(dates))
    days = [date.fromisoformat(text) for text in dates.values()]
    starts, written = [_year(day) for day in days], date.fromisoformat(today)
    now, end = _year(written), max(starts) + 0.9
    for place, start in enumerate(starts):
        later = max(start, now)
        axis.plot([later, end], [place, place], color=PALE, linewidth=5)
        axis.plot([start, later], [place, place], color=BLUE, linewidth=5)
    named = zip(dates, days, strict=True)
    names_above(axis, [f"{_in_words(day)}: {name}" for name, day in named])
    axis.set_ylim(len(dates) + 0.1, -0.8)
    bottom = len(dates) - 0.15
    axis.plot(now, bottom, "v", color=BLUE, markersize=7)
    note(axis, f"this lesson, {_in_words(written)}  ", (now, bottom), BLUE, "right")
    axis.set(xlim=(min(starts) - 0.05, end), xticks=range(2025, int(end) + 1))
    axis.xaxis.set_major_formatter("{x:.0f}")
    return figure


def _in_words(day: date) -> str:
    return f"{day.day} {month_name[day.month]} {day.year}"


def _year(day: date) -> float:
    """Such as 2025.5 for the middle of 2025."""
    return day.year + (day.timetuple().tm_yday - 1) / 365
