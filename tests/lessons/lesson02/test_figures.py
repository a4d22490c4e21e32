"""The figures of lesson 02."""

import numpy as np
import pytest
from drawn import overlaps, texts
from matplotlib.colors import to_rgba
from tiny import tiny_faces

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson02 import TABLE_II
from fercourse.lessons.lesson02.figures import (
    above_baseline,
    activation_grid,
    cost_and_gain,
    filtered,
    gaps,
    in_words,
    knowledge_of_blocks,
    network_drawing,
    surest_errors,
)
from fercourse.plots.figures import BLUE, GREY, ORANGE


def test_activations_show_the_face_once_and_the_liveliest_channels():
    face = np.full((48, 48), 7)
    maps = np.zeros((4, 4, 3))
    maps[0, 0] = [1, 9, 3]
    layers = {"block 1": maps, "block 2": maps[:2, :2, ::-1]}
    figure = activation_grid(face, layers, columns=2)
    highest = [axis.images[0].get_array().max() for axis in figure.axes if axis.images]
    assert sorted(highest) == [3, 3, 7, 9, 9]
    assert {"block 1, 4 × 4", "block 2, 2 × 2", "highest"} <= texts(figure)
    assert overlaps(figure) == []


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


def test_a_filter_is_drawn_with_its_numbers_and_its_response():
    response = np.zeros((4, 4))
    response[0, 0] = 9
    figure = filtered(response, np.array([[-1, 0, 8]]), response)
    assert {"\N{MINUS SIGN}1", "0", "8", "response"} <= texts(figure)
    shown = figure.axes[2].images[0].get_array()
    assert (shown[0, 0], shown[1, 1]) == (3, 0)


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
    shown = {"you guessed\nabout this: 37\N{NO-BREAK SPACE}%", "most frequent answer"}
    assert shown <= texts(figure)
    assert "random weights: 33, 34, 35, 36, 37" in alt
    assert alt.endswith("always the most frequent answer: 23.")
    assert overlaps(figure) == []


def test_blocks_of_one_network_can_be_told_roughly():
    blocks = [(39.9 + block, 32, 40) for block in range(5)]
    grids = [6, 6, 6, 3, 1]
    figure, alt = knowledge_of_blocks({"pocket": blocks}, 22, grids=grids, step=10)
    assert "raw pixels" not in texts(figure)
    assert {"1\n6 × 6", "4\n3 × 3", "5\n1 × 1"} <= texts(figure)
    assert overlaps(figure) == []
    assert "pocket: 30 to 40, 40 to 50" in alt
    assert alt.endswith("most frequent answer: 20 to 30.")


def test_gains_are_drawn_against_costs():
    rows = {"head": (2_709, (50.9, 47, 55)), "block 5": (15_900_000, (53.1, 49, 57))}
    figure, alt = cost_and_gain(rows)
    assert {"head\n50.9\N{NO-BREAK SPACE}%", "10\nthousand", "1\nmillion"} <= texts(
        figure
    )
    assert figure.axes[0].get_xscale() == "log"
    assert alt == "Multiplications: head 2,709, block 5 15,900,000."
    assert overlaps(figure) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (999, "999"),
        (1_000, "1 thousand"),
        (2_709, "2.7 thousand"),
        (9_970, "10 thousand"),
        (999_960, "1 million"),
        (254_800_000, "255 million"),
        (2_700_000_000, "2.7 billion"),
    ],
)
def test_counts_in_words(number, words):
    assert in_words(number) == words


def test_what_is_clearly_above_the_baseline_is_named():
    rows = {"pretrained": (43, 39, 47), "from scratch": (25, 21, 29)}
    figure, alt = above_baseline(rows, 22)
    assert {"pretrained", "from scratch", "43.0", "25.0"} <= texts(figure)
    colours = [tuple(lines.get_colors()[0]) for lines in figure.axes[0].collections]
    assert colours[::2] == [to_rgba(BLUE), to_rgba(ORANGE)]
    assert alt == "Clearly above the most frequent answer: pretrained."
    rows = {"ImageNet": (43, 39, 47), "random weights": (25, 21, 29)}
    figure, alt = above_baseline(rows, 22, exact=True)
    colours = [tuple(lines.get_colors()[0]) for lines in figure.axes[0].collections]
    assert colours[::2] == [to_rgba(BLUE), to_rgba(ORANGE)]
    assert alt.startswith("Accuracy in percent: ImageNet 43, random weights 25.")


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


def test_the_surest_errors_come_first_and_right_answers_never():
    faces = tiny_faces(9)
    labels = np.asarray(faces.emotions)
    probabilities = np.full((9, 7), 0.01)
    for face in range(8):  # the first is right, the last has no sure answer
        probabilities[face, (labels[face] + (face > 0)) % 7] = 0.1 * face + 0.2
    figure, alt = surest_errors(faces, probabilities)
    shown = [axis.get_title() for axis in figure.axes if axis.images]
    assert len(shown) == 6 and alt.startswith("Six faces")
    answers = [EMOTIONS[(labels[face] + 1) % 7] for face in range(7, 1, -1)]
    for title, face, answer in zip(shown, range(7, 1, -1), answers, strict=True):
        label = EMOTIONS[labels[face]]
        assert title.startswith(f"label: {label}\nanswer: {answer} {10 * face + 20}")
