"""Slides: a lesson's sections and pictures, without what belongs to the exercises."""

import re
from pathlib import Path

import pytest
from slides import LEFT_OUT, slides_of

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("number", ["03", "04"])
def test_slides_have_the_sections_and_no_exercise(number):
    (lesson,) = (ROOT / "lessons").glob(f"{number}_*.ipynb")
    cells = slides_of(lesson).cells
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    headings = [x for text in texts for x in re.findall(r"^#+ (.*)", text, re.M)]
    assert len(headings) > 8
    assert [heading for heading in headings if LEFT_OUT.match(heading)] == []
    assert not any("Open in Colab" in text or "<details>" in text for text in texts)
    pictures = [cell for cell in cells if "<img alt=" in str(cell.get("outputs"))]
    assert len(pictures) > 3
    kinds = {cell.metadata["slideshow"]["slide_type"] for cell in cells}
    assert kinds == {"slide", "subslide", "-"}
