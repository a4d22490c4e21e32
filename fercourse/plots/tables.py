"""Drawing tables: rows of cells as aligned text, or as Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import zip_longest

Table = Sequence[Sequence[str]]
"""Rows of cells, the heading first; all rows of the same length."""


def aligned(table: Table, widest: int = 44) -> str:
    """A table as text, in columns that are as wide as they must be.

    Args:
        table: heading and rows.
        widest: a cell with more characters goes on in the next line; a longer word
            stays whole.
    """
    # A row is as many lines as its longest cell needs.
    lines_of_rows = [
        list(zip_longest(*(_wrapped(cell, widest) for cell in row), fillvalue=""))
        for row in table
    ]
    lines = [line for lines_of_row in lines_of_rows for line in lines_of_row]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    drawn = [
        "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
    heading = len(lines_of_rows[0])
    return "\n".join([*drawn[:heading], "-" * max(map(len, drawn)), *drawn[heading:]])


def _wrapped(cell: str, widest: int) -> list[str]:
    return textwrap.wrap(
        cell, widest, break_long_words=False, break_on_hyphens=False
    ) or [""]


def markdown(table: Table, widest: int = 0) -> str:
    """A table in Markdown; `widest` is taken and ignored, for Markdown does its own wrapping."""
    rows = [[cell.replace("|", "\\|") for cell in row] for row in table]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(table[0]), *lines[1:]])
