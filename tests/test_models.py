"""The paper's networks: Tables I and II line by line, every place of the block, weights."""

import keras
import numpy as np
import pytest

from fercourse.models import (
    COMBINE,
    POOLS,
    WEIGHTS_VARIABLE,
    build_model,
    pocket_configuration,
    pocket_model,
    save_weights_16bit,
    vgg19,
    vgg19_attention,
)
from fercourse.prediction import attention_maps
from fercourse.transfer import TABLE_II

POCKET = {"size": 48, "weights": None, "width": 0.25}

# The paper's Table I, after "VGG19 (Model)": layer, output shape without the batch, parameters.
TABLE_I = [
    ("block5_pool", (7, 7, 512), 0),
    ("block5_attention", (7, 7, 1), 99),
    ("append_map", (7, 7, 513), 0),
    ("flatten", (25137,), 0),
    ("dropout", (25137,), 0),
    ("fc1", (4096,), 102_965_248),
    ("predictions", (7,), 28_679),
]


def noise(count=2, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 48, 48), dtype="uint8")


@pytest.fixture(scope="module")
def table1_model():
    return vgg19_attention(weights=None)


def test_table_2_line_by_line():
    model = vgg19(weights=None, units=(4096, 4096), classes=1000, dropout=0)
    assert model.get_layer("subtract_means").output.shape == (None, 224, 224, 3)
    lines = [
        (n, tuple(model.get_layer(n).output.shape[1:]), model.get_layer(n).count_params())
        for n, *_ in TABLE_II[1:]
    ]
    assert lines == list(TABLE_II[1:])
    assert model.count_params() == sum(parameters for *_, parameters in TABLE_II) == 143_667_240


def test_table_1_line_by_line(table1_model):
    for name, shape, parameters in TABLE_I:
        layer = table1_model.get_layer(name)
        assert (tuple(layer.output.shape[1:]), layer.count_params()) == (shape, parameters), name
    convolutions = [layer for layer in table1_model.layers if "_conv" in layer.name]
    assert sum(layer.count_params() for layer in convolutions) == 20_024_384
    attention = table1_model.get_layer("block5_attention")
    assert attention.pool(keras.KerasTensor((None, 7, 7, 512))).shape == (None, 7, 7, 2)
    assert attention.convolution.kernel.shape == (7, 7, 2, 1)
    assert attention.count_params() == 99


def test_the_papers_parameters(table1_model):
    assert table1_model.count_params() == 123_018_410


@pytest.mark.parametrize("after", POOLS)
@pytest.mark.parametrize("combine", COMBINE)
def test_the_block_stands_after_every_pool(after, combine):
    model = vgg19_attention(after, combine, **POCKET)
    probabilities = model.predict(noise()[..., None], verbose=0)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, atol=1e-5)
    (attention_map,) = attention_maps(model, noise()).values()
    grid = 48 >> int(after[5])
    assert attention_map.shape == (2, grid, grid)
    assert attention_map.min() >= 0 and attention_map.max() <= 1
    appended = model.get_layer("flatten").output.shape[-1]
    assert appended == (129 if combine == "concat" else 128)


def test_several_places_at_once():
    model = vgg19_attention(["block3_pool", "block5_pool"], "concat", **POCKET)
    maps = attention_maps(model, noise())
    assert {name: value.shape for name, value in maps.items()} == {
        "block3_attention": (2, 6, 6),
        "block5_attention": (2, 1, 1),
    }
    assert model.get_layer("flatten").output.shape[-1] == 130


@pytest.mark.parametrize("size", [48, 50, 64, 88, 96, 100, 224])
def test_a_map_is_averaged_down_to_the_last_grid(size):
    model = vgg19_attention("block1_pool", "concat", size=size, weights=None, width=0.0625)
    last = model.get_layer("block5_pool").output.shape[1]
    assert model.get_layer("append_map").output.shape[1] == last


@pytest.mark.parametrize("combine", ["multiply", "residual"])
def test_gates_do_what_their_name_says(combine):
    model = vgg19_attention("block3_pool", combine, **POCKET)
    inner = keras.Model(
        model.input,
        [
            model.get_layer("block3_pool").output,
            model.get_layer("block3_attention").output,
            model.get_layer("block4_conv1").input,
        ],
    )
    features, attention_map, gated = inner.predict(noise()[..., None], verbose=0)
    factor = attention_map if combine == "multiply" else 1 + attention_map
    np.testing.assert_allclose(gated, features * factor, rtol=1e-5, atol=1e-6)


def test_pixels_become_what_imagenet_networks_expect():
    model = vgg19(**POCKET)
    seen = keras.Model(model.input, model.get_layer("subtract_means").output).predict(
        noise()[..., None], verbose=0
    )
    expected = keras.applications.vgg19.preprocess_input(
        np.repeat(noise()[..., None], 3, -1).astype("float32")
    )
    np.testing.assert_allclose(seen, expected, atol=1e-3)


def test_a_model_is_one_file(tmp_path):
    model = vgg19_attention("block4_pool", "multiply", **POCKET)
    model.save(tmp_path / "whole.keras")
    again = keras.models.load_model(tmp_path / "whole.keras")
    np.testing.assert_array_equal(
        model.predict(noise()[..., None], verbose=0), again.predict(noise()[..., None], verbose=0)
    )


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"after": "block6_pool"}, 'after="block6_pool" is not a pooling layer'),
        ({"combine": "add"}, 'combine="add" is unknown; expected one of'),
        ({"size": 31}, "size is 31; five poolings need at least 32"),
        ({"width": 0}, "width is 0; expected a fraction above 0"),
        ({"width": 1.5}, "width is 1.5; expected a fraction above 0"),
        ({"dropout": 1.0}, "dropout is 1.0; expected a fraction from 0"),
        ({"weights": "imagenet"}, "ImageNet weights exist for width 1 only"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        vgg19_attention(**{**POCKET, **arguments})


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
    with pytest.raises(ValueError, match=r"other\.weights\.h5 does not hold the convolutions of VGG19"):
        vgg19(size=48, weights=path)


def test_local_imagenet_weights_arrive_in_every_convolution(tmp_path):
    source = keras.applications.VGG19(weights=None, include_top=False)
    source.save_weights(tmp_path / "vgg19.weights.h5")
    model = vgg19_attention(size=48, weights=tmp_path / "vgg19.weights.h5", units=8)
    convolutions = [layer for layer in source.layers if layer.weights]
    assert len(convolutions) == 16
    for layer in convolutions:
        np.testing.assert_array_equal(model.get_layer(layer.name).get_weights()[0], layer.get_weights()[0])


def test_build_model_builds_what_a_configuration_says():
    model = build_model(pocket_configuration("block2_pool", "residual"))
    assert model.get_layer("block2_residual").output.shape == (None, 12, 12, 32)
    assert model.get_layer("dropout").rate == 0.4
    with pytest.raises(ValueError, match="system='resnext' is unknown; expected one of vgg19"):
        build_model({"system": "resnext"})


def test_a_pocket_model_that_is_not_shipped_is_named():
    with pytest.raises(FileNotFoundError, match=r"No trained model pocket-block1-residual\.weights\.h5"):
        pocket_model("block1_pool", "residual")


def test_real_imagenet_weights_give_the_features_of_keras(fer2013_folder):
    path = fer2013_folder / "vgg19_imagenet_notop.weights.h5"
    if not path.exists():
        pytest.skip("needs the ImageNet weights: vgg19_imagenet_notop.weights.h5 in FERCOURSE_TEST_DATA")
    model = vgg19(size=48, weights=path, units=8)
    reference = keras.applications.VGG19(weights=None, include_top=False, input_shape=(48, 48, 3))
    reference.load_weights(path)
    pixels = np.repeat(noise()[..., None], 3, axis=-1).astype("float32")
    expected = reference.predict(keras.applications.vgg19.preprocess_input(pixels), verbose=0)
    features = keras.Model(model.input, model.get_layer("block5_pool").output)
    np.testing.assert_allclose(
        features.predict(noise()[..., None], verbose=0), expected, rtol=1e-3, atol=1e-3
    )
    assert expected.max() > 1


def test_in_16_bit_arithmetic_the_probabilities_keep_32():
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        model = vgg19_attention("block4_pool", **POCKET)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert model.get_layer("subtract_means").compute_dtype == "float32"
    assert model.get_layer("block3_conv1").compute_dtype == "bfloat16"
    assert model.get_layer("block4_attention").compute_dtype == "bfloat16"
    assert model.predict(noise()[..., None], verbose=0).dtype == "float32"


def test_what_16_bits_cannot_hold_keeps_32(tmp_path):
    model = vgg19(**POCKET)
    normalise = model.get_layer("block1_conv1_bn")
    normalise.moving_variance.assign(np.full(16, 70_000))
    save_weights_16bit(model, tmp_path / "big.weights.h5")
    again = vgg19(**POCKET)
    again.load_weights(tmp_path / "big.weights.h5")
    assert (again.get_layer("block1_conv1_bn").get_weights()[3] == 70_000).all()
