"""The website: every lesson is a page that needs no server and no internet."""

import contextlib
import functools
import gzip
import html
import http.server
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
import pytest
from browser import needs_browser, open_page
from fontTools.ttLib import TTFont
from PIL import Image

from fercourse.lessons.lesson04.knowledge import ask, panel_faces, with_map
from fercourse.models.pocket import (
    LARGER_VARIANTS,
    VARIANTS,
    is_shipped,
    pocket_model,
)

ROOT = Path(__file__).parent.parent
LESSONS = sorted((ROOT / "lessons").glob("[0-9][0-9]_*.ipynb"))

SHIPPED = [network for network in (*VARIANTS, *LARGER_VARIANTS) if is_shipped(network)]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = ["-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    places = ["-c", "lessons/site", "-d", str(folder / "cache"), "lessons"]
    command = [sys.executable, *command, *places, str(folder / "pages")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "pages"


def pictures(lesson: Path) -> list[str]:
    """The alternative texts of all pictures that the notebook stores."""
    book = nbformat.read(lesson, 4)
    outputs = [part for cell in book.cells for part in cell.get("outputs", [])]
    pages = "".join(part.get("data", {}).get("text/html", "") for part in outputs)
    return re.findall(r'<img alt="([^"]*)"', pages)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_page_has_the_lessons_pictures_and_needs_no_internet(lesson, site):
    page = (site / f"{lesson.stem}.html").read_text("utf-8")
    assert pictures(lesson)
    assert [alt for alt in pictures(lesson) if f'alt="{alt}"' not in page] == []
    # Neither a script nor a style or a picture comes from elsewhere.
    assert re.findall(r'(?:src|<link[^>]*href)="https?:[^"]*', page) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_page_leads_on_and_has_its_notebook(lesson, site):
    page = (site / f"{lesson.stem}.html").read_text("utf-8")
    assert re.search(
        rf'href="https://colab[^"]*/github/[^"]*/lessons/{lesson.name}"', page
    )
    assert f'href="_sources/{lesson.name}"' in page
    assert nbformat.read(site / "_sources" / lesson.name, 4).cells
    number = LESSONS.index(lesson)
    pages = ["index", *[path.stem for path in LESSONS], "glossary"]
    for way, other in ("left-prev", pages[number]), ("right-next", pages[number + 2]):
        links = re.findall(rf'<a class="{way}"\s+href="([^"]*)"', page)
        assert links == [f"{other}.html"]


def test_the_font_for_formulas_has_every_character_of_theirs(site):
    """Without such a font, as on phones, indices are not lowered."""
    pages = [path.read_text("utf-8") for path in site.glob("*.html")]
    formulas = [x for page in pages for x in re.findall(r"(?s)<math.*?</math>", page)]
    text = html.unescape(re.sub("<[^>]*>", "", "".join(formulas)))
    # Neither blanks nor the sign for "applied to".
    text = re.sub(r"\s|\u2061", "", text)
    characters = TTFont(site / "_static" / "math.woff").getBestCmap()
    assert "∑" in text
    assert {x for x in text if ord(x) not in characters} == set()


@needs_browser
def test_the_pages_on_a_phone_from_the_disk(site):
    with open_page(390, 844) as page:
        for path in sorted(site.glob("*.html")):
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        page.goto((site / "03_spatial_attention.html").as_uri())
        page.click(".primary-toggle")
        page.click("dialog[open] a[href='04_move_the_block.html']")
        page.wait_for_url("**/04_move_the_block.html")
        assert "Move the attention block" in page.inner_text("h1")
        page.click(".secondary-toggle")
        page.wait_for_selector("dialog[open] a[href='#summary']")
        page.goto(f"{(site / 'search.html').as_uri()}?q=sigmoid")
        page.wait_for_selector("#search-results a[href*='glossary']")


@needs_browser
def test_a_dark_page_has_no_light_sheet_under_a_chart(site):
    with open_page() as page:
        page.emulate_media(color_scheme="dark")
        page.goto(f"file://{site}/05_table3_measured.html")
        chart = page.locator("img.fc-chart").first
        assert "invert(1)" in chart.evaluate("it => getComputedStyle(it).filter")
        sheets = chart.evaluate(
            """it => [it, it.parentElement].map(
                part => getComputedStyle(part).backgroundColor)"""
        )
        assert sheets == ["rgba(0, 0, 0, 0)"] * 2


def test_every_picture_of_the_contents_is_there(site):
    page = (site / "index.html").read_text("utf-8")
    pictures = re.findall(r'<img [^>]*src="([^":]+)"', page)
    assert pictures and all((site / picture).is_file() for picture in pictures)


def test_a_term_is_linked_where_a_lesson_first_uses_it(site):
    page = (site / "03_spatial_attention.html").read_text("utf-8")
    links = re.findall(r'<a class="term[^>]*href="glossary.html#([\w-]+)"', page)
    assert "spatial-attention" in links and len(set(links)) == len(links) > 20
    glossary = (site / "glossary.html").read_text("utf-8")
    assert [link for link in links if f'id="{link}"' not in glossary] == []


@pytest.mark.parametrize(
    "lesson", ["index", "glossary", *[path.stem for path in LESSONS]]
)
def test_links_within_the_site_lead_to_a_page(lesson, site):
    page = (site / f"{lesson}.html").read_text("utf-8")
    links = set(re.findall(r'<a [^>]*href="([^"#:]+)["#]', page))
    assert "panel/index.html" in links  # which is made apart from the lessons
    assert [link for link in links if not (site / link).exists()] == [
        "panel/index.html"
    ]


# The interactive page
# -------------------------------------------------------------------------------------


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    if shutil.which("npm") is None:
        pytest.skip("needs Node.js and npm")
    folder = tmp_path_factory.mktemp("panel")
    command = [sys.executable, "lessons/site/export.py", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


def test_the_pages_source_has_no_lint_and_no_wrong_type(address):
    command = ["npm", "run", "--silent", "check"]
    panel = ROOT / "lessons" / "site" / "panel"
    done = subprocess.run(command, cwd=panel, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def opened(address: str, width: int = 1366, height: int = 768, *flags: str) -> Iterator:
    """The page after its first answer; it only ever reads from its own site."""
    with open_page(width, height, *flags) as page:
        page.requested, page.sent = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("request", lambda request: page.sent.append(request.method))
        page.goto(address)
        page.wait_for_selector("#answer:not(:empty)")
        yield page
        assert page.problems == []
        host = address.rpartition("/")[0]
        kinds = (host, "data:", "blob:")
        assert [url for url in page.requested if not url.startswith(kinds)] == []
        assert set(page.sent) == {"GET"}


@needs_browser
def test_a_model_is_loaded_when_it_is_chosen(address):
    def loaded(page) -> list[str]:
        return re.findall(r"(pocket[\w-]*)\.bin", " ".join(page.requested))

    with opened(address) as page:
        assert loaded(page) == ["pocket-block4-concat"]
        page.get_by_role("button", name="block 2").click()
        page.wait_for_selector("#map[aria-label*='12 × 12 places']")
        page.get_by_role("button", name="block 4").click()
        page.wait_for_selector("#map[aria-label*='3 × 3 places']")
        assert loaded(page) == ["pocket-block4-concat", "pocket-block2-concat"]
        # Everything but the models, as a server sends it.
        names = {url.rpartition("/")[2] for url in page.requested}
        parts = [name for name in names if not name.startswith("pocket")]
        answers = {name: page.request.get(f"{address}/../{name}") for name in parts}
        sizes = [len(gzip.compress(answer.body())) for answer in answers.values()]
        assert any(name.endswith(".wasm") for name in parts)
        assert sum(sizes) < 6e6


@needs_browser
def test_the_page_is_quick(address):
    """In processor time, to which other work on the machine adds little."""
    with opened(address) as page:
        session = page.context.new_cdp_session(page)

        def seconds() -> float:
            answer = session.send("Performance.getMetrics")["metrics"]
            return {item["name"]: item["value"] for item in answer}["TaskDuration"]

        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(address)
        page.wait_for_selector("#answer:not(:empty)")
        assert seconds() < 2
        position = page.get_by_role("slider", name="Attention")

        def move(key: str) -> None:
            position.press(key)
            page.wait_for_timeout(200)
            page.wait_for_selector("body:not(.busy)")

        # To block 5 and back: the larger model. Both are loaded and warm then.
        for key in ["ArrowRight", "ArrowLeft"] * 2:
            move(key)
        rounds = []
        for _ in range(3):
            before = seconds()
            for key in ["ArrowRight", "ArrowLeft"] * 5:
                move(key)
            rounds.append((seconds() - before) / 10)
        # 24 to 54 ms were measured, the most on a machine that was busy.
        assert min(rounds) < 0.1


@needs_browser
def test_the_page_computes_what_the_library_computes(address):
    images = panel_faces().faces.images
    with opened(address) as page:
        assert page.evaluate("models()") == [network.name for network in SHIPPED]
        for network in SHIPPED:
            ask_all = f"""Promise.all(
                [...Array({len(images)}).keys()].map(n => ask("{network.name}", n)))"""
            answers = page.evaluate(ask_all)
            model = pocket_model(network.after, network.combine, size=network.size)
            probabilities, maps = ask(with_map(model), images)
            computed = np.array([answer["probabilities"] for answer in answers])
            np.testing.assert_allclose(computed, probabilities, atol=1e-3)
            drawn = np.array([answer["map"] for answer in answers])
            expected = np.zeros((len(images), 0)) if maps is None else maps
            np.testing.assert_allclose(
                drawn, expected.reshape(len(images), -1), atol=1e-3
            )


@needs_browser
@pytest.mark.parametrize("width", [1366, 390])
def test_the_page_by_keyboard(address, width, tmp_path):
    with opened(address, width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        position = page.get_by_role("slider", name="Attention")
        assert position.get_attribute("aria-valuetext") == "after block 4"
        position.focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_selector("#map[aria-label*='6 × 6 places']")
        assert position.get_attribute("aria-valuetext") == "after block 3"
        assert page.inner_text("#before").endswith("after block 4, appended.")
        assert page.locator("#probabilities .tick").count() == 7
        # A place of the map, and the sum that makes it.
        page.locator("#map").focus()
        for key in ["ArrowUp"] * 6 + ["ArrowLeft"] * 6 + ["ArrowDown"]:
            page.keyboard.press(key)
        page.wait_for_selector("text=Row 2, column 1:")
        sigmoid, value = re.search(
            r"sigmoid\(z\) = ([\d.]+), and the map has ([\d.]+)",
            page.inner_text("#sum"),
        ).groups()
        assert sigmoid == value
        # A picture of one's own, and back.
        Image.new("RGB", (90, 60), "gray").save(tmp_path / "me.png")
        page.get_by_text("Your own picture").click()
        page.set_input_files("#file", tmp_path / "me.png")
        page.wait_for_selector("#face[aria-label='your picture']")
        assert page.is_disabled("#next") and "(" not in page.inner_text("#answer")
        page.get_by_role("button", name="Back to the practice faces").click()
        page.wait_for_selector("#face[aria-label^='a drawn face']")
        # Another face, by its radio button.
        page.get_by_role("radio", name="happy").check(force=True)
        page.wait_for_selector("#face[aria-label='a drawn face labelled happy']")
        (tmp_path / "text.png").write_text("no picture")
        page.set_input_files("#file", tmp_path / "text.png")
        page.wait_for_selector("text=This picture cannot be used")


@needs_browser
def test_the_camera_is_on_only_between_two_clicks(address):
    flags = "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"
    is_on = "document.getElementById('video').srcObject !== null"
    with opened(address, 390, 844, *flags) as page:
        page.get_by_text("Your own picture").click()
        assert not page.evaluate(is_on)
        page.get_by_role("button", name="Use the camera").click()
        page.wait_for_function(
            f"{is_on} && document.getElementById('video').videoWidth"
        )
        page.evaluate("window.track = video.srcObject.getTracks()[0]")
        page.get_by_role("button", name="Take the picture").click()
        page.wait_for_selector("#face[aria-label='your picture']")
        assert not page.evaluate(is_on)
        assert page.evaluate("track.readyState") == "ended"
        # Folding the section switches the camera off as well.
        page.get_by_role("button", name="Use the camera").click()
        page.wait_for_function(is_on)
        page.get_by_text("Your own picture").click()
        page.wait_for_function(f"!({is_on})")
