"""The tables of lesson 05."""

from made_up import made_up_run

from fercourse.lessons.lesson05 import tables
from fercourse.lessons.lesson05.compared import compared_runs
from fercourse.results.comparisons import compare_pairs
from fercourse.results.runs import runs as stored_runs
from fercourse.results.table3.paper import PAPER_ROWS
from fercourse.results.table3.rows import measured_row

RUNS = {f"{right} right": made_up_run(right=right) for right in (90, 20, 89)}
ROWS = {name: measured_row([run]) for name, run in RUNS.items()}


def test_every_row_of_the_paper_has_its_origin_and_its_distance():
    origins = {name: cells for name, *cells in tables.origins()}
    assert len(origins) == len(PAPER_ROWS) + 1
    assert origins["VGGnet [7]"] == ["PublicTest", "PrivateTest", "ten"]
    assert origins["DeepEmotion [21]"][2] == origins["VGG [24]"][2] == "unknown"
    rows = tables.lead_of_the_last()
    assert len(rows) == len(PAPER_ROWS)
    assert rows[-1][:3] == ["VGGnet, 73.28", "0.07", "3"]


def test_the_best_on_private_test_comes_first():
    assert [*tables.by_private(ROWS)] == ["90 right", "89 right", "20 right"]


def test_every_row_of_the_paper_has_a_network_in_its_place():
    runs = compared_runs(stored_runs())
    measured = {name: measured_row([run]) for name, run in runs.items()}
    _, *rows = tables.networks(measured)
    assert [row[0] for row in rows] == [row.method for row in PAPER_ROWS]
    assert rows[1][1:] == ["Inception, width 0.5", "reconstructed"]
    assert rows[-1][1] == "pocket, block 4, concat"
    assert "block 4" in rows[-1][2]


def test_a_small_p_is_below_a_thousandth():
    assert tables.p_in_words(0.0416) == "p = 0.042"
    assert tables.p_in_words(2e-8) == "p < 0.001"


def test_others_are_worse_better_or_not_told_apart():
    right = {name: run.single["private"].correct for name, run in RUNS.items()}
    pairs = compare_pairs(right)
    against = tables.against_others("90 right", ROWS, pairs)
    assert against == (["20 right"], [], ["89 right"])
    against = tables.against_others("20 right", ROWS, pairs)
    assert against == ([], ["90 right", "89 right"], [])
