"""Weights: ImageNet's arrive or are missed loudly; 16 bits load as usual."""

import keras
import numpy as np
import pytest

from fercourse.models.vgg19 import vgg19, vgg19_attention
from fercourse.models.weights import WEIGHTS_VARIABLE, save_weights_16bit

POCKET = {"size": 48, "weights": None, "width": 0.25}


def noise(count=2, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 48, 48), dtype="uint8")


def test_weights_in_16_bits_load_as_usual(tmp_path):
    model = vgg19_attention("block4_pool", "concat", **POCKET)
    path = tmp_path / "pocket.weights.h5"
    save_weights_16bit(model, path)
    assert path.stat().st_size < 3_000_000
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    again = vgg19_attention("block4_pool", "concat", **POCKET)
    again.load_weights(path)
    for mine, theirs in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs.astype("float16").astype("float32"))


def test_what_16_bits_cannot_hold_keeps_32(tmp_path):
    model = vgg19(**POCKET)
    normalise = model.get_layer("block1_conv1_bn")
    normalise.moving_variance.assign(np.full(16, 70_000))
    save_weights_16bit(model, tmp_path / "big.weights.h5")
    again = vgg19(**POCKET)
    again.load_weights(tmp_path / "big.weights.h5")
    assert (again.get_layer("block1_conv1_bn").get_weights()[3] == 70_000).all()


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
    with pytest.raises(
        ValueError, match=r"other\.weights\.h5 does not hold the convolutions of VGG19"
    ):
        vgg19(size=48, weights=path)


def test_local_imagenet_weights_arrive_in_every_convolution(tmp_path):
    source = keras.applications.VGG19(weights=None, include_top=False)
    source.save_weights(tmp_path / "vgg19.weights.h5")
    model = vgg19_attention(size=48, weights=tmp_path / "vgg19.weights.h5", units=8)
    convolutions = [layer for layer in source.layers if layer.weights]
    assert len(convolutions) == 16
    for layer in convolutions:
        np.testing.assert_array_equal(
            model.get_layer(layer.name).get_weights()[0], layer.get_weights()[0]
        )


def test_local_imagenet_weights_arrive_behind_another_head(tmp_path):
    source = keras.applications.VGG19(weights=None, include_top=False)
    path = tmp_path / "vgg19.weights.h5"
    save_weights_16bit(source, path)  # as they travel to a machine without a network
    model = vgg19_attention(
        "block5_pool",
        "residual",
        size=48,
        weights=path,
        head="pooled",
        normalise_map=True,
    )
    last = (
        source.get_layer("block5_conv4")
        .get_weights()[0]
        .astype("float16")
        .astype("float32")
    )
    np.testing.assert_array_equal(
        model.get_layer("block5_conv4").get_weights()[0], last
    )


def test_real_imagenet_weights_give_the_features_of_keras(fer2013_folder):
    path = fer2013_folder / "vgg19_imagenet_notop.weights.h5"
    if not path.exists():
        pytest.skip(
            "needs the ImageNet weights: vgg19_imagenet_notop.weights.h5 in "
            "FERCOURSE_TEST_DATA"
        )
    model = vgg19(size=48, weights=path, units=8)
    reference = keras.applications.VGG19(
        weights=None, include_top=False, input_shape=(48, 48, 3)
    )
    reference.load_weights(path)
    pixels = np.repeat(noise()[..., None], 3, axis=-1).astype("float32")
    expected = reference.predict(
        keras.applications.vgg19.preprocess_input(pixels), verbose=0
    )
    features = keras.Model(model.input, model.get_layer("block5_pool").output)
    np.testing.assert_allclose(
        features.predict(noise()[..., None], verbose=0), expected, rtol=1e-3, atol=1e-3
    )
    assert expected.max() > 1
