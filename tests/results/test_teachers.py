"""Teachers: their answers are averaged, kept, and tied to a run that saw no more."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tiny import RECIPE, tiny_data, tiny_model

from fercourse.data.fer2013.load import load_fer2013
from fercourse.models.network import Network
from fercourse.results import teachers as module
from fercourse.results.runs import make_run, save_run
from fercourse.results.teachers import keep_answers, teacher_probabilities, voters
from fercourse.training.loop import prepare, train
from fercourse.training.prediction import predict

CONFIGURATION = {"system": "vgg", "width": 1.0}
ONE, TWO = "tiny-seed0", "tiny-seed1"


@pytest.fixture(scope="module")
def data():
    return tiny_data()


@pytest.fixture(scope="module")
def trained(data):
    """Two models and their runs, by name."""
    pairs = {}
    for seed in (0, 1):
        recipe = RECIPE.changed(epochs=2, seed=seed)
        prepare(recipe)
        model = tiny_model()
        history = train(model, data, recipe)
        run = make_run(f"tiny-seed{seed}", model, data, CONFIGURATION, recipe, history)
        pairs[run.name] = (model, run)
    return pairs


@pytest.fixture
def places(tmp_path, trained):
    """Folders with both runs and both models, as `train` leaves them."""
    folders = {name: tmp_path / name for name in ("results", "checkpoints", "answers")}
    for name, (model, run) in trained.items():
        save_run(run, folders["results"])
        (folders["checkpoints"] / name).mkdir(parents=True)
        model.save(folders["checkpoints"] / name / f"{name}.keras")
    return folders


def test_answers_are_averaged(data, trained, places):
    teachers = teacher_probabilities(list(trained), data, **places)
    images = data.train.images
    expected = np.mean([predict(model, images, 2) for model, _ in trained.values()], 0)
    assert teachers.probabilities.dtype == "float32"
    np.testing.assert_allclose(teachers.probabilities, expected, atol=2e-3)
    np.testing.assert_allclose(teachers.probabilities.sum(axis=-1), 1, atol=1e-6)
    about = teachers.as_dict()
    assert (about["names"], about["views"]) == ([ONE, TWO], 2)
    assert json.loads(json.dumps(about)) == about


def test_a_temperature_makes_answers_milder_and_changes_no_opinion(data, places):
    plain = teacher_probabilities([ONE], data, **places)
    mild = teacher_probabilities([ONE], data, temperature=3.0, **places)
    most, milder = plain.probabilities.max(axis=-1), mild.probabilities.max(axis=-1)
    assert (milder <= most + 1e-6).all()
    opinions = [t.probabilities.argmax(axis=-1) for t in (plain, mild)]
    np.testing.assert_array_equal(*opinions)
    # Differences of log p shrink by the temperature.
    logs = [np.log(t.probabilities[:, :2]) for t in (plain, mild)]
    shrunk = np.diff(logs[0]) / 3
    np.testing.assert_allclose(np.diff(logs[1]), shrunk, rtol=1e-3, atol=1e-3)
    assert mild.as_dict()["sha256"] != plain.as_dict()["sha256"]


def test_a_model_is_asked_once(data, places, monkeypatch):
    first = teacher_probabilities([ONE], data, **places)
    monkeypatch.setattr(module, "_load_model", lambda *_: pytest.fail("asked again"))
    again = teacher_probabilities([ONE], data, **places)
    np.testing.assert_array_equal(first.probabilities, again.probabilities)


def test_kept_answers_do_without_the_model(data, trained, places):
    model, _ = trained[TWO]
    of_runs = {name: places[name] for name in ("results", "answers")}
    path = keep_answers(TWO, model, data, **of_runs)
    (places["checkpoints"] / TWO / f"{TWO}.keras").unlink()
    assert path.name == f"{TWO}-views2.npz"
    kept = teacher_probabilities([TWO], data, **places).probabilities
    np.testing.assert_allclose(kept, predict(model, data.train.images, 2), atol=2e-3)
    with pytest.raises(FileNotFoundError, match=rf"{TWO}\.keras"):
        teacher_probabilities([TWO], data, views=1, **places)


@pytest.mark.parametrize("damaged", ["faces", "run", None])
def test_answers_to_something_else_are_made_anew(data, places, damaged):
    first = teacher_probabilities([ONE], data, **places)
    path = places["answers"] / f"{ONE}-views2.npz"
    with np.load(path) as stored:
        about = json.loads(str(stored["about"]))
        wrong = 0 * stored["probabilities"]
    if damaged is None:
        path.write_bytes(path.read_bytes()[:200])
    else:
        about[damaged] = "0" * 64
        np.savez(path, about=np.array(json.dumps(about)), probabilities=wrong)
    again = teacher_probabilities([ONE], data, **places)
    np.testing.assert_allclose(again.probabilities, first.probabilities, atol=1e-6)


def test_a_shipped_model_of_another_seed_is_not_asked(data, trained, places):
    run = trained[TWO][1]
    pocket = replace(run, configuration=Network.pocket().as_dict())
    with pytest.raises(FileNotFoundError, match="is not here"):
        module._load_model(pocket, places["results"], places["answers"])


def test_a_teacher_that_saw_other_faces_is_refused(data, places):
    path = places["results"] / f"{ONE}.json"
    about = json.loads(path.read_text())
    path.write_text(json.dumps(about | {"data": "fer2013"}))
    with pytest.raises(ValueError, match="other faces"):
        teacher_probabilities([ONE], data, **places)


def test_a_model_that_is_not_the_runs_is_refused(data, trained, places):
    other, _ = trained[ONE]
    wrong = tiny_model()
    wrong.set_weights([-weight for weight in other.get_weights()])
    of_runs = {name: places[name] for name in ("results", "answers")}
    with pytest.raises(ValueError, match="not the one that was tested"):
        keep_answers(ONE, wrong, data, **of_runs)
    assert not places["answers"].exists()


@pytest.mark.parametrize(
    ("names", "temperature", "error"),
    [
        ([], 1.0, ValueError),
        ([ONE, ONE], 1.0, ValueError),
        ([ONE], 0.0, ValueError),
        (["tiny-seed7"], 1.0, FileNotFoundError),
    ],
)
def test_what_makes_no_sense_is_refused(data, places, names, temperature, error):
    with pytest.raises(error, match=r"teacher|temperature"):
        teacher_probabilities(names, data, temperature=temperature, **places)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "pocket-block4-concat-pocket-seed0",
        "pocket-none-pocket-distillation0.9-two-teachers-seed0",
    ],
)
def test_a_shipped_pocket_model_can_teach(name, fer2013_folder, tmp_path):
    whole = load_fer2013(fer2013_folder / "fer2013.csv")
    data = replace(whole, train=whole.train[:64])
    vars(data)["name"] = whole.name  # a few faces are asked about, for speed
    teachers = teacher_probabilities(
        [name], data, views=1, checkpoints=tmp_path, answers=tmp_path
    )
    assert np.mean(teachers.probabilities.argmax(axis=-1) == data.train.emotions) > 0.5


def test_only_fer2013_has_voters(data):
    with pytest.raises(ValueError, match=r"votes needs FER2013 .* tiny faces"):
        voters(data)
