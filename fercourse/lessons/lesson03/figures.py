"""Figures of lesson 03."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize, to_rgba
from matplotlib.figure import Figure

from fercourse.lessons.lesson03.taken_apart import Block
from fercourse.plots.figures import (
    BLUE,
    GREY,
    HIGHLIGHT,
    INK,
    MAP_COLOURS,
    ORANGE,
    PALE,
    Options,
    interval_rows,
    name_ends,
    named_lines,
    new_figure,
    note,
    show_face,
)

Shown = tuple[Figure, str]
"""A figure and its alternative text."""
_CHANNELS = 4  # of all, in drawings of a stack
_STEPS = ListedColormap(colormaps[MAP_COLOURS](np.arange(0.05, 1, 0.1)))
"""Ten colours: a smooth bar breaks into uneven bands in a file of 256 colours."""


def attention_block(model: keras.Model, face: np.ndarray) -> Shown:
    """The attention block at work on a face, from the features to uses of its map.

    Args:
        model: with an attention block.
        face: shape (48, 48), grey 0–255.
    """
    block = Block(model, face)
    features = block.features[0]
    map_ = block.map(block.kernel, block.bias)
    # Those channels that differ most from place to place; channels first.
    busy = np.argsort(features.std(axis=(0, 1)))[-_CHANNELS:]
    stack = np.moveaxis(features[..., busy], -1, 0)
    mean, maximum = features.mean(axis=-1), features.max(axis=-1)
    figure, axis = new_figure(width=5.6, height=3.6)
    axis.set(xlim=(0, 16.2), ylim=(-4.3, 5.9), aspect="equal")
    axis.axis("off")
    axis.imshow(face, cmap="gray", extent=(0.1, 2.5, 2.3, 4.7), vmin=0, vmax=255)
    look: Options = {"top": 0.6 * stack.max()}
    _grids(axis, (4.2, 2.3), stack, "features\nH × W × C", 1.8, **look)
    _grids(axis, (8.0, 4.5), [mean], "mean", top=mean.max())
    _grids(axis, (8.0, 2.0), [maximum], "maximum", top=maximum.max())
    scaled = [maximum / maximum.max(), mean / mean.max()]
    _grids(axis, (10.6, 2.7), scaled, "stacked\nH × W × 2", top=1)
    _grids(axis, (14.3, 2.6), [map_], "map\nH × W × 1", 1.5, top=1)
    _arrow(axis, (2.7, 3.5), (4.0, 3.5))
    note(
        axis,
        "small\nVGG19,\nblocks\n1 to 3",
        (3.3, 3.7),
        across="center",
        level="bottom",
    )
    for level, end in ((5.1, 3.8), (2.6, 3.0)):
        _arrow(axis, (6.9, 3.6), (7.8, level))
        _arrow(axis, (9.4, level), (10.4, end))
    _arrow(axis, (12.2, 3.4), (14.1, 3.4))
    note(axis, "7 × 7\nconvolution", (13.1, 3.6), across="center", level="bottom")
    note(axis, "sigmoid", (13.1, 3.2), across="center", level="top")
    axis.fill([0, 16.2, 16.2, 0], [-4.3, -4.3, 0.7, 0.7], color=HIGHLIGHT)
    note(axis, "What the next layer receives:", (0.3, 0.2))
    uses = {
        "append (this paper)\nH × W × (C + 1)": stack,
        "multiply (CBAM)\nfeatures × map": stack * map_,
        "add\nfeatures × (1 + map)": stack * (1 + map_),
    }
    for left, (label, grids) in zip((1.4, 7.0, 12.4), uses.items(), strict=True):
        _grids(axis, (left, -2.8), grids, label, 1.5, **look)
    _grids(axis, (4.2, -2.8), [map_], "", 1.5, top=1)
    note(axis, "+", (3.95, -2.05), across="center")
    return figure, (
        "The block at work on a drawn face: features of H × W places and C channels; "
        "their mean and maximum; both stacked; a 7 × 7 convolution and a sigmoid make "
        "a map of H × W numbers, which is appended to the features, multiplied by "
        "them, or used as 1 + map."
    )


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
        # Row 0 is at the top.
        axis.pcolormesh(x + edges, y + edges, layer[::-1], edgecolors="white", **look)
    middle = corner[0] + side / 2 + 0.11 * (len(layers) - 1)
    note(axis, label, (middle, corner[1] - 0.1), across="center", level="top")


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axis.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": INK})


def face_and_stacks(image: np.ndarray, stacks: Mapping[str, np.ndarray]) -> Shown:
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
        steps = ScalarMappable(drawn.norm, _STEPS)
        figure.colorbar(steps, ax=axis, shrink=0.85)
    highest = [f"{name}, up to {stack.max():.1f}" for name, stack in stacks.items()]
    return figure, f"A drawn face, and two grids of places: {'; '.join(highest)}."


def faces_and_maps(
    images: np.ndarray,
    maps: np.ndarray,
    titles: Sequence[str],
    evidence: np.ndarray | None = None,
) -> Shown:
    """Faces, below them the same faces in the colours of their maps.

    Args:
        images: shape (N, 48, 48), grey 0–255.
        maps: float in [0, 1], shape (N, height, width); drawn without smoothing.
        titles: one for each face.
        evidence: bool, shape (N, 48, 48), as in `PracticeFaces`; orange on the faces,
            outlined on the maps.
    """
    figure, axes = new_figure(len(images), 2, 1.1 * len(images) + 0.6, 2.5)
    axes = np.reshape(axes, (2, -1))
    for column, (image, map_) in enumerate(zip(images, maps, strict=True)):
        where = None if evidence is None else evidence[column]
        face_with_evidence(axes[0, column], image, where)
        face_under_map(axes[1, column], image, map_, where)
        axes[0, column].set_title(titles[column], fontsize=8, pad=2)
    map_bar(figure, axes)
    marked = "with the evidence marked " * (evidence is not None)
    return figure, (
        f"{len(images)} faces, {', '.join(titles)}, {marked}above; below, the same "
        f"faces under maps of {maps.shape[1]} × {maps.shape[2]} cells."
    )


def face_with_evidence(
    axis: Axes, image: np.ndarray, evidence: np.ndarray | None
) -> None:
    """A face, shape (48, 48), whose evidence is orange."""
    show_face(axis, image // 6 * 6)
    if evidence is not None:
        tint = np.zeros((*evidence.shape, 4))
        tint[evidence] = to_rgba(ORANGE, 0.65)
        axis.imshow(tint, interpolation="nearest")


def face_under_map(
    axis: Axes, image: np.ndarray, map_: np.ndarray, evidence: np.ndarray | None = None
) -> None:
    """A face, shape (48, 48), in the colours of its map; outlined evidence."""
    # Few shades, so that a file of 256 colours keeps those of the bar.
    shade = np.rint(6 * np.sqrt(image / max(image.max(), 1))) / 6
    tenths = (np.floor(10 * map_).clip(max=9) + 0.5) / 10
    cells = colormaps[MAP_COLOURS](tenths)[..., :3]
    times = len(image) // len(map_)
    cells = cells.repeat(times, axis=0).repeat(times, axis=1)
    axis.imshow(_lit(cells, shade[..., None]), interpolation="nearest")
    axis.axis("off")
    if evidence is not None and evidence.any():
        axis.contour(evidence, levels=[0.5], colors=INK, linewidths=0.9)


def map_bar(figure: Figure, axes: Sequence[Axes] | np.ndarray) -> None:
    """The colour bar of maps drawn by `face_under_map`."""
    steps = ListedColormap(_lit(_STEPS(np.arange(10))[:, :3], 0.7))
    ticks: Options = {"ticks": [0, 0.5, 1], "aspect": 30}
    bar = figure.colorbar(ScalarMappable(Normalize(0, 1), steps), ax=axes, **ticks)
    bar.ax.tick_params(labelsize=8)
    bar.set_label("map", size=8)


def _lit(colours: np.ndarray, shade: np.ndarray | float) -> np.ndarray:
    """Colours of a map that a face shows through: from dark to light, never black."""
    return colours * (0.7 + 0.3 * shade) + (1 - colours) * 0.45 * shade


def own_against_others(
    means: Mapping[str, tuple[float, float]],
    differences: Mapping[str, tuple[float, float, float]],
    chance: float,
    widest: float = 1.0,
) -> Shown:
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
    intervals = [
        f"{name} {low:z.2f} to {high:z.2f}"
        for name, (_, low, high) in differences.items()
    ]
    return figure, (
        "Shares of own and other faces' maps on the evidence; intervals of the "
        f"difference: {', '.join(intervals)}."
    )


def seed_lines(accuracies: Mapping[str, Sequence[float]]) -> Shown:
    """One line for each seed from system to system, and each system's mean in grey.

    `accuracies` has for each system one number a seed, in the same order.
    """
    figure, axis = new_figure(width=4.6, height=2.8)
    places = np.arange(1, len(accuracies) + 1)
    means = [float(np.mean(values)) for values in accuracies.values()]
    bars: Options = {"color": PALE, "linewidth": 4, "zorder": 0}
    axis.hlines(means, places - 0.14, places + 0.14, **bars)
    note(axis, "mean ", (places[0] - 0.14, means[0]), GREY, across="right")
    axis.margins(x=0.3, y=0.15)
    axis.set_ylabel("accuracy (%)")
    seeds = enumerate(zip(*accuracies.values(), strict=True))
    named_lines(axis, {f"seed {seed}": values for seed, values in seeds})
    axis.set_xticks(places, list(accuracies))
    each = [
        f"{name} {', '.join(f'{value:.1f}' for value in values)}"
        for name, values in accuracies.items()
    ]
    return figure, f"Accuracy in percent, one number a seed: {'; '.join(each)}."


def constant_map_curves(
    curves: Mapping[str, Sequence[float]], learned: Mapping[str, float]
) -> Shown:
    """Accuracy when the map is one number everywhere, from 0 to 1.

    Args:
        curves: for each network, accuracies in percent at equal steps from 0 to 1.
        learned: for each network, its accuracy with the map that it learned.
    """
    figure, axis = new_figure(width=4.8, height=2.8)
    ends = {}
    for (name, values), colour in zip(curves.items(), (BLUE, ORANGE), strict=True):
        steps = np.linspace(0, 1, len(values))
        axis.plot(steps, values, "o-", color=colour, markersize=4)
        axis.axhline(learned[name], color=colour, linestyle=":")
        ends[name] = (1, values[-1])
    axis.set(xlabel="the map, at every place", ylabel="right (%)", ylim=(-3, 75))
    note(axis, "dotted: with the learned map", (0, 71), GREY)
    name_ends(axis, ends, dict(zip(curves, (BLUE, ORANGE), strict=True)))
    words = [
        f"{name} from {5 * round(values[0] / 5)} to {5 * round(values[-1] / 5)} percent"
        for name, values in curves.items()
    ]
    return figure, (
        "Accuracy of two networks when their map is replaced by one number, from 0 to "
        f"1: {'; '.join(words)}, to the nearest 5."
    )
