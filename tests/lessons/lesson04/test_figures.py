"""Figures of lesson 04: the squares are where the lesson says."""

import numpy as np
import pytest

from fercourse.lessons.lesson04.figures import (
    averaged_faces,
    field_squares,
    intervals_around,
    span_histogram,
    square_of_field,
)
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
    veils = [axis.images[-1].get_array()[..., 3] for axis in figure.axes[:5]]
    assert [int((veil == 0).sum()) for veil in veils] == [
        6 * 6,
        16 * 16,
        46 * 46,
        48 * 48,
        48 * 48,
    ]


def test_each_grid_keeps_only_the_mean_of_a_cell():
    face = np.random.default_rng(0).integers(0, 256, (48, 48), "uint8")
    whole, halves, one = (
        axis.images[0].get_array() for axis in averaged_faces(face, [2, 1]).axes
    )
    np.testing.assert_array_equal(whole, face)
    np.testing.assert_allclose(halves[:24, 24:], face[:24, 24:].mean())
    np.testing.assert_allclose(one, face.mean())


def test_the_band_is_the_interval_of_the_reference():
    rows = {"block": (64.5, 63.0, 66.0), "none": (64.0, 62.5, 65.5)}
    (axis,) = intervals_around(rows, "none").axes
    (band,) = axis.patches
    assert [band.get_x(), band.get_x() + band.get_width()] == [62.5, 65.5]


def test_the_measured_span_is_marked():
    (axis,) = span_histogram([0.5, 1.0, 1.5], 1.17).axes
    assert " measured: 1.2" in [text.get_text() for text in axis.texts]
    assert axis.lines[0].get_xdata()[0] == 1.17
