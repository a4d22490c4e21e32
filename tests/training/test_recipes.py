"""Recipes: the named ones, their limits, and what their fields are in Keras."""

import keras
import numpy as np
import pytest

from fercourse.training.augmentation import augmentation_layers
from fercourse.training.recipes import RECIPES, Recipe

MINE = Recipe("mine", epochs=5, schedule="constant", flip=False)


def test_the_named_recipes():
    assert all(recipe.name == name for name, recipe in RECIPES.items())
    # Pocket models are trained by the common recipe, only for a shorter time.
    common = RECIPES["common"]
    assert RECIPES["pocket"].changed(name="common", epochs=common.epochs) == common
    best = RECIPES["best"]
    assert (best.early_blocks_rate, best.mixup, best.mixup_off_epochs) == (0.1, 0.2, 10)
    paper, pocket = RECIPES["paper"], RECIPES["pocket"]
    assert paper.early_blocks_rate == pocket.early_blocks_rate == 1


def test_a_recipe_is_frozen_changed_by_copy_and_stored():
    changed = RECIPES["paper"].changed(seed=3)
    assert (changed.seed, RECIPES["paper"].seed) == (3, 0)
    with pytest.raises(AttributeError):
        changed.seed = 4
    stored = changed.as_dict()
    assert Recipe.from_dict(stored) == changed
    del stored["early_blocks_rate"]  # a run from before there was this field
    assert Recipe.from_dict(stored) == changed


@pytest.mark.parametrize(
    "wrong",
    [
        {"optimizer": "lion"},
        {"schedule": "step"},
        {"precision": "fp8"},
        {"train_views": 2},
        {"views": 3},
        {"plateau_patience": 0},
        {"epochs": 0},
        {"learning_rate": -1},
        {"early_blocks_rate": 1.5},
        {"mixup_off_epochs": -1},
        {"zoom": 1.0},
        {"label_smoothing": 1.0},
        {"warmup_epochs": 2, "head_epochs": 3},
    ],
)
def test_wrong_fields_are_named(wrong):
    *_, field = wrong
    with pytest.raises(ValueError, match=rf"{field}.* {wrong[field]!r}"):
        MINE.changed(**wrong)


def test_augmentation_is_what_the_recipe_asks_for():
    names = [type(layer).__name__ for layer in augmentation_layers(RECIPES["best"])]
    assert names == ["RandomFlip", "RandomPose", "RandomErasing"]
    assert augmentation_layers(MINE) == []
    (erase,) = augmentation_layers(MINE.changed(erasing=0.4))
    faces = np.full((500, 48, 48, 1), 128, "float32")
    changed = keras.ops.convert_to_numpy(erase(faces, training=True)) != 128
    assert 0.32 < changed.any(axis=(1, 2, 3)).mean() < 0.48
