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


def clipped(image, known):
    return ((np.maximum(image, known) - image).astype(int) ** 2).sum((1, 2)).argmin()


def squares(image, known, dtype=int):
    return ((known.astype(dtype) - image.astype(dtype)) ** 2).sum(axis=(1, 2))


def norms(image, known):
    return np.linalg.norm((known / 255 - image / 255).reshape(len(known), -1), axis=1)


def one_by_one(image, known):
    return min(range(len(known)), key=lambda i: squares(image, known[i : i + 1])[0])


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
            lambda x: np.float32(groups(x, lambda i: tuple(i.ravel().tolist()))),
        ),
        ("in place", spoiling),
        ("turned", lambda x: groups(x, lambda i: i.sum(0).tobytes())),
        ("turned", lambda x: groups(x, lambda i: i.sum(1).tobytes())),
        ("nearly", lambda x: groups(x, str)),
        ("turned", lambda x: groups(x, lambda i: (*i.sum(0), *i.sum(1)))),
        ("turned", lambda x: groups(x, np.mean)),
        ("turned", lambda x: groups(x, lambda i: np.sort(i.ravel()).tobytes())),
        ("nearly", lambda x: groups(x, lambda i: i[:-1].tobytes())),
        ("shape", lambda x: [n for n in grouped(x) if n > 1]),
        ("other", lambda x: len(x) // 2),
    ],
    checks.check_majority_accuracy: [
        ("right", lambda x, y: np.mean(y == commonest(x))),
        (
            "right",
            lambda x, y: (
                list(y).count(Counter(x.tolist()).most_common(1)[0][0]) / len(y)
            ),
        ),
        ("right", lambda x, y: np.array((y == commonest(x)).sum() / y.size)),
        ("constant", lambda x, y: 0.9),
        ("other", lambda x, y: np.mean(y == x.min())),
        ("other", lambda x, y: np.mean(y == x[0])),
        ("rounded", lambda x, y: round(np.mean(y == commonest(x)), 2)),
        ("test labels", lambda x, y: max(np.bincount(y)) / len(y)),
        ("shape", lambda x, y: y == commonest(x)),
    ],
    checks.check_nearest: [
        ("right", lambda i, k: squares(i, k).argmin()),
        ("right", lambda i, k: int(squares(i, k, "float32").argmin())),
        ("right", lambda i, k: norms(i, k).argmin()),
        ("right", lambda i, k: np.argsort(squares(i, k))[:1]),
        ("right", one_by_one),
        (
            "right",
            lambda i, k: ((k - i.astype(int)) ** 2).mean((1, 2)).argmin(),
        ),
        ("sum", lambda i, k: squares(i, k).min()),
        ("shape", lambda i, k: squares(i, k)),
        ("16 bits", lambda i, k: squares(i, k, "int16").argmin()),
        (
            "8 bits",
            lambda i, k: ((k - i).astype("int8").astype(int) ** 2).sum((1, 2)).argmin(),
        ),
        ("one side", clipped),
        ("fourth power", lambda i, k: ((k.astype(int) - i) ** 4).sum((1, 2)).argmin()),
        ("range", lambda i, k: ((k - i.astype(int)) ** 2).argmin()),
        ("constant", lambda i, k: -1),
        ("constant", lambda i, k: 0),
    ],
    checks.check_faces_needed: [
        ("right", needed),
        ("right", lambda a, p: math.ceil(needed(a, p, 1.959964))),
        ("right", lambda a, p: 1.96**2 * a * (100 - a) / p**2),
        ("right", by_trying),
        ("level", lambda a, p: needed(a, p, 1.645)),
        ("level", lambda a, p: needed(a, p, 2)),
        ("constant", lambda a, p: 3589),
        ("shape", lambda a, p: (1, 2)),
    ],
}
globals().update(make_tests(TABLE))
