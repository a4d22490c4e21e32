"""Occlusion: cover a part of the face, and see how much the answer suffers."""

from __future__ import annotations

import keras
import numpy as np

from fercourse.data.faces import IMAGE_SIDE
from fercourse.training.prediction import predict

WINDOW = 8
"""Side of the grey square, in pixels; the mouth of a practice face is about 16 wide."""

STRIDE = 5
"""Pixels from one place of the square to the next; 81 squares cover the face."""


def window_corners(window: int = WINDOW, stride: int = STRIDE) -> np.ndarray:
    """Upper left corners (row, column) of all squares, int, shape (places, 2)."""
    starts = np.arange(0, IMAGE_SIDE - window + 1, stride)
    return np.stack(np.meshgrid(starts, starts, indexing="ij"), axis=-1).reshape(-1, 2)


def occlusion(
    model: keras.Model,
    images: np.ndarray,
    emotions: np.ndarray,
    window: int = WINDOW,
    stride: int = STRIDE,
) -> np.ndarray:
    """How much the probability falls when a square in the face's mean grey covers it.

    A pixel gets the mean of p(x) − p(x with the square) over all squares that cover it.

    M. D. Zeiler, R. Fergus: Visualizing and Understanding Convolutional Networks,
    arXiv:1311.2901, section 4.2.

    From (N, 48, 48) to float32 (N, 48, 48); negative where covering helps.
    """
    corners = window_corners(window, stride)
    count, rows = len(images), np.arange(len(images))
    grey = images.mean(axis=(1, 2)).astype("float32")
    # (places, N, 48, 48): every face once for each place of the square
    covered = np.tile(images.astype("float32"), (len(corners), 1, 1, 1))
    for place, (row, column) in enumerate(corners):
        square = (slice(row, row + window), slice(column, column + window))
        covered[(place, slice(None), *square)] = grey[:, None, None]
    answers = predict(model, covered.reshape(-1, IMAGE_SIDE, IMAGE_SIDE))
    of_emotion = answers.reshape(len(corners), count, -1)[:, rows, emotions]
    drops = predict(model, images)[rows, emotions] - of_emotion  # (places, N)
    return _spread(drops, corners, window)


def _spread(drops: np.ndarray, corners: np.ndarray, window: int) -> np.ndarray:
    """The mean drop of all squares over each pixel, (N, 48, 48)."""
    total = np.zeros((drops.shape[1], IMAGE_SIDE, IMAGE_SIDE), "float32")
    times = np.zeros((IMAGE_SIDE, IMAGE_SIDE), "float32")
    for drop, (row, column) in zip(drops, corners, strict=True):
        square = (slice(row, row + window), slice(column, column + window))
        total[(slice(None), *square)] += drop[:, None, None]
        times[square] += 1
    return total / np.maximum(times, 1)
