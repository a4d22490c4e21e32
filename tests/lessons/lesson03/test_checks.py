"""Right and wrong answers to lesson 03's exercises."""

import keras
import numpy as np
import pytest
from checking import make_tests
from keras import layers, ops

from fercourse.lessons.exercise import verdict
from fercourse.lessons.lesson03 import checks
from fercourse.models.attention import SpatialAttention


def mean(f, axis=-1):
    return f.mean(axis, keepdims=True)


def maximum(f, axis=-1):
    return f.max(axis, keepdims=True)


def stacked(features, axis=-1):
    summaries = (ops.mean, ops.max)
    return ops.concatenate([s(features, axis, keepdims=True) for s in summaries], axis)


def convolved(f, k, b, padding="same"):
    return ops.conv(stacked(f), k, padding=padding) + b


def attention(f, k, b):
    return ops.sigmoid(convolved(f, k, b))


def with_keras_layer(f, k, b):
    layer = layers.Conv2D(1, 7, padding="same", activation="sigmoid")
    layer.build((None, None, None, 2))
    layer.set_weights([k, b])
    return layer(stacked(f))


def multiplied_in_place(m, e):
    total = m.sum()
    m *= e
    return m.sum() / total


def shifted_in_place(f):
    f -= 1
    return mean(f) + 1, maximum(f) + 1


def joined(*parts, axis=-1):
    return ops.concatenate(parts, axis=axis)


class Block(layers.Layer):
    """The solution; what is done with features and map can be replaced."""

    def __init__(self, combine=joined, **convolution):
        super().__init__()
        paper = {"filters": 1, "kernel_size": 7, "padding": "same"}
        paper["activation"] = "sigmoid"
        self.convolution = layers.Conv2D(**paper | convolution)
        self.combine = combine

    def call(self, features):
        return self.combine(features, self.convolution(stacked(features)))


class OfLibrary(layers.Layer):
    def __init__(self):
        super().__init__()
        self.attention = SpatialAttention()

    def build(self, shape):
        self.attention.build(shape)

    def call(self, features):
        return joined(features, self.attention(features))


def as_model():
    features = keras.Input((None, None, 6))
    appended = layers.Concatenate()([features, SpatialAttention()(features)])
    return keras.Model(features, appended)


class OnAllChannels(Block):
    def call(self, features):
        return joined(features, self.convolution(features))


class NewEveryTime(Block):
    def call(self, features):
        return Block()(features)


class Stub(Block):
    def call(self, features):
        return ...


class HalfStub(Block):
    def __init__(self):
        super().__init__()
        self.convolution = ...


class Crash(Block):
    def call(self, features):
        return features / "two"


class WithNumPy(Block):
    def call(self, features):
        return super().call(np.asarray(features))


class Drawing(Block):
    def call(self, features):
        noise = keras.random.normal((1,), stddev=1e-2)
        return joined(features, super().call(features + noise)[..., -1:])


class WithoutSelf(layers.Layer):
    def call(features):
        return features


class Typo(Block):
    def call(self, features):
        return self.convolutoin(stacked(features))


class NoInit(layers.Layer):
    def __init__(self):
        self.convolution = layers.Conv2D(1, 7)


class Nothing(Block):
    def call(self, features):
        self.convolution(stacked(features))


TABLE = {
    checks.check_mean_and_maximum: [
        (
            "right",
            lambda f: (ops.mean(f, -1, keepdims=True), ops.max(f, -1, keepdims=True)),
        ),
        ("right", lambda f: (f.mean(axis=-1)[..., None], f.max(axis=3, keepdims=True))),
        (
            "right",
            lambda f: [
                f.sum(-1, keepdims=True) / f.shape[-1],
                np.sort(f, -1)[..., -1:],
            ],
        ),
        ("right", lambda f: (mean(f.astype("float64")), maximum(f).tolist())),
        ("keepdims", lambda f: (f.mean(-1), f.max(-1))),
        ("axis", lambda f: (mean(f, 1), maximum(f, 1))),
        ("axis", lambda f: (f.mean(2), f.max(2))),
        ("axis", lambda f: (f.mean(0), f.max(0))),
        ("places", lambda f: (f.mean((1, 2)), f.max((1, 2)))),
        ("no axis", lambda f: (f.mean(), f.max())),
        ("order", lambda f: (maximum(f), mean(f))),
        ("sum", lambda f: (f.sum(-1, keepdims=True), maximum(f))),
        ("mean", lambda f: (mean(f), mean(f))),
        ("smallest", lambda f: (mean(f), f.min(-1, keepdims=True))),
        ("absolute", lambda f: (mean(f), maximum(abs(f)))),
        ("median", lambda f: (np.median(f, -1, keepdims=True), maximum(f))),
        ("other", lambda f: (0 * mean(f), maximum(f))),
        ("shape", lambda f: (f, f)),
        ("pair", lambda f: [mean(f)] * 3),
        ("pair", mean),
        ("in place", shifted_in_place),
        ("nan", lambda f: (mean(f) * np.nan, maximum(f))),
        ("kind", lambda f: ("mean", "maximum")),
    ],
    checks.check_attention_map: [
        ("right", attention),
        (
            "right",
            lambda f, k, b: 1 / (1 + np.exp(-ops.convert_to_numpy(convolved(f, k, b)))),
        ),
        (
            "right",
            lambda f, k, b: ops.sigmoid(
                ops.conv(stacked(f)[..., ::-1], k, 1, "same") + b
            ),
        ),
        ("right", with_keras_layer),
        ("no sigmoid", convolved),
        ("shrunk", lambda f, k, b: ops.sigmoid(convolved(f, k, b, "valid"))),
        (
            "softmax over places",
            lambda f, k, b: ops.softmax(convolved(f, k, b), axis=(1, 2)),
        ),
        ("softmax over one", lambda f, k, b: ops.softmax(convolved(f, k, b))),
        ("last axis", lambda f, k, b: attention(f, k, b)[..., 0]),
        ("multiplied", lambda f, k, b: f * attention(f, k, b)),
        ("appended", lambda f, k, b: joined(f, attention(f, k, b))),
        ("stacked", lambda f, k, b: stacked(f)),
        ("shape", lambda f, k, b: attention(f, k, b)[:1]),
        ("other", lambda f, k, b: attention(f, 2 * k, b)),
        ("range", lambda f, k, b: 3 * convolved(f, k, b)),
        ("crash", lambda f, k, b: ops.conv(stacked(f, axis=1), k, padding="same")),
    ],
    checks.check_append_map: [
        ("right", Block),
        ("right", Block()),
        ("right", OfLibrary),
        ("right", as_model()),
        ("bias", Block(use_bias=False)),
        ("window", Block(kernel_size=3)),
        ("frozen", Block(trainable=False)),
        ("no model", WithNumPy),
        ("changing", Drawing),
        ("parameters", WithoutSelf),
        ("crash", Typo),
        ("crash", NoInit),
        ("right", Block(lambda f, m: joined(f, ops.sigmoid(m)), activation=None)),
        ("multiplied", Block(lambda f, m: f * m)),
        ("features changed", Block(lambda f, m: joined(f * m, m))),
        ("map only", Block(lambda f, m: m)),
        ("map first", Block(lambda f, m: joined(m, f))),
        ("two channels", Block(lambda f, m: joined(f, stacked(f)))),
        ("two channels", Block(filters=2)),
        ("spatial axis", Block(lambda f, m: joined(f, m * ops.ones_like(f), axis=1))),
        ("shape", Block(lambda f, m: joined(f, f))),
        ("crash", Block(lambda f, m: joined(f, m, axis=1))),
        ("crash", Block(padding="valid")),
        ("crash", Crash),
        ("no sigmoid", Block(activation=None)),
        ("softmax over one", Block(activation="softmax")),
        ("two sigmoids", Block(lambda f, m: joined(f, ops.sigmoid(m)))),
        ("filters", Block(lambda f, m: joined(f, m[..., :1]), filters=3)),
        ("channels", OnAllChannels),
        ("kernels", NewEveryTime),
        ("nothing", Nothing),
        ("kind", lambda f: f),
    ],
    checks.check_share_on_evidence: [
        ("right", lambda m, e: (m * e).sum() / m.sum()),
        ("right", lambda m, e: np.average(e, weights=m)),
        (
            "right",
            lambda m, e: np.array([(m / m.sum()).ravel() @ e.ravel()], "float64"),
        ),
        ("right", lambda m, e: ops.sum(ops.convert_to_tensor(m) * e) / ops.sum(m)),
        ("constant", lambda m, e: 0.0),
        ("shape", lambda m, e: m * e),
        ("in place", multiplied_in_place),
        ("percent", lambda m, e: 100 * (m * e).sum() / m.sum()),
        ("rounded", lambda m, e: round((m * e).sum() / m.sum(), 2)),
    ],
}
globals().update(make_tests(TABLE))


@pytest.mark.parametrize(
    ("layer", "words"),
    [(WithoutSelf, "`self`"), (Typo, "Did you mean `convolution`?")],
)
def test_a_mistake_in_a_class_is_explained(layer, words):
    assert words in verdict(checks.check_append_map, layer).text


@pytest.mark.parametrize(
    "answer",
    [
        lambda f, k, b: ops.sigmoid(ops.conv(f, k, padding="same") + b),
        lambda f, k, b: ops.sigmoid(
            ops.conv(ops.concatenate([f.mean(-1), f.max(-1)], -1), k, padding="same")
        ),
    ],
)
def test_a_crash_in_keras_shows_no_path(answer):
    said = verdict(checks.check_attention_map, answer)
    assert said.key == "crash"
    assert not any(sign in said.text for sign in ("\x1b", ".py", "{{", "site-packages"))


def test_a_layers_stub_is_not_done():
    for stub in (Stub, HalfStub):
        assert verdict(checks.check_append_map, stub).status == "not done"
