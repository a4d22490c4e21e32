"""What lesson 08 reads from runs, from made-up ones."""

from dataclasses import replace

import numpy as np
import pytest
from made_up import made_up_answers, made_up_run

from fercourse.lessons.lesson08.progress import (
    FULL_SIZE,
    NOT_YET_RUN,
    ablation_steps,
    ablation_text,
    average_is_right,
    changes_table,
    compare,
    full_size_table,
    gains_of_views,
    missing_commands,
    pocket_changes,
    runs_of,
    views_table,
)
from fercourse.models.pocket import pocket_configuration
from fercourse.results.runs import Answers
from fercourse.results.runs import runs as stored_runs
from fercourse.training.ablation import ABLATION, ablation
from fercourse.training.recipes import RECIPES


def run_of_step(step, right, size=112, seed=0, **recipe):
    configuration, plain = ablation(step, size=size, seed=seed)
    made = made_up_run(right=right, seed=seed)
    return replace(
        made,
        name=f"{step}-{seed}",
        configuration=configuration,
        recipe=plain.changed(**recipe).as_dict(),
        history=made.history | {"finished": True},
    )


def pocket_run(right, seed=0, **recipe):
    made = made_up_run(right=right, seed=seed, recipe=recipe)
    name = "-".join(
        ["pocket", *(f"{field}{value}" for field, value in recipe.items()), str(seed)]
    )
    return replace(made, name=name, configuration=pocket_configuration(None))


def test_without_runs_everything_is_wanted_and_the_commands_are_there():
    table = full_size_table([])
    assert [row[2] for row in table[1:]] == [NOT_YET_RUN] * 3
    assert missing_commands([]) == [command for *_, command in FULL_SIZE.values()]
    steps = ablation_steps([])
    assert [step.name for step in steps] == list(ABLATION)
    assert all(step.public is None and step.verdict == "" for step in steps)
    assert {row[3] for row in ablation_text(steps)[1:]} == {NOT_YET_RUN}
    assert pocket_changes([]) == gains_of_views([]) == []


def test_a_full_size_run_fills_its_row():
    seeds = [
        run_of_step("averaging", right, 224, seed)
        for seed, right in enumerate((70, 72))
    ]
    row = full_size_table(seeds)[3]
    assert row[1:4] == ["2", "71.00", "71.00"]
    assert row[5] == "71.00"
    assert len(missing_commands(seeds)) == 2


def test_the_paper_without_attention_is_another_row_than_with_it():
    _, plain, other = FULL_SIZE.values()
    run = replace(run_of_step("paper", 60, 224), configuration=plain[0])
    table = full_size_table([run])
    assert [row[1] for row in table[1:]] == ["0", "1", "0"]
    assert other[0]["system"] == "vgg19_attention"


def test_weights_of_a_file_count_and_random_ones_do_not():
    run = run_of_step("paper", 60)
    wanted = ablation("paper", size=112)
    assert runs_of(
        *wanted,
        [replace(run, configuration=run.configuration | {"weights": "vgg19.h5"})],
    )
    assert not runs_of(
        *wanted, [replace(run, configuration=run.configuration | {"weights": None})]
    )
    assert runs_of(
        *wanted, [replace(run, recipe=run.recipe | {"precision": "mixed_float16"})]
    )
    assert not runs_of(*wanted, [replace(run, recipe=run.recipe | {"epochs": 3})])
    assert not runs_of(*wanted, [run_of_step("paper", 60, 224)])


def test_a_step_is_compared_with_the_last_one_that_was_run():
    runs = [
        run_of_step("paper", 40),
        run_of_step("mixup", 70),
        run_of_step("averaging", 71),
    ]
    steps = {step.name: step for step in ablation_steps(runs)}
    assert steps["paper"].before is None
    assert steps["mixup"].before == "paper"
    assert steps["mixup"].difference == pytest.approx(30)
    assert steps["mixup"].verdict == "+30.00 (p 0.00)"
    assert steps["averaging"].before == "mixup"
    assert steps["averaging"].verdict == "+1.00 (p 1.00), not told apart"
    assert steps["schedule"].public is None
    rows = {row[0]: row for row in ablation_text(list(steps.values()))}
    assert rows["mixup"][3:] == ["70.00", "+30.00 (p 0.00)"]
    assert rows["zoom"][3:] == [NOT_YET_RUN, ""]


def test_the_lowest_seed_stands_for_a_step():
    runs = [run_of_step("paper", 60, seed=2), run_of_step("paper", 40, seed=1)]
    assert ablation_steps(runs)[0].public == 40


def test_p_values_are_corrected_for_how_many_are_compared():
    runs = {
        name: made_up_run(right=right)
        for name, right in (("a", 50), ("b", 57), ("c", 58))
    }
    (*_, alone) = compare({"a": runs["a"], "c": runs["c"]}, {"a": None, "c": "a"})
    together = compare(runs, {"a": None, "b": "a", "c": "a"})
    assert alone.p_value == pytest.approx(2 * 0.5**8)
    assert together[2].p_value == pytest.approx(2 * alone.p_value)


def test_pocket_changes_are_named_and_compared_with_the_unchanged_run():
    runs = [
        pocket_run(60, mixup=0.2),
        pocket_run(50),
        pocket_run(30, flip=False, rotation=0.0, ema=0.0, schedule="constant"),
        pocket_run(90, mixup=0.4, epochs=40),
        pocket_run(90, seed=1, mixup=0.2),
        made_up_run(right=95, recipe={"mixup": 0.2}),
    ]
    found = {change.name: change for change in pocket_changes(runs)}
    assert list(found) == [
        "mixup 0.2",
        "schedule constant, no flip, no rotation, no ema",
    ]
    assert found["mixup 0.2"].difference == pytest.approx(10)
    assert found["mixup 0.2"].before == "unchanged"
    assert changes_table(list(found.values()))[1] == [
        "mixup 0.2",
        "60.00",
        found["mixup 0.2"].verdict,
    ]
    assert pocket_changes([runs[0]]) == []
    assert changes_table([])[1] == ["none yet", "", ""]


def test_views_are_compared_with_one_view():
    runs = [made_up_run(right=50, multi=60), made_up_run(right=50, multi=50)]
    gains = gains_of_views([*runs, made_up_run(recipe={"views": 1})])
    assert [(gain.single, gain.several, gain.views) for gain in gains] == [
        (50, 60, 2),
        (50, 50, 2),
    ]
    assert gains[0].p_value == pytest.approx(4 * 0.5**10)
    assert gains[1].p_value == 1
    assert views_table(gains)[1][1:] == ["2", "50.00", "60.00", "+10.00", "0.00"]


def answers(probabilities, labels):
    probabilities = np.array(probabilities, "float16")
    correct = probabilities.argmax(axis=-1) == labels
    return Answers(
        probabilities, correct, np.zeros((7, 7), "int64"), np.zeros(len(labels), bool)
    )


def test_the_average_is_judged_by_the_labels_that_some_run_knows():
    labels = np.array([0, 1, 2])
    sure, other = np.eye(7)[[0, 3, 4]], np.eye(7)[[5, 1, 4]]
    first, second = 0.6 * sure + 0.4 / 7, 0.9 * other + 0.1 / 7
    runs = [
        replace(made_up_run(), single={"public": answers(one, labels)})
        for one in (first, second)
    ]
    right, known = average_is_right(runs)
    assert known.tolist() == [True, True, False]
    assert right.tolist() == [False, True, False]
    with pytest.raises(ValueError, match="No runs are given"):
        average_is_right([])


def test_one_run_alone_is_its_own_average():
    runs = [made_up_run(right=55)]
    right, known = average_is_right(runs, "private")
    assert right.sum() == known.sum() == made_up_answers(55).correct.sum()


def test_the_stored_runs_can_be_read_so():
    runs = stored_runs()
    assert len(full_size_table(runs)) == 4
    assert len(ablation_steps(runs)) == len(ABLATION)
    assert all(change.difference is not None for change in pocket_changes(runs))
    assert {gain.views for gain in gains_of_views(runs)} <= {2, 10, 16}
    assert RECIPES["pocket"].epochs == 20
