"""The figures of lesson 02."""

import numpy as np
from drawn import overlaps, texts

from fercourse.lessons.lesson02 import TABLE_II
from fercourse.lessons.lesson02.figures import (
    activation_grid,
    network_drawing,
    value_bars,
)


def test_activations_show_the_liveliest_channels():
    maps = np.zeros((4, 4, 3))
    maps[0, 0] = [1, 9, 3]
    layers = {"block 1": maps, "block 2": maps[:2, :2, ::-1]}
    figure = activation_grid(layers, columns=2)
    highest = [axis.images[0].get_array().max() for axis in figure.axes[:4]]
    assert highest == [9, 3, 9, 3]
    assert {"block 1: 4 × 4", "block 2: 2 × 2", "highest"} <= texts(figure)


def test_a_network_is_drawn_layer_by_layer():
    table = [("block1_conv1", (8, 8, 64), 1792), ("block1_pool", (4, 4, 64), 0)]
    figure = network_drawing([*table, ("flatten", (1024,), 0), ("fc1", (4096,), 9)])
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights == sorted(heights, reverse=True)
    assert len(heights) == 3
    assert {"block1\n8 × 8\n× 64", "fc1\n4,096"} <= texts(figure)


def test_the_network_continues_in_a_second_row_and_no_label_is_on_another():
    figure = network_drawing(TABLE_II)
    first, second = (len(axis.patches) for axis in figure.axes)
    assert (first, second) == (3 + 3 + 5 + 5, 5 + 3)
    assert overlaps(figure) == []


def test_value_bars_show_their_values_and_the_baseline():
    figure = value_bars({"first": 41.2, "second": 1234}, "accuracy", {"guess": 22})
    assert {"first", "second", "41", "1,234", "guess", "accuracy"} <= texts(figure)
