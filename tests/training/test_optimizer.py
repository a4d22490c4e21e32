"""Learning rates: the curve that is drawn is the one that the optimiser follows."""

import keras
import pytest

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
