"""The paper's two networks: VGG19, and VGG19 with spatial attention; full width and pocket width.

Every model takes 48×48×1 grey values 0–255 as they stand in FER2013 and does its own
resizing and normalising. It answers with seven probabilities, in the order of
`fercourse.data.faces.EMOTIONS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
from keras import layers

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.models.attention import SpatialAttention
from fercourse.models.weights import load_imagenet_weights

BLOCKS: tuple[tuple[int, int], ...] = ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512))
"""Convolutions and filters of VGG19's five blocks (Simonyan and Zisserman, 2014; Table II)."""

POOLS: tuple[str, ...] = tuple(f"block{block}_pool" for block in range(1, 6))
"""The five places after which the attention block can stand."""

COMBINE: tuple[str, ...] = ("concat", "multiply", "residual")
"""What is done with the map: appended to the last features (the paper), multiplied with the features
where it stands (CBAM), or multiplied as 1 + map (the Residual Masking Network, Pham et
al., 2020)."""

HEADS: tuple[str, ...] = ("flatten", "pooled")
"""What stands behind the features: all of them side by side into a dense layer of 4,096 (the paper), or
their mean and maximum over the grid into a normalised dense layer of 512."""

NETWORK_B: dict[str, Any] = {
    "system": "vgg19_attention",
    "after": ["block3_pool", "block4_pool", "block5_pool"],
    "combine": "residual",
    "normalise_map": True,
    "kernel_size": 7,
    "head": "pooled",
    "size": 224,
    "weights": "imagenet",
    "width": 1.0,
    "dropout": 0.5,
}
"""The course's own network, 20,556,665 parameters: what other work on FER2013 above 73 % suggests, put
together. It masks residually in three places (the Residual Masking Network), normalises
behind the pretrained convolutions (every VGG above 72.6 % does), and has a small head
with two dropouts (every network that was narrowed gained). As a configuration for
`fercourse.models.systems.build_model`."""


IMAGENET_MEANS_BGR = (103.939, 116.779, 123.68)
"""Mean blue, green and red of ImageNet, subtracted as when VGG19 was trained."""


def vgg19(
    *,
    size: int = 224,
    weights: str | Path | None = "imagenet",
    width: float = 1.0,
    dropout: float = 0.5,
    units: int | Sequence[int] | None = None,
    classes: int = len(EMOTIONS),
    head: str = "flatten",
) -> keras.Model:
    """VGG19 (Table II) on grey faces.

    Args:
        size: side in pixels to which faces are enlarged inside the network; 224 in the
            paper, at least 32.
        weights: "imagenet" for Keras's own weights (or those that
            `FERCOURSE_VGG19_WEIGHTS` points to), the path of a weights file of
            `keras.applications.VGG19(include_top=False)`, or None to start from random
            weights.
        width: fraction of VGG19's channels. Below 1, batch normalisation follows every
            convolution, since nothing pretrained fits.
        dropout: fraction of the flattened features dropped in training (not stated in
            the paper). With `head="pooled"`, of the pooled ones, and of every hidden
            dense layer.
        units: neurons of the hidden dense layer, or of several; by default 4096·width
            (Table I), or 512·width with `head="pooled"`. Table II itself is
            `units=(4096, 4096), classes=1000, dropout=0`.
        classes: neurons of the last layer.
        head: one of `HEADS`. "pooled" normalises the last features and gives their mean
            and maximum over the grid to a normalised dense layer: 530,183 parameters in
            place of the paper's 102.8 million.

    Returns:
        A model from float (batch, 48, 48, 1), grey 0–255, to float32 (batch, classes),
        probabilities.

    Raises:
        ValueError: an argument out of range, or "imagenet" for a width other than 1.
        FileNotFoundError: the weights file is missing.
        OSError: Keras's weights cannot be downloaded.
    """
    body = _Body((), "concat", 7, False, size, width)
    return _build("vgg19", body, _Head(head, dropout, units, classes), weights)


def vgg19_attention(
    after: str | Sequence[str] = "block5_pool",
    combine: str = "concat",
    *,
    kernel_size: int = 7,
    size: int = 224,
    weights: str | Path | None = "imagenet",
    width: float = 1.0,
    dropout: float = 0.5,
    units: int | Sequence[int] | None = None,
    classes: int = len(EMOTIONS),
    head: str = "flatten",
    normalise_map: bool = False,
) -> keras.Model:
    """VGG19 with spatial attention; the defaults are the paper's network (Table I), 123,018,410 parameters.

    Args:
        after: the pooling layer behind which the block stands, one of `POOLS`, or
            several of them.
        combine: one of `COMBINE`. "concat" averages the map down to the last grid and
            appends it to the last features, so that the head keeps the paper's form
            wherever the block stands.
        kernel_size: side of the attention convolution's window, in grid cells.
        size: see `vgg19`.
        weights: see `vgg19`.
        width: see `vgg19`.
        dropout: see `vgg19`.
        units: see `vgg19`.
        classes: see `vgg19`.
        head: see `vgg19`.
        normalise_map: batch normalisation in front of the map's sigmoid, see
            `SpatialAttention`: 102 parameters a block instead of 99. The map begins at
            0.5 everywhere, and "residual" then multiplies by 1 + (2·map - 1), so that
            the block begins by changing nothing.

    Returns:
        A model as `vgg19` returns it. The layer `block5_attention` (or another block's)
        gives the map; `fercourse.training.prediction.attention_maps` computes it.

    Raises:
        ValueError: `after` or `combine` is unknown, or as in `vgg19`.
        FileNotFoundError: as in `vgg19`.
        OSError: as in `vgg19`.
    """
    places = (after,) if isinstance(after, str) else tuple(after)
    body = _Body(places, combine, kernel_size, normalise_map, size, width)
    return _build(
        "vgg19_attention", body, _Head(head, dropout, units, classes), weights
    )


@dataclass(frozen=True)
class _Body:
    """What stands before the head; see `vgg19_attention`."""

    places: tuple[str, ...]
    combine: str
    kernel_size: int
    normalise_map: bool
    size: int
    width: float


@dataclass(frozen=True)
class _Head:
    """What stands behind the features; see `vgg19`."""

    kind: str
    dropout: float
    units: int | Sequence[int] | None
    classes: int


def _build(
    name: str, body: _Body, head: _Head, weights: str | Path | None
) -> keras.Model:
    _check_arguments(body, head, weights)
    faces = keras.Input((IMAGE_SIDE, IMAGE_SIDE, 1), name="faces")
    x = _behind_body(_prepared(faces, body.size), body)
    x = {"flatten": _flatten_head, "pooled": _pooled_head}[head.kind](
        x, head, body.width
    )
    # In mixed precision the probabilities must not be rounded to 16 bits: the loss
    # takes their logarithm.
    probabilities = layers.Dense(
        head.classes, activation="softmax", dtype="float32", name="predictions"
    )(x)
    model = keras.Model(faces, probabilities, name=name)
    if weights is not None:
        load_imagenet_weights(model, weights)
    return model


def _prepared(faces, size: int):
    """Enlarged, in three channels, as ImageNet networks expect their input."""
    x = faces
    # Pixels are prepared in 32 bits under every precision; the convolutions round them
    # if they must.
    if size != IMAGE_SIDE:
        x = layers.Resizing(
            size, size, interpolation="bicubic", dtype="float32", name="enlarge"
        )(x)
    x = layers.Concatenate(dtype="float32", name="grey_to_bgr")([x, x, x])
    return layers.Normalization(
        mean=IMAGENET_MEANS_BGR,
        variance=(1.0, 1.0, 1.0),
        dtype="float32",
        name="subtract_means",
    )(x)


def _behind_body(x, body: _Body):
    """The last features, with the maps appended where they are."""
    maps = {}
    for block, (convolutions, filters) in enumerate(BLOCKS, start=1):
        for number in range(1, convolutions + 1):
            x = _convolution(
                x,
                round(filters * body.width),
                body.width < 1,
                f"block{block}_conv{number}",
            )
        x = layers.MaxPooling2D(pool_size=2, strides=2, name=f"block{block}_pool")(x)
        if f"block{block}_pool" in body.places:
            attention = SpatialAttention(
                body.kernel_size,
                normalise=body.normalise_map,
                name=f"block{block}_attention",
            )
            maps[block] = attention(x)
            x = _gate(x, maps[block], body, block)
    if maps and body.combine == "concat":
        x = layers.Concatenate(name="append_map")(
            [x, *(_to_grid(maps[b], x, b) for b in maps)]
        )
    return x


def _flatten_head(x, head: _Head, width: float):
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(head.dropout, name="dropout")(x)
    for number, neurons in enumerate(
        _neurons(head.units, round(4096 * width)), start=1
    ):
        x = layers.Dense(neurons, activation="relu", name=f"fc{number}")(x)
    return x


def _pooled_head(x, head: _Head, width: float):
    x = layers.BatchNormalization(momentum=0.9, name="features_bn")(x)
    x = layers.Activation("relu", name="features_relu")(x)
    mean = layers.GlobalAveragePooling2D(name="mean_over_grid")(x)
    maximum = layers.GlobalMaxPooling2D(name="maximum_over_grid")(x)
    x = layers.Concatenate(name="pooled")([mean, maximum])
    x = layers.Dropout(head.dropout, name="dropout")(x)
    for number, neurons in enumerate(_neurons(head.units, round(512 * width)), start=1):
        x = layers.Dense(neurons, use_bias=False, name=f"fc{number}")(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"fc{number}_bn")(x)
        x = layers.Activation("relu", name=f"fc{number}_relu")(x)
        x = layers.Dropout(head.dropout, name=f"fc{number}_dropout")(x)
    return x


def _neurons(units: int | Sequence[int] | None, usual: int) -> list[int]:
    return (
        [usual] if units is None else [units] if isinstance(units, int) else list(units)
    )


def _convolution(x, filters: int, normalise: bool, name: str):
    if not normalise:
        return layers.Conv2D(
            filters, kernel_size=3, padding="same", activation="relu", name=name
        )(x)
    # Batch normalisation brings its own offset, so the convolution needs none.
    x = layers.Conv2D(
        filters, kernel_size=3, padding="same", use_bias=False, name=name
    )(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
    return layers.Activation("relu", name=f"{name}_relu")(x)


def _gate(features, attention_map, body: _Body, block: int):
    if body.combine == "concat":
        return features
    residual = attention_map
    if body.combine == "residual" and body.normalise_map:
        residual = layers.Rescaling(2.0, offset=-1.0, name=f"block{block}_centred")(
            attention_map
        )
    gated = layers.Multiply(name=f"block{block}_multiply")([features, residual])
    if body.combine == "multiply":
        return gated
    return layers.Add(name=f"block{block}_residual")([features, gated])


def _to_grid(attention_map, features, block: int):
    factor = attention_map.shape[1] // features.shape[1]
    if factor == 1:
        return attention_map
    return layers.AveragePooling2D(
        pool_size=factor, name=f"block{block}_map_to_last_grid"
    )(attention_map)


def _check_arguments(body: _Body, head: _Head, weights: str | Path | None) -> None:
    for place in body.places:
        if place not in POOLS:
            raise ValueError(
                f'after="{place}" is not a pooling layer of VGG19; expected one of '
                f"{POOLS}."
            )
    if body.combine not in COMBINE:
        raise ValueError(
            f'combine="{body.combine}" is unknown; expected one of {COMBINE}.'
        )
    if head.kind not in HEADS:
        raise ValueError(f'head="{head.kind}" is unknown; expected one of {HEADS}.')
    if body.size < 32:
        raise ValueError(f"size is {body.size}; five poolings need at least 32 pixels.")
    if not 0 < body.width <= 1:
        raise ValueError(
            f"width is {body.width}; expected a fraction above 0 and up to 1 (pocket: "
            f"0.25)."
        )
    if not 0 <= head.dropout < 1:
        raise ValueError(
            f"dropout is {head.dropout}; expected a fraction from 0 to below 1."
        )
    if weights is not None and body.width != 1:
        raise ValueError(
            f"weights={str(weights)!r} with width={body.width}: ImageNet weights "
            f"exist for width 1 only. "
            "Use weights=None to start from random weights."
        )
