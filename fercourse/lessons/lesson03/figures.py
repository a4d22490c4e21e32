"""Figures of lesson 03."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fercourse.plots.figures import (
    GREY,
    HIGHLIGHT,
    INK,
    MAP_COLOURS,
    PALE,
    Options,
    named_lines,
    new_figure,
    note,
    show_face,
)

_USES = ("append (this paper)\nH × W × (C + 1)", "multiply (CBAM)\nfeatures × map",
    "add (residual)\nfeatures × (1 + map)")  # fmt: skip


def attention_block() -> Figure:
    """The attention block as a diagram, from the features to three uses of its map.

    The cells are computed from random features, with the filter "maximum − mean".
    """
    features = np.random.default_rng(4).gamma(1.0, 1.0, (4, 5, 5))  # channels first
    mean, maximum = features.mean(axis=0), features.max(axis=0)
    map_ = 1 / (1 + np.exp(mean - maximum + 1.5))
    figure, axis = new_figure(width=7.3, height=2.7)
    axis.set(xlim=(0, 14.6), ylim=(0.4, 5.8), aspect="equal")
    axis.axis("off")
    _grids(axis, (0.2, 2.4), features, "features\nH × W × C", 1.7)
    _grids(axis, (3.8, 4.4), [mean], "mean\nover channels")
    _grids(axis, (3.8, 2.2), [maximum], "maximum\nover channels")
    _grids(axis, (6.6, 2.9), [maximum, mean], "stacked\nH × W × 2")
    _grids(axis, (9.7, 3.0), [map_], "attention map\nH × W × 1", top=1)
    for level, end in ((5.0, 4.0), (2.8, 3.2)):
        _arrow(axis, (2.8, 3.6), (3.7, level))
        _arrow(axis, (5.1, level), (6.5, end))
    _arrow(axis, (8.2, 3.6), (9.6, 3.6))
    note(axis, "7 × 7\nconvolution", (8.9, 3.7), across="center", level="bottom")
    note(axis, "sigmoid", (8.9, 3.5), across="center", level="top")
    axis.plot([1.1, 1.1, 13], [1.4, 0.6, 0.6], color=INK, linewidth=1)
    note(axis, "the features themselves", (8.2, 0.7), across="center", level="bottom")
    _arrow(axis, (13, 0.6), (13, 1.5))
    _arrow(axis, (11, 3.6), (11.4, 3.6))
    axis.fill([11.5, 14.5, 14.5, 11.5], [1.6, 1.6, 5.6, 5.6], color=HIGHLIGHT)
    for text, level in zip(_USES, (4.9, 3.6, 2.3), strict=True):
        note(axis, text, (11.7, level))
    return figure


def _grids(
    axis: Axes,
    corner: tuple[float, float],
    layers: Sequence[np.ndarray] | np.ndarray,
    label: str,
    side: float = 1.2,
    top: float = 4,
) -> None:
    """Grids of cells in a stack, the first at the back, with a label below.

    Args:
        axis: to draw on.
        corner: lower left of the grid in front.
        layers: each of shape (height, width).
        label: what they are.
        side: of one grid.
        top: the value that gets the brightest colour.
    """
    for depth, layer in zip(range(len(layers) - 1, -1, -1), layers, strict=True):
        x, y = np.add(corner, 0.22 * depth)
        edges = np.linspace(0, side, len(layer) + 1)
        look: Options = {"cmap": MAP_COLOURS, "vmin": 0, "vmax": top}
        axis.pcolormesh(x + edges, y + edges, layer, edgecolors="white", **look)
    middle = corner[0] + side / 2 + 0.11 * (len(layers) - 1)
    note(axis, label, (middle, corner[1] - 0.1), across="center", level="top")


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axis.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": INK})


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
