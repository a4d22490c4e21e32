"""Gradients of a score with respect to the pixels, on top of tf-keras-vis."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras
import numpy as np

from fercourse.training.prediction import with_channel

SAMPLES = 16
"""Noisy copies of a face in `smooth_gradient`."""

NOISE = 0.15
"""Their noise, as a share of the face's range of grey values; the paper: 10 to 20 %."""

STEPS = 16
"""Pictures between baseline and face in `integrated_gradients`."""


def gradient(
    scores: keras.Model, images: np.ndarray, emotions: np.ndarray
) -> np.ndarray:
    """How much the score rises with each pixel: ∂z / ∂x, with its sign.

    K. Simonyan, A. Vedaldi, A. Zisserman: Deep Inside Convolutional Networks,
    arXiv:1312.6034, section 3.

    From (N, 48, 48) to float32 (N, 48, 48).
    """
    return _from_package(scores, images, emotions)


def smooth_gradient(
    scores: keras.Model, images: np.ndarray, emotions: np.ndarray
) -> np.ndarray:
    """The mean gradient of noisy copies: 1/n · Σ ∂z / ∂x at x + noise.

    D. Smilkov and others: SmoothGrad, arXiv:1706.03825, section 3.
    """
    # tf-keras-vis draws its noise from NumPy's global generator.
    with _same_noise():
        return _from_package(
            scores, images, emotions, smooth_samples=SAMPLES, smooth_noise=NOISE
        )


def integrated_gradients(
    scores: keras.Model, images: np.ndarray, emotions: np.ndarray
) -> np.ndarray:
    """How much each pixel added on the way from a grey picture x₀ to the face x.

    (x − x₀) · ∫ ∂z / ∂x at x₀ + α(x − x₀) dα, for α from 0 to 1. The pixels' parts add
    up to z(x) − z(x₀). The baseline x₀ has the face's mean grey everywhere.

    M. Sundararajan, A. Taly, Q. Yan: Axiomatic Attribution for Deep Networks,
    arXiv:1703.01365, equation 1.
    """
    face = images.astype("float32")
    baseline = face.mean(axis=(1, 2), keepdims=True)  # (N, 1, 1)
    total = np.zeros_like(face)
    # The middle of each of `STEPS` equal parts of the way: the midpoint rule.
    for alpha in (np.arange(STEPS) + 0.5) / STEPS:
        total += gradient(scores, baseline + alpha * (face - baseline), emotions)
    return (face - baseline) * total / STEPS  # (N, 48, 48)


def _from_package(
    scores: keras.Model, images: np.ndarray, emotions: np.ndarray, **options
) -> np.ndarray:
    """Signed gradients; the package's own default takes their absolute values."""
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.utils.scores import CategoricalScore

    gradients = Saliency(scores)(
        CategoricalScore(emotions.tolist()),
        with_channel(images),
        gradient_modifier=None,
        normalize_map=False,
        **options,
    )
    return np.asarray(gradients, "float32")


@contextlib.contextmanager
def _same_noise(seed: int = 0) -> Iterator[None]:
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(state)
