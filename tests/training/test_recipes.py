"""Recipes: the named ones, their limits, and what their fields are in Keras."""

import keras
import numpy as np
import pytest

from fercourse.training.augmentation import augmentation_layers
from fercourse.training.optimizer import make_optimizer
from fercourse.training.recipes import RECIPES, Recipe


def test_the_recipes_have_names():
    of_the_course = {"practice", "pocket", "common", "paper", "best"}
    assert set(RECIPES) == of_the_course | {
        "deep_emotion",
        "tuned_cnn",
        "pramerdorfer",
        "khaireddin",
    }
    assert all(recipe.name == name for name, recipe in RECIPES.items())


def test_pocket_models_are_trained_by_the_common_recipe():
    pocket = RECIPES["pocket"].changed(name="common", epochs=RECIPES["common"].epochs)
    assert pocket == RECIPES["common"]


def test_a_recipe_is_frozen_and_changed_by_copy():
    changed = RECIPES["paper"].changed(seed=3)
    assert (changed.seed, RECIPES["paper"].seed) == (3, 0)
    with pytest.raises(AttributeError):
        changed.seed = 4


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"optimizer": "lion"}, r"Recipe.optimizer is 'lion'; expected one of"),
        ({"schedule": "step"}, r"Recipe.schedule is 'step'; expected one of"),
        ({"precision": "fp8"}, r"Recipe.precision is 'fp8'; expected one of"),
        ({"train_views": 2}, r"Recipe.train_views is 2; expected one of \(1, 10\)"),
        ({"plateau_patience": 0}, r"Recipe.plateau_patience is 0; expected 1 to"),
        ({"views": 3}, r"Recipe.views is 3; expected one of"),
        ({"epochs": 0}, r"Recipe.epochs is 0; expected 1 to 100000"),
        ({"learning_rate": -1}, r"Recipe.learning_rate is -1; expected 0 to 10"),
        (
            {"early_blocks_rate": 1.5},
            r"Recipe.early_blocks_rate is 1.5; expected 0 to 1",
        ),
        ({"mixup_off_epochs": -1}, r"Recipe.mixup_off_epochs is -1; expected 0 to"),
        ({"zoom": 1.0}, r"Recipe.zoom is 1.0; expected 0 to 0.99"),
        (
            {"label_smoothing": 1.0},
            r"Recipe.label_smoothing is 1.0; expected 0 to 0.99",
        ),
        ({"warmup_epochs": 2, "head_epochs": 3}, r"leave none for the training proper"),
    ],
)
def test_wrong_fields_are_named(fields, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**{"name": "mine", "epochs": 5, **fields})


def test_augmentation_holds_what_the_recipe_asks_for():
    names = [type(layer).__name__ for layer in augmentation_layers(RECIPES["best"])]
    assert names == ["RandomFlip", "RandomPose", "RandomErasing"]
    assert augmentation_layers(Recipe(name="none", epochs=1, flip=False)) == []


def test_erasing_erases_its_share_of_the_faces():
    (erase,) = augmentation_layers(
        Recipe(name="mine", epochs=1, flip=False, erasing=0.4)
    )
    faces = np.full((500, 48, 48, 1), 128, "float32")
    erased = (
        (keras.ops.convert_to_numpy(erase(faces, training=True)) != 128)
        .any(axis=(1, 2, 3))
        .mean()
    )
    assert 0.32 < erased < 0.48


def test_cosine_rises_and_falls():
    recipe = Recipe(
        name="mine", epochs=10, learning_rate=0.1, warmup_epochs=2, head_epochs=1
    )
    optimizer = make_optimizer(recipe, steps=100)
    rate = [
        float(keras.ops.convert_to_numpy(optimizer._learning_rate(step)))
        for step in (0, 100, 200, 550, 900)
    ]
    np.testing.assert_allclose(rate, [0, 0.05, 0.1, 0.05, 0], atol=1e-3)


def test_the_head_alone_learns_at_its_own_rate():
    assert float(
        keras.ops.convert_to_numpy(
            make_optimizer(RECIPES["best"], 10, True).learning_rate
        )
    ) == (pytest.approx(1e-3))


@pytest.mark.parametrize(
    ("name", "kind"), [("adam", "Adam"), ("adamw", "AdamW"), ("sgd", "SGD")]
)
def test_optimisers_get_their_settings(name, kind):
    recipe = Recipe(
        name="mine", epochs=2, optimizer=name, weight_decay=0.1, ema=0.9, clip_norm=2.0
    )
    optimizer = make_optimizer(recipe, 10)
    assert type(optimizer).__name__ == kind
    assert (
        optimizer.weight_decay,
        optimizer.ema_momentum,
        optimizer.global_clipnorm,
    ) == (0.1, 0.9, 2.0)
    assert optimizer.use_ema


def test_weight_decay_leaves_biases_and_normalisation_alone():
    layer = keras.layers.Dense(3)
    layer.build((None, 2))
    recipe = Recipe(
        name="mine", epochs=2, schedule="constant", learning_rate=0.5, weight_decay=0.5
    )
    optimizer = make_optimizer(recipe, 10)
    layer.kernel.assign(np.ones((2, 3)))
    layer.bias.assign(np.ones(3))
    optimizer.build(layer.trainable_variables)
    optimizer.apply_gradients(
        [
            (np.zeros(variable.shape, "float32"), variable)
            for variable in layer.trainable_variables
        ]
    )
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(layer.kernel), 0.75, rtol=1e-6
    )
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer.bias), 1.0, rtol=1e-6)


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_early_blocks_learn_and_decay_at_their_own_rate(name, precision):
    """Three steps each: the factor changes the size of the steps in blocks 1 and 2, and nothing else."""
    moved = {}
    for factor in (1.0, 0.1):
        recipe = Recipe(
            name="mine",
            epochs=2,
            optimizer=name,
            schedule="constant",
            learning_rate=0.01,
            weight_decay=0.5,
            early_blocks_rate=factor,
        )
        layers = [
            keras.layers.Conv2D(3, 1, name=f"block{block}_conv1") for block in (1, 2, 3)
        ]
        for layer in layers:
            layer.build((None, 2, 2, 2))
            layer.kernel.assign(np.ones(layer.kernel.shape))
        optimizer = make_optimizer(recipe, 10)
        if precision == "mixed_float16":
            optimizer = keras.optimizers.LossScaleOptimizer(
                optimizer, initial_scale=1.0
            )
        variables = [
            variable for layer in layers for variable in layer.trainable_variables
        ]
        optimizer.build(variables)
        for _ in range(3):
            optimizer.apply(
                [np.full(variable.shape, 0.2, "float32") for variable in variables],
                variables,
            )
        moved[factor] = [1 - float(np.mean(layer.get_weights()[0])) for layer in layers]
    assert moved[0.1][2] == pytest.approx(moved[1.0][2], rel=1e-5)
    for early in (0, 1):
        assert moved[0.1][early] == pytest.approx(0.1 * moved[1.0][early], rel=0.03)


def test_the_best_recipe_spares_early_blocks_and_ends_without_mixup():
    best = RECIPES["best"]
    assert (best.early_blocks_rate, best.mixup, best.mixup_off_epochs) == (0.1, 0.2, 10)
    assert (
        RECIPES["paper"].early_blocks_rate == RECIPES["pocket"].early_blocks_rate == 1
    )


def test_a_rate_for_early_blocks_is_refused_where_keras_has_none(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(
        ValueError, match="early_blocks_rate needs KERAS_BACKEND=tensorflow or jax"
    ):
        make_optimizer(RECIPES["best"], 10)
