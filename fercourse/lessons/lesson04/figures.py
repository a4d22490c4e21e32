"""Figures of lesson 04."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fercourse.data.faces import IMAGE_SIDE
from fercourse.models.costs import Place, places
from fercourse.plots.figures import BLUE, ORANGE, Options, new_figure, show_face


def field_squares(image: np.ndarray, size: int = IMAGE_SIDE) -> Figure:
    """The receptive field of one place after each block; the rest of the face is pale.

    An orange square shows the place, a blue one its receptive field, which may be
    larger than the figure. It is the middle place or, if there is none, the one before.

    Args:
        image: shape (48, 48), grey 0–255.
        size: side of the network's input in pixels.
    """
    blocks = places(size)
    figure, axes = new_figure(3, 2, 4.6, 3.5)
    for axis in axes.flat[len(blocks) :]:
        axis.remove()
    for number, (axis, place) in enumerate(zip(axes.flat, blocks, strict=False), 1):
        show_face(axis, image)
        corner, side = square_of_field(place)
        pixels = np.arange(IMAGE_SIDE) + 0.5
        seen = (corner < pixels) & (pixels < corner + side)
        veil = np.ones((IMAGE_SIDE, IMAGE_SIDE, 4))  # white, and how opaque it is
        veil[..., 3] = 0.75 * ~np.outer(seen, seen)
        axis.imshow(veil, interpolation="nearest")
        look: Options = {"fill": False, "linewidth": 1.5, "clip_on": True}
        cell = IMAGE_SIDE / place.grid
        middle = corner + (side - cell) / 2
        # An image's first pixel begins at −0.5.
        for start, length, colour in ((corner, side, BLUE), (middle, cell, ORANGE)):
            here = (start - 0.5, start - 0.5)
            axis.add_patch(Rectangle(here, length, length, edgecolor=colour, **look))
        axis.set(xlim=(-9, IMAGE_SIDE + 8), ylim=(IMAGE_SIDE + 8, -9))
        sides = f"{side:.0f} × {side:.0f}"
        title = f"block {number}: {place.grid} × {place.grid}\nfield {sides}"
        axis.set_title(title, fontsize=8, pad=2)
    return figure


def square_of_field(place: Place) -> tuple[float, float]:
    """Where the field of a middle place begins, and its side, in pixels of the face."""
    cell = IMAGE_SIDE / place.grid
    centre = ((place.grid - 1) // 2 + 0.5) * cell
    return centre - place.field_on_face / 2, place.field_on_face
