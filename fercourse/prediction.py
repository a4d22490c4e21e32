"""Prediction: probabilities of a model for faces, seen once or from several views."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from fercourse.attention import SpatialAttention
from fercourse.faces import EMOTIONS
from fercourse.machine import device_count, xla_is_slow
from fercourse.poses import pose, pose_transforms

BATCH_SIZE = 256

# The views of one face: (turn in degrees, shift right and down as a fraction of the side, enlargement).
_VIEWS = (
    (0.0, 0.0, 0.0, 1.0),
    (0.0, 0.08, 0.0, 1.0),
    (0.0, -0.08, 0.0, 1.0),
    (0.0, 0.0, 0.08, 1.0),
    (0.0, 0.0, -0.08, 1.0),
    (10.0, 0.0, 0.0, 1.0),
    (-10.0, 0.0, 0.0, 1.0),
    (0.0, 0.0, 0.0, 1.1),
)


def predict(model: keras.Model, images: np.ndarray, views: int = 1) -> np.ndarray:
    """The model's probabilities, averaged over several views of each face.

    Args:
        model: from float (batch, 48, 48, 1), grey 0–255, to (batch, 7), probabilities.
        images: uint8 or float, shape (N, 48, 48), grey 0–255.
        views: 1, 2, 10 or 16, see `Recipe.views`.

    Returns:
        float32, shape (N, 7), rows that sum to 1.
    """
    poses = _VIEWS[: max(views // 2, 1)]
    mirrors = (False,) if views == 1 else (False, True)
    total = np.zeros((len(images), len(EMOTIONS)), "float64")
    for start in range(0, len(images), 4096):
        part = slice(start, start + 4096)
        for turn, right, down, scale in poses:
            seen = _seen_from(images[part], turn, right, down, scale)
            for mirror in mirrors:
                shown = seen[:, :, ::-1] if mirror else seen
                total[part] += _in_batches(model, shown)
    return (total / (len(poses) * len(mirrors))).astype("float32")


def attention_maps(model: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    """The attention maps of faces, by the name of the attention layer.

    Args:
        model: a model of `fercourse.models`.
        images: uint8 or float, shape (N, 48, 48), grey 0–255.

    Returns:
        For each attention layer, float32 in [0, 1], shape (N, height, width). Empty without attention.
    """
    attention = [layer for layer in model.layers if isinstance(layer, SpatialAttention)]
    if not attention:
        return {}
    to_maps = keras.Model(model.input, {layer.name: layer.output for layer in attention})
    return {name: maps[..., 0] for name, maps in _in_batches(to_maps, images).items()}


def _in_batches(model: keras.Model, images: np.ndarray):
    """Keras's `predict`, for any number of faces on any number of devices."""
    if xla_is_slow():
        model.jit_compile = False
    devices = device_count()
    # Every batch, the last one too, must be divided evenly among the devices.
    missing = -len(images) % devices
    filled = np.concatenate([images, images[:1].repeat(missing, axis=0)]) if missing else images
    answers = model.predict(
        filled[..., None].astype("float32"), batch_size=BATCH_SIZE // devices * devices, verbose=0
    )
    return keras.tree.map_structure(lambda answer: answer[: len(images)], answers)


def _seen_from(images: np.ndarray, turn: float, right: float, down: float, scale: float) -> np.ndarray:
    if (turn, right, down, scale) == (0.0, 0.0, 0.0, 1.0):
        return images
    one = np.ones(len(images), "float32")
    transforms = pose_transforms(turn * one, right * one, down * one, scale * one, images.shape[-1])
    return ops.convert_to_numpy(pose(images[..., None].astype("float32"), transforms))[..., 0]
