"""Figures of lesson 04."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fercourse.data.faces import IMAGE_SIDE
from fercourse.models.costs import Place, places
from fercourse.plots.figures import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    TALL_ROW,
    Options,
    enlarge_text,
    face_grid,
    interval_rows,
    names_above,
    new_figure,
    note,
    show_face,
)


def field_squares(image: np.ndarray, size: int = IMAGE_SIDE) -> Figure:
    """The receptive field of one place after each block; the rest of the face is pale.

    An orange square shows the place, a blue one its receptive field, which may be
    larger than the figure. It is the middle place or, if there is none, the one before.

    Args:
        image: shape (48, 48), grey 0–255.
        size: side of the network's input in pixels.
    """
    blocks = places(size)
    figure, axes = new_figure(3, 2, 5.8, 4.4)
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
        axis.set_title(title, pad=2)
    legend = axes.flat[-1]
    legend.axis("off")
    note(legend, "one place\nof the grid", (0, 0.85), ORANGE)
    note(legend, "its field: the\npixels that it\ndepends on", (0, 0.45), BLUE)
    note(legend, "pale: no influence", (0, 0.1), GREY)
    return enlarge_text(figure)


def averaged_faces(face: np.ndarray, grids: Sequence[int]) -> Figure:
    """A face (48, 48), and its mean over the cells of the grid after each block.

    Args:
        face: shape (48, 48), grey 0–255.
        grids: how many cells each grid has on one side.
    """
    shown, titles = [face.astype(float)], ["the face"]
    for block, n in enumerate(grids, 1):
        cell = IMAGE_SIDE // n
        # (row of cells, row in the cell, column of cells, column in the cell) → (n, n)
        means = face.reshape(n, cell, n, cell).mean(axis=(1, 3))
        shown.append(np.kron(means, np.ones((cell, cell))))
        titles.append(f"block {block}: {n} × {n}")
    return enlarge_text(face_grid(np.stack(shown), titles, columns=3, side=1.9))


def intervals_around(
    rows: Mapping[str, tuple[float, float, float]], reference: str
) -> Figure:
    """Accuracies with their intervals; a pale band extends the reference's interval."""
    figure, axis = new_figure(width=5.8, height=0.7 + TALL_ROW * len(rows))
    axis.axvspan(*rows[reference][1:], color=PALE, alpha=0.35, linewidth=0)
    interval_rows(axis, rows, BLUE, INK)
    names_above(axis, list(rows))
    for row, (accuracy, _, high) in enumerate(rows.values()):
        note(axis, f"  {accuracy:.1f}", (high, row))
    axis.set_xlabel("PublicTest accuracy (%), 95 % intervals")
    axis.margins(x=0.1)
    return enlarge_text(figure, 10)


def span_histogram(spans: Sequence[float], measured: float) -> Figure:
    """How far apart the best and the worst are by chance, and the measured distance."""
    figure, axis = new_figure(width=5.4, height=2.7)
    axis.hist(spans, bins=20, color=PALE, edgecolor="white")
    axis.axvline(measured, color=ORANGE, linewidth=2.5)
    high = axis.get_ylim()[1]
    axis.set_ylim(top=1.2 * high)
    note(axis, f" measured: {measured:.1f}", (measured, 1.12 * high), ORANGE)
    note(axis, " noise alone", (np.quantile(spans, 0.9), 0.55 * high), GREY)
    axis.set(xlabel="best minus worst (points)", ylabel="shuffles")
    return enlarge_text(figure)


def square_of_field(place: Place) -> tuple[float, float]:
    """Where the field of a middle place begins, and its side, in pixels of the face."""
    cell = IMAGE_SIDE / place.grid
    centre = ((place.grid - 1) // 2 + 0.5) * cell
    return centre - place.field_on_face / 2, place.field_on_face
