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
        {"erasing_fill": "white"},
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
    names = [type(layer).__name__ for layer in augmentation_layers(RECIPES["full"])]
    assert names == [
        "RandomFlip",
        "RandomPose",
        "RandomBrightness",
        "RandomContrast",
        "RandomErasing",
    ]


def test_poses_have_the_aspect_and_the_border_that_the_recipe_names():
    (stretch,) = augmentation_layers(MINE.changed(aspect=0.3, border="black"))
    assert (stretch.aspect, stretch.border) == (0.3, "black")


@pytest.mark.parametrize(("fill", "value"), [("grey", 129), ("black", 0)])
def test_what_is_erased_has_the_grey_that_the_recipe_names(fill, value):
    (erase,) = augmentation_layers(MINE.changed(erasing=1.0, erasing_fill=fill))
    faces = np.full((20, 48, 48, 1), 200, "float32")
    erased = keras.ops.convert_to_numpy(erase(faces, training=True))
    assert set(np.unique(erased)) == {value, 200}


def test_faces_become_brighter_and_darker_with_more_and_less_contrast():
    faces = np.full((200, 48, 48, 1), 100, "float32")
    faces[:, :24] = 140
    (brighten,) = augmentation_layers(MINE.changed(brightness=0.2))
    bright = keras.ops.convert_to_numpy(brighten(faces, training=True))
    np.testing.assert_allclose(bright[:, 0] - bright[:, 47], 40, atol=1e-3)
    means = bright.mean(axis=(1, 2, 3))
    assert 69 <= means.min() < 80 and 160 < means.max() <= 171
    (stretch,) = augmentation_layers(MINE.changed(contrast=0.2))
    stretched = keras.ops.convert_to_numpy(stretch(faces, training=True))
    ranges = np.ptp(stretched, axis=(1, 2, 3))
    assert 31.99 < ranges.min() < 34 and 46 < ranges.max() < 48.01
