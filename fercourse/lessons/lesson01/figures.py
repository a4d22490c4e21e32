"""Figures of lesson 01, most of them with their alternative text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn
from matplotlib import colormaps
from matplotlib.figure import Figure

from fercourse.data.faces import EMOTIONS
from fercourse.plots.figures import (
    BLUE,
    EMOTION_COLOURS,
    PALE,
    ROW_HEIGHT,
    Options,
    named_bars,
    new_figure,
    show_face,
)


def bars(
    values: Mapping[str, float], label: str, form: str, title: str = ""
) -> tuple[Figure, str]:
    """One bar for each name, emotions in their colours, and an alternative text.

    `label` names the values' axis, and `form` writes a value, such as "{:.0f} %".
    """
    height = 0.8 + ROW_HEIGHT * len(values)
    figure, axis = new_figure(width=3.8, height=height)
    colours = EMOTION_COLOURS if tuple(values) == EMOTIONS else BLUE
    named_bars(axis, values, colours, form)
    axis.set_xlabel(label)
    axis.set_title(title, loc="left", fontsize=9)
    words = ", ".join(f"{name} {form.format(value)}" for name, value in values.items())
    return figure, f"{title or 'Bars'}: {words}."


def class_shares(here: Sequence[int], fer2013: Sequence[int]) -> tuple[Figure, str]:
    """Two bars for each emotion, the shares of two sets of counts, and a text."""
    figure, axis = new_figure(width=4.6, height=3.4)
    shares, words = {}, []
    for source, counts in (("here", here), ("FER2013", fer2013)):
        shares[source] = 100 * np.array(counts) / np.sum(counts)  # (7,)
        pairs = zip(EMOTIONS, shares[source], strict=True)
        words.append(", ".join(f"{name} {share:.1f} %" for name, share in pairs))
    look: Options = {"palette": [BLUE, PALE], "saturation": 1, "errorbar": None}
    every = np.concatenate([*shares.values()])
    sources = np.repeat([*shares], len(EMOTIONS))
    seaborn.barplot(x=every, y=EMOTIONS * 2, hue=sources, ax=axis, **look)
    for bars_ in axis.containers:
        axis.bar_label(bars_, fmt="{:.1f}", padding=3, fontsize=8)
    axis.legend(frameon=False)
    axis.set(xlabel="share of the Training faces (%)", xlim=(0, 30))
    return figure, f"Shares of Training, here: {words[0]}; FER2013: {words[1]}."


def difference_maps(means: np.ndarray, shuffled: np.ndarray) -> tuple[Figure, str]:
    """Average faces, how they differ from the neutral one, and how random groups do.

    Both arrays are averages, shape (7, 48, 48). Brightness is left out; the number
    below a map is its root mean square.
    """
    figure, axes = new_figure(len(EMOTIONS), 3, width=5.8, height=3.1)
    for axis, mean, emotion in zip(axes[0], means, EMOTIONS, strict=True):
        show_face(axis, 255 * (mean - means.min()) / np.ptp(means))
        axis.set_title(emotion, fontsize=9)
    name_rows(figure, len(EMOTIONS), ("average", "minus\nneutral", "labels\nshuffled"))
    steps = colormaps["RdBu_r"].resampled(11)
    look: Options = {"cmap": steps, "vmin": -15, "vmax": 15, "interpolation": "nearest"}
    words = []
    for row, averages in zip(axes[1:], (means, shuffled), strict=True):
        shapes = averages - averages.mean(axis=(1, 2), keepdims=True)
        differences = shapes[:-1] - shapes[-1]  # (6, 48, 48), grey values
        sizes = np.sqrt((differences**2).mean(axis=(1, 2)))
        for axis, difference, size in zip(row, differences, sizes, strict=False):
            colours = axis.imshow(difference, **look)
            axis.set_xlabel(f"{size:.1f}", fontsize=8, labelpad=2)
            axis.set(xticks=[], yticks=[], frame_on=False)
        row[-1].axis("off")  # neutral, from which nothing differs
        pairs = zip(EMOTIONS, sizes, strict=False)
        words.append(", ".join(f"{name} {size:.1f}" for name, size in pairs))
    figure.colorbar(colours, ax=axes[1:, -1], label="grey values", fraction=0.3)
    return figure, (
        f"Average faces, and their differences from the neutral one: {words[0]} grey "
        "values, in spots at mouth and eyes. With shuffled labels, without such spots: "
        f"{words[1]}."
    )


def name_rows(figure: Figure, columns: int, names: Sequence[str]) -> None:
    """Write the name of each row of a `face_grid` at its left, upwards."""
    for first, name in zip(figure.axes[::columns], names, strict=True):
        first.text(-2, 24, name, rotation=90, ha="right", va="center", fontsize=9)
