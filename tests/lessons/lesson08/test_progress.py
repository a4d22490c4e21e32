"""What lesson 08 reads from runs, from made-up ones."""

from dataclasses import replace

import pytest
from made_up import made_up_run

from fercourse.lessons.lesson08 import progress
from fercourse.models.pocket import pocket_configuration
from fercourse.results.runs import runs as stored_runs
from fercourse.training.ablation import ABLATION, ablation


def run_of_step(step, right, size=112, seed=0):
    configuration, recipe = ablation(step, size=size, seed=seed)
    run = made_up_run(right=right, seed=seed)
    return replace(run, configuration=configuration, recipe=recipe.as_dict())


def pocket_run(right, seed=0, **recipe):
    run = made_up_run(right=right, seed=seed, recipe=recipe)
    return replace(run, configuration=pocket_configuration(None))


def test_without_runs_everything_is_to_be_run():
    assert [row[2] for row in progress.full_size_table([])[1:]] == [
        progress.NOT_YET_RUN
    ] * 3
    assert progress.missing_commands([]) == [
        command for *_, command in progress.FULL_SIZE.values()
    ]
    steps = progress.ablation_steps([])
    assert [step.name for step in steps] == list(ABLATION)
    assert all(step.public is None and step.verdict == "" for step in steps)
    assert {row[3] for row in progress.ablation_text(steps)[1:]} == {
        progress.NOT_YET_RUN
    }
    assert progress.pocket_changes([]) == []
    assert progress.changes_table([])[1][0] == "none yet"


def test_a_full_size_run_fills_its_row():
    runs = [run_of_step("averaging", 70 + 2 * seed, 224, seed) for seed in range(2)]
    *_, row = progress.full_size_table(runs)
    assert row[1:4] + row[5:] == ["2", "71.00", "71.00", "71.00"]
    assert len(progress.missing_commands(runs)) == 2
    _, (plain, *_), _ = progress.FULL_SIZE.values()
    without = replace(run_of_step("paper", 60, 224), configuration=plain)
    assert [row[1] for row in progress.full_size_table([without])[1:]] == [
        "0",
        "1",
        "0",
    ]


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
    assert steps["mixup"].verdict == "+30.00 (p 0.00)"
    assert steps["averaging"].before == "mixup"
    assert steps["averaging"].verdict == "+1.00 (p 1.00), not told apart"
    rows = {row[0]: row for row in progress.ablation_text(list(steps.values()))}
    assert rows["mixup"][3:] == ["70.00", steps["mixup"].verdict]
    assert rows["zoom"][3:] == [progress.NOT_YET_RUN, ""]


def test_p_values_are_corrected_for_how_many_are_compared():
    a, b, c = (made_up_run(right=right) for right in (50, 57, 58))
    _, alone = progress.compare({"a": a, "c": c}, {"a": None, "c": "a"})
    runs, before = {"a": a, "b": b, "c": c}, {"a": None, "b": "a", "c": "a"}
    assert alone.p_value == pytest.approx(2 * 0.5**8)
    assert progress.compare(runs, before)[2].p_value == pytest.approx(2 * alone.p_value)


def test_pocket_changes_are_named_and_compared_with_the_unchanged_run():
    runs = [pocket_run(60, mixup=0.2), pocket_run(50)]
    runs += [pocket_run(30, flip=False, rotation=0.0, schedule="constant")]
    runs += [pocket_run(90, mixup=0.4, epochs=40), pocket_run(90, seed=1, mixup=0.2)]
    runs += [made_up_run(right=95, recipe={"mixup": 0.2})]
    mixup, others = progress.pocket_changes(runs)
    assert (mixup.name, mixup.before) == ("mixup 0.2", "unchanged")
    assert others.name == "schedule constant, no flip, no rotation"
    assert mixup.difference == pytest.approx(10)
    assert progress.changes_table([mixup])[1] == ["mixup 0.2", "60.00", mixup.verdict]
    assert progress.pocket_changes([runs[0]]) == []


def test_the_stored_runs_can_be_read_so():
    runs = stored_runs()
    assert len(progress.full_size_table(runs)) == 4
    assert len(progress.ablation_steps(runs)) == len(ABLATION)
    assert all(
        change.difference is not None for change in progress.pocket_changes(runs)
    )


def test_long_commands_are_broken_as_a_shell_allows():
    long = "train --teachers " + " ".join(f"pocket-block{n}" for n in range(9))
    text = progress.commands_text(["check", long])
    assert max(map(len, text.splitlines())) <= 76
    first, rest = text.split("\n", 1)
    assert first == "check"
    assert rest.replace("\\\n", "").split() == long.split()
