"""Spatial attention: where in the picture do the features have something to say?"""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="fercourse")
class SpatialAttention(keras.layers.Layer):
    """One number between 0 and 1 for each place of the feature grid: the attention map.

    The map is sigmoid(convolution([mean over channels, maximum over channels])): rows 2 to 5 of the
    paper's Table I, and the spatial half of CBAM (Woo et al., 2018, equation 3). The layer returns
    the map and leaves the features alone; what is done with the map is up to the model
    (see `fercourse.models.COMBINE`).

    Input: features, float, shape (batch, height, width, channels).
    Output: attention map, float in [0, 1], shape (batch, height, width, 1).
    """

    def __init__(self, kernel_size: int = 7, use_bias: bool = True, **kwargs) -> None:
        """Set the side of the convolution's window, in grid cells (the paper: 7), and its bias."""
        super().__init__(**kwargs)
        if kernel_size < 1 or kernel_size % 2 == 0:
            raise ValueError(
                f"kernel_size is {kernel_size}; expected 1, 3, 5, 7, …: only an odd window has a middle."
            )
        self.kernel_size = kernel_size
        self.use_bias = use_bias
        self.convolution = keras.layers.Conv2D(
            filters=1,
            kernel_size=kernel_size,
            padding="same",
            activation="sigmoid",
            use_bias=use_bias,
            dtype=self.dtype_policy,
            name="convolution",
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the convolution's weights: kernel_size² × 2, and one bias."""
        self.convolution.build((*input_shape[:-1], 2))

    def pool(self, features):
        """Mean and maximum over the channels, shape (batch, height, width, 2)."""
        mean = ops.mean(features, axis=-1, keepdims=True)
        maximum = ops.max(features, axis=-1, keepdims=True)
        return ops.concatenate([mean, maximum], axis=-1)

    def call(self, features):
        """The attention map of the features."""
        return self.convolution(self.pool(features))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The features' shape with a single channel."""
        return (*input_shape[:-1], 1)

    def get_config(self) -> dict:
        """What is needed to build the layer again."""
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "use_bias": self.use_bias,
        }
