"""Poses: a face turned, shifted and zoomed in one interpolation, at random for training or on purpose.

Keras has a layer for each of the three. One after the other they interpolate three
times, and the face that is trained on is visibly more blurred than the one that is
tested. Composed into one transform they interpolate once, which is sharper and faster.
"""

from __future__ import annotations

import math

import keras
from keras import layers, ops

from fercourse.training.recipes import Recipe

CROP_SHIFT = 4 / 48
"""A face moved by so much of its side towards a corner shows a middle crop of 40 pixels its other corner."""

_VIEW_POSES = (
    (0.0, 0.0, 0.0, 1.0),
    (0.0, CROP_SHIFT, CROP_SHIFT, 1.0),
    (0.0, -CROP_SHIFT, CROP_SHIFT, 1.0),
    (0.0, CROP_SHIFT, -CROP_SHIFT, 1.0),
    (0.0, -CROP_SHIFT, -CROP_SHIFT, 1.0),
    (10.0, 0.0, 0.0, 1.0),
    (-10.0, 0.0, 0.0, 1.0),
    (0.0, 0.0, 0.0, 1.1),
)
# (turn in degrees, shift right and down as a fraction of the side, enlargement), each
# also mirrored.


def views_of(images, views: int):
    """Every face from several views, one view after the other.

    Args:
        images: float, shape (N, side, side, 1).
        views: 1, 2, 10 or 16, see `fercourse.training.recipes.Recipe.views`.

    Yields:
        `views` times float, shape (N, side, side, 1); the first are the images as they
        are.
    """
    for turn, right, down, scale in _VIEW_POSES[: max(views // 2, 1)]:
        seen = images
        if (turn, right, down, scale) != _VIEW_POSES[0]:
            one = ops.ones(ops.shape(images)[:1], "float32")
            transforms = pose_transforms(
                turn * one, right * one, down * one, scale * one, images.shape[1]
            )
            seen = pose(images, transforms)
        yield seen
        if views > 1:
            yield ops.flip(seen, axis=2)


def pose_transforms(turn, right, down, scale, side: int):
    """The projective transforms, for `keras.ops.image.affine_transform`, that pose square pictures.

    Args:
        turn: float, shape (N,), degrees, clockwise.
        right: float, shape (N,), shift to the right as a fraction of the side.
        down: float, shape (N,), shift down as a fraction of the side.
        scale: float, shape (N,), enlargement about the middle; 1 leaves the size alone.
        side: of the pictures, in pixels.

    Returns:
        float32, shape (N, 8): for each pixel of the result, where in the picture it
        comes from.
    """
    turn, right, down, scale = (
        ops.cast(value, "float32") for value in (turn, right, down, scale)
    )
    middle = (side - 1) / 2
    cosine = ops.cos(turn * (math.pi / 180)) / scale
    sine = ops.sin(turn * (math.pi / 180)) / scale
    x, y = (
        middle + right * side,
        middle + down * side,
    )  # where the middle of the picture goes
    from_x = middle - cosine * x - sine * y
    from_y = middle + sine * x - cosine * y
    zero = ops.zeros_like(cosine)
    return ops.stack([cosine, sine, from_x, -sine, cosine, from_y, zero, zero], axis=-1)


def pose(images, transforms):
    """Pictures, float (N, side, side, 1), as their transforms pose them; edges are continued outwards."""
    return ops.image.affine_transform(
        images, transforms, fill_mode="nearest", data_format="channels_last"
    )


@keras.saving.register_keras_serializable(package="fercourse")
class RandomPose(keras.layers.Layer):
    """Turns, shifts and zooms every face of a batch by other random amounts, in training only.

    Input and output: float, shape (batch, side, side, 1), grey 0–255.
    """

    def __init__(
        self, rotation: float, shift: float, zoom: float, seed: int, **kwargs
    ) -> None:
        """Set the largest turn (degrees), shift (fraction of the side) and change of size (fraction)."""
        super().__init__(**kwargs)
        self.rotation, self.shift, self.zoom, self.seed = rotation, shift, zoom, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images, training: bool = False):
        """The posed faces."""
        if not training:
            return images
        count, side = ops.shape(images)[0], images.shape[1]
        amount = keras.random.uniform((4, count), -1.0, 1.0, seed=self.generator)
        transforms = pose_transforms(
            turn=self.rotation * amount[0],
            right=self.shift * amount[1],
            down=self.shift * amount[2],
            scale=1.0 + self.zoom * amount[3],
            side=side,
        )
        return pose(images, transforms)

    def compute_output_shape(self, input_shape):
        """The input's shape."""
        return input_shape

    def get_config(self) -> dict:
        """What is needed to build the layer again."""
        own = {
            "rotation": self.rotation,
            "shift": self.shift,
            "zoom": self.zoom,
            "seed": self.seed,
        }
        return {**super().get_config(), **own}


def augmentation(recipe: Recipe) -> list[layers.Layer]:
    """The layers that vary one picture, in order: from and to float (batch, 48, 48, 1), grey 0–255."""
    # In 32 bits under every precision: 16 know too few grey values, and not every
    # operation.
    found: list[layers.Layer] = []
    if recipe.flip:
        found.append(layers.RandomFlip("horizontal", seed=recipe.seed, dtype="float32"))
    if recipe.rotation or recipe.shift or recipe.zoom:
        found.append(
            RandomPose(
                recipe.rotation,
                recipe.shift,
                recipe.zoom,
                seed=recipe.seed + 1,
                dtype="float32",
            )
        )
    if recipe.erasing:
        found.append(
            layers.RandomErasing(
                (recipe.erasing, recipe.erasing), seed=recipe.seed + 2, dtype="float32"
            )
        )
    return found
