"""Measured rows: what is grouped, and that every figure follows from the stored answers and real labels."""

from dataclasses import replace

import numpy as np
import pytest
from made_up import PAPERS, made_up_run
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from fercourse.data.fer2013.load import load_fer2013
from fercourse.models.costs import multiply_adds
from fercourse.models.systems import build_model
from fercourse.results.runs import HALVES, RESULTS, evaluate, read_run
from fercourse.results.runs import runs as stored_runs
from fercourse.results.statistics import wilson_interval
from fercourse.results.table3.rows import group_by_seed, measured_row, measured_rows
from fercourse.training.recipes import Recipe


def run_files():
    return [pytest.param(path, id=path.stem) for path in sorted(RESULTS.glob("*.json"))]


# Rows from made-up runs
# ---------------------------------------------------------------------


def test_seeds_make_one_row():
    (row,) = measured_rows([made_up_run(0, 50, 54), made_up_run(1, 60, 66)])
    assert (row.seeds, row.private, row.public, row.minutes) == (2, 55.0, 55.0, 10.5)
    assert (row.private_low, row.private_high) == wilson_interval(55, 100)
    assert row.private_unseen == pytest.approx(100 * 45 / 90)
    assert row.private_sd == row.public_sd == pytest.approx(10 / np.sqrt(2))
    assert (row.multi_private, row.multi_public) == (60.0, 60.0)
    assert (row.multi_low, row.multi_high) == wilson_interval(60, 100)
    assert row.multi_sd == pytest.approx(12 / np.sqrt(2))
    assert row.multi_unseen == pytest.approx(100 * 50 / 90)
    assert row.source == "made-up-0 made-up-1"
    assert row.calibration_error == pytest.approx(
        15, abs=0.1
    )  # confidence 40 against 50 and 60


def test_one_seed_has_no_spread():
    (row,) = measured_rows([made_up_run()])
    assert row.private_sd is row.public_sd is row.multi_sd is None


def test_one_view_has_no_several():
    (row,) = measured_rows([made_up_run(recipe={"views": 1})])
    assert row.views == 1
    assert (
        row.multi_private is row.multi_low is row.multi_sd is row.multi_public is None
    )


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
    ],
)
def test_another_choice_makes_another_row(change):
    assert len(measured_rows([made_up_run(), made_up_run(1, **change)])) == 2


def test_younger_fields_make_no_other_row():
    old = replace(
        made_up_run(0), recipe={"name": "mine", "epochs": 20, "views": 2, "seed": 0}
    )
    whole = Recipe(**old.recipe).as_dict() | {"seed": 1}
    young = replace(
        made_up_run(1, kernel_size=7, dropout=0.5, units=None), recipe=whole
    )
    assert [len(group) for group in group_by_seed([old, young])] == [2]
    # A list in JSON is the tuple of the builder's default.
    widths = [256, 512, 384, 192, 384]
    named = made_up_run(1, system="tuned_cnn", width=0.1, widths=widths)
    assert (
        len(group_by_seed([made_up_run(0, system="tuned_cnn", width=0.1), named])) == 1
    )


def test_the_best_stands_last():
    rows = measured_rows(
        [made_up_run(right=60), made_up_run(right=40, size=96), made_up_run(size=64)]
    )
    assert [row.private for row in rows] == [40, 50, 60]


def test_a_row_says_what_was_run():
    row = measured_row(
        [made_up_run(after=["block3_pool", "block4_pool"], recipe={"epochs": 7})]
    )
    assert row.after == "block3_pool+block4_pool"
    assert (row.system, row.width, row.size, row.combine) == (
        "vgg19_attention",
        0.25,
        48,
        "concat",
    )
    assert (row.recipe, row.epochs, row.views, row.weights) == (
        "pocket",
        7,
        2,
        "random",
    )
    assert (row.state, row.as_published, row.paper) == ("measured", False, None)
    assert "quarter width" in row.form and "7 epochs" in row.form
    assert measured_row([made_up_run(**PAPERS)]).as_published


def test_a_system_without_size_takes_the_faces_as_they_are():
    row = measured_row([made_up_run(system="resnet", width=0.25)])
    assert (row.size, row.combine, row.after, row.weights) == (
        48,
        "none",
        None,
        "random",
    )
    assert row.multiply_adds == multiply_adds(
        build_model({"system": "resnet", "width": 0.25})
    )


# Stored runs
# --------------------------------------------------------------------------------


def figures(labels, probabilities, seen, bins=15):
    """Every figure of one half, computed another way than in `fercourse.results.statistics`."""
    predicted = probabilities.argmax(-1)
    correct = predicted == labels
    share, count, z = correct.mean(), len(labels), 1.959963984540054
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = (
        z
        / (1 + z**2 / count)
        * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    )
    confidence = probabilities.max(-1).astype("float64")
    error = 0.0
    for b in range(bins):
        inside = (b / bins <= confidence) & (
            (confidence < (b + 1) / bins) | (b == bins - 1)
        )
        error += abs(correct[inside].sum() - confidence[inside].sum()) / count
    return {
        "accuracy": 100 * accuracy_score(labels, predicted),
        "low": 100 * (middle - half),
        "high": 100 * (middle + half),
        "unseen": 100 * correct[~seen].mean(),
        "macro_f1": 100 * f1_score(labels, predicted, average="macro", zero_division=0),
        "calibration_error": 100 * error,
        "correct": correct.sum(),
        "count": count,
    }


def labels_from(answers):
    """Labels of which all stored facts follow: who is right keeps the prediction, the rest is spread.

    Only the confusion counts say which wrong emotions were meant, so the wrong answers'
    labels are dealt out in any order that gives these counts.
    """
    labels = answers.predicted.copy()
    for emotion in range(7):
        wrong = np.flatnonzero((answers.predicted == emotion) & ~answers.correct)
        counts = answers.confusion[:, emotion].copy()
        counts[emotion] = 0
        labels[wrong] = np.repeat(np.arange(7), counts)
    return labels


def check_evaluation(answers, labels):
    expected = figures(labels, answers.probabilities, answers.seen)
    for name, value in expected.items():
        assert getattr(evaluate(answers), name) == pytest.approx(value, abs=1e-6), name


@pytest.mark.parametrize("path", run_files())
def test_every_figure_follows_from_the_stored_answers(path):
    run = read_run(path.stem)
    for answers in (*run.single.values(), *run.multi.values()):
        labels = labels_from(answers)
        np.testing.assert_array_equal(answers.predicted == labels, answers.correct)
        np.testing.assert_array_equal(
            confusion_matrix(labels, answers.predicted), answers.confusion
        )
        check_evaluation(answers, labels)


@pytest.mark.parametrize("path", run_files())
def test_every_figure_follows_from_the_real_labels(path, fer2013_folder):
    data = load_fer2013(fer2013_folder / "fer2013.csv")
    run = read_run(path.stem)
    training = {face.tobytes() for face in data.train.images}
    for half, faces in zip(HALVES, (data.validation, data.test), strict=True):
        seen = np.array([face.tobytes() in training for face in faces.images])
        for answers in (run.single[half], run.multi[half]):
            np.testing.assert_array_equal(answers.seen, seen)
            check_evaluation(answers, faces.emotions)


def expected_row(group):
    """The figures of a row from the answers of its runs, by hand."""
    one = {half: [figures(labels_from(r.single[half]), r.single[half].probabilities, r.single[half].seen)
                  for r in group] for half in HALVES}  # fmt: skip
    several = {half: [figures(labels_from(r.multi[half]), r.multi[half].probabilities, r.multi[half].seen)
                      for r in group] for half in HALVES}  # fmt: skip

    def mean(halves, name):
        return np.mean([half[name] for half in halves])

    def spread(halves):
        return (
            np.std([half["accuracy"] for half in halves], ddof=1)
            if len(halves) > 1
            else None
        )

    expected = {
        "public": mean(one["public"], "accuracy"),
        "public_sd": spread(one["public"]),
        "private": mean(one["private"], "accuracy"),
        "private_sd": spread(one["private"]),
        "private_unseen": mean(one["private"], "unseen"),
        "macro_f1": mean(one["private"], "macro_f1"),
        "calibration_error": mean(one["private"], "calibration_error"),
    }
    if group[0].recipe["views"] > 1:
        expected |= {
            "multi_public": mean(several["public"], "accuracy"),
            "multi_private": mean(several["private"], "accuracy"),
            "multi_sd": spread(several["private"]),
            "multi_unseen": mean(several["private"], "unseen"),
        }
    if len(group) == 1:
        (private,), (multi,) = one["private"], several["private"]
        expected |= {"private_low": private["low"], "private_high": private["high"]}
        if group[0].recipe["views"] > 1:
            expected |= {"multi_low": multi["low"], "multi_high": multi["high"]}
    return expected


def test_every_measured_row_follows_from_the_stored_answers():
    runs = {run.name: run for run in stored_runs()}
    rows = measured_rows(runs.values())
    assert sorted(name for row in rows for name in row.source.split()) == sorted(runs)
    assert [row.private for row in rows] == sorted(row.private for row in rows)
    for row in rows:
        group = [runs[name] for name in row.source.split()]
        for name, value in expected_row(group).items():
            found = getattr(row, name)
            assert found == (
                value if value is None else pytest.approx(value, abs=1e-6)
            ), (row.source, name)
        assert row.private_low < row.private < row.private_high
        assert row.seeds == len({run.recipe["seed"] for run in group}) == len(group)
        assert {row.parameters} == {run.parameters for run in group}
        assert row.minutes == pytest.approx(
            np.mean([run.history["seconds"] for run in group]) / 60
        )
        assert row.multiply_adds > row.parameters
