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


def spoiling(public, private):
    best = max(public, key=public.get)
    public.clear()
    return best


TABLE = {
    checks.check_grid_side: [
        ("right", lambda s, b: s // 2**b),
        ("right", halving),
        ("right", lambda s, b: np.int64(s >> b)),
        ("before pooling", lambda s, b: s // 2 ** (b - 1)),
        ("places", lambda s, b: (s // 2**b) ** 2),
        ("added halvings", lambda s, b: s // (2 * b) if b > 1 else s // 2),
        ("half places", lambda s, b: s / 2**b),
        ("other", lambda s, b: 8),
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
        ("other", lambda b: 224),
        ("kind", lambda b: "wide"),
    ],
    checks.check_only_one_right: [
        ("right", lambda x, y: ((x & ~y).sum(), (y & ~x).sum())),
        ("right", lambda x, y: [sum(x > y), sum(y > x)]),
        ("right", lambda x, y: np.array([np.sum(x * (1 - y)), np.sum(y * (1 - x))])),
        ("right", lambda x, y: (n.sum() for n in (x & ~y, y & ~x))),
        ("order", lambda x, y: ((y & ~x).sum(), (x & ~y).sum())),
        ("all right", lambda x, y: (x.sum(), y.sum())),
        ("differences", lambda x, y: ((x != y).sum(), (x != y).sum())),
        ("all wrong", lambda x, y: ((~x).sum(), (~y).sum())),
        ("shape", lambda x, y: (x & ~y).sum()),
        ("shape", lambda x, y: (1, 2, 3)),
        ("other", lambda x, y: (0, 1)),
    ],
    checks.check_choose_position: [
        ("right", lambda public, private: max(public, key=public.get)),
        (
            "right",
            lambda public, private: sorted(public.items(), key=lambda x: -x[1])[0][0],
        ),
        (
            "right",
            lambda public, private: list(public)[np.argmax(list(public.values()))],
        ),
        ("right", spoiling),
        ("private", lambda public, private: max(private, key=private.get)),
        ("lowest", lambda public, private: min(public, key=public.get)),
        ("kind", lambda public, private: max(public.values())),
        ("kind", lambda public, private: [max(public, key=public.get)]),
        (
            "other",
            lambda public, private: max(public, key=lambda x: public[x] - private[x]),
        ),
        ("unknown", lambda public, private: "block 9"),
        (
            "both",
            lambda public, private: max(public, key=lambda x: public[x] + private[x]),
        ),
    ],
}
test_answers, test_nonsense, test_wording = make_tests(TABLE)
