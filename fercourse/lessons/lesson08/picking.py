"""A panel of lesson 08: the best of several equally good networks, picked by luck."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from fercourse.plots.figures import GREY, ORANGE, Options, Shown, new_figure
from fercourse.plots.widgets import FigurePanel, choice_list

TRIES = (1, 3, 10, 30)
DRAWS = (1, 2, 3, 4, 5, 6)
HALVES = ("PublicTest, where it is picked", "PrivateTest, where it is reported")


class PickingPanel(FigurePanel):
    """Choose how many equally good networks are trained; draw their luck again.

    Example: `panel = lesson08.PickingPanel(0.4); panel.tries.value = 30`.

    Attributes:
        tries: how many are trained.
        number: each number is another draw.
    """

    def __init__(self, spread: float) -> None:
        self._spread = spread
        self.tries = choice_list("networks", TRIES, 10)
        self.number = choice_list("draw", DRAWS, 1)
        super().__init__(self.tries, self.number)

    def draw(self) -> Shown:
        """The figure for the chosen values, and its alternative text."""
        luck = luck_of(self._spread, self.tries.value, self.number.value)
        public, private = luck[:, luck[0].argmax()]
        alt = f"The best of {self.tries.value} equally good networks: {public:+.1f} "
        alt += f"points on PublicTest, {private:+.1f} on PrivateTest"
        return picked_strips(luck, 3.5 * self._spread), alt


def luck_of(spread: float, tries: int, draw: int) -> np.ndarray:
    """Points above or below the true accuracy, on both test halves: (2, tries)."""
    # A row for each network, so that more tries add dots to those of fewer.
    return np.random.default_rng(draw).normal(0, spread, (tries, 2)).T


def picked_strips(luck: np.ndarray, widest: float) -> Figure:
    """A dot for each network on each test half; the one that is picked is orange.

    A network has the same height on both halves, and neighbours have different ones.
    """
    figure, axes = new_figure(1, 2, 4.4, 3.0)
    best = luck[0].argmax()
    heights = np.arange(luck.shape[1]) * 0.618 % 1  # golden ratio: evenly spread
    look: Options = {"markersize": 9, "markeredgecolor": "white"}
    for axis, half, points in zip(axes, HALVES, luck, strict=True):
        axis.axvline(0, color=GREY, linestyle="--", linewidth=1)
        axis.plot(points, heights, "o", color=GREY, alpha=0.7, **look)
        axis.plot(points[best], heights[best], "o", color=ORANGE, **look)
        axis.set(ylim=(-0.15, 1.15), yticks=[], xlim=(-widest, widest))
        axis.spines["left"].set_visible(False)
        axis.set_title(half, loc="left")
        number = f"{points[best]:+.1f}"
        axis.set_title(number, loc="right", color=ORANGE, weight="bold")
    axes[1].set_xlabel("points above the true accuracy")
    return figure
