"""A real browser on a real JupyterLab or Voilà, for the tests that need one."""

from __future__ import annotations

import contextlib
import json
import os
import re
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
APP = ROOT / "lessons" / "app"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for name in BROWSERS if (path := shutil.which(name))), None)
SECONDS = 1000  # Playwright counts in milliseconds

SETTINGS = {
    # Its question hides a corner of the page.
    "apputils-extension/notification": {"fetchNews": "false"},
    # Every cell is on the page, whether it is in view or not.
    "notebook-extension/tracker": {"windowingMode": "none"},
}

needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="needs Chromium (Debian and Ubuntu: apt install chromium)"
)


@contextlib.contextmanager
def open_page(width: int = 1280, height: int = 900, *flags: str) -> Iterator:
    """A page of a fresh browser; `page.problems` lists the errors of its console."""
    from playwright.sync_api import sync_playwright

    options = ["--disable-dev-shm-usage", *flags]
    options += ["--no-sandbox"] * (os.geteuid() == 0)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=options)
        try:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.set_default_timeout(60 * SECONDS)
            page.problems = []

            def note_error(line) -> None:
                if line.type == "error":
                    page.problems.append(line.text)

            page.on("pageerror", lambda error: page.problems.append(str(error)))
            page.on("console", note_error)
            yield page
        finally:
            browser.close()


@contextlib.contextmanager
def serve(
    module: str, *options: str, folder: Path, path: str, **variables: str
) -> Iterator[str]:
    """The address of a server with its own configuration in a folder.

    Args:
        module: "jupyterlab" or "voila".
        options: of its command line.
        folder: where it runs and keeps its configuration.
        path: what answers once it is ready.
        variables: of its environment.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kinds = ("JUPYTER_CONFIG", "JUPYTERLAB_WORKSPACES", "JUPYTERLAB_SETTINGS")
    names = [*(f"{kind}_DIR" for kind in kinds), "JUPYTER_RUNTIME_DIR"]
    own = {name: str(folder / name.lower()) for name in names}
    environment = {**os.environ, **own, **variables}
    for plugin, setting in SETTINGS.items():
        settings = folder / "jupyterlab_settings_dir" / "@jupyterlab"
        file = settings / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(setting))
    command = [sys.executable, "-m", module, "--no-browser", f"--port={port}", *options]
    log, address = folder / "server.log", f"http://127.0.0.1:{port}"
    with log.open("wb") as stream:
        places = {"cwd": folder, "env": environment, "stdout": stream, "stderr": stream}
        server = subprocess.Popen(command, start_new_session=True, **places)
    try:
        wait_for(address + path, server, log)
        yield address
    finally:
        # The whole group, so that its kernels end too.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def jupyterlab(folder: Path):
    """JupyterLab on a folder."""
    options = ["--ip=127.0.0.1", "--IdentityProvider.token=", message_size("lab")]
    options += [f"--ServerApp.root_dir={folder}"]
    options += ["--allow-root"] * (os.geteuid() == 0)
    return serve("jupyterlab", *options, folder=folder, path="/api")


def attention_app(folder: Path, **variables: str):
    """The attention panel, served as `make app` does."""
    return panel_app(folder, APP / "attention_panel.ipynb", **variables)


def panel_app(folder: Path, notebook: Path, **variables: str):
    """A notebook with a panel as a page of its own, served as `make app` does."""
    places = {"JUPYTER_PATH": str(APP), "JUPYTER_CONFIG_PATH": str(APP)}
    options, path = [str(notebook), message_size("app")], "/voila/static/voila.js"
    return serve("voila", *options, folder=folder, path=path, **places, **variables)


def message_size(target: str) -> str:
    """The option that sets the largest message in one of the Makefile's commands."""
    command = ["make", "-n", target]
    recipe = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    return re.search(r"'(--\w+\.tornado_settings=[^']+)'", recipe)[1]


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    """Wait until a server answers; fail with its log if it does not."""
    end = time.monotonic() + 90
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.3)
    last_words = log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"the server does not answer:\n{last_words}")


def copy_without_outputs(notebook: Path, folder: Path) -> None:
    """Copy a notebook as if it had not been executed.

    In the checkout, one that changes on disk would raise a dialog.
    """
    book = json.loads(notebook.read_text("utf-8"))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    (folder / notebook.name).write_text(json.dumps(book), "utf-8")


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
        states = [(k["execution_state"], k["connections"] > 0) for k in kernels]
        if states and set(states) == {("idle", True)}:
            break
        page.wait_for_timeout(250)
    idle = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
    page.wait_for_selector(idle, state="attached")


ALL_RAN = """() => {
    const prompts = [...document.querySelectorAll(
        ".jp-CodeCell .jp-InputPrompt:not(.jp-Placeholder-prompt)")];
    const kinds = ["error", "stderr"].map(
        kind => `.jp-OutputArea [data-mime-type='application/vnd.jupyter.${kind}']`);
    return prompts.every(prompt => /\\[\\d+\\]/.test(prompt.textContent)) ||
        document.querySelector(kinds.join()) !== null;
}"""


def run_all(page) -> None:
    """Run all cells of a notebook without outputs; wait until all ran or one failed."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(ALL_RAN, timeout=240 * SECONDS)
