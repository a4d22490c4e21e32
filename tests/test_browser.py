"""The lessons' panels in a real browser: JupyterLab, Voilà, a phone's width."""

import contextlib
from pathlib import Path

import nbformat
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
from PIL import Image

from fercourse.data.faces import EMOTIONS
from fercourse.data.own_picture import LARGEST_FILE
from fercourse.lessons.lesson04.knowledge import Choice, Knowledge, position_of
from fercourse.models.costs import configuration_costs
from fercourse.models.network import Network

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_browser]
pytest.importorskip("playwright", reason="needs Playwright: pip install playwright")

FRAME = """() => {
    const widgets = document.querySelector(".fc-left").parentElement;
    const {left, right, top, bottom} = widgets.getBoundingClientRect();
    return {left, right, height: bottom - top};
}"""
SMALL_PANELS = (
    "lesson01.SplitsPanel()",
    "lesson02.UnfreezePanel()",
    "lesson02.FilterPanel(lesson04.Knowledge().faces.images[:4])",
    "lesson04.FieldPanel(lesson04.Knowledge().faces.images[0])",
    "lesson04.MapsPanel(lesson04.Knowledge.of_the_course())",
    "lesson05.PossiblePanel()",
    "lesson05.SwapPanel(30.0)",
    "lesson07.CrowdPanel()",
    "lesson08.StepsPanel()",
    "lesson08.BlendPanel()",
    "lesson08.PickingPanel(0.4)",
)
SHOWN = """panel => [
    panel.innerText, ...[...panel.querySelectorAll("img")].map(image => image.src)
].join()"""
CONTROLS = ["position", "combine", "trained on", "emotion", "face"]
FIELDS = ["across %", "down %", "size %"]


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return Knowledge.of_the_course()


@contextlib.contextmanager
def photographed_page(folder: Path, width: int = 1366, height: int = 768):
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
    page.get_by_label("position").focus()
    for _ in range(times):
        page.keyboard.press(key)


def wait_for_text(page, words: str) -> None:
    page.wait_for_function("it => document.body.innerText.includes(it)", arg=words)


def expect_choice(page, known: Knowledge, choice: Choice, number: int = 19) -> None:
    """The page shows what the library computes for this network and face."""
    variant = choice.variant
    parameters, _ = configuration_costs(variant)
    # The drawing of the network and the accuracies are the last that a move sends.
    page.wait_for_function(
        """label => [...document.querySelectorAll(".widget-html-content div")].some(
            row => row.style.fontWeight === "600" && row.firstElementChild &&
            row.firstElementChild.textContent === label)""",
        arg=variant.label,
    )
    wait_for_text(page, f"{parameters:,} parameters")
    answer = known.answer(choice, known.faces.images[number], number)
    best = int(answer.probabilities.argmax())
    percent = f"{100 * answer.probabilities[best]:.0f} %"
    wait_for_text(page, f"Its answer: {EMOTIONS[best]}, {percent}")
    if answer.attention_map is not None:
        side = len(answer.attention_map)
        row, column = np.unravel_index(answer.attention_map.argmax(), (side, side))
        highest = f"highest in row {row + 1}, column {column + 1}"
        alt = page.locator(".widget-html-content img").nth(1).get_attribute("alt")
        assert f"{side} × {side} cells" in alt and highest in alt


def walk(page, known: Knowledge) -> None:
    """From block 4 to no block and back, by keyboard."""
    expect_choice(page, known, Choice(Network.pocket("block4_pool")))
    press(page, "ArrowUp")
    expect_choice(page, known, Choice(Network.pocket("block3_pool")))
    press(page, "ArrowUp", 3)
    expect_choice(page, known, Choice(Network.pocket()))
    press(page, "ArrowDown", 4)  # quick moves settle on the last
    expect_choice(page, known, Choice(Network.pocket("block4_pool")))


def upload(page, path: Path, *expected: str) -> None:
    """Choose a picture, and wait for these words."""
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="own picture, up to").click()
    chosen.value.set_files(str(path))
    for words in expected:
        wait_for_text(page, words)


def sizes(page) -> dict[str, int]:
    """How many pixels of each output do not fit into its place."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".widget-html")].map(
            it => [it.innerText.slice(0, 30), it.scrollHeight - it.clientHeight]))"""
    )


def expect_frame(page, tallest: float) -> dict[str, float]:
    """The panel fits: nothing is cut off or wrapped. Returns its outline."""
    frame, width = page.evaluate(FRAME), page.evaluate("window.innerWidth")
    assert frame["height"] <= tallest
    assert frame["left"] >= 0 and frame["right"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert set(sizes(page).values()) == {0}, sizes(page)
    # One line for each stage of the network: none is wrapped or wider than its bar.
    wide = page.evaluate(
        """() => [...document.querySelectorAll(".widget-html-content div")].filter(
            it => it.style.whiteSpace === "nowrap" && it.scrollWidth > it.clientWidth
            ).map(it => it.innerText)"""
    )
    assert wide == []
    return frame


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with attention_app(tmp_path_factory.mktemp("voila")) as address:
        yield address


def open_app(page, address: str) -> None:
    page.goto(address, wait_until="commit")
    page.get_by_label("position").wait_for(timeout=240 * SECONDS)
    wait_for_text(page, "Its answer")


def test_jupyterlab(tmp_path, known):
    (tmp_path / "lab").mkdir()
    copy_without_outputs(
        ROOT / "lessons" / "app" / "attention_panel.ipynb", tmp_path / "lab"
    )
    with (
        jupyterlab(tmp_path / "lab") as address,
        photographed_page(tmp_path) as page,
    ):
        open_notebook(page, address, "attention_panel.ipynb")
        run_all(page)
        walk(page, known)


def test_small_panels_take_keys_from_jupyterlab(tmp_path):
    (tmp_path / "lab").mkdir()
    lessons = ", ".join(panel.partition(".")[0] for panel in SMALL_PANELS)
    code = (f"from fercourse.lessons import {lessons}", *SMALL_PANELS)
    # Without a kernel's name, JupyterLab would ask for it.
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    cells = [nbformat.v4.new_code_cell(line) for line in code]
    book = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.write(book, tmp_path / "lab" / "panels.ipynb")
    with (
        jupyterlab(tmp_path / "lab") as address,
        photographed_page(tmp_path) as page,
    ):
        open_notebook(page, address, "panels.ipynb")
        run_all(page)
        for number in range(len(SMALL_PANELS)):
            panel = page.locator(".fc-panel").nth(number)
            controls = panel.locator("select, input[type=number]")
            controls.first.wait_for(timeout=240 * SECONDS)
            for control in controls.all():
                before = panel.evaluate(SHOWN)
                control.focus()
                number_field = control.get_attribute("type") == "number"
                page.keyboard.press("ArrowUp" if number_field else "ArrowDown")
                page.wait_for_function(
                    f"([panel, old]) => ({SHOWN})(panel) !== old",
                    arg=[panel.element_handle(), before],
                )
                # JupyterLab would move on to another cell.
                assert control.evaluate("it => it === document.activeElement")
            assert controls.count() == 2


def test_voila(app, tmp_path, known):
    """Without internet: keyboard, names, frame and own pictures on one page."""

    def own_machine_only(route) -> None:
        route.continue_() if "127.0.0.1" in route.request.url else route.abort()

    with photographed_page(tmp_path) as page:
        page.route("**/*", own_machine_only)
        open_app(page, app)
        frame = expect_frame(page, 640)
        pictures = page.locator(".widget-html-content img").all()
        assert len({round(picture.bounding_box()["y"]) for picture in pictures}) == 1
        expect_names(page)
        walk(page, known)
        way = "concat"
        for network in sorted(known.networks, key=lambda network: network.combine):
            page.get_by_label("position").select_option(position_of(network))
            if network.combine != way:
                page.get_by_label("combine").select_option("multiply (CBAM)")
                way = network.combine
            expect_choice(page, known, Choice(network))
            assert expect_frame(page, 640) == frame
        own_pictures(page, tmp_path)
        assert expect_frame(page, 640) == frame
        page.get_by_label("trained on").select_option("drawn faces")
        wait_for_text(page, "has not been trained on drawings yet")
        assert expect_frame(page, 640) == frame


def expect_names(page) -> None:
    """A screen reader hears the name and the value of every control."""
    for name in CONTROLS:
        assert (
            page.get_by_role("combobox", name=name)
            .or_(page.get_by_role("listbox", name=name))
            .count()
            == 1
        )
    for name in FIELDS:
        assert page.get_by_role("spinbutton", name=name).is_disabled()
    spoken = page.locator(".fc-left").aria_snapshot()
    assert 'option "block 4" [selected]' in spoken
    assert 'button "own picture: none yet" [disabled]' in spoken


def own_pictures(page, folder: Path) -> None:
    """A picture twice, one of 9 and one of 11 MB, and a file that is none."""
    grey = np.add.outer(np.arange(80), np.arange(20, 140)).astype("uint8")
    Image.fromarray(grey).save(folder / "me.png")
    noise = np.random.default_rng(0).integers(0, 256, (3000, 3000), "uint8")
    Image.fromarray(noise).save(folder / "large.png", compress_level=0)
    assert 9e6 < (folder / "large.png").stat().st_size < LARGEST_FILE
    (folder / "wall.png").write_bytes(bytes(11_000_000))
    (folder / "notes.txt").write_text("no picture")
    upload(page, folder / "wall.png", "wall.png has 11.0 MB; at most 10")
    upload(page, folder / "notes.txt", "notes.txt is not a picture")
    for _ in range(2):  # the same file again, after going back
        upload(page, folder / "me.png", "me.png: drag", "no label to compare with")
        assert page.get_by_label("emotion").is_disabled()
        frame = page.get_by_alt_text("me.png, 120 × 80 pixels")
        frame.wait_for()
        across = page.get_by_role("spinbutton", name="across %")
        before = frame.get_attribute("alt")
        across.press("ArrowDown")
        page.wait_for_function(
            "old => ![...document.images].some(it => it.alt === old)", arg=before
        )
        drag_and_return(page, page.get_by_alt_text("me.png, 120 × 80 pixels"))
        page.get_by_role("button", name="showing your picture").click()
        page.get_by_role("button", name="showing a drawn face").wait_for()
    upload(page, folder / "large.png", "large.png: drag")
    page.get_by_alt_text("large.png, 3000 × 3000 pixels").wait_for()


def drag_and_return(page, picture) -> None:
    """Drag the frame beyond the left border of a picture, and type it back."""
    box = picture.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] - 5, middle, steps=5)
    page.get_by_alt_text("pixels, 0 from the left and 0 from the top").wait_for()
    page.wait_for_function("document.querySelector('.fc-across input').value === '0'")
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"], middle)  # without the button: no dragging
    across = page.get_by_role("spinbutton", name="across %")
    assert across.input_value() == "0"
    across.fill("50")
    page.get_by_alt_text("pixels, 20 from the left and 0 from the top").wait_for()


def test_a_phone(app, tmp_path, known):
    with photographed_page(tmp_path, 390, 844) as page:
        open_app(page, app)
        frame = expect_frame(page, 2080)
        press(page, "ArrowUp", 2)
        expect_choice(page, known, Choice(Network.pocket("block2_pool")))
        assert expect_frame(page, 2080) == frame
        press(page, "ArrowDown", 4)
        paper = Network.pocket("block5_pool", size=96)
        expect_choice(page, known, Choice(paper))
        assert expect_frame(page, 2080) == frame
        answer = page.get_by_text("The face and the block's map").bounding_box()
        upload_button = page.get_by_role("button", name="own picture, up to")
        assert answer["y"] < upload_button.bounding_box()["y"]


def test_focus_can_be_seen(app, tmp_path):
    with photographed_page(tmp_path) as page:
        open_app(page, app)
        positions = page.get_by_label("position")
        before = positions.screenshot()
        positions.focus()
        page.wait_for_timeout(500)
        assert positions.screenshot() != before
