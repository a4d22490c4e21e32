"""Table III: the paper's numbers and, apart from them, what stored runs measured."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fercourse.data.faces import FER2013
from fercourse.models.network import Network
from fercourse.models.vgg19 import COMBINE, POOLS
from fercourse.plots.tables import Table, aligned, markdown
from fercourse.results.runs import HALVES, Run
from fercourse.results.statistics import TEST_FACES
from fercourse.results.table3.paper import PAPER_ROWS, TABLE_FAULTS, PaperRow
from fercourse.results.table3.rows import (
    Row,
    is_pocket_run,
    measured_row,
    measured_rows,
)
from fercourse.results.table3.words import network_of
from fercourse.training.experiment import POCKET_RECIPE
from fercourse.training.recipes import RECIPES

QUEUE = "data/results/QUEUE.md"
"""The commands of runs that are still to be made."""

COLUMNS = (
    "system", "paper", "width", "size", "combine", "after", "hardware", "seeds",
    "public", "private", "private_low", "private_high", "private_unseen", "macro_f1",
    "parameters", "minutes", "method", "state", "form", "as_published", "recipe",
    "epochs", "weights", "views", "public_sd", "private_sd", "calibration_error",
    "multi_public", "multi_private", "multi_low", "multi_high", "multi_sd",
    "multi_unseen", "multiply_adds", "source", "split", "selected", "faults",
)  # fmt: skip
"""The columns of the CSV form; text and Markdown show them in several tables."""

_ATTRIBUTES = {
    "paper": "accuracy",
    "public": "public.accuracy", "public_sd": "public.spread",
    "private": "private.accuracy", "private_sd": "private.spread",
    "private_low": "private.low", "private_high": "private.high",
    "private_unseen": "private.unseen", "macro_f1": "private.macro_f1",
    "calibration_error": "private.calibration_error",
    "multi_public": "multi_public.accuracy", "multi_private": "multi_private.accuracy",
    "multi_low": "multi_private.low", "multi_high": "multi_private.high",
    "multi_sd": "multi_private.spread", "multi_unseen": "multi_private.unseen",
}  # fmt: skip
"""The attribute of a row with a column's value, where the two have other names."""


def _cell(row: Row | PaperRow, column: str, missing: str = "", group: str = "") -> str:
    """A cell as text; `group` separates the thousands of whole numbers."""
    value: Any = row
    for attribute in _ATTRIBUTES.get(column, column).split("."):
        # A row of the paper lacks what is measured, and the other way round.
        value = getattr(value, attribute, None)
    if value is None:
        return missing
    if isinstance(value, float) and column != "width":
        return f"{value:.{1 if column == 'minutes' else 2}f}"
    # Not isinstance: True is an int in Python, too.
    return f"{value:{group}}" if type(value) is int else str(value)


def as_csv(runs: Sequence[Run]) -> str:
    """The paper's seven rows, then the measured ones; no value is an empty cell.

    The paper's are left out where the runs are on another data set than FER2013.
    """
    measured = measured_rows(runs)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    rows: list[Row | PaperRow] = [*measured]
    if _data_of(runs) == FER2013:
        rows = [*PAPER_ROWS, *measured]
    for row in rows:
        cells = {column: _cell(row, column) for column in COLUMNS}
        if isinstance(row, PaperRow):
            cells["state"] = _state(row.system, measured)
        writer.writerow(cells)
    return text.getvalue()


def _state(system: str, measured: Sequence[Row]) -> str:
    """Whether the network of a paper's row was measured, or only others like it."""
    as_published = [row.as_published for row in measured if row.system == system]
    if not as_published:
        return "not yet run"
    return "network as published" if any(as_published) else "other forms only"


def as_markdown(runs: Sequence[Run]) -> str:
    """Markdown tables: paper's numbers, measured ones, and the places of the block.

    Runs on another data set than FER2013 have the measured part alone.
    """
    return _all_tables(runs, markdown)


def as_text(runs: Sequence[Run]) -> str:
    """The same tables as `as_markdown`, in aligned columns."""
    return _all_tables(runs, aligned)


_LEGEND = (
    "Trained on Training, best epoch chosen on PublicTest, PrivateTest looked at "
    "once; a row that was chosen otherwise says so. Accuracies are in percent, and "
    "the mean over the seeds; low and high: Wilson's 95 % interval for the faces of "
    "PrivateTest; spread: standard deviation over the seeds; unseen: PrivateTest "
    "without the faces that are in Training too; macro-F1 and calibration error: on "
    "PrivateTest."
)


_OTHER_LEGEND = (
    "Accuracies are in percent, and the mean over the seeds. Trained on the training "
    "split, best epoch chosen on the validation split, the test split looked at once; "
    "low and high: Wilson's 95 % interval for the test faces; unseen: test faces that "
    "are not in the training split too. No number here compares with one on another "
    "data set."
)


def _data_of(runs: Sequence[Run]) -> str:
    """The data set of all these runs; FER2013 without any."""
    names = {run.data for run in runs} or {FER2013}
    if len(names) > 1:
        raise ValueError(
            f"Runs on {' and '.join(sorted(names))} are no rows of one table: what is "
            "measured on one data set compares with nothing on another."
        )
    return names.pop()


def _other_tables(runs: Sequence[Run], draw: Callable[[Table, int], str]) -> str:
    """The tables of a data set that the paper does not have."""
    first = runs[0]
    validation, test = (len(first.single[half].correct) for half in HALVES)
    counts = f"{validation:,} validation and {test:,} test faces"
    if "faces" in first.provenance:  # the oldest runs do not count them
        counts = f"{first.provenance['faces']['train']:,} training, {counts}"
    parts = [
        f"Measured on {first.data}: {counts} ({first.provenance['data']})",
        *_measured_tables(measured_rows(runs), draw),
        textwrap.fill(_OTHER_LEGEND, 98),
    ]
    text = "\n\n".join(parts) + "\n"
    return text.replace("PublicTest", "validation").replace("PrivateTest", "test")


def _all_tables(runs: Sequence[Run], draw: Callable[[Table, int], str]) -> str:
    if _data_of(runs) != FER2013:
        return _other_tables(runs, draw)
    rows = measured_rows(runs)
    faults = [
        textwrap.fill(fault, 110, initial_indent="- ", subsequent_indent="  ")
        for fault in TABLE_FAULTS
    ]
    parts = [
        "Table III as the paper prints it (accuracy in percent)",
        draw(_paper_table(rows), 40),
        "Where the paper's numbers come from",
        draw(_columns_of_paper(_SOURCES), 28),
        "The networks in this course, and the faults of the numbers",
        draw(_columns_of_paper(_FAULTS), 54),
        "\n".join(faults),
        "Measured, from stored runs: what was run",
        *_measured_tables(rows, draw),
        textwrap.fill(_LEGEND, 98),
        f"The place of the attention block, pocket models (commands: {QUEUE})",
        draw(_positions(runs), 40),
    ]
    return "\n\n".join(parts) + "\n"


# Columns and headings of the tables

_SOURCES = {
    "system": "system", "source": "source", "split": "measured on",
    "selected": "selected", "views": "views",
}  # fmt: skip
_FAULTS = {
    "system": "system", "network": "its network in this course",
    "faults": "what is wrong with the number, or to be known",
}  # fmt: skip
_RUN = {
    "system": "system", "form": "network and budget", "hardware": "hardware",
    "seeds": "seeds", "minutes": "minutes", "parameters": "parameters",
    "multiply_adds": "multiply-adds",
}  # fmt: skip
_ONE_VIEW = {
    "system": "system", "seeds": "seeds", "public": "PublicTest",
    "private": "PrivateTest", "private_low": "low", "private_high": "high",
    "private_sd": "spread", "private_unseen": "unseen", "macro_f1": "macro-F1",
    "calibration_error": "calibration error",
}  # fmt: skip
_SEVERAL_VIEWS = {
    "system": "system", "seeds": "seeds", "views": "views",
    "multi_public": "PublicTest", "multi_private": "PrivateTest", "multi_low": "low",
    "multi_high": "high", "multi_sd": "spread", "multi_unseen": "unseen",
}  # fmt: skip


def _columns_of_paper(columns: Mapping[str, str]) -> list[list[str]]:
    rows = [[_cell(row, column) for column in columns] for row in PAPER_ROWS]
    return [list(columns.values()), *rows]


def _paper_table(rows: Sequence[Row]) -> list[list[str]]:
    right = f"right of {TEST_FACES:,}"
    table = [["system", "method in the paper", "paper", right, "measured here"]]
    for row in PAPER_ROWS:
        measured = _measured_here(row.system, rows)
        table.append([row.system, row.method, row.printed, _counts(row), measured])
    return table


def _counts(row: PaperRow) -> str:
    """The numbers of right answers that a percentage can stand for."""
    counts = row.counts()
    if len(counts) < 2:
        return f"{counts[0]:,}" if counts else "no number"
    return f"{counts[0]:,} to {counts[-1]:,}"


def _measured_here(system: str, rows: Sequence[Row]) -> str:
    state = _state(system, rows)
    # Where the published network was measured, other forms are not named.
    published = state == "network as published"
    numbers = [
        str(number)
        for number, row in enumerate(rows, start=1)
        if row.system == system and row.as_published == published
    ]
    rows_named = f"row{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"
    return f"{state}: {rows_named}" if numbers else state


def _measured_tables(
    rows: Sequence[Row], draw: Callable[[Table, int], str]
) -> list[str]:
    if not rows:
        return ["No runs yet: `python -m fercourse train --help`."]
    # A row keeps its number in every table.
    numbered = dict(enumerate(rows, start=1))
    several = {number: row for number, row in numbered.items() if row.multi_private}
    parts = [
        draw(_some_columns(numbered, _RUN), 40),
        "Measured: one view of each face",
        draw(_some_columns(numbered, _ONE_VIEW), 40),
    ]
    if several:
        title = "Measured: several views of each face"
        parts += [title, draw(_some_columns(several, _SEVERAL_VIEWS), 40)]
    return parts


def _some_columns(
    rows: Mapping[int, Row], columns: Mapping[str, str]
) -> list[list[str]]:
    cells = [
        [str(number), *(_cell(row, name, missing="–", group=",") for name in columns)]
        for number, row in rows.items()
    ]
    return [["row", *columns.values()], *cells]


def _positions(runs: Sequence[Run]) -> list[list[str]]:
    """The pocket models at every place of the block: accuracies over the seeds."""
    halves = ["PublicTest", "PrivateTest", "low", "high"]
    table = [["block after", "map", "pixels", "epochs", "seeds", *halves]]
    pocket = [(network_of(run), run) for run in runs if is_pocket_run(run)]
    for network in _pocket_networks():
        measured = [run for other, run in pocket if other == network]
        figures = ["not yet run", "", "", ""]
        if measured:
            row = measured_row(measured)
            columns = ("public", "private", "private_low", "private_high")
            figures = [_cell(row, column) for column in columns]
        (place,) = network.blocks or ["nowhere"]
        combine = network.combine if network.after else "none"
        epochs = RECIPES[POCKET_RECIPE].epochs
        budget = [str(network.size), str(epochs), str(len(measured))]
        table.append([place, combine, *budget, *figures])
    return table


def _pocket_networks() -> list[Network]:
    """The networks of `_positions`; those of 96 pixels come last."""
    # Pocket models append or multiply the map; "residual" is none of theirs.
    places = [(pool, combine) for combine in COMBINE[:2] for pool in POOLS]
    small = [Network.pocket(), *(Network.pocket(*place) for place in places)]
    # After block 5, 48 pixels leave one position and 96 pixels nine.
    last = [
        Network.pocket(pool, combine, size=96)
        for pool, combine in places
        if pool == POOLS[-1]
    ]
    return [*small, Network.pocket(size=96), *last]
