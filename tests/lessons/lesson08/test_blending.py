"""The panel of lesson 08 that blends two faces and their labels."""

import numpy as np
import pytest
from drawn import texts

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson08 import blending


@pytest.mark.parametrize("share", blending.SHARES)
@pytest.mark.parametrize("smoothing", blending.SMOOTHINGS)
def test_a_target_adds_up_and_certainty_alone_allows_a_loss_of_zero(share, smoothing):
    target = blending.blended_target(share, smoothing)
    assert target.sum() == pytest.approx(1)
    certain = (share, smoothing) == (1, 0)
    assert (blending.lowest_loss(target) == 0) == certain


def test_the_panel_follows_its_lists():
    panel = blending.BlendPanel()
    before = panel.still()
    assert "Target of 0.8 happy and 0.2 neutral, smoothed by 0: happy 0.80" in before
    panel.share.value = 0.5
    assert panel.still() != before
    panel.smoothing.value = 0.1
    assert "0.5 neutral, smoothed by 0.1: happy 0.46" in repr(panel)


def test_the_face_is_next_to_its_target():
    target = blending.blended_target(0.8, 0)
    figure = blending.blend_and_target(np.zeros((48, 48)), target, 0.5)
    assert {
        "0.80",
        "0.20",
        *EMOTIONS,
        "what it should answer\nlowest loss: 0.50",
    } <= texts(figure)
