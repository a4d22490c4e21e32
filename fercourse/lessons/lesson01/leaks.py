"""Splits that leak: test faces with a copy elsewhere, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from fercourse.data.exploration import leak, nearest_neighbours, picture_numbers
from fercourse.data.faces import Faces
from fercourse.plots.figures import BLUE, PALE, Options, names_above, new_figure

_ASKED = 800  # about as many test faces are looked up


def leak_and_accuracy(faces: Faces, test: np.ndarray) -> tuple[float, float]:
    """Percent of test faces with a copy elsewhere, and of those the neighbour knows.

    `test`, bool of shape (N,), marks the test faces; to save time, only about every
    fourth is looked up where there are several thousand.
    """
    share = leak(picture_numbers(faces.images), test) / test.sum()
    asked = faces[np.flatnonzero(test)[:: max(1, test.sum() // _ASKED)]]
    known = faces[~test]
    found = known.emotions[nearest_neighbours(asked.images, known.images)]
    return 100 * share, 100 * float(np.mean(found == asked.emotions))


def leaks_figure(
    here: Mapping[str, tuple[float, float]], fer2013: Mapping[str, float]
) -> tuple[Figure, str]:
    """For each split, its leak and what it is worth, in percent, and a text.

    `here` maps a split to its leak and its accuracy, `fer2013` to its leak.
    """
    figure, (left, right) = new_figure(2, width=4.8, height=0.8 + 0.5 * len(here))
    leaks, accuracies = np.transpose([*here.values()])
    places = np.arange(len(here))
    series: tuple[tuple[str, np.ndarray, str, float], ...] = (
        ("here", leaks, BLUE, 0.0),
        ("FER2013", np.array([fer2013[name] for name in here]), PALE, 0.21),
    )
    for source, values, colour, below in series:
        look: Options = {"color": colour, "height": 0.2, "label": source}
        _with_numbers(left, left.barh(places + below, values, **look))
    _with_numbers(right, right.barh(places, accuracies, color=BLUE, height=0.2))
    for axis in (left, right):
        axis.set(xlim=(0, 100), xticks=(0, 50, 100))
        names_above(axis, list(here))
    right.tick_params(labelleft=False)
    left.set_xlabel("with a copy elsewhere (%)")
    right.set_xlabel("nearest neighbour right (%)")
    left.legend(loc="upper right", frameon=False)
    words = [
        f"{name}: {leaked:.1f} % here, {fer2013[name]:.1f} % in FER2013, "
        f"{accuracy:.1f} % right"
        for name, (leaked, accuracy) in here.items()
    ]
    return figure, f"Test faces with a copy elsewhere. {'; '.join(words)}."


def _with_numbers(axis: Axes, bars: BarContainer) -> None:
    axis.bar_label(bars, fmt="{:.1f}", padding=3, fontsize=8)
