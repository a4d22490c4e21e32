"""Figures of lesson 02."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from fercourse.plots.figures import (
    BLUE,
    EMOTION_COLOURS,
    INK,
    MAP_COLOURS,
    ORANGE,
    ROW_HEIGHT,
    Options,
    named_bars,
    new_figure,
    note,
)


def activation_grid(
    activations: Mapping[str, np.ndarray], columns: int = 6, side: float = 1.0
) -> Figure:
    """The channels of each layer that vary most over one face, one row for each layer.

    Args:
        activations: for each name, float, shape (height, width, channels); every map is
            shown from its own lowest (dark) to its own highest value (light).
        columns: channels shown of a layer.
        side: of one map, in inches.
    """
    size = side * columns + 0.9, (side + 0.22) * len(activations)
    figure, axes = new_figure(columns, len(activations), *size)
    rows = np.reshape(axes, (-1, columns))
    scale = ScalarMappable(Normalize(), MAP_COLOURS)
    bar = figure.colorbar(scale, ax=rows, shrink=0.5, aspect=30, ticks=[0, 1])
    bar.set_ticklabels(["lowest\nof the map", "highest"], fontsize=8)
    for row, (name, maps) in zip(rows, activations.items(), strict=True):
        maps = maps.astype("float32")
        # Channels by their spread over the grid, the most varied first.
        liveliest = maps.std(axis=(0, 1)).argsort(kind="stable")[::-1]
        for axis, channel in zip(row, liveliest, strict=False):
            channel_map = maps[..., channel]
            axis.imshow(channel_map, cmap=MAP_COLOURS, interpolation="nearest")
            axis.axis("off")
        title = f"{name}: {maps.shape[0]} × {maps.shape[1]}"
        row[0].set_title(title, fontsize=8, pad=2, loc="left")
    return figure


def network_drawing(table: Sequence[tuple[str, tuple[int, ...], int]]) -> Figure:
    """VGG19 from left to right: a bar for each layer, pools and dense layers in orange.

    `table` is Table II. A bar is as tall as the layer's grid, on a scale of square
    roots, and as wide as its channels. The second row begins with block 5.
    """
    figure, axes = new_figure(1, 2, width=4.4, height=2.9)
    axes[0].get_gridspec().set_height_ratios([40, 13])
    axis, left = axes[0], 0.0
    layers = [row for row in table if row[0] not in ("input_1", "flatten")]
    for block, rows in groupby(layers, lambda row: row[0].partition("_")[0]):
        if block == "block5":
            axis, left = axes[1], 0.0
        start, shapes = left, []
        for name, shape, _ in rows:
            grid, width = (shape[0], shape[-1] / 512) if len(shape) == 3 else (1, 1.1)
            half, colour = grid**0.5, BLUE if "conv" in name else ORANGE
            axis.bar(left, 2 * half, 0.6 + width, -half, align="edge", color=colour)
            left += 0.7 + width
            head = " × ".join(map(str, shape[:-1])) + "\n× " if len(shape) == 3 else ""
            shapes.append(f"{head}{shape[-1]:,}")
        middle = ((start + left) / 2, 16 if axis is axes[0] else 4)
        note(axis, f"{block}\n{shapes[0]}", middle, INK, "center", "bottom")
        left += 2
    for axis, limits in zip(axes, [(-16, 24), (-4, 9)], strict=True):
        axis.set(xlim=(-0.5, 26), ylim=limits)
        axis.axis("off")
    return figure


def value_bars(
    values: Mapping[str, float],
    label: str,
    baselines: Mapping[str, float] | None = None,
) -> Figure:
    """One horizontal bar for each name, and dotted lines for what to compare with.

    Args:
        values: for each name, a number of at least 0.
        label: of the horizontal axis.
        baselines: for each name, a value at which a line is drawn.
    """
    figure, axis = new_figure(width=4.6, height=0.8 + ROW_HEIGHT * len(values))
    named_bars(axis, values, EMOTION_COLOURS["surprise"])
    top: Options = {"xycoords": ("data", "axes fraction"), "level": "bottom"}
    for name, value in (baselines or {}).items():
        axis.axvline(value, color="black", linestyle=":")
        note(axis, name, (value, 1), across="center", **top)
    axis.set_xlabel(label)
    return figure
