"""Exercises that answer back: what every check has in common.

A check looks at what a learner made, says in a sentence what is wrong and why, and
never stops the notebook. The checks themselves stand in `checks_start.py`,
`checks_explore.py`, and so on, one file for each lesson.
"""

from __future__ import annotations

import functools
import linecache
import traceback
from collections.abc import Callable
from typing import Any


class Wrong(Exception):
    """What a learner made is not right yet; the message is a sentence to act on."""


class NotDone(Exception):
    """The stub stands there untouched."""


def exercise(check: Callable[..., str]) -> Callable[..., None]:
    """Turn a function that returns praise or raises `Wrong` into a check that prints one sentence.

    An argument that is still `...`, or an answer `...` of the learner's function,
    counts as not done
    yet: both are what the stubs of the lessons hold.
    """

    @functools.wraps(check)
    def answer_back(*arguments: Any, **named: Any) -> None:
        try:
            if any(argument is ... for argument in (*arguments, *named.values())):
                raise NotDone
            print(f"✓ Right. {check(*arguments, **named)}")
        except NotDone:
            print(
                "○ Not done yet: replace the dots above with your own code, then run "
                "both cells again."
            )
        except Wrong as fault:
            print(f"✗ Not right yet. {fault}")

    return answer_back


def attempt(function: Callable, *arguments: Any, **named: Any) -> Any:
    """Call a learner's function and return its answer.

    Raises:
        Wrong: it crashed, returned nothing, or is no function; the message says where
            and why.
        NotDone: it is the stub, which returns `...`.
    """
    if not callable(function):
        raise Wrong(
            f"A function is expected here, and this is {a(function)}. Hand over its "
            f"name without brackets."
        )
    try:
        answer = function(*arguments, **named)
    except Exception as error:
        raise Wrong(_as_a_sentence(error)) from error
    if answer is ...:
        raise NotDone
    if answer is None:
        raise Wrong(
            "Your function returns nothing. Does its last line begin with `return`?"
        )
    return answer


def one_number(answer: Any, what: str) -> float:
    """The answer as a number.

    Args:
        answer: of the learner's function.
        what: is expected, such as "the accuracy".

    Raises:
        Wrong: it is none.
    """
    try:
        return float(answer)
    except (TypeError, ValueError):
        raise Wrong(
            f"Your function returns {a(answer)}; one number is expected, {what}."
        ) from None


def a(thing: Any) -> str:
    """What a thing is, with its article: "a list", "an int", "a NumPy array"."""
    name = type(thing).__name__
    if name in _NAMES:
        return _NAMES[name]
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


_NAMES = {
    "ndarray": "a NumPy array",
    "EagerTensor": "a tensor",
    "ArrayImpl": "a tensor",
}


def _as_a_sentence(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = "Your function stopped"
    # The last line that the learner wrote: in a notebook, it stands in no file.
    own = [
        frame
        for frame in frames
        if "ipykernel" in frame.filename or frame.filename.startswith("<")
    ]
    own = (
        own
        or [frame for frame in frames[1:] if "site-packages" not in frame.filename][:1]
    )
    if own:
        line = (
            own[-1].line or linecache.getline(own[-1].filename, own[-1].lineno)
        ).strip()
        where += f" in line {own[-1].lineno}" + (f", `{line}`" if line else "")
    reason = " ".join(str(error).split())
    if len(reason) > 300:
        reason = reason[:300] + " …"
    return f"{where}: {type(error).__name__}: {reason or 'no reason given'}."
