"""The checks of lesson 02: counting parameters, a head, freezing, an augmentation."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import keras
import numpy as np

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.lessons.exercise import (
    attempt,
    compare,
    exercise,
    expect,
    judge,
    numbers,
)
from fercourse.models.vgg19 import vgg19

_DRAWS = 40  # by chance, all of them go the same way once in 10¹²
_LARGEST_CHANGE = 30
_EARLY = ("block1", "block2", "block3", "block4")


@exercise
def check_parameters(
    convolution_parameters: Callable, dense_parameters: Callable
) -> str:
    """Exercise 2.1: the numbers in a 3 × 3 convolution and in a dense layer."""
    whole = {
        "not whole": (
            lambda answer, *sizes: answer % 1,
            "Parameters are counted, so the answer is a whole number.",
        )
    }
    compare(convolution_parameters, [(64, 128), (3, 64), (5, 11)],
        "the parameters of a convolution", lambda c, f: 9 * c * f + f, {
        "no biases": (lambda c, f: 9 * c * f,
            "The biases are missing. Each filter has one more number, its bias."),
        "one bias": (lambda c, f: 9 * c * f + 1,
            "One bias is not enough. Each filter has its own."),
        "biases of channels": (lambda c, f: 9 * c * f + c,
            "The biases belong to the filters, not to the incoming channels."),
        "window": (lambda c, f: 3 * c * f + f,
            "A window is 3 pixels wide and 3 pixels high. How many weights is that?"),
        "dense": (lambda c, f: c * f + f,
            "That is a dense layer. A filter sees 3 × 3 pixels of every channel."),
        "one channel": (lambda c, f: 9 * f + f,
            "A filter has 3 × 3 weights for every incoming channel, not only for one."),
        "one filter, no bias": (lambda c, f: 9 * c,
            "Those are the weights of a single filter. How many filters are there?"),
        "one filter": (lambda c, f: 9 * c + 1,
            "That is one filter with its bias. How many filters are there?"),
        "biases of pixels": (lambda c, f: 9 * (c * f + f),
            "A bias is one number for each filter, not one for each pixel."),
    }, whole, about="For {0} channels and {1} filters",
        hint="Count the weights and the bias of one filter, then take all filters.",
        rtol=0)  # fmt: skip
    compare(dense_parameters, [(25_088, 4_096), (10, 7)],
        "the parameters of a dense layer", lambda i, n: i * n + n, {
        "dense: no biases": (lambda i, n: i * n,
            "The biases are missing. Each neuron has one."),
        "dense: one bias": (lambda i, n: i * n + 1,
            "One bias is not enough. Each neuron has its own."),
        "dense: biases of inputs": (lambda i, n: i * n + i,
            "The biases belong to the neurons, not to the inputs."),
        "dense: window": (lambda i, n: 9 * i * n + n,
            "A dense layer has no 3 × 3 window: one weight joins an input to a "
            "neuron."),
        "dense: sum": (lambda i, n: i + n,
            "Every neuron is joined to every input. Multiply, do not add."),
    }, whole, about="For {0:,} inputs and {1:,} neurons",
        hint="Count the weights and the bias of one neuron, then take all neurons.",
        rtol=0)  # fmt: skip
    return "Every number in the last column of Table II is one of these two sums."


@exercise
def check_unfreezing(prepare: Callable) -> str:
    """Exercise 2.3: all before block 5 frozen, the rest not, compiled afterwards."""
    model = vgg19(size=IMAGE_SIDE, width=1 / 16, weights=None)
    before = [weight.copy() for weight in model.get_weights()]
    at_compile: list[set[str]] = []
    compile_ = model.compile

    def spy(*arguments, **named):
        at_compile.append(_learning(model))
        return compile_(*arguments, **named)

    model.compile = spy
    answer = attempt(prepare, model)
    expect(answer, "the model", keras.Model)
    _require_frozen(answer)
    judge({
        "not compiled": (lambda: not answer.compiled,
            "What is frozen is right, but the model is not compiled. End with "
            "`model.compile(…)`."),
        "compiled first": (lambda: at_compile and at_compile[-1] != _learning(answer),
            "You froze after `compile`. Keras notes what is trainable when the model "
            "is compiled, and promises nothing for later changes: freeze first, "
            "compile last."),
        "weights": (lambda: not _equal(before, answer.get_weights()),
            "The weights have changed. Freezing only sets `trainable`; leave the "
            "weights as they were."),
    })  # fmt: skip
    return "Block 5 and the head learn, and all that comes before them stays as it was."


def _learning(model: keras.Model) -> set[str]:
    """The names of the layers with at least one weight that would be trained."""
    trained = {id(weight) for weight in model.trainable_weights}
    return {
        layer.name
        for layer in model.layers
        if any(id(weight) in trained for weight in layer.trainable_weights)
    }


def _equal(before: list[np.ndarray], after: list[np.ndarray]) -> bool:
    return len(before) == len(after) and all(map(np.array_equal, before, after))


def _require_frozen(model: keras.Model) -> None:
    learning = _learning(model)
    layers = {layer.name: layer for layer in model.layers if layer.weights}
    normalisation = {
        name
        for name, layer in layers.items()
        if isinstance(layer, keras.layers.BatchNormalization)
    }
    early = [name for name in layers if name.startswith(_EARLY)]
    free = [name for name in early if name in learning]
    idle = [name for name in layers if name not in learning]
    any_layer_trainable = any(layer.trainable for layer in layers.values())
    idle_head = [name for name in idle if not name.startswith("block")]
    idle_block = [
        name for name in idle if name.startswith("block5") and name not in normalisation
    ]
    judge({
        "model frozen": (
            lambda: not (learning or model.trainable) and any_layer_trainable,
            "`model.trainable` is False, and then nothing learns, whatever its layers "
            "say. Leave the model itself trainable, or set it back to True before you "
            "freeze single layers."),
        "all frozen": (lambda: not learning,
            "Everything is frozen, even the head: this model cannot learn anything."),
        "nothing frozen": (lambda: free == early,
            "Nothing before block 5 is frozen. Set `trainable` of those layers to "
            "False."),
        "normalisation": (lambda: free and set(free) <= normalisation,
            f"The convolutions are frozen, but batch normalisation is not: "
            f"{_names(free)}. It would go on changing the features, because its scale "
            "learns and its statistics follow the new faces."),
        "early": (lambda: free,
            f"These layers would still learn: {_names(free)}. Freeze everything before "
            "block 5."),
        "head": (lambda: idle_head,
            f"The head is frozen: {_names(idle_head)}. It is new, or made for another "
            "task, so it must learn."),
        "block 5": (lambda: idle_block,
            f"Block 5 should learn as well, and this is frozen: {_names(idle_block)}."),
    })  # fmt: skip


def _names(names: list[str]) -> str:
    more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
    return "".join(names[:1]) + more


@exercise
def check_head(build_head: Callable) -> str:
    """Exercise 2.2: from features of any grid to seven probabilities, with dropout."""
    random = np.random.default_rng(0)
    for shape in ((3, 3, 20), (1, 1, 12)):
        head = expect(attempt(build_head, shape), "a Keras model", keras.Layer)
        features = random.uniform(0, 2, (5, *shape)).astype("float32")
        _require_probabilities(head, features)
        _require_dropout(head, features)
    return "From features of any grid to seven probabilities."


def _answers(head: Callable, features: np.ndarray) -> np.ndarray:
    return numbers(attempt(head, features), "a head that answers with probabilities")


def _sum_to_one(answers: np.ndarray, axis: int = -1) -> bool:
    total = answers.sum(axis=axis)
    return np.allclose(total, 1, atol=1e-3) and bool((answers >= 0).all())


def _require_probabilities(head: keras.Layer, features: np.ndarray) -> None:
    answers, loud = _answers(head, features), _answers(head, 1e4 * features)
    expected = (len(features), len(EMOTIONS))
    judge({
        "grid": (lambda: answers.ndim > 2,
            "The head answers for every place of the grid. Flatten the features, or "
            "average over the grid, first."),
        "classes": (lambda: answers.shape in ((5, 6), (5, 8)),
            "Count the emotions again; 0 counts too."),
        "shape": (lambda: answers.shape != expected,
            f"Shape {expected} is expected: one number for each emotion."),
    }, start=f"{features.shape} features become {answers.shape} answers. ")  # fmt: skip
    wrong = not _sum_to_one(answers)
    judge({
        "over faces": (lambda: wrong and _sum_to_one(answers, axis=0),
            "Your softmax runs over the faces; it must run over the emotions of each "
            "face (axis -1)."),
        "negative": (lambda: wrong and (answers < 0).any(),
            "Some answers are negative, so they are not probabilities. Does the last "
            "layer have a softmax?"),
        "sigmoid": (lambda: wrong and (answers < 1).all(),
            "The answers are between 0 and 1 but do not add up to 1: a sigmoid asks "
            "seven separate questions. To choose one of seven emotions, use softmax."),
        "activation": (lambda: wrong,
            "The answers of a face do not add up to 1. The last layer needs a softmax, "
            "no other activation."),
        # A second softmax sees 0 to 1, and so answers at most e / (e + 6) = 0.31.
        "two softmaxes": (lambda: loud.max() < 0.32 and loud.std() > 1e-6,
            "No emotion ever gets more than about a third, however clear the features "
            "are: there are two softmaxes. Remove one of them."),
    })  # fmt: skip


def _require_dropout(head: keras.Layer, features: np.ndarray) -> None:
    layers = [x for x in _layers(head) if "Dropout" in type(x).__name__]
    training = _answers(functools.partial(head, training=True), features)
    judge({
        "no dropout": (lambda: not any(layer.rate for layer in layers),
            "There is no dropout, or none that drops anything. Put it before the last "
            "layer."),
        "dropout last": (lambda: not _sum_to_one(training),
            "In training the probabilities do not add up to 1: dropout comes after the "
            "last layer and deletes answers. Put it before that layer, where it "
            "deletes features."),
    })  # fmt: skip


def _layers(layer: keras.Layer) -> Iterator[keras.Layer]:
    yield layer
    for inner in getattr(layer, "layers", []):
        yield from _layers(inner)


@exercise
def check_variation(vary: Callable) -> str:
    """Exercise 2.4: mirrored half of the time, and lighter or darker by up to 30."""
    random = np.random.default_rng(1)
    coarse = np.random.default_rng(0).integers(0, 4, (6, 6)) * 85  # black to white
    image = np.kron(coarse, np.ones((8, 8))).astype("uint8")
    kept = image.copy()
    done = []
    for _ in range(_DRAWS):
        answer = numbers(attempt(vary, image, random, fresh=False), _GREY_VALUES)
        _require_image(answer, changed=not np.array_equal(image, kept))
        done.append(_what_was_done(answer, kept.astype("float64")))
    mirrored, changes = np.array(done).T
    pair = [
        numbers(attempt(vary, image, np.random.default_rng(7)), _GREY_VALUES)
        for _ in range(2)
    ]
    judge({
        "never mirrored": (lambda: not mirrored.any(),
            f"In {_DRAWS} draws the face was never mirrored."),
        "always mirrored": (lambda: mirrored.all(),
            f"In {_DRAWS} draws the face was mirrored every time. Then the network "
            "sees as few images as before; let chance decide."),
        "same change": (lambda: np.ptp(changes) < 1,
            "The brightness changes by the same amount every time. Draw the amount "
            "from `random`."),
        "one way": (lambda: (changes >= 0).all() or (changes <= 0).all(),
            "Faces only become lighter, or only darker. Let the change go either way."),
        "own chance": (lambda: not np.array_equal(pair[0], pair[1]),
            "The same `random` gives two different faces. Draw only from `random`, so "
            "that a run can be repeated."),
    })  # fmt: skip
    return "The same emotion in another picture, and never the same picture twice."


_GREY_VALUES = "an array of grey values"


def _require_image(answer: np.ndarray, changed: bool) -> None:
    side = IMAGE_SIDE
    judge({
        "in place": (lambda: changed,
            "Your function changes the face that is passed to it. Work on a copy, and "
            "return that."),
        "shape": (lambda: answer.shape != (side, side),
            f"Your function returns a face of shape {answer.shape}; it should keep its "
            f"shape, ({side}, {side})."),
        "range": (lambda: answer.max() <= 1.5,
            f"The largest grey value is {answer.max(initial=0):.2f}: you changed the "
            "range. In this course grey goes from 0 to 255, and a model that gets "
            "anything else sees a black image."),
        "clip": (lambda: answer.min() < 0 or answer.max() > 255,
            "Some grey values are below 0, which is black, or above 255, which is "
            "white. Clip them (`np.clip`)."),
    })  # fmt: skip


_POSES = (
    ("as it was", lambda image: image),
    ("mirrored", lambda image: image[:, ::-1]),
    ("upside down", lambda image: image[::-1]),
    ("turned by 180°", lambda image: image[::-1, ::-1]),
    ("turned on its side", lambda image: image.T),
    ("turned on its side", lambda image: image.T[::-1]),
    ("turned on its side", lambda image: image.T[:, ::-1]),
)


def _what_was_done(answer: np.ndarray, image: np.ndarray) -> tuple[bool, float]:
    """Whether the face was mirrored, and by how many grey values it was changed."""
    options = []
    for name, turn in _POSES:
        pose = turn(image)
        change = (answer - pose)[(pose > 60) & (pose < 200)]  # where nothing is clipped
        spread = np.median(np.abs(change - np.median(change)))
        options.append((spread, name, pose, change))
    spread, name, pose, change = min(options, key=lambda option: option[0])
    by = float(np.median(change))
    judge({
        "unrecognisable": (lambda: spread > 20,
            "The face cannot be recognised afterwards. Mirror it, change its "
            "brightness, and nothing else."),
        "turned": (lambda: name not in ("as it was", "mirrored"),
            f"A face comes back {name}. Nobody's photograph looks like that, and a "
            "smile upside down is no smile: mirror left and right only."),
        "overflow": (lambda: (np.abs(answer - np.clip(pose + by, 0, 255)) > 100).any(),
            "Some white pixels have become black, or black ones white: 8-bit numbers "
            "overflow at 255 and 0. Convert the face to `int` or `float` first, add, "
            "clip, and only then convert back."),
        "noise": (lambda: np.std(change) > 2,
            "The change differs from pixel to pixel: that is noise or contrast. "
            "Brightness is one number, added to the whole face."),
        "too much": (lambda: abs(by) > _LARGEST_CHANGE + 1,
            f"Once you changed the brightness by {by:+.0f}; change it by at most "
            f"{_LARGEST_CHANGE} either way."),
    })  # fmt: skip
    return name == "mirrored", by
