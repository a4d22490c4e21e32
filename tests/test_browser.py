"""The attention panel in a real browser: in JupyterLab, in Voilà, on a phone's width."""

import contextlib
import io
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from browser import (
    ROOT,
    SECONDS,
    copy_without_outputs,
    free_port,
    jupyterlab,
    needs_browser,
    open_notebook,
    open_page,
    run_all,
    serve,
)
from PIL import Image

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson04.knowledge import Knowledge
from fercourse.models.costs import pocket_costs
from fercourse.models.pocket import Variant
from fercourse.models.vgg19 import POOLS

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_browser]
pytest.importorskip("playwright", reason="needs Playwright: pip install playwright")

APP = ROOT / "lessons" / "app"
POSITION = ".widget-slider:has-text('position') .noUi-handle"


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return Knowledge.of_the_course()


@contextlib.contextmanager
def photographed_when_it_fails(page, tmp_path: Path):
    """Keep a picture of the page of a failed test."""
    try:
        yield
    except BaseException:
        page.screenshot(path=str(tmp_path / "failed.png"), full_page=True)
        print(
            f"the page as it was: {tmp_path / 'failed.png'}; its errors: "
            f"{page.problems}"
        )
        raise


def text(page) -> str:
    """All text of the panel."""
    boxes = page.locator(".widget-html-content").all_inner_texts()
    return re.sub(r"\s+", " ", " ".join(boxes))


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


def expect_variant(page, known: Knowledge, variant: Variant) -> None:
    """Shapes, picture, probabilities and costs are those that the library computes for this state."""
    wait_for_position(page, variant.label)
    parameters, _ = pocket_costs(variant.after, variant.combine)
    # The costs are the last that a move sends.
    page.wait_for_function(
        "costs => document.body.innerText.includes(costs)",
        arg=f"{parameters:,} parameters,",
    )
    page.wait_for_timeout(200)
    shown = text(page)
    number = EMOTIONS.index("happy") * 6
    answer = known.answer(variant, known.faces.images[number], number)
    if answer is None:
        assert f"No trained model exists for {variant.label}" in shown
        return
    best = int(answer.probabilities.argmax())
    assert f"Its answer: {EMOTIONS[best]}, {answer.probabilities[best]:.0%}" in shown
    if variant.after is not None:
        side = answer.attention_map.shape[0]
        assert f"map, {side} × {side}" in shown
        row, column = np.unravel_index(answer.attention_map.argmax(), (side, side))
        alt = page.locator(".widget-html-content img").nth(1).get_attribute("alt")
        assert f"{side} × {side} cells" in alt
        assert f"highest in row {row + 1}, column {column + 1}" in alt


def face_file(tmp_path: Path) -> Path:
    ramp = (np.arange(80)[:, None] + np.arange(120)[None] + 20).astype("uint8")
    content = io.BytesIO()
    Image.fromarray(ramp).save(content, "PNG")
    path = tmp_path / "me.png"
    path.write_bytes(content.getvalue())
    return path


def walk(page, known: Knowledge, tmp_path: Path) -> None:
    """From block 4 to no block and on to block 5 by keyboard, then a picture of one's own."""
    expect_variant(page, known, Variant("block4_pool"))
    pictures = {page.locator(".widget-html-content img").nth(0).get_attribute("src")}
    for pool in reversed(POOLS[:3]):
        press(page, "ArrowLeft")
        expect_variant(page, known, Variant(pool))
    press(page, "ArrowLeft")
    expect_variant(page, known, Variant())
    press(page, "ArrowRight", 5)  # quick moves settle on the last
    expect_variant(page, known, Variant("block5_pool"))
    press(page, "ArrowLeft")
    expect_variant(page, known, Variant("block4_pool"))
    page.get_by_role("button", name="next face").click()
    page.wait_for_function(
        "old => document.querySelector('.widget-html-content img').src !== old",
        arg=pictures.pop(),
    )
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="your own picture").click()
    chosen.value.set_files(str(face_file(tmp_path)))
    page.wait_for_function("document.body.innerText.includes('120 × 80 pixels')")
    page.wait_for_function(
        "document.body.innerText.includes('no label to compare with')"
    )
    assert page.get_by_role("button", name="back to the practice faces").is_visible()


def nothing_is_cut_off(page) -> None:
    """The page does not scroll sideways, and no piece of the panel sticks out of it or hides another."""
    width = page.evaluate("window.innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [
        box
        for locator in page.locator(
            ".widget-html-content > div, .widget-slider, .widget-button"
        ).all()
        if (box := locator.bounding_box()) and box["height"]
    ]
    assert len(boxes) > 8
    for box in boxes:
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width + 1
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(
                one["x"], other["x"]
            )
            along = min(one["y"] + one["height"], other["y"] + other["height"]) - max(
                one["y"], other["y"]
            )
            assert across <= 1 or along <= 1, (one, other)


def test_jupyterlab(tmp_path, known):
    folder = tmp_path / "lab"
    folder.mkdir()
    copy_without_outputs(ROOT / "lessons" / "04_move_the_block.ipynb", folder)
    with (
        jupyterlab(folder) as address,
        open_page(1280, 1000) as page,
        photographed_when_it_fails(page, tmp_path),
    ):
        open_notebook(page, address, "04_move_the_block.ipynb")
        run_all(page)
        assert (
            page.locator("[data-mime-type='application/vnd.jupyter.error']").count()
            == 0
        )
        assert (
            page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count()
            == 0
        )
        page.locator(POSITION).first.scroll_into_view_if_needed()
        walk(page, known, tmp_path)
        assert page.problems == []


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("voila")
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "voila",
        str(APP / "attention_panel.ipynb"),
        "--no-browser",
        f"--port={port}",
    ]
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH"):
            patch.setenv(variable, str(APP))
        with serve(command, folder, port, "/voila/static/voila.js") as address:
            yield address


def open_app(page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(".widget-slider .noUi-handle", timeout=120 * SECONDS)
    wait_for_position(page, "block 4, concat")


def test_voila(app, tmp_path, known):
    with open_page(1280, 1000) as page, photographed_when_it_fails(page, tmp_path):
        # As on a machine without internet: nothing but the app itself answers.
        page.route(
            "**/*",
            lambda route: (
                route.continue_() if "127.0.0.1" in route.request.url else route.abort()
            ),
        )
        open_app(page, app)
        walk(page, known, tmp_path)
        assert page.problems == []


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 900)])
def test_nothing_overlaps(app, tmp_path, width, height):
    with open_page(width, height) as page, photographed_when_it_fails(page, tmp_path):
        open_app(page, app)
        nothing_is_cut_off(page)
        press(page, "ArrowLeft", 2)
        wait_for_position(page, "block 2, concat")
        nothing_is_cut_off(page)


def test_focus_can_be_seen(app):
    with open_page() as page:
        open_app(page, app)
        handle = page.locator(POSITION).first
        before = handle.screenshot()
        handle.focus()
        page.wait_for_timeout(500)
        assert handle.screenshot() != before
