"""A table of answers for each lesson's checks, and what is asked of all checks.

`tests/lessons/wording.json` holds what the checks say about wrong answers, by key.
`UPDATE_WORDING=1 python -m pytest tests/lessons -k wording` writes it anew.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from fercourse.lessons.exercise import Verdict, verdict

WORDING = Path(__file__).parents[1] / "lessons" / "wording.json"
Row = tuple[str, object]
NONSENSE = {
    "crash": lambda *_: 1 / 0,
    "nothing": lambda *_: None,
    "parameters": lambda: 1,
    "no function": 3,
}
VALUES = [
    *(
        "text",
        "3",
        float("nan"),
        -float("inf"),
        1e300,
        2 + 1j,
        {},
        set(),
        [[1], [1, 2]],
    ),
    *([None] * 7, np.array(["a"]), np.array([[]]), np.full((48, 48), np.nan), len),
]


def everywhere(check: Callable, answer: object) -> Verdict:
    """What a check says if this is the answer to everything that it asks for."""
    return verdict(check, *[answer] * len(inspect.signature(check).parameters))


def with_usual_slips(check: Callable, row: Sequence[Row]) -> list[Row]:
    """A row of the table, and every mistake that the check itself knows as an answer.

    They are recorded from what it passes to `compare` for the first answer, which is
    right. A check that reads only a part of what a function returns adds none.
    """
    right = row[0][1] if isinstance(row[0][1], tuple) else (row[0][1],)
    calls = []
    original = inspect.unwrap(check)
    if any("compare" in name for name in original.__code__.co_names):
        record = mock.Mock(side_effect=lambda *call, **_: calls.append(call))
        with mock.patch.dict(original.__globals__, compare=record):
            original(*right)
    rows = list(row)
    for function, _, _, solution, slips, *_ in calls:
        place = right.index(function) if function in right else 0
        if verdict(check, *replaced(right, place, solution)).status == "right":
            for key, (rule, _) in slips.items():
                rows.append((key, replaced(right, place, rule)))
    return rows


def replaced(answers: tuple, place: int, rule: Callable) -> tuple:
    """The answers with a rule in one place; the first if it gives several values."""

    def answer(*case):
        value = rule(*case)
        return value[0] if isinstance(value, list) else value

    return (*answers[:place], answer, *answers[place + 1 :])


def make_tests(table: Mapping[Callable, Sequence[Row]]) -> tuple[Callable, ...]:
    """Three tests of a lesson's checks: its answers, nonsense, and the wording.

    The table has for each check answers, and "right" or the key of a slip before each.
    An answer is what the check takes, or a tuple if it takes several things.
    """
    table = {check: with_usual_slips(check, row) for check, row in table.items()}

    @functools.cache
    def judged(check: Callable, place: int) -> Verdict:
        answer = table[check][place][1]
        return verdict(check, *(answer if isinstance(answer, tuple) else (answer,)))

    answers = [
        pytest.param(check, place, key, id=f"{check.__name__}-{place}-{key}")
        for check, row in table.items()
        for place, (key, _) in enumerate(row)
    ]

    @pytest.mark.parametrize(("check", "place", "key"), answers)
    def test_answers(check, place, key):
        said = judged(check, place)
        assert (said.key or said.status) == key, said.text

    @pytest.mark.parametrize("check", table, ids=lambda check: check.__name__)
    def test_nonsense(check):
        functions = "Callable" in str(inspect.signature(check))
        assert everywhere(check, ...).status == "not done"
        if functions:
            assert everywhere(check, lambda *_: ...).status == "not done"
        assert verdict(check, 1, 2, 3).key == "parameters"
        for key, answer in NONSENSE.items():
            said = everywhere(check, answer)
            assert said.status == "wrong"
            assert said.key == key or not functions
        for value in VALUES:
            answer = (lambda *_, value=value: value) if functions else value
            assert everywhere(check, answer).status == "wrong", value

    def test_wording():
        said: dict[str, dict[str, str]] = {check.__name__: {} for check in table}
        for check, row in table.items():
            for place, (key, _) in enumerate(row):
                if key not in ("right", "crash"):  # a crash shows a line of the test
                    said[check.__name__].setdefault(key, judged(check, place).text)
        stored = json.loads(WORDING.read_text("utf-8"))
        if os.environ.get("UPDATE_WORDING"):
            stored |= said
            text = json.dumps(stored, indent=1, ensure_ascii=False)
            WORDING.write_text(text + "\n", "utf-8")
        assert said == {name: stored.get(name) for name in said}

    return test_answers, test_nonsense, test_wording
