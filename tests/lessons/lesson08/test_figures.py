"""The figures of lesson 08."""

import keras
import numpy as np
import pytest
from drawn import overlaps, texts

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
        expected = pytest.approx(float(schedule(step)), rel=1e-3, abs=1e-12)
        assert rates[head + step] == expected


def test_rates_without_warmup_and_of_a_constant():
    falling = Recipe(name="one", epochs=2, learning_rate=0.5)
    assert learning_rates(falling, 4)[0] == 0.5
    constant = falling.changed(schedule="constant", head_epochs=1)
    assert learning_rates(constant, 2).tolist() == [1e-3, 1e-3, 0.5, 0.5]
    with pytest.raises(ValueError, match="expected cosine or constant"):
        learning_rates(RECIPES["paper"], 4)


def test_the_phases_of_a_recipe_are_named():
    phases = {"the head alone", "all other layers", "blocks 1 and 2", "no\nmixup"}
    best = rate_curves(RECIPES["best"], 20)
    assert phases <= texts(best)
    assert overlaps(best) == []
    assert best.axes[0].get_yscale() == "log"
    plain = texts(rate_curves(Recipe(name="one", epochs=4), 5))
    assert "all layers" in plain and not phases & plain


def test_targets_are_side_by_side():
    figure = target_bars({"label": np.eye(7)[3], "smoothed": np.full(7, 1 / 7)})
    assert {"label", "smoothed", "1.00", "0.14", *EMOTIONS} <= texts(figure)
    assert len(figure.axes) == 2


def test_a_path_its_average_and_the_goal_are_named():
    path = np.random.default_rng(0).normal(size=(30, 2))
    figure = path_and_average(path, path / 2, (0.0, 0.0))
    assert {"the weights", "their average", "lowest loss"} <= texts(figure)
    assert figure_png(figure)


def test_luck_of_tries_begins_with_one():
    gains = {"on the test": [0.0, 0.5, 0.8], "anew": [0.0, 0.0, 0.0]}
    figure = luck_of_tries(gains)
    assert set(gains) <= texts(figure)
    starts = [line.get_xydata()[0].tolist() for line in figure.axes[0].lines]
    assert starts == [[1, 0], [1, 0]]
