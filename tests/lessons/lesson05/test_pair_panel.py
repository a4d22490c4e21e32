"""All pairs at once, with and without Holm's correction."""

import numpy as np

from fercourse.lessons.lesson05.pair_panel import PairPanel
from fercourse.results.comparisons import compare_pairs


def test_fewer_pairs_differ_after_the_correction():
    easy = np.arange(400) % 2 == 0
    # Against the first, p is 0.03 for the second; all three pairs are corrected.
    second, third = easy.copy(), ~easy
    second[:12:2] = False
    pairs = compare_pairs({"one": easy, "two": second, "three": third})
    accuracies = {"one": 50.0, "two": 48.5, "three": 50.0}
    panel = PairPanel(accuracies, pairs)
    before = panel.still()
    alone = sum(pair.test.p_value < 0.05 for pair in pairs)
    together = sum(pair.adjusted < 0.05 for pair in pairs)
    assert alone > together
    assert f"{together} of 3 pairs differ" in before and "correction on" in before
    panel.corrected.value = 0
    assert f"{alone} of 3 pairs differ" in panel.still()
    assert "correction off" in repr(panel)
