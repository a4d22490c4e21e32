"""Fast gradients: Keras's values and gradients, and a model that is left as it was."""

import keras
import numpy as np
import pytest
from fast_gradients import FastGradients, halve, relu
from keras import layers, ops
from tiny import tiny_faces

from fercourse.models.vgg19 import vgg19_attention


def gradient_of(function, x):
    """The gradient of sum(weights · function(x)), so that each output counts apart."""
    shape = function(ops.convert_to_tensor(x)).shape
    weights = np.random.default_rng(5).normal(size=shape).astype("float32")
    if keras.backend.backend() == "jax":
        import jax

        return np.asarray(jax.grad(lambda value: ops.sum(function(value) * weights))(x))
    import tensorflow as tf

    value = tf.Variable(x)
    with tf.GradientTape() as tape:
        total = ops.sum(function(value) * weights)
    return tape.gradient(total, value).numpy()


def numbers(*shape):
    return np.random.default_rng(1).normal(size=shape).astype("float32")


def test_relu_is_relu():
    x = numbers(3, 4)
    x[0] = [0.0, -0.0, 1e-30, -1e-30]
    np.testing.assert_array_equal(ops.convert_to_numpy(relu(x)), np.maximum(x, 0))
    np.testing.assert_array_equal(gradient_of(relu, x), gradient_of(ops.relu, x))


@pytest.mark.parametrize(("height", "width"), [(6, 6), (7, 6), (6, 7), (3, 3), (2, 2)])
def test_halving_is_max_pooling(height, width):
    x, pool = numbers(2, height, width, 5), layers.MaxPooling2D(2)
    np.testing.assert_array_equal(*map(ops.convert_to_numpy, (halve(x), pool(x))))
    np.testing.assert_allclose(gradient_of(halve, x), gradient_of(pool, x), atol=1e-6)


def test_equals_get_no_more_than_one_of_them_would():
    equal = np.ones((1, 2, 2, 1), "float32")
    mine, theirs = gradient_of(halve, equal), gradient_of(layers.MaxPooling2D(2), equal)
    assert mine.sum() == pytest.approx(theirs.sum())
    assert (mine * theirs.sum() >= 0).all()


def test_a_model_computes_the_same_and_is_as_before_afterwards():
    model = vgg19_attention("block4_pool", size=48, weights=None, width=0.125)
    images = tiny_faces(4).images[..., None]
    before = ops.convert_to_numpy(model(images))
    settings = [layer.get_config() for layer in model.layers]
    with FastGradients(model) as fast:
        assert len(fast.changed) == 16 + 5 + 1  # convolutions, poolings, fc1
        within = ops.convert_to_numpy(model(images))
        np.testing.assert_allclose(within, before, atol=1e-6)
    assert [layer.get_config() for layer in model.layers] == settings
    assert not any(layer.__dict__.get("call") is halve for layer in model.layers)
    np.testing.assert_array_equal(ops.convert_to_numpy(model(images)), before)


def test_what_is_no_halving_is_left_alone():
    inputs = keras.Input((8, 8, 1))
    x = layers.MaxPooling2D(3, strides=1, padding="same")(inputs)
    x = layers.MaxPooling2D(2, padding="same")(x)
    x = layers.MaxPooling2D(2, strides=1)(x)
    model = keras.Model(inputs, layers.Conv2D(1, 1, activation="tanh")(x))
    with FastGradients(model) as fast:
        assert fast.changed == []
