"""Checkpoints: all that a run needs to resume after a crash, without pickle."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fercourse.machine import write_whole
from fercourse.training.recipes import Recipe


@dataclass
class History:
    """What happened in a training run.

    Attributes:
        epochs: for each finished epoch: `loss` (mean cross-entropy of the training
            steps), `accuracy` (of the augmented training faces, in percent), `public`
            (PublicTest, in percent; 0 before the first step, when nothing is
            validated), `learning_rate` and `seconds`.
        seconds: time spent in training, over all resumed parts.
        finished: False when it was stopped before the recipe's last epoch.
        surroundings: code, versions, device and date of each part that differs from the
            others, see `fercourse.machine.surroundings`.
    """

    epochs: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0
    finished: bool = False
    surroundings: list[dict[str, Any]] = field(default_factory=list)

    @property
    def best_epoch(self) -> int:
        """The first epoch, from 0, with the best PublicTest accuracy; -1 before any."""
        if not self.epochs:
            return -1
        return int(np.argmax([epoch["public"] for epoch in self.epochs]))


@dataclass
class Progress:
    """How far training has come."""

    history: History = field(default_factory=History)
    epoch: int = 0  # the one under way, from 0
    step: int = 0  # steps of it that are done
    # Loss and share of correct answers, summed over these steps.
    sums: np.ndarray = field(default_factory=lambda: np.zeros(2))
    # The model's weights after the best epoch; empty before the first one ends.
    best: list[np.ndarray] = field(default_factory=list)


def require_finite(what: str, *arrays: np.ndarray) -> None:
    """Raise FloatingPointError where one of the arrays holds NaN or infinity."""
    if not all(np.isfinite(array).all() for array in arrays):
        raise FloatingPointError(f"the {what} is not finite")


class Checkpoint:
    """A file with the progress and the state of one training run."""

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        """Use `folder` for the run with this `identity` (ready for JSON)."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "checkpoint.npz"
        self.written = time.monotonic()  # when there was last nothing to lose
        self.cost = 0.0  # seconds that the last write took
        self.identity = identity

    def is_cheap(self) -> bool:
        """Whether writing takes at most a twentieth of the time since the last time.

        The paper's network, its best weights and its optimiser are 2 GB, and an epoch
        on a GPU takes seconds.
        """
        return time.monotonic() - self.written >= 20 * self.cost

    def exists(self) -> bool:
        """Whether there is a file to resume from."""
        return self.path.exists()

    def save(self, progress: Progress, state: Sequence[np.ndarray]) -> None:
        """Replace the file by this progress and state, which must be finite."""
        # A step can spoil weights although its loss, from before it, was finite.
        require_finite("state of the training", *state)
        started = time.monotonic()
        about = self.identity | asdict(progress.history)
        about |= {"epoch": progress.epoch, "step": progress.step}
        about["sums"] = progress.sums.tolist()
        # The words are JSON in an array of text, so that the file needs no pickle.
        arrays: dict[str, Any] = {"about": np.array(json.dumps(about))}
        arrays |= {f"state{i}": array for i, array in enumerate(state)}
        arrays |= {f"best{i}": array for i, array in enumerate(progress.best)}
        with write_whole(self.path) as part:
            np.savez(part, **arrays)
        self.written = time.monotonic()
        self.cost = self.written - started

    def load(self) -> tuple[Progress, list[np.ndarray]]:
        """The progress and the state saved last; refuses a file of another identity."""
        with np.load(self.path, allow_pickle=False) as arrays:
            about = json.loads(str(arrays["about"]))
            self._require_own(about)
            kinds: dict[str, list[np.ndarray]] = {"state": [], "best": []}
            for name in arrays:  # in the order in which they were written
                kind = name.rstrip("0123456789")
                if kind in kinds:
                    kinds[kind].append(arrays[name])
        history = History(**{name: about[name] for name in asdict(History())})
        sums = np.array(about["sums"])
        progress = Progress(history, about["epoch"], about["step"], sums, kinds["best"])
        return progress, kinds["state"]

    def _require_own(self, about: dict[str, Any]) -> None:
        for name, value in self.identity.items():
            stored = about.get(name)
            if name == "recipe":
                stored = Recipe.from_dict(about["recipe"]).as_dict()
            if stored != value:
                raise ValueError(
                    f"{self.path.parent.name}/{self.path.name} belongs to another "
                    f"{name}. Delete it to begin anew, or use another folder."
                )
