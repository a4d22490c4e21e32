"""Build and execute the notebooks: `make lessons`, or `lessons/build.py 02 03`.

A source is a percent script in `lessons/source/`. From it come two notebooks: the
lesson, in which the solutions are replaced by stubs, and the solutions, without the
cells tagged `lesson-only`. In a code cell

    # BEGIN SOLUTION
    return features.mean(axis=-1)
    # STUB
    # return ...  # your code here
    # END SOLUTION

marks what is replaced; without a STUB part an indented solution becomes `return ...  #
your code here`.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
import tomllib
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

LESSONS = Path(__file__).parent
SOURCES = LESSONS / "source"
APP = LESSONS / "app" / "attention_panel.ipynb"
"""Written by hand: what `make app` shows."""

LESSON_ONLY, SOLUTIONS_ONLY = "lesson-only", "solutions-only"
KEPT_TAGS = ("nbval-ignore-output", "depends-on-profile", "raises-exception")

_SOLUTION = re.compile(
    r"^(?P<indent> *)# BEGIN SOLUTION\n(?P<solution>.*?)"
    r"(?:^ *# STUB\n(?P<stub>.*?))?^ *# END SOLUTION(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)

COLAB = """\
import sys

if "google.colab" in sys.modules and sys.path[0] != "..":  # fetch the course, once
    !test -d course || git clone -q --depth 1 {address} course
    %cd -q course/lessons
    %pip install -q -e ..
    sys.path.insert(0, "..")"""
"""The first code cell of every notebook; outside Colab it does nothing."""


def sources() -> list[Path]:
    """The percent scripts of all lessons, in order."""
    return sorted(SOURCES.glob("[0-9][0-9]_*.py"))


def notebook_paths(source: Path) -> dict[str, Path]:
    """Where the two notebooks of a source lie, by kind: "lesson" and "solutions"."""
    name = f"{source.stem}.ipynb"
    return {"lesson": LESSONS / name, "solutions": LESSONS / "solutions" / name}


def build(source: Path, kind: str) -> nbformat.NotebookNode:
    """A notebook without outputs.

    Args:
        source: a percent script.
        kind: "lesson" or "solutions".

    Raises:
        ValueError: a solution is marked wrongly; the message names the script and the
            cell.
    """
    script = jupytext.reads(source.read_text("utf-8"), fmt="py:percent")
    left_out = SOLUTIONS_ONLY if kind == "lesson" else LESSON_ONLY
    cells = []
    for number, cell in enumerate(script.cells, 1):
        tags = cell.metadata.get("tags", [])
        if left_out in tags:
            continue
        metadata = {"tags": [tag for tag in tags if tag in KEPT_TAGS]}
        text = cell.source
        if cell.cell_type == "code":
            try:
                text = _with_stubs(text) if kind == "lesson" else _with_solutions(text)
            except ValueError as error:
                raise ValueError(f"{source.name}, cell {number}: {error}") from None
        elif kind == "solutions":
            text = _from_below(text, number == 1)
        cells.append((cell.cell_type, text, metadata if metadata["tags"] else {}))
    cells.insert(1, ("code", COLAB.format(address=_address()), {}))
    book = nbformat.v4.new_notebook()
    book.metadata = {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    make = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
    }
    book.cells = [
        make[cell_type](text, metadata=metadata, id=f"cell-{number:02d}")
        for number, (cell_type, text, metadata) in enumerate(cells, 1)
    ]
    return book


def execute(book: nbformat.NotebookNode, folder: Path) -> None:
    """Run a notebook in a folder, as JupyterLab would, and keep its outputs.

    Raises:
        ValueError: a cell wrote to the error stream, which a learner would take for a
            fault.
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    client = NotebookClient(
        book,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": folder}},
        coalesce_streams=True,
        extra_arguments=[
            "--IPKernelApp.log_level=40"
        ],  # no warning about a kernel that talks over TCP
    )
    metadata = dict(book.metadata)
    client.execute()
    book.metadata = nbformat.from_dict(
        metadata
    )  # not the kernel's version, nor the state of widgets
    for cell in book.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise ValueError(f"{cell.id} wrote to the error stream: {output.text}")


def _with_solutions(text: str) -> str:
    text = _SOLUTION.sub(lambda found: found["solution"], text).rstrip("\n")
    return _without_marks(text)


def _with_stubs(text: str) -> str:
    def stub(found: re.Match) -> str:
        if found["stub"] is not None:
            return re.sub(r"^( *)# ?", r"\1", found["stub"], flags=re.MULTILINE)
        if not found["indent"]:
            raise ValueError(
                "a solution at the left edge needs a # STUB part, such as `# answer = "
                "...`."
            )
        return f"{found['indent']}return ...  # your code here\n"

    return _without_marks(_SOLUTION.sub(stub, text).rstrip("\n"))


def _without_marks(text: str) -> str:
    if left := re.search(r"# (BEGIN SOLUTION|STUB|END SOLUTION)", text):
        raise ValueError(
            f"`{left[0]}` is alone; expected BEGIN SOLUTION … STUB … END SOLUTION."
        )
    return text


def _from_below(text: str, first: bool) -> str:
    """A lesson's prose for the folder of solutions: links go one folder up."""
    text = re.sub(r"\]\((?![a-z]+:|#)([^)]+)\)", r"](../\1)", text)
    return re.sub(r"\A# ", "# Solutions: ", text) if first else text


def _address() -> str:
    pyproject = tomllib.loads((LESSONS.parent / "pyproject.toml").read_text("utf-8"))
    return pyproject["project"]["urls"]["Repository"]


def main() -> int:
    """Build the lessons whose numbers are given, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "numbers", nargs="*", help="such as 02; all lessons without any"
    )
    numbers = parser.parse_args().numbers
    sys.path.insert(0, str(LESSONS.parent))
    from fercourse.machine import LESSON_ENVIRONMENT

    os.environ.update(LESSON_ENVIRONMENT)
    for source in sources():
        if numbers and source.name[:2] not in numbers:
            continue
        for kind, path in notebook_paths(source).items():
            started = time.monotonic()
            book = build(source, kind)
            path.parent.mkdir(exist_ok=True)
            execute(book, path.parent)
            beside = path.with_name(f".{path.name}.part")
            nbformat.write(book, beside)
            os.replace(beside, path)
            print(f"{path.relative_to(LESSONS)}: {time.monotonic() - started:.0f} s")
    if not numbers:
        app = nbformat.read(APP, as_version=4)
        execute(app, APP.parent)
        nbformat.write(app, APP)
    return 0


if __name__ == "__main__":
    sys.exit(main())
