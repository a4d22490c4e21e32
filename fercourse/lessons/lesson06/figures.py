"""Figures of lesson 06."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from fercourse.plots.figures import (
    BLUE,
    GREY,
    MAP_COLOURS,
    PALE,
    interval_rows,
    named_lines,
    new_figure,
    show_face,
)


def map_row(
    face: np.ndarray,
    maps: Mapping[str, np.ndarray],
    evidence: np.ndarray | None = None,
    side: float = 1.25,
) -> Figure:
    """A face, and next to it the same face under each map, scaled to its maximum.

    Args:
        face: shape (48, 48), grey 0–255.
        maps: by name, float of 0 or more, shape (48, 48) or that of a coarse grid.
        evidence: bool, shape (48, 48); outlined on the face itself.
        side: of one face, in inches.
    """
    count = len(maps) + 1
    figure, axes = new_figure(count, 1, side * count + 0.6, side + 0.3)
    axes = np.atleast_1d(axes)
    show_face(axes[0], face)
    axes[0].set_title("face" if evidence is None else "evidence", fontsize=8, pad=3)
    if evidence is not None and evidence.any():
        for colour, width in (("black", 1.8), ("white", 0.9)):
            axes[0].contour(evidence, levels=[0.5], colors=colour, linewidths=width)
    for axis, (name, map_) in zip(axes[1:], maps.items(), strict=True):
        show_face(axis, face, map_ / max(map_.max(), 1e-9))
        axis.set_title(name, fontsize=8, pad=3)
    bar = figure.colorbar(ScalarMappable(cmap=MAP_COLOURS), ax=axes[-1], fraction=0.05)
    bar.set_ticks([0, 1], labels=["0", "maximum"], fontsize=7)
    return figure


def gain_intervals(rows: Mapping[str, Mapping[str, Any]]) -> Figure:
    """For each row of the stored table, how much a face's own map gains over others'.

    Two panels: hits of the pointing game and shares on the evidence, in points.
    """
    figure, axes = new_figure(2, 1, 7.4, 0.9 + 0.25 * len(rows))
    measures = {"pointing": "hits", "share": "share on evidence"}
    for axis, (measure, words) in zip(axes, measures.items(), strict=True):
        axis.axvline(0, color=PALE, linewidth=1)
        gains = {name: row[f"{measure}_gain"] for name, row in rows.items()}
        interval_rows(axis, gains, GREY, BLUE)
        axis.set_xlabel(f"{words}, own minus others' (points)")
    axes[1].set_yticklabels([])
    return figure


def randomisation_lines(
    correlations: Mapping[str, Sequence[float]], parts: Sequence[str]
) -> Figure:
    """How similar maps stay to the network's while more and more of it is random."""
    figure, axis = new_figure(width=6.4, height=2.8)
    named_lines(axis, correlations)
    axis.axhline(0, color=PALE, linewidth=1)
    axis.set_xticks(np.arange(1, len(parts) + 1), parts)
    axis.set(xlabel="randomised from the top down to", ylabel="rank correlation")
    axis.set_ylim(-0.4, 1.08)
    return figure
