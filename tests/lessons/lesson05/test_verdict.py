"""What the lesson can say about which system is better."""

from made_up import made_up_run

from fercourse.lessons.lesson05.verdict import show_verdict, verdict
from fercourse.results.comparisons import compare_pairs
from fercourse.results.statistics import PairedTest
from fercourse.results.table3.rows import measured_row

RUNS = {f"{right} right": made_up_run(right=right) for right in (90, 20, 89)}
ROWS = {name: measured_row([run]) for name, run in RUNS.items()}
FULL = PairedTest(20, 11, 2e-8)
CORRECT = {name: run.single["private"].correct for name, run in RUNS.items()}


def test_the_verdict_follows_from_the_rows_and_their_pairs(capsys):
    settled, lead, choice, missing = verdict(ROWS, compare_pairs(CORRECT), 14.8, FULL)
    assert "73.35 % is no share of 3,589 faces" in settled
    assert "73.28 % was measured on PublicTest" in settled
    assert "0.07 points" in lead and "in 46 of 100 cases" in lead
    assert "chooses “90 right”, with 90.0 %" in choice
    assert "better than 1 of the 2 others" in choice and "worse than none" in choice
    assert "told apart from 1: 89 right" in choice
    assert (
        "With one view, the full-size network of Table I is better (p < 0.001)"
        in choice
    )
    assert "so far 1 for each" in missing
    show_verdict(ROWS, compare_pairs(CORRECT), 14.8, FULL)
    assert "The paper's lead" in capsys.readouterr().out
