"""The command line, as a user calls it."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest
from quick_command import NARROW_VGG19, SHORT, TINY, places, read_tiny_run, tiny_csv

from fercourse.__main__ import main

NAME = (
    "vgg19_attention-block3-concat-48-width0.0625-scratch-practice-batch_size16-seed0"
)


def test_train_then_evaluate_then_table3(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    data, results = str(tiny_csv(tmp_path)), str(tmp_path / "results")
    assert main(["train", *NARROW_VGG19, *SHORT, *places(tmp_path)]) == 0
    run = read_tiny_run(NAME, tmp_path)
    name = f"{TINY}-{NAME}"
    assert run.configuration["after"] == "block3_pool"
    assert (tmp_path / "checkpoints" / name / f"{name}.keras").exists()
    assert "test, 1 view" in capsys.readouterr().out

    evaluate = ["evaluate", name, "--data", data, "--results", results]
    assert main(evaluate) == 0
    assert "1 run(s) agree" in capsys.readouterr().out

    table3 = ["table3", "--format", "csv", "--results", results]
    assert main(table3) == 0
    assert len(list(csv.DictReader(io.StringIO(capsys.readouterr().out)))) == 7
    assert main([*table3, "--data", TINY]) == 0
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(lines) == 1
    assert lines[-1]["parameters"] == str(run.parameters)
    longer = tmp_path / "results" / f"{TINY}0" / "run.json"
    longer.parent.mkdir()
    longer.touch()
    assert main([*table3, "--data", TINY]) == 0
    (tmp_path / "results" / "ferplus").mkdir()
    (tmp_path / "results" / "ferplus" / "run.json").touch()
    assert main([*table3, "--data", "fer"]) == 1  # FER2013 begins so, too

    path = tmp_path / "results" / TINY / f"{name}.json"
    about = json.loads(path.read_text())
    about["confusion"]["private_single"][0][0] += 1
    path.write_text(json.dumps(about))
    assert main(evaluate) == 1
    assert "`confusion` does not follow" in capsys.readouterr().out


@pytest.mark.parametrize("data", ["nowhere.csv", "ferplus"])
def test_data_that_are_named_must_be_here(tmp_path, monkeypatch, capsys, data):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FERCOURSE_DATA", str(tiny_csv(tmp_path)))
    monkeypatch.setenv("FERCOURSE_FERPLUS", str(tmp_path))
    assert main(["evaluate", "--data", data]) == 1
    said = capsys.readouterr()
    assert not said.out
    assert {"nowhere.csv": "nowhere.csv", "ferplus": "fer2013new.csv"}[data] in said.err
    # Without a name, runs are printed, and only the comparison is left out.
    monkeypatch.setenv("FERCOURSE_DATA", str(tmp_path / "nowhere"))
    assert main(["evaluate", "pocket-none-pocket-seed0"]) == 0
    assert "FER2013 is not here" in capsys.readouterr().out


def check_says(printed: str, line: str) -> None:
    """A report that something is wrong has this line, and ends with what to do."""
    assert line in printed
    assert printed.strip().splitlines()[-1].startswith("Next:")


@pytest.mark.parametrize(
    ("setting", "value", "line"),
    [
        ("FERCOURSE_DATA", ".", "[FAIL] FER2013"),
        ("FERCOURSE_PROFILE", "fast", "FERCOURSE_PROFILE=fast"),
    ],
)
def test_check_says_what_is_there(tmp_path, monkeypatch, capsys, setting, value, line):
    monkeypatch.delenv("FERCOURSE_PROFILE", raising=False)
    monkeypatch.setenv("FERCOURSE_DATA", str(tmp_path))
    monkeypatch.setenv(setting, str(tmp_path) if value == "." else value)
    assert main(["check"]) == 1
    check_says(capsys.readouterr().out, line)


def test_check_says_that_the_backend_is_broken():
    environment = {**os.environ, "KERAS_BACKEND": "nonsense"}
    words = [sys.executable, "-m", "fercourse", "check"]
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    assert done.returncode == 1, done.stdout + done.stderr
    check_says(done.stdout, "[FAIL]")


def test_help_needs_no_backend():
    words = [sys.executable, "-X", "importtime", "-m", "fercourse", "--help"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0
    assert not any(line.endswith(" keras") for line in done.stderr.splitlines())
