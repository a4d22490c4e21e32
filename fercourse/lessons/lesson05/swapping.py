"""How often a test puts the worse of two systems first: a panel of lesson 05."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import norm

from fercourse.plots.figures import BLUE, INK, ORANGE, PALE, Shown, new_figure, note
from fercourse.plots.widgets import FigurePanel, choice_list
from fercourse.results.statistics import TEST_FACES

FACES = (500, TEST_FACES, 10_000, 36_000, 100_000, 1_000_000)
DIFFERENCES = (0.07, 0.2, 0.5, 0.95, 2.0)
"""In points; 0.07 and 0.95 are leads of the paper's last row."""


def spread(difference: float, disagree: float, faces: int) -> float:
    """The standard deviation of a measured difference of two systems, in points.

    Args:
        difference: the true one, in points.
        disagree: percent of the faces on which exactly one of the two is right.
        faces: number of test faces, the same for both.
    """
    # A face counts +1, 0 or −1; the variance of the mean is that of one face over n.
    return 100 * np.sqrt((disagree / 100 - (difference / 100) ** 2) / faces)


def swapped(difference: float, disagree: float, faces: int) -> float:
    """The share of tests in which the worse system comes out ahead."""
    return float(norm.cdf(-difference / spread(difference, disagree, faces)))


class SwapPanel(FigurePanel):
    """Choose how many faces a test has, and how much better one system really is.

    `disagree` is the percentage of faces on which exactly one of the two is right.
    Example: `panel = lesson05.SwapPanel(14.8); panel.faces.value = 36_000`.

    Attributes:
        faces: number of test faces.
        difference: the true lead of the better system, in points.
    """

    def __init__(self, disagree: float) -> None:
        self._disagree = disagree
        sizes = {f"{faces:,}": faces for faces in FACES}
        self.faces = choice_list("test faces", sizes, TEST_FACES)
        self.difference = choice_list("points apart", DIFFERENCES, DIFFERENCES[0])
        super().__init__(self.faces, self.difference)

    def draw(self) -> Shown:
        """The figure for the chosen values, and its alternative text."""
        setting = self.difference.value, self._disagree, self.faces.value
        share = 100 * swapped(*setting)
        alt = (
            f"Two systems {self.difference.value:g} points apart, {self.faces.value:,} "
            f"test faces: in {share:.1f} % of such tests the worse one is ahead"
        )
        figure = measured_differences(*setting)
        return figure, alt


def measured_differences(difference: float, disagree: float, faces: int) -> Figure:
    """Where the measured lead of the better system may be; orange: it is behind."""
    figure, axis = new_figure(width=3.8, height=2.4)
    points = np.linspace(-3, 5, 1601)
    width = spread(difference, disagree, faces)
    heights = np.exp(-(((points - difference) / width) ** 2) / 2)
    axis.fill_between(points, heights, where=points >= 0, color=PALE)
    axis.fill_between(points, heights, where=points <= 0, color=ORANGE)
    axis.plot(points, heights, color=INK, linewidth=1)
    axis.axvline(difference, color=BLUE, linestyle="--", linewidth=1)
    note(axis, f" true lead: {difference:g}", (difference, 1.05), BLUE)
    share = 100 * swapped(difference, disagree, faces)
    axis.set_title(f"wrong order in {share:.1f} % of tests", loc="left", color=ORANGE)
    axis.set(xlim=(-3, 5), ylim=(0, 1.1), yticks=[])
    axis.set_xlabel("measured lead of the better system (points)")
    axis.spines["left"].set_visible(False)
    return figure
