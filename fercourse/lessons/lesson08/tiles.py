"""Faces under a cell as tiles of their own pixels, which takes little room."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from IPython.display import HTML, display

from fercourse.plots.figures import image_tag, pixels_png

Tile = tuple[str, np.ndarray]
"""A title and a face, shape (48, 48), grey 0–255."""


def show_tiles(tiles: Sequence[Tile], columns: int, side: int = 140) -> None:
    """Show faces in rows, each under its title; `side` is in CSS pixels."""
    cells = "".join(_cell(title, face, side) for title, face in tiles)
    look = f"display:grid;grid-template-columns:repeat({columns},{side}px);gap:6px"
    look += ";text-align:center;font-size:12px;line-height:1.3;align-items:end"
    grid = f'<div style="{look}">{cells}</div>'
    display(HTML(f'<div style="overflow-x:auto;max-width:100%">{grid}</div>'))


def _cell(title: str, face: np.ndarray, side: int) -> str:
    pixels = np.clip(np.round(face), 0, 255).astype("uint8")
    alt = f"a drawn face, titled {title}".replace("\n", ", ")
    picture = image_tag(pixels_png(pixels), alt, side, True)
    return f"<div>{escape(title).replace(chr(10), '<br>')}<br>{picture}</div>"
