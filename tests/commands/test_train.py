"""Training from the command line: one run, from the words of a command to its files."""

import argparse
import json
import re
from dataclasses import replace

import keras
import numpy as np
import pytest
from quick_command import (
    NARROW_VGG19,
    SHORT,
    TINY,
    places,
    read_tiny_run,
    tiny_csv,
)
from tiny import tiny_data

from fercourse.__main__ import main
from fercourse.commands.train import add_train_options, read_job
from fercourse.models.pocket import SHIPPED_MODELS
from fercourse.results.runs import read_run
from fercourse.training.prediction import predict


@pytest.fixture
def quick_train(tmp_path, monkeypatch):
    """`train` of a narrow network on a few faces, all files in a temporary folder."""
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    tiny_csv(tmp_path)

    def call(*more, model=NARROW_VGG19):
        return main(["train", *model, *SHORT, *places(tmp_path), *more])

    return call


@pytest.fixture
def tiny_practice(monkeypatch):
    """Practice faces are a few drawn stripes."""
    data = replace(tiny_data(train=96, rest=24), source="practice faces")
    monkeypatch.setattr("fercourse.data.practice.cached_practice_data", lambda: data)


@pytest.mark.slow
@pytest.mark.parametrize(
    "model",
    ["deep_emotion", "vgg --width 0.0625", "vggnet --width 0.03"],
)
def test_the_saved_model_of_a_system_is_the_one_that_was_tested(
    quick_train, tmp_path, model
):
    words = ["--system", *model.split(), "--name", "mine"]
    assert quick_train(model=words) == 0
    run = read_tiny_run("mine", tmp_path)
    (path,) = (tmp_path / "checkpoints").glob("*-mine/*-mine.keras")
    again = keras.models.load_model(path)
    images = tiny_data(train=96, rest=24).validation.images
    np.testing.assert_array_equal(
        predict(again, images).astype("float16"), run.single["public"].probabilities
    )


@pytest.mark.slow
def test_a_form_of_the_tuned_cnn_is_trained(quick_train, tmp_path):
    form = "--widths 64 64 128 64 64 --units 128 --dropout 0.2 --learning-rate 0.002"
    system = f"--system tuned_cnn --width 0.0625 {form}"
    assert quick_train("--name", "mine", model=system.split()) == 0
    run = read_tiny_run("mine", tmp_path)
    assert run.configuration["widths"] == [64, 64, 128, 64, 64]
    assert (run.recipe["name"], run.recipe["learning_rate"]) == ("practice", 0.002)


def test_it_stops_goes_on_and_keeps_its_name(quick_train, tmp_path, capsys):
    assert quick_train("--name", "mine", "--minutes", "0") == 1
    assert "Stopped after 0 of 2 epochs" in capsys.readouterr().out
    assert not (tmp_path / "results").exists()
    assert quick_train("--name", "mine") == 0
    (path,) = (tmp_path / "results").glob("*/*.json")
    assert (path.parent.name, path.stem) == (TINY, f"{TINY}-mine")
    before = path.read_text()
    assert quick_train("--name", "mine", "--kernel-size", "3") == 1
    assert "mine.json holds a run with another" in capsys.readouterr().err
    assert path.read_text() == before


@pytest.mark.slow
def test_a_student_learns_from_teachers_and_says_from_whom(quick_train, tmp_path):
    assert quick_train("--name", "teacher") == 0
    teacher = f"{TINY}-teacher"
    words = ["--teachers", teacher, "--temperature", "2", "--name", "student"]
    assert quick_train(*words) == 0
    run = read_tiny_run("student", tmp_path)
    about = run.provenance["teachers"]
    assert (about["names"], about["views"]) == ([teacher], 2)
    assert (about["temperature"], run.recipe["distillation"]) == (2.0, 0.5)
    assert (tmp_path / "teachers" / f"{teacher}-views2.npz").is_file()


@pytest.mark.parametrize(
    "words", [["--teachers", "b"], ["--teachers", "a", "--temperature", "3"]]
)
def test_another_teacher_needs_another_name(monkeypatch, tmp_path, words):
    monkeypatch.setenv("FERCOURSE_DATA", "nowhere")
    parser = argparse.ArgumentParser()
    add_train_options(parser)
    student = ["--pocket", "--results", str(tmp_path)]
    first = read_job(parser.parse_args([*student, "--teachers", "a"]))
    experiment = first.experiment
    unread = dict.fromkeys(
        ("name", "parameters", "confusion", "history", "answers_sha256")
    )
    about = unread | {
        "configuration": experiment.stored_configuration,
        "recipe": experiment.recipe.as_dict(),
        "data": "fer2013",
        "provenance": {"data": "", "teachers": {"names": ["a"], "temperature": 1.0}},
    }
    (tmp_path / f"{experiment.name}.json").write_text(json.dumps(about))
    assert first.stored_name == experiment.name
    other = read_job(parser.parse_args([*student, *words]))
    with pytest.raises(ValueError, match=r"data set or teacher\. Give this one a name"):
        _ = other.stored_name


@pytest.mark.parametrize("teachers", [[], ["--teachers", "votes"]])
def test_a_temperature_needs_models_as_teachers(teachers):
    parser = argparse.ArgumentParser()
    add_train_options(parser)
    words = ["--pocket", *teachers, "--temperature", "3"]
    with pytest.raises(ValueError, match="names of finished runs"):
        read_job(parser.parse_args(words))


def test_a_distilled_model_is_shipped_in_a_folder_of_its_own(monkeypatch):
    monkeypatch.setenv("FERCOURSE_DATA", "nowhere")
    parser = argparse.ArgumentParser()
    add_train_options(parser)
    words = ["--pocket", "--system", "vgg19", "--teachers", "somebody", "--ship"]
    path = read_job(parser.parse_args(words)).shipped_weights
    assert path == SHIPPED_MODELS / "distilled" / "pocket-none.weights.h5"
    with pytest.raises(ValueError, match="with seed 0"):
        _ = read_job(parser.parse_args([*words, "--seed", "1"])).shipped_weights


def test_a_model_of_another_precision_is_shipped_and_of_another_recipe_is_not(
    monkeypatch,
):
    monkeypatch.setenv("FERCOURSE_DATA", "nowhere")
    parser = argparse.ArgumentParser()
    add_train_options(parser)
    words = ["--pocket", "--after", "block5_pool", "--size", "96", "--ship"]
    faster = parser.parse_args([*words, "--precision", "mixed_bfloat16"])
    weights = SHIPPED_MODELS / "pocket96-block5-concat.weights.h5"
    assert read_job(faster).shipped_weights == weights
    with pytest.raises(ValueError, match="pocket models of the pocket recipe"):
        _ = read_job(parser.parse_args([*words, "--ema", "0"])).shipped_weights


@pytest.mark.slow
def test_practice_faces_have_runs_and_models_of_their_own(
    quick_train, tiny_practice, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("fercourse.results.runs.RESULTS", tmp_path / "data")
    models, checkpoints = tmp_path / "models", tmp_path / "checkpoints"
    monkeypatch.setattr("fercourse.models.pocket.SHIPPED_MODELS", models)
    monkeypatch.setattr("fercourse.commands.train.CHECKPOINTS", checkpoints)
    pocket = ["--pocket", "--after", "block3_pool", "--epochs", "3", "--ship"]
    practice = ["train", "--data", "practice", *pocket]
    assert main(practice) == 1
    assert "pocket models of the practice recipe" in capsys.readouterr().err
    assert main([*practice, "--recipe", "practice"]) == 0
    run = read_run("pocket-block3-concat-practice-seed0", tmp_path / "data/practice")
    assert run.provenance["data"] == "practice faces: made for a test"
    assert run.provenance["selected"] == "best epoch on the validation faces"
    assert (models / "practice" / "pocket-block3-concat.weights.h5").exists()
    assert main(["evaluate", "--data", "practice"]) == 0
    assert "1 run(s) agree" in capsys.readouterr().out
    assert quick_train("--data", "practice", "--name", "elsewhere") == 0
    assert (tmp_path / "results/practice/practice-elsewhere.json").exists()


def test_training_on_a_test_file_without_labels_is_refused(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    pixels = " ".join(["7"] * 2304)
    (tmp_path / "train.csv").write_text("emotion,pixels\n" + f"0,{pixels}\n" * 3)
    (tmp_path / "test.csv").write_text("pixels\n" + f"{pixels}\n" * 2)
    assert main(["train", *NARROW_VGG19, "--data", str(tmp_path)]) == 1
    assert "A run needs" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--recipe secret", "--recipe secret is unknown"),
        ("--epochs 0", "Recipe.epochs is 0"),
        ("--system resnext", "--system resnext is unknown"),
        ("--system vgg", "--after, --size, --weights does not go with --system vgg"),
        ("--after block9_pool", 'after="block9_pool"'),
        ("--data nowhere", "nowhere"),
        ("--distillation 0.3", "--distillation 0.3 needs --teachers"),
        ("--teachers nobody", "nobody has no stored run"),
        ("--ship", "pocket models of the pocket recipe"),
        ("--pocket --after block3_pool block4_pool", "--pocket takes one place"),
        ("--pocket --ship --seed 1", "pocket models of the pocket recipe"),
    ],
)
def test_wrong_arguments_are_one_sentence(quick_train, capsys, arguments, message):
    assert quick_train(*arguments.split()) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_a_training_that_diverges_says_what_to_change(quick_train, capsys, tmp_path):
    assert quick_train("--optimizer", "sgd", "--learning-rate", "10") == 1
    said = capsys.readouterr().err
    # Which of the two overflows first depends on the processor.
    what = "the (loss|model's answer) is not finite"
    assert re.search(rf"step \d of epoch \d: {what}", said)
    assert "lower Recipe.learning_rate" in said
    assert not (tmp_path / "results").exists()
