"""How often a test puts the worse system first."""

import numpy as np
import pytest
from drawn import texts
from scipy.stats import norm

from fercourse.lessons.lesson05 import swapping
from fercourse.results.comparisons import two_proportions


def test_the_share_of_swaps_is_that_of_simulated_tests():
    disagree, difference, faces = 0.15, 0.01, 400
    chance = np.random.default_rng(0)
    shares = (disagree + difference) / 2, (disagree - difference) / 2, 1 - disagree
    only_better, only_worse, _ = chance.multinomial(faces, shares, 40_000).T
    # Half of the ties, because the formula knows none.
    behind = (only_worse > only_better) + (only_worse == only_better) / 2
    expected = swapping.swapped(100 * difference, 100 * disagree, faces)
    assert behind.mean() == pytest.approx(expected, abs=0.01)


def test_more_faces_and_larger_differences_swap_less_often():
    shares = [swapping.swapped(0.5, 15, faces) for faces in swapping.FACES]
    assert shares == sorted(shares, reverse=True)
    shares = [swapping.swapped(points, 15, 3589) for points in swapping.DIFFERENCES]
    assert shares == sorted(shares, reverse=True) and shares[0] < 0.5


def test_the_lessons_claim_about_inception_holds():
    points = 73.35 - 71.6  # and 14.8 % of the faces decide, as between our networks
    z = points / swapping.spread(0, 14.8, 3589)
    assert norm.sf(z) * 2 < 0.05 / 6 < two_proportions(73.35, 71.6).p_value


def test_the_panel_follows_its_lists():
    panel = swapping.SwapPanel(15.0)
    before = panel.still()
    assert "0.07 points apart, 3,589 test faces" in before
    panel.faces.value, panel.difference.value = 1_000_000, 2.0
    assert "in 0.0 % of such tests" in panel.still() != before
    assert "1,000,000" in repr(panel)
    figure = swapping.measured_differences(0.07, 15, 3589)
    assert any(text.startswith("wrong order in 4") for text in texts(figure))
