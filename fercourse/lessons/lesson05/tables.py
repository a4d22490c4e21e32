"""Tables of lesson 05: the paper's rows, and the course's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fercourse.plots.tables import Table
from fercourse.results.comparisons import ALPHA, Comparison, two_proportions
from fercourse.results.statistics import TEST_FACES
from fercourse.results.table3.paper import PAPER_ROWS
from fercourse.results.table3.rows import Row


def origins() -> Table:
    """For each row of the paper, what is known about how it was measured, in short."""
    table = [["method", "tested on", "chosen on", "views"]]
    for row in PAPER_ROWS:
        stated = row.split, row.selected, row.views
        table.append([row.method, *(one.word for one in stated)])
    return table


def lead_of_the_last() -> Table:
    """The paper's last row against each of the others, by a z test."""
    *others, last = PAPER_ROWS
    table = [["73.35 % against", "points", "faces", "z", "p"]]
    for row in others:
        test = two_proportions(last.accuracy, row.accuracy)
        faces = test.difference * TEST_FACES / 100
        numbers = [f"{test.difference:.2f}", f"{faces:.0f}"]
        numbers += [f"{test.z:.2f}", f"{test.p_value:.3f}"]
        name = row.method.partition(" [")[0]
        table.append([f"{name}, {row.printed}", *numbers])
    return table


def by_public(rows: Mapping[str, Row]) -> list[str]:
    """The names of the rows, the best on PublicTest first."""
    return sorted(rows, key=lambda name: -rows[name].public.accuracy)


def budgets(rows: Mapping[str, Row]) -> Table:
    """Each network's epochs, and what it multiplies for one face."""
    table = [["network", "epochs", "cost"]]
    for name, row in rows.items():
        work = f"{row.multiply_adds / 1e6:,.0f}"
        table.append([name, str(row.epochs), work])
    return table


def full_size(rows: Mapping[str, Row]) -> Table:
    """The networks of the paper's size, a column each."""
    labels = ["", "epochs", "minutes", "hardware", "parameters"]
    labels += ["PublicTest, one view (%)", "PrivateTest, one view (%)"]
    labels += ["95 % interval, one view", "PrivateTest, 16 views (%)"]
    labels += ["95 % interval, 16 views", "unseen faces, 16 views (%)"]
    columns = [labels]
    short = {name: name.partition(",")[0] for name in rows}
    for name, row in rows.items():
        alone = [*short.values()].count(short[name]) == 1
        heading = short[name] if alone else name
        views = row.multi_private
        averaged = ["–"] * 3
        if views:
            averaged = [f"{views.accuracy:.2f}", f"{views.low:.1f} to {views.high:.1f}"]
            averaged += [f"{views.unseen:.2f}"]
        columns.append(
            [
                heading.replace("Table I", "head of Table I"),
                str(row.epochs),
                f"{row.minutes:.1f}",
                row.hardware,
                f"{row.parameters:,}",
                f"{row.public.accuracy:.2f}",
                f"{row.private.accuracy:.2f}",
                f"{row.private.low:.1f} to {row.private.high:.1f}",
                *averaged,
            ]
        )
    return [list(row) for row in zip(*columns, strict=True)]


def against_others(
    chosen: str, rows: Mapping[str, Row], pairs: Sequence[Comparison]
) -> tuple[list[str], list[str], list[str]]:
    """The rows that are worse, better, and not told apart from the chosen one."""
    worse: list[str] = []
    better: list[str] = []
    same: list[str] = []
    for pair in pairs:
        if chosen not in (pair.first, pair.second):
            continue
        other = pair.second if pair.first == chosen else pair.first
        gain = rows[other].private.accuracy - rows[chosen].private.accuracy
        told = pair.adjusted < ALPHA
        (same if not told else better if gain > 0 else worse).append(other)
    return worse, better, same
