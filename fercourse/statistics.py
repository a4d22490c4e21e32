"""Statistics: how sure can one be of an accuracy? On top of statsmodels and scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import f1_score
from statsmodels.stats.contingency_tables import mcnemar as _mcnemar
from statsmodels.stats.proportion import proportion_confint

CONFIDENCE = 0.95


def wilson_interval(correct: int, count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
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
        raise ValueError(f"{correct} right of {count} faces is no accuracy; expected 0 ≤ right ≤ faces ≥ 1.")
    low, high = proportion_confint(correct, count, alpha=1 - confidence, method="wilson")
    return 100 * float(low), 100 * float(high)


@dataclass(frozen=True)
class PairedTest:
    """Two models on the same faces (McNemar, 1947).

    Attributes:
        only_first: faces that only the first model got right.
        only_second: faces that only the second model got right.
        p_value: how often chance alone would divide these faces at least so unevenly, if both models
            were equally good; the exact binomial probability.
    """

    only_first: int
    only_second: int
    p_value: float


def mcnemar(first: np.ndarray, second: np.ndarray) -> PairedTest:
    """Compare two models face by face: only the faces on which one is right and the other wrong count.

    Args:
        first: bool, shape (N,), whether the first model is right.
        second: bool, shape (N,), whether the second model is right about the same faces.

    Raises:
        ValueError: answers to different numbers of faces.
    """
    if len(first) != len(second):
        raise ValueError(
            f"{len(first)} answers against {len(second)}: a paired test needs two models' answers to the "
            "same faces."
        )
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    table = [[int((first & second).sum()), only_first], [only_second, int((~first & ~second).sum())]]
    p_value = float(_mcnemar(table, exact=True).pvalue) if only_first + only_second else 1.0
    return PairedTest(only_first, only_second, min(p_value, 1.0))


def macro_f1(confusion: np.ndarray) -> float:
    """Mean over the emotions of F1, the harmonic mean of precision and recall, in percent.

    Args:
        confusion: int, shape (7, 7), true emotion by row, predicted emotion by column.
    """
    true, predicted = np.indices(confusion.shape)
    counts = confusion.ravel()
    score = f1_score(
        true.ravel(), predicted.ravel(), sample_weight=counts, average="macro", zero_division=0.0
    )
    return 100 * float(score)


def calibration_error(probabilities: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error: by how many points confidence and accuracy differ (Guo et al., 2017).

    Args:
        probabilities: float, shape (N, 7).
        correct: bool, shape (N,), whether the most probable emotion is the labelled one.
        bins: equal parts of the confidence from 0 to 1.

    Returns:
        The mean over the faces of |accuracy − confidence| of their bin, in percent.
    """
    confidence = probabilities.max(axis=-1).astype("float64")
    of_bin = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = np.bincount(of_bin, weights=correct - confidence, minlength=bins)
    return 100 * float(np.abs(gap).sum() / len(confidence))
