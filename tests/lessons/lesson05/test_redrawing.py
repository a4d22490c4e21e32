"""One bootstrap draw at a time."""

import numpy as np
from drawn import overlaps, texts

from fercourse.lessons.lesson05 import redrawing


def test_the_panel_follows_its_list():
    chance = np.random.default_rng(0)
    correct = {name: chance.random(300) < 0.6 for name in ("one", "other")}
    panel = redrawing.RedrawPanel(correct)
    before = panel.still()
    assert "Draw 1: in first place is" in before
    panel.number.value = 2
    assert "Draw 2" in repr(panel) and panel.still() != before


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
