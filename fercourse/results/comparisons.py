"""Comparisons: which of several models is better, and how many faces it takes to tell.

On top of statsmodels and SciPy. All accuracies, differences and shares are in percent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm, rankdata
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import (
    proportions_ztest,
    samplesize_proportions_2indep_onetail,
)

from fercourse.results.statistics import CONFIDENCE, TEST_FACES, PairedTest, mcnemar

ALPHA = 0.05
POWER = 0.8
RESAMPLES = 2000


@dataclass(frozen=True)
class UnpairedTest:
    """Two accuracies that are known without the answers to each face."""

    difference: float  # first minus second, in points
    z: float  # the same in standard errors
    p_value: float  # chance of a difference this large between equally good models


def two_proportions(
    first: float,
    second: float,
    count: int = TEST_FACES,
    second_count: int | None = None,
) -> UnpairedTest:
    """Compare two published accuracies: z test of two proportions, pooled variance.

    The test assumes different faces, since it cannot know which faces both models got
    right. If the answers of both are known, `mcnemar` detects smaller differences.
    """
    counts = np.array([count, count if second_count is None else second_count])
    shares = np.array([first, second]) / 100
    if counts.min() < 1 or shares.min() < 0 or shares.max() > 1:
        raise ValueError(
            f"{first} and {second} % of {counts[0]} and {counts[1]} faces cannot be "
            "compared; expected accuracies of 0 to 100 % and at least one face each."
        )
    if first == second:  # at 0 and 100 % the standard error is 0, too
        return UnpairedTest(0.0, 0.0, 1.0)
    z, p_value = proportions_ztest(shares * counts, counts)
    return UnpairedTest(first - second, float(z), float(p_value))


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p-values for how many there are (Holm, 1979).

    Of twenty comparisons of equally good models, one has p < 0.05 by chance. After the
    correction, the chance of even one such false alarm is below 0.05.
    """
    if not p_values:
        return []
    # The smallest of m p-values times m, the next times m − 1, …, never decreasing.
    return multipletests(p_values, method="holm")[1].tolist()


@dataclass(frozen=True)
class Comparison:
    """Two of several models, by name, on the same faces."""

    first: str
    second: str
    test: PairedTest  # of these two alone
    adjusted: float  # its p-value after Holm's correction for all pairs


def compare_pairs(correct: Mapping[str, np.ndarray]) -> list[Comparison]:
    """McNemar's test of each pair of models, with `holm`'s correction.

    Args:
        correct: for each model, by its name: bool, shape (N,), whether it is right; the
            same N faces in the same order.
    """
    _stacked(correct)
    pairs = list(combinations(correct, 2))
    tests = [mcnemar(correct[first], correct[second]) for first, second in pairs]
    adjusted = holm([test.p_value for test in tests])
    return [
        Comparison(*pair, test, p_value)
        for pair, test, p_value in zip(pairs, tests, adjusted, strict=True)
    ]


@dataclass(frozen=True)
class Ranks:
    """How certain the order of M models is."""

    names: tuple[str, ...]
    rank: np.ndarray  # float, (M,), on the faces as they are; 1 is best, ties averaged
    shares: np.ndarray  # (M, M), how often model i has rank j + 1 in the resamples
    low: np.ndarray  # int64, (M,), best rank of each model's interval
    high: np.ndarray  # int64, (M,), worst rank of each model's interval


def bootstrap_ranks(
    correct: Mapping[str, np.ndarray],
    resamples: int = RESAMPLES,
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> Ranks:
    """Rank models on faces drawn again and again, with replacement (Efron, 1979).

    Each resample has as many faces as there are, the same for all models. `correct` is
    that of `compare_pairs`.
    """
    answers = _stacked(correct)
    if resamples < 1:
        raise ValueError(f"resamples is {resamples}; expected 1 or more.")
    # kinds: (M, K). Faces on which all models did the same are alike, so drawing how
    # many faces of each kind there are equals drawing faces, and is faster.
    kinds, counts = np.unique(answers, axis=1, return_counts=True)
    # (resamples, 1, K): faces of each kind in each resample
    drawn = np.random.default_rng(seed).multinomial(
        counts.sum(), counts / counts.sum(), size=(resamples, 1)
    )
    # (resamples, M): right answers, then (M, M): share of each place
    right = (drawn * kinds).sum(axis=-1)
    shares = _shares_of_places(right).mean(axis=0)
    # Rounded, so that a sum of shares that should be 0.025 is not a hair less.
    up_to = shares.cumsum(axis=1).round(12)
    # An interval leaves out at most half of the rest at either end.
    rest = (1 - confidence) / 2
    return Ranks(
        names=tuple(correct),
        rank=rankdata(-answers.sum(axis=1)),
        shares=shares,
        low=(up_to > rest).argmax(axis=1) + 1,
        high=(up_to >= 1 - rest).argmax(axis=1) + 1,
    )


def _shares_of_places(right: np.ndarray) -> np.ndarray:
    """From right answers, (R, M), to the share of each place 1 to M, (R, M, M)."""
    best, worst = (
        rankdata(-right, method=method, axis=1)[..., None] for method in ("min", "max")
    )
    places = np.arange(1, right.shape[1] + 1)
    # Models with equally many right answers share their places evenly: two that are
    # both best are half first and half second each.
    return ((best <= places) & (places <= worst)) / (worst - best + 1)


def _stacked(correct: Mapping[str, np.ndarray]) -> np.ndarray:
    """The answers of all models, bool, (M, N), after checking that they compare."""
    if len(correct) < 2:
        raise ValueError(f"{len(correct)} model(s) to compare; expected two or more.")
    shapes = {name: np.shape(answers) for name, answers in correct.items()}
    if len(set(shapes.values())) > 1 or len(next(iter(shapes.values()))) != 1:
        listed = ", ".join(f"{name}: {shape}" for name, shape in shapes.items())
        raise ValueError(
            "Models are compared on the same faces, one answer for each; the shapes "
            f"are {listed}."
        )
    answers = np.stack(list(correct.values()))
    if answers.dtype != bool or not answers.size:
        raise ValueError(
            f"answers are {answers.dtype} of shape {answers.shape}; expected bool, "
            "right or wrong, for at least one face."
        )
    return answers


def faces_needed(
    first: float,
    second: float,
    discordant: float | None = None,
    power: float = POWER,
) -> int:
    """How many test faces it takes to tell two accuracies apart, in a two-sided test.

    Args:
        first: true accuracy of one model in percent.
        second: true accuracy of the other.
        discordant: percent of the faces that just one of the two gets right, if both
            answer the same faces (Connor, 1987); None if each has faces of its own
            (normal approximation, pooled variance).
        power: chance of finding the difference.
    """
    if not (0 <= first <= 100 and 0 <= second <= 100):
        raise ValueError(f"Accuracies of {first} and {second} %; expected 0 to 100.")
    if first == second:
        raise ValueError(
            f"Both accuracies are {first} %; no number of faces tells them apart."
        )
    if discordant is not None and not abs(first - second) <= discordant <= 100:
        raise ValueError(
            f"discordant is {discordant} %; expected at least the difference, "
            f"{abs(first - second):g} points, and at most 100 %."
        )
    return math.ceil(_faces_needed(first, second, discordant, power))


def _faces_needed(
    first: float, second: float, discordant: float | None, power: float
) -> float:
    if not 0 < power < 1:
        raise ValueError(f"power is {power}; expected a share, such as 0.8.")
    if discordant is None:
        return samplesize_proportions_2indep_onetail(
            (first - second) / 100, second / 100, power, alpha=ALPHA
        )
    difference, share = abs(first - second) / 100, discordant / 100
    # n = (z(1 − α/2) √share + z(power) √(share − d²))² / d²: the difference d has the
    # variance share / n if there is none, (share − d²) / n if it is real.
    without, real = math.sqrt(share), math.sqrt(share - difference**2)
    spread = norm.isf(ALPHA / 2) * without + norm.ppf(power) * real
    return (spread / difference) ** 2


def detectable_difference(
    accuracy: float,
    count: int = TEST_FACES,
    discordant: float | None = None,
    power: float = POWER,
) -> float:
    """The smallest difference in points that `count` faces show: `faces_needed` turned.

    With `power=0.5` it is the smallest difference that comes out as significant: a true
    difference of that size is found every other time.

    Args:
        accuracy: halfway between the two models', in percent.
        count: faces, for each model if `discordant` is None.
        discordant: as in `faces_needed`.
        power: as in `faces_needed`.

    Raises:
        ValueError: not even the largest difference would be found.
    """

    def missing(points: float) -> float:
        low, high = accuracy - points / 2, accuracy + points / 2
        return _faces_needed(low, high, discordant, power) - count

    # Both accuracies stay in 0 to 100 %; models differ on discordant faces only.
    both_in_range = min(2 * accuracy, 2 * (100 - accuracy))
    largest = min(both_in_range, 100 if discordant is None else discordant)
    if largest <= 0 or (discordant or 0) > 100 or missing(largest) > 0:
        raise ValueError(
            f"{count} faces can show no difference around {accuracy} % (discordant: "
            f"{discordant}); expected more faces, and percentages between 0 and 100."
        )
    # Fewer faces are needed the larger the difference: one root (Brent).
    return float(brentq(missing, 1e-6, largest, xtol=1e-9))
