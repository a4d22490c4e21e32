"""Weights: those of ImageNet into a VGG19, and trained ones into a file of half the size."""

from __future__ import annotations

import os
from pathlib import Path

import h5py
import keras
import numpy as np

WEIGHTS_VARIABLE = "FERCOURSE_VGG19_WEIGHTS"
"""Environment variable with the path of a local copy of the ImageNet weights."""


def load_imagenet_weights(model: keras.Model, weights: str | Path = "imagenet") -> None:
    """Put the ImageNet convolutions of VGG19 into a model of full width; the head stays as it is.

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
    path = (
        os.environ.get(WEIGHTS_VARIABLE, "") if weights == "imagenet" else str(weights)
    )
    if path:
        if not Path(path).is_file():
            raise FileNotFoundError(
                f"No VGG19 weights at {path}. Give the path of a weights file of "
                f"keras.applications."
                f'VGG19(include_top=False), or use weights="imagenet" without '
                f"{WEIGHTS_VARIABLE} "
                "to download them."
            )
        backbone = keras.applications.VGG19(weights=None, include_top=False)
        try:
            backbone.load_weights(path)
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(
                f"{Path(path).name} does not hold the convolutions of VGG19 "
                f"({error}). Expected a weights "
                "file of keras.applications.VGG19(include_top=False)."
            ) from error
    else:
        try:
            backbone = keras.applications.VGG19(weights="imagenet", include_top=False)
        except (
            Exception
        ) as error:  # Keras raises a bare Exception when the download fails
            raise OSError(
                f"The ImageNet weights of VGG19 cannot be downloaded ({error}). "
                f"Connect to the internet, "
                f"or put the path of a local copy into {WEIGHTS_VARIABLE}."
            ) from error
    for layer in backbone.layers:
        if layer.weights:
            model.get_layer(layer.name).set_weights(layer.get_weights())


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
                target.create_dataset(
                    name, data=rounded if fits else item[()], compression="gzip"
                )

        source.visititems(copy)
    whole.unlink()
    beside.replace(path)
