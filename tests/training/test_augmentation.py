"""Poses: each move goes where its name says, and a random pose stays within its limits."""

import keras
import numpy as np
import pytest

from fercourse.training.augmentation import RandomPose, pose, pose_transforms, views_of


def dot(x, y):
    """One bright, soft dot."""
    columns, rows = np.meshgrid(np.arange(48), np.arange(48))
    return (255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 18)).astype(
        "float32"
    )[None, ..., None]


def centre(images):
    """Where the brightness is, (x, y)."""
    picture = keras.ops.convert_to_numpy(images)[0, ..., 0]
    rows, columns = np.indices(picture.shape)
    return (columns * picture).sum() / picture.sum(), (
        rows * picture
    ).sum() / picture.sum()


def posed(picture, turn=0.0, right=0.0, down=0.0, scale=1.0):
    one = np.ones(1, "float32")
    return pose(
        picture, pose_transforms(turn * one, right * one, down * one, scale * one, 48)
    )


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ({}, (33.5, 23.5)),
        ({"right": 0.125}, (39.5, 23.5)),
        ({"down": 0.125}, (33.5, 29.5)),
        ({"turn": 90.0}, (23.5, 33.5)),  # clockwise: what was right is now below
        ({"scale": 1.25}, (36.0, 23.5)),
        ({"turn": 90.0, "right": -0.125}, (17.5, 33.5)),
    ],
)
def test_a_dot_moves_where_it_should(move, expected):
    np.testing.assert_allclose(
        centre(posed(dot(33.5, 23.5), **move)), expected, atol=0.1
    )


def test_without_a_move_nothing_changes():
    picture = np.random.default_rng(0).uniform(0, 255, (1, 48, 48, 1)).astype("float32")
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(posed(picture)), picture, atol=1e-3
    )


def test_edges_are_continued():
    assert (
        keras.ops.convert_to_numpy(
            posed(np.full((1, 48, 48, 1), 200, "float32"), right=0.3)
        ).min()
        > 199
    )


def test_ten_views_behind_a_crop_are_the_usual_ten_crops():
    faces = np.random.default_rng(0).uniform(0, 255, (2, 48, 48, 1)).astype("float32")
    corners = [
        (4, 4),
        (0, 0),
        (0, 8),
        (8, 0),
        (8, 8),
    ]  # first column and row of each 40 × 40 crop
    expected = [
        faces[:, row : row + 40, column : column + 40] for column, row in corners
    ]
    seen = [
        keras.ops.convert_to_numpy(view)[:, 4:44, 4:44] for view in views_of(faces, 10)
    ]
    assert len(seen) == 10
    # The order of the corners does not matter, so long as each is seen, and mirrored.
    for crop in expected:
        for wanted in (crop, crop[:, :, ::-1]):
            assert sum(np.abs(view - wanted).max() < 0.1 for view in seen) == 1


@pytest.mark.parametrize("views", [1, 2, 10, 16])
def test_so_many_views_are_seen_and_they_differ(views):
    faces = np.random.default_rng(0).uniform(0, 255, (1, 48, 48, 1)).astype("float32")
    seen = [keras.ops.convert_to_numpy(view) for view in views_of(faces, views)]
    assert len(seen) == views
    np.testing.assert_array_equal(seen[0], faces)
    assert len({view.tobytes() for view in seen}) == views


def test_random_poses_differ_and_stay_within_their_limits():
    faces = np.repeat(dot(23.5, 23.5), 200, axis=0)
    layer = RandomPose(rotation=0, shift=0.1, zoom=0, seed=5)
    moved = keras.ops.convert_to_numpy(layer(faces, training=True))
    centres = np.array([centre(face[None]) for face in moved])
    assert np.abs(centres - 23.5).max() <= 4.8 + 0.1
    assert (centres.std(axis=0) > 1.5).all()


def test_outside_of_training_nothing_moves():
    layer = RandomPose(rotation=20, shift=0.1, zoom=0.1, seed=5)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(layer(dot(20, 20))), dot(20, 20)
    )


def test_the_layer_serialises():
    layer = RandomPose(rotation=20, shift=0.1, zoom=0.2, seed=5)
    again = RandomPose.from_config(layer.get_config())
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(layer(dot(20, 20), training=True)),
        keras.ops.convert_to_numpy(again(dot(20, 20), training=True)),
    )
