"""Right and wrong answers to lesson 08's exercises."""

import itertools
import math

import keras
import numpy as np
from checking import make_tests
from keras import ops

from fercourse.lessons.lesson08 import checks

# 8.1


def reach(features, scale, rate):
    return rate * scale * np.abs(features).sum(axis=1).mean()


# 8.2


def cosine(turns):
    """Peak times a cosine over so many half turns after the warm-up."""
    return lambda s, p, w, t: p * math.cos(math.pi * turns * (s - w) / (t - w))


def raised(s, p, w, t):
    return (p + cosine(1)(s, p, w, t)) / 2


def after(fall):
    """The right warm-up, and a fall after it."""
    return lambda s, p, w, t: p * s / w if s < w else fall(s, p, w, t)


rate = after(raised)


def of_keras(step, peak, warmup, total):
    start, target = (0.0, peak) if warmup else (peak, None)
    schedule = keras.optimizers.schedules.CosineDecay(
        start, total - warmup, warmup_target=target, warmup_steps=warmup
    )
    return schedule(step)


def warming(rise, fall=raised):
    return lambda s, p, w, t: rise(s, p, w) if s < w else fall(s, p, w, t)


# 8.3


def exact(minutes, multiply_adds, rate):
    return minutes * 60 * rate / (6 * multiply_adds * 28_709)


def epochs(*budget, factor=1):
    return int(factor * exact(*budget))


# 8.4


def gain(spread, tries, draws=20_000):
    drawn = np.random.default_rng(0).normal(0, spread, (draws, tries))
    return drawn.max(axis=1).mean()


def looping(spread, tries):
    random = np.random.default_rng(1)
    return sum(max(random.normal(0, spread, tries)) for _ in range(10_000)) / 10_000


def by_order_statistics(spread, tries):
    x = np.linspace(-8, 8, 4001)
    below = np.array([0.5 * (1 + math.erf(value / math.sqrt(2))) for value in x])
    return spread * float((x[1:] * np.diff(below**tries)).sum())


SEEDS = itertools.cycle((1, 2))  # chance, but the same in every run


def one_draw(spread, tries):
    return np.random.default_rng(next(SEEDS)).normal(0, spread, tries).max()


def median(spread, tries):
    drawn = np.random.default_rng(0).normal(0, spread, (20_000, tries))
    return np.median(drawn.max(axis=1))


# 8.5

STEPS = {"A": 1, "B": 4, "C": 2, "D": 5, "E": 6, "F": 3}

TABLE = {
    checks.check_epochs_that_fit: [
        ("right", epochs),
        ("right", lambda *x: float(epochs(*x))),
        ("right", lambda m, a, r: m * 60 * r // (2 * 3 * a * 28_709)),
        ("right", lambda *x: np.int64(epochs(*x))),
        ("right", lambda *x: ops.convert_to_tensor(epochs(*x))),
        ("constant", lambda *x: 12345),
        ("minutes", lambda m, a, r: int(m * r / (6 * a * 28_709))),
        ("rate", lambda m, a, r: m * 60 / r / (6 * a * 28_709)),
        ("kind", lambda *x: str(epochs(*x))),
        ("other", lambda *x: epochs(*x) - 1),
        ("shape", lambda *x: [1, 2]),
    ],
    checks.check_reach: [
        ("right", reach),
        ("right", lambda x, s, r: float(s * r * np.mean([abs(f).sum() for f in x]))),
        ("right", lambda x, s, r: ops.convert_to_tensor(reach(x, s, r))),
        ("shape", lambda x, s, r: r * s * np.abs(x).sum(axis=1)),
        ("constant", lambda x, s, r: 0.3),
        ("other", lambda x, s, r: 1.5 * reach(x, s, r)),
    ],
    checks.check_rate_at: [
        ("right", rate),
        ("right", of_keras),
        ("right", lambda *x: np.float32(rate(*x))),
        ("right", after(lambda s, p, w, t: p * cosine(0.5)(s, 1, w, t) ** 2)),
        ("warm-up falls", warming(lambda s, p, w: p * (1 - s / w) * (s > 0))),
        ("start", warming(lambda s, p, w: p * (s + 20) / w)),
        ("warm-up", warming(lambda s, p, w: p * (s / w) ** 2)),
        ("peak", after(lambda *x: 0.0)),
        ("end", after(lambda s, p, w, t: raised(s, p, w, t) if s < t else 0.3 * p)),
        ("constant", lambda s, p, w, t: 0.01),
        ("other", after(lambda s, *x: raised(s, *x) if s in x[1:] else 0.9 * x[0])),
    ],
    checks.check_gain_of_best: [
        ("right", gain),
        ("right", looping),
        ("right", by_order_statistics),
        ("changing", one_draw),
        ("sign", lambda s, k: -gain(s, k)),
        ("median", median),
        ("few draws", lambda s, k: gain(s, k, draws=100)),
        ("no spread", lambda s, k: gain(1, k)),
        ("squared", lambda s, k: gain(s**2, k)),
        ("range", lambda s, k: 2 * gain(s, k)),
        ("product", lambda s, k: s * k if k > 1 else 0),
        ("all", lambda s, k: 0.0),
        ("constant", lambda s, k: 0.7),
        ("one try", lambda s, k: gain(s, k + 1)),
        ("other", lambda s, k: 0.8 * gain(s, k)),
        ("too much", lambda s, k: 1.2 * gain(s, k)),
    ],
    checks.check_next_steps: [
        ("right", STEPS),
        ("right", {name.lower(): np.int64(number) for name, number in STEPS.items()}),
        ("right", {"F": 3.0, **STEPS}),
        ("kind", [1, 4, 2, 5, 6, 3]),
        ("A", STEPS | {"A": 4}),
        ("B", STEPS | {"B": 1}),
        ("C", STEPS | {"C": 6}),
        ("D", STEPS | {"D": 1}),
        ("E", STEPS | {"E": 1}),
        ("F", STEPS | {"F": 1}),
        ("seeds", STEPS | {"E": 7}),
        ("missing", {"A": 1, "B": 4}),
        ("missing", {**STEPS, "F": ...}),
        ("unknown", STEPS | {"G": 1}),
        ("unknown", STEPS | {1: 1}),
        ("kind", {name: str(number) for name, number in STEPS.items()}),
        ("kind", STEPS | {"A": True}),
        ("kind", STEPS | {"A": 10**5000}),
        ("kind", STEPS | {"B": 8}),
        ("kind", STEPS | {"B": 1.5}),
        ("kind", STEPS | {"B": "less"}),
    ],
}
globals().update(make_tests(TABLE))
