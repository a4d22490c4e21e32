"""Two rows to choose, and their test: a widget of lesson 05."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape

import ipywidgets
import numpy as np

from fercourse.data.faces import SPLITS
from fercourse.lessons.lesson05.figures import pair_bars
from fercourse.plots.widgets import Panel, Picture, react
from fercourse.results.comparisons import ALPHA
from fercourse.results.runs import Run
from fercourse.results.statistics import mcnemar

_HALVES = {split.usage: split.half for split in SPLITS if split.half}


class RowChooser(Panel):
    """Two of several runs, one half of the test data, and McNemar's test.

    `.children` are the first row, the second and the half to choose, a sentence, and
    the `Picture`.
    """

    def __init__(self, runs: Mapping[str, Run]) -> None:
        """Begin with the first two rows on PrivateTest.

        Args:
            runs: two or more, by name, tested on the same faces.

        Raises:
            ValueError: fewer than two runs.
        """
        if len(runs) < 2:
            raise ValueError(f"{len(runs)} run(s) to choose from; expected at least 2.")
        self._runs = runs
        first, second, *_ = names = list(runs)
        rows = [
            ipywidgets.Dropdown(options=names, value=value, description=description)
            for value, description in ((first, "first"), (second, "second"))
        ]
        half = ipywidgets.Dropdown(options=list(_HALVES), value="PrivateTest")
        half.description = "tested on"
        super().__init__([*rows, half, ipywidgets.HTML(), Picture()])
        for row, other in (rows, rows[::-1]):
            row.observe(partial(self._choose, other), names="value")
        react((half,), self._render)
        self._render()

    def still(self) -> str:
        """The sentence and the bars as they are now."""
        *_, line, picture = self.children
        return line.value + picture.value

    def _choose(self, other: ipywidgets.Dropdown, change: Mapping[str, str]) -> None:
        """Show the new pair; the other row makes room if it was the one chosen."""
        if other.value == change["new"]:
            other.value = change["old"]  # and that shows the pair
        else:
            self._render()

    def _render(self, _=None) -> None:
        first, second, half, line, picture = self.children
        names = first.value, second.value
        one, other = (self._runs[n].single[_HALVES[half.value]].correct for n in names)
        text = pair_in_words(*names, one, other)
        line.value = f'<div style="line-height:1.5">{escape(text)}</div>'
        both = int((one & other).sum())
        figure = pair_bars(*names, mcnemar(one, other), both, len(one))
        picture.put(figure, text)


def pair_in_words(
    first: str, second: str, first_correct: np.ndarray, second_correct: np.ndarray
) -> str:
    """What McNemar's test says about two models, in sentences.

    `first_correct` and `second_correct` are bool, shape (N,): right on the same faces.
    """
    test, count = mcnemar(first_correct, second_correct), len(first_correct)
    points = 100 * (test.only_first - test.only_second) / count
    decide = test.only_first + test.only_second
    digits = 2 if test.p_value >= 0.1 else 4
    p_value = "below 0.0001" if test.p_value < 1e-4 else f"= {test.p_value:.{digits}f}"
    luck = "alone could explain" if test.p_value >= ALPHA else "hardly explains"
    distance = f"{abs(points):.1f} points {'lower' if points < 0 else 'higher'}"
    return (
        f"{first} against {second}: {distance if points else 'equally many right'}. "
        f"{decide:,} of {count:,} faces decide, "
        f"{test.only_first:,} to {test.only_second:,}; p {p_value}: the luck of the "
        f"faces {luck} this difference (not corrected for other comparisons)."
    )
