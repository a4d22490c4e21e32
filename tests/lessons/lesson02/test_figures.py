"""The figures of lesson 02."""

import numpy as np
from drawn import overlaps, texts
from matplotlib.colors import to_rgba

from fercourse.lessons.lesson02 import TABLE_II
from fercourse.lessons.lesson02.figures import (
    above_baseline,
    activation_grid,
    cost_and_gain,
    curves_of_runs,
    filtered,
    gaps,
    knowledge_of_blocks,
    network_drawing,
)
from fercourse.plots.figures import BLUE, GREY, ORANGE


def test_activations_show_the_face_and_the_liveliest_channels():
    face = np.full((48, 48), 7)
    maps = np.zeros((4, 4, 3))
    maps[0, 0] = [1, 9, 3]
    layers = {"block 1": maps, "block 2": maps[:2, :2, ::-1]}
    figure = activation_grid(face, layers, "a network", columns=2)
    highest = [axis.images[0].get_array().max() for axis in figure.axes[:6]]
    assert highest == [7, 9, 3, 7, 9, 3]
    shown = {"a network", "block 1, 4 × 4", "block 2, 2 × 2", "highest"}
    assert shown <= texts(figure)


def test_a_network_is_drawn_layer_by_layer_with_its_parameters():
    table = [("block1_conv1", (8, 8, 64), 1792), ("block1_pool", (4, 4, 64), 0)]
    dense = [("flatten", (1024,), 0), ("fc1", (4096,), 9_000_000)]
    figure, alt = network_drawing([*table, *dense])
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == sorted(widths, reverse=True)
    assert len(widths) == 3
    assert {"block 1\n8 × 8 × 64", "fc1: 4,096", "9.00"} <= texts(figure)
    assert alt.endswith("Million parameters: block 1 0.00, fc1 9.00.")


def test_each_kind_of_layer_has_its_colour_in_the_legend():
    figure, _ = network_drawing(TABLE_II)
    (legend,) = figure.legends
    kinds = {patch.get_label(): patch.get_facecolor() for patch in legend.get_patches()}
    block1, last = figure.axes[0].patches[:3], figure.axes[0].patches[-1]
    colours = [bar.get_facecolor() for bar in (*block1, last)]
    names = ("convolution", "convolution", "pool", "dense layer")
    assert colours == [kinds[name] for name in names]
    assert len(set(kinds.values())) == 3
    millions = [bar.get_facecolor() for bar in figure.axes[1].patches]
    assert millions == 5 * [kinds["convolution"]] + 3 * [kinds["dense layer"]]


def test_the_parameters_of_a_block_are_added_and_no_label_is_on_another():
    figure, alt = network_drawing(TABLE_II)
    assert "block 5 9.44, fc1 102.76" in alt
    assert {"0.04", "102.76", "7 × 7 left", "predictions: 1,000"} <= texts(figure)
    assert overlaps(figure) == []


def test_a_filter_is_drawn_with_its_numbers_and_its_response_in_ink():
    response = np.zeros((4, 4))
    response[0, 0] = 9
    figure = filtered(response, np.array([[-1, 0, 8]]), response)
    assert {"\N{MINUS SIGN}1", "0", "8", "response"} <= texts(figure)
    ink = figure.axes[2].images[0].get_array()
    assert (ink[0, 0], ink[1, 1]) == (0, 255)


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
    for lines, low, shift in ((first, 27, -0.06), (second, 35, 0.06)):
        starts = [tuple(line[0]) for line in lines.get_segments()]
        assert np.allclose(starts[0], (shift, low))
        assert np.allclose(starts[1:], [(n + shift, 32) for n in range(1, 6)])
        pixels, *others = map(tuple, lines.get_colors())
        assert pixels == to_rgba(GREY) and set(others) == {to_rgba(BLUE)}
    assert "few: raw pixels 30, blocks 33, 34, 35, 36, 37; many: raw pixels 36" in alt


def test_random_weights_are_orange_and_the_guessed_block_has_a_ring():
    blocks = [(33 + block, 32, 40) for block in range(5)]
    lines = {"ImageNet": [(30, 27, 33), *blocks], "random weights": blocks}
    figure, alt = knowledge_of_blocks(lines, 23.3, guessed=True)
    first, second = figure.axes[0].collections[::2]
    assert (len(first.get_segments()), len(second.get_segments())) == (6, 5)
    assert {tuple(colour) for colour in second.get_colors()} == {to_rgba(ORANGE)}
    shown = {"you guessed\nabout this: 37 %", "most frequent answer"}
    assert shown <= texts(figure)
    assert "random weights: 33, 34, 35, 36, 37" in alt
    assert alt.endswith("always the most frequent answer: 23.")
    assert overlaps(figure) == []


def test_blocks_of_one_network_can_be_told_roughly():
    blocks = [(39.9 + block, 32, 40) for block in range(5)]
    figure, alt = knowledge_of_blocks({"pocket": blocks}, 22, step=10)
    assert "raw pixels" not in texts(figure)
    assert "pocket: 30 to 40, 40 to 50" in alt
    assert alt.endswith("most frequent answer: 20 to 30.")


def test_gains_are_drawn_against_costs():
    rows = {"head": (0.003, (50.9, 47, 55)), "block 5": (15.9, (53.1, 49, 57))}
    figure, alt = cost_and_gain(rows)
    assert {"head\n50.9 %", "block 5\n53.1 %"} <= texts(figure)
    assert figure.axes[0].get_xscale() == "log"
    assert alt == "Million multiplications: head 0.003, block 5 15.900."
    assert overlaps(figure) == []


def test_what_is_clearly_above_the_baseline_is_named():
    rows = {"pretrained": (43, 39, 47), "from scratch": (25, 21, 29)}
    figure, alt = above_baseline(rows, 22)
    assert {"pretrained", "from scratch", "43.0", "25.0"} <= texts(figure)
    colours = [tuple(lines.get_colors()[0]) for lines in figure.axes[0].collections]
    assert colours[::2] == [to_rgba(BLUE), to_rgba(ORANGE)]
    assert alt == "Clearly above the most frequent answer: pretrained."


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
