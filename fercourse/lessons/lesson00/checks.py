"""The checks of lesson 00."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral

import numpy as np

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.exercise import Wrong, a, attempt, exercise

_HAPPY = EMOTIONS.index("happy")


@exercise
def check_answer_in_words(answer_in_words: Callable) -> str:
    """Exercise 0.1: from seven probabilities to one word of `EMOTIONS`."""
    for position, expected in enumerate(EMOTIONS):
        probabilities = np.full(7, 0.1, "float32")
        probabilities[position] = 0.4
        answer = attempt(answer_in_words, probabilities)
        shown = answer.item() if isinstance(answer, np.generic) else answer
        listed = ", ".join(f"{probability:.1f}" for probability in probabilities)
        given = f"For {listed} your function answers {shown!r}"
        if isinstance(answer, Integral):
            raise Wrong(
                f"{given}, a position. Look up the word that stands at this position "
                f"in EMOTIONS."
            )
        if not isinstance(answer, str):
            raise Wrong(
                f"{given}, {a(answer)}. One word is expected, such as {EMOTIONS[0]!r}."
            )
        if answer not in EMOTIONS:
            raise Wrong(f"{given}, which is none of the words in EMOTIONS.")
        if answer == EMOTIONS[probabilities.argmin()]:
            raise Wrong(
                f"{given}, which is a word of the smallest probability. The answer is "
                f"the largest."
            )
        if answer != expected:
            raise Wrong(
                f"{given}, but the largest of these numbers belongs to another word."
            )
    return "The position of the largest probability, looked up in EMOTIONS."


@exercise
def check_always_happy(always_happy: Callable) -> str:
    """Exercise 0.2: the share of the faces that are labelled happy, in percent."""
    confusion = np.arange(49).reshape(7, 7) ** 2 % 31
    share = attempt(always_happy, confusion)
    try:
        share = float(share)
    except (TypeError, ValueError):
        raise Wrong(
            f"Your function returns {a(share)}; one number is expected, a percentage."
        ) from None
    total = confusion.sum()
    right = 100 * confusion[_HAPPY].sum() / total
    close = {
        100 * confusion[:, _HAPPY].sum() / total: (
            "That is the share of the faces to which the model *answered* happy. Rows "
            "of the table are "
            "what is true, columns what was answered."
        ),
        100 * confusion[_HAPPY, _HAPPY] / total: (
            "You counted only the happy faces that the model got right. A model that "
            "always answers happy "
            "gets all of them."
        ),
        100 * np.trace(confusion) / total: (
            "That is the accuracy of the model in the table. The question is about a "
            "model that always "
            "answers happy."
        ),
        100
        / 7: "That holds if all seven emotions were equally common. Count them in the "
        "table.",
        right
        / 100: "That is the share as a fraction between 0 and 1; percent are asked "
        "for.",
        confusion[
            _HAPPY
        ].sum(): "That is a number of faces. Divide it by the number of all faces.",
        100 * confusion[_HAPPY, _HAPPY] / confusion[_HAPPY].sum(): (
            "That is how many of the happy faces the model recognised. Divide by all "
            "faces, not by the "
            "happy ones."
        ),
    }
    if np.isclose(share, right):
        return "Every model has to beat that before its accuracy means anything."
    for value, sentence in close.items():
        if np.isclose(share, value):
            raise Wrong(sentence)
    raise Wrong(
        f"For a table of {total} faces, {confusion[_HAPPY].sum()} of them labelled "
        f"happy, your function "
        f"returns {share:.4g}."
    )


@exercise
def check_least_sure(least_sure: Callable) -> str:
    """Exercise 0.3: the row whose largest probability is smallest."""
    chance = np.random.default_rng(3)
    for _ in range(3):
        probabilities = chance.dirichlet(np.full(7, 0.4), size=12)
        largest = probabilities.max(axis=1)
        answer = attempt(least_sure, probabilities)
        if np.ndim(answer) != 0:
            raise Wrong(
                f"Your function returns something of shape {np.shape(answer)}; one "
                f"row number is expected."
            )
        if isinstance(answer, float | np.floating) and answer == largest.min():
            raise Wrong(
                "That is the probability itself. The number of its row is asked for."
            )
        if not isinstance(answer, Integral) and float(answer) != int(answer):
            raise Wrong(f"Your function returns {answer!r}; a row number is expected.")
        if not 0 <= int(answer) < len(probabilities):
            raise Wrong(
                f"Your function returns {int(answer)}, and there are only "
                f"{len(probabilities)} rows. "
                "Is it a position among all numbers of the table, because an axis is "
                "missing?"
            )
        if int(answer) == largest.argmin():
            continue
        if int(answer) == largest.argmax():
            raise Wrong(
                "That is the face about which the model is surest. Which one is it "
                "least sure of?"
            )
        if int(answer) == probabilities.min(axis=1).argmin():
            raise Wrong(
                "That is the row with the smallest probability of all. A model is "
                "unsure when even its "
                "*largest* probability is small: look at the largest of each row first."
            )
        raise Wrong(
            f"Your function returns row {int(answer)}, whose largest probability is "
            f"{largest[int(answer)]:.2f}; another row has a smaller largest one."
        )
    return "A low largest probability means that the model has no clear answer."
