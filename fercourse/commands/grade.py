"""Run students' notebooks and count the exercises that the checks accept.

Each notebook runs in a process of its own. That is no protection: students' code can
do whatever the account can that runs it.
"""

from __future__ import annotations

import csv
import logging
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from fercourse.machine import LESSON_ENVIRONMENT, REPOSITORY, VERDICTS_VARIABLE

WARNING = """\
fercourse: this runs other people's code with your rights: your files, your network.
Use a container, or an account that has nothing to lose. A notebook can also forge its
tally, so read the code where a mark depends on it."""

_EXERCISE = re.compile(r"^### ✏️ Exercise (\d+)\.(\d+)", re.MULTILINE)


class Grade(NamedTuple):
    """The tally of a notebook."""

    solved: int  # exercises whose check accepted the answer when it last ran
    tried: int  # exercises whose answer is no longer the stub
    total: int
    remark: str  # what went wrong, or empty


class _Client(NotebookClient):
    """Keeps errors only: endless output must not fill the memory."""

    def output(self, outs, msg, display_id, cell_index):
        if msg["msg_type"] == "error":
            return super().output(outs, msg, display_id, cell_index)
        return None


def print_grades(folder: Path, minutes: float) -> int:
    """Print a row of CSV for each notebook in a folder and in its subfolders.

    Raises:
        ValueError: the folder contains no lesson's notebook.
    """
    print(WARNING, file=sys.stderr)
    notebooks = _find_notebooks(folder)
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("student", "notebook", *Grade._fields))
    for path, lesson in notebooks:
        student = path.relative_to(folder).parent.as_posix()
        table.writerow((student, path.name, *grade(path, lesson, minutes)))
        sys.stdout.flush()  # an interrupt loses nothing that was graded
    return 0


def _find_notebooks(folder: Path) -> list[tuple[Path, Path]]:
    """Students' notebooks, each with the lesson whose number it begins with."""
    lessons = {path.name[:2]: path for path in REPOSITORY.glob("lessons/0*.ipynb")}
    notebooks = []
    for path in sorted(folder.rglob("*.ipynb")):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue  # such as .ipynb_checkpoints
        if lesson := lessons.get(path.name[:2]):
            notebooks.append((path, lesson))
        else:
            why = "left out, its name begins with the number of no lesson"
            print(f"fercourse: {path.relative_to(folder)}: {why}", file=sys.stderr)
    if not notebooks:
        example = lessons["00"].name
        raise ValueError(f"{folder} contains no lesson's notebook, such as {example}.")
    return notebooks


def grade(path: Path, lesson: Path, minutes: float) -> Grade:
    """Run a student's notebook and count what its checks said.

    Whatever the notebook does, there is an answer: a cell that fails ends only that
    cell, and a notebook that runs for too long keeps what it had solved until then.
    """
    cells = nbformat.read(lesson, as_version=4).cells
    exercises = [x for cell in cells for x in _EXERCISE.findall(cell.source)]
    with tempfile.TemporaryDirectory() as folder:
        verdicts = Path(folder) / "verdicts"
        try:
            remark = _run(path, verdicts, minutes)
        except Exception as error:  # no notebook, or one whose kernel never starts
            remark = f"{type(error).__name__}: {error}"
        last = _last_verdicts(verdicts)
    statuses = [last.get((int(a), int(b)), "not done") for a, b in exercises]
    tried = sum(status != "not done" for status in statuses)
    remark = " ".join(remark.split())
    return Grade(statuses.count("right"), tried, len(exercises), f"{remark:.200}")


def _run(path: Path, verdicts: Path, minutes: float) -> str:
    """Execute a notebook from its own folder; returns what went wrong, or ""."""
    book = nbformat.read(path, as_version=4)
    deadline = time.monotonic() + 60 * minutes
    log = logging.getLogger("fercourse.grade")
    log.setLevel(logging.CRITICAL)  # the remark says it
    client = _Client(
        book,
        # What is left of the notebook's time; 0 would mean no limit.
        timeout_func=lambda _: max(1, round(deadline - time.monotonic())),
        shell_timeout_interval=1,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": path.parent}},
        extra_arguments=["--IPKernelApp.log_level=40"],  # no warning about TCP
        log=log,
    )
    environment = {**LESSON_ENVIRONMENT, VERDICTS_VARIABLE: str(verdicts)}
    try:
        client.execute(env={**os.environ, **environment})
    except CellTimeoutError:
        return f"stopped after {minutes:g} minutes"
    except DeadKernelError:
        return "its process ended before the last cell"
    errors = [
        f"{output.ename}: {output.evalue}"
        for cell in book.cells
        for output in cell.get("outputs", [])
    ]
    cells = f"{len(errors)} cell{'s' if len(errors) > 1 else ''}"
    return f"{cells} failed, first with {errors[0]}" if errors else ""


def _last_verdicts(path: Path) -> dict[tuple[int, int], str]:
    """What the check of each exercise, such as (3, 1), said when it last ran."""
    text = path.read_text("utf-8", "replace") if path.exists() else ""
    lines = re.findall(r"^(\d+)\.(\d+) (.*)$", text, re.MULTILINE)
    return {(int(lesson), int(number)): status for lesson, number, status in lines}
