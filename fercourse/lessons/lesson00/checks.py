"""The checks of lesson 00."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral

import numpy as np

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.exercise import Wrong, compare, exercise, expect

_HAPPY = EMOTIONS.index("happy")


@exercise
def check_answer_in_words(answer_in_words: Callable) -> str:
    """Exercise 0.1: from seven probabilities to one word of `EMOTIONS`."""
    cases = [(np.where(np.arange(7) == place, 0.4, 0.1),) for place in range(7)]
    compare(answer_in_words, cases, f"one word of EMOTIONS, such as {EMOTIONS[0]!r}",
        lambda p: EMOTIONS[p.argmax()], {
        "smallest": (lambda p: EMOTIONS[p.argmin()],
            "That is the emotion with the smallest probability; take the largest."),
    }, {
        "unknown": (lambda word, p: word not in EMOTIONS,
            "That is not one of the words in EMOTIONS."),
    }, about="For {0}",
        hint="The largest of these probabilities belongs to another word.",
        read=_emotion)  # fmt: skip
    return "The position of the largest probability, looked up in EMOTIONS."


def _emotion(answer: object, what: str) -> str:
    if isinstance(answer, Integral):
        raise Wrong(
            "position",
            f"Your function returns {answer}, a position. Look up the word at this "
            "position in EMOTIONS.",
        )
    return expect(answer, what)


@exercise
def check_always_happy(always_happy: Callable) -> str:
    """Exercise 0.2: the share of the faces that are labelled happy, in percent."""
    confusion = np.arange(49).reshape(7, 7) ** 2 % 31
    compare(always_happy, [(confusion,), (confusion.T + 3,)], "a percentage",
        lambda c: 100 * c[_HAPPY].sum() / c.sum(), {
        "columns": (lambda c: 100 * c[:, _HAPPY].sum() / c.sum(),
            "That is the share of the faces that the model *called* happy. The rows of "
            "the table are the true emotions, the columns the answers."),
        "recognised": (lambda c: 100 * c[_HAPPY, _HAPPY] / c.sum(),
            "You counted only the happy faces that the model got right. A model that "
            "always answers happy gets all of them right."),
        "accuracy": (lambda c: 100 * np.trace(c) / c.sum(),
            "That is the accuracy of the model in the table. The question is about a "
            "model that always answers happy."),
        "equal": (lambda c: 100 / 7,
            "That would be right if all seven emotions were equally common. Count them "
            "in the table."),
        "share": (lambda c: c[_HAPPY].sum() / c.sum(),
            "That is a share between 0 and 1. Return it in percent."),
        "count": (lambda c: c[_HAPPY].sum(),
            "That is a number of faces. Divide it by the number of all faces."),
        "recall": (lambda c: 100 * c[_HAPPY, _HAPPY] / c[_HAPPY].sum(),
            "That is how many of the happy faces the model recognised. Divide by all "
            "faces, not by the happy ones."),
    }, hint=f"Of the {confusion.sum()} faces in the table, "
            f"{confusion[_HAPPY].sum()} are labelled happy.")  # fmt: skip
    return "Every model has to beat that before its accuracy means anything."


@exercise
def check_least_sure(least_sure: Callable) -> str:
    """Exercise 0.3: the row whose largest probability is smallest."""
    random = np.random.default_rng(3)
    compare(least_sure,
        [(random.dirichlet(np.full(7, 0.4), size=12),) for _ in range(3)],
        "the number of a row", lambda p: p.max(axis=1).argmin(), {
        "probability": (lambda p: p.max(axis=1).min(),
            "That is the probability itself. Return the number of its row."),
        "surest": (lambda p: p.max(axis=1).argmax(),
            "That is the face about which the model is most sure. Which one is it "
            "least sure about?"),
        "smallest": (lambda p: p.min(axis=1).argmin(),
            "That row holds the smallest probability of all. A model is unsure when "
            "even its *largest* probability is small: find the largest of each row "
            "first."),
    }, {
        "not whole": (lambda row, p: row % 1, "Rows have whole numbers."),
        "range": (lambda row, p: not 0 <= row < len(p),
            "The table has 12 rows, 0 to 11. Is that a position among all its numbers, "
            "because an axis is missing?"),
    }, hint="The largest probability of another row is smaller.", rtol=0)  # fmt: skip
    return "A low largest probability means that the model has no clear answer."
