"""Which percentages are possible at all: a panel of lesson 05."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from fercourse.plots.figures import (
    BLUE,
    GREY,
    HIGHLIGHT,
    ORANGE,
    Shown,
    enlarge_text,
    new_figure,
    note,
)
from fercourse.plots.widgets import FigurePanel, choice_list
from fercourse.results.statistics import TEST_FACES
from fercourse.results.table3.paper import PAPER_ROWS, PaperRow


class PossiblePanel(FigurePanel):
    """Choose a row of the paper, and see which counts of right answers would give it.

    Example: `panel = lesson05.PossiblePanel(); panel.faces.value = 7178`.

    Attributes:
        row: a row of the paper.
        faces: number of test faces.
    """

    def __init__(self) -> None:
        rows = {f"{row.printed} %": row for row in reversed(PAPER_ROWS)}
        self.row = choice_list("printed", rows, PAPER_ROWS[-2])
        sizes = {f"{n * TEST_FACES:,} faces": n * TEST_FACES for n in (1, 2)}
        self.faces = choice_list("tested on", sizes, TEST_FACES)
        super().__init__(self.row, self.faces)

    def draw(self) -> Shown:
        """The percentages around the printed one, and an alternative text."""
        row, faces = self.row.value, self.faces.value
        fitting = len(row.counts(faces))
        many, verb = ("counts", "are") if fitting > 1 else ("count", "is")
        words = f"{fitting or 'No'} {many} of {faces:,} faces {verb} printed as "
        words += f"{row.printed} %"
        figure = number_line(row, faces)
        figure.axes[0].set_title(words, loc="left")
        named = " and ".join(f"{count:,}" for count in nearest_counts(row, faces))
        return enlarge_text(figure, 10), f"{words}; named are {named}."


def number_line(row: PaperRow, faces: int) -> Figure:
    """A mark for each possible percentage near a printed one; blue: it gives that one.

    The band holds the accuracies that are printed like this, rounded or cut off.
    """
    figure, axis = new_figure(width=4.8, height=2.0)
    unit, step = 10**-row.decimals, 100 / faces
    start, end = row.accuracy - unit / 2, row.accuracy + unit
    reach = max(4 * step, 0.8 * (end - start))
    low, high = (start + end) / 2 - reach, (start + end) / 2 + reach
    axis.axvspan(start, end, color=HIGHLIGHT, zorder=0)
    note(axis, row.printed, ((start + end) / 2, 1.4), ORANGE, "center")
    fitting = row.counts(faces)
    for count in range(int(np.ceil(low / step)), int(high / step) + 1):
        colour = BLUE if count in fitting else GREY
        axis.vlines(count * step, 0, 0.7, color=colour, linewidth=1.5)
        axis.plot(count * step, 0.7, "o", color=colour, markersize=5)
    for count in nearest_counts(row, faces):
        colour = BLUE if fitting else GREY
        note(axis, f"{count:,}", (count * step, 0.85), colour, "center", "bottom")
    axis.set(xlim=(low, high), ylim=(0, 1.6), yticks=[], xlabel="accuracy (%)")
    axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axis.spines["left"].set_visible(False)
    return figure


def nearest_counts(row: PaperRow, faces: int) -> list[int]:
    """The first and the last that fit; if none does, the neighbours on both sides."""
    fitting = row.counts(faces)
    below = int(row.accuracy * faces / 100)
    return sorted({fitting[0], fitting[-1]} if fitting else {below, below + 1})
