"""Figures of lesson 02."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from fercourse.data.faces import EMOTIONS, Faces
from fercourse.plots.figures import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MAP_COLOURS,
    ORANGE,
    PALE,
    TALL_ROW,
    Options,
    Shown,
    face_grid,
    name_ends,
    names_above,
    new_figure,
    note,
    show_face,
)

_KINDS = {"convolution": BLUE, "pool": GREY, "dense layer": GREEN}
"""Kinds of layers and their colours; orange is left for random weights."""


def filtered(face: np.ndarray, kernel: np.ndarray, response: np.ndarray) -> Figure:
    """A face, the nine numbers of a filter, and its response, light where large."""
    figure, (left, middle, right) = new_figure(3, 1, 4.6, 1.8)
    show_face(left, face)
    limit = np.abs(kernel).max()
    middle.imshow(kernel, cmap="PuOr_r", vmin=-2 * limit, vmax=2 * limit)
    middle.axis("off")
    for (row, column), number in np.ndenumerate(kernel):
        text = f"{number:g}".replace("-", "\N{MINUS SIGN}")
        note(middle, text, (column, row), across="center")
    # The square root lets weak edges be seen, too.
    right.imshow(np.sqrt(response), cmap=MAP_COLOURS, interpolation="nearest")
    right.axis("off")
    for axis, title in zip(
        (left, middle, right), ("face", "filter", "response"), strict=True
    ):
        axis.set_title(title)
    return figure


def activation_grid(
    face: np.ndarray, activations: Mapping[str, np.ndarray], columns: int = 6
) -> Figure:
    """A face, and the channels of each layer that vary most over it, one row a layer.

    Args:
        face: shape (48, 48), grey 0–255.
        activations: for each name, float, shape (height, width, channels); every map is
            shown from its own lowest (dark) to its own highest value (light).
        columns: channels shown of a layer.
    """
    rows = len(activations)
    figure, axes = new_figure(columns + 2, rows, 6, 0.95 * rows + 0.45)
    axes = np.reshape(axes, (rows, columns + 2))
    grid = axes[0, 0].get_gridspec()
    for axis in axes[:, :2].flat:
        axis.remove()
    whole = figure.add_subplot(grid[:, :2])
    show_face(whole, face)
    whole.set_title("the face", fontsize=8)
    for row, (name, maps) in zip(axes[:, 2:], activations.items(), strict=True):
        maps = maps.astype("float32")
        # Channels by their spread over the grid, the most varied first.
        liveliest = maps.std(axis=(0, 1)).argsort(kind="stable")[::-1]
        for axis, channel in zip(row, liveliest, strict=False):
            axis.imshow(maps[..., channel], cmap=MAP_COLOURS, interpolation="nearest")
        for axis in row:
            axis.axis("off")
        title = f"{name}, {maps.shape[0]} × {maps.shape[1]}"
        row[0].set_title(title, fontsize=8, pad=2, loc="left")
    scale = ScalarMappable(Normalize(), MAP_COLOURS)
    look: Options = {"location": "bottom", "shrink": 0.5, "aspect": 30}
    bar = figure.colorbar(scale, ax=[*axes[:, 2:].flat], ticks=[0, 1], **look)
    bar.set_ticklabels(["lowest value of the map", "highest"], fontsize=8)
    return figure


def network_drawing(table: Sequence[tuple[str, tuple[int, ...], int]]) -> Shown:
    """VGG19 from top to bottom, and the parameters of each of its parts on the right.

    `table` is Table II. A layer's bar is as wide as its grid, on a scale of square
    roots; each kind of layer has its colour.
    """
    figure, (axis, right) = new_figure(2, 1, width=4.8, height=4.6)
    axis.get_gridspec().set_width_ratios([62, 38])
    layers = [row for row in table if row[0] not in ("input_1", "flatten")]
    top, alt = 0.0, []
    for part, rows in groupby(layers, lambda row: row[0].partition("_")[0]):
        start, layer = top, list(rows)
        for name, shape, _ in layer:
            width = (shape[0] if len(shape) == 3 else 1) ** 0.5
            kind = next((kind for kind in _KINDS if kind[:4] in name), "dense layer")
            look: Options = {"align": "edge", "color": _KINDS[kind]}
            axis.barh(top, 2 * width, 0.8, left=-width, **look)
            top += 1
        middle, kind = (start + top - 0.2) / 2, next(iter(_KINDS))
        name = part.replace("block", "block ")
        lines = [name, " × ".join(f"{size:,}" for size in layer[0][1])]
        if not part.startswith("block"):
            lines, kind = [": ".join(lines)], "dense layer"
        note(axis, "\n".join(lines), (-44, middle), INK)
        millions = sum(parameters for *_, parameters in layer) / 1e6
        right.barh(middle, millions, 0.8, color=_KINDS[kind])
        note(right, f" {millions:.2f}", (millions, middle))
        alt.append(f"{name} {millions:.2f}")
        if name.endswith("5"):
            grid = " × ".join(map(str, layer[-1][1][:2]))
            note(axis, f"{grid} left", (5, top - 0.6), GREY)
            for side in (axis, right):
                side.axhline(top + 0.4, color=GREY, linestyle="--", linewidth=1)
            top += 0.5
        top += 0.5
    axis.set(xlim=(-45, 16), ylim=(top, -0.5))
    axis.axis("off")
    right.set(ylim=(top, -0.5), yticks=[], xlabel="million parameters")
    right.spines["left"].set_visible(False)
    right.margins(x=0.35)
    patches = [Patch(color=colour, label=kind) for kind, colour in _KINDS.items()]
    figure.legend(handles=patches, loc="outside lower center", ncols=3, fontsize=8)
    return figure, (
        "Layers from top to bottom, ever narrower: each block has two or four "
        "convolutions and a pool that halves the grid. Then three dense layers. "
        f"Million parameters: {', '.join(alt)}."
    )


def knowledge_of_blocks(
    accuracies: Mapping[str, Sequence[Sequence[float]]],
    baseline: float = 0,
    *,
    grids: Sequence[int] = (),
    guessed: bool = False,
    step: int = 1,
) -> Shown:
    """A line over the blocks for each name; grey and apart, what raw pixels give.

    A line whose name begins with "random" is orange, all others are blue.

    Args:
        accuracies: for each name a row for each of the five blocks, and maybe one for
            the raw pixels before them: an accuracy and the ends of its interval, in
            percent.
        baseline: accuracy of the most frequent answer, in percent; 0 draws none.
        grids: rows of the features of each block, written under its number.
        guessed: put a ring around the first line's block 5.
        step: of the percentages in the alternative text.
    """
    figure, axis = new_figure(width=5.2, height=2.9)
    ends, colours, alt = {}, {}, []
    aside = {1: [0.0], 2: [-0.06, 0.06]}[len(accuracies)]  # two points side by side
    pixels = max(map(len, accuracies.values())) == 6
    for (name, rows), form, line, shift in zip(
        accuracies.items(), "os", ("-", "--"), aside, strict=False
    ):
        colour = ORANGE if name.startswith("random") else BLUE
        places = np.arange(6.0)[-len(rows) :] + shift
        values, low, high = np.transpose(rows)
        grey_first = [GREY if place < 0.5 else colour for place in places]
        axis.vlines(places, low, high, color=grey_first)
        axis.scatter(places, values, color=grey_first, marker=form, zorder=3)
        axis.plot(places[-5:], values[-5:], line, color=colour)
        ends[name], colours[name] = (places[-1], values[-1]), colour
        numbers = [_percent(value, step) for value in values]
        before = f"raw pixels {numbers[0]}, blocks " if len(rows) == 6 else ""
        alt.append(f"{name}: {before}{', '.join(numbers[-5:])}")
    if guessed:
        place, value = ends[next(iter(ends))]
        axis.plot(place, value, "o", color=INK, fillstyle="none", markersize=16)
        words = f"you guessed\nabout this: {value:.0f}\N{NO-BREAK SPACE}%"
        note(axis, words, (place - 0.25, value + 4.5), INK, "left", "bottom")
        alt.append("a ring marks the first line's block 5")
    if baseline:
        axis.axhline(baseline, color=GREY, linestyle=":")
        name = "most frequent answer"
        ends[name], colours[name] = (5.2, baseline), GREY
        alt.append(f"always the most frequent answer: {_percent(baseline, step)}")
    if pixels:
        axis.axvline(0.5, color=PALE, linewidth=1)
    label = "features after block" + ", and their grid" * bool(grids)
    axis.set(xlabel=label, ylabel="accuracy (%)")
    under = [f"\n{grid} × {grid}" for grid in grids] or 5 * [""]
    names = ["raw pixels", *(f"{block + 1}{under[block]}" for block in range(5))]
    axis.set_xticks(range(1 - pixels, 6), names[1 - pixels :])
    if pixels:
        axis.get_xticklabels()[0].set_color(GREY)
    name_ends(axis, ends, colours)
    return figure, f"Accuracy in percent after blocks 1 to 5. {'; '.join(alt)}."


def _percent(value: float, step: int) -> str:
    """A percentage, or between which multiples of `step` it is."""
    low = step * int(value // step)
    return f"{value:.0f}" if step == 1 else f"{low} to {low + step}"


def cost_and_gain(rows: Mapping[str, tuple[float, Sequence[float]]]) -> Shown:
    """Accuracy against cost, each with its interval and its name above it.

    A row is a number of multiplications, and an accuracy with the ends of its interval.
    """
    figure, axis = new_figure(width=5.2, height=2.8)
    for name, (cost, (value, low, high)) in rows.items():
        axis.vlines(cost, low, high, color=BLUE)
        axis.plot(cost, value, "o", color=BLUE)
        words = f"{name}\n{value:.1f}\N{NO-BREAK SPACE}%"
        note(axis, words, (cost, high), INK, "center", "bottom")
    axis.set_xscale("log")
    axis.margins(x=0.15, y=0.22)
    axis.xaxis.set_major_formatter(lambda cost, _: in_words(round(cost), "\n"))
    axis.set_xlabel("multiplications for one face in one epoch")
    axis.set_ylabel("accuracy (%)")
    costs = [f"{name} {cost:,.0f}" for name, (cost, _) in rows.items()]
    return figure, f"Multiplications: {', '.join(costs)}."


def in_words(number: int, space: str = " ") -> str:
    """A count in thousands, millions or billions."""
    for size, name in ((1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if number >= 0.9995 * size:  # what would be rounded to 1000 of the next smaller
            # Two digits, but no zero after the point.
            digits = f"{number / size:.1f}" if number < 9.95 * size else ""
            return f"{digits.removesuffix('.0') or round(number / size)}{space}{name}"
    return str(number)


def above_baseline(
    rows: Mapping[str, Sequence[float]], baseline: float, exact: bool = False
) -> Shown:
    """Accuracies with their intervals, and dotted the most frequent answer's.

    A row whose name has "scratch" or "random" in it is orange, all others are blue.
    With `exact`, the alternative text has the accuracies.
    """
    figure, axis = new_figure(width=4.6, height=0.8 + TALL_ROW * len(rows))
    for row, (name, (value, low, high)) in enumerate(rows.items()):
        untrained = "scratch" in name or "random" in name
        colour = ORANGE if untrained else BLUE
        axis.hlines(row, low, high, color=colour, linewidth=2)
        axis.plot(value, row, "s" if untrained else "o", color=colour)
        # Away from the dotted line.
        end, across = (high, "left") if value > baseline else (low, "right")
        note(axis, f"  {value:.1f}  ", (end, row), colour, across)
        axis.vlines(baseline, row - 0.15, row + 0.3, color=INK, linestyle=":")
    names_above(axis, list(rows))
    axis.margins(x=0.12)
    words = "accuracy (%), with 95 % interval; dotted: most frequent answer"
    axis.set_xlabel(words)
    clear = [name for name, (_, low, _) in rows.items() if low > baseline]
    alt = f"Clearly above the most frequent answer: {'; '.join(clear)}."
    if exact:
        values = [f"{name} {value:.0f}" for name, (value, _, _) in rows.items()]
        alt = f"Accuracy in percent: {', '.join(values)}. {alt}"
    return figure, alt


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


def surest_errors(faces: Faces, probabilities: np.ndarray) -> Shown:
    """The six wrong answers with the highest probabilities, each with its face."""
    answers, sure = probabilities.argmax(axis=-1), probabilities.max(axis=-1)
    wrong = np.flatnonzero(answers != faces.emotions)
    surest = wrong[sure[wrong].argsort(kind="stable")[::-1][:6]]
    titles = [
        f"label: {EMOTIONS[faces.emotions[face]]}\n"
        f"answer: {EMOTIONS[answers[face]]} {100 * sure[face]:.0f}\N{NO-BREAK SPACE}%"
        for face in surest
    ]
    figure = face_grid(faces.images[surest], titles, columns=3, side=1.5)
    return figure, (
        "Six faces, each with its label and the other emotion that the network was "
        "sure of, with its probability."
    )
