"""Rehearsals: a batch of faces, a training stopped on purpose, luck among seeds."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from keras import layers

from fercourse.data.faces import EMOTIONS, Faces
from fercourse.training.ablation import THRESHOLDS
from fercourse.training.augmentation import augmentation_layers
from fercourse.training.recipes import Recipe


def temporary_folder() -> TemporaryDirectory:
    """A folder that is gone after its `cleanup()`, or with the notebook."""
    return TemporaryDirectory()


def training_batch(
    faces: Faces, recipe: Recipe, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Faces as a recipe varies and blends them, (N, 48, 48), and targets, (N, 7)."""
    varied = faces.images[..., None].astype("float32")
    for layer in augmentation_layers(recipe.changed(seed=5)):
        varied = layer(varied, training=True)
    labels = np.eye(len(EMOTIONS), dtype="float32")[faces.emotions]
    mixup = layers.MixUp(alpha=recipe.mixup, seed=seed)
    mixed = mixup({"images": varied, "labels": labels})
    return np.asarray(mixed["images"])[..., 0], np.asarray(mixed["labels"])


def targets_in_words(targets: np.ndarray) -> list[str]:
    """Captions of targets, shape (N, 7): a line such as "0.80 happy" for each share."""
    captions = []
    for target in targets:
        largest = [
            emotion for emotion in np.argsort(-target) if target[emotion] > 0.005
        ]
        lines = [f"{target[emotion]:.2f} {EMOTIONS[emotion]}" for emotion in largest]
        captions.append("\n".join(lines))
    return captions


def stop_after(steps: int) -> dict[str, Any]:
    """Arguments of `train` that end it after this many steps, as Ctrl-C would."""
    stop = threading.Event()

    def on_step(done: int, total: int) -> None:
        if done >= steps:
            stop.set()

    return {"stop": stop, "on_step": on_step}


def checkpoint_contents(folder: str | Path) -> tuple[int, int, int]:
    """The epoch and step a checkpoint resumes from, and its number of arrays."""
    with np.load(Path(folder, "checkpoint.npz"), allow_pickle=False) as kept:
        about = json.loads(str(kept["about"]))
        return about["epoch"], about["step"], len(kept.files) - 1


def disagreement(correct: Sequence[np.ndarray]) -> float:
    """Share of faces on which just one of two networks is right, averaged over pairs.

    Args:
        correct: for each network bool, shape (N,), whether it was right.
    """
    return float(
        np.mean([np.mean(one != other) for one, other in combinations(correct, 2)])
    )


def gains_of_picking(
    spread: float, most: int = 10, repeats: int = 20_000
) -> tuple[list[float], list[float]]:
    """Mean gain of the best of 1 to `most` equally good networks, in points.

    Args:
        spread: of their accuracies, in points.
        most: how many networks are trained at most.
        repeats: how often it is simulated.

    Returns:
        The gain on the faces on which the best was picked, and on other faces.
    """
    halves = spread * np.random.default_rng(1).normal(size=(2, repeats, most))
    every = np.arange(repeats)
    picked = [halves[0, :, :tries].argmax(axis=1) for tries in range(1, most + 1)]
    seems, remains = (
        [float(half[every, best].mean()) for best in picked] for half in halves
    )
    return seems, remains


def thresholds_table() -> list[list[str]]:
    """What to do next at which accuracy on PublicTest, and why there."""
    rows = [[one.accuracies, one.advice, one.reason] for one in THRESHOLDS]
    return [["PublicTest (%), one view", "what to do next", "why there"], *rows]
