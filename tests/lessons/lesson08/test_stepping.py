"""The panel of lesson 08: it shows the probe that was chosen."""

import pytest
from drawn import overlaps, texts

from fercourse.lessons.lesson08 import stepping
from fercourse.results.probes import stored_probes

PROBES = stored_probes("head")["rows"]


def test_the_panel_shows_the_chosen_probe():
    panel = stepping.StepsPanel()
    before = panel.still()
    assert "Features times 1, rate 1e-4: first loss 17.31" in before
    panel.scale.value = 0.05
    assert "Features times 0.05, rate 1e-4: first loss 2.21" in panel.still()
    assert panel.still() != before
    panel.rate.value = 1e-5
    assert "rate 1e-5" in repr(panel)


def test_what_was_not_chosen_yet_is_a_question_mark():
    first, second, *_ = PROBES
    figure = stepping.measured_grids(PROBES, [first, second], second)
    numbers = [text.get_text() for text in figure.axes[0].texts]
    assert numbers.count("?") == len(PROBES) - 2
    assert set(framed(figure)) == {(second["scale"], second["rate"])}
    assert ["0.05", "1e-4", "2.21", "1.14", "0.90", "0.07"] in stepping.all_settings()


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
