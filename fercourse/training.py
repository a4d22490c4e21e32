"""Training: one loop for every model, recipe, backend and number of devices.

Keras's `fit` takes the steps. What it is fed are row numbers: the faces themselves lie as bytes in
the memory of the device, and the compiled step gathers, augments and classifies them. So nothing but
4 bytes a face crosses to the device, whatever the backend.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from tqdm import tqdm

from fercourse.checkpoint import Checkpoint, History, Progress
from fercourse.faces import EMOTIONS, FaceData, Faces
from fercourse.ingredients import augmentation, make_optimizer
from fercourse.machine import device_count, has_accelerator, surroundings, xla_is_slow
from fercourse.prediction import predict
from fercourse.recipes import Recipe

CHECKPOINT_SECONDS = 300.0
"""At most so much work is lost when a machine goes away."""

STATISTICS_STEPS, STATISTICS_BATCH = 64, 64
"""Batches of training faces from which batch normalisation takes its statistics for averaged weights."""

OnStep = Callable[[int, int], None]
"""What may be told of progress: steps done, and steps in all."""

PLATEAU_FACTOR, PLATEAU_PATIENCE = 0.75, 5
"""Khaireddin and Chen (2021): ×0.75 after five epochs without progress."""


def prepare(recipe: Recipe) -> None:
    """Set seed, precision and devices for a recipe; call it before the model is built.

    With several devices on the JAX backend, every batch is divided among all of them
    (`keras.distribution.DataParallel`); Keras offers that on JAX only.
    """
    keras.utils.set_random_seed(recipe.seed)
    policy = recipe.precision
    if policy == "auto":
        policy = "mixed_bfloat16" if has_accelerator() else "float32"
    keras.mixed_precision.set_global_policy(policy)
    if keras.backend.backend() == "jax" and len(keras.distribution.list_devices()) > 1:
        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))


class _FacesInMemory(keras.Model):
    """From row numbers to what training needs of them: loss and correctness, shape (batch, 2)."""

    def __init__(self, model: keras.Model, faces: Faces, recipe: Recipe) -> None:
        super().__init__(name="faces_in_memory")
        self.model = model
        self.images = keras.Variable(faces.images, trainable=False, dtype="uint8", name="images")
        self.emotions = keras.Variable(faces.emotions, trainable=False, dtype="uint8", name="emotions")
        self.vary = augmentation(recipe)
        self.mix = (
            layers.MixUp(alpha=recipe.mixup, seed=recipe.seed + 3, dtype="float32") if recipe.mixup else None
        )
        self.label_smoothing = recipe.label_smoothing

    def call(self, rows, training: bool = False):
        images = ops.cast(ops.take(self.images, rows, axis=0), "float32")[..., None]
        emotions = ops.cast(ops.take(self.emotions, rows, axis=0), "int32")
        targets = ops.one_hot(emotions, len(EMOTIONS), dtype="float32")
        if training:
            for layer in self.vary:
                images = layer(images, training=True)
            if self.mix is not None:
                mixed = self.mix({"images": images, "labels": targets}, training=True)
                images, targets = mixed["images"], mixed["labels"]
        probabilities = self.model(images, training=training)
        losses = keras.losses.categorical_crossentropy(
            targets, probabilities, label_smoothing=self.label_smoothing
        )
        correct = ops.equal(ops.argmax(probabilities, axis=-1), ops.argmax(targets, axis=-1))
        return ops.stack([losses, ops.cast(correct, "float32")], axis=-1)

    def changing(self) -> list[keras.Variable]:
        """All that changes in training: weights, running statistics, random states, optimiser."""
        augmenting = [*self.vary, *([self.mix] if self.mix is not None else [])]
        of_layers = [variable for layer in augmenting for variable in layer.variables]
        return [*self.model.variables, *self.optimizer.variables, *of_layers]

    def state(self) -> list[np.ndarray]:
        """The values of all that changes."""
        return [ops.convert_to_numpy(variable) for variable in self.changing()]

    def restore(self, state: list[np.ndarray]) -> None:
        """Set all that changes to the values that `state` gave."""
        for variable, value in zip(self.changing(), state, strict=True):
            variable.assign(value)


def _mean_loss(_, losses_and_correctness):
    return ops.mean(losses_and_correctness[:, 0])


def _accuracy(_, losses_and_correctness):
    return losses_and_correctness[:, 1]


class _Watch(keras.callbacks.Callback):
    """Counts the steps, moves the progress bar, and ends `fit` when something else is due."""

    def __init__(
        self, bar: tqdm, stop: threading.Event, deadline: float, first: int, on_step: OnStep | None
    ) -> None:
        super().__init__()
        self.bar, self.stop, self.deadline, self.first, self.on_step = bar, stop, deadline, first, on_step
        self.steps = 0
        self.started = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        done = batch + 1 - self.steps
        self.steps = batch + 1
        self.bar.update(done)
        if self.on_step is not None:
            self.on_step(self.first + self.steps, self.bar.total)
        now = time.monotonic()
        if now > self.deadline:
            self.stop.set()
        if self.stop.is_set() or now - self.started > CHECKPOINT_SECONDS:
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
    stop: threading.Event | None = None,
    on_step: OnStep | None = None,
) -> History:
    """Train a model on `faces.train`; it ends with the weights of its best epoch on `faces.validation`.

    Stops cleanly on Ctrl-C and after `minutes`. With a folder, everything is written there at every
    epoch and every five minutes, beside and then renamed, and a later call with the same recipe goes
    on from there to the same result. Call `prepare(recipe)` before building the model: then the same
    recipe gives the same run on one machine.

    Args:
        model: from float (batch, 48, 48, 1), grey 0–255, to (batch, 7), probabilities.
        faces: with labels in train and validation.
        recipe: how.
        folder: for the checkpoint; without one, nothing is written and nothing can be resumed.
        minutes: time limit for this call.
        configuration: what the model was built from; kept with the checkpoint, so that the same network
            from other weights does not go on from it.
        stop: set from another thread, it ends training as Ctrl-C does.
        on_step: called with the steps done and the steps in all, whenever some are done.

    Returns:
        The history, over all resumed parts.

    Raises:
        ValueError: faces without labels, no validation faces, a batch that cannot be divided among the
            devices, or a checkpoint of another recipe, model, configuration or data set.
    """
    _check_faces(faces)
    batch_size = min(recipe.batch_size, len(faces.train))
    if batch_size % device_count():
        raise ValueError(
            f"A batch of {batch_size} faces cannot be divided among {device_count()} devices; "
            f"change Recipe.batch_size to a multiple of {device_count()}."
        )
    steps = len(faces.train) // batch_size
    identity = {
        "recipe": recipe.as_dict(),
        "model": _fingerprint(model),
        "configuration": dict(configuration or {}),
        "data set": _digest(faces),
    }
    checkpoint = Checkpoint(Path(folder), identity) if folder is not None else None
    trainer = _FacesInMemory(model, faces.train, recipe)
    progress = Progress()
    _start_phase(trainer, recipe, steps, head_only=recipe.head_epochs > 0)
    if checkpoint is not None and checkpoint.exists():
        progress, state = checkpoint.load()
        _start_phase(trainer, recipe, steps, head_only=_in_head_phase(recipe, progress))
        trainer.restore(state)

    history = progress.history
    if surroundings() not in history.surroundings:
        history.surroundings.append(surroundings())
    before, started, stop = history.seconds, time.monotonic(), stop or threading.Event()
    deadline = started + 60 * minutes if minutes is not None else math.inf
    bar = tqdm(total=recipe.epochs * steps, initial=progress.epoch * steps + progress.step, unit="step")
    with _InterruptStopsCleanly(stop), bar:
        while progress.epoch < recipe.epochs and not stop.is_set():
            if progress.step == 0 and progress.epoch == recipe.head_epochs > 0:
                _start_phase(trainer, recipe, steps, head_only=False)
            if recipe.schedule == "plateau" and progress.epoch >= recipe.head_epochs:
                trainer.optimizer.learning_rate = _plateau_rate(recipe, history)
            bar.set_description(f"epoch {progress.epoch + 1}/{recipe.epochs}")
            order = np.random.default_rng([recipe.seed, progress.epoch]).permutation(len(faces.train))
            rows = order[progress.step * batch_size : steps * batch_size].astype("int32")
            first = progress.epoch * steps + progress.step
            watch = _Watch(bar, stop, deadline, first, on_step)
            part = trainer.fit(
                rows, rows, batch_size=batch_size, shuffle=False, verbose=0, callbacks=[watch]
            ).history
            progress.step += watch.steps
            progress.sums += watch.steps * np.array([part["loss"][-1], part["accuracy"][-1]])
            history.seconds = round(before + time.monotonic() - started, 1)
            if progress.step == steps:
                _end_epoch(trainer, faces, recipe, progress, before - started)
                latest = history.epochs[-1]
                bar.set_postfix_str(f"loss {latest['loss']:.3f}, PublicTest {latest['public']:.2f} %")
            if checkpoint is not None:
                checkpoint.save(progress, trainer.state())
    if progress.best:
        model.set_weights(progress.best)
    return history


def _check_faces(faces: FaceData) -> None:
    for purpose, split in (("training", faces.train), ("selection on PublicTest", faces.validation)):
        split.require_labels(purpose)
    if not len(faces.train) or not len(faces.validation):
        raise ValueError(
            f"{faces.source} has {len(faces.train)} training and {len(faces.validation)} validation "
            "faces; training needs both. A mixed test folder holds no validation split: use fer2013.csv."
        )


def _fingerprint(model: keras.Model) -> str:
    """Tells models apart by their layers, not by the names that Keras numbers anew with every model."""
    layers_of_model = []
    for layer in model.layers:
        settings = layer.get_config()
        settings = {key: settings[key] for key in settings if key not in ("name", "trainable")}
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
    trainer: _FacesInMemory, faces: FaceData, recipe: Recipe, progress: Progress, offset: float
) -> None:
    """Validate, write the history, keep the best weights, and go to the next epoch."""
    history = progress.history
    steps = progress.step
    with _AveragedWeights(trainer, recipe, faces.train):
        probabilities = predict(trainer.model, faces.validation.images)
        public = 100 * float(np.mean(probabilities.argmax(axis=-1) == faces.validation.emotions))
        if not history.epochs or public > max(epoch["public"] for epoch in history.epochs):
            progress.best = trainer.model.get_weights()
    history.seconds = round(time.monotonic() + offset, 1)
    history.epochs.append(
        {
            "loss": round(float(progress.sums[0] / steps), 5),
            "accuracy": round(float(100 * progress.sums[1] / steps), 3),
            "public": public,
            "learning_rate": float(ops.convert_to_numpy(trainer.optimizer.learning_rate)),
            "seconds": round(history.seconds - sum(epoch["seconds"] for epoch in history.epochs), 1),
        }
    )
    progress.epoch, progress.step, progress.sums = progress.epoch + 1, 0, np.zeros(2)
    history.finished = progress.epoch == recipe.epochs


def _start_phase(trainer: _FacesInMemory, recipe: Recipe, steps: int, head_only: bool) -> None:
    for layer in trainer.model.layers:
        if re.match(r"block\d_conv", layer.name):
            layer.trainable = not head_only
    trainer.compile(
        optimizer=make_optimizer(recipe, steps, head_only),
        loss=_mean_loss,
        metrics=[keras.metrics.MeanMetricWrapper(_accuracy, name="accuracy")],
        jit_compile=False if xla_is_slow() else "auto",
    )
    trainer.optimizer.build(trainer.trainable_variables)
    # `fit` ends by overwriting the weights with their averages; training must go on from the weights.
    trainer.optimizer.finalize_variable_values = lambda variables: None


def _plateau_rate(recipe: Recipe, history: History) -> float:
    """The learning rate after the finished epochs; a function of the history, so that it can be resumed."""
    rate, best, waited = recipe.learning_rate, -math.inf, 0
    for epoch in history.epochs[recipe.head_epochs :]:
        waited = 0 if epoch["public"] > best else waited + 1
        best = max(best, epoch["public"])
        if waited == PLATEAU_PATIENCE:
            rate, waited = rate * PLATEAU_FACTOR, 0
    return rate


class _AveragedWeights:
    """Within it the model carries the average of its weights, if the recipe keeps one."""

    def __init__(self, trainer: _FacesInMemory, recipe: Recipe, faces: Faces) -> None:
        self.trainer, self.averaged, self.faces = trainer, recipe.ema > 0, faces

    def __enter__(self) -> None:
        if not self.averaged:
            return
        model = self.trainer.model
        self.raw = [ops.convert_to_numpy(variable).copy() for variable in model.variables]
        variables = self.trainer.trainable_variables
        # For 16-bit floats Keras puts an optimiser that scales the loss around the one that averages.
        optimizer = getattr(self.trainer.optimizer, "inner_optimizer", self.trainer.optimizer)
        keras.optimizers.Optimizer.finalize_variable_values(optimizer, variables)
        for variable in variables:
            # A copy: on JAX the weight would share its memory with the average, and `predict` gives
            # the memory of its weights away.
            variable.assign(ops.convert_to_numpy(variable).copy())
        if any(isinstance(layer, layers.BatchNormalization) for layer in model.layers):
            # The running statistics belong to the weights of the last steps, not to their average, so
            # they are taken anew (Izmailov et al., 2018, section 3.2). What else a pass in training
            # mode moves, such as the random state of dropout, is set back in the end.
            for step in range(STATISTICS_STEPS):
                rows = np.arange(step * STATISTICS_BATCH, (step + 1) * STATISTICS_BATCH) % len(self.faces)
                model(self.faces.images[rows][..., None].astype("float32"), training=True)

    def __exit__(self, *_) -> None:
        if self.averaged:
            for variable, raw in zip(self.trainer.model.variables, self.raw, strict=True):
                variable.assign(raw)
