"""A real browser on a real JupyterLab or Voilà, for the tests that need one."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 1000  # Playwright counts in milliseconds

SETTINGS = {
    "apputils-extension/notification": {
        "fetchNews": "false"
    },  # its question hides a corner
    "notebook-extension/tracker": {
        "windowingMode": "none"
    },  # every cell is on the page
}


def find_browser() -> str | None:
    """The path of a Chromium on this machine, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


needs_browser = pytest.mark.skipif(
    find_browser() is None,
    reason="needs a browser: install Chromium (Debian and Ubuntu: apt install "
    "chromium)",
)


@contextlib.contextmanager
def open_page(width: int = 1280, height: int = 900) -> Iterator:
    """A page of a fresh browser, with `page.problems`: what appeared in its console as an error."""
    from playwright.sync_api import sync_playwright

    options = ["--disable-dev-shm-usage"] + (
        ["--no-sandbox"] if os.geteuid() == 0 else []
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=options
        )
        try:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.set_default_timeout(60 * SECONDS)
            page.problems = []
            page.on("pageerror", lambda error: page.problems.append(str(error)))
            page.on(
                "console",
                lambda line: (
                    page.problems.append(line.text) if line.type == "error" else None
                ),
            )
            yield page
        finally:
            browser.close()


@contextlib.contextmanager
def serve(command: list[str], folder: Path, port: int, path: str) -> Iterator[str]:
    """A server of its own configuration in a folder; its address. It ends with its kernels."""
    environment = os.environ | {
        name: str(folder / name.lower())
        for name in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTERLAB_WORKSPACES_DIR",
            "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTER_RUNTIME_DIR",
        )
    }
    for plugin, setting in SETTINGS.items():
        file = (
            folder
            / "jupyterlab_settings_dir"
            / "@jupyterlab"
            / f"{plugin}.jupyterlab-settings"
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(setting))
    log = folder / "server.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}{path}", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def jupyterlab(folder: Path):
    """JupyterLab on a folder."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}",
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]
    return serve(command, folder, port, "/api")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(
    address: str, server: subprocess.Popen, log: Path, seconds: float = 90
) -> None:
    """Wait until a server answers; fail with its log if it does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.3)
    raise RuntimeError(
        f"the server does not answer:\n{log.read_text(errors='replace')[-2000:]}"
    )


def copy_without_outputs(notebook: Path, folder: Path) -> Path:
    """A copy of a notebook that has not been executed: one that changes on disk would raise a dialog."""
    book = json.loads(notebook.read_text("utf-8"))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    copy = folder / notebook.name
    copy.write_text(json.dumps(book), "utf-8")
    return copy


def open_notebook(page, address: str, name: str) -> None:
    """Open a notebook in JupyterLab and wait until its kernel has nothing to do."""
    page.goto(f"{address}/lab/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    for _ in range(240):
        kernels = []  # while one starts, the server may answer with an error
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{address}/api/kernels") as answer,
        ):
            kernels = json.load(answer)
        if kernels and all(
            kernel["execution_state"] == "idle" and kernel["connections"]
            for kernel in kernels
        ):
            break
        page.wait_for_timeout(250)
    page.wait_for_selector(
        ".jp-Notebook-ExecutionIndicator[data-status=idle]", state="attached"
    )


ALL_RAN = """() => {
    const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")];
    return prompts.every(prompt => /\\[\\d+\\]/.test(prompt.textContent)) ||
        document.querySelector(".jp-OutputArea [data-mime-type='application/vnd.jupyter.error']") !== null;
}"""


def run_all(page, seconds: float = 240) -> None:
    """Run all cells of a notebook without outputs and wait until each has run or one has failed."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(ALL_RAN, timeout=seconds * SECONDS)
