"""Checkpoints: everything a training run needs to go on after the machine went away, without pickle."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fercourse.training.recipes import Recipe


@dataclass
class History:
    """What happened in a training run.

    Attributes:
        epochs: for each finished epoch: `loss` (mean cross-entropy of the training
            steps), `accuracy` (of the augmented training faces, in percent), `public`
            (PublicTest, in percent), `learning_rate` and `seconds`.
        seconds: time spent in training, over all resumed parts.
        finished: False when it was stopped before the recipe's last epoch.
        surroundings: code, versions, device and date of each part, see
            `fercourse.machine.surroundings`; one if it went through without a change of
            any of them.
    """

    epochs: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0
    finished: bool = False
    surroundings: list[dict[str, Any]] = field(default_factory=list)

    @property
    def best_epoch(self) -> int:
        """Number of the epoch, from 0, with the best PublicTest accuracy (the first of equals), or -1."""
        if not self.epochs:
            return -1
        return int(np.argmax([epoch["public"] for epoch in self.epochs]))


@dataclass
class Progress:
    """How far training has come.

    Attributes:
        history: of the finished epochs.
        epoch: the epoch under way, from 0.
        step: steps of it that are done.
        sums: loss and accuracy, summed over these steps.
        best: the model's weights after the best epoch, empty before the first epoch
            ends.
    """

    history: History = field(default_factory=History)
    epoch: int = 0
    step: int = 0
    sums: np.ndarray = field(default_factory=lambda: np.zeros(2))
    best: list[np.ndarray] = field(default_factory=list)


class Checkpoint:
    """A file with the progress and the state of one training run.

    Attributes:
        path: of the file.
        written: when there was last nothing to lose, by `time.monotonic`.
    """

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        """Use `folder` for the run that `identity` (recipe and model, ready for JSON) tells apart."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "checkpoint.npz"
        self.written, self.cost = time.monotonic(), 0.0
        self.identity = identity

    def is_cheap(self) -> bool:
        """Whether so much time has passed that writing again takes no more than a twentieth of it.

        The paper's network, its best weights and its optimiser are 2 GB, and an epoch
        on a GPU takes seconds.
        """
        return time.monotonic() - self.written >= 20 * self.cost

    def exists(self) -> bool:
        """Whether there is something to go on from."""
        return self.path.exists()

    def save(self, progress: Progress, state: Sequence[np.ndarray]) -> None:
        """Write beside and rename, so that the file is always whole."""
        started = time.monotonic()
        about = {
            **self.identity,
            "epoch": progress.epoch,
            "step": progress.step,
            "sums": progress.sums.tolist(),
            "epochs": progress.history.epochs,
            "seconds": progress.history.seconds,
            "finished": progress.history.finished,
            "surroundings": progress.history.surroundings,
        }
        arrays = {f"state{i}": array for i, array in enumerate(state)}
        arrays |= {f"best{i}": array for i, array in enumerate(progress.best)}
        beside = self.path.with_suffix(".npz.part")
        with open(beside, "wb") as file:
            np.savez(file, about=np.array(json.dumps(about)), **arrays)
        os.replace(beside, self.path)
        self.written = time.monotonic()
        self.cost = self.written - started

    def load(self) -> tuple[Progress, list[np.ndarray]]:
        """The progress and the state that were saved last.

        Raises:
            ValueError: the file belongs to another recipe or model.
        """
        with np.load(self.path, allow_pickle=False) as arrays:
            about = json.loads(str(arrays["about"]))
            for name, value in self.identity.items():
                if _as_today(name, about.get(name)) != value:
                    raise ValueError(
                        f"{self.path.parent.name}/{self.path.name} belongs to another "
                        f"{name}. "
                        "Delete it to begin anew, or use another folder."
                    )
            count = {
                kind: sum(name.startswith(kind) for name in arrays)
                for kind in ("state", "best")
            }
            state = [arrays[f"state{i}"] for i in range(count["state"])]
            best = [arrays[f"best{i}"] for i in range(count["best"])]
        history = History(
            about["epochs"], about["seconds"], about["finished"], about["surroundings"]
        )
        return Progress(
            history, about["epoch"], about["step"], np.array(about["sums"]), best
        ), state


def _as_today(name: str, stored: Any) -> Any:
    """A stored part of an identity. Fields that are younger than the file had their default values in it."""
    return (
        Recipe(**stored).as_dict()
        if name == "recipe" and isinstance(stored, dict)
        else stored
    )
