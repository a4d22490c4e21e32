"""The checks of lesson 00."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.stats import entropy

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.exercise import compare, exercise, whole_number, word

_HAPPY = EMOTIONS.index("happy")
# A clear answer after a tempting one, in both directions, and hardly any answer.
_SURE = np.array([0.05, 0.31, 0.02, 0.36, 0.08, 0.11, 0.07])
_UNSURE = np.array([0.16, 0.13, 0.12, 0.15, 0.17, 0.11, 0.16])


@exercise
def check_answer_in_words(answer_in_words: Callable) -> str:
    """Exercise 0.1: from seven probabilities to one word of `EMOTIONS`."""
    rows = (_SURE, _UNSURE, _SURE[::-1])
    compare(answer_in_words, [(np.roll(row, n),) for row in rows for n in range(7)],
        f"one word of EMOTIONS, such as {EMOTIONS[0]!r}",
        lambda p: EMOTIONS[p.argmax()], {
        "smallest": (lambda p: EMOTIONS[p.argmin()],
            "That is the emotion with the smallest probability; take the largest."),
        "second": (lambda p: EMOTIONS[np.argsort(p)[-2]],
            "That is the second most probable emotion; take the most probable."),
        "threshold": (lambda p: EMOTIONS[(p > 0.3).argmax()],
            "That is the first probability above a threshold. Take the largest."),
    }, about="For {0}",
        hint="The largest of these probabilities belongs to another word.",
        read=partial(word, words=EMOTIONS))  # fmt: skip
    return "The position of the largest probability, looked up in EMOTIONS."


@exercise
def check_always_happy(always_happy: Callable) -> str:
    """Exercise 0.2: the share of the faces that are labelled happy, in percent."""
    confusion = np.arange(49).reshape(7, 7) ** 2 % 31
    compare(always_happy, [(confusion,), (confusion.T + 3,)], "a percentage",
        lambda c: 100 * c[_HAPPY].sum() / c.sum(), {
        "columns": (lambda c: 100 * c[:, _HAPPY].sum() / c.sum(),
            "That is the share that the model *called* happy. Labels are rows."),
        "recognised": (lambda c: 100 * c[_HAPPY, _HAPPY] / c.sum(),
            "A model that always answers happy gets *all* the happy faces right."),
        "accuracy": (lambda c: 100 * np.trace(c) / c.sum(),
            "That is the accuracy of the model in the table, not of always happy."),
        "equal": (lambda c: 100 / 7, "That would be right if all seven emotions were "
            "equally common. Count them in the table."),
        "count": (lambda c: c[_HAPPY].sum(),
            "That is a number of faces. Divide it by the number of all faces."),
        "recall": (lambda c: 100 * c[_HAPPY, _HAPPY] / c[_HAPPY].sum(),
            "You divided by the happy faces. Divide by all faces."),
        "most frequent": (lambda c: 100 * c.sum(axis=1).max() / c.sum(),
            "That is the share of the most frequent emotion. Here that is not happy."),
    }, hint=f"Of the {confusion.sum()} faces in the table, "
            f"{confusion[_HAPPY].sum()} are labelled happy.")  # fmt: skip
    return "Every model has to beat that before its accuracy means anything."


@exercise
def check_least_sure(least_sure: Callable) -> str:
    """Exercise 0.3: the row whose largest probability is smallest."""
    random = np.random.default_rng(3)
    compare(least_sure,
        [(random.dirichlet(np.full(7, 2), size=n),) for n in (12, 9, 30, 20)],
        "the number of a row", lambda p: p.max(axis=1).argmin(), {
        "surest": (lambda p: p.max(axis=1).argmax(), "That is the face about which the "
            "model is most sure. Which one is it least sure about?"),
        "smallest": (lambda p: p.min(axis=1).argmin(),
            "That is the smallest number of all. First take each row's largest."),
        "margin": (lambda p: np.diff(np.sort(p), axis=1)[:, -1].argmin(),
            "That row has the two closest numbers. Only the largest of each counts."),
        "entropy": (lambda p: entropy(p, axis=1).argmax(),
            "That row has the largest entropy. Here only the largest number counts."),
        "spread": (lambda p: p.std(axis=1).argmin(),
            "In that row the probabilities differ least. Only the largest counts."),
        "median": (lambda p: np.median(p, axis=1).argmin(),
            "That row has the smallest median. Find the largest of each row."),
        "column": (lambda p: p.max(axis=0).argmin(),
            "That is a column, an emotion. Find the largest of each row: `axis=1`."),
        "count from 1": (lambda p: p.max(axis=1).argmin() + 1,
            "You count from 1; the first row is number 0."),
    }, {
        "range": (lambda row, p: not 0 <= row < len(p), "There is no such row. Is that "
            "a position among all numbers of the table, because an axis is missing?"),
    }, about="For {0.shape[0]} rows",
        hint="The largest probability of another row is smaller.",
        read=whole_number, rtol=0)  # fmt: skip
    return "A low largest probability means that the model has no clear answer."
