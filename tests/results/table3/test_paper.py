"""What is known of the paper's numbers: what can be computed is computed."""

import re

import pytest

from fercourse.models.systems import SYSTEMS
from fercourse.results.table3.paper import PAPER_ROWS, TABLE_FAULTS

ROWS = {row.system: row for row in PAPER_ROWS}


def test_the_papers_seven_rows():
    printed = ["70.02", "71.6", "72.16", "72.4", "72.7", "73.28", "73.35"]
    assert [row.printed for row in PAPER_ROWS] == printed
    assert list(ROWS) == [name for name in SYSTEMS if name != "vgg19"]


def test_only_the_papers_own_number_is_no_share_of_a_test_half():
    assert [row.system for row in PAPER_ROWS if not row.counts()] == ["vgg19_attention"]
    (pooled,) = ROWS["vgg19_attention"].counts(2 * 3589)
    assert f"{pooled:,} of 7,178" in ROWS["vgg19_attention"].faults


def test_its_gap_to_the_row_before_is_less_than_three_faces():
    gap = ROWS["vgg19_attention"].accuracy - ROWS["vggnet"].accuracy
    assert 0 < gap / 100 * 3589 < 3


@pytest.mark.parametrize("row", PAPER_ROWS, ids=lambda row: row.system)
def test_every_row_says_everything(row):
    assert all((row.method, row.source, row.network, row.faults))
    reconstructed = re.match("reconstructed|that of a re-implementation", row.network)
    assert row.published != bool(reconstructed)
    # What is remembered or inferred is marked.
    for stated in (row.split, row.selected, row.views):
        text = str(stated)
        assert text.startswith(stated.word) and stated.reason in text
        assert "probably" not in text or "not confirmed" in text or "inferred" in text


def test_the_table_as_a_whole_has_faults_too():
    assert len(TABLE_FAULTS) >= 3 and all(fault.endswith(".") for fault in TABLE_FAULTS)
