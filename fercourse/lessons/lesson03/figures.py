"""Figures of lesson 03."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from fercourse.plots.figures import (
    GREY,
    PALE,
    Options,
    named_lines,
    new_figure,
    note,
    show_face,
)


def evidence_grid(
    images: np.ndarray,
    evidence: np.ndarray,
    maps: np.ndarray,
    titles: Sequence[str],
    side: float = 1.0,
) -> Figure:
    """Practice faces with their evidence outlined, and below them with their maps.

    Args:
        images: shape (N, 48, 48), grey 0–255.
        evidence: bool, shape (N, 48, 48), as in `PracticeFaces`.
        maps: float in [0, 1], shape (N, height, width); drawn without smoothing.
        titles: one for each face.
        side: of one face, in inches.
    """
    figure, axes = new_figure(len(images), 2, side * len(images), 2 * side + 0.3)
    axes = np.reshape(axes, (2, -1))
    for column, (image, where, map_) in enumerate(
        zip(images, evidence, maps, strict=True)
    ):
        for axis, shown in zip(axes[:, column], (None, map_), strict=True):
            show_face(axis, image, shown)
            if where.any():
                # White on black can be seen on every grey.
                axis.contour(where, levels=[0.5], colors="black", linewidths=1.6)
                axis.contour(where, levels=[0.5], colors="white", linewidths=0.8)
        axes[0, column].set_title(titles[column], fontsize=8, pad=2)
    return figure


def seed_lines(
    accuracies: Mapping[str, Sequence[float]], label: str = "accuracy (%)"
) -> Figure:
    """One line for each seed from system to system, and each system's mean in grey.

    Args:
        accuracies: for each system, one number a seed, in the same order.
        label: of the vertical axis.
    """
    figure, axis = new_figure(width=4.6, height=2.8)
    places = np.arange(1, len(accuracies) + 1)
    means = [float(np.mean(values)) for values in accuracies.values()]
    bars: Options = {"color": PALE, "linewidth": 4, "zorder": 0}
    axis.hlines(means, places - 0.14, places + 0.14, **bars)
    note(axis, "mean ", (places[0] - 0.14, means[0]), GREY, across="right")
    axis.margins(x=0.3, y=0.15)
    axis.set_ylabel(label)
    seeds = enumerate(zip(*accuracies.values(), strict=True))
    named_lines(axis, {f"seed {seed}": values for seed, values in seeds})
    axis.set_xticks(places, list(accuracies))
    return figure
