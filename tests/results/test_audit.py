"""Audits: errors by group counted by hand, corrected for the number of groups."""

import numpy as np
import pytest

from fercourse.results.audit import audit
from fercourse.results.statistics import wilson_interval


def test_errors_by_hand():
    correct = np.array([True] * 60 + [False] * 20 + [True] * 10 + [False] * 10)
    small = np.arange(100) >= 80
    (found,) = audit(correct, {"small": small}).values()
    assert (found.count, found.error, found.rest_error) == (20, 50, 25)
    assert found.gap == 25
    assert found.interval == wilson_interval(10, 20)
    assert found.rest_interval == wilson_interval(20, 80)
    assert found.p_value == pytest.approx(0.0291, abs=5e-4)
    assert found.adjusted == found.p_value


def test_many_groups_are_corrected():
    random = np.random.default_rng(0)
    correct = random.random(2000) < 0.7
    groups = {str(n): random.random(2000) < 0.5 for n in range(20)}
    found = audit(correct, groups).values()
    assert all(one.adjusted >= one.p_value for one in found)
    assert min(one.adjusted for one in found) > 0.05
    failing = random.random(2000) < 0.3
    found = audit(correct & ~failing, {**groups, "failing": failing})
    assert found["failing"].adjusted < 1e-6


@pytest.mark.parametrize("everybody", [True, False])
def test_a_group_needs_a_rest(everybody):
    with pytest.raises(ValueError, match="all: "):
        audit(np.ones(5, bool), {"all": np.full(5, everybody)})
