"""Optimisers: their rates, weight decay, averages and clipping are the recipe's."""

import keras
import numpy as np
import pytest

from fercourse.training.optimizer import HEAD_LEARNING_RATE, make_optimizer
from fercourse.training.recipes import RECIPES, Recipe

MINE = Recipe("mine", epochs=5, schedule="constant")


def rates(recipe, steps, *at):
    """The rates of the recipe's optimiser at some of its steps."""
    schedule = make_optimizer(recipe, steps)._learning_rate
    return [float(keras.ops.convert_to_numpy(schedule(step))) for step in at]


@pytest.mark.parametrize("name", ["best", "pocket"])
def test_the_rate_rises_and_falls(name):
    recipe, steps = RECIPES[name], 11
    highest, warmup = recipe.learning_rate, recipe.warmup_epochs * steps
    end = (recipe.epochs - recipe.head_epochs) * steps
    halfway = (warmup + end) // 2
    expected = [0, highest, highest / 2, 0]
    found = rates(recipe, steps, 0, warmup, halfway, end)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-9)


def test_the_rate_falls_at_once_without_warmup_and_is_a_number_if_constant():
    recipe = Recipe("one", epochs=2, learning_rate=0.5)
    assert rates(recipe, 4, 0, 4, 8) == pytest.approx([0.5, 0.25, 0], abs=1e-6)
    constant = make_optimizer(recipe.changed(schedule="constant"), 4)._learning_rate
    assert float(keras.ops.convert_to_numpy(constant)) == 0.5


@pytest.mark.parametrize(
    ("name", "kind"), [("adam", "Adam"), ("adamw", "AdamW"), ("sgd", "SGD")]
)
def test_optimisers_get_their_settings(name, kind):
    recipe = MINE.changed(optimizer=name, weight_decay=0.1, ema=0.9, clip_norm=2.0)
    optimizer = make_optimizer(recipe, 10)
    assert type(optimizer).__name__ == kind
    assert (optimizer.weight_decay, optimizer.use_ema) == (0.1, True)
    assert (optimizer.ema_momentum, optimizer.global_clipnorm) == (0.9, 2.0)
    head = make_optimizer(recipe, 10, head_only=True)
    rate = float(keras.ops.convert_to_numpy(head.learning_rate))
    assert rate == pytest.approx(HEAD_LEARNING_RATE)


def test_weight_decay_leaves_biases_alone():
    layer = keras.layers.Dense(3, bias_initializer="ones")
    layer.build((None, 2))
    layer.kernel.assign(np.ones((2, 3)))
    recipe = MINE.changed(learning_rate=0.5, weight_decay=0.5)
    optimizer = make_optimizer(recipe, 10)
    variables = layer.trainable_variables
    optimizer.build(variables)
    optimizer.apply([np.zeros(v.shape, "float32") for v in variables], variables)
    kernel, bias = layer.get_weights()
    np.testing.assert_allclose(kernel, 0.75, rtol=1e-6)
    np.testing.assert_allclose(bias, 1.0, rtol=1e-6)


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("scaled", [False, True])
def test_early_blocks_learn_and_decay_at_their_own_rate(name, scaled):
    """Blocks 1 and 2 take steps of another size, and the others the same steps."""
    moved = {}
    for factor in (1.0, 0.1):
        recipe = MINE.changed(optimizer=name, learning_rate=0.01, weight_decay=0.5)
        layers = [
            keras.layers.Conv2D(
                3, 1, kernel_initializer="ones", name=f"block{block}_conv1"
            )
            for block in (1, 2, 3)
        ]
        for layer in layers:
            layer.build((None, 2, 2, 2))
        optimizer = make_optimizer(recipe.changed(early_blocks_rate=factor), 10)
        if scaled:  # as Keras does for 16-bit floats
            optimizer = keras.optimizers.LossScaleOptimizer(
                optimizer, initial_scale=1.0
            )
        variables = [v for layer in layers for v in layer.trainable_variables]
        optimizer.build(variables)
        gradients = [np.full(v.shape, 0.2, "float32") for v in variables]
        for _ in range(3):
            optimizer.apply(gradients, variables)
        moved[factor] = np.array(
            [1 - layer.get_weights()[0].mean() for layer in layers]
        )
    np.testing.assert_allclose(moved[0.1][2], moved[1.0][2], rtol=1e-5)
    np.testing.assert_allclose(moved[0.1][:2], 0.1 * moved[1.0][:2], rtol=0.03)


def test_a_rate_for_early_blocks_is_refused_where_keras_has_none(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(ValueError, match="early_blocks_rate needs"):
        make_optimizer(RECIPES["best"], 10)
