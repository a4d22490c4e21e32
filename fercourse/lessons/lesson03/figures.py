"""Figures of lesson 03."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from fercourse.plots.figures import (
    GREY,
    HIGHLIGHT,
    INK,
    MAP_COLOURS,
    ORANGE,
    PALE,
    Options,
    interval_rows,
    named_lines,
    new_figure,
    note,
    show_face,
)

_USES = {
    "append (this paper)": "H × W × (C + 1)",
    "multiply (CBAM)": "features × map",
    "add": "features × (1 + map)",
}


def attention_block() -> Figure:
    """The attention block as a diagram, from the features to three uses of its map.

    The cells are computed from random features, with the filter "maximum − mean".
    """
    features = np.random.default_rng(4).gamma(1.0, 1.0, (4, 5, 5))  # channels first
    mean, maximum = features.mean(axis=0), features.max(axis=0)
    map_ = 1 / (1 + np.exp(mean - maximum + 1.5))
    figure, axis = new_figure(width=4.3, height=3.0)
    axis.set(xlim=(0, 12.6), ylim=(-2.7, 5.8), aspect="equal")
    axis.axis("off")
    _grids(axis, (0.2, 2.4), features, "features\nH × W × C", 1.7)
    _grids(axis, (3.7, 4.5), [mean], "mean\nover channels")
    _grids(axis, (3.7, 2.1), [maximum], "maximum\nover channels")
    _grids(axis, (6.4, 2.9), [maximum, mean], "stacked\nH × W × 2")
    _grids(axis, (10.5, 3.0), [map_], "attention map\nH × W × 1", top=1)
    for level, end in ((5.1, 4.0), (2.7, 3.2)):
        _arrow(axis, (2.8, 3.6), (3.6, level))
        _arrow(axis, (5.0, level), (6.3, end))
    _arrow(axis, (8.0, 3.6), (10.4, 3.6))
    note(axis, "7 × 7\nconvolution", (9.2, 3.7), across="center", level="bottom")
    note(axis, "sigmoid", (9.2, 3.5), across="center", level="top")
    _arrow(axis, (1.4, 1.0), (1.4, 0.0))
    note(axis, "the features themselves", (1.6, 0.5))
    _arrow(axis, (11.1, 1.5), (11.1, 0.0))
    axis.fill([0.1, 12.5, 12.5, 0.1], [-2.6, -2.6, -0.1, -0.1], color=HIGHLIGHT)
    for level, (use, result) in zip((-0.6, -1.35, -2.1), _USES.items(), strict=True):
        note(axis, use, (0.5, level))
        note(axis, result, (6.4, level))
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


def face_and_stacks(image: np.ndarray, stacks: Mapping[str, np.ndarray]) -> Figure:
    """A face, and next to it each stack on its grid, with its own colour bar.

    `image` has shape (48, 48), a stack shape (height, width).
    """
    columns = len(stacks) + 1
    figure, axes = new_figure(columns, width=1.9 * columns, height=1.8)
    show_face(axes[0], image)
    axes[0].set_title("the face")
    for axis, (name, stack) in zip(axes[1:], stacks.items(), strict=True):
        drawn = axis.imshow(stack, cmap=MAP_COLOURS, vmin=0)
        axis.set_title(name)
        axis.axis("off")
        figure.colorbar(drawn, ax=axis, shrink=0.85)
    return figure


def faces_and_maps(
    images: np.ndarray,
    maps: np.ndarray,
    titles: Sequence[str],
    evidence: np.ndarray | None = None,
) -> Figure:
    """Faces, below them the same faces under their maps, and a colour bar.

    Args:
        images: shape (N, 48, 48), grey 0–255.
        maps: float in [0, 1], shape (N, height, width); drawn without smoothing.
        titles: one for each face.
        evidence: bool, shape (N, 48, 48), as in `PracticeFaces`; outlined in white.
    """
    figure, axes = new_figure(len(images), 2, 1.1 * len(images) + 0.6, 2.5)
    axes = np.reshape(axes, (2, -1))
    for column, (image, map_) in enumerate(zip(images, maps, strict=True)):
        for axis, shown in zip(axes[:, column], (None, map_), strict=True):
            show_face(axis, image, shown)
            if evidence is not None and evidence[column].any():
                # White on black can be seen on every grey.
                where = evidence[column]
                axis.contour(where, levels=[0.5], colors="black", linewidths=1.6)
                axis.contour(where, levels=[0.5], colors="white", linewidths=0.8)
        axes[0, column].set_title(titles[column], fontsize=8, pad=2)
    colours = ScalarMappable(Normalize(0, 1), MAP_COLOURS)
    figure.colorbar(colours, ax=axes, label="map", aspect=30)
    return figure


def own_against_others(
    means: Mapping[str, tuple[float, float]],
    differences: Mapping[str, tuple[float, float, float]],
    chance: float,
    widest: float = 1.0,
) -> Figure:
    """Shares on the evidence: own and other faces' maps, and how far they differ.

    Args:
        means: for each kind of map, the mean share of own and of others' maps, 0 to 1.
        differences: mean and ends of its interval, in percentage points.
        chance: the share of a uniform map.
        widest: difference up to which the lower part is drawn, in percentage points.
    """
    height = 2 * (0.7 + 0.3 * len(means))
    figure, (shares, gaps) = new_figure(1, 2, width=4.4, height=height)
    own, others = 100 * np.array([*means.values()]).T
    rows = np.arange(len(means))
    shares.axvline(100 * chance, color=GREY, linestyle=":")
    note(shares, " uniform map", (100 * chance, -0.75), GREY, annotation_clip=False)
    shares.plot(
        others, rows, "o", color=GREY, markersize=8, label="maps of other faces"
    )
    shares.plot(own, rows, "D", color=ORANGE, markersize=4, label="the face's own map")
    shares.set_yticks(rows, list(means))
    shares.set_ylim(len(means) - 0.4, -1.0)
    shares.set_xlabel("mean share on the evidence (%)")
    shares.legend(loc="lower right", frameon=False)
    shown = {name: row for name, row in differences.items() if abs(row[0]) <= widest}
    interval_rows(gaps, {name: shown.get(name, [np.nan] * 3) for name in differences})
    gaps.axvline(0, color=GREY, linestyle=":")
    gaps.set(xlim=(-widest, widest), xlabel="own − others (points), 95 % interval")
    gaps.set_xticks(np.linspace(-widest, widest, 5))
    for row, (mean, low, high) in enumerate(differences.values()):
        text = f"{low:z.2f} to {high:z.2f}".replace("-", "−")
        text += " →" if mean > widest else ""
        note(gaps, text, (widest, row), across="right")
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
