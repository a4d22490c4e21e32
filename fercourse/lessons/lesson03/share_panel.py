"""A panel of lesson 03: how much of a map is on the evidence of a face."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes

from fercourse.data.faces import EMOTIONS, Faces
from fercourse.lessons.lesson03.figures import (
    face_under_map,
    face_with_evidence,
    map_bar,
)
from fercourse.plots.figures import (
    GREY,
    INK,
    ORANGE,
    PALE,
    Shown,
    names_above,
    new_mosaic,
)
from fercourse.plots.widgets import FigurePanel, choice_list
from fercourse.results.evidence import evidence_on_grid

_SCALES = (15, 30, 60, 100)  # percent: the first that has room for every share


class SharePanel(FigurePanel):
    """Choose a face; see the share of its map on its evidence, and other faces' maps.

    Example: `lesson03.SharePanel(faces, maps, evidence)`.

    Attributes:
        face: a number, the first face of each emotion.
        maps: "the network's", those given, or "the evidence" of each face as its map.
        kept: how many cells of every map are kept, the brightest; the others become 0.
    """

    def __init__(
        self,
        faces: Faces,
        maps: np.ndarray,
        evidence: np.ndarray,
        share: Callable | None = None,
    ) -> None:
        self._images, self._evidence = faces.images, evidence
        self._share = share or share_on_evidence
        self._cells = evidence_on_grid(evidence, *maps.shape[1:])
        kinds = {"the network's": maps, "the evidence": self._cells}
        self._kinds = {name: never_empty(kind) for name, kind in kinds.items()}
        emotions, firsts = np.unique(faces.emotions, return_index=True)
        rows = {EMOTIONS[n]: int(row) for n, row in zip(emotions, firsts, strict=True)}
        self.face = choice_list("face", rows, rows[EMOTIONS[emotions[-1]]])
        self.maps = choice_list("maps", [*self._kinds], "the network's")
        every = maps[0].size
        counts = {f"all {every}": every}
        counts |= {f"brightest {every // part}": every // part for part in (2, 4)}
        self.kept = choice_list("cells kept", counts, every)
        super().__init__(self.face, self.maps, self.kept)

    def draw(self) -> Shown:
        """The figure for the chosen values, and its alternative text."""
        number = self.face.value
        maps = brightest(self._kinds[self.maps.value], self.kept.value)
        cells, where = self._cells[number], self._evidence[number]
        shares = np.array([100 * float(self._share(map_, cells)) for map_ in maps])
        own, others = shares[number], np.delete(shares, number)
        even = 100 * cells.mean()
        figure, axes = new_mosaic("AB;CC", 4.6, 3.6)
        face_with_evidence(axes["A"], self._images[number], where)
        face_under_map(axes["B"], self._images[number], maps[number], where)
        map_bar(figure, [axes["A"], axes["B"]])
        _compare(axes["C"], own, others, even)
        return figure, (
            f"{self.face.label}: {own:.1f} % of its own map is on the evidence, on "
            f"average {others.mean():.1f} % of the maps of other faces, and "
            f"{even:.1f} % of a uniform map."
        )


def _compare(axis: Axes, own: float, others: np.ndarray, even: float) -> None:
    """Shares on one face's evidence, in percent: of its own map and of all others."""
    jitter = np.random.default_rng(0).uniform(-0.15, 0.15, len(others))
    axis.plot(others, jitter, ".", color=PALE, markersize=4)
    rows = {
        "maps of other faces, on average": (others.mean(), "o", GREY),
        "its own map": (own, "D", ORANGE),
        "a map that is the same everywhere": (even, "s", INK),
    }
    for row, (value, form, colour) in enumerate(rows.values()):
        axis.plot(value, row, form, color=colour, markersize=7)
    names_above(axis, [f"{name}: {row[0]:.1f} %" for name, row in rows.items()])
    largest = max(own, others.max())
    widest = next(scale for scale in _SCALES if scale >= largest)
    axis.set(xlim=(0, widest), xlabel="share on the evidence of this face (%)")


def never_empty(maps: np.ndarray) -> np.ndarray:
    """The maps, shape (N, height, width), with ones in each that has no mass.

    So does `shares_on_evidence` count it: as a map that is the same everywhere.
    """
    return np.where(maps.any(axis=(1, 2), keepdims=True), maps, 1.0)


def brightest(maps: np.ndarray, count: int) -> np.ndarray:
    """The maps, shape (N, height, width), with only their `count` brightest cells."""
    least = np.sort(maps.reshape(len(maps), -1), axis=1)[:, -count]
    return np.where(maps >= least[:, None, None], maps, 0)


def share_on_evidence(map_: np.ndarray, evidence: np.ndarray) -> float:
    """The share of a map's mass on the evidence, both on the same grid."""
    return (map_ * evidence).sum() / map_.sum()
