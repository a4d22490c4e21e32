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

from fercourse.plots.figures import (
    BLUE,
    GREY,
    HIGHLIGHT,
    MAP_COLOURS,
    PALE,
    ROW_HEIGHT,
    Options,
    enlarge_text,
    face_grid,
    interval_rows,
    named_lines,
    new_figure,
    show_face,
)


def map_row(
    face: np.ndarray,
    maps: Mapping[str, np.ndarray],
    region: np.ndarray | None = None,
    side: float = 1.75,
) -> Figure:
    """A face, and next to it each map, scaled to its maximum.

    A cross is on each map's highest pixel, and the region is outlined on the maps.

    Args:
        face: shape (48, 48), grey 0–255.
        maps: by name, float of 0 or more, shape (48, 48).
        region: bool, shape (48, 48).
        side: of one map, in inches.
    """
    columns = min(len(maps) + 1, 3)  # no more, to be readable on a phone
    rows = -(-(len(maps) + 1) // columns)
    height = (side + 0.3) * rows + 0.4
    figure, axes = new_figure(columns, rows, side * columns + 0.2, height)
    axes = np.ravel(axes)
    for axis in axes:
        axis.axis("off")
    show_face(axes[0], face)
    axes[0].set_title("face", pad=3)
    for axis, (name, map_) in zip(axes[1:], maps.items(), strict=False):
        _show_map(axis, map_)
        axis.set_title(name, pad=3)
    for axis, map_ in zip(axes[1:], maps.values(), strict=False):
        if region is not None:
            _outline(axis, region)
        _cross(axis, map_)
    _map_bar(figure, axes).set_ticks([0, 1], labels=["0", "maximum"])
    return enlarge_text(figure)


def _outline(axis: Axes, region: np.ndarray) -> None:
    """Lines between the pixels of a region and all others, white with a black rim."""
    padded = np.pad(region, 1).astype(int)
    below = np.argwhere(np.diff(padded, axis=0)) - 0.5
    right = np.argwhere(np.diff(padded, axis=1)) - 0.5
    lines = [[(column - 1, row), (column, row)] for row, column in below]
    lines += [[(column, row - 1), (column, row)] for row, column in right]
    # Sharp lines make a smaller PNG than smooth ones.
    look: Options = {"antialiased": False, "capstyle": "projecting"}
    for colour, width in (("black", 2.2), ("white", 1.0)):
        axis.add_collection(LineCollection(lines, colors=colour, lw=width, **look))


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


def in_words(name: str) -> str:
    """The usual name of a method or baseline."""
    words = name.replace("_", " ").replace("grad cam", "Grad-CAM")
    return words.replace("score cam", "Score-CAM")


def favourites(pictures: np.ndarray, titles: Sequence[str], columns: int) -> Figure:
    """Pictures that neurons like best, (N, 48, 48), each in its own full contrast."""
    offsets = pictures - np.median(pictures, axis=(1, 2), keepdims=True)
    # Single pixels are far from the rest: 1 % of them may be cut off.
    limits = np.quantile(np.abs(offsets), 0.99, axis=(1, 2), keepdims=True)
    stretched = 127.5 * (1 + np.clip(offsets / np.maximum(limits, 1e-6), -1, 1))
    stretched = np.round(stretched / 255 * 31) / 31 * 255  # 32 greys: a small PNG
    return enlarge_text(face_grid(stretched, titles, columns=columns, side=1.4))


def kinds_of_attention(features: np.ndarray, attention_map: np.ndarray) -> Figure:
    """What five kinds of attention compute from the same features.

    Places are rows and channels are columns, except for self-attention, which has a row
    and a column for each place. The spatial map is the network's own; all other weights
    are random, so only the patterns mean something.

    Args:
        features: float, shape (height, width, channels).
        attention_map: float in [0, 1], shape (height, width).
    """
    rows = features.reshape(-1, features.shape[-1])  # (places, channels)
    channels = _channel_scores(rows, np.random.default_rng(3))  # mean, maximum: (2, C)
    places = np.log(attention_map / (1 - attention_map)).reshape(-1, 1)
    whole = np.zeros((len(rows), rows.shape[1]))
    panels = {
        "features": rows / rows.max(),
        "SE": _sigmoid(whole + channels[0]),
        "the paper's block": _sigmoid(whole + places),
        "CBAM": _sigmoid(whole + channels.sum(axis=0)) * _sigmoid(places),
        "BAM": _sigmoid(channels[0] + places),
        "self-attention": _self_attention(rows, np.random.default_rng(4)),
    }
    figure, axes = new_figure(2, 3, 4.4, 5.6)
    for axis, (name, panel) in zip(np.ravel(axes), panels.items(), strict=True):
        top = panel.max() if name == "self-attention" else 1
        axis.imshow(panel, cmap=MAP_COLOURS, vmin=0, vmax=top, aspect="auto")
        axis.set(title=name, xticks=[], yticks=[], xlabel="channels", ylabel="places")
    axes[2, 1].set_xlabel("places")
    bar = figure.colorbar(
        ScalarMappable(cmap=MAP_COLOURS), ax=axes, shrink=0.5, location="bottom"
    )
    bar.set_ticks([0, 1], labels=["0", "1, or the largest"], fontsize=8)
    return figure


def _channel_scores(rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Two dense layers on the mean and the maximum of each channel: (2, channels)."""
    squeezed = np.stack([rows.mean(axis=0), rows.max(axis=0)])
    down = random.normal(size=(rows.shape[1], 4))
    hidden = np.maximum(squeezed @ down, 0)
    scores = hidden @ random.normal(size=(4, rows.shape[1]))
    return scores / scores.std()


def _self_attention(rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """softmax(queries · keysᵀ / √d), (places, places): each row adds up to 1."""
    queries, keys = rows @ random.normal(size=(2, rows.shape[1], 16)) / 8  # d = 16
    powers = np.exp(queries @ keys.T / 4)
    return powers / powers.sum(axis=1, keepdims=True)


def _sigmoid(scores: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-scores))


_RIVALS = {"others": "others' maps", "edges": "edges", "mirrored": "mirrored"}
"""The maps that a method has to be ahead of, and their names in a figure."""


def leads(rows: Mapping[str, Mapping[str, Any]]) -> Figure:
    """For each method of the stored table, how far its hits are ahead of baselines.

    The differences are paired: both maps of a difference are scored on the same face.
    """
    height = 0.9 + ROW_HEIGHT * len(rows)
    figure, axes = new_figure(len(_RIVALS), 1, 6.4, height)
    for axis, (rival, words) in zip(axes, _RIVALS.items(), strict=True):
        axis.sharex(axes[0])
        axis.axvline(0, color=PALE, linewidth=1)
        ahead = {
            in_words(name): row["pointing_lead"][rival] for name, row in rows.items()
        }
        interval_rows(axis, ahead, GREY, BLUE)
        axis.tick_params(axis="y", length=0)
        if axis is not axes[0]:
            axis.set_yticklabels([])
        axis.set_title(f"ahead of {words}")
    axes[1].set_xlabel("own hits minus those of the baseline (points)")
    return figure


def cascade_maps(
    stages: Mapping[str, Sequence[np.ndarray]], names: Sequence[str]
) -> Figure:
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
    return enlarge_text(figure)


def replaced_maps(
    face: np.ndarray, maps: Mapping[str, np.ndarray], kept: Sequence[str]
) -> Figure:
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
    return enlarge_text(figure)


def part_names(parts: Sequence[str]) -> list[str]:
    """The names of `randomised.parts_from_the_top` in a figure."""
    layers = {"predictions": "last layer", "fc1": "dense"}
    return [layers.get(part, part.replace("block", "block ")) for part in parts]


def randomisation_lines(
    correlations: Mapping[str, Sequence[float]], parts: Sequence[str]
) -> Figure:
    """How similar maps stay to the network's while more and more of it is random."""
    figure, axis = new_figure(width=5.0, height=2.8)
    named_lines(axis, {in_words(name): row for name, row in correlations.items()})
    axis.axhline(0, color=PALE, linewidth=1)
    axis.set_xticks(np.arange(1, len(parts) + 1), part_names(parts), fontsize=8)
    axis.set(xlabel="randomised from the top down to", ylabel="rank correlation")
    axis.set_ylim(-0.4, 1.08)
    return figure


def removal_areas(rows: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Areas under the curves of deletion and insertion, in percent, with both fills."""
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
        axis.set_yticks(places, list(map(in_words, rows)))
        axis.set_ylim(len(rows) - 0.5, -0.5)
        axis.grid(axis="x", color=PALE, linewidth=0.5)
        axis.set(title=measure, xlabel=f"area (%), {words}")
    axes[0].legend(
        loc="lower left", bbox_to_anchor=(-0.75, -0.2), fontsize=8, frameon=False
    )
    axes[1].set_yticklabels([])
    return figure
