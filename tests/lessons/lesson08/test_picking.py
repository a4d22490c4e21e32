"""The panel of lesson 08 that picks the best of several equally good networks."""

import numpy as np
import pytest
from drawn import texts

from fercourse.lessons.lesson08 import picking


def test_more_tries_keep_the_luck_of_fewer():
    few, many = (picking.luck_of(0.4, tries, 2) for tries in (3, 30))
    assert few.shape == (2, 3)
    assert (many[:, :3] == few).all()


def test_on_average_the_lead_is_gone():
    picked = [
        luck[:, luck[0].argmax()]
        for luck in (picking.luck_of(1.0, 10, draw) for draw in range(400))
    ]
    public, private = np.mean(picked, axis=0)
    assert public == pytest.approx(1.54, abs=0.1)
    assert private == pytest.approx(0, abs=0.15)


def test_the_panel_follows_its_lists():
    panel = picking.PickingPanel(0.4)
    before = panel.still()
    assert "The best of 10 equally good networks" in before
    panel.tries.value = 30
    assert "The best of 30" in repr(panel)
    middle = panel.still()
    panel.number.value = 2
    assert panel.still() != middle


def test_the_picked_network_is_the_best_of_the_first_half():
    luck = np.array([[0.1, 0.5, -0.2], [0.3, -0.4, 0.0]])
    figure = picking.picked_strips(luck, 1.4)
    assert {"+0.5", "-0.4"} <= texts(figure)


def test_every_network_has_a_height_of_its_own():
    figure = picking.picked_strips(picking.luck_of(0.4, 30, 1), 1.4)
    for axis in figure.axes:
        (dots,) = (line for line in axis.lines if len(line.get_xdata()) == 30)
        assert np.diff(sorted(dots.get_ydata())).min() > 0.02
