"""What lesson 08 measures of a head's first steps."""

import keras
import numpy as np
import pytest

from fercourse.lessons.lesson08.head import _look, probe_head

RNG = np.random.default_rng(0)
FEATURES = np.maximum(RNG.normal(size=(128, 40)), 0).astype("float32")
EMOTIONS = RNG.integers(0, 7, 128).astype("uint8")


def test_large_features_make_a_random_head_certain_and_its_steps_wild():
    small = probe_head(FEATURES, EMOTIONS, 1.0, 1e-3, units=64, steps=8)[1]
    large = probe_head(FEATURES, EMOTIONS, 500.0, 1e-3, units=64, steps=8)[1]
    assert small["first loss"] == pytest.approx(np.log(7), abs=0.5)
    assert large["first loss"] > 10
    assert large["moved"] > 100 * small["moved"]
    assert large["same direction"] < small["same direction"]


def test_the_head_learns():
    centres = 2 * np.eye(7, 40, dtype="float32")[EMOTIONS]
    head, row = probe_head(centres, EMOTIONS, 1.0, 1e-2, units=64, steps=30)
    assert row["last loss"] < 0.3 < row["first loss"]
    assert (head.predict(centres, verbose=0).argmax(1) == EMOTIONS).mean() > 0.95


def test_the_gradient_that_reaches_the_features_is_that_of_the_loss():
    scale, step = 3.0, 1e-3
    head = keras.Sequential(
        [
            keras.Input((40,)),
            keras.layers.Rescaling(scale),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(7, activation="softmax"),
        ]
    )
    features, emotions = FEATURES[:1].astype("float64"), EMOTIONS[:1]
    _, _, gradient = _look(head, features, emotions, scale)
    direction = RNG.normal(size=features.shape)
    losses = [
        _look(head, features + sign * step * direction, emotions, scale)[0]
        for sign in (1, -1)
    ]
    slope = (losses[0] - losses[1]) / (2 * step)
    assert slope == pytest.approx(float((gradient * direction).sum()), rel=0.02)
