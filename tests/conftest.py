"""Fixtures of all tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import matplotlib
import pytest

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Close the figures of each test."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        matplotlib.pyplot.close("all")
