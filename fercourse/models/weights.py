"""Weights: ImageNet's for a VGG19, and trained ones in a file of half the size."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from fercourse.machine import path_in, write_whole

WEIGHTS_VARIABLE = "FERCOURSE_VGG19_WEIGHTS"
"""Environment variable with the path of a local copy of the ImageNet weights."""


def load_imagenet_weights(model: keras.Model, weights: str | Path = "imagenet") -> None:
    """Copy ImageNet's convolutions into a VGG19 of full width; its head stays as it is.

    Args:
        model: a model of `vgg19` or `vgg19_attention` with width 1.
        weights: "imagenet", or the path of a weights file of
            `keras.applications.VGG19(include_top=False)`.

    Raises:
        FileNotFoundError: the path, or the one in `FERCOURSE_VGG19_WEIGHTS`, does not
            exist.
        ValueError: the file does not hold VGG19's convolutions.
        OSError: Keras's weights cannot be downloaded.
    """
    backbone = _imagenet_vgg19(weights)
    # Both networks name their convolutions alike, "block1_conv1" to "block5_conv4".
    for layer in backbone.layers:
        if layer.weights:
            model.get_layer(layer.name).set_weights(layer.get_weights())


def _imagenet_vgg19(weights: str | Path) -> keras.Model:
    path = path_in(WEIGHTS_VARIABLE) if weights == "imagenet" else Path(weights)
    if path is None:
        try:
            return keras.applications.VGG19(weights="imagenet", include_top=False)
        except Exception as error:  # Keras raises a bare one when the download fails
            raise OSError(
                f"The ImageNet weights of VGG19 cannot be downloaded ({error}). "
                "Connect to the internet, or put the path of a local copy into "
                f"{WEIGHTS_VARIABLE}."
            ) from error
    if not path.expanduser().is_file():
        raise FileNotFoundError(
            f"No VGG19 weights at {path}. Give the path of a weights file of "
            'keras.applications.VGG19(include_top=False), or use weights="imagenet" '
            f"without {WEIGHTS_VARIABLE} to download them."
        )
    backbone = keras.applications.VGG19(weights=None, include_top=False)
    try:
        backbone.load_weights(path.expanduser())
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(
            f"{path.name} does not hold the convolutions of VGG19 ({error}). "
            "Expected a weights file of keras.applications.VGG19(include_top=False)."
        ) from error
    return backbone


def about_weights(model: keras.Model, weights: str | Path) -> dict[str, Any]:
    """What a run says about the file from which a VGG19 got its first weights.

    Its name and SHA-256, and 8 bits if each layer's kernel has at most 256 values.
    """
    path = path_in(WEIGHTS_VARIABLE) if weights == "imagenet" else Path(weights)
    if path is None:  # Keras's own, in its cache
        home = os.environ.get("KERAS_HOME", "~/.keras")
        path = Path(home, "models", "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5")
    about: dict[str, Any] = {}
    path = path.expanduser()
    if path.is_file():
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        about |= {"file": path.name, "sha256": digest}
    kernel, *_ = model.get_layer("block2_conv1").get_weights()
    return about | ({"bits": 8} if len(np.unique(kernel)) <= 256 else {})


def save_weights_16bit(model: keras.Model, path: Path) -> None:
    """Write the weights in 16 bits; `model.load_weights(path)` reads them as usual."""
    with tempfile.TemporaryDirectory() as folder, write_whole(path) as part:
        whole = Path(folder) / "whole.weights.h5"  # Keras asks for this ending
        model.save_weights(whole)
        with h5py.File(whole) as source, h5py.File(part, "w") as target:
            _copy_in_16_bits(source, target)


def _copy_in_16_bits(source: h5py.File, target: h5py.File) -> None:
    def copy(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Group):
            target.require_group(name).attrs.update(item.attrs)
            return
        values = item[()]
        with np.errstate(over="ignore"):
            rounded = values.astype("float16")
        # Above 65,504 there is only infinity in 16 bits: such weights keep their 32.
        fits = np.isfinite(rounded).all()
        target.create_dataset(
            name, data=rounded if fits else values, compression="gzip"
        )

    source.visititems(copy)
