"""The checks of lesson 05: the solution, other right answers, wrong ones."""

import math
from decimal import Decimal

import numpy as np
import pytest
from checking import assert_no_answers_are_answered, assert_wrong, said
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from fercourse.lessons.lesson05.checks import (
    FAULTS,
    check_counts_for,
    check_faults,
    check_price_of_leakage,
    check_survivors,
    check_z_of,
)
from fercourse.results.statistics import counts_that_give


@pytest.mark.parametrize(
    "check", [check_counts_for, check_z_of, check_survivors, check_price_of_leakage]
)
def test_stub_and_crash(capsys, check):
    assert_no_answers_are_answered(capsys, check)


# 5.1
# ------------------------------------------------------------------------------------------


def rounding(percent, count, decimals):
    return [k for k in range(count + 1) if round(100 * k / count, decimals) == percent]


def cutting(percent, count, decimals):
    wanted = round(percent * 10**decimals)
    return {k for k in range(count + 1) if 100 * 10**decimals * k // count == wanted}


def printing(percent, count, decimals):
    return [
        k
        for k in range(count + 1)
        if f"{100 * k / count:.{decimals}f}" == f"{percent:.{decimals}f}"
    ]


def close(percent, count, decimals):
    ks = np.arange(count + 1)
    return ks[np.abs(100 * ks / count - percent) < 0.5 / 10**decimals]


@pytest.mark.parametrize(
    "answer",
    [
        rounding,
        cutting,
        printing,
        close,
        counts_that_give,
        lambda *x: tuple(reversed(rounding(*x))),
        lambda *x: (k for k in rounding(*x)),
    ],
)
def test_counts_for_right(capsys, answer):
    assert said(capsys, check_counts_for, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda p, n, d: round(p * n / 100), "the one number 2513"),
        (lambda p, n, d: len(rounding(p, n, d)), "the one number 1"),
        (lambda p, n, d: [round(p * n / 100)], "2,633 of 3,589 is 73.3631 %"),
        (lambda p, n, d: [p * n / 100], "not whole"),
        (lambda p, n, d: "many words", "a list of counts is expected"),
        (lambda p, n, d: [k for k in range(n + 1) if 100 * k / n == p], "*exactly*"),
        (
            lambda p, n, d: [k for k in range(n + 1) if round(100 * k / n, 2) == p],
            "third argument",
        ),
        (
            lambda p, n, d: [k for k in range(n) if round(100 * k / n, d) == p],
            "Does it try 0 and all 30 faces",
        ),
        (
            lambda p, n, d: [k for k in range(1, n + 1) if round(100 * k / n, d) == p],
            "Does it try 0",
        ),
        (
            lambda p, n, d: [k for k in range(n + 1) if abs(100 * k / n - p) < 0.02],
            "Put it to the test",
        ),
        (
            lambda p, n, d: [k for k in range(n + 1) if round(100 * k / n) == round(p)],
            "Put it to the test",
        ),
        (lambda p, n, d: [*rounding(p, n, d), n + 1], "no number of 3,589 faces"),
        (lambda p, n, d: rounding(p, n, d)[:1], "returns 1 count, and more"),
        (
            lambda p, n, d: rounding(p, n, d) if n > 100 else cutting(p, n, d),
            "finds no count",
        ),
    ],
)
def test_counts_for_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_counts_for, answer), sentence)


def test_counts_for_takes_numbers_of_every_kind(capsys):
    def with_decimals(percent, count, decimals):
        return [Decimal(k) for k in rounding(percent, count, decimals)]

    assert said(capsys, check_counts_for, with_decimals).startswith("✓")


# 5.2
# ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        {"A", "C", "E", "G"},
        ["g", "e", "c", "a"],
        "ACEG",
        "a, c, e, g",
        ("A ", "C", "E", "G", "A"),
    ],
)
def test_faults_right(capsys, answer):
    assert said(capsys, check_faults, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"A", "B"}, "B names no fault of the table. Both numbers are in the README"),
        ({"D"}, "An order is no fault"),
        ({"A", "C", "E", "F", "G"}, "With one decimal"),
        ({"A", "C", "E", "G", "H"}, "a suspicion, and no fault"),
        ({"C", "E", "G"}, "Exercise 5.1 has an answer"),
        ({"A", "E", "G"}, "who wrote [7]"),
        ({"A", "C", "G"}, "class counts"),
        ({"A", "C", "E"}, "more faults than the 3 that you name"),
        (set(), "more faults than the 0 that you name"),
        ({"A", "Z"}, "Z is none of the eight statements"),
        (4, "a set of letters is expected"),
        ({1, 2}, "1 is none of the eight"),
    ],
)
def test_faults_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_faults, answer), sentence)


def test_faults_not_done(capsys):
    assert said(capsys, check_faults, ...).startswith("○ Not done yet")
    assert len(FAULTS) == 8


# 5.3
# ------------------------------------------------------------------------------------------


def variance(percent, count):
    return percent / 100 * (1 - percent / 100) / count


def unpooled(first, second, count):
    return (
        (first - second)
        / 100
        / math.sqrt(variance(first, count) + variance(second, count))
    )


def pooled(first, second, count):
    return proportions_ztest(np.array([first, second]) * count / 100, [count, count])[0]


def in_percent(first, second, count):
    errors = [p * (100 - p) / count for p in (first, second)]
    return np.float32((first - second) / np.sqrt(sum(errors)))


@pytest.mark.parametrize(
    "answer", [unpooled, pooled, in_percent, lambda *x: [unpooled(*x)][0]]
)
def test_z_of_right(capsys, answer):
    assert said(capsys, check_z_of, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda p, q, n: p - q, "That is the difference"),
        (lambda p, q, n: -unpooled(p, q, n), "The sign is turned round"),
        (lambda p, q, n: abs(unpooled(p, q, n)), "The sign is turned round"),
        (
            lambda p, q, n: (p - q) / 100 / math.sqrt(variance(p, n)),
            "standard error of *one* accuracy",
        ),
        (
            lambda p, q, n: (p - q) / 100 / math.sqrt(variance(q, n)),
            "standard error of *one* accuracy",
        ),
        (
            lambda p, q, n: (
                (p - q) / 100 / (math.sqrt(variance(p, n)) + math.sqrt(variance(q, n)))
            ),
            "added the standard errors",
        ),
        (
            lambda p, q, n: (p - q) / 100 / (variance(p, n) + variance(q, n)),
            "divided by the variance",
        ),
        (
            lambda p, q, n: 100 * unpooled(p, q, n),
            "points over a standard error of shares",
        ),
        (
            lambda p, q, n: unpooled(p, q, n) / 100,
            "shares over a standard error in points",
        ),
        (lambda p, q, n: unpooled(p, q, n) / math.sqrt(n), "by the number of faces"),
        (lambda p, q, n: 3.0, "expected the difference, divided by"),
        (lambda p, q, n: (1, 2), "one number is expected"),
    ],
)
def test_z_of_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_z_of, answer), sentence)


# 5.4
# ------------------------------------------------------------------------------------------


def holm(p_values, alpha=0.05):
    found = [False] * len(p_values)
    for step, place in enumerate(
        sorted(range(len(p_values)), key=lambda place: p_values[place])
    ):
        if p_values[place] > alpha / (len(p_values) - step):
            break
        found[place] = True
    return found


@pytest.mark.parametrize(
    "answer",
    [
        holm,
        lambda p: multipletests(p, method="holm")[0],
        lambda p: multipletests(p, method="holm")[1] < 0.05,
        lambda p: [int(value) for value in holm(p)],
        lambda p: tuple(holm(p)),
    ],
)
def test_survivors_right(capsys, answer):
    assert said(capsys, check_survivors, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda p: [value < 0.05 for value in p], "the whole 0.05"),
        (lambda p: [value < 0.05 / len(p) for value in p], "Bonferroni's"),
        (lambda p: multipletests(p, method="bonferroni")[0], "Bonferroni's"),
        (lambda p: multipletests(p, method="fdr_bh")[0], "Benjamini and Hochberg"),
        (
            lambda p: [value < 0.05 / (len(p) - sorted(p).index(value)) for value in p],
            "Once one fails",
        ),
        (lambda p: sorted(holm(p), reverse=True), "The answers are sorted"),
        (
            lambda p: [
                all(
                    p[earlier] < 0.05 / (len(p) - earlier)
                    for earlier in range(place + 1)
                )
                for place in range(len(p))
            ],
            "not in the order in which they came",
        ),
        (
            lambda p: [not value for value in holm(p)],
            "True is for those that still count",
        ),
        (
            lambda p: [place for place, value in enumerate(holm(p)) if value],
            "other things than True",
        ),
        (lambda p: multipletests(p, method="holm")[1], "other things than True"),
        (lambda p: holm(p)[:1], "1 answers came back; 5 are expected"),
        (lambda p: [False] * len(p), "does not fit"),
        (lambda p: sum(holm(p)), "a list of True and False is expected"),
    ],
)
def test_survivors_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_survivors, answer), sentence)


# 5.5
# ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        lambda correct, seen: 100 * (correct.mean() - correct[~seen].mean()),
        lambda correct, seen: np.float32(
            100 * np.average(correct) - 100 * np.average(correct, weights=~seen)
        ),
        lambda correct, seen: (
            100 * seen.mean() * (correct[seen].mean() - correct[~seen].mean())
        ),
        lambda correct, seen: (
            100 * sum(correct) / len(correct) - 100 * sum(correct * ~seen) / sum(~seen)
        ),
    ],
)
def test_price_right(capsys, answer):
    assert said(capsys, check_price_of_leakage, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda c, s: c.mean() - c[~s].mean(), "that is a share"),
        (lambda c, s: 100 * (c[~s].mean() - c.mean()), "the sign is turned round"),
        (
            lambda c, s: 100 * (c[s].mean() - c[~s].mean()),
            "known faces with unknown ones",
        ),
        (lambda c, s: 100 * (c[s].mean() - c.mean()), "known faces with all"),
        (lambda c, s: 100 * c[~s].mean(), "Subtract it from what is printed"),
        (lambda c, s: 100 * s.mean(), "the share of known faces"),
        (lambda c, s: c.sum() - c[~s].sum(), "that counts faces"),
        (lambda c, s: 100 * (c & s).mean(), "their *own* faces"),
        (lambda c, s: 1.0, "expected the accuracy on all, less"),
        (lambda c, s: c, "one number is expected"),
    ],
)
def test_price_wrong(capsys, answer, sentence):
    assert_wrong(said(capsys, check_price_of_leakage, answer), sentence)


def test_a_learner_may_change_the_arrays(capsys):
    def spoils(correct, seen):
        price = 100 * (correct.mean() - correct[~seen].mean())
        correct[:], seen[:] = False, True
        return price

    assert said(capsys, check_price_of_leakage, spoils).startswith("✓")
