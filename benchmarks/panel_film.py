"""Film the attention panel for README.md: `python benchmarks/panel_film.py`.

It serves the panel as `make app` does, moves its controls in Chromium, and writes
`lessons/images/panel.png`. The faces are practice faces.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from browser import SECONDS, attention_app, open_page

FILM = ROOT / "lessons" / "images" / "panel.png"
LARGEST = 1_500_000  # bytes
SECONDS_A_FRAME = 1.4
MOVES = (
    ("position", "block 3"),
    ("position", "block 2"),
    ("position", "block 1"),
    ("emotion", "surprise"),
    ("position", "block 2"),
    ("position", "block 3"),
    ("position", "block 4"),
)
"""A control and the entry to choose in it, one after the other."""


def main() -> None:
    """Film the panel, and write one file."""
    with (
        tempfile.TemporaryDirectory() as folder,
        attention_app(Path(folder)) as address,
        open_page(width=820, height=1000) as page,
    ):
        page.goto(address, wait_until="commit")
        page.get_by_label("position").wait_for(timeout=300 * SECONDS)
        page.get_by_text("Its answer").wait_for()
        page.wait_for_timeout(2000)
        frames = [_settled(page)]
        for name, entry in MOVES:
            page.get_by_label(name, exact=True).select_option(entry)
            frames.append(_settled(page, frames[-1]))
    # An animated PNG: a GIF has too few colours for a map and its colour bar.
    duration = round(1000 * SECONDS_A_FRAME)
    rest = {"save_all": True, "append_images": frames[1:], "loop": 0}
    frames[0].save(FILM, duration=duration, optimize=True, **rest)
    size = FILM.stat().st_size
    if size > LARGEST:
        raise RuntimeError(f"{FILM.name} has {size:,} bytes; at most {LARGEST:,}.")
    print(f"{FILM.relative_to(ROOT)}: {len(frames)} frames, {size:,} bytes")


def _settled(page, before: Image.Image | None = None) -> Image.Image:
    """The controls and the answer, once they differ from before and keep still."""
    boxes = [
        page.locator(selector).bounding_box()
        for selector in (".fc-left", ".fc-left + *")
    ]
    clip = {"x": boxes[0]["x"], "y": boxes[0]["y"]}
    clip["width"] = boxes[1]["x"] + boxes[1]["width"] - clip["x"]
    clip["height"] = max(box["height"] for box in boxes)
    last = None
    for _ in range(60):
        now = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
        if now == last and now != before:
            return now
        last = now
        page.wait_for_timeout(500)
    raise RuntimeError("The panel does not keep still.")


if __name__ == "__main__":
    main()
