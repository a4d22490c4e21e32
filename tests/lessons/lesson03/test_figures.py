"""The figures of lesson 03."""

import numpy as np
import pytest
from drawn import overlaps, texts
from matplotlib.colors import to_rgba

from fercourse.data.practice import practice_faces
from fercourse.lessons.lesson03.figures import (
    attention_block,
    coin_tosses,
    constant_map_curves,
    face_and_stacks,
    faces_and_maps,
    own_against_others,
    parameter_bars,
    routes_of_map,
    seed_gains,
    seed_lines,
    uses_of_map,
)
from fercourse.lessons.lesson03.tables import decisions, shapes
from fercourse.models.pocket import pocket_model
from fercourse.models.vgg19 import vgg19_attention
from fercourse.plots.figures import ORANGE
from fercourse.results.statistics import PairedTest
from fercourse.training.prediction import attention_maps
from fercourse.training.recipes import RECIPES

USES = ("one channel", "the map", "append", "multiply", "residual")


@pytest.fixture(scope="module")
def model():
    return pocket_model("block3_pool", "multiply", trained_on="practice")


def test_the_block_is_drawn_with_the_numbers_of_the_model(model):
    face = practice_faces(1, seed=11).faces.images[0]
    figure, alt = attention_block(model, face)
    assert {"features\nH × W × C", "map\nH × W × 1", "sigmoid"} <= texts(figure)
    grids = [mesh.get_array().reshape(6, 6) for mesh in figure.axes[0].collections]
    # features, mean, maximum, both, map, features times map
    assert len(grids) == 4 + 1 + 1 + 2 + 1 + 4
    map_ = attention_maps(model, face[None])["block3_attention"][0]
    np.testing.assert_allclose(grids[8][::-1], map_, atol=1e-5)  # row 0 is at the top
    np.testing.assert_allclose(grids[9], grids[0] * grids[8], rtol=1e-5)
    assert overlaps(figure) == []
    assert "7 × 7 convolution" in alt


def test_each_use_of_the_map_is_computed_and_its_number_written_below(model):
    face = practice_faces(1, seed=11).faces.images[0]
    figure, alt = uses_of_map(model, face)
    drawn = [axis for axis in figure.axes if axis.get_title() in USES]
    grids = [
        [mesh.get_array().reshape(6, 6) for mesh in axis.collections] for axis in drawn
    ]
    [channel], [map_], [behind, appended], [multiplied], [residual] = grids
    np.testing.assert_array_equal(behind, map_)
    np.testing.assert_array_equal(appended, channel)
    np.testing.assert_allclose(multiplied, channel * map_, rtol=1e-5)
    np.testing.assert_allclose(residual, channel * (1 + map_), rtol=1e-5)
    row, column = np.unravel_index(map_.argmin(), map_.shape)
    outlined = [figure.axes[0], *drawn]  # the face is first
    assert {axis.patches[0].get_xy() for axis in outlined} == {(column, row)}
    x, m = channel[row, column], map_.min()
    product = f"{x:.2f} × {m:.2f} ≈ {x * m:.2f}"
    assert product in texts(figure) and f"multiply {product}" in alt
    assert overlaps(figure) == []


def test_the_pocket_network_appends_one_number_after_its_last_block():
    figure, alt = routes_of_map()
    assert {"block 3\n6 × 6", "block 5\n1 × 1", "map 6 × 6, mean: + 1"} <= texts(figure)
    pocket = pocket_model("block3_pool", "concat", trained_on="practice")
    assert pocket.get_layer("block3_attention").output.shape[1:3] == (6, 6)
    assert pocket.get_layer("block3_map_to_last_grid").output.shape[1:] == (1, 1, 1)
    assert "skips blocks 4 and 5" in alt and overlaps(figure) == []


def test_every_part_of_a_network_has_a_bar():
    figure, alt = parameter_bars({"the block": 99, "last layer": 28_679})
    assert {"the block", "28,679", "parameters"} <= texts(figure)
    assert alt == "Parameters of each part: the block 99, last layer 28,679."


def test_each_stack_has_a_colour_bar_for_its_own_numbers():
    stacks = {"mean": np.eye(6), "maximum": 5 * np.eye(6)}
    figure, alt = face_and_stacks(np.zeros((48, 48)), stacks)
    assert {"the face", "mean", "maximum"} <= texts(figure)
    assert [axis.get_ylim() for axis in figure.axes[3:]] == [(0, 1), (0, 5)]
    assert "mean, up to 1.0; maximum, up to 5.0" in alt


def test_evidence_is_orange_on_the_face_and_outlined_on_its_map():
    evidence = np.zeros((2, 48, 48), bool)
    evidence[0, 10:20, 10:20] = True
    maps = np.linspace(0, 1, 72).reshape(2, 6, 6)
    faces = np.zeros((2, 48, 48))
    figure, alt = faces_and_maps(faces, maps, ["happy", "neutral"], evidence)
    assert {"happy", "neutral", "map", "0.0", "1.0"} <= texts(figure)
    *pictures, _ = figure.axes  # the last is the colour bar
    tint = pictures[0].images[1].get_array()
    np.testing.assert_array_equal(tint[..., 3] > 0, evidence[0])
    assert [len(axis.collections) for axis in pictures] == [0, 0, 1, 0]
    assert "happy, neutral, with the evidence marked" in alt and "6 × 6 cells" in alt


def test_even_a_dark_face_under_a_dark_map_can_be_seen():
    face = np.tile([0.0, 9.0], (48, 24))
    figure, _ = faces_and_maps(face[None], np.zeros((1, 6, 6)), ["dark"])
    pixels = figure.axes[1].images[0].get_array()
    dark, light = pixels[0, :2].mean(axis=-1)
    assert light - dark > 0.3


def test_a_constant_map_has_a_curve_for_each_network():
    curves = {"append": [50.0, 50.0], "multiply": [0.0, 48.0]}
    figure, alt = constant_map_curves(curves, {"append": 51.0, "multiply": 52.0})
    assert {"append", "multiply"} <= texts(figure)
    assert overlaps(figure) == []
    assert "append from 50 to 50 percent; multiply from 0 to 50 percent" in alt


def test_faces_can_be_in_several_rows():
    maps = np.random.default_rng(0).random((6, 6, 6))
    figure, _ = faces_and_maps(np.zeros((6, 48, 48)), maps, list("abcdef"), columns=3)
    names = [axis.get_title() for axis in figure.axes[:12]]
    assert [*filter(None, names)] == list("abcdef")
    assert names[0] == "a" and names[6] == "d"


def test_own_maps_are_drawn_against_those_of_other_faces():
    means = {"evidence": (0.33, 0.19), "multiply": (0.088, 0.087)}
    differences = {"evidence": (14.5, 13.8, 15.2), "multiply": (0.04, -0.02, 0.1)}
    figure, alt = own_against_others(means, differences)
    assert {"evidence", "multiply", "+14.5 →", "8.8 %, 8.7 %"} <= texts(figure)
    assert "evidence 13.80 to 15.20, multiply -0.02 to 0.10" in alt
    assert overlaps(figure) == []
    figure, _ = own_against_others({"others": (0.1, 0.13)}, {"others": (-3, -4, -2)})
    assert "← \N{MINUS SIGN}3.0" in texts(figure) and overlaps(figure) == []


def test_p_is_the_chance_of_the_orange_bars():
    tests = {"few": PairedTest(20, 9, 0.0614), "many": PairedTest(127, 112, 0.3652)}
    figure, alt = coin_tosses(tests)
    titles = {"few: 20 to 9, p = 0.06", "many: 127 to 112, p = 0.37"}
    assert titles <= texts(figure)
    for axis, test in zip(figure.axes, tests.values(), strict=True):
        orange = [bar for bar in axis.patches if bar.get_facecolor() == to_rgba(ORANGE)]
        chance = sum(bar.get_height() for bar in orange)
        assert chance == pytest.approx(100 * test.p_value, abs=0.01)
    assert "few, 20 to 9, p 0.06" in alt and overlaps(figure) == []


def test_gains_are_drawn_with_their_seeds():
    figure, alt = seed_gains({"append": [-1.0, 0.0, 1.0], "multiply": [1, 2, 3]})
    assert {"append", "multiply"} <= texts(figure)
    assert "append +0.0 (-2.5 to 2.5); multiply +2.0 (-0.5 to 4.5)" in alt
    assert overlaps(figure) == []


def test_the_paper_s_silence_is_answered_from_the_recipe():
    heading, *rows = decisions(RECIPES["paper"], dropout=0.5)
    ours = {row[0]: row[-1] for row in rows}
    assert heading == ["decision", "the paper", "ours"]
    assert ours["batch size, epochs"] == "64, 40" and ours["dropout rate"] == "0.5"
    assert "rotation up to 15°, shift up to 10 % of the width" in ours["augmentation"]


def test_table_1_lists_what_the_model_computes():
    paper = vgg19_attention("block5_pool", "concat", weights=None, width=0.125)
    rows = dict(shapes(paper)[1:])
    assert rows["Conv"] == "7 × 7 × 1" and rows["Dense, 7"] == "7"
    assert rows["Flatten"] == f"{paper.get_layer('flatten').output.shape[1]:,}"


@pytest.mark.parametrize("last", [[71, 70, 71], [60, 70, 80]])
def test_seed_lines_join_the_systems(last):
    figure, alt = seed_lines({"without": [70, 72, 74], "with": last})
    assert "without 70.0, 72.0, 74.0; with" in alt
    assert {"without", "with", "seed 0", "seed 1", "seed 2", "mean"} <= texts(figure)
    assert overlaps(figure) == []
    lines = [line.get_ydata().tolist() for line in figure.axes[0].lines]
    assert lines == [list(pair) for pair in zip([70, 72, 74], last, strict=True)]
