"""Ingredients: what the fields of a recipe are in Keras: augmentation layers and an optimiser."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from fercourse.poses import RandomPose
from fercourse.recipes import Recipe

HEAD_LEARNING_RATE = 1e-3
"""While only the head learns."""


def augmentation(recipe: Recipe) -> list[layers.Layer]:
    """The layers that vary one picture, in order: from and to float (batch, 48, 48, 1), grey 0–255."""
    # In 32 bits under every precision: 16 know too few grey values, and not every operation.
    found: list[layers.Layer] = []
    if recipe.flip:
        found.append(layers.RandomFlip("horizontal", seed=recipe.seed, dtype="float32"))
    if recipe.rotation or recipe.shift or recipe.zoom:
        found.append(
            RandomPose(recipe.rotation, recipe.shift, recipe.zoom, seed=recipe.seed + 1, dtype="float32")
        )
    if recipe.erasing:
        found.append(
            layers.RandomErasing((recipe.erasing, recipe.erasing), seed=recipe.seed + 2, dtype="float32")
        )
    return found


def make_optimizer(recipe: Recipe, steps: int, head_only: bool = False) -> keras.optimizers.Optimizer:
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
        optimizer = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}[recipe.optimizer](
            **settings
        )
    if recipe.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer
