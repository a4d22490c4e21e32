"""Measure lesson 02's numbers once for all readers: `python benchmarks/unfreezing.py`.

For two pretrained networks it trains a head on the features of every block, and then
lets 0, 1, … blocks learn as the lesson does. The numbers of right answers go to
`data/unfreezing.json`. It needs FER2013 and the ImageNet weights; `--network pocket`
needs neither. `--blocks 2` stops after two blocks, which saves most of the time.
`--controls` measures again only the heads that use no trained network.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import keras

import fercourse as fc
from fercourse.data.practice import cached_practice_data
from fercourse.lessons import lesson02
from fercourse.lessons.lesson02.unfreezing import STORED
from fercourse.machine import write_whole, xla_is_slow
from fercourse.models.vgg19 import POOLS

TRAINING, VALIDATION = 1_200, 900
HEAD_EPOCHS, TAIL_EPOCHS = 12, 4


def main() -> None:
    """Measure one network, or both, and write the file anew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", choices=("pocket", "imagenet"))
    parser.add_argument("--blocks", type=int, default=5, choices=range(6))
    parser.add_argument("--controls", action="store_true")
    options = parser.parse_args()
    chosen = options.network
    stored = json.loads(STORED.read_text("utf-8")) if STORED.exists() else {}
    for name in (chosen,) if chosen else ("pocket", "imagenet"):
        if options.controls:
            backbone, _, train, validation = network_and_faces(name)
            stored[name] |= controls(backbone, train, validation)
        else:
            stored[name] = measured(name, options.blocks)
        with write_whole(STORED) as part:
            part.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")


def network_and_faces(name: str) -> tuple[lesson02.Backbone, fc.FaceData, fc.Faces]:
    """A pretrained network, its data, and what it learns from and is tested on."""
    if name == "pocket":
        backbone, data = (
            lesson02.pretrained_backbone("practice"),
            cached_practice_data(),
        )
    else:
        backbone, data = lesson02.pretrained_backbone("quick"), fc.load_fer2013()
        if "ImageNet" not in backbone.name:
            raise SystemExit(str(backbone))
    train = data.train[:TRAINING]
    # A copy of a training face would reward memory.
    validation = data.validation[~data.in_training(data.validation)][:VALIDATION]
    return backbone, data, train, validation


def measured(name: str, most: int) -> dict:
    """The numbers of right answers of one network."""
    backbone, data, train, validation = network_and_faces(name)
    probes, head = probed(backbone.model, train, validation)
    print(name, probes, flush=True)
    levels = [probes[POOLS[-1]]]
    for blocks in range(1, most + 1):
        keras.utils.set_random_seed(0)
        learning = learning_part(backbone.model, blocks)
        tail = keras.Sequential([learning, lesson02.copied(head)])
        inputs, held_out = (
            features_before(backbone.model, blocks, faces.images)
            for faces in (train, validation)
        )
        rate = backbone.learning_rate / 2
        fit(tail, inputs, train.emotions, TAIL_EPOCHS, rate)
        levels.append(right(tail, held_out, validation.emotions))
        print(name, blocks, levels[-1], flush=True)
    commonest = np.bincount(train.emotions).argmax()
    return {
        "date": datetime.date.today().isoformat(),
        "data": f"{data.source}: {data.integrity}",
        "training": len(train),
        "validation": len(validation),
        "commonest": int((validation.emotions == commonest).sum()),
        "probes": probes,
        "unfrozen": levels,
        **controls(backbone, train, validation),
    }


def controls(
    backbone: lesson02.Backbone, train: fc.Faces, validation: fc.Faces
) -> dict:
    """Right answers of heads on raw pixels, and on features of random weights."""
    pixels = [
        faces.images[..., None].astype("float32") for faces in (train, validation)
    ]
    keras.utils.set_random_seed(0)
    untrained = keras.models.clone_model(backbone.model)
    return {
        "pixels": probe(*pixels, train.emotions, validation.emotions)[0],
        "random": probed(untrained, train, validation)[0],
    }


def probed(model, train, validation) -> tuple[dict[str, int], keras.Model]:
    """Right answers of a head on the features of each pool, and the last head."""
    reader, rows = lesson02.feature_reader(model), {}
    known = lesson02.cached_features(reader, train.images)
    new = lesson02.cached_features(reader, validation.images)
    for pool in POOLS:
        rows[pool], head = probe(
            known[pool], new[pool], train.emotions, validation.emotions
        )
    return rows, head


def probe(known, new, emotions, held_out) -> tuple[int, keras.Model]:
    """How many answers of a new head are right, and the head."""
    keras.utils.set_random_seed(0)
    head = lesson02.new_head(known.shape[1:])
    fit(head, known, emotions, HEAD_EPOCHS, 1e-3)
    return right(head, new, held_out), head


def features_before(model: keras.Model, blocks: int, images: np.ndarray) -> np.ndarray:
    """What the last blocks get: the features before them, or the pixels."""
    pixels = images[..., None].astype("float32")
    if blocks == 5:
        return pixels
    # Not from the cache, which averages the features of blocks 1 and 2.
    frozen = keras.Model(model.input, model.get_layer(POOLS[4 - blocks]).output)
    return frozen.predict(pixels, verbose=0)


def learning_part(model: keras.Model, blocks: int) -> keras.Model:
    """A copy of the last blocks, or of all convolutions from the pixels on."""
    if blocks < 5:
        return lesson02.copy_after(model, POOLS[4 - blocks])
    body = keras.Model(model.input, model.get_layer(POOLS[-1]).output)
    return lesson02.copied(body)


def fit(model, features, emotions, epochs: int, rate: float) -> None:
    """Compile and fit, as in the lesson."""
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss="sparse_categorical_crossentropy",
        jit_compile=False if xla_is_slow() else "auto",
    )
    model.fit(features, emotions, epochs=epochs, verbose=0)


def right(model, features, emotions) -> int:
    """How many answers are right."""
    answers = model.predict(features, verbose=0).argmax(axis=-1)
    return int((answers == emotions).sum())


if __name__ == "__main__":
    main()
