"""The house: rooms, the direction of imports, and the face that lessons see."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import fercourse as fc

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fercourse"
LESSONS = [path for path in PACKAGE.glob("lessons/lesson*") if path.is_dir()]

ORDER = (
    ("machine",),
    ("data",),
    ("plots", "models"),
    ("training",),
    ("results",),
    ("explain",),
    ("lessons", "commands"),
)
"""The rooms from left to right; those of one group do not import each other."""

FREE = ("numpy", "pandas", "matplotlib", "keras")
"""What a lesson may import besides."""


def room_of(module: str) -> str | None:
    """The room of a dotted module name; None for the top of the package."""
    parts = module.split(".")
    return parts[1] if parts[0] == "fercourse" and len(parts) > 1 else None


def imported(path: Path) -> Iterator[str]:
    """The modules of the course that a file imports, wherever the statement is."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.startswith("fercourse."))


def arrows(package: Path) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Imports between rooms: (from, to) to the files and modules that make each."""
    between = defaultdict(set)
    rooms = {path.name.removesuffix(".py") for path in package.iterdir()}
    for path in package.rglob("*.py"):
        own = path.relative_to(package).parts[0].removesuffix(".py")
        if own == "__init__":
            continue  # the face, which may name every room
        for module in imported(path):
            room = room_of(module)
            if room in rooms - {own}:
                between[own, room].add((path.stem, module))
    return between


def is_upward(own: str, other: str) -> bool:
    """Whether an import goes to the right, or within a group of rooms kept apart."""
    place = {room: number for number, group in enumerate(ORDER) for room in group}
    return place.get(other, -1) >= place.get(own, len(ORDER))


def lesson_imports(source: Path) -> int:
    """Import statements of a lesson besides those of `FREE`."""
    count = 0
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or node.names[0].name
            count += module.split(".")[0] not in FREE
    return count


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
    between = arrows(PACKAGE)
    assert len(between) > 10, "the search finds imports"
    assert {pair: where for pair, where in between.items() if is_upward(*pair)} == {}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)
def test_no_lesson_imports_another(lesson: Path) -> None:
    imports = {name for path in lesson.glob("*.py") for name in imported(path)}
    others = {f"fercourse.lessons.{path.name}" for path in LESSONS} - {
        f"fercourse.lessons.{lesson.name}"
    }
    assert not [name for name in imports if name.startswith(tuple(others))]


@pytest.mark.parametrize("source", sorted(ROOT.glob("lessons/source/*.py")))
def test_a_lesson_has_at_most_four_imports(source: Path) -> None:
    assert lesson_imports(source) <= 4


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
