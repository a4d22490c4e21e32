"""The last decision of lesson 08: what fits into a quarter of an hour."""

from dataclasses import replace

import pytest
from made_up import made_up_run

from fercourse.lessons.lesson08 import decision
from fercourse.results.runs import read_run
from fercourse.training.ablation import ablation


@pytest.fixture(scope="module")
def panel():
    run = read_run("vgg19_attention-block5-concat-224-best-c1f8e6-seed0")
    return decision.NextRunPanel(run, read_run("pocket-none-pocket-seed0"))


@pytest.mark.parametrize("name", decision.PLANS)
def test_every_plan_fits_and_says_what_it_shows(panel, name):
    panel.plan.value = name
    assert f"{name}: " in panel.still()
    assert "of 15 minutes" in panel.still()
    assert "It leaves open" in repr(panel)


def test_two_seeds_take_twice_as_long_and_small_faces_less(panel):
    once, twice, small = (panel._minutes[name] for name in decision.PLANS)
    assert twice == pytest.approx(2 * once)
    assert once < small < twice < decision.MINUTES


def test_a_run_fills_its_row_only():
    configuration, recipe = ablation("averaging", seed=1)
    run = made_up_run(right=70, seed=1)
    run = replace(run, configuration=configuration, recipe=recipe.as_dict())
    _, *rows = decision.next_runs_table([run])
    filled = {command: answer for command, answer in rows if answer != "not made yet"}
    assert filled == {"--ablation averaging --seed 1": "70.00"}
    assert len(rows) == 6
