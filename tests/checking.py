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
