"""What the tests of figures share."""

from __future__ import annotations


def texts(axis) -> list[str]:
    """The words in a figure's axis."""
    return [text.get_text().strip() for text in axis.texts]
