"""Table III: the paper's rows, and measured rows that follow from runs alone."""

import csv
import dataclasses
import io
import re

import numpy as np
import pytest
from made_up import PAPERS, made_up_run

from fercourse.models.pocket import pocket_configuration
from fercourse.results.runs import RESULTS, evaluate
from fercourse.results.runs import runs as stored_runs
from fercourse.results.table3 import tables as module
from fercourse.results.table3.tables import (
    COLUMNS,
    PAPER_ROWS,
    as_csv,
    as_markdown,
    as_text,
    measured_rows,
    table3,
)


def cells(line):
    return re.split(r"\s*\|\s*|\s{2,}", line.strip("| "))


def test_columns_are_as_agreed():
    agreed = (
        "system,paper,width,size,combine,after,hardware,seeds,public,private,private_low,private_high,"
        "private_unseen,macro_f1,parameters,minutes"
    )
    assert as_csv([]).startswith(f"{agreed},")  # younger columns follow
    assert as_csv([]).strip() == ",".join(COLUMNS)
    assert {
        "multi_private",
        "private_sd",
        "calibration_error",
        "multiply_adds",
        "views",
        "form",
    } < set(COLUMNS)


def test_names_that_others_import_are_here():
    assert all(hasattr(module, name) for name in module.__all__)


def test_paper_and_measured_numbers_never_share_a_row():
    rows = table3([made_up_run()])
    assert len(rows) == 8
    for row in rows:
        assert (row.paper is None) != (row.private is None)
        assert (row.method is None) == (row.paper is None) == (row.faults is None)
        assert row.source and row.split and row.selected and row.state


def test_a_row_of_the_paper_says_whether_it_was_run():
    def states(*runs):
        return {row.system: row.state for row in table3(runs) if row.paper is not None}

    assert set(states().values()) == {"not yet run"}
    assert states(made_up_run())["vgg19_attention"] == "other forms only"
    assert (
        states(made_up_run(), made_up_run(**PAPERS))["vgg19_attention"]
        == "network as published"
    )
    some = states(
        made_up_run(system="vgg", width=1.0), made_up_run(system="resnet", width=0.25)
    )
    assert (some["vgg"], some["resnet"], some["inception"]) == (
        "network as published",
        "other forms only",
        "not yet run",
    )
    assert "vgg19" not in states(
        made_up_run(system="vgg19", size=48, width=0.25, weights=None)
    )


def test_csv_can_be_read_back():
    lines = list(csv.DictReader(io.StringIO(as_csv(table3([made_up_run(multi=52)])))))
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
    assert (lines[-1]["multi_private"], lines[-1]["width"], lines[-1]["minutes"]) == (
        "52.00",
        "0.25",
        "10.0",
    )
    assert lines[-1]["private_sd"] == ""
    assert lines[5]["split"].startswith("PublicTest")
    assert "quarter width" in lines[-1]["form"] and lines[-1]["state"] == "measured"


@pytest.mark.parametrize("draw", [as_text, as_markdown])
def test_tables_say_what_was_not_run(draw):
    assert "not yet run" in draw([]) and "No runs yet" in draw([])
    text, _, _ = draw([made_up_run()]).partition("The place of the attention block")
    assert text.count("not yet run") == 6 and text.count("other forms only: row 1") == 1
    assert "quarter width" in text and "20 epochs of" in " ".join(text.split())
    assert "50.00" in text
    both = draw(
        [made_up_run(), made_up_run(right=60, **PAPERS), made_up_run(right=70, size=96)]
    )
    assert "network as published: row 2" in both and "other forms only" not in both
    others = draw([made_up_run(), made_up_run(right=70, size=96)])
    assert "other forms only: rows 1, 2" in others


@pytest.mark.parametrize("draw", [as_text, as_markdown])
def test_paper_numbers_and_measured_ones_share_no_table(draw):
    text = draw([made_up_run(right=51)])
    for part in re.split(r"\n\n", text):
        assert not ("73.35" in part and "51.00" in part)


def test_text_is_as_narrow_as_a_screen():
    gpu = {"hardware": "8 × NVIDIA H100 80GB HBM3"}
    runs = [
        made_up_run(provenance=gpu),
        made_up_run(provenance=gpu, **PAPERS),
        *stored_runs(),
    ]
    assert max(map(len, as_text(runs).splitlines())) <= 140


def test_several_views_stand_apart():
    text = as_text(
        [
            made_up_run(0, 50, 57),
            made_up_run(1, 52, 59),
            made_up_run(recipe={"views": 1}),
        ]
    )
    (several,) = [
        part for part in text.split("\n\n") if "57.00" in part or "58.00" in part
    ]
    heading, _, *rows = several.splitlines()
    assert cells(heading)[:5] == ["row", "system", "seeds", "views", "PublicTest"]
    assert len(rows) == 1 and cells(rows[0])[2:6] == ["2", "2", "58.00", "58.00"]
    assert cells(rows[0])[-2] == f"{np.sqrt(2):.2f}"
    assert "several views" not in as_text([made_up_run(recipe={"views": 1})])


def test_rows_have_the_same_number_in_every_table():
    runs = [
        made_up_run(right=40, recipe={"views": 1}),
        made_up_run(right=60, multi=61, size=96),
    ]
    tables = as_text(runs).partition("Measured, from stored runs")[2].split("\n\n")
    (one,) = [
        cells(line) for part in tables for line in part.splitlines() if "60.00" in line
    ]
    (several,) = [
        cells(line) for part in tables for line in part.splitlines() if "61.00" in line
    ]
    assert one[0] == several[0] == "2"
    what_was_run = " ".join(tables[1].split())
    assert re.search(r" 2 vgg19_attention quarter width .* 96 pixels", what_was_run)


def test_what_fits_a_percentage_stands_beside_it():
    text = as_text([])
    lines = {cells(line)[0]: cells(line) for line in text.split("\n\n")[1].splitlines()}
    assert lines["vgg19_attention"][2:4] == ["73.35", "no number"]
    assert lines["vggnet"][2:4] == ["73.28", "2,630"]
    assert lines["inception"][2:4] == ["71.6", "2,568 to 2,573"]


def test_every_fault_is_printed():
    flat = " ".join(as_markdown([]).split())
    for row in PAPER_ROWS:
        for text in (
            row.source,
            row.split,
            row.selected,
            row.views,
            row.network,
            row.faults,
        ):
            assert text in flat


def test_stored_runs_are_all_in_the_table():
    runs = stored_runs()
    rows = measured_rows(runs)
    assert sum(row.seeds for row in rows) == len(runs)
    lines = list(csv.DictReader(io.StringIO(as_csv(table3(runs)))))[len(PAPER_ROWS) :]
    text = as_text(runs)
    for row, line in zip(rows, lines, strict=True):
        assert line["private"] == f"{row.private:.2f}" and line["private"] in text
        assert (
            line["multiply_adds"] == str(row.multiply_adds)
            and f"{row.multiply_adds:,}" in text
        )


@pytest.mark.parametrize("draw", [as_text, as_markdown])
def test_every_place_of_the_block_has_a_row(draw):
    runs = stored_runs()
    text = draw(runs).partition("The place of the attention block")[2]
    rows = [cells(line) for line in text.splitlines()[3:] if line.strip()]
    rows = [
        row
        for row in rows
        if row[0].startswith(("block", "nowhere")) and row[0] != "block after"
    ]
    assert [row[:2] for row in rows] == [["nowhere", "none"]] + [
        [f"block{n}", combine]
        for combine in ("concat", "multiply")
        for n in range(1, 6)
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


def test_a_changed_recipe_stands_in_no_row_of_the_places():
    usual = made_up_run()
    usual = dataclasses.replace(usual, configuration=pocket_configuration())
    other = dataclasses.replace(usual, name="other", recipe=usual.recipe | {"ema": 0.0})
    found = as_text([usual, other]).partition("The place of the attention block")[2]
    nowhere = next(line for line in found.splitlines() if line.startswith("nowhere"))
    assert cells(nowhere)[2] == "1"


def test_what_was_not_run_stands_in_the_queue():
    runs = {run.name for run in stored_runs()}
    queue = (RESULTS / "QUEUE.md").read_text("utf-8")
    for place in range(1, 6):
        for combine, option in (("concat", ""), ("multiply", " --combine multiply")):
            command = f"python -m fercourse train --pocket --after block{place}_pool{option} --ship"
            assert (f"pocket-block{place}-{combine}-pocket-seed0" in runs) != (
                f"`{command}`" in queue
            )
