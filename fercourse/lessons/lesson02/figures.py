"""Figures of lesson 02."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from fercourse.plots.figures import (
    EMOTION_COLOURS,
    MAP_COLOURS,
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
    size = side * columns, (side + 0.22) * len(activations)
    figure, axes = new_figure(columns, len(activations), *size)
    rows = np.reshape(axes, (-1, columns))
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
    figure, axis = new_figure(width=5.6, height=0.8 + ROW_HEIGHT * len(values))
    named_bars(axis, values, EMOTION_COLOURS["surprise"])
    top: Options = {"xycoords": ("data", "axes fraction"), "level": "bottom"}
    for name, value in (baselines or {}).items():
        axis.axvline(value, color="black", linestyle=":")
        note(axis, name, (value, 1), across="center", **top)
    axis.set_xlabel(label)
    return figure
