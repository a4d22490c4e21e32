"""The command line, as a user calls it."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest
from quick_command import NARROW_VGG19, SHORT, places, tiny_csv

from fercourse.__main__ import main
from fercourse.results.runs import read_run


@pytest.fixture
def quick_train(tmp_path, monkeypatch):
    """`train` of a narrow network on a few faces, all files in a temporary folder."""
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    tiny_csv(tmp_path)
    return lambda: main(["train", *NARROW_VGG19, *SHORT, *places(tmp_path)])


def test_train_then_evaluate_then_table3(quick_train, tmp_path, capsys):
    data, results = tmp_path / "faces" / "fer2013.csv", tmp_path / "results"
    assert quick_train() == 0
    name = "vgg19_attention-block3-concat-48-width0.0625-scratch-practice-batch_size16-seed0"
    run = read_run(name, results)
    assert run.configuration["after"] == "block3_pool"
    assert (tmp_path / "checkpoints" / name / f"{name}.keras").exists()
    assert "PrivateTest, 1 view" in capsys.readouterr().out

    assert main(["evaluate", name, "--data", str(data), "--results", str(results)]) == 0
    assert "1 run(s) agree with the labels of fer2013.csv" in capsys.readouterr().out

    assert main(["table3", "--format", "csv", "--results", str(results)]) == 0
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(lines) == 8
    assert lines[-1]["parameters"] == str(run.parameters)


def test_evaluate_finds_a_run_that_lies(quick_train, tmp_path, capsys):
    data, results = tmp_path / "faces" / "fer2013.csv", tmp_path / "results"
    quick_train()
    (path,) = results.glob("*.json")
    about = json.loads(path.read_text())
    about["confusion"]["private_single"][0][0] += 1
    path.write_text(json.dumps(about))
    assert main(["evaluate", "--data", str(data), "--results", str(results)]) == 1
    assert "`confusion` does not follow from the labels" in capsys.readouterr().out


def test_check_says_what_is_there(tmp_path):
    environment = {**os.environ, "FERCOURSE_DATA": str(tmp_path)}
    environment.pop("FERCOURSE_PROFILE", None)
    done = subprocess.run(
        [sys.executable, "-m", "fercourse", "check"],
        capture_output=True,
        text=True,
        env=environment,
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
        [sys.executable, "-m", "fercourse", "check"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 1
    assert "[FAIL]" in done.stdout


def test_check_fails_on_a_wrong_profile(monkeypatch, capsys):
    monkeypatch.setenv("FERCOURSE_PROFILE", "fast")
    assert main(["check"]) == 1
    assert (
        "FERCOURSE_PROFILE=fast is unknown; expected one of practice, quick, full"
        in capsys.readouterr().out
    )
