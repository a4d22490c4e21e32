"""What the panel knows about each variant: its answers, run, model and costs.

`python -m fercourse.lessons.lesson04.knowledge` asks every shipped model about the
panel's faces and writes data/models/panel_answers.npz. Run it when a model changes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE, Faces
from fercourse.data.practice import cached_practice_data, practice_faces
from fercourse.machine import write_whole
from fercourse.models.attention import SpatialAttention
from fercourse.models.costs import configuration_costs, places
from fercourse.models.network import Network
from fercourse.models.pocket import SHIPPED_MODELS, VARIANTS, is_shipped, pocket_model
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import POOLS
from fercourse.results.runs import RESULTS, Evaluation, Run, evaluate, read_run
from fercourse.results.statistics import mcnemar
from fercourse.training.loop import prepare, train
from fercourse.training.prediction import predict
from fercourse.training.recipes import RECIPES

FACES_PER_EMOTION = 6
TRAINING_MINUTES = 1.8
ANSWERS = SHIPPED_MODELS / "panel_answers.npz"
"""The shipped models' answers to the panel's faces, so that it opens at once."""


@dataclass(frozen=True)
class Answer:
    """What a variant answers for one face."""

    probabilities: np.ndarray  # shape (7,)
    attention_map: np.ndarray | None  # shape (grid, grid)


@dataclass(frozen=True)
class TrainedHere:
    """A variant trained in the panel, and how many practice test faces it got right."""

    model: keras.Model
    correct: int
    count: int


def panel_faces() -> Faces:
    """The panel's practice faces: six of each emotion, in the order of `EMOTIONS`."""
    faces = practice_faces(140, seed=4, proportions="uniform").faces
    of_emotion = [np.flatnonzero(faces.emotions == n) for n in range(len(EMOTIONS))]
    return faces[np.concatenate([rows[:FACES_PER_EMOTION] for rows in of_emotion])]


def with_map(model: keras.Model) -> keras.Model:
    """From faces to a dictionary: the probabilities, and the attention map if any."""
    outputs = {"probabilities": model.output}
    for layer in model.layers:
        if isinstance(layer, SpatialAttention):
            outputs["map"] = layer.output
    return keras.Model(model.input, outputs)


def ask(model: keras.Model, images: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Probabilities (N, 7) and maps (N, grid, grid) from a model of `with_map`."""
    # Called directly: `predict` prepares itself anew for every model, which takes long
    # enough to be felt on a slider.
    outputs = model(images[..., None].astype("float32"), training=False)
    arrays = {name: keras.ops.convert_to_numpy(part) for name, part in outputs.items()}
    maps = arrays.get("map")  # (N, grid, grid, 1)
    return arrays["probabilities"], None if maps is None else maps[..., 0]


def write_answers(path: Path = ANSWERS) -> None:
    """Store what every shipped model says about the panel's faces, in 16 bits."""
    images = panel_faces().images
    arrays: dict[str, Any] = {}
    for variant in VARIANTS:
        if is_shipped(variant):
            model = with_map(pocket_model(variant.after, variant.combine))
            probabilities, maps = ask(model, images)
            arrays[f"{variant.name}/probabilities"] = probabilities.astype("float16")
            if maps is not None:
                arrays[f"{variant.name}/maps"] = maps.astype("float16")
    with write_whole(path) as part:
        np.savez_compressed(part, **arrays)


@dataclass
class Knowledge:
    """Stored answers, runs, loaded models, and what was trained in the panel."""

    faces: Faces = field(default_factory=panel_faces)
    stored: dict[str, np.ndarray] = field(default_factory=dict)
    runs: dict[Network, Run] = field(default_factory=dict)
    models: dict[Network, keras.Model] = field(default_factory=dict)
    trained_here: dict[Network, TrainedHere] = field(default_factory=dict)

    @classmethod
    def of_the_course(cls) -> Knowledge:
        """What comes with the course; models are loaded when they are needed."""
        known = cls()
        if ANSWERS.exists():
            with np.load(ANSWERS, allow_pickle=False) as arrays:
                known.stored = dict(arrays)
        for variant in VARIANTS:
            name = f"{variant.name}-pocket-seed0"
            if (RESULTS / f"{name}.json").exists():
                known.runs[variant] = read_run(name)
        return known

    @cached_property
    def public(self) -> dict[Network, Evaluation]:
        """Each run on PublicTest. PrivateTest is not for choosing a position."""
        runs = self.runs.items()
        return {variant: evaluate(run.single["public"]) for variant, run in runs}

    def answer(
        self, variant: Network, image: np.ndarray, number: int | None
    ) -> Answer | None:
        """The variant's answer to a face, or None if it has not been trained.

        Args:
            variant: the network that is asked.
            image: uint8, shape (48, 48).
            number: of the face among the panel's, None for a learner's own picture.
        """
        key = f"{variant.name}/probabilities"
        if number is not None and is_shipped(variant) and key in self.stored:
            maps = self.stored.get(f"{variant.name}/maps")
            map_ = None if maps is None else maps[number].astype("float32")
            return Answer(self.stored[key][number].astype("float32"), map_)
        model = self._model(variant)
        if model is None:
            return None
        probabilities, maps = ask(model, image[None])
        return Answer(probabilities[0], None if maps is None else maps[0])

    def _model(self, variant: Network) -> keras.Model | None:
        trained = self.trained_here.get(variant)
        if variant not in self.models and (trained or is_shipped(variant)):
            shipped = None if trained else pocket_model(variant.after, variant.combine)
            self.models[variant] = with_map(trained.model if trained else shipped)
        return self.models.get(variant)


def train_here(
    variant: Network, stop: threading.Event, on_step: Callable[[int, int], None]
) -> TrainedHere:
    """Train a variant on practice faces for `TRAINING_MINUTES` at most, and test it.

    Args:
        variant: the network to train.
        stop: once set, it ends training; what was learned is kept.
        on_step: called with the steps done and the total number of steps.
    """
    data = cached_practice_data()
    # Fewer epochs at twice the rate: the schedule reaches its small rates in time.
    recipe = RECIPES["practice"].changed(epochs=7, learning_rate=2e-3)
    prepare(recipe)
    model = build_model(variant)
    train(model, data, recipe, minutes=TRAINING_MINUTES, stop=stop, on_step=on_step)
    right = predict(model, data.test.images).argmax(axis=-1) == data.test.emotions
    return TrainedHere(model, int(right.sum()), len(right))


# In words
# -------------------------------------------------------------------------------------


def verdict(known: Knowledge, before: Network, now: Network) -> str:
    """What changed between two variants on PublicTest, and what it means."""
    if now not in known.public:
        return (
            f"There is no run of {now.label} on FER2013 yet, so the panel shows shapes "
            f"and costs but no accuracy. You can train it here on practice faces."
        )
    here = known.public[now]
    if before == now or before not in known.public:
        return (
            f"{now.label}: {here.accuracy:.1f} % of FER2013's {here.count:,} "
            f"PublicTest faces, 95 % interval {here.low:.1f} to {here.high:.1f} %, one "
            f"seed. Move a slider to compare."
        )
    correct = [
        known.runs[variant].single["public"].correct for variant in (before, now)
    ]
    paired = mcnemar(*correct)
    change = (
        f"From {before.label} to {now.label}: {known.public[before].accuracy:.1f} to "
        f"{here.accuracy:.1f} % on the same {here.count:,} faces. {paired.only_first} "
        f"faces are right only before, {paired.only_second} only now. If both were "
        f"equally good, a split this uneven would have probability "
        f"{paired.p_value:.2f}. "
    )
    if paired.p_value >= 0.05:
        return change + "So no difference can be claimed."
    return change + (
        "That is more than chance explains for these two networks; another seed may "
        "disagree."
    )


def costs_in_words(variant: Network) -> str:
    """Parameters and multiply-adds, and what the block adds to them."""
    parameters, additions = configuration_costs(variant)
    plain_parameters, plain_additions = configuration_costs(Network.pocket())
    total = (
        f"{parameters:,} parameters, {additions / 1e6:.1f} million multiply-adds a face"
    )
    if not variant.after:
        return f"{total}."
    return (
        f"{total}: {parameters - plain_parameters:,} parameters and "
        f"{additions - plain_additions:,} multiply-adds more than without a block."
    )


def position_in_words(variant: Network) -> str:
    """The variant's grid, and how much of the face a cell of its map depends on."""
    if not variant.after:
        return "No block: plain VGG19."
    number = POOLS.index(variant.after[0])
    place = places(IMAGE_SIDE)[number]
    # The block's window reaches (kernel_size - 1) / 2 cells to each side, and a cell of
    # the grid is IMAGE_SIDE / grid pixels wide.
    window = (variant.kernel_size - 1) * IMAGE_SIDE // place.grid
    field_ = min(place.field + window, IMAGE_SIDE)
    return (
        f"After block {number + 1}: a map of {place.grid} × {place.grid}; a cell can "
        f"depend on {field_} × {field_} of the face's 48 × 48 pixels."
    )


if __name__ == "__main__":
    write_answers()
