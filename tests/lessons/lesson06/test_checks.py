"""Right and wrong answers to lesson 06's exercises."""

import numpy as np
from checking import make_tests

from fercourse.lessons.lesson06 import checks


def cover(face, row, column, side):
    covered = face.copy()
    covered[row : row + side, column : column + side] = face.mean()
    return covered


def cover_by_mask(face, row, column, side):
    rows, columns = np.indices(face.shape)
    inside = (row <= rows) & (rows < row + side)
    inside &= (column <= columns) & (columns < column + side)
    return np.where(inside, face.mean(), face)


def cover_by_loop(face, row, column, side):
    covered = [list(line) for line in face]
    for i in range(row, row + side):
        for j in range(column, column + side):
            covered[i][j] = face.mean()
    return covered


def cover_in_place(face, row, column, side):
    face[row : row + side, column : column + side] = face.mean()
    return face


def cam(features, gradients):
    return np.maximum((features * gradients.mean(axis=(0, 1))).sum(axis=-1), 0)


def cam_by_loop(features, gradients):
    total = np.zeros(features.shape[:2])
    for k in range(features.shape[-1]):
        total += gradients[..., k].mean() * features[..., k]
    return np.where(total > 0, total, 0)


def gain(pairs):
    return np.diagonal(pairs).mean() - pairs[~np.eye(len(pairs), dtype=bool)].mean()


def gain_by_sums(pairs):
    n, own = len(pairs), np.trace(pairs)
    return own / n - (pairs.sum() - own) / (n * (n - 1))


def gain_by_faces(pairs):
    own = np.diagonal(pairs)
    return np.mean(own - (pairs.sum(axis=0) - own) / (len(pairs) - 1))


def stays(maps, answer, shift=1):
    others = answer(np.roll(maps, shift, axis=0)).argmax(axis=1)
    return (answer(maps).argmax(axis=1) == others).mean()


def stays_by_loop(maps, answer):
    before, after = answer(maps), answer([maps[i - 1] for i in range(len(maps))])
    same = 0
    for old, new in zip(before, after, strict=True):
        same += old.argmax() == new.argmax()
    return same / len(maps)


TABLE = {
    checks.check_cover: [
        ("right", cover),
        ("right", cover_by_mask),
        ("right", cover_by_loop),
        ("in place", cover_in_place),
        ("swapped", lambda f, r, c, n: cover(f, c, r, n)),
        ("other", lambda f, r, c, n: cover(f, r + 1, c, n)),
        ("shape", lambda f, r, c, n: f[r : r + n, c : c + n]),
        ("kind", lambda f, r, c, n: "covered"),
    ],
    checks.check_integrated: [
        ("right", lambda f, b, g: (f - b) * g.mean(axis=0)),
        ("right", lambda f, b, g: (f - b) * sum(g) / len(g)),
        ("right", lambda f, b, g: np.mean([(f - b) * step for step in g], axis=0)),
        ("sign", lambda f, b, g: (b - f) * g.mean(axis=0)),
        ("other", lambda f, b, g: (f + b) * g.mean(axis=0)),
        ("constant", lambda f, b, g: np.ones((5, 6))),
        ("total", lambda f, b, g: ((f - b) * g).sum() / len(g)),
    ],
    checks.check_grad_cam: [
        ("right", cam),
        ("right", cam_by_loop),
        ("right", lambda a, g: np.maximum(a @ g.mean(axis=0).mean(axis=0), 0)),
        ("channels", lambda a, g: (a * g).sum(axis=(0, 1))),
        ("all", lambda a, g: a * g.mean(axis=(0, 1))),
        ("other", lambda a, g: cam(a, g) ** 2),
        ("kind", lambda a, g: "map"),
    ],
    checks.check_own_gain: [
        ("right", gain),
        ("right", gain_by_sums),
        ("right", gain_by_faces),
        ("sign", lambda p: -gain(p)),
        ("percent", lambda p: 100 * gain(p)),
        ("shape", lambda p: np.diagonal(p) - p.mean(axis=0)),
        ("other", lambda p: gain(p) ** 2),
    ],
    checks.check_stays: [
        ("right", stays),
        ("right", lambda m, answer: stays(m, answer, -1)),
        ("right", stays_by_loop),
        ("percent", lambda m, answer: 100 * stays(m, answer)),
        ("constant", lambda m, answer: 0.5),
        ("shape", lambda m, answer: answer(m).argmax(axis=1)),
        ("other", lambda m, answer: stays(m, answer) ** 2),
    ],
}
globals().update(make_tests(TABLE))
