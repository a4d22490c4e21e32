"""A probe: what a new head does in its first steps."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import keras
import numpy as np
from keras import layers
from scipy.special import log_softmax

from fercourse.data.faces import EMOTIONS

_LOOKED_AT = 64  # faces on which the first steps are measured
_LOOKS = 5  # the first steps, whose logits and gradients are measured


def probe_head(
    features: np.ndarray,
    emotions: np.ndarray,
    scale: float = 1.0,
    rate: float = 1e-4,
    units: int = 4096,
    steps: int = 32,
) -> tuple[keras.Model, dict[str, Any]]:
    """Train the paper's head on frozen features, and measure its first steps.

    Example: `head, row = lesson08.probe_head(features, emotions, scale=0.05)`.

    Args:
        features: float, shape (N, channels), as the last pool gives them.
        emotions: uint8, shape (N,).
        scale: the number that all features are multiplied by.
        rate: Adam's learning rate.
        units: neurons of the hidden layer.
        steps: of 64 faces each.

    Returns:
        The trained head, and what was measured: the first loss; how far one step moves
        the logits (mean of the absolute differences); the mean cosine between the
        gradients that reach the features before and after each of the first five steps;
        the mean loss of the last eight steps; and the loss of every step.
    """
    keras.utils.set_random_seed(0)
    head = keras.Sequential(
        [
            keras.Input(features.shape[1:]),
            layers.Rescaling(scale),
            layers.Dense(units, activation="relu"),
            layers.Dense(len(EMOTIONS), activation="softmax"),
        ]
    )
    loss = "sparse_categorical_crossentropy"
    head.compile(keras.optimizers.Adam(rate), loss, jit_compile=False)
    few = features[:_LOOKED_AT], emotions[:_LOOKED_AT]
    looks = [_look(head, *few, scale)]
    losses = []
    for rows in _batches(len(features), steps):
        losses.append(float(head.train_on_batch(features[rows], emotions[rows])))
        if len(losses) <= _LOOKS:
            looks.append(_look(head, *few, scale))
    (first_loss, before, _), (_, after, _) = looks[:2]
    gradients = [gradient for *_, gradient in looks]
    return head, {
        "first loss": round(first_loss, 2),
        "moved": round(float(np.abs(after - before).mean()), 2),
        "same direction": round(
            float(np.mean([_cosine(*pair) for pair in pairwise(gradients)])), 2
        ),
        "last loss": round(float(np.mean(losses[-8:])), 2),
        "losses": losses,
    }


def _batches(count: int, steps: int) -> list[np.ndarray]:
    """The rows of each step: 64 at a time, in a new order on every pass."""
    order, size = np.random.default_rng(0), min(64, count)
    passes = -(-steps // (count // size))
    rows = [order.permutation(count)[: count // size * size] for _ in range(passes)]
    return np.concatenate(rows).reshape(-1, size)[:steps].tolist()


def _look(
    head: keras.Model, features: np.ndarray, emotions: np.ndarray, scale: float
) -> tuple[float, np.ndarray, np.ndarray]:
    """The loss, the logits, and the gradient that reaches the features."""
    (kernel, bias), (last, last_bias) = (
        [np.asarray(weights) for weights in layer.get_weights()]
        for layer in head.layers[-2:]
    )
    hidden = np.maximum(scale * features @ kernel + bias, 0)  # (N, units)
    logits = hidden @ last + last_bias  # (N, 7)
    log_answers = log_softmax(logits, axis=1)
    answers = np.exp(log_answers)
    truth = np.eye(len(EMOTIONS), dtype="float32")[emotions]
    loss = -(log_answers * truth).sum(axis=1).mean()
    # The chain rule, backwards: from the logits to the hidden units to the features.
    to_hidden = ((answers - truth) @ last.T) * (hidden > 0)
    return float(loss), logits, scale * to_hidden @ kernel.T


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    """The mean cosine between the rows of two arrays."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(((one * other).sum(axis=1) / np.maximum(lengths, 1e-12)).mean())
