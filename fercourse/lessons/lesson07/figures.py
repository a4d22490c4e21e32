"""Figures of lesson 07: what a confidence is worth, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fercourse.plots.figures import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    ROW_HEIGHT,
    Options,
    face_grid,
    named_bars,
    new_figure,
    note,
    show_face,
)
from fercourse.results.audit import GroupErrors
from fercourse.results.comparisons import ALPHA
from fercourse.results.statistics import CalibrationCurve, wilson_interval


def reliability_plot(
    curves: Mapping[str, CalibrationCurve], skip: int = 0, title: str = ""
) -> tuple[Figure, str]:
    """How often each model is right by how confident it is; dotted: as it should be.

    There are three curves at most; the pale lines are 95 % intervals. The first `skip`
    colours are left to other models; `title` names the faces. Also returns an
    alternative text.
    """
    figure, axis = new_figure(width=4.4, height=3.7 + 0.32 * len(curves))
    axis.plot([0, 100], [0, 100], ":", color="black")
    looks = ((BLUE, "o-"), (ORANGE, "s-"), (GREEN, "D-"))[skip:]
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
    legend_outside(axis, (-0.04, 1), loc="lower left")
    axis.set(xlim=(0, 100), ylim=(0, 100))
    figure.suptitle(title, fontsize=10, x=0.02, ha="left")
    axis.set(xlabel="confidence (%)", ylabel="right answers (%)")
    errors = [f"{name}, {_error_in_words(curve)}" for name, curve in curves.items()]
    return figure, f"Right answers against confidence: {'; '.join(errors)}."


def legend_outside(axis: Axes, corner: tuple[float, float], **options: Any) -> None:
    """A legend without a frame whose corner, named by `loc`, is outside the axes."""
    axis.legend(bbox_to_anchor=corner, fontsize=9, frameon=False, **options)


def _error_in_words(curve: CalibrationCurve) -> str:
    by_chance = f"{curve.error_by_chance:.1f} by chance alone"
    return f"{curve.error:.1f} points of error, {by_chance}"


def vote_bars(most: np.ndarray) -> tuple[Figure, str]:
    """How often the commonest answer got ten votes, nine, …; `most` counts 1, 2, ….

    Also returns an alternative text.
    """
    figure, axis = new_figure(width=4.4, height=3.1)
    shares = 100 * most / most.sum()
    named = {f"{votes} of {len(most)}": shares[votes - 1] for votes in range(10, 1, -1)}
    named_bars(axis, named, form="{:.0f} %")
    axis.set_xlabel("share of PrivateTest faces (%)")
    axis.set_ylabel("votes for the commonest answer")
    alt = (
        f"Bars: all ten voters agree on {shares[9]:.0f} percent of the faces; on "
        f"{shares[:5].sum():.0f} percent, at most five do."
    )
    return figure, alt


def change_plots(
    curves: Mapping[str, np.ndarray],
    count: int,
    faces: np.ndarray,
    titles: Sequence[str],
) -> tuple[Figure, str]:
    """Right answers and mean confidence by the strength of a change, one in a row.

    Each curve has rows of strength, right answers of `count` faces, with an interval,
    and confidence, all in percent; to its left is a face at its greatest strength, with
    a title. Between the lines it is orange where the confidence is higher. Also returns
    an alternative text.
    """
    rows = len(curves)
    figure, axes = new_figure(2, rows, width=4.6, height=0.8 + 1.5 * rows)
    axes[0, 0].get_gridspec().set_width_ratios((1.3, 2.6))
    limits = _limits(np.concatenate(list(curves.values()))[:, 1:], count)
    for pair, face, title, (name, curve) in zip(
        axes, faces, titles, curves.items(), strict=True
    ):
        show_face(pair[0], face)
        pair[0].set_title(title, fontsize=8, pad=3)
        _draw_change(pair[1], np.array(curve, float), count)
        pair[1].set(xlabel=name, ylabel="percent", ylim=limits)
    handles, labels = axes[0, 1].get_legend_handles_labels()
    look: Options = {"fontsize": 8, "frameon": False, "columnspacing": 1.2}
    figure.legend(handles, labels, loc="outside upper left", ncols=3, **look)
    ends = [
        f"{name} {curve[-1][1]:.0f} % right, {curve[-1][2]:.0f} % confident"
        for name, curve in curves.items()
    ]
    words = "Right answers and confidence by the strength of each change."
    return figure, f"{words} At the strongest: {'; '.join(ends)}."


def _intervals(right: np.ndarray, count: int) -> np.ndarray:
    """Low and high ends of the intervals of shares of `count` faces, in percent."""
    correct = np.rint(right * count / 100).astype(int).tolist()
    return np.transpose([wilson_interval(one, count) for one in correct])


def _limits(shares: np.ndarray, count: int) -> tuple[float, float]:
    """Multiples of 5 around all right answers, with intervals, and confidences."""
    right, confident = shares.T
    shown = np.concatenate([_intervals(right, count).ravel(), confident])
    return 5 * np.floor(shown.min() / 5), 5 * np.ceil(shown.max() / 5)


def _draw_change(axis: Axes, curve: np.ndarray, count: int) -> None:
    """One curve of `change_plots`."""
    strength, right, confident = curve.T
    ends = _intervals(right, count)
    axis.plot(strength, right, "o-", color=BLUE, markersize=3, label="right answers")
    axis.vlines(strength, *ends, color=BLUE, linewidth=2.5, label="95 % interval")
    look: Options = {"color": ORANGE, "markersize": 3, "label": "mean confidence"}
    axis.plot(strength, confident, "s--", **look)
    too_sure: Options = {"where": right < confident, "interpolate": True}
    area: Options = {"color": ORANGE, "alpha": 0.2, "linewidth": 0}
    axis.fill_between(strength, right, confident, **too_sure, **area)
    axis.set(yticks=np.arange(0, 101, 20), xticks=strength)
    axis.xaxis.set_major_formatter("{x:g}")
    if strength[0] > strength[-1]:  # the stronger change is always on the right
        axis.invert_xaxis()


def group_examples(
    faces: np.ndarray, groups: Mapping[str, np.ndarray]
) -> tuple[Figure, str]:
    """From each group the first face that is in the fewest others, and in words."""
    belongs = np.array(list(groups.values()))
    example = np.where(belongs, belongs.sum(axis=0), len(groups)).argmin(axis=1)
    shown = faces[example] // 8 * 8  # 32 greys look alike, in half as large a file
    figure = face_grid(shown, list(groups), columns=5, side=0.8)
    return figure, f"A face from each group: {', '.join(groups)}."


def group_gaps(
    audits: Mapping[str, Mapping[str, GroupErrors]],
) -> tuple[Figure, str]:
    """One row for each group: its error minus that of all other faces, with interval.

    One or two audits of the same groups; the first one's largest gap comes first. A
    marker is filled where Holm's correction leaves p below 0.05. Also returns an
    alternative text, about the last audit.
    """
    first = next(iter(audits.values()))
    names = sorted(first, key=lambda name: -first[name].gap)
    height = 1.3 + (0.6 + 0.5 * len(audits)) * ROW_HEIGHT * len(names)
    figure, axis = new_figure(width=4.6, height=height)
    axis.axvline(0, color=GREY, linewidth=1)
    looks = ((BLUE, "o"), (ORANGE, "s"))[: len(audits)]
    offsets = 0.3 * np.arange(len(audits)) - 0.15 * (len(audits) - 1)
    for (label, audit), look, offset in zip(
        audits.items(), looks, offsets, strict=True
    ):
        rows = np.arange(len(names)) + offset
        _draw_gaps(axis, rows, [audit[name] for name in names], label, *look)
    counts = {n: [str(one[n].count) for one in audits.values()] for n in names}
    labels = [f"{name} ({' / '.join(counts[name])})" for name in names]
    axis.set_yticks(range(len(names)), labels)
    axis.set_ylim(len(names) - 0.4, -0.9)
    note(axis, "fewer errors ", (0, -0.7), GREY, "right")
    note(axis, " more errors", (0, -0.7), GREY)
    axis.set_xlabel(
        "errors of the group\nminus errors of all others (points)\n"
        "filled: p < 0.05 after Holm\u2019s correction"
    )
    if len(audits) > 1:
        legend_outside(axis, (-0.02, 1), loc="lower left", ncols=2)
    *_, (label, last) = audits.items()
    gaps_in_words = [f"{name} {round(one.gap):+} points" for name, one in last.items()]
    alt = (
        f"Errors on a group minus errors on all other faces, {label}, with intervals: "
        f"{'; '.join(gaps_in_words)}. Significant after correction: "
        f"{', '.join(name for name in last if last[name].adjusted < ALPHA) or 'none'}."
    )
    return figure, alt


def _draw_gaps(
    axis: Axes,
    rows: np.ndarray,
    groups: Sequence[GroupErrors],
    label: str,
    colour: str,
    form: str,
) -> None:
    """A marker for each gap on its row, filled if significant, and its interval."""
    axis.hlines(rows, *np.transpose([one.gap_interval for one in groups]), color=colour)
    significant = np.array([one.adjusted < ALPHA for one in groups])
    gaps = np.array([one.gap for one in groups])
    look: Options = {"color": colour, "markersize": 6, "linestyle": "none"}
    axis.plot(gaps[significant], rows[significant], form, label=label, **look)
    look["markerfacecolor"] = "white"
    axis.plot(gaps[~significant], rows[~significant], form, **look)


def smallest_p(found: Mapping[str, GroupErrors], count: int = 3) -> list[list[str]]:
    """A table of the groups that differ most surely from the rest."""
    rows = [["group", "faces", "errors", "rest", "p", "Holm"]]
    for name in sorted(found, key=lambda name: found[name].p_value)[:count]:
        one = found[name]
        errors = [f"{one.error:.0f}", f"{one.rest_error:.0f}"]
        p_values = [f"{one.p_value:.3f}", f"{one.adjusted:.2f}"]
        rows.append([name, str(one.count), *errors, *p_values])
    return rows


def guessed_gaps(gaps: Mapping[str, Mapping[str, float]]) -> tuple[Figure, str]:
    """For each group, its gap under each of at most three kinds of guesses.

    `gaps` has, by kind, the points for each group. Also returns an alternative text.
    """
    groups = list(next(iter(gaps.values())))
    height = 1.1 + 0.22 * len(gaps) + 0.5 * len(groups)
    figure, axis = new_figure(width=4.4, height=height)
    axis.axvline(0, color=GREY, linewidth=1)
    looks = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "D"))
    offsets = 0.24 * np.arange(len(gaps)) - 0.12 * (len(gaps) - 1)
    rows = np.arange(len(groups))
    for (kind, points), (colour, form), offset in zip(
        gaps.items(), looks, offsets, strict=False
    ):
        values = [points[group] for group in groups]
        look: Options = {"color": colour, "markersize": 6, "label": kind}
        axis.plot(values, rows + offset, form, **look)
        for value, row in zip(values, rows + offset, strict=True):
            side = "left" if value >= 0 else "right"
            note(axis, f"   {round(value):+}   ", (value, row), colour, side)
    axis.set_yticks(rows, groups)
    axis.set_ylim(len(groups) - 0.5, -0.5)
    axis.margins(x=0.15)
    axis.set_xlabel(
        "gap: errors of the guessed group\nminus errors of the rest (points)"
    )
    legend_outside(axis, (-0.04, 1), loc="lower left")
    said = [
        f"{kind}: {', '.join(f'{name} {round(one):+}' for name, one in points.items())}"
        for kind, points in gaps.items()
    ]
    return figure, f"Gaps in points, by kind of guess. {'; '.join(said)}."
