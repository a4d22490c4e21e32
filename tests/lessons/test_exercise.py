"""What every check has in common."""

import numpy as np
import pytest

from fercourse.lessons.exercise import Wrong, a, attempt, exercise


@exercise
def check_double(double) -> str:
    if attempt(double, 4) != 8:
        raise Wrong("Four doubled is not that.")
    return "Twice as much."


def said(capsys, *arguments) -> str:
    assert check_double(*arguments) is None
    return capsys.readouterr().out.strip()


def test_right(capsys):
    assert said(capsys, lambda x: 2 * x) == "✓ Right. Twice as much."


def test_wrong(capsys):
    assert said(capsys, lambda x: x) == "✗ Not right yet. Four doubled is not that."


@pytest.mark.parametrize("stub", [..., lambda x: ...])
def test_a_stub_is_not_done_yet(capsys, stub):
    assert said(capsys, stub).startswith("○ Not done yet")


def test_nothing_returned_is_not_a_stub(capsys):
    assert "returns nothing" in said(capsys, lambda x: None)


def test_no_function(capsys):
    assert "this is a NumPy array" in said(capsys, np.ones(2))
    assert "without brackets" in said(capsys, 8)


def test_an_array_as_an_answer_is_no_stub():
    assert attempt(lambda: np.ones(2)).sum() == 2


def test_a_crash_is_a_sentence_with_the_learners_line(capsys):
    namespace = {}
    exec(compile("def double(x):\n    return x.twice()\n", "<cell>", "exec"), namespace)
    text = said(capsys, namespace["double"])
    assert text.startswith("✗ Not right yet. Your function stopped in line 2")
    assert "AttributeError" in text
    assert "Traceback" not in text


def test_a_crash_in_a_library_names_the_learners_line(capsys):
    def double(x):
        return np.concatenate([np.ones((2, 2)), np.ones(3)])

    text = said(capsys, double)
    assert "`return np.concatenate([np.ones((2, 2)), np.ones(3)])`" in text
    assert "ValueError" in text


def test_a_long_reason_is_cut(capsys):
    def double(x):
        raise ValueError("no " * 500)

    assert len(said(capsys, double)) < 500


def test_articles():
    assert (a([]), a(1), a(np.ones(1))) == ("a list", "an int", "a NumPy array")
