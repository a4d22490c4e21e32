"""Make slides from lessons: `make slides`, or `instructors/slides.py 03 04 05`.

A section becomes a slide, and each of its parts a slide below. Of a paragraph only
the first sentence is kept: the rest is what you say. Exercises, quiz and code are left
out, so the lesson stays the place to work in.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
from nbconvert.exporters import SlidesExporter

ROOT = Path(__file__).resolve().parents[1]
SLIDES = ROOT / "_slides"

LEFT_OUT = re.compile(r"^(Set-up|Quiz|References|✏️.*)$")
_SENTENCE = re.compile(r"(?s)^.*?(?<!et al)(?<!e\.g)(?<!vs)[.?!](?=\s|$)")
_KEPT_WHOLE = ("#", "$$", "|", "-", "1.", "<img")


def slides_of(lesson: Path) -> nbformat.NotebookNode:
    """A lesson's sections and outputs, with a kind of slide for each cell."""
    cells: list[nbformat.NotebookNode] = []
    kept = True
    for cell in nbformat.read(lesson, as_version=4).cells:
        if cell.cell_type == "code":
            if kept and cell.outputs:
                cell.metadata["slideshow"] = {"slide_type": "-"}
                cells.append(cell)
            continue
        for part in re.split(r"^(?=#{1,3} )", cell.source, flags=re.MULTILINE):
            if heading := re.match(r"(#+) (.*)", part):
                kept = not LEFT_OUT.match(heading[2])
            if kept and (text := _shortened(part)):
                kind = "subslide" if heading else "-"
                if heading and len(heading[1]) < 3:
                    kind = "slide"
                note = {"slideshow": {"slide_type": kind}}
                cells.append(nbformat.v4.new_markdown_cell(text, metadata=note))
    # Text between two outputs begins a slide; after the last it stays below it.
    for before, cell, after in zip(cells, cells[1:], cells[2:], strict=False):
        between = before.cell_type == after.cell_type == "code" != cell.cell_type
        if between and cell.metadata.slideshow.slide_type == "-":
            cell.metadata.slideshow.slide_type = "subslide"
    return nbformat.v4.new_notebook(cells=cells)


def _shortened(text: str) -> str:
    """Headings, lists, tables and formulas, and of paragraphs the first sentence."""
    text = re.sub(r"(?s)<details>.*?</details>", "", text)
    paragraphs = []
    for paragraph in text.strip().split("\n\n"):
        sentence = _SENTENCE.match(paragraph)
        whole = paragraph.startswith(_KEPT_WHOLE) or not sentence
        if "Open in Colab" not in paragraph:
            paragraphs.append(paragraph if whole else sentence[0])
    return "\n\n".join(paragraphs)


def main(numbers: list[str]) -> None:
    """Write `_slides/NN_name.html` for each lesson."""
    exporter = SlidesExporter(exclude_input=True, exclude_output_prompt=True)
    exporter.reveal_scroll = True
    SLIDES.mkdir(exist_ok=True)
    for number in numbers or ["03", "04"]:
        (lesson,) = ROOT.glob(f"lessons/{number}_*.ipynb")
        page, _ = exporter.from_notebook_node(slides_of(lesson))
        path = SLIDES / f"{lesson.stem}.html"
        path.write_text(page, "utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
