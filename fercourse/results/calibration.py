"""Calibration: percentages made softer or sharper, so that they can be believed.

`fercourse.results.statistics.calibration_curve` measures how far a model is off.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import softmax

TEMPERATURES = (0.1, 10.0)
"""The smallest and the largest temperature that is tried."""

_SMALLEST = 1e-7  # stored probabilities have 16 bits, and the smallest are 0


def tempered(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities at another temperature (Guo et al., 2017), shape (N, 7).

    Above 1 they become more alike, below 1 less; their order never changes.
    """
    if temperature <= 0:
        raise ValueError(f"temperature is {temperature}; expected more than 0.")
    # p^(1/T), divided by its sum over the emotions: the softmax of logits / T.
    logs = np.log(np.maximum(probabilities, _SMALLEST, dtype="float64"))
    return softmax(logs / temperature, axis=-1)


def confidence_loss(probabilities: np.ndarray, correct: np.ndarray) -> float:
    """How badly the confidence predicts being right: mean log loss, in nats.

    A stored run has no labels, so this asks only for the most probable emotion,
    `correct`, (N,), whether it is right. The loss is least if the confidence is the
    chance of being right.
    """
    confidence = probabilities.max(axis=-1).astype("float64")
    confidence = np.clip(confidence, _SMALLEST, 1 - _SMALLEST)
    return float(-np.log(np.where(correct, confidence, 1 - confidence)).mean())


def fitted_temperature(probabilities: np.ndarray, correct: np.ndarray) -> float:
    """The temperature with the smallest `confidence_loss`."""

    def loss(log_temperature: float) -> float:
        changed = tempered(probabilities, np.exp(log_temperature))
        return confidence_loss(changed, correct)

    found = minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded")
    return float(np.exp(found.x))
