"""The checks of lesson 00: the solution, other right answers, wrong ones."""

import numpy as np
import pytest
from checking import assert_wrong, said

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson00.checks import (
    check_always_happy,
    check_answer_in_words,
    check_least_sure,
)

CHECKS = (check_answer_in_words, check_always_happy, check_least_sure)


@pytest.mark.parametrize("check", CHECKS)
def test_stub_and_crash(capsys, check):
    assert said(capsys, check, lambda x: ...).startswith("○ Not done yet")
    assert "ZeroDivisionError" in said(capsys, check, lambda x: 1 / 0)
    assert "returns nothing" in said(capsys, check, lambda x: None)


@pytest.mark.parametrize(
    "answer",
    [
        lambda p: EMOTIONS[p.argmax()],
        lambda p: max(zip(p, EMOTIONS, strict=True))[1],
        lambda p: EMOTIONS[int(np.argsort(p)[-1])],
    ],
)
def test_answer_in_words_right(capsys, answer):
    assert said(capsys, check_answer_in_words, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda p: p.argmax(), "a position. Look up the word"),
        (lambda p: EMOTIONS[p.argmin()], "the smallest probability"),
        (lambda p: EMOTIONS[3], "belongs to another word"),
        (lambda p: p.max(), "One word is expected"),
        (lambda p: "joy", "none of the words"),
        (lambda p: EMOTIONS, "a tuple"),
    ],
)
def test_answer_in_words_wrong(capsys, answer, sentence):
    text = said(capsys, check_answer_in_words, answer)
    assert_wrong(text, sentence)


@pytest.mark.parametrize(
    "answer",
    [
        lambda c: 100 * c[3].sum() / c.sum(),
        lambda c: sum(c[3]) / sum(sum(row) for row in c) * 100,
        lambda c: np.float32(100 * np.sum(c, axis=1)[3] / np.sum(c)),
    ],
)
def test_always_happy_right(capsys, answer):
    assert said(capsys, check_always_happy, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda c: 100 * c[:, 3].sum() / c.sum(), "*answered* happy"),
        (lambda c: 100 * c[3, 3] / c.sum(), "gets all of them"),
        (lambda c: 100 * c[3, 3] / c[3].sum(), "Divide by all faces"),
        (lambda c: 100 * np.trace(c) / c.sum(), "accuracy of the model in the table"),
        (lambda c: c[3].sum() / c.sum(), "percent are asked for"),
        (lambda c: c[3].sum(), "number of faces"),
        (lambda c: 100 / 7, "equally common"),
        (lambda c: 24.5, "your function returns 24.5"),
        (lambda c: [1, 2], "one number is expected"),
    ],
)
def test_always_happy_wrong(capsys, answer, sentence):
    text = said(capsys, check_always_happy, answer)
    assert_wrong(text, sentence)


@pytest.mark.parametrize(
    "answer",
    [
        lambda p: p.max(axis=1).argmin(),
        lambda p: min(range(len(p)), key=lambda row: max(p[row])),
        lambda p: int(np.argsort(np.max(p, axis=-1))[0]),
    ],
)
def test_least_sure_right(capsys, answer):
    assert said(capsys, check_least_sure, answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda p: p.max(axis=1).argmax(), "surest"),
        (lambda p: p.max(axis=1).min(), "the probability itself"),
        (lambda p: p.min(axis=1).argmin(), "smallest probability of all"),
        (lambda p: p.ravel().argmax() + 12, "there are only 12 rows"),
        (lambda p: p.max(axis=1), "one row number"),
        (lambda p: 0.5, "a row number is expected"),
        (lambda p: np.argsort(p.max(axis=1))[1], "another row has a smaller"),
    ],
)
def test_least_sure_wrong(capsys, answer, sentence):
    text = said(capsys, check_least_sure, answer)
    assert_wrong(text, sentence)
