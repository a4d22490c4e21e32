"""The checks of lesson 05."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from fercourse.lessons.exercise import Wrong, a, attempt, exercise, one_number
from fercourse.results.statistics import TEST_FACES, counts_that_give

# Percent, faces, decimals: three rows of the paper, and small ones at the border.
_PRINTED = (
    (70.02, TEST_FACES, 2),
    (73.35, TEST_FACES, 2),
    (71.6, TEST_FACES, 1),
    (100.0, 30, 1),
    (0.0, 30, 1),
    (66.67, 3, 2),
    (33.33, 3, 2),
)


@exercise
def check_counts_for(counts_for: Callable) -> str:
    """Exercise 5.1: which numbers of right answers are printed as a percentage."""
    # Rounded or cut off: whoever decides for one of them, or for both, is right.
    open_readings = {"rounded", "cut off", "either"}
    for percent, count, decimals in _PRINTED:
        found = _whole_numbers(attempt(counts_for, percent, count, decimals))
        readings = _readings(percent, count, decimals)
        fitting = {name for name in open_readings if readings[name] == found}
        if not fitting:
            raise Wrong(_what_is_wrong(found, percent, count, decimals, readings))
        open_readings = fitting
    return "Rounded or cut off, one of the paper's seven percentages cannot be a share of 3,589 faces. Which?"


def _whole_numbers(answer: object) -> list[int]:
    """A learner's collection of counts, ascending."""
    if isinstance(answer, bool | int | float | np.number):
        raise Wrong(
            f"Your function returns the one number {answer:g}. Several counts can be "
            f"printed alike, and "
            "sometimes none is: collect all that fit in a list."
        )
    try:
        numbers = [float(number) for number in answer]  # type: ignore[union-attr]
    except (TypeError, ValueError):
        raise Wrong(
            f"Your function returns {a(answer)}; a list of counts is expected."
        ) from None
    if any(number != int(number) for number in numbers):
        raise Wrong(
            "Your list holds numbers that are not whole: counts of faces are asked for."
        )
    return sorted({int(number) for number in numbers})


def _readings(percent: float, count: int, decimals: int) -> dict[str, list[int]]:
    either = counts_that_give(percent, count, decimals)
    wanted = round(percent * 10**decimals)
    cut = [k for k in either if 100 * 10**decimals * k // count == wanted]
    half = [
        k for k in either if abs(2 * (100 * 10**decimals * k - wanted * count)) <= count
    ]
    return {"rounded": half, "cut off": cut, "either": either}


def _what_is_wrong(
    found: list[int],
    percent: float,
    count: int,
    decimals: int,
    readings: dict[str, list[int]],
) -> str:
    asked = f"{percent:.{decimals}f} % of {count:,} faces"
    either = readings["either"]
    wrong = next((k for k in found if k not in either), None)
    if not found and percent in (0, 100):
        return f"For {asked} your function finds no count. Does it try 0 and all {count} faces, too?"
    if not found:
        return (
            f"For {asked} your function finds no count, and there is one. Hardly a "
            f"share is *exactly* the "
            "printed number: compare what would be printed, with as many decimals as "
            "the third argument says."
        )
    if wrong is not None and not 0 <= wrong <= count:
        return f"For {asked} your function returns {wrong:,}, which is no number of {count:,} faces."
    if wrong is not None:
        return (
            f"For {asked} your function returns {wrong:,}. Put it to the test: "
            f"{wrong:,} of {count:,} is "
            f"{100 * wrong / count:.{decimals + 2}f} %."
        )
    return (
        f"For {asked} your function returns {len(found)} "
        f"count{'' if len(found) == 1 else 's'}, and more "
        "are printed so; or it rounds in one case and cuts in another."
    )


FAULTS: dict[str, tuple[bool, str]] = {
    "A": (True, "Exercise 5.1 has an answer to it."),
    "B": (
        False,
        "Both numbers are in the README of the authors of [24]; one paper may report "
        "several networks.",
    ),
    "C": (True, "Look again at who wrote [7], and whose README holds the number."),
    "D": (
        False,
        "An order is no fault as long as it is that of the numbers, and it is.",
    ),
    "E": (True, "Look again at the class counts, and at what the code selects on."),
    "F": (
        False,
        "With one decimal, more than one count fits it; the table above shows them.",
    ),
    "G": (
        True,
        "Look again at what the two systems that were left out are trained on besides "
        "FER2013.",
    ),
    "H": (
        False,
        "How it was chosen is not known: a suspicion, and no fault that can be shown.",
    ),
}
"""For each statement of exercise 5.2: whether it names a fault of the table, and what to look at again."""


@exercise
def check_faults(faults: Iterable[str]) -> str:
    """Exercise 5.2: which of eight statements name a fault of the paper's table."""
    try:
        letters = {str(letter).strip().upper() for letter in faults} - {"", ",", " "}
    except TypeError:
        raise Wrong(
            f"This is {a(faults)}; a set of letters is expected, such as {{'X', 'Y'}}."
        ) from None
    unknown = sorted(letters - set(FAULTS))
    if unknown:
        raise Wrong(
            f"{unknown[0]} is none of the eight statements, which go from A to H."
        )
    for letter in sorted(letters):
        is_fault, look = FAULTS[letter]
        if not is_fault:
            raise Wrong(f"{letter} names no fault of the table. {look}")
    missing = [
        look
        for letter, (is_fault, look) in FAULTS.items()
        if is_fault and letter not in letters
    ]
    if missing:
        raise Wrong(
            f"There are more faults than the {len(letters)} that you name. {missing[0]}"
        )
    return "Four faults, found by arithmetic, in a list of references, and in the code of others."


@exercise
def check_z_of(z_of: Callable) -> str:
    """Exercise 5.3: by how many standard errors two published accuracies differ."""
    for first, second, count in (
        (73.35, 70.02, TEST_FACES),
        (60.0, 66.0, 400),
        (50.0, 40.0, 1000),
    ):
        answer = one_number(
            attempt(z_of, first, second, count), "the difference in standard errors"
        )
        right = _standard_scores(first, second, count)
        if any(math.isclose(answer, z, rel_tol=5e-3) for z in right):
            continue
        given = f"For {first} and {second} % of {count:,} faces, your function gives {answer:.4g}"
        for sentence, slips in _z_slips(first, second, count).items():
            if any(math.isclose(answer, slip, rel_tol=5e-3) for slip in slips):
                raise Wrong(f"{given}. {sentence}")
        raise Wrong(
            f"{given}; expected the difference, divided by the root of the two "
            f"variances' sum."
        )
    return "Above 1.96 or below −1.96, chance alone would do that in fewer than one case of twenty."


def _z_slips(first: float, second: float, count: int) -> dict[str, list[float]]:
    """What each usual slip leads to, by the sentence that answers it."""
    right = _standard_scores(first, second, count)
    difference = (first - second) / 100
    variances = [share * (1 - share) / count for share in (first / 100, second / 100)]
    errors = [math.sqrt(variance) for variance in variances]
    mixed = "use percent for both, or shares for both."
    return {
        "That is the difference. Divide it by its standard error.": [
            difference,
            100 * difference,
        ],
        "The sign is turned round: the first minus the second.": [-z for z in right],
        "That is the standard error of *one* accuracy. Both are uncertain: add up "
        "their variances.": [difference / error for error in errors],
        "You added the standard errors; add up the variances, and take the root of "
        "the sum.": [difference / sum(errors)],
        "You divided by the variance; the standard error is its square root.": [
            difference / sum(variances),
            difference / sum(variances) / 100,
        ],
        f"A difference in points over a standard error of shares: {mixed}": [
            100 * z for z in right
        ],
        f"A difference of shares over a standard error in points: {mixed}": [
            z / 100 for z in right
        ],
        "Divide the variances by the number of faces.": [
            z / math.sqrt(count) for z in right
        ],
    }


def _standard_scores(first: float, second: float, count: int) -> list[float]:
    """With each accuracy's own variance, and with that of the two pooled: both are in use."""
    p, q = first / 100, second / 100
    pooled = (p + q) / 2
    variances = (p * (1 - p) + q * (1 - q), 2 * pooled * (1 - pooled))
    return [(p - q) / math.sqrt(variance / count) for variance in variances]


@exercise
def check_survivors(survivors: Callable) -> str:
    """Exercise 5.4: which of several p-values still count after Holm's correction."""
    for p_values in _P_VALUES:
        answer = attempt(survivors, list(p_values))
        try:
            found = [bool(value) for value in answer]
        except (TypeError, ValueError):
            raise Wrong(
                f"Your function returns {a(answer)}; a list of True and False is "
                f"expected."
            ) from None
        if any(
            not isinstance(value, bool | np.bool_ | int) or value not in (0, 1)
            for value in answer
        ):
            raise Wrong("Your list holds other things than True and False.")
        right = _holm(p_values)
        given = f"For the p-values {', '.join(f'{p:g}' for p in p_values)}"
        if len(found) != len(right):
            raise Wrong(
                f"{given}, {len(found)} answers came back; {len(right)} are expected, "
                f"one for each."
            )
        if found == right:
            continue
        for sentence, slip in _HOLM_SLIPS.items():
            if found == slip(p_values):
                raise Wrong(f"{given}, your answer is {_in_words(found)}. {sentence}")
        rule = "begin with the smallest, and stop at the first that fails."
        raise Wrong(f"{given}, {_in_words(found)} does not fit: {rule}")
    return "The more comparisons somebody made, the smaller a p has to be before it says anything."


# Each tells at least one slip from Holm's way; the numbers keep away from the borders.
_P_VALUES = (
    (0.002, 0.045, 0.3, 0.001, 0.02),
    (0.04, 0.03, 0.02, 0.045),
    (0.02, 0.03, 0.009, 0.4, 0.011),
    (0.6, 0.004),
    (0.03,),
)


def _holm(p_values: Iterable[float], alpha: float = 0.05) -> list[bool]:
    p_values = list(p_values)
    found, count = [False] * len(p_values), len(p_values)
    for step, place in enumerate(sorted(range(count), key=p_values.__getitem__)):
        if p_values[place] >= alpha / (count - step):
            break
        found[place] = True
    return found


def _in_words(answers: list[bool]) -> str:
    return ", ".join("yes" if answer else "no" for answer in answers)


def _without_a_stop(p_values: Iterable[float]) -> list[bool]:
    ascending = sorted(p_values)
    return [p < 0.05 / (len(ascending) - ascending.index(p)) for p in p_values]


def _in_order_of_size(p_values: Iterable[float]) -> list[bool]:
    return sorted(_holm(p_values), reverse=True)


def _in_order_given(p_values: Iterable[float]) -> list[bool]:
    p_values, found = list(p_values), []
    for step, p in enumerate(p_values):
        found.append(p < 0.05 / (len(p_values) - step) and all(found))
    return found


def _benjamini_hochberg(p_values: Iterable[float]) -> list[bool]:
    ascending = sorted(p_values)
    fine = [
        p for rank, p in enumerate(ascending, 1) if p < 0.05 * rank / len(ascending)
    ]
    return [bool(fine) and p <= fine[-1] for p in p_values]


_HOLM_SLIPS: dict[str, Callable] = {
    "Every p-value was held against the whole 0.05, as if it were the only one.": (
        lambda p_values: [p < 0.05 for p in p_values]
    ),
    "Every p-value was held against 0.05 divided by how many there are. That is "
    "Bonferroni's correction: "
    "safe, but stricter than need be, for after each success one fewer is left to "
    "fail.": (lambda p_values: [p < 0.05 / len(p_values) for p in p_values]),
    "Once one fails, all that are larger fail with it: stop there.": _without_a_stop,
    "The answers are sorted. They should stand in the order in which the p-values "
    "came.": _in_order_of_size,
    "Go through them from the smallest to the largest, not in the order in which they "
    "came.": _in_order_given,
    "That is the rule of Benjamini and Hochberg: it limits the share of false alarms, "
    "where Holm allows "
    "hardly a single one.": _benjamini_hochberg,
    "True is for those that still count.": lambda p_values: [
        not answer for answer in _holm(p_values)
    ],
}


@exercise
def check_price_of_leakage(price_of_leakage: Callable) -> str:
    """Exercise 5.5: by how many points known faces raise a printed accuracy."""
    chance = np.random.default_rng(8)
    for count, known, gain in ((500, 0.1, 0.35), (60, 0.5, -0.2), (1000, 0.03, 0.2)):
        seen = chance.random(count) < known
        correct = chance.random(count) < 0.6 + gain * seen
        answer = one_number(
            attempt(price_of_leakage, correct.copy(), seen.copy()),
            "a difference in points",
        )
        every, unseen, known_ones = (
            100 * part.mean() for part in (correct, correct[~seen], correct[seen])
        )
        price = every - unseen
        if math.isclose(answer, price, rel_tol=1e-4, abs_tol=1e-9):
            continue
        given = f"Of {count} faces, {seen.sum()} of them known, your function makes {answer:.4g}"
        slips = {
            "that is a share. Give the difference in points, which is a hundred times "
            "as much": price / 100,
            "the sign is turned round: the price is what the printed number has *too "
            "much*": -price,
            "that compares known faces with unknown ones. What is printed is the "
            "accuracy on *all* faces: by "
            "how much is that one raised": known_ones - unseen,
            "that compares known faces with all. The question is by how much all lie "
            "above the unknown": (known_ones - every),
            "that is the accuracy on the faces that were not seen. Subtract it from "
            "what is printed": unseen,
            "that is the share of known faces": 100 * seen.mean(),
            "that counts faces. Compare accuracies, each over its own number of faces": float(
                correct.sum() - correct[~seen].sum()
            ),
            "both accuracies have to be divided by the number of their *own* faces": (
                100 * (correct.sum() - correct[~seen].sum()) / count
            ),
        }
        for sentence, slip in slips.items():
            if math.isclose(answer, slip, rel_tol=1e-4, abs_tol=1e-9):
                raise Wrong(f"{given}: {sentence}.")
        raise Wrong(
            f"{given}; expected the accuracy on all, less that on the faces that were "
            f"not seen."
        )
    return "That is what an accuracy owes to pictures which the network may simply remember."
