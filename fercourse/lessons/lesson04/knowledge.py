"""What the panel knows about each network: its answers, and which faces it gets right.

`python -m fercourse.lessons.lesson04.knowledge` asks every shipped model about the
panel's faces and writes data/models/panel_answers.npz. Run it when a model changes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE, Faces
from fercourse.data.practice import cached_practice_data, practice_faces
from fercourse.machine import write_whole
from fercourse.models.attention import SpatialAttention
from fercourse.models.network import Network
from fercourse.models.pocket import (
    LARGER_VARIANTS,
    SHIPPED_MODELS,
    VARIANTS,
    is_shipped,
    pocket_model,
)
from fercourse.models.systems import build_model
from fercourse.results.runs import Run, runs
from fercourse.results.table3.rows import is_pocket_run
from fercourse.results.table3.words import network_of
from fercourse.training.loop import prepare, train
from fercourse.training.prediction import predict
from fercourse.training.recipes import RECIPES

FACES_PER_EMOTION = 6
ANSWERS = SHIPPED_MODELS / "panel_answers.npz"
"""The shipped models' answers to the panel's faces, so that it opens at once."""


class Choice(NamedTuple):
    """A network and the faces that it was trained on."""

    variant: Network
    trained_on: str = "fer2013"  # or "practice"

    @property
    def key(self) -> str:
        """Where its answers are stored."""
        return f"{self.trained_on}/{self.variant.name}"


def shipped_choices() -> list[Choice]:
    """The choices whose weights come with the course."""
    networks, sources = (*VARIANTS, *LARGER_VARIANTS), ("fer2013", "practice")
    choices = [Choice(network, source) for source in sources for network in networks]
    return [choice for choice in choices if is_shipped(*choice)]


def position_of(variant: Network) -> str:
    """Its position in words, such as "block 4" or "no block, 96 px"."""
    return variant.label.replace(f", {variant.combine}", "")


@dataclass(frozen=True)
class Answer:
    """What a network answers for one face."""

    probabilities: np.ndarray  # shape (7,)
    attention_map: np.ndarray | None  # shape (grid, grid)


@dataclass(frozen=True)
class TrainedHere:
    """A network trained in the panel, and which practice test faces it gets right."""

    model: keras.Model
    correct: np.ndarray  # bool, shape (1000,)


class DrawnFaces(NamedTuple):
    """Practice faces, and what their expressions change."""

    faces: Faces
    evidence: np.ndarray  # bool, shape (N, 48, 48)


def panel_faces() -> DrawnFaces:
    """The panel's practice faces: six of each emotion, in the order of `EMOTIONS`."""
    drawn = practice_faces(140, seed=4, proportions="uniform")
    emotions = drawn.faces.emotions
    of_emotion = [np.flatnonzero(emotions == n) for n in range(len(EMOTIONS))]
    rows = np.concatenate([numbers[:FACES_PER_EMOTION] for numbers in of_emotion])
    return DrawnFaces(drawn.faces[rows], drawn.evidence[rows])


def with_map(model: keras.Model) -> keras.Model:
    """From faces to a dictionary: the probabilities, and the attention map if any."""
    outputs = {"probabilities": model.output}
    for layer in model.layers:
        if isinstance(layer, SpatialAttention):
            outputs["map"] = layer.output
    return keras.Model(model.input, outputs)


def shipped_model(choice: Choice) -> keras.Model:
    """A model that comes with the course, with its map."""
    variant, trained_on = choice
    after, combine, size = variant.after, variant.combine, variant.size
    return with_map(pocket_model(after, combine, trained_on, size))


def ask(model: keras.Model, images: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Probabilities (N, 7) and maps (N, grid, grid) from a model of `with_map`."""
    # Called directly: `predict` prepares itself anew for every model, which takes long
    # enough to be felt.
    outputs = model(images[..., None].astype("float32"), training=False)
    arrays = {name: keras.ops.convert_to_numpy(part) for name, part in outputs.items()}
    maps = arrays.get("map")  # (N, grid, grid, 1)
    return arrays["probabilities"], None if maps is None else maps[..., 0]


def write_answers(path: Path = ANSWERS) -> None:
    """Store what every shipped model says about the panel's faces, in 16 bits."""
    images = panel_faces().faces.images
    arrays: dict[str, Any] = {}
    for choice in shipped_choices():
        probabilities, maps = ask(shipped_model(choice), images)
        arrays[f"{choice.key}/probabilities"] = probabilities.astype("float16")
        if maps is not None:
            arrays[f"{choice.key}/maps"] = maps.astype("float16")
    with write_whole(path) as part:
        np.savez_compressed(part, **arrays)


def _with_seed_0(found: Iterable[Run]) -> dict[Network, Run]:
    """Each network's run with seed 0, whose model is shipped."""
    return {network_of(run): run for run in found if run.recipe["seed"] == 0}


@dataclass
class Knowledge:
    """Stored answers, runs, loaded models, and what was trained in the panel."""

    drawn: DrawnFaces = field(default_factory=panel_faces)
    shipped: list[Choice] = field(default_factory=shipped_choices)
    stored: dict[str, np.ndarray] = field(default_factory=dict)
    runs: dict[Network, Run] = field(default_factory=dict)  # on FER2013
    practice_runs: dict[Network, Run] = field(default_factory=dict)
    models: dict[Choice, keras.Model] = field(default_factory=dict)
    trained_here: dict[Network, TrainedHere] = field(default_factory=dict)

    @classmethod
    def of_the_course(cls) -> Knowledge:
        """What comes with the course; models are loaded when they are needed."""
        known = cls()
        if ANSWERS.exists():
            with np.load(ANSWERS, allow_pickle=False) as arrays:
                known.stored = dict(arrays)
        known.runs = _with_seed_0(filter(is_pocket_run, runs()))
        known.practice_runs = _with_seed_0(runs("practice"))
        return known

    @property
    def faces(self) -> Faces:
        """The panel's faces."""
        return self.drawn.faces

    @property
    def networks(self) -> list[Network]:
        """The networks of the panel: those that were trained on FER2013."""
        return [network for network, source in self.shipped if source == "fer2013"]

    def is_trained(self, choice: Choice) -> bool:
        """Whether there is a model to ask."""
        return choice in self.shipped or self._is_trained_here(choice)

    def _is_trained_here(self, choice: Choice) -> bool:
        return choice.trained_on == "practice" and choice.variant in self.trained_here

    def answer(
        self, choice: Choice, image: np.ndarray, number: int | None
    ) -> Answer | None:
        """A network's answer to a face, or None if it has not been trained.

        Args:
            choice: the network that is asked.
            image: uint8, shape (48, 48).
            number: of the face among the panel's, None for a learner's own picture.
        """
        key = f"{choice.key}/probabilities"
        if number is not None and choice in self.shipped and key in self.stored:
            maps = self.stored.get(f"{choice.key}/maps")
            map_ = None if maps is None else maps[number].astype("float32")
            return Answer(self.stored[key][number].astype("float32"), map_)
        if not self.is_trained(choice):
            return None
        probabilities, maps = ask(self._model(choice), image[None])
        return Answer(probabilities[0], None if maps is None else maps[0])

    def right_in_panel(self, choice: Choice) -> int:
        """How many of the panel's faces a trained network gets right."""
        key = f"{choice.key}/probabilities"
        if key not in self.stored:
            self.stored[key], _ = ask(self._model(choice), self.faces.images)
        return int((self.stored[key].argmax(axis=-1) == self.faces.emotions).sum())

    def correct(self, choice: Choice) -> np.ndarray | None:
        """Which test faces it gets right, bool; None if it was not tested.

        Networks trained on FER2013 are tested on its PublicTest, because PrivateTest is
        not for choosing a position; the others on the practice test faces.
        """
        if self._is_trained_here(choice):
            return self.trained_here[choice.variant].correct
        on_fer2013 = choice.trained_on == "fer2013"
        run = (self.runs if on_fer2013 else self.practice_runs).get(choice.variant)
        if run is None or choice not in self.shipped:
            return None
        return run.single["public" if on_fer2013 else "private"].correct

    def keep(self, variant: Network, trained: TrainedHere) -> None:
        """Remember a network that was trained in the panel."""
        choice = Choice(variant, "practice")
        self.trained_here[variant] = trained
        self.models[choice] = with_map(trained.model)
        self.stored.pop(f"{choice.key}/probabilities", None)  # of an earlier training

    def _model(self, choice: Choice) -> keras.Model:
        if choice not in self.models:
            self.models[choice] = shipped_model(choice)
        return self.models[choice]


def training_minutes(variant: Network) -> float:
    """The longest that the panel trains: an epoch costs as much as a face's pixels."""
    return 1.8 * (variant.size / IMAGE_SIDE) ** 2


def train_here(
    variant: Network, stop: threading.Event, on_step: Callable[[int, int], None]
) -> TrainedHere:
    """Train a network on practice faces for `training_minutes` at most, and test it.

    Args:
        variant: the network to train.
        stop: once set, it ends training; what was learned is kept.
        on_step: called with the steps done and the total number of steps.
    """
    data = cached_practice_data()
    # Fewer epochs at twice the rate: the schedule reaches its small rates in time.
    recipe = RECIPES["practice"].changed(epochs=7, learning_rate=2e-3)
    prepare(recipe)
    model, minutes = build_model(variant), training_minutes(variant)
    train(model, data, recipe, minutes=minutes, stop=stop, on_step=on_step)
    answers = predict(model, data.test.images).argmax(axis=-1)
    return TrainedHere(model, answers == data.test.emotions)


if __name__ == "__main__":
    write_answers()
