"""The measurements of the house: `benchmarks/house.py [CHECKOUT] [--slider]`.

Prints a line per figure with its goal: entries, lines, arrows between rooms, function
lengths, comments, and imports of lessons. Every figure is read from the source; only
`--slider` runs the attention panel.
"""

from __future__ import annotations

import argparse
import ast
import io
import os
import statistics
import sys
import time
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

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

COMMENTED = ("models", "training", "results", "explain")
FREE = ("numpy", "pandas", "matplotlib", "keras")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def lines_of(paths: list[Path]) -> int:
    return sum(len(path.read_text("utf-8").splitlines()) for path in paths)


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
    for path in python_files(package):
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


def circles(between: dict[tuple[str, str], set]) -> int:
    """Pairs of rooms that reach each other."""
    reach = defaultdict(set)
    for own, other in between:
        reach[own].add(other)
    for middle in list(reach):
        for others in reach.values():
            if middle in others:
                others |= reach[middle]
    return sum(b in reach[a] and a in reach[b] for a in reach for b in reach if a < b)


def functions(paths: list[Path]) -> list[Function]:
    return [
        node
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, Function)
    ]


def length(function: Function) -> int:
    """Lines of a function without its docstring."""
    total = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is not None:
        total -= function.body[0].end_lineno - function.body[0].lineno + 1
    return total


def is_private(function: Function) -> bool:
    return function.name.startswith("_") and not function.name.endswith("__")


def comments_and_code(paths: list[Path]) -> tuple[int, int]:
    """Lines with a comment, and lines with code; docstrings are neither."""
    comments, code = set(), set()
    for path in paths:
        source = path.read_text("utf-8")
        texts = {
            (path, line)
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            for line in range(node.lineno, node.end_lineno + 1)
        }
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                comments.add((path, token.start[0]))
            elif token.type not in (
                tokenize.NL,
                tokenize.NEWLINE,
                tokenize.INDENT,
                tokenize.DEDENT,
                tokenize.ENDMARKER,
            ):
                lines = range(token.start[0], token.end[0] + 1)
                code |= {(path, line) for line in lines} - texts
    return len(comments), len(code)


def lesson_imports(source: Path) -> int:
    """Import statements of a lesson besides those of `FREE`."""
    count = 0
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or node.names[0].name
            count += module.split(".")[0] not in FREE
    return count


def slider_move(checkout: Path) -> str:
    """Milliseconds of a slider move, all of it and outside drawing."""
    sys.path.insert(0, str(checkout))
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    from fercourse.lessons.lesson04 import drawing
    from fercourse.lessons.lesson04.panel import attention_panel

    panel, drawn, depth = attention_panel(), [0.0], [0]

    def timed(function):
        def call(*arguments, **named):
            started = time.perf_counter()
            depth[0] += 1
            try:
                return function(*arguments, **named)
            finally:
                depth[0] -= 1
                # A function that another one calls is part of its time.
                drawn[0] += 0 if depth[0] else time.perf_counter() - started

        return call

    for name, thing in list(vars(drawing).items()):
        own = getattr(thing, "__module__", "") == drawing.__name__
        is_function = own and callable(thing) and not isinstance(thing, type)
        if is_function and not name.startswith("_"):
            setattr(drawing, name, timed(thing))
    moves, drawing_times = [], []
    for number in range(42):
        drawn[0], started = 0.0, time.perf_counter()
        panel.position.index = 2 + number % 2
        moves.append(1000 * (time.perf_counter() - started))
        drawing_times.append(1000 * drawn[0])
    pairs = zip(moves[2:], drawing_times[2:], strict=True)
    outside = statistics.median(move - drawing for move, drawing in pairs)
    return (
        f"{outside:.1f} ms outside drawing, {statistics.median(moves[2:]):.1f} in all"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path, nargs="?", default=Path("."))
    parser.add_argument("--slider", action="store_true", help="time the panel as well")
    options = parser.parse_args()
    root = options.checkout.resolve()
    package, tests = root / "fercourse", python_files(root / "tests")
    library = python_files(package)
    of_lessons = set(python_files(package / "lessons"))
    own = [path for path in library if path not in of_lessons]

    def row(figure: str, value: object, goal: str) -> None:
        print(f"{figure:<46} {value!s:>34}   {goal}")

    entries = {path.relative_to(package).parts[0] for path in library} - {"__init__.py"}
    row("entries in fercourse/ besides __init__", len(entries), "≤ 9")
    row("lines of the library outside lessons/", lines_of(own), "≤ 8,500")
    row("lines of the library in all", lines_of(library), "≤ 12,800")
    between = arrows(package)
    row("arrows between rooms", len(between), "≤ 50")
    row("upward", sum(is_upward(*pair) for pair in between), "0")
    row("circles", circles(between), "0")
    every = functions(library)
    lengths = sorted(length(function) for function in every)
    row("functions: median lines", round(statistics.median(lengths)), "≤ 9")
    row("functions: 90 % have at most", lengths[int(0.9 * len(lengths))], "≤ 26")
    private = 100 * sum(map(is_private, every)) / len(every)
    row("private functions", f"{private:.0f} %", "≤ 40 %")
    rooms = [path for room in COMMENTED for path in python_files(package / room)]
    comments, code = comments_and_code(rooms)
    share = f"{100 * comments / code:.1f} %" if code else "no such rooms"
    row(f"comment lines per code line in {', '.join(COMMENTED)}", share, "≥ 12 %")
    comments, code = comments_and_code(library)
    row("the same in the whole library", f"{100 * comments / code:.1f} %", "")
    python = [*library, *tests, *python_files(root / "benchmarks")]
    python += [root / "conftest.py", root / "lessons" / "build.py"]
    texts = [line for path in python for line in path.read_text("utf-8").split("\n")]
    row("lines over 88 characters", sum(len(line) > 88 for line in texts), "0")
    row("lines of tests", lines_of(tests), "≤ 9,500")
    sources = sorted((root / "lessons" / "source").glob("*.py"))
    counts = {path.name[:2]: lesson_imports(path) for path in sources}
    by_lesson = " ".join(f"{lesson}:{count}" for lesson, count in counts.items())
    row("import statements a lesson", by_lesson, "≤ 4")
    if options.slider:
        row("a slider move", slider_move(root), "≤ 2 ms outside drawing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
