"""What the methods need of a network: its scores, its features, and TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from fercourse.data.faces import EMOTIONS


def require_tensorflow(what: str) -> None:
    """Raise an error that names the way out if Keras does not run on TensorFlow."""
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise RuntimeError(
            f"{what} is computed by tf-keras-vis, which needs TensorFlow, and Keras "
            f"runs on {backend} here. Restart Python with KERAS_BACKEND=tensorflow, or "
            'use "occlusion" or "attention", which work on every backend.'
        )


def before_softmax(model: keras.Model) -> keras.Model:
    """The same network up to the seven scores z, whose softmax its answer is.

    A probability of almost 1 has almost no gradient; its score still has one. The
    layers are those of the model, except for a copy of the last one.
    """
    last = model.layers[-1]
    if getattr(last, "activation", None) is not keras.activations.softmax:
        raise ValueError(
            f"The model ends with {last.name}, expected a dense layer with softmax."
        )
    linear = keras.layers.Dense(
        last.units, use_bias=last.use_bias, dtype="float32", name="scores"
    )
    # A list of inputs, since tf-keras-vis calls the model with one.
    scores = keras.Model([model.input], linear(last.input))
    linear.set_weights(last.get_weights())
    return scores


def features_layer(model: keras.Model, layer: str) -> str:
    """The name of a layer, or of the last one before the pooling of a block.

    Example: "block5" is `block5_conv4_relu` in a pocket network.
    """
    names = [
        one.name
        for one in model.layers
        if one.name == layer or one.name.startswith(f"{layer}_conv")
    ]
    if not names:
        raise ValueError(
            f'The model {model.name} has no layer {layer!r}; expected "block1" to '
            '"block5" or the name of a layer.'
        )
    return names[-1]


def emotion_numbers(
    emotion: str | Sequence[int] | np.ndarray, count: int
) -> np.ndarray:
    """One emotion for each of `count` faces, int, from a name or from numbers."""
    if isinstance(emotion, str):
        if emotion not in EMOTIONS:
            raise ValueError(f"{emotion!r} is none of {', '.join(EMOTIONS)}.")
        return np.full(count, EMOTIONS.index(emotion))
    numbers = np.asarray(emotion, dtype=int)
    if numbers.shape != (count,):
        raise ValueError(
            f"emotion has the shape {numbers.shape}; expected a name such as "
            f'"happy", or one number for each of the {count} faces.'
        )
    return numbers
