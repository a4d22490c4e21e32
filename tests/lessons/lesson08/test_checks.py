"""The checks of lesson 08: the solution, other right answers, wrong ones."""

import math

import keras
import numpy as np
import pytest
from checking import assert_no_answers_are_answered, assert_wrong, said
from keras import ops

from fercourse.lessons.lesson08.checks import (
    check_epochs_that_fit,
    check_gain_of_best,
    check_moving_average,
    check_next_steps,
    check_rate_at,
    check_target_of,
)


@pytest.mark.parametrize(
    "check",
    [
        check_epochs_that_fit,
        check_rate_at,
        check_target_of,
        check_moving_average,
        check_gain_of_best,
    ],
)
def test_stub_and_crash(capsys, check):
    assert_no_answers_are_answered(capsys, check)
    assert_wrong(said(capsys, check, lambda *x: "many"), "expected")


# 8.1
# ------------------------------------------------------------------------------------------


def epochs_that_fit(money, price, multiply_adds, rate):
    return int(money / price * 3600 * rate / (6 * multiply_adds * 28_709))


@pytest.mark.parametrize(
    "answer",
    [
        epochs_that_fit,
        lambda *x: float(epochs_that_fit(*x)),
        lambda m, p, a, r: m * 3600 * r // (p * 2 * 3 * a * 28_709),
        lambda *x: np.int64(epochs_that_fit(*x)),
        lambda *x: ops.convert_to_tensor(epochs_that_fit(*x)),
    ],
)
def test_epochs_that_fit_right(capsys, answer):
    assert said(capsys, check_epochs_that_fit, answer).startswith("✓")


def exact(money, price, multiply_adds, rate):
    return money / price * 3600 * rate / (6 * multiply_adds * 28_709)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (exact, "Only whole epochs count"),
        (lambda *x: math.ceil(exact(*x)), "rounded up"),
        (lambda *x: int(2 * exact(*x)), "two operations"),
        (lambda *x: int(3 * exact(*x)), "goes backward"),
        (lambda *x: int(6 * exact(*x)), "more than one pass"),
        (lambda *x: exact(*x) / 3600, "the price is an hour's"),
        (lambda *x: int(exact(*x) / 60), "not 60"),
        (lambda *x: int(exact(*x) * 28_709), "*faces* fit"),
        (lambda m, p, a, r: int(exact(m, 1 / p, a, r)), "multiplied by the price"),
        (lambda m, p, a, r: 3600 * m / p, "Those are the seconds"),
        (lambda m, p, a, r: m / p, "Those are the hours"),
        (lambda *x: 12345, "step by step"),
        (lambda *x: [1, 2], "one number is expected"),
    ],
)
def test_epochs_that_fit_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_epochs_that_fit, answer), sentence)


# 8.2
# ------------------------------------------------------------------------------------------


def rate_at(step, peak, warmup, total):
    if step < warmup:
        return peak * step / warmup
    return 0.5 * peak * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def kerass(step, peak, warmup, total):
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else peak,
        total - warmup,
        warmup_target=peak if warmup else None,
        warmup_steps=warmup,
    )
    return schedule(step)


@pytest.mark.parametrize(
    "answer",
    [
        rate_at,
        kerass,
        lambda s, p, w, t: np.float32(rate_at(s, p, w, t)),
        lambda s, p, w, t: (
            p * s / w if s < w else p * math.cos(math.pi / 2 * (s - w) / (t - w)) ** 2
        ),
    ],
)
def test_rate_at_right(capsys, answer):
    assert said(capsys, check_rate_at, answer).startswith("✓")


def behind(falling):
    """The right warm-up, and something else behind it."""
    return lambda s, p, w, t: p * s / w if s < w else falling(s, p, w, t)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda s, p, w, t: p if s < w else rate_at(s, p, w, t), "at its peak already"),
        (
            lambda s, p, w, t: p * (1 - s / w) if 0 < s < w else 0 if s < w else 1,
            "should rise",
        ),
        (lambda s, p, w, t: p * (s + 20) / w if s < w else 1, "has the rate 0"),
        (
            lambda s, p, w, t: p * (s / w) ** 2 if s < w else rate_at(s, p, w, t),
            "halfway, to half",
        ),
        (behind(lambda s, p, w, t: p * (t - s) / (t - w)), "straight line"),
        (
            behind(lambda s, p, w, t: p * math.cos(math.pi / 2 * (s - w) / (t - w))),
            "quarter of a cosine",
        ),
        (
            behind(
                lambda s, p, w, t: (
                    p if s == w else p * math.cos(math.pi * (s - w) / (t - w))
                )
            ),
            "must not be negative",
        ),
        (
            behind(lambda s, p, w, t: p * (1 + math.cos(math.pi * (s - w) / (t - w)))),
            "halve it",
        ),
        (behind(lambda s, p, w, t: rate_at(s, p, 0, t)), "counts from step 0"),
        (
            behind(lambda s, p, w, t: rate_at(s - w, p, 0, t)),
            "only those behind the warm-up",
        ),
        (
            behind(lambda s, p, w, t: p * (1 + math.cos(180 * (s - w) / (t - w))) / 2),
            "radians",
        ),
        (behind(lambda s, p, w, t: 0.0), "has to be the peak"),
        (
            behind(lambda s, p, w, t: rate_at(s, p, w, t) if s < t else 0.3 * p),
            "has to be 0",
        ),
        (
            behind(lambda s, p, w, t: rate_at(s, p, w, t) if s in (w, t) else 0.9 * p),
            "half a cosine",
        ),
    ],
)
def test_rate_at_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_rate_at, answer), sentence)


# 8.3
# ------------------------------------------------------------------------------------------


def target_of(first, second, share, smoothing):
    target = np.zeros(7)
    target[first] += share
    target[second] += 1 - share
    return (1 - smoothing) * target + smoothing / 7


@pytest.mark.parametrize(
    "answer",
    [
        target_of,
        lambda *x: target_of(*x).tolist(),
        lambda *x: tuple(target_of(*x).astype("float32")),
        lambda *x: ops.convert_to_tensor(target_of(*x)),
        lambda f, s, w, e: w * target_of(f, f, 1, e) + (1 - w) * target_of(s, s, 1, e),
    ],
)
def test_target_of_right(capsys, answer):
    assert said(capsys, check_target_of, answer).startswith("✓")


def overwriting(first, second, share, smoothing):
    target = np.zeros(7)
    target[first], target[second] = share, 1 - share
    if first != second and share == 1:
        target[second] = 0
    return (1 - smoothing) * target + smoothing / 7


def on_others(first, second, share, smoothing):
    target = target_of(first, second, share, 0)
    return target * (1 - smoothing) + (1 - target) * smoothing / 6


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda f, s, w, e: target_of(f, s, w, 0), "nothing is smoothed"),
        (lambda f, s, w, e: target_of(s, f, w, e), "swapped"),
        (on_others, "the six *other* emotions"),
        (lambda f, s, w, e: target_of(f, s, w, 0) + e / 7, "taken from none"),
        (lambda f, s, w, e: (1 - e) * target_of(f, s, w, 0), "given to none"),
        (overwriting, "overwrites the other"),
        (lambda f, s, w, e: target_of(f, f, 1, e), "only the first face counts"),
        (lambda f, s, w, e: target_of(f, s, 0.5 if w < 1 else 1, e), "count the same"),
        (lambda f, s, w, e: target_of(f, s, round(w), e), "only"),
        (lambda f, s, w, e: [0.5] * 7, "sums to 3.5"),
        (lambda f, s, w, e: [1 / 7] * 7, "Blend first"),
        (lambda f, s, w, e: target_of(f, s, w, e)[:6], "6 numbers came back"),
        (lambda f, s, w, e: target_of(f, s, w, e)[None], "side by side"),
        (lambda f, s, w, e: 0.3, "one number"),
    ],
)
def test_target_of_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_target_of, answer), sentence)


# 8.4
# ------------------------------------------------------------------------------------------


def moving_average(values, momentum):
    averages = [values[0]]
    for value in values[1:]:
        averages.append(momentum * averages[-1] + (1 - momentum) * value)
    return averages


def closed_form(values, momentum):
    return [
        momentum**n * values[0]
        + (1 - momentum) * sum(momentum ** (n - k) * values[k] for k in range(1, n + 1))
        for n in range(len(values))
    ]


@pytest.mark.parametrize(
    "answer",
    [
        moving_average,
        closed_form,
        lambda *x: np.array(moving_average(*x), "float32"),
        lambda *x: ops.convert_to_tensor(moving_average(*x)),
    ],
)
def test_moving_average_right(capsys, answer):
    assert said(capsys, check_moving_average, answer).startswith("✓")


def from_zero(values, momentum):
    return moving_average([0, *values], momentum)[1:]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda v, m: moving_average(v, 1 - m), "how much of the *old* average"),
        (from_zero, "begins at 0"),
        (
            lambda v, m: np.cumsum(v) / np.arange(1, len(v) + 1),
            "mean of all values so far",
        ),
        (lambda v, m: list(v), "come back as they are"),
        (lambda v, m: moving_average(v, m)[-1], "only the last average"),
        (lambda v, m: moving_average(v, m)[1:], "averages came back"),
        (lambda v, m: [7.0] * len(v), "average number 1 is 7"),
        (lambda v, m: np.ones((2, 2)), "side by side"),
    ],
)
def test_moving_average_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_moving_average, answer), sentence)


# 8.5
# ------------------------------------------------------------------------------------------


RANDOM = np.random.default_rng(5)


def gain_of_best(spread, tries, draws=20_000):
    drawn = np.random.default_rng(0).normal(0, spread, (draws, tries))
    return drawn.max(axis=1).mean()


def looping(spread, tries):
    random = np.random.default_rng(1)
    return sum(max(random.normal(0, spread, tries)) for _ in range(10_000)) / 10_000


def by_order_statistics(spread, tries):
    x = np.linspace(-8, 8, 4001)
    below = (
        np.array([0.5 * (1 + math.erf(value / math.sqrt(2))) for value in x]) ** tries
    )
    return spread * float((x[1:] * np.diff(below)).sum())


@pytest.mark.parametrize("answer", [gain_of_best, looping, by_order_statistics])
def test_gain_of_best_right(capsys, answer):
    assert said(capsys, check_gain_of_best, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda s, k: RANDOM.normal(0, s, k).max(), "one question got two answers"),
        (lambda s, k: -gain_of_best(s, k), "*lowest*"),
        (lambda s, k: gain_of_best(1, k), "The spread makes no difference"),
        (lambda s, k: gain_of_best(s**2, k), "counts twice"),
        (lambda s, k: 2 * gain_of_best(s, k), "from the lowest to the highest"),
        (lambda s, k: s / math.sqrt(k) if k > 1 else 0, "a *mean* of the tries"),
        (lambda s, k: s * math.sqrt(2 * math.log(k)), "an upper bound"),
        (lambda s, k: s * k if k > 1 else 0, "in proportion"),
        (lambda s, k: 0.0, "*all* tries gain nothing"),
        (lambda s, k: 3.3, "With one try nothing is picked"),
        (lambda s, k: 0.8 * gain_of_best(s, k), "too little"),
        (lambda s, k: 1.2 * gain_of_best(s, k), "too much"),
    ],
)
def test_gain_of_best_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_gain_of_best, answer), sentence)


# 8.6
# ------------------------------------------------------------------------------------------

RIGHT = {"A": 1, "B": 4, "C": 2, "D": 5, "E": 6, "F": 3}


@pytest.mark.parametrize(
    "answer",
    [
        RIGHT,
        {name.lower(): str(number) for name, number in RIGHT.items()},
        {"F": 3.0, **RIGHT},
    ],
)
def test_next_steps_right(capsys, answer):
    assert said(capsys, check_next_steps, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ([1, 4, 2, 5, 6, 3], "a dictionary is expected"),
        (RIGHT | {"A": 4}, "Memory is full"),
        (RIGHT | {"C": 6}, "answers happy to every face"),
        (RIGHT | {"D": 1}, "Nothing is broken"),
        (RIGHT | {"E": 7}, "how lucky seeds get into tables"),
        ({"A": 1, "B": 4}, "still without an answer: C, D, E, F"),
        ({**RIGHT, "F": ...}, "still without an answer: F"),
        (RIGHT | {"G": 1}, "G is none of the six"),
        (RIGHT | {"B": 8}, "go from 1 to 7"),
        (RIGHT | {"B": 1.5}, "go from 1 to 7"),
        (RIGHT | {"B": "less"}, "the number of a remedy is expected"),
    ],
)
def test_next_steps_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_next_steps, answer), sentence)


def test_next_steps_not_done(capsys):
    assert said(capsys, check_next_steps, ...).startswith("○ Not done yet")
