"""Checkpoints: all that a run needs to resume after a crash, without pickle."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
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
    # The minimum of values with NaN among them is NaN; an array of `isfinite`'s answers
    # would take three times as long.
    ends = [end for array in arrays for end in (array.min(), array.max())]
    if not all(map(np.isfinite, ends)):
        raise FloatingPointError(f"the {what} is not finite")


class Checkpoint:
    """A file with the progress and the state of one training run.

    A thread writes it, so that training pauses only for the copy of the state. As a
    context it waits at the end until the file is whole.
    """

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        """Use `folder` for the run with this `identity` (ready for JSON)."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "checkpoint.npz"
        self.written = time.monotonic()  # the moment that the file is a picture of
        self.cost = 0.0  # seconds that the last write took
        self.identity = identity
        self._writer = ThreadPoolExecutor(max_workers=1)
        self._writing: Future[None] | None = None  # the last write, until `finish`

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(self, *_) -> None:
        self.finish()

    def is_cheap(self) -> bool:
        """Whether writing takes at most a twentieth of the time since the last time.

        The paper's network, its best weights and its optimiser are 2 GB, and an epoch
        on a GPU takes seconds.
        """
        if self._writing is not None and not self._writing.done():
            return False
        return time.monotonic() - self.written >= 20 * self.cost

    def exists(self) -> bool:
        """Whether there is a file to resume from."""
        return self.path.exists()

    def save(self, progress: Progress, state: Sequence[np.ndarray]) -> None:
        """Begin to replace the file by this progress and state, which must be finite.

        The state's arrays must not be changed before `finish`.
        """
        # A step can spoil weights although its loss, from before it, was finite.
        require_finite("state of the training", *state)
        self.finish()
        about = self.identity | asdict(progress.history)
        about |= {"epoch": progress.epoch, "step": progress.step}
        about["sums"] = progress.sums.tolist()
        self.written = time.monotonic()
        self._writing = self._writer.submit(self._write, about, progress.best, state)

    def finish(self) -> None:
        """Wait for the end of the write under way, and raise its error if it failed."""
        if self._writing is None:
            return
        wait([self._writing])
        writing, self._writing = self._writing, None
        try:
            writing.result()
        except OSError as error:
            raise OSError(f"{self.path} could not be written: {error}") from error

    def _write(
        self,
        about: dict[str, Any],
        best: Sequence[np.ndarray],
        state: Sequence[np.ndarray],
    ) -> None:
        started = time.monotonic()
        arrays: dict[str, Any] = {f"state{i}": array for i, array in enumerate(state)}
        # The best weights are often the latest, or their average: each is kept once.
        about["best"] = []
        for i, array in enumerate(best):
            same = (name for name in arrays if _are_same(array, arrays[name]))
            about["best"].append(next(same, f"best{i}"))
            arrays.setdefault(about["best"][-1], array)
        # The words are JSON in an array of text, so that the file needs no pickle.
        arrays["about"] = np.array(json.dumps(about))
        with write_whole(self.path) as part:
            np.savez(part, **arrays)
        self.cost = time.monotonic() - started

    def load(self) -> tuple[Progress, list[np.ndarray]]:
        """The progress and the state saved last; refuses a file of another identity."""
        try:
            with np.load(self.path, allow_pickle=False) as file:
                about = json.loads(str(file["about"]))
                # `save` wrote them in this order.
                arrays = {name: file[name] for name in file if name != "about"}
        except zipfile.BadZipFile as error:
            raise ValueError(
                f"{self.path.parent.name}/{self.path.name} is damaged. Delete it to "
                "begin anew."
            ) from error
        self._require_own(about)
        state = [arrays[name] for name in arrays if name.startswith("state")]
        # Older files do not say which arrays the best weights are.
        own = [name for name in arrays if name.startswith("best")]
        best = [arrays[name] for name in about.get("best", own)]
        history = History(**{name: about[name] for name in asdict(History())})
        sums = np.array(about["sums"])
        return Progress(history, about["epoch"], about["step"], sums, best), state

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


def _are_same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two arrays are the same, bit for bit."""
    if (one.shape, one.dtype) != (other.shape, other.dtype):
        return False
    one, other = (array.reshape(-1).view("uint8") for array in (one, other))
    # Most pairs differ in their first few values, and the rest need not be compared.
    few = slice(1024)
    return np.array_equal(one[few], other[few]) and np.array_equal(one, other)
