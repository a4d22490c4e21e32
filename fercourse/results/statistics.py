"""Statistics of one number: how sure can one be of an accuracy?

On top of statsmodels; all accuracies and errors are in percent. What compares more than
two models is in `fercourse.results.comparisons`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import numpy as np
from statsmodels.stats import contingency_tables
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

CONFIDENCE = 0.95

TEST_FACES = 3589
"""Faces in each of FER2013's two test halves, PublicTest and PrivateTest."""

BINS = 15
"""Number of equal parts of the confidence, as in Guo et al. (2017)."""


@cache  # a panel asks for the same intervals at every move of a slider
def wilson_interval(
    correct: int, count: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Both ends of Wilson's interval (1927) of an accuracy, in percent.

    Example: `fc.wilson_interval(2630, fc.TEST_FACES)`.
    """
    if count < 1 or not 0 <= correct <= count:
        raise ValueError(
            f"{correct} right of {count} faces is no accuracy; expected 0 ≤ right ≤ "
            "faces ≥ 1."
        )
    alpha = 1 - confidence
    low, high = proportion_confint(correct, count, alpha=alpha, method="wilson")
    return 100 * float(low), 100 * float(high)


def mean_interval(values: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of the mean of independent values, by Student's t.

    Example: `fc.mean_interval(100 * (own - others))`.
    """
    if len(values) > 1 and np.ptp(values) == 0:  # Student's t needs a spread
        low = high = values[0]
    else:
        low, high = DescrStatsW(values).tconfint_mean()
    return float(low), float(high)


def counts_that_give(
    percent: float, count: int = TEST_FACES, decimals: int = 2
) -> list[int]:
    """The numbers of right answers that give a printed percentage, rounded or cut off.

    Args:
        percent: as printed, 0 to 100, with at most `decimals` decimals.
        count: faces, at least 1.
        decimals: digits after the point.

    Returns:
        Every fitting k from 0 to count, ascending. If there is none, the percentage is
        not the share of `count` faces.
    """
    scale = 10**decimals
    printed = Decimal(str(percent)) * scale
    if count < 1 or not 0 <= percent <= 100:
        raise ValueError(
            f"{percent} % of {count} faces is no accuracy; expected 0 to 100 % of 1 or "
            "more."
        )
    if printed != int(printed):
        raise ValueError(
            f"{percent} has more than {decimals} decimals; give decimals= as printed."
        )
    target = int(printed)
    # Whole numbers, so that no binary fraction decides: 100·scale·k/count is at most
    # half a unit from the printed number (ties round either way), or is cut off to it.
    return [
        k
        for k in range(count + 1)
        if abs(2 * (100 * scale * k - target * count)) <= count
        or 100 * scale * k // count == target
    ]


@dataclass(frozen=True)
class PairedTest:
    """Two models on the same faces (McNemar, 1947)."""

    only_first: int  # faces that only the first model got right
    only_second: int  # faces that only the second model got right
    p_value: float  # chance of a split at least as uneven between equally good models


def mcnemar(first: np.ndarray, second: np.ndarray) -> PairedTest:
    """Compare two models on the faces that only one of them gets right.

    Both say for the same N faces whether the model is right: bool, shape (N,).
    Example: `fc.mcnemar(one.single["public"].correct, other.single["public"].correct)`.
    """
    if len(first) != len(second):
        raise ValueError(
            f"{len(first)} answers against {len(second)}: a paired test needs two "
            f"models' answers to the same faces."
        )
    # (2, 2): first right or wrong by row, second right or wrong by column
    table = [
        [int((one & other).sum()) for other in (second, ~second)]
        for one in (first, ~first)
    ]
    only_first, only_second = table[0][1], table[1][0]
    if only_first + only_second == 0:  # no face decides
        return PairedTest(0, 0, 1.0)
    # Exact: between equally good models each deciding face is a fair coin. Both tails
    # together exceed 1 where they overlap.
    p_value = float(contingency_tables.mcnemar(table, exact=True).pvalue)
    return PairedTest(only_first, only_second, min(p_value, 1.0))


def macro_f1(confusion: np.ndarray) -> float:
    """F1 in percent, averaged over the emotions: rare ones count as much as common.

    Args:
        confusion: int, shape (C, C), true emotion by row, predicted emotion by column.
    """
    # F1 = 2 · right / (faces of the emotion + answers that name it), (C,)
    named = confusion.sum(axis=1) + confusion.sum(axis=0)
    # An emotion that neither occurs nor is answered has F1 = 0, not 0 / 0.
    f1 = 2 * confusion.diagonal() / np.maximum(named, 1)
    return 100 * float(f1.mean())


@dataclass(frozen=True)
class CalibrationCurve:
    """Accuracy against confidence, in bins of the confidence (Guo et al., 2017)."""

    edges: np.ndarray  # (bins + 1,), where the bins begin and end, 0 to 100 percent
    confidence: np.ndarray  # (bins,), mean in percent; NaN in an empty bin
    accuracy: np.ndarray  # (bins,), percent; NaN in an empty bin
    count: np.ndarray  # int64, (bins,), faces

    @property
    def error(self) -> float:
        """Expected calibration error: the faces' mean |accuracy − confidence|."""
        filled = self.count > 0
        gap = np.abs(self.accuracy - self.confidence)[filled]
        return float(np.average(gap, weights=self.count[filled]))

    @property
    def error_by_chance(self) -> float:
        """The `error` that a perfectly calibrated model would show on average."""
        filled = self.count > 0
        count, confidence = self.count[filled], self.confidence[filled]
        # In a bin of n faces with confidence c, accuracy scatters around c with the
        # standard deviation √(c (1 − c) / n); its mean absolute value is √(2/π) of
        # that (normal approximation).
        gap = np.sqrt(2 / np.pi * confidence * (100 - confidence) / count)
        return float(np.average(gap, weights=count))


def calibration_curve(
    probabilities: np.ndarray, correct: np.ndarray, bins: int = BINS
) -> CalibrationCurve:
    """Sort the faces by the model's confidence and measure its accuracy in each bin.

    Of `probabilities`, (N, 7), the largest is the confidence; `correct`, (N,), says
    whether it is that of the labelled emotion.
    """
    if not 0 < len(probabilities) == len(correct):
        raise ValueError(
            f"{len(probabilities)} rows of probabilities and {len(correct)} answers; "
            "expected one of each for every face, and at least one face."
        )
    confidence = probabilities.max(axis=-1).astype("float64")
    # (N,): the bin of each face; full confidence belongs to the last.
    bin_of_face = np.minimum((confidence * bins).astype(int), bins - 1)
    count = np.bincount(bin_of_face, minlength=bins)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: an empty bin has no mean
        mean_confidence, accuracy = (
            100 * np.bincount(bin_of_face, weights=values, minlength=bins) / count
            for values in (confidence, correct)
        )
    edges = np.linspace(0, 100, bins + 1)
    return CalibrationCurve(edges, mean_confidence, accuracy, count)
