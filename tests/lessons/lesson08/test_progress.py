"""What lesson 08 reads from runs, from made-up ones."""

from dataclasses import replace

import pytest
from made_up import made_up_run

from fercourse.lessons.lesson08 import progress
from fercourse.results.statistics import TEST_FACES, wilson_interval
from fercourse.results.table3.rows import full_size_runs
from fercourse.training.ablation import ablation


def run_of_step(step, right, size=112, seed=0):
    configuration, recipe = ablation(step, size=size, seed=seed)
    run = made_up_run(right=right, seed=seed)
    return replace(run, configuration=configuration, recipe=recipe.as_dict())


def test_a_full_size_run_has_a_row():
    runs = [run_of_step("mean_max", 70, 224), run_of_step("paper", 60, 224)]
    table = progress.full_size_table(full_size_runs(runs))
    assert ["PublicTest, right (%)", "70.00", "60.00"] in table


@pytest.mark.parametrize(
    ("field", "change", "same"),
    [
        ("configuration", {"weights": "vgg19.h5"}, True),
        ("configuration", {"weights": None}, False),
        ("configuration", {"size": 224}, False),
        ("recipe", {"precision": "mixed_float16"}, True),
        ("recipe", {"epochs": 3}, False),
        ("recipe", {"seed": 1}, False),
    ],
)
def test_what_counts_as_the_same_experiment(field, change, same):
    run = run_of_step("paper", 60)
    run = replace(run, **{field: getattr(run, field) | change})
    assert bool(progress.runs_of(*ablation("paper", size=112), [run])) == same


def test_clearly_above_is_where_the_whole_interval_is_above():
    enough = progress.clearly_above(50)
    right = round(enough * TEST_FACES / 100)
    assert wilson_interval(right, TEST_FACES)[0] > 50
    assert wilson_interval(right - 1, TEST_FACES)[0] <= 50
