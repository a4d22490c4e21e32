"""Feeding Keras: arrays in their order, in batches, without a wait at the end."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


def in_batches(*arrays: np.ndarray, batch_size: int) -> dict[str, Any]:
    """Inputs, and targets if there are any, as arguments of `fit` (with `shuffle=False`) or `predict`.

    On TensorFlow these are a data set that is not tuned while it runs. Whatever Keras makes of arrays is: the
    thread that tunes it sleeps longer and longer, up to a minute, and when the data set ends it is waited
    for until it wakes (`RootDataset::Iterator` in TensorFlow 2.21). In training on one core this cost up to
    a minute of each epoch; and there is nothing to tune in taking rows from memory.

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
