"""The figures of lesson 03."""

import numpy as np
import pytest
from drawn import overlaps, texts

from fercourse.lessons.lesson03.figures import (
    attention_block,
    evidence_grid,
    seed_lines,
)


def test_the_block_is_drawn_from_features_to_three_uses():
    figure = attention_block()
    assert {"features\nH × W × C", "attention map\nH × W × 1"} <= texts(figure)
    grids = [len(axis.collections) for axis in figure.axes]
    assert grids == [4 + 1 + 1 + 2 + 1]
    assert overlaps(figure) == []


def test_evidence_is_outlined_on_the_face_and_on_its_map():
    evidence = np.zeros((2, 48, 48), bool)
    evidence[0, 10:20, 10:20] = True
    maps = np.linspace(0, 1, 72).reshape(2, 6, 6)
    faces = np.zeros((2, 48, 48))
    figure = evidence_grid(faces, evidence, maps, ["happy", "neutral"])
    assert {"happy", "neutral"} <= texts(figure)
    outlined = [len(axis.collections) > 0 for axis in figure.axes]
    with_map = [len(axis.images) == 2 for axis in figure.axes]
    assert outlined == [True, False] * 2
    assert with_map == [False, False, True, True]


@pytest.mark.parametrize("last", [[71, 70, 71], [60, 70, 80]])
def test_seed_lines_join_the_systems(last):
    figure = seed_lines({"without": [70, 72, 74], "with": last})
    assert {"without", "with", "seed 0", "seed 1", "seed 2", "mean"} <= texts(figure)
    assert overlaps(figure) == []
    lines = [line.get_ydata().tolist() for line in figure.axes[0].lines]
    assert lines == [list(pair) for pair in zip([70, 72, 74], last, strict=True)]
