"""What the tests of figures and panels share."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.text import Text


def texts(figure) -> set[str]:
    """The words written into a figure: notes, titles, labels and ticks."""
    figure.canvas.draw()
    drawn = figure.findobj(Text)
    return {text.get_text().strip() for text in drawn if text.get_visible()} - {""}


def overlaps(figure) -> list[tuple[str, str]]:
    """Pairs of notes in the axes of a figure that are written on one another."""
    figure.canvas.draw()
    notes = [note for axis in figure.axes for note in axis.texts if note.get_text()]
    # Of the words alone, without an arrow.
    boxes = [Text.get_window_extent(note) for note in notes]
    return [
        (notes[one].get_text(), notes[other].get_text())
        for one, other in combinations(range(len(notes)), 2)
        if boxes[one].overlaps(boxes[other])
    ]


def text_of(html: str) -> str:
    """The words of a piece of HTML."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 defines it, from 1 to 21."""

    def luminance(colour: str) -> float:
        parts = np.array(to_rgb(colour))
        curved = ((parts + 0.055) / 1.055) ** 2.4
        linear = np.where(parts <= 0.04045, parts / 12.92, curved)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
