"""The stored probes."""

import pytest

from fercourse.results.probes import stored_probes


@pytest.mark.parametrize("kind", ["head", "network", "variations", "knowledge"])
def test_stored_probes_are_a_table(kind):
    stored = stored_probes(kind)
    first, *others = stored["rows"]
    assert all(row.keys() == first.keys() for row in others)
    assert len(stored["about"]["weights"]) == 64
