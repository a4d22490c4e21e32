"""The house: rooms, the direction of imports, and the face that lessons see."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import house
import pytest

import fercourse as fc

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fercourse"
LESSONS = [path for path in PACKAGE.glob("lessons/lesson*") if path.is_dir()]


def loaded_by(code: str) -> set[str]:
    """The modules that are loaded after some code, in a new process."""
    code += "; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True
    )
    return set(done.stdout.decode().split())


def test_there_are_ten_doors_at_most() -> None:
    doors = {path.relative_to(PACKAGE).parts[0] for path in PACKAGE.rglob("*.py")}
    assert len(doors - {"__init__.py"}) <= 10


def test_rooms_import_only_from_rooms_to_their_left() -> None:
    arrows = house.arrows(PACKAGE)
    assert len(arrows) > 10, "the search finds imports"
    assert [pair for pair in arrows if house.is_upward(*pair)] == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)
def test_no_lesson_imports_another(lesson: Path) -> None:
    imports = {name for path in lesson.glob("*.py") for name in house.imported(path)}
    others = {f"fercourse.lessons.{path.name}" for path in LESSONS} - {
        f"fercourse.lessons.{lesson.name}"
    }
    assert not [name for name in imports if name.startswith(tuple(others))]


@pytest.mark.parametrize("source", sorted(ROOT.glob("lessons/source/*.py")))
def test_a_lesson_has_at_most_four_imports(source: Path) -> None:
    assert house.lesson_imports(source) <= 4


def test_rooms_open_on_a_docstring_only() -> None:
    for path in PACKAGE.rglob("*/__init__.py"):
        body = ast.parse(path.read_text("utf-8")).body
        assert len(body) == 1 or path.parent in LESSONS, path


# The face
# -------------------------------------------------------------------------------------


def test_editors_and_python_see_the_same_names() -> None:
    block = next(
        node
        for node in ast.parse((PACKAGE / "__init__.py").read_text("utf-8")).body
        if isinstance(node, ast.If)
    )
    shown = {alias.name: node.module for node in block.body for alias in node.names}
    homes = {
        name: f"fercourse.{home}"
        for home, names in fc._HOMES.items()
        for name in names.split()
    }
    assert shown == homes
    assert dir(fc) == fc.__all__ == sorted(shown)


@pytest.mark.parametrize("name", fc.__all__)
def test_a_public_name_is_explained_with_an_example(name: str) -> None:
    thing = getattr(fc, name)
    assert not (PACKAGE / name).exists() and not (PACKAGE / f"{name}.py").exists()
    if callable(thing):
        documentation = inspect.getdoc(thing)
        example = documentation.partition("Example: `")[2].partition("`")[0]
        assert example and (f"fc.{name}" in example or inspect.isclass(thing))
        ast.parse(example)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'vgg18'"):
        fc.vgg18  # noqa: B018


@pytest.mark.parametrize("lesson", [path.name for path in LESSONS])
def test_what_a_lesson_exports_is_there(lesson: str) -> None:
    package = __import__(f"fercourse.lessons.{lesson}", fromlist=["x"])
    modules = {path.stem for path in (PACKAGE / "lessons" / lesson).glob("*.py")}
    assert package.__all__ and not modules & set(package.__all__)
    assert all(hasattr(package, name) for name in package.__all__)


HEAVY = {"keras", "tensorflow", "jax", "torch", "matplotlib", "pandas", "sklearn"}


def test_import_is_quick_and_takes_no_backend_in() -> None:
    code = (
        "import time; start = time.perf_counter(); import fercourse; "
        "assert time.perf_counter() - start < 0.5"
    )
    assert not loaded_by(code) & HEAVY


@pytest.mark.parametrize(
    ("code", "never"),
    [
        ("import fercourse.plots.widgets", "fercourse.lessons.lesson04"),
        ("import fercourse.lessons.lesson05.compared", "fercourse.lessons.lesson04"),
        ("import fercourse.__main__", "fercourse.lessons"),
        ("import fercourse.__main__", "keras"),
    ],
)
def test_small_things_do_not_load_large_ones(code: str, never: str) -> None:
    assert not [name for name in loaded_by(code) if name.startswith(never)]
