"""Figures of lesson 01, most of them with their alternative text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import seaborn
from matplotlib import colormaps
from matplotlib.figure import Figure

from fercourse.data.faces import EMOTIONS, Faces
from fercourse.data.practice import PracticeFaces
from fercourse.plots.figures import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    ROW_HEIGHT,
    Options,
    Shown,
    face_grid,
    named_bars,
    names_above,
    new_figure,
    note,
    show_face,
)
from fercourse.plots.tables import show_table
from fercourse.results.statistics import wilson_interval


def bars(
    values: Mapping[str, float], label: str, form: str, title: str, marked: str
) -> Shown:
    """One bar for each name, the marked one in another colour, and a text.

    `label` names the values' axis, and `form` writes a value, such as "{:.0f} %".
    """
    height = 0.8 + ROW_HEIGHT * len(values)
    figure, axis = new_figure(width=4.3, height=height)
    colours = {name: ORANGE if name == marked else BLUE for name in values}
    named_bars(axis, values, colours, form)
    axis.set_xlabel(label)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    words = ", ".join(f"{name} {form.format(value)}" for name, value in values.items())
    return figure, f"{title}: {words}."


def class_shares(here: Sequence[int], fer2013: Sequence[int]) -> Shown:
    """Two bars for each emotion, the shares of two sets of counts, and a text."""
    figure, axis = new_figure(width=4.6, height=3.4)
    shares, words = {}, []
    for source, counts in (("here", here), ("FER2013", fer2013)):
        shares[source] = 100 * np.array(counts) / np.sum(counts)  # (7,)
        pairs = zip(EMOTIONS, shares[source], strict=True)
        words.append(", ".join(f"{name} {share:.1f} %" for name, share in pairs))
    look: Options = {"palette": [GREY, BLUE], "saturation": 1, "errorbar": None}
    every = np.concatenate([*shares.values()])
    sources = np.repeat([*shares], len(EMOTIONS))
    seaborn.barplot(x=every, y=EMOTIONS * 2, hue=sources, ax=axis, **look)
    for bars_ in axis.containers:
        axis.bar_label(bars_, fmt="{:.1f}", padding=3, fontsize=8)
    axis.legend(frameon=False, fontsize=9)
    axis.set(xlabel="share of the Training faces (%)", xlim=(0, 30))
    return figure, f"Shares of Training, here: {words[0]}; FER2013: {words[1]}."


def difference_maps(
    means: np.ndarray, shuffled: np.ndarray, emotions: Sequence[str], source: str
) -> Shown:
    """Average faces, how they differ from the neutral one, and how random groups do.

    Averages have shape (7, 48, 48), or (N, 7, 48, 48) for N shuffles. Brightness is
    left out; the number below a map is its root mean square. `emotions` are shown, and
    `source` names the faces. The shuffle that is drawn has the median size.
    """
    figure, axes = new_figure(len(emotions), 3, width=3.4, height=5.0)
    real, chance = _differences(means), _differences(shuffled)
    sizes = np.sqrt((real**2).mean(axis=(-2, -1)))  # (7,), grey values
    by_chance = np.sqrt((chance**2).mean(axis=(-2, -1)))  # (N, 7)
    most = np.percentile(by_chance, 95, axis=0)
    steps = colormaps["RdBu_r"].resampled(11)
    look: Options = {"cmap": steps, "vmin": -15, "vmax": 15, "interpolation": "nearest"}
    words = []
    for column, emotion in enumerate(emotions):
        number = EMOTIONS.index(emotion)
        face = means[number] - means.min()
        show_face(axes[0, column], 255 * face / np.ptp(means))
        axes[0, column].set_title(emotion, fontsize=9)
        median = np.argsort(by_chance[:, number])[len(by_chance) // 2]
        for axis, map_ in (
            (axes[1, column], real[number]),
            (axes[2, column], chance[median, number]),
        ):
            colours = axis.imshow(map_, **look)
            axis.set(xticks=[], yticks=[], frame_on=False)
        size = f"size {sizes[number]:.1f} (chance:\nup to {most[number]:.1f})"
        axes[1, column].set_xlabel(size, fontsize=9, labelpad=2)
        words.append(f"{emotion} {sizes[number]:.1f} ({most[number]:.1f})")
    name_rows(figure, len(emotions), ("average", "minus\nneutral", "labels\nshuffled"))
    figure.suptitle(f"averages of {source}", fontsize=10)
    bar = figure.colorbar(colours, ax=axes, location="bottom", aspect=40)
    bar.set_label("darker or brighter than neutral (grey values)", fontsize=9)
    return figure, (
        f"Averages of {source}, and how much they differ from the neutral one, in grey "
        f"values (in brackets: what 95 % of {len(shuffled)} shuffles stay below): "
        f"{', '.join(words)}."
    )


def _differences(means: np.ndarray) -> np.ndarray:
    """Of each average face from the neutral one, without brightness, same shape."""
    shapes = means - means.mean(axis=(-2, -1), keepdims=True)
    return shapes - shapes[..., -1:, :, :]


def baseline_intervals(rows: Mapping[str, tuple[np.ndarray, int, int]]) -> Shown:
    """For each baseline, two accuracies with intervals, and a text.

    A row says which answers are right here, bool, shape (N,), and how many of how many
    are right in FER2013.
    """
    figure, axis = new_figure(width=4.6, height=0.6 + 0.62 * len(rows))
    words = []
    for place, (name, (here, correct, count)) in enumerate(rows.items()):
        series = (
            ("here", int(here.sum()), len(here), GREY, "o", place - 0.03),
            ("FER2013", correct, count, BLUE, "s", place + 0.2),
        )
        for source, right, faces, colour, marker, row in series:
            accuracy = 100 * right / faces
            low, high = wilson_interval(right, faces)
            axis.plot([low, high], [row, row], color=colour, linewidth=2)
            axis.plot(accuracy, row, marker, color=colour, markersize=5)
            text = f"  {accuracy:.1f}" + (f" {source}" if place == 0 else "")
            note(axis, text, (high, row), colour)
            words.append(f"{name}, {source} {low:.1f} to {high:.1f} %")
    names_above(axis, list(rows))
    axis.set_xlabel("accuracy (%), with 95 % interval")
    axis.margins(x=0.12)
    return figure, f"Intervals: {'; '.join(words)}."


def reported_figure(reported: Mapping[str, np.ndarray], truth: float) -> Shown:
    """A dot for each repetition, in percent, their means, and a text.

    The rows are ways to choose and to report; `truth` is every model's true accuracy.
    """
    figure, axis = new_figure(width=4.6, height=0.6 + 0.62 * len(reported))
    spread = np.random.Generator(np.random.PCG64(0)).uniform(-0.13, 0.13, 10_000)
    words = []
    for place, (name, values) in enumerate(reported.items()):
        rows = place + 0.1 + spread[: len(values)]
        axis.plot(values, rows, ".", color=BLUE, alpha=0.25, markersize=3)
        axis.vlines(truth, place - 0.13, place + 0.3, color=INK, linestyle=":")
        look: Options = {"color": ORANGE, "markeredgecolor": "white", "markersize": 7}
        axis.plot(values.mean(), place + 0.1, "D", **look)
        note(axis, f"  {values.mean():.1f}", (values.max(), place + 0.1), ORANGE)
        words.append(f"{name}: {values.mean():.1f} %")
    names_above(axis, list(reported))
    axis.set_xlabel(
        f"reported accuracy (%); every model's true accuracy is {truth:g} %"
    )
    axis.margins(x=0.1)
    return figure, f"Means of the reported accuracies: {'; '.join(words)}."


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


def wrong_labels(drawn: PracticeFaces, count: int = 3) -> Shown:
    """The first practice faces whose label is not what was drawn, and a text."""
    faces, truth = drawn.faces, drawn.drawn_emotions
    wrong = np.flatnonzero(faces.emotions != truth)
    shown = wrong[:count]
    pairs = zip(faces.emotions[shown], truth[shown], strict=True)
    names = [f"{EMOTIONS[label]}\n({EMOTIONS[drawn_]})" for label, drawn_ in pairs]
    figure = face_grid(faces.images[shown], names, columns=count, side=1.25)
    figure.set_figheight(1.85)
    about = f"{len(wrong)} of {len(faces)} labels are wrong"
    figure.suptitle(f"{about}: label (drawn)", fontsize=10)
    return figure, f"{about}. Labels (drawn): {', '.join(names)}.".replace("\n", " ")


def nearest_pairs(asked: Faces, nearest: Faces, count: int = 3) -> Shown:
    """Faces above their nearest ones, each with its label, and a text."""
    images = np.concatenate([asked.images[:count], nearest.images[:count]])
    emotions = [*asked.emotions[:count], *nearest.emotions[:count]]
    labels = [EMOTIONS[emotion] for emotion in emotions]
    figure = face_grid(images, labels, columns=count, side=1.2)
    name_rows(figure, count, ("test face", "its nearest"))
    pairs = zip(labels[:count], labels[count:], strict=True)
    words = ", ".join(f"{above} and {below}" for above, below in pairs)
    return figure, f"Test faces above, their nearest training faces below: {words}."
