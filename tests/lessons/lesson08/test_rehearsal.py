"""The luck of picking, in lesson 08."""

import numpy as np
import pytest

from fercourse.lessons.lesson08.rehearsal import gains_of_picking


def test_the_best_of_several_seems_better_only_where_it_was_picked():
    seems, remains = gains_of_picking(2.0, most=3)
    # The expected largest of two and of three normal numbers.
    assert seems == pytest.approx([0, 2 / np.sqrt(np.pi), 3 / np.sqrt(np.pi)], abs=0.05)
    assert remains == pytest.approx([0, 0, 0], abs=0.05)
