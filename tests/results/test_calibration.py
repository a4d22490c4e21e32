"""Temperatures: what they change, what they keep, and that the fit finds them."""

import numpy as np
import pytest

from fercourse.results.calibration import (
    confidence_loss,
    fitted_temperature,
    tempered,
)
from fercourse.results.statistics import calibration_curve


def made_up(count, seed):
    """Probabilities of 7 emotions, and answers that are right as often as they say."""
    random = np.random.default_rng(seed)
    logits = random.normal(scale=2, size=(count, 7))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return probabilities, random.random(count) < probabilities.max(axis=1)


def test_a_temperature_divides_the_logits():
    logits = np.array([[1.0, 3.0, 0.0], [2.0, 2.0, -1.0]])
    exponentials = np.exp(logits), np.exp(logits / 2.5)
    one, other = (x / x.sum(axis=1, keepdims=True) for x in exponentials)
    assert tempered(one, 2.5) == pytest.approx(other)
    assert tempered(one, 1) == pytest.approx(one)


def test_the_order_stays_and_zeros_are_allowed():
    probabilities = np.array([[0.9, 0.1, 0.0], [0.2, 0.3, 0.5]], "float16")
    for temperature in (0.1, 0.7, 3, 10):
        changed = tempered(probabilities, temperature)
        assert changed.sum(axis=1) == pytest.approx(1)
        assert changed.argsort().tolist() == probabilities.argsort().tolist()
    soft, sharp = (tempered(probabilities, t).max(axis=1) for t in (3, 0.5))
    assert (soft < probabilities.max(axis=1)).all()
    assert (sharp > probabilities.max(axis=1)).all()
    with pytest.raises(ValueError, match="more than 0"):
        tempered(probabilities, 0)


def test_the_loss_by_hand():
    probabilities = np.array([[0.8, 0.2], [0.3, 0.7]])
    loss = confidence_loss(probabilities, np.array([True, False]))
    assert loss == pytest.approx(-(np.log(0.8) + np.log(0.3)) / 2)
    certain = np.array([[1, 0]], "float16")
    assert 10 < confidence_loss(certain, np.array([False])) < 20


@pytest.mark.parametrize("temperature", [0.5, 1, 2])
def test_the_fit_undoes_a_temperature(temperature):
    honest, correct = made_up(20_000, seed=1)
    spoiled = tempered(honest, 1 / temperature)
    found = fitted_temperature(spoiled, correct)
    assert found == pytest.approx(temperature, rel=0.05)
    curve = calibration_curve(tempered(spoiled, found), correct)
    assert curve.error < 2 * curve.error_by_chance
