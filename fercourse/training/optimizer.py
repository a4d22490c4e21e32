"""The optimiser of a recipe: learning rates, weight decay, averages and clipping."""

from __future__ import annotations

import re
from typing import Any

import keras

from fercourse.training.recipes import Recipe

HEAD_LEARNING_RATE = 1e-3
"""The learning rate while only the head learns."""

EARLY_BLOCKS = re.compile(r"(^|/)block[12]_conv")
"""Paths of the variables that `Recipe.early_blocks_rate` applies to."""

_OPTIMIZERS: dict[str, type[keras.optimizers.Optimizer]] = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "sgd": keras.optimizers.SGD,
}


def make_optimizer(
    recipe: Recipe, steps: int, head_only: bool = False
) -> keras.optimizers.Optimizer:
    """The recipe's optimiser; `steps` is the number of steps in an epoch."""
    rate = HEAD_LEARNING_RATE if head_only else _rate(recipe, steps)
    settings: dict[str, Any] = {"learning_rate": rate}
    if recipe.weight_decay:
        settings["weight_decay"] = recipe.weight_decay
    if recipe.ema:
        # Keras keeps the average next to the weights, average ← m·average +
        # (1 - m)·weight, and never overwrites them: `AveragedWeights` swaps them in.
        settings |= {"use_ema": True, "ema_momentum": recipe.ema}
        settings["ema_overwrite_frequency"] = None
    if recipe.clip_norm:
        # One norm over all weights, so that the direction of the step is kept.
        settings["global_clipnorm"] = recipe.clip_norm
    if recipe.optimizer == "sgd":
        settings |= {"momentum": 0.9, "nesterov": True}
    kind = _OPTIMIZERS[recipe.optimizer]
    if recipe.early_blocks_rate != 1:
        kind = _slow_in_early_blocks(kind, recipe.early_blocks_rate)
    optimizer = kind(**settings)
    if recipe.weight_decay:
        # Biases and the scales of normalisation have no reason to be small.
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _rate(recipe: Recipe, steps: int) -> Any:
    """The learning rate, or its schedule; the loop sets "plateau" before each epoch."""
    if recipe.schedule != "cosine":
        return recipe.learning_rate
    warmup = recipe.warmup_epochs * steps
    falling = (recipe.epochs - recipe.head_epochs) * steps - warmup
    # Linear from 0 to the recipe's rate, then half a period of the cosine down to 0.
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else recipe.learning_rate,
        decay_steps=max(falling, 1),
        warmup_target=recipe.learning_rate if warmup else None,
        warmup_steps=warmup,
    )


def _slow_in_early_blocks(
    kind: type[keras.optimizers.Optimizer], factor: float
) -> type[keras.optimizers.Optimizer]:
    """The same optimiser, whose rate is multiplied by `factor` in `EARLY_BLOCKS`."""
    if keras.backend.backend() == "torch":
        raise ValueError(
            "Recipe.early_blocks_rate needs KERAS_BACKEND=tensorflow or jax: on "
            "PyTorch, Keras updates all weights at one rate. Set it to 1, or use "
            "another backend."
        )

    class SlowInEarlyBlocks(kind):
        weight_decay: float | None

        # The rate is scaled, not the gradient: Adam divides by the gradient's size, so
        # a smaller gradient would make no difference. The optimiser's state is that of
        # the plain one.
        def update_step(self, gradient, variable, learning_rate):
            # On TensorFlow this variable has no path; the index leads to one that has.
            index = self._get_variable_index(variable)
            if EARLY_BLOCKS.search(self._trainable_variables[index].path):
                learning_rate = learning_rate * factor
            return super().update_step(gradient, variable, learning_rate)

        def _apply_weight_decay(self, variables):
            # Keras decays each weight by rate · decay; scaling the decay for the early
            # blocks gives the same product as scaling their rate.
            if self.weight_decay is None:
                return
            early = [v for v in variables if EARLY_BLOCKS.search(v.path)]
            others = [v for v in variables if not EARLY_BLOCKS.search(v.path)]
            super()._apply_weight_decay(others)
            whole, self.weight_decay = self.weight_decay, self.weight_decay * factor
            super()._apply_weight_decay(early)
            self.weight_decay = whole

    return SlowInEarlyBlocks
