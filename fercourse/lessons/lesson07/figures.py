"""Figures of lesson 07: what a confidence is worth, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from fercourse.plots.figures import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    ROW_HEIGHT,
    interval_rows,
    name_ends,
    new_figure,
    note,
)
from fercourse.results.audit import GroupErrors
from fercourse.results.statistics import CalibrationCurve, wilson_interval


def reliability_plots(curves: Mapping[str, CalibrationCurve]) -> Figure:
    """How often each model is right by how confident it is; dotted: as it should be."""
    figure, axes = new_figure(1, len(curves), 3.6, 3.0 * len(curves))
    for axis, (name, curve) in zip(np.ravel(axes), curves.items(), strict=True):
        filled = curve.count > 0
        confident, right = curve.confidence[filled], curve.accuracy[filled]
        correct = np.rint(right * curve.count[filled] / 100).astype(int)
        bins = zip(correct, curve.count[filled], strict=True)
        ends = [wilson_interval(int(n), int(count)) for n, count in bins]
        axis.plot([0, 100], [0, 100], ":", color="black")
        axis.vlines(confident, *zip(*ends, strict=True), color=PALE)
        axis.plot(confident, right, "o-", color=BLUE, markersize=4)
        error = f"calibration error {curve.error:.1f} points"
        axis.set_title(f"{name}\n{error}", fontsize=9)
        axis.set(xlim=(0, 100), ylim=(0, 100))
        axis.set(xlabel="confidence (%)", ylabel="right answers (%)")
    return figure


def shift_plots(
    curves: Mapping[str, Sequence[tuple[float, float, float]]],
) -> Figure:
    """Right answers and mean confidence by the strength of a change, one plot for each.

    Each curve is a list of strength, right answers and confidence, both in percent; its
    name says in which unit the strength is.
    """
    columns = min(len(curves), 2)
    figure, axes = new_figure(columns, -(-len(curves) // columns), 4.8, 4.2)
    for axis, (name, curve) in zip(np.ravel(axes), curves.items(), strict=True):
        strength, right, confident = np.array(curve, float).T
        axis.plot(strength, confident, "s--", color=ORANGE, markersize=4)
        axis.plot(strength, right, "o-", color=BLUE, markersize=4)
        axis.set(ylim=(0, 100), xlabel=name, xticks=strength)
        if strength[0] > strength[-1]:  # the stronger change is always on the right
            axis.invert_xaxis()
    first = np.ravel(axes)[0]
    first.set_ylabel("faces (%)")
    note(first, "dashed: confidence", (0.04, 0.94), ORANGE, xycoords="axes fraction")
    note(first, "solid: right", (0.04, 0.85), BLUE, xycoords="axes fraction")
    return figure


def group_errors(found: Mapping[str, GroupErrors]) -> Figure:
    """One row for each group: its error with an interval, above that of the rest."""
    height = 0.9 + 1.3 * ROW_HEIGHT * len(found)
    figure, axis = new_figure(width=4.8, height=height)
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
    figure, axis = new_figure(width=4.8, height=2.8)
    ends = {}
    for name, (common, right) in curves.items():
        axis.plot(common, right, color=INK)
        ends[name] = (common[-1], right[-1])
    axis.axhline(50, linestyle=":", color=GREY)
    axis.set(ylim=(0, 100), xlabel="people who feel it (%)")
    note(axis, "half", (axis.get_xlim()[1], 48), GREY, "right", "top")
    axis.set_ylabel("alarms that are right (%)")
    name_ends(axis, ends)
    return figure
