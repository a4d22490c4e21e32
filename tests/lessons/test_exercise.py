"""What every check has in common."""

import sys
from types import SimpleNamespace

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
    word,
    yours,
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
        (lambda x: "\ud800", "✗ Not right yet."),
    ],
)
def test_a_check_prints_its_verdict(capsys, answer, shown):
    assert check_double(answer) is None
    assert capsys.readouterr().out.startswith(shown)


@exercise
def check_both(first, second):
    """A check of two answers."""
    if (first, second) != (1, 2):
        raise Wrong("other", "Give 1 and 2.")
    return "Both."


def test_answers_by_name_are_taken_by_name(capsys):
    check_both(second=2, first=1)
    assert "✓ Right. Both." in capsys.readouterr().out
    check_both(second=2, third=1)
    assert "2 arguments, but takes" in capsys.readouterr().out


def called():
    """A function that works only the first time."""
    calls = []

    def double(x):
        calls.append(x)
        return 2 * x if len(calls) == 1 else 0

    return double


@pytest.mark.parametrize(
    ("double", "key"),
    [
        (lambda x: x**2, "squared"),  # right for 2
        (lambda x: x if x == 2 else x**2, "other"),  # no slip explains both
        (lambda x: 200 * x, "percent"),
        (lambda x: x / 50, "share"),
        (lambda x: -2 * x, "sign"),
        (lambda x: 7, "constant"),
        (lambda x: str(2 * x), "kind"),
        (lambda x: [2 * x, 0], "shape"),
        (lambda x: np.ma.array(2 * x, mask=True), "kind"),
        (lambda x: x > 2, "kind"),
        (lambda x: float("nan"), "nan"),
        (lambda x: exit(), "crash"),
        (lambda: 4, "parameters"),
        (np.ones(2), "no function"),
    ],
)
def test_a_slip_explains_all_wrong_answers(double, key):
    assert verdict(check_double, double).key == key


def test_the_first_call_is_repeated():
    assert verdict(check_double, called()).key == "changing"


def test_a_failing_check_is_a_fault_of_the_course(capsys):
    @exercise
    def check_nothing(answer) -> str:
        raise KeyError(answer)

    assert verdict(check_nothing, 1).status == "course fault"
    check_nothing(answer=1)
    assert "KeyError: 1" in capsys.readouterr().out
    assert (
        verdict(check_nothing).key == verdict(check_nothing, 1, 2).key == "parameters"
    )


@pytest.mark.parametrize("place", range(3))
def test_a_learners_function_gets_copies(place):
    arguments = np.ones(2), [1, [2]], {"a": 1}

    def spoils(array, listed, names):
        if place == 0:
            array[:] = 0
        elif place == 1:
            listed[1].clear()
        else:
            names.clear()
        return 0

    with pytest.raises(Wrong) as slip:
        attempt(spoils, *arguments)
    assert slip.value.key == "in place"
    assert arguments[0].all()
    assert arguments[1:] == ([1, [2]], {"a": 1})


def from_cell(text):
    """A function as if it were defined in a notebook's cell."""
    namespace = {"np": np}
    exec(compile(text, "<cell>", "exec"), namespace)
    return namespace["double"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("return x.twice()", "AttributeError"),
        ("return np.ones(3).argmx()", "Did you mean `argmax`?"),
        ("return np.argmx(x)", "Did you mean `argmax`?"),
        ("return 2 * y", "NameError"),
        ("return 2 * xx", "Did you mean `x`?"),
        ("return self.factor * x", "`self`"),
        ("raise SystemExit('bye')", "bye"),
        ("return double(x)", "RecursionError"),
    ],
)
def test_a_crash_is_a_sentence_with_the_learners_line(line, words):
    text = verdict(check_double, from_cell(f"def double(x):\n    {line}\n")).text
    assert "in line 2" in text
    assert words in text


def test_a_crash_in_a_library_names_the_learners_line():
    def double(x):
        return np.concatenate([np.ones((2, 2)), np.ones(3)])

    text = verdict(check_double, double).text
    assert "`return np.concatenate([np.ones((2, 2)), np.ones(3)])`" in text


class Doubling:
    def no_self(x):
        return 2 * x

    def nothing():
        return 2


@pytest.mark.parametrize("method", [Doubling().no_self, Doubling().nothing])
def test_a_method_without_self_is_recognised(method):
    assert "`self`" in verdict(check_double, method).text


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError


@pytest.mark.parametrize(
    "reason", ["no " * 500, "\x1b[1mbold\x1b[0m " * 9, Unspeakable()]
)
def test_a_reason_is_cut_and_plain(reason):
    def double(x):
        raise reason if isinstance(reason, Exception) else ValueError(reason)

    text = verdict(check_double, double).text
    assert len(text) < 500
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "answer", [(x for x in (1, 2)), [1, 2.0], np.array([1, 2], "O")]
)
def test_numbers_of_every_kind(answer):
    assert numbers(answer, "two numbers").tolist() == [1, 2]


@pytest.mark.parametrize(
    "answer",
    [
        *("3", ["3", 4], np.array([1, "3"], "O"), b"3", [b"3"], 1j, {}, object()),
        *(True, [[1], [1, 2]], range(10**12), 10**400, np.array(["2020"], "M8[Y]")),
    ],
)
def test_other_things_are_no_numbers(answer):
    with pytest.raises(Wrong) as slip:
        one_number(answer, "a number")
    assert slip.value.key == "kind"


@pytest.mark.parametrize(
    ("answer", "key"),
    [("Two", "unknown"), ("ten", "unknown"), (1, "position"), (["two"], "kind")],
)
def test_words(answer, key):
    words = ("one", "two")
    assert word(np.array("two"), "a word", words) == "two"
    with pytest.raises(Wrong) as slip:
        word(answer, "a word", words)
    assert slip.value.key == key
    assert ("'two'" in str(slip.value)) == (answer == "Two")


def test_articles():
    assert (a([]), a(1), a(np.ones(1))) == ("a list", "an int", "a NumPy array")
    assert (a(None), a(np.uint8(1)), a({})) == ("None", "a uint8", "a dictionary")


# What a notebook shows


@pytest.fixture
def outputs(monkeypatch):
    """What is displayed, as if in a notebook."""
    shown = []
    display = SimpleNamespace(display=lambda data, raw: shown.append(data))
    notebook = SimpleNamespace(get_ipython=lambda: True, display=display)
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    return shown


def test_a_notebook_shows_a_box_that_is_also_text(outputs, capsys):
    check_double(lambda x: "<b>")
    (shown,) = outputs
    assert shown["text/plain"].startswith("✗ Not right yet.")
    assert 'role="status"' in shown["text/html"]
    assert "✗" in shown["text/html"]
    assert capsys.readouterr().out == ""


def test_a_box_escapes_what_a_learner_wrote(outputs):
    def double(x):
        raise ValueError("1 < 2 & *very* `odd`")

    check_double(double)
    page = outputs[0]["text/html"]
    assert "1 &lt; 2 &amp; <em>very</em> <code>odd</code>" in page


def test_a_tally_follows_right_answers_and_the_last_exercise(capsys):
    def numbered(number):
        def check(answer) -> str:
            compare(answer, [(1,), (2,)], "a number", lambda x: x, {})
            return "Good."

        check.__doc__ = f"Exercise 99.{number}: pass a number on."
        return exercise(check)

    first, last = numbered(1), numbered(2)
    said = []
    for check, answer in (
        *((first, ...), (last, ...), (first, lambda x: x), (last, lambda x: x)),
        *((first, lambda x: 3), (last, lambda x: x)),
    ):
        check(answer)
        said.append(capsys.readouterr().out.partition("\n")[2][13:19])
    assert said == ["", "0 of 2", "1 of 2", "2 of 2", "", "1 of 2"]


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        (lambda x: x + x, True),
        (lambda x: x, False),
        (lambda x: ..., False),
        (..., False),
    ],
)
def test_only_an_accepted_function_is_used_later(answer, accepted):
    def ours(x):
        return 2 * x

    assert yours(check_double, answer, ours) is (answer if accepted else ours)
    assert yours(check_double, answer) is (answer if accepted else None)
