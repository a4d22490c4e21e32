"""Table III: the paper's numbers and, apart from them, what stored runs measured."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields

from fercourse.models.pocket import pocket_configuration
from fercourse.models.vgg19 import COMBINE, POOLS
from fercourse.plots.tables import Table, aligned, markdown
from fercourse.results.runs import Run
from fercourse.results.statistics import TEST_FACES
from fercourse.results.table3.paper import PAPER_ROWS, TABLE_FAULTS, PaperRow
from fercourse.results.table3.rows import Row, measured_row, measured_rows
from fercourse.training.experiment import changed_fields

__all__ = [
    "COLUMNS",
    "PAPER_ROWS",
    "PaperRow",
    "Row",
    "as_csv",
    "as_markdown",
    "as_text",
    "measured_rows",
    "table3",
]

POCKET_RECIPE = "pocket"
QUEUE = "data/results/QUEUE.md"
"""Where the commands of runs that are still wanted stand."""

COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Row))
"""The columns of the CSV form, all there are. Text and Markdown show them in several tables."""


def table3(runs: Iterable[Run]) -> list[Row]:
    """The paper's seven rows without measured columns, then the measured rows without a paper column."""
    measured = measured_rows(runs)
    return [_paper_row(row, measured) for row in PAPER_ROWS] + measured


def _paper_row(row: PaperRow, measured: Sequence[Row]) -> Row:
    return Row(
        system=row.system,
        paper=row.accuracy,
        method=row.method,
        state=_state(row.system, measured),
        views=row.views,
        source=row.source,
        split=row.split,
        selected=row.selected,
        faults=row.faults,
    )


def _state(system: str, measured: Sequence[Row]) -> str:
    """Whether the network of a paper's row was measured, however trained, or only others of its system."""
    found = [row.as_published for row in measured if row.system == system]
    if not found:
        return "not yet run"
    return "network as published" if any(found) else "other forms only"


def _cell(row: Row, name: str, missing: str = "") -> str:
    value = getattr(row, name)
    if value is None:
        return missing
    if not isinstance(value, float) or name == "width":
        return str(value)
    return f"{value:.{1 if name == 'minutes' else 2}f}"


def as_csv(rows: Iterable[Row]) -> str:
    """The rows as CSV, one header line, empty cells where nothing was measured."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(row, name) for name in COLUMNS] for row in rows)
    return text.getvalue()


def as_markdown(runs: Sequence[Run]) -> str:
    """Markdown tables: the paper's numbers, the measured ones, and the places of the block."""
    return _all_tables(runs, markdown)


def as_text(runs: Sequence[Run]) -> str:
    """The same tables as `as_markdown`, in aligned columns."""
    return _all_tables(runs, aligned)


_LEGEND = (
    "Trained on Training, best epoch chosen on PublicTest, PrivateTest looked at "
    "once; a row that was\n"
    "chosen otherwise says so. Accuracies are in percent, and the mean over the "
    "seeds; low and high:\n"
    "Wilson's 95 % interval for the faces of PrivateTest; spread: standard deviation "
    "over the seeds;\n"
    "unseen: PrivateTest without the faces that are in Training too; macro-F1 and "
    "calibration error: on\n"
    "PrivateTest."
)


def _all_tables(runs: Sequence[Run], draw: Callable[[Table, int], str]) -> str:
    rows = measured_rows(runs)
    parts = [
        "Table III as the paper prints it (accuracy in percent)",
        draw(_paper_table(rows), 40),
        "Where the paper's numbers come from",
        draw(_sources_table(), 28),
        "The networks in this course, and the faults of the numbers",
        draw(_faults_table(), 54),
        "\n".join(
            textwrap.fill(fault, 110, initial_indent="- ", subsequent_indent="  ")
            for fault in TABLE_FAULTS
        ),
        "Measured, from stored runs: what was run",
        *_measured_tables(rows, draw),
        _LEGEND,
        f"The place of the attention block, pocket models (commands: {QUEUE})",
        draw(_positions(runs), 40),
    ]
    return "\n\n".join(parts) + "\n"


def _paper_table(rows: Sequence[Row]) -> list[list[str]]:
    table = [
        [
            "system",
            "method in the paper",
            "paper",
            f"right of {TEST_FACES:,}",
            "measured here",
        ]
    ]
    for row in PAPER_ROWS:
        table.append(
            [
                row.system,
                row.method,
                row.printed,
                _counts(row),
                _measured_here(row.system, rows),
            ]
        )
    return table


def _counts(row: PaperRow) -> str:
    """The numbers of right answers that a percentage can stand for."""
    counts = row.counts()
    if len(counts) < 2:
        return f"{counts[0]:,}" if counts else "no number"
    return f"{counts[0]:,} to {counts[-1]:,}"


def _measured_here(system: str, rows: Sequence[Row]) -> str:
    state = _state(system, rows)
    wanted = state == "network as published"
    found = [
        str(number)
        for number, row in enumerate(rows, start=1)
        if row.system == system and row.as_published == wanted
    ]
    return (
        f"{state}: row{'s' if len(found) > 1 else ''} {', '.join(found)}"
        if found
        else state
    )


def _sources_table() -> list[list[str]]:
    table = [["system", "source", "measured on", "selected", "views"]]
    return table + [
        [row.system, row.source, row.split, row.selected, row.views]
        for row in PAPER_ROWS
    ]


def _faults_table() -> list[list[str]]:
    table = [
        [
            "system",
            "its network in this course",
            "what is wrong with the number, or to be known",
        ]
    ]
    return table + [[row.system, row.network, row.faults] for row in PAPER_ROWS]


_RUN = {
    "system": "system",
    "form": "network and budget",
    "hardware": "hardware",
    "seeds": "seeds",
    "minutes": "minutes",
    "parameters": "parameters",
    "multiply_adds": "multiply-adds",
}
_ONE_VIEW = {
    "system": "system",
    "seeds": "seeds",
    "public": "PublicTest",
    "private": "PrivateTest",
    "private_low": "low",
    "private_high": "high",
    "private_sd": "spread",
    "private_unseen": "unseen",
    "macro_f1": "macro-F1",
    "calibration_error": "calibration error",
}
_SEVERAL_VIEWS = {
    "system": "system",
    "seeds": "seeds",
    "views": "views",
    "multi_public": "PublicTest",
    "multi_private": "PrivateTest",
    "multi_low": "low",
    "multi_high": "high",
    "multi_sd": "spread",
    "multi_unseen": "unseen",
}


def _measured_tables(
    rows: Sequence[Row], draw: Callable[[Table, int], str]
) -> list[str]:
    if not rows:
        return ["No runs yet: `python -m fercourse train --help`."]
    numbered = dict(enumerate(rows, start=1))
    several = {
        number: row for number, row in numbered.items() if row.multi_private is not None
    }
    parts = [
        draw(_some_columns(numbered, _RUN), 40),
        "Measured: one view of each face",
        draw(_some_columns(numbered, _ONE_VIEW), 40),
    ]
    if several:
        parts += [
            "Measured: several views of each face",
            draw(_some_columns(several, _SEVERAL_VIEWS), 40),
        ]
    return parts


def _some_columns(rows: dict[int, Row], columns: dict[str, str]) -> list[list[str]]:
    table = [["row", *columns.values()]]
    for number, row in rows.items():
        cells = [_cell(row, name, missing="–") for name in columns]
        table.append([str(number), *(_grouped(cell) for cell in cells)])
    return table


def _grouped(cell: str) -> str:
    """A whole number with its thousands apart."""
    return f"{int(cell):,}" if cell.isdigit() else cell


def is_pocket_run(run: Run) -> bool:
    """Whether it followed the pocket recipe to the letter: what changes it is another comparison."""
    return run.recipe["name"] == POCKET_RECIPE and not changed_fields(run.recipe)


def _positions(runs: Sequence[Run]) -> list[list[str]]:
    """The pocket models at every place of the block: accuracies over the seeds, or "not yet run"."""
    table = [
        ["block after", "map", "seeds", "PublicTest", "PrivateTest", "low", "high"]
    ]
    for combine, after in [
        ("none", None),
        *((combine, pool) for combine in COMBINE[:2] for pool in POOLS),
    ]:
        wanted = pocket_configuration(after, combine)
        found = [
            run for run in runs if run.configuration == wanted and is_pocket_run(run)
        ]
        row = [
            after.removesuffix("_pool") if after else "nowhere",
            combine,
            str(len(found)),
        ]
        if found:
            measured = measured_row(found)
            figures = (
                measured.public,
                measured.private,
                measured.private_low,
                measured.private_high,
            )
            table.append([*row, *(f"{figure:.2f}" for figure in figures)])
        else:
            table.append([*row, "not yet run", "", "", ""])
    return table
