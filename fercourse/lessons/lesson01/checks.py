"""The checks of lesson 01."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fercourse.lessons.exercise import Wrong, a, attempt, exercise, one_number

_Z = 1.959963984540054  # 95 % of a normal distribution lie within so many standard deviations


@exercise
def check_duplicate_groups(count_groups: Callable) -> str:
    """Exercise 1.1: how many groups of identical images there are."""
    images = _noise(8, seed=1)[[0, 1, 2, 0, 3, 1, 0, 4, 5]]  # 0 three times, 1 twice
    _count_is(count_groups, images, 2, {
        5: "That is how many images have a copy. Images that are the same make *one* "
           "group.",
        3: "That is how many copies are surplus. A group of three images has two of "
           "them and counts once.",
        6: "That is how many different images there are, those without a copy "
           "included.",
        4: "Those are the pairs of identical images. Three images make three pairs "
           "and one group.",
        0: "No group was found, and there are some: do you compare only neighbours in "
           "the array?",
        1: "You found one group, and there are two. Does your function stop at the "
           "first?",
        9: "That is the number of all images.",
    }, "Among nine images, one stands three times and another twice.")  # fmt: skip
    shuffled = _noise(2, seed=2)[[0, 0, 1]]
    shuffled[1] = np.rot90(shuffled[0])
    _count_is(count_groups, shuffled, 0, {
        1: "Two images were taken for the same that differ: the second is the first "
           "one turned. It has the "
        "same grey values in other places, and so the same mean and the same sum. "
        "Compare every pixel.",
    }, "Here no two images are the same: the second is the first one turned.")  # fmt: skip
    nearly = _noise(1, seed=3)[[0, 0]]
    nearly[1, 47, 47] ^= 1
    _count_is(count_groups, nearly, 0, {
        1: "Two images were taken for the same, and their last pixel differs by one "
           "grey value. Compare "
        "every pixel, exactly.",
    }, "Here the two images differ, though only in their last pixel.")  # fmt: skip
    _count_is(count_groups, _noise(3, seed=4), 0, {}, "Here all images are different.")
    return "Groups are counted once each, and only where every pixel is the same."


@exercise
def check_majority_accuracy(majority_accuracy: Callable) -> str:
    """Exercise 1.3: what always answering the commonest training emotion gets right on a test split."""
    for training, test in (
        ([4, 4, 4, 4, 0, 0, 1, 2, 3, 6, 6], [1, 1, 1, 4, 4, 6, 0, 1]),
        ([5, 5, 0], [5, 1, 1, 1, 1, 1, 1, 2, 2, 2]),
    ):
        training, test = np.array(training, "uint8"), np.array(test, "uint8")
        share = one_number(attempt(majority_accuracy, training, test), "the accuracy")
        usual, best = np.bincount(training).argmax(), np.bincount(test).argmax()
        hits = np.count_nonzero(test == usual)
        right = hits / len(test)
        given = f"For training labels {training.tolist()} and test labels {test.tolist()} your function returns"
        _compare(share, right, {
            np.mean(test == best): (
                "You took the commonest emotion of the *test* split. Before the test "
                "nobody knows it: the "
                "answer has to be learned from the training labels."
            ),
            100 * np.mean(test == best): (
                "You took the commonest emotion of the *test* split, and percent "
                "instead of a share."
            ),
            np.mean(training == usual): (
                "That is the accuracy on the training labels. Which emotion is the "
                "commonest is learned from "
                "them; how often it is right has to be counted on the test labels."
            ),
            100 * right: "That is percent. A share between 0 and 1 is asked for.",
            hits: "That is a number of faces. Divide it by the number of test faces.",
            hits / len(training): "You divided by the number of training faces; "
                                  "divide by the test faces.",
            np.mean(test == 3): "You always answer happy (3). Here another emotion is "
                                "the commonest: count.",
            1 / 7: "That would hold for an answer drawn by lot. Answer the commonest "
                   "training emotion.",
            np.mean(test == training.max()): (
                "You took the largest label, not the commonest one: `max` compares "
                "the numbers."
            ),
        }, given)  # fmt: skip
    return "Learned from the training labels, counted on the test labels."


@exercise
def check_nearest(nearest: Callable) -> str:
    """Exercise 1.2: which known image has the smallest sum of squared differences."""
    cases = _nearest_cases()
    answers = [
        _position(attempt(nearest, image.copy(), known.copy()), image, known)
        for image, known in cases
    ]
    if answers == [_least(_squares(image, known)) for image, known in cases]:
        return "Bytes were turned into larger numbers before they were subtracted."
    for sentence, method in _MISTAKES.items():
        if answers == [method(image, known) for image, known in cases]:
            raise Wrong(sentence)
    for answer, (image, known) in zip(answers, cases, strict=True):
        costs = _squares(image, known).sum(axis=(1, 2))
        if answer != costs.argmin():
            raise Wrong(
                f"Among images whose sums of squared differences are "
                f"{costs.tolist()}, your function takes "
                f"number {answer}."
            )
    raise AssertionError("a wrong answer was found and then not")


def _nearest_cases() -> list[tuple[np.ndarray, np.ndarray]]:
    """An image and known ones, so chosen that every one of `_MISTAKES` shows."""
    image, everyone = np.full((48, 48), 100, "uint8"), _noise(6, seed=5)
    changes = (
        [(60, 200), (-9, 1000), (8, 2304), (-20, 400)],
        [(16, 1200), (40, 100), (-3, 2304)],  # 16 squared is 256, which is 0 in a byte
        [(100, 60), (10, 1000)],  # few large differences, or many small ones
        [(100, 10), (1, 100)],
    )
    cases = [
        (image, np.stack([_shifted(image, *change) for change in some]))
        for some in changes
    ]
    as_much_brighter_as_darker = _shifted(
        _shifted(image, 30, 1000), -30, 1000, first=1000
    )
    cases.append(
        (image, np.stack([as_much_brighter_as_darker, _shifted(image, 3, 900)]))
    )
    return [*cases, (everyone[4], everyone), (everyone[1], everyone[[5, 0, 2, 1]])]


def _squares(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    return (known.astype("int64") - image) ** 2


def _least(differences: np.ndarray) -> int:
    return int(differences.sum(axis=(1, 2), dtype="int64").argmin())


_BYTES = (
    "Your images are bytes, and bytes wrap around: in uint8, 100 - 120 is 236, and 16 "
    "squared is 0. Turn "
    "them into larger numbers first, for example with `.astype(int)`."
)
_MISTAKES: dict[str, Callable[[np.ndarray, np.ndarray], int]] = {
    _BYTES: lambda image, known: _least((known - image) ** 2),
    f"{_BYTES} Squaring afterwards is too late.": lambda image, known: _least(
        (known - image).astype("int64") ** 2
    ),
    f"{_BYTES} `np.abs` does not help: in bytes nothing is negative.": lambda image, known: (
        _least(np.abs(known - image))
    ),
    "That is the *least* similar image: the smallest sum of squared differences is "
    "asked for.": (
        lambda image, known: int(_squares(image, known).sum(axis=(1, 2)).argmax())
    ),
    "The differences are added up with their signs, so that a much darker image wins. "
    "Square them.": (lambda image, known: _least(known.astype("int64") - image)),
    "Positive and negative differences cancel when they are added up first. Square "
    "each of them.": (
        lambda image, known: int(
            np.abs((known.astype("int64") - image).sum(axis=(1, 2))).argmin()
        )
    ),
    "That is the image with the smallest sum of *absolute* differences. Squares are "
    "asked for: they weigh "
    "one large difference more than many small ones.": (
        lambda image, known: _least(np.abs(known.astype("int64") - image))
    ),
    "That is the image with the fewest differing pixels. How much they differ counts "
    "too.": (lambda image, known: _least(known != image)),
}


@exercise
def check_faces_needed(faces_needed: Callable) -> str:
    """Exercise 1.4: how many test faces make an accuracy known to ± so many points."""
    for accuracy, points in ((50, 2), (73, 0.5), (90, 1)):
        count = one_number(attempt(faces_needed, accuracy, points), "a number of faces")
        p, half = accuracy / 100, points / 100
        right = _Z**2 * p * (1 - p) / half**2
        if (
            abs(count / right - 1) < 0.01
        ):  # Wilson's formula, 1.96, 2 decimals, rounding up: all are right
            continue
        _compare(count, right, {
            _Z**2 * p * (1 - p) / (points / 50) ** 2: (
                "You took ± so many points for the width of the whole interval. It is "
                "half of it."
            ),
            _Z**2 * p * (1 - p) / (points / 200) ** 2: (
                "You halved the half-width once more: ± so many points is half of the "
                "interval already."
            ),
            _Z * np.sqrt(p * (1 - p)) / half: "The root is still in it: square both "
                                              "sides to get the number.",
            p * (1 - p) / half**2: "That holds for one standard error. For 95 % it is "
                                   "1.96 of them.",
            _Z * p * (1 - p) / half**2: "1.96 has to be squared too.",
            1.644854**2 * p * (1 - p) / half**2: (
                "1.645 standard errors hold 90 % of the chances; 95 % need 1.96."
            ),
            _Z**2 * accuracy * (1 - accuracy) / points**2: (
                "`1 - accuracy` needs the accuracy as a share between 0 and 1; divide "
                "percent by 100 first."
            ),
            right * 1e-4: "Mixed units: the accuracy became a share, and the points "
                          "must become one too.",
            right * 1e4: "Mixed units: the points became a share, and the accuracy "
                         "must become one too.",
            _Z**2 * 0.25 / half**2: (
                "That is the number for an accuracy of 50 %, which needs the most. "
                "Use the given accuracy."
            ),
            100 / points: "The number grows with the *square* of the precision. Start "
                          "from the half-width.",
        }, f"For {accuracy} % ± {points} points your function returns", 0.01)  # fmt: skip
    return "Half the width takes four times the faces."


def _noise(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 48, 48)).astype("uint8")


def _shifted(image: np.ndarray, by: int, pixels: int, first: int = 0) -> np.ndarray:
    changed = image.ravel().copy()
    changed[first : first + pixels] += np.array(by).astype("uint8")
    return changed.reshape(image.shape)


def _compare(
    number: float,
    right: float,
    typical: dict[float, str],
    given: str,
    near: float = 1e-6,
) -> None:
    if np.isclose(number, right, rtol=1e-4):
        return
    for value, sentence in typical.items():
        if np.isclose(number, value, rtol=near):
            raise Wrong(sentence)
    raise Wrong(f"{given} {number:,.6g}.")


def _count_is(
    count_groups: Callable, images: np.ndarray, right: int, typical: dict, about: str
) -> None:
    answer = attempt(count_groups, images.copy())
    if (
        isinstance(answer, list | tuple | set | dict | np.ndarray)
        and np.ndim(answer) > 0
    ):
        raise Wrong(
            f"Your function returns {a(answer)}; the number of groups is asked for: "
            f"count them."
        )
    number = one_number(answer, "how many groups there are")
    if number != right:
        raise Wrong(
            typical.get(int(number), f"{about} Your function counts {number:g} groups.")
        )


def _position(answer, image: np.ndarray, known: np.ndarray) -> int:
    answer = answer[0] if np.shape(answer) == (1,) else answer
    if np.ndim(answer) > 0:
        raise Wrong(
            f"Your function returns something of shape {np.shape(answer)}; one "
            f"position in `known` is "
            "expected. Add up the squared differences of each image over both of its "
            "axes."
        )
    position = one_number(answer, "a position in `known`")
    if position != int(position) or not 0 <= position < len(known):
        sums = _squares(image, known).sum(axis=(1, 2))
        more = (
            "That is a sum of differences; the position of the smallest sum"
            if position in sums
            else "One"
        )
        more += f" is asked for, from 0 to {len(known) - 1}: `argmin` finds it."
        raise Wrong(f"Your function returns {position:,g}. {more}")
    return int(position)
