"""The paper's two networks: VGG19, and VGG19 with spatial attention (Tables I and II).

Every model takes 48×48×1 grey values 0–255, as they are in FER2013, and does its own
resizing and normalising. It answers with seven probabilities, in the order of
`fercourse.data.faces.EMOTIONS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
from keras import layers

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.models.attention import SpatialAttention
from fercourse.models.network import Network
from fercourse.models.weights import load_imagenet_weights

BLOCKS: tuple[tuple[int, int], ...] = ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512))
"""Convolutions and filters of each block (Simonyan and Zisserman, 2014; Table II)."""

POOLS: tuple[str, ...] = tuple(f"block{block}_pool" for block in range(1, 6))
"""The five places where the attention block can be: after each pooling layer."""

COMBINE: tuple[str, ...] = ("concat", "multiply", "residual", "gate")
"""How the map is used: appended to the last features (the paper), or multiplied with
the features at its place, as it is (CBAM), as 1 + map (the Residual Masking Network,
Pham et al., 2020), or as 2 · map, a gate from 0 to 2."""

HEADS: tuple[str, ...] = ("flatten", "mean_max", "pooled")
"""What follows the features: a dense layer of 4,096 on all of them (the paper), or one
of 512 on their mean and maximum over the grid. "pooled" is the latter with batch
normalisation, which a stored run shows to be a mistake; it is kept for that run."""

IMAGENET_MEANS_BGR = (103.939, 116.779, 123.68)
"""Mean blue, green and red of ImageNet, subtracted as when VGG19 was trained."""

Units = int | Sequence[int] | None


def vgg19(
    *,
    size: int = 224,
    weights: str | Path | None = "imagenet",
    width: float = 1.0,
    dropout: float = 0.5,
    units: Units = None,
    classes: int = len(EMOTIONS),
    head: str = "flatten",
    feature_scale: float = 1.0,
) -> keras.Model:
    """VGG19 (Table II) on grey faces.

    Example: `model = fc.vgg19(size=48, weights=None, width=0.25)`.

    Args:
        size: side in pixels to which faces are enlarged; 224 in the paper, at least 32.
        weights: "imagenet" for Keras's own weights (or those that
            `FERCOURSE_VGG19_WEIGHTS` points to), the path of a weights file of
            `keras.applications.VGG19(include_top=False)`, or None for random weights.
        width: fraction of VGG19's channels. Below 1, batch normalisation follows every
            convolution, since nothing pretrained fits.
        dropout: fraction of the head's inputs dropped in training (not stated in the
            paper); with `head="mean_max"` of each hidden layer's outputs instead.
        units: neurons of the hidden dense layer, or of several; by default 4096·width
            (Table I), or 512·width with the other heads. Table II itself is
            `units=(4096, 4096), classes=1000, dropout=0`.
        head: one of `HEADS`. "mean_max" has 528,391 parameters in place of the paper's
            102.8 million.
        feature_scale: factor on the features before the head. Those of ImageNet weights
            reach 100 and more on faces, so that a new dense layer begins with a loss
            of 10; 0.05 makes them small. For Adam it is the same as a first kernel
            that is smaller by this factor and learns at a rate smaller by it.

    Returns:
        A model from float (batch, 48, 48, 1), grey 0–255, to float32 probabilities,
        (batch, classes).

    Raises:
        ValueError: an argument out of range, or "imagenet" for a width other than 1.
        FileNotFoundError: the weights file is missing.
        OSError: Keras's weights cannot be downloaded.
    """
    units = tuple(units) if isinstance(units, Sequence) else units
    network = Network(
        "vgg19", size=size, width=width,
        dropout=dropout, units=units, classes=classes, head=head,
        feature_scale=feature_scale,
    )  # fmt: skip
    return _build(network, weights)


def vgg19_attention(
    after: str | Sequence[str] = "block5_pool",
    combine: str = "concat",
    *,
    kernel_size: int = 7,
    size: int = 224,
    weights: str | Path | None = "imagenet",
    width: float = 1.0,
    dropout: float = 0.5,
    units: Units = None,
    classes: int = len(EMOTIONS),
    head: str = "flatten",
    normalise_map: bool = False,
    feature_scale: float = 1.0,
) -> keras.Model:
    """VGG19 with spatial attention; by default Table I, 123,018,410 parameters.

    Example: `model = fc.vgg19_attention("block4_pool", "multiply", weights=None)`.

    Args:
        after: one of `POOLS`, or several: the attention block follows each.
        combine: one of `COMBINE`. "concat" averages the map down to the last grid and
            appends it to the last features, so the head keeps the paper's form.
        kernel_size: side of the attention convolution's window, in grid cells.
        normalise_map: batch normalisation before the map's sigmoid, see
            `SpatialAttention`: 102 parameters a block instead of 99. The map begins at
            0.5 everywhere, so that with "gate" the block begins by changing nothing.

    Returns:
        A model like that of `vgg19`, which explains the other arguments and errors. The
        layer `block5_attention` gives the map.

    Raises:
        ValueError: `after` or `combine` is unknown, or as in `vgg19`.
    """
    places = (after,) if isinstance(after, str) else tuple(after)
    units = tuple(units) if isinstance(units, Sequence) else units
    network = Network(
        "vgg19_attention", places, combine, kernel_size, size, width=width,
        dropout=dropout, units=units, classes=classes, head=head,
        normalise_map=normalise_map, feature_scale=feature_scale,
    )  # fmt: skip
    return _build(network, weights)


def _build(network: Network, weights: str | Path | None) -> keras.Model:
    _check_arguments(network, weights)
    faces = keras.Input((IMAGE_SIDE, IMAGE_SIDE, 1), name="faces")
    x = _prepared(faces, network.size)  # (batch, size, size, 3)
    x = _features(x, network)  # (batch, grid, grid, channels); 7, 7, 513 in Table I
    if network.feature_scale != 1:
        x = layers.Rescaling(network.feature_scale, name="feature_scale")(x)
    x = _HEADS[network.head](x, network)
    # float32 in mixed precision too: the loss takes the logarithm of the probabilities.
    probabilities = layers.Dense(
        network.classes, activation="softmax", dtype="float32", name="predictions"
    )(x)
    model = keras.Model(faces, probabilities, name=network.system)
    if weights is not None:
        load_imagenet_weights(model, weights)
    return model


def _prepared(faces, size: int):
    """Enlarged, in three channels, as ImageNet networks expect their input."""
    x = faces
    # In 32 bits under every precision; the convolutions round the pixels if they must.
    if size != IMAGE_SIDE:
        x = layers.Resizing(
            size, size, interpolation="bicubic", dtype="float32", name="enlarge"
        )(x)
    # Grey is the same in blue, green and red: (batch, size, size, 1) to (…, 3).
    x = layers.Concatenate(dtype="float32", name="grey_to_bgr")([x, x, x])
    return layers.Normalization(
        mean=IMAGENET_MEANS_BGR, variance=(1.0, 1.0, 1.0), dtype="float32",
        name="subtract_means",
    )(x)  # fmt: skip


def _features(x, network: Network):
    """The features after block 5, with the maps appended if the network says so."""
    maps = {}
    for block, (convolutions, filters) in enumerate(BLOCKS, start=1):
        channels, name = round(filters * network.width), f"block{block}"
        for number in range(1, convolutions + 1):
            x = _convolution(x, channels, network.width < 1, f"{name}_conv{number}")
        # Each pooling layer halves the grid: 112, 56, 28, 14, 7 places at 224 pixels.
        x = layers.MaxPooling2D(pool_size=2, strides=2, name=f"{name}_pool")(x)
        if f"{name}_pool" in network.after:
            attention = SpatialAttention(
                network.kernel_size,
                normalise=network.normalise_map,
                name=f"{name}_attention",
            )
            maps[name] = attention(x)  # (batch, grid, grid, 1), rows 2 to 5 of Table I
            x = _gate(x, maps[name], network, name)
    if maps and network.combine == "concat":
        # Row 6 of Table I: 512 features and 1 map are 513 channels.
        on_last_grid = [_to_grid(map_, x, name) for name, map_ in maps.items()]
        x = layers.Concatenate(name="append_map")([x, *on_last_grid])
    return x


def _convolution(x, filters: int, normalise: bool, name: str):
    """3×3 and ReLU: the grid stays, (batch, grid, grid, filters)."""
    if not normalise:
        return layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(
            x
        )
    # Batch normalisation brings its own offset, so the convolution needs none.
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
    return layers.Activation("relu", name=f"{name}_relu")(x)


def _gate(features, attention_map, network: Network, name: str):
    """The features weighted by their map; with "concat" as they are."""
    if network.combine == "concat":
        return features
    gate = attention_map
    if network.combine == "gate":
        # From (0, 1) to (0, 2): a map of 0.5 everywhere then changes nothing.
        gate = layers.Rescaling(2.0, name=f"{name}_doubled")(gate)
    # (batch, grid, grid, channels) · (batch, grid, grid, 1): one map for all channels.
    gated = layers.Multiply(name=f"{name}_multiply")([features, gate])
    if network.combine != "residual":
        return gated
    return layers.Add(name=f"{name}_residual")([features, gated])  # x·(1 + m)


def _to_grid(attention_map, features, name: str):
    """The map averaged down to the grid of the features."""
    factor = attention_map.shape[1] // features.shape[1]
    if factor == 1:
        return attention_map
    return layers.AveragePooling2D(factor, name=f"{name}_map_to_last_grid")(
        attention_map
    )


def _flatten_head(x, network: Network):
    """Table I: 7·7·513 = 25,137 numbers into a dense layer of 4,096."""
    x = layers.Flatten(name="flatten")(x)  # (batch, grid·grid·channels)
    x = layers.Dropout(network.dropout, name="dropout")(x)
    for number, neurons in enumerate(hidden_units(network), start=1):
        x = layers.Dense(neurons, activation="relu", name=f"fc{number}")(x)
    return x


def _mean_max_head(x, network: Network):
    """Mean and maximum of each channel into a small dense layer."""
    x = _mean_and_maximum(x)
    for number, neurons in enumerate(hidden_units(network), start=1):
        x = layers.Dense(neurons, activation="relu", name=f"fc{number}")(x)
        # Last: dropout changes the variance of what follows it (Li et al., 2019).
        x = layers.Dropout(network.dropout, name=f"fc{number}_dropout")(x)
    return x


def _mean_and_maximum(x):
    mean = layers.GlobalAveragePooling2D(name="mean_over_grid")(x)
    maximum = layers.GlobalMaxPooling2D(name="maximum_over_grid")(x)
    return layers.Concatenate(name="pooled")([mean, maximum])  # (batch, 2·channels)


def _pooled_head(x, network: Network):
    """The same with batch normalisation, as one stored run has it."""
    # The mistakes: many channels are almost always zero, so dividing by their deviation
    # makes noise large; the ReLU then takes what is below a channel's mean, although no
    # feature is negative; and dropout comes before a normalisation.
    x = layers.BatchNormalization(momentum=0.9, name="features_bn")(x)
    x = layers.Activation("relu", name="features_relu")(x)
    x = layers.Dropout(network.dropout, name="dropout")(_mean_and_maximum(x))
    for number, neurons in enumerate(hidden_units(network), start=1):
        # No bias: the normalisation that follows has an offset of its own.
        x = layers.Dense(neurons, use_bias=False, name=f"fc{number}")(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"fc{number}_bn")(x)
        x = layers.Activation("relu", name=f"fc{number}_relu")(x)
        x = layers.Dropout(network.dropout, name=f"fc{number}_dropout")(x)
    return x


_HEADS = {"flatten": _flatten_head, "mean_max": _mean_max_head, "pooled": _pooled_head}


def hidden_units(network: Network) -> tuple[int, ...]:
    """Neurons of each hidden dense layer of a VGG19."""
    if network.units is None:
        return (round((4096 if network.head == "flatten" else 512) * network.width),)
    return (network.units,) if isinstance(network.units, int) else network.units


def _check_arguments(network: Network, weights: str | Path | None) -> None:
    for pool in network.after:
        if pool not in POOLS:
            raise ValueError(
                f'after="{pool}" is not a pooling layer of VGG19; expected one of '
                f"{POOLS}."
            )
    for name, known in (("combine", COMBINE), ("head", HEADS)):
        value = getattr(network, name)
        if value not in known:
            raise ValueError(f'{name}="{value}" is unknown; expected one of {known}.')
    if network.size < 32:
        raise ValueError(
            f"size is {network.size}; five poolings need at least 32 pixels."
        )
    if not 0 < network.width <= 1:
        raise ValueError(
            f"width is {network.width}; expected a fraction above 0 and up to 1 "
            "(pocket: 0.25)."
        )
    if not network.feature_scale > 0:
        raise ValueError(
            f"feature_scale is {network.feature_scale}; expected a factor above 0."
        )
    if not 0 <= network.dropout < 1:
        raise ValueError(
            f"dropout is {network.dropout}; expected a fraction from 0 to below 1."
        )
    if weights is not None and network.width != 1:
        raise ValueError(
            f"weights={str(weights)!r} with width={network.width}: ImageNet weights "
            "exist for width 1 only. Use weights=None to start from random weights."
        )
