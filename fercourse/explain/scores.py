"""How good is a map? Against the evidence of a drawn face, and against the network."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.stats import rankdata

from fercourse.data.faces import IMAGE_SIDE
from fercourse.explain.networks import emotion_numbers
from fercourse.training.prediction import predict

FILLS = ("mean", "blur")
"""What a removed pixel becomes: the face's mean grey, or the blurred face."""


def pointing_hits(maps: np.ndarray, evidence: np.ndarray) -> np.ndarray:
    """Whether the highest pixel of each map is on the evidence of each face.

    The pointing game of J. Zhang and others: Top-down Neural Attention by Excitation
    Backprop, arXiv:1608.00507, section 4.1, without a tolerance.

    Args:
        maps: float, shape (N, 48, 48), one for each face.
        evidence: bool, shape (N, 48, 48), of the same faces in the same order.

    Returns:
        bool, shape (N, N): map of face i by row, evidence of face j by column, as in
        `fercourse.results.evidence.shares_on_evidence`, which scores the whole map.
    """
    peaks = maps.reshape(len(maps), -1).argmax(axis=1)  # (N,), a pixel's number
    # (N faces, pixels)[:, peaks] is (face j, peak of i); turned so that i comes first
    return evidence.reshape(len(evidence), -1)[:, peaks].T


def filled(images: np.ndarray, fill: str) -> np.ndarray:
    """The faces with every pixel removed, float32 (N, 48, 48), by one of `FILLS`."""
    faces = images.astype("float32")
    if fill == "mean":
        return np.broadcast_to(faces.mean(axis=(1, 2), keepdims=True), faces.shape)
    if fill == "blur":
        return gaussian_filter(faces, (0, 6, 6))  # pixels; no expression is left
    raise ValueError(f"{fill!r} is none of {', '.join(FILLS)}.")


def partly_removed(
    images: np.ndarray,
    maps: np.ndarray,
    share: float,
    fill: str = "mean",
    insert: bool = False,
) -> np.ndarray:
    """The faces without a share of their pixels, the most important first.

    With `insert`, these pixels are all that is left of them. The arguments are those of
    `removal_curve`; the result is float32, (N, 48, 48).
    """
    empty, whole = filled(images, fill), images.astype("float32")
    # The rank of each pixel in its map, 0 for the most important: (N, 48, 48)
    order = rankdata(-maps.reshape(len(maps), -1), method="ordinal", axis=1) - 1
    chosen = order.reshape(maps.shape) < share * IMAGE_SIDE**2
    return np.where(chosen, whole, empty) if insert else np.where(chosen, empty, whole)


def removal_curve(
    model: keras.Model,
    images: np.ndarray,
    emotion: str | Sequence[int] | np.ndarray,
    maps: np.ndarray,
    fill: str = "mean",
    insert: bool = False,
    steps: int = 10,
) -> np.ndarray:
    """The emotion's probability while the pixels are removed, most important first.

    Deletion and insertion of V. Petsiuk, A. Das, K. Saenko: RISE, arXiv:1806.07421,
    section 4.2. A good map makes the probability fall early in deletion and rise early
    in insertion, which starts from a face without pixels and puts them back.

    Args:
        model: from float (batch, 48, 48, 1) to probabilities (batch, 7).
        images: shape (N, 48, 48).
        emotion: a name, or one number for each face.
        maps: shape (N, 48, 48); of equal pixels, the first is removed first.
        fill: one of `FILLS`.
        insert: whether to put pixels back instead.
        steps: how many parts the pixels are divided into.

    Returns:
        float32, shape (N, steps + 1): with 0, 1/steps, … and all pixels changed.
    """
    emotions = emotion_numbers(emotion, len(images))
    curve = np.zeros((len(images), steps + 1), "float32")
    for step in range(steps + 1):
        changed = partly_removed(images, maps, step / steps, fill, insert)
        answers = predict(model, changed)
        curve[:, step] = answers[np.arange(len(images)), emotions]
    return curve


def area_under(curve: np.ndarray) -> np.ndarray:
    """The mean height of each curve, (N, steps + 1) to (N,), by trapezoids."""
    return np.trapezoid(curve, axis=1) / (curve.shape[1] - 1)


def rank_correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Spearman's correlation of each pair of maps, (N, 48, 48) twice to (N,).

    0 for a map that is the same everywhere, which ranks nothing.
    """
    # Ranks around their mean: (N, pixels)
    one, two = (
        rankdata(maps.reshape(len(maps), -1), axis=1) - (maps[0].size + 1) / 2
        for maps in (first, second)
    )
    spread = np.sqrt((one**2).sum(axis=1) * (two**2).sum(axis=1))
    return (one * two).sum(axis=1) / np.maximum(spread, 1e-12)
