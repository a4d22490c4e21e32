"""One's own face in the panel: nothing leaves the machine, and no file is written."""

import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from browser import ROOT, SECONDS, attention_app, needs_browser, open_page
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


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> dict[str, Path]:
    """Folders for the server, its home and its temporary files."""
    names = ("server", "home", "temporary", "watch", "picture")
    return {name: tmp_path_factory.mktemp(name) for name in names}


@pytest.fixture(scope="module")
def app(places):
    (places["watch"] / "sitecustomize.py").write_text(WATCH)
    search = [str(places["watch"]), os.environ.get("PYTHONPATH", "")]
    watched = {
        "HOME": str(places["home"]),
        "TMPDIR": str(places["temporary"]),
        "CONNECTIONS": str(places["watch"] / "connections"),
        "PYTHONPATH": os.pathsep.join(filter(None, search)),
    }
    with attention_app(places["server"], **watched) as address:
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
        page.get_by_alt_text("me.png, 120 × 90 pixels").wait_for()
        page.get_by_label("position").press("ArrowUp")  # another network answers, too
        assert when_quiet(places) == before
    # Pictures in the page itself, data: and blob:, have no host.
    assert hosts - {None, ""} == {"127.0.0.1"}
    contacted = set((places["watch"] / "connections").read_text().splitlines())
    watching = {line for line in contacted if line.startswith("watching")}
    assert len(watching) > 1  # the server and its kernel
    assert contacted - watching <= {"127.0.0.1", "localhost", "::1", "0.0.0.0"}
