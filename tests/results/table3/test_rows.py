"""Measured rows: what is grouped, and that every figure follows from the answers."""

from dataclasses import replace

import numpy as np
import pytest
from made_up import PAPERS, made_up_run
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from fercourse.models.costs import multiply_adds
from fercourse.models.systems import build_model
from fercourse.results.runs import evaluate
from fercourse.results.runs import runs as stored_runs
from fercourse.results.statistics import wilson_interval
from fercourse.results.table3.rows import (
    full_size_runs,
    group_by_seed,
    measured_row,
    measured_rows,
)
from fercourse.training.recipes import Recipe

# Rows from made-up runs
# ---------------------------------------------------------------------


def test_runs_of_the_papers_size_are_sorted_by_public_test():
    own = made_up_run(recipe={"name": "paper"}, **PAPERS)
    pooled = made_up_run(right=60, head="pooled", **PAPERS)
    small = replace(own, configuration={**own.configuration, "size": 112})
    names = ["pooled head, block 5, concat, pocket", "Table I, block 5, concat, paper"]
    assert list(full_size_runs([own, made_up_run(), small, pooled])) == names


def test_full_size_runs_with_the_same_words_both_stay():
    one = made_up_run(**PAPERS)
    other = replace(one, name=f"{one.name}-clipped")
    named = full_size_runs([one, other])
    assert list(named.values()) == [one, other]
    assert [name.endswith(f"({run.name})") for name, run in named.items()] == [1, 1]


def test_seeds_make_one_row():
    (row,) = measured_rows([made_up_run(0, 50, 54), made_up_run(1, 60, 66)])
    assert (row.seeds, row.minutes, row.source) == (2, 10.5, "made-up-0 made-up-1")
    assert row.public == row.private and row.multi_public == row.multi_private
    one, several = row.private, row.multi_private
    assert (one.accuracy, several.accuracy) == (55.0, 60.0)
    assert (one.low, one.high) == wilson_interval(55, 100)
    assert (several.low, several.high) == wilson_interval(60, 100)
    assert one.spread == pytest.approx(10 / np.sqrt(2))
    assert one.unseen == pytest.approx(100 * 45 / 90)
    # confidence 40 against 50 and 60
    assert one.calibration_error == pytest.approx(15, abs=0.1)


def test_one_seed_has_no_spread_and_one_view_no_several():
    (row,) = measured_rows([made_up_run(recipe={"views": 1})])
    assert row.private.spread is None
    assert row.multi_private is row.multi_public is None


@pytest.mark.parametrize(
    "change",
    [
        {"combine": "multiply"},
        {"size": 96},
        {"after": "block5_pool"},
        {"dropout": 0.1},
        {"system": "vgg", "width": 0.25},
        {"recipe": {"epochs": 80}},
        {"recipe": {"name": "best"}},
        {"recipe": {"mixup": 0.2}},
        {"provenance": {"hardware": "GPU"}},
        {"provenance": {"selected": "last epoch"}},
        {"provenance": {"teachers": {"names": ["large"], "temperature": 1}}},
    ],
)
def test_another_choice_makes_another_row(change):
    assert len(measured_rows([made_up_run(), made_up_run(1, **change)])) == 2


def test_teachers_at_another_temperature_make_another_row():
    taught = [
        made_up_run(provenance={"teachers": {"names": ["large"], "temperature": one}})
        for one in (1.0, 2.0)
    ]
    assert len(measured_rows(taught)) == 2


def test_younger_fields_make_no_other_row():
    recipe = {"name": "mine", "epochs": 20, "views": 2, "seed": 0}
    old = replace(made_up_run(0), recipe=recipe)
    whole = Recipe.from_dict(recipe).as_dict() | {"seed": 1}
    young = made_up_run(1, kernel_size=7, dropout=0.5, units=None)
    assert len(group_by_seed([old, replace(young, recipe=whole)])) == 1
    # A list in JSON is the tuple of the builder's default.
    tuned = {"system": "tuned_cnn", "width": 0.1}
    named = made_up_run(1, widths=[256, 512, 384, 192, 384], **tuned)
    assert len(group_by_seed([made_up_run(0, **tuned), named])) == 1


def test_the_best_row_is_last():
    runs = [made_up_run(right=60), made_up_run(right=40, size=96), made_up_run(size=64)]
    assert [row.private.accuracy for row in measured_rows(runs)] == [40, 50, 60]


def test_a_row_says_what_was_run():
    places = ["block3_pool", "block4_pool"]
    row = measured_row([made_up_run(after=places, recipe={"epochs": 7})])
    network = (row.system, row.width, row.size, row.combine, row.after)
    assert network == (
        "vgg19_attention", 0.25, 48, "concat", "block3_pool+block4_pool"
    )  # fmt: skip
    training = (row.recipe, row.epochs, row.views, row.weights)
    assert training == ("pocket", 7, 2, "random")
    assert not row.as_published
    assert "quarter width" in row.form and "7 epochs" in row.form
    assert measured_row([made_up_run(**PAPERS)]).as_published


def test_a_system_without_size_takes_the_faces_as_they_are():
    configuration = {"system": "resnet", "width": 0.25}
    row = measured_row([made_up_run(**configuration)])
    network = (row.size, row.combine, row.after, row.weights)
    assert network == (48, "none", None, "random")
    assert row.multiply_adds == multiply_adds(build_model(configuration))


# Stored runs
# --------------------------------------------------------------------------------

FIGURES = ("accuracy", "low", "high", "unseen", "macro_f1", "calibration_error")


def figures(labels, answers):
    """The figures of one half, computed another way than in the library."""
    predicted, seen = answers.predicted, answers.seen
    correct, count = predicted == labels, len(labels)
    share, z = correct.mean(), 1.959963984540054
    middle = share + z**2 / (2 * count)
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    confidence = answers.probabilities.max(-1).astype("float64")
    bins = np.digitize(confidence, np.arange(1, 15) / 15)
    surplus = [abs((correct - confidence)[bins == b].sum()) for b in range(15)]
    return 100 * np.array(
        [
            accuracy_score(labels, predicted),
            (middle - half) / (1 + z**2 / count),
            (middle + half) / (1 + z**2 / count),
            correct[~seen].mean(),
            f1_score(labels, predicted, average="macro", zero_division=0),
            sum(surplus) / count,
        ]
    )


def labels_from(answers):
    """Labels from which all stored facts follow.

    Only the confusion counts say which emotions were taken for another, so the wrong
    answers' labels are dealt out in any order that gives these counts.
    """
    labels = answers.predicted.copy()
    for emotion in range(7):
        wrong = np.flatnonzero((answers.predicted == emotion) & ~answers.correct)
        counts = answers.confusion[:, emotion].copy()
        counts[emotion] = 0
        labels[wrong] = np.repeat(np.arange(7), counts)
    return labels


def check_evaluation(answers, labels):
    evaluation = evaluate(answers)
    np.testing.assert_allclose(
        [getattr(evaluation, name) for name in FIGURES],
        figures(labels, answers),
        atol=1e-6,
    )
    assert evaluation.correct == (answers.predicted == labels).sum()


def test_every_figure_follows_from_the_stored_answers():
    for run in stored_runs():
        for answers in (*run.single.values(), *run.multi.values()):
            labels = labels_from(answers)
            np.testing.assert_array_equal(answers.predicted == labels, answers.correct)
            confusion = confusion_matrix(labels, answers.predicted)
            np.testing.assert_array_equal(confusion, answers.confusion)
            check_evaluation(answers, labels)


def check_mean(mean, answers):
    by_seed = [figures(labels_from(one), one) for one in answers]
    accuracy, low, high, *others = np.mean(by_seed, axis=0)
    assert mean.accuracy == pytest.approx(accuracy)
    assert [getattr(mean, name) for name in FIGURES[3:]] == pytest.approx(others)
    if len(by_seed) == 1:
        assert mean.spread is None
        assert (mean.low, mean.high) == pytest.approx((low, high))
    else:
        assert mean.spread == pytest.approx(np.std(by_seed, axis=0, ddof=1)[0])
        assert mean.low < mean.accuracy < mean.high


def test_every_measured_row_follows_from_the_stored_answers():
    runs = {run.name: run for run in stored_runs()}
    rows = measured_rows(runs.values())
    assert sorted(name for row in rows for name in row.source.split()) == sorted(runs)
    for row in rows:
        group = [runs[name] for name in row.source.split()]
        for half, one, several in (
            ("public", row.public, row.multi_public),
            ("private", row.private, row.multi_private),
        ):
            check_mean(one, [run.single[half] for run in group])
            if group[0].recipe["views"] > 1:
                check_mean(several, [run.multi[half] for run in group])
        assert row.seeds == len({run.recipe["seed"] for run in group}) == len(group)
        assert {row.parameters} == {run.parameters for run in group}
        assert row.multiply_adds > row.parameters
