"""Figures of lesson 01: bars with their alternative text, and names of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from fercourse.data.faces import EMOTIONS
from fercourse.plots.figures import (
    BLUE,
    EMOTION_COLOURS,
    ROW_HEIGHT,
    named_bars,
    new_figure,
)


def bars(
    values: Mapping[str, float], label: str, form: str, title: str = ""
) -> tuple[Figure, str]:
    """One bar for each name, emotions in their colours, and an alternative text.

    `label` names the values' axis, and `form` writes a value, such as "{:.0f} %".
    """
    height = 0.8 + ROW_HEIGHT * len(values)
    figure, axis = new_figure(width=3.8, height=height)
    colours = EMOTION_COLOURS if tuple(values) == EMOTIONS else BLUE
    named_bars(axis, values, colours, form)
    axis.set_xlabel(label)
    axis.set_title(title, loc="left", fontsize=9)
    words = ", ".join(f"{name} {form.format(value)}" for name, value in values.items())
    return figure, f"{title or 'Bars'}: {words}."


def name_rows(figure: Figure, columns: int, names: Sequence[str]) -> None:
    """Write the name of each row of a `face_grid` at its left, upwards."""
    for first, name in zip(figure.axes[::columns], names, strict=True):
        first.text(-6, 24, name, rotation=90, ha="center", va="center", fontsize=9)
