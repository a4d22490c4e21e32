"""The checks of lesson 02: the solution, other right answers, wrong ones."""

import keras
import numpy as np
import pytest
from checking import assert_wrong, said
from keras import layers

from fercourse.lessons.lesson02.checks import (
    check_head,
    check_parameters,
    check_unfreezing,
    check_variation,
)


@pytest.mark.parametrize(
    "check",
    [
        lambda answer: check_parameters(answer, answer),
        check_unfreezing,
        check_head,
        check_variation,
    ],
)
def test_stub_crash_and_nothing(capsys, check):
    assert said(capsys, check, lambda *_: ...).startswith("○ Not done yet")
    assert "ZeroDivisionError" in said(capsys, check, lambda *_: 1 / 0)
    assert "returns nothing" in said(capsys, check, lambda *_: None)
    assert said(capsys, check, lambda *_: "many").startswith("✗")
    assert "without brackets" in said(capsys, check, 7)


# 2.1
# -----------------------------------------------------------------------------------------


def convolution(channels, filters):
    return (3 * 3 * channels + 1) * filters


def dense(inputs, neurons):
    return (inputs + 1) * neurons


@pytest.mark.parametrize(
    "answers",
    [
        (convolution, dense),
        (lambda c, f: 9 * c * f + f, lambda i, n: i * n + n),
        (lambda c, f: np.int64(9 * c * f + f), lambda i, n: float(i * n + n)),
        (
            lambda c, f: sum(
                np.prod(w.shape) for w in built(layers.Conv2D(f, 3), (None, 8, 8, c))
            ),
            lambda i, n: sum(
                np.prod(w.shape) for w in built(layers.Dense(n), (None, i))
            ),
        ),
    ],
)
def test_parameters_right(capsys, answers):
    assert said(capsys, check_parameters, *answers).startswith("✓ Right.")


def built(layer, shape):
    layer.build(shape)
    return layer.weights


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda c, f: 9 * c * f, "the biases are missing"),
        (lambda c, f: 9 * c * f + 1, "a single bias does not do"),
        (lambda c, f: 9 * c * f + c, "belong to the filters"),
        (lambda c, f: 3 * c * f + f, "3 pixels wide and 3 high"),
        (lambda c, f: c * f + f, "that is a dense layer"),
        (lambda c, f: 9 * f + f, "for every incoming channel"),
        (lambda c, f: 9 * c + 1, "that is one filter"),
        (lambda c, f: 9 * c, "of a single filter"),
        (lambda c, f: 7, "count the weights of one filter first"),
        (lambda c, f: "9", "convolution_parameters"),
        (lambda c, f: [1, 2], "a number is expected"),
        (lambda c, f: 9 * c * f + f + 0.5, "whole number"),
    ],
)
def test_convolution_parameters_wrong(capsys, answer, sentence):
    text = said(capsys, check_parameters, answer, dense)
    if sentence == "convolution_parameters":
        assert text.startswith("✗")
    else:
        assert_wrong(text, sentence)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda i, n: i * n, "the biases are missing"),
        (lambda i, n: i * n + 1, "a single bias"),
        (lambda i, n: i * n + i, "not to the inputs"),
        (lambda i, n: 9 * i * n + n, "no 3 × 3 window"),
        (lambda i, n: i + n, "multiplies"),
        (lambda i, n: 3, "one neuron first"),
    ],
)
def test_dense_parameters_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_parameters, convolution, answer), sentence)


# 2.2
# -----------------------------------------------------------------------------------------


def head(*inside):
    return lambda shape: keras.Sequential(
        [keras.Input(shape), *(make() for make in inside)]
    )


def flatten():
    return layers.Flatten()


def dropout():
    return layers.Dropout(0.5)


def softmax(classes=7):
    return layers.Dense(classes, activation="softmax")


def functional(shape):
    features = keras.Input(shape)
    x = layers.BatchNormalization()(features)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(layers.Dense(16, activation="relu")(x))
    return keras.Model(features, layers.Softmax()(layers.Dense(7)(x)))


@pytest.mark.parametrize(
    "answer",
    [
        head(flatten, dropout, softmax),
        head(dropout, flatten, lambda: layers.Dense(32, activation="relu"), softmax),
        head(lambda: layers.SpatialDropout2D(0.2), flatten, softmax),
        functional,
        lambda shape: keras.Sequential(
            [layers.Flatten(), layers.Dropout(0.1), layers.Dense(7, "softmax")]
        ),
    ],
)
def test_head_right(capsys, answer):
    assert said(capsys, check_head, answer).startswith("✓ Right.")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (head(dropout, softmax), "for every place of the grid"),
        (head(flatten, dropout, lambda: softmax(6)), "0 counts too"),
        (head(flatten, dropout, lambda: softmax(1000)), "expected (5, 7)"),
        (head(flatten, dropout, lambda: layers.Dense(7)), "negative"),
        (
            head(flatten, dropout, lambda: layers.Dense(7, activation="sigmoid")),
            "sigmoid",
        ),
        (
            head(flatten, dropout, lambda: layers.Dense(7, activation="softplus")),
            "do not add up to 1",
        ),
        (
            head(
                flatten,
                dropout,
                lambda: layers.Dense(7),
                lambda: layers.Softmax(axis=0),
            ),
            "over the faces",
        ),
        (head(flatten, softmax, dropout), "behind the last layer"),
        (
            head(flatten, dropout, softmax, lambda: layers.Softmax()),
            "stands there twice",
        ),
        (head(flatten, softmax), "no dropout"),
        (head(flatten, lambda: layers.Dropout(0), softmax), "no dropout"),
        (
            lambda shape: head(flatten, dropout, softmax)((3, 3, 20)),
            "Your function stopped",
        ),
        (lambda shape: [layers.Flatten()], "a list; a Keras model"),
    ],
)
def test_head_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_head, answer), sentence)


# 2.3
# -----------------------------------------------------------------------------------------

EARLY = ("block1", "block2", "block3", "block4")


def compiled(model):
    model.compile(
        optimizer="adam", loss="sparse_categorical_crossentropy", jit_compile=False
    )
    return model


def solution(model):
    for layer in model.layers:
        layer.trainable = not layer.name.startswith(EARLY)
    return compiled(model)


def all_then_some(model):
    model.trainable = False
    model.trainable = True
    cut = [layer.name for layer in model.layers].index("block5_conv1")
    for layer in model.layers[:cut]:
        layer.trainable = False
    return compiled(model)


def normalisation_frozen_too(model):
    for layer in model.layers:
        normalises = isinstance(layer, layers.BatchNormalization)
        layer.trainable = not layer.name.startswith(EARLY) and not normalises
    return compiled(model)


def compiled_twice(model):
    return compiled(solution(compiled(model)))


@pytest.mark.parametrize(
    "answer", [solution, all_then_some, normalisation_frozen_too, compiled_twice]
)
def test_unfreezing_right(capsys, answer):
    assert said(capsys, check_unfreezing, answer).startswith("✓ Right.")


def freeze_where(condition, before=False):
    def answer(model):
        if before:
            compiled(model)
        for layer in model.layers:
            if condition(layer):
                layer.trainable = False
        return model if before else compiled(model)

    return answer


def parent_frozen(model):
    model.trainable = False
    for layer in model.layers:
        if layer.name.startswith("block5") or not layer.name.startswith("block"):
            layer.trainable = True
    return compiled(model)


def changed_weights(model):
    model.get_layer("predictions").kernel.assign_add(
        model.get_layer("predictions").kernel + 1
    )
    return solution(model)


def everything_frozen(model):
    model.trainable = False
    return compiled(model)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (compiled, "Nothing in front of block 5 is frozen"),
        (everything_frozen, "can learn nothing at all"),
        (parent_frozen, "`model.trainable` is False"),
        (
            freeze_where(
                lambda layer: (
                    isinstance(layer, layers.Conv2D) and layer.name.startswith(EARLY)
                )
            ),
            "batch normalisation is not, such as block1_conv1_bn",
        ),
        (
            freeze_where(lambda layer: not layer.name.startswith("block5")),
            "The head is frozen: fc1",
        ),
        (freeze_where(lambda layer: layer.name.startswith(EARLY[:3])), "block4_conv1"),
        (
            freeze_where(lambda layer: layer.name.startswith("block")),
            "Block 5 is to learn",
        ),
        (
            freeze_where(lambda layer: layer.name.startswith(EARLY), before=True),
            "You froze after `compile`",
        ),
        (changed_weights, "The weights have changed"),
        (lambda model: compiled(solution(model)).layers, "return the model"),
    ],
)
def test_unfreezing_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_unfreezing, answer), sentence)


def test_unfreezing_without_compile(capsys):
    def answer(model):
        for layer in model.layers:
            layer.trainable = not layer.name.startswith(EARLY)
        return model

    assert_wrong(said(capsys, check_unfreezing, answer), "not compiled")


# 2.4
# -----------------------------------------------------------------------------------------


def vary(image, random):
    picture = image.astype(int)
    if random.random() < 0.5:
        picture = picture[:, ::-1]
    return np.clip(picture + random.integers(-30, 31), 0, 255).astype("uint8")


def as_float(image, random):
    by = random.uniform(-30, 30)
    picture = np.fliplr(image) if random.integers(2) else image
    return np.clip(picture.astype("float32") + by, 0, 255)


def as_tensor(image, random):
    return keras.ops.convert_to_tensor(vary(image, random))


@pytest.mark.parametrize(
    "answer", [vary, as_float, as_tensor, lambda i, r: vary(i, r).tolist()]
)
def test_variation_right(capsys, answer):
    assert said(capsys, check_variation, answer).startswith("✓ Right.")


def in_place(image, random):
    image[:] = vary(image, random)
    return image


def runs_over(image, random):
    picture = image[:, ::-1] if random.random() < 0.5 else image
    return picture + np.array(random.integers(-30, 31)).astype("uint8")


def brightness(image, by):
    return np.clip(image.astype(int) + by, 0, 255)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda i, r: vary(i, r)[::-1], "upside down"),
        (
            lambda i, r: vary(i, r)[::-1] if r.random() < 0.5 else vary(i, r),
            "smile upside down",
        ),
        (lambda i, r: np.rot90(vary(i, r)), "on its side"),
        (lambda i, r: vary(i, r) / 255, "you changed the range"),
        (
            lambda i, r: i.astype(int)[:, :: r.choice([-1, 1])] + r.integers(-30, 31),
            "Clip",
        ),
        (lambda i, r: vary(i, r)[..., None], "(48, 48, 1)"),
        (lambda i, r: vary(i, r)[2:-2, 2:-2], "(44, 44)"),
        (runs_over, "8-bit numbers run over"),
        (in_place, "changes the face that it is given"),
        (lambda i, r: brightness(i, r.integers(-30, 31)), "never mirrored"),
        (
            lambda i, r: brightness(i[:, ::-1], r.integers(-30, 31)),
            "mirrored every time",
        ),
        (lambda i, r: i[:, :: r.choice([-1, 1])], "same amount every time"),
        (
            lambda i, r: brightness(i[:, :: r.choice([-1, 1])], r.integers(0, 31)),
            "only lighter",
        ),
        (
            lambda i, r: brightness(i[:, :: r.choice([-1, 1])], r.integers(-90, 91)),
            "at most 30",
        ),
        (
            lambda i, r: brightness(i, r.integers(-30, 31, i.shape)),
            "from pixel to pixel",
        ),
        (lambda i, r: r.integers(0, 256, i.shape), "cannot be recognised"),
        (lambda i, r: vary(i, np.random.default_rng()), "Draw from `random` only"),
        (lambda i, r: vary(i, np.random.default_rng(3)), "every time"),
        (lambda i, r: vary(i, r) * np.nan, "not finite"),
    ],
)
def test_variation_wrong(capsys, answer, sentence):
    if "only lighter" in sentence:
        sentence = "only become lighter"
    with np.errstate(all="ignore"):
        text = said(capsys, check_variation, answer)
    if sentence == "every time":
        assert text.startswith("✗")  # always the same: never or always mirrored
    else:
        assert_wrong(text, sentence)
