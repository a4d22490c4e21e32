"""What lesson 08 reads from runs, from made-up ones."""

from dataclasses import replace

import pytest
from made_up import made_up_run

from fercourse.lessons.lesson08 import progress
from fercourse.results.runs import runs as stored_runs
from fercourse.results.statistics import TEST_FACES, wilson_interval
from fercourse.results.table3.rows import full_size_runs
from fercourse.training.ablation import ABLATION, ablation


def run_of_step(step, right, size=112, seed=0):
    configuration, recipe = ablation(step, size=size, seed=seed)
    run = made_up_run(right=right, seed=seed)
    return replace(run, configuration=configuration, recipe=recipe.as_dict())


def test_without_runs_no_gain_is_claimed():
    steps = progress.ablation_steps([])
    assert [step.name for step in steps] == list(ABLATION)
    assert all(step.public is None and step.verdict == "" for step in steps)
    assert progress.ablation_table(steps)[0] == ["step", "adds", "evidence"]


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
    ],
)
def test_what_counts_as_the_same_experiment(field, change, same):
    run = run_of_step("paper", 60)
    run = replace(run, **{field: getattr(run, field) | change})
    assert bool(progress.runs_of(*ablation("paper", size=112), [run])) == same


def test_a_step_is_compared_with_the_last_one_that_was_run():
    runs = [run_of_step("paper", 40, seed=1), run_of_step("paper", 60, seed=2)]
    runs += [run_of_step("mixup", 70), run_of_step("averaging", 71)]
    steps = {step.name: step for step in progress.ablation_steps(runs)}
    assert (steps["paper"].public, steps["paper"].before) == (40, None)
    assert steps["mixup"].before == "paper"
    assert steps["mixup"].difference == pytest.approx(30)
    assert steps["mixup"].verdict == "+30.00 (p = 0.00)"
    assert steps["averaging"].before == "mixup"
    assert steps["averaging"].verdict == "+1.00 (p = 1.00, may be chance)"
    table = progress.ablation_table(list(steps.values()))
    rows = {row[0]: row for row in table}
    assert rows["paper"][-1] == "begins at 40.00 %"
    assert rows["mixup"][-1] == steps["mixup"].verdict
    assert rows["zoom"][2].startswith("of the systems above 73 %, VGGnet zooms")
    assert rows["zoom"][-1] == "–"


def test_p_values_are_corrected_for_how_many_are_compared():
    a, b, c = (made_up_run(right=right) for right in (50, 57, 58))
    _, alone = progress.compare({"a": a, "c": c}, {"a": None, "c": "a"})
    runs, before = {"a": a, "b": b, "c": c}, {"a": None, "b": "a", "c": "a"}
    assert alone.p_value == pytest.approx(2 * 0.5**8)
    assert progress.compare(runs, before)[2].p_value == pytest.approx(2 * alone.p_value)


def test_the_stored_runs_can_be_read_so():
    assert len(progress.ablation_steps(stored_runs())) == len(ABLATION)


def test_clearly_above_is_where_the_whole_interval_is_above():
    enough = progress.clearly_above(50)
    right = round(enough * TEST_FACES / 100)
    assert wilson_interval(right, TEST_FACES)[0] > 50
    assert wilson_interval(right - 1, TEST_FACES)[0] <= 50
