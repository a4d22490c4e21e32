"""The checks of lesson 03."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from fercourse.lessons.exercise import Wrong, a, attempt, exercise
from fercourse.models.attention import SpatialAttention

_CLOSE = {"rtol": 1e-3, "atol": 1e-4}


def _features(channels: int = 8) -> np.ndarray:
    """Features of two faces on a grid that is not square, negative values among them: (2, 5, 6, channels)."""
    return (
        np.random.default_rng(3).normal(0.3, 1.0, (2, 5, 6, channels)).astype("float32")
    )


def _array(thing: Any, name: str) -> np.ndarray:
    """What a learner's function returned, as an array, from whatever backend it comes."""
    try:
        array = np.asarray(ops.convert_to_numpy(thing))
        array.astype("float64")
    except Exception:
        raise Wrong(
            f"Your {name} is {a(thing)}; an array or a tensor of numbers is expected."
        ) from None
    return array


def _same(array: np.ndarray, expected: np.ndarray) -> bool:
    return array.shape == expected.shape and np.allclose(array, expected, **_CLOSE)


@exercise
def check_mean_and_maximum(mean_and_maximum: Callable) -> str:
    """Exercise 3.1: mean and maximum over the channels, each (batch, height, width, 1)."""
    features = _features()
    answer = attempt(mean_and_maximum, features)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong(
            f"Your function returns {a(answer)}; two things are expected: `return "
            f"mean, maximum`."
        )
    mean, maximum = _array(answer[0], "mean"), _array(answer[1], "maximum")
    if _same(mean, features.max(-1, keepdims=True)) and _same(
        maximum, features.mean(-1, keepdims=True)
    ):
        raise Wrong(
            "Both are right, but in the other order: return the mean first, then the "
            "maximum."
        )
    for name, array, reduce in (("mean", mean, np.mean), ("maximum", maximum, np.max)):
        _check_summary(name, array, reduce, features)
    return "Every place of the grid is left with two numbers, however many channels it had."


def _check_summary(
    name: str, array: np.ndarray, reduce: Callable, features: np.ndarray
) -> None:
    start = (
        f"From features of shape {features.shape} your {name} has shape {array.shape}"
    )
    other = {"mean": "maximum", "maximum": "mean"}[name]
    if array.ndim == 3 and array.shape == features.shape[:-1]:
        raise Wrong(
            f"{start}. The axes are right, but the channel axis is gone, so that "
            f"nothing could be stacked "
            "along it; `keepdims=True` keeps it, with length 1."
        )
    if array.shape == ():
        raise Wrong(
            f"{start}, one number for everything. Say along which axis: `axis=…`."
        )
    if array.shape in ((2, 8), (2, 1, 1, 8)):
        raise Wrong(
            f"{start}. You summarised over the places and kept the channels, as "
            f"global pooling does. Here it "
            "is the other way round: every place keeps a number of its own."
        )
    wrong_axes = {
        0: "the batch: faces have nothing to do with each other",
        1: "the rows of the grid, a spatial axis",
        2: "the columns of the grid, a spatial axis",
    }
    for axis, which in wrong_axes.items():
        if array.shape in (
            np.delete(features.shape, axis).tolist(),
            tuple(np.delete(features.shape, axis)),
            reduce(features, axis=axis, keepdims=True).shape,
        ):
            raise Wrong(
                f"{start}. You summarised over {which}. The {name} runs over the "
                f"channels, the last."
            )
    expected = reduce(features, axis=-1, keepdims=True)
    if array.shape != expected.shape:
        raise Wrong(
            f"{start}; {expected.shape} is expected: one number for each place of "
            f"each face."
        )
    if _same(array, expected):
        return
    if _same(array, features.sum(-1, keepdims=True)):
        raise Wrong(
            "Your mean is the sum over the channels. Divide by their number, or let "
            "the mean do it."
        )
    if _same(array, np.median(features, axis=-1, keepdims=True)):
        raise Wrong(f"Your {name} is the median of the channels.")
    if _same(array, features.min(-1, keepdims=True)):
        raise Wrong(f"Your {name} is the smallest of the channels.")
    if _same(array, np.abs(features).max(-1, keepdims=True)):
        raise Wrong(
            "Your maximum is that of the absolute values. Leave the sign alone."
        )
    if _same(
        array,
        {"mean": np.max, "maximum": np.mean}[name](features, axis=-1, keepdims=True),
    ):
        raise Wrong(f"Your {name} holds the {other} of the channels.")
    raise Wrong(
        f"Your {name} has the right shape, but its numbers are not the {name} of the "
        f"channels."
    )


def _convolved(
    features: np.ndarray, kernel: np.ndarray, bias: np.ndarray, padding: str = "same"
):
    """The convolution of the two summaries before the sigmoid, mean first."""
    pooled = np.concatenate(
        [features.mean(-1, keepdims=True), features.max(-1, keepdims=True)], axis=-1
    )
    return ops.convert_to_numpy(ops.conv(pooled, kernel, padding=padding)) + bias


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values.astype("float64")))


def _weights() -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(5)
    return chance.normal(0, 0.1, (7, 7, 2, 1)).astype("float32"), np.array(
        [0.7], "float32"
    )


def _maps(
    features: np.ndarray, kernel: np.ndarray, bias: np.ndarray
) -> list[np.ndarray]:
    """The right map, for either order of mean and maximum: a convolution learns with both."""
    return [
        _sigmoid(_convolved(features, kernel[:, :, order], bias))
        for order in ([0, 1], [1, 0])
    ]


@exercise
def check_attention_map(attention_map: Callable) -> str:
    """Exercise 3.2: stack mean and maximum, convolve, sigmoid: (batch, height, width, 1) in [0, 1]."""
    kernel, bias = _weights()
    features = np.random.default_rng(4).normal(0.3, 1.0, (2, 9, 8, 6)).astype("float32")
    answer = _array(attempt(attention_map, features, kernel, bias), "map")
    _check_map(answer, features, kernel, bias)
    return "One number between 0 and 1 for each place, made from a window of 7×7 places around it."


def _check_map(
    answer: np.ndarray, features: np.ndarray, kernel: np.ndarray, bias: np.ndarray
) -> None:
    expected = (*features.shape[:3], 1)
    start = f"From features of shape {features.shape} your map has shape {answer.shape}"
    height, width = features.shape[1:3]
    if answer.shape[1:3] == (height - 6, width - 6):
        raise Wrong(
            f"{start}. The grid shrank by six: without padding, a 7×7 window only "
            f"fits in the middle. "
            '`padding="same"` fills up with zeros around it.'
        )
    if answer.shape == expected[:3]:
        raise Wrong(f"{start}. The last axis is gone; it stays, with length 1.")
    if answer.shape == (*expected[:3], features.shape[-1] + 1):
        raise Wrong(
            f"{start}. That appends the map to the features already; the map alone is "
            f"asked for."
        )
    if answer.shape == features.shape:
        raise Wrong(
            f"{start}. That looks like the map times the features; the map alone is "
            f"asked for."
        )
    if answer.shape == (*expected[:3], 2):
        raise Wrong(
            f"{start}. These seem to be the two stacked summaries; they still have to "
            f"be convolved."
        )
    if answer.shape != expected:
        raise Wrong(
            f"{start}; {expected} is expected: one number for each place of each face."
        )
    if any(_same(answer, right) for right in _maps(features, kernel, bias)):
        return
    _explain_map(answer, features, kernel, bias)
    low, high = float(answer.min()), float(answer.max())
    if low < 0 or high > 1:
        raise Wrong(
            f"Your map runs from {low:.2f} to {high:.2f}, and a map lies between 0 "
            f"and 1. "
            "Which function brings any number there?"
        )
    raise Wrong(
        "Your map has the right shape and lies between 0 and 1, but its numbers are "
        "not those of "
        "sigmoid(convolution + bias) of the stacked mean and maximum."
    )


def _explain_map(
    answer: np.ndarray, features: np.ndarray, kernel: np.ndarray, bias: np.ndarray
) -> None:
    """Raise `Wrong` if the map is one of the usual mistakes."""
    if np.allclose(answer.sum(axis=(1, 2)), 1, atol=1e-3):
        raise Wrong(
            "Your map sums to 1 over the places of each face: that is a softmax, in "
            "which the places "
            "compete. The sigmoid judges every place by itself, and all may be near 1."
        )
    if np.allclose(answer, 1, atol=1e-6):
        raise Wrong(
            "Your map is 1 everywhere: that is a softmax over an axis of length 1. "
            "Use the sigmoid."
        )
    for order in ([0, 1], [1, 0]):
        before = _convolved(features, kernel[:, :, order], bias)
        without_bias = _convolved(features, kernel[:, :, order], 0 * bias)
        close = (
            (before, "Your map is the convolution itself: the sigmoid is missing."),
            (
                without_bias,
                "The bias and the sigmoid are missing: sigmoid(convolution + bias).",
            ),
            (
                np.maximum(before, 0),
                "You used ReLU, which has no upper end; the sigmoid ends at 0 and at "
                "1.",
            ),
            (_sigmoid(without_bias), "The bias is missing: add it before the sigmoid."),
            (
                _sigmoid(without_bias) + bias,
                "Add the bias before the sigmoid, not after it.",
            ),
            (
                np.tanh(before),
                "You used tanh, which runs from −1 to 1; the sigmoid runs from 0 to 1.",
            ),
            (
                _sigmoid(_sigmoid(before)),
                "The sigmoid is applied twice: once inside the convolution and once "
                "outside?",
            ),
        )
        for values, sentence in close:
            if _same(answer, values):
                raise Wrong(sentence)


@exercise
def check_append_map(block: Any) -> str:
    """Exercise 3.3: a Keras layer, or its class, from (…, C) to (…, C + 1)."""
    layer = attempt(block) if isinstance(block, type) else block
    if not isinstance(layer, keras.layers.Layer):
        raise Wrong(
            f"A Keras layer is expected, and this is {a(layer)}. Hand over the class "
            f"or a layer of it."
        )
    features = np.random.default_rng(6).normal(0.3, 1.0, (2, 9, 8, 6)).astype("float32")
    answer = _array(attempt(_call, layer, features), "answer")
    start = f"From features of shape {features.shape} your layer makes {answer.shape}"
    channels = features.shape[-1]
    if answer.shape == (*features.shape[:3], 1):
        raise Wrong(
            f"{start}: the map alone. Append it to the features, along the last axis."
        )
    if answer.shape == features.shape:
        raise Wrong(
            f"{start}. Nothing was appended; did you multiply the features by the "
            f"map? That is what CBAM "
            "does. The paper keeps the features as they are and adds one channel."
        )
    if answer.shape[-1] == channels + 2:
        raise Wrong(
            f"{start}. Two channels were appended. Are they mean and maximum, or the "
            f"maps of two filters? "
            "They have to become one map."
        )
    if answer.ndim == 4 and answer.shape[1:3] in ((18, 8), (9, 16)):
        raise Wrong(
            f"{start}. The map was appended along a spatial axis; `axis=-1` is the "
            f"channels."
        )
    if answer.shape != (*features.shape[:3], channels + 1):
        raise Wrong(f"{start}; {(*features.shape[:3], channels + 1)} is expected.")
    if _same(answer[..., 1:], features):
        raise Wrong(
            "The map stands before the features. Any order could learn, but Table I's "
            "layers and everything "
            "later in this course put it behind them: features first."
        )
    if not _same(answer[..., :channels], features):
        raise Wrong(
            "The first channels of your answer are not the features as they came in. "
            "Are they multiplied by "
            "the map? Appending leaves them alone."
        )
    kernel, bias = _convolution_weights(layer)
    _check_map(answer[..., channels:], features, kernel, bias)
    return (
        f"From {channels} channels your layer makes {channels + 1}, and with "
        f"{kernel.size + bias.size} "
        "numbers to learn. That is the paper's block."
    )


def _call(layer: keras.layers.Layer, features: np.ndarray) -> Any:
    """Call the layer twice: once to make its weights, and again with weights that no start makes special.

    `call` itself, because Keras's `__call__` wraps an error of the learner's in one of
    its own.
    """
    if type(layer).build is not keras.layers.Layer.build:
        layer.build(features.shape)
    answer = layer.call(ops.convert_to_tensor(features))
    if answer is ... or answer is None:
        return answer
    chance = np.random.default_rng(7)
    layer.set_weights([chance.normal(0, 0.1, weight.shape) for weight in layer.weights])
    return layer.call(ops.convert_to_tensor(features))


def _convolution_weights(layer: Any) -> tuple[np.ndarray, np.ndarray]:
    weights = [ops.convert_to_numpy(weight) for weight in getattr(layer, "weights", [])]
    kernels = [weight for weight in weights if weight.ndim == 4]
    if len(kernels) != 1:
        raise Wrong(
            f"Your layer has {len(kernels)} convolution kernels among its weights; "
            f"one is expected. Make the "
            "convolution once, in `__init__`, so that it is the same one at every "
            "call and can learn."
        )
    (kernel,) = kernels
    if kernel.shape[2] != 2:
        raise Wrong(
            f"Your convolution looks at {kernel.shape[2]} channels; it gets two, the "
            f"mean and the maximum, "
            "stacked along the last axis."
        )
    if kernel.shape[3] != 1:
        raise Wrong(
            f"Your convolution has {kernel.shape[3]} filters; one map needs one."
        )
    bias = next(
        (weight for weight in weights if weight.ndim == 1), np.zeros(1, "float32")
    )
    return kernel, bias


@exercise
def check_attention_parameters(attention_parameters: Callable) -> str:
    """Exercise 3.4: 2·k² + 1 numbers in a block with a k×k window."""
    answers = {side: attempt(attention_parameters, side) for side in (1, 3, 7, 11)}
    for side, answer in answers.items():
        if np.ndim(answer) != 0 or not isinstance(answer, int | float | np.number):
            raise Wrong(
                f"For a window of {side}×{side} your function returns {a(answer)}, "
                f"not a number."
            )
    # The library is asked, not a formula.
    right = {side: _parameters(side) for side in answers}
    if all(float(answers[side]) == right[side] for side in right):
        return "The number of channels that come in does not matter: mean and maximum are always two."
    mistakes = (
        (
            lambda k: 2 * k * k,
            "The bias is missing: the filter has one number more than its window.",
        ),
        (
            lambda k: k * k + 1,
            "The window looks at two summaries, mean and maximum, not at one.",
        ),
        (
            lambda k: k * k,
            "The window looks at two summaries, not at one, and the filter has a bias.",
        ),
        (lambda k: 2 * k + 1, "The window is a square of k×k places, not a row of k."),
        (
            lambda k: 2 * (k * k + 1),
            "There is one filter and so one bias, not one for each summary.",
        ),
        (
            lambda k: 99,
            "That is right for the paper's 7×7 window only; use the argument.",
        ),
        (
            lambda k: 512 * k * k + 1,
            "That would be a convolution over all 512 channels. It only sees their "
            "mean and maximum.",
        ),
        (
            lambda k: 513 * k * k + 1,
            "Count the block's own convolution; it only sees mean and maximum.",
        ),
        (
            lambda k: k * k * 2 * 2 + 1,
            "Two summaries, but only one filter: its window is counted once each.",
        ),
    )
    for formula, sentence in mistakes:
        if all(float(answers[side]) == formula(side) for side in answers):
            raise Wrong(sentence)
    side = next(side for side in answers if float(answers[side]) != right[side])
    raise Wrong(
        f"For a window of {side}×{side} you count {answers[side]}. Count the weights "
        f"of one filter: how many "
        "places does it see, how many numbers stand at each, and is there a bias?"
    )


def _parameters(side: int) -> int:
    layer = SpatialAttention(kernel_size=side)
    layer.build((None, 7, 7, 512))
    return layer.count_params()


@exercise
def check_share_on_evidence(share_on_evidence: Callable) -> str:
    """Exercise 3.5: the share of the map's mass on the evidence, both on the same grid."""
    chance = np.random.default_rng(8)
    for _ in range(3):
        attention_map = chance.random((4, 6)) ** 2
        evidence = chance.random((4, 6)) * (chance.random((4, 6)) < 0.4)
        _check_share(
            attempt(share_on_evidence, attention_map, evidence), attention_map, evidence
        )
    return "For a map that is the same everywhere it is the evidence's share of the area: that is chance."


def _check_share(answer: Any, attention_map: np.ndarray, evidence: np.ndarray) -> None:
    share = _array(answer, "share")
    if share.size != 1:
        raise Wrong(
            f"Your function returns something of shape {share.shape}; one number is "
            f"expected."
        )
    share = float(share.reshape(()))
    mass = attention_map * evidence
    if np.isclose(share, mass.sum() / attention_map.sum()):
        return
    on_cells = attention_map[evidence > 0].sum() / attention_map.sum()
    peaks = attention_map > attention_map.mean()
    mistakes = {
        mass.sum(): "That is the mass on the evidence, not its share: divide by the "
        "mass of the whole map.",
        mass.mean(): (
            "That is a mean over the cells, which depends on how bright the whole map "
            "is. A share divides "
            "the mass on the evidence by the mass of the whole map."
        ),
        mass.sum() / evidence.sum(): (
            "You divided by the evidence: that is how much of it the map covers. The "
            "question is how much of "
            "the map lies on it, so divide by the mass of the map."
        ),
        evidence.mean(): "That is the evidence's share of the area: chance, and not "
        "what the map does.",
        on_cells: (
            "You counted a cell fully as soon as it holds any evidence. The cells say "
            "how much of them is "
            "evidence: weigh by that."
        ),
        evidence[peaks].mean(): (
            "That is the evidence where the map is high, by a threshold of its own. "
            "Use all cells, each with "
            "its value as the weight."
        ),
        100
        * mass.sum()
        / attention_map.sum(): "That is in percent; a share between 0 and 1 is asked "
        "for.",
    }
    for value, sentence in mistakes.items():
        if np.isclose(share, value):
            raise Wrong(sentence)
    raise Wrong(
        f"For one pair of map and evidence your share is {share:.3f}, and that is not "
        f"the mass of the map on "
        "the evidence, divided by the mass of the whole map."
    )
