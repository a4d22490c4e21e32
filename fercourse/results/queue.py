"""The queue of runs: the commands in the tables of `data/results/QUEUE.md`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from fercourse.machine import REPOSITORY

QUEUE = REPOSITORY / "data" / "results" / "QUEUE.md"

SECTIONS = {"gpu": "## For a GPU", "cpu": "## For the CPU"}
"""The headings of the queue."""

COMMAND = ("python", "-m", "fercourse", "train")
"""How every command of the queue begins."""

_SEPARATOR = re.compile(r"\|[\s|:-]+\|")


def wanted_commands(section: str) -> list[str]:
    """The commands of a section, "gpu" or "cpu", without those that were run.

    A row is removed from the queue when its run is committed.
    """
    rows = queue_rows(section)
    return [shlex.join([*COMMAND, *command_words(row)]) for _, row in rows]


def queue_rows(section: str, path: Path = QUEUE) -> Iterator[tuple[int, str]]:
    """The rows of a section's tables, without their heads, and their line numbers."""
    heading = SECTIONS[section]
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    if heading not in lines:
        raise ValueError(f"{path.name} has no section {heading!r}.")
    first = lines.index(heading) + 1
    for number, line in enumerate(lines[first:], start=first + 1):
        if line.startswith("## "):
            return
        # A head is the row above a separator; lines are counted from 1.
        around = (line, "".join(lines[number : number + 1]))
        if line.startswith("|") and not any(map(_SEPARATOR.fullmatch, around)):
            yield number, line


def command_words(row: str) -> list[str]:
    """The words after `train` in the last column of a row."""
    command = re.fullmatch(r"`([^`]+)`", row.strip("| ").split("|")[-1].strip())
    words = shlex.split(command[1]) if command else []
    if tuple(words[:4]) != COMMAND:
        raise ValueError(
            f"expected `{' '.join(COMMAND)} …` in the last column, found {row!r}."
        )
    return words[4:]
