"""Figures of lesson 03."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, ListedColormap, Normalize, to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy.stats import binom

from fercourse.lessons.lesson03.taken_apart import Block
from fercourse.plots.figures import (
    BLUE,
    GREY,
    INK,
    MAP_COLOURS,
    ORANGE,
    ROW_HEIGHT,
    Options,
    Shown,
    enlarge_text,
    interval_rows,
    name_ends,
    named_bars,
    named_lines,
    new_figure,
    note,
    show_face,
)
from fercourse.results.statistics import PairedTest, mean_interval

_CHANNELS = 4  # of all, in drawings of a stack
_STEPS = ListedColormap(colormaps[MAP_COLOURS](np.arange(0.05, 1, 0.1)))
"""Ten colours: a smooth bar breaks into uneven bands in a file of 256 colours."""
_CHANNEL_COLOURS = ListedColormap(colormaps["gray"](np.linspace(0, 0.87, 20)))
"""Of a channel next to its map; the lightest differs from the white page."""


def attention_block(model: keras.Model, face: np.ndarray) -> Shown:
    """The attention block at work on a face, from the features to what it passes on.

    Args:
        model: with an attention block whose map is multiplied.
        face: shape (48, 48), grey 0–255.
    """
    block = Block(model, face)
    features = block.features[0]
    map_ = block.map(block.kernel, block.bias)
    # Those channels that differ most from place to place; channels first.
    busy = np.argsort(features.std(axis=(0, 1)))[-_CHANNELS:]
    stack = np.moveaxis(features[..., busy], -1, 0)
    mean, maximum = features.mean(axis=-1), features.max(axis=-1)
    figure, axis = new_figure(width=4.2, height=2.9)
    axis.set(xlim=(-0.1, 11.2), ylim=(-2.3, 5.5), aspect="equal")
    axis.axis("off")
    axis.imshow(face, cmap="gray", extent=(0.1, 2.5, 2.3, 4.7), vmin=0, vmax=255)
    _grids(axis, (4.2, 2.3), stack, "features\nH × W × C", 1.8, top=0.6 * stack.max())
    _grids(axis, (7.5, 2.8), [mean], "mean", top=mean.max())
    _grids(axis, (9.6, 2.8), [maximum], "maximum", top=maximum.max())
    scaled = [maximum / maximum.max(), mean / mean.max()]
    _grids(axis, (8.4, -0.7), scaled, "stacked\nH × W × 2", top=1)
    _grids(axis, (4.5, -0.8), [map_], "map\nH × W × 1", 1.5, top=1)
    passed_on = "features × map\nH × W × C"
    _grids(axis, (0.2, -0.9), stack * map_, passed_on, 1.8, top=0.6 * stack.max())
    words = "pocket\nnetwork,\nblocks\n1 to 3"
    note(axis, words, (3.3, 3.7), across="center", level="bottom")
    for start, end in (
        ((2.7, 3.5), (4.0, 3.5)),
        ((6.8, 3.3), (7.4, 3.3)),
        ((6.8, 4.5), (10.2, 4.2)),
        ((8.1, 2.0), (8.8, 1.0)),
        ((10.2, 2.0), (9.5, 1.0)),
        ((8.2, 0), (6.2, 0)),
        ((4.4, 0), (2.9, 0)),
        ((4.1, 2.4), (2.8, 1.2)),
    ):
        _arrow(axis, start, end)
    note(axis, "7 × 7\nconvolution", (7.2, 0.2), across="center", level="bottom")
    note(axis, "sigmoid", (7.2, -0.2), across="center", level="top")
    return figure, (
        "The block at work on a drawn face: features of H × W places and C channels; "
        "their mean and maximum; both stacked; a 7 × 7 convolution and a sigmoid make "
        "a map of H × W numbers. This network multiplies its features by them."
    )


def uses_of_map(model: keras.Model, face: np.ndarray) -> Shown:
    """A face, one channel of its features, its map, and three uses of the map.

    Outlined is the place where the map is smallest; the channel is the largest there.

    Args:
        model: with an attention block.
        face: shape (48, 48), grey 0–255.
    """
    block = Block(model, face)
    map_ = block.map(block.kernel, block.bias)
    place = np.unravel_index(map_.argmin(), map_.shape)
    channel = block.features[0][..., block.features[0][place].argmax()]
    x, m = channel[place], map_[place]
    grids = {
        "one channel": (channel, f"{x:.2f}"),
        "the map": (map_, f"{m:.2f}"),
        "append": (channel, f"{x:.2f} and {m:.2f}"),
        "multiply": (channel * map_, f"{x:.2f} × {m:.2f} ≈ {x * m:.2f}"),
        "residual": (
            channel * (1 + map_),
            f"{x:.2f} × {1 + m:.2f} ≈ {x * (1 + m):.2f}",
        ),
    }
    figure, axes = new_figure(3, 2, 5.8, 3.4)
    top = channel.max()
    side, behind = float(len(map_)), 1.1
    corner = float(place[1]), side - 1 - place[0]  # row 0 is at the top
    _face_on_grid(axes[0, 0], face, side)
    for axis, name in zip(axes.flat, ("a face", *grids), strict=True):
        outline: Options = {"fill": False, "edgecolor": ORANGE, "lw": 3, "zorder": 5}
        axis.add_patch(Rectangle(corner, 1, 1, **outline))
        axis.set(xlim=(-0.2, side + behind), ylim=(-1.4, side + behind))
        axis.set(aspect="equal", title=name)
        axis.axis("off")
    shown = axes.flat[1:]
    for axis, (name, (grid, words)) in zip(shown, grids.items(), strict=True):
        if name == "append":  # the map is one more channel, behind
            _grids(axis, (behind, behind), [map_], "", side, top=1)
        is_map = name == "the map"
        colours = MAP_COLOURS if is_map else _CHANNEL_COLOURS
        _grids(axis, (0, 0), [grid], "", side, 1 if is_map else top, colours)
        note(axis, words, (side / 2, -0.3), ORANGE, across="center", level="top")
    scale = ScalarMappable(Normalize(0, top), _CHANNEL_COLOURS)
    look: Options = {"ax": axes, "shrink": 0.8, "aspect": 20}
    figure.colorbar(scale, label="channel", extend="max", **look)
    figure.colorbar(ScalarMappable(Normalize(0, 1), MAP_COLOURS), label="map", **look)
    uses = ", ".join(f"{name} {words}" for name, (_, words) in [*grids.items()][2:])
    return enlarge_text(figure, 10), (
        f"A face, one channel of its features, and a place where it is {x:.2f} and the "
        f"map {m:.2f}. What the next layer receives there: {uses}."
    )


def _face_on_grid(axis: Axes, face: np.ndarray, side: float) -> None:
    """A face as large as a grid of `_grids` with `side` cells, under its lines."""
    axis.imshow(face, cmap="gray", extent=(0, side, 0, side), vmin=0, vmax=255)
    lines = np.arange(1, side)
    axis.hlines(lines, 0, side, color="white", linewidth=0.5)
    axis.vlines(lines, 0, side, color="white", linewidth=0.5)


def routes_of_map() -> Shown:
    """Where a map leaves the five blocks, and where its numbers enter again."""
    routes = (
        ("the paper: append", (112, 56, 28, 14, 7), 5, 6, "map 7 × 7: + 49 numbers"),
        ("pocket network, append", (24, 12, 6, 3, 1), 3, 6, "map 6 × 6, mean: + 1"),
        ("pocket network, multiply", (24, 12, 6, 3, 1), 3, 3.5, "× map 6 × 6"),
    )
    figure, axis = new_figure(width=6, height=3.4)
    axis.set(xlim=(0.5, 6.5), ylim=(-5.9, 1.3))
    axis.axis("off")
    for row, (name, sides, start, end, words) in enumerate(routes):
        y = -2.4 * row
        note(axis, name, (0.6, y + 0.75))
        for block, side in enumerate(sides, start=1):
            _box(axis, block, y, f"block {block}\n{side} × {side}")
            _arrow(axis, (block + 0.4, y), (block + 0.6, y))
        _box(axis, 6, y, "dense")
        line: Options = {"color": ORANGE, "linewidth": 1.5}
        out, back = (start + 0.2, y - 0.4), (end, y - 0.4 if end == 6 else y)
        low = y - 0.8
        axis.plot([out[0], out[0], back[0]], [out[1], low, low], **line)
        arrow: Options = {"arrowstyle": "->", **line}
        axis.annotate("", back, (back[0], low - 0.02), arrowprops=arrow)
        note(axis, words, (back[0] + 0.1, low - 0.05), ORANGE, "right", "top")
    return enlarge_text(figure, 9), (
        "The paper's network appends its map of 7 × 7 places after block 5: 49 numbers "
        "more for the dense layer. The map of the pocket network that appends leaves "
        "after block 3, skips blocks 4 and 5 and is averaged from 6 × 6 numbers to "
        "one. The one that multiplies does so between blocks 3 and 4."
    )


def _box(axis: Axes, x: float, y: float, words: str) -> None:
    """A layer or block, with its name, at a place of `routes_of_map`."""
    look: Options = {"facecolor": "white", "edgecolor": GREY}
    axis.add_patch(Rectangle((x - 0.4, y - 0.4), 0.8, 0.8, **look))
    note(axis, words, (x, y), across="center")


def parameter_bars(parts: Mapping[str, int]) -> Shown:
    """A bar for the parameters of each part of a network."""
    figure, axis = new_figure(width=4.6, height=1.9)
    named_bars(axis, parts)
    axis.set(xticks=[], xlabel="parameters")
    counts = ", ".join(f"{name} {count:,}" for name, count in parts.items())
    return figure, f"Parameters of each part: {counts}."


def _grids(
    axis: Axes,
    corner: tuple[float, float],
    layers: Sequence[np.ndarray] | np.ndarray,
    label: str,
    side: float = 1.2,
    top: float = 4,
    colours: str | Colormap = MAP_COLOURS,
) -> None:
    """Grids of cells in a stack, the first at the back, with a label below.

    Args:
        axis: to draw on.
        corner: lower left of the grid in front.
        layers: each of shape (height, width).
        label: what they are.
        side: of one grid.
        top: the value that gets the brightest colour.
        colours: a colour map.
    """
    for depth, layer in zip(range(len(layers) - 1, -1, -1), layers, strict=True):
        x, y = np.add(corner, 0.22 * depth)
        edges = np.linspace(0, side, len(layer) + 1)
        look: Options = {"cmap": colours, "vmin": 0, "vmax": top}
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
    columns: int = 6,
) -> Shown:
    """Faces, below them the same faces in the colours of their maps.

    Args:
        images: shape (N, 48, 48), grey 0–255.
        maps: float in [0, 1], shape (N, height, width); drawn without smoothing.
        titles: one for each face.
        evidence: bool, shape (N, 48, 48), as in `PracticeFaces`; orange on the faces,
            outlined on the maps.
        columns: faces next to each other.
    """
    columns = min(columns, len(images))
    rows = 2 * -(-len(images) // columns)
    figure, axes = new_figure(columns, rows, 1.1 * columns + 0.6, 1.25 * rows)
    axes = np.reshape(axes, (-1, 2, columns))  # two rows for each face
    for number, (image, map_) in enumerate(zip(images, maps, strict=True)):
        where = None if evidence is None else evidence[number]
        above, below = axes[number // columns, :, number % columns]
        face_with_evidence(above, image, where)
        face_under_map(below, image, map_, where)
        above.set_title(titles[number], fontsize=8, pad=2)
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
    widest: float = 1.0,
) -> Shown:
    """How far the shares on the evidence of own and other faces' maps differ.

    Args:
        means: for each kind of map, the mean share of own and of others' maps, 0 to 1.
        differences: mean and ends of its interval, in percentage points.
        widest: difference up to which the figure is drawn, in percentage points.
    """
    figure, axis = new_figure(width=5.6, height=0.9 + ROW_HEIGHT * len(means))
    shown = {name: row for name, row in differences.items() if abs(row[0]) <= widest}
    empty = [np.nan] * 3
    interval_rows(axis, {name: shown.get(name, empty) for name in differences})
    axis.axvline(0, color=GREY, linestyle=":")
    axis.set(xlabel="own − others (points), 95 % interval", ylim=(len(means) - 0.4, -1))
    axis.set(xlim=(-widest, 1.9 * widest), xticks=np.linspace(-widest, widest, 3))
    side: Options = {"across": "right", "xycoords": axis.get_yaxis_transform()}
    note(axis, "share: own, others", (1, -0.9), GREY, **side)
    for row, (name, (mean, *_)) in enumerate(differences.items()):
        own, others = (f"{100 * share:.1f} %" for share in means[name])
        note(axis, f"{own}, {others}", (1, row), GREY, **side)
        if mean > widest:
            note(axis, f"+{mean:.1f} →", (widest, row), ORANGE, across="right")
        if mean < -widest:
            note(axis, f"← \N{MINUS SIGN}{-mean:.1f}", (-widest, row), ORANGE)
    intervals = [
        f"{name} {low:z.2f} to {high:z.2f}"
        for name, (_, low, high) in differences.items()
    ]
    return enlarge_text(figure, 10), (
        "How many points more of a face's own map than of other faces' maps is on its "
        f"evidence, 95 % intervals: {', '.join(intervals)}."
    )


def coin_tosses(tests: Mapping[str, PairedTest]) -> Shown:
    """How often fair coins would give each split of the faces; p in orange.

    `tests` has for each set of faces those that are right with one map only.
    """
    figure, axes = new_figure(1, len(tests), 4.8, 0.4 + 1.5 * len(tests))
    words = []
    for axis, (name, test) in zip(np.ravel(axes), tests.items(), strict=True):
        tosses = test.only_first + test.only_second
        heads = np.arange(tosses + 1)
        chance = 100 * binom.pmf(heads, tosses, 0.5)
        uneven = np.abs(2 * heads - tosses) >= abs(test.only_first - test.only_second)
        axis.bar(heads, chance, color=np.where(uneven, ORANGE, GREY), width=0.85)
        axis.axvline(test.only_first, color=INK, linestyle=":")
        split = f"{test.only_first} to {test.only_second}"
        axis.set_title(f"{name}: {split}, p = {test.p_value:.2f}")
        reach = 2 * np.sqrt(tosses)  # four standard deviations
        axis.set(xlim=(tosses / 2 - reach, tosses / 2 + reach), ylabel="chance (%)")
        axis.locator_params(axis="x", integer=True)
        axis.set_xlabel(f"heads in {tosses} tosses")
        words.append(f"{name}, {split}, p {test.p_value:.2f}")
    return enlarge_text(figure, 10), (
        "How often fair coins give each number of heads, with those at least as uneven "
        f"as the faces in orange: {'; '.join(words)}."
    )


def seed_gains(gains: Mapping[str, Sequence[float]]) -> Shown:
    """Mean gains over the seeds in points, with their intervals, on one axis.

    `gains` has for each kind of network one number a seed.
    """
    arrays = {name: np.array(values) for name, values in gains.items()}
    rows = {
        name: (float(values.mean()), *mean_interval(values))
        for name, values in arrays.items()
    }
    figure, axis = new_figure(width=4.6, height=0.8 + 0.4 * len(rows))
    axis.axvline(0, color=GREY, linestyle=":")
    interval_rows(axis, rows, BLUE, INK)
    for row, values in enumerate(gains.values()):
        axis.plot(values, [row + 0.28] * len(values), ".", color=GREY, markersize=5)
    axis.set(xlabel="gain in accuracy (points)", ylim=(len(rows) - 0.4, -0.6))
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    words = [
        f"{name} {mean:+.1f} ({low:.1f} to {high:.1f})"
        for name, (mean, low, high) in rows.items()
    ]
    return enlarge_text(figure, 10), (
        f"Mean gain in points over three seeds, with its interval: {'; '.join(words)}."
    )


def seed_lines(accuracies: Mapping[str, Sequence[float]]) -> Shown:
    """One line for each seed from system to system, and each system's mean in grey.

    `accuracies` has for each system one number a seed, in the same order.
    """
    figure, axis = new_figure(width=4.6, height=2.8)
    places = np.arange(1, len(accuracies) + 1)
    means = [float(np.mean(values)) for values in accuracies.values()]
    bars: Options = {"color": GREY, "linewidth": 4, "zorder": 0}
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
