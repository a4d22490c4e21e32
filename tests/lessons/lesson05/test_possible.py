"""The panel of possible percentages of lesson 05."""

import pytest
from drawn import overlaps, texts

from fercourse.lessons.lesson05 import PossiblePanel
from fercourse.results.table3.paper import PAPER_ROWS

ROWS = {row.printed: row for row in PAPER_ROWS}


@pytest.mark.parametrize(
    ("printed", "faces", "labels"),
    [
        (
            "73.35",
            3589,
            {"2,632", "2,633", "No count of 3,589 faces is"},
        ),
        ("73.35", 7178, {"5,265", "1 count of 7,178 faces is"}),
        (
            "72.4",
            3589,
            {"2,597", "2,602", "6 counts of 3,589 faces are"},
        ),
    ],
)
def test_the_counts_that_are_printed_so_are_named(printed, faces, labels):
    panel = PossiblePanel()
    panel.row.value, panel.faces.value = ROWS[printed], faces
    figure, alt = panel.draw()
    *counts, title = sorted(labels, key=len)
    words = {*counts, printed, f"{title} printed as {printed} %"}
    assert words <= texts(figure) and overlaps(figure) == []
    assert all(label in alt for label in labels) and panel.picture.alt == alt


def test_it_opens_on_the_row_before_the_papers_and_the_arrow_keys_lead_to_the_others():
    rows = [row for _, row in PossiblePanel().row.options]
    assert rows == [*reversed(PAPER_ROWS)] and PossiblePanel().row.value is rows[1]
