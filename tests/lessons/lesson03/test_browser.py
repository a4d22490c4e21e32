"""The map, taken apart, in a real browser: by keyboard, and at a phone's width."""

import nbformat
import pytest
from browser import jupyterlab, needs_browser, open_notebook, open_page, run_all

from fercourse.data.practice import practice_faces
from fercourse.lessons.lesson03 import drawing
from fercourse.lessons.lesson03.taken_apart import map_taken_apart
from fercourse.models.pocket import pocket_model

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_browser]
pytest.importorskip("playwright", reason="needs Playwright: pip install playwright")

CELL = """\
import fercourse as fc
fc.load_backend()
from fercourse.lessons import lesson03
model = fc.pocket_model("block3_pool", "multiply", trained_on="practice")
lesson03.map_taken_apart(model, fc.practice_faces(1, seed=11).faces.images)"""


@pytest.fixture(scope="module")
def apart():
    model = pocket_model("block3_pool", "multiply", trained_on="practice")
    return map_taken_apart(model, practice_faces(1, seed=11).faces.images)


def test_the_keyboard_moves_what_the_library_computes(tmp_path, apart):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    book.cells = [nbformat.v4.new_code_cell(CELL)]
    nbformat.write(book, tmp_path / "apart.ipynb")
    with jupyterlab(tmp_path) as address, open_page(1366, 768) as page:
        open_notebook(page, address, "apart.ipynb")
        run_all(page)
        row = page.get_by_role("spinbutton", name="row", exact=True)
        row.press("ArrowDown")
        column = page.get_by_role("spinbutton", name="column", exact=True)
        column.press("ArrowDown")
        bias = page.get_by_role("spinbutton", name="bias", exact=True)
        bias.press("ArrowUp")
        page.get_by_label("use", exact=True).select_option("multiply (CBAM)")
        apart.row.value, apart.column.value = 2, 2  # down is one less
        apart.bias.value, apart.use.value = 0.25, "multiply"
        page.get_by_text(drawing.in_words(apart.parts)).wait_for()
        click_and_walk(page, apart)
        names = ("kernel", "weight", "its value", "use", "bias", "row", "column")
        assert all(page.get_by_label(name, exact=True).count() == 1 for name in names)
        box = page.locator(".jp-OutputArea-output .fc-panel").bounding_box()
        assert box["height"] <= 640
        pictures = page.locator("img[alt*=' · ']")
        assert pictures.evaluate_all("them => them.map(it => it.alt)")[5].startswith(
            "6 · What the next layer receives. The next layer receives 64 numbers"
        )
        assert page.problems == []


def click_and_walk(page, apart) -> None:
    """A click on a grid, then arrow keys, lead to the place that they say."""
    steps = page.get_by_role("group", name="six steps: arrow keys walk over the map")
    for picture, grid in ((4, drawing.MAP_GRID), (0, drawing.GRIDS[0])):
        left, top, side = grid
        place = {"x": left + 2.5 * side / 6, "y": top + 3.5 * side / 6}
        steps.locator("img").nth(picture).click(position=place)
        apart.row.value, apart.column.value = 4, 3
        page.get_by_text(drawing.in_words(apart.parts)).wait_for()
        for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp"):
            page.keyboard.press(key)
        apart.column.value = 5
        page.get_by_text(drawing.in_words(apart.parts)).wait_for()
    for _ in range(3):  # the last column is the end
        page.keyboard.press("ArrowRight")
    apart.column.value = 6
    page.get_by_text(drawing.in_words(apart.parts)).wait_for()
    assert steps.evaluate("it => it === document.activeElement")


def test_a_phone_shows_one_step_below_another(apart):
    with open_page(390, 800) as page:
        page.set_content(f'<meta charset="utf-8">{apart.still()}')
        boxes = [picture.bounding_box() for picture in page.locator("img").all()]
        assert len(boxes) == 6 and len({box["x"] for box in boxes}) == 1
        assert all(box["width"] == drawing.WIDTH for box in boxes)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
