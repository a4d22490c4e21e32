"""The command line, as a user calls it."""

import csv
import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from tiny import tiny_data

from fercourse.__main__ import main, run_name
from fercourse.models import BUILDERS, pocket_configuration
from fercourse.runs import RESULTS, read_run


@pytest.fixture
def csv_file(tmp_path, monkeypatch):
    """tiny_data as fer2013.csv."""
    data, path = tiny_data(train=96, rest=24), tmp_path / "faces" / "fer2013.csv"
    path.parent.mkdir()
    with open(path, "w") as file:
        file.write("emotion,pixels,Usage\n")
        for usage, faces in (
            ("Training", data.train),
            ("PublicTest", data.validation),
            ("PrivateTest", data.test),
        ):
            for image, emotion in zip(faces.images, faces.emotions, strict=True):
                file.write(f"{emotion},{' '.join(map(str, image.ravel().tolist()))},{usage}\n")
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    return path


@pytest.fixture
def quick_train(csv_file, tmp_path, monkeypatch):
    """`train` of a narrow network on a few faces, all files in a temporary folder."""
    monkeypatch.setattr("fercourse.__main__.CHECKPOINTS", tmp_path / "checkpoints")
    results = tmp_path / "results"

    def call(*more):
        model = ["--width", "0.0625", "--size", "48", "--weights", "none", "--after", "block3_pool"]
        recipe = ["--recipe", "practice", "--epochs", "2", "--batch-size", "16"]
        return main(["train", *model, *recipe, "--data", str(csv_file), "--results", str(results), *more])

    return call, results


def test_train_then_evaluate_then_table3(quick_train, csv_file, tmp_path, capsys):
    train, results = quick_train
    assert train() == 0
    name = "vgg19_attention-block3-concat-48-width0.0625-scratch-practice-seed0"
    run = read_run(results / f"{name}.json")
    assert run.configuration["after"] == "block3_pool"
    assert (tmp_path / "checkpoints" / name / f"{name}.keras").exists()
    assert "PrivateTest, 1 view" in capsys.readouterr().out

    assert main(["evaluate", name, "--data", str(csv_file), "--results", str(results)]) == 0
    assert "1 run(s) agree with the labels of fer2013.csv" in capsys.readouterr().out

    assert main(["table3", "--format", "csv", "--results", str(results)]) == 0
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(lines) == 8
    assert lines[-1]["parameters"] == str(run.parameters)


def test_train_stops_and_goes_on(quick_train, capsys):
    train, results = quick_train
    assert train("--minutes", "0") == 1
    assert "Stopped after 0 of 2 epochs; the same command goes on." in capsys.readouterr().out
    assert not results.exists()
    assert train() == 0


def test_another_experiment_does_not_overwrite_a_run(quick_train, capsys):
    train, results = quick_train
    assert train("--name", "mine") == 0
    before = (results / "mine.json").read_text()
    capsys.readouterr()
    assert train("--name", "mine", "--kernel-size", "3") == 1
    assert "mine.json holds a run with another configuration or recipe" in capsys.readouterr().err
    assert (results / "mine.json").read_text() == before


@pytest.mark.parametrize("more", [[], ["--pocket", "--seed", "1"], ["--pocket", "--recipe", "practice"]])
def test_only_pocket_models_are_shipped(more, capsys):
    assert main(["train", "--weights", "none", "--ship", *more]) == 1
    assert "--ship is for pocket models of the pocket recipe with seed 0" in capsys.readouterr().err


def test_one_place_is_shipped(capsys):
    assert main(["train", "--pocket", "--ship", "--after", "block3_pool", "block4_pool"]) == 1
    assert "--ship takes one place" in capsys.readouterr().err


@pytest.mark.slow
def test_practice_faces_have_runs_and_models_of_their_own(quick_train, tmp_path, monkeypatch, capsys):
    train, _ = quick_train
    monkeypatch.setattr("fercourse.lesson.cached_practice_data", lambda: tiny_data(train=96, rest=24))
    monkeypatch.setattr("fercourse.runs.RESULTS", tmp_path / "data")
    monkeypatch.setattr("fercourse.models.SHIPPED_MODELS", tmp_path / "models")
    pocket = ["--pocket", "--after", "block3_pool", "--epochs", "3", "--ship"]
    practice = ["train", "--data", "practice", *pocket]
    assert main(practice) == 1
    assert "pocket models of the practice recipe with seed 0" in capsys.readouterr().err
    assert main([*practice, "--recipe", "practice"]) == 0
    run = read_run(tmp_path / "data" / "practice" / "pocket-block3-concat-practice-seed0.json")
    assert run.provenance["data"] == "tiny faces: made for a test"
    assert run.provenance["selected"] == "best epoch on the validation faces"
    assert (tmp_path / "models" / "practice" / "pocket-block3-concat.weights.h5").exists()
    capsys.readouterr()
    assert main(["evaluate", "--data", "practice"]) == 0
    assert "1 run(s) agree with the labels of tiny faces" in capsys.readouterr().out
    assert train("--data", "practice", "--name", "elsewhere") == 0
    assert [path.name for path in (tmp_path / "results").glob("*.json")] == ["elsewhere.json"]


def test_evaluate_finds_a_run_that_lies(quick_train, csv_file, capsys):
    train, results = quick_train
    train()
    (path,) = results.glob("*.json")
    about = json.loads(path.read_text())
    about["confusion"]["private_single"][0][0] += 1
    path.write_text(json.dumps(about))
    assert main(["evaluate", "--data", str(csv_file), "--results", str(results)]) == 1
    assert "`confusion` does not follow from the labels" in capsys.readouterr().out


def test_training_on_a_test_file_without_labels_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    pixels = " ".join(["7"] * 2304)
    (tmp_path / "train.csv").write_text("emotion,pixels\n" + f"0,{pixels}\n" * 3)
    (tmp_path / "test.csv").write_text("pixels\n" + f"{pixels}\n" * 2)
    assert (
        main(["train", "--weights", "none", "--width", "0.0625", "--size", "48", "--data", str(tmp_path)])
        == 1
    )
    assert "evaluation needs labels, and 2 of 2 faces have none" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--recipe", "secret"], "--recipe secret is unknown; expected one of practice, pocket, paper, best"),
        (["--epochs", "0"], "Recipe.epochs is 0"),
        (["--system", "resnext"], "system='resnext' is unknown"),
        (["--after", "block9_pool"], 'after="block9_pool" is not a pooling layer'),
        (["--data", "nowhere"], "nowhere"),
    ],
)
def test_wrong_arguments_are_one_sentence(quick_train, capsys, arguments, message):
    train, _ = quick_train
    assert train(*arguments) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_names_of_runs():
    recipe = {"name": "pocket", "seed": 2}
    assert run_name(pocket_configuration(), recipe) == "pocket-none-pocket-seed2"
    assert (
        run_name(pocket_configuration("block2_pool", "multiply"), recipe)
        == "pocket-block2-multiply-pocket-seed2"
    )
    full = {"system": "vgg19_attention", "after": ["block3_pool", "block5_pool"], "combine": "residual"}
    full |= {"weights": "imagenet"}
    assert run_name({**full, "width": 1.0, "size": 224}, {"name": "best", "seed": 0}) == (
        "vgg19_attention-block3+block5-residual-224-best-seed0"
    )
    plain = {"system": "vgg19", "width": 1.0, "size": 96, "weights": None}
    assert run_name(plain, recipe) == "vgg19-96-scratch-pocket-seed2"
    assert (
        run_name({**pocket_configuration(), "size": 96}, recipe) == "vgg19-96-width0.25-scratch-pocket-seed2"
    )


def test_check_says_what_is_there(tmp_path):
    environment = {**os.environ, "FERCOURSE_DATA": str(tmp_path)}
    environment.pop("FERCOURSE_PROFILE", None)
    done = subprocess.run(
        [sys.executable, "-m", "fercourse", "check"], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[ ok ] Keras backend: tensorflow, on " in done.stdout
    assert "[ -- ] FER2013 is not here" in done.stdout
    assert "profile: practice" in done.stdout
    assert "pocket models: pocket-" in done.stdout
    assert done.stdout.strip().split("\n")[-1].startswith("Next: `make lab`")


def test_check_fails_on_a_broken_installation(monkeypatch):
    environment = {**os.environ, "KERAS_BACKEND": "nonsense"}
    done = subprocess.run(
        [sys.executable, "-m", "fercourse", "check"], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 1
    assert "[FAIL]" in done.stdout


def test_check_fails_on_a_wrong_profile(monkeypatch, capsys):
    monkeypatch.setenv("FERCOURSE_PROFILE", "fast")
    assert main(["check"]) == 1
    assert (
        "FERCOURSE_PROFILE=fast is unknown; expected one of practice, quick, full" in capsys.readouterr().out
    )


def test_the_queue_names_commands_that_exist():
    queue = (RESULTS / "QUEUE.md").read_text()
    commands = [line.split("fercourse ", 1)[1] for line in queue.splitlines() if "-m fercourse train" in line]
    assert len(commands) >= 5
    from fercourse.__main__ import _configuration, _parser, _recipe

    for command in commands:
        options = _parser().parse_args(command.strip("`| ").split())
        assert _configuration(options)["system"] in BUILDERS
        assert np.isfinite(_recipe(options).learning_rate)
