"""The checks of lesson 02: counting parameters, a head, freezing, an augmentation."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import keras
import numpy as np
from keras import ops

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.lessons.exercise import (
    Wrong,
    attempt,
    compare,
    exercise,
    expect,
    judge,
    numbers,
    verdict,
    whole_number,
)
from fercourse.lessons.lesson02.transfer import EARLY
from fercourse.models.vgg19 import vgg19


@exercise
def check_parameters(convolution: Callable, dense: Callable) -> str:
    """Exercise 2.1: the numbers in a 3 × 3 convolution and in a dense layer."""
    compare(convolution, [(64, 128), (3, 64), (5, 11)],
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
        "one filter": (lambda c, f: [9 * c + 1, 9 * c],
            "That is a single filter. How many filters are there?"),
        "biases of pixels": (lambda c, f: 9 * (c * f + f),
            "A bias is one number for each filter, not one for each pixel."),
    }, about="For {0} channels and {1} filters",
        hint="Count the weights and the bias of one filter, then take all filters.",
        read=whole_number, rtol=0)  # fmt: skip
    compare(dense, [(25_088, 4_096), (10, 7)],
        "the parameters of a dense layer", lambda i, n: i * n + n, {
        "dense: no biases": (lambda i, n: i * n,
            "The biases are missing. Each neuron has one."),
        "dense: one bias": (lambda i, n: i * n + 1,
            "One bias is not enough. Each neuron has its own."),
        "dense: biases of inputs": (lambda i, n: i * n + i,
            "The biases belong to the neurons, not to the inputs."),
        "dense: window": (lambda i, n: 9 * i * n + n,
            "A dense layer has no window: one weight joins an input to a neuron."),
        "dense: sum": (lambda i, n: i + n,
            "Every neuron is joined to every input. Multiply, do not add."),
    }, about="For {0:,} inputs and {1:,} neurons",
        hint="Count the weights and the bias of one neuron, then take all neurons.",
        read=whole_number, rtol=0)  # fmt: skip
    return "Every number in the last column of Table II is one of these two sums."


def counting(convolution: Callable, dense: Callable) -> tuple[Callable, Callable]:
    """The learner's two functions of exercise 2.1 if they are right, else the course's.

    Example: `lesson02.counting(convolution_parameters, dense_parameters)`.
    """
    if verdict(check_parameters, convolution, dense).status == "right":
        return convolution, dense
    return (lambda c, f: (9 * c + 1) * f), (lambda i, n: (i + 1) * n)


@exercise
def check_unfreezing(prepare: Callable) -> str:
    """Exercise 2.3: all before block 5 frozen, the rest not, compiled afterwards."""
    for _ in range(2):
        _require_prepared(prepare, vgg19(size=IMAGE_SIDE, width=1 / 16, weights=None))
    return "Block 5 and the head learn, and all that comes before them stays as it was."


def _require_prepared(prepare: Callable, model: keras.Model) -> None:
    before = [weight.copy() for weight in model.get_weights()]
    at_compile: list[set[str]] = []
    compile_ = model.compile

    def spy(*arguments, **named):
        at_compile.append(_learning(model))
        return compile_(*arguments, **named)

    model.compile = spy
    answer = expect(attempt(prepare, model), "the model", keras.Model)
    _require_frozen(answer)
    after = answer.get_weights()
    judge({
        "not compiled": (lambda: not answer.compiled, "What is frozen is right, but "
            "the model is not compiled. End with `model.compile(…)`."),
        "weights": (lambda: len(before) != len(after)
                or not all(map(np.array_equal, before, after)),
            "Those are other weights than the model came with; leave them alone."),
        "compiled first": (lambda: at_compile and at_compile[-1] != _learning(answer),
            "You froze after `compile`, which does not see it. Compile last."),
        "optimizer": (lambda: type(answer.optimizer) is not keras.optimizers.Adam,
            "The optimizer is not Adam; use `keras.optimizers.Adam`."),
        "rate": (lambda: abs(float(answer.optimizer.learning_rate) - 1e-4) > 1e-6,
            "The learning rate should be 1e-4: `keras.optimizers.Adam(1e-4)`."),
        "loss": (lambda: not _loss_is_right(answer),
            'The loss should be "sparse_categorical_crossentropy".'),
    })  # fmt: skip


def _loss_is_right(model: keras.Model) -> bool:
    """Whether the loss of known labels and probabilities is what it should be."""
    probabilities = np.array([[0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1]] * 2, "float32")
    try:
        labels, answers = map(ops.convert_to_tensor, ([0, 1], probabilities))
        loss = float(model.compute_loss(y=labels, y_pred=answers))
    except Exception:  # no loss, or one for labels of another kind
        return False
    return abs(loss + np.log([0.3, 0.2]).mean()) < 1e-3


def _learning(model: keras.Model) -> set[str]:
    """The names of the layers with at least one weight that would be trained."""
    trained = {id(weight) for weight in model.trainable_weights}
    return {x.name for x in model.layers if trained & {*map(id, x.trainable_weights)}}


def _require_frozen(model: keras.Model) -> None:
    learning = _learning(model)
    layers = {layer.name: layer for layer in model.layers if layer.weights}
    normalisation = {
        name for name, layer in layers.items() if "BatchNorm" in type(layer).__name__
    }
    early = [name for name in layers if name.startswith(EARLY)]
    free = [name for name in early if name in learning]
    idle = [name for name in layers if name not in learning]
    idle_head = [name for name in idle if not name.startswith("block")]
    idle_block = [x for x in idle if x.startswith("block5") and x not in normalisation]
    shown = ", ".join
    judge({
        "model frozen": (lambda: not (learning or model.trainable)
                and any(layer.trainable for layer in layers.values()),
            "`model.trainable` is False, and then nothing learns. Leave it True."),
        "all frozen": (lambda: not learning,
            "Everything is frozen, even the head: this model cannot learn anything."),
        "nothing frozen": (lambda: free == early,
            "Nothing before block 5 is frozen. Set its layers' `trainable` to False."),
        "normalisation": (lambda: free and set(free) <= normalisation,
            "Batch normalisation is not frozen. It would go on changing the features."),
        "early": (lambda: free,
            f"This would still learn, before block 5: {shown(free)}."),
        "head": (lambda: idle_head,
            f"The head is frozen: {shown(idle_head)}. It is new, so it must learn."),
        "block 5": (lambda: idle_block,
            f"Block 5 should learn as well, and this is frozen: {shown(idle_block)}."),
    })  # fmt: skip


@exercise
def check_head(build_head: Callable) -> str:
    """Exercise 2.2: from features of any grid to seven probabilities, with dropout."""
    random = np.random.default_rng(0)
    for shape in ((3, 3, 20), (1, 1, 12)):
        head = expect(attempt(build_head, shape), "a Keras model", keras.Layer)
        features = random.uniform(0, 2, (200, *shape)).astype("float32")
        _require_probabilities(head, features)
        _require_dropout(head, features)
    return "From features of any grid to seven probabilities."


def _answers(head: Callable, features: np.ndarray) -> np.ndarray:
    try:
        answer = attempt(head, features)
    except Wrong as slip:
        text = str(slip).replace("Your function", "Your head", 1)
        text = f"For `shape={features.shape[1:]}`: {text} Use the argument `shape`."
        raise Wrong(slip.key, text) from None
    return numbers(answer, "a head that answers with probabilities")


def _sum_to_one(answers: np.ndarray, axis: int = -1) -> bool:
    total = answers.sum(axis=axis)
    return np.allclose(total, 1, atol=1e-3) and bool((answers >= 0).all())


def _some_equal(answers: np.ndarray) -> bool:
    """Whether some, but not all, answers of a face are equal: they were 0 before."""
    likely = np.where(answers > 1e-20, answers, -np.arange(1.0, 1 + answers.shape[-1]))
    ascending = np.sort(likely)
    equal = (np.diff(ascending) <= 1e-6 * ascending[..., 1:]).sum(axis=-1)
    return bool(((equal > 0) & (equal < answers.shape[-1] - 1)).mean() > 0.02)


def _require_probabilities(head: keras.Layer, features: np.ndarray) -> None:
    answers, loud = _answers(head, features), _answers(head, 1e4 * features)
    expected = (len(features), len(EMOTIONS))
    judge({
        "grid": (lambda: answers.ndim > 2,
            "The head answers for every place of the grid: flatten or average first."),
        "shape": (lambda: answers.shape != expected,
            f"Shape {expected} is expected: one number for each emotion, 0 to 6."),
    }, start=f"{features.shape} features become {answers.shape} answers. ")  # fmt: skip
    wrong = not _sum_to_one(answers)
    judge({
        "over faces": (lambda: wrong and _sum_to_one(answers, axis=0),
            "Your softmax runs over the faces; it must run over the emotions."),
        "negative": (lambda: wrong and (answers < 0).any(),
            "Probabilities are never negative. Does the last layer have a softmax?"),
        "sigmoid": (lambda: wrong and (answers <= 1).all(),
            "A sigmoid asks seven separate questions. To choose one, use softmax."),
        "activation": (lambda: wrong,
            "The answers of a face do not add up to 1: use a softmax at the end."),
        "always on": (lambda: not np.allclose(answers, _answers(head, features)),
            "Two calls give two answers outside training: is dropout always on?"),
        # A second softmax sees 0 to 1, and so answers at most e / (e + 6) = 0.31.
        "two softmaxes": (
            lambda: loud.max() < 0.32 and loud.std() > 1e-6 and not _squeezed(head),
            "No emotion ever gets more than about a third: there are two softmaxes."),
        "before softmax": (lambda: _some_equal(answers) or _squeezed(head),
            "An activation before the softmax cuts off what the last layer says."),
        "frozen": (lambda: not head.trainable_weights
                or not all(x.trainable for x in _layers(head) if x.weights),
            "A part of your head has nothing to learn, or is frozen."),
    })  # fmt: skip


def _squeezed(head: keras.Layer) -> bool:
    """Whether the last seven neurons pass another activation before the softmax."""
    layers = list(_layers(head))
    ends = [n for n, x in enumerate(layers) if getattr(x, "units", 0) == len(EMOTIONS)]
    last = layers[ends[-1] :] if ends else []
    names = [getattr(getattr(x, "activation", 0), "__name__", "linear") for x in last]
    others = {*dir(keras.activations)} - {"linear", "softmax"}
    return bool(others & {*names}) or any("LU" in type(x).__name__ for x in last)


def _require_dropout(head: keras.Layer, features: np.ndarray) -> None:
    layers = [x for x in _layers(head) if "Dropout" in type(x).__name__]
    in_training = functools.partial(head, training=True)
    training, again = _answers(in_training, features), _answers(in_training, features)
    judge({
        "no dropout": (lambda: not layers or (np.allclose(training, again)
                and np.ptp(training, axis=0).max() > 1e-6),
            "There is no dropout that drops anything. Put it before the last layer."),
        "drops all": (lambda: np.ptp(training, axis=0).max() < 1e-6,
            "In training all features are dropped. Its rate is what it drops."),
        "dropout last": (lambda: not _sum_to_one(training) or _some_equal(training),
            "Dropout deletes answers of a face. Put it before the last layer."),
    })  # fmt: skip


def _layers(layer: keras.Layer) -> Iterator[keras.Layer]:
    yield layer
    for inner in getattr(layer, "layers", []):
        yield from _layers(inner)


_DRAWS = 1000  # by chance, a right function fails less than once in a million times


@exercise
def check_variation(vary: Callable) -> str:
    """Exercise 2.4: mirrored half of the time, and lighter or darker by up to 30."""
    random = np.random.default_rng(1)
    coarse = np.random.default_rng(0).integers(0, 4, (6, 6)) * 85  # black to white
    image = np.kron(coarse, np.ones((8, 8))).astype("uint8")
    answers = np.stack([_varied(vary, image, random) for _ in range(_DRAWS)])
    mirrored, changes = _what_was_done(answers, image.astype("float64"))
    pair = [_varied(vary, image.T, np.random.default_rng(7)) for _ in range(2)]
    low, high, share = changes.min(), changes.max(), mirrored.mean()
    groups = changes[mirrored], changes[~mirrored]
    even = 61 / 12**0.5  # spread if all are equally likely
    judge({
        "half": (lambda: abs(share - 0.5) > 0.08,
            f"The face was mirrored in {share:.0%} of the draws, not in half of them."),
        "same change": (lambda: low == high, "The brightness changes by the same "
            "amount every time. Draw the amount from `random`."),
        "not whole": (lambda: (changes % 1).any(),
            "The brightness changes by fractions. Draw with `random.integers`."),
        "one way": (lambda: low >= 0 or high <= 0,
            "Faces only become lighter, or only darker. Let the change go either way."),
        "ends": (lambda: (low, high) != (-30, 30),
            f"The brightness changes by {low:+.0f} to {high:+.0f}, not by −30 to +30; "
            "`integers` leaves out its upper end."),
        "tied": (lambda: abs(groups[0].mean() - groups[1].mean()) > 7
                or not 0.5 < groups[0].std() / groups[1].std() < 2,
            "The brightness depends on whether the face is mirrored. Draw twice."),
        "uneven": (lambda: abs(changes.std() / even - 1) > 0.1,
            "Let all whole numbers from −30 to 30 be equally likely."),
        "own chance": (lambda: not np.array_equal(pair[0], pair[1]),
            "The same `random` gives two different faces. Draw only from `random`."),
    })  # fmt: skip
    _what_was_done(pair[0][None], image.T.astype("float64"))
    return "The same emotion, in up to 122 pictures: two sides, 61 kinds of light."


def _varied(vary: Callable, image: np.ndarray, random: np.random.Generator):
    answer = numbers(attempt(vary, image, random), "an array of grey values")
    judge({
        "shape": (lambda: answer.shape != image.shape, "Your function returns a face "
            f"of shape {answer.shape}; it should keep its shape, {image.shape}."),
        "range": (lambda: answer.max() <= 1.5,
            "Grey goes from 0 to 255 here. A model would see a black image."),
        "clip": (lambda: answer.min() < 0 or answer.max() > 255,
            "Some grey values are below 0 or above 255. Clip them (`np.clip`)."),
    })  # fmt: skip
    return answer


def _what_was_done(
    answers: np.ndarray, image: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of each answer, whether it was mirrored, and by how many grey values changed."""
    turned, all_done = image.T, []
    poses = [image, image[:, ::-1], image[::-1], image[::-1, ::-1]]
    for pose in (*poses, turned, turned[::-1], turned[:, ::-1]):
        change = (answers - pose)[:, (pose > 60) & (pose < 200)]  # never clipped
        by = np.median(change, axis=1)
        spread = np.median(np.abs(change - by[:, None]), axis=1)
        off = np.abs(answers - np.clip(pose + by[:, None, None], 0, 255))
        all_done.append((spread, by, off.max(axis=(1, 2))))
    done = np.array(all_done)  # (poses, 3, draws)
    best = done[:, 0].argmin(axis=0)
    spread, by, off = done[best, :, np.arange(len(answers))].T
    largest = by[np.abs(by).argmax()]
    judge({
        "unrecognisable": (lambda: (spread > 20).any(), "The face cannot be recognised "
            "afterwards. Mirror it, change its brightness, and nothing else."),
        "turned": (lambda: (best > 1).any(),
            "A face comes back turned or upside down. Mirror left and right only."),
        "too much": (lambda: abs(largest) > 30,
            f"Once the brightness changed by {largest:+.0f}; 30 is the most."),
        "overflow": (lambda: (off[spread < 2] > 100).any(),
            "White pixels have become black. Add as `int`, clip, then convert back."),
        "noise": (lambda: (off > 2).any(),
            "Brightness is one number, added to the whole face, clipped to 0 to 255."),
    })  # fmt: skip
    return best == 1, by
