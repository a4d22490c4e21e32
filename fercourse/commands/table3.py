"""`python -m fercourse table3`: the paper's Table III and the measured rows."""

from __future__ import annotations

from pathlib import Path

from fercourse.machine import load_backend


def print_table3(form: str = "text", results: Path | None = None) -> int:
    """Print the table from a folder of runs as text, csv or markdown."""
    load_backend()
    from fercourse.results.runs import RESULTS, runs
    from fercourse.results.table3.tables import as_csv, as_markdown, as_text

    draw = {"text": as_text, "markdown": as_markdown, "csv": as_csv}[form]
    print(draw(runs(results or RESULTS)), end="")
    return 0
