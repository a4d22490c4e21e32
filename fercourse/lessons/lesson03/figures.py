"""Figures of lesson 03."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from fercourse.plots.figures import new_figure, show_face


def evidence_grid(
    images: np.ndarray,
    evidence: np.ndarray,
    maps: np.ndarray,
    titles: Sequence[str],
    side: float = 1.0,
) -> Figure:
    """Practice faces with their evidence outlined, and below them the same under their attention maps.

    Args:
        images: shape (N, 48, 48), grey 0–255.
        evidence: bool, shape (N, 48, 48), see `fercourse.data.practice.PracticeFaces`.
        maps: float in [0, 1], shape (N, height, width); drawn without smoothing, cell by cell.
        titles: one for each face.
        side: of one face, in inches.
    """
    figure, axes = new_figure(len(images), 2, side * len(images), 2 * side + 0.3)
    for column, (image, where, attention_map) in enumerate(
        zip(images, evidence, maps, strict=True)
    ):
        for axis, shown in zip(
            axes.reshape(2, -1)[:, column], (None, attention_map), strict=True
        ):
            show_face(axis, image, shown)
            if where.any():
                axis.contour(where, levels=[0.5], colors="black", linewidths=1.6)
                axis.contour(where, levels=[0.5], colors="white", linewidths=0.8)
        axes.reshape(2, -1)[0, column].set_title(titles[column], fontsize=8, pad=2)
    return figure


def seed_lines(
    accuracies: Mapping[str, Sequence[float]], label: str = "accuracy (%)"
) -> Figure:
    """One line for each seed from system to system, with the mean of each system as a grey bar.

    Args:
        accuracies: for each system, one number a seed, in the same order.
        label: of the vertical axis.
    """
    figure, axis = new_figure(width=4.6, height=2.8)
    places = np.arange(len(accuracies))
    seeds = list(enumerate(zip(*accuracies.values(), strict=True)))
    space, height = 0.07 * np.ptp(list(accuracies.values())), -np.inf
    for seed, values in sorted(seeds, key=lambda pair: pair[1][-1]):
        axis.plot(
            places,
            values,
            ("o-", "s--", "^-.", "D:")[seed % 4],
            color="0.35",
            linewidth=1,
        )
        height = max(values[-1], height + space)  # names of close ends are moved apart
        axis.annotate(
            f"seed {seed}", (places[-1] + 0.16, height), va="center", fontsize=8
        )
    means = [float(np.mean(values)) for values in accuracies.values()]
    axis.hlines(
        means, places - 0.14, places + 0.14, color="0.75", linewidth=4, zorder=0
    )
    axis.annotate(
        "mean ", (-0.14, means[0]), ha="right", va="center", color="0.4", fontsize=8
    )
    axis.set_xticks(places, accuracies)
    axis.set_ylabel(label)
    axis.margins(x=0.3, y=0.15)
    return figure
