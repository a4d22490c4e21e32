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
        words = (one.word.removesuffix(" crops") for one in stated)
        unknown = ("unknown" if one.startswith("not") else one for one in words)
        table.append([row.method, *unknown])
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


def by_private(rows: Mapping[str, Row]) -> dict[str, Row]:
    """The rows in the order of all tables and figures, the best on PrivateTest first.

    Equal ones are in the order of PublicTest.
    """
    means = {name: (row.private, row.public) for name, row in rows.items()}
    best = {name: tuple(-m.accuracy for m in pair) for name, pair in means.items()}
    return {name: rows[name] for name in sorted(rows, key=best.__getitem__)}


_DIFFERS = {
    "deep_emotion": "unofficial code",
    "inception": "reconstructed",
    "tuned_cnn": "re-implementation",
    "resnet": "reconstructed",
    "vgg": "reconstructed",
    "vggnet": "authors' code",
    "vgg19_attention": "48 px, no ImageNet, block 4",
}
"""What is different in the network that takes a system's place."""


def networks(rows: Mapping[str, Row]) -> Table:
    """Each row of the paper, the network that takes its place, and what differs.

    `rows` begins with the systems in the paper's order, as `compared_runs` does.
    """
    table = [["row of Table III", "our network", "its layers"]]
    for paper, (name, row) in zip(PAPER_ROWS, rows.items(), strict=False):
        table.append([paper.method, name, _DIFFERS[row.system]])
    return table


def p_in_words(p_value: float) -> str:
    """Such as "p = 0.012", or "p < 0.001" for anything smaller."""
    return f"p = {p_value:.3f}" if p_value >= 0.001 else "p < 0.001"


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
