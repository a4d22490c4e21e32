"""The systems of the paper's Table III, each one a builder on the same input: 48×48×1, grey 0–255.

The paper's own network, and plain VGG19, stand in `fercourse.models.vgg19`; the other
six are here. Of each the docstring says what is published, what is reconstructed and
what was chosen. `width` is the fraction of the
channels: 1 is the published network, less is what a CPU can train; such a run is
labelled with its width.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
from keras import layers, ops

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.models.network import TUNED_WIDTHS, Network
from fercourse.models.vgg19 import vgg19, vgg19_attention

INCEPTION_MODULES: dict[str, tuple[int, int, int, int, int, int]] = {
    "3a": (40, 56, 80, 8, 16, 16),
    "3b": (80, 80, 112, 16, 56, 40),
    "4a": (112, 56, 128, 8, 32, 40),
    "4b": (96, 64, 136, 16, 40, 40),
    "4c": (80, 80, 152, 16, 40, 40),
    "4d": (64, 88, 176, 16, 40, 40),
    "4e": (152, 96, 192, 16, 80, 80),
}
"""Filters of each module: 1×1; 3×3 reduced, 3×3; 5×5 reduced, 5×5; after pooling."""


@keras.saving.register_keras_serializable(package="fercourse")
class Standardise(keras.layers.Layer):
    """Gives every face mean 0 and deviation 1, whatever its light. Float, shape (batch, 48, 48, 1)."""

    def call(self, images):
        """The standardised faces; a face of one grey becomes 0."""
        mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
        deviation = ops.std(images, axis=(1, 2, 3), keepdims=True)
        return (images - mean) / ops.maximum(
            deviation, 1.0
        )  # one grey level: less is no contrast at all


def deep_emotion(*, width: float = 1.0, classes: int = len(EMOTIONS)) -> keras.Model:
    """DeepEmotion (Minaee and Abdolrashidi, 2019), small, behind a spatial transformer; 66,877 weights.

    Published: the idea, the sizes and 70.02 %. Reconstructed from public code
    (omarsayed7/Deep-Emotion, unofficial): all layers, with the transformer before the
    input; in the paper it may stand on the features. Chosen: dropout is off in the
    test, as it should be; in that code it stays on.

    Args:
        width: fraction of the channels.
        classes: neurons of the last layer.
    """
    channels = _scaled(10, width)
    faces = keras.Input((IMAGE_SIDE, IMAGE_SIDE, 1), name="faces")
    scaled = layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32", name="scale")(
        faces
    )
    x = layers.Conv2D(_scaled(8, width), 7, name="locate_conv1")(scaled)
    x = layers.ReLU(name="locate_relu1")(layers.MaxPooling2D(name="locate_pool1")(x))
    x = layers.Conv2D(channels, 5, name="locate_conv2")(x)
    x = layers.ReLU(name="locate_relu2")(layers.MaxPooling2D(name="locate_pool2")(x))
    x = layers.Flatten(name="locate_flatten")(x)
    x = layers.Dense(32, activation="relu", name="locate_fc")(x)
    # It begins by changing nothing; what to turn, shift and zoom has to be learned.
    transform = layers.Dense(
        len(IDENTITY), kernel_initializer="zeros", dtype="float32", name="turn"
    )(x)
    transform = layers.Rescaling(
        1.0, offset=IDENTITY, dtype="float32", name="from_identity"
    )(transform)
    x = SpatialTransformer(dtype="float32", name="spatial_transformer")(
        [scaled, transform]
    )
    x = layers.Conv2D(channels, 3, activation="relu", name="conv1")(x)
    x = layers.Conv2D(channels, 3, name="conv2")(x)
    x = layers.ReLU(name="relu2")(layers.MaxPooling2D(name="pool2")(x))
    x = layers.Conv2D(channels, 3, activation="relu", name="conv3")(x)
    x = layers.Conv2D(channels, 3, name="conv4")(x)
    x = layers.BatchNormalization(momentum=0.9, name="conv4_bn")(x)
    x = layers.ReLU(name="relu4")(layers.MaxPooling2D(name="pool4")(x))
    x = layers.Dropout(0.5, name="dropout")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(50, activation="relu", name="fc")(x)
    return _classified(faces, x, classes, "deep_emotion")


def inception(
    *, width: float = 1.0, dropout: float = 0.4, classes: int = len(EMOTIONS)
) -> keras.Model:
    """Inception (Pramerdorfer and Kampel, 2016): seven GoogLeNet modules; 1,209,735 weights.

    Published: GoogLeNet's modules, depth 16, and 71.6 %. Reconstructed: the filters,
    which fit the depth and the 1.2 million weights that are remembered of the paper;
    neither is confirmed. Chosen: every face standardised (theirs were
    histogram-equalised), the dropout.

    Args:
        width: fraction of the channels.
        dropout: fraction of the averaged features dropped in training.
        classes: neurons of the last layer.
    """
    faces, x = _standardised_faces()
    x = _conv(x, _scaled(40, width), 3, "stem")
    x = layers.MaxPooling2D(name="pool2")(x)
    for name, filters in INCEPTION_MODULES.items():
        if name == "4a":
            x = layers.MaxPooling2D(name="pool3")(x)
        x = _inception_module(x, [_scaled(count, width) for count in filters], name)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return _classified(faces, x, classes, "inception")


def tuned_cnn(
    *,
    widths: Sequence[int] = TUNED_WIDTHS,
    dropout: float = 0.4,
    units: int = 256,
    width: float = 1.0,
    classes: int = len(EMOTIONS),
) -> keras.Model:
    """A plain CNN found by random search (Vulpe-Grigorași and Grigore, 2021); 4,678,983 weights.

    Published: that a random search over such a network gave 72.16 %; which, on which
    split, is behind a paywall. Reconstructed: the defaults are those of a
    re-implementation that cites it (YianKim/2022_PythonStudy_face_emotion_recognition),
    which reached 67 to 68 %. `python -m fercourse search` does the search itself.

    Args:
        widths: filters of the five convolutions.
        dropout: fraction dropped after each pooling in training; the dense layer drops
            0.1 less.
        units: neurons of the hidden dense layer.
        width: fraction of the channels of all layers.
        classes: neurons of the last layer.
    """
    faces = keras.Input((IMAGE_SIDE, IMAGE_SIDE, 1), name="faces")
    x = layers.Rescaling(1 / 255, dtype="float32", name="scale")(faces)
    for number, filters in enumerate(widths, start=1):
        x = layers.Conv2D(
            _scaled(filters, width),
            3,
            padding="valid" if number == 1 else "same",
            activation="relu",
            kernel_regularizer=keras.regularizers.L2(0.01) if number == 1 else None,
            name=f"conv{number}",
        )(x)
        if number > 1:
            x = layers.BatchNormalization(momentum=0.9, name=f"conv{number}_bn")(x)
            x = layers.MaxPooling2D(name=f"pool{number}")(x)
            x = layers.Dropout(dropout, name=f"dropout{number}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(_scaled(units, width), activation="relu", name="fc")(x)
    x = layers.BatchNormalization(momentum=0.9, name="fc_bn")(x)
    x = layers.Dropout(max(dropout - 0.1, 0.0), name="fc_dropout")(x)
    return _classified(faces, x, classes, "tuned_cnn")


def resnet(
    *, width: float = 1.0, dropout: float = 0.4, classes: int = len(EMOTIONS)
) -> keras.Model:
    """ResNet-34 at half of its filters (Pramerdorfer and Kampel, 2016); 5,325,159 weights.

    Published: ResNet-34, depth 33, and 72.4 %. Reconstructed: 3, 4, 6 and 3 blocks of
    32, 64, 128 and 256 filters behind a 3×3 stem, which fit the 5.3 million weights
    that are remembered of the paper. Chosen: every face standardised (theirs were
    histogram-equalised), the dropout.

    Args:
        width: fraction of the channels.
        dropout: fraction of the averaged features dropped in training.
        classes: neurons of the last layer.
    """
    faces, x = _standardised_faces()
    x = _conv(x, _scaled(32, width), 3, "stem")
    for stage, (blocks, filters) in enumerate(
        ((3, 32), (4, 64), (6, 128), (3, 256)), start=1
    ):
        for block in range(1, blocks + 1):
            strides = 2 if block == 1 and stage > 1 else 1
            x = _residual_block(
                x, _scaled(filters, width), strides, f"stage{stage}_block{block}"
            )
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return _classified(faces, x, classes, "resnet")


def vgg(
    *, width: float = 1.0, dropout: float = 0.25, classes: int = len(EMOTIONS)
) -> keras.Model:
    """A VGG of depth 10 (Pramerdorfer and Kampel, 2016); 1,765,479 weights.

    Published: VGG, depth 10, and 72.7 %. Reconstructed: four stages of two
    convolutions, 32 to 256 filters, and one hidden layer of 256, which fit the 1.8
    million weights that are remembered of the paper. Chosen: every face standardised
    (theirs were histogram-equalised), the dropouts.

    Args:
        width: fraction of the channels.
        dropout: fraction dropped after each stage in training; before the last layer it
            is twice that.
        classes: neurons of the last layer.
    """
    faces, x = _standardised_faces()
    for stage, filters in enumerate((32, 64, 128, 256), start=1):
        x = _conv(x, _scaled(filters, width), 3, f"stage{stage}_conv1", bias=True)
        x = _conv(x, _scaled(filters, width), 3, f"stage{stage}_conv2", bias=True)
        x = layers.MaxPooling2D(name=f"pool{stage}")(x)
        x = layers.Dropout(dropout, name=f"dropout{stage}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(_scaled(256, width), activation="relu", name="fc")(x)
    x = layers.Dropout(2 * dropout, name="dropout")(x)
    return _classified(faces, x, classes, "vgg")


def vggnet(
    *, width: float = 1.0, dropout: float = 0.2, classes: int = len(EMOTIONS)
) -> keras.Model:
    """VGGnet (Khaireddin and Chen, 2021): eight convolutions on a 40×40 crop; 29,890,759 weights.

    Published with its code (usef-kh/fer): all layers, and 73.28 %, which is a
    PublicTest figure. The crop is the middle of the face; training and test look at ten
    crops, the four corners too, by moving the face behind it (`Recipe.train_views`,
    `Recipe.views`).

    Args:
        width: fraction of the channels.
        dropout: fraction dropped after each hidden dense layer in training.
        classes: neurons of the last layer.
    """
    faces = keras.Input((IMAGE_SIDE, IMAGE_SIDE, 1), name="faces")
    x = layers.CenterCrop(40, 40, dtype="float32", name="crop")(faces)
    x = layers.Rescaling(1 / 255, dtype="float32", name="scale")(x)
    for stage, filters in enumerate((64, 128, 256, 512), start=1):
        x = _conv(x, _scaled(filters, width), 3, f"stage{stage}_conv1", bias=True)
        x = _conv(x, _scaled(filters, width), 3, f"stage{stage}_conv2", bias=True)
        x = layers.MaxPooling2D(name=f"pool{stage}")(x)
    x = layers.Flatten(name="flatten")(x)
    for number in (1, 2):
        x = layers.Dense(_scaled(4096, width), name=f"fc{number}")(x)
        x = layers.ReLU(name=f"fc{number}_relu")(
            layers.Dropout(dropout, name=f"dropout{number}")(x)
        )
    return _classified(faces, x, classes, "vggnet")


SYSTEMS: dict[str, Callable[..., keras.Model]] = {
    "deep_emotion": deep_emotion,
    "inception": inception,
    "tuned_cnn": tuned_cnn,
    "resnet": resnet,
    "vgg": vgg,
    "vggnet": vggnet,
    "vgg19": vgg19,
    "vgg19_attention": vgg19_attention,
}
"""Every system that can be built, by name, in the order of Table III; plain VGG19 stands beside it."""


def build_model(configuration: Mapping[str, Any] | Network) -> keras.Model:
    """The model that a configuration describes.

    Args:
        configuration: `system`, a name of `SYSTEMS`, and arguments of its builder.

    Raises:
        ValueError: the system is unknown, or as its builder raises.
    """
    if not isinstance(configuration, Network):
        configuration = Network.from_dict(configuration)
    return SYSTEMS[configuration.system](**configuration.arguments)


def _standardised_faces():
    """The input, and every face of it standardised."""
    faces = keras.Input((IMAGE_SIDE, IMAGE_SIDE, 1), name="faces")
    return faces, Standardise(dtype="float32", name="standardise")(faces)


def _scaled(count: int, width: float) -> int:
    if not 0 < width <= 1:
        raise ValueError(f"width is {width}; expected a fraction above 0 and up to 1.")
    return max(round(count * width), 1)


def _conv(
    x,
    filters: int,
    kernel_size: int,
    name: str,
    strides: int = 1,
    relu: bool = True,
    bias: bool = False,
):
    """Convolution, batch normalisation, and ReLU."""
    x = layers.Conv2D(
        filters, kernel_size, strides, padding="same", use_bias=bias, name=name
    )(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if relu else x


def _inception_module(x, filters: Sequence[int], name: str):
    """Four ways through a GoogLeNet module, side by side (Szegedy et al., 2015, figure 2b)."""
    one, reduced3, three, reduced5, five, pooled = filters
    pool = layers.MaxPooling2D(3, strides=1, padding="same", name=f"{name}_pool")(x)
    ways = [
        _conv(x, one, 1, f"{name}_1x1"),
        _conv(_conv(x, reduced3, 1, f"{name}_3x3_reduce"), three, 3, f"{name}_3x3"),
        _conv(_conv(x, reduced5, 1, f"{name}_5x5_reduce"), five, 5, f"{name}_5x5"),
        _conv(pool, pooled, 1, f"{name}_pool_1x1"),
    ]
    return layers.Concatenate(name=f"{name}_concat")(ways)


def _residual_block(x, filters: int, strides: int, name: str):
    """Two convolutions, and a way past them (He et al., 2016, figure 2)."""
    y = _conv(x, filters, 3, f"{name}_conv1", strides)
    y = _conv(y, filters, 3, f"{name}_conv2", relu=False)
    if strides > 1:
        # Every second place is picked here, not by the convolution: below 16 channels
        # oneDNN's strided 1×1 convolution writes beyond its memory in training
        # (github.com/uxlfoundation/oneDNN/issues/6035).
        x = layers.MaxPooling2D(1, strides, name=f"{name}_pick")(x)
    if x.shape[-1] != filters:
        x = _conv(x, filters, 1, f"{name}_past", relu=False)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


def _classified(faces, features, classes: int, name: str) -> keras.Model:
    # In mixed precision the probabilities must not be rounded to 16 bits: the loss
    # takes their logarithm.
    probabilities = layers.Dense(
        classes, activation="softmax", dtype="float32", name="predictions"
    )(features)
    return keras.Model(faces, probabilities, name=name)


IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
"""The six numbers of the affine transform that changes nothing, row by row."""


def affine_grid(transforms, height: int, width: int):
    """Where each pixel of the result comes from (Jaderberg et al., 2015, equation 1).

    Args:
        transforms: float, shape (batch, 6), the two rows of each affine transform.
            Places are measured from the middle of the picture, which reaches from −1 to
            1 in both directions.
        height: of the result, in pixels.
        width: of the result, in pixels.

    Returns:
        Two arrays, float, shape (batch, height, width): x and y, −1 to 1 inside the
        picture.
    """
    y, x = ops.meshgrid(
        ops.linspace(-1.0, 1.0, height), ops.linspace(-1.0, 1.0, width), indexing="ij"
    )
    t = [ops.cast(transforms[:, i], "float32")[:, None, None] for i in range(6)]
    return t[0] * x + t[1] * y + t[2], t[3] * x + t[4] * y + t[5]


def bilinear_sample(images, x, y):
    """The pictures' grey values at places between their pixels; nought outside (the same, equation 5).

    Written in `keras.ops`, so that it has a gradient for the pictures and for the
    places on every backend; `keras.ops.image.affine_transform` has none for the places
    on TensorFlow.

    Args:
        images: float, shape (batch, height, width, channels).
        x: float, shape (batch, rows, columns), −1 (the left pixels' middle) to 1 (the
            right pixels').
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
            inside = (
                (corner_x >= 0)
                & (corner_x <= width - 1)
                & (corner_y >= 0)
                & (corner_y <= height - 1)
            )
            place = ops.clip(corner_y, 0, height - 1) * width + ops.clip(
                corner_x, 0, width - 1
            )
            index = ops.reshape(ops.cast(place, "int32"), (-1, rows * columns, 1))
            value = ops.reshape(
                ops.take_along_axis(flat, index, axis=1), (-1, rows, columns, channels)
            )
            weight = ops.cast(inside, "float32") * weight_x * weight_y
            total = total + ops.cast(weight, value.dtype)[..., None] * value
    return total


@keras.saving.register_keras_serializable(package="fercourse")
class SpatialTransformer(keras.layers.Layer):
    """Shows pictures as affine transforms turn, shift and zoom them (Jaderberg et al., 2015).

    Input: pictures, float, shape (batch, height, width, channels), and transforms,
    shape (batch, 6).
    Output: float, shape (batch, height, width, channels).
    """

    def call(self, inputs):
        """The transformed pictures."""
        images, transforms = inputs
        return bilinear_sample(images, *affine_grid(transforms, *images.shape[1:3]))

    def compute_output_shape(self, input_shape):
        """The pictures' shape."""
        return input_shape[0]
