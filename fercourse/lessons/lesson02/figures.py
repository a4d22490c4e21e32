"""Figures of lesson 02."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from fercourse.plots.figures import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MAP_COLOURS,
    ORANGE,
    PALE,
    ROW_HEIGHT,
    TALL_ROW,
    Options,
    learning_curves,
    name_ends,
    named_bars,
    names_above,
    new_figure,
    note,
    show_face,
)

Shown = tuple[Figure, str]
"""A figure and its alternative text."""
_KINDS = {"convolution": BLUE, "pool": GREY, "dense layer": GREEN}
"""Kinds of layers and their colours; orange is left for what learns."""


def filtered(face: np.ndarray, kernel: np.ndarray, response: np.ndarray) -> Figure:
    """A face, the nine numbers of a filter, and what it makes of the face, in ink.

    The larger the response, the darker its pixel.
    """
    figure, (left, middle, right) = new_figure(3, 1, 4.6, 1.8)
    show_face(left, face)
    limit = np.abs(kernel).max()
    middle.imshow(kernel, cmap="PuOr_r", vmin=-2 * limit, vmax=2 * limit)
    middle.axis("off")
    for (row, column), number in np.ndenumerate(kernel):
        text = f"{number:g}".replace("-", "\N{MINUS SIGN}")
        note(middle, text, (column, row), across="center")
    # The square root lets weak edges be seen, too.
    show_face(right, 255 - 255 * np.sqrt(response / max(response.max(), 1)))
    for axis, title in zip(
        (left, middle, right), ("face", "filter", "response"), strict=True
    ):
        axis.set_title(title)
    return figure


def activation_grid(
    activations: Mapping[str, np.ndarray], columns: int = 4, side: float = 1.15
) -> Figure:
    """The channels of each layer that vary most over one face, one row for each layer.

    Args:
        activations: for each name, float, shape (height, width, channels); every map is
            shown from its own lowest (dark) to its own highest value (light).
        columns: channels shown of a layer.
        side: of one map, in inches.
    """
    size = side * columns, (side + 0.22) * len(activations) + 0.45
    figure, axes = new_figure(columns, len(activations), *size)
    rows = np.reshape(axes, (-1, columns))
    scale = ScalarMappable(Normalize(), MAP_COLOURS)
    look: Options = {"location": "bottom", "shrink": 0.5, "aspect": 30}
    bar = figure.colorbar(scale, ax=rows, ticks=[0, 1], **look)
    bar.set_ticklabels(["lowest value of the map", "highest"], fontsize=8)
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
    """VGG19 from left to right: a bar for each layer, a colour for each kind of layer.

    `table` is Table II. A bar is as tall as the layer's grid, on a scale of square
    roots, and as wide as its channels. The second row begins with block 5.
    """
    figure, axes = new_figure(1, 2, width=4.6, height=3.7)
    axes[0].get_gridspec().set_height_ratios([44, 20])
    axis, left = axes[0], 0.0
    layers = [row for row in table if row[0] not in ("input_1", "flatten")]
    for block, rows in groupby(layers, lambda row: row[0].partition("_")[0]):
        if block == "block5":
            axis, left = axes[1], 0.0
        start, shapes = left, []
        for name, shape, _ in rows:
            grid, width = (shape[0], shape[-1] / 512) if len(shape) == 3 else (1, 1.1)
            kind = next((kind for kind in _KINDS if kind[:4] in name), "dense layer")
            half, look = grid**0.5, {"align": "edge", "color": _KINDS[kind]}
            axis.bar(left, 2 * half, 0.6 + width, -half, **look)
            left += 0.7 + width
            head = " × ".join(map(str, shape[:-1])) + "\n× " if len(shape) == 3 else ""
            shapes.append(f"{head}{shape[-1]:,}")
        middle = ((start + left) / 2, 16 if axis is axes[0] else 4)
        block = block.replace("block", "block ")
        note(axis, f"{block}\n{shapes[0]}", middle, INK, "center", "bottom")
        if name.endswith("pool"):  # the grid that the next block gets
            below = (middle[0], -15.5 if axis is axes[0] else -4.8)
            smaller = f"→ {shapes[-1].partition(chr(10))[0]}"
            note(axis, smaller, below, GREY, "center", "top")
        left += 2
    for axis, limits in zip(axes, [(-20, 24), (-10, 9)], strict=True):
        axis.set(xlim=(-0.5, 26), ylim=limits)
        axis.axis("off")
    patches = [Patch(color=colour, label=kind) for kind, colour in _KINDS.items()]
    figure.legend(handles=patches, loc="outside lower center", ncols=3, fontsize=8)
    return figure


def parameter_bars(table: Sequence[tuple[str, tuple[int, ...], int]]) -> Shown:
    """Millions of parameters in each part of Table II: five blocks, dense layers."""
    parts: dict[str, float] = {}
    for name, _, parameters in table:
        if parameters:
            part = name.partition("_")[0].replace("block", "block ")
            parts[part] = parts.get(part, 0) + parameters / 1e6
    figure, axis = new_figure(width=4.6, height=0.8 + ROW_HEIGHT * len(parts))
    kinds = ("convolution" if "block" in part else "dense layer" for part in parts)
    named_bars(axis, parts, [_KINDS[kind] for kind in kinds], "{:.2f}")
    axis.set_xlabel("million parameters")
    shown = ", ".join(f"{part} {value:.2f}" for part, value in parts.items())
    return figure, f"Millions of parameters: {shown}."


def curves_of_runs(curves: Mapping[str, Sequence[float]]) -> Shown:
    """PublicTest accuracy by epoch, and its alternative text.

    A run of one epoch is a point with its name next to it.
    """
    long = {name: curve for name, curve in curves.items() if len(curve) > 1}
    figure = learning_curves(long, "PublicTest accuracy (%)")
    (axis,) = figure.axes
    for name in curves.keys() - long.keys():
        (value,) = curves[name]
        axis.plot(1, value, "D", color=GREEN, markersize=7)
        above: Options = {"textcoords": ("data", "axes fraction"), "xytext": (1, 0.95)}
        above["arrowprops"] = {
            "arrowstyle": "-",
            "color": PALE,
            "shrinkB": 4,
            "relpos": (0, 0),
        }
        note(axis, f"{name} (one epoch)", (1, value), GREEN, **above)
    ends = [
        f"{name} from {curve[0]:.0f} to {curve[-1]:.0f} %"
        if len(curve) > 1
        else f"{name} {curve[0]:.0f} % after one"
        for name, curve in curves.items()
    ]
    return figure, f"PublicTest accuracy over the epochs: {', '.join(ends)}."


def knowledge_of_blocks(
    accuracies: Mapping[str, Sequence[Sequence[float]]],
) -> Shown:
    """A line over the blocks for each name; grey and apart, what raw pixels give.

    Args:
        accuracies: for each name a row for each of the five blocks, and maybe one for
            the raw pixels before them: an accuracy and the ends of its interval, in
            percent.
    """
    figure, axis = new_figure(width=5.2, height=2.9)
    axis.axvline(0.5, color=PALE, linewidth=1)
    ends, colours, alt = {}, {}, []
    looks = ((BLUE, "o", "-", -0.12), (ORANGE, "s", "--", 0.12))
    both = all(len(rows) == 6 for rows in accuracies.values())
    for (name, rows), (colour, form, line, aside) in zip(
        accuracies.items(), looks, strict=True
    ):
        places = np.arange(6.0)[-len(rows) :]
        places[places == 0] = aside * both  # two points next to each other
        values, low, high = np.transpose(rows)
        grey_first = [GREY if place < 1 else colour for place in places]
        axis.vlines(places, low, high, color=grey_first)
        axis.scatter(places, values, color=grey_first, marker=form, zorder=3)
        axis.plot(places[-5:], values[-5:], line, color=colour)
        ends[name], colours[name] = (places[-1], values[-1]), colour
        numbers = [f"{value:.0f}" for value in values]
        pixels = f"raw pixels {numbers[0]}, blocks " if len(rows) == 6 else ""
        alt.append(f"{name}: {pixels}{', '.join(numbers[-5:])}")
    axis.set(xlabel="features after block", ylabel="accuracy (%)")
    axis.set_xticks(range(6), ["raw pixels", *map(str, range(1, 6))])
    axis.get_xticklabels()[0].set_color(GREY)
    name_ends(axis, ends, colours)
    return figure, f"Accuracy in percent after blocks 1 to 5. {'; '.join(alt)}."


def gaps(rows: Mapping[str, tuple[float, float, float]]) -> Shown:
    """How much better a network knows its training faces, and its validation loss.

    `rows` has accuracies on training and validation faces, in percent, and the loss.
    """
    figure, axis = new_figure(width=4.6, height=0.9 + TALL_ROW * len(rows))
    places = np.arange(len(rows))
    training, validation, losses = np.transpose([*rows.values()])
    axis.hlines(places, validation, training, color=PALE, linewidth=3)
    axis.plot(validation, places, "o", color=ORANGE, label="validation")
    axis.plot(training, places, "D", color=BLUE, label="training")
    names = zip(rows, losses, strict=True)
    names_above(axis, [f"{name}: validation loss {loss:.2f}" for name, loss in names])
    for row, (known, new, _) in enumerate(rows.values()):
        note(axis, f"{new:.0f}  ", (new, row), ORANGE, across="right")
        note(axis, f"  {known:.0f}", (known, row), BLUE)
    axis.set_xlabel("accuracy (%)")
    axis.margins(x=0.12)
    look: Options = {"ncols": 2, "fontsize": 8, "frameon": False}
    figure.legend(loc="outside upper center", **look)
    best = [[*rows][at] for at in ((training - validation).argmin(), losses.argmin())]
    return figure, (
        f"Smallest gap between training and validation: {best[0]}. Lowest validation "
        f"loss: {best[1]}."
    )
