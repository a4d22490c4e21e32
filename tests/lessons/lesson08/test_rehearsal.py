"""Varied faces and the luck of picking, in lesson 08."""

import numpy as np
import pytest

from fercourse.data.practice import practice_faces
from fercourse.lessons.lesson08.rehearsal import (
    gains_of_picking,
    targets_in_words,
    training_batch,
)
from fercourse.training.recipes import RECIPES


def test_the_best_of_several_seems_better_only_where_it_was_picked():
    seems, remains = gains_of_picking(2.0, most=3)
    # The expected largest of two and of three normal numbers.
    assert seems == pytest.approx([0, 2 / np.sqrt(np.pi), 3 / np.sqrt(np.pi)], abs=0.05)
    assert remains == pytest.approx([0, 0, 0], abs=0.05)


def test_a_batch_is_blended_and_so_are_its_labels():
    faces = practice_faces(4, seed=13).faces
    mixed, targets = training_batch(faces, RECIPES["full"], seed=214)
    assert mixed.shape == (4, 48, 48)
    assert (mixed != faces.images).any(axis=(1, 2)).all()
    assert targets.sum(axis=1) == pytest.approx(np.ones(4))
    assert targets.max() < 1


def test_a_target_has_a_line_for_each_share_the_largest_first():
    blended = [0, 0, 0, 0.3, 0, 0, 0.7]
    assert targets_in_words(np.array([blended, np.eye(7)[4]])) == [
        "0.70 neutral\n0.30 happy",
        "1.00 sad",
    ]
