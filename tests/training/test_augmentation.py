"""Poses: each move goes where its name says, and random ones stay within limits."""

import numpy as np
import pytest
from keras.ops import convert_to_numpy as numbers

from fercourse.training.augmentation import RandomPose, pose, pose_transforms, views_of

FACES = np.random.default_rng(0).uniform(0, 255, (2, 48, 48, 1)).astype("float32")


def dot(x, y):
    """One bright, soft dot, (1, 48, 48, 1)."""
    rows, columns = np.indices((48, 48))
    picture = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 18)
    return picture.astype("float32")[None, ..., None]


def centre(picture):
    """Where the brightness is, (x, y)."""
    rows, columns = np.indices((48, 48))
    shares = picture.reshape(48, 48) / picture.sum()
    return (columns * shares).sum(), (rows * shares).sum()


def posed(pictures, turn=0.0, right=0.0, down=0.0, scale=1.0, aspect=1.0):
    one = np.ones(len(pictures), "float32")
    moves = (value * one for value in (turn, right, down, scale))
    return numbers(pose(pictures, pose_transforms(*moves, 48, aspect)))


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ({}, (33.5, 23.5)),
        ({"right": 0.125}, (39.5, 23.5)),
        ({"down": 0.125}, (33.5, 29.5)),
        ({"turn": 90.0}, (23.5, 33.5)),  # clockwise: what was right is now below
        ({"scale": 1.25}, (36.0, 23.5)),
        ({"turn": 90.0, "right": -0.125}, (17.5, 33.5)),
        ({"aspect": 1.25**2}, (36.0, 23.5)),
        ({"turn": 90.0, "aspect": 1.25**2}, (23.5, 36.0)),  # stretched, then turned
    ],
)
def test_a_dot_moves_where_it_should(move, expected):
    moved = posed(dot(33.5, 23.5), **move)
    np.testing.assert_allclose(centre(moved), expected, atol=0.1)


def test_no_move_changes_nothing_and_edges_are_continued():
    np.testing.assert_allclose(posed(FACES), FACES, atol=1e-3)
    assert posed(np.full((1, 48, 48, 1), 200, "float32"), right=0.3).min() > 199


def test_ten_views_contain_the_usual_ten_crops():
    views = [numbers(view)[:, 4:44, 4:44] for view in views_of(FACES, 10)]
    for column, row in [(4, 4), (0, 0), (0, 8), (8, 0), (8, 8)]:
        crop = FACES[:, row : row + 40, column : column + 40]
        for expected in (crop, crop[:, :, ::-1]):
            assert sum(np.abs(view - expected).max() < 0.1 for view in views) == 1


@pytest.mark.parametrize("views", [1, 2, 10, 16])
def test_views_differ_and_the_first_is_the_face(views):
    pictures = [numbers(view) for view in views_of(FACES, views)]
    np.testing.assert_array_equal(pictures[0], FACES)
    assert len({picture.tobytes() for picture in pictures}) == len(pictures) == views


def test_random_poses_differ_and_stay_within_their_limits():
    layer = RandomPose(rotation=0, shift=0.1, zoom=0, seed=5)
    moved = numbers(layer(np.repeat(dot(23.5, 23.5), 200, axis=0), training=True))
    centres = np.array([centre(face) for face in moved])
    assert np.abs(centres - 23.5).max() <= 4.8 + 0.1
    assert (centres.std(axis=0) > 1.5).all()


def test_a_random_aspect_keeps_the_area_and_its_limit():
    layer = RandomPose(rotation=0, shift=0, zoom=0, seed=5, aspect=0.2)
    moved = numbers(layer(np.repeat(dot(33.5, 33.5), 200, axis=0), training=True))
    x, y = np.array([centre(face) for face in moved]).T - 23.5
    np.testing.assert_allclose(x * y, 100, atol=1)
    ratio = np.log(x / y) / np.log(1.2)
    assert np.abs(ratio).max() <= 1.02
    assert ratio.min() < -0.8
    assert ratio.max() > 0.8


def test_a_black_border_comes_in_from_outside():
    grey = np.full((20, 48, 48, 1), 200, "float32")
    layer = RandomPose(rotation=0, shift=0.3, zoom=0, seed=5, border="black")
    moved = numbers(layer(grey, training=True))
    assert (moved.min(axis=(1, 2, 3)) == 0).all()
    assert (moved.max(axis=(1, 2, 3)) > 199).all()


def test_the_layer_rests_outside_training():
    layer = RandomPose(
        rotation=20, shift=0.1, zoom=0.2, seed=5, aspect=0.3, border="black"
    )
    np.testing.assert_array_equal(numbers(layer(FACES)), FACES)
