"""Costs and receptive fields, against hand computation and against gradients."""

import keras
import numpy as np
import pytest
from keras import layers

from fercourse.models import costs
from fercourse.models.costs import (
    configuration_costs,
    layer_costs,
    multiply_adds,
    places,
    pocket_costs,
)
from fercourse.models.network import NETWORK_B
from fercourse.models.pocket import pocket_configuration
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import POOLS, vgg19


def test_a_small_model_by_hand():
    x = inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same", name="convolution")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    x = layers.Dense(5, name="dense")(x)
    costs = {cost.name: cost for cost in layer_costs(keras.Model(inputs, x))}
    assert costs["convolution"].shape == (8, 8, 4)
    assert costs["convolution"].parameters == 3 * 3 * 3 * 4 + 4
    assert costs["convolution"].multiply_adds == 3 * 3 * 3 * 4 * 64
    assert costs["dense"].multiply_adds == 4 * 4 * 4 * 5
    assert multiply_adds(keras.Model(inputs, x)) == 108 * 64 + 320


def test_vgg19_has_the_published_19_6_billion():
    model = vgg19(weights=None, units=(4096, 4096), classes=1000, dropout=0)
    assert multiply_adds(model) == 19_632_062_464  # 39.3 GFLOP: the known figure


def test_the_attention_block_costs_next_to_nothing():
    plain = multiply_adds(build_model(pocket_configuration()))
    after_first = build_model(pocket_configuration("block1_pool", "multiply"))
    costs = {cost.name: cost for cost in layer_costs(after_first)}
    assert costs["block1_attention"].multiply_adds == 7 * 7 * 2 * 24 * 24
    assert costs["block1_attention"].parameters == 99
    assert multiply_adds(after_first) == plain + 7 * 7 * 2 * 24 * 24


def test_grids_at_the_papers_size_and_of_the_pocket_models():
    assert [place.grid for place in places(224)] == [112, 56, 28, 14, 7]
    assert [place.grid for place in places(48, 0.25)] == [24, 12, 6, 3, 1]
    assert [place.channels for place in places(48, 0.25)] == [16, 32, 64, 128, 128]
    assert places(224)[4].field_on_face == pytest.approx(
        places(224)[4].field * 48 / 224
    )


@pytest.mark.parametrize("block", [0, 1, 2])
def test_the_field_is_where_gradients_reach(block):
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        pytest.skip("takes gradients through TensorFlow")
    model = vgg19(size=96, weights=None, width=0.03)
    to_pool = keras.Model(
        model.get_layer("grey_to_bgr").output, model.get_layer(POOLS[block]).output
    )
    # All weights positive, so that no path is cut by a ReLU and none cancels another.
    for layer in to_pool.layers:
        layer.set_weights(
            [np.full_like(weights, 0.1) for weights in layer.get_weights()]
        )
    chance = np.random.default_rng(0)
    middle = to_pool.output.shape[1] // 2
    touched = np.zeros((96, 96), bool)
    for _ in range(40):  # each time, other pixels win in the pooling layers
        image = tf.constant(chance.uniform(130, 255, (1, 96, 96, 3)).astype("float32"))
        with tf.GradientTape() as tape:
            tape.watch(image)
            place = tf.reduce_sum(to_pool(image)[0, middle, middle])
        touched |= np.abs(tape.gradient(place, image).numpy()[0]).sum(axis=-1) > 0
    rows = np.flatnonzero(touched.any(axis=1))
    assert rows[-1] - rows[0] + 1 == places(96)[block].field


@pytest.mark.parametrize(
    ("after", "combine"),
    [
        (None, "concat"),
        ("block1_pool", "concat"),
        ("block3_pool", "multiply"),
        ("block5_pool", "residual"),
    ],
)
@pytest.mark.parametrize("kernel_size", [3, 7])
def test_pocket_costs_are_those_of_the_model(after, combine, kernel_size):
    configuration = pocket_configuration(after, combine)
    if after is not None:
        configuration["kernel_size"] = kernel_size
    model = build_model(configuration)
    assert pocket_costs(after, combine, kernel_size) == (
        model.count_params(),
        multiply_adds(model),
    )


def test_full_width_is_counted_without_building_it():
    # The paper's Tables I and II, and the known 19.6 billion of VGG19.
    parameters, additions = configuration_costs(
        {
            "system": "vgg19_attention",
            "size": 224,
            "weights": "imagenet",
            "after": "block5_pool",
        }
    )
    assert parameters == 123_018_410
    table2 = {"system": "vgg19", "units": [4096, 4096], "classes": 1000}
    assert configuration_costs(table2) == (
        143_667_240,
        19_632_062_464,
    )
    plain = 19_632_062_464 - 4096 * 4096 - 4096 * 1000 + 4096 * 7
    assert additions == plain + 7 * 7 * 2 * 7 * 7 + 7 * 7 * 4096


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"head": "pooled"},
        {
            "head": "pooled",
            "units": [32, 16],
            "combine": "residual",
            "normalise_map": True,
        },
        {"normalise_map": True, "after": ["block3_pool", "block5_pool"]},
        {"after": ["block3_pool", "block4_pool", "block5_pool"], "combine": "residual"},
        {"after": ["block2_pool", "block5_pool"], "combine": "concat", "size": 96},
        {"system": "vgg19", "units": [32, 16], "classes": 5, "dropout": 0.1},
        {"width": 1.0, "units": 8, "size": 32},
        {"width": 0.0625, "kernel_size": 3, "size": 100},
        {"system": "resnet", "width": 0.25},
        {"system": "deep_emotion"},
    ],
)
def test_configuration_costs_are_those_of_the_model(change):
    configuration = {
        "system": "vgg19_attention",
        "size": 48,
        "weights": None,
        "width": 0.25,
    } | change
    if configuration["system"] in ("resnet", "deep_emotion"):
        configuration = change
    model = build_model(configuration)
    assert configuration_costs(configuration) == (
        model.count_params(),
        multiply_adds(model),
    )


def test_a_configuration_is_counted_once(monkeypatch):
    configuration = {"system": "deep_emotion", "width": 0.5}
    first = configuration_costs(configuration)
    monkeypatch.setattr(costs, "build_model", lambda _: pytest.fail("built again"))
    assert configuration_costs(dict(reversed(configuration.items()))) == first


def test_an_unknown_system_has_no_cost():
    with pytest.raises(ValueError, match="system='resnext' is unknown"):
        configuration_costs({"system": "resnext"})


def test_network_b_is_counted():
    parameters, additions = configuration_costs(NETWORK_B)
    assert parameters == 20_556_665
    convolutions = 19_632_062_464 - (25_088 * 4096 + 4096 * 4096 + 4096 * 1000)
    assert (
        additions
        == convolutions + 2 * 49 * (28**2 + 14**2 + 7**2) + 1024 * 512 + 512 * 7
    )
