"""The panel of lesson 02, whose filters respond as a convolution of Keras does."""

import numpy as np
import pytest
from keras import ops

from fercourse.lessons.lesson02.filters import FILTERS, FilterPanel, respond

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 48, 48)).astype("uint8")


@pytest.mark.parametrize("name", FILTERS)
def test_filters_respond_as_a_convolution_does(name):
    kernel = FILTERS[name]
    image = IMAGES[0].astype("float32")[None, ..., None]
    expected = ops.relu(
        ops.conv(image, kernel[..., None, None].astype("float32"), padding="valid")
    )
    response = respond(IMAGES[0], kernel)[1:-1, 1:-1]
    assert np.allclose(response, ops.convert_to_numpy(expected)[0, ..., 0])


def test_only_the_sum_responds_to_an_even_patch():
    even = np.full((48, 48), 90)
    answering = [name for name in FILTERS if respond(even, FILTERS[name]).any()]
    assert answering == ["sum of nine"]


def test_the_panel_follows_its_lists():
    panel = FilterPanel(IMAGES)
    assert "Face 1, filter below minus above" in repr(panel)
    panel.filter.value = "sum of nine"
    assert "sum of nine: 100 % of the pixels respond" in repr(panel)
    panel.face.value = 1
    assert "Face 2, filter sum of nine" in panel.still()
