"""The lessons: in step with their sources, executed, small, clean, compared."""

import ast
import base64
import importlib.util
import io
import json
import os
import re
import statistics
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fercourse.machine import LESSON_ENVIRONMENT, PROFILE_VARIABLE
from fercourse.plots.figures import image_tag, pixels_png

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "lessons").glob("[0-9][0-9]_*.ipynb"))
SOLUTIONS = sorted((ROOT / "lessons" / "solutions").glob("*.ipynb"))

specification = importlib.util.spec_from_file_location(
    "build", ROOT / "lessons" / "build.py"
)
build = importlib.util.module_from_spec(specification)
specification.loader.exec_module(build)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT / "lessons").with_suffix("").as_posix()


every_lesson = pytest.mark.parametrize("path", LESSONS, ids=name_of)
every_notebook = pytest.mark.parametrize("path", LESSONS + SOLUTIONS, ids=name_of)


def cells(path: Path, cell_type: str = "") -> list[dict]:
    """The cells of a notebook with their source as one text, of one type or of all."""
    book = json.loads(path.read_text("utf-8"))
    for cell in book["cells"]:
        cell["source"] = "".join(cell["source"])
    return [cell for cell in book["cells"] if cell_type in ("", cell["cell_type"])]


def outputs(cell: dict) -> str:
    """All that a cell shows, as one text."""
    parts = [output.get("text", "") for output in cell["outputs"]]
    parts += [
        part for output in cell["outputs"] for part in output.get("data", {}).values()
    ]
    return "\n".join(
        "".join(part) if isinstance(part, list) else str(part) for part in parts
    )


# Sources and notebooks
# -----------------------------------------------------------------------------


def test_every_source_has_its_two_notebooks_and_nothing_else_is_there():
    paths = [build.notebook_paths(source) for source in build.sources()]
    assert [path["lesson"] for path in paths] == LESSONS
    assert [path["solutions"] for path in paths] == SOLUTIONS
    assert LESSONS[0].name == "00_start_here.ipynb"


@pytest.mark.parametrize("kind", ["lesson", "solutions"])
@pytest.mark.parametrize("source", build.sources(), ids=lambda path: path.stem)
def test_in_step_with_the_source(source, kind):
    built = build.build(source, kind)
    stored = json.loads(build.notebook_paths(source)[kind].read_text("utf-8"))
    remedy = "the source was changed: run `make lessons`"
    for metadata in (stored["metadata"], built.metadata):
        metadata["language_info"]["version"] = "any"
    assert stored["metadata"] == built.metadata, remedy
    assert [cell["id"] for cell in stored["cells"]] == [
        cell.id for cell in built.cells
    ], remedy
    for then, now in zip(stored["cells"], built.cells, strict=True):
        assert "".join(then["source"]) == now.source, remedy
        assert then["metadata"] == now.metadata, remedy


def source_of(folder: Path, code: str, number: int = 9) -> Path:
    path = folder / f"0{number}_try.py"
    path.write_text(
        f"# %% [markdown]\n# # Try {number}\n#\n# See [that](other.ipynb).\n\n"
        f"# %% [markdown]\n# ## Idea\n# It is this.\n\n# %%\n{code}",
        "utf-8",
    )
    return path


def test_solutions_become_stubs(tmp_path):
    code = (
        "def double(x):\n    # BEGIN SOLUTION\n    return 2 * x\n    # END "
        "SOLUTION\n\n\n"
        "# BEGIN SOLUTION\nanswer = 4\n# STUB\n# answer = ...\n# END SOLUTION\n"
    )
    source = source_of(tmp_path, code)
    lesson, solutions = build.build(source, "lesson"), build.build(source, "solutions")
    assert lesson.cells[3].source == (
        "def double(x):\n    return ...  # your code here\n\n\nanswer = ..."
    )
    assert (
        solutions.cells[3].source == "def double(x):\n    return 2 * x\n\n\nanswer = 4"
    )
    for book, title, link in (
        (lesson, "# Try 9\n", "[that](other.ipynb)"),
        (solutions, "# Solutions: Try 9\n", "[that](../other.ipynb)"),
    ):
        assert book.cells[0].source.startswith(title)
        assert book.cells[0].source.endswith(link + ".")


@pytest.mark.parametrize("kind", ["lesson", "solutions"])
def test_the_cell_for_colab_is_folded_and_above_the_first_code(tmp_path, kind):
    book = build.build(source_of(tmp_path, "one = 1"), kind)
    kinds = [cell.cell_type for cell in book.cells]
    assert kinds == ["markdown", "markdown", "code", "code"]
    colab = book.cells[2]
    assert "google.colab" in colab.source
    assert colab.source.startswith("# @title ")
    assert colab.metadata["cellView"] == "form"
    assert colab.metadata["jupyter"]["source_hidden"]
    assert colab.metadata["tags"] == ["hide-input"]


def test_built_twice_it_is_the_same(tmp_path):
    source = source_of(tmp_path, "one = 1")
    assert build.build(source, "lesson") == build.build(source, "lesson")


def test_links_between_lessons(tmp_path):
    sources = [source_of(tmp_path, "one = 1", number) for number in (1, 3, 8)]
    first, middle, last = (
        build.build(source, "lesson").cells[0].source for source in sources
    )
    assert "[01 Try 1](01_try.ipynb)" in middle
    assert "[08 Try 8](08_try.ipynb)" in middle
    assert "03_try.ipynb" in first
    assert "08_try.ipynb" not in first
    assert "03_try.ipynb" in last
    for page in (first, middle, last):
        assert "[Contents](index.ipynb)" in page
        assert "colab.research.google.com" in page
    solutions = build.build(sources[1], "solutions").cells[0].source
    assert "(../03_try.ipynb)" in solutions
    assert "[Contents](../index.ipynb)" in solutions


def test_there_is_room_below_what_folds_out(tmp_path):
    answer = "<details><summary>Answer</summary>\n#\n# Yes.\n#\n# </details>"
    code = f"one = 1\n\n# %% [markdown]\n# {answer}\n#\n# On.\n#\n# {answer}"
    page = build.build(source_of(tmp_path, code), "solutions").cells[-1].source
    assert page.count("</details><br>\n\nOn.") == page.count("<br>") == 1


def with_output(book, html_text):
    """The book, whose last cell shows this HTML."""
    data = {"text/html": html_text, "text/plain": ""}
    output = build.nbformat.v4.new_output("display_data", data)
    book.cells[-1].outputs = [output]
    return book


def test_the_title_picture_is_what_the_tagged_cell_shows(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "PICTURES", tmp_path)
    source = source_of(tmp_path, 'one = 1\n\n# %% tags=["title-picture"]\ntwo = 2\n')
    plain = build.build(source, "lesson")
    assert "<img" not in plain.cells[0].source
    pixels = np.arange(256, dtype="uint8").reshape(16, 16)
    tag = image_tag(pixels_png(pixels), 'A "square" & its greys.', 40)
    book = with_output(build.build(source, "lesson"), f"<div>{tag}</div>")
    build.keep_title_picture(book, source)
    expected = (
        '<img src="images/09_try.png" style="border-radius:6px" width="40" alt="A '
        '&quot;square&quot; &amp; its greys.">'
    )
    assert expected in book.cells[0].source
    assert book.cells[0].source == build.build(source, "lesson").cells[0].source
    assert "<img" not in build.build(source, "solutions").cells[0].source
    with Image.open(tmp_path / "09_try.png") as picture:
        assert (np.asarray(picture) == pixels).all()

    as_chart = with_output(book, tag.replace(" src=", f" {build.CHART} src="))
    build.keep_title_picture(as_chart, source)
    assert (
        f'09_try.png" {build.CHART} style='
        in build.build(source, "lesson").cells[0].source
    )

    with pytest.raises(ValueError, match=r"09_try\.py: .*title-picture shows none"):
        build.keep_title_picture(with_output(plain, "<p>words</p>"), source)
    source = source_of(tmp_path, "one = 1")
    build.keep_title_picture(build.build(source, "lesson"), source)
    assert not (tmp_path / "09_try.png").exists()


def test_title_pictures_are_those_of_the_notebooks():
    shown = 0
    for source, path in zip(build.sources(), LESSONS, strict=True):
        tagged = [
            cell
            for cell in cells(path, "code")
            if build.TITLE_PICTURE in cell["metadata"].get("tags", [])
        ]
        file = build.PICTURES / f"{source.stem}.png"
        assert len(tagged) == file.exists(), path.name
        for cell in tagged:
            png = build._IMAGE.search(outputs(cell))["png"]
            inside = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
            with Image.open(file) as picture:
                assert len(picture.info["Description"]) > 20
                same = np.asarray(picture.convert("RGB")) == np.asarray(inside)
            assert same.all(), f"{path.name}: run `make lessons`"
            shown += 1
    assert shown == len(list(build.PICTURES.glob("[0-9][0-9]_*.png")))


def test_minutes_are_those_of_words_code_and_exercises(tmp_path):
    words = "word " * 2000  # ten minutes
    exercises = "### ✏️ Exercise 9.1: one\n#\n# ### ✏️ Exercise 9.2: two"
    code = f"one = 1\n\n# %% [markdown]\n# ## Long\n# {words}\n#\n# {exercises}"
    source = source_of(tmp_path, code)
    assert build.minutes(source) == 25
    page = build.build(source, "lesson").cells[0].source
    assert "About 25 minutes: 9 of reading, and 2 exercises" in page
    assert "Idea (1) · Long (26)" in page


def test_the_readme_has_the_minutes_of_the_lessons():
    page = (ROOT / "README.md").read_text("utf-8")
    assert build.readme_with_minutes(page) == page, "run `make lessons`"
    wrong = re.sub(r"\| \d+ \|$", "| 1 |", page, flags=re.MULTILINE)
    assert wrong != page
    assert build.readme_with_minutes(wrong).count("| 1 |") == page.count("prepar")


def test_the_pictures_of_the_readme_are_here_and_small():
    page = (ROOT / "README.md").read_text("utf-8")
    pictures = re.findall(r'<img src="([^"]+)"[^>]* alt="([^"]+)"', page)
    assert len(pictures) == page.count("<img") == 2
    for source, alt in pictures:
        assert (ROOT / source).stat().st_size < 1_500_000
        assert len(alt) > 20


def test_the_contents_page_has_what_the_readme_and_the_lessons_say():
    book = build.index()
    then = cells(build.INDEX)
    assert [cell["source"] for cell in then] == [cell.source for cell in book.cells], (
        "the README or a lesson was changed: run `make lessons`"
    )
    readme = (ROOT / "README.md").read_text("utf-8")
    table, _, *lessons = (cell["source"] for cell in then)
    rows = [row for row in table.split("\n") if row.startswith("|")][2:]
    assert len(rows) == len(re.findall(r"^\| \W?\d\d ", readme, re.MULTILINE)) == 9
    assert len(lessons) == len(LESSONS)
    for source, lesson in zip(build.sources(), lessons, strict=True):
        link = f"({source.stem}.ipynb)"
        assert any(
            link in row and f"| {build.minutes(source)} |" in row for row in rows
        )
        assert link in lesson.split("\n")[0]
        assert lesson.count("\n- ") >= 3


def test_cells_for_one_of_the_two(tmp_path):
    code = 'one = 1\n\n# %% tags=["lesson-only", "depends-on-profile"]\ntwo = 2\n'
    source = source_of(tmp_path, code)
    lesson, solutions = build.build(source, "lesson"), build.build(source, "solutions")
    assert [cell.source for cell in lesson.cells[3:]] == ["one = 1", "two = 2"]
    assert lesson.cells[4].metadata == {"tags": ["depends-on-profile"]}
    assert [cell.source for cell in solutions.cells[3:]] == ["one = 1"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("# BEGIN SOLUTION\nx = 1\n", "BEGIN SOLUTION` is alone"),
        ("x = 1\n# END SOLUTION\n", "END SOLUTION` is alone"),
        ("# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n", "needs a # STUB part"),
    ],
)
def test_wrong_marks_are_named(tmp_path, code, sentence):
    with pytest.raises(ValueError, match=f"09_try.py, cell 3: .*{sentence}"):
        build.build(source_of(tmp_path, code), "lesson")


# Notebooks as they are stored
# -----------------------------------------------------------------------------


@every_notebook
def test_executed_in_order_without_errors(path):
    code = cells(path, "code")
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    for number, cell in enumerate(code, 1):
        assert all(output["output_type"] != "error" for output in cell["outputs"]), (
            number
        )
        assert all(output.get("name") != "stderr" for output in cell["outputs"]), number


@every_notebook
def test_small_and_clean(path):
    text = path.read_text("utf-8")
    assert len(text) < 500_000
    assert "widgets" not in json.loads(text)["metadata"]
    for cell in cells(path, "code"):
        shown = outputs(cell)
        assert not re.search(
            r"(?<![\w.:/])/(home|root|tmp|work|usr|Users|content|mnt)/|[A-Z]:\\\\",
            shown,
        )
        assert not re.search(r"\b0x[0-9a-f]{6,}", shown)
        assert "WARNING" not in shown
        lines = cell["source"].split("\n")
        assert len(lines) <= 25, cell["source"]
        assert not lines[-1].endswith(";")
        assert "%%time" not in cell["source"]
    headings = [
        len(level)
        for cell in cells(path, "markdown")
        for level in re.findall(r"^(#+) ", cell["source"], re.M)
    ]
    assert headings.count(1) == 1
    assert headings[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(headings))


@every_notebook
def test_every_picture_has_an_alternative_text(path):
    for cell in cells(path):
        for alt, _ in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", cell["source"]):
            assert len(alt) > 20
        if cell["cell_type"] == "code":
            kinds = {
                kind for output in cell["outputs"] for kind in output.get("data", {})
            }
            assert not {"image/png", "image/jpeg", "image/svg+xml"} & kinds, (
                "use fc.show"
            )
            for tag in re.findall(r"<img[^>]*>", outputs(cell)):
                assert len(re.search(r'alt="([^"]*)"', tag)[1]) > 20


@every_notebook
def test_only_the_first_cell_is_for_colab(path):
    code = [cell["source"] for cell in cells(path, "code")]
    address = re.search(r"https://github\.com/\S+", code[0])[0]
    assert address == build._address()
    for source in code[1:]:
        assert not re.search(r"google\.colab|^\s*[!%]", source, re.M)


@pytest.mark.parametrize("path", [*LESSONS, *SOLUTIONS, build.INDEX], ids=name_of)
def test_links_resolve(path):
    headings = {
        re.sub(r"[^\w -]", "", title).strip().replace(" ", "-").lower()
        for cell in cells(path, "markdown")
        for title in re.findall(r"^#+ (.*)$", cell["source"], re.M)
    }
    for cell in cells(path, "markdown"):
        for target in re.findall(r"\]\(([^):]+)\)", cell["source"]):
            file, _, anchor = target.partition("#")
            assert not file or (path.parent / file).exists(), target
            if not file:
                assert anchor.lower() in headings, target


def test_the_app_is_executed_too():
    (cell,) = cells(build.APP, "code")
    assert cell["execution_count"] == 1
    assert "AttentionPanel(block 4, concat)" in outputs(cell)


# What makes a lesson
# -----------------------------------------------------------------------------


@every_lesson
def test_a_sentence_before_and_after_every_output(path):
    kinds = [cell["cell_type"] for cell in cells(path)]
    kinds.remove("code")  # for Colab
    for before, after in pairwise(kinds):
        assert (before, after) != ("code", "code")
    assert (kinds[0], kinds[-1]) == ("markdown", "markdown")


@every_lesson
def test_pace(path):
    # Statements, because how many lines they take depends on the width of a line.
    statements = [
        sum(isinstance(node, ast.stmt) for node in ast.walk(ast.parse(cell["source"])))
        for cell in cells(path, "code")[1:]
    ]
    words = sum(len(cell["source"].split()) for cell in cells(path, "markdown"))
    assert statistics.median(statements) <= 5
    assert words >= 15 * sum(statements)


@every_lesson
def test_has_all_that_a_lesson_has(path):
    prose = "\n".join(cell["source"] for cell in cells(path, "markdown"))
    first = cells(path)[0]["source"]
    assert re.search(r"\*\*[^*]+\?\*\*", first), "the question that the lesson answers"
    for part in ("minutes", "You need", "Afterwards you can"):
        assert part in first
    for heading in ("## Quiz", "## Summary", "## References"):
        assert f"\n{heading}" in prose
    number = int(path.name[:2])
    exercises = build._EXERCISE.findall(prose)
    assert exercises == [f"{number}.{n}" for n in range(1, len(exercises) + 1)]
    assert len(exercises) >= 3
    quiz = prose.partition("## Quiz")[2].partition("## Summary")[0]
    assert (
        len(re.findall(r"^\*\*\d+\.\*\*", quiz, re.M))
        == quiz.count("<summary>Answer</summary>")
        >= 3
    )
    assert prose.count("<details>") == prose.count("</details>")
    assert prose.rstrip().split("\n\n")[-1].startswith(("Next: ", "**Next: "))
    shown = "\n".join(outputs(cell) for cell in cells(path, "code"))
    assert re.search(r"^profile: practice ", shown, re.M)
    assert shown.count("○ Not done yet") == len(exercises)


@pytest.mark.parametrize("path", SOLUTIONS, ids=name_of)
def test_solutions_pass_their_checks(path):
    prose = "\n".join(cell["source"] for cell in cells(path, "markdown"))
    shown = "\n".join(outputs(cell) for cell in cells(path, "code"))
    assert shown.count("✓ Right.") == len(build._EXERCISE.findall(prose)) >= 3
    assert "○" not in shown
    assert "✗" not in shown


# nbval
# -----------------------------------------------------------------------------


def failed_cells(path: Path, **environment: str) -> tuple[list[int], str]:
    """The numbers of the code cells that fail under nbval, and what it prints."""
    # The notebook gets the root's conftest and pyproject, as those in lessons/ do.
    options = f"-q -p no:cacheprovider -p conftest -c {ROOT / 'pyproject.toml'}".split()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", ROOT, "--nbval", path],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    numbers = re.findall(r"^FAILED .*::Cell (\d+)", done.stdout, re.M)
    assert done.returncode == bool(numbers), done.stdout + done.stderr
    return [int(number) for number in numbers], done.stdout


def notebook(path: Path, *code: dict) -> Path:
    """A notebook of a few code cells that are meant to have been executed."""
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}
    for number, cell in enumerate(code, 1):
        common = {"cell_type": "code", "execution_count": number, "metadata": {}}
        book["cells"].append({**common, "id": f"c{number}", **cell})
    path.write_text(json.dumps(book), "utf-8")
    return path


def printed(text: str) -> list[dict]:
    return [{"output_type": "stream", "name": "stdout", "text": [text]}]


@pytest.mark.slow
def test_corrupted_cells_fail(tmp_path):
    # The real lesson up to its first figure: what follows takes longer and proves
    # nothing more.
    whole = json.loads(LESSONS[0].read_text("utf-8"))
    code = [cell for cell in whole["cells"] if cell["cell_type"] == "code"]
    imports, begin, faces, picture = (
        next(cell for cell in code if text in "".join(cell["source"]))
        for text in ("import fercourse", "begin()", "count=6", "face_grid(")
    )

    def corrupted(cell, part, before, after):
        text = json.dumps(cell[part])
        assert before in text
        return {**cell, part: json.loads(text.replace(before, after))}

    chosen = [imports, begin, faces, picture]
    chosen += [
        corrupted(faces, "outputs", "(6, 48, 48)", "(6, 48, 49)"),
        corrupted(picture, "outputs", "Six grey faces", "Five grey faces"),
        corrupted(faces, "source", "count=6", "count=-6"),
    ]
    for number, cell in enumerate(chosen):
        cell["id"] = f"c{number}"
    copy = tmp_path / LESSONS[0].name
    copy.write_text(json.dumps({**whole, "cells": chosen}), "utf-8")
    failed, printed = failed_cells(copy)
    assert failed == [4, 5, 6], printed
    # Where CI is set, pytest's summary at the end repeats each reason.
    reasons, _, _ = printed.partition("short test summary info")
    assert reasons.count("Cell outputs differ") == 2
    assert "count is -6" in printed


@pytest.mark.slow
def test_what_depends_on_the_profile_is_compared_under_practice_only(tmp_path):
    tags = {"metadata": {"tags": ["depends-on-profile"]}}
    path = notebook(
        tmp_path / "tried.ipynb",
        {"source": "print(1)", "outputs": printed("2\n"), **tags},
        {"source": "print(1)", "outputs": printed("2\n")},
        {"source": "assert False", "outputs": [], **tags},
    )
    assert PROFILE_VARIABLE in LESSON_ENVIRONMENT
    assert failed_cells(path, FERCOURSE_PROFILE="practice")[0] == [0, 1, 2]
    assert failed_cells(path, FERCOURSE_PROFILE="quick")[0] == [1, 2]
