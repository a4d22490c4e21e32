"""The checks of lesson 02: counting parameters, freezing, a head, an augmentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import keras
import numpy as np

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.lessons.exercise import Wrong, a, attempt, exercise
from fercourse.models.vgg19 import vgg19

_DRAWS = 40  # so many draws go the same way by chance once in 10¹²
_LARGEST_CHANGE = 30


@exercise
def check_parameters(
    convolution_parameters: Callable, dense_parameters: Callable
) -> str:
    """Weights and biases of a 3 × 3 convolution and of a dense layer, for sizes of Table II and others."""
    for channels, filters in ((64, 128), (3, 64), (5, 11)):
        right = 9 * channels * filters + filters
        answer = _number(
            attempt(convolution_parameters, channels, filters), "convolution_parameters"
        )
        if answer != right:
            case = (
                f"For {channels} channels and {filters} filters you count {answer:,}: "
            )
            raise Wrong(case + _why_not(answer, channels, filters))
    for inputs, neurons in ((25_088, 4_096), (10, 7)):
        answer = _number(attempt(dense_parameters, inputs, neurons), "dense_parameters")
        if answer != inputs * neurons + neurons:
            case = (
                f"For {inputs:,} inputs and {neurons:,} neurons you count {answer:,}: "
            )
            raise Wrong(case + _why_not_dense(answer, inputs, neurons))
    return "Every number in the last column of Table II is one of these two sums."


def _number(answer: object, name: str) -> int:
    try:
        value = float(answer)
    except (TypeError, ValueError):
        raise Wrong(f"`{name}` returns {a(answer)}; a number is expected.") from None
    if value != round(value):
        raise Wrong(
            f"`{name}` returns {value}; parameters are counted, so the answer is a "
            f"whole number."
        )
    return round(value)


def _why_not(answer: int, channels: int, filters: int) -> str:
    known = {
        9
        * channels
        * filters: "the biases are missing. Each filter has one number more, its bias.",
        9 * channels * filters
        + 1: "a single bias does not do. Each filter has its own.",
        9 * channels * filters
        + channels: "the biases belong to the filters, not to the incoming channels.",
        3 * channels * filters
        + filters: "a window is 3 pixels wide and 3 high. How many weights is that?",
        channels * filters
        + filters: "that is a dense layer. A filter sees 3 × 3 pixels of every "
        "channel.",
        9 * filters
        + filters: "a filter has 3 × 3 weights for every incoming channel, not only "
        "for one.",
        9 * channels: "those are the weights of a single filter. How many filters are "
        "there?",
        9 * channels
        + 1: "that is one filter with its bias. How many filters are there?",
        9
        * (
            channels * filters + filters
        ): "a bias is one number for each filter, not one for each pixel.",
    }
    return known.get(
        answer,
        "count the weights of one filter first, add its bias, then take all filters.",
    )


def _why_not_dense(answer: int, inputs: int, neurons: int) -> str:
    known = {
        inputs * neurons: "the biases are missing. Each neuron has one.",
        inputs * neurons + 1: "a single bias does not do. Each neuron has its own.",
        inputs * neurons
        + inputs: "the biases belong to the neurons, not to the inputs.",
        9 * inputs * neurons
        + neurons: "a dense layer has no 3 × 3 window: one weight joins an input to a "
        "neuron.",
        inputs
        + neurons: "every neuron is joined to every input. That multiplies, it does "
        "not add.",
    }
    return known.get(
        answer,
        "count the weights of one neuron first, add its bias, then take all neurons.",
    )


@exercise
def check_unfreezing(prepare: Callable) -> str:
    """Everything in front of block 5 frozen, block 5 and the head not, compiled afterwards."""
    model = vgg19(size=IMAGE_SIDE, width=1 / 16, weights=None)
    before = [weight.copy() for weight in model.get_weights()]
    at_compile: list[set[str]] = []
    compile_ = model.compile

    def spy(*arguments, **named):
        at_compile.append(_learning(model))
        return compile_(*arguments, **named)

    model.compile = spy
    answer = attempt(prepare, model)
    if not isinstance(answer, keras.Model):
        raise Wrong(f"Your function returns {a(answer)}; return the model.")
    _require_frozen(answer)
    if not answer.compiled:
        raise Wrong(
            "What is frozen is right, but the model is not compiled. End with "
            "`model.compile(…)`."
        )
    if at_compile and at_compile[-1] != _learning(answer):
        raise Wrong(
            "You froze after `compile`. Keras takes note of what is trainable when "
            "the model is compiled, "
            "and promises nothing for later changes: freeze first, compile last."
        )
    after = answer.get_weights()
    if len(after) != len(before) or any(
        not np.array_equal(*pair) for pair in zip(before, after, strict=True)
    ):
        raise Wrong(
            "The weights have changed. Freezing only sets `trainable`; leave the "
            "weights as they came."
        )
    return "Block 5 and the head learn, and all that comes before them stays as it was."


def _learning(model: keras.Model) -> set[str]:
    """The names of the layers of which at least one weight would be trained."""
    trained = {id(weight) for weight in model.trainable_weights}
    return {
        layer.name
        for layer in model.layers
        if any(id(weight) in trained for weight in layer.trainable_weights)
    }


def _require_frozen(model: keras.Model) -> None:
    learning = _learning(model)
    with_weights = [layer for layer in model.layers if layer.weights]
    if (
        not learning
        and not model.trainable
        and any(layer.trainable for layer in with_weights)
    ):
        raise Wrong(
            "`model.trainable` is False, and then nothing learns, whatever its layers "
            "say. Leave the model "
            "itself trainable, or set it back to True before you freeze single layers."
        )
    if not learning:
        raise Wrong(
            "Everything is frozen, the head too: this model can learn nothing at all."
        )
    early = [
        layer
        for layer in with_weights
        if layer.name.startswith(("block1", "block2", "block3", "block4"))
    ]
    free = [layer for layer in early if layer.name in learning]
    normalising = [
        layer for layer in free if isinstance(layer, keras.layers.BatchNormalization)
    ]
    if len(free) == len(early):
        raise Wrong(
            "Nothing in front of block 5 is frozen. Set `trainable` of those layers "
            "to False."
        )
    if free and len(free) == len(normalising):
        raise Wrong(
            f"The convolutions are frozen, but batch normalisation is not, such as "
            f"{free[0].name}. It would "
            "go on changing the features: its scale learns, and its statistics follow "
            "the new faces."
        )
    if free:
        raise Wrong(
            f"{_names(free)} would still learn; everything in front of block 5 is to "
            f"be frozen."
        )
    head = [layer for layer in with_weights if not layer.name.startswith("block")]
    if still := [layer for layer in head if layer.name not in learning]:
        raise Wrong(
            f"The head is frozen: {_names(still)}. It is new, or made for another "
            f"task; it must learn."
        )
    last = [
        layer
        for layer in with_weights
        if layer.name.startswith("block5")
        and not isinstance(layer, keras.layers.BatchNormalization)
    ]
    if still := [layer for layer in last if layer.name not in learning]:
        raise Wrong(f"Block 5 is to learn as well, and {_names(still)} is frozen.")


def _names(found: list[keras.layers.Layer]) -> str:
    names = [layer.name for layer in found]
    return names[0] if len(names) == 1 else f"{names[0]} (and {len(names) - 1} more)"


@exercise
def check_head(build_head: Callable) -> str:
    """From features of any grid to seven probabilities, with dropout in front of them."""
    random = np.random.default_rng(0)
    for shape in ((3, 3, 20), (1, 1, 12)):
        head = attempt(build_head, shape)
        if not isinstance(head, keras.Layer):
            raise Wrong(f"Your function returns {a(head)}; a Keras model is expected.")
        features = random.uniform(0, 2, (5, *shape)).astype("float32")
        answers = _as_array(attempt(head, features))
        _require_shape(answers, len(features), shape)
        _require_probabilities(answers)
        _require_one_softmax(_as_array(attempt(head, 1e4 * features)))
        dropouts = [
            layer for layer in _all_layers(head) if "Dropout" in type(layer).__name__
        ]
        if not any(layer.rate > 0 for layer in dropouts):
            raise Wrong(
                "There is no dropout in it, or none that drops anything. Put it in "
                "front of the last layer."
            )
        training = _as_array(head(features, training=True))
        if not np.allclose(training.sum(axis=-1), 1, atol=1e-3):
            raise Wrong(
                "In training the probabilities do not add up to 1: dropout stands "
                "behind the last layer and "
                "deletes answers. It belongs in front of it, where it deletes features."
            )
    return "From features of any grid to seven probabilities."


def _as_array(tensor: object) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(tensor), "float64")


def _all_layers(layer: keras.Layer) -> Iterator[keras.Layer]:
    yield layer
    for inner in getattr(layer, "layers", []):
        yield from _all_layers(inner)


def _require_shape(answers: np.ndarray, count: int, shape: tuple[int, ...]) -> None:
    classes = len(EMOTIONS)
    if answers.ndim > 2:
        raise Wrong(
            f"For {count} faces with features of shape {shape} the answers have shape "
            f"{answers.shape}: the "
            "head answers for every place of the grid. Flatten the features, or "
            "average over the grid, first."
        )
    if answers.shape == (count, classes - 1) or answers.shape == (count, classes + 1):
        raise Wrong(
            f"{answers.shape[-1]} answers for each face: count the emotions again; 0 "
            f"counts too."
        )
    if answers.shape != (count, classes):
        raise Wrong(
            f"For {count} faces the answers have shape {answers.shape}; expected "
            f"({count}, {classes}): one "
            "number for each emotion."
        )


def _require_probabilities(answers: np.ndarray) -> None:
    if not np.isfinite(answers).all():
        raise Wrong("Some answers are not finite numbers.")
    if np.allclose(answers.sum(axis=-1), 1, atol=1e-3) and (answers >= 0).all():
        return
    if np.allclose(answers.sum(axis=0), 1, atol=1e-3) and (answers >= 0).all():
        raise Wrong(
            "Your softmax runs over the faces; it must run over the emotions of each "
            "face (axis -1)."
        )
    if (answers < 0).any():
        raise Wrong(
            "Some answers are negative, so they are no probabilities. Does the last "
            "layer have a softmax?"
        )
    if (answers < 1).all():
        raise Wrong(
            "The answers lie between 0 and 1 but do not add up to 1: a sigmoid asks "
            "seven questions apart. "
            "One of seven emotions is to be chosen, which is what softmax is for."
        )
    raise Wrong(
        "The answers of a face do not add up to 1. The last layer needs a softmax, no "
        "other activation."
    )


def _require_one_softmax(answers: np.ndarray) -> None:
    # A second softmax sees numbers from 0 to 1, and so cannot answer more than e / (e +
    # 6) = 0.31.
    if answers.max() < 0.32 and answers.std() > 1e-6:
        raise Wrong(
            "No emotion ever gets more than about a third, however clear the "
            "features: softmax stands there "
            "twice. Leave one of them out."
        )


@exercise
def check_variation(vary: Callable) -> str:
    """Mirrored half of the time, lighter or darker by up to 30, and otherwise left alone."""
    random, own = np.random.default_rng(1), np.random.default_rng(0)
    coarse = own.integers(0, 4, (6, 6)) * 85  # black and white are in it
    image = np.kron(coarse, np.ones((8, 8))).astype("uint8")
    kept = image.copy()
    mirrored, changes = [], []
    for _ in range(_DRAWS):
        answer = _as_picture(attempt(vary, image, random))
        if not np.array_equal(image, kept):
            raise Wrong(
                "Your function changes the face that it is given. Work on a copy, and "
                "return that."
            )
        _require_image(answer)
        mirror, change = _what_was_done(answer, kept.astype("float64"))
        mirrored.append(mirror)
        changes.append(change)
    _require_variety(np.array(mirrored), np.array(changes))
    pair = [_as_picture(vary(image, np.random.default_rng(7))) for _ in range(2)]
    if not np.array_equal(*pair):
        raise Wrong(
            "The same `random` gives two different faces. Draw from `random` only, so "
            "that a run can be "
            "repeated."
        )
    return "The same emotion in another picture, and never the same picture twice."


def _as_picture(answer: object) -> np.ndarray:
    try:
        return _as_array(answer)
    except (TypeError, ValueError):
        raise Wrong(
            f"Your function returns {a(answer)}; an array of grey values is expected."
        ) from None


def _require_image(answer: np.ndarray) -> None:
    side = IMAGE_SIDE
    if answer.shape != (side, side):
        raise Wrong(
            f"The face has shape {answer.shape} afterwards; it came, and has to "
            f"leave, as ({side}, {side})."
        )
    if not np.isfinite(answer).all():
        raise Wrong("Some pixels are not finite numbers.")
    if answer.max() <= 1.5:
        raise Wrong(
            f"The largest grey value is {answer.max():.2f}: you changed the range. In "
            f"this course grey goes "
            "from 0 to 255, and a model given anything else sees a black picture."
        )
    if answer.min() < 0 or answer.max() > 255:
        raise Wrong(
            f"Grey values go from {answer.min():.0f} to {answer.max():.0f}; black is "
            f"0 and white 255. Clip "
            "what lies beyond (`np.clip`)."
        )


def _what_was_done(answer: np.ndarray, image: np.ndarray) -> tuple[bool, float]:
    """Whether the face was mirrored, and by how many grey values it was changed."""
    poses = {
        "as it was": image,
        "mirrored": image[:, ::-1],
        "upside down": image[::-1],
        "turned by 180°": image[::-1, ::-1],
        "turned on its side": image.T,
        "turned on its side ": image.T[::-1],
        "turned on its side  ": image.T[:, ::-1],
    }
    middling = {
        name: (pose > 60) & (pose < 200) for name, pose in poses.items()
    }  # where nothing is clipped
    change = {
        name: answer[middling[name]] - pose[middling[name]]
        for name, pose in poses.items()
    }
    spread = {
        name: np.median(np.abs(values - np.median(values)))
        for name, values in change.items()
    }
    name = min(spread, key=spread.get)
    if spread[name] > 20:
        raise Wrong(
            "The face cannot be recognised afterwards. Mirror it, change its "
            "brightness, and nothing else."
        )
    if name not in ("as it was", "mirrored"):
        raise Wrong(
            f"A face comes back {name.strip()}. Nobody's photograph looks like that, "
            f"and a smile upside down "
            "is no smile: mirror left and right only."
        )
    by = float(np.median(change[name]))
    if (np.abs(answer - np.clip(poses[name] + by, 0, 255)) > 100).any():
        raise Wrong(
            "Some white pixels have become black, or black ones white: 8-bit numbers "
            "run over at 255 and 0. "
            "Change the face to `int` or `float` first, add, clip, and only then go "
            "back."
        )
    if np.std(change[name]) > 2:
        raise Wrong(
            "The change differs from pixel to pixel: that is noise or contrast. "
            "Brightness is one number, "
            "added to the whole face."
        )
    if abs(by) > _LARGEST_CHANGE + 1:
        raise Wrong(
            f"Once you changed the brightness by {by:+.0f}; at most {_LARGEST_CHANGE} "
            f"either way was asked "
            "for."
        )
    return name == "mirrored", by


def _require_variety(mirrored: np.ndarray, changes: np.ndarray) -> None:
    if not mirrored.any():
        raise Wrong(f"In {_DRAWS} draws the face was never mirrored.")
    if mirrored.all():
        raise Wrong(
            f"In {_DRAWS} draws the face was mirrored every time. Then the network "
            f"sees as few pictures as "
            "before; let chance decide."
        )
    if np.ptp(changes) < 1:
        raise Wrong(
            "The brightness changes by the same amount every time. Draw the amount "
            "from `random`."
        )
    if (changes >= 0).all() or (changes <= 0).all():
        raise Wrong(
            "Faces only become lighter, or only darker. Let the change go either way."
        )
