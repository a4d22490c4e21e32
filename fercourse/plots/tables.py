"""Rows of cells as aligned text, as Markdown, or as a table under a notebook's cell."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from html import escape
from itertools import zip_longest

from IPython.display import display

Table = Sequence[Sequence[str]]
"""Rows of cells, the heading first; all rows of the same length."""

_NUMBER = re.compile(r"[-+−]?\d[\d,.\s×]*(to [-−]?[\d,.]+|million|%)?")
_MISSING = ("", "–", "none", "not yet run")  # in a column of numbers


def show_table(table: Table, folded: str = "") -> None:
    """Show a table under a cell, columns of numbers aligned to the right.

    Where no HTML is shown, it is the text of `aligned`. With a summary in `folded`, the
    table is under that, and folded at first.

    Example: `fc.show_table([["name", "faces"], ["happy", "7,215"]])`.
    """
    # Raw, so that nothing is added: nbval compares both forms.
    page = _page(table)
    if folded:
        page = f"<details><summary>{escape(folded)}</summary>{page}</details>"
    display({"text/plain": aligned(table), "text/html": page}, raw=True)


def signed(number: float, digits: int = 0) -> str:
    """A rounded number with its sign, such as "+25" or "−1"; 0 has none."""
    words = f"{number:+z.{digits}f}"
    return words.replace("-", "−") if float(words) else words[1:]


def _page(table: Table) -> str:
    """A table in HTML, in a box that scrolls sideways where it is too wide.

    It has no colours of its own, so it suits light and dark pages.
    """
    columns = [column[1:] for column in zip(*table, strict=True)]
    sides = ["right" if _holds_numbers(column) else "left" for column in columns]
    # Text may wrap, but not into a column of single words; numbers never wrap. A letter
    # is about 0.45 em wide; with a little less, most tables fit a phone.
    widths = [
        f"min-width:{0.4 * min(max(map(len, column), default=0), 18):g}em"
        for column in zip(*table, strict=True)
    ]
    looks = [
        "white-space:nowrap" if side == "right" else width
        for side, width in zip(sides, widths, strict=True)
    ]
    heading = _row("th", table[0], sides, widths)
    rows = "".join(_row("td", row, sides, looks) for row in table[1:])
    return (
        '<div style="overflow-x:auto;max-width:100%"><table style="margin:0 0 1em">'
        f"<thead>{heading}</thead><tbody>{rows}</tbody></table></div>"
    )


def _holds_numbers(column: Sequence[str]) -> bool:
    cells = [cell for cell in column if cell not in _MISSING]
    return bool(cells) and all(map(_NUMBER.fullmatch, cells))


def _row(
    kind: str, cells: Sequence[str], sides: Sequence[str], looks: Sequence[str]
) -> str:
    # GitHub removes styles and keeps `align`; JupyterLab's own style outweighs `align`.
    drawn = [
        f'<{kind} align="{side}" style="text-align:{side};vertical-align:top;{look}">'
        f"{escape(cell, quote=False)}</{kind}>"
        for cell, side, look in zip(cells, sides, looks, strict=True)
    ]
    return f"<tr>{''.join(drawn)}</tr>"


def aligned(table: Table, widest: int = 44) -> str:
    """A table as text in columns; cells longer than `widest` are wrapped between words.

    Example: `print(aligned([["name", "faces"], ["happy", "7,215"]]))`.
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
