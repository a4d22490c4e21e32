"""The panel of lesson 08: it shows the probe that was chosen."""

import numpy as np
import pytest
from drawn import overlaps, texts

from fercourse.lessons.lesson08 import stepping
from fercourse.lessons.lesson08.checks import reach
from fercourse.results.probes import stored_probes

PROBES = stored_probes("head")["rows"]


def test_the_panel_shows_the_chosen_probe():
    panel = stepping.StepsPanel()
    before = panel.still()
    assert "Features times 1, rate 1e-4: reach 3.5, first loss 17.31" in before
    panel.scale.value = 0.05
    assert "rate 1e-4: reach 0.17, first loss 2.21" in panel.still()
    assert panel.still() != before
    panel.rate.value = 1e-5
    assert "rate 1e-5" in repr(panel)


def test_what_was_not_chosen_yet_is_a_question_mark():
    first, second, *_ = PROBES
    figure = stepping.measured_grids(PROBES, [first, second], second)
    numbers = [text.get_text() for text in figure.axes[0].texts]
    assert numbers.count("?") == len(PROBES) - 2
    assert set(framed(figure)) == {(second["scale"], second["rate"])}


def test_the_table_of_reaches_ends_with_the_first_run():
    features = np.full((2, 3), 2.0)
    rows = {20: {"first loss": 5.0, "moved": 0.5}}
    table = stepping.reach_table(features, rows, reach)
    assert table[1] == ["pocket, × 20", "1e-3", "0.12", "5.0", "0.50"]
    assert table[2] == ["VGG19, first run", "1e-4", "3.48", "17.3", "29.17"]


def framed(figure):
    """Scale and rate of the framed cell of each grid."""
    for axis in figure.axes:
        (frame,) = (cell for cell in axis.patches if not cell.get_fill())
        column, row = (round(corner + 0.5) for corner in frame.get_xy())
        labels = axis.get_xticklabels()[column], axis.get_yticklabels()[row]
        yield tuple(float(label.get_text()) for label in labels)


def test_the_first_runs_setting_is_darkest_until_the_last_loss():
    figure = stepping.measured_grids(PROBES, PROBES, PROBES[0])
    for axis in figure.axes[:3]:
        # The darker an orange, the less green is in it.
        green = {c.get_xy(): c.get_facecolor()[1] for c in axis.patches if c.get_fill()}
        assert green[-0.5, -0.5] == min(green.values())


@pytest.mark.parametrize("probe", PROBES[::5])
def test_every_choice_of_the_panel_was_measured_and_is_drawn(probe):
    panel = stepping.StepsPanel()
    panel.scale.value, panel.rate.value = probe["scale"], probe["rate"]
    figure = stepping.measured_grids(PROBES, PROBES, probe)
    assert {f"{probe['first loss']:.2f}", f"{probe['moved']:.2f}"} <= texts(figure)
    assert overlaps(figure) == []
    assert set(framed(figure)) == {(probe["scale"], probe["rate"])}
    assert f"first loss {probe['first loss']:g}" in panel.still()
