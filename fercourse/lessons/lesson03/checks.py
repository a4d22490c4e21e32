"""The checks of lesson 03."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops
from scipy.special import expit

from fercourse.lessons.exercise import (
    NotDone,
    Wrong,
    attempt,
    compare,
    exercise,
    judge,
    numbers,
)

_CLOSE: dict[str, Any] = {"rtol": 1e-3, "atol": 1e-4}


def _features(seed: int, *shape: int) -> np.ndarray:
    """Features on a grid that is not square, with negative values: (2, …, channels)."""
    return np.random.default_rng(seed).normal(0.3, 1.0, (2, *shape)).astype("float32")


@exercise
def check_mean_and_maximum(mean_and_maximum: Callable) -> str:
    """Exercise 3.1: mean and maximum over the channels, (batch, height, width, 1)."""
    _compare_summary(mean_and_maximum, 0, "mean", np.mean, {
        "order": (lambda f: f.max(-1, keepdims=True),
            "That is the maximum. Return the mean first, then the maximum."),
        "sum": (lambda f: f.sum(-1, keepdims=True),
            "That is the sum over the channels. Divide by their number."),
    })  # fmt: skip
    _compare_summary(mean_and_maximum, 1, "maximum", np.max, {
        "mean": (lambda f: f.mean(-1, keepdims=True),
            "That is the mean of the channels again, not their maximum."),
        "absolute": (lambda f: np.abs(f).max(-1, keepdims=True),
            "That is the maximum of the absolute values. Keep the signs."),
    })  # fmt: skip
    return "Every place keeps two numbers, however many channels it had."


def _compare_summary(
    function: Callable, place: int, name: str, reduce: Callable, slips: dict
) -> None:
    def read(answer: Any, what: str) -> np.ndarray:
        two = isinstance(answer, tuple | list) and len(answer) == 2
        judge({"pair": (lambda: not two, "Return two arrays: `return mean, maximum`.")})
        return numbers(answer[place], what)

    cases = [(_features(3, 5, 6, 8),), (_features(2, 3, 7, 4),)]
    compare(function, cases, f"the {name} over the channels",
        lambda f: reduce(f, axis=-1, keepdims=True), {
        **slips,
        "median": (lambda f: np.median(f, axis=-1, keepdims=True),
            f"That is the median of the channels. Return their {name}."),
        "smallest": (lambda f: f.min(-1, keepdims=True),
            f"That is the smallest of the channels. Return their {name}."),
    }, {
        "keepdims": (lambda answer, f: answer.shape == f.shape[:-1],
            "The axis is right, but gone: `keepdims=True` keeps it, with length 1."),
        "no axis": (lambda answer, f: answer.ndim == 0,
            "That is one number for everything. Pass the axis: `axis=…`."),
        "places": (lambda answer, f: answer.size == 2 * f.shape[-1],
            "You summarised over the places. Every place keeps a number of its own."),
        "axis": (lambda answer, f: answer.size in
                [f.size // side for side in f.shape[:-1]],
            "You summarised over the batch or the grid. Use the channels, `axis=-1`."),
    }, about=f"For the {name} of features of shape {{0.shape}}",
        hint=f"The shape is right, but the numbers are not the channels' {name}.",
        read=read, **_CLOSE)  # fmt: skip


def convolved(features: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The convolution of the two summaries, mean first: (batch, height, width, 1)."""
    pooled = np.stack([features.mean(axis=-1), features.max(axis=-1)], axis=-1)
    return ops.convert_to_numpy(ops.conv(pooled, kernel, padding="same"))


def _map_of(finish: Callable) -> Callable:
    """A rule for either order of mean and maximum: a convolution learns with both."""
    return lambda features, kernel, bias: [
        finish(convolved(features, kernel[:, :, order]), bias)
        for order in ([0, 1], [1, 0])
    ]


@exercise
def check_attention_map(attention_map: Callable) -> str:
    """Exercise 3.2: stack, convolve, sigmoid: (batch, height, width, 1) in [0, 1]."""
    kernel = np.random.default_rng(5).normal(0, 0.1, (7, 7, 2, 1)).astype("float32")
    bias = np.array([0.7], "float32")
    cases = [(_features(4, *shape), kernel, bias) for shape in ((9, 8, 6), (11, 7, 3))]
    _compare_map(attention_map, cases)
    return "One number between 0 and 1 for each place, from a window of 7×7 places."


def _compare_map(function: Callable, cases: list[tuple]) -> None:
    compare(function, cases, "a map", _map_of(lambda c, b: expit(c + b)), {
        "no sigmoid": (_map_of(lambda c, b: c + b),
            "That is the convolution itself: the sigmoid is missing."),
        "no bias, no sigmoid": (_map_of(lambda c, b: c),
            "The bias and the sigmoid are missing: sigmoid(convolution + bias)."),
        "relu": (_map_of(lambda c, b: np.maximum(c + b, 0)),
            "You used ReLU, which has no upper limit; the sigmoid ends at 0 and at 1."),
        "no bias": (_map_of(lambda c, b: expit(c)),
            "The bias is missing: add it before the sigmoid."),
        "bias late": (_map_of(lambda c, b: expit(c) + b),
            "Add the bias before the sigmoid, not after it."),
        "tanh": (_map_of(lambda c, b: np.tanh(c + b)),
            "You used tanh, which runs from −1 to 1; the sigmoid runs from 0 to 1."),
        "two sigmoids": (_map_of(lambda c, b: expit(expit(c + b))),
            "The sigmoid is applied twice."),
    }, {
        "shrunk": (lambda m, f, k, b: m.shape[1:3] == (f.shape[1] - 6, f.shape[2] - 6),
            'A 7×7 window only fits in the middle: `padding="same"` helps.'),
        "last axis": (lambda m, f, k, b: m.shape == f.shape[:3],
            "The last axis is gone; keep it, with length 1."),
        "appended": (lambda m, f, k, b: m.shape == (*f.shape[:3], f.shape[3] + 1),
            "That is the map appended to the features. Return only the map."),
        "multiplied": (lambda m, f, k, b: m.shape == f.shape,
            "That looks like the map times the features. Return only the map."),
        "stacked": (lambda m, f, k, b: m.shape == (*f.shape[:3], 2),
            "That seems to be the two stacked summaries. Convolve them."),
        "shape": (lambda m, f, k, b: m.shape != (*f.shape[:3], 1),
            "Return one number for each place: (batch, height, width, 1)."),
        "softmax over places": (
            lambda m, f, k, b: np.allclose(m.sum(axis=(1, 2)), 1, atol=1e-3),
            "In your softmax the places compete. With a sigmoid all may be near 1."),
        "softmax over one": (lambda m, f, k, b: np.allclose(m, 1, atol=1e-6),
            "A softmax over an axis of length 1 is 1 everywhere. Use the sigmoid."),
        "range": (lambda m, f, k, b: m.min() < 0 or m.max() > 1,
            "Some numbers are below 0 or above 1. Which function prevents that?"),
    }, about="From features of shape {0.shape}",
        hint="That is not sigmoid(convolution + bias) of the stacked summaries.",
        read=numbers, **_CLOSE)  # fmt: skip


@exercise
def check_append_map(block: Any) -> str:
    """Exercise 3.3: a Keras layer, or its class, from (…, C) to (…, C + 1)."""
    layer = attempt(block) if isinstance(block, type) else block
    judge({"kind": (lambda: not isinstance(layer, keras.layers.Layer),
        "A Keras layer is expected. Pass the class, or a layer of it."),
        "crash": (lambda: not hasattr(layer, "built"),
        "`__init__` has to begin with `super().__init__()`.")})  # fmt: skip
    if getattr(layer, "convolution", None) is ...:
        raise NotDone
    features = _features(6, 9, 8, 6)
    answer = _answer(layer, features)

    def same(array: np.ndarray) -> bool:
        return array.shape == features.shape and np.allclose(array, features, **_CLOSE)

    judge({
        "map only": (lambda: answer.shape == (*features.shape[:3], 1),
            "That is only the map. Append it to the features, along the last axis."),
        "multiplied": (lambda: answer.shape == features.shape,
            "Nothing was appended. CBAM multiplies; the paper adds one channel."),
        "two channels": (lambda: answer.shape[-1:] == (8,),
            "Two channels were appended. The summaries have to become one map."),
        "spatial axis": (lambda: answer.shape[1:3] in ((18, 8), (9, 16)),
            "The map was appended along a spatial axis; `axis=-1` is the channels."),
        "shape": (lambda: answer.shape != (*features.shape[:3], 7),
            "It should make 7 channels, and keep all other axes."),
        "map first": (lambda: same(answer[..., 1:]),
            "The map comes before the features. In Table I it comes after them."),
        "features changed": (lambda: not same(answer[..., :-1]),
            "The first channels are not the features. Appending does not change them."),
    }, start=f"From {features.shape} your layer makes {answer.shape}. ")  # fmt: skip
    kernel, bias = _convolution_weights(layer)
    again = _answer(layer, features)
    judge({"changing": (lambda: not np.allclose(answer, again, atol=1e-6),
        "A second call with the same features gives another answer.")})  # fmt: skip
    _compare_map(lambda *_: answer[..., -1:], [(features, kernel, bias)])
    _require_model(layer, features.shape[1:])
    return "From 6 channels your layer makes 7, with 99 numbers to learn."


def _answer(layer: keras.layers.Layer, features: np.ndarray) -> np.ndarray:
    """What the layer makes of features, with weights unlike any start's.

    `call` itself, because Keras's `__call__` wraps a learner's error in its own.
    """
    tensor = ops.convert_to_tensor(features)
    if not layer.built and type(layer).build is not keras.layers.Layer.build:
        layer.build(features.shape)
    attempt(layer.call, tensor)  # makes the weights
    random = np.random.default_rng(7)
    layer.set_weights([random.normal(0, 0.1, weight.shape) for weight in layer.weights])
    return numbers(attempt(layer.call, tensor), "an array of numbers")


def _require_model(layer: keras.layers.Layer, shape: tuple[int, ...]) -> None:
    try:
        made = attempt(layer, keras.Input((None, None, shape[-1])))
        assert made.shape[-1] == shape[-1] + 1
    except Exception as error:
        text = "Your layer works on numbers, but not in a model, where only shapes are "
        text += f"known at first: use `keras.ops` instead of NumPy. {error}"
        raise Wrong("no model", text) from None


def _convolution_weights(layer: Any) -> tuple[np.ndarray, np.ndarray]:
    weights = [ops.convert_to_numpy(weight) for weight in layer.weights]
    kernels = [weight for weight in weights if weight.ndim == 4]
    kernel = kernels[0] if len(kernels) == 1 else np.zeros((1, 1, 1, 1))
    biases = [weight for weight in weights if weight.shape == (1,)]
    judge({
        "kernels": (lambda: len(kernels) != 1,
            f"Your layer has {len(kernels)} kernels. Make one, once, in `__init__`."),
        "channels": (lambda: kernel.shape[2] != 2,
            f"It convolves {kernel.shape[2]} channels, not the two summaries."),
        "filters": (lambda: kernel.shape[3] != 1,
            f"Your convolution has {kernel.shape[3]} filters; one map needs one."),
        "window": (lambda: kernel.shape[:2] != (7, 7),
            f"Your window has the shape {kernel.shape[:2]}; the paper's is 7 × 7."),
        "bias": (lambda: len(biases) != 1 or len(weights) != 2,
            "The block has 98 weights and, built as here, one bias; yours has others."),
        "frozen": (lambda: len(layer.trainable_weights) != 2,
            "Its weights are frozen: nothing can be learned."),
    })  # fmt: skip
    return kernel, biases[0]


@exercise
def check_share_on_evidence(share_on_evidence: Callable) -> str:
    """Exercise 3.4: the share of the map's mass on the evidence, on the same grid."""
    random = np.random.default_rng(8)
    masses, shares = random.random((3, 4, 6)) ** 2, random.random((3, 4, 6))
    shares[shares > 0.4] = 0
    cases = list(zip(masses, 2 * shares, strict=True))
    compare(share_on_evidence, cases, "the share",
        lambda m, e: (m * e).sum() / m.sum(), {
        "mass": (lambda m, e: (m * e).sum(),
            "That is the mass on the evidence. Divide by the mass of the whole map."),
        "mean": (lambda m, e: (m * e).mean(),
            "That mean depends on how bright the whole map is: divide by its mass."),
        "coverage": (lambda m, e: (m * e).sum() / e.sum(),
            "That is how much evidence the map covers. Divide by the map's mass."),
        "area": (lambda m, e: e.mean(),
            "That is the evidence's share of the area: chance."),
        "whole cells": (lambda m, e: m[e > 0].sum() / m.sum(),
            "A cell may hold some evidence only: use how much as its weight."),
        "threshold": (lambda m, e: e[m > m.mean()].mean(),
            "That uses a threshold. Use all cells, each with its value as the weight."),
    }, hint="That is not the mass of the map on the evidence, divided by the mass of "
            "the whole map.")  # fmt: skip
    return "A uniform map gives the evidence's share of the area: that is chance."
