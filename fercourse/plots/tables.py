"""Rows of cells as aligned text or as Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import zip_longest

Table = Sequence[Sequence[str]]
"""Rows of cells, the heading first; all rows of the same length."""


def aligned(table: Table, widest: int = 44) -> str:
    """A table as text in columns; cells longer than `widest` are wrapped between words.

    Example: `print(fc.aligned([["name", "faces"], ["happy", "7,215"]]))`.
    """
    # A row has as many lines as its longest cell needs.
    lines_of_rows = [
        list(zip_longest(*(_wrapped(cell, widest) for cell in row), fillvalue=""))
        for row in table
    ]
    lines = [line for lines_of_row in lines_of_rows for line in lines_of_row]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    drawn = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
    drawn.insert(len(lines_of_rows[0]), "-" * max(map(len, drawn)))
    return "\n".join(drawn)


def _wrapped(cell: str, widest: int) -> list[str]:
    wrapper = textwrap.TextWrapper(
        widest, break_long_words=False, break_on_hyphens=False
    )
    return wrapper.wrap(cell) or [""]


def markdown(table: Table, widest: int = 0) -> str:
    """A table in Markdown; `widest` is ignored, since Markdown wraps cells itself."""
    rows = [[cell.replace("|", "\\|") for cell in row] for row in table]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(table[0]), *lines[1:]])
