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


@pytest.mark.parametrize("probe", PROBES[::5])
def test_every_choice_of_the_panel_was_measured_and_is_drawn(probe):
    panel = stepping.StepsPanel()
    panel.scale.value, panel.rate.value = probe["scale"], probe["rate"]
    figure = stepping.measured_strips(PROBES, probe)
    assert {f"{probe['first loss']:g}", f"{probe['moved']:g}"} <= texts(figure)
    assert overlaps(figure) == []
    assert f"first loss {probe['first loss']:g}" in panel.still()
