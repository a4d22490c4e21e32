"""The one door to all methods: from a network, faces and an emotion to maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np

from fercourse.explain import class_activation, gradients, occlusion
from fercourse.explain.networks import (
    before_softmax,
    emotion_numbers,
    features_layer,
    require_tensorflow,
)
from fercourse.training.prediction import attention_maps

BATCH_SIZE = 32
"""Faces at a time: "occlusion" shows the network 81 copies of each."""

GRADIENTS: dict[str, Callable] = {
    "gradient": gradients.gradient,
    "smooth_gradient": gradients.smooth_gradient,
    "integrated_gradients": gradients.integrated_gradients,
}
ACTIVATION_MAPS: dict[str, Callable] = {
    "grad_cam": class_activation.grad_cam,
    "grad_cam++": class_activation.grad_cam_plus_plus,
    "score_cam": class_activation.score_cam,
}
METHODS = (*GRADIENTS, *ACTIVATION_MAPS, "occlusion", "attention")
"""What `saliency` computes; all but the last two need TensorFlow."""


def saliency(
    model: keras.Model,
    images: np.ndarray,
    emotion: str | Sequence[int] | np.ndarray,
    method: str = "grad_cam",
    layer: str = "block5",
) -> np.ndarray:
    """How much each pixel mattered to the score of an emotion, by one of `METHODS`.

    Args:
        model: from float (batch, 48, 48, 1), grey 0–255, to probabilities (batch, 7).
        images: shape (N, 48, 48), grey 0–255.
        emotion: a name such as "happy", or one number for each face.
        method: "gradient" and "smooth_gradient" give absolute values, since a pixel
            may become lighter or darker; the others what speaks for the emotion, and 0
            where anything speaks against it. "attention" is the model's own map, which
            no emotion changes.
        layer: for class activation maps: a block, whose last features before pooling
            are taken, or the name of a layer.

    Returns:
        float32, 0 or more, shape (N, 48, 48).

    Raises:
        ValueError: the method, emotion or layer is unknown, or the model has no map.
        RuntimeError: the method needs TensorFlow, and Keras runs on something else.

    Example: `fc.saliency(model, faces.images, faces.emotions, "grad_cam")`.
    """
    if method not in METHODS:
        raise ValueError(f"{method!r} is none of {', '.join(METHODS)}.")
    emotions = emotion_numbers(emotion, len(images))
    if method == "attention":
        return _own_map(model, images)
    compute = _method(model, method, layer)
    parts = [
        compute(
            images[start : start + BATCH_SIZE], emotions[start : start + BATCH_SIZE]
        )
        for start in range(0, len(images), BATCH_SIZE)
    ]
    return np.concatenate([np.zeros((0, *images.shape[1:]), "float32"), *parts])


def _method(model: keras.Model, method: str, layer: str) -> Callable:
    """A function from images and emotions to maps of 0 or more, (N, 48, 48)."""
    if method == "occlusion":
        return lambda *faces: np.maximum(occlusion.occlusion(model, *faces), 0)
    require_tensorflow(f'"{method}"')
    scores = before_softmax(model)
    if method in ACTIVATION_MAPS:
        name, cells = features_layer(model, layer), ACTIVATION_MAPS[method]
        return lambda *faces: class_activation.enlarged(cells(scores, *faces, name))
    if method == "integrated_gradients":
        return lambda *faces: np.maximum(GRADIENTS[method](scores, *faces), 0)
    return lambda *faces: np.abs(GRADIENTS[method](scores, *faces))


def _own_map(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """The map of the last attention block, (N, 48, 48)."""
    maps = attention_maps(model, images)
    if not maps:
        raise ValueError(
            f"The model {model.name} has no attention block, and so no map of its own."
        )
    return class_activation.enlarged(list(maps.values())[-1])
