"""`python -m fercourse release`: the course for students, without solutions."""

import re

import nbformat
import pytest

from fercourse.__main__ import main
from fercourse.machine import REPOSITORY

SOLUTION = re.compile(r"# BEGIN SOLUTION\n(.*?)(?:# STUB.*?)?# END SOLUTION", re.DOTALL)


def solutions() -> list[str]:
    """Every solution that is long enough not to be found by accident, in one line."""
    sources = (REPOSITORY / "lessons" / "source").glob("0*.py")
    texts = [x for path in sources for x in SOLUTION.findall(path.read_text("utf-8"))]
    lines = [" ".join(text.replace("# %%", "").split()) for text in texts]
    return [line for line in lines if len(line) > 50]


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    folder = tmp_path_factory.mktemp("release") / "course"
    assert main(["release", str(folder), "--repository", "me/my-class"]) == 0
    return folder


def test_nothing_of_a_solution_is_left(release):
    assert len(solutions()) > 20
    kinds = (".py", ".md", ".ipynb", ".toml", ".yml", ".json")
    paths = [path for path in release.rglob("*") if path.suffix in kinds]
    assert release / "fercourse" / "lessons" / "exercise.py" in paths
    for path in paths:
        text = path.read_text("utf-8")
        if path.suffix == ".ipynb":
            cells = nbformat.reads(text, as_version=4).cells
            text = "\n".join(cell.source for cell in cells)
            assert not re.search(r"solutions\s+are\s+in", text, re.IGNORECASE)
        line = " ".join(text.split())
        assert [solution for solution in solutions() if solution in line] == [], path
        if "lessons" in path.parts:
            assert "BEGIN SOLUTION" not in line, path


def test_the_links_open_the_students_repository(release):
    lesson = (release / "lessons" / "00_start_here.ipynb").read_text("utf-8")
    assert "github.com/me/my-class" in lesson and "fercourse/fercourse" not in lesson
    readme = (release / "README.md").read_text("utf-8")
    assert "says what is wrong. You should know Python" in " ".join(readme.split())
    assert "github/me/my-class" in readme and "instructors" not in readme


def test_a_folder_in_use_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").touch()
    assert main(["release", str(tmp_path)]) == 1
    assert "name a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
