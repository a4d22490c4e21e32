"""Runs: what is computed is what is stored, nothing is lost, and the stored runs hold what they claim."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tiny import RECIPE, tiny_data, tiny_model

from fercourse.data.faces import EMOTIONS, FaceData, Faces
from fercourse.data.fer2013.load import load_fer2013
from fercourse.models.pocket import SHIPPED_MODELS, pocket_model
from fercourse.results.runs import (
    HALVES,
    RESULTS,
    answer,
    evaluate,
    make_run,
    read_run,
    save_run,
    verify_run,
)
from fercourse.results.runs import (
    runs as stored_runs,
)
from fercourse.training.loop import prepare, train
from fercourse.training.prediction import predict

CONFIGURATION = {"system": "tiny", "width": 1.0, "size": 48, "weights": None}


@pytest.fixture(scope="module")
def data():
    return tiny_data()


@pytest.fixture(scope="module")
def run(data):
    recipe = RECIPE.changed(epochs=2)
    prepare(recipe)
    model = tiny_model()
    return make_run(
        "tiny-seed0", model, data, CONFIGURATION, recipe, train(model, data, recipe)
    )


def run_files():
    return [pytest.param(path, id=path.stem) for path in sorted(RESULTS.glob("*.json"))]


def test_answers_follow_from_probabilities_and_labels(data):
    probabilities = (
        np.random.default_rng(0).dirichlet(np.ones(7), len(data.test)).astype("float32")
    )
    answers = answer(probabilities, data.test, data.in_training(data.test))
    assert answers.confusion.sum() == len(data.test)
    assert answers.confusion.trace() == answers.correct.sum()
    assert answers.confusion.sum(axis=1).tolist() == list(data.test.counts().values())
    np.testing.assert_array_equal(
        answers.predicted, probabilities.astype("float16").argmax(-1)
    )
    assert answers.seen.sum() == 5


def test_evaluation_by_hand(data):
    probabilities = np.full((48, 7), 0.05)
    probabilities[:, 3] = 0.7
    answers = answer(probabilities, data.test, data.in_training(data.test))
    figures = evaluate(answers)
    happy = data.test.counts()["happy"]
    assert (figures.correct, figures.count) == (happy, 48)
    assert figures.accuracy == pytest.approx(100 * happy / 48)
    assert figures.low < figures.accuracy < figures.high
    unseen = data.test.emotions[5:] == 3
    assert figures.unseen == pytest.approx(100 * unseen.mean())
    assert figures.calibration_error == pytest.approx(
        abs(70 - figures.accuracy), abs=0.1
    )
    assert figures.macro_f1 == pytest.approx(
        100 * 2 * happy / (48 + happy) / len(EMOTIONS)
    )


def test_a_run_comes_back_as_it_was_saved(run, tmp_path):
    save_run(run, tmp_path)
    again = read_run("tiny-seed0", tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "tiny-seed0.json",
        "tiny-seed0.npz",
    ]
    for field in (
        "name",
        "configuration",
        "recipe",
        "history",
        "provenance",
        "parameters",
    ):
        assert getattr(again, field) == getattr(run, field), field
    for views in ("single", "multi"):
        for half in HALVES:
            mine, theirs = getattr(run, views)[half], getattr(again, views)[half]
            for name in ("probabilities", "correct", "confusion", "seen"):
                np.testing.assert_array_equal(
                    getattr(mine, name), getattr(theirs, name)
                )
            assert evaluate(mine) == evaluate(theirs)


def test_a_run_tells_where_it_comes_from(run):
    assert set(run.provenance) >= {
        "date",
        "code",
        "backend",
        "hardware",
        "versions",
        "data",
        "selected",
    }
    assert run.provenance["versions"]["keras"]
    assert run.history["best_epoch"] in (0, 1)
    assert len(run.history["epochs"]["public"]) == 2
    assert run.recipe["seed"] == 0
    assert "earlier" not in run.provenance


def test_a_run_holds_no_label_file(run, tmp_path):
    save_run(run, tmp_path)
    with np.load(tmp_path / "tiny-seed0.npz", allow_pickle=False) as arrays:
        names = set(arrays.files)
    kinds = {f"{half}_{kind}" for half in HALVES for kind in ("single", "multi")}
    assert names == {
        f"{kind}_{what}" for kind in kinds for what in ("probabilities", "correct")
    } | {f"{half}_seen" for half in HALVES}


def test_files_that_do_not_belong_together_are_refused(run, tmp_path):
    save_run(run, tmp_path)
    answers = tmp_path / "tiny-seed0.npz"
    answers.write_bytes(answers.read_bytes()[:-1] + b"!")
    with pytest.raises(
        ValueError,
        match=r"tiny-seed0\.npz is not the file that tiny-seed0\.json was written",
    ):
        read_run("tiny-seed0", tmp_path)
    answers.unlink()
    with pytest.raises(FileNotFoundError, match=r"tiny-seed0\.npz is missing"):
        read_run("tiny-seed0", tmp_path)


def test_a_missing_run_names_those_like_it(run, tmp_path):
    save_run(run, tmp_path)
    with pytest.raises(FileNotFoundError, match="tiny-seed0"):
        read_run("tiny-seed1", tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": "x"}', "not JSON"])
def test_what_is_no_run_is_refused(run, tmp_path, text):
    save_run(run, tmp_path)
    (tmp_path / "tiny-seed0.json").write_text(text)
    with pytest.raises(
        ValueError, match=r"tiny-seed0\.json is not the JSON file of a run"
    ):
        read_run("tiny-seed0", tmp_path)


def test_verify_finds_every_lie(run, data):
    assert verify_run(run, data) == []
    answers = run.single["private"]
    flipped = answers.correct.copy()
    flipped[0] = not flipped[0]
    lies = {
        "correct": replace(answers, correct=flipped),
        "confusion": replace(
            answers, confusion=answers.confusion + np.eye(7, dtype="int64")
        ),
        "seen": replace(answers, seen=~answers.seen),
    }
    for name, lie in lies.items():
        (fault,) = verify_run(replace(run, single={**run.single, "private": lie}), data)
        assert (
            fault
            == f"tiny-seed0, private_single: `{name}` does not follow from the labels."
        )
    (fault, _) = verify_run(
        run, FaceData(data.train, data.validation, data.test[:40], "x", "x")
    )
    assert "48 answers for 40 faces" in fault


def test_a_mixed_test_folder_gives_no_run(run, data):
    mixed = FaceData(
        data.train, data.validation, data.test, "test folder", "mixed", mixed=True
    )
    with pytest.raises(
        ValueError, match="mixes PublicTest and PrivateTest in one folder"
    ):
        make_run("x", tiny_model(), mixed, CONFIGURATION, RECIPE, None)


def test_faces_without_labels_give_no_evaluation(data):
    unlabelled = Faces(data.test.images, np.full(48, 255, "uint8"), data.test.rows)
    with pytest.raises(
        ValueError, match="evaluation needs labels, and 48 of 48 faces have none"
    ):
        answer(np.ones((48, 7)), unlabelled, np.zeros(48, bool))


def test_runs_are_stored():
    assert {run.configuration["system"] for run in stored_runs()} >= {
        "vgg19",
        "vgg19_attention",
    }


@pytest.mark.parametrize("path", run_files())
def test_a_stored_run_is_one_of_fer2013(path):
    run = read_run(path.stem)
    assert run.provenance["data"].endswith("verified FER2013")
    assert run.history["finished"]
    assert len(run.history["epochs"]["public"]) == run.recipe["epochs"]
    for views in (run.single, run.multi):
        for half, counts, seen in (
            ("public", [467, 56, 496, 895, 653, 415, 607], 280),
            ("private", [491, 55, 528, 879, 594, 416, 626], 288),
        ):
            answers = views[half]
            assert answers.confusion.sum(axis=1).tolist() == counts
            assert answers.confusion.trace() == answers.correct.sum()
            assert (
                answers.confusion.sum(axis=0).tolist()
                == np.bincount(answers.predicted, minlength=7).tolist()
            )
            assert answers.seen.sum() == seen
    best = run.history["epochs"]["public"][run.history["best_epoch"]]
    # The stored answers are those of the shipped, rounded weights; a face or two may
    # differ.
    assert evaluate(run.single["public"]).accuracy == pytest.approx(best, abs=0.2)
    text = path.read_text()
    assert json.loads(text)["name"] == path.stem


@pytest.mark.parametrize("path", run_files())
def test_a_stored_run_agrees_with_the_real_labels(path, fer2013_folder):
    assert (
        verify_run(read_run(path.stem), load_fer2013(fer2013_folder / "fer2013.csv"))
        == []
    )


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, id=p.name) for p in sorted(SHIPPED_MODELS.glob("*.weights.h5"))],
)
def test_a_shipped_model_gives_the_probabilities_of_its_run(path, fer2013_folder):
    name = path.name.removesuffix(".weights.h5")
    _, *place = name.split("-")
    model = (
        pocket_model()
        if place == ["none"]
        else pocket_model(f"{place[0]}_pool", place[1])
    )
    run = read_run(f"{name}-pocket-seed0")
    faces = load_fer2013(fer2013_folder / "fer2013.csv").test[:500]
    np.testing.assert_allclose(
        predict(model, faces.images),
        run.single["private"].probabilities[:500],
        atol=2e-3,
    )
    assert path.stat().st_size < 3_000_000
