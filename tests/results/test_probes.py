"""The stored probes."""

import pytest

from fercourse.results.probes import probe_table, stored_probes


@pytest.mark.parametrize("kind", ["head", "network", "knowledge"])
def test_stored_probes_are_a_table(kind):
    stored = stored_probes(kind)
    heading, *rows = probe_table(stored["rows"])
    assert {len(row) for row in rows} == {len(heading)}
    assert len(stored["about"]["weights"]) == 64
