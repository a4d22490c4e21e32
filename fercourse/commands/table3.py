"""`python -m fercourse table3`: the paper's Table III and the measured rows."""

from __future__ import annotations

from pathlib import Path

from fercourse.data.faces import FER2013
from fercourse.machine import load_backend


def print_table3(
    form: str = "text", results: Path | None = None, data: str = FER2013
) -> int:
    """Print the table from a folder of runs as text, csv or markdown.

    `data` is the name of a data set, or how it begins; other data sets than FER2013
    have a table of their own.
    """
    load_backend()
    from fercourse.results.runs import RESULTS, runs
    from fercourse.results.table3.tables import as_csv, as_markdown, as_text

    folder = results or RESULTS
    names = sorted(path.parent.name for path in folder.glob("*/*.json"))
    known = {FER2013, *names}
    matching = {data} & known or {name for name in known if name.startswith(data)}
    if len(matching) != 1:
        raise ValueError(
            f"--data {data}: expected {FER2013} or one of the data sets with runs in "
            f"{folder.name}: {', '.join(dict.fromkeys(names)) or 'none'}."
        )
    draw = {"text": as_text, "markdown": as_markdown, "csv": as_csv}[form]
    print(draw(runs(matching.pop(), folder)), end="")
    return 0
