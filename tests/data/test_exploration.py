"""Exploration: against what can be counted by hand."""

import numpy as np
import pytest

from fercourse.data.exploration import (
    average_faces,
    balanced,
    constant_images,
    contradictory_groups,
    duplicate_groups,
    leak,
    nearest_neighbours,
    picture_numbers,
    random_test,
    remembered,
    shrink,
)
from fercourse.data.faces import Faces


def pictures(*greys):
    return np.repeat(np.array(greys, "uint8"), 48 * 48).reshape(-1, 48, 48)


def test_same_pictures_have_the_same_number():
    assert picture_numbers(pictures(7, 9, 7, 8, 9)).tolist() == [0, 1, 0, 2, 1]
    images = pictures(7, 7)
    images[1, 47, 47] += 1
    assert picture_numbers(images).tolist() == [0, 1]
    # A view is compared by what it shows.
    images = pictures(1, 2, 3, 2)[::-1].transpose(0, 2, 1)
    assert picture_numbers(images).tolist() == [0, 1, 0, 2]


def test_groups_by_hand():
    groups = duplicate_groups(pictures(7, 9, 7, 8, 9, 7))
    assert [group.tolist() for group in groups] == [[0, 2, 5], [1, 4]]
    contradictory = contradictory_groups(groups, np.array([3, 1, 3, 0, 1, 4]))
    assert [group.tolist() for group in contradictory] == [[0, 2, 5]]


@pytest.mark.parametrize("greys", [(), (5,), (5, 6)])
def test_no_groups_without_copies(greys):
    assert duplicate_groups(pictures(*greys)) == []


def test_constant_is_not_only_black():
    images = pictures(0, 7, 7)
    images[2, 0, 0] = 8
    assert constant_images(images).tolist() == [True, True, False]


def test_average_face_by_hand():
    emotions, rows = np.array([4, 4, 0], "uint8"), np.arange(3, dtype="int32")
    means, spreads = average_faces(Faces(pictures(10, 30, 90), emotions, rows))
    assert means.shape == spreads.shape == (7, 48, 48)
    assert (means[4] == 20).all() and (spreads[4] == 10).all()
    assert (means[0] == 90).all() and not spreads[0].any()
    assert not means[3].any()


def test_shrink_takes_means_and_repeats_them():
    image = np.zeros((1, 48, 48), "uint8")
    image[0, :24, :12] = 100
    small = shrink(image, 2)
    assert small.dtype == "uint8"
    assert (small[0, :24, :24] == 50).all()
    assert not small[0, 24:].any() and not small[0, :, 24:].any()
    np.testing.assert_array_equal(shrink(image, 48), image)


@pytest.mark.parametrize("count", [1, 256, 300])
def test_nearest_against_brute_force(count):
    random = np.random.default_rng(count)
    known = random.integers(0, 256, (50, 48, 48))
    images = known[random.integers(0, 50, count)]
    images = np.clip(images + random.integers(-40, 40, images.shape), 0, 255)
    expected = [((known - image) ** 2).sum(axis=(1, 2)).argmin() for image in images]
    nearest = nearest_neighbours(images.astype("uint8"), known.astype("uint8"))
    np.testing.assert_array_equal(nearest, expected)


def test_nearest_is_exact_where_float32_is_not():
    # The sums of squares are about 150 million; 32-bit floats skip numbers there.
    known = pictures(255, 255, 255)
    known[0, 0, :2] = known[1, 0, 0] = known[2, 0, :3] = 254
    assert nearest_neighbours(pictures(255, 0), known).tolist() == [1, 2]


def test_of_equals_the_first_is_nearest():
    assert nearest_neighbours(pictures(20), pictures(10, 30, 20, 20)).tolist() == [2]
    assert nearest_neighbours(pictures(20), pictures(9, 9)).tolist() == [0]


def test_nothing_is_nearest_to_nothing():
    with pytest.raises(ValueError, match="known is empty"):
        nearest_neighbours(pictures(1), pictures())
    assert nearest_neighbours(pictures(), pictures(1)).shape == (0,)


def test_memory_is_right_where_the_nearest_of_the_rest_has_the_label():
    emotions = np.array([3, 3, 4, 5], "uint8")
    faces = Faces(pictures(10, 11, 200, 190), emotions, np.arange(4, dtype="int32"))
    test = np.array([True, False, True, False])
    assert remembered(faces, test).tolist() == [True, False]
    assert remembered(faces, test, step=2).tolist() == [True]


def test_random_test_has_the_size_and_depends_on_the_seed():
    test = random_test(100, 10, seed=0)
    assert (test.dtype, test.sum()) == (bool, 10)
    assert (test == random_test(100, 10, seed=0)).all()
    assert (test != random_test(100, 10, seed=1)).any()


def test_balanced_repeats_the_rare():
    emotions = np.array([3, 3, 3, 1, 4, 4])
    positions = balanced(emotions)
    assert np.bincount(emotions[positions]).tolist() == [0, 3, 0, 3, 3]
    assert set(positions) == set(range(6))


def test_leak_by_hand():
    numbers = np.array([0, 1, 0, 2, 3, 3])
    # 0 is also outside the test split; 3 and 3 are both in it.
    assert leak(numbers, np.array([1, 1, 0, 0, 1, 1], bool)) == 1
    assert leak(numbers, np.zeros(6, bool)) == 0
