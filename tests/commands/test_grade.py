"""`python -m fercourse grade`: whatever a notebook does, there is a row."""

import csv
import io
from pathlib import Path

import nbformat
import pytest

from fercourse.__main__ import main
from fercourse.commands.grade import grade
from fercourse.machine import REPOSITORY

LESSON = REPOSITORY / "lessons" / "00_start_here.ipynb"  # three exercises

BEGIN = (
    "from fercourse.lessons.lesson00.checks import *\nfrom fercourse import EMOTIONS"
)
RIGHT = "check_answer_in_words(lambda p: EMOTIONS[p.argmax()])"
WRONG = "check_answer_in_words(lambda p: EMOTIONS[p.argmin()])"
STUB = "check_always_happy(lambda labels: ...)"


def notebook(path: Path, *code: str) -> Path:
    """A student's notebook with a few cells of code."""
    cells = [nbformat.v4.new_code_cell(text) for text in code]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.mark.slow
def test_a_row_for_each_notebook(tmp_path, capsys):
    notebook(tmp_path / "anna" / "00_start_here.ipynb", BEGIN, WRONG, RIGHT, STUB)
    notebook(tmp_path / "ben" / "00_mine.ipynb", BEGIN, "1 / 0", WRONG)
    notebook(tmp_path / "ben" / ".ipynb_checkpoints" / "00_mine.ipynb", "1 / 0")
    notebook(tmp_path / "ben" / "notes.ipynb", "1 / 0")
    (tmp_path / "cleo").mkdir()
    (tmp_path / "cleo" / "00_start_here.ipynb").write_text("not a notebook")
    assert main(["grade", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    anna, ben, cleo = csv.DictReader(io.StringIO(printed.out))
    tallies = [
        tuple(row[name] for name in ("student", "solved", "tried", "total"))
        for row in (anna, ben, cleo)
    ]
    assert tallies == [
        ("anna", "1", "1", "3"),
        ("ben", "0", "1", "3"),
        ("cleo", "0", "0", "3"),
    ]
    assert anna["remark"] == ""
    assert ben["remark"].startswith("1 cell failed, first with ZeroDivisionError")
    assert cleo["remark"].startswith("NotJSONError")
    assert "other people's code" in printed.err
    assert "notes.ipynb: left out" in printed.err.replace("\n", " ")


@pytest.mark.parametrize(
    ("code", "remark"),
    [
        ("while True: print('x' * 1000)", "stopped after"),
        ("import time\nwhile True:\n  try: time.sleep(9)\n  except: pass", "stopped"),
        ("import os; os._exit(0)", "its process ended"),
    ],
    ids=["endless", "stubborn", "dead"],
)
def test_what_never_ends_or_ends_too_soon(tmp_path, code, remark):
    path = notebook(tmp_path / "00_start_here.ipynb", code, "1 + 1")
    tally = grade(path, LESSON, minutes=5 / 60)
    assert tally[:3] == (0, 0, 3)
    assert tally.remark.startswith(remark)


def test_a_folder_without_notebooks(tmp_path, capsys):
    assert main(["grade", str(tmp_path)]) == 1
    assert "contains no lesson's notebook, such as 00_start" in capsys.readouterr().err
