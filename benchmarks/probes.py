"""Why did the first full-size run learn so slowly? Probes of a few minutes on a CPU.

    FERCOURSE_VGG19_WEIGHTS=… python benchmarks/probes.py head
    FERCOURSE_VGG19_WEIGHTS=… python benchmarks/probes.py network
    FERCOURSE_VGG19_WEIGHTS=… python benchmarks/probes.py variations
    FERCOURSE_VGG19_WEIGHTS=… python benchmarks/probes.py factorial
    FERCOURSE_VGG19_WEIGHTS=… python benchmarks/probes.py knowledge

`head`: the paper's head at 224 pixels, on frozen features of 512 training faces, for
several scales of the features and several rates: how large the first loss is, how far
one step of Adam moves the logits, whether the gradients that reach block 5 keep their
direction, and what the head has learned after four passes.

`network`: the whole network at 64 pixels and full width, two passes over 2,000 training
faces, for a few of them.

`variations`: the same with one thing changed at a time: clipping, warm-up, the head,
network B, and SGD at smaller rates.

`factorial`: the same with features times 1 and times 0.05, each at two rates, from five
initial weights: is it the scale or the rate? It has not been run yet.

`knowledge`: what ImageNet's features know about all of FER2013 at 96 pixels, block by
block, by a linear classifier; and what its raw pixels say, by the same classifier.

Every answer is written at once into data/probes.json, where lessons 02 and 08 read it;
what is there already is not computed again. Accuracies are those on PublicTest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

from fercourse.machine import load_backend, write_whole

# TensorFlow reads it when it starts; oneDNN's kernels are twice as fast as Eigen's.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
load_backend()

import keras
import numpy as np
from keras import layers

from fercourse.data.cache import cache_folder
from fercourse.data.faces import Faces
from fercourse.data.fer2013.load import load_fer2013
from fercourse.lessons.lesson08.head import probe_head
from fercourse.machine import hardware, path_in, versions
from fercourse.models.network import NETWORK_B
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import POOLS, vgg19
from fercourse.results.probes import STORED
from fercourse.training.prediction import predict

TRAINED, TESTED = 512, 256  # faces of the head's probes
HEAD_PROBES = [
    (scale, rate) for scale in (1.0, 0.05, 0.01, 0.004) for rate in (1e-5, 5e-5, 1e-4)
]
NETWORK_PROBES: list[dict[str, Any]] = [
    {"scale": 1.0, "rate": 1e-4, "optimizer": "adam"},
    {"scale": 0.05, "rate": 5e-5, "optimizer": "adam"},
    {"scale": 1.0, "rate": 2e-5, "optimizer": "adam"},
    {"scale": 0.05, "rate": 1e-2, "optimizer": "sgd"},
]
VARIATIONS: list[dict[str, Any]] = [
    {"varied": "nothing"},
    {"varied": "network B", "network": NETWORK_B},
    {"varied": "clipped to norm 1", "clip": 1.0},
    {"varied": "SGD, rate 1e-3", "optimizer": "sgd", "rate": 1e-3},
    {"varied": "warm-up of half a pass", "warm_up": 31},
    {"varied": "head mean_max", "network": {"head": "mean_max"}},
    {"varied": "SGD, rate 1e-4", "optimizer": "sgd", "rate": 1e-4},
]
"""Each changes one thing in the best of `NETWORK_PROBES`: scale 0.05, Adam at 5e-5."""
FACTORIAL = [
    {"seed": seed, "scale": scale, "rate": rate}
    for seed in range(5)
    for scale in (1.0, 0.05)
    for rate in (1e-4, 5e-5)
]
"""All four settings from the same initial weights, before the next weights."""


def main() -> None:
    """Run the probes that are named and not stored yet."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = ["head", "network", "variations", "factorial", "knowledge"]
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("--data", type=Path, help="FER2013; found without")
    options = parser.parse_args()
    data = load_fer2013(options.data)
    globals()[f"{options.kind}_probes"](data)


def stored() -> dict[str, Any]:
    """What earlier calls wrote."""
    return json.loads(STORED.read_text("utf-8")) if STORED.is_file() else {}


def store(kind: str, about: dict[str, Any], row: dict[str, Any] | None = None) -> None:
    """Write one more row of a kind of probe, and what all of them have in common."""
    everything = stored()
    weights = path_in("FERCOURSE_VGG19_WEIGHTS")
    digest = hashlib.sha256(weights.read_bytes()).hexdigest() if weights else "Keras's"
    common = {"weights": digest, "hardware": hardware(), "versions": versions()}
    entry = everything.setdefault(kind, {"about": {**about, **common}, "rows": []})
    if row is not None:
        entry["rows"].append(row)
        print(row, flush=True)
    with write_whole(STORED) as part:
        part.write_text(json.dumps(everything, indent=1) + "\n", "utf-8")


def missing(kind: str, settings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The settings that have no stored row."""
    rows = stored().get(kind, {}).get("rows", [])
    return [
        one for one in settings if not any(row.items() >= one.items() for row in rows)
    ]


# The head alone, at full size
# -------------------------------------------------------------------------------------


def head_probes(data) -> None:
    """The paper's head on frozen features at 224 pixels: (N, 7, 7, 512)."""
    settings = [{"scale": scale, "rate": rate} for scale, rate in HEAD_PROBES]
    todo = missing("head", settings)
    if not todo:
        return
    train, test = data.train[:TRAINED], data.validation[:TESTED]
    features, tested = (frozen_features(faces, 224) for faces in (train, test))
    about = {
        "size": 224,
        "faces": len(train),
        "tested on": f"the first {len(test)} of PublicTest",
        "passes": 4,
        "batch": 64,
        "feature mean": round(float(features.mean()), 3),
        "feature maximum": round(float(features.max()), 1),
        "share of zeros": round(float((features == 0).mean()), 3),
    }
    for setting in todo:
        head, row = probe_head(features, train.emotions, **setting)
        del row["losses"]  # too many to store; the others sum them up
        answers = head.predict(tested, batch_size=64, verbose=0)
        right = float((answers.argmax(axis=1) == test.emotions).mean())
        store("head", about, setting | row | {"tested": round(100 * right, 1)})


def frozen_features(faces: Faces, size: int) -> np.ndarray:
    """Features after block 5: float32, (N, grid · grid · 512); kept in the cache."""
    digest = hashlib.sha256(faces.images.tobytes()).hexdigest()[:16]
    path = cache_folder() / f"probe-{size}-{digest}.npy"
    if path.is_file():
        return np.load(path).astype("float32")
    model = vgg19(size=size, weights="imagenet", units=())
    reader = keras.Model(model.input, model.get_layer("block5_pool").output)
    reader.jit_compile = False
    images = faces.images[..., None].astype("float32")
    features = reader.predict(images, batch_size=16, verbose=0)
    features = features.reshape(len(features), -1).astype("float16")
    path.parent.mkdir(parents=True, exist_ok=True)
    with write_whole(path) as part:
        np.save(part, features)
    return features.astype("float32")


# The whole network, small
# -------------------------------------------------------------------------------------


def network_probes(data) -> None:
    """Two passes over 2,000 faces at 64 pixels, full width, ImageNet's weights."""
    faces = data.train[:2000], data.validation[:1000]
    for setting in missing("network", NETWORK_PROBES):
        model = small_model({"feature_scale": setting["scale"]})
        chosen = optimizer_of(setting["optimizer"], setting["rate"])
        store(
            "network", about_small(*faces), setting | two_passes(model, chosen, *faces)
        )


def variations_probes(data) -> None:
    """The best of the network's probes, with one thing changed at a time."""
    faces = data.train[:2000], data.validation[:1000]
    named = {setting["varied"]: setting for setting in VARIATIONS}
    for row in missing("variations", [{"varied": name} for name in named]):
        setting = dict(named[row["varied"]])
        del setting["varied"]
        model = small_model({"feature_scale": 0.05} | setting.pop("network", {}))
        chosen = optimizer_of(**{"optimizer": "adam", "rate": 5e-5} | setting)
        about = about_small(*faces) | {
            "otherwise": "feature_scale 0.05, Adam, rate 5e-5"
        }
        store("variations", about, row | two_passes(model, chosen, *faces))


def factorial_probes(data) -> None:
    """Two scales at two rates by Adam, from several initial weights."""
    faces = data.train[:2000], data.validation[:1000]
    for setting in missing("factorial", FACTORIAL):
        model = small_model({"feature_scale": setting["scale"]}, setting["seed"])
        row = two_passes(model, optimizer_of("adam", setting["rate"]), *faces)
        store("factorial", about_small(*faces), setting | row)


def about_small(train: Faces, test: Faces) -> dict[str, Any]:
    """What the probes of the whole network have in common."""
    return {
        "size": 64,
        "faces": len(train),
        "passes": 2,
        "batch": 32,
        "tested on": f"the first {len(test)} of PublicTest",
    }


def small_model(configuration: dict[str, Any], seed: int = 0) -> keras.Model:
    """VGG19 for 64 pixels with the paper's head; a configuration changes it."""
    keras.utils.set_random_seed(seed)
    plain = {"system": "vgg19", "weights": "imagenet", "dropout": 0.5}
    return build_model(plain | configuration | {"size": 64})


def optimizer_of(
    optimizer: str, rate: float, clip: float | None = None, warm_up: int = 0
) -> keras.optimizers.Optimizer:
    """Adam, or SGD with Nesterov's momentum 0.9.

    Args:
        optimizer: "adam" or "sgd".
        rate: the learning rate.
        clip: the largest norm of all gradients together.
        warm_up: steps over which the rate rises from zero.
    """
    schedule: Any = rate
    if warm_up:
        schedule = keras.optimizers.schedules.PolynomialDecay(0.0, warm_up, rate)
    if optimizer == "sgd":
        return keras.optimizers.SGD(
            schedule, momentum=0.9, nesterov=True, global_clipnorm=clip
        )
    return keras.optimizers.Adam(schedule, global_clipnorm=clip)


def two_passes(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    train: Faces,
    test: Faces,
) -> dict[str, Any]:
    """Accuracy on PublicTest after each of two passes; faces are mirrored at random."""
    model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
    order, public, losses, began = np.random.default_rng(0), [], [], time.time()
    for _ in range(2):
        rows = order.permutation(len(train))
        for start in range(0, len(rows) - 31, 32):
            batch = rows[start : start + 32]
            images = train.images[batch].astype("float32")
            mirrored = order.random(len(batch)) < 0.5
            images[mirrored] = images[mirrored, :, ::-1]
            loss = model.train_on_batch(images[..., None], train.emotions[batch])
            losses.append(float(loss))
        answers = predict(model, test.images)
        right = float((answers.argmax(1) == test.emotions).mean())
        public.append(round(100 * right, 1))
    return {
        "first loss": round(losses[0], 2),
        "last loss": round(float(np.mean(losses[-20:])), 2),
        "after one pass": public[0],
        "after two": public[1],
        "seconds": round(time.time() - began),
    }


# What ImageNet knows
# -------------------------------------------------------------------------------------


def knowledge_probes(data) -> None:
    """A linear classifier on each block's features of all faces, at 96 pixels."""
    about = {
        "size": 96,
        "features": "mean and maximum over the grid, after each block",
        "precision": "mixed_bfloat16",
        "classifier": "logistic regression on standardised features; C by PublicTest",
    }
    blocks = ["pixels", *(pool.removesuffix("_pool") for pool in POOLS)]
    splits = (data.train, data.validation, data.test)
    for setting in missing("knowledge", [{"block": block} for block in blocks]):
        inputs = [block_inputs(faces, setting["block"]) for faces in splits]
        row = classify(inputs, [split.emotions for split in splits])
        store("knowledge", about, setting | {"features": inputs[0].shape[1]} | row)


def block_inputs(faces: Faces, block: str) -> np.ndarray:
    """What the linear classifier is given: float32, (N, features)."""
    if block == "pixels":
        return faces.images.reshape(len(faces), -1).astype("float32")
    return pooled_features(faces, 96)[f"{block}_pool"].astype("float32")


def pooled_features(faces: Faces, size: int) -> dict[str, np.ndarray]:
    """Mean and maximum over the grid after each pool: float16, (N, 2 · channels)."""
    digest = hashlib.sha256(faces.images.tobytes()).hexdigest()[:16]
    path = cache_folder() / f"pooled-{size}-{digest}.npz"
    if path.is_file():
        with np.load(path, allow_pickle=False) as kept:
            return dict(kept)
    keras.mixed_precision.set_global_policy("mixed_bfloat16")  # nearly twice as fast
    model = vgg19(size=size, weights="imagenet", units=())
    outputs = {}
    for pool in POOLS:
        grid = model.get_layer(pool).output
        mean = layers.GlobalAveragePooling2D(dtype="float32")(grid)
        largest = layers.GlobalMaxPooling2D()(grid)
        outputs[pool] = layers.Concatenate(dtype="float32")([mean, largest])
    reader = keras.Model(model.input, outputs)
    reader.jit_compile = False
    images = faces.images[..., None]
    parts: dict[str, list[np.ndarray]] = {pool: [] for pool in POOLS}
    for start in range(0, len(images), 32):
        batch = images[start : start + 32].astype("float32")
        for pool, values in reader.predict_on_batch(batch).items():
            parts[pool].append(np.asarray(values, "float16"))
    kept = {pool: np.concatenate(values) for pool, values in parts.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {**kept}
    with write_whole(path) as part:
        np.savez(part, **arrays)
    return kept


def classify(inputs: list[np.ndarray], emotions: list[np.ndarray]) -> dict[str, Any]:
    """Right answers on both test halves, with the regularisation best on PublicTest."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    found = []
    for strength in (1e-4, 1e-3, 1e-2, 1e-1):
        fit = make_pipeline(
            StandardScaler(), LogisticRegression(C=strength, max_iter=300)
        ).fit(inputs[0], emotions[0])
        right = [
            int((fit.predict(x) == y).sum())
            for x, y in zip(inputs, emotions, strict=True)
        ]
        found.append((right[1], strength, right))
    _, strength, right = max(found)
    return {
        "C": strength,
        "training right": right[0],
        "public right": right[1],
        "private right": right[2],
    }


if __name__ == "__main__":
    main()
