"""Training: one loop for every model, recipe, backend and number of devices.

Keras's `fit` takes the steps. What it is fed are row numbers: the faces themselves lie as bytes in the
memory of the device, and the compiled step gathers, augments and classifies them. So nothing but 4 bytes
a face crosses to the device, whatever the backend.
"""

from __future__ import annotations

import json
import math
import os
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from tqdm import tqdm

from fercourse.faces import EMOTIONS, FaceData, Faces
from fercourse.recipes import Recipe

CHECKPOINT_SECONDS = 300.0
"""At most so much work is lost when a machine goes away."""

HEAD_LEARNING_RATE = 1e-3
PLATEAU_FACTOR, PLATEAU_PATIENCE = 0.75, 5
EVALUATION_BATCH = 256


@dataclass
class History:
    """What happened in a training run.

    Attributes:
        epochs: for each finished epoch: `loss` (mean cross-entropy of the training steps), `accuracy`
            (of the augmented training faces, in percent), `public` (PublicTest, in percent),
            `learning_rate` and `seconds`.
        seconds: time spent in training, over all resumed parts.
        finished: False when it was stopped before the recipe's last epoch.
    """

    epochs: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0
    finished: bool = False

    @property
    def best_epoch(self) -> int:
        """Number of the epoch, from 0, with the best PublicTest accuracy (the first of equals), or -1."""
        if not self.epochs:
            return -1
        return int(np.argmax([epoch["public"] for epoch in self.epochs]))


def has_accelerator() -> bool:
    """Whether the Keras backend sees a GPU or TPU."""
    if keras.backend.backend() == "torch":
        import torch

        return torch.cuda.is_available()
    return any(not name.lower().startswith("cpu") for name in keras.distribution.list_devices())


def _xla_is_slow() -> bool:
    """On a CPU, XLA takes many seconds to compile and its convolutions lose against TensorFlow's own."""
    return keras.backend.backend() == "tensorflow" and not has_accelerator()


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
        keras.distribution.set_distribution(
            keras.distribution.DataParallel(auto_shard_dataset=False)
        )


def augmentation(recipe: Recipe) -> list[layers.Layer]:
    """Keras's layers that vary one picture, in order: from and to float (batch, 48, 48, 1), grey 0–255."""
    found: list[layers.Layer] = []
    if recipe.flip:
        found.append(layers.RandomFlip("horizontal", seed=recipe.seed))
    if recipe.rotation:
        found.append(layers.RandomRotation(recipe.rotation / 360, seed=recipe.seed + 1))
    if recipe.shift:
        found.append(layers.RandomTranslation(recipe.shift, recipe.shift, seed=recipe.seed + 2))
    if recipe.zoom:
        found.append(layers.RandomZoom(recipe.zoom, seed=recipe.seed + 3))
    if recipe.erasing:
        found.append(layers.RandomErasing(factor=recipe.erasing, seed=recipe.seed + 4))
    return found


class _FacesInMemory(keras.Model):
    """From row numbers to what training needs of them: loss and correctness, shape (batch, 2)."""

    def __init__(self, model: keras.Model, faces: Faces, recipe: Recipe) -> None:
        super().__init__(name="faces_in_memory")
        self.model = model
        self.images = keras.Variable(faces.images, trainable=False, dtype="uint8", name="images")
        self.emotions = keras.Variable(
            faces.emotions, trainable=False, dtype="uint8", name="emotions"
        )
        self.vary = augmentation(recipe)
        self.mix = layers.MixUp(alpha=recipe.mixup, seed=recipe.seed + 5) if recipe.mixup else None
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

    def state(self) -> list[keras.Variable]:
        """All that changes in training: weights, running statistics, random states, optimiser."""
        changing = [*self.model.variables, *self.optimizer.variables]
        for layer in [*self.vary, *([self.mix] if self.mix is not None else [])]:
            changing.extend(layer.variables)
        return changing


def _mean_loss(_, losses_and_correctness):
    return ops.mean(losses_and_correctness[:, 0])


def _accuracy(_, losses_and_correctness):
    return losses_and_correctness[:, 1]


def make_optimizer(
    recipe: Recipe, steps: int, head_only: bool = False
) -> keras.optimizers.Optimizer:
    """The recipe's optimiser; `steps` is the number of steps in an epoch."""
    rate: Any = recipe.learning_rate
    if head_only:
        rate = HEAD_LEARNING_RATE
    elif recipe.schedule == "cosine":
        warmup = recipe.warmup_epochs * steps
        falling = (recipe.epochs - recipe.head_epochs) * steps - warmup
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=0.0 if warmup else recipe.learning_rate,
            decay_steps=max(falling, 1),
            warmup_target=recipe.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    settings: dict[str, Any] = {"learning_rate": rate}
    if recipe.weight_decay:
        settings["weight_decay"] = recipe.weight_decay
    if recipe.ema:
        settings |= {"use_ema": True, "ema_momentum": recipe.ema, "ema_overwrite_frequency": None}
    if recipe.clip_norm:
        settings["global_clipnorm"] = recipe.clip_norm
    if recipe.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(momentum=0.9, nesterov=True, **settings)
    else:
        optimizer = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}[
            recipe.optimizer
        ](**settings)
    if recipe.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


class _Watch(keras.callbacks.Callback):
    """Counts the steps, moves the progress bar, and ends `fit` when something else is due."""

    def __init__(self, bar: tqdm, stop: threading.Event, deadline: float) -> None:
        super().__init__()
        self.bar, self.stop, self.deadline = bar, stop, deadline
        self.steps = 0
        self.started = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        done = batch + 1 - self.steps
        self.steps = batch + 1
        self.bar.update(done)
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
) -> History:
    """Train a model on `faces.train` and leave it with the weights of its best epoch on `faces.validation`.

    Stops cleanly on Ctrl-C and after `minutes`. With a folder, everything is written there at every
    epoch and every five minutes, beside and then renamed, and a later call with the same recipe goes on
    from there to the same result. Call `prepare(recipe)` before building the model: then the same recipe
    gives the same run on one machine.

    Args:
        model: from float (batch, 48, 48, 1), grey 0–255, to (batch, 7), probabilities.
        faces: with labels in train and validation.
        recipe: how.
        folder: for the checkpoint; without one, nothing is written and nothing can be resumed.
        minutes: time limit for this call.

    Returns:
        The history, over all resumed parts.

    Raises:
        ValueError: faces without labels, no validation faces, or a checkpoint of another recipe or model.
    """
    for name, split in (("training", faces.train), ("selection on PublicTest", faces.validation)):
        split.require_labels(name)
    if not len(faces.train) or not len(faces.validation):
        raise ValueError(
            f"{faces.source} has {len(faces.train)} training and {len(faces.validation)} validation faces; "
            "training needs both. A mixed test folder holds no validation split: use fer2013.csv."
        )
    batch_size = min(recipe.batch_size, len(faces.train))
    steps = len(faces.train) // batch_size
    trainer = _FacesInMemory(model, faces.train, recipe)
    checkpoint = _Checkpoint(Path(folder)) if folder is not None else None

    history, epoch, step, sums, best = History(), 0, 0, np.zeros(2), None
    _start_phase(trainer, recipe, steps, head_only=recipe.head_epochs > 0)
    if checkpoint is not None and checkpoint.exists():
        history, epoch, step, sums, best = checkpoint.load(trainer, recipe, steps)

    stop = threading.Event()
    started, before = time.monotonic(), history.seconds
    deadline = started + 60 * minutes if minutes is not None else math.inf
    bar = tqdm(
        total=recipe.epochs * steps, initial=epoch * steps + step, unit="step", desc="training"
    )
    with _InterruptStopsCleanly(stop), bar:
        while epoch < recipe.epochs and not stop.is_set():
            if step == 0 and epoch == recipe.head_epochs > 0:
                _start_phase(trainer, recipe, steps, head_only=False)
            if recipe.schedule == "plateau" and epoch >= recipe.head_epochs:
                trainer.optimizer.learning_rate = _plateau_rate(recipe, history)
            order = np.random.default_rng([recipe.seed, epoch]).permutation(len(faces.train))
            rows = order[step * batch_size : steps * batch_size].astype("int32")
            watch = _Watch(bar, stop, deadline)
            bar.set_description(f"epoch {epoch + 1}/{recipe.epochs}")
            part = trainer.fit(
                rows, rows, batch_size=batch_size, shuffle=False, verbose=0, callbacks=[watch]
            ).history
            step += watch.steps
            sums += watch.steps * np.array([part["loss"][-1], part["accuracy"][-1]])
            if step == steps:
                history.epochs.append(
                    {
                        "loss": round(float(sums[0] / steps), 5),
                        "accuracy": round(float(100 * sums[1] / steps), 3),
                        "public": _validate(trainer, faces.validation, recipe),
                        "learning_rate": float(
                            ops.convert_to_numpy(trainer.optimizer.learning_rate)
                        ),
                        "seconds": round(
                            before + time.monotonic() - started - _seconds(history), 1
                        ),
                    }
                )
                if history.best_epoch == epoch:
                    with _averaged_weights(trainer, recipe):
                        best = model.get_weights()
                latest = history.epochs[-1]
                bar.set_postfix_str(
                    f"loss {latest['loss']:.3f}, PublicTest {latest['public']:.2f} %"
                )
                epoch, step, sums = epoch + 1, 0, np.zeros(2)
            history.seconds = round(before + time.monotonic() - started, 1)
            history.finished = epoch == recipe.epochs
            if checkpoint is not None:
                checkpoint.save(trainer, recipe, history, epoch, step, sums, best)
    if best is not None:
        model.set_weights(best)
    return history


def _seconds(history: History) -> float:
    return sum(epoch["seconds"] for epoch in history.epochs)


def _start_phase(trainer: _FacesInMemory, recipe: Recipe, steps: int, head_only: bool) -> None:
    for layer in trainer.model.layers:
        if layer.name.startswith("block"):
            layer.trainable = not head_only
    trainer.compile(
        optimizer=make_optimizer(recipe, steps, head_only),
        loss=_mean_loss,
        metrics=[keras.metrics.MeanMetricWrapper(_accuracy, name="accuracy")],
        jit_compile=False if _xla_is_slow() else "auto",
    )
    trainer.optimizer.build(trainer.trainable_variables)


def _plateau_rate(recipe: Recipe, history: History) -> float:
    """The learning rate after the finished epochs; a function of the history, so that it can be resumed."""
    rate, best, waited = recipe.learning_rate, -math.inf, 0
    for epoch in history.epochs[recipe.head_epochs :]:
        waited = 0 if epoch["public"] > best else waited + 1
        best = max(best, epoch["public"])
        if waited == PLATEAU_PATIENCE:
            rate, waited = rate * PLATEAU_FACTOR, 0
    return rate


class _averaged_weights:
    """Within it the model carries the average of its weights, if the recipe keeps one."""

    def __init__(self, trainer: _FacesInMemory, recipe: Recipe) -> None:
        self.trainer, self.averaged = trainer, recipe.ema > 0

    def __enter__(self) -> None:
        if self.averaged:
            variables = self.trainer.trainable_variables
            self.raw = [ops.convert_to_numpy(variable).copy() for variable in variables]
            self.trainer.optimizer.finalize_variable_values(variables)

    def __exit__(self, *_) -> None:
        if self.averaged:
            for variable, raw in zip(self.trainer.trainable_variables, self.raw, strict=True):
                variable.assign(raw)


def _validate(trainer: _FacesInMemory, validation: Faces, recipe: Recipe) -> float:
    with _averaged_weights(trainer, recipe):
        probabilities = predict(trainer.model, validation.images)
    return round(100 * float(np.mean(probabilities.argmax(axis=-1) == validation.emotions)), 4)


# The views of one face: (turn in degrees, shift right and down as a fraction of the side, enlargement).
_VIEWS = (
    (0.0, 0.0, 0.0, 1.0),
    (0.0, 0.08, 0.0, 1.0),
    (0.0, -0.08, 0.0, 1.0),
    (0.0, 0.0, 0.08, 1.0),
    (0.0, 0.0, -0.08, 1.0),
    (10.0, 0.0, 0.0, 1.0),
    (-10.0, 0.0, 0.0, 1.0),
    (0.0, 0.0, 0.0, 1.1),
)


def predict(model: keras.Model, images: np.ndarray, views: int = 1) -> np.ndarray:
    """The model's probabilities, averaged over several views of each face.

    Args:
        model: from float (batch, 48, 48, 1), grey 0–255, to (batch, 7), probabilities.
        images: uint8 or float, shape (N, 48, 48), grey 0–255.
        views: 1, 2, 10 or 16, see `Recipe.views`.

    Returns:
        float32, shape (N, 7), rows that sum to 1.
    """
    poses = _VIEWS[: max(views // 2, 1)]
    mirrors = (False,) if views == 1 else (False, True)
    if _xla_is_slow():
        model.jit_compile = False
    total = np.zeros((len(images), len(EMOTIONS)), "float64")
    for start in range(0, len(images), 4096):
        part = slice(start, start + 4096)
        for pose in poses:
            seen = _seen_from(images[part], *pose)
            for mirror in mirrors:
                shown = seen[:, :, ::-1] if mirror else seen
                total[part] += model.predict(
                    shown[..., None], batch_size=EVALUATION_BATCH, verbose=0
                )
    return (total / (len(poses) * len(mirrors))).astype("float32")


def _seen_from(
    images: np.ndarray, turn: float, right: float, down: float, scale: float
) -> np.ndarray:
    if (turn, right, down, scale) == (0.0, 0.0, 0.0, 1.0):
        return images
    side = images.shape[-1]
    middle = (side - 1) / 2
    cosine, sine = math.cos(math.radians(turn)) / scale, math.sin(math.radians(turn)) / scale
    # Where in the face each pixel of the view comes from: turn about the middle, then shift.
    to_x = middle - cosine * (middle + right * side) + sine * (middle + down * side)
    to_y = middle - sine * (middle + right * side) - cosine * (middle + down * side)
    transform = np.tile(
        np.array([cosine, -sine, to_x, sine, cosine, to_y, 0.0, 0.0], "float32"), (len(images), 1)
    )
    pictures = images.astype("float32")[..., None]
    view = ops.image.affine_transform(
        pictures, transform, fill_mode="nearest", data_format="channels_last"
    )
    return ops.convert_to_numpy(view)[..., 0]


class _Checkpoint:
    """Everything a training run needs to go on, in one file without pickle."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "checkpoint.npz"

    def exists(self) -> bool:
        return self.path.exists()

    def save(self, trainer, recipe, history, epoch, step, sums, best) -> None:
        arrays = {f"state{i}": ops.convert_to_numpy(v) for i, v in enumerate(trainer.state())}
        arrays |= {f"best{i}": weight for i, weight in enumerate(best or [])}
        about = {
            "recipe": recipe.as_dict(),
            "model": trainer.model.name,
            "epoch": epoch,
            "step": step,
            "sums": sums.tolist(),
            "epochs": history.epochs,
            "seconds": history.seconds,
            "finished": history.finished,
            "head_only": epoch < recipe.head_epochs
            or (epoch == recipe.head_epochs > 0 and step == 0),
        }
        beside = self.path.with_suffix(".npz.part")
        with open(beside, "wb") as file:
            np.savez(file, about=np.array(json.dumps(about)), **arrays)
        os.replace(beside, self.path)

    def load(self, trainer, recipe, steps):
        with np.load(self.path, allow_pickle=False) as arrays:
            about = json.loads(str(arrays["about"]))
            if about["recipe"] != recipe.as_dict() or about["model"] != trainer.model.name:
                raise ValueError(
                    f"{self.path.parent.name}/{self.path.name} belongs to another recipe or model. "
                    "Delete it to begin anew, or use another folder."
                )
            _start_phase(trainer, recipe, steps, head_only=about["head_only"])
            state = trainer.state()
            shapes = [
                arrays[f"state{i}"].shape for i in range(sum(n.startswith("state") for n in arrays))
            ]
            if shapes != [tuple(variable.shape) for variable in state]:
                raise ValueError(
                    f"{self.path.parent.name}/{self.path.name} belongs to a model of another shape. "
                    "Delete it to begin anew, or use another folder."
                )
            for i, variable in enumerate(state):
                variable.assign(arrays[f"state{i}"])
            best = [
                arrays[f"best{i}"] for i in range(sum(name.startswith("best") for name in arrays))
            ]
        history = History(about["epochs"], about["seconds"], about["finished"])
        return history, about["epoch"], about["step"], np.array(about["sums"]), best or None
