"""Training: one loop for every model, recipe, backend and number of devices.

Keras's `fit` takes the steps. It is fed row numbers: the faces themselves are bytes in
the memory of the device, and the compiled step gathers, augments and classifies them.
Only 4 bytes a face cross to the device, whatever the backend.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from fercourse.data.faces import EMOTIONS, PRACTICE, FaceData, digest
from fercourse.machine import (
    ProgressBar,
    device_count,
    fastest_precision,
    has_accelerator,
    surroundings,
)
from fercourse.training.checkpoint import (
    Checkpoint,
    History,
    Progress,
    require_finite,
)
from fercourse.training.prediction import in_batches, predict
from fercourse.training.recipes import Recipe
from fercourse.training.trainer import AveragedWeights, FacesInMemory, start_phase

CHECKPOINT_SECONDS = 300.0
"""Checkpoint interval: the most work a crash can cost."""

OnStep = Callable[[int, int], None]
"""Called with the steps done and the steps in all."""


def prepare(recipe: Recipe) -> None:
    """Set seed, precision and devices for a recipe; call it before building the model.

    With several devices on the JAX backend, every batch is divided among all of them
    (`keras.distribution.DataParallel`); Keras offers that on JAX only.

    Example: `fc.prepare(fc.RECIPES["practice"])`.

    Raises:
        ValueError: the backend cannot compute in the recipe's precision on this device.
    """
    policy = fastest_precision() if recipe.precision == "auto" else recipe.precision
    on_jax = keras.backend.backend() == "jax"
    if policy == "mixed_bfloat16" and on_jax and not has_accelerator():
        raise ValueError(
            "Recipe.precision is 'mixed_bfloat16', with which JAX on a CPU can answer "
            "NaN. Use precision='float32' (--precision float32), or a GPU or TPU."
        )
    keras.utils.set_random_seed(recipe.seed)
    keras.mixed_precision.set_global_policy(policy)
    if on_jax and len(keras.distribution.list_devices()) > 1:
        keras.distribution.set_distribution(
            keras.distribution.DataParallel(auto_shard_dataset=False)
        )


def train(
    model: keras.Model,
    faces: FaceData,
    recipe: Recipe,
    *,
    folder: str | Path | None = None,
    minutes: float | None = None,
    configuration: Mapping[str, Any] | None = None,
    teachers: np.ndarray | None = None,
    stop: threading.Event | None = None,
    on_step: OnStep | None = None,
) -> History:
    """Train on `faces.train`; keep the weights of the best epoch on `faces.validation`.

    Stops cleanly on Ctrl-C and after `minutes`. With a folder, a checkpoint is written
    at the end, every five minutes, and after an epoch if that costs little time; a
    later call with the same recipe resumes it and comes to the same result. Call
    `prepare(recipe)` before building the model: then a recipe gives the same run again
    on the same machine.

    Args:
        model: from float (batch, 48, 48, 1), grey 0–255, to (batch, 7), probabilities.
        configuration: what the model was built from. The checkpoint keeps it, so that
            the same network with other initial weights does not resume it.
        teachers: float, shape (faces in train, 7), the probabilities that
            `Recipe.distillation` asks for.
        stop: an event that ends training as Ctrl-C does, when another thread sets it.

    Example: `history = fc.train(model, data, fc.RECIPES["practice"])`.

    Raises:
        ValueError: faces, teachers, devices or a checkpoint do not suit the recipe.
        FloatingPointError: the loss or a weight is not finite. The model has the
            weights of its best epoch so far, and the checkpoint is the last good one.
        OSError: a checkpoint could not be written; the one before it is still there.
    """
    started, stop = time.monotonic(), stop or threading.Event()
    taught = rows_taught(faces.train.images, recipe)
    batch_size = min(recipe.batch_size, len(taught))
    _check(faces, recipe, batch_size, teachers)
    # What is left of an epoch below one batch is skipped; the order is new every epoch.
    steps = len(taught) // batch_size
    checkpoint = None
    if folder is not None:
        identity = _identity(model, faces, recipe, configuration, teachers)
        checkpoint = Checkpoint(Path(folder), identity)
    trainer = FacesInMemory(model, faces.train, recipe, teachers)
    progress = _begin(trainer, recipe, steps, checkpoint)
    history = progress.history
    began = started - history.seconds  # as if the earlier parts had been just before
    deadline = math.inf if minutes is None else started + 60 * minutes
    done = progress.epoch * steps + progress.step
    validation = "validation faces" if faces.name == PRACTICE else "PublicTest"
    bar = ProgressBar(total=recipe.epochs * steps, initial=done, unit="step")
    with (
        _InterruptStopsCleanly(stop),
        bar,
        _ends_with_the_best(model, progress, checkpoint),
        checkpoint or contextlib.nullcontext(),
    ):
        while not history.finished and not stop.is_set():
            _begin_epoch(trainer, recipe, progress, steps)
            bar.set_description(f"epoch {progress.epoch + 1}/{recipe.epochs}")
            due = math.inf
            if checkpoint is not None:
                due = checkpoint.written + CHECKPOINT_SECONDS
            watch = _Watch(bar, stop, deadline, due, progress, steps, on_step)
            rows = _rows_left(recipe, progress, taught, batch_size)
            _fit(trainer, rows, batch_size, watch)
            require_finite("loss", progress.sums)
            history.seconds = round(time.monotonic() - began, 1)
            if progress.step == steps:
                _end_epoch(trainer, faces, recipe, progress, began)
                latest = history.epochs[-1]
                accuracy = f"{validation} {latest['public']:.2f} %"
                bar.set_postfix_str(f"loss {latest['loss']:.3f}, {accuracy}")
            ends = history.finished or stop.is_set() or progress.step > 0
            if checkpoint is not None and (ends or checkpoint.is_cheap()):
                checkpoint.save(progress, trainer.state())
    return history


@contextlib.contextmanager
def _ends_with_the_best(
    model: keras.Model, progress: Progress, checkpoint: Checkpoint | None
) -> Iterator[None]:
    """A context that leaves the best epoch's weights, and adds advice to its errors."""
    try:
        yield
    except FloatingPointError as error:
        policy = keras.mixed_precision.global_policy().name
        advice = "lower Recipe.learning_rate or set Recipe.clip_norm"
        if policy != "float32":
            advice = (
                f"set Recipe.precision to 'float32' in place of {policy!r}, {advice}"
            )
        kept = ""
        if checkpoint is not None and checkpoint.exists():
            kept = f" What was good before is kept in {checkpoint.path}."
        raise FloatingPointError(
            f"Training stopped at step {progress.step} of epoch {progress.epoch + 1}: "
            f"{error}. To begin anew, {advice}.{kept}"
        ) from None
    finally:
        if progress.best:
            model.set_weights(progress.best)


class _Watch(keras.callbacks.Callback):
    """Counts steps and their loss, moves the bar, and ends `fit` when it is time."""

    def __init__(
        self,
        bar: ProgressBar,
        stop: threading.Event,
        deadline: float,
        due: float,
        progress: Progress,
        steps: int,
        on_step: OnStep | None,
    ) -> None:
        super().__init__()
        self.bar, self.stop, self.deadline, self.due = bar, stop, deadline, due
        self.progress, self.steps, self.on_step = progress, steps, on_step
        self.first = progress.step

    def on_train_batch_end(self, batch: int, logs: dict) -> None:
        # With several steps a call, Keras counts to the end of the call, even if the
        # epoch ended before it.
        done = min(self.first + batch + 1, self.steps) - self.progress.step
        self.progress.step += done
        self.bar.update(done)
        if self.on_step is not None:
            before = self.progress.epoch * self.steps
            self.on_step(before + self.progress.step, self.bar.total)
        now = time.monotonic()
        if now > self.deadline:
            self.stop.set()
        lost = not math.isfinite(logs["loss"])
        if self.stop.is_set() or now > self.due or lost:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict) -> None:
        # `fit` gives means over its steps; sums can be continued by a resumed part.
        taken = self.progress.step - self.first
        self.progress.sums += taken * np.array([logs["loss"], logs["accuracy"]])


class _InterruptStopsCleanly:
    """A context in which the first Ctrl-C sets an event; the second raises as usual."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop

    def __enter__(self) -> None:
        # Only the main thread may set handlers; elsewhere no Ctrl-C arrives.
        self.main = threading.current_thread() is threading.main_thread()
        if self.main:
            self.before = signal.signal(signal.SIGINT, self._interrupted)

    def _interrupted(self, *_) -> None:
        self.stop.set()
        signal.signal(signal.SIGINT, self.before)

    def __exit__(self, *_) -> None:
        if self.main:
            signal.signal(signal.SIGINT, self.before)


def _check(
    faces: FaceData, recipe: Recipe, batch_size: int, teachers: np.ndarray | None
) -> None:
    faces.train.require_labels("training")
    faces.validation.require_labels("selection on PublicTest")
    if not len(faces.train) or not len(faces.validation):
        raise ValueError(
            f"{faces.source} has {len(faces.train)} training and "
            f"{len(faces.validation)} validation faces; training needs both. A mixed "
            "test folder has no validation split: use fer2013.csv."
        )
    if (teachers is not None) != (recipe.distillation > 0):
        raise ValueError(
            f"Recipe.distillation is {recipe.distillation:g}, and teachers are "
            f"{'missing' if teachers is None else 'given'}: one needs the other."
        )
    expected = (len(faces.train), len(EMOTIONS))
    if teachers is not None and teachers.shape != expected:
        raise ValueError(
            f"teachers has shape {teachers.shape}; expected {expected}: probabilities "
            "for each training face."
        )
    if batch_size % device_count():
        raise ValueError(
            f"A batch of {batch_size} faces cannot be divided among {device_count()} "
            f"devices; change Recipe.batch_size to a multiple of {device_count()}."
        )


def _identity(
    model: keras.Model,
    faces: FaceData,
    recipe: Recipe,
    configuration: Mapping[str, Any] | None,
    teachers: np.ndarray | None,
) -> dict[str, Any]:
    """All that a checkpoint must agree with, by name."""
    arrays = [
        a for s in (faces.train, faces.validation) for a in (s.images, s.emotions)
    ]
    identity = {
        "recipe": recipe.as_dict(),
        "model": _fingerprint(model),
        "configuration": dict(configuration or {}),
        "data set": digest(*arrays),
    }
    return identity | ({} if teachers is None else {"teachers": digest(teachers)})


def _fingerprint(model: keras.Model) -> str:
    """A digest of a model's layers, without the names that Keras numbers anew."""
    described = []
    for layer in model.layers:
        settings = layer.get_config()
        for name in ("name", "trainable"):
            settings.pop(name, None)
        shape = [tuple(output.shape) for output in keras.tree.flatten(layer.output)]
        described.append([type(layer).__name__, settings, shape])
    return hashlib.sha256(json.dumps(described, default=str).encode()).hexdigest()


def _begin(
    trainer: FacesInMemory, recipe: Recipe, steps: int, checkpoint: Checkpoint | None
) -> Progress:
    """Compile the trainer for its phase, and restore what was saved."""
    progress = Progress()
    start_phase(trainer, recipe, steps, head_only=recipe.head_epochs > 0)
    if checkpoint is not None and checkpoint.exists():
        progress, state = checkpoint.load()
        # The phase of the epoch of the last step: after the head's last epoch the saved
        # optimiser is still the head's, and the next step starts the next phase.
        last = progress.epoch - (progress.step == 0 and progress.epoch > 0)
        start_phase(trainer, recipe, steps, head_only=last < recipe.head_epochs)
        trainer.restore(state)
    if surroundings() not in progress.history.surroundings:
        progress.history.surroundings.append(surroundings())
    return progress


def _begin_epoch(
    trainer: FacesInMemory, recipe: Recipe, progress: Progress, steps: int
) -> None:
    """Set the phase, the rate and the mixing of the epoch under way."""
    if progress.step == 0 and progress.epoch == recipe.head_epochs > 0:
        start_phase(trainer, recipe, steps, head_only=False)
    if recipe.schedule == "plateau" and progress.epoch >= recipe.head_epochs:
        trainer.optimizer.learning_rate = plateau_rate(recipe, progress.history)
    trainer.begin_epoch(progress.epoch, recipe)


def rows_taught(images: np.ndarray, recipe: Recipe) -> np.ndarray:
    """The rows of the training faces, uint8 (N, 48, 48), that a recipe learns from."""
    if not recipe.drop_blank:
        return np.arange(len(images))
    # Rows keep their numbers: labels and teachers' answers are found by them.
    return np.flatnonzero(images.min(axis=(1, 2)) < images.max(axis=(1, 2)))


def _rows_left(
    recipe: Recipe, progress: Progress, taught: np.ndarray, batch_size: int
) -> np.ndarray:
    """The rows of the rest of the epoch, int32: whole batches in the epoch's order."""
    # Seed and epoch alone decide the order, so a resumed epoch continues it.
    generator = np.random.default_rng([recipe.seed, progress.epoch])
    order = generator.permutation(taught)
    end = len(taught) // batch_size * batch_size
    return order[progress.step * batch_size : end].astype("int32")


def _fit(
    trainer: FacesInMemory, rows: np.ndarray, batch_size: int, watch: _Watch
) -> None:
    """Take a step for every batch of rows, in their order, until `watch` ends it."""
    batches = in_batches(rows, rows, batch_size=batch_size)
    with warnings.catch_warnings():
        # With several steps a call, a shorter last call is no lack of data.
        warnings.filterwarnings("ignore", message="Your input ran out of data")
        trainer.fit(**batches, shuffle=False, verbose=0, callbacks=[watch])


def _end_epoch(
    trainer: FacesInMemory,
    faces: FaceData,
    recipe: Recipe,
    progress: Progress,
    began: float,
) -> None:
    """Validate, write the history, keep the best weights, and go to the next epoch."""
    history = progress.history
    public = 0.0
    if trainer.has_learned():
        with AveragedWeights(trainer, recipe):
            probabilities = predict(trainer.model, faces.validation.images)
            require_finite("model's answer", probabilities)
            correct = probabilities.argmax(axis=-1) == faces.validation.emotions
            public = 100 * float(np.mean(correct))
            # The first of equal epochs is kept, as in `History.best_epoch`.
            earlier = [epoch["public"] for epoch in history.epochs]
            if not progress.best or public > max(earlier):
                progress.best = trainer.model.get_weights()
    if not progress.best and progress.epoch + 1 == recipe.epochs:
        raise FloatingPointError("no step was taken, for no gradient was finite")
    loss, accuracy = progress.sums / progress.step  # means over the epoch's steps
    rate = ops.convert_to_numpy(trainer.optimizer.learning_rate)
    history.seconds = round(time.monotonic() - began, 1)
    before = sum(epoch["seconds"] for epoch in history.epochs)
    history.epochs.append(
        {
            "loss": round(float(loss), 5),
            "accuracy": round(float(100 * accuracy), 3),
            "public": public,
            "learning_rate": float(rate),
            "seconds": round(history.seconds - before, 1),
        }
    )
    progress.epoch, progress.step, progress.sums = progress.epoch + 1, 0, np.zeros(2)
    since_best = len(history.epochs) - 1 - history.best_epoch
    stalled = bool(progress.best) and 0 < recipe.early_stop <= since_best
    history.finished = progress.epoch == recipe.epochs or stalled


def plateau_rate(recipe: Recipe, history: History) -> float:
    """The learning rate of "plateau" after the finished epochs of a history."""
    # From the history alone, so that a resumed run has the same rate.
    rate, best, waited = recipe.learning_rate, -math.inf, 0
    for epoch in history.epochs[recipe.head_epochs :]:
        waited = 0 if epoch["public"] > best else waited + 1
        best = max(best, epoch["public"])
        if waited == recipe.plateau_patience:
            rate, waited = rate * recipe.plateau_factor, 0
    return rate
