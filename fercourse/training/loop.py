"""Training: one loop for every model, recipe, backend and number of devices.

Keras's `fit` takes the steps. What it is fed are row numbers: the faces themselves lie
as bytes in the memory of the device, and the compiled step gathers, augments and
classifies them. So nothing but 4 bytes a face crosses to the device, whatever the
backend.
"""

from __future__ import annotations

import hashlib
import json
import math
import signal
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from tqdm import tqdm

from fercourse.data.faces import EMOTIONS, FaceData
from fercourse.machine import device_count, fastest_precision, surroundings
from fercourse.training.checkpoint import Checkpoint, History, Progress
from fercourse.training.prediction import in_batches, predict
from fercourse.training.recipes import Recipe
from fercourse.training.trainer import AveragedWeights, FacesInMemory, start_phase

CHECKPOINT_SECONDS = 300.0
"""At most so much work is lost when a machine goes away."""

OnStep = Callable[[int, int], None]
"""What may be told of progress: steps done, and steps in all."""


def prepare(recipe: Recipe) -> None:
    """Set seed, precision and devices for a recipe; call it before the model is built.

    With several devices on the JAX backend, every batch is divided among all of them
    (`keras.distribution.DataParallel`); Keras offers that on JAX only.
    """
    keras.utils.set_random_seed(recipe.seed)
    policy = fastest_precision() if recipe.precision == "auto" else recipe.precision
    keras.mixed_precision.set_global_policy(policy)
    if keras.backend.backend() == "jax" and len(keras.distribution.list_devices()) > 1:
        keras.distribution.set_distribution(
            keras.distribution.DataParallel(auto_shard_dataset=False)
        )


class _Watch(keras.callbacks.Callback):
    """Counts the steps of a part of an epoch, moves the progress bar, and ends `fit` when it is time."""

    def __init__(
        self,
        bar: tqdm,
        stop: threading.Event,
        deadline: float,
        due: float,
        first: int,
        steps_of_part: int,
        on_step: OnStep | None,
    ) -> None:
        super().__init__()
        self.bar, self.stop, self.deadline, self.due = bar, stop, deadline, due
        self.first, self.steps_of_part, self.on_step = first, steps_of_part, on_step
        self.steps = 0

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        # With several steps a call, Keras names the last of them, also where the part
        # ended before it.
        done = min(batch + 1, self.steps_of_part) - self.steps
        self.steps += done
        self.bar.update(done)
        if self.on_step is not None:
            self.on_step(self.first + self.steps, self.bar.total)
        now = time.monotonic()
        if now > self.deadline:
            self.stop.set()
        if self.stop.is_set() or now > self.due:
            self.model.stop_training = True


class _InterruptStopsCleanly:
    """Within it, the first Ctrl-C sets an event instead of raising; the second one raises as usual."""

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
    """Train a model on `faces.train`; it ends with the weights of its best epoch on `faces.validation`.

    Stops cleanly on Ctrl-C and after `minutes`. With a folder, everything is written
    there at the end, every five minutes, and after an epoch as long as that takes
    little of the time, beside and then renamed; a later call with the same recipe goes
    on from there to the same result. Call `prepare(recipe)` before building the model:
    then the same recipe gives the same run on one machine.

    Args:
        model: from float (batch, 48, 48, 1), grey 0–255, to (batch, 7), probabilities.
        faces: with labels in train and validation.
        recipe: how.
        folder: for the checkpoint; without one, nothing is written and nothing can be
            resumed.
        minutes: time limit for this call.
        configuration: what the model was built from; kept with the checkpoint, so that
            the same network from other weights does not go on from it.
        teachers: float, shape (faces in train, 7), the probabilities that
            `Recipe.distillation` asks for.
        stop: set from another thread, it ends training as Ctrl-C does.
        on_step: called with the steps done and the steps in all, whenever some are
            done.

    Returns:
        The history, over all resumed parts.

    Raises:
        ValueError: faces without labels, no validation faces, teachers that do not fit,
            a batch that cannot be divided among the devices, or a checkpoint of another
            recipe, model, configuration, data set or teachers.
    """
    _check_faces(faces)
    _check_teachers(teachers, recipe, faces)
    batch_size = min(recipe.batch_size, len(faces.train))
    if batch_size % device_count():
        raise ValueError(
            f"A batch of {batch_size} faces cannot be divided among {device_count()} "
            f"devices; "
            f"change Recipe.batch_size to a multiple of {device_count()}."
        )
    steps = len(faces.train) // batch_size
    identity = {
        "recipe": recipe.as_dict(),
        "model": _fingerprint(model),
        "configuration": dict(configuration or {}),
        "data set": _digest(faces),
    }
    if teachers is not None:
        identity["teachers"] = hashlib.sha256(
            np.ascontiguousarray(teachers)
        ).hexdigest()
    checkpoint = Checkpoint(Path(folder), identity) if folder is not None else None
    trainer = FacesInMemory(model, faces.train, recipe, teachers)
    progress = Progress()
    start_phase(trainer, recipe, steps, head_only=recipe.head_epochs > 0)
    if checkpoint is not None and checkpoint.exists():
        progress, state = checkpoint.load()
        start_phase(trainer, recipe, steps, head_only=_in_head_phase(recipe, progress))
        trainer.restore(state)

    history = progress.history
    if surroundings() not in history.surroundings:
        history.surroundings.append(surroundings())
    before, started, stop = history.seconds, time.monotonic(), stop or threading.Event()
    deadline = started + 60 * minutes if minutes is not None else math.inf
    bar = tqdm(
        total=recipe.epochs * steps,
        initial=progress.epoch * steps + progress.step,
        unit="step",
    )
    with _InterruptStopsCleanly(stop), bar:
        while not history.finished and not stop.is_set():
            if progress.step == 0 and progress.epoch == recipe.head_epochs > 0:
                start_phase(trainer, recipe, steps, head_only=False)
            if recipe.schedule == "plateau" and progress.epoch >= recipe.head_epochs:
                trainer.optimizer.learning_rate = _plateau_rate(recipe, history)
            trainer.begin_epoch(progress.epoch, recipe)
            bar.set_description(f"epoch {progress.epoch + 1}/{recipe.epochs}")
            order = np.random.default_rng([recipe.seed, progress.epoch]).permutation(
                len(faces.train)
            )
            rows = order[progress.step * batch_size : steps * batch_size].astype(
                "int32"
            )
            due = (
                math.inf
                if checkpoint is None
                else checkpoint.written + CHECKPOINT_SECONDS
            )
            first = progress.epoch * steps + progress.step
            watch = _Watch(
                bar, stop, deadline, due, first, steps - progress.step, on_step
            )
            part = _fit(trainer, rows, batch_size, watch)
            progress.step += watch.steps
            progress.sums += watch.steps * np.array(
                [part["loss"][-1], part["accuracy"][-1]]
            )
            history.seconds = round(before + time.monotonic() - started, 1)
            whole = progress.step == steps
            if whole:
                _end_epoch(trainer, faces, recipe, progress, before - started)
                latest = history.epochs[-1]
                bar.set_postfix_str(
                    f"loss {latest['loss']:.3f}, PublicTest {latest['public']:.2f} %"
                )
            ends = history.finished or stop.is_set() or not whole
            if checkpoint is not None and (ends or checkpoint.is_cheap()):
                checkpoint.save(progress, trainer.state())
    if progress.best:
        model.set_weights(progress.best)
    return history


def _fit(
    trainer: FacesInMemory, rows: np.ndarray, batch_size: int, watch: _Watch
) -> dict[str, list[float]]:
    """Take a step for every batch of rows, in their order, until `watch` ends it; Keras's own history."""
    with warnings.catch_warnings():
        # With several steps a call, a last call with fewer than the others is no lack
        # of data.
        warnings.filterwarnings("ignore", message="Your input ran out of data")
        batches = in_batches(rows, rows, batch_size=batch_size)
        return trainer.fit(
            **batches, shuffle=False, verbose=0, callbacks=[watch]
        ).history


def _check_faces(faces: FaceData) -> None:
    for purpose, split in (
        ("training", faces.train),
        ("selection on PublicTest", faces.validation),
    ):
        split.require_labels(purpose)
    if not len(faces.train) or not len(faces.validation):
        raise ValueError(
            f"{faces.source} has {len(faces.train)} training and "
            f"{len(faces.validation)} validation "
            "faces; training needs both. A mixed test folder holds no validation "
            "split: use fer2013.csv."
        )


def _check_teachers(
    teachers: np.ndarray | None, recipe: Recipe, faces: FaceData
) -> None:
    expected = (len(faces.train), len(EMOTIONS))
    if (teachers is not None) != (recipe.distillation > 0):
        raise ValueError(
            f"Recipe.distillation is {recipe.distillation:g}, and teachers are "
            f"{'missing' if teachers is None else 'given'}: one needs the other."
        )
    if teachers is not None and teachers.shape != expected:
        raise ValueError(
            f"teachers has shape {teachers.shape}; expected {expected}: probabilities "
            f"for each training face."
        )


def _fingerprint(model: keras.Model) -> str:
    """Tells models apart by their layers, not by the names that Keras numbers anew with every model."""
    layers_of_model = []
    for layer in model.layers:
        settings = layer.get_config()
        settings = {
            key: settings[key] for key in settings if key not in ("name", "trainable")
        }
        shape = [tuple(output.shape) for output in keras.tree.flatten(layer.output)]
        layers_of_model.append([type(layer).__name__, settings, shape])
    return hashlib.sha256(json.dumps(layers_of_model, default=str).encode()).hexdigest()


def _digest(faces: FaceData) -> str:
    digest = hashlib.sha256()
    for split in (faces.train, faces.validation):
        digest.update(np.ascontiguousarray(split.images))
        digest.update(np.ascontiguousarray(split.emotions))
    return digest.hexdigest()


def _in_head_phase(recipe: Recipe, progress: Progress) -> bool:
    """Whether the saved optimiser is that of the head alone; the switch comes with the next step."""
    if progress.step == 0 and progress.epoch == recipe.head_epochs:
        return recipe.head_epochs > 0
    return progress.epoch < recipe.head_epochs


def _end_epoch(
    trainer: FacesInMemory,
    faces: FaceData,
    recipe: Recipe,
    progress: Progress,
    offset: float,
) -> None:
    """Validate, write the history, keep the best weights, and go to the next epoch."""
    history = progress.history
    steps = progress.step
    with AveragedWeights(trainer, recipe):
        probabilities = predict(trainer.model, faces.validation.images)
        public = 100 * float(
            np.mean(probabilities.argmax(axis=-1) == faces.validation.emotions)
        )
        if not history.epochs or public > max(
            epoch["public"] for epoch in history.epochs
        ):
            progress.best = trainer.model.get_weights()
    history.seconds = round(time.monotonic() + offset, 1)
    history.epochs.append(
        {
            "loss": round(float(progress.sums[0] / steps), 5),
            "accuracy": round(float(100 * progress.sums[1] / steps), 3),
            "public": public,
            "learning_rate": float(
                ops.convert_to_numpy(trainer.optimizer.learning_rate)
            ),
            "seconds": round(
                history.seconds - sum(epoch["seconds"] for epoch in history.epochs), 1
            ),
        }
    )
    progress.epoch, progress.step, progress.sums = progress.epoch + 1, 0, np.zeros(2)
    history.finished = progress.epoch == recipe.epochs or _stalled(recipe, history)


def _plateau_rate(recipe: Recipe, history: History) -> float:
    """The learning rate after the finished epochs; a function of the history, so that it can be resumed."""
    rate, best, waited = recipe.learning_rate, -math.inf, 0
    for epoch in history.epochs[recipe.head_epochs :]:
        waited = 0 if epoch["public"] > best else waited + 1
        best = max(best, epoch["public"])
        if waited == recipe.plateau_patience:
            rate, waited = rate * recipe.plateau_factor, 0
    return rate


def _stalled(recipe: Recipe, history: History) -> bool:
    """Whether the recipe's patience is at an end."""
    accuracies = [epoch["public"] for epoch in history.epochs]
    since_best = len(accuracies) - 1 - accuracies.index(max(accuracies))
    return 0 < recipe.early_stop <= since_best
