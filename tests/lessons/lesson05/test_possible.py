"""The panel of possible percentages of lesson 05."""

import pytest
from drawn import overlaps, texts

from fercourse.lessons.lesson05 import PossiblePanel
from fercourse.results.table3.paper import PAPER_ROWS

ROWS = {row.printed: row for row in PAPER_ROWS}


@pytest.mark.parametrize(
    ("printed", "faces", "labels"),
    [
        ("73.35", 3589, {"2,632", "2,633", "fitting counts of 3,589 faces: none"}),
        ("73.35", 7178, {"5,265", "fitting counts of 7,178 faces: 1"}),
        ("72.4", 3589, {"2,597", "2,602", "fitting counts of 3,589 faces: 6"}),
    ],
)
def test_the_counts_that_are_printed_so_are_named(printed, faces, labels):
    panel = PossiblePanel()
    panel.row.value, panel.faces.value = ROWS[printed], faces
    figure, alt = panel.draw()
    assert labels | {printed} <= texts(figure) and overlaps(figure) == []
    assert f"near {printed}" in alt and panel.picture.alt == alt
