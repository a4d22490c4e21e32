"""What the tests of all checks share."""

from __future__ import annotations


def said(capsys, check, *answers) -> str:
    """What a check prints about a learner's answers; nothing goes to the error stream."""
    check(*answers)
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def assert_wrong(text: str, sentence: str) -> None:
    """The answer is refused, and with this sentence."""
    assert text.startswith("✗ Not right yet. ")
    assert sentence in text


def assert_no_answers_are_answered(capsys, check) -> None:
    """Whatever is no answer gets a sentence: the stub, a crash, nothing, other arguments, no function."""
    assert said(capsys, check, lambda *x: ...).startswith("○ Not done yet")
    assert "ZeroDivisionError" in said(capsys, check, lambda *x: 1 / 0)
    assert "returns nothing" in said(capsys, check, lambda *x: None)
    assert "TypeError" in said(capsys, check, lambda: 1)
    assert "A function is expected" in said(capsys, check, 3)
