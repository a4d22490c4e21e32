"""Prediction: probabilities of a model for faces, seen once or from several views."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from fercourse.data.faces import EMOTIONS
from fercourse.machine import device_count, has_accelerator, xla_is_slow
from fercourse.models.attention import SpatialAttention
from fercourse.training.augmentation import views_of

BATCH_SIZE = 256
"""At most so many faces at a time."""


def predict(model: keras.Model, images: np.ndarray, views: int = 1) -> np.ndarray:
    """The model's probabilities, averaged over several views of each face.

    Args:
        model: from float (batch, 48, 48, 1), grey 0–255, to (batch, 7), probabilities.
        images: uint8 or float, shape (N, 48, 48), grey 0–255.
        views: 1, 2, 10 or 16, see `Recipe.views`.

    Returns:
        float32, shape (N, 7), rows that sum to 1.
    """
    total = np.zeros((len(images), len(EMOTIONS)), "float64")
    for start in range(0, len(images), 4096):
        part = slice(start, start + 4096)
        for seen in views_of(images[part, ..., None].astype("float32"), views):
            total[part] += _answers(model, ops.convert_to_numpy(seen)[..., 0])
    return (total / views).astype("float32")


def attention_maps(model: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    """The attention maps of faces, by the name of the attention layer.

    Args:
        model: a model of `fercourse.models.vgg19`.
        images: uint8 or float, shape (N, 48, 48), grey 0–255.

    Returns:
        For each attention layer, float32 in [0, 1], shape (N, height, width). Empty
        without attention.
    """
    attention = [layer for layer in model.layers if isinstance(layer, SpatialAttention)]
    if not attention:
        return {}
    to_maps = keras.Model(
        model.input, {layer.name: layer.output for layer in attention}
    )
    return {name: maps[..., 0] for name, maps in _answers(to_maps, images).items()}


def _answers(model: keras.Model, images: np.ndarray):
    """Keras's `predict`, for any number of faces on any number of devices."""
    if xla_is_slow():
        model.jit_compile = False
    batch_size = _batch_size(len(images))
    # Every batch, the last one too, must be divided evenly among the devices; an
    # accelerator moreover compiles for a long time for a last batch of another size.
    missing = -len(images) % (batch_size if has_accelerator() else device_count())
    filled = (
        np.concatenate([images, images[:1].repeat(missing, axis=0)])
        if missing
        else images
    )
    faces = filled[..., None].astype("float32")
    answers = model.predict(**in_batches(faces, batch_size=batch_size), verbose=0)
    return keras.tree.map_structure(lambda answer: answer[: len(images)], answers)


def _batch_size(count: int) -> int:
    """Faces in a batch; on an accelerator so many that little is missing from the last one."""
    devices = device_count()
    largest = max(BATCH_SIZE // devices, 1) * devices
    if not has_accelerator():
        return largest
    batches = max(-(-count // largest), 1)
    return max(-(-count // (batches * devices)), 1) * devices


def in_batches(*arrays: np.ndarray, batch_size: int) -> dict[str, Any]:
    """Inputs, and targets if there are any, as arguments of `fit` (with `shuffle=False`) or `predict`.

    On TensorFlow these are a data set that is not tuned while it runs. Whatever Keras
    makes of arrays is: the thread that tunes it sleeps longer and longer, up to a
    minute, and when the data set ends it is waited for until it wakes
    (`RootDataset::Iterator` in TensorFlow 2.21). In training on one core this cost up
    to a minute of each epoch; and there is nothing to tune in taking rows from memory.

    Args:
        arrays: of the same length N.
        batch_size: rows in a batch; the last one may have fewer.
    """
    if keras.backend.backend() != "tensorflow":
        return dict(zip("xy", arrays, strict=False)) | {"batch_size": batch_size}
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    rows = arrays if len(arrays) > 1 else arrays[0]
    data = tf.data.Dataset.from_tensor_slices(rows)
    # Batches that are known to have one size are compiled for that size.
    data = data.batch(batch_size, drop_remainder=len(arrays[0]) % batch_size == 0)
    return {"x": data.prefetch(1).with_options(options)}
