"""The lessons: executed in order, small, clean, and really compared with what they stored."""

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "lessons").glob("[0-9][0-9]_*.ipynb"))

every_lesson = pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in LESSONS])


def code_cells(path: Path) -> list[dict]:
    cells = json.loads(path.read_text())["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code" and "".join(cell["source"]).strip()]


def test_there_are_lessons():
    assert [path.name for path in LESSONS][:1] == ["00_start_here.ipynb"]


@every_lesson
def test_executed_in_order_without_errors(path):
    cells = code_cells(path)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    for number, cell in enumerate(cells, 1):
        assert all(output["output_type"] != "error" for output in cell["outputs"]), number
        assert all(output.get("name") != "stderr" for output in cell["outputs"]), number


@every_lesson
def test_small_and_clean(path):
    book = json.loads(path.read_text())
    assert path.stat().st_size < 300_000
    assert "widgets" not in book["metadata"]
    prose = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "markdown"]
    assert len(re.findall(r"^# ", "\n".join(prose), re.MULTILINE)) == 1
    for cell in code_cells(path):
        lines = "".join(cell["source"]).rstrip().split("\n")
        assert len(lines) <= 25
        assert not lines[-1].endswith(";")


@every_lesson
def test_a_sentence_before_and_after_every_output(path):
    kinds = [cell["cell_type"] for cell in json.loads(path.read_text())["cells"]]
    for before, after in pairwise(kinds):
        assert (before, after) != ("code", "code")
    assert (kinds[0], kinds[-1]) == ("markdown", "markdown")


@every_lesson
def test_links_resolve(path):
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "markdown":
            for target in re.findall(r"\]\(([^)#:]+)\)", "".join(cell["source"])):
                assert (path.parent / target).exists(), target


def nbval(path: Path) -> subprocess.CompletedProcess:
    # The root's conftest and pyproject are for the notebook's folder too, as they are for lessons/.
    options = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "conftest"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "--nbval", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["output", "code"])
def test_a_corrupted_copy_fails(tmp_path, fault):
    book = json.loads(LESSONS[0].read_text())
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    cell = next(cell for cell in cells if "practice_faces(count=6" in "".join(cell["source"]))
    if fault == "output":
        (output,) = cell["outputs"]
        assert "".join(output["text"]).startswith("(6, 48, 48)")
        output["text"] = ["".join(output["text"]).replace("(6, 48, 48)", "(6, 48, 49)")]
    else:
        cell["source"] = ["".join(cell["source"]).replace("count=6", "count=-6")]
    copy = tmp_path / LESSONS[0].name
    # Only up to the fault: what follows takes longer and proves nothing.
    book["cells"] = book["cells"][: book["cells"].index(cell) + 1]
    book["cells"] = [c for c in book["cells"] if "checkup" not in "".join(c["source"])]
    book["cells"] = [c for c in book["cells"] if "healthy" not in "".join(c["source"])]
    copy.write_text(json.dumps(book))
    done = nbval(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    assert ("Cell outputs differ" if fault == "output" else "count is -6") in done.stdout
