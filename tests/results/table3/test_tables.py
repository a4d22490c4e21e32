"""Table III: the paper's rows, and measured rows that follow from runs alone."""

import csv
import dataclasses
import io
import re

import pytest
from made_up import PAPERS, made_up_run

from fercourse.models.pocket import pocket_configuration
from fercourse.results.runs import RESULTS
from fercourse.results.runs import runs as stored_runs
from fercourse.results.table3.paper import PAPER_ROWS
from fercourse.results.table3.rows import (
    is_pocket_run,
    measured_row,
    measured_rows,
)
from fercourse.results.table3.tables import as_csv, as_markdown, as_text

IN_BOTH_FORMS = pytest.mark.parametrize("draw", [as_text, as_markdown])


def cells(line):
    return re.split(r"\s*\|\s*|\s{2,}", line.strip("| "))


def lines_of_csv(*runs):
    return list(csv.DictReader(io.StringIO(as_csv(runs))))


def tables_after(text, title):
    return text.partition(title)[2].split("\n\n")


# CSV
# ------------------------------------------------------------------------------------


def test_the_first_columns_are_as_agreed():
    agreed = (
        "system,paper,width,size,combine,after,hardware,seeds,public,private,"
        "private_low,private_high,private_unseen,macro_f1,parameters,minutes,"
    )
    assert as_csv([]).startswith(agreed)  # younger columns follow


def test_paper_and_measured_numbers_never_share_a_row():
    lines = lines_of_csv(made_up_run())
    assert len(lines) == 8
    for line in lines:
        assert (line["paper"] == "") != (line["private"] == "")
        assert (line["method"] == "") == (line["paper"] == "") == (line["faults"] == "")
        assert line["source"] and line["split"] and line["selected"] and line["state"]


@pytest.mark.parametrize(
    ("runs", "states"),
    [
        ([], {}),
        ([made_up_run()], {"vgg19_attention": "other forms only"}),
        (
            [made_up_run(), made_up_run(**PAPERS)],
            {"vgg19_attention": "network as published"},
        ),
        (
            [made_up_run(system="vgg", width=1.0), made_up_run(system="resnet")],
            {"vgg": "network as published", "resnet": "network as published"},
        ),
        ([made_up_run(system="resnet", width=0.5)], {"resnet": "other forms only"}),
        ([made_up_run(system="vgg19", size=48, width=0.25, weights=None)], {}),
    ],
)
def test_a_row_of_the_paper_says_whether_it_was_run(runs, states):
    for line in lines_of_csv(*runs)[: len(PAPER_ROWS)]:
        assert line["state"] == states.get(line["system"], "not yet run")


def test_csv_can_be_read_back():
    *paper, line = lines_of_csv(made_up_run(multi=52))
    printed = ["70.02", "71.60", "72.16", "72.40", "72.70", "73.28", "73.35"]
    assert [row["paper"] for row in paper] == printed
    expected = {
        "private": "50.00",
        "private_sd": "",
        "multi_private": "52.00",
        "width": "0.25",
        "minutes": "10.0",
        "hardware": "CPU, 2 cores",
        "state": "measured",
    }
    assert {name: line[name] for name in expected} == expected


def test_stored_runs_are_all_in_the_table():
    runs = stored_runs()
    rows, text = measured_rows(runs), as_text(runs)
    assert sum(row.seeds for row in rows) == len(runs)
    for row, line in zip(rows, lines_of_csv(*runs)[len(PAPER_ROWS) :], strict=True):
        assert line["private"] == f"{row.private.accuracy:.2f}"
        assert line["multiply_adds"] == str(row.multiply_adds)
        assert line["private"] in text and f"{row.multiply_adds:,}" in text


# Text and Markdown
# ----------------------------------------------------------------------


@IN_BOTH_FORMS
def test_tables_say_what_was_not_run(draw):
    assert "not yet run" in draw([]) and "No runs yet" in draw([])
    text, _, _ = draw([made_up_run()]).partition("The place of the attention block")
    assert text.count("not yet run") == 6 and text.count("other forms only: row 1") == 1
    assert "quarter width" in text and "50.00" in text
    others = [made_up_run(), made_up_run(right=70, size=96)]
    assert "other forms only: rows 1, 2" in draw(others)
    both = draw([made_up_run(right=60, **PAPERS), *others])
    assert "network as published: row 2" in both and "other forms only" not in both


@IN_BOTH_FORMS
def test_paper_numbers_and_measured_ones_share_no_table(draw):
    for part in draw([made_up_run(right=51)]).split("\n\n"):
        assert not ("73.35" in part and "51.00" in part)


@IN_BOTH_FORMS
def test_another_data_set_has_a_table_without_the_paper(draw):
    faces = {"faces": {"train": 327}, "data": "ckextended.csv: not FER2013"}
    run = dataclasses.replace(made_up_run(provenance=faces), data="ckextended-0a1b2c3d")
    text = draw([run])
    assert "Measured on ckextended-0a1b2c3d: 327 training, 100 validation" in text
    assert "50.00" in text and "73.35" not in text
    assert "PublicTest" not in text and "PrivateTest" not in text
    assert [line["system"] for line in lines_of_csv(run)] == ["vgg19_attention"]
    with pytest.raises(ValueError, match="no rows of one table"):
        draw([run, made_up_run()])


def test_text_is_as_narrow_as_a_screen():
    gpu = {"hardware": "8 × NVIDIA H100 80GB HBM3"}
    runs = [made_up_run(provenance=gpu), made_up_run(provenance=gpu, **PAPERS)]
    assert max(map(len, as_text([*runs, *stored_runs()]).splitlines())) <= 140


def test_several_views_have_a_table_of_their_own():
    one_view = made_up_run(recipe={"views": 1})
    text = as_text([made_up_run(0, 50, 57), made_up_run(1, 52, 59), one_view])
    table = tables_after(text, "several views of each face")[1]
    heading, _, *rows = map(cells, table.splitlines())
    assert heading[:5] == ["row", "system", "seeds", "views", "PublicTest"]
    assert [row[2:6] for row in rows] == [["2", "2", "58.00", "58.00"]]
    assert "several views" not in as_text([one_view])


def test_rows_have_the_same_number_in_every_table():
    worse = made_up_run(right=40, recipe={"views": 1})
    text = as_text([worse, made_up_run(right=60, multi=61, size=96)])
    for figure in ("60.00", "61.00"):
        (row,) = [cells(line) for line in text.splitlines() if figure in line]
        assert row[0] == "2"
    run = " ".join(tables_after(text, "what was run")[1].split())
    assert re.search(r" 2 vgg19_attention quarter width .* 96 pixels", run)


def test_the_counts_that_give_a_percentage_are_next_to_it():
    table = tables_after(as_text([]), "as the paper prints it")[1]
    rows = {row[0]: row[2:4] for row in map(cells, table.splitlines())}
    assert rows["vgg19_attention"] == ["73.35", "no number"]
    assert rows["vggnet"] == ["73.28", "2,630"]
    assert rows["inception"] == ["71.6", "2,568 to 2,573"]


def test_every_fault_is_printed():
    flat = " ".join(as_markdown([]).split())
    for row in PAPER_ROWS:
        for text in (row.source, row.split, row.selected, row.views, row.network):
            assert str(text) in flat
        assert row.faults in flat


# The places of the block
# ----------------------------------------------------------------


def places_of(text):
    """The cells of the last table by place of the block, use of the map and size."""
    lines = text.partition("The place of the attention block")[2].splitlines()
    rows = [cells(line) for line in lines if re.match(r"\|? ?(block\d|nowhere)", line)]
    return {tuple(row[:3]): row[3:] for row in rows}


@IN_BOTH_FORMS
def test_every_place_of_the_block_has_a_row(draw):
    runs = stored_runs()
    places = places_of(draw(runs))
    assert len(places) == 11 + 3
    for (place, combine, size), (_, seeds, public, *_) in places.items():
        block = "none" if place == "nowhere" else f"{place}-{combine}"
        name = "pocket" if size == "48" else f"pocket{size}"
        start = f"{name}-{block}-"
        these = [
            run for run in runs if is_pocket_run(run) and run.name.startswith(start)
        ]
        assert seeds == str(len(these))
        accuracy = measured_row(these).public.accuracy if these else None
        assert public == ("not yet run" if accuracy is None else f"{accuracy:.2f}")


def test_a_changed_recipe_is_in_no_row_of_the_places():
    usual = dataclasses.replace(made_up_run(), configuration=pocket_configuration())
    other = dataclasses.replace(usual, recipe=usual.recipe | {"ema": 0.0})
    assert places_of(as_text([usual, other]))["nowhere", "none", "48"][1] == "1"


@IN_BOTH_FORMS
def test_block_5_at_96_pixels_is_a_row_of_its_own(draw):
    configuration = pocket_configuration("block5_pool") | {"size": 96}
    large = made_up_run(right=60)
    large = dataclasses.replace(large, configuration=configuration)
    shorter = dataclasses.replace(large, recipe=large.recipe | {"epochs": 4})
    places = places_of(draw([large, shorter]))
    assert places["block5", "concat", "96"][:3] == ["20", "1", "60.00"]
    assert places["block5", "concat", "48"][:3] == ["20", "0", "not yet run"]
    assert places["nowhere", "none", "96"][:3] == ["20", "0", "not yet run"]
    assert [size for *_, size in places] == ["48"] * 11 + ["96"] * 3


def test_what_was_not_run_is_in_the_queue():
    names = {run.name for run in stored_runs()}
    queue = (RESULTS / "QUEUE.md").read_text("utf-8")
    for place in range(1, 6):
        for combine, option in (("concat", ""), ("multiply", " --combine multiply")):
            command = f"train --pocket --after block{place}_pool{option} --ship`"
            run = f"pocket-block{place}-{combine}-pocket-seed0"
            assert (run in names) != (command in queue)
