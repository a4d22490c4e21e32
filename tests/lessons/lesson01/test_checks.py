"""The checks of lesson 01: the solution, other right answers, wrong ones."""

import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from checking import assert_wrong, said

from fercourse.lessons.lesson01 import checks as checks_explore
from fercourse.lessons.lesson01.checks import (
    check_duplicate_groups,
    check_faces_needed,
    check_majority_accuracy,
    check_nearest,
)
from fercourse.results.statistics import wilson_interval

CHECKS = (
    check_duplicate_groups,
    check_majority_accuracy,
    check_nearest,
    check_faces_needed,
)


@pytest.mark.parametrize("check", CHECKS)
def test_stub_crash_and_nothing(capsys, check):
    assert said(capsys, check, lambda *_: ...).startswith("○ Not done yet")
    assert "ZeroDivisionError" in said(capsys, check, lambda *_: 1 / 0)
    assert "returns nothing" in said(capsys, check, lambda *_: None)
    assert said(capsys, check, lambda *_: "many").startswith("✗")
    assert "without brackets" in said(capsys, check, 7)


# 1.1
# -----------------------------------------------------------------------------------------


def tallied(images):
    return Counter(image.tobytes() for image in images)


def compared_pairwise(images):
    groups = []
    for image in images:
        for group in groups:
            if (group[0] == image).all():
                group.append(image)
                break
        else:
            groups.append([image])
    return sum(len(group) > 1 for group in groups)


def hashed(images, key):
    return sum(count > 1 for count in Counter(map(key, images)).values())


@pytest.mark.parametrize(
    "answer",
    [
        lambda images: sum(count > 1 for count in tallied(images).values()),
        compared_pairwise,
        lambda images: (
            np.unique(images.reshape(len(images), -1), axis=0, return_counts=True)[1]
            > 1
        ).sum(),
        lambda images: np.float32(
            hashed(images, lambda image: tuple(image.ravel().tolist()))
        ),
    ],
)
def test_groups_right(capsys, answer):
    assert said(capsys, check_duplicate_groups, answer).startswith(
        "✓ Right. Groups are counted once"
    )


def neighbours(images):
    return sum((images[i] == images[i + 1]).all() for i in range(len(images) - 1))


def without_the_last_row(image):
    return image[:-1].tobytes()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda x: sum(n for n in tallied(x).values() if n > 1), "make *one* group"),
        (lambda x: len(x) - len(tallied(x)), "copies are surplus"),
        (lambda x: len(tallied(x)), "different images there are"),
        (
            lambda x: sum(n * (n - 1) // 2 for n in tallied(x).values()),
            "three pairs and one group",
        ),
        (neighbours, "only neighbours"),
        (lambda x: len(x), "the number of all images"),
        (lambda x: hashed(x, np.mean), "the first one turned"),
        (
            lambda x: hashed(x, lambda image: np.sort(image.ravel()).tobytes()),
            "the first one turned",
        ),
        (
            lambda x: hashed(x, without_the_last_row),
            "last pixel differs by one grey value",
        ),
        (
            lambda x: [n for n in tallied(x).values() if n > 1],
            "a list; the number of groups",
        ),
        (lambda x: min(2, len(x) - 1), "Your function counts"),
    ],
)
def test_groups_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_duplicate_groups, answer), sentence)


# 1.2
# -----------------------------------------------------------------------------------------


def commonest(emotions):
    return np.bincount(emotions).argmax()


@pytest.mark.parametrize(
    "answer",
    [
        lambda train, test: np.mean(test == commonest(train)),
        lambda train, test: (
            list(test).count(Counter(train.tolist()).most_common(1)[0][0]) / len(test)
        ),
        lambda train, test: np.array(
            [np.float32((test == commonest(train)).sum() / test.size)]
        ).squeeze(),
    ],
)
def test_majority_right(capsys, answer):
    assert said(capsys, check_majority_accuracy, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            lambda train, test: np.mean(test == commonest(test)),
            "commonest emotion of the *test* split",
        ),
        (
            lambda train, test: np.mean(train == commonest(train)),
            "accuracy on the training labels",
        ),
        (
            lambda train, test: 100 * np.mean(test == commonest(train)),
            "That is percent",
        ),
        (
            lambda train, test: (test == commonest(train)).sum(),
            "Divide it by the number of test faces",
        ),
        (
            lambda train, test: (test == commonest(train)).sum() / len(train),
            "number of training faces",
        ),
        (lambda train, test: np.mean(test == 3), "always answer happy"),
        (lambda train, test: 1 / 7, "drawn by lot"),
        (lambda train, test: np.mean(test == train.max()), "largest label"),
        (lambda train, test: 0.9, "your function returns 0.9"),
        (
            lambda train, test: test == commonest(train),
            "a NumPy array; one number is expected",
        ),
    ],
)
def test_majority_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_majority_accuracy, answer), sentence)


# 1.3
# -----------------------------------------------------------------------------------------


def squares(image, known, dtype=int):
    return ((known.astype(dtype) - image.astype(dtype)) ** 2).sum(axis=(1, 2))


@pytest.mark.parametrize(
    "answer",
    [
        lambda image, known: squares(image, known).argmin(),
        lambda image, known: int(squares(image, known, "float32").argmin()),
        lambda image, known: np.linalg.norm(
            (known / 255 - image / 255).reshape(len(known), -1), axis=1
        ).argmin(),
        lambda image, known: np.argsort(squares(image, known))[:1],
        lambda image, known: min(
            range(len(known)), key=lambda i: squares(image, known[i : i + 1])[0]
        ),
        lambda image, known: (
            ((known - image.astype(int)) ** 2).mean(axis=(1, 2)).argmin()
        ),
    ],
)
def test_nearest_right(capsys, answer):
    assert said(capsys, check_nearest, answer).startswith("✓")


def signed(image, known):
    return (known.astype(int) - image).sum(axis=(1, 2))


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            lambda image, known: ((known - image) ** 2).sum(axis=(1, 2)).argmin(),
            "bytes wrap around",
        ),
        (
            lambda image, known: (
                ((known - image).astype(int) ** 2).sum(axis=(1, 2)).argmin()
            ),
            "too late",
        ),
        (
            lambda image, known: np.abs(known - image).sum(axis=(1, 2)).argmin(),
            "nothing is negative",
        ),
        (lambda image, known: squares(image, known).argmax(), "*least* similar"),
        (
            lambda image, known: signed(image, known).argmin(),
            "a much darker image wins",
        ),
        (lambda image, known: np.abs(signed(image, known)).argmin(), "cancel"),
        (
            lambda image, known: (
                np.abs(known.astype(int) - image).sum(axis=(1, 2)).argmin()
            ),
            "*absolute*",
        ),
        (
            lambda image, known: (known != image).sum(axis=(1, 2)).argmin(),
            "fewest differing pixels",
        ),
        (
            lambda image, known: squares(image, known).min(),
            "the position of the smallest sum is asked for",
        ),
        (lambda image, known: squares(image, known), "of shape (4,); one position"),
        (
            lambda image, known: ((known - image.astype(int)) ** 2).argmin(),
            "asked for, from 0 to 3",
        ),
        (lambda image, known: -1, "asked for, from 0 to 3"),
        (lambda image, known: 0, "your function takes number 0"),
    ],
)
def test_nearest_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_nearest, answer), sentence)


def test_every_mistake_shows_and_is_told_from_the_others():
    cases = checks_explore._nearest_cases()
    methods = [
        lambda image, known: int(squares(image, known).argmin()),
        *checks_explore._MISTAKES.values(),
    ]
    answers = [[method(*case) for case in cases] for method in methods]
    for one, other in combinations(answers, 2):
        assert one != other


# 1.4
# -----------------------------------------------------------------------------------------


def needed(accuracy, points, z=1.96):
    p = accuracy / 100
    return z**2 * p * (1 - p) / (points / 100) ** 2


def by_trying(accuracy, points):
    low, high = 1, 10**6
    while high - low > 1:
        count = (low + high) // 2
        ends = wilson_interval(round(accuracy / 100 * count), count)
        low, high = (low, count) if (ends[1] - ends[0]) / 2 <= points else (count, high)
    return high


@pytest.mark.parametrize(
    "answer",
    [
        needed,
        lambda accuracy, points: math.ceil(needed(accuracy, points, 1.959964)),
        lambda accuracy, points: 1.96**2 * accuracy * (100 - accuracy) / points**2,
        by_trying,
    ],
)
def test_faces_needed_right(capsys, answer):
    assert said(capsys, check_faces_needed, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            lambda accuracy, points: needed(accuracy, points * 2),
            "width of the whole interval",
        ),
        (
            lambda accuracy, points: needed(accuracy, points / 2),
            "halved the half-width once more",
        ),
        (
            lambda accuracy, points: needed(accuracy, points) ** 0.5,
            "The root is still in it",
        ),
        (lambda accuracy, points: needed(accuracy, points, 1), "one standard error"),
        (
            lambda accuracy, points: needed(accuracy, points, 1.96**0.5),
            "1.96 has to be squared",
        ),
        (lambda accuracy, points: needed(accuracy, points, 1.645), "hold 90 %"),
        (
            lambda accuracy, points: 1.96**2 * accuracy * (1 - accuracy) / points**2,
            "`1 - accuracy` needs",
        ),
        (
            lambda accuracy, points: needed(accuracy, 100 * points),
            "the points must become one too",
        ),
        (
            lambda accuracy, points: 1e4 * needed(accuracy, points),
            "the accuracy must become one too",
        ),
        (lambda accuracy, points: needed(50, points), "an accuracy of 50 %"),
        (lambda accuracy, points: 100 / points, "*square* of the precision"),
        (
            lambda accuracy, points: 3589,
            "For 50 % ± 2 points your function returns 3,589",
        ),
        (lambda accuracy, points: (1, 2), "a tuple; one number is expected"),
    ],
)
def test_faces_needed_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_faces_needed, answer), sentence)
