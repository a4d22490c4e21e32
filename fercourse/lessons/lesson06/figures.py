"""Figures of lesson 06."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fercourse.data.faces import IMAGE_SIDE
from fercourse.explain.maps import METHODS
from fercourse.plots.figures import (
    BLUE,
    GREY,
    HIGHLIGHT,
    INK,
    MAP_COLOURS,
    ORANGE,
    PALE,
    ROW_HEIGHT,
    Options,
    Shown,
    enlarge_text,
    face_grid,
    named_lines,
    new_figure,
    note,
    show_face,
)


def map_row(
    face: np.ndarray,
    maps: Mapping[str, np.ndarray],
    region: np.ndarray | None = None,
    side: float = 1.75,
    zone: tuple[slice, slice] | None = None,
    columns: int = 3,
) -> Shown:
    """A face, and next to it each map, scaled to its maximum.

    A cross is on each map's highest pixel; the region is outlined on the maps.

    Args:
        face: shape (48, 48), grey 0–255.
        maps: by name, float of 0 or more, shape (48, 48).
        region: bool, shape (48, 48).
        side: of one map, in inches.
        zone: rows and columns of a rectangle to be dashed on the maps.
        columns: of pictures; more than 3 could not be read on a phone.
    """
    columns = min(len(maps) + 1, columns)
    rows = -(-(len(maps) + 1) // columns)
    lines = 1 + max(name.count("\n") for name in maps)
    height = (side + 0.1 + 0.2 * lines) * rows + 0.4
    figure, axes = new_figure(columns, rows, side * columns + 0.2, height)
    axes = np.ravel(axes)
    for axis in axes:
        axis.axis("off")
    show_face(axes[0], face)
    axes[0].set_title("face", pad=3)
    for axis, (name, map_) in zip(axes[1:], maps.items(), strict=False):
        _show_map(axis, map_)
        axis.set_title(name, pad=3)
        if region is not None:
            _outline(axis, region)
        if zone is not None:
            _dash(axis, *zone)
        _cross(axis, map_)
    _map_bar(figure, axes).set_ticks([0, 1], labels=["0", "maximum"])
    crosses = []
    for name, map_ in maps.items():
        row, column = np.unravel_index(map_.argmax(), map_.shape)
        crosses.append(f"{' '.join(name.split())}, row {row}, column {column}")
    outlined = "" if region is None else ", with a region outlined"
    alt = f"A face and maps{outlined}, with a cross on the highest pixel of each: "
    return enlarge_text(figure), f"{alt}{'; '.join(crosses)}."


def _outline(axis: Axes, region: np.ndarray) -> None:
    """Lines between the pixels of a region and all others, white with a faint rim."""
    padded = np.pad(region, 1).astype(int)
    below = np.argwhere(np.diff(padded, axis=0)) - 0.5
    right = np.argwhere(np.diff(padded, axis=1)) - 0.5
    lines = [[(column - 1, row), (column, row)] for row, column in below]
    lines += [[(column, row - 1), (column, row)] for row, column in right]
    # Sharp lines make a smaller PNG than smooth ones.
    look: Options = {"antialiased": False, "capstyle": "projecting"}
    for colour, width, alpha in (("black", 2.0, 0.4), ("white", 0.9, 1.0)):
        rim: Options = {"colors": colour, "lw": width, "alpha": alpha}
        axis.add_collection(LineCollection(lines, **rim, **look))


def _dash(axis: Axes, rows: slice, columns: slice) -> None:
    """A dashed line around the rows and columns of a map."""
    top, bottom, _ = rows.indices(IMAGE_SIDE)
    left, right, _ = columns.indices(IMAGE_SIDE)
    corner = (left - 0.5, top - 0.5)
    look: Options = {"fill": False, "edgecolor": "white", "linestyle": (0, (3, 2))}
    frame = Rectangle(corner, right - left, bottom - top, linewidth=1.2, **look)
    frame.set_clip_on(False)
    axis.add_patch(frame)


def _show_map(axis: Axes, map_: np.ndarray) -> None:
    """A map scaled to its maximum; few colours, unsmoothed, make a small PNG."""
    scaled = np.round(32 * map_ / max(map_.max(), 1e-9)) / 32
    look: Options = {"cmap": MAP_COLOURS, "interpolation": "nearest"}
    axis.imshow(scaled, vmin=0, vmax=1, **look)


def _cross(axis: Axes, map_: np.ndarray) -> None:
    """A red cross with a white rim on the highest pixel."""
    row, column = np.unravel_index(map_.argmax(), map_.shape)
    for colour, size, width in (("white", 10, 4.0), ("red", 8, 2.0)):
        axis.plot(column, row, "x", color=colour, ms=size, mew=width, clip_on=False)


def _map_bar(figure: Figure, axes: np.ndarray) -> Colorbar:
    """The colours of maps from 0 to 1, below all axes."""
    scale: Options = {"location": "bottom", "shrink": 0.5, "aspect": 30}
    return figure.colorbar(ScalarMappable(cmap=MAP_COLOURS), ax=axes, **scale)


def places_read(face: np.ndarray, features: np.ndarray, gradients: np.ndarray) -> Shown:
    """A face under a layer's grid, and how strong and how useful the features are.

    Dark on the face, else hatched, where no feature has a gradient.

    Args:
        face: shape (48, 48).
        features: of a layer, shape (N, height, width, channels).
        gradients: of a score with respect to them, in the same shape.
    """
    strength = np.abs(features).mean(axis=(0, 3))  # (height, width)
    use = np.abs(gradients).mean(axis=(0, 3))
    lost = use == 0
    figure, axes = new_figure(3, 1, 5.6, 2.2)
    show_face(axes[0], face)
    axes[0].set_title(f"{lost.size} places, {lost.sum()} lost")
    tables = {"features": strength, "|gradient|": use}
    for axis, (title, table) in zip(axes[1:], tables.items(), strict=True):
        # Pale enough for black numbers, and for a hatch on white
        shades: Options = {"cmap": "Blues", "vmax": 2.2 * table.max(), "vmin": 0}
        extent = (-0.5, IMAGE_SIDE - 0.5, IMAGE_SIDE - 0.5, -0.5)
        axis.imshow(table, extent=extent, interpolation="nearest", **shades)
        axis.set(title=title, xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    cell = IMAGE_SIDE / len(use)
    for (row, column), cut in np.ndenumerate(lost):
        corner = (column * cell - 0.5, row * cell - 0.5)
        middle = (corner[0] + cell / 2, corner[1] + cell / 2)
        _frame(axes[0], corner, cell, False)
        shade: Options = {"color": "black", "alpha": 0.65 * cut, "linewidth": 0}
        axes[0].add_patch(Rectangle(corner, cell, cell, antialiased=False, **shade))
        for axis, table in zip(axes[1:], tables.values(), strict=True):
            _frame(axis, corner, cell, cut)
            box: Options = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            number = f"{table[row, column]:.3f}" if table[row, column] else "0"
            note(axis, number, middle, INK, "center", bbox=box)
    rows = "; ".join(" ".join(f"{number:.3f}" for number in row) for row in use)
    alt = f"Mean absolute gradient at each place, row by row: {rows}."
    return enlarge_text(figure, 9), alt


def _frame(axis: Axes, corner: tuple[float, float], side: float, hatched: bool) -> None:
    """A white frame around a cell; sharp hatches make a small PNG."""
    look: Options = {"edgecolor": "white", "linewidth": 1.5, "fill": False}
    axis.add_patch(Rectangle(corner, side, side, **look))
    if hatched:
        hatch: Options = {"edgecolor": ORANGE, "linewidth": 0, "antialiased": False}
        axis.add_patch(Rectangle(corner, side, side, fill=False, hatch="//", **hatch))


def in_words(name: str) -> str:
    """The usual name of a method or baseline, with its block if the name has one."""
    words = name.replace("_", " ").replace("grad cam", "Grad-CAM")
    return words.replace("score cam", "Score-CAM").replace(" block", ", block ")


def favourites(pictures: np.ndarray, titles: Sequence[str]) -> Figure:
    """Pictures that neurons like best, (N, 48, 48), each in its own full contrast."""
    offsets = pictures - np.median(pictures, axis=(1, 2), keepdims=True)
    # Single pixels are far from the rest: 1 % of them may be cut off.
    limits = np.quantile(np.abs(offsets), 0.99, axis=(1, 2), keepdims=True)
    stretched = 127.5 * (1 + np.clip(offsets / np.maximum(limits, 1e-6), -1, 1))
    stretched = np.round(stretched / 255 * 31) / 31 * 255  # 32 greys: a small PNG
    return enlarge_text(face_grid(stretched, titles, columns=4, side=1.4))


def _ranked(rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The methods, then the baselines; in both, those with the most hits first."""
    return sorted(rows, key=lambda n: (n not in METHODS, -rows[n]["pointing"][0]))


def _name_rows(axis: Axes, names: Sequence[str]) -> None:
    """One row for each name from the top; the names of baselines are grey."""
    axis.set_yticks(range(len(names)), list(map(in_words, names)))
    axis.set_ylim(len(names) - 0.5, -0.5)
    for label, name in zip(axis.get_yticklabels(), names, strict=True):
        label.set_color(INK if name in METHODS else GREY)


def own_and_others(rows: Mapping[str, Mapping[str, Any]]) -> Shown:
    """Hits and shares of each map on its own face and of other faces' maps, sorted.

    Baselines come last, and their own maps are grey.
    """
    names = _ranked(rows)
    methods = sum(name in METHODS for name in names)
    figure, axes = new_figure(2, 1, 4.2, 1.0 + ROW_HEIGHT * len(names))
    places = np.arange(len(names))
    for axis, measure in zip(axes, ("pointing", "share"), strict=True):
        own, others = (
            [rows[name][measure + end][0] for name in names] for end in ("", "_others")
        )
        axis.hlines(places, others, own, color=PALE, linewidth=2, zorder=1)
        axis.plot(own[:methods], places[:methods], "o", color=BLUE, label="own map")
        axis.plot(own[methods:], places[methods:], "o", color=GREY)
        look: Options = {"color": ORANGE, "markerfacecolor": "white"}
        axis.plot(others, places, "D", markersize=5, label="others' maps", **look)
        _name_rows(axis, names)
        axis.grid(axis="x", color=PALE, linewidth=0.5)
    axes[0].set(title="hits", xlabel="faces (%)", xlim=(-4, 104))
    axes[1].set(title="share", xlabel="mass (%)", yticklabels=[], xlim=(0, 46))
    for place, name in enumerate(names):
        if rows[name]["share"][0] <= 46:
            continue
        percent = f"{rows[name]['share'][0]:.0f} →"
        box: Options = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        colour = BLUE if name in METHODS else GREY
        note(axes[1], percent, (45, place), colour, "right", bbox=box)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2, frameon=False)
    hits = [
        f"{in_words(name)} {rows[name]['pointing'][0]:.0f} and "
        f"{rows[name]['pointing_others'][0]:.0f}"
        for name in names
    ]
    alt = (
        "Hits and shares of a face's own map and of the maps of others. Hits in percent"
    )
    return enlarge_text(figure, 9), f"{alt}, own and others': {'; '.join(hits)}."


_RIVALS = {"others": "others' maps", "edges": "edges", "mirrored": "mirrored"}
"""The maps that a method has to be ahead of, and their names in a figure."""


def leads(rows: Mapping[str, Mapping[str, Any]]) -> Shown:
    """For each method of the stored table, how far its hits are ahead of baselines.

    The differences are paired: both maps of a difference are scored on the same face.
    """
    rows = {name: rows[name] for name in _ranked(rows)}
    figure, axes = new_figure(len(_RIVALS), 1, 4.2, 0.9 + ROW_HEIGHT * len(rows))
    for axis, (rival, words) in zip(axes, _RIVALS.items(), strict=True):
        axis.axvline(0, color=GREY, linewidth=1)
        for place, row in enumerate(rows.values()):
            value, low, high = row["pointing_lead"][rival]
            colour = BLUE if low > 0 else ORANGE if high < 0 else GREY
            axis.plot([low, high], [place, place], color=colour, linewidth=2)
            axis.plot(value, place, "o", color=colour, markersize=6)
        axis.set(title=words, xlim=(-58, 58), xticks=[-40, 0, 40])
        axis.set_yticks(range(len(rows)), ["" for _ in rows])
        axis.set_ylim(len(rows) - 0.5, -0.5)
    axes[0].set_yticklabels(map(in_words, rows))
    axes[1].set_xlabel("own hits minus those of … (points)")
    said = []
    for rival, words in _RIVALS.items():
        ahead = [n for n, row in rows.items() if row["pointing_lead"][rival][1] > 0]
        said.append(f"{words}: {', '.join(map(in_words, ahead)) or 'none'}")
    return enlarge_text(
        figure, 9
    ), f"Methods whose hits are ahead of {'; of '.join(said)}."


def cascade_maps(
    stages: Mapping[str, Sequence[np.ndarray]], names: Sequence[str]
) -> Shown:
    """Maps of the network, and of copies with more and more random weights.

    Args:
        stages: for each method its maps, shape (48, 48), one for each name.
        names: of the columns.
    """
    side = 1.5
    figure, axes = new_figure(
        len(names), len(stages), side * len(names) + 0.3, (side + 0.05) * len(stages)
    )
    for line, (name, maps) in zip(axes, stages.items(), strict=True):
        for axis, map_ in zip(line, maps, strict=True):
            _show_map(axis, map_)
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
        line[0].set_ylabel(in_words(name))
    for axis, title in zip(axes[0], names, strict=True):
        axis.set_title(title)
    methods = ", ".join(map(in_words, stages))
    alt = f"Maps of one face by {methods}, in columns: {', '.join(names)}."
    return enlarge_text(figure), alt


def replaced_maps(
    face: np.ndarray, maps: Mapping[str, np.ndarray], kept: Sequence[str]
) -> Shown:
    """The maps that a network is made to use for one face, and how many answers stay.

    Args:
        face: shape (48, 48).
        maps: by name, float in [0, 1], shape (height, width).
        kept: what to write under each map.
    """
    figure, axes = new_figure(3, 2, 5.4, 5.0)
    axes = np.ravel(axes)
    show_face(axes[0], face)
    axes[0].set_title("face")
    for axis, (name, map_), words in zip(axes[1:], maps.items(), kept, strict=True):
        axis.imshow(map_, cmap=MAP_COLOURS, vmin=0, vmax=1)
        axis.set(title=name, xlabel=words, xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    _map_bar(figure, axes)
    said = "; ".join(map(": ".join, zip(maps, kept, strict=True)))
    return enlarge_text(figure), f"Maps that replace a face's own. {said}."


def part_names(parts: Sequence[str]) -> list[str]:
    """The names of `randomised.parts_from_the_top` in a figure."""
    layers = {"predictions": "last layer", "fc1": "dense"}
    return [layers.get(part, part.replace("block", "block ")) for part in parts]


def randomisation_lines(
    correlations: Mapping[str, Sequence[float]], parts: Sequence[str]
) -> Shown:
    """How similar maps stay to the network's while more and more of it is random.

    The first correlation is that of the trained network's map with itself.
    """
    figure, axis = new_figure(width=4.6, height=3.0)
    named_lines(axis, {in_words(name): row for name, row in correlations.items()})
    axis.axhline(0, color=PALE, linewidth=1)
    names = ["trained", *part_names(parts)]
    axis.set_xticks(
        np.arange(1, len(names) + 1), [name.replace(" ", "\n") for name in names]
    )
    axis.tick_params(axis="x", labelsize=8)
    axis.set(xlabel="random from the top down to", ylabel="rank correlation")
    axis.set_ylim(-0.4, 1.08)
    ends = [f"{in_words(name)} {row[-1]:z.1f}" for name, row in correlations.items()]
    alt = "Rank correlation with the trained network's map: 1 at first; at the end "
    return figure, f"{alt}{', '.join(ends)}."


def label_effects(shuffling: Mapping[str, Any]) -> Shown:
    """Likeness and gain of two other networks' maps, with intervals, by method.

    Args:
        shuffling: the part "labels" of the stored scores.
    """
    looks = {"true labels": (BLUE, "o", -0.2), "shuffled labels": (ORANGE, "D", 0.2)}
    methods = list(next(iter(shuffling["networks"].values())))
    figure, axes = new_figure(2, 1, 4.2, 2.6)
    titles = {"correlation": "likeness", "pointing_gain": "gain"}
    for axis, (measure, title) in zip(axes, titles.items(), strict=True):
        axis.axvline(0, color=GREY, linewidth=1)
        for name, (colour, form, shift) in looks.items():
            rows = [shuffling["networks"][name][method] for method in methods]
            values, low, high = np.array([row[measure] for row in rows]).T
            places = np.arange(len(methods)) + shift
            axis.hlines(places, low, high, color=colour, linewidth=2)
            axis.plot(values, places, form, color=colour, label=name)
        axis.set_yticks(range(len(methods)), ["" for _ in methods])
        axis.set_ylim(len(methods) - 0.5, -0.5)
        axis.set_title(title)
    axes[0].set_yticklabels(map(in_words, methods))
    axes[0].set_xlabel("rank correlation")
    axes[1].set_xlabel("points")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2, frameon=False)
    said = [
        f"{name}, {in_words(method)} {row['correlation'][0]:.2f} and "
        f"{row['pointing_gain'][0]:.0f}"
        for name, rows in shuffling["networks"].items()
        for method, row in rows.items()
    ]
    alt = f"Likeness, and gain in points, of two networks' maps: {'; '.join(said)}."
    return enlarge_text(figure, 9), alt


def removal_areas(rows: Mapping[str, Mapping[str, Any]]) -> Shown:
    """Areas under the curves of deletion and insertion, in percent, with both fills."""
    rows = {name: rows[name] for name in _ranked(rows)}
    figure, axes = new_figure(2, 1, 4.8, 0.9 + 0.25 * len(rows))
    good = {"deletion": "low is good", "insertion": "high is good"}
    places = np.arange(len(rows))
    for axis, (measure, words) in zip(axes, good.items(), strict=True):
        grey, blur = (
            [row[f"{measure}_{fill}"][0] for row in rows.values()]
            for fill in ("mean", "blur")
        )
        for place in np.flatnonzero(np.isin(list(rows), ("random", "evidence"))):
            axis.axhspan(place - 0.5, place + 0.5, color=HIGHLIGHT, zorder=0)
        axis.hlines(places, grey, blur, color=PALE, linewidth=2, zorder=1)
        axis.plot(grey, places, "o", color=GREY, label="grey")
        axis.plot(blur, places, "D", color=BLUE, markerfacecolor="white", label="blur")
        _name_rows(axis, list(rows))
        axis.grid(axis="x", color=PALE, linewidth=0.5)
        axis.set(title=measure, xlabel=f"area (%), {words}")
    axes[0].legend(
        loc="lower left", bbox_to_anchor=(-0.75, -0.2), fontsize=8, frameon=False
    )
    axes[1].set_yticklabels([])
    said = [
        f"{in_words(name)} {row['deletion_mean'][0]:.0f} and "
        f"{row['insertion_mean'][0]:.0f}"
        for name, row in rows.items()
    ]
    alt = "Areas under the curves of deletion and insertion, in percent. With grey"
    return figure, f"{alt}: {'; '.join(said)}."


def verdict_grid(table: Sequence[Sequence[str]]) -> Shown:
    """A cell for each method and test, coloured: passed, failed, or open.

    Args:
        table: of `scoring.verdict_table`; a cell is "yes", "no", "open", or a number of
            faces. The words of a heading are written below each other.
    """
    signs = {"yes": ("✓", BLUE), "no": ("✗", ORANGE), "open": ("?", PALE)}
    (_, *tests), *rows = table
    # Three tests of pointing, two of removal, and each of the others alone
    places = np.arange(len(tests)) + 0.3 * np.array(_GROUPS[: len(tests)])
    figure, axis = new_figure(width=6.0, height=0.7 + 0.27 * len(rows))
    for line, (_, *cells) in enumerate(rows):
        for place, cell in zip(places, cells, strict=True):
            sign, colour = signs.get(cell) or _of_count(cell)
            corner = (place - 0.46, line - 0.43)
            square = Rectangle(corner, 0.92, 0.86, color=colour, antialiased=False)
            axis.add_patch(square)
            ink = INK if colour == PALE else "white"
            note(axis, sign, (place, line), ink, "center")
    axis.set_yticks(range(len(rows)), [name for name, *_ in rows])
    axis.set_xticks(places, [test.replace(" ", "\n") for test in tests])
    axis.xaxis.tick_top()
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    axis.set(xlim=(-0.5, places[-1] + 0.5), ylim=(len(rows) - 0.5, -0.5))
    said = ". ".join(f"{row[0]}: {', '.join(row[1:])}" for row in table)
    return enlarge_text(figure, 9), f"Methods and tests. {said}."


_GROUPS = (0, 0, 0, 1, 1, 2, 3)
"""The group of each test; there is a gap between two groups."""


def _of_count(cell: str) -> tuple[str, str]:
    """A number of faces such as "37 of 40"; blue if more than half, else orange."""
    count, faces = cell.split(" of ")
    return count, BLUE if 2 * int(count) > int(faces) else ORANGE
