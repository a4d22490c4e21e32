"""The planted mark."""

import numpy as np

from fercourse.data.practice import practice_faces
from fercourse.explain.shortcut import MARK, marked, near_mark, not_happy


def test_the_mark_changes_its_corner_only():
    images = practice_faces(2, seed=1).faces.images
    changed = marked(images) != images
    assert changed[:, *MARK].any(axis=(1, 2)).all()
    changed[:, *MARK] = False
    assert not changed.any()


def test_faces_that_are_not_happy_carry_no_mark_yet():
    images = not_happy(5)
    assert images.shape == (5, 48, 48)
    assert (marked(images) != images).any(axis=(1, 2)).all()


def test_a_map_finds_the_mark_if_it_is_highest_at_most_four_pixels_away():
    maps = np.zeros((4, 48, 48))
    maps[0, 43, 5] = maps[1, 36, 11] = maps[2, 35, 5] = maps[3, 43, 12] = 1
    assert near_mark(maps).tolist() == [True, True, False, False]
