"""The figures of lesson 08."""

import keras
import numpy as np
import pytest
from drawn import texts

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson08.figures import (
    luck_of_tries,
    path_and_average,
    rate_curves,
    target_bars,
)
from fercourse.plots.figures import figure_png
from fercourse.training.optimizer import HEAD_LEARNING_RATE, learning_rates
from fercourse.training.recipes import RECIPES, Recipe


@pytest.mark.parametrize("name", ["best", "pocket"])
def test_the_rates_are_those_of_the_optimiser(name):
    recipe, steps = RECIPES[name], 11
    rates = learning_rates(recipe, steps)
    assert len(rates) == recipe.epochs * steps
    head, warmup = recipe.head_epochs * steps, recipe.warmup_epochs * steps
    assert (rates[:head] == HEAD_LEARNING_RATE).all()
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0,
        (recipe.epochs - recipe.head_epochs) * steps - warmup,
        warmup_target=recipe.learning_rate,
        warmup_steps=warmup,
    )
    for step in (0, 1, warmup - 1, warmup, warmup + 5, len(rates) - head - 1):
        assert rates[head + step] == pytest.approx(
            float(schedule(step)), rel=1e-3, abs=1e-12
        )


def test_rates_without_warmup_and_of_a_constant():
    falling = Recipe(name="one", epochs=2, learning_rate=0.5)
    assert learning_rates(falling, 4)[0] == 0.5
    constant = falling.changed(schedule="constant", head_epochs=1)
    assert learning_rates(constant, 2).tolist() == [1e-3, 1e-3, 0.5, 0.5]
    with pytest.raises(ValueError, match="expected cosine or constant"):
        learning_rates(RECIPES["paper"], 4)


def test_the_phases_of_the_best_recipe_are_named():
    figure = rate_curves(RECIPES["best"], 20)
    (axis,) = figure.axes
    assert axis.get_yscale() == "log"
    assert set(texts(axis)) == {
        "the head alone",
        "all other layers",
        "blocks 1 and 2",
        "no\nmixup",
    }
    head, everything, slow = axis.lines
    assert set(head.get_ydata()) == {HEAD_LEARNING_RATE}
    np.testing.assert_allclose(slow.get_ydata(), 0.1 * np.array(everything.get_ydata()))
    assert figure_png(figure)


def test_a_plain_recipe_has_one_line():
    (axis,) = rate_curves(Recipe(name="one", epochs=4), 5).axes
    assert texts(axis) == ["all other layers"]


def test_targets_stand_side_by_side():
    targets = {"label": np.eye(7)[3], "smoothed": np.full(7, 1 / 7)}
    axes = target_bars(targets).axes
    assert [axis.get_title() for axis in axes] == list(targets)
    assert [bar.get_width() for bar in axes[0].patches] == np.eye(7)[3].tolist()
    assert [label.get_text() for label in axes[0].get_yticklabels()] == list(EMOTIONS)
    assert len(axes[1].get_yticks()) == 0
    assert texts(axes[1])[0] == "0.14"


def test_a_path_its_average_and_the_goal():
    path = np.random.default_rng(0).normal(size=(30, 2))
    (axis,) = path_and_average(path, path / 2, (0.0, 0.0)).axes
    np.testing.assert_array_equal(axis.lines[0].get_xydata(), path)
    np.testing.assert_array_equal(axis.lines[1].get_xydata(), path / 2)
    assert texts(axis) == ["the weights", "their average", "lowest loss"]


def test_luck_of_tries_begins_with_one():
    (axis,) = luck_of_tries(
        {"on the test": [0.0, 0.5, 0.8], "anew": [0.0, 0.0, 0.0]}
    ).axes
    assert axis.lines[0].get_xydata().tolist() == [[1, 0], [2, 0.5], [3, 0.8]]
    assert texts(axis) == ["on the test", "anew"]
    assert list(axis.get_xticks()) == [1, 2, 3]
