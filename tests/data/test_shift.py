"""Shifted faces: what each change keeps, and what it takes away."""

import numpy as np
import pytest

from fercourse.data.practice import practice_faces
from fercourse.data.shift import blurred, covered, turned, with_contrast

NO_CHANGE = [(blurred, 0), (with_contrast, 1), (turned, 0), (covered, 0)]
STRONG = [(blurred, 2), (with_contrast, 0.3), (turned, 30), (covered, 0.5)]


@pytest.fixture(scope="module")
def images():
    return practice_faces(12, seed=3).faces.images


@pytest.mark.parametrize(("change", "strength"), [*NO_CHANGE, *STRONG])
def test_a_change_returns_other_faces_of_the_same_kind(images, change, strength):
    before = images.copy()
    after = change(images, strength)
    assert (after.dtype, after.shape) == (np.uint8, images.shape)
    assert np.array_equal(images, before)
    assert np.array_equal(after, images) == ((change, strength) in NO_CHANGE)
    assert change(images[:0], strength).shape == (0, 48, 48)


def test_blur_removes_detail_and_keeps_the_mean(images):
    def detail(faces):
        return np.abs(np.diff(faces.astype(float), axis=2)).mean()

    assert detail(blurred(images, 2)) < detail(blurred(images, 1)) < detail(images)
    kept = blurred(images, 2).mean(axis=(1, 2)) - images.mean(axis=(1, 2))
    assert np.abs(kept).max() < 3


def test_contrast_is_about_the_mean_of_each_face():
    faces = np.array([[[10, 30]], [[100, 200]]], np.uint8)
    assert with_contrast(faces, 0.5).tolist() == [[[15, 25]], [[125, 175]]]
    assert with_contrast(faces, 3).tolist() == [[[0, 50]], [[0, 255]]]


def test_a_quarter_turn_is_exact(images):
    quarter = turned(images, 90)
    assert np.array_equal(quarter, np.rot90(images, axes=(1, 2)))


def test_the_lower_part_is_covered(images):
    hidden = covered(images, 0.25)
    assert np.array_equal(hidden[:, :36], images[:, :36])
    assert (hidden[:, 36:] == 128).all()
    assert (covered(images, 1) == 128).all()
