"""The variants of the pocket network, and what is known of each from its model and its run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE, Faces
from fercourse.data.practice import cached_practice_data, practice_faces
from fercourse.models.attention import SpatialAttention
from fercourse.models.costs import places, pocket_costs
from fercourse.models.pocket import (
    SHIPPED_MODELS,
    VARIANTS,
    Variant,
    pocket_configuration,
    pocket_model,
)
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import POOLS
from fercourse.results.runs import RESULTS, Run, evaluate, read_run
from fercourse.results.statistics import mcnemar
from fercourse.training.loop import prepare, train
from fercourse.training.prediction import attention_maps, predict
from fercourse.training.recipes import RECIPES

FACES_PER_EMOTION = 6

TRAINING_MINUTES = 1.8
ANSWERS = SHIPPED_MODELS / "panel_answers.npz"
"""What every shipped model answers to the panel's faces, so that the panel opens without loading any."""


@dataclass(frozen=True)
class Answer:
    """What one variant says about one face: probabilities, shape (7,), and its map, (grid, grid) or None."""

    probabilities: np.ndarray
    attention_map: np.ndarray | None


@dataclass(frozen=True)
class TrainedHere:
    """A variant trained on practice faces in the panel: the model, and how many test faces it got right."""

    model: keras.Model
    correct: int
    count: int


def panel_faces() -> Faces:
    """The practice faces of the panel: six of each emotion, in the order of `EMOTIONS`."""
    faces = practice_faces(140, seed=4, proportions="uniform").faces
    chosen = [
        np.flatnonzero(faces.emotions == number)[:FACES_PER_EMOTION]
        for number in range(len(EMOTIONS))
    ]
    return faces[np.concatenate(chosen)]


def answers_of(
    model: keras.Model, images: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """A model's probabilities (N, 7) and the maps (N, grid, grid) of its first attention block, if any."""
    maps = list(attention_maps(model, images).values())
    return predict(model, images), maps[0] if maps else None


def write_answers(path: Path = ANSWERS) -> None:
    """Ask every shipped model about the panel's faces and store what it says, in 16 bits."""
    images, arrays = panel_faces().images, {}
    for variant in VARIANTS:
        if variant.shipped:
            probabilities, maps = answers_of(
                pocket_model(variant.after, variant.combine), images
            )
            arrays[f"{variant.name}/probabilities"] = probabilities.astype("float16")
            if maps is not None:
                arrays[f"{variant.name}/maps"] = maps.astype("float16")
    beside = path.with_name(f".{path.name}.part")
    with open(beside, "wb") as file:
        np.savez_compressed(file, **arrays)
    beside.replace(path)


@dataclass
class Knowledge:
    """What the panel knows: stored answers, runs, loaded models, and what was trained here."""

    faces: Faces = field(default_factory=panel_faces)
    stored: dict[str, np.ndarray] = field(default_factory=dict)
    runs: dict[Variant, Run] = field(default_factory=dict)
    models: dict[Variant, keras.Model] = field(default_factory=dict)
    trained_here: dict[Variant, TrainedHere] = field(default_factory=dict)

    @classmethod
    def of_the_course(cls) -> Knowledge:
        """Stored answers and runs as they come with the course; models are loaded when they are needed."""
        known = cls()
        if ANSWERS.exists():
            with np.load(ANSWERS, allow_pickle=False) as arrays:
                known.stored = {name: arrays[name] for name in arrays.files}
        for variant in VARIANTS:
            name = f"{variant.name}-pocket-seed0"
            if (RESULTS / f"{name}.json").exists():
                known.runs[variant] = read_run(name)
        return known

    def answer(
        self, variant: Variant, image: np.ndarray, number: int | None
    ) -> Answer | None:
        """The variant's answer to a face, or None if no such model was trained.

        Args:
            variant: which.
            image: uint8, shape (48, 48).
            number: of the face among the panel's, None for a picture of the learner's
                own.
        """
        key = f"{variant.name}/probabilities"
        if number is not None and variant.shipped and key in self.stored:
            maps = self.stored.get(f"{variant.name}/maps")
            attention_map = None if maps is None else maps[number].astype("float32")
            return Answer(self.stored[key][number].astype("float32"), attention_map)
        model = self._model(variant)
        if model is None:
            return None
        # Called directly: `predict` prepares itself anew for every model, which a
        # slider would feel.
        outputs = model(image[None, ..., None].astype("float32"), training=False)
        probabilities, *maps = (
            keras.ops.convert_to_numpy(output)[0] for output in outputs
        )
        return Answer(probabilities, maps[0][..., 0] if maps else None)

    def _model(self, variant: Variant) -> keras.Model | None:
        """From faces to a list: probabilities, and the map if there is one."""
        trained = self.trained_here.get(variant)
        if variant not in self.models and (trained is not None or variant.shipped):
            model = (
                trained.model
                if trained
                else pocket_model(variant.after, variant.combine)
            )
            maps = [
                layer.output
                for layer in model.layers
                if isinstance(layer, SpatialAttention)
            ]
            self.models[variant] = keras.Model(model.input, [model.output, *maps])
        return self.models.get(variant)


def verdict(known: Knowledge, before: Variant, now: Variant) -> str:
    """What changed between two variants, and whether the difference means anything.

    On PublicTest: whoever looks at all places chooses among them, and PrivateTest is
    not for choosing.
    """
    if now not in known.runs:
        return (
            f"There is no run of {now.label} on FER2013 yet, so shapes and costs are "
            f"shown and no accuracy. "
            "You can train it here on practice faces."
        )
    here = evaluate(known.runs[now].single["public"])
    if before == now or before not in known.runs:
        return (
            f"{now.label}: {here.accuracy:.1f} % of FER2013's {here.count:,} "
            f"PublicTest faces, "
            f"95 % interval {here.low:.1f} to {here.high:.1f} %, one seed. Move a "
            f"slider to compare."
        )
    there = evaluate(known.runs[before].single["public"])
    paired = mcnemar(
        known.runs[before].single["public"].correct,
        known.runs[now].single["public"].correct,
    )
    text = (
        f"From {before.label} to {now.label}: {there.accuracy:.1f} to "
        f"{here.accuracy:.1f} % on the same "
        f"{here.count:,} faces. {paired.only_first} faces are right only before, "
        f"{paired.only_second} only "
        f"now; chance alone divides them at least so unevenly with probability "
        f"{paired.p_value:.2f}. "
    )
    if paired.p_value >= 0.05:
        return text + "So no difference can be claimed."
    return (
        text
        + "That is more than chance explains for these two networks; whether another "
        "seed agrees is open."
    )


def costs_in_words(variant: Variant) -> str:
    """Parameters and multiply-adds, and what the block adds to them."""
    parameters, additions = pocket_costs(
        variant.after, variant.combine, variant.kernel_size
    )
    plain_parameters, plain_additions = pocket_costs(None)
    text = (
        f"{parameters:,} parameters, {additions / 1e6:.1f} million multiply-adds a face"
    )
    if variant.after is None:
        return text + "."
    return (
        f"{text}: {parameters - plain_parameters:,} parameters and "
        f"{additions - plain_additions:,} "
        "multiply-adds more than without the block."
    )


def train_here(
    variant: Variant, stop: threading.Event, on_step: Callable[[int, int], None]
) -> TrainedHere:
    """Train a variant on practice faces for `TRAINING_MINUTES` at most, and test it on others.

    Args:
        variant: which.
        stop: set, it ends training early; what was learned is kept.
        on_step: called with the steps done and the steps in all.
    """
    data = cached_practice_data()
    # Fewer epochs at twice the rate end within the time, and so with a small rate.
    recipe = RECIPES["practice"].changed(epochs=7, learning_rate=2e-3)
    prepare(recipe)
    configuration = pocket_configuration(variant.after, variant.combine)
    if variant.after is not None:
        configuration["kernel_size"] = variant.kernel_size
    model = build_model(configuration)
    train(model, data, recipe, minutes=TRAINING_MINUTES, stop=stop, on_step=on_step)
    right = predict(model, data.test.images).argmax(axis=-1) == data.test.emotions
    return TrainedHere(model, int(right.sum()), len(right))


def position_in_words(variant: Variant) -> str:
    """The grid at the variant's place, and how much of the face one cell of the map can depend on."""
    if variant.after is None:
        return "No attention block: plain VGG19."
    number = POOLS.index(variant.after)
    place = places(IMAGE_SIDE)[number]
    # The block's own window reaches over its neighbours on the grid.
    seen = min(
        place.field + (variant.kernel_size - 1) * IMAGE_SIDE // place.grid, IMAGE_SIDE
    )
    return (
        f"After block {number + 1}: a map of {place.grid} × {place.grid}; a cell can "
        f"depend on "
        f"{seen} × {seen} of the face's 48 × 48 pixels."
    )
