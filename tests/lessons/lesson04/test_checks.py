"""The checks of lesson 04: the solution, other right answers, wrong ones."""

import numpy as np
import pytest
from checking import assert_wrong, said

from fercourse.lessons.lesson04.checks import (
    check_choose_position,
    check_grid_side,
    check_only_one_right,
    check_receptive_field,
)

BLOCKS = (2, 2, 4, 4, 4)


@pytest.mark.parametrize(
    "check",
    [
        check_grid_side,
        check_receptive_field,
        check_only_one_right,
        check_choose_position,
    ],
)
def test_stub_and_crash(capsys, check):
    assert said(capsys, check, lambda *x: ...).startswith("○ Not done yet")
    assert "ZeroDivisionError" in said(capsys, check, lambda *x: 1 / 0)
    assert "returns nothing" in said(capsys, check, lambda *x: None)
    assert "TypeError" in said(capsys, check, lambda: 1)


def halving(size, block):
    for _ in range(block):
        size = size // 2
    return size


@pytest.mark.parametrize(
    "answer", [lambda s, b: s // 2**b, halving, lambda s, b: np.int64(s >> b)]
)
def test_grid_side_right(capsys, answer):
    assert said(capsys, check_grid_side, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda s, b: s // 2 ** (b - 1), "*in front of*"),
        (lambda s, b: (s // 2**b) ** 2, "the number of places"),
        (lambda s, b: s // (2 * b) if b > 1 else s // 2, "halvings multiply"),
        (lambda s, b: s / 2**b, "no half places"),
        (lambda s, b: 7, "halves the side"),
        (lambda s, b: (s, b), "one number is expected"),
    ],
)
def test_grid_side_wrong(capsys, answer, sentence):
    text = said(capsys, check_grid_side, answer)
    assert_wrong(text, sentence)


def field(block, start=1, pooling=1, steps=True, sides=2, early=False):
    found, step = start, 1
    for convolutions in BLOCKS[:block]:
        at_pool = 2 * step if early else step
        found += sides * convolutions * (step if steps else 1) + pooling * (
            at_pool if steps else 1
        )
        step *= 2
    return found


def backwards(block):
    found = 1
    for convolutions in reversed(BLOCKS[:block]):
        found = (
            2 * found + 2 * convolutions
        )  # a pooling doubles, each convolution adds two
    return found


@pytest.mark.parametrize(
    "answer", [field, backwards, lambda block: np.float64(field(block))]
)
def test_receptive_field_right(capsys, answer):
    assert said(capsys, check_receptive_field, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda b: field(b, steps=False), "twice as far apart"),
        (lambda b: field(b, pooling=0), "add a little too"),
        (lambda b: field(b, start=0), "Begin with the one pixel"),
        (lambda b: field(b, early=True), "*behind* a pooling layer"),
        (lambda b: field(b, sides=1), "*and* one to the right"),
        (lambda b: 224, "2, 2, 4, 4 and 4 convolutions"),
        (lambda b: "wide", "one number is expected"),
    ],
)
def test_receptive_field_wrong(capsys, answer, sentence):
    text = said(capsys, check_receptive_field, answer)
    assert_wrong(text, sentence)


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, y: ((x & ~y).sum(), (y & ~x).sum()),
        lambda x, y: [sum(x > y), sum(y > x)],
        lambda x, y: np.array([np.sum(x * (1 - y)), np.sum(y * (1 - x))]),
    ],
)
def test_only_one_right_right(capsys, answer):
    assert said(capsys, check_only_one_right, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda x, y: ((y & ~x).sum(), (x & ~y).sum()), "other order"),
        (lambda x, y: (x.sum(), y.sum()), "*both* got right"),
        (lambda x, y: ((x != y).sum(), (x != y).sum()), "Divide them by who is right"),
        (lambda x, y: ((~x).sum(), (~y).sum()), "got *wrong*"),
        (lambda x, y: (x & ~y).sum(), "two numbers of faces are expected"),
        (lambda x, y: (1, 2, 3), "3 numbers"),
        (lambda x, y: (0, 1), "does not fit"),
    ],
)
def test_only_one_right_wrong(capsys, answer, sentence):
    text = said(capsys, check_only_one_right, answer)
    assert_wrong(text, sentence)


@pytest.mark.parametrize(
    "answer",
    [
        lambda public, private: max(public, key=public.get),
        lambda public, private: sorted(public.items(), key=lambda item: -item[1])[0][0],
        lambda public, private: list(public)[int(np.argmax(list(public.values())))],
    ],
)
def test_choose_position_right(capsys, answer):
    assert said(capsys, check_choose_position, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda public, private: max(private, key=private.get), "luck as skill"),
        (
            lambda public, private: min(public, key=public.get),
            "lowest accuracy on PublicTest",
        ),
        (lambda public, private: max(public.values()), "an accuracy"),
        (lambda public, private: "block 9", "expected one of"),
        (
            lambda public, private: max(
                public, key=lambda name: public[name] + private[name]
            ),
            "PrivateTest",
        ),
    ],
)
def test_choose_position_wrong(capsys, answer, sentence):
    text = said(capsys, check_choose_position, answer)
    assert_wrong(text, sentence)
