"""All pairs at once, with and without Holm's correction: a panel of lesson 05."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fercourse.lessons.lesson05.figures import pair_matrix
from fercourse.plots.figures import Shown
from fercourse.plots.widgets import FigurePanel, choice_list
from fercourse.results.comparisons import ALPHA, Comparison


class PairPanel(FigurePanel):
    """Choose whether p-values are corrected, and see which pairs still differ.

    Attributes:
        corrected: 1 after Holm's correction, 0 without it.
    """

    def __init__(
        self, accuracies: Mapping[str, float], pairs: Sequence[Comparison]
    ) -> None:
        """Begin with the correction.

        Args:
            accuracies: in percent, by name.
            pairs: comparisons of all pairs of these names.
        """
        self._accuracies, self._pairs = accuracies, pairs
        options = {"on": 1, "off": 0}
        self.corrected = choice_list("correction", options, 1)
        super().__init__(self.corrected)

    def draw(self) -> Shown:
        """The triangle of pairs, and its alternative text."""
        differ = [
            pair
            for pair in self._pairs
            if (pair.adjusted if self.corrected.value else pair.test.p_value) < ALPHA
        ]
        figure = pair_matrix(self._accuracies, differ)
        (axis,) = figure.axes
        words = f"{len(differ)} of {len(self._pairs)} pairs differ by more than"
        luck = f"the luck of the faces, correction {self.corrected.label}"
        axis.set_xlabel(f"{words}\n{luck}", loc="left", multialignment="left")
        return figure, f"A triangle of squares: {words} {luck}"
