"""Figures of lesson 01, most of them with their alternative text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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
from fercourse.plots.tables import show_table


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


def difference_maps(
    means: np.ndarray, shuffled: np.ndarray, shown: str
) -> tuple[Figure, str]:
    """Average faces, how they differ from the neutral one, and how random groups do.

    Averages have shape (7, 48, 48), or (N, 7, 48, 48) for N shuffles. Brightness is
    left out; the number below a map is its root mean square. `shown` names the faces.
    """
    figure, axes = new_figure(len(EMOTIONS) - 1, 3, width=5.2, height=4.0)
    for axis, mean, emotion in zip(axes[0], means, EMOTIONS, strict=False):
        show_face(axis, 255 * (mean - means.min()) / np.ptp(means))
        axis.set_title(emotion, fontsize=9)
    rows = "average", "minus\nneutral", "labels\nshuffled"
    name_rows(figure, len(EMOTIONS) - 1, rows)
    real, chance = _differences(means), _differences(shuffled)
    sizes = np.sqrt((real**2).mean(axis=(-2, -1)))  # (6,), grey values
    by_chance = np.sqrt((chance**2).mean(axis=(-2, -1)))  # (N, 6)
    most = np.percentile(by_chance, 95, axis=0)
    steps = colormaps["RdBu_r"].resampled(11)
    look: Options = {"cmap": steps, "vmin": -15, "vmax": 15, "interpolation": "nearest"}
    for column, (size, limit) in enumerate(zip(sizes, most, strict=True)):
        for axis, map_, number in (
            (axes[1, column], real[column], f"{size:.1f}"),
            (axes[2, column], chance[0, column], f"up to {limit:.1f}"),
        ):
            colours = axis.imshow(map_, **look)
            axis.set_xlabel(number, fontsize=8, labelpad=2)
            axis.set(xticks=[], yticks=[], frame_on=False)
    bar = figure.colorbar(colours, ax=axes, location="bottom", aspect=50)
    below = (
        "grey values. Below a map: its typical difference. For shuffled labels (one\n"
        "shuffle is drawn): "
    )
    below += f"what 95 % of {len(shuffled)} shuffles stay below. {shown}"
    bar.set_label(below, fontsize=8)
    names = EMOTIONS[:-1]
    pairs = zip(names, sizes, most, strict=True)
    words = ", ".join(f"{name} {size:.1f} ({limit:.1f})" for name, size, limit in pairs)
    return figure, (
        "Average faces, and how much they differ from the neutral one, in grey values "
        f"(in brackets: what 95 % of {len(shuffled)} shuffles stay below): {words}."
    )


def _differences(means: np.ndarray) -> np.ndarray:
    """From the neutral face, without brightness; (…, 7, 48, 48) to (…, 6, 48, 48)."""
    shapes = means - means.mean(axis=(-2, -1), keepdims=True)
    return shapes[..., :-1, :, :] - shapes[..., -1:, :, :]


def show_pairs(
    title: str, rows: Mapping[str, Iterable[float | str]], form: str = "{:,}"
) -> None:
    """A table with two numbers in each row: that of the loaded faces, and FER2013's."""
    table = [[title, "here", "FER2013"]]
    for name, pair in rows.items():
        cells = [n if isinstance(n, str) else form.format(n) for n in pair]
        table.append([name, *cells])
    show_table(table)


def name_rows(figure: Figure, columns: int, names: Sequence[str]) -> None:
    """Write the name of each row of a `face_grid` at its left, upwards."""
    for first, name in zip(figure.axes[::columns], names, strict=True):
        first.text(-2, 24, name, rotation=90, ha="right", va="center", fontsize=9)
