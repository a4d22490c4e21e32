"""The picture that a neuron likes best, found by climbing its gradient."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from fercourse.data.faces import IMAGE_SIDE
from fercourse.explain.networks import before_softmax, require_tensorflow


def favourite_pictures(
    model: keras.Model,
    units: Sequence[int],
    steps: int = 60,
    smoothness: float = 1.0,
    seed: int = 0,
) -> np.ndarray:
    """Pictures x that maximise a neuron: argmax z(x) − λ · total variation of x.

    D. Erhan and others: Visualizing Higher-Layer Features of a Deep Network, 2009. The
    total variation, the differences between neighbouring pixels averaged over the
    picture, keeps it from becoming noise. tf-keras-vis climbs. Its shifts and rotations
    between the steps are left out: a network for centred faces has seen neither.

    Args:
        model: ends with softmax.
        units: numbers of emotions.
        steps: of about one grey value a pixel.
        smoothness: the weight λ of the total variation.
        seed: of the noise that the climb starts from.

    Returns:
        float32 in 0–255, shape (units, 48, 48).
    """
    require_tensorflow("Activation maximisation")
    import tensorflow as tf
    from tf_keras_vis.activation_maximization import ActivationMaximization
    from tf_keras_vis.activation_maximization.regularizers import TotalVariation2D
    from tf_keras_vis.utils.scores import CategoricalScore

    target = before_softmax(model)
    # The package calls the network layer by layer; one graph is six times as fast.
    target.call = tf.function(target.call)
    noise = np.random.default_rng(seed).normal(
        128, 10, (len(units), IMAGE_SIDE, IMAGE_SIDE, 1)
    )
    pictures = ActivationMaximization(target)(
        CategoricalScore(list(units)),
        seed_input=noise.astype("float32"),
        input_modifiers=[],
        regularizers=[TotalVariation2D(weight=smoothness)],
        steps=steps,
    )
    return np.asarray(pictures, "float32")[..., 0]
