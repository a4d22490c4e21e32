"""A tiny network and a few faces, for all of training that needs no VGG19."""

import keras
import numpy as np

from fercourse.data.faces import FaceData, Faces
from fercourse.training.recipes import Recipe

# Dropout, batch normalisation, every kind of variation, averaging: all that has a state
# of its own.
RECIPE = Recipe(
    **{"name": "tiny", "epochs": 3, "batch_size": 16, "precision": "float32"},
    **{"learning_rate": 0.01, "weight_decay": 0.01, "warmup_epochs": 1},
    **{"rotation": 10, "shift": 0.1, "zoom": 0.1, "erasing": 0.3, "mixup": 0.2},
    **{"label_smoothing": 0.1, "ema": 0.9, "clip_norm": 1.0, "views": 2},
)


def tiny_model() -> keras.Model:
    """Mean of nine regions, one convolution, seven probabilities."""
    faces = keras.Input((48, 48, 1), name="faces")
    x = keras.layers.AveragePooling2D(8)(faces)
    x = keras.layers.Conv2D(8, 3, name="block1_conv1")(x)
    x = keras.layers.BatchNormalization(momentum=0.9, name="block1_conv1_bn")(x)
    x = keras.layers.Activation("relu")(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dropout(0.2)(x)
    outputs = keras.layers.Dense(7, activation="softmax")(x)
    return keras.Model(faces, outputs, name="tiny")


def tiny_faces(count: int, seed: int = 0) -> Faces:
    """Noise with one of seven stripes brighter, by emotion."""
    random = np.random.default_rng(seed)
    emotions = random.integers(0, 7, count).astype("uint8")
    images = random.integers(0, 120, (count, 48, 48))
    for image, emotion in zip(images, emotions, strict=True):
        image[6 * emotion + 3 : 6 * emotion + 9] += 130
    return Faces(images.astype("uint8"), emotions, np.arange(count, dtype="int32"))


def tiny_data(train: int = 128, rest: int = 48) -> FaceData:
    """Three splits; the first faces of the test split are in training too."""
    training, test = tiny_faces(train, 1), tiny_faces(rest, 3)
    test.images[:5], test.emotions[:5] = training.images[:5], training.emotions[:5]
    validation = tiny_faces(rest, 2)
    return FaceData(training, validation, test, "tiny faces", "made for a test")
