"""Figures of lesson 02."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from fercourse.plots.figures import MAP_COLOURS, new_figure


def activation_grid(
    activations: Mapping[str, np.ndarray], columns: int = 6, side: float = 1.0
) -> Figure:
    """The channels of each layer that vary most over one face, one row for each layer, without smoothing.

    Args:
        activations: for each name, float, shape (height, width, channels); every map is shown from its
            own lowest (dark) to its own highest value (light).
        columns: channels shown of a layer.
        side: of one map, in inches.
    """
    figure, axes = new_figure(
        columns, len(activations), side * columns, (side + 0.22) * len(activations)
    )
    for row, (name, maps) in zip(
        np.reshape(axes, (-1, columns)), activations.items(), strict=True
    ):
        liveliest = maps.astype("float32").std(axis=(0, 1)).argsort(kind="stable")[::-1]
        for axis, channel in zip(row, liveliest, strict=False):
            axis.imshow(
                maps[..., channel].astype("float32"),
                cmap=MAP_COLOURS,
                interpolation="nearest",
            )
            axis.axis("off")
        row[0].set_title(
            f"{name}: {maps.shape[0]} × {maps.shape[1]}", fontsize=8, pad=2, loc="left"
        )
    return figure


def value_bars(
    values: Mapping[str, float],
    label: str,
    baselines: Mapping[str, float] | None = None,
) -> Figure:
    """One horizontal bar for each name, its value beside it, and dotted lines for what to compare with.

    Args:
        values: for each name, a number of at least 0.
        label: of the horizontal axis.
        baselines: for each name, a value at which a line is drawn.
    """
    figure, axis = new_figure(width=5.6, height=0.8 + 0.28 * len(values))
    places = np.arange(len(values))
    axis.barh(places, list(values.values()), color="#56B4E9")
    for place, value in zip(places, values.values(), strict=True):
        axis.text(value, place, f" {value:,.0f}", va="center", fontsize=8)
    for name, value in (baselines or {}).items():
        axis.axvline(value, color="black", linestyle=":")
        axis.text(value, -0.6, f" {name}", fontsize=8, va="bottom", ha="center")
    axis.set_yticks(places, list(values))
    axis.invert_yaxis()
    axis.margins(x=0.12)
    axis.set_xlabel(label)
    return figure
