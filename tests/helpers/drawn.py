"""What the tests of figures share."""

from __future__ import annotations

import matplotlib
import pytest

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def closed():
    """Close the figures of each test; whoever imports it has it in every test."""
    yield
    matplotlib.pyplot.close("all")


def texts(axis) -> list[str]:
    """The words in a figure's axis."""
    return [text.get_text().strip() for text in axis.texts]
