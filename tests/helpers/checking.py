"""A table of answers for each lesson's checks, and what is asked of all checks.

`tests/lessons/wording.json` holds what the checks say about wrong answers, by key.
`UPDATE_WORDING=1 python -m pytest tests/lessons -k wording` writes it anew.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, count
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import keras
import numpy as np
import pandas as pd
import pytest

from fercourse.lessons import exercise
from fercourse.lessons.exercise import Verdict, verdict

WORDING = Path(__file__).parents[1] / "lessons" / "wording.json"
Row = tuple[str, object]
NONSENSE = {
    "crash": lambda *_: 1 / 0,
    "nothing": lambda *_: None,
    "parameters": lambda: 1,
    "no function": 3,
}


class Trap:
    """An object that fails at whatever is asked of it."""

    def fail(self, *_):
        raise RuntimeError("trap")

    __array__ = __eq__ = __float__ = __len__ = __iter__ = __repr__ = __str__ = fail
    __bool__ = __hash__ = __getitem__ = __int__ = __index__ = fail


def endless_list():
    """A list that contains itself."""
    endless = [1]
    endless.append(endless)
    return endless


# Of each, a new one for every call: a generator can be read only once.
AWKWARD: dict[str, Callable[[], object]] = {
    "ellipsis": lambda: ...,
    "none": lambda: None,
    "nan": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "minus infinity": lambda: -np.inf,
    "huge": lambda: 1e300,
    "huge int": lambda: 10**5000,
    "true": lambda: True,
    "false": lambda: np.False_,
    "complex": lambda: 2 + 1j,
    "complex real": lambda: np.complex64(3),
    "digit": lambda: "3",
    "decimals": lambda: "0.5",
    "text": lambda: "text",
    "empty text": lambda: "",
    "half a character": lambda: "\ud800",
    "bytes": lambda: b"3",
    "bytearray": lambda: bytearray(b"happy"),
    "dict": lambda: {},
    "dict of numbers": lambda: {0: 0.5, 1: 0.5},
    "set": lambda: set(),
    "set of numbers": lambda: {1, 2},
    "frozenset": lambda: frozenset("XY"),
    "empty": lambda: [],
    "empty tuple": lambda: (),
    "nested": lambda: [[[[]]]],
    "ragged": lambda: [[1], [1, 2]],
    "ragged arrays": lambda: (np.ones(2), np.ones((2, 3))),
    "itself": endless_list,
    "seven none": lambda: [None] * 7,
    "digits": lambda: ["1", "2"],
    "mixed": lambda: [1, "2", None],
    "dots": lambda: [1, ...],
    "generator": lambda: (x for x in ("a", "b")),
    "numbers generator": lambda: (x / 3 for x in range(5)),
    "endless generator": lambda: count(0.5),
    "map": lambda: map(str, range(3)),
    "dict view": lambda: {"a": 0.1}.values(),
    "range": lambda: range(3),
    "huge range": lambda: range(10**12),
    "0-d": lambda: np.array(0.12345),
    "0-d text": lambda: np.array("text"),
    "0-d object": lambda: np.array(None),
    "0-d dict": lambda: np.array({1: 2}, dtype=object),
    "empty array": lambda: np.array([[]]),
    "letters": lambda: np.array(["a"]),
    "objects": lambda: np.array([[1], "2"], dtype=object),
    "masked": lambda: np.ma.array([1.0, 2.0], mask=[False, True]),
    "masked one": lambda: np.ma.masked,
    "nan face": lambda: np.full((48, 48), np.nan),
    "dates": lambda: np.array(["2020"], "M8[Y]"),
    "duration": lambda: np.timedelta64(3, "s"),
    "record": lambda: np.zeros(2, [("a", "f4")]),
    "keras tensor": lambda: keras.KerasTensor((2, 3)),
    "series": lambda: pd.Series(["a", "b"]),
    "table": lambda: pd.DataFrame({"a": [0.1, 0.2]}),
    "function": lambda: len,
    "class": lambda: int,
    "module": lambda: np,
    "exception": lambda: ValueError("no"),
    "object": lambda: object(),
    "trap": Trap,
    "traps": lambda: [Trap()],
    "decimal": lambda: Decimal("NaN"),
    "fraction": lambda: Fraction(1, 97),
    "slice": lambda: slice(3),
    "memory": lambda: memoryview(b"abc"),
}


class Call(NamedTuple):
    """What a check passed to `compare`."""

    place: int  # of the learner's function among the answers
    cases: Sequence[tuple]
    right: Callable
    slips: Mapping[str, tuple]
    close: dict[str, float]


def everywhere(check: Callable, answer: object) -> Verdict:
    """What a check says if this is the answer to everything that it asks for."""
    return verdict(check, *[answer] * len(inspect.signature(check).parameters))


def several(answer: object) -> tuple:
    return answer if isinstance(answer, tuple) else (answer,)


def comparisons(check: Callable, right: tuple) -> Iterator[Call]:
    """What a check passes to `compare` if it gets these right answers."""
    calls = []

    def record(function, cases, what, solution, slips, *_, **named):
        # Only a comparison of plain answers can be given a rule as an answer.
        place = next((n for n, x in enumerate(right) if x is function), -1)
        close = {key: named.get(key, x) for key, x in (("rtol", 1e-4), ("atol", 1e-6))}
        calls.append(Call(place, cases, solution, slips, close))

    original = inspect.unwrap(check)
    if any("compare" in name for name in original.__code__.co_names):
        with mock.patch.dict(original.__globals__, compare=record):
            original(*right)
    yield from calls


def with_usual_slips(check: Callable, row: Sequence[Row]) -> list[Row]:
    """A row of the table, and every mistake that the check itself knows as an answer.

    A check that reads only a part of what a function returns adds none.
    """
    right = several(row[0][1])
    rows = list(row)
    for call in comparisons(check, right):
        if call.place < 0:
            continue
        if verdict(check, *replaced(right, call.place, call.right)).status == "right":
            for key, (rule, _) in call.slips.items():
                rows.append((key, replaced(right, call.place, rule)))
    return rows


def replaced(answers: tuple, place: int, rule: Callable) -> tuple:
    """The answers with a rule in one place; the first if it gives several values."""

    def answer(*case):
        value = rule(*case)
        return value[0] if isinstance(value, list) else value

    return (*answers[:place], answer, *answers[place + 1 :])


def ambiguous(call: Call) -> list[tuple[str, str]]:
    """Pairs of slips, or a slip and the solution, that no case can tell apart."""
    rules = {"right": call.right}
    rules |= {key: rule for key, (rule, _) in call.slips.items()}
    values = {key: [rule(*x) for x in call.cases] for key, rule in rules.items()}

    def alike(one, other):
        first = one[0] if isinstance(one, list) else one
        return exercise._close(first, other, **call.close)

    return [
        (a, b)
        for a, b in combinations(values, 2)
        if all(map(alike, values[a], values[b]))
    ]


def spoiling(function: Callable, spoiled: list) -> Callable:
    """A right function that empties what is passed to it."""

    def answer(*arguments):
        value = function(*arguments)
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                value = np.array(value) if isinstance(value, np.ndarray) else value
                argument[...] = 1 - argument.astype(bool)
                spoiled.append(argument)
            elif isinstance(argument, list | dict):
                argument.clear()
                spoiled.append(argument)
        return value

    return answer


def once(function: Callable, later: Callable) -> Callable:
    """A right function for the first call only; then `later` of the first answer."""
    answers: list = []

    def answer(*arguments):
        if not answers:
            answers.append(function(*arguments))
            return answers[0]
        return later(answers[0])

    return answer


def building_once(check: Callable):
    """A context in which a check builds its network once, for it takes a while."""
    names = inspect.unwrap(check).__globals__
    builders = {"vgg19"} & names.keys()
    once = {name: functools.cache(names[name]) for name in builders}
    return mock.patch.dict(names, once)


def make_tests(table: Mapping[Callable, Sequence[Row]]) -> dict[str, Callable]:
    """The tests of a lesson's checks, by name, for the `globals()` of their file.

    The table has for each check answers, and "right" or the key of a slip before each.
    An answer is what the check takes, or a tuple if it takes several things.
    """

    @functools.cache
    def rows_of(check: Callable) -> list[Row]:
        return with_usual_slips(check, table[check])

    @functools.cache
    def judged(check: Callable) -> list[Verdict]:
        return [verdict(check, *several(answer)) for _, answer in rows_of(check)]

    checks = pytest.mark.parametrize("check", table, ids=lambda check: check.__name__)

    @checks
    def test_answers(check):
        rows = rows_of(check)
        keys = [key for key, _ in table[check]]
        assert keys[0] == "right"
        assert keys.count("right") >= 3
        assert len(rows) - keys.count("right") >= 8
        said = judged(check)
        pairs = [
            (x.key or x.status, key) for x, (key, _) in zip(said, rows, strict=True)
        ]
        missed = [
            (place, pair, said[place].text)
            for place, pair in enumerate(pairs)
            if pair[0] != pair[1]
        ]
        assert not missed, missed

    @checks
    def test_slips_differ(check):
        for call in comparisons(check, several(table[check][0][1])):
            assert not ambiguous(call), ambiguous(call)

    def takes_functions(check):
        return "Callable" in str(inspect.signature(check))

    @checks
    def test_nonsense(check):
        functions = takes_functions(check)
        assert everywhere(check, ...).status == "not done"
        if functions:
            assert everywhere(check, lambda *_: ...).status == "not done"
        assert verdict(check, 1, 2, 3).key == "parameters"
        for key, answer in NONSENSE.items():
            said = everywhere(check, answer)
            assert said.status == "wrong"
            assert said.key == key or not functions

    @checks
    def test_awkward_values_are_never_right(check):
        with building_once(check):  # none of these values changes it
            for name, make in AWKWARD.items():
                answers = [make()]
                if takes_functions(check):
                    answers.append(lambda *_, make=make: make())
                for answer in answers:
                    said = everywhere(check, answer)
                    assert said.status in ("wrong", "not done"), (name, said)

    @checks
    def test_functions_that_work_in_part_are_never_right(check):
        right = several(table[check][0][1])
        if not takes_functions(check):
            pytest.skip("takes no function")
        for place, function in enumerate(right):
            spoiled: list = []
            partly = [
                ("spoils", spoiling(function, spoiled)),
                ("returns its input", lambda *arguments: arguments[0]),
                ("once", once(function, lambda first: None)),
                ("always the first", once(function, lambda first: first)),
            ]
            for name, wrong in partly:
                said = verdict(check, *right[:place], wrong, *right[place + 1 :])
                if name != "spoils" or spoiled:
                    assert said.status == "wrong", (name, said)

    def test_wording():
        said: dict[str, dict[str, str]] = {check.__name__: {} for check in table}
        for check in table:
            for (key, _), outcome in zip(rows_of(check), judged(check), strict=True):
                # A crash shows a line of the test or a layer's number, a change what
                # was drawn.
                fixed = key not in ("right", "changing", "crash")
                if fixed and " in line " not in outcome.text:
                    said[check.__name__].setdefault(key, outcome.text)
        stored = json.loads(WORDING.read_text("utf-8"))
        if os.environ.get("UPDATE_WORDING"):
            stored |= said
            text = json.dumps(stored, indent=1, ensure_ascii=False)
            WORDING.write_text(text + "\n", "utf-8")
        assert said == {name: stored.get(name) for name in said}

    return {name: test for name, test in locals().items() if name.startswith("test_")}
