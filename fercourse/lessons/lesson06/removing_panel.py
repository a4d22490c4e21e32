"""A panel of lesson 06: remove a face's pixels in the order of a map."""

from __future__ import annotations

import keras
import numpy as np
from matplotlib.axes import Axes

from fercourse.data.faces import EMOTIONS
from fercourse.explain.scores import FILLS, area_under, partly_removed, removal_curve
from fercourse.explain.table import TRUTH, KnownFaces, row_maps
from fercourse.lessons.lesson06.figures import in_words
from fercourse.plots.figures import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    Options,
    Shown,
    enlarge_text,
    new_mosaic,
    note,
    show_face,
)
from fercourse.plots.widgets import FigurePanel, choice_list

MAPS = (
    "occlusion",
    "gradient",
    "integrated_gradients",
    "grad_cam",
    "attention",
    "random",
    TRUTH,
)
STEPS = 10
_COLOURS = {"random": ORANGE, TRUTH: INK}


class RemovalPanel(FigurePanel):
    """Choose a map and how many pixels are removed; see what the network says then.

    Attributes:
        map: whose order is followed, one of `MAPS`.
        share: how many pixels were deleted or put back, from 0 to 1.
        insert: whether pixels are put back instead of deleted.
        fill: what a removed pixel becomes, one of `FILLS`.
    """

    def __init__(self, model: keras.Model, one: KnownFaces) -> None:
        self._emotion = EMOTIONS[one.emotions[0]]
        self._maps = np.concatenate([row_maps(name, model, one) for name in MAPS])
        # The same face for each map, so that the network answers all of them at once.
        self._faces = np.repeat(one.images, len(MAPS), axis=0)
        self._curves = {
            (fill, insert): removal_curve(
                model, self._faces, self._emotion, self._maps, fill, insert, STEPS
            )
            for fill in FILLS
            for insert in (False, True)
        }
        names = {in_words(name): name for name in MAPS}
        self.map = choice_list("map", names, "occlusion")
        shares = {f"{step / STEPS:.0%}": step / STEPS for step in range(STEPS + 1)}
        self.share = choice_list("pixels", shares, 0.2)
        ways = {"delete": False, "put back": True}
        self.insert = choice_list("do", ways, False)
        fills = dict(zip(("grey", "blur"), FILLS, strict=True))
        self.fill = choice_list("filled with", fills, FILLS[0])
        super().__init__(self.map, self.share, self.insert, self.fill)

    def draw(self) -> Shown:
        """The changed face and the curve, and their alternative text."""
        share, insert, fill = self.share.value, self.insert.value, self.fill.value
        number, done = MAPS.index(self.map.value), "put back" if insert else "deleted"
        one = slice(number, number + 1)
        changed = partly_removed(self._faces[one], self._maps[one], share, fill, insert)
        curves = self._curves[fill, insert]
        probability = curves[number, round(share * STEPS)]
        area = area_under(curves[one])[0]
        words = in_words(self.map.value)

        figure, axes = new_mosaic("AB;CC", 4.6, 5.2)
        face, names, below = axes.values()
        show_face(face, changed[0])
        face.set_title(f"{share:.0%} {done}")
        shares = 100 * np.arange(STEPS + 1) / STEPS
        below.axvline(100 * share, color=PALE, linewidth=1)
        for curve in curves:
            below.plot(shares, curve, color=PALE, linewidth=1)
        for name, colour in _COLOURS.items():
            below.plot(shares, curves[MAPS.index(name)], color=colour, linewidth=2)
        below.plot(shares, curves[number], color=BLUE, linewidth=3)
        below.plot(100 * share, probability, "o", color=BLUE, markersize=9)
        below.set(xlabel=f"pixels {done} (%)", ylabel=f"probability of {self._emotion}")
        below.set_ylim(-0.05, 1.05)
        self._name_curves(names, curves[:, round(share * STEPS)], number)
        alt = f"A face with {share:.0%} of its pixels {done} in the order of {words}: "
        alt += f"probability of {self._emotion} {probability:.2f}, area {area:.2f}"
        return enlarge_text(figure, 10), alt

    def _name_curves(self, axis: Axes, heights: np.ndarray, chosen: int) -> None:
        """Name and height of every curve next to the face, the highest first."""
        axis.axis("off")
        for line, number in enumerate(np.argsort(-heights, kind="stable")):
            words = f"{heights[number]:.2f} {in_words(MAPS[number])}"
            look: Options = {"fontweight": "bold"} if number == chosen else {}
            colour = _COLOURS.get(MAPS[number], GREY)
            place = (0.0, 0.95 - 0.15 * line)
            note(axis, words, place, BLUE if number == chosen else colour, **look)
