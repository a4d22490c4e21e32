"""Weights: ImageNet's arrive or are missed loudly; 16 bits load as usual."""

import hashlib

import keras
import numpy as np
import pytest

from fercourse.models.vgg19 import vgg19, vgg19_attention
from fercourse.models.weights import (
    WEIGHTS_VARIABLE,
    about_weights,
    save_weights_16bit,
)

POCKET = {"size": 48, "weights": None, "width": 0.25}


@pytest.fixture(scope="module")
def backbone():
    return keras.applications.VGG19(weights=None, include_top=False)


def test_weights_in_16_bits_load_as_usual(tmp_path):
    model, again = (vgg19_attention("block4_pool", **POCKET) for _ in range(2))
    # Beyond 65,504, what 16 bits cannot hold keeps 32.
    variance = model.get_layer("block1_conv1_bn").moving_variance
    variance.assign(np.full(16, 70_000))
    path = tmp_path / "pocket.weights.h5"
    save_weights_16bit(model, path)
    assert path.stat().st_size < 3_000_000
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    again.load_weights(path)
    for loaded, saved in zip(again.weights, model.weights, strict=True):
        expected = keras.ops.convert_to_numpy(saved)
        if saved.path != variance.path:
            expected = expected.astype("float16").astype("float32")
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(loaded), expected)


def test_without_weights_it_is_never_silently_random(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"No VGG19 weights at .*missing\.h5"):
        vgg19(size=48, weights=tmp_path / "missing.h5")
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path / "missing.h5"))
    with pytest.raises(FileNotFoundError, match=WEIGHTS_VARIABLE):
        vgg19(size=48)


def test_a_failed_download_says_what_to_do(monkeypatch):
    def unreachable(*_, **__):
        raise Exception("URL fetch failure")

    monkeypatch.delenv(WEIGHTS_VARIABLE, raising=False)
    monkeypatch.setattr(keras.applications, "VGG19", unreachable)
    with pytest.raises(OSError, match=f"cannot be downloaded.*{WEIGHTS_VARIABLE}"):
        vgg19(size=48)


def test_a_file_with_something_else_is_refused(tmp_path):
    path = tmp_path / "other.weights.h5"
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save_weights(path)
    with pytest.raises(ValueError, match=r"other\.weights\.h5 does not hold"):
        vgg19(size=48, weights=path)


def test_local_imagenet_weights_arrive_in_every_convolution(tmp_path, backbone):
    backbone.save_weights(tmp_path / "vgg19.weights.h5")
    model = vgg19_attention(size=48, weights=tmp_path / "vgg19.weights.h5", units=8)
    convolutions = [layer for layer in backbone.layers if layer.weights]
    assert len(convolutions) == 16
    for layer in convolutions:
        kernel, *_ = model.get_layer(layer.name).get_weights()
        np.testing.assert_array_equal(kernel, layer.get_weights()[0])


def test_they_arrive_in_16_bits_and_before_another_head(tmp_path, backbone):
    path = tmp_path / "vgg19.weights.h5"
    save_weights_16bit(backbone, path)  # as they travel to a machine without a network
    model = vgg19(size=48, weights=path, head="mean_max")
    last, *_ = backbone.get_layer("block5_conv4").get_weights()
    np.testing.assert_array_equal(
        model.get_layer("block5_conv4").get_weights()[0],
        last.astype("float16").astype("float32"),
    )


def test_real_imagenet_weights_give_the_features_of_keras(fer2013_folder):
    path = fer2013_folder / "vgg19_imagenet_notop.weights.h5"
    if not path.exists():
        pytest.skip(f"needs {path.name}, the ImageNet weights, in FERCOURSE_TEST_DATA")
    noise = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1), dtype="uint8")
    model = vgg19(size=48, weights=path, units=8)
    features = keras.Model(model.input, model.get_layer("block5_pool").output)
    reference = keras.applications.VGG19(
        weights=None, include_top=False, input_shape=(48, 48, 3)
    )
    reference.load_weights(path)
    pixels = np.repeat(noise, 3, axis=-1).astype("float32")
    expected = reference.predict(
        keras.applications.vgg19.preprocess_input(pixels), verbose=0
    )
    assert expected.max() > 1
    np.testing.assert_allclose(
        features.predict(noise, verbose=0), expected, rtol=1e-3, atol=1e-3
    )


def test_a_run_says_which_weights_it_began_with(tmp_path, backbone):
    path, model = tmp_path / "vgg19.weights.h5", vgg19(size=48, weights=None, units=8)
    backbone.save_weights(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert about_weights(model, path) == {"file": path.name, "sha256": digest}
    # A kernel of 256 values came from 8 bits a weight.
    layer = model.get_layer("block2_conv1")
    kernel, bias = layer.get_weights()
    layer.set_weights([np.round(kernel * 127 / abs(kernel).max()), bias])
    assert about_weights(model, path)["bits"] == 8
