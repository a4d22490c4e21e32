"""What all exercises share: calling a learner's function and naming its mistake.

A check is a function with the decorator `exercise`. It returns praise, or raises
`Wrong` with the key of a slip and a sentence to act on. It never stops the notebook.
"""

from __future__ import annotations

import builtins
import copy
import difflib
import html
import inspect
import linecache
import os
import re
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, wraps
from itertools import islice
from numbers import Integral
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fercourse.machine import VERDICTS_VARIABLE

Slips = Mapping[str, tuple[Callable, str]]  # by key: a rule or condition, a sentence


class Wrong(Exception):
    """A slip: a short key for tests, and a sentence for the learner."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


class NotDone(Exception):
    """The stub is still as it was; the message, if any, says what to do."""


class Verdict(NamedTuple):
    """What a check says about an answer."""

    status: str  # "right", "wrong", "not done" or "course fault"
    key: str  # of the slip, empty for the other three
    text: str


_NOT_DONE = "Not done yet: replace the dots above with your own code, then run both "
_NOT_DONE += "cells again."
_LOOKS = {
    "right": ("✓", "#2da44e"),
    "wrong": ("✗", "#d9730d"),
    "not done": ("○", "#808890"),
    "course fault": ("⚠", "#8957e5"),
}
_ANSWERED: dict[int, dict[int, bool]] = {}  # by lesson and exercise: was it right?


def exercise(check: Callable[..., str]) -> Callable[..., None]:
    """Turn a function that praises or raises `Wrong` into one that shows a verdict."""
    numbered = re.match(r"Exercise (\d+)\.(\d+)", check.__doc__ or "")
    lesson, number = map(int, numbered.groups()) if numbered else (-1, 0)
    answered = _ANSWERED.setdefault(lesson, {})
    answered[number] = False

    @wraps(check)
    def show(*answers: Any, **named: Any) -> None:
        outcome = verdict(check, *answers, **named)
        answered[number] = outcome.status == "right"
        if path := os.environ.get(VERDICTS_VARIABLE):
            with open(path, "a", encoding="utf-8") as file:
                file.write(f"{lesson}.{number} {outcome.status}\n")
        text = f"{_LOOKS[outcome.status][0]} {outcome.text}"
        if numbered and (answered[number] or number == max(answered)):
            right = sum(answered.values())
            text += f"\nThis lesson: {right} of {len(answered)} exercises right."
        _display(text, _LOOKS[outcome.status][1])

    return show


def _display(text: str, colour: str) -> None:
    """Show a tinted box, for light and dark themes, or outside a notebook text."""
    text = text.encode("utf-8", "replace").decode()  # half a character cannot be shown
    ipython = sys.modules.get("IPython")  # never loaded only for this
    if not ipython or not ipython.get_ipython():
        return print(text)
    page = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text[2:], quote=False))
    page = re.sub(r"(?<![\w*`])\*(\w[^*<>]*)\*(?!\w)", r"<em>\1</em>", page)
    page = page.replace("\n", "<br>")
    box = (
        f'<div role="status" style="border-left:4px solid {colour};max-width:60em;'
        f"background:{colour}22;padding:.5em .8em;border-radius:3px;line-height:1.5;"
        f'overflow-wrap:break-word"><span aria-hidden="true" style="color:{colour};'
        f'font-weight:bold">{text[0]}</span> {page}</div>'
    )
    ipython.display.display({"text/plain": text, "text/html": box}, raw=True)


def yours(check: Callable, answer: Callable, ours: Callable | None = None) -> Any:
    """A learner's function if its check accepts it, otherwise the course's, if any."""
    return answer if verdict(check, answer).status == "right" else ours


def verdict(check: Callable, *answers: Any, **named: Any) -> Verdict:
    """What a check would show, as a record; `...` as an answer is the stub."""
    check = inspect.unwrap(check)
    try:
        if any(answer is ... for answer in (*answers, *named.values())):
            raise NotDone
        _require_parameters(check, "This check", answers, named)
        with np.errstate(all="ignore"):
            return Verdict("right", "", f"Right. {check(*answers, **named)}")
    except NotDone as stub:
        return Verdict("not done", "", str(stub) or _NOT_DONE)
    except Wrong as slip:
        return Verdict("wrong", slip.key, f"Not right yet. {slip}")
    except Exception as error:
        text = f"This check failed: {_reason(error)}. That is a fault of the course."
        return Verdict("course fault", "", text)


def attempt(function: Callable, *arguments: Any) -> Any:
    """What a learner's function makes of copies of arrays, lists and dictionaries."""
    if not callable(function):
        text = f"This is {a(function)}. Pass the function itself, without parentheses."
        raise Wrong("no function", text)
    _require_parameters(function, "Your function", arguments)
    plain = np.ndarray | list | dict
    passed = [copy.deepcopy(x) if isinstance(x, plain) else x for x in arguments]
    try:
        answer = function(*passed)
    except (Exception, SystemExit, GeneratorExit) as error:
        raise Wrong("crash", _crash(error)) from error
    parts = answer if isinstance(answer, tuple | list) else [answer]
    if any(part is ... for part in parts):
        raise NotDone
    if answer is None:
        text = "Your function returns nothing. Does its last line begin with `return`?"
        raise Wrong("nothing", text)
    for place, (kept, used) in enumerate(zip(arguments, passed, strict=True), 1):
        if isinstance(kept, plain) and not _same(kept, used):
            text = f"Your function changes argument {place}, {a(kept)}, for everybody "
            raise Wrong("in place", f"{text}who uses it later. Work on a copy.")
    return answer


def _same(kept: Any, used: Any) -> bool:
    if isinstance(kept, np.ndarray):
        return np.array_equal(kept, used)
    return repr(kept) == repr(used)


def _require_parameters(
    function: Callable, name: str, arguments: Sequence, named: Mapping | None = None
) -> None:
    named = named or {}
    try:
        signature = inspect.signature(function)
    except Exception:  # some functions written in C do not say what they take
        return
    try:
        signature.bind(*arguments, **named)
    except TypeError:
        count = len(arguments) + len(named)
        things = f"{count} argument{'s' if count != 1 else ''}"
        text = f"{name} is called with {things}, but takes `{signature}`."
        own = getattr(function, "__func__", None)
        if own and next(iter(inspect.signature(own).parameters), "") != "self":
            text += " The first parameter of a method is `self`."
        raise Wrong("parameters", text) from None


def numbers(answer: Any, what: str) -> np.ndarray:
    """A learner's answer from any backend as finite numbers, float64, in its shape."""
    thing = a(answer)
    try:
        if hasattr(answer, "detach"):  # a PyTorch tensor may carry a gradient
            answer = answer.detach().cpu()
        if isinstance(answer, Iterator):
            answer = list(islice(answer, 10**6))
        if isinstance(answer, Sequence) and len(answer) > 10**6:
            raise TypeError
        array = np.asarray(answer)
        parts = array.flat if array.dtype.kind == "O" else ()
        if array.dtype.kind not in "biufO" or np.ma.is_masked(answer):
            raise TypeError
        if any(isinstance(part, str | bytes) for part in parts):
            raise TypeError  # NumPy would turn "3" into 3.0
        array = array.astype("float64")
    except (Exception, SystemExit) as error:  # also from a generator
        ragged = "inhomogeneous" in str(error)
        thing += " with parts of different lengths" * ragged
        raise _unexpected("kind", thing, what) from None
    if not np.isfinite(array).all():
        key = "nan" if np.isnan(array).any() else "infinite"
        raise _unexpected(key, "NaN, not a number" if key == "nan" else key, what)
    return array


def one_number(answer: Any, what: str) -> float:
    """A learner's answer as one number; an array that holds only one is fine."""
    what = f"one number, {what}"
    array = numbers(answer, what)
    if isinstance(answer, bool | np.bool_):
        raise _unexpected("kind", str(answer), what)
    if array.size != 1:
        raise _unexpected("shape", f"{a(answer)} of shape {array.shape}", what)
    return array.item()


def whole_number(answer: Any, what: str) -> float:
    """A learner's answer as one number without decimals."""
    if (number := one_number(answer, what)) % 1:
        raise _unexpected("not whole", _number(number), f"a whole number, {what}")
    return number


def word(answer: Any, what: str, words: Sequence[str]) -> str:
    """A learner's answer as one of several words."""
    if isinstance(answer, np.ndarray) and answer.ndim == 0:
        answer = answer.item()
    if isinstance(answer, Integral) and not isinstance(answer, bool):
        raise Wrong("position", "Your function returns a position. Look up its word.")
    if expect(answer, what) in words:
        return str(answer)
    near = difflib.get_close_matches(answer.strip().lower(), words, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise Wrong("unknown", f"{answer!r:.50} is none of {', '.join(words)}.{hint}")


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
    slips: Slips,
    conditions: Slips | None = None,
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
    cases = [*cases, cases[0]]  # some functions work only once
    answers = [read(attempt(function, *case), what) for case in cases]

    def fits(rule: Callable, place: int) -> bool:
        return _close(answers[place], rule(*cases[place]), rtol, atol)

    def explain(rules: Slips) -> None:
        # A slip that explains every answer is likelier than one for the wrong ones.
        for places in (range(len(cases)), wrong):
            for key, (rule, sentence) in rules.items():
                if all(fits(rule, place) for place in places):
                    raise Wrong(key, start + sentence)

    wrong = [place for place in range(len(cases)) if not fits(right, place)]
    if not wrong:
        return
    answer, case = answers[wrong[0]], cases[wrong[0]]
    start = f"{about.format(*case)}, your" if about else "Your"
    start += f" function returns {_shown(answer)}. "
    if not _close(answers[-1], answers[0], rtol, atol):
        both = " and then ".join(map(_shown, (answers[0], answers[-1])))
        text = f"Your function returns {both} for the same arguments. Does it remember "
        raise Wrong("changing", f"{text}something, or draw too few random numbers?")
    explain(slips)
    value = right(*case)
    shape = np.shape(value[0] if isinstance(value, list) else value)
    same = all(_close(other, answer, rtol, atol) for other in answers)
    if same and np.shape(answer) == shape and len(cases) > 2:
        text = "It always returns the same. Use the arguments that it is called with."
        raise Wrong("constant", start + text)
    if not isinstance(answer, str):
        explain(_usual(right))
    judge(conditions or {}, answer, *case, start=start)
    if np.shape(answer) != shape:
        raise Wrong("shape", f"{start}It should have the shape {shape}.")
    raise Wrong("other", start + hint)


def _usual(right: Callable) -> Slips:
    """Slips that are possible wherever a number is asked for."""

    def changed(*changes: Callable) -> Callable:
        def rule(*case: Any) -> list:
            value = right(*case)
            values = value if isinstance(value, list) else [value]
            return [change(np.asarray(x, float)) for x in values for change in changes]

        return rule

    roundings = [partial(np.round, decimals=n) for n in range(3)]
    return {
        "percent": (changed(lambda x: 100 * x), "That is 100 times too much. Is it in "
            "percent?"),
        "share": (changed(lambda x: x / 100), "That is a hundredth of it. Is it a "
            "share instead of percent?"),
        "sign": (changed(lambda x: -x), "The sign is reversed."),
        "rounded": (lambda *case: [x for x in changed(*roundings)(*case) if x.any()],
            "That is rounded. Return all decimals."),
    }  # fmt: skip


def judge(slips: Slips, *facts: Any, start: str = "") -> None:
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
    if not values.size:
        return "an empty list"
    if values.size > 9:
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
    article = "an" if name[:1] in "aeioAEIO" else "a"
    return "None" if thing is None else f"{article} {name}"


_NAMES = {
    "ndarray": "NumPy array",
    "EagerTensor": "tensor",
    "KerasTensor": "Keras tensor, which holds no numbers yet",
    "dict": "dictionary",
    "str": "string",
}
_FOREIGN: tuple[str, ...] = (
    "<frozen",
    "<__",
    "__autograph",
    str(Path(__file__).parents[1]),
)
_FOREIGN += tuple(sysconfig.get_path(name) for name in ("stdlib", "purelib"))


def _crash(error: BaseException) -> str:
    """The error with the learner's own last line: a notebook's cell is in no file."""
    where, names = "", set(dir(builtins))
    for frame, number in traceback.walk_tb(error.__traceback__):
        path = frame.f_code.co_filename
        if not any(part in path for part in _FOREIGN):
            line = linecache.getline(path, number, frame.f_globals).strip()
            where = f" in line {number}" + f", `{line:.120}`" * bool(line)
            names |= {*frame.f_globals, *frame.f_locals}
    return f"Your function stopped{where}: {_reason(error)}.{_advice(error, names)}"


def _reason(error: BaseException) -> str:
    """An error without colours, the places of files, and what a backend adds to it."""
    try:
        reason = re.sub(r"\x1b\[[\d;]*m|\{\{.*?\}\}|\[Op:.*", "", str(error))
    except Exception:
        reason = ""
    reason = reason.split("Arguments received by")[0].strip()
    if reason.startswith("in user code:"):  # TensorFlow lists its own files first
        reason = reason.splitlines()[-1]
    reason = " ".join(reason.split()).rstrip(".") or "no reason given"
    return f"{type(error).__name__}: {reason:.300}"


def _advice(error: BaseException, names: set[str]) -> str:
    """What a typing error, or a method without `self`, was probably meant to be."""
    missing = r"[A-Z]\w*\.\w+\(\) takes \d+ .* but \d+ w|name 'self'"
    if re.search(missing, _reason(error)):
        return " The first parameter of each method is `self`."
    if isinstance(error, AttributeError):
        names = set(dir(error.obj)) if error.obj is not None else set()
    elif not isinstance(error, NameError):
        return ""
    near = difflib.get_close_matches(error.name or "", names, 1)
    return f" Did you mean `{near[0]}`?" if near else ""
