"""The trainer: a model that is fed row numbers, because the faces lie in the memory of the device."""

from __future__ import annotations

import re

import keras
import numpy as np
from keras import layers, ops

from fercourse.data.faces import EMOTIONS, Faces
from fercourse.machine import device_count, has_accelerator, xla_is_slow
from fercourse.training.augmentation import augmentation, views_of
from fercourse.training.optimizer import make_optimizer
from fercourse.training.prediction import in_batches
from fercourse.training.recipes import Recipe

STATISTICS_STEPS, STATISTICS_BATCH = 64, 64
"""Batches of training faces from which batch normalisation takes its statistics for averaged weights."""

STEPS_PER_CALL = 16
"""Steps that an accelerator takes before it is asked for its loss. Waiting for every answer, it would be idle
meanwhile; a CPU is the one that it would wait for, and takes one."""


def steps_per_call() -> int:
    """How many steps this machine takes at a time; the result does not depend on it."""
    if (
        not has_accelerator() or keras.backend.backend() == "torch"
    ):  # Keras has it on two backends only
        return 1
    return STEPS_PER_CALL


class FacesInMemory(keras.Model):
    """From row numbers to what training needs of them: loss and correctness, shape (batch × views, 2)."""

    def __init__(
        self,
        model: keras.Model,
        faces: Faces,
        recipe: Recipe,
        teachers: np.ndarray | None = None,
    ) -> None:
        super().__init__(name="faces_in_memory")
        self.model = model
        self.images = keras.Variable(
            faces.images, trainable=False, dtype="uint8", name="images"
        )
        self.emotions = keras.Variable(
            faces.emotions, trainable=False, dtype="uint8", name="emotions"
        )
        self.teachers = None
        if teachers is not None:
            self.teachers = keras.Variable(
                teachers, trainable=False, dtype="float32", name="teachers"
            )
        self.distillation, self.train_views = recipe.distillation, recipe.train_views
        self.vary = augmentation(recipe)
        self.mix = (
            layers.MixUp(alpha=recipe.mixup, seed=recipe.seed + 3, dtype="float32")
            if recipe.mixup
            else None
        )
        self.mixing = None
        if recipe.mixup and recipe.mixup_off_epochs:
            # A variable, so that switching it off compiles nothing anew.
            self.mixing = keras.Variable(
                1.0, trainable=False, dtype="float32", name="mixing"
            )
        self.label_smoothing = recipe.label_smoothing
        statistics = _InTrainingMode(model, self.images)
        # Not the model itself: Keras would count it as a part.
        self.move_statistics, self.forget_statistics_step = (
            statistics.move,
            statistics.forget_step,
        )

    def build(self, _) -> None:
        """Nothing is left to be built: the model comes built."""

    def call(self, rows, training: bool = False):
        """Loss and correctness of the faces in these rows, int32, shape (batch,)."""
        images = ops.cast(ops.take(self.images, rows, axis=0), "float32")[..., None]
        emotions = ops.cast(ops.take(self.emotions, rows, axis=0), "int32")
        labels = ops.one_hot(emotions, len(EMOTIONS), dtype="float32")
        targets = labels
        if self.teachers is not None:
            taught = ops.take(self.teachers, rows, axis=0)
            targets = self.distillation * taught + (1 - self.distillation) * labels
        if training:
            for layer in self.vary:
                images = layer(images, training=True)
            if self.mix is not None:
                images, labels, targets = self._mixed(images, labels, targets)
            if self.train_views > 1:
                images = ops.concatenate(
                    list(views_of(images, self.train_views)), axis=0
                )
                labels = ops.tile(labels, (self.train_views, 1))
                targets = ops.tile(targets, (self.train_views, 1))
        probabilities = self.model(images, training=training)
        losses = keras.losses.categorical_crossentropy(
            targets, probabilities, label_smoothing=self.label_smoothing
        )
        correct = ops.equal(
            ops.argmax(probabilities, axis=-1), ops.argmax(labels, axis=-1)
        )
        return ops.stack([losses, ops.cast(correct, "float32")], axis=-1)

    def _mixed(self, images, labels, targets):
        """Blended with other faces of the batch, unless mixup is switched off."""
        both = ops.concatenate([labels, targets], axis=-1)
        mixed = self.mix({"images": images, "labels": both}, training=True)
        mixed_images, mixed_both = mixed["images"], mixed["labels"]
        if self.mixing is not None:
            mixed_images = ops.where(self.mixing > 0, mixed_images, images)
            mixed_both = ops.where(self.mixing > 0, mixed_both, both)
        return mixed_images, *ops.split(mixed_both, 2, axis=-1)

    def begin_epoch(self, epoch: int, recipe: Recipe) -> None:
        """Set what depends on the epoch, counted from 0."""
        if self.mixing is not None:
            self.mixing.assign(float(epoch < recipe.epochs - recipe.mixup_off_epochs))

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


class _InTrainingMode(keras.Model):
    """Passes faces through a model as in training, but for the weights, which stay as they are."""

    def __init__(self, model: keras.Model, images: keras.Variable) -> None:
        super().__init__(name="in_training_mode")
        self.model, self.images = model, images

    def call(self, rows):
        images = ops.cast(ops.take(self.images, rows, axis=0), "float32")[..., None]
        return self.model(images, training=True)[:, :1]

    def forget_step(self) -> None:
        """Have the next `move` compiled anew: what is compiled keeps frozen layers frozen."""
        self.predict_function = None

    def move(self) -> None:
        """Let the running statistics of batch normalisation forget, and take those of these weights."""
        if xla_is_slow():
            self.jit_compile = False
        batch_size = max(STATISTICS_BATCH // device_count(), 1) * device_count()
        rows = (
            np.arange(STATISTICS_STEPS * batch_size, dtype="int32")
            % self.images.shape[0]
        )
        self.predict(**in_batches(rows, batch_size=batch_size), verbose=0)


def mean_loss(_, losses_and_correctness):
    """The loss that `fit` asks for, of what `FacesInMemory` gives."""
    return ops.mean(losses_and_correctness[:, 0])


def _accuracy(_, losses_and_correctness):
    return losses_and_correctness[:, 1]


def start_phase(
    trainer: FacesInMemory, recipe: Recipe, steps: int, head_only: bool
) -> None:
    """Begin to train the head alone, or everything, with a new optimiser; `steps` are those of an epoch."""
    for layer in trainer.model.layers:
        if re.match(r"block\d_conv", layer.name):
            layer.trainable = not head_only
    trainer.forget_statistics_step()
    trainer.compile(
        optimizer=make_optimizer(recipe, steps, head_only),
        loss=mean_loss,
        metrics=[keras.metrics.MeanMetricWrapper(_accuracy, name="accuracy")],
        jit_compile=False if xla_is_slow() else "auto",
        steps_per_execution=steps_per_call(),
    )
    trainer.optimizer.build(trainer.trainable_variables)
    # `fit` ends by overwriting the weights with their averages; training must go on
    # from the weights.
    trainer.optimizer.finalize_variable_values = lambda variables: None


class AveragedWeights:
    """Within it the model carries the average of its weights, if the recipe keeps one."""

    def __init__(self, trainer: FacesInMemory, recipe: Recipe) -> None:
        self.trainer, self.averaged = trainer, recipe.ema > 0

    def __enter__(self) -> None:
        if not self.averaged:
            return
        model = self.trainer.model
        # Copies, here and below: on JAX a weight would share its memory with its
        # average, and `predict` gives the memory of its weights away.
        self.raw = [ops.copy(variable.value) for variable in model.variables]
        variables = self.trainer.trainable_variables
        # For 16-bit floats Keras puts an optimiser that scales the loss around the one
        # that averages.
        optimizer = getattr(
            self.trainer.optimizer, "inner_optimizer", self.trainer.optimizer
        )
        keras.optimizers.Optimizer.finalize_variable_values(optimizer, variables)
        for variable in variables:
            variable.assign(ops.copy(variable.value))
        if any(_keeps_statistics(layer) for layer in model.layers):
            # The running statistics belong to the weights of the last steps, not to
            # their average, so they are taken anew (Izmailov et al., 2018, section
            # 3.2). What else a pass in training mode moves, such as the random state of
            # dropout, is set back in the end.
            self.trainer.move_statistics()

    def __exit__(self, *_) -> None:
        if self.averaged:
            for variable, raw in zip(
                self.trainer.model.variables, self.raw, strict=True
            ):
                variable.assign(raw)


def _keeps_statistics(layer: layers.Layer) -> bool:
    inner = getattr(layer, "normalisation", None)  # of an attention block
    return isinstance(layer, layers.BatchNormalization) or isinstance(
        inner, layers.BatchNormalization
    )
