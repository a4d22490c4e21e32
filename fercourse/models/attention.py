"""Spatial attention: which places of the picture matter?"""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="fercourse")
class SpatialAttention(keras.layers.Layer):
    """The attention map: a number between 0 and 1 for each place of the feature grid.

    The map is sigmoid(convolution([mean over channels, maximum over channels])): rows 2
    to 5 of the paper's Table I, and the spatial half of CBAM (Woo et al., 2018,
    equation 3). The layer returns the map and leaves the features alone; the model
    decides what to do with it (see `fercourse.models.vgg19.COMBINE`).

    Example: `attention_map = fc.SpatialAttention(kernel_size=7)(features)`.

    Input: features, float, shape (batch, height, width, channels).
    Output: attention map, float in [0, 1], shape (batch, height, width, 1).

    Args:
        kernel_size: side of the convolution's window in grid cells; the paper's is 7.
        use_bias: one bias for the whole map; the paper does not say.
        normalise: batch normalisation before the sigmoid. Its offset replaces the
            convolution's bias, and its scale begins at zero (Goyal et al., 2017,
            section 5.1), so the map is 0.5 everywhere until training moves it.
    """

    def __init__(
        self,
        kernel_size: int = 7,
        use_bias: bool = True,
        normalise: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        if kernel_size < 1 or kernel_size % 2 == 0:
            raise ValueError(
                f"kernel_size is {kernel_size}; expected 1, 3, 5, 7, …: only an odd "
                "window has a middle."
            )
        self.kernel_size = kernel_size
        self.use_bias = use_bias
        self.normalise = normalise
        self.convolution = keras.layers.Conv2D(
            filters=1,
            kernel_size=kernel_size,
            padding="same",  # the map keeps the size of the grid
            activation=None if normalise else "sigmoid",
            use_bias=use_bias and not normalise,
            dtype=self.dtype_policy,
            name="convolution",
        )
        self.normalisation = None
        if normalise:
            self.normalisation = keras.layers.BatchNormalization(
                momentum=0.9,
                gamma_initializer="zeros",
                dtype=self.dtype_policy,
                name="normalisation",
            )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights: in the paper's form 7·7·2, and a bias, 99 in all."""
        self.convolution.build((*input_shape[:-1], 2))
        if self.normalisation is not None:
            self.normalisation.build((*input_shape[:-1], 1))

    def pool(self, features):
        """Mean and maximum over the channels, shape (batch, height, width, 2)."""
        mean = ops.mean(features, axis=-1, keepdims=True)  # row 2 of Table I
        maximum = ops.max(features, axis=-1, keepdims=True)  # row 3
        return ops.concatenate([mean, maximum], axis=-1)  # row 4

    def call(self, features, training: bool | None = None):
        """The attention map of the features."""
        # Row 5: (batch, height, width, 2) to (batch, height, width, 1).
        attention_map = self.convolution(self.pool(features))
        if self.normalisation is None:
            return attention_map  # the convolution's activation is the sigmoid
        return ops.sigmoid(self.normalisation(attention_map, training=training))

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """The features' shape with a single channel."""
        return (*input_shape[:-1], 1)

    def get_config(self) -> dict:
        """The arguments to build the layer again."""
        config = {"kernel_size": self.kernel_size, "use_bias": self.use_bias}
        if self.normalise:
            # Left out otherwise, so checkpoints from before it existed stay valid.
            config["normalise"] = True
        return {**super().get_config(), **config}
