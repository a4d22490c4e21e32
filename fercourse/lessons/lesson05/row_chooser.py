"""Two rows to choose, and their test: what a learner moves in lesson 05."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import ipywidgets

from fercourse.lessons.lesson05.figures import pair_bars
from fercourse.plots.figures import figure_png
from fercourse.plots.widgets import Picture, react
from fercourse.results.runs import HALVES, Run
from fercourse.results.statistics import mcnemar

_HALVES = dict(zip(("PublicTest", "PrivateTest"), HALVES, strict=True))


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
        correct = [
            runs[name].single[_HALVES[half.value]].correct
            for name in (first.value, second.value)
        ]
        text = pair_in_words(first.value, second.value, *correct, alpha=alpha)
        line.value = f'<div style="line-height:1.5">{escape(text)}</div>'
        both = int((correct[0] & correct[1]).sum())
        figure = pair_bars(
            first.value, second.value, mcnemar(*correct), both, len(correct[0])
        )
        picture.put(figure_png(figure), text, 640)

    react((first, second, half), render)
    render()
    return ipywidgets.VBox([first, second, half, line, picture])


def pair_in_words(
    first: str, second: str, first_correct, second_correct, alpha: float = 0.05
) -> str:
    """What McNemar's test says about two models, in sentences.

    Args:
        first: name of one model.
        second: name of the other.
        first_correct: bool, shape (N,), whether the first is right.
        second_correct: the same of the second, on the same faces.
        alpha: a p-value below it is called more than chance.
    """
    if first == second:
        return "Choose two different rows: a row does not differ from itself."
    test = mcnemar(first_correct, second_correct)
    points = 100 * (test.only_first - test.only_second) / len(first_correct)
    decide = test.only_first + test.only_second
    p_value = "below 0.0001" if test.p_value < 1e-4 else f"{test.p_value:.4f}"
    verdict = (
        "more than chance explains"
        if test.p_value < alpha
        else "no more than chance explains"
    )
    return (
        f"{first} against {second}: {abs(points):.1f} points "
        f"{'less' if points < 0 else 'more'}. "
        f"{decide:,} of {len(first_correct):,} faces decide, {test.only_first:,} to "
        f"{test.only_second:,}; "
        f"p is {p_value}: {verdict}, for these two networks and without correction "
        f"for other comparisons."
    )
