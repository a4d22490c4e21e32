"""Figures of lesson 04: the squares are where the lesson says."""

import numpy as np
import pytest

from fercourse.lessons.lesson04.figures import field_squares, square_of_field
from fercourse.models.costs import places


@pytest.mark.parametrize(
    ("block", "begin", "end"),
    [(1, 20, 26), (2, 14, 30), (3, -6, 46), (4, -38, 86), (5, -110, 158)],
)
def test_the_field_of_a_middle_place(block, begin, end):
    start, side = square_of_field(places(48)[block - 1])
    assert (start, start + side) == (begin, end)


def test_a_larger_input_moves_no_centre_from_its_grid():
    for place in places(96):
        start, side = square_of_field(place)
        assert (start + side / 2) * place.grid / 48 % 1 == 0.5


def test_pale_pixels_are_those_outside_the_field():
    figure = field_squares(np.zeros((48, 48), "uint8"))
    veils = [axis.images[-1].get_array()[..., 3] for axis in figure.axes]
    assert [int((veil == 0).sum()) for veil in veils] == [
        6 * 6,
        16 * 16,
        46 * 46,
        48 * 48,
        48 * 48,
    ]
