"""Teachers: what they answer is averaged, kept and tied to their run; whoever saw too much is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tiny import RECIPE, tiny_data, tiny_model

from fercourse.data.fer2013.load import load_fer2013
from fercourse.results import teachers as teachers_module
from fercourse.results.runs import make_run, save_run
from fercourse.results.teachers import keep_answers, teacher_probabilities
from fercourse.training.loop import prepare, train
from fercourse.training.prediction import predict

CONFIGURATION = {"system": "tiny", "width": 1.0, "size": 48, "weights": None}


@pytest.fixture(scope="module")
def data():
    return tiny_data()


@pytest.fixture(scope="module")
def trained(data):
    """Two models and their runs."""
    found = {}
    for seed in (0, 1):
        recipe = RECIPE.changed(epochs=2, seed=seed)
        prepare(recipe)
        model = tiny_model()
        history = train(model, data, recipe)
        run = make_run(f"tiny-seed{seed}", model, data, CONFIGURATION, recipe, history)
        found[run.name] = (model, run)
    return found


@pytest.fixture
def places(tmp_path, trained):
    """Folders with both runs and both models, as `train` leaves them, and one for what is kept."""
    found = {name: tmp_path / name for name in ("results", "checkpoints", "answers")}
    for name, (model, run) in trained.items():
        save_run(run, found["results"])
        (found["checkpoints"] / name).mkdir(parents=True)
        model.save(found["checkpoints"] / name / f"{name}.keras")
    return found


def test_one_teacher_says_what_it_answers(data, trained, places):
    model, _ = trained["tiny-seed0"]
    teachers = teacher_probabilities(["tiny-seed0"], data, **places)
    expected = predict(model, data.train.images, 2)
    assert (teachers.probabilities.dtype, teachers.probabilities.shape) == (
        "float32",
        (128, 7),
    )
    np.testing.assert_allclose(teachers.probabilities, expected, atol=2e-3)
    np.testing.assert_allclose(teachers.probabilities.sum(axis=-1), 1, atol=1e-6)


def test_several_are_averaged(data, trained, places):
    teachers = teacher_probabilities(list(trained), data, views=1, **places)
    expected = np.mean(
        [predict(model, data.train.images) for model, _ in trained.values()], axis=0
    )
    np.testing.assert_allclose(teachers.probabilities, expected, atol=2e-3)
    about = teachers.as_dict()
    assert (about["names"], about["views"], about["temperature"]) == (
        ["tiny-seed0", "tiny-seed1"],
        1,
        1.0,
    )
    assert json.loads(json.dumps(about)) == about


def test_a_temperature_makes_them_milder_and_changes_no_opinion(data, places):
    plain = teacher_probabilities(["tiny-seed0"], data, **places)
    mild = teacher_probabilities(["tiny-seed0"], data, temperature=3.0, **places)
    softened = plain.probabilities ** (1 / 3)
    np.testing.assert_allclose(
        mild.probabilities,
        softened / softened.sum(axis=-1, keepdims=True),
        rtol=1e-3,
        atol=1e-4,
    )
    assert (
        mild.probabilities.max(axis=-1).mean() < plain.probabilities.max(axis=-1).mean()
    )
    assert mild.as_dict()["sha256"] != plain.as_dict()["sha256"]


def test_each_is_asked_once(data, places, monkeypatch):
    first = teacher_probabilities(["tiny-seed0"], data, **places)
    monkeypatch.setattr(
        teachers_module, "_load_model", lambda *_: pytest.fail("asked again")
    )
    again = teacher_probabilities(["tiny-seed0"], data, **places)
    np.testing.assert_array_equal(first.probabilities, again.probabilities)


def test_kept_answers_do_without_the_model(data, trained, places):
    """A rented machine is gone, and its model with it; its answers are a small file."""
    model, _ = trained["tiny-seed1"]
    path = keep_answers(
        "tiny-seed1", model, data, results=places["results"], answers=places["answers"]
    )
    (places["checkpoints"] / "tiny-seed1" / "tiny-seed1.keras").unlink()
    assert path.name == "tiny-seed1-views2.npz"
    kept = teacher_probabilities(["tiny-seed1"], data, **places)
    np.testing.assert_allclose(
        kept.probabilities, predict(model, data.train.images, 2), atol=2e-3
    )
    with pytest.raises(
        FileNotFoundError,
        match=r"it would be tiny-seed1\.keras in the folder tiny-seed1",
    ):
        teacher_probabilities(["tiny-seed1"], data, views=1, **places)


@pytest.mark.parametrize("damage", ["other faces", "another run", "not a file of ours"])
def test_answers_that_were_kept_for_something_else_are_made_anew(
    data, places, monkeypatch, damage
):
    teacher_probabilities(["tiny-seed0"], data, **places)
    path = places["answers"] / "tiny-seed0-views2.npz"
    if damage == "not a file of ours":
        path.write_bytes(b"PK damaged")
    else:
        with np.load(path) as stored:
            about, probabilities = (
                json.loads(str(stored["about"])),
                stored["probabilities"],
            )
        about["faces" if damage == "other faces" else "run"] = "0" * 64
        np.savez(
            path, about=np.array(json.dumps(about)), probabilities=0 * probabilities
        )
    again = teacher_probabilities(["tiny-seed0"], data, **places)
    np.testing.assert_allclose(again.probabilities.sum(axis=-1), 1, atol=1e-6)


def changed(places, **provenance):
    path = places["results"] / "tiny-seed0.json"
    about = json.loads(path.read_text())
    about["provenance"] |= provenance
    path.write_text(json.dumps(about))


def test_a_teacher_that_saw_more_than_training_is_refused(data, places):
    changed(places, **{"trained on": "Training and PublicTest"})
    with pytest.raises(
        ValueError, match="tiny-seed0 was trained on Training and PublicTest"
    ):
        teacher_probabilities(["tiny-seed0"], data, **places)


def test_a_teacher_of_other_data_is_refused(data, places):
    other = replace(data, integrity="verified FER2013")
    with pytest.raises(
        ValueError, match=r"trained on other faces \(tiny faces: made for a test"
    ):
        teacher_probabilities(["tiny-seed0"], other, **places)


def test_a_teacher_without_a_run_is_refused(data, places):
    with pytest.raises(
        FileNotFoundError, match="tiny-seed7 has no stored run in results"
    ):
        teacher_probabilities(["tiny-seed7"], data, **places)


def test_a_model_that_is_not_the_runs_is_refused(data, trained, places):
    model, _ = trained["tiny-seed1"]
    weights = model.get_weights()
    model.set_weights([-weight for weight in weights])
    try:
        with pytest.raises(
            ValueError, match="beside the run tiny-seed1 is not the one that was tested"
        ):
            keep_answers(
                "tiny-seed1",
                model,
                data,
                results=places["results"],
                answers=places["answers"],
            )
    finally:
        model.set_weights(weights)
    assert not places["answers"].exists()


@pytest.mark.parametrize(
    ("names", "temperature", "message"),
    [
        ([], 1.0, "teachers are none: expected names of runs, each once"),
        (
            ["tiny-seed0", "tiny-seed0"],
            1.0,
            "teachers tiny-seed0, tiny-seed0: expected names of runs",
        ),
        (["tiny-seed0"], 0.0, "temperature is 0; expected more than 0"),
    ],
)
def test_what_makes_no_sense_is_named(data, places, names, temperature, message):
    with pytest.raises(ValueError, match=message):
        teacher_probabilities(names, data, temperature=temperature, **places)


def test_a_student_learns_from_teachers_end_to_end(data, places):
    teachers = teacher_probabilities(["tiny-seed0", "tiny-seed1"], data, **places)
    recipe = RECIPE.changed(epochs=2, distillation=0.5)
    prepare(recipe)
    assert train(tiny_model(), data, recipe, teachers=teachers.probabilities).finished


@pytest.mark.slow
def test_a_shipped_pocket_model_can_teach(fer2013_folder, tmp_path):
    """On a few faces; the answers are kept for these faces and no others."""
    whole = load_fer2013(fer2013_folder / "fer2013.csv")
    data = replace(whole, train=whole.train[:64])
    name = "pocket-block4-concat-pocket-seed0"
    teachers = teacher_probabilities(
        [name], data, views=1, checkpoints=tmp_path, answers=tmp_path
    )
    assert np.mean(teachers.probabilities.argmax(axis=-1) == data.train.emotions) > 0.5
