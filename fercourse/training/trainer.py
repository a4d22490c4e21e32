"""The trainer: a model that is fed row numbers, since the faces are on the device."""

from __future__ import annotations

import re
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from fercourse.data.faces import EMOTIONS, Faces
from fercourse.machine import device_count, has_accelerator, xla_is_slow
from fercourse.training.augmentation import augmentation_layers, views_of
from fercourse.training.optimizer import make_optimizer
from fercourse.training.prediction import in_batches
from fercourse.training.recipes import Recipe

STATISTICS_STEPS, STATISTICS_BATCH = 64, 64
"""Batches of training faces from which batch normalisation takes its statistics for
averaged weights."""

STEPS_PER_CALL = 16
"""Training steps that an accelerator runs before its loss is read. Reading the loss
after every step would leave it idle; a CPU does the work itself and takes one."""


def steps_per_call() -> int:
    """How many steps this machine takes at a time; the result does not depend on it."""
    # Keras has it on TensorFlow and JAX only.
    several = has_accelerator() and keras.backend.backend() != "torch"
    return STEPS_PER_CALL if several else 1


def _constant(values, dtype: str, name: str) -> keras.Variable:
    """An array in the memory of the device, which no optimiser changes."""
    # Mixed precision would read floats in 16 bits, and teachers' answers need 32.
    return keras.Variable(
        values, trainable=False, dtype=dtype, autocast=False, name=name
    )


def _faces_at(images: keras.Variable, rows):
    """The faces in these rows: uint8 (N, 48, 48) to float32 (batch, 48, 48, 1)."""
    return ops.cast(ops.take(images, rows, axis=0), "float32")[..., None]


class FacesInMemory(keras.Model):
    """From row numbers to loss and correctness of these faces, (batch × views, 2)."""

    def __init__(
        self,
        model: keras.Model,
        faces: Faces,
        recipe: Recipe,
        teachers: np.ndarray | None = None,
    ) -> None:
        super().__init__(name="faces_in_memory")
        self.model = model
        # FER2013's training faces are 66 MB as bytes; as float32 they would be 265 MB.
        self.images = _constant(faces.images, "uint8", "images")
        self.emotions = _constant(faces.emotions, "uint8", "emotions")
        self.teachers = None
        if teachers is not None:
            self.teachers = _constant(teachers, "float32", "teachers")
        self.distillation, self.train_views = recipe.distillation, recipe.train_views
        self.label_smoothing = recipe.label_smoothing
        self.vary = augmentation_layers(recipe)
        self.mix: Any = None  # a MixUp layer
        self.mixing: keras.Variable | None = None  # 1 or 0
        if recipe.mixup:
            self.mix = layers.MixUp(
                alpha=recipe.mixup, seed=recipe.seed + 3, dtype="float32"
            )
        if recipe.mixup and recipe.mixup_off_epochs:
            # A variable, so that switching mixup off compiles nothing anew.
            self.mixing = _constant(1.0, "float32", "mixing")
        # The two methods and not their model, which Keras would count as a part.
        statistics = _InTrainingMode(model, self.images)
        self.move_statistics = statistics.move
        self.forget_statistics_step = statistics.forget_step

    def build(self, _) -> None:
        """Nothing is left to be built: the model comes built."""

    def call(self, rows, training: bool = False):
        """Loss and correctness of the faces in these rows, int32, shape (batch,)."""
        # Only the row numbers came to the device: 4 bytes a face instead of 9,216.
        images = _faces_at(self.images, rows)
        emotions = ops.cast(ops.take(self.emotions, rows, axis=0), "int32")
        # (batch, 7): the label as a distribution, all of it on one emotion.
        labels = ops.one_hot(emotions, len(EMOTIONS), dtype="float32")
        targets = labels
        if self.teachers is not None:
            # Distillation: d · teacher + (1 - d) · label (Hinton et al., 2015).
            taught = ops.take(self.teachers, rows, axis=0)
            targets = self.distillation * taught + (1 - self.distillation) * labels
        if training:
            for layer in self.vary:
                images = layer(images, training=True)
            if self.mix is not None:
                images, labels, targets = self._mixed(images, labels, targets)
            if self.train_views > 1:
                # (batch × views, 48, 48, 1), view after view; the targets repeat.
                views = list(views_of(images, self.train_views))
                images = ops.concatenate(views, axis=0)
                labels = ops.tile(labels, (self.train_views, 1))
                targets = ops.tile(targets, (self.train_views, 1))
        probabilities = self.model(images, training=training)  # (batch × views, 7)
        # One loss per picture: -Σ target · log probability, the target smoothed.
        losses = keras.losses.categorical_crossentropy(
            targets, probabilities, label_smoothing=self.label_smoothing
        )
        # Correct by the label, whatever teachers say; of two mixed faces, the larger.
        predicted, true = (ops.argmax(p, axis=-1) for p in (probabilities, labels))
        correct = ops.cast(ops.equal(predicted, true), "float32")
        # Side by side, (batch × views, 2), so that one pass gives loss and accuracy.
        return ops.stack([losses, correct], axis=-1)

    def _mixed(self, images, labels, targets):
        """Faces blended with others of the batch, unless mixup is switched off."""
        # Keras's layer blends one array of labels with the images, by the same shares,
        # so labels and targets go through it together: (batch, 14).
        both = ops.concatenate([labels, targets], axis=-1)
        mixed = self.mix({"images": images, "labels": both}, training=True)
        mixed_images, mixed_both = mixed["images"], mixed["labels"]
        if self.mixing is not None:
            # Both ways are compiled; the variable selects one, 0 the faces as they are.
            mixed_images = ops.where(self.mixing > 0, mixed_images, images)
            mixed_both = ops.where(self.mixing > 0, mixed_both, both)
        return mixed_images, *ops.split(mixed_both, 2, axis=-1)

    def begin_epoch(self, epoch: int, recipe: Recipe) -> None:
        """Set what depends on the epoch, counted from 0."""
        if self.mixing is not None:
            self.mixing.assign(float(epoch < recipe.epochs - recipe.mixup_off_epochs))

    def has_learned(self) -> bool:
        """Whether this phase took a step; 16-bit floats skip those that overflow."""
        return bool(ops.convert_to_numpy(self.optimizer.iterations) > 0)

    def changing(self) -> list[keras.Variable]:
        """All that training changes: weights, statistics, optimiser, random states."""
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
    """Passes faces through a model as in training, without changing its weights."""

    def __init__(self, model: keras.Model, images: keras.Variable) -> None:
        super().__init__(name="in_training_mode")
        self.model, self.images = model, images

    def call(self, rows):
        # The probabilities do not matter, only what the pass does to the statistics;
        # one column is returned because `predict` needs an output.
        return self.model(_faces_at(self.images, rows), training=True)[:, :1]

    def forget_step(self) -> None:
        """Have the next `move` compiled anew, for other frozen layers."""
        self.predict_function = None

    def move(self) -> None:
        """Recompute the running statistics of batch normalisation for these weights."""
        if xla_is_slow():
            self.jit_compile = False
        batch_size = max(STATISTICS_BATCH // device_count(), 1) * device_count()
        count = STATISTICS_STEPS * batch_size
        # A step keeps 0.9 of the running statistics, so 64 steps leave 0.1 % of the old
        # ones. With fewer faces than these steps take, they come round again.
        rows = np.arange(count, dtype="int32") % self.images.shape[0]
        self.predict(**in_batches(rows, batch_size=batch_size), verbose=0)


def mean_loss(_, losses_and_correctness):
    """The loss that `fit` minimises, of what `FacesInMemory` gives."""
    return ops.mean(losses_and_correctness[:, 0])


def _accuracy(_, losses_and_correctness):
    return losses_and_correctness[:, 1]


def start_phase(
    trainer: FacesInMemory, recipe: Recipe, steps: int, head_only: bool
) -> None:
    """Begin to train the head alone, or everything, with a new optimiser.

    The head is what follows the convolutions, which are named as VGG19's.
    """
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
    # `fit` would end by overwriting the weights with their averages, but training must
    # continue from the weights.
    trainer.optimizer.finalize_variable_values = lambda variables: None


class AveragedWeights:
    """A context in which the model has averaged weights, if the recipe asks so."""

    def __init__(self, trainer: FacesInMemory, recipe: Recipe) -> None:
        # Keras's averages are zeros until the first step, and then the weights.
        self.trainer, self.averaged = trainer, recipe.ema > 0 and trainer.has_learned()

    def __enter__(self) -> None:
        if not self.averaged:
            return
        model, variables = self.trainer.model, self.trainer.trainable_variables
        # Copies, here and below: on JAX a weight would share its memory with its
        # average, and `predict` gives away the memory of its weights.
        self.raw = [ops.copy(variable.value) for variable in model.variables]
        # For 16-bit floats Keras wraps the optimiser in one that scales the loss; the
        # averages belong to the inner one.
        outer = self.trainer.optimizer
        optimizer = getattr(outer, "inner_optimizer", outer)
        # Keras's own way to put the averages into the weights, as a class's method
        # because `start_phase` switched the instance's off.
        keras.optimizers.Optimizer.finalize_variable_values(optimizer, variables)
        for variable in variables:
            variable.assign(ops.copy(variable.value))
        if any(map(_keeps_statistics, model.layers)):
            # The running statistics belong to the last weights, not to their average,
            # so they are taken anew (Izmailov et al., 2018, section 3.2). What else
            # this pass moves, such as the random state of dropout, is restored.
            self.trainer.move_statistics()

    def __exit__(self, *_) -> None:
        if self.averaged:
            for variable, raw in zip(
                self.trainer.model.variables, self.raw, strict=True
            ):
                variable.assign(raw)


def _keeps_statistics(layer: layers.Layer) -> bool:
    """Whether there is batch normalisation, in an attention block too."""
    inner = getattr(layer, "normalisation", None)
    return any(isinstance(part, layers.BatchNormalization) for part in (layer, inner))
