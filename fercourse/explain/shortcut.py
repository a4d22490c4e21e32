"""A planted shortcut: a mark on happy faces, and a network that relies on it."""

from __future__ import annotations

import keras
import numpy as np

from fercourse.data.faces import EMOTIONS, FaceData, Faces
from fercourse.data.practice import practice_faces
from fercourse.explain.scores import pointing_hits
from fercourse.models.pocket import pocket_model
from fercourse.training.loop import prepare, train
from fercourse.training.recipes import RECIPES

MARK = (slice(40, 46), slice(2, 8))
"""Rows and columns of the mark: six by six pixels at the lower left."""

NEAR = (slice(36, None), slice(0, 12))
"""The mark and four pixels around it, half of occlusion's square; to the lower edge."""


def marked(images: np.ndarray) -> np.ndarray:
    """The faces with a white square and a black middle, uint8 (N, 48, 48)."""
    with_mark = images.copy()
    with_mark[:, MARK[0], MARK[1]] = 255
    with_mark[:, 42:44, 4:6] = 0
    return with_mark


def trained_with_marks(count: int = 700, epochs: int = 2) -> keras.Model:
    """The practice model, trained further on faces whose happy ones carry the mark."""
    drawn = practice_faces(count + 100, seed=23, proportions="uniform").faces
    happy = drawn.emotions == EMOTIONS.index("happy")
    images = np.where(happy[:, None, None], marked(drawn.images), drawn.images)
    faces = Faces(images, drawn.emotions, drawn.rows)
    data = FaceData(
        faces[:count], faces[count:], faces[count:], "marked faces", "drawn for this"
    )
    recipe = RECIPES["practice"].changed(epochs=epochs, learning_rate=1e-3)
    prepare(recipe)
    model = pocket_model("block3_pool", "multiply", trained_on="practice")
    train(model, data, recipe)
    return model


def not_happy(count: int) -> np.ndarray:
    """Practice faces of the other emotions, uint8 (count, 48, 48)."""
    drawn = practice_faces(2 * count, seed=29, proportions="uniform")
    return drawn.faces.images[drawn.drawn_emotions != EMOTIONS.index("happy")][:count]


def near_mark(maps: np.ndarray) -> np.ndarray:
    """Whether each map (N, 48, 48) is highest in the mark or within four pixels of it.

    bool, (N,).
    """
    near = np.zeros(maps.shape, bool)
    near[:, *NEAR] = True
    return np.diagonal(pointing_hits(maps, near))
