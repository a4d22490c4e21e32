"""Transfer learning: a pretrained backbone, its features kept on disk, and what is trained behind it.

A network is cut behind one of its five pools. What stands before the cut is frozen, so
that its features need to be computed only once; a copy of what stands behind it is
trained on them.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import textwrap
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers
from numpy.typing import ArrayLike
from tqdm import tqdm

from fercourse.data.cache import cache_folder
from fercourse.data.faces import EMOTIONS
from fercourse.machine import xla_is_slow
from fercourse.models.pocket import pocket_model
from fercourse.models.vgg19 import POOLS, vgg19
from fercourse.training.augmentation import augmentation_layers
from fercourse.training.recipes import RECIPES

SIZES: dict[str, int] = {"quick": 48, "full": 64}
"""Side in pixels at which the ImageNet VGG19 sees faces in lesson 02; 224 would take hours on a CPU."""

TABLE_II: tuple[tuple[str, tuple[int, ...], int], ...] = (
    ("input_1", (224, 224, 3), 0),
    ("block1_conv1", (224, 224, 64), 1792),
    ("block1_conv2", (224, 224, 64), 36928),
    ("block1_pool", (112, 112, 64), 0),
    ("block2_conv1", (112, 112, 128), 73856),
    ("block2_conv2", (112, 112, 128), 147584),
    ("block2_pool", (56, 56, 128), 0),
    ("block3_conv1", (56, 56, 256), 295168),
    ("block3_conv2", (56, 56, 256), 590080),
    ("block3_conv3", (56, 56, 256), 590080),
    ("block3_conv4", (56, 56, 256), 590080),
    ("block3_pool", (28, 28, 256), 0),
    ("block4_conv1", (28, 28, 512), 1180160),
    ("block4_conv2", (28, 28, 512), 2359808),
    ("block4_conv3", (28, 28, 512), 2359808),
    ("block4_conv4", (28, 28, 512), 2359808),
    ("block4_pool", (14, 14, 512), 0),
    ("block5_conv1", (14, 14, 512), 2359808),
    ("block5_conv2", (14, 14, 512), 2359808),
    ("block5_conv3", (14, 14, 512), 2359808),
    ("block5_conv4", (14, 14, 512), 2359808),
    ("block5_pool", (7, 7, 512), 0),
    ("flatten", (25088,), 0),
    ("fc1", (4096,), 102764544),
    ("fc2", (4096,), 16781312),
    ("predictions", (1000,), 4097000),
)
"""Table II as the paper prints it: layer, output shape without the batch, parameters."""

_BATCH = 64
_BAR_AFTER = 2.0  # seconds: shorter work needs no bar
_FORMAT = 1  # raise it whenever features are computed or kept differently


@dataclass(frozen=True)
class Backbone:
    """A pretrained network and where its knowledge comes from.

    Attributes:
        model: from float (batch, 48, 48, 1), grey 0–255; plain VGG19, layers named as
            in Table II.
        name: in a few words, such as "ImageNet VGG19".
        description: what it was trained on, and what that means for a lesson, in two or
            three sentences.
        learning_rate: for training its convolutions further. Without batch
            normalisation, larger steps destroy what was learned (1e-4 is also the
            Residual Masking Network's for ImageNet weights).
    """

    model: keras.Model
    name: str
    description: str
    learning_rate: float

    def __str__(self) -> str:
        return textwrap.fill(f"{self.name}: {self.description}", 100)


def pretrained_backbone(profile: str) -> Backbone:
    """The pretrained network that goes with a profile: ImageNet's VGG19, or the pocket model.

    Args:
        profile: "practice" for the pocket model; "quick" or "full" for VGG19 with
            ImageNet weights, from `FERCOURSE_VGG19_WEIGHTS`, from Keras's cache, or
            downloaded. Where these cannot be had, the pocket model stands in, and the
            description says so.

    Returns:
        The backbone. Its last layers, behind block 5, belong to the old task.
    """
    if profile == "practice":
        return _pocket(
            "It was trained on the photographs of FER2013 and has never seen a drawn "
            "face, so that what it "
            "brings to practice faces is transferred."
        )
    size = SIZES[profile]
    try:
        model = vgg19(size=size, weights="imagenet", units=())
    except (OSError, ValueError) as error:
        return _pocket(
            f"The ImageNet weights cannot be had ({error}) It was trained on "
            f"FER2013's Training, the very "
            "faces of this lesson: what follows then shows how transfer is done, and "
            "not what ImageNet knows."
        )
    return Backbone(
        _without_slow_xla(model),
        "ImageNet VGG19",
        f"It was trained on more than a million photographs of a thousand kinds of "
        f"things. Here it sees "
        f"faces at {size} × {size} pixels instead of 224 × 224, so that a lesson "
        f"takes minutes.",
        learning_rate=1e-4,
    )


def _pocket(meaning: str) -> Backbone:
    description = (
        f"VGG19 at a quarter of the width, with batch normalisation. {meaning}"
    )
    return Backbone(
        _without_slow_xla(pocket_model(None)),
        "pocket VGG19",
        description,
        learning_rate=1e-3,
    )


def _without_slow_xla(model: keras.Model) -> keras.Model:
    if xla_is_slow():
        model.jit_compile = False
    return model


def feature_reader(model: keras.Model) -> keras.Model:
    """The frozen part: from faces to the features behind each of the five blocks.

    Args:
        model: a model of `fercourse.models.vgg19`.

    Returns:
        A model from float (batch, 48, 48, 1) to one array for each of `POOLS`, by name,
        shape (batch, height, width, channels). The grids of blocks 1 and 2 are averaged
        down to that of block 3.
    """
    outputs = {pool: model.get_layer(pool).output for pool in POOLS}
    side = outputs["block3_pool"].shape[1]
    for pool in POOLS[:2]:
        outputs[pool] = layers.AveragePooling2D(outputs[pool].shape[1] // side)(
            outputs[pool]
        )
    reader = keras.Model(model.input, outputs, name="feature_reader")
    return _without_slow_xla(reader)


def cached_features(reader: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    """The features of faces: computed the first time, read from the cache afterwards.

    They are kept in `cache_folder()` in one file for each combination of network,
    weights and faces; other weights or other faces find another file. Where nothing can
    be written, nothing is kept.

    Args:
        reader: what `feature_reader` returns, or any model with a dictionary of
            outputs.
        images: uint8, shape (N, 48, 48), grey 0–255.

    Returns:
        For each output, float16, shape (N, …).
    """
    path = cache_folder() / f"features-{_key(reader, images)}.npz"
    kept = _read(path)
    if kept is None:
        kept = _compute(reader, images)
        _keep(kept, path)
    return kept


def _key(reader: keras.Model, images: np.ndarray) -> str:
    """A digest of all that the features depend on; the automatic names of layers do not count."""
    about = [
        [type(layer).__name__, {**layer.get_config(), "name": ""}]
        for layer in reader.layers
    ]
    about += [
        _FORMAT,
        keras.__version__,
        keras.backend.backend(),
        str(images.shape),
        str(images.dtype),
    ]
    digest = hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode())
    for weight in reader.get_weights():
        digest.update(np.ascontiguousarray(weight))
    digest.update(np.ascontiguousarray(images))
    return digest.hexdigest()[:24]


def _compute(reader: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for start in tqdm(
        range(0, len(images), _BATCH), "features", unit="batch", delay=_BAR_AFTER
    ):
        batch = images[start : start + _BATCH, ..., None].astype("float32")
        for name, part in reader.predict_on_batch(batch).items():
            if name not in found:
                found[name] = np.empty((len(images), *part.shape[1:]), "float16")
            found[name][start : start + len(part)] = part
    return found


def _read(path: Path) -> dict[str, np.ndarray] | None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (
        OSError,
        ValueError,
        EOFError,
        zipfile.BadZipFile,
    ):  # absent, or damaged: the archive has sums
        return None


def _keep(features: Mapping[str, np.ndarray], path: Path) -> None:
    beside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **features)
        os.replace(beside, path)
    except OSError:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)


def copy_behind(model: keras.Model, pool: str) -> keras.Model:
    """A copy of the convolutions behind a pool, with their weights, ready to be trained.

    Args:
        model: plain VGG19 of `fercourse.models.vgg19`; it stays as it is.
        pool: one of the first four of `POOLS`.

    Returns:
        A model from the features behind `pool` to those behind block 5.

    Raises:
        ValueError: no convolution stands behind `pool`.
    """
    if pool not in POOLS[:-1]:
        raise ValueError(
            f'No convolution stands behind "{pool}"; expected one of {POOLS[:-1]}.'
        )
    names = [layer.name for layer in model.layers]
    part = model.layers[names.index(pool) + 1 : names.index(POOLS[-1]) + 1]
    x = features = keras.Input(model.get_layer(pool).output.shape[1:], name="features")
    for layer in part:
        copy = type(layer).from_config({**layer.get_config(), "trainable": True})
        x = copy(x)
        copy.set_weights(layer.get_weights())
    return keras.Model(features, x, name=f"behind_{pool}")


def new_head(
    shape: tuple[int, ...], dropout: float = 0.5, hidden: int = 0
) -> keras.Model:
    """A head for features: from (batch, *shape) to seven probabilities.

    Batch normalisation comes first, since the features of one network may be thousands
    of times as large as those of another.

    Args:
        shape: of the features of one face.
        dropout: fraction of the features, and of the hidden neurons, dropped in
            training; 0 is off.
        hidden: neurons of a dense layer in between; 0 for none.
    """
    head = keras.Sequential([keras.Input(shape), layers.Flatten()], name="head")
    head.add(layers.BatchNormalization(momentum=0.9))
    head.add(layers.Dropout(dropout))
    if hidden:
        head.add(layers.Dense(hidden, activation="relu"))
        head.add(layers.Dropout(dropout))
    head.add(
        layers.Dense(
            len(EMOTIONS), activation="softmax", dtype="float32", name="predictions"
        )
    )
    return head


def varied(images: np.ndarray, seed: int) -> np.ndarray:
    """Faces mirrored, turned, shifted and zoomed at random, as the recipe "pocket" does in training.

    Args:
        images: uint8, shape (N, 48, 48), grey 0–255.
        seed: the same seed gives the same faces.

    Returns:
        uint8, shape (N, 48, 48).
    """
    pictures = images[..., None].astype("float32")
    for layer in augmentation_layers(RECIPES["pocket"].changed(seed=seed)):
        pictures = layer(pictures, training=True)
    return np.clip(
        np.rint(keras.ops.convert_to_numpy(pictures)[..., 0]), 0, 255
    ).astype("uint8")


def percent(accuracies: ArrayLike) -> np.ndarray:
    """Accuracies from 0 to 1 in percent, to the next 5: training differs in finer digits between machines."""
    return 5 * np.rint(20 * np.asarray(accuracies)).astype(int)


class EpochBar(keras.callbacks.Callback):
    """A progress bar over the epochs of a `fit`; give it as `callbacks=[EpochBar()]` with `verbose=0`."""

    def __init__(self, label: str = "training") -> None:
        """Set the words before the bar."""
        super().__init__()
        self.label = label

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Open the bar; it appears only when training takes longer than two seconds."""
        self.bar = tqdm(
            total=self.params["epochs"], desc=self.label, unit="epoch", delay=_BAR_AFTER
        )

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Move on by one epoch, and show its loss and accuracy."""
        self.bar.set_postfix(
            {name: f"{value:.2f}" for name, value in (logs or {}).items()},
            refresh=False,
        )
        self.bar.update()

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Close the bar."""
        self.bar.close()
