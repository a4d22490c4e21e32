"""The figures of lesson 03."""

import numpy as np
import pytest
from drawn import overlaps, texts

from fercourse.lessons.lesson03.figures import (
    attention_block,
    face_and_stacks,
    faces_and_maps,
    own_against_others,
    seed_lines,
)


def test_the_block_is_drawn_from_features_to_three_uses():
    figure = attention_block()
    assert {"features\nH × W × C", "attention map\nH × W × 1"} <= texts(figure)
    grids = [len(axis.collections) for axis in figure.axes]
    assert grids == [4 + 1 + 1 + 2 + 1]
    assert overlaps(figure) == []


def test_each_stack_has_a_colour_bar_for_its_own_numbers():
    stacks = {"mean": np.eye(6), "maximum": 5 * np.eye(6)}
    figure = face_and_stacks(np.zeros((48, 48)), stacks)
    assert {"the face", "mean", "maximum"} <= texts(figure)
    assert [axis.get_ylim() for axis in figure.axes[3:]] == [(0, 1), (0, 5)]


def test_evidence_is_outlined_on_the_face_and_on_its_map():
    evidence = np.zeros((2, 48, 48), bool)
    evidence[0, 10:20, 10:20] = True
    maps = np.linspace(0, 1, 72).reshape(2, 6, 6)
    faces = np.zeros((2, 48, 48))
    figure = faces_and_maps(faces, maps, ["happy", "neutral"], evidence)
    assert {"happy", "neutral", "map", "0.0", "1.0"} <= texts(figure)
    *pictures, _ = figure.axes  # the last is the colour bar
    assert [len(axis.collections) > 0 for axis in pictures] == [True, False] * 2
    with_map = [len(axis.images) == 2 for axis in pictures]
    assert with_map == [False, False, True, True]


def test_own_maps_are_drawn_against_those_of_other_faces():
    means = {"evidence": (0.33, 0.19), "multiply": (0.088, 0.087)}
    differences = {"evidence": (14.5, 13.8, 15.2), "multiply": (0.04, -0.02, 0.1)}
    figure = own_against_others(means, differences, chance=0.08)
    assert {"evidence", "multiply", "uniform map"} <= texts(figure)
    assert {"13.80 to 15.20 →", "−0.02 to 0.10"} <= texts(figure)
    shares, gaps = (axis.get_position() for axis in figure.axes)
    assert gaps.y1 < shares.y0  # below, so that a phone shows both
    assert overlaps(figure) == []


@pytest.mark.parametrize("last", [[71, 70, 71], [60, 70, 80]])
def test_seed_lines_join_the_systems(last):
    figure = seed_lines({"without": [70, 72, 74], "with": last})
    assert {"without", "with", "seed 0", "seed 1", "seed 2", "mean"} <= texts(figure)
    assert overlaps(figure) == []
    lines = [line.get_ydata().tolist() for line in figure.axes[0].lines]
    assert lines == [list(pair) for pair in zip([70, 72, 74], last, strict=True)]
