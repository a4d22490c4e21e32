"""What a reader folds out: a table under its summary."""

from __future__ import annotations

from html import escape

from IPython.display import display

from fercourse.plots.tables import Table, aligned

_FOLDED = "<details><summary>{}</summary>{}</details>"


def folded_table(summary: str, table: Table) -> None:
    """Show a table of words that is folded at first."""
    look = 'style="text-align:left;vertical-align:top"'
    lines = ""
    for number, row in enumerate(table):
        kind = "td" if number else "th"
        cells = (f"<{kind} {look}>{escape(cell)}</{kind}>" for cell in row)
        lines += f"<tr>{''.join(cells)}</tr>"
    page = _FOLDED.format(escape(summary), f"<table>{lines}</table>")
    # Raw, so that nothing is added: nbval compares both forms.
    display({"text/plain": aligned(table), "text/html": page}, raw=True)
