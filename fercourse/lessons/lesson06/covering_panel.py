"""A panel of lesson 06: move the grey square, and see what the network still says."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets
import keras
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from fercourse.explain.occlusion import WINDOW, window_corners
from fercourse.plots.figures import (
    MAP_COLOURS,
    ORANGE,
    Shown,
    enlarge_text,
    new_figure,
    show_face,
)
from fercourse.plots.widgets import FigurePanel
from fercourse.training.prediction import predict


def cover(face: np.ndarray, row: int, column: int, side: int) -> np.ndarray:
    """A copy of the face with a square in its mean grey: exercise 6.1."""
    square = (slice(row, row + side), slice(column, column + side))
    picture = np.array(face)
    picture[square] = face.mean()
    return picture


class CoverPanel(FigurePanel):
    """Choose where the square is; the falls of the probability form a map.

    Attributes:
        row: of the square's place, from 1 at the top.
        column: of the square's place, from 1 at the left.
    """

    def __init__(
        self,
        model: keras.Model,
        face: np.ndarray,
        emotion: int,
        cover: Callable[..., np.ndarray] = cover,
    ) -> None:
        """Cover a face at all places of `window_corners`.

        Args:
            face: shape (48, 48), grey 0–255.
            emotion: whose probability is shown.
            cover: takes a face, row, column and side, and returns the covered face.
        """
        corners = window_corners()
        self._covered = np.stack([cover(face, *corner, WINDOW) for corner in corners])
        answers = predict(model, np.stack([face, *self._covered]))[:, emotion]
        side = round(len(corners) ** 0.5)
        self._falls = (answers[0] - answers[1:]).reshape(side, side)
        row, column = np.unravel_index(self._falls.argmax(), self._falls.shape)
        number = ipywidgets.BoundedIntText
        self.row = number(row + 1, min=1, max=side, description="row")
        self.column = number(column + 1, min=1, max=side, description="column")
        for box in (self.row, self.column):
            box.layout.width = "160px"
        super().__init__(self.row, self.column)

    def draw(self) -> Shown:
        """The covered face and the map of falls, and their alternative text."""
        row, column = self.row.value - 1, self.column.value - 1
        fall = self._falls[row, column]
        figure, (left, right) = new_figure(2, 1, 5.4, 3.1)
        show_face(left, self._covered[row * len(self._falls) + column])
        left.set_title(f"falls by {fall:z.2f}")
        colours = Normalize(0, self._falls.max())
        right.imshow(self._falls, cmap=MAP_COLOURS, norm=colours)
        frame = Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False)
        frame.set(edgecolor=ORANGE, linewidth=3, clip_on=False)
        right.add_patch(frame)
        right.set(title="all places", xlabel="column", ylabel="row")
        ticks = np.arange(0, len(self._falls), 2)
        right.set_xticks(ticks, ticks + 1)
        right.set_yticks(ticks, ticks + 1)
        bar = figure.colorbar(
            ScalarMappable(colours, MAP_COLOURS), ax=right, shrink=0.75
        )
        bar.set_label("fall of the probability")
        alt = f"A face with a grey square at row {row + 1}, column {column + 1} of "
        alt += f"{len(self._falls)}; its probability falls by {fall:z.2f}. "
        alt += f"The largest fall of all places is {self._falls.max():.2f}"
        return enlarge_text(figure, 10), alt
