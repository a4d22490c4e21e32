"""SpatialAttention: the numbers, the shapes, and saving."""

import zipfile

import keras
import numpy as np
import pytest

from fercourse.models.attention import SpatialAttention
from fercourse.models.vgg19 import vgg19_attention

FEATURES = np.random.default_rng(0).normal(size=(2, 6, 5, 4)).astype("float32")
NORMALISATION = (2.0, 0.1, 0.4, 1.7)  # scale, offset, mean, variance


def convolved(x, kernel):
    """Mean and maximum over the channels, convolved in plain NumPy."""
    pooled = np.stack([x.mean(axis=-1), x.max(axis=-1)], axis=-1)
    half = kernel.shape[0] // 2
    padded = np.pad(pooled, ((0, 0), (half, half), (half, half), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[:2], (1, 2))
    return np.einsum("nhwcij,ijco->nhwo", windows, kernel)


@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize("kernel_size", [1, 3, 7])
def test_map_is_what_the_formula_says(kernel_size, normalise):
    layer = SpatialAttention(kernel_size, normalise=normalise)
    layer.build((None, 6, 5, 4))
    shape = (kernel_size, kernel_size, 2, 1)
    kernel = np.random.default_rng(1).normal(size=shape).astype("float32")
    rest = NORMALISATION if normalise else (0.3,)
    layer.set_weights([kernel, *(np.array([value], "float32") for value in rest)])
    before = convolved(FEATURES, kernel)
    if normalise:
        scale, offset, mean, variance = NORMALISATION
        before = scale * (before - mean) / np.sqrt(variance + 1e-3) + offset
    else:
        before += 0.3
    attention_map = keras.ops.convert_to_numpy(layer(FEATURES, training=False))
    np.testing.assert_allclose(attention_map, 1 / (1 + np.exp(-before)), atol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "parameters"),
    [({}, 99), ({"use_bias": False}, 98), ({"normalise": True}, 102)],
)
def test_parameters_do_not_depend_on_the_channels(arguments, parameters):
    layer = SpatialAttention(7, **arguments)
    layer.build((None, 7, 7, 512))
    assert layer.count_params() == parameters


def test_a_normalised_map_begins_as_one_half_everywhere():
    layer = SpatialAttention(7, normalise=True)
    for training in (False, True):
        attention_map = layer(FEATURES, training=training)
        assert attention_map.shape == (2, 6, 5, 1)
        assert (keras.ops.convert_to_numpy(attention_map) == 0.5).all()


@pytest.mark.parametrize("kernel_size", [0, 2, -3])
def test_an_even_window_is_refused(kernel_size):
    with pytest.raises(ValueError, match=f"kernel_size is {kernel_size}"):
        SpatialAttention(kernel_size)


@pytest.mark.parametrize("normalise", [False, True])
def test_it_saves_and_loads(tmp_path, normalise):
    inputs = keras.Input((6, 5, 4))
    layer = SpatialAttention(3, normalise=normalise, name="attention")
    model = keras.Model(inputs, layer(inputs))
    if normalise:
        layer.normalisation.gamma.assign([2.0])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.get_layer("attention").kernel_size == 3
    assert again.get_layer("attention").normalise == normalise
    np.testing.assert_array_equal(
        model.predict(FEATURES, verbose=0), again.predict(FEATURES, verbose=0)
    )


def test_a_model_is_one_file_also_from_before_modules_moved(tmp_path):
    """Keras finds the layer by its registered name, `fercourse>SpatialAttention`."""
    model = vgg19_attention("block4_pool", size=48, weights=None, width=0.0625)
    new, old = tmp_path / "new.keras", tmp_path / "old.keras"
    model.save(new)
    # The same file with the layer's module as it was called once
    with zipfile.ZipFile(new) as source, zipfile.ZipFile(old, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                assert b"fercourse.models.attention" in content
                content = content.replace(b"fercourse.models.", b"fercourse.")
            target.writestr(name, content)
    images = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1), dtype="uint8")
    expected = model.predict(images, verbose=0)
    for path in (new, old):
        again = keras.models.load_model(path)
        assert type(again.get_layer("block4_attention")) is SpatialAttention
        np.testing.assert_array_equal(again.predict(images, verbose=0), expected)
