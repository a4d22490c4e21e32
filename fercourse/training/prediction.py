"""Prediction: probabilities and attention maps, for any number of faces and devices."""

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
"""The most faces in a batch."""

_POSED_TOGETHER = 4096  # faces whose views are in memory at the same time: 38 MB each


def predict(model: keras.Model, images: np.ndarray, views: int = 1) -> np.ndarray:
    """The model's probabilities, averaged over several views of each face.

    Args:
        model: from float (batch, 48, 48, 1), grey 0–255, to (batch, 7), probabilities.
        images: uint8 or float, shape (N, 48, 48), grey 0–255.
        views: 1, 2, 10 or 16, see `fercourse.training.recipes.Recipe`.

    Returns:
        float32, shape (N, 7), rows that sum to 1.

    Example: `fc.predict(model, data.test.images).argmax(axis=-1)`.
    """
    # Sums in float64, so that the order of the views does not show.
    total = np.zeros((len(images), len(EMOTIONS)), "float64")
    for start in range(0, len(images), _POSED_TOGETHER):
        part = slice(start, start + _POSED_TOGETHER)
        for view in views_of(with_channel(images[part]), views):
            total[part] += _answers(model, ops.convert_to_numpy(view))
    # The mean of probabilities is a distribution again: its rows sum to 1.
    return (total / views).astype("float32")


def attention_maps(model: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    """The attention maps of faces (N, 48, 48), by the name of the attention layer.

    Each map is float32 in [0, 1], shape (N, height, width); none without attention.

    Example: `fc.attention_maps(model, faces.images)["block4_attention"]`.
    """
    attention = [layer for layer in model.layers if isinstance(layer, SpatialAttention)]
    if not attention:
        return {}
    # A second model on the same layers, which ends at the maps: (N, height, width, 1).
    outputs = {layer.name: layer.output for layer in attention}
    maps = _answers(keras.Model(model.input, outputs), with_channel(images))
    return {name: values[..., 0] for name, values in maps.items()}


def with_channel(images: np.ndarray) -> np.ndarray:
    """What a model takes: (N, 48, 48) to float32 (N, 48, 48, 1)."""
    return np.asarray(images, "float32")[..., None]


def _answers(model: keras.Model, faces: np.ndarray):
    """Keras's `predict` for faces (N, 48, 48, 1), in batches that suit the devices."""
    if xla_is_slow():
        model.jit_compile = False
    count, batch_size = len(faces), _batch_size(len(faces))
    # Every batch must be divided evenly among the devices; an accelerator would also
    # compile for a long time for a last batch of another size. So the first face is
    # repeated until the last batch is full, and those answers are left out.
    missing = -count % (batch_size if has_accelerator() else device_count())
    if missing:
        faces = np.concatenate([faces, faces[:1].repeat(missing, axis=0)])
    answers = model.predict(**in_batches(faces, batch_size=batch_size), verbose=0)
    return keras.tree.map_structure(lambda answer: answer[:count], answers)


def _batch_size(count: int) -> int:
    """Faces in a batch; on an accelerator such that the last one is almost full."""
    devices = device_count()
    largest = max(BATCH_SIZE // devices, 1) * devices  # a multiple of the devices
    if not has_accelerator():
        return largest
    batches = max(-(-count // largest), 1)  # rounded up: as few batches as possible
    return max(-(-count // (batches * devices)), 1) * devices  # and equally large


def in_batches(*arrays: np.ndarray, batch_size: int) -> dict[str, Any]:
    """Arguments of `predict`, or of `fit` with `shuffle=False`, that feed these arrays.

    On TensorFlow the arrays become a data set that is not tuned while it runs. Keras's
    own is: its tuning thread sleeps longer and longer, up to a minute, and the end of
    the data set waits for it (`RootDataset::Iterator` in TensorFlow 2.21). On one core
    this cost up to a minute an epoch, and taking rows from memory needs no tuning.
    """
    if keras.backend.backend() != "tensorflow":
        return dict(zip("xy", arrays, strict=False)) | {"batch_size": batch_size}
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    rows = arrays if len(arrays) > 1 else arrays[0]
    data = tf.data.Dataset.from_tensor_slices(rows)
    # If all batches have one size, TensorFlow compiles for exactly that size.
    data = data.batch(batch_size, drop_remainder=len(arrays[0]) % batch_size == 0)
    return {"x": data.prefetch(1).with_options(options)}
