"""One's own face in the panel: nothing leaves the machine, and no file is written."""

import os
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import numpy as np
import pytest
from browser import APP, ROOT, SECONDS, needs_browser, open_page, panel_app
from PIL import Image

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_browser]
pytest.importorskip("playwright", reason="needs Playwright: pip install playwright")

# Python runs this in the server and in its kernel: it writes down each host that they
# look up or connect to. (A socket of this machine may also be a path.)
WATCH = """
import os, sys

def note(event, arguments):
    host = ""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    if event == "socket.getaddrinfo":
        host = arguments[0]
    if host:
        with open(os.environ["CONNECTIONS"], "a") as file:
            print(host, file=file)

sys.addaudithook(note)
note("socket.getaddrinfo", [f"watching {os.getpid()}"])
"""
LEFT_OUT = {".git", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache"}


OWN_PANEL = """import fercourse as fc
from fercourse.lessons import lesson07
fc.load_backend()
faces = fc.practice_faces(8, seed=2).faces
lesson07.OwnFacePanel(fc.pocket_model(), faces)"""


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> dict[str, Path]:
    """Folders for the server, its home and its temporary files."""
    names = ("server", "home", "temporary", "watch", "picture")
    return {name: tmp_path_factory.mktemp(name) for name in names}


@pytest.fixture(scope="module", params=["lesson 07", "lesson 04"])
def app(request, places):
    """A server with the small panel of lesson 07, or the large one of lesson 04."""
    (places["watch"] / "sitecustomize.py").write_text(WATCH)
    search = [str(places["watch"]), os.environ.get("PYTHONPATH", "")]
    watched = {
        "HOME": str(places["home"]),
        "TMPDIR": str(places["temporary"]),
        "CONNECTIONS": str(places["watch"] / "connections"),
        "PYTHONPATH": os.pathsep.join(filter(None, search)),
    }
    notebook = APP / "attention_panel.ipynb"
    if request.param == "lesson 07":
        notebook = places["server"] / "own_face.ipynb"
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(OWN_PANEL)])
        nbformat.write(book, notebook)
    with panel_app(places["server"], notebook, **watched) as address:
        yield address


def files(places: dict[str, Path]) -> dict[Path, tuple[int, int]]:
    """Size and time of every file that the panel could write, the log left out."""
    found = {}
    for top in (ROOT, places["server"], places["home"], places["temporary"]):
        for folder, below, names in os.walk(top):
            below[:] = [name for name in below if name not in LEFT_OUT]
            for name in names:
                state = (Path(folder) / name).stat()
                found[Path(folder) / name] = state.st_size, state.st_mtime_ns
    found.pop(places["server"] / "server.log", None)
    return found


def when_quiet(places: dict[str, Path]) -> dict[Path, tuple[int, int]]:
    """The files once none has changed for two seconds."""
    before = files(places)
    for _ in range(30):
        time.sleep(2)
        if (after := files(places)) == before:
            return after
        before = after
    raise AssertionError("the files never stop changing")


def test_an_own_face_stays_in_memory(app, places):
    noise = np.random.default_rng(0).integers(0, 256, (90, 120), dtype="uint8")
    picture = places["picture"] / "me.png"
    Image.fromarray(noise).save(picture)
    hosts: set[str | None] = set()
    with open_page() as page:
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        page.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).hostname))
        page.goto(app, wait_until="commit")
        upload = page.get_by_role("button", name="own picture, up to")
        upload.wait_for(timeout=240 * SECONDS)
        before = when_quiet(places)
        with page.expect_file_chooser() as chosen:
            upload.click()
        chosen.value.set_files(str(picture))
        own = re.compile("me.png, 120 × 90 pixels|Your picture: ")
        page.get_by_alt_text(own).wait_for()
        page.get_by_label("across %").press("ArrowUp")  # the network answers again
        assert when_quiet(places) == before
    # Pictures in the page itself, data: and blob:, have no host.
    assert hosts - {None, ""} == {"127.0.0.1"}
    contacted = set((places["watch"] / "connections").read_text().splitlines())
    watching = {line for line in contacted if line.startswith("watching")}
    assert len(watching) > 1  # the server and its kernel
    assert contacted - watching <= {"127.0.0.1", "localhost", "::1", "0.0.0.0"}
