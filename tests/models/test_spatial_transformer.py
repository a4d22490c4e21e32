"""The spatial transformer: it moves what it should, as others do it, and can learn where."""

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


def transformed(images, *rows):
    return ops.convert_to_numpy(
        SpatialTransformer()([images, np.array(rows, "float32")])
    )


def test_the_identity_changes_nothing():
    np.testing.assert_allclose(transformed(FACES, IDENTITY, IDENTITY), FACES, atol=1e-5)


def test_each_picture_has_its_own_transform():
    mirrored = (-1, 0, 0, 0, 1, 0)
    upside_down = (1, 0, 0, 0, -1, 0)
    seen = transformed(FACES, mirrored, upside_down)
    np.testing.assert_allclose(seen[0], FACES[0][:, ::-1], atol=1e-5)
    np.testing.assert_allclose(seen[1], FACES[1][::-1], atol=1e-5)


def test_it_samples_as_scipy_does():
    transforms = np.array([(0.8, 0.3, 0.4, -0.2, 1.1, -0.3)] * 2, "float32")
    x, y = (ops.convert_to_numpy(places) for places in affine_grid(transforms, 12, 10))
    seen = ops.convert_to_numpy(bilinear_sample(FACES, x, y))
    places = [(y[0] + 1) * 11 / 2, (x[0] + 1) * 9 / 2]
    # SciPy fades out beyond the edge only in this mode, which is what the paper's
    # kernel does too.
    expected = map_coordinates(
        FACES[0, ..., 1], places, order=1, mode="grid-constant", cval=0.0
    )
    np.testing.assert_allclose(seen[0, ..., 1], expected, atol=1e-4)


def test_outside_of_the_picture_there_is_nothing():
    assert (
        np.abs(transformed(FACES, (1, 0, 5, 0, 1, 0), (1, 0, 0, 0, 1, -5))).max() == 0
    )


def test_it_learns_where_to_look():
    """A bright square off the middle comes to the middle when that is what pays."""
    picture = np.zeros((1, 24, 24, 1), "float32")
    picture[0, 6:14, 10:18] = 1.0
    wanted = np.roll(picture, (2, -2), axis=(1, 2))
    constant = keras.Input((1,))
    shift = keras.layers.Dense(6, kernel_initializer="zeros", use_bias=True)(constant)
    identity = keras.layers.Rescaling(1.0, offset=np.array(IDENTITY, "float32"))(shift)
    image = keras.Input((24, 24, 1))
    model = keras.Model([image, constant], SpatialTransformer()([image, identity]))
    model.compile(keras.optimizers.Adam(0.01), "mse")
    inputs = [picture, np.ones((1, 1), "float32")]
    before = model.evaluate(inputs, wanted, verbose=0)
    model.fit(inputs, wanted, epochs=60, verbose=0)
    assert model.evaluate(inputs, wanted, verbose=0) < before / 4


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_it_is_saved_and_read_again(tmp_path, dtype):
    image, transform = keras.Input((12, 10, 3)), keras.Input((6,))
    model = keras.Model(
        [image, transform], SpatialTransformer(dtype=dtype)([image, transform])
    )
    model.save(tmp_path / "transformer.keras")
    again = keras.models.load_model(tmp_path / "transformer.keras")
    inputs = [FACES, np.array([(0.9, 0, 0.1, 0, 0.9, 0)] * 2, "float32")]
    np.testing.assert_array_equal(
        model.predict(inputs, verbose=0), again.predict(inputs, verbose=0)
    )
