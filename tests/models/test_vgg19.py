"""The paper's networks: Tables I and II line by line, every place of the block, both heads."""

import keras
import numpy as np
import pytest

from fercourse.lessons.lesson02.transfer import TABLE_II
from fercourse.models.network import NETWORK_B
from fercourse.models.pocket import pocket_model
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import COMBINE, POOLS, vgg19, vgg19_attention
from fercourse.training.prediction import attention_maps

POCKET = {"size": 48, "weights": None, "width": 0.25}

# The paper's Table I, after "VGG19 (Model)": layer, output shape without the batch,
# parameters.
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
        (
            n,
            tuple(model.get_layer(n).output.shape[1:]),
            model.get_layer(n).count_params(),
        )
        for n, *_ in TABLE_II[1:]
    ]
    assert lines == list(TABLE_II[1:])
    assert (
        model.count_params()
        == sum(parameters for *_, parameters in TABLE_II)
        == 143_667_240
    )


def test_table_1_line_by_line(table1_model):
    for name, shape, parameters in TABLE_I:
        layer = table1_model.get_layer(name)
        assert (tuple(layer.output.shape[1:]), layer.count_params()) == (
            shape,
            parameters,
        ), name
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
    model = vgg19_attention(
        "block1_pool", "concat", size=size, weights=None, width=0.0625
    )
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
        model.predict(noise()[..., None], verbose=0),
        again.predict(noise()[..., None], verbose=0),
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"after": "block6_pool"}, 'after="block6_pool" is not a pooling layer'),
        ({"combine": "add"}, 'combine="add" is unknown; expected one of'),
        ({"size": 31}, "size is 31; five poolings need at least 32"),
        ({"head": "average"}, 'head="average" is unknown; expected one of'),
        ({"width": 0}, "width is 0; expected a fraction above 0"),
        ({"width": 1.5}, "width is 1.5; expected a fraction above 0"),
        ({"dropout": 1.0}, "dropout is 1.0; expected a fraction from 0"),
        ({"weights": "imagenet"}, "ImageNet weights exist for width 1 only"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        vgg19_attention(**{**POCKET, **arguments})


def test_a_pocket_model_that_is_not_shipped_is_named():
    with pytest.raises(
        FileNotFoundError, match=r"No trained model pocket-block1-residual\.weights\.h5"
    ):
        pocket_model("block1_pool", "residual")


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


# What stands behind block 5 in network B: layer, output shape without the batch,
# parameters.
NETWORK_B_HEAD = [
    ("block5_attention", (7, 7, 1), 102),
    ("features_bn", (7, 7, 512), 2048),
    ("features_relu", (7, 7, 512), 0),
    ("mean_over_grid", (512,), 0),
    ("maximum_over_grid", (512,), 0),
    ("pooled", (1024,), 0),
    ("dropout", (1024,), 0),
    ("fc1", (512,), 524_288),
    ("fc1_bn", (512,), 2048),
    ("fc1_relu", (512,), 0),
    ("fc1_dropout", (512,), 0),
    ("predictions", (7,), 3591),
]


def test_network_b_line_by_line():
    model = build_model({**NETWORK_B, "weights": None})
    for name, shape, parameters in NETWORK_B_HEAD:
        layer = model.get_layer(name)
        assert (tuple(layer.output.shape[1:]), layer.count_params()) == (
            shape,
            parameters,
        ), name
    maps = [model.get_layer(f"block{block}_attention") for block in (3, 4, 5)]
    assert [layer.output.shape[1:3] for layer in maps] == [(28, 28), (14, 14), (7, 7)]
    assert (
        model.count_params()
        == 20_024_384 + 3 * 102 + 2 * 2048 + 524_288 + 3591
        == 20_556_665
    )
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_variables)
    assert model.count_params() - trained == 2 * (3 + 512 + 512)


def test_network_b_begins_as_the_pretrained_network():
    """Three masks that leave the features alone, whatever the features are."""
    places = NETWORK_B["after"]
    with_masks = vgg19_attention(
        places, "residual", head="pooled", normalise_map=True, **POCKET
    )
    plain = vgg19(head="pooled", **POCKET)
    without = [
        weight for weight in with_masks.weights if "attention" not in weight.path
    ]
    plain.set_weights([keras.ops.convert_to_numpy(weight) for weight in without])
    for training in (False, True):
        seen = [
            keras.Model(model.input, model.get_layer("features_bn").input)(
                noise()[..., None].astype("float32"), training=training
            )
            for model in (with_masks, plain)
        ]
        np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, seen))
    assert all(
        (value == 0.5).all() for value in attention_maps(with_masks, noise()).values()
    )


def test_a_mask_that_has_learned_lies_between_none_and_twice():
    model = vgg19_attention("block3_pool", "residual", normalise_map=True, **POCKET)
    model.get_layer("block3_attention").normalisation.gamma.assign([3.0])
    names = ("block3_pool", "block3_attention", "block3_residual")
    inner = keras.Model(model.input, [model.get_layer(name).output for name in names])
    features, attention_map, gated = inner.predict(noise()[..., None], verbose=0)
    assert attention_map.std() > 0
    np.testing.assert_allclose(
        gated, features * 2 * attention_map, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("combine", COMBINE)
def test_the_pooled_head_goes_with_every_block(combine):
    model = vgg19_attention(
        "block4_pool", combine, head="pooled", units=(16, 8), **POCKET
    )
    appended = combine == "concat"
    assert model.get_layer("pooled").output.shape[-1] == 2 * (128 + appended)
    assert [model.get_layer(name).units for name in ("fc1", "fc2")] == [16, 8]
    probabilities = model.predict(noise()[..., None], verbose=0)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, atol=1e-5)


def test_the_papers_network_is_left_as_it_was():
    """A checkpoint knows its model by these settings; stored ones must find theirs again."""
    model = vgg19_attention("block4_pool", **POCKET)
    settings = model.get_layer("block4_attention").get_config()
    assert set(settings) == {"name", "trainable", "dtype", "kernel_size", "use_bias"}
    assert "features_bn" not in [layer.name for layer in model.layers]


def test_network_b_is_one_file_too(tmp_path):
    model = build_model({**NETWORK_B, **POCKET})
    for layer in (model.get_layer(f"block{block}_attention") for block in (3, 4, 5)):
        layer.normalisation.gamma.assign([1.5])
    model.save(tmp_path / "whole.keras")
    again = keras.models.load_model(tmp_path / "whole.keras")
    np.testing.assert_array_equal(
        model.predict(noise()[..., None], verbose=0),
        again.predict(noise()[..., None], verbose=0),
    )


def test_in_16_bit_arithmetic_network_b_begins_as_exactly():
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        model = build_model({**NETWORK_B, **POCKET})
    finally:
        keras.mixed_precision.set_global_policy("float32")
    inner = keras.Model(
        model.input,
        [model.get_layer(name).output for name in ("block4_pool", "block4_residual")],
    )
    before, after = inner.predict(noise()[..., None], verbose=0)
    np.testing.assert_array_equal(
        np.asarray(before, "float32"), np.asarray(after, "float32")
    )
    assert model.predict(noise()[..., None], verbose=0).dtype == "float32"
