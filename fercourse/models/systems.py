"""The systems of Table III, a builder each, on faces of 48×48×1, grey 0–255.

The paper's own network and plain VGG19 are in `fercourse.models.vgg19`; here are the
other six. Each docstring says what is published, what is reconstructed and what was
chosen. `width` is the fraction of the channels: 1 is the published network, and less is
what a CPU can train.
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

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
"""The six numbers of the affine transform that changes nothing, row by row."""


def deep_emotion(*, width: float = 1.0, classes: int = len(EMOTIONS)) -> keras.Model:
    """DeepEmotion (Minaee and Abdolrashidi, 2019), a small CNN; 66,877 weights.

    Published: a spatial transformer, the sizes and 70.02 %. Reconstructed from public
    code (omarsayed7/Deep-Emotion, unofficial): all layers, with the transformer on the
    input; in the paper it may be on the features. Chosen: no dropout in the test; that
    code leaves it on.
    """
    channels = _scaled(10, width)
    faces = _faces()
    scaled = layers.Rescaling(1 / 127.5, -1.0, dtype="float32", name="scale")(faces)
    # The localisation network sees the face and says how to transform it: (batch, 6).
    x = layers.Conv2D(_scaled(8, width), 7, name="locate_conv1")(scaled)
    x = layers.ReLU(name="locate_relu1")(layers.MaxPooling2D(name="locate_pool1")(x))
    x = layers.Conv2D(channels, 5, name="locate_conv2")(x)
    x = layers.ReLU(name="locate_relu2")(layers.MaxPooling2D(name="locate_pool2")(x))
    x = layers.Flatten(name="locate_flatten")(x)
    x = layers.Dense(32, activation="relu", name="locate_fc")(x)
    # Zero weights plus the identity: it begins by changing nothing.
    transform = layers.Dense(
        len(IDENTITY), kernel_initializer="zeros", dtype="float32", name="turn"
    )(x)
    from_identity = layers.Rescaling(
        1.0, offset=IDENTITY, dtype="float32", name="from_identity"
    )
    transformer = SpatialTransformer(dtype="float32", name="spatial_transformer")
    x = transformer([scaled, from_identity(transform)])  # (batch, 48, 48, 1)
    for first, second in ((1, 2), (3, 4)):
        x = layers.Conv2D(channels, 3, activation="relu", name=f"conv{first}")(x)
        x = layers.Conv2D(channels, 3, name=f"conv{second}")(x)
        if second == 4:
            x = layers.BatchNormalization(momentum=0.9, name="conv4_bn")(x)
        x = layers.MaxPooling2D(name=f"pool{second}")(x)
        x = layers.ReLU(name=f"relu{second}")(x)
    x = layers.Dropout(0.5, name="dropout")(x)
    x = layers.Flatten(name="flatten")(x)  # 9·9·channels
    x = layers.Dense(50, activation="relu", name="fc")(x)
    return _classifier(faces, x, classes, "deep_emotion")


def inception(
    *, width: float = 1.0, dropout: float = 0.4, classes: int = len(EMOTIONS)
) -> keras.Model:
    """Inception (Pramerdorfer and Kampel, 2016), of 7 modules; 1,209,735 weights.

    Published: GoogLeNet's modules, depth 16, and 71.6 %. Reconstructed: the filters,
    which fit the depth and the 1.2 million weights that others remember of the paper;
    neither is confirmed. Chosen: every face standardised (theirs were
    histogram-equalised), the dropout.
    """
    faces = _faces()
    x = Standardise(dtype="float32", name="standardise")(faces)
    x = _conv(x, _scaled(40, width), 3, "stem")  # (batch, 48, 48, 40)
    x = layers.MaxPooling2D(name="pool2")(x)
    for name, filters in INCEPTION_MODULES.items():
        if name == "4a":  # 3a and 3b work on 24 × 24 places, 4a to 4e on 12 × 12
            x = layers.MaxPooling2D(name="pool3")(x)
        x = _inception_module(x, [_scaled(count, width) for count in filters], name)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return _classifier(faces, x, classes, "inception")


def tuned_cnn(
    *,
    widths: Sequence[int] = TUNED_WIDTHS,
    dropout: float = 0.4,
    units: int = 256,
    width: float = 1.0,
    classes: int = len(EMOTIONS),
) -> keras.Model:
    """A CNN found by search (Vulpe-Grigorași and Grigore, 2021); 4,678,983 weights.

    Published: that a random search over such a network gave 72.16 %; which network, and
    on which split, is behind a paywall. Reconstructed: the defaults are those of a
    re-implementation that cites it (YianKim/2022_PythonStudy_face_emotion_recognition),
    which reached 67 to 68 %, the mean of 30 passes with dropout on. `python -m
    fercourse search` does the search itself.

    Args:
        widths: filters of the five convolutions.
        dropout: after each pooling; the dense layer has 0.1 less.
    """
    faces = _faces()
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
        if number > 1:  # the grid: 46, 23, 11, 5, 2
            x = layers.BatchNormalization(momentum=0.9, name=f"conv{number}_bn")(x)
            x = layers.MaxPooling2D(name=f"pool{number}")(x)
            x = layers.Dropout(dropout, name=f"dropout{number}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(_scaled(units, width), activation="relu", name="fc")(x)
    x = layers.BatchNormalization(momentum=0.9, name="fc_bn")(x)
    x = layers.Dropout(max(dropout - 0.1, 0.0), name="fc_dropout")(x)
    return _classifier(faces, x, classes, "tuned_cnn")


def resnet(
    *, width: float = 1.0, dropout: float = 0.4, classes: int = len(EMOTIONS)
) -> keras.Model:
    """ResNet-34 of half the width (Pramerdorfer and Kampel, 2016); 5,325,159 weights.

    Published: ResNet-34, depth 33, and 72.4 %. Reconstructed: 3, 4, 6 and 3 blocks of
    32, 64, 128 and 256 filters after a 3×3 stem, which fit the 5.3 million weights that
    others remember of the paper. Chosen: every face standardised (theirs were
    histogram-equalised), the dropout.
    """
    faces = _faces()
    x = Standardise(dtype="float32", name="standardise")(faces)
    x = _conv(x, _scaled(32, width), 3, "stem")
    stages = ((3, 32), (4, 64), (6, 128), (3, 256))  # blocks and filters
    for stage, (blocks, filters) in enumerate(stages, start=1):
        for block in range(1, blocks + 1):
            # Each stage but the first halves the grid: 48, 24, 12, 6.
            strides = 2 if block == 1 and stage > 1 else 1
            name = f"stage{stage}_block{block}"
            x = _residual_block(x, _scaled(filters, width), strides, name)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return _classifier(faces, x, classes, "resnet")


def vgg(
    *, width: float = 1.0, dropout: float = 0.25, classes: int = len(EMOTIONS)
) -> keras.Model:
    """A VGG of depth 10 (Pramerdorfer and Kampel, 2016); 1,765,479 weights.

    Published: VGG, depth 10, and 72.7 %. Reconstructed: four stages of two
    convolutions, 32 to 256 filters, and one hidden layer of 256, which fit the 1.8
    million weights that others remember of the paper. Chosen: every face standardised
    (theirs were histogram-equalised), the dropouts.

    Args:
        dropout: after each stage; before the last layer it is twice that.
    """
    faces = _faces()
    x = Standardise(dtype="float32", name="standardise")(faces)
    for stage, filters in enumerate((32, 64, 128, 256), start=1):
        x = _vgg_stage(x, _scaled(filters, width), stage)
        x = layers.Dropout(dropout, name=f"dropout{stage}")(x)
    x = layers.Flatten(name="flatten")(x)  # 3·3·256 numbers
    x = layers.Dense(_scaled(256, width), activation="relu", name="fc")(x)
    x = layers.Dropout(2 * dropout, name="dropout")(x)
    return _classifier(faces, x, classes, "vgg")


def vggnet(
    *, width: float = 1.0, dropout: float = 0.2, classes: int = len(EMOTIONS)
) -> keras.Model:
    """VGGnet (Khaireddin and Chen, 2021): eight convolutions; 29,890,759 weights.

    Published with its code (usef-kh/fer): all layers, and 73.28 %, which is a
    PublicTest figure. It sees the middle 40×40 pixels; training and test look at ten
    crops, the four corners too, by moving the face under this window
    (`Recipe.train_views`, `Recipe.views`).

    Args:
        dropout: after each hidden dense layer.
    """
    faces = _faces()
    x = layers.CenterCrop(40, 40, dtype="float32", name="crop")(faces)
    x = layers.Rescaling(1 / 255, dtype="float32", name="scale")(x)
    for stage, filters in enumerate((64, 128, 256, 512), start=1):
        x = _vgg_stage(x, _scaled(filters, width), stage)
    x = layers.Flatten(name="flatten")(x)  # 2·2·512 numbers
    for number in (1, 2):
        x = layers.Dense(_scaled(4096, width), name=f"fc{number}")(x)
        x = layers.Dropout(dropout, name=f"dropout{number}")(x)
        x = layers.ReLU(name=f"fc{number}_relu")(x)
    return _classifier(faces, x, classes, "vggnet")


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
"""The builder of every system, in the order of Table III, which lacks plain VGG19."""


def build_model(configuration: Mapping[str, Any] | Network) -> keras.Model:
    """The model that a configuration describes: a system and arguments of its builder.

    Example: `model = fc.build_model({"system": "resnet", "width": 0.25})`.

    Raises:
        ValueError: the system is unknown, or as its builder raises.
    """
    if not isinstance(configuration, Network):
        configuration = Network.from_dict(configuration)
    return SYSTEMS[configuration.system](**configuration.arguments)


# Parts of the networks


def _faces():
    return keras.Input((IMAGE_SIDE, IMAGE_SIDE, 1), name="faces")


def _classifier(faces, features, classes: int, name: str) -> keras.Model:
    # float32 in mixed precision too: the loss takes the logarithm of the probabilities.
    probabilities = layers.Dense(
        classes, activation="softmax", dtype="float32", name="predictions"
    )(features)
    return keras.Model(faces, probabilities, name=name)


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


def _vgg_stage(x, filters: int, stage: int):
    """Two 3×3 convolutions, and a pooling layer that halves the grid."""
    x = _conv(x, filters, 3, f"stage{stage}_conv1", bias=True)
    x = _conv(x, filters, 3, f"stage{stage}_conv2", bias=True)
    return layers.MaxPooling2D(name=f"pool{stage}")(x)


def _inception_module(x, filters: Sequence[int], name: str):
    """Four parallel ways, a GoogLeNet module (Szegedy et al., 2015, figure 2b)."""
    one, reduced3, three, reduced5, five, pooled = filters
    pool = layers.MaxPooling2D(3, strides=1, padding="same", name=f"{name}_pool")(x)
    # 1×1 convolutions reduce the channels before the costly 3×3 and 5×5 ones.
    ways = [
        _conv(x, one, 1, f"{name}_1x1"),
        _conv(_conv(x, reduced3, 1, f"{name}_3x3_reduce"), three, 3, f"{name}_3x3"),
        _conv(_conv(x, reduced5, 1, f"{name}_5x5_reduce"), five, 5, f"{name}_5x5"),
        _conv(pool, pooled, 1, f"{name}_pool_1x1"),
    ]
    # (batch, grid, grid, one + three + five + pooled)
    return layers.Concatenate(name=f"{name}_concat")(ways)


def _residual_block(x, filters: int, strides: int, name: str):
    """ReLU(x + two convolutions of x) (He et al., 2016, figure 2)."""
    y = _conv(x, filters, 3, f"{name}_conv1", strides)
    y = _conv(y, filters, 3, f"{name}_conv2", relu=False)
    # The shortcut takes the shape of y.
    if strides > 1:
        # A pooling layer of 1×1 picks every second place, not a strided convolution:
        # below 16 channels oneDNN's writes beyond its memory in training
        # (github.com/uxlfoundation/oneDNN/issues/6035).
        x = layers.MaxPooling2D(1, strides, name=f"{name}_pick")(x)
    if x.shape[-1] != filters:
        x = _conv(x, filters, 1, f"{name}_past", relu=False)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


@keras.saving.register_keras_serializable(package="fercourse")
class Standardise(keras.layers.Layer):
    """Gives each face, (batch, 48, 48, 1), mean 0 and deviation 1 in any light."""

    def call(self, images):
        """The standardised faces; a face of a single grey becomes 0."""
        mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)  # (batch, 1, 1, 1)
        deviation = ops.std(images, axis=(1, 2, 3), keepdims=True)
        # A deviation below one grey level is no contrast at all.
        return (images - mean) / ops.maximum(deviation, 1.0)


# The spatial transformer (Jaderberg et al., 2015)


def affine_grid(transforms, height: int, width: int):
    """Where each pixel of the result comes from (Jaderberg et al., 2015, equation 1).

    Args:
        transforms: float, shape (batch, 6), the two rows of each affine transform. The
            picture reaches from −1 to 1 in both directions.
        height: of the result, in pixels.
        width: of the result, in pixels.

    Returns:
        x and y, float, both of shape (batch, height, width).
    """
    # Two grids of shape (height, width): the coordinates of the result's pixels.
    y, x = ops.meshgrid(
        ops.linspace(-1.0, 1.0, height), ops.linspace(-1.0, 1.0, width), indexing="ij"
    )
    # Six arrays of shape (batch, 1, 1): every face has its own transform.
    t = [ops.cast(transforms[:, i], "float32")[:, None, None] for i in range(6)]
    return t[0] * x + t[1] * y + t[2], t[3] * x + t[4] * y + t[5]


def bilinear_sample(images, x, y):
    """Grey values between pixels; zero outside (Jaderberg et al., 2015, equation 5).

    Written in `keras.ops`, so it has a gradient for the pictures and for the
    coordinates on every backend; `keras.ops.image.affine_transform` has none for the
    coordinates on TensorFlow.

    Args:
        images: float, shape (batch, height, width, channels).
        x: float, shape (batch, rows, columns), −1 at the middle of the leftmost pixels,
            1 at that of the rightmost.
        y: the same from top to bottom.

    Returns:
        float, shape (batch, rows, columns, channels).
    """
    height, width, channels = images.shape[1:]
    rows, columns = x.shape[1:]
    flat = ops.reshape(images, (-1, height * width, channels))
    # From −1 … 1 to pixels, 0 … width − 1
    x, y = (x + 1) * (width - 1) / 2, (y + 1) * (height - 1) / 2
    left, top = ops.floor(x), ops.floor(y)
    total = 0.0
    # The four pixels around each place, weighted by how near they are.
    for corner_x, weight_x in ((left, left + 1 - x), (left + 1, x - left)):
        for corner_y, weight_y in ((top, top + 1 - y), (top + 1, y - top)):
            in_columns = (corner_x >= 0) & (corner_x <= width - 1)
            inside = in_columns & (corner_y >= 0) & (corner_y <= height - 1)
            # The pixel's number, row by row. Outside, any pixel does: its weight is 0.
            row = ops.clip(corner_y, 0, height - 1)
            number = row * width + ops.clip(corner_x, 0, width - 1)
            index = ops.reshape(ops.cast(number, "int32"), (-1, rows * columns, 1))
            value = ops.take_along_axis(flat, index, axis=1)
            value = ops.reshape(value, (-1, rows, columns, channels))
            weight = ops.cast(inside, "float32") * weight_x * weight_y
            total = total + ops.cast(weight, value.dtype)[..., None] * value
    return total


@keras.saving.register_keras_serializable(package="fercourse")
class SpatialTransformer(keras.layers.Layer):
    """Shows pictures as affine transforms turn, shift and zoom them.

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
