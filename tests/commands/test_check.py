"""`python -m fercourse check` about data: what is asked for must be there."""

import pytest
from copies import LINES, write

from fercourse.commands.check import check_installation, print_check
from fercourse.data.fer2013 import load


@pytest.fixture(autouse=True)
def no_data(tmp_path, monkeypatch):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("FERCOURSE_DATA", raising=False)
    monkeypatch.delenv("FERCOURSE_PROFILE", raising=False)
    monkeypatch.setattr(load, "REPOSITORY", tmp_path / "nowhere")
    monkeypatch.chdir(tmp_path)


def line_with(word):
    """The only line of the report with a word, and whether all is well."""
    lines, healthy = check_installation()
    (line,) = (line for line in lines if word in line)
    return line, healthy


@pytest.mark.parametrize("value", ["missing", "'~/no such folder' ", "C:\\data"])
def test_a_path_that_finds_nothing_fails(monkeypatch, value):
    monkeypatch.setenv("FERCOURSE_DATA", value)
    line, healthy = line_with("FERCOURSE_DATA (")
    assert line.startswith("[FAIL]") and not healthy
    assert value.strip("' ").removeprefix("~") in line
    assert "no such file or folder" in line.casefold()
    monkeypatch.setenv("FERCOURSE_PROFILE", "practice")  # which needs no data
    line, healthy = line_with("FERCOURSE_DATA (")
    assert line.startswith("[ -- ]") and healthy


@pytest.mark.parametrize("lines", [["image,label", "0.png,3"], [*LINES[:2], "3,1 2"]])
def test_a_foreign_or_broken_file_in_a_usual_place_does_not_fail(tmp_path, lines):
    write(tmp_path / "data" / "fer2013.csv", lines)
    line, healthy = line_with("Passed over fer2013.csv")
    assert line.startswith("[ -- ]") and healthy


def test_a_split_that_is_missing_is_said(tmp_path, monkeypatch):
    path = write(tmp_path / "train.csv", [row.rsplit(",", 1)[0] for row in LINES[:9]])
    monkeypatch.setenv("FERCOURSE_DATA", str(path))
    line, healthy = line_with("There is no test split")
    assert line.startswith("[ -- ]") and healthy
    words = "train.csv has not all three splits of FER2013 with labels"
    assert line_with("profile:")[0].endswith(words)


def test_another_data_set_is_not_taken_for_fer2013(tmp_path, monkeypatch):
    monkeypatch.setenv("FERCOURSE_DATA", str(write(tmp_path / "ckextended.csv")))
    line, healthy = line_with("profile: practice")
    assert line.endswith("ckextended.csv is another data set than FER2013") and healthy


def test_weights_that_are_not_there_fail(monkeypatch):
    monkeypatch.setenv("FERCOURSE_VGG19_WEIGHTS", "~/missing.h5")
    line, healthy = line_with("FERCOURSE_VGG19_WEIGHTS")
    assert line.startswith("[FAIL]") and "missing.h5" in line and not healthy


def test_how_to_open_the_lessons_is_said_only_outside_them(capsys):
    lines, healthy = check_installation()
    assert healthy and not any(line.startswith("Next:") for line in lines)
    assert print_check() == 0
    assert capsys.readouterr().out.endswith("Next: `make lab` opens the lessons.\n")
