"""What lesson 05 can say about which system is better, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from IPython.display import display

from fercourse.lessons.lesson05.swapping import swapped
from fercourse.lessons.lesson05.tables import against_others, p_in_words
from fercourse.results.comparisons import ALPHA, Comparison
from fercourse.results.statistics import TEST_FACES, PairedTest
from fercourse.results.table3.paper import PAPER_ROWS
from fercourse.results.table3.rows import Row


def verdict(
    rows: Mapping[str, Row],
    pairs: Sequence[Comparison],
    disagree: float,
    full_size: PairedTest,
) -> list[str]:
    """Four paragraphs: what is settled, the paper's lead, our choice, what is missing.

    Args:
        rows: of the small networks, by name.
        pairs: the comparisons of each two of them.
        disagree: the percentage of faces that decide between two good systems.
        full_size: of the network of full size against our choice.
    """
    *_, second, first = PAPER_ROWS
    lead = first.accuracy - second.accuracy
    wrong = 100 * swapped(lead, disagree, TEST_FACES)
    chosen = max(rows, key=lambda name: rows[name].public.accuracy)
    worse, better, same = against_others(chosen, rows, pairs)
    apart = f"{len(same)}: {'; '.join(same)}" if same else "none"
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
        f"Our choice among the small networks: PublicTest chooses “{chosen}”, "
        f"with {private.accuracy:.1f} % on "
        f"PrivateTest (95 % interval {private.low:.1f} to {private.high:.1f}). It is "
        f"better than {len(worse)} of the {len(rows) - 1} others by more than the luck "
        f"of the faces, and worse than {len(better) or 'none'} of them. It cannot be "
        f"told apart from {apart}. {_against_full(full_size)}",
        f"Missing: more seeds (so far {seeds} for each of these networks) and "
        f"equal budgets (so far different widths, and {epochs[0]} to {epochs[-1]} "
        f"epochs).",
    ]


def _against_full(test: PairedTest) -> str:
    """Whether the network of full size is better than our choice, the second."""
    better = test.only_first > test.only_second and test.p_value < ALPHA
    words = "is better" if better else "cannot be said to be better"
    return (
        f"With one view, the full-size network of Table I {words} "
        f"({p_in_words(test.p_value)})."
    )


def show_verdict(
    rows: Mapping[str, Row],
    pairs: Sequence[Comparison],
    disagree: float,
    full_size: PairedTest,
) -> None:
    """Show what `verdict` says, as paragraphs under a cell."""
    parts = verdict(rows, pairs, disagree, full_size)
    page = "".join(f"<p>{escape(part, quote=False)}</p>" for part in parts)
    display({"text/plain": "\n".join(parts), "text/html": page}, raw=True)
