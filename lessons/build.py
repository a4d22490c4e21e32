"""Build and execute the notebooks: `make lessons`, or `lessons/build.py 02 03`.

A source is a percent script in `lessons/source/`. From it come two notebooks: the
lesson, in which the solutions are replaced by stubs, and the solutions, without the
cells tagged `lesson-only`. Both get a row of links below their title, and a folded cell
for Colab before their first code. The lesson also gets its minutes, and the picture
that the cell tagged `title-picture` shows. In a code cell

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
import base64
import html
import io
import os
import platform
import re
import sys
import time
import tomllib
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from PIL import Image, PngImagePlugin

LESSONS = Path(__file__).parent
SOURCES = LESSONS / "source"
README = LESSONS.parent / "README.md"
INDEX = LESSONS / "index.ipynb"
"""The contents page: JupyterLab would open README.md as text."""
GLOSSARY = LESSONS / "glossary.ipynb"
"""Built from `source/glossary.md`, for the same reason."""
APP = LESSONS / "app" / "attention_panel.ipynb"
"""Written by hand: what `make app` shows."""

PICTURES = LESSONS / "images"
"""Next to the README's two pictures, one for each lesson that has a title picture."""

LESSON_ONLY, SOLUTIONS_ONLY = "lesson-only", "solutions-only"
TITLE_PICTURE = "title-picture"
WIDEST_PICTURE = 560
"""Of the title pictures, in CSS pixels."""
CHART = 'class="fc-chart"'
"""Marks a figure that is light on dark on a dark page (`fercourse.plots.figures`)."""
WIDGET = "application/vnd.jupyter.widget-view+json"
KEPT_TAGS = (
    "nbval-ignore-output",
    "depends-on-profile",
    "raises-exception",
    TITLE_PICTURE,
)

_SOLUTION = re.compile(
    r"^(?P<indent> *)# BEGIN SOLUTION\n(?P<solution>.*?)"
    r"(?:^ *# STUB\n(?P<stub>.*?))?^ *# END SOLUTION(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)

COLAB = """\
# @title Run this first in Colab
import sys

if "google.colab" in sys.modules and sys.path[0] != "..":  # fetch the course, once
    !test -d course || git clone -q --depth 1 {address} course
    %cd -q course/lessons
    %pip install -q -e ..
    sys.path.insert(0, "..")"""
"""The first code cell of every notebook; outside Colab it does nothing."""

FOLDED = {
    "cellView": "form",
    "jupyter": {"source_hidden": True},
    "tags": ["hide-input"],
}
"""Hides a cell's code in Colab, in JupyterLab and on a page made from the notebook."""

METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": platform.python_version(),
    },
}
"""What the kernel says of itself. JupyterLab writes this into every notebook that it
opens, and calls the notebook unsaved if anything was different."""

WORDS_A_MINUTE = 200
MINUTES_A_CELL = 1
"""To run a code cell and to look at what comes out."""
MINUTES_AN_EXERCISE = 8

_EXERCISE = re.compile(r"^### ✏️ Exercise (\d+\.\d+)", re.MULTILINE)
_IMAGE = re.compile(
    r'<img alt="(?P<alt>[^"]*)" style="[^"]*\bwidth:(?P<width>\d+)px[^>]* '
    r'src="data:image/png;base64,(?P<png>[^"]+)"'
)
_DETAILS_END = re.compile(r"</details>(?=\n\n)")
"""Where text goes on after something that folds out; no margin is there by itself."""
_README_ROW = re.compile(
    r"^(\| \[\d\d [^\]]+\]\(lessons/(\w+)\.ipynb\) .*\| )\d+ \|", re.MULTILINE
)
_INDEX_ROW = re.compile(r"^\| (.*\d\d .+?) \| (.+?) \|.*\| (\d+) \|$", re.MULTILINE)
_FACES = re.compile(r'<img src="[^"]*practice_faces.*?>', re.DOTALL)

CONTENTS = """\
# The lessons

A course that rebuilds one paper, *A Visual Attention Based VGG19 Network for Facial
Expression Recognition*, and tests what it claims.

{picture}

{table}

The minutes include the exercises. Each lesson builds on the ones before it; begin with
[lesson 00](00_start_here.ipynb), which finds out what your machine can run. Solutions
are in the folder `solutions`. The [glossary](glossary.ipynb) explains the terms."""


def sources() -> list[Path]:
    """The percent scripts of all lessons, in order."""
    return sorted(SOURCES.glob("[0-9][0-9]_*.py"))


def notebook_paths(source: Path) -> dict[str, Path]:
    """The paths of the two notebooks of a source, by kind: "lesson" and "solutions"."""
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
    cells = _cells(source, kind)
    links = _links(source, kind)
    if kind == "lesson":
        links += f"{_title_picture(source)}\n\n{_how_long(cells)}"
    title, _, rest = cells[0].source.partition("\n")
    cells[0].source = f"{title}\n\n{links}\n{rest}".rstrip("\n")
    if kind == "solutions":
        for cell in cells:
            if cell.cell_type == "markdown":
                cell.source = _from_below(cell.source)
        cells[0].source = cells[0].source.replace("# ", "# Solutions: ", 1)
    colab = nbformat.v4.new_code_cell(COLAB.format(address=_address()), metadata=FOLDED)
    kinds = [cell.cell_type for cell in cells]
    cells.insert(kinds.index("code"), colab)
    return _notebook(cells)


def _notebook(cells: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    """A notebook of these cells, which it numbers."""
    for number, cell in enumerate(cells, 1):
        cell.id = f"cell-{number:02d}"
    return nbformat.v4.new_notebook(metadata=METADATA, cells=cells)


def minutes(source: Path) -> int:
    """How long a lesson takes with its exercises, to the nearest five minutes."""
    return _rounded(sum(_minutes(_cells(source, "lesson")).values()))


def readme_with_minutes(page: str) -> str:
    """The README with the minutes of its table of lessons brought up to date."""
    return _README_ROW.sub(
        lambda row: f"{row[1]}{minutes(SOURCES / f'{row[2]}.py')} |", page
    )


def index() -> nbformat.NotebookNode:
    """The contents page: README.md's table, and what each lesson teaches."""
    page = README.read_text("utf-8").replace("lessons/", "")
    rows = [("lesson", "question it answers", "minutes"), ("---", "---", "---:")]
    rows += _INDEX_ROW.findall(page)
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    picture = "".join(_FACES.findall(page))
    parts = [CONTENTS.format(picture=picture, table=table)]
    parts += ["## What you can do afterwards"]
    for source in sources():
        first = _cells(source, "lesson")[0].source
        goals = first.partition("Afterwards you can")[2].strip()
        parts.append(f"### {_link(source)}\n\n{goals}")
    return _pages(parts)


def glossary() -> nbformat.NotebookNode:
    """The glossary, a cell for each letter."""
    page = (SOURCES / "glossary.md").read_text("utf-8").strip()
    return _pages(re.split(r"\n\n(?=## )", page))


def _pages(parts: list[str]) -> nbformat.NotebookNode:
    """A notebook without code."""
    return _notebook([nbformat.v4.new_markdown_cell(part) for part in parts])


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
            if "text/html" in output.get("data", {}):
                # A widget's still is shown only where the live widget is not offered.
                output.data.pop(WIDGET, None)


def _cells(source: Path, kind: str) -> list[nbformat.NotebookNode]:
    """The cells of a source that belong to a notebook, solutions shown or hidden."""
    script = jupytext.reads(source.read_text("utf-8"), fmt="py:percent")
    left_out = SOLUTIONS_ONLY if kind == "lesson" else LESSON_ONLY
    cells = []
    for number, cell in enumerate(script.cells, 1):
        tags = cell.metadata.get("tags", [])
        if left_out in tags:
            continue
        kept = [tag for tag in tags if tag in KEPT_TAGS]
        metadata = {"tags": kept} if kept else {}
        if cell.cell_type == "markdown":
            text = _DETAILS_END.sub("</details><br>", cell.source)
            cells.append(nbformat.v4.new_markdown_cell(text, metadata=metadata))
            continue
        fill = _with_stubs if kind == "lesson" else _with_solutions
        try:
            text = fill(cell.source)
        except ValueError as error:
            raise ValueError(f"{source.name}, cell {number}: {error}") from None
        cells.append(nbformat.v4.new_code_cell(text, metadata=metadata))
    return cells


def _links(source: Path, kind: str) -> str:
    """The row below a title: previous, contents, next, Colab."""
    contents = f"[Contents]({INDEX.name})"
    if kind == "solutions":
        return f"[The lesson]({source.stem}.ipynb) · {contents}"
    lessons = sorted(source.parent.glob("[0-9][0-9]_*.py"))
    here = lessons.index(source)
    before = [f"← {_link(path)}" for path in lessons[:here][-1:]]
    after = [f"{_link(path)} →" for path in lessons[here + 1 :][:1]]
    page = _address().removeprefix("https://github.com/")
    colab = (
        "[Open in Colab](https://colab.research.google.com/github/"
        f"{page}/blob/main/lessons/{source.stem}.ipynb)"
    )
    return " · ".join([*before, contents, *after, colab])


def _link(source: Path) -> str:
    title = source.read_text("utf-8").partition("# # ")[2].partition("\n")[0]
    return f"[{source.name[:2]} {title}]({source.stem}.ipynb)"


def _minutes(cells: list[nbformat.NotebookNode]) -> dict[str, float]:
    """Minutes for each `##` section; what comes before the first is called ""."""
    title = ""
    minutes = {title: 0.0}
    for cell in cells:
        if cell.cell_type == "code":
            minutes[title] += MINUTES_A_CELL
            continue
        for part in re.split(r"^(?=## )", cell.source, flags=re.MULTILINE):
            if heading := re.match(r"## (.*)", part):
                title = heading[1]
                minutes.setdefault(title, 0.0)
            minutes[title] += len(part.split()) / WORDS_A_MINUTE
            minutes[title] += len(_EXERCISE.findall(part)) * MINUTES_AN_EXERCISE
    return minutes


def keep_title_picture(book: nbformat.NotebookNode, source: Path) -> None:
    """Store what an executed lesson's title-picture cell shows, and put it on top.

    The picture's file keeps its alternative text, its size, and whether it is a chart,
    so that `build` finds them.

    Raises:
        ValueError: the cell shows no picture.
    """
    path = PICTURES / f"{source.stem}.png"
    tagged = [c for c in book.cells if TITLE_PICTURE in c.metadata.get("tags", [])]
    if not tagged:
        path.unlink(missing_ok=True)
        return
    shown = "".join(o.get("data", {}).get("text/html", "") for o in tagged[0].outputs)
    image = _IMAGE.search(shown)
    if image is None:
        raise ValueError(f"{source.name}: the cell tagged {TITLE_PICTURE} shows none.")
    about = PngImagePlugin.PngInfo()
    about.add_itxt("Description", html.unescape(image["alt"]))
    if CHART in image[0]:
        about.add_itxt("Comment", CHART)
    picture = Image.open(io.BytesIO(base64.b64decode(image["png"])))
    dots = 96 * picture.width / int(image["width"])  # an inch; 96 CSS pixels are one
    picture.save(path, "PNG", pnginfo=about, dpi=(dots, dots), optimize=True)
    book.cells[0].source = build(source, "lesson").cells[0].source


def _title_picture(source: Path) -> str:
    """The picture under a lesson's links as HTML, or "" if it has none."""
    path = PICTURES / f"{source.stem}.png"
    if not path.exists():
        return ""
    with Image.open(path) as picture:
        alt = html.escape(picture.info["Description"])
        width = round(96 * picture.width / picture.info["dpi"][0])
        chart = f"{CHART} " if picture.info.get("Comment") == CHART else ""
    look = f'{chart}style="border-radius:6px"'
    width = min(width, WIDEST_PICTURE)
    # Part of the links' paragraph, for there is room below one.
    return (
        f'<br><br>\n<img src="images/{path.name}" {look} width="{width}" alt="{alt}">'
    )


def _how_long(cells: list[nbformat.NotebookNode]) -> str:
    """The minutes in one line that folds out section by section."""
    minutes = _minutes(cells)
    exercises = sum(len(_EXERCISE.findall(cell.source)) for cell in cells)
    total = _rounded(sum(minutes.values()))
    reading = total - exercises * MINUTES_AN_EXERCISE
    parts = [f"{title} ({max(1, round(m))})" for title, m in minutes.items() if title]
    return (
        f"<details><summary>About {total} minutes: {reading} of reading, and "
        f"{exercises} exercises</summary>\n\n{' · '.join(parts)}\n\n</details><br>"
    )


def _rounded(exact: float) -> int:
    return max(5, 5 * round(exact / 5))


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


def _from_below(text: str) -> str:
    """Prose for the folder of solutions: its links go one folder up."""
    return re.sub(r"\]\((?![a-z]+:|#)([^)]+)\)", r"](../\1)", text)


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
    from fercourse.machine import LESSON_ENVIRONMENT, write_whole

    os.environ.update(LESSON_ENVIRONMENT)
    for source in sources():
        if numbers and source.name[:2] not in numbers:
            continue
        for kind, path in notebook_paths(source).items():
            started = time.monotonic()
            book = build(source, kind)
            path.parent.mkdir(exist_ok=True)
            execute(book, path.parent)
            if kind == "lesson":
                keep_title_picture(book, source)
            with write_whole(path) as part:
                nbformat.write(book, part)
            print(f"{path.relative_to(LESSONS)}: {time.monotonic() - started:.0f} s")
    README.write_text(readme_with_minutes(README.read_text("utf-8")), "utf-8")
    nbformat.write(index(), INDEX)
    nbformat.write(glossary(), GLOSSARY)
    if not numbers:
        app = nbformat.read(APP, as_version=4)
        execute(app, APP.parent)
        nbformat.write(app, APP)
    return 0


if __name__ == "__main__":
    sys.exit(main())
