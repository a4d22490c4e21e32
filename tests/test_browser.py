"""The attention panel in a real browser: JupyterLab, Voilà, a phone's width."""

import contextlib
import itertools
from pathlib import Path

import numpy as np
import pytest
from browser import (
    ROOT,
    SECONDS,
    attention_app,
    copy_without_outputs,
    jupyterlab,
    needs_browser,
    open_notebook,
    open_page,
    run_all,
)
from drawn import text_of
from PIL import Image

from fercourse.data.faces import EMOTIONS
from fercourse.data.own_picture import LARGEST_FILE
from fercourse.lessons.lesson04.knowledge import Knowledge
from fercourse.models.costs import configuration_costs
from fercourse.models.network import Network
from fercourse.models.vgg19 import POOLS

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_browser]
pytest.importorskip("playwright", reason="needs Playwright: pip install playwright")

POSITION = ".widget-slider:has-text('position') .noUi-handle"


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return Knowledge.of_the_course()


@contextlib.contextmanager
def photographed_page(folder: Path, width: int = 1280, height: int = 1000):
    """A page without errors; if the test fails, it keeps a picture of itself."""
    with open_page(width, height) as page:
        try:
            yield page
            assert page.problems == []
        except BaseException:
            page.screenshot(path=str(folder / "failed.png"), full_page=True)
            print(f"the page: {folder / 'failed.png'}; its errors: {page.problems}")
            raise


def press(page, key: str, times: int = 1) -> None:
    page.locator(POSITION).first.focus()
    for _ in range(times):
        page.keyboard.press(key)


def wait_for_position(page, label: str) -> None:
    """Wait until the panel marks this variant."""
    page.wait_for_function(
        """label => [...document.querySelectorAll(".widget-html-content div")].some(
            row => row.style.fontWeight === "600" && row.firstElementChild &&
            row.firstElementChild.textContent === label)""",
        arg=label,
    )


def expect_variant(page, known: Knowledge, variant: Network) -> None:
    """The page shows what the library computes for this variant."""
    wait_for_position(page, variant.label)
    parameters, _ = configuration_costs(variant)
    # The costs are the last that a move sends.
    costs = f"{parameters:,} parameters,"
    page.wait_for_function("it => document.body.innerText.includes(it)", arg=costs)
    page.wait_for_timeout(200)
    shown = text_of(page.content())
    number = EMOTIONS.index("happy") * 6
    answer = known.answer(variant, known.faces.images[number], number)
    if answer is None:
        assert f"No trained model exists for {variant.label}" in shown
        return
    best = int(answer.probabilities.argmax())
    assert f"Its answer: {EMOTIONS[best]}, {answer.probabilities[best]:.0%}" in shown
    if answer.attention_map is not None:
        side = len(answer.attention_map)
        row, column = np.unravel_index(answer.attention_map.argmax(), (side, side))
        highest = f"highest in row {row + 1}, column {column + 1}"
        alt = page.locator(".widget-html-content img").nth(1).get_attribute("alt")
        assert f"{side} × {side} cells" in alt and highest in alt


def walk(page, known: Knowledge, tmp_path: Path) -> None:
    """From block 4 to no block and to block 5 by keyboard, then an own picture."""
    expect_variant(page, known, Network.pocket("block4_pool"))
    pictures = {page.locator(".widget-html-content img").nth(0).get_attribute("src")}
    for pool in reversed(POOLS[:3]):
        press(page, "ArrowLeft")
        expect_variant(page, known, Network.pocket(pool))
    press(page, "ArrowLeft")
    expect_variant(page, known, Network.pocket())
    press(page, "ArrowRight", 5)  # quick moves settle on the last
    expect_variant(page, known, Network.pocket("block5_pool"))
    press(page, "ArrowLeft")
    expect_variant(page, known, Network.pocket("block4_pool"))
    page.get_by_role("button", name="next face").click()
    page.wait_for_function(
        "old => document.querySelector('.widget-html-content img').src !== old",
        arg=pictures.pop(),
    )
    grey = np.add.outer(np.arange(80), np.arange(20, 140)).astype("uint8")
    Image.fromarray(grey).save(tmp_path / "me.png")
    (tmp_path / "wall.png").write_bytes(bytes(LARGEST_FILE + 2_000_000))
    upload(page, tmp_path / "wall.png", "wall.png has 12.0 MB; at most 10")
    for _ in range(2):  # the same file again, after going back
        upload(page, tmp_path / "me.png", "120 × 80 pixels", "no label to compare with")
        page.get_by_role("button", name="back to the practice faces").click()
        page.wait_for_function("!document.body.innerText.includes('120 × 80')")


def upload(page, path: Path, *expected: str) -> None:
    """Choose a picture, and wait for these words."""
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="your own picture").click()
    chosen.value.set_files(str(path))
    for words in expected:
        page.wait_for_function(f"document.body.innerText.includes('{words}')")


def nothing_is_cut_off(page) -> None:
    """No piece of the panel sticks out of the page or hides another."""
    width = page.evaluate("window.innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    pieces = ".widget-html-content > div, .widget-slider, .widget-button"
    outlines = [piece.bounding_box() for piece in page.locator(pieces).all()]
    boxes = [
        (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])
        for box in outlines
        if box and box["height"]
    ]
    assert len(boxes) > 8
    for one, other in itertools.combinations(boxes, 2):
        assert one[0] >= 0 and one[2] <= width + 1
        across = min(one[2], other[2]) - max(one[0], other[0])
        along = min(one[3], other[3]) - max(one[1], other[1])
        assert across <= 1 or along <= 1, (one, other)


def test_jupyterlab(tmp_path, known):
    name = "04_move_the_block.ipynb"
    (tmp_path / "lab").mkdir()
    copy_without_outputs(ROOT / "lessons" / name, tmp_path / "lab")
    with (
        jupyterlab(tmp_path / "lab") as address,
        photographed_page(tmp_path) as page,
    ):
        open_notebook(page, address, name)
        run_all(page)
        for kind in ("error", "stderr"):
            output = f"[data-mime-type='application/vnd.jupyter.{kind}']"
            assert page.locator(output).count() == 0
        page.locator(POSITION).first.scroll_into_view_if_needed()
        walk(page, known, tmp_path)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with attention_app(tmp_path_factory.mktemp("voila")) as address:
        yield address


def open_app(page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(".widget-slider .noUi-handle", timeout=120 * SECONDS)
    wait_for_position(page, "block 4, concat")


def test_voila(app, tmp_path, known):
    def own_machine_only(route) -> None:
        route.continue_() if "127.0.0.1" in route.request.url else route.abort()

    with photographed_page(tmp_path) as page:
        page.route("**/*", own_machine_only)  # as without internet
        open_app(page, app)
        walk(page, known, tmp_path)


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_overlaps(app, tmp_path, width):
    with photographed_page(tmp_path, width, 800) as page:
        open_app(page, app)
        nothing_is_cut_off(page)
        press(page, "ArrowLeft", 2)
        wait_for_position(page, "block 2, concat")
        nothing_is_cut_off(page)


def test_focus_can_be_seen(app, tmp_path):
    with photographed_page(tmp_path) as page:
        open_app(page, app)
        handle = page.locator(POSITION).first
        before = handle.screenshot()
        handle.focus()
        page.wait_for_timeout(500)
        assert handle.screenshot() != before
