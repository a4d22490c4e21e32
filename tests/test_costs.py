"""Costs and receptive fields, against hand computation and against gradients."""

import keras
import numpy as np
import pytest
from keras import layers

from fercourse.costs import layer_costs, multiply_adds, places, pocket_costs
from fercourse.models import POOLS, build_model, pocket_configuration, vgg19


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
    assert places(224)[4].field_on_face == pytest.approx(places(224)[4].field * 48 / 224)


@pytest.mark.parametrize("block", [0, 1, 2])
def test_the_field_is_where_gradients_reach(block):
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        pytest.skip("takes gradients through TensorFlow")
    model = vgg19(size=96, weights=None, width=0.03)
    to_pool = keras.Model(model.get_layer("grey_to_bgr").output, model.get_layer(POOLS[block]).output)
    # All weights positive, so that no path is cut by a ReLU and none cancels another.
    for layer in to_pool.layers:
        layer.set_weights([np.full_like(weights, 0.1) for weights in layer.get_weights()])
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
    [(None, "concat"), ("block1_pool", "concat"), ("block3_pool", "multiply"), ("block5_pool", "residual")],
)
@pytest.mark.parametrize("kernel_size", [3, 7])
def test_pocket_costs_are_those_of_the_model(after, combine, kernel_size):
    configuration = pocket_configuration(after, combine)
    if after is not None:
        configuration["kernel_size"] = kernel_size
    model = build_model(configuration)
    assert pocket_costs(after, combine, kernel_size) == (model.count_params(), multiply_adds(model))
