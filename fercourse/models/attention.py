"""Spatial attention: where in the picture do the features have something to say?"""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="fercourse")
class SpatialAttention(keras.layers.Layer):
    """One number between 0 and 1 for each place of the feature grid: the attention map.

    The map is sigmoid(convolution([mean over channels, maximum over channels])): rows 2
    to 5 of the paper's Table I, and the spatial half of CBAM (Woo et al., 2018,
    equation 3). The layer returns the map and leaves the features alone; what is done
    with the map is up to the model (see `fercourse.models.vgg19.COMBINE`).

    With `normalise`, batch normalisation stands between convolution and sigmoid, and
    its scale begins at
    zero: then the map is 0.5 everywhere until training finds something better (the zero
    scale is Goyal et al., 2017, section 5.1). Its offset takes the place of the
    convolution's bias.

    Input: features, float, shape (batch, height, width, channels).
    Output: attention map, float in [0, 1], shape (batch, height, width, 1).
    """

    def __init__(
        self,
        kernel_size: int = 7,
        use_bias: bool = True,
        normalise: bool = False,
        **kwargs,
    ) -> None:
        """Set the side of the convolution's window, in grid cells (the paper: 7), and what goes with it."""
        super().__init__(**kwargs)
        if kernel_size < 1 or kernel_size % 2 == 0:
            raise ValueError(
                f"kernel_size is {kernel_size}; expected 1, 3, 5, 7, …: only an odd "
                f"window has a middle."
            )
        self.kernel_size = kernel_size
        self.use_bias = use_bias
        self.normalise = normalise
        self.convolution = keras.layers.Conv2D(
            filters=1,
            kernel_size=kernel_size,
            padding="same",
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
        """Create the convolution's weights, kernel_size² × 2, and one bias or four of the normalisation."""
        self.convolution.build((*input_shape[:-1], 2))
        if self.normalisation is not None:
            self.normalisation.build((*input_shape[:-1], 1))

    def pool(self, features):
        """Mean and maximum over the channels, shape (batch, height, width, 2)."""
        mean = ops.mean(features, axis=-1, keepdims=True)
        maximum = ops.max(features, axis=-1, keepdims=True)
        return ops.concatenate([mean, maximum], axis=-1)

    def call(self, features, training: bool | None = None):
        """The attention map of the features."""
        found = self.convolution(self.pool(features))
        if self.normalisation is None:
            return found
        return ops.sigmoid(self.normalisation(found, training=training))

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """The features' shape with a single channel."""
        return (*input_shape[:-1], 1)

    def get_config(self) -> dict:
        """What is needed to build the layer again."""
        own = {"kernel_size": self.kernel_size, "use_bias": self.use_bias}
        if (
            self.normalise
        ):  # left out otherwise, so that checkpoints from before it existed stay valid
            own["normalise"] = True
        return {**super().get_config(), **own}
