"""The checks of lesson 05."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence, Set, ValuesView
from itertools import islice
from typing import Any

import numpy as np
from statsmodels.stats.multitest import multipletests

from fercourse.lessons.exercise import Wrong, a, attempt, compare, exercise, numbers
from fercourse.results.statistics import TEST_FACES, counts_that_give

# Percent, faces, decimals: three rows of the paper, and small ones at the border.
_PAPER = [(70.02, TEST_FACES, 2), (73.35, TEST_FACES, 2), (71.6, TEST_FACES, 1)]
_PRINTED = [*_PAPER, (100.0, 30, 1), (0.0, 30, 1), (66.67, 3, 2), (33.33, 3, 2)]


@exercise
def check_counts_for(counts_for: Callable) -> str:
    """Exercise 5.1: which numbers of right answers are printed as a percentage."""
    answers = [_counts(attempt(counts_for, *case)) for case in _PRINTED]

    # Rounding and cutting off are both right, if it is the same in all cases.
    def fitting(reading: Callable) -> int:
        return sum(map(np.array_equal, answers, [reading(*x) for x in _PRINTED]))

    right = max((_rounded, _cut_off), key=fitting)
    compare(counts_for, _PRINTED, "a list of counts", right, {
        "both": (lambda *case: np.array(counts_that_give(*case), float),
            "You collect both what is rounded and what is cut off: choose."),
        "all faces": (lambda p, n, d: np.setdiff1d(right(p, n, d), [n]),
            "Do you try all faces too? `range` leaves out its end."),
        "zero": (lambda p, n, d: np.setdiff1d(right(p, n, d), [0]),
            "Do you try 0 too?"),
        "exact": (lambda p, n, d: np.flatnonzero(100 * np.arange(n + 1) == p * n),
            "Hardly any share is *exactly* that. Compare what would be printed."),
        "two decimals": (lambda p, n, d: right(p, n, 2),
            "The third argument says how many decimals are printed."),
        "first": (lambda *case: right(*case)[:1],
            "You stop at the first. Collect all that fit."),
    }, {
        "none": (lambda counts, *case: not counts.size,
            "There is a count. Compare what would be *printed*."),
        "impossible": (lambda counts, p, n, d: ((counts < 0) | (counts > n)).any(),
            "There are not so many faces."),
        "not printed so": (lambda counts, *case:
                np.setdiff1d(counts, counts_that_give(*case)).size,
            "Test them: as what would 100 · count / faces be printed?"),
    }, about="For {0} % of {1:,} faces",
        hint="More counts are printed so; or you round here and cut off there.",
        read=_counts)  # fmt: skip
    return "Rounded or cut off, one of the seven is no share of 3,589 faces. Which one?"


def _counts(answer: Any, what: str = "a list of counts") -> np.ndarray:
    """A learner's collection of counts, ascending."""
    listed = isinstance(answer, Set | ValuesView)
    counts = numbers(list(answer) if listed else answer, what)
    if not counts.ndim:
        text = "Several counts can be printed alike, and sometimes none is: use a list."
        raise Wrong("one number", f"Your function returns one number. {text}")
    if (counts % 1).any():
        raise Wrong("not whole", "Your list holds parts of faces. Return whole counts.")
    return np.unique(counts)


def _cut_off(percent: float, count: int, decimals: int) -> np.ndarray:
    printed, scale = round(percent * 10**decimals), 100 * 10**decimals
    counts = np.array(counts_that_give(percent, count, decimals), int)
    return counts[scale * counts // count == printed]


def _rounded(percent: float, count: int, decimals: int) -> np.ndarray:
    printed, scale = round(percent * 10**decimals), 100 * 10**decimals
    counts = np.array(counts_that_give(percent, count, decimals), int)
    return counts[2 * abs(scale * counts - printed * count) <= count]


# For each statement of exercise 5.2: whether it names a fault of the table, and a hint.
_FAULTS = {
    "A": (False, "Means of several trainings or a typing error would explain it."),
    "B": (False, "Both numbers are in the README of [24], for several networks."),
    "C": (True, "Look again at who wrote [7], and whose repository has the number."),
    "D": (False, "An order is no fault if it is that of the numbers, and it is."),
    "E": (True, "Look again at the class counts, and at what the code selects on."),
    "F": (False, "With one decimal, more than one count fits; see the table above."),
    "G": (True, "What are the two that were left out trained on, apart from FER2013?"),
    "H": (False, "How it was chosen is not known: that is a suspicion."),
}  # fmt: skip


@exercise
def check_faults(faults: Iterable[str]) -> str:
    """Exercise 5.2: which of eight statements name a fault of the paper's table."""
    try:
        parts = [str(part) for part in islice(faults, 99)]
        letters = {part.strip().upper() for part in parts} - {"", ","}
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
    return (
        "Three faults: from a list of results, the code of others, and a leaderboard."
    )


@exercise
def check_z_of(z_of: Callable) -> str:
    """Exercise 5.3: by how many standard errors two published accuracies differ."""
    cases = [(73.35, 70.02, TEST_FACES), (60.0, 66.0, 400), (50.0, 40.0, 1000)]
    try:
        _compare_scores(z_of, cases)
    except Wrong as slip:
        if re.search("NaN|complex|math domain", str(slip)):  # root of what is below 0
            text = f"Use shares, such as `first / 100`: below the root is < 0. {slip}"
            raise Wrong("percents", text) from None
        raise
    return "Beyond ±1.96, chance alone would do that in fewer than one case of twenty."


def _compare_scores(function: Callable, cases: Sequence[tuple]) -> None:
    compare(function, cases, "the difference in standard errors", scores, {
        "difference": (lambda p, q, n: [p - q, (p - q) / 100],
            "That is the difference. Divide it by its standard error."),
        "sign": (lambda p, q, n: scores(q, p, n),
            "The sign is reversed: subtract the second accuracy from the first."),
        "no sign": (lambda p, q, n: [abs(z) for z in scores(p, q, n)],
            "The sign is lost. Below 0, the first accuracy is the lower one."),
        "one error": (lambda *x: [(x[0] - x[1]) / 100 / v**0.5 for v in variances(*x)],
            "That is the error of *one* accuracy. Both are uncertain: add variances."),
        "errors added": (lambda *x: (x[0] - x[1]) / 100 / sum(np.sqrt(variances(*x))),
            "You added the standard errors; add the variances, and take the root."),
        "no root": (
            lambda *x: [(x[0] - x[1]) / u / sum(variances(*x)) for u in (100, 1e4)],
            "You divided by the variance; the standard error is its square root."),
        "percent": (lambda p, q, n: [100 * z for z in scores(p, q, n)],
            "Points over an error of shares: use the same unit for both."),
        "share": (lambda p, q, n: [z / 100 for z in scores(p, q, n)],
            "Shares over an error in points: use the same unit for both."),
        "count": (lambda p, q, n: [z / math.sqrt(n) for z in scores(p, q, n)],
            "Divide the variances by the number of faces."),
    }, about="For {0} and {1} % of {2:,} faces",
        hint="Divide the difference by the root of the two variances' sum.",
        rtol=5e-3)  # fmt: skip


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
    *([0.002, 0.045, 0.3, 0.001, 0.02], [0.04, 0.03, 0.02, 0.045], [0.03]),
    *([0.02, 0.03, 0.009, 0.4, 0.011], [0.6, 0.004], [0.02, 0.02, 0.001]),
    *([0.012, 0.2, 0.012, 0.3], [0.015, 0.3, 0.012, 0.5]),
)


@exercise
def check_survivors(survivors: Callable) -> str:
    """Exercise 5.4: which of several p-values still count after Holm's correction."""
    compare(survivors, [(p_values,) for p_values in _P_VALUES],
        "a list of True and False", holm, {
        "no correction": (lambda p: np.less(p, 0.05),
            "Every p-value was compared with the whole 0.05."),
        "bonferroni": (lambda p: np.less(p, 0.05 / len(p)),
            "You always divide by how many there are, as Bonferroni does."),
        "no stop": (lambda p: np.less(p, 0.05 / (len(p) - np.argsort(np.argsort(p)))),
            "Once one fails, all that are larger fail with it: stop there."),
        "sorted": (lambda p: np.sort(holm(p))[::-1],
            "The answers are sorted. Return them in the order of the p-values."),
        "order": (lambda p: np.cumprod(np.less(p, 0.05 / np.arange(len(p), 0, -1))),
            "Go through them from the smallest to the largest, not as they came."),
        "too many left": (lambda p: holm(p, left=1),
            "You divide by one more each time; the smallest meets 0.05 / m."),
        "too few left": (lambda p: holm(p, left=-1),
            "You divide by one fewer each time; the smallest meets 0.05 / m."),
        "marked too early": (lambda p: holm(p, late=True),
            "The first that fails is marked too. Stop before you mark it."),
        "ties": (lambda p: holm(p) & [p.index(x) == place for place, x in enumerate(p)],
            "Of equal p-values only one is marked: `index` always finds the first."),
        "benjamini hochberg": (lambda p: multipletests(p, method="fdr_bh")[0],
            "That is Benjamini and Hochberg's rule, which allows some false alarms."),
        "inverted": (lambda p: ~holm(p), "True is for those that still count."),
    }, {
        "values": (lambda answer, p: answer.ndim and not np.isin(answer, (0, 1)).all(),
            "Your list holds other things than True and False."),
    }, about="For the p-values {0}",
        hint="Begin with the smallest, and stop at the first that fails.",
        read=numbers)  # fmt: skip
    return "The more comparisons, the smaller a p has to be before it says anything."


def holm(p_values: Sequence[float], left: int = 0, late: bool = False) -> np.ndarray:
    """Which p-values stay below Holm's limits, the smallest first."""
    survive, count = np.zeros(len(p_values), bool), len(p_values)
    for step, place in enumerate(np.argsort(p_values)):
        fails = p_values[place] * (count - step + left) >= 0.05
        survive[place] = late or not fails
        if fails:
            break
    return survive


@exercise
def check_excess(excess: Callable) -> str:
    """Exercise 5.5: how far the accuracy on all faces is above that on unseen."""
    random, cases = np.random.default_rng(8), []
    for count, known, gain in ((500, 0.1, 0.35), (60, 0.5, -0.2), (1000, 0.03, 0.2)):
        seen = random.random(count) < known
        cases.append((random.random(count) < 0.6 + gain * seen, seen))
    compare(excess, cases, "a difference in points",
        lambda correct, seen: 100 * (correct.mean() - correct[~seen].mean()), {
        "known and unknown": (lambda c, seen: 100 * (c[seen].mean() - c[~seen].mean()),
            "That compares known faces with unknown ones. Compare *all* with unknown."),
        "known and all": (lambda c, seen: 100 * (c[seen].mean() - c.mean()),
            "That compares known faces with all. Compare all with *unknown* ones."),
        "unknown": (lambda correct, seen: 100 * correct[~seen].mean(),
            "That is the accuracy on unknown faces. Subtract it from the printed one."),
        "share of known": (lambda correct, seen: 100 * seen.mean(),
            "That is the share of known faces."),
        "count": (lambda correct, seen: correct[seen].sum(),
            "That counts faces. Compare accuracies."),
        "one number of faces": (lambda correct, seen: 100 * (correct & seen).mean(),
            "Divide both accuracies by the number of their *own* faces."),
    }, about="For {0.size} faces",
        hint="Subtract the accuracy on unseen faces from that on all.")  # fmt: skip
    return "Seen faces add that much: remembered, or just easier."
