"""Right and wrong answers to lesson 05's exercises."""

import math
from decimal import Decimal

import numpy as np
from checking import make_tests
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from fercourse.lessons.lesson05 import checks
from fercourse.results.statistics import counts_that_give

# 5.1


def counts_where(condition, last=0, first=0):
    """A function that collects the counts with a condition on share and printed one."""

    def counts_for(p, n, d):
        return [k for k in range(first, n + 1 - last) if condition(100 * k / n, p, d)]

    return counts_for


rounding = counts_where(lambda share, p, d: round(share, d) == p)


def cutting(p, n, d):
    printed = round(p * 10**d)
    return {k for k in range(n + 1) if 100 * 10**d * k // n == printed}


def close(p, n, d):
    ks = np.arange(n + 1)
    return ks[np.abs(100 * ks / n - p) < 0.5 / 10**d]


# 5.3


def variance(percent, count):
    return percent / 100 * (1 - percent / 100) / count


def z(p, q, n):
    return (p - q) / 100 / math.sqrt(variance(p, n) + variance(q, n))


def pooled(p, q, n):
    return proportions_ztest(np.array([p, q]) * n / 100, [n, n])[0]


def in_percent(p, q, n):
    return np.float32((p - q) / np.sqrt(p * (100 - p) / n + q * (100 - q) / n))


# 5.4


def holm(p_values, alpha=0.05):
    survive = [False] * len(p_values)
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    for step, place in enumerate(order):
        if p_values[place] > alpha / (len(p_values) - step):
            break
        survive[place] = True
    return survive


def with_index(p):
    survive = [False] * len(p)
    for step, value in enumerate(sorted(p)):
        if value > 0.05 / (len(p) - step):
            break
        survive[p.index(value)] = True
    return survive


def counting_down(left, late=False):
    def survivors(p):
        survive = [False] * len(p)
        for step, place in enumerate(np.argsort(p)):
            fails = p[place] > 0.05 / left(len(p), step)
            survive[place] = late or not fails
            if fails:
                break
        return survive

    return survivors


def in_order(p):
    below = [x < 0.05 / (len(p) - place) for place, x in enumerate(p)]
    return [all(below[: place + 1]) for place in range(len(p))]


# 5.5


def spoiling(correct, seen):
    price = 100 * (correct.mean() - correct[~seen].mean())
    correct[:], seen[:] = False, True
    return price


TABLE = {
    checks.check_counts_for: [
        ("right", rounding),
        ("right", cutting),
        ("right", counts_where(lambda share, p, d: f"{share:.{d}f}" == f"{p:.{d}f}")),
        ("right", close),
        ("both", counts_that_give),
        ("right", lambda *x: tuple(reversed(rounding(*x)))),
        ("right", lambda *x: (k for k in rounding(*x))),
        ("right", lambda *x: [Decimal(k) for k in rounding(*x)]),
        ("right", lambda *x: {k: k for k in rounding(*x)}.values()),
        ("one number", lambda p, n, d: round(p * n / 100)),
        ("one number", lambda p, n, d: len(rounding(p, n, d))),
        ("not printed so", lambda p, n, d: [round(p * n / 100)]),
        ("not printed so", counts_where(lambda share, p, d: abs(share - p) < 0.02)),
        ("not printed so", counts_where(lambda share, p, d: round(share) == round(p))),
        ("not whole", lambda p, n, d: [p * n / 100]),
        ("kind", lambda p, n, d: "many words"),
        ("exact", counts_where(lambda share, p, d: share == p)),
        ("two decimals", counts_where(lambda share, p, d: round(share, 2) == p)),
        ("all faces", counts_where(lambda share, p, d: round(share, d) == p, last=1)),
        ("zero", counts_where(lambda share, p, d: round(share, d) == p, first=1)),
        ("impossible", lambda p, n, d: [*rounding(p, n, d), n + 1]),
        ("first", lambda p, n, d: rounding(p, n, d)[:1]),
        ("exact", lambda p, n, d: (rounding if n > 100 else cutting)(p, n, d)),
        ("kind", lambda *x: str(rounding(*x))),
        ("kind", lambda *x: [str(k) for k in rounding(*x)]),
    ],
    checks.check_faults: [
        ("right", {"C", "E", "G"}),
        ("right", ["g", "e", "c"]),
        ("right", "CEG"),
        ("right", "c, e, g"),
        ("right", (("C ", "E", "G", "C"),)),
        ("A", {"A", "C", "E", "G"}),
        ("B", {"B", "C"}),
        ("D", {"D"}),
        ("F", {"C", "E", "F", "G"}),
        ("H", {"C", "E", "G", "H"}),
        ("not C", {"E", "G"}),
        ("not E", {"C", "G"}),
        ("not G", {"C", "E"}),
        ("not C", set()),
        ("unknown", {"C", "Z"}),
        ("unknown", {1, 2}),
        ("kind", 4),
    ],
    checks.check_z_of: [
        ("right", z),
        ("right", pooled),
        ("right", in_percent),
        ("right", lambda *x: [z(*x)]),
        ("no sign", lambda p, q, n: abs(z(p, q, n))),
        ("constant", lambda p, q, n: 3.0),
        (
            "percents",
            lambda p, q, n: (p - q) / ((p * (1 - p) + q * (1 - q)) / n) ** 0.5,
        ),
        ("percents", lambda p, q, n: (p - q) / math.sqrt(p * (1 - p) / n)),
        ("percents", lambda p, q, n: (p - q) / np.sqrt(p * (1 - p) / n)),
        ("shape", lambda p, q, n: (1, 2)),
    ],
    checks.check_survivors: [
        ("right", holm),
        ("right", lambda p: multipletests(p, method="holm")[0]),
        ("right", lambda p: [int(value) for value in holm(p)]),
        ("right", lambda p: tuple(holm(p))),
        ("bonferroni", lambda p: multipletests(p, method="bonferroni")[0]),
        ("no stop", lambda p: [x < 0.05 / (len(p) - sorted(p).index(x)) for x in p]),
        ("order", in_order),
        ("ties", with_index),
        ("too many left", counting_down(lambda m, step: m - step + 1)),
        ("too few left", counting_down(lambda m, step: max(m - step - 1, 1e-9))),
        ("marked too early", counting_down(lambda m, step: m - step, late=True)),
        ("in place", lambda p: p.sort() or holm(p)),
        ("kind", lambda p: [str(x) for x in holm(p)]),
        ("values", lambda p: [x * len(p) for x in p]),
        ("values", lambda p: [place for place, yes in enumerate(holm(p)) if yes]),
        ("shape", lambda p: holm(p)[:1]),
        ("other", lambda p: [False] * len(p)),
        ("shape", lambda p: sum(holm(p))),
    ],
    checks.check_excess: [
        ("right", lambda c, s: 100 * (c.mean() - c[~s].mean())),
        (
            "right",
            lambda c, s: np.float32(100 * (c.mean() - np.average(c, weights=~s))),
        ),
        ("right", lambda c, s: 100 * s.mean() * (c[s].mean() - c[~s].mean())),
        ("right", lambda c, s: 100 * sum(c) / len(c) - 100 * sum(c * ~s) / sum(~s)),
        ("in place", spoiling),
        ("constant", lambda c, s: 1.0),
        ("other", lambda c, s: 100 * (c.mean() - c[s].mean()) / 2),
        ("shape", lambda c, s: c),
    ],
}
globals().update(make_tests(TABLE))
