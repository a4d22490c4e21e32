"""Runs: what is stored is what was computed, and stored runs hold what they claim."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tiny import RECIPE, tiny_data, tiny_model

from fercourse.commands.card import distilled_runs, shipped_runs
from fercourse.data.faces import EMOTIONS, FER2013, FaceData, Faces
from fercourse.data.fer2013.load import load_fer2013
from fercourse.data.ferplus import ferplus_data, find_ferplus, require_ferplus
from fercourse.models.pocket import (
    DISTILLED,
    SHIPPED_MODELS,
    pocket_model,
    shipped_weights,
)
from fercourse.results.runs import (
    HALVES,
    answer,
    evaluate,
    make_run,
    read_run,
    runs_folder,
    save_run,
    verify_run,
)
from fercourse.results.runs import runs as stored_runs
from fercourse.results.table3.words import network_of
from fercourse.training.loop import prepare, train
from fercourse.training.prediction import predict

NAME = "tiny-seed0"
CONFIGURATION = {"system": "tiny", "width": 1.0, "size": 48, "weights": None}
ARRAYS = ("probabilities", "correct", "confusion", "seen")


@pytest.fixture(scope="module")
def data():
    return tiny_data()


@pytest.fixture(scope="module")
def run(data):
    recipe = RECIPE.changed(epochs=2)
    prepare(recipe)
    model = tiny_model()
    history = train(model, data, recipe)
    return make_run(NAME, model, data, CONFIGURATION, recipe, history)


@pytest.fixture
def folder(run, tmp_path):
    save_run(run, tmp_path)
    return tmp_path


def test_answers_follow_from_probabilities_and_labels(data):
    probabilities = np.random.default_rng(0).dirichlet(np.ones(7), len(data.test))
    answers = answer(probabilities, data.test, data.in_training(data.test))
    assert answers.confusion.trace() == answers.correct.sum()
    assert answers.confusion.sum(axis=1).tolist() == list(data.test.counts().values())
    rounded = probabilities.astype("float16")
    np.testing.assert_array_equal(answers.predicted, rounded.argmax(-1))
    assert answers.seen.sum() == 5


def test_evaluation_by_hand(data):
    probabilities = np.full((48, 7), 0.05)
    probabilities[:, EMOTIONS.index("happy")] = 0.7
    figures = evaluate(answer(probabilities, data.test, data.in_training(data.test)))
    happy = data.test.counts()["happy"]
    accuracy = 100 * happy / 48
    assert (figures.correct, figures.count) == (happy, 48)
    assert figures.accuracy == pytest.approx(accuracy)
    assert figures.low < figures.accuracy < figures.high
    unseen = data.test.emotions[5:] == EMOTIONS.index("happy")
    assert figures.unseen == pytest.approx(100 * unseen.mean())
    assert figures.calibration_error == pytest.approx(abs(70 - accuracy), abs=0.1)
    assert figures.macro_f1 == pytest.approx(100 * 2 * happy / (48 + happy) / 7)


def test_faces_without_labels_give_no_evaluation(data):
    unlabelled = Faces(data.test.images, np.full(48, 255, "uint8"), data.test.rows)
    with pytest.raises(ValueError, match="48 of 48 faces"):
        answer(np.ones((48, 7)), unlabelled, np.zeros(48, bool))


def test_a_run_comes_back_as_it_was_saved(run, folder):
    assert {path.name for path in folder.iterdir()} == {f"{NAME}.json", f"{NAME}.npz"}
    again = read_run(NAME, folder)
    for field in ("configuration", "recipe", "history", "provenance", "parameters"):
        assert getattr(again, field) == getattr(run, field), field
    for views in ("single", "multi"):
        for half in HALVES:
            mine, stored = getattr(run, views)[half], getattr(again, views)[half]
            for name in ARRAYS:
                np.testing.assert_array_equal(
                    getattr(mine, name), getattr(stored, name)
                )


def test_a_run_says_where_it_comes_from(run):
    about = ["date", "code", "backend", "hardware", "versions", "data", "selected"]
    assert set(run.provenance) >= set(about) and "earlier" not in run.provenance
    assert run.provenance["versions"]["keras"]
    assert run.history["best_epoch"] in (0, 1)
    assert len(run.history["epochs"]["public"]) == 2


def test_a_run_holds_no_labels(folder):
    with np.load(folder / f"{NAME}.npz", allow_pickle=False) as arrays:
        kept = {name.rpartition("_")[2] for name in arrays.files}
    assert kept == {"probabilities", "correct", "seen"}


def test_files_that_do_not_belong_together_are_refused(folder):
    answers = folder / f"{NAME}.npz"
    answers.write_bytes(answers.read_bytes()[:-1] + b"!")
    with pytest.raises(ValueError, match=r"tiny-seed0\.npz is not the file"):
        read_run(NAME, folder)
    answers.unlink()
    with pytest.raises(FileNotFoundError, match=r"tiny-seed0\.npz is missing"):
        read_run(NAME, folder)


def test_a_missing_run_names_those_like_it(folder):
    with pytest.raises(FileNotFoundError, match=r"tiny-seed1\.json.*tiny-seed0"):
        read_run("tiny-seed1", folder)


@pytest.mark.parametrize("text", ["", "[]", '{"name": "x"}', "not JSON"])
def test_what_is_no_run_is_refused(folder, text):
    (folder / f"{NAME}.json").write_text(text)
    with pytest.raises(ValueError, match=r"tiny-seed0\.json is no run's JSON file"):
        read_run(NAME, folder)


@pytest.mark.parametrize("name", ["correct", "confusion", "seen"])
def test_verify_finds_what_does_not_follow_from_the_labels(run, data, name):
    assert verify_run(run, data) == []
    answers = run.single["private"]
    value = getattr(answers, name)
    changed = replace(answers, **{name: ~value if value.dtype == bool else value + 1})
    single = {**run.single, "private": changed}
    (fault,) = verify_run(replace(run, single=single), data)
    assert "private_single" in fault and f"`{name}`" in fault


def test_verify_finds_missing_faces(run, data):
    fewer = FaceData(data.train, data.validation, data.test[:40], "x", "x")
    assert "48 answers for 40 faces" in verify_run(run, fewer)[0]


def test_a_mixed_test_folder_gives_no_run(data):
    mixed = replace(data, mixed=True)
    with pytest.raises(ValueError, match=r"A run needs .* in one"):
        make_run("x", tiny_model(), mixed, CONFIGURATION, RECIPE, None)


# The data set of a run
# --------------------------------------------------------------------------------


def test_runs_of_another_data_set_have_a_folder_of_their_own(run, data, tmp_path):
    assert run.data == data.name != FER2013
    assert runs_folder(run.data, tmp_path) == tmp_path / data.name
    save_run(run, runs_folder(run.data, tmp_path))
    assert [stored.data for stored in stored_runs(data.name, tmp_path)] == [data.name]
    assert stored_runs(folder=tmp_path) == []
    assert run.provenance["faces"] == {"train": 128, "validation": 48, "test": 48}


def test_no_run_takes_the_name_of_a_run_on_other_data(run, folder):
    with pytest.raises(ValueError, match=r"tiny-seed0\.json .*another .*data set"):
        save_run(replace(run, data=FER2013), folder)
    save_run(run, folder)


def spoil(folder, part):
    """Damage one of two runs on FER2013."""
    path = folder / "tiny-seed1.json"
    if part == "answers":
        path.with_suffix(".npz").unlink()
    elif part == "text":
        path.write_text(path.read_text()[:500])
    else:
        about = json.loads(path.read_text())
        path.write_text(json.dumps(about | {"data": "ckextended-0a1b2c3d"}))


@pytest.mark.parametrize("part", ["answers", "text", "data set"])
def test_one_broken_run_is_named_and_the_others_are_listed(run, tmp_path, part):
    for name in (NAME, "tiny-seed1"):
        save_run(replace(run, name=name, data=FER2013), tmp_path)
    spoil(tmp_path, part)
    with pytest.warns(UserWarning, match=r"left out: .*tiny-seed1\.(json|npz)"):
        assert [run.name for run in stored_runs(folder=tmp_path)] == [NAME]


# Stored runs
# --------------------------------------------------------------------------------


def test_stored_runs_are_runs_of_fer2013():
    for run in stored_runs():
        assert run.provenance["data"].endswith("verified FER2013")
        assert run.history["finished"]
        public = run.history["epochs"]["public"]
        assert len(public) == run.recipe["epochs"]
        for views in (run.single, run.multi):
            for half, counts, seen in (
                ("public", [467, 56, 496, 895, 653, 415, 607], 280),
                ("private", [491, 55, 528, 879, 594, 416, 626], 288),
            ):
                answers = views[half]
                assert answers.confusion.sum(axis=1).tolist() == counts
                predicted = np.bincount(answers.predicted, minlength=7)
                assert answers.confusion.sum(axis=0).tolist() == predicted.tolist()
                assert answers.confusion.trace() == answers.correct.sum()
                assert answers.seen.sum() == seen
        # The answers are those of the shipped, rounded weights: a face or two differ.
        best = public[run.history["best_epoch"]]
        assert evaluate(run.single["public"]).accuracy == pytest.approx(best, abs=0.2)


def test_stored_runs_agree_with_the_real_labels(fer2013_folder):
    data = load_fer2013(fer2013_folder / "fer2013.csv")
    assert [fault for run in stored_runs() for fault in verify_run(run, data)] == []


def test_stored_runs_on_ferplus_agree_with_its_votes(fer2013_folder):
    stored = stored_runs("ferplus")
    assert [run.data for run in stored] == ["ferplus", "ferplus"]
    if find_ferplus() is None:
        pytest.skip("needs the votes of FER+: set FERCOURSE_FERPLUS")
    data = ferplus_data(load_fer2013(fer2013_folder / "fer2013.csv"), require_ferplus())
    assert [fault for run in stored for fault in verify_run(run, data)] == []


SHIPPED = {
    FER2013: (shipped_runs, SHIPPED_MODELS),
    DISTILLED: (distilled_runs, SHIPPED_MODELS / DISTILLED),
}
"""For each kind of pocket model how its runs are found, and its folder."""


@pytest.mark.parametrize(
    ("trained_on", "name"),
    [
        (kind, path.name)
        for kind, (_, folder) in SHIPPED.items()
        for path in sorted(folder.glob("*.weights.h5"))
    ],
)
def test_a_shipped_model_gives_the_probabilities_of_its_run(trained_on, name, request):
    find, folder = SHIPPED[trained_on]
    path = folder / name
    assert path.stat().st_size < 5_000_000
    # Of a network's distilled runs, the last is the best on PublicTest.
    *_, run = [
        run
        for run in find(stored_runs())
        if shipped_weights(network_of(run), trained_on) == path
    ]
    network = network_of(run)
    after, combine, size = network.after, network.combine, network.size
    model = pocket_model(after, combine, trained_on, size)
    folder = request.getfixturevalue("fer2013_folder")
    faces = load_fer2013(folder / "fer2013.csv").test[:500]
    stored = run.single["private"].probabilities[:500]
    # To be tested in 16 bits moved probabilities by up to 0.015.
    tolerance = 2e-3 if run.provenance["precision"] == "float32" else 0.03
    np.testing.assert_allclose(predict(model, faces.images), stored, atol=tolerance)
