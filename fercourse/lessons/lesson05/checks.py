"""The checks of lesson 05."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence, Set, ValuesView
from typing import Any

import numpy as np

from fercourse.lessons.exercise import (
    Wrong,
    a,
    attempt,
    compare,
    exercise,
    judge,
    numbers,
)
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
    # Rounded, cut off or either of them is right if it is so in all cases.
    open_readings = {"rounded", "cut off", "either"}
    for percent, count, decimals in _PRINTED:
        counts = _counts(attempt(counts_for, percent, count, decimals))
        readings = _readings(percent, count, decimals)
        open_readings = {name for name in open_readings if readings[name] == counts}
        if not open_readings:
            _explain_counts(counts, readings["either"], percent, count, decimals)
    return "Rounded or cut off, one of the seven is no share of 3,589 faces. Which one?"


def _explain_counts(
    counts: list[int], either: list[int], percent: float, count: int, decimals: int
) -> None:
    k = next((k for k in counts if k not in either), None)
    judge({
        "ends": (lambda: not counts and percent in (0, 100),
            f"finds no count. Does it try 0 and all {count} faces?"),
        "exact": (lambda: not counts,
            "finds no count, and there is one. Almost no share is *exactly* the "
            "printed number: compare what would be printed, with as many decimals as "
            "the third argument says."),
        "impossible": (lambda: k is not None and not 0 <= k <= count,
            f"returns {k}, which is no number of {count:,} faces."),
        "not printed so": (lambda: k is not None,
            f"returns {k}. Test it: {k} of {count:,} is "
            f"{100 * (k or 0) / count:.{decimals + 2}f} %."),
        "incomplete": (lambda: True,
            f"returns {counts}, and more counts are printed so; or it rounds in one "
            "case and cuts off in another."),
    }, start=f"For {percent} % of {count:,} faces your function ")  # fmt: skip


def _counts(answer: Any) -> list[int]:
    """A learner's collection of counts, ascending."""
    what = "a list of counts"
    listed = isinstance(answer, Set | ValuesView)
    counts = numbers(list(answer) if listed else answer, what)
    judge({
        "one number": (lambda: counts.ndim == 0,
            f"Your function returns the one number {counts}. Several counts can be "
            "printed alike, and sometimes none is: collect all that fit in a list."),
        "not whole": (lambda: (counts % 1).any(),
            "Your list holds numbers that are not whole. Return counts of faces."),
    })  # fmt: skip
    return sorted({int(number) for number in counts.flat})


def _readings(percent: float, count: int, decimals: int) -> dict[str, list[int]]:
    either = counts_that_give(percent, count, decimals)
    scale = 10**decimals
    printed = round(percent * scale)
    cut = [k for k in either if 100 * scale * k // count == printed]
    rounded = [k for k in either if abs(200 * scale * k - 2 * printed * count) <= count]
    return {"rounded": rounded, "cut off": cut, "either": either}


# For each statement of exercise 5.2: whether it names a fault of the table, and a hint.
_FAULTS = {
    "A": (True, "Exercise 5.1 has an answer to it."),
    "B": (False, "Both numbers are in the README of [24]; a paper may report several "
        "networks."),
    "C": (True, "Look again at who wrote [7], and whose README has the number."),
    "D": (False, "An order is no fault if it is that of the numbers, and it is."),
    "E": (True, "Look again at the class counts, and at what the code selects on."),
    "F": (False, "With one decimal, more than one count fits; see the table above."),
    "G": (True, "Look again at what the two systems that were left out are trained on, "
        "apart from FER2013."),
    "H": (False, "How it was chosen is not known: a suspicion, not a fault that can be "
        "shown."),
}  # fmt: skip


@exercise
def check_faults(faults: Iterable[str]) -> str:
    """Exercise 5.2: which of eight statements name a fault of the paper's table."""
    try:
        letters = {str(letter).strip().upper() for letter in faults} - {"", ","}
    except Exception:
        text = f"This is {a(faults)}. Use a set of letters, such as {{'X', 'Y'}}."
        raise Wrong("kind", text) from None
    for letter in sorted(letters):
        if letter not in _FAULTS:
            raise Wrong("unknown", f"{letter:.20} is none of the statements A to H.")
        is_fault, hint = _FAULTS[letter]
        if not is_fault:
            raise Wrong(letter, f"{letter} does not name a fault of the table. {hint}")
    for letter, (is_fault, hint) in _FAULTS.items():
        if is_fault and letter not in letters:
            start = f"There are more faults than the {len(letters)} that you name."
            raise Wrong(f"not {letter}", f"{start} {hint}")
    return "Four faults: from arithmetic, a list of references, and the code of others."


@exercise
def check_z_of(z_of: Callable) -> str:
    """Exercise 5.3: by how many standard errors two published accuracies differ."""
    cases = [(73.35, 70.02, TEST_FACES), (60.0, 66.0, 400), (50.0, 40.0, 1000)]
    compare(z_of, cases, "the difference in standard errors", scores, {
        "difference": (lambda p, q, n: [p - q, (p - q) / 100],
            "That is the difference. Divide it by its standard error."),
        "sign": (lambda p, q, n: scores(q, p, n),
            "The sign is reversed: subtract the second accuracy from the first."),
        "one error": (
            lambda p, q, n: [(p - q) / 100 / x**0.5 for x in variances(p, q, n)],
            "That is the standard error of *one* accuracy. Both are uncertain: add "
            "their variances."),
        "errors added": (
            lambda p, q, n: (p - q) / 100 / sum(np.sqrt(variances(p, q, n))),
            "You added the standard errors; add the variances, and take the root of "
            "the sum."),
        "no root": (
            lambda *x: [(x[0] - x[1]) / u / sum(variances(*x)) for u in (100, 1e4)],
            "You divided by the variance; the standard error is its square root."),
        "points over shares": (lambda p, q, n: [100 * z for z in scores(p, q, n)],
            "That is a difference in points over a standard error of shares: use "
            "percent for both, or shares for both."),
        "shares over points": (lambda p, q, n: [z / 100 for z in scores(p, q, n)],
            "That is a difference of shares over a standard error in points: use "
            "percent for both, or shares for both."),
        "count": (lambda p, q, n: [z / math.sqrt(n) for z in scores(p, q, n)],
            "Divide the variances by the number of faces."),
    }, about="For {0} and {1} % of {2:,} faces",
        hint="Divide the difference by the root of the two variances' sum.",
        rtol=5e-3)  # fmt: skip
    return "Beyond ±1.96, chance alone would do that in fewer than one case of twenty."


def variances(first: float, second: float, count: int) -> list[float]:
    """The variances of two accuracies in percent, as shares."""
    return [share * (1 - share) / count for share in (first / 100, second / 100)]


def scores(first: float, second: float, count: int) -> list[float]:
    """With each accuracy's own variance, and with their pooled one: both are in use."""
    mean = (first + second) / 2
    pairs = (variances(first, second, count), variances(mean, mean, count))
    return [(first - second) / 100 / math.sqrt(sum(pair)) for pair in pairs]


# Each shows at least one slip, and no p-value is close to a limit.
_P_VALUES = (
    [0.002, 0.045, 0.3, 0.001, 0.02],
    [0.04, 0.03, 0.02, 0.045],
    [0.02, 0.03, 0.009, 0.4, 0.011],
    [0.6, 0.004],
    [0.03],
)


@exercise
def check_survivors(survivors: Callable) -> str:
    """Exercise 5.4: which of several p-values still count after Holm's correction."""
    compare(survivors, [(p_values,) for p_values in _P_VALUES],
        "a list of True and False", holm, {
        "no correction": (lambda p: np.less(p, 0.05),
            "Every p-value was compared with the whole 0.05, as if it were the only "
            "one."),
        "bonferroni": (lambda p: np.less(p, 0.05 / len(p)),
            "Every p-value was compared with 0.05 divided by how many there are. That "
            "is Bonferroni's correction: safe, but stricter than necessary, because "
            "after each success one fewer is left to fail."),
        "no stop": (lambda p: np.less(p, 0.05 / (len(p) - np.argsort(np.argsort(p)))),
            "Once one fails, all that are larger fail with it: stop there."),
        "sorted": (lambda p: np.sort(holm(p))[::-1],
            "The answers are sorted. Return them in the order of the p-values."),
        "order": (
            lambda p: np.cumprod(np.less(p, 0.05 / np.arange(len(p), 0, -1))),
            "Go through them from the smallest to the largest, not in the order that "
            "they came in."),
        "benjamini hochberg": (benjamini_hochberg,
            "That is the rule of Benjamini and Hochberg: it limits the share of false "
            "alarms, where Holm's hardly allows a single one."),
        "inverted": (lambda p: ~holm(p), "True is for those that still count."),
    }, {
        "one number": (lambda answer, p: answer.ndim == 0,
            "Return a list of True and False."),
        "values": (lambda answer, p: not np.isin(answer, (0, 1)).all(),
            "Your list holds other things than True and False."),
        "length": (lambda answer, p: answer.shape != (len(p),),
            "Return one answer for each p-value."),
    }, about="For the p-values {0}",
        hint="Begin with the smallest, and stop at the first that fails.",
        read=numbers)  # fmt: skip
    return "The more comparisons, the smaller a p has to be before it says anything."


def holm(p_values: Sequence[float], alpha: float = 0.05) -> np.ndarray:
    """Which p-values stay below Holm's limits, the smallest first."""
    survive, count = np.zeros(len(p_values), bool), len(p_values)
    for step, place in enumerate(np.argsort(p_values)):
        if p_values[place] >= alpha / (count - step):
            break
        survive[place] = True
    return survive


def benjamini_hochberg(p_values: Sequence[float]) -> np.ndarray:
    """Which p-values Benjamini and Hochberg would keep."""
    ascending = np.sort(p_values)
    limits = 0.05 * np.arange(1, len(p_values) + 1) / len(p_values)
    return np.less_equal(p_values, ascending[ascending < limits].max(initial=0))


@exercise
def check_price_of_leakage(price_of_leakage: Callable) -> str:
    """Exercise 5.5: by how many points known faces raise a printed accuracy."""
    random, cases = np.random.default_rng(8), []
    for count, known, gain in ((500, 0.1, 0.35), (60, 0.5, -0.2), (1000, 0.03, 0.2)):
        seen = random.random(count) < known
        cases.append((random.random(count) < 0.6 + gain * seen, seen))
    compare(price_of_leakage, cases, "a difference in points",
        lambda correct, seen: 100 * (correct.mean() - correct[~seen].mean()), {
        "share": (lambda correct, seen: correct.mean() - correct[~seen].mean(),
            "That is a share. Return the difference in points, which is a hundred "
            "times as much."),
        "sign": (lambda correct, seen: 100 * (correct[~seen].mean() - correct.mean()),
            "The sign is reversed: the price is what the printed number has *too "
            "much*."),
        "known and unknown": (
            lambda correct, seen: 100 * (correct[seen].mean() - correct[~seen].mean()),
            "That compares known faces with unknown ones. The printed accuracy is that "
            "on *all* faces: by how much is it raised?"),
        "known and all": (
            lambda correct, seen: 100 * (correct[seen].mean() - correct.mean()),
            "That compares known faces with all. By how much is the accuracy on all "
            "faces above that on the unknown ones?"),
        "unknown": (lambda correct, seen: 100 * correct[~seen].mean(),
            "That is the accuracy on the faces that were not seen. Subtract it from "
            "the printed one."),
        "share of known": (lambda correct, seen: 100 * seen.mean(),
            "That is the share of known faces."),
        "count": (lambda correct, seen: correct[seen].sum(),
            "That counts faces. Compare accuracies, each over its own number of "
            "faces."),
        "one number of faces": (lambda correct, seen: 100 * (correct & seen).mean(),
            "Divide both accuracies by the number of their *own* faces."),
    }, about="For {0.size} faces",
        hint="Subtract the accuracy on unseen faces from that on all.")  # fmt: skip
    return "That is what an accuracy owes to images that the network may remember."
