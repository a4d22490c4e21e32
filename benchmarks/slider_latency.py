"""How long the attention panel takes to answer: from a key press to the new picture on the page.

    python benchmarks/slider_latency.py [moves]

Starts the panel in Voilà and a real Chromium (see tests/browser.py), moves the position
slider by keyboard and measures inside the page, from the key event to the frame that
shows the last change.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser import SECONDS, free_port, open_page, serve

MEASURE = """key => new Promise(resolve => {
    const handle = [...document.querySelectorAll(".widget-slider")]
        .find(slider => slider.innerText.includes("position")).querySelector(".noUi-handle");
    const boxes = [...document.querySelectorAll(".widget-html-content")];
    const costs = boxes.find(box => box.innerText.includes("multiply-adds"));
    handle.focus();
    const started = performance.now();
    const observer = new MutationObserver(() => {
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started), 0));
    });
    observer.observe(costs, {childList: true, characterData: true, subtree: true});
    handle.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
})"""


def main() -> None:
    """Print the distribution in milliseconds."""
    moves = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    app, port = ROOT / "lessons" / "app", free_port()
    os.environ |= {"JUPYTER_PATH": str(app), "JUPYTER_CONFIG_PATH": str(app)}
    command = [
        sys.executable,
        "-m",
        "voila",
        str(app / "attention_panel.ipynb"),
        "--no-browser",
        f"--port={port}",
    ]
    times = []
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(command, Path(folder), port, "/voila/static/voila.js") as address,
        open_page() as page,
    ):
        page.goto(address)
        page.wait_for_selector(".widget-slider .noUi-handle", timeout=120 * SECONDS)
        page.wait_for_timeout(2 * SECONDS)
        for move in range(moves + 8):
            key = "ArrowLeft" if move // 4 % 2 == 0 else "ArrowRight"
            times.append(page.evaluate(MEASURE, key))
            page.wait_for_timeout(60)
    times = sorted(times[8:])  # the first round warms up
    ninety = times[int(0.9 * len(times))]
    median = statistics.median(times)
    print(
        f"{len(times)} moves: median {median:.0f} ms, 90 % {ninety:.0f} ms, worst "
        f"{times[-1]:.0f} ms"
    )


if __name__ == "__main__":
    main()
