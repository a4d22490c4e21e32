"""Right and wrong answers to lesson 04's exercises."""

import numpy as np
from checking import make_tests

from fercourse.lessons.lesson04 import checks


def halving(size, block):
    for _ in range(block):
        size = size // 2
    return size


def field(block, start=1, pooling=1, steps=True, sides=2, early=False):
    total, step = start, 1
    for convolutions in (2, 2, 4, 4, 4)[:block]:
        at_pool = 2 * step if early else step
        total += sides * convolutions * (step if steps else 1)
        total += pooling * (at_pool if steps else 1)
        step *= 2
    return total


def backwards(block):
    side = 1
    for convolutions in reversed((2, 2, 4, 4, 4)[:block]):
        side = 2 * side + 2 * convolutions
    return side


def field_doubled_first(block):
    total, step = 1, 1
    for convolutions in (2, 2, 4, 4, 4)[:block]:
        step *= 2
        total += 2 * convolutions * step + step
    return total


def anded(first, second):
    first &= ~second
    return first.sum(), (second & ~first).sum()


def looked_up(choose, report):
    return [max(zip(a, b, strict=True))[1] for a, b in zip(choose, report, strict=True)]


def spoiling(choose, report):
    best = choose.argmax(axis=1)
    report -= report.mean()
    return report[np.arange(len(report)), best].mean()


TABLE = {
    checks.check_grid_side: [
        ("right", lambda s, b: s // 2**b),
        ("right", halving),
        ("right", lambda s, b: np.int64(s >> b)),
        ("added halvings", lambda s, b: s // (2 * b) if b > 1 else s // 2),
        ("not whole", lambda s, b: s / 2**b),
        ("rounded up", lambda s, b: -(-s // 2**b)),
        ("constant", lambda s, b: 8),
        ("other", lambda s, b: s // 2 ** (b + 1)),
        ("kind", lambda s, b: str(s // 2**b)),
        ("rounded up", lambda s, b: s // 2**b + s % 2),
        ("shape", lambda s, b: (s, b)),
    ],
    checks.check_receptive_field: [
        ("right", field),
        ("right", backwards),
        ("right", lambda block: np.float64(field(block))),
        ("no steps", lambda b: field(b, steps=False)),
        ("no pooling", lambda b: field(b, pooling=0)),
        ("start", lambda b: field(b, start=0)),
        ("early", lambda b: field(b, early=True)),
        ("one side", lambda b: field(b, sides=1)),
        ("constant", lambda b: 224),
        ("early", lambda b: field_doubled_first(b)),
        ("kind", lambda b: "wide"),
    ],
    checks.check_only_one_right: [
        ("right", lambda x, y: ((x & ~y).sum(), (y & ~x).sum())),
        ("right", lambda x, y: [sum(x > y), sum(y > x)]),
        ("right", lambda x, y: np.array([np.sum(x * (1 - y)), np.sum(y * (1 - x))])),
        ("right", lambda x, y: (n.sum() for n in (x & ~y, y & ~x))),
        ("shape", lambda x, y: (x & ~y).sum()),
        ("shape", lambda x, y: (1, 2, 3)),
        ("constant", lambda x, y: (0, 1)),
        ("in place", anded),
        ("order", lambda x, y: sorted([(x & ~y).sum(), (y & ~x).sum()])),
        ("other", lambda x, y: ((x & ~y).sum(), (x & y).sum())),
        ("kind", lambda x, y: {(x & ~y).sum(), (y & ~x).sum()}),
    ],
    checks.check_reward: [
        ("right", lambda c, r: np.mean(looked_up(c, r)) - r.mean()),
        ("right", lambda c, r: np.mean(looked_up(c, r - r.mean()))),
        (
            "right",
            lambda c, r: (r[c == c.max(axis=1, keepdims=True)] - r.mean()).mean(),
        ),
        ("in place", spoiling),
        ("accuracy", lambda c, r: np.mean(looked_up(c, r))),
        ("lowest", lambda c, r: np.mean(looked_up(-c, r)) - r.mean()),
        ("one network", lambda c, r: r[:, c.mean(axis=0).argmax()].mean() - r.mean()),
        ("rows", lambda c, r: looked_up(c, r) - r.mean()),
        ("other", lambda c, r: np.median(looked_up(c, r)) - r.mean()),
        ("sign", lambda c, r: r.mean() - np.mean(looked_up(c, r))),
        ("kind", lambda c, r: "half a point"),
    ],
}
globals().update(make_tests(TABLE))
