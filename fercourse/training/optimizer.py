"""Ingredients: what the fields of a recipe are in Keras: augmentation layers and an optimiser."""

from __future__ import annotations

import re
from typing import Any

import keras
import numpy as np

from fercourse.training.recipes import Recipe

HEAD_LEARNING_RATE = 1e-3
"""While only the head learns."""

EARLY_BLOCKS = re.compile(r"(^|/)block[12]_conv")
"""The paths of variables that `Recipe.early_blocks_rate` is about."""

_OPTIMIZERS: dict[str, type[keras.optimizers.Optimizer]] = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "sgd": keras.optimizers.SGD,
}


def make_optimizer(
    recipe: Recipe, steps: int, head_only: bool = False
) -> keras.optimizers.Optimizer:
    """The recipe's optimiser; `steps` is the number of steps in an epoch.

    Raises:
        ValueError: `Recipe.early_blocks_rate` on PyTorch, where Keras updates all
            weights at once.
    """
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
        settings |= {
            "use_ema": True,
            "ema_momentum": recipe.ema,
            "ema_overwrite_frequency": None,
        }
    if recipe.clip_norm:
        settings["global_clipnorm"] = recipe.clip_norm
    if recipe.optimizer == "sgd":
        settings |= {"momentum": 0.9, "nesterov": True}
    kind = _OPTIMIZERS[recipe.optimizer]
    if recipe.early_blocks_rate != 1:
        kind = _slow_in_early_blocks(kind, recipe.early_blocks_rate)
    optimizer = kind(**settings)
    if recipe.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _slow_in_early_blocks(
    kind: type[keras.optimizers.Optimizer], factor: float
) -> type[keras.optimizers.Optimizer]:
    """The same optimiser, whose rate is multiplied by `factor` in `EARLY_BLOCKS`."""
    if keras.backend.backend() == "torch":
        raise ValueError(
            "Recipe.early_blocks_rate needs KERAS_BACKEND=tensorflow or jax: on "
            "PyTorch, Keras updates all "
            "weights at one rate. Set it to 1, or use another backend."
        )

    class SlowInEarlyBlocks(kind):
        # Scaled is the update and not the gradient: Adam divides by the size of the
        # gradient, so that a smaller one would make no difference. The state is that of
        # the plain optimiser.
        def update_step(self, gradient, variable, learning_rate):
            index = self._get_variable_index(
                variable
            )  # on TensorFlow the variable knows no path
            early = EARLY_BLOCKS.search(self._trainable_variables[index].path)
            return super().update_step(
                gradient, variable, learning_rate * factor if early else learning_rate
            )

        def _apply_weight_decay(self, variables):
            if self.weight_decay is None:
                return
            early = [
                variable for variable in variables if EARLY_BLOCKS.search(variable.path)
            ]
            super()._apply_weight_decay(
                [v for v in variables if not EARLY_BLOCKS.search(v.path)]
            )
            whole, self.weight_decay = self.weight_decay, self.weight_decay * factor
            super()._apply_weight_decay(early)
            self.weight_decay = whole

    return SlowInEarlyBlocks


def learning_rates(recipe: Recipe, steps: int) -> np.ndarray:
    """The learning rate of every step of a recipe, as its optimisers have it.

    Args:
        recipe: with the schedule "cosine" or "constant".
        steps: of an epoch.

    Returns:
        Float64, shape (epochs · steps,). While only the head learns it is
        `HEAD_LEARNING_RATE`.

    Raises:
        ValueError: "plateau", whose rates depend on how the training goes.
    """
    if recipe.schedule == "plateau":
        raise ValueError(
            "The rates of `plateau` depend on PublicTest; expected cosine or constant."
        )
    head = np.full(recipe.head_epochs * steps, HEAD_LEARNING_RATE)
    step = np.arange((recipe.epochs - recipe.head_epochs) * steps)
    if recipe.schedule == "constant":
        return np.concatenate([head, np.full(len(step), recipe.learning_rate)])
    warmup = recipe.warmup_epochs * steps
    falling = (1 + np.cos(np.pi * (step - warmup) / (len(step) - warmup))) / 2
    rising = step / max(warmup, 1)
    return np.concatenate(
        [head, recipe.learning_rate * np.where(step < warmup, rising, falling)]
    )
