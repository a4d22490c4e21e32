"""Statistics of one number: how sure can one be of an accuracy? On top of statsmodels and scikit-learn.

What compares more than two models, and how many faces a comparison takes, stands in
`fercourse.results.comparisons`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from sklearn.metrics import f1_score
from statsmodels.stats.contingency_tables import mcnemar as _mcnemar
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

CONFIDENCE = 0.95

TEST_FACES = 3589
"""Faces in each of FER2013's two test halves, PublicTest and PrivateTest."""

BINS = 15
"""Into so many equal parts the confidence is divided, as Guo et al. (2017) do."""


def wilson_interval(
    correct: int, count: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Wilson's interval of an accuracy, in percent.

    Args:
        correct: number of right answers, 0 to count.
        count: number of faces, at least 1.
        confidence: the share of such intervals that hold the true accuracy.

    Returns:
        Lower and upper end in percent (Wilson, 1927; computed by statsmodels).

    Raises:
        ValueError: no faces, or more right answers than faces.
    """
    if count < 1 or not 0 <= correct <= count:
        raise ValueError(
            f"{correct} right of {count} faces is no accuracy; expected 0 ≤ right ≤ "
            f"faces ≥ 1."
        )
    low, high = proportion_confint(
        correct, count, alpha=1 - confidence, method="wilson"
    )
    return 100 * float(low), 100 * float(high)


def mean_interval(values: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of a mean, by Student's t.

    Args:
        values: float, shape (N,), independent of each other.
    """
    low, high = DescrStatsW(values).tconfint_mean()
    return float(low), float(high)


def counts_that_give(
    percent: float, count: int = TEST_FACES, decimals: int = 2
) -> list[int]:
    """Which numbers of right answers give a printed percentage, rounded or cut off?

    Computed with whole numbers, so that no binary fraction decides. Exactly half of the
    last digit counts as rounded up and as rounded down, for programs differ.

    Args:
        percent: as printed, 0 to 100, with at most so many decimals.
        count: number of faces, at least 1.
        decimals: digits behind the point.

    Returns:
        Every k from 0 to count for which 100·k/count is printed so, ascending; empty if
        there is none, and then the percentage is not the share of so many faces.

    Raises:
        ValueError: no faces, a percentage out of range, or one with more decimals than
            are said to be printed.
    """
    scale = 10**decimals
    printed = Decimal(str(percent)) * scale
    if count < 1 or not 0 <= percent <= 100:
        raise ValueError(
            f"{percent} % of {count} faces is no accuracy; expected 0 to 100 % of 1 "
            f"or more."
        )
    if printed != int(printed):
        raise ValueError(
            f"{percent} has more than {decimals} decimals; give decimals= as printed."
        )
    wanted = int(printed)
    # 100·scale·k/count lies at most half a unit from the printed number, or is cut off
    # to it.
    return [
        k
        for k in range(count + 1)
        if abs(2 * (100 * scale * k - wanted * count)) <= count
        or 100 * scale * k // count == wanted
    ]


@dataclass(frozen=True)
class PairedTest:
    """Two models on the same faces (McNemar, 1947).

    Attributes:
        only_first: faces that only the first model got right.
        only_second: faces that only the second model got right.
        p_value: how often chance alone would divide these faces at least so unevenly,
            if both models were equally good; the exact binomial probability.
    """

    only_first: int
    only_second: int
    p_value: float


def mcnemar(first: np.ndarray, second: np.ndarray) -> PairedTest:
    """Compare two models face by face: only the faces on which one is right and the other wrong count.

    Args:
        first: bool, shape (N,), whether the first model is right.
        second: bool, shape (N,), whether the second model is right about the same
            faces.

    Raises:
        ValueError: answers to different numbers of faces.
    """
    if len(first) != len(second):
        raise ValueError(
            f"{len(first)} answers against {len(second)}: a paired test needs two "
            f"models' answers to the "
            "same faces."
        )
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    table = [
        [int((first & second).sum()), only_first],
        [only_second, int((~first & ~second).sum())],
    ]
    p_value = (
        float(_mcnemar(table, exact=True).pvalue) if only_first + only_second else 1.0
    )
    return PairedTest(only_first, only_second, min(p_value, 1.0))


def macro_f1(confusion: np.ndarray) -> float:
    """Mean over the emotions of F1, the harmonic mean of precision and recall, in percent.

    Args:
        confusion: int, shape (7, 7), true emotion by row, predicted emotion by column.
    """
    true, predicted = np.indices(confusion.shape)
    counts = confusion.ravel()
    score = f1_score(
        true.ravel(),
        predicted.ravel(),
        sample_weight=counts,
        average="macro",
        zero_division=0.0,
    )
    return 100 * float(score)


@dataclass(frozen=True)
class CalibrationCurve:
    """How often a model is right when it is so sure (Guo et al., 2017, figure 1).

    Attributes:
        edges: float, shape (bins + 1,), where the bins of the confidence begin and end,
            0 to 100 percent.
        confidence: float, shape (bins,), mean confidence of the faces of each bin in
            percent; NaN in an empty bin.
        accuracy: float, shape (bins,), share of right answers in each bin in percent;
            NaN in an empty bin.
        count: int64, shape (bins,), faces in each bin.
    """

    edges: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray
    count: np.ndarray

    @property
    def error(self) -> float:
        """Expected calibration error in percent: |accuracy − confidence| of the bins, averaged over faces."""
        filled = self.count > 0
        gap = np.abs(self.accuracy - self.confidence)[filled]
        return float(np.average(gap, weights=self.count[filled]))

    @property
    def error_by_chance(self) -> float:
        """The `error` in percent that a perfectly calibrated model would show on average on as many faces.

        In a bin of n faces with confidence c, the share of right answers scatters
        around c with the standard deviation √(c (1 − c) / n), whose mean absolute value
        is √(2/π) of it (normal approximation).
        """
        filled = self.count > 0
        count, confidence = self.count[filled], self.confidence[filled]
        gap = np.sqrt(2 / np.pi * confidence * (100 - confidence) / count)
        return float(np.average(gap, weights=count))


def calibration_curve(
    probabilities: np.ndarray, correct: np.ndarray, bins: int = BINS
) -> CalibrationCurve:
    """Sort the faces by the model's confidence into bins, and hold confidence against accuracy in each.

    Args:
        probabilities: float, shape (N, 7); the largest of a row is the confidence.
        correct: bool, shape (N,), whether the most probable emotion is the labelled
            one.
        bins: equal parts of the confidence from 0 to 1.

    Raises:
        ValueError: no faces, or different numbers of probabilities and answers.
    """
    if not 0 < len(probabilities) == len(correct):
        raise ValueError(
            f"{len(probabilities)} rows of probabilities and {len(correct)} answers; "
            "expected one of each for every face, and at least one face."
        )
    confidence = probabilities.max(axis=-1).astype("float64")
    of_bin = np.minimum(
        (confidence * bins).astype(int), bins - 1
    )  # full confidence belongs to the last
    count = np.bincount(of_bin, minlength=bins)
    sums = [
        np.bincount(of_bin, weights=values, minlength=bins)
        for values in (confidence, correct)
    ]
    with np.errstate(invalid="ignore"):
        mean_confidence, accuracy = (100 * total / count for total in sums)
    return CalibrationCurve(
        np.linspace(0, 100, bins + 1), mean_confidence, accuracy, count
    )


def calibration_error(
    probabilities: np.ndarray, correct: np.ndarray, bins: int = BINS
) -> float:
    """Expected calibration error: by how many points confidence and accuracy differ (Guo et al., 2017).

    Args:
        probabilities: float, shape (N, 7).
        correct: bool, shape (N,), whether the most probable emotion is the labelled
            one.
        bins: equal parts of the confidence from 0 to 1.

    Returns:
        The mean over the faces of |accuracy − confidence| of their bin, in percent.
    """
    return calibration_curve(probabilities, correct, bins).error
