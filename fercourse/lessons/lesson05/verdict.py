"""What lesson 05 can say about which system is better, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from IPython.display import display

from fercourse.lessons.lesson05.swapping import swapped
from fercourse.lessons.lesson05.tables import against_others
from fercourse.results.comparisons import Comparison
from fercourse.results.statistics import TEST_FACES
from fercourse.results.table3.paper import PAPER_ROWS
from fercourse.results.table3.rows import Row


def verdict(
    rows: Mapping[str, Row], pairs: Sequence[Comparison], disagree: float
) -> list[str]:
    """Four paragraphs: what is settled, the paper's lead, our choice, what is missing.

    `disagree` is the percentage of faces that decide between two good systems.
    """
    *_, second, first = PAPER_ROWS
    lead = first.accuracy - second.accuracy
    wrong = 100 * swapped(lead, disagree, TEST_FACES)
    chosen = max(rows, key=lambda name: rows[name].public.accuracy)
    worse, better, same = against_others(chosen, rows, pairs)
    private = rows[chosen].private
    epochs = sorted(row.epochs for row in rows.values())
    seeds = max(row.seeds for row in rows.values())
    return [
        f"Settled: {first.printed} % is no share of {TEST_FACES:,} faces, and "
        f"{second.printed} % was measured on {second.split.word}, with choices made on "
        f"{second.selected.word}. So the two best rows of the table cannot be ranked.",
        f"The paper's lead: even if the last row really is {lead:.2f} points ahead, a "
        f"test on {TEST_FACES:,} faces puts the two systems in the wrong order in "
        f"{wrong:.0f} of 100 cases.",
        f"Our choice: PublicTest chooses “{chosen}”, with {private.accuracy:.1f} % on "
        f"PrivateTest (95 % interval {private.low:.1f} to {private.high:.1f}). It is "
        f"better than {len(worse)} of the {len(rows) - 1} others by more than the luck "
        f"of the faces, and worse than {len(better) or 'none'}. It cannot be told "
        f"apart from {len(same)}: {'; '.join(same)}.",
        f"Missing: more seeds (so far {seeds} for each of these networks) and "
        f"equal budgets (so far different widths, and {epochs[0]} to {epochs[-1]} "
        f"epochs).",
    ]


def show_verdict(
    rows: Mapping[str, Row], pairs: Sequence[Comparison], disagree: float
) -> None:
    """Show what `verdict` says, as paragraphs under a cell."""
    parts = verdict(rows, pairs, disagree)
    page = "".join(f"<p>{escape(part, quote=False)}</p>" for part in parts)
    display({"text/plain": "\n".join(parts), "text/html": page}, raw=True)
