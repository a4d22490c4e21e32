"""The spatial transformer: a network that turns, shifts and zooms its input as it sees fit."""

from __future__ import annotations

import keras
from keras import ops

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
"""The six numbers of the affine transform that changes nothing, row by row."""


def affine_grid(transforms, height: int, width: int):
    """Where each pixel of the result comes from (Jaderberg et al., 2015, equation 1).

    Args:
        transforms: float, shape (batch, 6), the two rows of each affine transform. Places are measured
            from the middle of the picture, which reaches from −1 to 1 in both directions.
        height: of the result, in pixels.
        width: of the result, in pixels.

    Returns:
        Two arrays, float, shape (batch, height, width): x and y, −1 to 1 inside the picture.
    """
    y, x = ops.meshgrid(ops.linspace(-1.0, 1.0, height), ops.linspace(-1.0, 1.0, width), indexing="ij")
    t = [ops.cast(transforms[:, i], "float32")[:, None, None] for i in range(6)]
    return t[0] * x + t[1] * y + t[2], t[3] * x + t[4] * y + t[5]


def bilinear_sample(images, x, y):
    """The pictures' grey values at places between their pixels; nought outside (the same, equation 5).

    Written in `keras.ops`, so that it has a gradient for the pictures and for the places on every
    backend; `keras.ops.image.affine_transform` has none for the places on TensorFlow.

    Args:
        images: float, shape (batch, height, width, channels).
        x: float, shape (batch, rows, columns), −1 (the left pixels' middle) to 1 (the right pixels').
        y: the same from top to bottom.

    Returns:
        float, shape (batch, rows, columns, channels).
    """
    height, width, channels = images.shape[1:]
    rows, columns = x.shape[1:]
    flat = ops.reshape(images, (-1, height * width, channels))
    x, y = (x + 1) * (width - 1) / 2, (y + 1) * (height - 1) / 2
    left, top = ops.floor(x), ops.floor(y)
    total = 0.0
    for corner_x, weight_x in ((left, left + 1 - x), (left + 1, x - left)):
        for corner_y, weight_y in ((top, top + 1 - y), (top + 1, y - top)):
            inside = (corner_x >= 0) & (corner_x <= width - 1) & (corner_y >= 0) & (corner_y <= height - 1)
            place = ops.clip(corner_y, 0, height - 1) * width + ops.clip(corner_x, 0, width - 1)
            index = ops.reshape(ops.cast(place, "int32"), (-1, rows * columns, 1))
            value = ops.reshape(ops.take_along_axis(flat, index, axis=1), (-1, rows, columns, channels))
            weight = ops.cast(inside, "float32") * weight_x * weight_y
            total = total + ops.cast(weight, value.dtype)[..., None] * value
    return total


@keras.saving.register_keras_serializable(package="fercourse")
class SpatialTransformer(keras.layers.Layer):
    """Shows pictures as affine transforms turn, shift and zoom them (Jaderberg et al., 2015).

    Input: pictures, float, shape (batch, height, width, channels), and transforms, shape (batch, 6).
    Output: float, shape (batch, height, width, channels).
    """

    def call(self, inputs):
        """The transformed pictures."""
        images, transforms = inputs
        return bilinear_sample(images, *affine_grid(transforms, *images.shape[1:3]))

    def compute_output_shape(self, input_shape):
        """The pictures' shape."""
        return input_shape[0]
