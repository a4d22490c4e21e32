"""The checks of lesson 01."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from fercourse.lessons.exercise import compare, exercise, whole_number

_Z = 1.959963984540054  # 95 % of a normal distribution are within 1.96 deviations


@exercise
def check_duplicate_groups(count_groups: Callable) -> str:
    """Exercise 1.1: how many groups of identical images there are."""
    triple_and_pair = _noise(8, seed=1)[[0, 1, 2, 0, 3, 1, 0, 4, 5]]
    one = _noise(1, seed=2)[0]
    exchanged = one.copy()  # two pixels, so that all rows and columns keep their sums
    one[:2, :2], exchanged[:2, :2] = [[3, 9], [9, 3]], [[9, 3], [3, 9]]
    turned = np.stack([one, np.rot90(one), one[::-1], one[:, ::-1], exchanged])
    nearly_the_same = _noise(1, seed=3)[[0, 0, 0]]
    nearly_the_same[1, 47, 47] ^= 1
    nearly_the_same[2, 20, 24] ^= 1
    cases = (triple_and_pair, turned, nearly_the_same, _noise(2, seed=4)[[0, 1, 1, 1]])
    compare(count_groups, [(images,) for images in cases],
        "how many groups of identical images there are",
        lambda images: (sizes(images) > 1).sum(), {
        "images": (lambda images: sizes(images)[sizes(images) > 1].sum(),
            "That is how many images have a copy. Identical images make *one* group."),
        "copies": (lambda images: (sizes(images) - 1).sum(),
            "That is how many copies are surplus. Each group counts once."),
        "all": (len, "That is the number of all images."),
        "different": (lambda images: len(sizes(images)),
            "That counts the different images, also those without a copy."),
        "pairs": (lambda images: (sizes(images) * (sizes(images) - 1) // 2).sum(),
            "Those are pairs. Three identical images make three pairs but one group."),
        "neighbours": (lambda x: (x[1:] == x[:-1]).all(axis=(1, 2)).sum(),
            "Do you compare only neighbours in the array?"),
        "first": (lambda images: min(1, (sizes(images) > 1).sum()),
            "There are two groups here. Does your function stop at the first?"),
        "turned": (lambda images: (sizes(np.sort(images.reshape(-1, 2304))) > 1).sum(),
            "There is no group here: the others are the first image with the same grey "
            "values in other places, and so with the same mean. Compare every pixel."),
        "nearly": (lambda images: [
                (sizes(part) > 1).sum() for part in (images[:, :-1], images[:, ::47])],
            "There is no group here: the images differ by one grey value. Compare all "
            "pixels, exactly; `str` abbreviates an array."),
    }, about="For {0.shape[0]} images",
        hint="Count how many different images occur more than once.",
        rtol=0)  # fmt: skip
    return "Groups are counted once each, and only where every pixel is the same."


def _noise(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 48, 48)).astype("uint8")


def sizes(images: np.ndarray) -> np.ndarray:
    """How often each different image occurs."""
    return np.array(list(Counter(image.tobytes() for image in images).values()))


@exercise
def check_nearest(nearest: Callable) -> str:
    """Exercise 1.2: which known image has the smallest sum of squared differences."""
    compare(nearest, _nearest_cases(), "a position in `known`",
        lambda image, known: _least(_squares(image, known)), {
        "bytes": (lambda image, known: [
                _least((known - image) ** 2), _least((known - image).astype(int) ** 2)],
            "Your images are bytes, and bytes wrap around: in uint8, 100 - 120 is 236, "
            "and 16 squared is 0. Convert them first, as with `.astype(int)`."),
        "bytes, absolute": (lambda image, known: _least(np.abs(known - image)),
            "`np.abs` does not help: in bytes nothing is negative. Convert first."),
        "least similar": (lambda image, known: _least(-_squares(image, known)),
            "That is the *least* similar image. Find the smallest sum."),
        "signed": (lambda image, known: _least(known.astype(int) - image),
            "The differences keep their signs, so that a darker image wins. Square."),
        "cancelled": (lambda i, k: abs((k - i.astype(int)).sum((1, 2))).argmin(),
            "Differences cancel if you add them up first. Square each of them."),
        "16 bits": (lambda image, known: _least((known.astype("int16") - image) ** 2),
            "In `int16` a square wraps around beyond 181². Use `int`."),
        "8 bits": (lambda i, k: _least((k - i).astype("int8").astype(int) ** 2),
            "In `int8` a difference beyond 127 wraps around. Use `int`."),
        "one side": (lambda i, k: [
                _least(np.maximum(n * (k.astype(int) - i), 0) ** 2) for n in (1, -1)],
            "Only brighter or only darker pixels count. Square all differences."),
        "absolute": (lambda image, known: _least(np.abs(known.astype(int) - image)),
            "That is the smallest sum of *absolute* differences. Square them."),
        "fourth power": (lambda image, known: _least(_squares(image, known) ** 2),
            "You squared twice: large differences count too much."),
        "differing pixels": (lambda image, known: _least(known != image),
            "That image has the fewest differing pixels. How much they differ counts."),
    }, {
        "sum": (lambda place, image, known: place in _squares(image, known).sum((1, 2)),
            "That is a sum of differences. `argmin` finds its position."),
        "range": (lambda place, image, known: not 0 <= place < len(known),
            "That is not a position in `known`. Add up over both axes of each image."),
    }, hint="Another image has a smaller sum of squared differences.",
        read=whole_number, rtol=0)  # fmt: skip
    return "Bytes were turned into larger numbers before they were subtracted."


def _squares(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    return (known.astype(int) - image) ** 2


def _least(differences: np.ndarray) -> int:
    return differences.sum(axis=(1, 2), dtype=int).argmin()


def _nearest_cases() -> list[tuple[np.ndarray, np.ndarray]]:
    """An image and known ones: by how much, and how many of its pixels are changed."""
    noise = _noise(26, seed=5)
    changes = (
        (100, [(-60, 200), (60, 200), (-9, 1000), (8, 2304), (-20, 400)]),
        (100, [(16, 1200), (40, 100), (-3, 2304)]),  # 16 squared is 256, 0 in a byte
        (100, [(100, 60), (10, 1000)]),  # a few large differences, or many small ones
        (100, [(100, 10), (1, 100)]),
        (20, [(40, 100), (15, 1200)]),
        (20, [(220, 150), (10, 2304)]),
        (20, [(220, 400), (10, 2304), (60, 1000)]),
    )
    cases = []
    for grey, some in changes:
        image = np.full((48, 48), grey, "uint8")
        cases.append((image, np.stack([_shifted(image, *change) for change in some])))
    image = cases[0][0]
    cancelling = _shifted(_shifted(image, 30, 1000), -30, 1000, first=1000)
    cases.append((image, np.stack([cancelling, _shifted(image, 3, 900)])))
    return [*cases, (noise[4], noise), (noise[1], noise[6:])]


def _shifted(image: np.ndarray, by: int, pixels: int, first: int = 0) -> np.ndarray:
    changed = image.ravel().copy()
    changed[first : first + pixels] += np.array(by).astype("uint8")
    return changed.reshape(image.shape)


@exercise
def check_majority_accuracy(majority_accuracy: Callable) -> str:
    """Exercise 1.3: the accuracy of always answering the most frequent emotion."""
    labels = (
        ([0, 4, 4, 4, 4, 0, 1, 2, 2, 1, 6], [1, 1, 1, 4, 4, 6, 0, 2, 5]),
        ([0, 5, 5], [5, 1, 1, 1, 1, 1, 1, 2, 2, 2, 6]),
        ([6, 1, 1, 1, 6, 5, 4, 3, 3], [4, 4, 4, 4, 3, 3, 6, 1, 0]),
    )
    compare(majority_accuracy,
        [(np.array(train, "uint8"), np.array(test, "uint8")) for train, test in labels],
        "the accuracy", lambda train, test: np.mean(test == _majority(train)), {
        "test labels": (lambda _, test: [
                share * np.mean(test == _majority(test)) for share in (1, 100)],
            "Nobody knows the most frequent *test* emotion. Use the training labels."),
        "training accuracy": (lambda train, test: np.mean(train == _majority(train)),
            "That is the accuracy on the training labels. Count on the test labels."),
        "count": (lambda train, test: (test == _majority(train)).sum(),
            "That is a number of faces. Divide it by the number of test faces."),
        "training size": (lambda a, test: (test == _majority(a)).sum() / len(a),
            "You divided by the number of training faces, not of test faces."),
        "happy": (lambda train, test: np.mean(test == 3),
            "You always answer happy (3). Here another emotion is the most frequent."),
        "chance": (lambda train, test: 1 / 7,
            "That is for random answers. Answer the most frequent training emotion."),
        "largest label": (lambda train, test: np.mean(test == train.max()),
            "You took the largest label: `max` compares the numbers."),
        "median": (lambda train, test: np.mean(test == np.median(train)),
            "You took the median label. Labels are names, so take the most frequent."),
    }, about="For training labels {0} and test labels {1}",
        hint="Count the most frequent training label among the test labels."
    )  # fmt: skip
    return "Learned from the training labels, counted on the test labels."


def _majority(labels: np.ndarray) -> int:
    return int(np.bincount(labels).argmax())


@exercise
def check_faces_needed(faces_needed: Callable) -> str:
    """Exercise 1.4: how many test faces an accuracy needs to be known to ± points."""
    compare(faces_needed, [(50, 2), (73, 0.5), (90, 1)], "a number of faces", needed, {
        "whole width": (lambda a, p: needed(a, 2 * p),
            "You took ± points as the width of the whole interval. It is half of it."),
        "quarter width": (lambda a, p: needed(a, p / 2),
            "You halved the points, but ± points is half of the interval already."),
        "root": (lambda a, p: needed(a, p) ** 0.5,
            "That is the square root of the number. Square both sides."),
        "one error": (lambda a, p: needed(a, p, z=1),
            "That is for one standard error. An interval of 95 % has 1.96 of them."),
        "z not squared": (lambda a, p: needed(a, p, _Z**0.5), "Square 1.96 too."),
        "level": (lambda a, p: [needed(a, p, z) for z in (1.644854, 2, 2.575829)],
            "An interval of 95 % has 1.96 standard errors; yours has another number."),
        "no shares": (lambda a, p: _Z**2 * a * (1 - a) / p**2,
            "`1 - accuracy` needs the accuracy as a share: divide percent by 100."),
        "mixed units": (lambda a, p: [1e-4 * needed(a, p), 1e4 * needed(a, p)],
            "Accuracy and points must both become shares, or both stay in percent."),
        "worst case": (lambda a, p: needed(50, p),
            "That is for an accuracy of 50 %, the worst case. Use the one passed."),
        "not squared": (lambda a, p: 100 / p,
            "The number grows with the *square* of the precision."),
    }, about="For {0} % ± {1} points",
        hint="Solve 1.96 standard errors = points for the number of faces.",
        rtol=0.01)  # fmt: skip
    return "Half the width takes four times the faces."


def needed(accuracy: float, points: float, z: float = _Z) -> float:
    """The number of faces whose interval of z standard errors is ± points."""
    share, half = accuracy / 100, points / 100
    return z**2 * share * (1 - share) / half**2
