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
    """Show faces in rows, each under its title; `side` CSS pixels or less."""
    cells = "".join(_cell(title, face, side, columns) for title, face in tiles)
    look = f"max-width:{columns * (side + 6)}px"
    look += ";text-align:center;font-size:12px;line-height:1.3"
    display(HTML(f'<div style="{look}">{cells}</div>'))


def _cell(title: str, face: np.ndarray, side: int, columns: int) -> str:
    pixels = np.clip(np.round(face), 0, 255).astype("uint8")
    alt = f"a drawn face, titled {title}".replace("\n", ", ")
    picture = image_tag(pixels_png(pixels), alt, side, True)
    # A share of the width, so that a row stays whole on a phone
    look = f"display:inline-block;width:{96 / columns:g}%;vertical-align:bottom"
    words = escape(title).replace(chr(10), "<br>")
    return f'<div style="{look}">{words}<br>{picture}</div>'
