"""Transfer learning: a pretrained backbone, its features, and what learns on them.

A network is cut after one of its five pools. What comes before the cut is frozen, so
its features are computed only once; a copy of what comes after it is trained on them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import textwrap
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from tqdm.keras import TqdmCallback

from fercourse.data.cache import cache_folder
from fercourse.data.faces import EMOTIONS
from fercourse.machine import ProgressBar, write_whole, xla_is_slow
from fercourse.models.costs import multiply_adds
from fercourse.models.pocket import pocket_model
from fercourse.models.vgg19 import POOLS, vgg19
from fercourse.training.augmentation import augmentation_layers
from fercourse.training.recipes import RECIPES

SIZES: dict[str, int] = {"quick": 48, "full": 64}
"""Side in pixels at which ImageNet's VGG19 sees faces; 224 takes hours on a CPU."""

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
"""Table II of the paper: layer, output shape without the batch, parameters."""

EARLY = tuple(pool.removesuffix("_pool") for pool in POOLS[:-1])
"""How the names of the layers before block 5 begin."""

_BATCH = 64
_BAR_AFTER = 2.0  # seconds: shorter work needs no bar
_FORMAT = 1  # raise it whenever features are computed or stored differently


# The backbone
# -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Backbone:
    """A pretrained network and where its knowledge comes from.

    Attributes:
        model: from float (batch, 48, 48, 1), grey 0–255; plain VGG19, layers named as
            in Table II.
        name: in a few words, such as "ImageNet VGG19".
        description: what it was trained on, and what that means for a lesson.
        learning_rate: for training its convolutions further.
    """

    model: keras.Model
    name: str
    description: str
    learning_rate: float

    def __str__(self) -> str:
        return textwrap.fill(f"{self.name}: {self.description}", 42)  # a phone


def pretrained_backbone(profile: str) -> Backbone:
    """The pretrained network of a profile; its last layers belong to the old task.

    Args:
        profile: "practice" for the pocket model; "quick" or "full" for VGG19 with
            ImageNet weights, from `FERCOURSE_VGG19_WEIGHTS`, from Keras's cache, or
            downloaded. Without these weights it is the pocket model too, and the
            description says so.
    """
    if profile == "practice":
        return _pocket(
            "It was trained on the photographs of FER2013, with the same seven "
            "emotions, and on no drawn face, so all that it knows about practice faces "
            "is transferred."
        )
    size = SIZES[profile]
    try:
        model = vgg19(size=size, weights="imagenet", units=())
    except (OSError, ValueError) as error:
        return _pocket(
            f"The ImageNet weights are not available ({error}) This model was trained "
            f"on FER2013's Training, the same faces as in this lesson, so what follows "
            f"shows how transfer is done, but not what ImageNet knows."
        )
    description = (
        f"It was trained on more than a million photographs of a thousand kinds of "
        f"things. Here it works on {size} × {size} pixels instead of 224 × 224, so "
        f"that a lesson takes minutes."
    )
    # Without batch normalisation, larger steps destroy what was learned; 1e-4 is also
    # the Residual Masking Network's rate for ImageNet weights.
    model = _without_slow_xla(model)
    return Backbone(model, "ImageNet VGG19", description, 1e-4)


def _pocket(meaning: str) -> Backbone:
    words = f"VGG19 at a quarter of the width, with batch normalisation. {meaning}"
    model = _without_slow_xla(pocket_model(None))
    return Backbone(model, "pocket VGG19", words, 1e-3)


def _without_slow_xla(model: keras.Model) -> keras.Model:
    if xla_is_slow():
        model.jit_compile = False
    return model


# Features of the frozen part
# -------------------------------------------------------------------------------------


def feature_reader(model: keras.Model) -> keras.Model:
    """The frozen part: from faces to the features after each of the five blocks.

    It maps float (batch, 48, 48, 1) to one array for each of `POOLS`, by name, of shape
    (batch, height, width, channels).
    """
    outputs = {pool: model.get_layer(pool).output for pool in POOLS}
    side = outputs["block3_pool"].shape[1]
    for pool in POOLS[:2]:
        # (batch, 24, 24, 64) → (batch, 6, 6, 64) at 48 pixels, or they fill the disk.
        window = outputs[pool].shape[1] // side
        outputs[pool] = layers.AveragePooling2D(window)(outputs[pool])
    reader = keras.Model(model.input, outputs, name="feature_reader")
    return _without_slow_xla(reader)


def cached_features(reader: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    """The features of faces: computed the first time, read from the cache afterwards.

    There is one file in `cache_folder()` for each combination of network, weights and
    faces. Where nothing can be written, nothing is stored.

    Args:
        reader: from `feature_reader`, or any model with a dictionary of outputs.
        images: uint8, shape (N, 48, 48), grey 0–255.

    Returns:
        For each output, float16, shape (N, …).
    """
    path = cache_folder() / f"features-{_key(reader, images)}.npz"
    features = _read(path)
    if features is None:
        features = _compute(reader, images)
        arrays: dict[str, Any] = {**features}
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with write_whole(path) as part:
                np.savez(part, **arrays)
    return features


def _key(reader: keras.Model, images: np.ndarray) -> str:
    """A digest of all that the features depend on."""
    # The automatic names of layers differ from run to run and do not count.
    about: list[Any] = [
        [type(layer).__name__, {**layer.get_config(), "name": ""}]
        for layer in reader.layers
    ]
    about += [_FORMAT, keras.__version__, keras.backend.backend()]
    about += [str(images.shape), str(images.dtype)]
    digest = hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode())
    for array in [*reader.get_weights(), images]:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:24]


def _compute(reader: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    features: dict[str, np.ndarray] = {}
    starts = range(0, len(images), _BATCH)
    for start in ProgressBar(starts, "features", unit="batch", delay=_BAR_AFTER):
        # (batch, 48, 48) → (batch, 48, 48, 1): one channel, grey.
        batch = images[start : start + _BATCH, ..., None].astype("float32")
        for name, part in reader.predict_on_batch(batch).items():
            if name not in features:
                # Half precision: half the file, and no accuracy is lost on features.
                features[name] = np.empty((len(images), *part.shape[1:]), "float16")
            features[name][start : start + len(part)] = part
    return features


def _read(path: Path) -> dict[str, np.ndarray] | None:
    """The stored features; None if there are none or the archive's sums do not fit."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None


# What learns on them
# -------------------------------------------------------------------------------------


def copy_after(model: keras.Model, pool: str) -> keras.Model:
    """A copy of the convolutions after a pool, with their weights, ready to be trained.

    It maps the features after `pool` to those after block 5; `model` stays as it is.

    Raises:
        ValueError: no convolution comes after `pool`.
    """
    if pool not in POOLS[:-1]:
        expected = f"expected one of {POOLS[:-1]}"
        raise ValueError(f'No convolution comes after "{pool}"; {expected}.')
    names = [layer.name for layer in model.layers]
    part = model.layers[names.index(pool) + 1 : names.index(POOLS[-1]) + 1]
    x = features = keras.Input(model.get_layer(pool).output.shape[1:], name="features")
    for layer in part:
        copy = type(layer).from_config({**layer.get_config(), "trainable": True})
        x = copy(x)  # builds the copy, so that it has weights to set
        copy.set_weights(layer.get_weights())
    return keras.Model(features, x, name=f"after_{pool}")


def copied(model: keras.Model) -> keras.Model:
    """A copy of a model with the same weights, to be trained on its own."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def new_head(
    shape: tuple[int, ...], dropout: float = 0.5, hidden: int = 0
) -> keras.Model:
    """A head for features: from (batch, *shape) to seven probabilities.

    Args:
        shape: of the features of one face.
        dropout: fraction of the features, and of the hidden neurons, dropped in
            training; 0 is off.
        hidden: neurons of a dense layer in between; 0 for none.
    """
    head = keras.Sequential([keras.Input(shape), layers.Flatten()], name="head")
    # The features of one network may be thousands of times as large as another's.
    head.add(layers.BatchNormalization(momentum=0.9))
    head.add(layers.Dropout(dropout))
    if hidden:
        head.add(layers.Dense(hidden, activation="relu"))
        head.add(layers.Dropout(dropout))
    # Softmax in 32 bits even where the rest computes in 16.
    softmax = {"activation": "softmax", "dtype": "float32", "name": "predictions"}
    head.add(layers.Dense(len(EMOTIONS), **softmax))
    return head


def whole_network(model: keras.Model, pretrained: bool) -> keras.Model:
    """The convolutions, with the model's weights or new random ones, and a new head."""
    last = model.get_layer(POOLS[-1]).output
    body = keras.Model(model.input, last)
    convolutions = keras.models.clone_model(body)  # a clone has new random weights
    if pretrained:
        convolutions.set_weights(body.get_weights())
    head = new_head(last.shape[1:])
    return keras.Model(convolutions.input, head(convolutions.output))


def fit(
    model: keras.Model,
    features: np.ndarray,
    emotions: np.ndarray,
    held_out: tuple[np.ndarray, np.ndarray],
    epochs: int,
    rate: float = 1e-3,
) -> dict[str, list[float]]:
    """Train with Adam, and return loss and accuracy of each epoch."""
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss="sparse_categorical_crossentropy",  # for labels that are whole numbers
        metrics=["accuracy"],
        jit_compile=False if xla_is_slow() else "auto",  # the faster way to compute
    )
    # The bar appears only if training takes longer than two seconds.
    look: dict[str, Any] = {"desc": "training", "delay": _BAR_AFTER}
    bar = TqdmCallback(epochs, verbose=0, tqdm_class=ProgressBar, **look)
    data = {"x": features, "y": emotions, "validation_data": held_out}
    return model.fit(**data, epochs=epochs, verbose=0, callbacks=[bar]).history


def training_cost(model: keras.Model) -> int:
    """Multiplications of one face in one epoch of training.

    The backward pass takes about twice the multiplications of the forward pass.
    """
    parts = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    return 3 * sum(map(multiply_adds, parts or [model]))


def freeze_early(model: keras.Model) -> keras.Model:
    """Let only block 5 and the head of a model learn, as exercise 2.3 asks."""
    for layer in model.layers:
        layer.trainable = not layer.name.startswith(EARLY)
    model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy")
    return model


def varied(images: np.ndarray, seed: int, vary: Callable | None = None) -> np.ndarray:
    """Faces mirrored, turned, shifted and zoomed at random, as "pocket" trains on them.

    Faces in and out are uint8, shape (N, 48, 48); the same seed gives the same faces.
    With `vary`, this function of a face and a NumPy generator varies them instead.
    """
    if vary:
        random = np.random.default_rng(seed)
        return np.stack([vary(image, random) for image in images]).astype("uint8")
    pictures = images[..., None].astype("float32")  # (N, 48, 48, 1)
    for layer in augmentation_layers(RECIPES["pocket"].changed(seed=seed)):
        pictures = layer(pictures, training=True)
    # Interpolation leaves fractions; faces are whole grey values.
    grey = np.rint(keras.ops.convert_to_numpy(pictures)[..., 0])
    return np.clip(grey, 0, 255).astype("uint8")
