"""Two rows to choose, and their test: a widget of lesson 05."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import ipywidgets
import numpy as np

from fercourse.data.faces import SPLITS
from fercourse.lessons.lesson05.figures import pair_bars
from fercourse.plots.figures import figure_png
from fercourse.plots.widgets import Picture, react
from fercourse.results.runs import Run
from fercourse.results.statistics import mcnemar

_HALVES = {split.usage: split.half for split in SPLITS if split.half}


def two_rows(runs: Mapping[str, Run], alpha: float = 0.05) -> ipywidgets.VBox:
    """Choose two of several runs and one half of the test data, and see McNemar's test.

    Args:
        runs: two or more, by name, tested on the same faces.
        alpha: a p-value below it is called more than chance.

    Returns:
        A box with `.children`: first, second and half to choose, a sentence, the
        `Picture`.

    Raises:
        ValueError: fewer than two runs.
    """
    if len(runs) < 2:
        raise ValueError(f"{len(runs)} run(s) to choose from; expected two or more.")
    names = list(runs)
    first = ipywidgets.Dropdown(options=names, value=names[0], description="first")
    second = ipywidgets.Dropdown(options=names, value=names[1], description="second")
    half = ipywidgets.Dropdown(options=list(_HALVES), description="tested on")
    line, picture = ipywidgets.HTML(), Picture()

    def render(_=None) -> None:
        chosen = first.value, second.value
        one, other = (runs[name].single[_HALVES[half.value]].correct for name in chosen)
        text = pair_in_words(*chosen, one, other, alpha=alpha)
        line.value = f'<div style="line-height:1.5">{escape(text)}</div>'
        both = int((one & other).sum())
        figure = pair_bars(*chosen, mcnemar(one, other), both, len(one))
        picture.put(figure_png(figure), text, 640)

    react((first, second, half), render)
    render()
    return ipywidgets.VBox([first, second, half, line, picture])


def pair_in_words(
    first: str,
    second: str,
    first_correct: np.ndarray,
    second_correct: np.ndarray,
    alpha: float = 0.05,
) -> str:
    """What McNemar's test says about two models, in sentences.

    `first_correct` and `second_correct` are bool, shape (N,): right on the same faces.
    """
    if first == second:
        return "Choose two different rows: a row does not differ from itself."
    test, count = mcnemar(first_correct, second_correct), len(first_correct)
    points = 100 * (test.only_first - test.only_second) / count
    decide = test.only_first + test.only_second
    p_value = "below 0.0001" if test.p_value < 1e-4 else f"{test.p_value:.4f}"
    verdict = "more" if test.p_value < alpha else "no more"
    return (
        f"{first} against {second}: {abs(points):.1f} points "
        f"{'less' if points < 0 else 'more'}. {decide:,} of {count:,} faces decide, "
        f"{test.only_first:,} to {test.only_second:,}; p is {p_value}: {verdict} than "
        f"chance explains, for these two networks and without correction for other "
        f"comparisons."
    )
