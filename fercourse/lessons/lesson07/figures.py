"""Figures of lesson 07: what a confidence is worth, and whose opinion a label is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
import seaborn
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from fercourse.data.faces import EMOTIONS
from fercourse.plots.figures import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    Options,
    Shown,
    named_bars,
    new_figure,
    note,
)
from fercourse.results.statistics import CalibrationCurve, wilson_interval

FEWEST = 30
"""Faces in a bin that a curve of calibration shows."""


def reliability_plot(
    curves: Mapping[str, CalibrationCurve],
    title: str = "",
    before: Sequence[CalibrationCurve] = (),
) -> Shown:
    """How often each model is right by how confident it is; dotted: as it should be.

    There are three curves at most; the vertical lines are 95 % intervals, and bins of
    fewer than `FEWEST` faces are left out. `title` names the faces. The curves of
    `before`, one for each, are pale.
    """
    figure, axis = new_figure(width=4.4, height=3.7 + 0.32 * len(curves))
    axis.plot([0, 100], [0, 100], ":", color="black")
    looks = ((BLUE, "o-"), (ORANGE, "s-"), (GREEN, "D-"))
    for curve, (colour, form) in zip(before, looks, strict=False):
        axis.plot(*_points(curve), form, color=colour, markersize=4, alpha=0.3)
    words = dict(zip_longest(curves, before[: len(curves)]))
    words = {name: _error_in_words(curves[name], old) for name, old in words.items()}
    for (name, curve), look in zip(curves.items(), looks, strict=False):
        _draw_curve(axis, curve, f"{name}:\n{words[name]}", *look)
    inside: Options = {"xycoords": "axes fraction"}
    note(axis, "too modest", (0.03, 0.95), GREY, **inside)
    note(axis, "too sure", (0.97, 0.05), GREY, "right", **inside)
    legend_outside(axis, (-0.04, 1), loc="lower left")
    axis.set(xlim=(0, 100), ylim=(0, 100))
    figure.suptitle(title, fontsize=10, x=0.02, ha="left")
    axis.set(xlabel="confidence (%)", ylabel="right answers (%)")
    errors = [f"{name}, {error}" for name, error in words.items()]
    return figure, f"Right answers against confidence: {'; '.join(errors)}."


def _points(curve: CalibrationCurve) -> tuple[np.ndarray, np.ndarray]:
    """Mean confidence and right answers, in percent, of the bins that are drawn."""
    drawn = curve.count >= FEWEST
    return curve.confidence[drawn], curve.accuracy[drawn]


def _draw_curve(
    axis: Axes, curve: CalibrationCurve, label: str, colour: str, form: str
) -> None:
    """One curve of `reliability_plot` with intervals."""
    confident, right = _points(curve)
    ends = _intervals(right, curve.count[curve.count >= FEWEST])
    axis.vlines(confident, *ends, color=colour, alpha=0.35)
    # Dots at 100 % are drawn whole.
    look: Options = {"color": colour, "markersize": 5, "clip_on": False}
    axis.plot(confident, right, form, label=label, **look)


def legend_outside(axis: Axes, corner: tuple[float, float], **options: Any) -> None:
    """A legend without a frame whose corner, named by `loc`, is outside the axes."""
    axis.legend(bbox_to_anchor=corner, fontsize=9, frameon=False, **options)


def _error_in_words(
    curve: CalibrationCurve, before: CalibrationCurve | None = None
) -> str:
    fallen = f"{before.error:.1f} \N{RIGHTWARDS ARROW} " if before else ""
    by_chance = f"(by chance: {curve.error_by_chance:.1f})"
    return f"calibration error {fallen}{curve.error:.1f} points {by_chance}"


def vote_bars(most: np.ndarray) -> Shown:
    """How often the commonest answer got ten votes, nine, …; `most` counts 1, 2, …."""
    figure, axis = new_figure(width=4.4, height=3.1)
    shares = 100 * most / most.sum()
    named = {f"{votes} of {len(most)}": shares[votes - 1] for votes in range(10, 1, -1)}
    named_bars(axis, named, form="{:.0f} %")
    for text in axis.texts:
        if text.get_text() == "0 %":
            text.set_text("< 1 %")
    axis.set_xlabel("share of PrivateTest faces (%)")
    axis.set_ylabel("votes for the commonest answer")
    alt = (
        f"Bars: all ten voters agree on {shares[9]:.0f} percent of the faces; on "
        f"{shares[:5].sum():.0f} percent, at most five do."
    )
    return figure, alt


def opinion_table(table: np.ndarray) -> Shown:
    """What voters say about the faces of each answer, in percent of a row's votes.

    `table`, shape (7, 10), counts votes for the seven emotions and three other answers.
    """
    shares = 100 * table / table.sum(axis=1, keepdims=True)
    figure, axis = new_figure(width=5.4, height=3.5)
    names = [*EMOTIONS, "contempt", "unknown", "no face"]
    look: Options = {"cmap": "Blues", "vmin": 0, "vmax": 100, "cbar": False}
    numbers: Options = {"annot": True, "fmt": ".0f", "annot_kws": {"fontsize": 8}}
    labels: Options = {"xticklabels": names, "yticklabels": EMOTIONS}
    seaborn.heatmap(shares, ax=axis, **look, **numbers, **labels)
    axis.set_xticks(axis.get_xticks(), names, rotation=45, ha="right")
    for place in range(len(EMOTIONS)):
        look = {"fill": False, "edgecolor": ORANGE, "linewidth": 1.5}
        axis.add_patch(Rectangle((place, place), 1, 1, **look))
    axis.set_xlabel("voters\u2019 answers (% of the row\u2019s votes)")
    axis.set_ylabel("network\u2019s answer")
    said = [
        f"{emotion}: {row[place]:.0f} % {emotion}"
        for place, (emotion, row) in enumerate(zip(EMOTIONS, shares, strict=True))
    ]
    return figure, f"Votes by the network\u2019s answer. {'; '.join(said)}."


def change_plots(curves: Mapping[str, np.ndarray], count: int) -> Shown:
    """Right answers and mean confidence by the strength of each change.

    Each curve has rows of strength, right answers of `count` faces, with an interval,
    and confidence, all in percent. Between the lines it is orange where the confidence
    is higher.
    """
    rows = -(-len(curves) // 2)
    figure, axes = new_figure(2, rows, width=5.6, height=0.5 + 1.8 * rows)
    limits = _limits(np.concatenate(list(curves.values()))[:, 1:], count)
    for axis, (name, curve) in zip(axes.flat, curves.items(), strict=True):
        _draw_change(axis, np.array(curve, float), count)
        axis.set(xlabel=name, ylim=limits)
        axis.yaxis.set_major_formatter("{x:g}\N{NO-BREAK SPACE}%")
    handles, labels = axes.flat[0].get_legend_handles_labels()
    look: Options = {"fontsize": 9, "frameon": False, "columnspacing": 1.2}
    figure.legend(handles, labels, loc="outside upper left", ncols=3, **look)
    ends = [
        f"{name} {curve[-1][1]:.0f} % right, {curve[-1][2]:.0f} % confident"
        for name, curve in curves.items()
    ]
    words = "Right answers and confidence by the strength of each change."
    return figure, f"{words} At the strongest: {'; '.join(ends)}."


def _intervals(right: np.ndarray, count: int | np.ndarray) -> np.ndarray:
    """Low and high ends of the intervals of shares of so many faces, in percent."""
    correct = np.rint(right * count / 100).astype(int)
    counts = np.broadcast_to(count, correct.shape)
    pairs = zip(correct.tolist(), counts.tolist(), strict=True)
    return np.transpose([wilson_interval(*pair) for pair in pairs])


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
