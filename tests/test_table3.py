"""Table III: the paper's rows, and measured rows that follow from runs alone."""

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pytest

from fercourse.runs import RESULTS, Answers, Run, evaluate, read_runs
from fercourse.statistics import wilson_interval
from fercourse.table3 import COLUMNS, PAPER_ROWS, as_csv, as_markdown, as_text, measured_rows, table3


def made_up_run(seed=0, right=50, **configuration):
    """A hundred faces of a half, so many answered right."""
    correct = np.arange(100) < right
    confusion = np.diag([right, 0, 0, 0, 0, 0, 0])
    confusion[1, 0] = 100 - right
    probabilities = np.full((100, 7), 0.1, "float16")
    probabilities[:, 0] = 0.4
    answers = Answers(probabilities, correct, confusion, np.arange(100) < 10)
    both = {"public": answers, "private": answers}
    return Run(
        name=f"made-up-{seed}",
        configuration={"system": "vgg19_attention", "width": 0.25, "size": 48, "after": "block4_pool"}
        | {"combine": "concat"}
        | configuration,
        recipe={"name": "pocket", "seed": seed, "views": 2, "epochs": 20},
        history={"seconds": 600.0 + 60 * seed, "epochs": {"public": [1.0]}},
        provenance={"hardware": "CPU, 2 cores"},
        parameters=1000,
        single=both,
        multi=both,
    )


def test_the_papers_seven_rows():
    assert [row.accuracy for row in PAPER_ROWS] == [70.02, 71.6, 72.16, 72.4, 72.7, 73.28, 73.35]
    assert len({row.system for row in PAPER_ROWS}) == 7


def test_the_papers_best_number_is_no_share_of_the_test_faces():
    shares = [100 * k / 3589 for k in range(3590)]
    assert not any(round(share, 2) == 73.35 or int(100 * share) == 7335 for share in shares)


def test_columns_are_as_agreed():
    agreed = (
        "system,paper,width,size,combine,after,hardware,seeds,public,private,private_low,private_high,"
        "private_unseen,macro_f1,parameters,minutes"
    )
    assert ",".join(COLUMNS) == agreed
    assert as_csv([]).strip() == agreed


def test_seeds_make_one_row():
    (row,) = measured_rows([made_up_run(0, 50), made_up_run(1, 60)])
    assert (row.seeds, row.private, row.minutes) == (2, 55.0, 10.5)
    assert (row.private_low, row.private_high) == wilson_interval(55, 100)
    assert row.private_unseen == pytest.approx(100 * 45 / 90)


@pytest.mark.parametrize("change", [{"combine": "multiply"}, {"size": 96}, {"after": "block5_pool"}])
def test_another_configuration_makes_another_row(change):
    assert len(measured_rows([made_up_run(), made_up_run(1, **change)])) == 2


def test_another_recipe_makes_another_row():
    other = replace(made_up_run(1), recipe={"name": "best", "seed": 0, "views": 2, "epochs": 80})
    assert len(measured_rows([made_up_run(), other])) == 2


def test_several_places_are_named():
    (row,) = measured_rows([made_up_run(after=["block3_pool", "block4_pool"])])
    assert row.after == "block3_pool+block4_pool"


def test_paper_and_measured_numbers_never_share_a_row():
    rows = table3([made_up_run()])
    assert len(rows) == 8
    for row in rows:
        assert (row.paper is None) != (row.private is None)


def test_csv_can_be_read_back():
    lines = list(csv.DictReader(io.StringIO(as_csv(table3([made_up_run()])))))
    assert [line["paper"] for line in lines] == [
        "70.02",
        "71.60",
        "72.16",
        "72.40",
        "72.70",
        "73.28",
        "73.35",
        "",
    ]
    assert lines[0]["private"] == "" and lines[-1]["private"] == "50.00"
    assert lines[-1]["hardware"] == "CPU, 2 cores"


@pytest.mark.parametrize("draw", [as_text, as_markdown])
def test_tables_say_what_was_not_run(draw):
    assert "not yet run" in draw([]) and "No runs yet" in draw([])
    text, _, _ = draw([made_up_run()]).partition("The place of the attention block")
    assert text.count("not yet run") == 6 and text.count("other forms only, see below") == 1
    assert "pocket" in text and "20" in text
    papers = draw([made_up_run(width=1.0, size=224, after="block5_pool")])
    assert papers.count("see below") == 1 and "other forms only" not in papers
    assert "block4_pool" in text and "50.00" in text


def test_measured_rows_follow_from_the_stored_runs():
    runs = read_runs()
    rows = measured_rows(runs)
    assert sum(row.seeds for row in rows) == len(runs)
    accuracies = sorted(evaluate(run.single["private"]).accuracy for run in runs)
    if all(row.seeds == 1 for row in rows):
        assert sorted(row.private for row in rows) == accuracies


@pytest.mark.parametrize("draw", [as_text, as_markdown])
def test_every_place_of_the_block_has_a_row(draw):
    runs = read_runs()
    text = draw(runs).partition("The place of the attention block")[2]
    rows = [re.split(r"\s*\|\s*|\s{2,}", line.strip("| ")) for line in text.splitlines()[3:] if line.strip()]
    rows = [row for row in rows if row[0].startswith(("block", "nowhere")) and row[0] != "block after"]
    assert [row[:2] for row in rows] == [["nowhere", "none"]] + [
        [f"block{n}", combine] for combine in ("concat", "multiply") for n in range(1, 6)
    ]
    stored = {run.name for run in runs}
    for place, combine, seeds, public, *_ in rows:
        name = "pocket-none" if place == "nowhere" else f"pocket-{place}-{combine}"
        found = [run for run in runs if run.name.startswith(f"{name}-pocket-seed")]
        assert int(seeds) == len(found)
        if found:
            mean = np.mean([evaluate(run.single["public"]).accuracy for run in found])
            assert public == f"{mean:.2f}"
        else:
            assert public == "not yet run"
            assert f"{name}-pocket-seed0" not in stored


def test_what_was_not_run_stands_in_the_queue():
    runs = {run.name for run in read_runs()}
    queue = (RESULTS / "QUEUE.md").read_text("utf-8")
    for place in range(1, 5):
        for combine, option in (("concat", ""), ("multiply", " --combine multiply")):
            command = f"python -m fercourse train --pocket --after block{place}_pool{option} --ship"
            assert (f"pocket-block{place}-{combine}-pocket-seed0" in runs) != (f"`{command}`" in queue)
