"""What chance does: to labels, and to what a test split measures, as a widget."""

from __future__ import annotations

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from fercourse.data.faces import EMOTIONS, Faces
from fercourse.lessons.lesson01.leaks import PAPER
from fercourse.plots.figures import BLUE, INK, ORANGE, PALE, Shown, new_figure, note
from fercourse.plots.widgets import FigurePanel
from fercourse.results.statistics import TEST_FACES, wilson_interval

TRUTH = PAPER
"""The accuracy that the paper reports, taken for the true one, in percent."""
SPLITS = 20
_SCALE = (55, 91)  # one for all sizes, so that the intervals are seen to shrink
_SIZES = (100, 300, 1_000, TEST_FACES, 10_000, 35_887)


def shuffled_averages(faces: Faces, times: int) -> np.ndarray:
    """Average faces after matching faces and labels at random: (times, 7, 48, 48)."""
    # Sorting uniform numbers shuffles alike in every version of NumPy.
    chance = np.random.Generator(np.random.PCG64(0)).random((times, len(faces)))
    labels = faces.emotions[np.argsort(chance, kind="stable")]  # (times, N)
    groups = labels[:, None] == np.arange(len(EMOTIONS))[:, None]  # (times, 7, N)
    groups = groups.reshape(-1, len(faces)).astype("float32")
    pixels = faces.images.reshape(len(faces), -1).astype("float32")
    # Sums of fewer than 65,000 bytes are exact in float32.
    means = groups @ pixels / np.maximum(groups.sum(axis=1, keepdims=True), 1)
    return means.reshape(times, len(EMOTIONS), *faces.images.shape[1:])


def sampled_intervals(faces: int, draw: int) -> np.ndarray:
    """What a model measures on random test splits, in percent.

    Args:
        faces: in each split.
        draw: the same number gives the same splits.

    Returns:
        Shape (SPLITS, 3): accuracy and the ends of its 95 % interval.
    """
    chance = np.random.Generator(np.random.PCG64(draw))
    correct = chance.binomial(faces, TRUTH / 100, SPLITS).tolist()
    rows = [(100 * n / faces, *wilson_interval(n, faces)) for n in correct]
    return np.array(rows)


class SplitsPanel(FigurePanel):
    """Choose how many faces a test split has; see what twenty splits measure.

    Example: `panel = lesson01.SplitsPanel(); panel.faces.value = 100`.

    Attributes:
        faces: a test split's number of faces.
        number: which twenty splits, from 1.
    """

    def __init__(self) -> None:
        sizes = [(f"{size:,}", size) for size in _SIZES]
        self.faces = ipywidgets.Dropdown(
            options=sizes, value=TEST_FACES, description="test faces"
        )
        self.number = ipywidgets.BoundedIntText(1, min=1, max=100, description="draw")
        for control in (self.faces, self.number):
            control.layout.width = "200px"
        super().__init__(self.faces, self.number)

    def draw(self) -> Shown:
        """The figure for the chosen splits, and its alternative text."""
        rows = sampled_intervals(self.faces.value, self.number.value)
        alt = (
            f"{self.faces.value:,} faces in each split, draw {self.number.value}: "
            f"measured {rows[:, 0].min():.1f} to {rows[:, 0].max():.1f} %; "
            f"{_contain_truth(rows).sum()} of {SPLITS} intervals contain {TRUTH} %."
        )
        return _drawn(rows, self.faces.value), alt


def _contain_truth(rows: np.ndarray) -> np.ndarray:
    return (rows[:, 1] <= TRUTH) & (rows[:, 2] >= TRUTH)


def _drawn(rows: np.ndarray, faces: int) -> Figure:
    """A dot and an interval for each split; orange where it misses the truth."""
    figure, axis = new_figure(width=4.4, height=3.4)
    axis.axvspan(TRUTH - 2, TRUTH + 2, color=PALE, alpha=0.5, linewidth=0)
    contain = _contain_truth(rows)
    for place, (value, low, high) in enumerate(rows):
        colour = BLUE if contain[place] else ORANGE
        axis.plot([low, high], [place, place], color=colour)
        axis.plot(value, place, "o" if contain[place] else "D", color=colour, ms=4)
    axis.plot([TRUTH, TRUTH], [-0.9, SPLITS], ":", color=INK)
    note(axis, f"truth: {TRUTH} %", (TRUTH, -1), across="center", level="bottom")
    axis.set(xlim=_SCALE, ylim=(SPLITS - 0.3, -2.2), yticks=[])
    axis.set(xlabel="accuracy (%), with 95 % interval", ylabel=f"{SPLITS} test splits")
    right = f"{contain.sum()} of {SPLITS} intervals contain the truth"
    axis.set_title(f"{faces:,} test faces: {right}", loc="left", fontsize=9)
    return figure
