"""A panel of lesson 02: filters made by hand, and what they respond to in a face."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from fercourse.lessons.lesson02.figures import filtered
from fercourse.plots.figures import Shown
from fercourse.plots.widgets import FigurePanel, choice_list

FILTERS: dict[str, np.ndarray] = {
    "below minus above": np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]]),
    "above minus below": np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]]),
    "right minus left": np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]),
    "middle minus around": np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    "sum of nine": np.ones((3, 3), int),
}


class FilterPanel(FigurePanel):
    """Choose a filter of nine numbers and a face; see where it responds.

    Example: `lesson02.FilterPanel(data.validation.images[:4])`.

    Attributes:
        filter: its nine numbers.
        face: which of the images, counted from 0.
    """

    def __init__(self, images: np.ndarray) -> None:
        self._images = images
        self.filter = choice_list("filter", [*FILTERS], "below minus above")
        faces = {str(number + 1): number for number in range(len(images))}
        self.face = choice_list("face", faces, 0)
        super().__init__(self.filter, self.face)

    def draw(self) -> Shown:
        """The figure for the chosen values, and its alternative text."""
        face, name = self._images[self.face.value], self.filter.value
        response = respond(face, FILTERS[name])
        alt = f"Face {self.face.value + 1}, filter {name}: "
        alt += f"{100 * (response > 0).mean():.0f} % of the pixels respond"
        return filtered(face, FILTERS[name], response), alt


def respond(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """What a 3 × 3 filter and `relu` make of an image; its border is repeated."""
    # Zeros, as in VGG19, would be a dark frame, and the strongest edge of all.
    response = ndimage.correlate(image.astype(float), kernel, mode="nearest")
    return np.maximum(response, 0)
