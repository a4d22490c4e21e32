"""SpatialAttention: the numbers, the shapes, and saving."""

import keras
import numpy as np
import pytest

from fercourse.models.attention import SpatialAttention


def features(seed=0, shape=(2, 6, 5, 4)):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def by_hand(x, kernel, bias):
    """The map in plain NumPy: mean and maximum over the channels, convolution, sigmoid."""
    pooled = np.stack([x.mean(axis=-1), x.max(axis=-1)], axis=-1)
    side = kernel.shape[0]
    padded = np.pad(
        pooled, ((0, 0), (side // 2, side // 2), (side // 2, side // 2), (0, 0))
    )
    result = np.zeros((*x.shape[:3], 1))
    for i in range(x.shape[1]):
        for j in range(x.shape[2]):
            window = padded[:, i : i + side, j : j + side]
            result[:, i, j, 0] = (window * kernel[..., 0]).sum(axis=(1, 2, 3)) + bias
    return 1 / (1 + np.exp(-result))


@pytest.mark.parametrize("kernel_size", [1, 3, 7])
def test_map_is_what_the_formula_says(kernel_size):
    layer = SpatialAttention(kernel_size)
    layer.build((None, 6, 5, 4))
    random = np.random.default_rng(1)
    kernel = random.normal(size=(kernel_size, kernel_size, 2, 1)).astype("float32")
    layer.set_weights([kernel, np.array([0.3], "float32")])
    attention_map = keras.ops.convert_to_numpy(layer(features()))
    np.testing.assert_allclose(
        attention_map, by_hand(features(), kernel, 0.3), atol=1e-5
    )


def test_parameters_are_two_windows_and_a_bias():
    layer = SpatialAttention(7)
    layer.build((None, 7, 7, 512))
    assert layer.count_params() == 99
    without = SpatialAttention(7, use_bias=False)
    without.build((None, 7, 7, 512))
    assert without.count_params() == 98


def test_it_saves_and_loads(tmp_path):
    inputs = keras.Input((6, 5, 4))
    model = keras.Model(inputs, SpatialAttention(3, name="attention")(inputs))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.get_layer("attention").kernel_size == 3
    np.testing.assert_array_equal(
        model.predict(features(), verbose=0), again.predict(features(), verbose=0)
    )


@pytest.mark.parametrize("kernel_size", [0, 2, -3])
def test_an_even_window_is_refused(kernel_size):
    with pytest.raises(
        ValueError, match=rf"kernel_size is {kernel_size}; expected 1, 3, 5"
    ):
        SpatialAttention(kernel_size)


def test_a_normalised_map_begins_as_one_half_everywhere():
    layer = SpatialAttention(7, normalise=True)
    for training in (False, True):
        found = keras.ops.convert_to_numpy(layer(features(), training=training))
        assert found.shape == (2, 6, 5, 1)
        assert (found == 0.5).all()
    assert layer.count_params() == 102
    assert (
        sum(int(np.prod(weight.shape)) for weight in layer.trainable_variables) == 100
    )


def test_a_normalised_map_is_what_the_formula_says():
    layer = SpatialAttention(3, normalise=True)
    layer.build((None, 6, 5, 4))
    kernel = np.random.default_rng(1).normal(size=(3, 3, 2, 1)).astype("float32")
    gamma, beta, mean, variance = 2.0, 0.1, 0.4, 1.7
    layer.set_weights(
        [
            kernel,
            *(np.array([value], "float32") for value in (gamma, beta, mean, variance)),
        ]
    )
    found = keras.ops.convert_to_numpy(layer(features(), training=False))
    before = by_hand(features(), kernel, 0.0)
    before = np.log(before / (1 - before))
    expected = 1 / (
        1 + np.exp(-(gamma * (before - mean) / np.sqrt(variance + 1e-3) + beta))
    )
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_normalised_map_saves_and_loads(tmp_path):
    inputs = keras.Input((6, 5, 4))
    model = keras.Model(
        inputs, SpatialAttention(3, normalise=True, name="attention")(inputs)
    )
    model.get_layer("attention").normalisation.gamma.assign([2.0])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.get_layer("attention").normalise
    np.testing.assert_array_equal(
        model.predict(features(), verbose=0), again.predict(features(), verbose=0)
    )
