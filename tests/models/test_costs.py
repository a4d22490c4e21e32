"""Costs and receptive fields, against hand computation and against gradients."""

import keras
import numpy as np
import pytest
from keras import layers

from fercourse.models import costs
from fercourse.models.costs import configuration_costs, multiply_adds, places
from fercourse.models.network import NETWORK_B
from fercourse.models.pocket import pocket_configuration
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import POOLS, vgg19

# Of VGG19 as published, with 1,000 classes: 39.3 GFLOP, the known figure
VGG19 = 19_632_062_464
CONVOLUTIONS = VGG19 - 25_088 * 4096 - 4096 * 4096 - 4096 * 1000
POCKET = {"system": "vgg19_attention", "size": 48, "weights": None, "width": 0.25}


def test_a_small_model_by_hand():
    x = inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same")(x)
    x = layers.Flatten()(layers.MaxPooling2D()(x))
    model = keras.Model(inputs, layers.Dense(5)(x))
    assert multiply_adds(model) == 3 * 3 * 3 * 4 * 8 * 8 + 4 * 4 * 4 * 5


def test_the_attention_block_costs_next_to_nothing():
    plain = multiply_adds(build_model(pocket_configuration()))
    model = build_model(pocket_configuration("block1_pool", "multiply"))
    assert multiply_adds(model) - plain == 98 * 24 * 24


def test_grids_at_the_papers_size_and_of_the_pocket_models():
    assert [place.grid for place in places(224)] == [112, 56, 28, 14, 7]
    assert [place.grid for place in places(48, 0.25)] == [24, 12, 6, 3, 1]
    assert [place.channels for place in places(48, 0.25)] == [16, 32, 64, 128, 128]
    last = places(224)[4]
    assert last.field_on_face == pytest.approx(last.field * 48 / 224)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="takes gradients with TensorFlow"
)
@pytest.mark.parametrize("block", [0, 1, 2])
def test_the_field_is_where_gradients_reach(block):
    import tensorflow as tf

    model = vgg19(size=96, weights=None, width=0.03)
    to_pool = keras.Model(
        model.get_layer("grey_to_bgr").output, model.get_layer(POOLS[block]).output
    )
    # All weights positive, so that no path is cut by a ReLU and none cancels another.
    for layer in to_pool.layers:
        layer.set_weights([np.full_like(value, 0.1) for value in layer.get_weights()])
    random = np.random.default_rng(0)
    middle = to_pool.output.shape[1] // 2
    touched = np.zeros((96, 96), bool)
    for _ in range(40):  # each time, other pixels win in the pooling layers
        image = tf.constant(random.uniform(130, 255, (1, 96, 96, 3)).astype("float32"))
        with tf.GradientTape() as tape:
            tape.watch(image)
            place = tf.reduce_sum(to_pool(image)[0, middle, middle])
        touched |= np.abs(tape.gradient(place, image).numpy()[0]).sum(axis=-1) > 0
    rows = np.flatnonzero(touched.any(axis=1))
    assert rows[-1] - rows[0] + 1 == places(96)[block].field


@pytest.mark.parametrize(
    ("configuration", "parameters", "additions"),
    [
        # Table II, Table I, and network B
        (
            {"system": "vgg19", "units": [4096, 4096], "classes": 1000},
            143_667_240,
            VGG19,
        ),
        (
            {"system": "vgg19_attention"},
            123_018_410,
            CONVOLUTIONS + 98 * 7 * 7 + 25_137 * 4096 + 4096 * 7,
        ),
        (
            NETWORK_B,
            20_553_081,
            CONVOLUTIONS + 98 * (28**2 + 14**2 + 7**2) + 1024 * 512 + 512 * 7,
        ),
    ],
)
def test_full_width_is_counted_without_building_it(
    configuration, parameters, additions, monkeypatch
):
    monkeypatch.setattr(costs, "build_model", lambda _: pytest.fail("built"))
    assert configuration_costs(configuration) == (parameters, additions)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"head": "pooled"},
        {"head": "pooled", "units": [32, 16]},
        {"head": "pooled", "combine": "residual", "normalise_map": True},
        {"head": "mean_max", "combine": "gate", "feature_scale": 0.05},
        {"normalise_map": True, "after": ["block3_pool", "block5_pool"]},
        {"after": ["block3_pool", "block4_pool", "block5_pool"], "combine": "residual"},
        {"after": ["block2_pool", "block5_pool"], "combine": "concat", "size": 96},
        {"system": "vgg19", "units": [32, 16], "classes": 5, "dropout": 0.1},
        {"width": 1.0, "units": 8, "size": 32},
        {"width": 0.0625, "kernel_size": 3, "size": 100},
        {"system": "resnet", "width": 0.25},
        {"system": "deep_emotion"},
    ],
)  # fmt: skip
def test_costs_are_those_of_the_model(change):
    is_vgg19 = "vgg19" in change.get("system", "vgg19")
    configuration = POCKET | change if is_vgg19 else change
    model = build_model(configuration)
    expected = model.count_params(), multiply_adds(model)
    assert configuration_costs(configuration) == expected


def test_a_configuration_is_counted_once(monkeypatch):
    configuration = {"system": "deep_emotion", "width": 0.5}
    first = configuration_costs(configuration)
    monkeypatch.setattr(costs, "build_model", lambda _: pytest.fail("built again"))
    assert configuration_costs(dict(reversed(configuration.items()))) == first


def test_an_unknown_system_has_no_cost():
    with pytest.raises(ValueError, match="'resnext' is unknown"):
        configuration_costs({"system": "resnext"})
