"""What all exercises share: calling a learner's function and naming its mistake.

A check is a function with the decorator `exercise`. It returns praise, or raises
`Wrong` with the key of a slip and a sentence to act on. It never stops the notebook.
"""

from __future__ import annotations

import copy
import functools
import inspect
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np


class Wrong(Exception):
    """A slip: a short key for tests, and a sentence for the learner."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


class NotDone(Exception):
    """The stub is still as it was."""


class Verdict(NamedTuple):
    """What a check says about an answer."""

    status: str  # "right", "wrong", "not done" or "course fault"
    key: str  # of the slip, empty for the other three
    text: str


_NOT_DONE = (
    "Not done yet: replace the dots above with your own code, then run both cells "
    "again."
)
_ICONS = {"right": "✓", "wrong": "✗", "not done": "○", "course fault": "⚠"}


def exercise(check: Callable[..., str]) -> Callable[..., None]:
    """Turn a function that praises or raises `Wrong` into one that prints a verdict."""

    @functools.wraps(check)
    def show(*answers: Any, **named: Any) -> None:
        outcome = verdict(check, *answers, *named.values())
        print(f"{_ICONS[outcome.status]} {outcome.text}")

    return show


def verdict(check: Callable, *answers: Any) -> Verdict:
    """What a check would print, as a record; `...` as an answer is the stub."""
    check = inspect.unwrap(check)
    try:
        if any(answer is ... for answer in answers):
            raise NotDone
        _require_parameters(check, "This check", answers)
        return Verdict("right", "", f"Right. {check(*answers)}")
    except NotDone:
        return Verdict("not done", "", _NOT_DONE)
    except Wrong as slip:
        return Verdict("wrong", slip.key, f"Not right yet. {slip}")
    except Exception as error:
        text = f"This check failed with {error!r:.200}. That is a fault of the course."
        return Verdict("course fault", "", text)


def attempt(function: Callable, *arguments: Any, fresh: bool = True) -> Any:
    """Call a learner's function and return its answer.

    With `fresh` it gets copies of arrays, lists and dictionaries, so that a function
    that changes its arguments does not change what the check compares with.
    """
    if not callable(function):
        text = f"This is {a(function)}. Pass the function itself, without parentheses."
        raise Wrong("no function", text)
    _require_parameters(function, "Your function", arguments)
    try:
        answer = function(*(map(_fresh, arguments) if fresh else arguments))
    except Exception as error:
        raise Wrong("crash", _crash(error)) from error
    parts = answer if isinstance(answer, tuple | list) else [answer]
    if any(part is ... for part in parts):
        raise NotDone
    if answer is None:
        text = "Your function returns nothing. Does its last line begin with `return`?"
        raise Wrong("nothing", text)
    return answer


def _fresh(argument: Any) -> Any:
    plain = isinstance(argument, np.ndarray | list | dict)
    return copy.deepcopy(argument) if plain else argument


def _require_parameters(function: Callable, name: str, arguments: Sequence) -> None:
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError as error:
        things = f"{len(arguments)} argument{'s' if len(arguments) > 1 else ''}"
        sentence = f"{name} is called with {things}, which do not fit: {error}."
        raise Wrong("parameters", sentence) from None
    except ValueError:  # some functions written in C do not say what they take
        pass


def numbers(answer: Any, what: str) -> np.ndarray:
    """A learner's answer from any backend as finite numbers, float64, in its shape."""
    try:
        if hasattr(answer, "detach"):  # a PyTorch tensor may carry a gradient
            answer = answer.detach().cpu()
        listed = isinstance(answer, Iterator)
        array = np.asarray(list(islice(answer, 10**6)) if listed else answer)
        parts = array.flat if array.dtype.kind == "O" else ()
        if array.dtype.kind in "SUcMm" or any(isinstance(x, str) for x in parts):
            raise TypeError  # NumPy would turn "3" into 3.0
        array = array.astype("float64")
    except Exception:
        raise _unexpected("kind", a(answer), what) from None
    if np.isnan(array).any():
        raise _unexpected("nan", "NaN (not a number)", what)
    if np.isinf(array).any():
        raise _unexpected("infinite", "infinity", what)
    return array


def one_number(answer: Any, what: str) -> float:
    """A learner's answer as one number; an array that holds only one is fine."""
    array = numbers(answer, f"one number, {what}")
    if array.size != 1:
        thing = f"{a(answer)} of shape {array.shape}"
        raise _unexpected("shape", thing, f"one number, {what}")
    return array.item()


def expect(answer: Any, what: str, kind: Any = str) -> Any:
    """A learner's answer, which has to be of a certain type."""
    if not isinstance(answer, kind):
        raise _unexpected("kind", a(answer), what)
    return answer


def _unexpected(key: str, thing: str, what: str) -> Wrong:
    return Wrong(key, f"Your function returns {thing}; it should return {what}.")


def compare(
    function: Callable,
    cases: Sequence[tuple],
    what: str,
    right: Callable,
    slips: Mapping[str, tuple[Callable, str]],
    conditions: Mapping[str, tuple[Callable, str]] | None = None,
    *,
    about: str = "",
    hint: str = "",
    read: Callable = one_number,
    rtol: float = 1e-4,
    atol: float = 1e-6,
) -> None:
    """Call a learner's function with the arguments of every case, and name its slip.

    `right` is the solution; a list from it means that several answers are right. A
    slip is a key, a rule like `right` with a usual mistake, and a sentence. Conditions
    are asked of the first wrong answer and its case if no rule explains it; `hint` is
    for the rest. `about` describes a case, such as "For {0} faces"; `read` turns what
    the function returned, and `what` it should be, into something to compare.
    """
    answers = [read(attempt(function, *case), what) for case in cases]

    def fits(rule: Callable, place: int) -> bool:
        return _close(answers[place], rule(*cases[place]), rtol, atol)

    wrong = [place for place in range(len(cases)) if not fits(right, place)]
    if not wrong:
        return
    answer, case = answers[wrong[0]], cases[wrong[0]]
    start = f"{about.format(*case)}, your" if about else "Your"
    start += f" function returns {_shown(answer)}. "
    # A slip that explains every answer is likelier than one for the wrong ones only.
    for places in (range(len(cases)), wrong):
        for key, (rule, sentence) in slips.items():
            if all(fits(rule, place) for place in places):
                raise Wrong(key, start + sentence)
    judge(conditions or {}, answer, *case, start=start)
    raise Wrong("other", start + hint)


def judge(
    slips: Mapping[str, tuple[Callable, str]], *facts: Any, start: str = ""
) -> None:
    """Raise `Wrong` for the first slip whose condition is true of the facts."""
    for key, (condition, sentence) in slips.items():
        if condition(*facts):
            raise Wrong(key, start + sentence)


def _close(answer: Any, value: Any, rtol: float, atol: float) -> bool:
    if isinstance(value, list):
        return any(_close(answer, one, rtol, atol) for one in value)
    if isinstance(value, str):
        return answer == value
    alike = np.shape(answer) == np.shape(value)
    return alike and np.allclose(answer, value, rtol=rtol, atol=atol)


def _shown(answer: Any) -> str:
    if isinstance(answer, str):
        return repr(answer[:50])
    values = np.ravel(answer)
    if not 0 < values.size < 10:
        return f"an array of shape {np.shape(answer)}"
    return ", ".join(map(_number, values))


def _number(x: float) -> str:
    """A number for reading: 1,234,567 or 1,234.5 or 0.1235."""
    if 1000 <= abs(x) < 1e15:
        return f"{x:,.1f}".removesuffix(".0")
    return f"{x:.4g}" if abs(x) > 1e-12 else "0"


def a(thing: Any) -> str:
    """What a thing is, with its article: "a list", "an int", "a NumPy array"."""
    name = type(thing).__name__
    name = _NAMES.get(name, name)
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


_NAMES = {
    "ndarray": "NumPy array",
    "EagerTensor": "tensor",
    "ArrayImpl": "tensor",
    "str": "string",
}


def _crash(error: Exception) -> str:
    """The error with the learner's own last line: a notebook's cell is in no file."""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    own = [x for x in frames if "ipykernel" in x.filename or x.filename[0] == "<"]
    own = own or [x for x in frames if "site-packages" not in x.filename][:1]
    where = f" in line {own[-1].lineno}" if own else ""
    where += f", `{own[-1].line}`" if own and own[-1].line else ""
    reason = " ".join(str(error).split()) or "no reason given"
    reason = reason if len(reason) <= 300 else reason[:300] + " …"
    return f"Your function stopped{where}: {type(error).__name__}: {reason}."
