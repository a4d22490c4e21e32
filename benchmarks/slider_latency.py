"""How long the panel takes to answer: from a key press to the new picture on the page.

    python benchmarks/slider_latency.py [moves]

Starts the panel in Voilà and a real Chromium, moves the position slider by keyboard and
measures inside the page, from the key event to the frame that shows the last change.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from browser import SECONDS, attention_app, open_page

MEASURE = """key => new Promise(resolve => {
    const sliders = [...document.querySelectorAll(".widget-slider")];
    const position = sliders.find(slider => slider.innerText.includes("position"));
    const handle = position.querySelector(".noUi-handle");
    const boxes = [...document.querySelectorAll(".widget-html-content")];
    const costs = boxes.find(box => box.innerText.includes("multiply-adds"));
    handle.focus();
    const started = performance.now();
    const finish = () => resolve(performance.now() - started);
    const observer = new MutationObserver(() => {
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(finish, 0));
    });
    observer.observe(costs, {childList: true, characterData: true, subtree: true});
    const options = {key, bubbles: true, cancelable: true};
    handle.dispatchEvent(new KeyboardEvent("keydown", options));
})"""


def main() -> None:
    """Print the distribution in milliseconds."""
    moves = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    times = []
    with (
        tempfile.TemporaryDirectory() as folder,
        attention_app(Path(folder)) as address,
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
