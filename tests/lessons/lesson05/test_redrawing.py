"""One bootstrap draw at a time."""

import numpy as np
from drawn import overlaps, texts

from fercourse.lessons.lesson05 import redrawing


def test_the_panel_follows_its_list():
    apart = {"one": np.arange(300) < 200, "other": np.arange(300) < 50}
    panel = redrawing.RedrawPanel(apart)
    before = panel.still()
    assert "Draw 1: in first place is one" in before
    panel.number.value = 2
    assert "Draw 2" in repr(panel) and panel.still() != before


def test_the_panel_begins_with_a_draw_that_changes_the_order():
    close = {"one": np.arange(300) < 152, "other": np.arange(300) >= 150}
    panel = redrawing.RedrawPanel(close)
    assert "is other" in panel.still()
    for earlier in range(1, panel.number.value):
        panel.number.value = earlier
        assert "is one" in panel.still()


def test_who_overtakes_is_orange_and_a_broken_tie_is_not():
    before = {"a": 60.0, "b": 55.0, "c": 55.0, "d": 50.0}
    assert redrawing.overtakes(before, before | {"b": 54.0}) == set()
    assert redrawing.overtakes(before, before | {"d": 55.5}) == {"b", "c", "d"}
    figure = redrawing.changed_places(before, before | {"b": 54.0}, "draw 3")
    lines = [line.get_ydata() for line in figure.axes[0].lines]
    assert all(start == end for start, end in lines)


def test_a_name_is_next_to_its_new_place():
    before, after = {"one": 60.0, "other": 50.0}, {"one": 51.0, "other": 55.0}
    figure = redrawing.changed_places(before, after, "draw 3")
    assert {"other  2", "1  55.0 %", "one  1", "2  51.0 %"} <= texts(figure)
    assert overlaps(figure) == []
