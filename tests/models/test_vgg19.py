"""The paper's networks: Tables I and II line by line, every place, both heads."""

import keras
import numpy as np
import pytest

from fercourse.lessons.lesson02.transfer import TABLE_II
from fercourse.models.network import NETWORK_B
from fercourse.models.pocket import pocket_model
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import COMBINE, HEADS, POOLS, vgg19, vgg19_attention
from fercourse.training.prediction import attention_maps

POCKET = {"size": 48, "weights": None, "width": 0.25}
NOISE = np.random.default_rng(0).integers(0, 256, (2, 48, 48), dtype="uint8")

# Layer, output shape without the batch, parameters: the paper's Table I after "VGG19
# (Model)", and what follows block 5 in network B
TABLE_I = [
    ("block5_pool", (7, 7, 512), 0),
    ("block5_attention", (7, 7, 1), 99),
    ("append_map", (7, 7, 513), 0),
    ("flatten", (25137,), 0),
    ("dropout", (25137,), 0),
    ("fc1", (4096,), 102_965_248),
    ("predictions", (7,), 28_679),
]
NETWORK_B_HEAD = [
    ("block5_attention", (7, 7, 1), 102),
    ("feature_scale", (7, 7, 512), 0),
    ("mean_over_grid", (512,), 0),
    ("maximum_over_grid", (512,), 0),
    ("pooled", (1024,), 0),
    ("fc1", (512,), 524_800),
    ("fc1_dropout", (512,), 0),
    ("predictions", (7,), 3591),
]


def lines(model, table):
    """The lines of a table as the model's layers give them."""
    layers = [model.get_layer(name) for name, *_ in table]
    return [(x.name, tuple(x.output.shape[1:]), x.count_params()) for x in layers]


def outputs(model, *names):
    """What these layers give for two faces of noise."""
    inner = keras.Model(model.input, [model.get_layer(name).output for name in names])
    return inner.predict(NOISE[..., None], verbose=0)


def test_table_2_line_by_line():
    model = vgg19(weights=None, units=(4096, 4096), classes=1000, dropout=0)
    assert model.get_layer("subtract_means").output.shape == (None, 224, 224, 3)
    assert lines(model, TABLE_II[1:]) == list(TABLE_II[1:])
    assert model.count_params() == sum(line[2] for line in TABLE_II) == 143_667_240


def test_table_1_line_by_line():
    model = vgg19_attention(weights=None)
    assert lines(model, TABLE_I) == TABLE_I
    assert model.count_params() == 123_018_410
    convolutions = [layer for layer in model.layers if "_conv" in layer.name]
    assert sum(layer.count_params() for layer in convolutions) == 20_024_384
    attention = model.get_layer("block5_attention")
    assert attention.pool(keras.KerasTensor((None, 7, 7, 512))).shape == (None, 7, 7, 2)
    assert attention.convolution.kernel.shape == (7, 7, 2, 1)


def test_network_b_line_by_line():
    model = build_model({**NETWORK_B, "weights": None})
    assert lines(model, NETWORK_B_HEAD) == NETWORK_B_HEAD
    maps = [model.get_layer(f"block{block}_attention") for block in (3, 4, 5)]
    assert [layer.output.shape[1:3] for layer in maps] == [(28, 28), (14, 14), (7, 7)]
    assert model.count_params() == 20_553_081
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_variables)
    assert model.count_params() - trained == 2 * 3


def test_a_scale_before_the_head_changes_no_other_layer():
    scale = {"feature_scale": 0.05, **POCKET}
    model, scaled = vgg19_attention(**POCKET), vgg19_attention(**scale)
    names = [layer.name for layer in scaled.layers]
    after = names.index("append_map") + 1
    assert names[after : after + 2] == ["feature_scale", "flatten"]
    assert names[:after] + names[after + 1 :] == [layer.name for layer in model.layers]
    assert scaled.count_params() == model.count_params()
    before, after = outputs(scaled, "append_map", "feature_scale")
    np.testing.assert_allclose(after, 0.05 * before, rtol=1e-5)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("after", POOLS)
@pytest.mark.parametrize("combine", COMBINE)
def test_every_place_combination_and_head(after, combine, head):
    model = vgg19_attention(after, combine, head=head, units=(16, 8), **POCKET)
    probabilities = model.predict(NOISE[..., None], verbose=0)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, atol=1e-5)
    (attention_map,) = attention_maps(model, NOISE).values()
    grid = 48 >> int(after[5])
    assert attention_map.shape == (2, grid, grid)
    assert attention_map.min() >= 0 and attention_map.max() <= 1
    channels = 129 if combine == "concat" else 128
    layer, numbers = ("flatten", 1) if head == "flatten" else ("pooled", 2)
    assert model.get_layer(layer).output.shape[-1] == numbers * channels
    assert [model.get_layer(name).units for name in ("fc1", "fc2")] == [16, 8]


def test_several_places_at_once():
    model = vgg19_attention(["block3_pool", "block5_pool"], "concat", **POCKET)
    maps = attention_maps(model, NOISE)
    shapes = {name: value.shape for name, value in maps.items()}
    assert shapes == {"block3_attention": (2, 6, 6), "block5_attention": (2, 1, 1)}
    assert model.get_layer("flatten").output.shape[-1] == 130


@pytest.mark.parametrize("size", [48, 50, 64, 88, 96, 100, 224])
def test_a_map_is_averaged_down_to_the_last_grid(size):
    model = vgg19_attention(
        "block1_pool", "concat", size=size, weights=None, width=0.0625
    )
    last = model.get_layer("block5_pool").output.shape[1]
    assert model.get_layer("append_map").output.shape[1] == last


@pytest.mark.parametrize(
    ("combine", "normalise_map", "factor"),
    [
        ("multiply", False, lambda attention_map: attention_map),
        ("residual", False, lambda attention_map: 1 + attention_map),
        ("residual", True, lambda attention_map: 1 + attention_map),
        ("gate", False, lambda attention_map: 2 * attention_map),
        ("gate", True, lambda attention_map: 2 * attention_map),
    ],
)
def test_gates_do_what_their_name_says(combine, normalise_map, factor):
    model = vgg19_attention(
        "block3_pool", combine, normalise_map=normalise_map, **POCKET
    )
    if normalise_map:
        model.get_layer("block3_attention").normalisation.gamma.assign([3.0])
    features, attention_map, gated = outputs(
        model,
        "block3_pool",
        "block3_attention",
        "block3_residual" if combine == "residual" else "block3_multiply",
    )
    assert attention_map.std() > 0
    expected = features * factor(attention_map)
    np.testing.assert_allclose(gated, expected, rtol=1e-5, atol=1e-6)


def test_pixels_become_what_imagenet_networks_expect():
    expected = keras.applications.vgg19.preprocess_input(
        np.repeat(NOISE[..., None], 3, -1).astype("float32")
    )
    prepared = outputs(vgg19(**POCKET), "subtract_means")
    np.testing.assert_allclose(np.squeeze(prepared), expected, atol=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"after": "block6_pool"}, 'after="block6_pool" is not a pooling layer'),
        ({"combine": "add"}, 'combine="add" is unknown'),
        ({"size": 31}, "size is 31; five poolings need at least 32"),
        ({"head": "average"}, 'head="average" is unknown'),
        ({"feature_scale": 0}, "feature_scale is 0; expected a factor above 0"),
        ({"width": 0}, "width is 0; expected a fraction above 0"),
        ({"width": 1.5}, "width is 1.5; expected a fraction above 0"),
        ({"dropout": 1.0}, "dropout is 1.0; expected a fraction from 0"),
        ({"weights": "imagenet"}, "for width 1 only"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        vgg19_attention(**{**POCKET, **arguments})


def test_a_pocket_model_that_is_not_shipped_is_named():
    with pytest.raises(FileNotFoundError, match=r"pocket-block1-residual.*pocket-none"):
        pocket_model("block1_pool", "residual")


def test_network_b_begins_as_the_pretrained_network():
    """Three masks that leave the features alone, whatever the features are."""
    masks = {"head": "mean_max", "normalise_map": True, **POCKET}
    with_masks = vgg19_attention(NETWORK_B["after"], "gate", **masks)
    plain = vgg19(head="mean_max", **POCKET)
    shared = [weight for weight in with_masks.weights if "attention" not in weight.path]
    plain.set_weights([keras.ops.convert_to_numpy(weight) for weight in shared])
    for training in (False, True):
        features = [
            keras.Model(model.input, model.get_layer("mean_over_grid").input)(
                NOISE[..., None].astype("float32"), training=training
            )
            for model in (with_masks, plain)
        ]
        np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, features))
    maps = attention_maps(with_masks, NOISE).values()
    assert all((value == 0.5).all() for value in maps)


def test_in_16_bit_arithmetic():
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        model = build_model({**NETWORK_B, **POCKET})
    finally:
        keras.mixed_precision.set_global_policy("float32")
    for name, dtype in (
        ("subtract_means", "float32"),
        ("block3_conv1", "bfloat16"),
        ("block4_attention", "bfloat16"),
    ):
        assert model.get_layer(name).compute_dtype == dtype
    # The masks begin as exactly as in 32 bits, and the probabilities keep 32.
    before, after = outputs(model, "block4_pool", "block4_multiply")
    np.testing.assert_array_equal(before.astype("float32"), after.astype("float32"))
    assert model.predict(NOISE[..., None], verbose=0).dtype == "float32"


def test_the_papers_network_has_the_settings_that_checkpoints_store():
    model = vgg19_attention("block4_pool", **POCKET)
    settings = model.get_layer("block4_attention").get_config()
    assert set(settings) == {"name", "trainable", "dtype", "kernel_size", "use_bias"}
    names = {layer.name for layer in model.layers}
    assert not names & {"features_bn", "feature_scale"}
