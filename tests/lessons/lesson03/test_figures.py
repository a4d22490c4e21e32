"""The figures of lesson 03."""

import numpy as np
import pytest
from drawn import overlaps, texts

from fercourse.data.practice import practice_faces
from fercourse.lessons.lesson03.figures import (
    attention_block,
    constant_map_curves,
    face_and_stacks,
    faces_and_maps,
    own_against_others,
    seed_lines,
)
from fercourse.models.pocket import pocket_model
from fercourse.training.prediction import attention_maps


@pytest.fixture(scope="module")
def model():
    return pocket_model("block3_pool", "multiply", trained_on="practice")


def test_the_block_is_drawn_with_the_numbers_of_the_model(model):
    face = practice_faces(1, seed=11).faces.images[0]
    figure, alt = attention_block(model, face)
    words = {"features\nH × W × C", "map\nH × W × 1", "multiply (CBAM)\nfeatures × map"}
    assert words <= texts(figure)
    grids = [mesh.get_array().reshape(6, 6) for mesh in figure.axes[0].collections]
    # Features, mean, maximum, both stacked, map; then append, multiply, add, the map.
    assert len(grids) == 4 + 1 + 1 + 2 + 1 + 3 * 4 + 1
    map_ = attention_maps(model, face[None])["block3_attention"][0]
    for grid in (grids[8], grids[-1]):  # row 0 is drawn at the top
        np.testing.assert_allclose(grid[::-1], map_, atol=1e-5)
    for before, times in zip(grids[:4], grids[13:17], strict=True):
        np.testing.assert_allclose(times, before * grids[8], atol=1e-4)
    assert overlaps(figure) == []
    assert "7 × 7 convolution" in alt


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


def test_own_maps_are_drawn_against_those_of_other_faces():
    means = {"evidence": (0.33, 0.19), "multiply": (0.088, 0.087)}
    differences = {"evidence": (14.5, 13.8, 15.2), "multiply": (0.04, -0.02, 0.1)}
    figure, alt = own_against_others(means, differences, chance=0.08)
    assert {"evidence", "multiply", "uniform map"} <= texts(figure)
    assert {"13.80 to 15.20 →", "−0.02 to 0.10"} <= texts(figure)
    shares, gaps = (axis.get_position() for axis in figure.axes)
    assert gaps.y1 < shares.y0  # below, so that a phone shows both
    assert "evidence 13.80 to 15.20, multiply -0.02 to 0.10" in alt
    assert overlaps(figure) == []


@pytest.mark.parametrize("last", [[71, 70, 71], [60, 70, 80]])
def test_seed_lines_join_the_systems(last):
    figure, alt = seed_lines({"without": [70, 72, 74], "with": last})
    assert "without 70.0, 72.0, 74.0; with" in alt
    assert {"without", "with", "seed 0", "seed 1", "seed 2", "mean"} <= texts(figure)
    assert overlaps(figure) == []
    lines = [line.get_ydata().tolist() for line in figure.axes[0].lines]
    assert lines == [list(pair) for pair in zip([70, 72, 74], last, strict=True)]
