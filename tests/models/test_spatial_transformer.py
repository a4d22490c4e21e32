"""The spatial transformer: it moves what it should, as others do it, and can learn."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy.ndimage import map_coordinates

from fercourse.models.systems import (
    IDENTITY,
    SpatialTransformer,
    affine_grid,
    bilinear_sample,
)

FACES = np.random.default_rng(0).uniform(-1, 1, (2, 12, 10, 3)).astype("float32")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((IDENTITY, IDENTITY), FACES),
        # Each picture has its own transform: mirrored, and upside down.
        (
            ((-1, 0, 0, 0, 1, 0), (1, 0, 0, 0, -1, 0)),
            np.stack([FACES[0][:, ::-1], FACES[1][::-1]]),
        ),
        # Outside of the picture there is nothing.
        (((1, 0, 5, 0, 1, 0), (1, 0, 0, 0, 1, -5)), 0 * FACES),
    ],
)
def test_simple_transforms(rows, expected):
    moved = ops.convert_to_numpy(
        SpatialTransformer()([FACES, np.array(rows, "float32")])
    )
    np.testing.assert_allclose(moved, expected, atol=1e-5)


def test_it_samples_as_scipy_does():
    transforms = np.array([(0.8, 0.3, 0.4, -0.2, 1.1, -0.3)] * 2, "float32")
    x, y = (ops.convert_to_numpy(grid) for grid in affine_grid(transforms, 12, 10))
    sampled = ops.convert_to_numpy(bilinear_sample(FACES, x, y))
    # SciPy fades out beyond the edge only in this mode, as the paper's kernel does.
    expected = map_coordinates(
        FACES[0, ..., 1],
        [(y[0] + 1) * 11 / 2, (x[0] + 1) * 9 / 2],
        order=1,
        mode="grid-constant",
    )
    np.testing.assert_allclose(sampled[0, ..., 1], expected, atol=1e-4)


def test_it_learns_where_to_look():
    """A bright square off the middle comes to the middle when that is what pays."""
    picture = np.zeros((1, 24, 24, 1), "float32")
    picture[0, 6:14, 10:18] = 1.0
    target = np.roll(picture, (2, -2), axis=(1, 2))
    constant, image = keras.Input((1,)), keras.Input((24, 24, 1))
    shift = keras.layers.Dense(6, kernel_initializer="zeros")(constant)
    transform = keras.layers.Rescaling(1.0, offset=np.array(IDENTITY, "float32"))(shift)
    model = keras.Model([image, constant], SpatialTransformer()([image, transform]))
    model.compile(keras.optimizers.Adam(0.01), "mse")
    inputs = [picture, np.ones((1, 1), "float32")]
    before = model.evaluate(inputs, target, verbose=0)
    model.fit(inputs, target, epochs=60, verbose=0)
    assert model.evaluate(inputs, target, verbose=0) < before / 4


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_it_is_saved_and_read_again(tmp_path, dtype):
    inputs = [keras.Input((12, 10, 3)), keras.Input((6,))]
    model = keras.Model(inputs, SpatialTransformer(dtype=dtype)(inputs))
    model.save(tmp_path / "transformer.keras")
    again = keras.models.load_model(tmp_path / "transformer.keras")
    values = [FACES, np.array([(0.9, 0, 0.1, 0, 0.9, 0)] * 2, "float32")]
    np.testing.assert_array_equal(
        model.predict(values, verbose=0), again.predict(values, verbose=0)
    )
