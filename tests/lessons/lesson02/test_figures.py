"""The figures of lesson 02."""

import numpy as np
from drawn import overlaps, texts
from matplotlib.colors import to_rgba

from fercourse.lessons.lesson02 import TABLE_II
from fercourse.lessons.lesson02.figures import (
    activation_grid,
    curves_of_runs,
    filtered,
    gaps,
    knowledge_of_blocks,
    network_drawing,
    parameter_bars,
)
from fercourse.plots.figures import BLUE, GREY


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
    assert {"block 1\n8 × 8\n× 64", "→ 4 × 4", "fc1\n4,096"} <= texts(figure)


def test_each_kind_of_layer_has_its_colour_in_the_legend():
    figure = network_drawing(TABLE_II)
    (legend,) = figure.legends
    kinds = {patch.get_label(): patch.get_facecolor() for patch in legend.get_patches()}
    block1, fc1 = figure.axes[0].patches[:3], figure.axes[1].patches[5]
    colours = [bar.get_facecolor() for bar in (*block1, fc1)]
    names = ("convolution", "convolution", "pool", "dense layer")
    assert colours == [kinds[name] for name in names]
    assert len(set(kinds.values())) == 3


def test_the_network_continues_in_a_second_row_and_no_label_is_on_another():
    figure = network_drawing(TABLE_II)
    first, second = (len(axis.patches) for axis in figure.axes)
    assert (first, second) == (3 + 3 + 5 + 5, 5 + 3)
    assert overlaps(figure) == []


def test_a_filter_is_drawn_with_its_numbers_and_its_response_in_ink():
    response = np.zeros((4, 4))
    response[0, 0] = 9
    figure = filtered(response, np.array([[-1, 0, 8]]), response)
    assert {"\N{MINUS SIGN}1", "0", "8", "response"} <= texts(figure)
    ink = figure.axes[2].images[0].get_array()
    assert (ink[0, 0], ink[1, 1]) == (0, 255)


def test_parameters_are_summed_by_block_and_only_where_there_are_any():
    figure, alt = parameter_bars(TABLE_II)
    shown = texts(figure)
    assert "block 5 9.44, fc1 102.76" in alt
    assert {"block 1", "0.04", "fc1", "102.76", "predictions"} <= shown
    assert not {"flatten", "input"} & shown


def test_a_run_of_one_epoch_is_a_point_with_its_name():
    curves = {"long": [28.0, 50.0, 64.0], "longer": [38.0, 66.0], "short": [43.0]}
    figure, alt = curves_of_runs(curves)
    assert {"long", "longer", "short (one epoch)"} <= texts(figure)
    assert overlaps(figure) == []
    assert alt.startswith("PublicTest accuracy over the epochs: long from 28 to 64 %")
    assert "short 43 % after one" in alt


def test_blocks_are_drawn_with_their_intervals_and_raw_pixels_apart():
    blocks = [(33 + block, 32, 40) for block in range(5)]
    few, many = [(30, 27, 33), *blocks], [(36, 35, 37), *blocks]
    figure, alt = knowledge_of_blocks({"few": few, "many": many})
    assert {"few", "many", "features after block", "raw pixels"} <= texts(figure)
    first, second = figure.axes[0].collections[::2]
    for lines, low in ((first, 27), (second, 35)):
        starts = [tuple(line[0]) for line in lines.get_segments()]
        assert starts[0][1] == low and starts[0][0] < 0.5
        assert starts[1:] == [(block, 32) for block in range(1, 6)]
    assert first.get_segments()[0][0][0] != second.get_segments()[0][0][0]
    pixels, *others = map(tuple, first.get_colors())
    assert pixels == to_rgba(GREY) and set(others) == {to_rgba(BLUE)}
    joined = [line.get_xdata() for line in figure.axes[0].lines[1:]]
    assert [list(places) for places in joined] == [[1, 2, 3, 4, 5]] * 2
    assert "few: raw pixels 30, blocks 33, 34, 35, 36, 37; many: raw pixels 36" in alt


def test_blocks_can_be_drawn_without_raw_pixels():
    blocks = [(33 + block, 32, 40) for block in range(5)]
    figure, alt = knowledge_of_blocks({"few": [(30, 27, 33), *blocks], "many": blocks})
    first, second = figure.axes[0].collections[::2]
    assert (len(first.get_segments()), len(second.get_segments())) == (6, 5)
    assert first.get_segments()[0][0][0] == 0
    assert "many: 33, 34, 35, 36, 37" in alt


def test_gaps_are_drawn_between_what_is_known_and_what_is_new():
    rows = {"neither": (100.0, 49.0, 2.25), "both": (94.0, 53.0, 1.82)}
    figure, alt = gaps(rows)
    assert {"neither: validation loss 2.25", "100", "49", "94", "53"} <= {
        text.strip() for text in texts(figure)
    }
    ends = figure.axes[0].collections[0].get_segments()
    assert [sorted(end[:, 0]) for end in ends] == [[49, 100], [53, 94]]
    assert "validation: both. Lowest validation loss: both" in alt
    assert overlaps(figure) == []
