"""What every check has in common."""

import numpy as np
import pytest

from fercourse.lessons.exercise import (
    Wrong,
    a,
    attempt,
    compare,
    exercise,
    numbers,
    one_number,
    verdict,
)


@exercise
def check_double(double) -> str:
    slips = {
        "unchanged": (lambda x: x, "That is x itself."),
        "squared": (lambda x: x**2, "That is its square."),
    }
    compare(double, [(2,), (4,), (-3,)], "the double", lambda x: 2 * x, slips)
    return "Twice as much."


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (lambda x: 2 * x, "✓ Right. Twice as much."),
        (lambda x: x, "✗ Not right yet. Your function returns 2. That is x itself."),
        (..., "○ Not done yet"),
        (lambda x: (x, ...), "○ Not done yet"),
    ],
)
def test_a_check_prints_its_verdict(capsys, answer, shown):
    assert check_double(answer) is None
    assert capsys.readouterr().out.startswith(shown)


@pytest.mark.parametrize(
    ("double", "key"),
    [
        (lambda x: x**2, "squared"),  # right for 2
        (lambda x: x if x == 2 else x**2, "other"),  # no slip explains both
        (lambda x: str(2 * x), "kind"),
        (lambda x: [2 * x, 0], "shape"),
        (lambda x: float("nan"), "nan"),
        (lambda: 4, "parameters"),
        (np.ones(2), "no function"),
    ],
)
def test_a_slip_explains_all_wrong_answers(double, key):
    assert verdict(check_double, double).key == key


def test_a_failing_check_is_a_fault_of_the_course(capsys):
    @exercise
    def check_nothing(answer) -> str:
        raise KeyError(answer)

    assert verdict(check_nothing, 1).status == "course fault"
    check_nothing(answer=1)
    assert "KeyError(1)" in capsys.readouterr().out
    assert (
        verdict(check_nothing).key == verdict(check_nothing, 1, 2).key == "parameters"
    )


def test_a_learners_function_gets_copies():
    array, listed = np.ones(2), [1, [2]]

    def spoils(array, listed):
        array[:] = 0
        listed[1].clear()
        return 0

    attempt(spoils, array, listed)
    assert array.all() and listed == [1, [2]]
    attempt(spoils, array, listed, fresh=False)
    assert not array.any()


def test_a_crash_is_a_sentence_with_the_learners_line():
    namespace = {}
    exec(compile("def double(x):\n    return x.twice()\n", "<cell>", "exec"), namespace)
    text = verdict(check_double, namespace["double"]).text
    assert "in line 2" in text
    assert "AttributeError" in text


def test_a_crash_in_a_library_names_the_learners_line():
    def double(x):
        return np.concatenate([np.ones((2, 2)), np.ones(3)])

    text = verdict(check_double, double).text
    assert "`return np.concatenate([np.ones((2, 2)), np.ones(3)])`" in text


def test_a_long_reason_is_cut():
    def double(x):
        raise ValueError("no " * 500)

    assert len(verdict(check_double, double).text) < 500


@pytest.mark.parametrize(
    "answer", [(x for x in (1, 2)), [1, 2.0], np.array([1, 2], "O")]
)
def test_numbers_of_every_kind(answer):
    assert numbers(answer, "two numbers").tolist() == [1, 2]


@pytest.mark.parametrize(
    "answer",
    ["3", ["3", 4], np.array([1, "3"], "O"), b"3", 1j, {}, [[1], [1, 2]], object()],
)
def test_other_things_are_no_numbers(answer):
    with pytest.raises(Wrong) as slip:
        one_number(answer, "a number")
    assert slip.value.key == "kind"


def test_articles():
    assert (a([]), a(1), a(np.ones(1))) == ("a list", "an int", "a NumPy array")
