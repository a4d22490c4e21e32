"""The paper's two networks: VGG19, and VGG19 with spatial attention; full width and pocket width.

Every model takes 48×48×1 grey values 0–255 as they stand in FER2013 and does its own resizing and
normalising. It answers with seven probabilities, in the order of `fercourse.faces.EMOTIONS`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
from keras import layers

from fercourse.attention import SpatialAttention
from fercourse.faces import EMOTIONS, IMAGE_SIDE
from fercourse.machine import REPOSITORY

BLOCKS: tuple[tuple[int, int], ...] = ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512))
"""Convolutions and filters of VGG19's five blocks (Simonyan and Zisserman, 2014; Table II)."""

POOLS: tuple[str, ...] = tuple(f"block{block}_pool" for block in range(1, 6))
"""The five places after which the attention block can stand."""

COMBINE: tuple[str, ...] = ("concat", "multiply", "residual")
"""What is done with the map: appended to the last features (the paper), multiplied with the features
where it stands (CBAM), or multiplied as 1 + map (the Residual Masking Network, Pham et al., 2020)."""

POCKET_WIDTH = 0.25
"""A quarter of VGG19's channels: trains on two CPU cores."""

IMAGENET_MEANS_BGR = (103.939, 116.779, 123.68)
"""Mean blue, green and red of ImageNet, subtracted as when VGG19 was trained."""

WEIGHTS_VARIABLE = "FERCOURSE_VGG19_WEIGHTS"
"""Environment variable with the path of a local copy of the ImageNet weights."""

SHIPPED_MODELS = REPOSITORY / "data" / "models"
"""Where the pocket weights that come with the course lie."""


def vgg19(
    *,
    size: int = 224,
    weights: str | Path | None = "imagenet",
    width: float = 1.0,
    dropout: float = 0.5,
    units: int | Sequence[int] | None = None,
    classes: int = len(EMOTIONS),
) -> keras.Model:
    """VGG19 (Table II) on grey faces.

    Args:
        size: side in pixels to which faces are enlarged inside the network; 224 in the paper, at least 32.
        weights: "imagenet" for Keras's own weights (or those that `FERCOURSE_VGG19_WEIGHTS` points to),
            the path of a weights file of `keras.applications.VGG19(include_top=False)`, or None to
            start from random weights.
        width: fraction of VGG19's channels. Below 1, batch normalisation follows every convolution,
            since nothing pretrained fits.
        dropout: fraction of the flattened features dropped in training (not stated in the paper).
        units: neurons of the hidden dense layer, or of several; 4096·width by default (Table I).
            Table II itself is `units=(4096, 4096), classes=1000, dropout=0`.
        classes: neurons of the last layer.

    Returns:
        A model from float (batch, 48, 48, 1), grey 0–255, to float32 (batch, classes), probabilities.

    Raises:
        ValueError: an argument out of range, or "imagenet" for a width other than 1.
        FileNotFoundError: the weights file is missing.
        OSError: Keras's weights cannot be downloaded.
    """
    return _build("vgg19", (), "concat", 7, size, weights, width, dropout, units, classes)


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
) -> keras.Model:
    """VGG19 with spatial attention; the defaults are the paper's network (Table I), 123,018,410 parameters.

    Args:
        after: the pooling layer behind which the block stands, one of `POOLS`, or several of them.
        combine: one of `COMBINE`. "concat" averages the map down to the last grid and appends it to the
            last features, so that the head keeps the paper's form wherever the block stands.
        kernel_size: side of the attention convolution's window, in grid cells.
        size: see `vgg19`.
        weights: see `vgg19`.
        width: see `vgg19`.
        dropout: see `vgg19`.
        units: see `vgg19`.
        classes: see `vgg19`.

    Returns:
        A model as `vgg19` returns it. The layer `block5_attention` (or another block's) gives the
        map; `fercourse.prediction.attention_maps` computes it.

    Raises:
        ValueError: `after` or `combine` is unknown, or as in `vgg19`.
        FileNotFoundError: as in `vgg19`.
        OSError: as in `vgg19`.
    """
    places = (after,) if isinstance(after, str) else tuple(after)
    return _build(
        "vgg19_attention",
        places,
        combine,
        kernel_size,
        size,
        weights,
        width,
        dropout,
        units,
        classes,
    )


BUILDERS = {"vgg19": vgg19, "vgg19_attention": vgg19_attention}
"""The systems that can be built, by name."""


def build_model(configuration: Mapping[str, Any]) -> keras.Model:
    """The model that a configuration describes: `system`, a name of `BUILDERS`, and its builder's arguments.

    Raises:
        ValueError: the system is unknown, or as its builder raises.
    """
    arguments = dict(configuration)
    system = arguments.pop("system")
    if system not in BUILDERS:
        raise ValueError(f"system={system!r} is unknown; expected one of {', '.join(BUILDERS)}.")
    return BUILDERS[system](**arguments)


def pocket_name(after: str | None = None, combine: str = "concat") -> str:
    """The name of a pocket model, of its weights file and of its runs, such as "pocket-block4-concat"."""
    return "pocket-none" if after is None else f"pocket-{after.removesuffix('_pool')}-{combine}"


def pocket_configuration(after: str | None = None, combine: str = "concat") -> dict[str, Any]:
    """What a pocket model is built from: a quarter of the channels, 48 pixels, random weights."""
    place = {"system": "vgg19"} if after is None else {"system": "vgg19_attention", "after": after}
    if after is not None:
        place |= {"combine": combine, "kernel_size": 7}
    return {**place, "size": IMAGE_SIDE, "weights": None, "width": POCKET_WIDTH, "dropout": 0.4}


def save_weights_16bit(model: keras.Model, path: Path) -> None:
    """Write the weights in 16 bits, half the size; `model.load_weights(path)` reads them as usual.

    Args:
        model: any Keras model.
        path: ends in ".weights.h5"; written beside and then renamed.
    """
    whole = path.with_name(f".{path.name.removesuffix('.weights.h5')}-32.weights.h5")
    beside = path.with_name(f".{path.name}")
    model.save_weights(whole)
    with h5py.File(whole) as source, h5py.File(beside, "w") as target:

        def copy(name: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Group):
                target.require_group(name).attrs.update(item.attrs)
            else:
                # Beyond 65,504, 16 bits know only infinity: such weights keep their 32.
                with np.errstate(over="ignore"):
                    rounded = item[()].astype("float16")
                fits = np.isfinite(rounded).all()
                target.create_dataset(name, data=rounded if fits else item[()], compression="gzip")

        source.visititems(copy)
    whole.unlink()
    beside.replace(path)


def pocket_model(after: str | None = None, combine: str = "concat") -> keras.Model:
    """A pocket model trained on real FER2013 that comes with the course.

    Args:
        after: one of `POOLS`, or None for plain VGG19.
        combine: one of `COMBINE`.

    Raises:
        FileNotFoundError: no such model is shipped; the message names those that are.
    """
    path = SHIPPED_MODELS / f"{pocket_name(after, combine)}.weights.h5"
    if not path.exists():
        shipped = sorted(file.name.removesuffix(".weights.h5") for file in SHIPPED_MODELS.glob("*.h5"))
        raise FileNotFoundError(
            f"No trained model {path.name} comes with the course. Shipped: {', '.join(shipped) or 'none'}."
        )
    model = build_model(pocket_configuration(after, combine))
    model.load_weights(path)
    return model


def _build(name, places, combine, kernel_size, size, weights, width, dropout, units, classes) -> keras.Model:
    _check_arguments(places, combine, size, weights, width, dropout)
    faces = keras.Input((IMAGE_SIDE, IMAGE_SIDE, 1), name="faces")
    x = faces
    # Pixels are prepared in 32 bits under every precision; the convolutions round them if they must.
    if size != IMAGE_SIDE:
        x = layers.Resizing(size, size, interpolation="bicubic", dtype="float32", name="enlarge")(x)
    x = layers.Concatenate(dtype="float32", name="grey_to_bgr")([x, x, x])
    x = layers.Normalization(
        mean=IMAGENET_MEANS_BGR, variance=(1.0, 1.0, 1.0), dtype="float32", name="subtract_means"
    )(x)

    maps = {}
    for block, (convolutions, filters) in enumerate(BLOCKS, start=1):
        for number in range(1, convolutions + 1):
            x = _convolution(x, round(filters * width), width < 1, f"block{block}_conv{number}")
        x = layers.MaxPooling2D(pool_size=2, strides=2, name=f"block{block}_pool")(x)
        if f"block{block}_pool" in places:
            maps[block] = SpatialAttention(kernel_size, name=f"block{block}_attention")(x)
            x = _gate(x, maps[block], combine, block)

    if maps and combine == "concat":
        x = layers.Concatenate(name="append_map")([x, *(_to_grid(maps[b], x, b) for b in maps)])
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    if units is None:
        units = round(4096 * width)
    for number, neurons in enumerate([units] if isinstance(units, int) else units, start=1):
        x = layers.Dense(neurons, activation="relu", name=f"fc{number}")(x)
    # In mixed precision the probabilities must not be rounded to 16 bits: the loss takes their logarithm.
    probabilities = layers.Dense(classes, activation="softmax", dtype="float32", name="predictions")(x)

    model = keras.Model(faces, probabilities, name=name)
    if weights is not None:
        load_imagenet_weights(model, weights)
    return model


def _convolution(x, filters: int, normalise: bool, name: str):
    if not normalise:
        return layers.Conv2D(filters, kernel_size=3, padding="same", activation="relu", name=name)(x)
    # Batch normalisation brings its own offset, so the convolution needs none.
    x = layers.Conv2D(filters, kernel_size=3, padding="same", use_bias=False, name=name)(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
    return layers.Activation("relu", name=f"{name}_relu")(x)


def _gate(features, attention_map, combine: str, block: int):
    if combine == "concat":
        return features
    gated = layers.Multiply(name=f"block{block}_multiply")([features, attention_map])
    if combine == "multiply":
        return gated
    return layers.Add(name=f"block{block}_residual")([features, gated])


def _to_grid(attention_map, features, block: int):
    factor = attention_map.shape[1] // features.shape[1]
    if factor == 1:
        return attention_map
    return layers.AveragePooling2D(pool_size=factor, name=f"block{block}_map_to_last_grid")(attention_map)


def load_imagenet_weights(model: keras.Model, weights: str | Path = "imagenet") -> None:
    """Put the ImageNet convolutions of VGG19 into a model of full width; the head stays as it is.

    Args:
        model: a model of `vgg19` or `vgg19_attention` with width 1.
        weights: "imagenet", or the path of a weights file of `keras.applications.VGG19(include_top=False)`.

    Raises:
        FileNotFoundError: the path, or the one in `FERCOURSE_VGG19_WEIGHTS`, does not exist.
        ValueError: the file does not hold VGG19's convolutions.
        OSError: Keras's weights cannot be downloaded.
    """
    path = os.environ.get(WEIGHTS_VARIABLE, "") if weights == "imagenet" else str(weights)
    if path:
        if not Path(path).is_file():
            raise FileNotFoundError(
                f"No VGG19 weights at {path}. Give the path of a weights file of keras.applications."
                f'VGG19(include_top=False), or use weights="imagenet" without {WEIGHTS_VARIABLE} '
                "to download them."
            )
        backbone = keras.applications.VGG19(weights=None, include_top=False)
        try:
            backbone.load_weights(path)
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(
                f"{Path(path).name} does not hold the convolutions of VGG19 ({error}). Expected a weights "
                "file of keras.applications.VGG19(include_top=False)."
            ) from error
    else:
        try:
            backbone = keras.applications.VGG19(weights="imagenet", include_top=False)
        except Exception as error:  # Keras raises a bare Exception when the download fails
            raise OSError(
                f"The ImageNet weights of VGG19 cannot be downloaded ({error}). Connect to the internet, "
                f"or put the path of a local copy into {WEIGHTS_VARIABLE}."
            ) from error
    for layer in backbone.layers:
        if layer.weights:
            model.get_layer(layer.name).set_weights(layer.get_weights())


def _check_arguments(places, combine, size, weights, width, dropout) -> None:
    for place in places:
        if place not in POOLS:
            raise ValueError(f'after="{place}" is not a pooling layer of VGG19; expected one of {POOLS}.')
    if combine not in COMBINE:
        raise ValueError(f'combine="{combine}" is unknown; expected one of {COMBINE}.')
    if size < 32:
        raise ValueError(f"size is {size}; five poolings need at least 32 pixels.")
    if not 0 < width <= 1:
        raise ValueError(
            f"width is {width}; expected a fraction above 0 and up to 1 (pocket: {POCKET_WIDTH})."
        )
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout is {dropout}; expected a fraction from 0 to below 1.")
    if weights is not None and width != 1:
        raise ValueError(
            f"weights={str(weights)!r} with width={width}: ImageNet weights exist for width 1 only. "
            "Use weights=None to start from random weights."
        )
