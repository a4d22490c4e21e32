"""Augmentation: faces varied and erased at random, and the views of the test.

Keras has one layer to turn, one to shift and one to zoom. In sequence they interpolate
three times, so the faces that are trained on are visibly more blurred than those that
are tested. Here the three are composed into one transform, which interpolates once.
"""

from __future__ import annotations

import math

import keras
from keras import layers, ops

from fercourse.training.recipes import Recipe

CROP_SHIFT = 4 / 48
"""The shift that brings a corner crop of 40 pixels to the middle."""

_BORDERS = {"edge": "nearest", "black": "constant"}
"""Keras's words for `Recipe.border`."""

_FILLS = {"noise": None, "grey": 129.0, "black": 0.0}
"""What `Recipe.erasing_fill` means; 129 is the mean of FER2013's training faces."""

# Turn in degrees, shift right and down as fractions of the side, enlargement. Each pose
# is also seen mirrored, so `views` takes the first half as many.
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


def views_of(images, views: int):
    """Yield 1, 2, 10 or 16 views of the faces, each like them (N, side, side, 1)."""
    for turn, right, down, scale in _VIEW_POSES[: max(views // 2, 1)]:
        view = images
        if (turn, right, down, scale) != _VIEW_POSES[0]:
            one = ops.ones(ops.shape(images)[:1])  # (N,): the same pose for every face
            transforms = pose_transforms(
                turn * one, right * one, down * one, scale * one, images.shape[1]
            )
            view = pose(images, transforms)
        yield view
        if views > 1:
            yield ops.flip(view, axis=2)  # left and right change places


def pose_transforms(turn, right, down, scale, side: int, aspect=1.0):
    """The transforms that turn, shift and resize square images, for `pose`.

    Each part of the pose has shape (N,): `turn` in degrees, clockwise; `right` and
    `down` in fractions of `side`; `scale` 1 leaves the size alone, and `aspect` 1 the
    ratio of width to height.

    Returns:
        float32, shape (N, 8): the first eight entries of the 3 × 3 matrix that takes a
        pixel of the result to its source.
    """
    turn, right, down, scale = (
        ops.cast(value, "float32") for value in (turn, right, down, scale)
    )
    # The matrix goes from the result to its source, so it undoes the pose: it turns
    # back, and divides by the enlargement.
    angle = turn * (math.pi / 180)
    cosine, sine = ops.cos(angle), ops.sin(angle)
    # The aspect changes both sides, so that the face keeps its area.
    wide, high = scale * aspect**0.5, scale / aspect**0.5
    first, second = [cosine / wide, sine / wide], [-sine / high, cosine / high]
    # Pixel indices run from 0 to side - 1, so the centre is half a pixel off side / 2.
    middle = (side - 1) / 2
    # The middle of the source moves to (x, y); the offset makes (x, y) come from it.
    x, y = middle + right * side, middle + down * side
    from_x = middle - first[0] * x - first[1] * y
    from_y = middle - second[0] * x - second[1] * y
    # The two last entries are the perspective, of which there is none.
    zero = ops.zeros_like(cosine)
    return ops.stack([*first, from_x, *second, from_y, zero, zero], axis=-1)


def pose(images, transforms, border: str = "edge"):
    """Apply `pose_transforms` to images, shape (N, side, side, 1)."""
    # By default the edge is continued: a black border would be a clue to the pose.
    return ops.image.affine_transform(
        images, transforms, fill_mode=_BORDERS[border], data_format="channels_last"
    )


class RandomPose(keras.layers.Layer):
    """Turns, shifts and resizes each face of a batch at random, in training only.

    Input and output: float, shape (batch, side, side, 1), grey 0–255.
    """

    def __init__(
        self,
        rotation: float,
        shift: float,
        zoom: float,
        seed: int,
        aspect: float = 0.0,
        border: str = "edge",
        **kwargs,
    ) -> None:
        """Set the largest turn (degrees), shift and changes of size (fractions)."""
        super().__init__(**kwargs)
        self.rotation, self.shift, self.zoom = rotation, shift, zoom
        self.aspect, self.border = aspect, border
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images, training: bool = False):
        """The posed faces."""
        if not training:
            return images
        # (4, batch) in [-1, 1]: one draw per face for each part of its pose.
        shape = (4, ops.shape(images)[0])
        amount = keras.random.uniform(shape, -1.0, 1.0, seed=self.generator)
        aspect = 1.0
        if self.aspect:
            # From 1 / (1 + a) to 1 + a; wide and narrow are equally likely.
            exponent = keras.random.uniform(shape[1:], -1.0, 1.0, seed=self.generator)
            aspect = (1.0 + self.aspect) ** exponent
        transforms = pose_transforms(
            turn=self.rotation * amount[0],
            right=self.shift * amount[1],
            down=self.shift * amount[2],
            scale=1.0 + self.zoom * amount[3],
            side=images.shape[1],
            aspect=aspect,
        )
        return pose(images, transforms, self.border)


def augmentation_layers(recipe: Recipe) -> list[layers.Layer]:
    """The layers that vary a face, in order: (batch, 48, 48, 1), grey 0–255."""
    # float32 under every precision: 16 bits cannot tell all grey values apart, and some
    # operations lack them. Each layer draws from a seed of its own.
    chosen: list[layers.Layer] = []
    if recipe.flip:
        flip = layers.RandomFlip("horizontal", seed=recipe.seed, dtype="float32")
        chosen.append(flip)
    if recipe.rotation or recipe.shift or recipe.zoom or recipe.aspect:
        pose_at_random = RandomPose(
            recipe.rotation,
            recipe.shift,
            recipe.zoom,
            recipe.seed + 1,
            recipe.aspect,
            recipe.border,
            dtype="float32",
        )
        chosen.append(pose_at_random)
    if recipe.brightness:
        brighten = layers.RandomBrightness(
            recipe.brightness, seed=recipe.seed + 4, dtype="float32"
        )
        chosen.append(brighten)
    if recipe.contrast:
        # Twice: with a single number, Keras only raises the contrast.
        factor = (recipe.contrast, recipe.contrast)
        stretch = layers.RandomContrast(factor, seed=recipe.seed + 5, dtype="float32")
        chosen.append(stretch)
    if recipe.erasing:
        factor = (recipe.erasing, recipe.erasing)  # lowest and highest share of faces
        erase = layers.RandomErasing(
            factor,
            fill_value=_FILLS[recipe.erasing_fill],
            seed=recipe.seed + 2,
            dtype="float32",
        )
        chosen.append(erase)
    return chosen
