"""Figures of lesson 06."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from fercourse.plots.figures import (
    BLUE,
    GREY,
    MAP_COLOURS,
    PALE,
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
    evidence: np.ndarray | None = None,
    side: float = 1.75,
    region: np.ndarray | None = None,
) -> Figure:
    """A face, and next to it the same face under each map, scaled to its maximum.

    With a `region`, each map is drawn alone, with the outline of the region and a cross
    on the map's highest pixel.

    Args:
        face: shape (48, 48), grey 0–255.
        maps: by name, float of 0 or more, shape (48, 48) or that of a coarse grid.
        evidence: bool, shape (48, 48); outlined on the face itself.
        side: of one face, in inches.
        region: bool, shape (48, 48).
    """
    columns = min(len(maps) + 1, 3)  # no more, to be readable on a phone
    rows = -(-(len(maps) + 1) // columns)
    height = (side + 0.3) * rows + 0.4
    figure, axes = new_figure(columns, rows, side * columns + 0.2, height)
    axes = np.ravel(axes)
    for axis in axes[len(maps) + 1 :]:
        axis.axis("off")
    show_face(axes[0], face)
    axes[0].set_title("face" if evidence is None else "evidence", pad=3)
    if evidence is not None and evidence.any():
        _outline(axes[0], evidence)
    for axis, (name, map_) in zip(axes[1:], maps.items(), strict=False):
        scaled = map_ / max(map_.max(), 1e-9)
        if region is None:
            show_face(axis, face, scaled)
        else:
            axis.imshow(scaled, cmap=MAP_COLOURS, vmin=0, vmax=1)
            _outline(axis, region)
            row, column = np.unravel_index(map_.argmax(), map_.shape)
            axis.plot(column, row, "x", color="red", markersize=7, markeredgewidth=1.5)
            axis.axis("off")
        axis.set_title(name, pad=3)
    scale: Options = {"location": "bottom", "shrink": 0.5, "aspect": 30}
    bar = figure.colorbar(ScalarMappable(cmap=MAP_COLOURS), ax=axes, **scale)
    bar.set_ticks([0, 1], labels=["0", "maximum"])
    return enlarge_text(figure)


def _outline(axis: Axes, pixels: np.ndarray) -> None:
    for colour, width in (("black", 1.8), ("white", 0.9)):
        axis.contour(pixels, levels=[0.5], colors=colour, linewidths=width)


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
    return enlarge_text(face_grid(stretched, titles, columns=columns, side=1.4))


def covered_faces(faces: np.ndarray, probabilities: Sequence[float]) -> Figure:
    """Faces (N, 48, 48) with the probability that remains."""
    titles = [f"{probability:.2f}" for probability in probabilities]
    return enlarge_text(face_grid(faces, titles, columns=4, side=1.4))


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


def gain_intervals(rows: Mapping[str, Mapping[str, Any]]) -> Figure:
    """For each row of the stored table, how much a face's own map gains over others'.

    Two panels: hits of the pointing game and shares on the evidence, in points.
    """
    figure, axes = new_figure(2, 1, 5.4, 0.9 + 0.25 * len(rows))
    measures = {"pointing": "hits", "share": "share on evidence"}
    for axis, (measure, words) in zip(axes, measures.items(), strict=True):
        axis.axvline(0, color=PALE, linewidth=1)
        gains = {in_words(name): row[f"{measure}_gain"] for name, row in rows.items()}
        interval_rows(axis, gains, GREY, BLUE)
        axis.set(title=words, xlabel="own − others' (points)")
    axes[1].set_yticklabels([])
    return figure


def randomisation_lines(
    correlations: Mapping[str, Sequence[float]], parts: Sequence[str]
) -> Figure:
    """How similar maps stay to the network's while more and more of it is random."""
    figure, axis = new_figure(width=5.0, height=2.8)
    named_lines(axis, {in_words(name): row for name, row in correlations.items()})
    axis.axhline(0, color=PALE, linewidth=1)
    layers = {"predictions": "last layer", "fc1": "dense"}
    labels = [layers.get(part, part.replace("block", "block ")) for part in parts]
    axis.set_xticks(np.arange(1, len(parts) + 1), labels, fontsize=8)
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
