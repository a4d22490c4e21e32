"""Right and wrong answers to lesson 01's exercises."""

import math
from collections import Counter

import numpy as np
from checking import make_tests

from fercourse.lessons.lesson01 import checks
from fercourse.results.statistics import wilson_interval


def grouped(images, key=np.ndarray.tobytes):
    """How large each group of images with the same key is."""
    return Counter(map(key, images)).values()


def groups(images, key=np.ndarray.tobytes):
    return sum(count > 1 for count in grouped(images, key))


def compared_pairwise(images):
    found = []
    for image in images:
        for group in found:
            if (group[0] == image).all():
                group.append(image)
                break
        else:
            found.append([image])
    return sum(len(group) > 1 for group in found)


def in_rows(images):
    rows = images.reshape(len(images), -1)
    return (np.unique(rows, axis=0, return_counts=True)[1] > 1).sum()


def spoiling(images):
    count = groups(images)
    images[:] = 0
    return count


def commonest(labels):
    return np.bincount(labels).argmax()


def squares(image, known, dtype=int):
    return ((known.astype(dtype) - image.astype(dtype)) ** 2).sum(axis=(1, 2))


def norms(image, known):
    return np.linalg.norm((known / 255 - image / 255).reshape(len(known), -1), axis=1)


def one_by_one(image, known):
    return min(range(len(known)), key=lambda i: squares(image, known[i : i + 1])[0])


def totals(differences):
    return differences.sum(axis=(1, 2))


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


TABLE = {
    checks.check_duplicate_groups: [
        ("right", groups),
        ("right", compared_pairwise),
        ("right", in_rows),
        (
            "right",
            lambda x: np.float32(
                groups(x, lambda image: tuple(image.ravel().tolist()))
            ),
        ),
        ("right", spoiling),
        ("images", lambda x: sum(n for n in grouped(x) if n > 1)),
        ("copies", lambda x: len(x) - len(grouped(x))),
        ("different", lambda x: len(grouped(x))),
        ("pairs", lambda x: sum(math.comb(n, 2) for n in grouped(x))),
        (
            "neighbours",
            lambda x: sum((x[i] == x[i + 1]).all() for i in range(len(x) - 1)),
        ),
        ("first", lambda x: int(groups(x) > 0)),
        ("all", lambda x: len(x)),
        ("turned", lambda x: groups(x, np.mean)),
        ("turned", lambda x: groups(x, lambda i: np.sort(i.ravel()).tobytes())),
        ("nearly", lambda x: groups(x, lambda image: image[:-1].tobytes())),
        ("shape", lambda x: [n for n in grouped(x) if n > 1]),
        ("other", lambda x: min(2, len(x) - 1)),
    ],
    checks.check_majority_accuracy: [
        ("right", lambda train, test: np.mean(test == commonest(train))),
        (
            "right",
            lambda train, test: (
                list(test).count(Counter(train.tolist()).most_common(1)[0][0])
                / len(test)
            ),
        ),
        (
            "right",
            lambda train, test: np.array((test == commonest(train)).sum() / test.size),
        ),
        ("test labels", lambda train, test: np.mean(test == commonest(test))),
        (
            "test labels, percent",
            lambda train, test: 100 * np.mean(test == commonest(test)),
        ),
        ("training accuracy", lambda train, test: np.mean(train == commonest(train))),
        ("percent", lambda train, test: 100 * np.mean(test == commonest(train))),
        ("count", lambda train, test: (test == commonest(train)).sum()),
        (
            "training size",
            lambda train, test: (test == commonest(train)).sum() / len(train),
        ),
        ("happy", lambda train, test: np.mean(test == 3)),
        ("chance", lambda train, test: 1 / 7),
        ("largest label", lambda train, test: np.mean(test == train.max())),
        ("other", lambda train, test: 0.9),
        ("shape", lambda train, test: test == commonest(train)),
    ],
    checks.check_nearest: [
        ("right", lambda image, known: squares(image, known).argmin()),
        ("right", lambda image, known: int(squares(image, known, "float32").argmin())),
        ("right", lambda image, known: norms(image, known).argmin()),
        ("right", lambda image, known: np.argsort(squares(image, known))[:1]),
        ("right", one_by_one),
        (
            "right",
            lambda image, known: (
                ((known - image.astype(int)) ** 2).mean((1, 2)).argmin()
            ),
        ),
        ("bytes", lambda image, known: totals((known - image) ** 2).argmin()),
        (
            "bytes, squared later",
            lambda image, known: totals((known - image).astype(int) ** 2).argmin(),
        ),
        ("bytes, absolute", lambda image, known: totals(abs(known - image)).argmin()),
        ("least similar", lambda image, known: squares(image, known).argmax()),
        ("signed", lambda image, known: totals(known - image.astype(int)).argmin()),
        (
            "cancelled",
            lambda image, known: abs(totals(known - image.astype(int))).argmin(),
        ),
        (
            "absolute",
            lambda image, known: totals(abs(known - image.astype(int))).argmin(),
        ),
        ("differing pixels", lambda image, known: totals(known != image).argmin()),
        ("sum", lambda image, known: squares(image, known).min()),
        ("shape", lambda image, known: squares(image, known)),
        ("range", lambda image, known: ((known - image.astype(int)) ** 2).argmin()),
        ("range", lambda image, known: -1),
        ("other", lambda image, known: 0),
    ],
    checks.check_faces_needed: [
        ("right", needed),
        ("right", lambda a, p: math.ceil(needed(a, p, 1.959964))),
        ("right", lambda a, p: 1.96**2 * a * (100 - a) / p**2),
        ("right", by_trying),
        ("whole width", lambda a, p: needed(a, p * 2)),
        ("quarter width", lambda a, p: needed(a, p / 2)),
        ("root", lambda a, p: needed(a, p) ** 0.5),
        ("one error", lambda a, p: needed(a, p, 1)),
        ("z not squared", lambda a, p: needed(a, p, 1.96**0.5)),
        ("90 %", lambda a, p: needed(a, p, 1.645)),
        ("no shares", lambda a, p: 1.96**2 * a * (1 - a) / p**2),
        ("points in percent", lambda a, p: needed(a, 100 * p)),
        ("accuracy in percent", lambda a, p: 1e4 * needed(a, p)),
        ("worst case", lambda a, p: needed(50, p)),
        ("not squared", lambda a, p: 100 / p),
        ("other", lambda a, p: 3589),
        ("shape", lambda a, p: (1, 2)),
    ],
}
test_answers, test_nonsense, test_wording = make_tests(TABLE)
