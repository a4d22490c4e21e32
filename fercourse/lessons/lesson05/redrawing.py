"""One bootstrap draw at a time: a panel of lesson 05."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from fercourse.lessons.lesson05.figures import places_of
from fercourse.plots.figures import INK, ORANGE, Options, Shown, new_figure, note
from fercourse.plots.widgets import FigurePanel, choice_list

DRAWS = 8


class RedrawPanel(FigurePanel):
    """Choose a draw of the test faces, and see how it ranks the networks.

    Attributes:
        number: of the draw; each has its own faces.
    """

    def __init__(self, correct: Mapping[str, np.ndarray]) -> None:
        """Begin with the first draw that changes the order, if there is one.

        Args:
            correct: for each name bool, shape (N,): right on the same faces.
        """
        self._correct = correct
        draws = range(1, DRAWS + 1)
        first = next((n for n in draws if overtakes(*self._accuracies(n))), 1)
        self.number = choice_list("draw", draws, first)
        super().__init__(self.number)

    def draw(self) -> Shown:
        """The places before and after the draw, and an alternative text."""
        number = self.number.value
        before, after = self._accuracies(number)
        first = max(after, key=lambda name: after[name])
        alt = f"Draw {number}: in first place is {first}, {after[first]:.1f} percent"
        return changed_places(before, after, f"draw {number}"), alt

    def _accuracies(self, number: int) -> tuple[dict[str, float], dict[str, float]]:
        """In percent, by name: on all faces, and on those of a draw."""
        count = len(next(iter(self._correct.values())))
        faces = np.random.default_rng(number).integers(count, size=count)
        on_all, drawn = (
            {name: 100 * right[which].mean() for name, right in self._correct.items()}
            for which in (slice(None), faces)
        )
        return on_all, drawn


def changed_places(
    before: Mapping[str, float], after: Mapping[str, float], title: str
) -> Figure:
    """Two rankings of the same names, joined by lines; orange lines cross another.

    The numbers are accuracies in percent; `title` is of the second ranking.
    """
    figure, axis = new_figure(width=4.0, height=0.6 + 0.24 * len(before))
    # Ties are broken by the other column, so that no line crosses for nothing.
    left = sorted(before, key=lambda name: (-before[name], -after[name]))
    right = sorted(after, key=lambda name: (-after[name], -before[name]))
    places = [places_of(column) for column in (before, after)]
    crossing = overtakes(before, after)
    for row, name in enumerate(left, start=1):
        then = right.index(name) + 1
        colour = ORANGE if name in crossing else INK
        look: Options = {"color": "0.6" if colour == INK else ORANGE, "linewidth": 1.5}
        axis.plot([0, 1], [row, then], "o-", markersize=4, **look)
        note(axis, f"{name}  {places[0][name]}", (-0.08, row), colour, "right")
        note(axis, f"{places[1][name]}  {after[name]:.1f} %", (1.08, then), colour)
    top: Options = {"level": "bottom"}
    note(axis, "all faces", (0, 0.4), across="center", **top)
    note(axis, title, (1, 0.4), across="center", **top)
    axis.set(xlim=(-2.5, 1.8), ylim=(len(before) + 0.5, -0.4))
    axis.axis("off")
    return figure


def overtakes(before: Mapping[str, float], after: Mapping[str, float]) -> set[str]:
    """The names that overtake another, or are overtaken, from one ranking to the other.

    Who only leaves a tie, or joins one, is not among them.
    """
    return {
        name
        for name in before
        for other in before
        if (before[name] - before[other]) * (after[name] - after[other]) < 0
    }
