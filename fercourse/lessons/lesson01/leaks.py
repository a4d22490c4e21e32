"""Splits that leak: test faces with a copy elsewhere, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fercourse.data.exploration import leak, picture_numbers, remembered
from fercourse.data.faces import Faces
from fercourse.plots.figures import (
    BLUE,
    GREY,
    ORANGE,
    Options,
    Shown,
    names_above,
    new_figure,
    note,
)

PAPER = 73.35
"""The accuracy that the paper reports, in percent."""
_ASKED = 800  # about as many test faces are looked up


def leak_and_accuracy(faces: Faces, test: np.ndarray) -> tuple[float, float]:
    """Percent of test faces with a copy elsewhere, and of those the neighbour knows.

    `test`, bool of shape (N,), marks the test faces; to save time, only about every
    fourth is looked up where there are several thousand.
    """
    share = leak(picture_numbers(faces.images), test) / test.sum()
    right = remembered(faces, test, step=max(1, test.sum() // _ASKED))
    return 100 * share, 100 * float(right.mean())


def stored_leaks(
    facts: Mapping[str, int], faces: int
) -> dict[str, tuple[float, float]]:
    """The same of FER2013, for each split, from its stored facts and its test faces."""
    nearest_right = facts["nearest_right_copies"] + facts["nearest_right_rest"]
    counts = {
        "official": (facts["private_in_training"], nearest_right, faces),
        "at random": (facts["random_split_leak"], facts["random_split_right"], faces),
        "balanced, then at random": (
            facts["balanced_split_leak"],
            facts["balanced_split_right"],
            faces,
        ),
        "by picture": (0, facts["picture_split_right"], facts["picture_split_faces"]),
    }
    return {
        name: (100 * leaked / count, 100 * right / count)
        for name, (leaked, right, count) in counts.items()
    }


def leaks_figure(
    here: Mapping[str, tuple[float, float]],
    fer2013: Mapping[str, tuple[float, float]],
) -> Shown:
    """For each split, its leak and what it is worth, in percent, and a text.

    Both map a split to its leak and the accuracy of the nearest neighbour.
    """
    figure, axes = new_figure(2, width=5.2, height=1.1 + 0.5 * len(here))
    places = np.arange(len(here))
    labels = "test faces with a copy (%)", "nearest neighbour right (%)"
    for column, (axis, label) in enumerate(zip(axes, labels, strict=True)):
        for source, measured, colour, below in (
            ("here", here, GREY, 0.0),
            ("FER2013", fer2013, BLUE, 0.21),
        ):
            values = [measured[name][column] for name in here]
            look: Options = {"color": colour, "height": 0.2, "label": source}
            bars = axis.barh(places + below, values, **look)
            written = [f"{value:.1f}" if value else "0" for value in values]
            axis.bar_label(bars, written, padding=3, fontsize=8)
        axis.set(xlim=(0, 100), xticks=(0, 50, 100)[: 2 + column])  # no 100 at a 0
        axis.set_xlabel(label, fontsize=9)
        names_above(axis, list(here))
    axes[1].tick_params(labelleft=False)
    # With a gap for the number at the end of a bar.
    ends = ([-0.72, 2.12], [1.88, len(here) - 0.4])
    axes[1].vlines([PAPER, PAPER], *ends, color=ORANGE, linestyle=":")
    note(axes[1], f"the paper: {PAPER} %", (PAPER, -0.72), ORANGE, "right", "bottom")
    legend: Options = {"loc": "outside upper left", "ncols": 2, "fontsize": 9}
    figure.legend(*axes[0].get_legend_handles_labels(), frameon=False, **legend)
    words = [
        f"{name}: {here[name][0]:.1f} % here, {fer2013[name][0]:.1f} % in FER2013; "
        f"the nearest neighbour is right for {here[name][1]:.1f} % and "
        f"{fer2013[name][1]:.1f} %"
        for name in here
    ]
    return figure, f"Test faces with a copy. {'. '.join(words)}."
