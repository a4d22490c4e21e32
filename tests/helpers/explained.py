"""Small networks whose explanations can be worked out by hand."""

import keras
import numpy as np

from fercourse.models.attention import SpatialAttention

FACES = np.random.default_rng(3).integers(0, 256, (3, 48, 48)).astype("uint8")
EMOTIONS = np.array([3, 0, 5])


def linear_model() -> keras.Model:
    """Scores that are weighted sums of the pixels."""
    faces = keras.Input((48, 48, 1))
    x = keras.layers.Flatten()(faces)
    answers = keras.layers.Dense(7, activation="softmax", name="predictions")(x)
    model = keras.Model(faces, answers)
    random = np.random.default_rng(4)
    model.layers[-1].set_weights([random.normal(0, 1e-3, (2304, 7)), np.zeros(7)])
    return model


def grid_model() -> keras.Model:
    """Four channels on a grid of 4 × 4 under an attention map, their mean, scores."""
    keras.utils.set_random_seed(5)
    faces = keras.Input((48, 48, 1))
    x = keras.layers.Rescaling(1 / 64)(faces)
    x = keras.layers.AveragePooling2D(8, name="block4_pool")(x)
    x = keras.layers.Conv2D(4, 3, activation="relu", name="block5_conv1")(x)
    attention = SpatialAttention(3, name="block5_attention")(x)
    x = keras.layers.Multiply(name="block5_multiply")([x, attention])
    x = keras.layers.GlobalAveragePooling2D()(x)
    answers = keras.layers.Dense(7, activation="softmax", name="predictions")(x)
    model = keras.Model(faces, answers)
    # Some weights of each emotion are positive, so that no map is empty.
    weights = np.random.default_rng(6).normal(0.5, 1.0, (4, 7))
    model.layers[-1].set_weights([weights, np.zeros(7)])
    return model


def numbers_of(model: keras.Model, layer: str) -> np.ndarray:
    """What a layer makes of `FACES`."""
    part = keras.Model(model.input, model.get_layer(layer).output)
    return keras.ops.convert_to_numpy(part(FACES[..., None].astype("float32")))
