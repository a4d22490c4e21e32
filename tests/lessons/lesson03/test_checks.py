"""The checks of lesson 03: the solution, other right answers, wrong ones."""

import keras
import numpy as np
import pytest
from checking import assert_wrong, said
from keras import layers, ops

from fercourse.lessons.lesson03.checks import (
    check_append_map,
    check_attention_map,
    check_attention_parameters,
    check_mean_and_maximum,
    check_share_on_evidence,
)
from fercourse.models.attention import SpatialAttention

OF_FUNCTIONS = (
    check_mean_and_maximum,
    check_attention_map,
    check_attention_parameters,
    check_share_on_evidence,
)


@pytest.mark.parametrize("check", OF_FUNCTIONS)
def test_stub_crash_and_nothing(capsys, check):
    assert said(capsys, check, lambda *_: ...).startswith("○ Not done yet")
    assert_wrong(said(capsys, check, lambda *_: 1 / 0), "ZeroDivisionError")
    assert_wrong(said(capsys, check, lambda *_: None), "returns nothing")
    assert_wrong(said(capsys, check, 5), "A function is expected")


# 3.1: mean and maximum
# -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        lambda f: (
            ops.mean(f, axis=-1, keepdims=True),
            ops.max(f, axis=-1, keepdims=True),
        ),
        lambda f: (f.mean(axis=-1)[..., None], f.max(axis=3, keepdims=True)),
        lambda f: [
            np.sum(f, -1, keepdims=True) / f.shape[-1],
            np.sort(f, -1)[..., -1:],
        ],
        lambda f: (
            f.astype("float64").mean(-1, keepdims=True),
            (-((-f).min(-1, keepdims=True))).tolist(),
        ),
    ],
)
def test_mean_and_maximum_right(capsys, answer):
    assert said(capsys, check_mean_and_maximum, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda f: (f.mean(-1), f.max(-1)), "the channel axis is gone"),
        (
            lambda f: (f.mean(1, keepdims=True), f.max(1, keepdims=True)),
            "the rows of the grid, a spatial axis",
        ),
        (lambda f: (f.mean(2), f.max(2)), "the columns of the grid, a spatial axis"),
        (lambda f: (f.mean(0), f.max(0)), "faces have nothing to do with each other"),
        (
            lambda f: (f.mean((1, 2)), f.max((1, 2))),
            "kept the channels, as global pooling does",
        ),
        (lambda f: (f.mean(), f.max()), "one number for everything"),
        (
            lambda f: (f.max(-1, keepdims=True), f.mean(-1, keepdims=True)),
            "in the other order",
        ),
        (
            lambda f: (f.sum(-1, keepdims=True), f.max(-1, keepdims=True)),
            "the sum over the channels",
        ),
        (lambda f: (f.mean(-1, keepdims=True),) * 2, "Your maximum holds the mean"),
        (
            lambda f: (f.mean(-1, keepdims=True), f.min(-1, keepdims=True)),
            "the smallest of the channels",
        ),
        (
            lambda f: (f.mean(-1, keepdims=True), np.abs(f).max(-1, keepdims=True)),
            "Leave the sign alone",
        ),
        (
            lambda f: (np.median(f, -1, keepdims=True), f.max(-1, keepdims=True)),
            "the median",
        ),
        (
            lambda f: (0 * f[..., :1], f.max(-1, keepdims=True)),
            "not the mean of the channels",
        ),
        (lambda f: (f, f), "one number for each place"),
        (lambda f: f.mean(-1, keepdims=True), "two things are expected"),
        (lambda f: ("mean", "maximum"), "an array or a tensor of numbers"),
    ],
)
def test_mean_and_maximum_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_mean_and_maximum, answer), sentence)


# 3.2: the map
# ----------------------------------------------------------------------------------


def stacked(features, axis=-1):
    return ops.concatenate(
        [
            ops.mean(features, axis=-1, keepdims=True),
            ops.max(features, axis=-1, keepdims=True),
        ],
        axis=axis,
    )


def convolved(f, k, b, padding="same"):
    return ops.conv(stacked(f), k, padding=padding) + b


def with_keras_layer(f, k, b):
    layer = layers.Conv2D(1, 7, padding="same", activation="sigmoid")
    layer.build((None, None, None, 2))
    layer.set_weights([k, b])
    return layer(stacked(f))


@pytest.mark.parametrize(
    "answer",
    [
        lambda f, k, b: ops.sigmoid(convolved(f, k, b)),
        lambda f, k, b: 1 / (1 + np.exp(-np.asarray(convolved(f, k, b)))),
        lambda f, k, b: ops.sigmoid(
            ops.conv(stacked(f)[..., ::-1], k, padding="same") + b
        ),
        with_keras_layer,
    ],
)
def test_attention_map_right(capsys, answer):
    assert said(capsys, check_attention_map, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda f, k, b: convolved(f, k, b), "the sigmoid is missing"),
        (
            lambda f, k, b: ops.sigmoid(convolved(f, k, b, "valid")),
            "The grid shrank by six",
        ),
        (
            lambda f, k, b: ops.softmax(convolved(f, k, b), axis=(1, 2)),
            "in which the places compete",
        ),
        (
            lambda f, k, b: ops.softmax(convolved(f, k, b)),
            "a softmax over an axis of length 1",
        ),
        (lambda f, k, b: ops.sigmoid(convolved(f, k, 0 * b)), "The bias is missing"),
        (
            lambda f, k, b: ops.sigmoid(convolved(f, k, 0 * b)) + b,
            "before the sigmoid, not after",
        ),
        (
            lambda f, k, b: convolved(f, k, 0 * b),
            "The bias and the sigmoid are missing",
        ),
        (lambda f, k, b: ops.relu(convolved(f, k, b)), "You used ReLU"),
        (lambda f, k, b: ops.tanh(convolved(f, k, b)), "You used tanh"),
        (lambda f, k, b: ops.sigmoid(with_keras_layer(f, k, b)), "applied twice"),
        (
            lambda f, k, b: ops.sigmoid(convolved(f, k, b))[..., 0],
            "The last axis is gone",
        ),
        (
            lambda f, k, b: f * ops.sigmoid(convolved(f, k, b)),
            "the map times the features",
        ),
        (
            lambda f, k, b: ops.concatenate([f, ops.sigmoid(convolved(f, k, b))], -1),
            "appends the map",
        ),
        (lambda f, k, b: stacked(f), "still have to be convolved"),
        (
            lambda f, k, b: ops.sigmoid(convolved(f, 2 * k, b)),
            "its numbers are not those of",
        ),
        (lambda f, k, b: 3 * convolved(f, k, b), "a map lies between 0 and 1"),
        (
            lambda f, k, b: ops.conv(stacked(f, axis=1), k, padding="same"),
            "Your function stopped",
        ),
    ],
)
def test_attention_map_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_attention_map, answer), sentence)


# 3.3: the layer
# --------------------------------------------------------------------------------


class Block(layers.Layer):
    """The solution; what is done with features and map can be replaced."""

    def __init__(self, combine=None, **convolution):
        super().__init__()
        settings = {
            "filters": 1,
            "kernel_size": 7,
            "padding": "same",
            "activation": "sigmoid",
        }
        self.convolution = layers.Conv2D(**settings | convolution)
        self.combine = combine or (lambda f, m: ops.concatenate([f, m], axis=-1))

    def call(self, features):
        return self.combine(features, self.convolution(stacked(features)))


class OfLibrary(layers.Layer):
    def __init__(self):
        super().__init__()
        self.attention = SpatialAttention()

    def build(self, shape):
        self.attention.build(shape)

    def call(self, features):
        return ops.concatenate([features, self.attention(features)], axis=-1)


def as_model() -> keras.Model:
    features = keras.Input((None, None, 6))
    return keras.Model(
        features, layers.Concatenate()([features, SpatialAttention()(features)])
    )


class Stub(layers.Layer):
    def __init__(self):
        super().__init__()
        self.convolution = layers.Conv2D(1, 7, padding="same", activation="sigmoid")

    def call(self, features):
        return ...


class Crash(Stub):
    def call(self, features):
        return features / "two"


class Nothing(Stub):
    def call(self, features):
        self.convolution(stacked(features))


class OnAllChannels(Stub):
    def call(self, features):
        return ops.concatenate([features, self.convolution(features)], axis=-1)


class NewEveryTime(layers.Layer):
    def call(self, features):
        attention_map = layers.Conv2D(1, 7, padding="same", activation="sigmoid")(
            stacked(features)
        )
        return ops.concatenate([features, attention_map], axis=-1)


@pytest.mark.parametrize(
    "block",
    [
        Block,
        Block(),
        OfLibrary,
        as_model(),
        Block(use_bias=False),
        Block(
            lambda f, m: ops.concatenate([f, ops.sigmoid(m)], axis=-1), activation=None
        ),
    ],
)
def test_append_map_right(capsys, block):
    assert said(capsys, check_append_map, block).startswith("✓")


def test_append_map_stub(capsys):
    assert said(capsys, check_append_map, Stub).startswith("○ Not done yet")


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        (Block(lambda f, m: f * m), "did you multiply the features by the map?"),
        (
            Block(lambda f, m: ops.concatenate([f * m, m], axis=-1)),
            "Appending leaves them alone",
        ),
        (Block(lambda f, m: m), "the map alone"),
        (
            Block(lambda f, m: ops.concatenate([m, f], axis=-1)),
            "The map stands before the features",
        ),
        (
            Block(lambda f, m: ops.concatenate([f, stacked(f)], axis=-1)),
            "Two channels were appended",
        ),
        (
            Block(lambda f, m: ops.concatenate([f, m * ops.ones_like(f)], axis=1)),
            "appended along a spatial axis",
        ),
        (Block(lambda f, m: ops.concatenate([f, m], axis=1)), "Your function stopped"),
        (Block(padding="valid"), "Your function stopped"),
        (Block(activation=None), "the sigmoid is missing"),
        (Block(activation="softmax"), "a softmax over an axis of length 1"),
        (
            Block(lambda f, m: ops.concatenate([f, ops.sigmoid(m)], axis=-1)),
            "applied twice",
        ),
        (Block(filters=2), "Two channels were appended"),
        (
            Block(lambda f, m: ops.concatenate([f, m[..., :1]], axis=-1), filters=3),
            "3 filters",
        ),
        (OnAllChannels, "looks at 6 channels"),
        (NewEveryTime, "0 convolution kernels"),
        (Crash, "Your function stopped"),
        (Nothing, "returns nothing"),
        (lambda f: f, "A Keras layer is expected"),
    ],
)
def test_append_map_wrong(capsys, block, sentence):
    assert_wrong(said(capsys, check_append_map, block), sentence)


# 3.4: parameters
# -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        lambda k: 2 * k * k + 1,
        lambda k: float(k**2 * 2 + 1),
        lambda k: np.int64(k * k + k * k + 1),
        lambda k: sum([1, *[2 * k] * k]),
    ],
)
def test_attention_parameters_right(capsys, answer):
    assert said(capsys, check_attention_parameters, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda k: 2 * k * k, "The bias is missing"),
        (lambda k: k * k + 1, "two summaries, mean and maximum, not at one"),
        (lambda k: k * k, "not at one, and the filter has a bias"),
        (lambda k: 2 * k + 1, "not a row of k"),
        (lambda k: 2 * (k * k + 1), "not one for each summary"),
        (lambda k: 99, "for the paper's 7×7 window only"),
        (lambda k: 512 * k * k + 1, "over all 512 channels"),
        (lambda k: k + 100, "Count the weights of one filter"),
        (lambda k: "many", "not a number"),
    ],
)
def test_attention_parameters_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_attention_parameters, answer), sentence)


# 3.5: the share on the evidence
# ----------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        lambda m, e: (m * e).sum() / m.sum(),
        lambda m, e: np.average(e, weights=m),
        lambda m, e: np.array([(m / m.sum()).ravel() @ e.ravel()], "float64"),
        lambda m, e: ops.sum(ops.convert_to_tensor(m) * e) / ops.sum(m),
    ],
)
def test_share_right(capsys, answer):
    assert said(capsys, check_share_on_evidence, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda m, e: (m * e).sum(), "divide by the mass of the whole map"),
        (lambda m, e: (m * e).mean(), "how bright the whole map is"),
        (lambda m, e: (m * e).sum() / e.sum(), "You divided by the evidence"),
        (lambda m, e: e.mean(), "the evidence's share of the area"),
        (lambda m, e: m[e > 0].sum() / m.sum(), "as soon as it holds any evidence"),
        (lambda m, e: e[m > m.mean()].mean(), "by a threshold of its own"),
        (lambda m, e: 100 * (m * e).sum() / m.sum(), "in percent"),
        (lambda m, e: 0.0, "For one pair of map and evidence your share is 0.000"),
        (lambda m, e: m * e, "one number is expected"),
    ],
)
def test_share_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_share_on_evidence, answer), sentence)
