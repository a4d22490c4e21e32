"""Comparisons: which of several models is better, and how many faces it takes to tell.

On top of statsmodels and scipy. All accuracies, differences and shares are in percent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
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
    """Two accuracies of which only the numbers are known, not the answers to each face.

    Attributes:
        difference: first minus second, in points.
        z: the difference in standard errors.
        p_value: how often chance alone would give a difference of this size or more, if
            both models were equally good; two-sided.
    """

    difference: float
    z: float
    p_value: float


def two_proportions(
    first: float,
    second: float,
    count: int = TEST_FACES,
    second_count: int | None = None,
) -> UnpairedTest:
    """Compare two published accuracies: the z test of two proportions with a pooled variance.

    It takes the two for measured on different faces, for it cannot know on which both
    were right. With both models' answers, `fercourse.results.statistics.mcnemar` sees
    smaller differences.

    Args:
        first: accuracy in percent; it need not be a share of so many faces.
        second: accuracy in percent.
        count: faces on which the first was measured, and the second too if
            `second_count` is None.
        second_count: faces on which the second was measured.

    Raises:
        ValueError: an accuracy out of range, or no faces.
    """
    counts = np.array([count, count if second_count is None else second_count])
    shares = np.array([first, second]) / 100
    if counts.min() < 1 or shares.min() < 0 or shares.max() > 1:
        raise ValueError(
            f"{first} and {second} % of {counts[0]} and {counts[1]} faces cannot be "
            f"compared; expected "
            "accuracies of 0 to 100 % and at least one face each."
        )
    if first == second:  # at 0 and 100 % the standard error is 0, too
        return UnpairedTest(0.0, 0.0, 1.0)
    z, p_value = proportions_ztest(shares * counts, counts)
    return UnpairedTest(first - second, float(z), float(p_value))


@dataclass(frozen=True)
class Comparison:
    """Two of several models on the same faces.

    Attributes:
        first: name of the first model.
        second: name of the second model.
        test: McNemar's test of these two alone.
        adjusted: its p-value after Holm's correction for all pairs; at least that of
            the test alone.
    """

    first: str
    second: str
    test: PairedTest
    adjusted: float


def compare_pairs(correct: Mapping[str, np.ndarray]) -> list[Comparison]:
    """Compare each of several models with each other, face by face, and correct for having looked so often.

    Of twenty comparisons of equally good models, one has p < 0.05 by chance. Holm's
    correction (1979) keeps the chance of even one such false alarm among all pairs
    below 0.05.

    Args:
        correct: for each model, by its name: bool, shape (N,), whether it is right; the
            same N faces in the same order.

    Returns:
        One `Comparison` for each pair, in the order of the names.

    Raises:
        ValueError: fewer than two models, answers to different numbers of faces, or not
            bool.
    """
    _stacked(correct)
    pairs = list(combinations(correct, 2))
    tests = [mcnemar(correct[first], correct[second]) for first, second in pairs]
    adjusted = multipletests([test.p_value for test in tests], method="holm")[1]
    return [
        Comparison(*pair, test, float(p_value))
        for pair, test, p_value in zip(pairs, tests, adjusted, strict=True)
    ]


@dataclass(frozen=True)
class Ranks:
    """How sure the order of several models is.

    Attributes:
        names: of the models, in the order in which they were given.
        rank: float, shape (M,), the rank of each on the faces as they are, 1 is best;
            models that share places have their mean.
        shares: float, shape (M, M), share of the resamples in which model i has rank j
            + 1. Rows and columns sum to 1.
        low: int64, shape (M,), best rank of each model's interval.
        high: int64, shape (M,), worst rank of each model's interval.
    """

    names: tuple[str, ...]
    rank: np.ndarray
    shares: np.ndarray
    low: np.ndarray
    high: np.ndarray


def bootstrap_ranks(
    correct: Mapping[str, np.ndarray],
    resamples: int = RESAMPLES,
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> Ranks:
    """Rank models by accuracy on faces drawn again and again, with replacement (Efron, 1979).

    Each resample holds as many faces as there are, the same for all models. Models that
    are equally good in it share their places evenly: two that are both best count as
    half first and half second each.

    Args:
        correct: for each model, by its name: bool, shape (N,), whether it is right; the
            same N faces in the same order.
        resamples: how often the faces are drawn.
        seed: of the draws.
        confidence: the interval of a rank leaves out at most half of the rest at either
            end.

    Raises:
        ValueError: fewer than two models, answers to different numbers of faces, not
            bool, or no resamples.
    """
    answers = _stacked(correct)
    if resamples < 1:
        raise ValueError(f"resamples is {resamples}; expected 1 or more.")
    # Faces on which all models did the same are alike; drawing of each kind so many is
    # the same as drawing faces, and quicker.
    kinds, counts = np.unique(answers, axis=1, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(
        counts.sum(), counts / counts.sum(), size=(resamples, 1)
    )
    right = (drawn * kinds).sum(axis=-1)
    shares = _shares_of_places(right).mean(axis=0)
    # Rounded, so that a sum of shares that should be 0.025 is not a hair less.
    up_to = shares.cumsum(axis=1).round(12)
    rest = (1 - confidence) / 2
    return Ranks(
        names=tuple(correct),
        rank=rankdata(-answers.sum(axis=1)),
        shares=shares,
        low=(up_to > rest).argmax(axis=1) + 1,
        high=(up_to >= 1 - rest).argmax(axis=1) + 1,
    )


def _shares_of_places(right: np.ndarray) -> np.ndarray:
    """From right answers, shape (R, M), to the share of each place 1 to M, shape (R, M, M)."""
    best, worst = (
        rankdata(-right, method=method, axis=1)[..., None] for method in ("min", "max")
    )
    places = np.arange(1, right.shape[1] + 1)
    return ((best <= places) & (places <= worst)) / (worst - best + 1)


def _stacked(correct: Mapping[str, np.ndarray]) -> np.ndarray:
    """The answers of all models, bool, shape (M, N)."""
    if len(correct) < 2:
        raise ValueError(f"{len(correct)} model(s) to compare; expected two or more.")
    shapes = {name: np.shape(answers) for name, answers in correct.items()}
    if len(set(shapes.values())) > 1 or len(next(iter(shapes.values()))) != 1:
        raise ValueError(
            "Models are compared on the same faces, one answer for each; the shapes "
            "are "
            + ", ".join(f"{name}: {shape}" for name, shape in shapes.items())
            + "."
        )
    answers = np.stack(list(correct.values()))
    if answers.dtype != bool or not answers.size:
        raise ValueError(
            f"answers are {answers.dtype} of shape {answers.shape}; expected bool, "
            f"right or wrong, for at "
            "least one face."
        )
    return answers


def faces_needed(
    first: float,
    second: float,
    discordant: float | None = None,
    power: float = POWER,
    alpha: float = ALPHA,
) -> int:
    """How many test faces it takes to tell two accuracies apart.

    Args:
        first: true accuracy of one model in percent.
        second: true accuracy of the other.
        discordant: percent of the faces on which just one of the two is right, when
            both answer the same faces (McNemar's test); None when each model is tested
            on so many faces of its own.
        power: chance of finding the difference.
        alpha: chance of finding one where there is none.

    Returns:
        Faces for a two-sided test: without `discordant` by the normal approximation
        with a pooled variance (statsmodels; for each model), with it by Connor (1987).

    Raises:
        ValueError: equal accuracies, which no number of faces tells apart, or numbers
            out of range.
    """
    _check_shares(power, alpha)
    if not (0 <= first <= 100 and 0 <= second <= 100):
        raise ValueError(f"Accuracies of {first} and {second} %; expected 0 to 100.")
    if first == second:
        raise ValueError(
            f"Both accuracies are {first} %; no number of faces tells them apart."
        )
    if discordant is not None and not abs(first - second) <= discordant <= 100:
        raise ValueError(
            f"discordant is {discordant} %; expected at least the difference, "
            f"{abs(first - second):g} "
            "points, and at most 100 %."
        )
    return math.ceil(_faces(first, second, discordant, power, alpha))


def _check_shares(power: float, alpha: float) -> None:
    for name, share in {"power": power, "alpha": alpha}.items():
        if not 0 < share < 1:
            raise ValueError(
                f"{name} is {share}; expected a share between 0 and 1, such as 0.8 or "
                f"0.05."
            )


def _faces(
    first: float, second: float, discordant: float | None, power: float, alpha: float
) -> float:
    difference = abs(first - second) / 100
    if discordant is None:
        return samplesize_proportions_2indep_onetail(
            difference, min(first, second) / 100, power=power, alpha=alpha
        )
    share = discordant / 100
    spread = norm.isf(alpha / 2) * math.sqrt(share) + norm.ppf(power) * math.sqrt(
        share - difference**2
    )
    return (spread / difference) ** 2


def detectable_difference(
    accuracy: float,
    count: int = TEST_FACES,
    discordant: float | None = None,
    power: float = POWER,
    alpha: float = ALPHA,
) -> float:
    """The smallest difference that so many test faces can show: the inverse of `faces_needed`.

    With `power=0.5` it is the smallest difference that comes out as significant: a true
    difference of that size is found every other time.

    Args:
        accuracy: in the middle between the two models', in percent.
        count: faces, for each model where `discordant` is None.
        discordant: as in `faces_needed`.
        power: as in `faces_needed`.
        alpha: as in `faces_needed`.

    Returns:
        Points by which one model has to be better.

    Raises:
        ValueError: not even the largest difference would be found, or numbers out of
            range.
    """

    def missing(points: float) -> float:
        return (
            _faces(
                accuracy - points / 2, accuracy + points / 2, discordant, power, alpha
            )
            - count
        )

    _check_shares(power, alpha)
    largest = min(
        2 * accuracy, 2 * (100 - accuracy), 100 if discordant is None else discordant
    )
    if largest <= 0 or (discordant or 0) > 100 or missing(largest) > 0:
        raise ValueError(
            f"{count} faces can show no difference around {accuracy} % (discordant: "
            f"{discordant}); expected "
            "more faces, and percentages between 0 and 100."
        )
    return float(brentq(missing, 1e-6, largest, xtol=1e-9))
