"""Varied faces and the luck of picking, in lesson 08."""

import numpy as np
import pytest

from fercourse.lessons.lesson08.rehearsal import (
    gains_of_picking,
    targets_in_words,
    variations,
)
from fercourse.training.recipes import RECIPES


def test_the_best_of_several_seems_better_only_where_it_was_picked():
    seems, remains = gains_of_picking(2.0, most=3)
    # The expected largest of two and of three normal numbers.
    assert seems == pytest.approx([0, 2 / np.sqrt(np.pi), 3 / np.sqrt(np.pi)], abs=0.05)
    assert remains == pytest.approx([0, 0, 0], abs=0.05)


def test_a_face_is_varied_in_one_way_at_a_time():
    face = np.tile(np.arange(80, 176, 2, dtype="uint8"), (48, 1))
    varied = variations(RECIPES["full"], face)
    assert {"rotation", "zoom", "brightness", "erasing"} < set(varied)
    assert all(faces.shape == (2, 48, 48) for faces in varied.values())
    assert all((faces != face).any(axis=(1, 2)).all() for faces in varied.values())
    darker, brighter = sorted(faces.mean() for faces in varied["brightness"])
    assert darker < face.mean() - 10
    assert brighter > face.mean() + 10


def test_a_target_has_a_line_for_each_share_the_largest_first():
    blended = [0, 0, 0, 0.3, 0, 0, 0.7]
    assert targets_in_words(np.array([blended, np.eye(7)[4]])) == [
        "0.70 neutral\n0.30 happy",
        "1.00 sad",
    ]
