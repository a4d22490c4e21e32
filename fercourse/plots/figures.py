"""Figures in one style, shown with a text for those who cannot see them."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE

EMOTION_COLOURS: dict[str, str] = dict(
    zip(
        EMOTIONS,
        ("#D55E00", "#009E73", "#CC79A7", "#E69F00", "#0072B2", "#56B4E9", "#666666"),
        strict=True,
    )
)
"""One colour for each emotion, never another: Okabe and Ito's set, made for colour-blind readers."""

MAP_COLOURS = "viridis"
"""Of every attention map: equal steps look equal, and it keeps its order in grey."""

_STYLE = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "font.size": 9,
    "figure.constrained_layout.use": True,
    "legend.frameon": False,
}
_DOTS_PER_INCH = 144  # one and a half times what is shown: sharp on dense screens, small in the notebook


def new_figure(
    columns: int = 1, rows: int = 1, width: float = 6.0, height: float = 2.6
):
    """A figure and its axes in the course's style; use it where you would use `plt.subplots`.

    Args:
        columns: axes side by side.
        rows: axes one above the other.
        width: of the whole figure, in inches.
        height: of the whole figure, in inches.

    Returns:
        The figure, and one `Axes` or an array of them, as from `plt.subplots`.
    """
    with plt.rc_context(_STYLE):
        return plt.subplots(rows, columns, figsize=(width, height))


def show(figure: Figure, alt: str) -> None:
    """Show a figure under a cell, with an alternative text that says what is to be seen.

    JupyterLab gives a plain figure no alternative text, so the picture goes into an
    HTML output.

    Raises:
        ValueError: the text is empty.
    """
    if not alt.strip():
        raise ValueError("alt is empty; say in a sentence what the figure shows.")
    display(HTML(image_tag(figure_png(figure), alt, round(figure.get_figwidth() * 96))))


def figure_png(figure: Figure) -> bytes:
    """The figure as a PNG file of at most 256 colours; the figure is closed."""
    whole = io.BytesIO()
    with plt.rc_context(_STYLE):
        figure.savefig(whole, dpi=_DOTS_PER_INCH, facecolor="white")
    plt.close(figure)
    small = io.BytesIO()
    Image.open(whole).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
        small, "PNG", optimize=True
    )
    return small.getvalue()


def image_tag(png: bytes, alt: str, width: int, pixelated: bool = False) -> str:
    """An HTML image that holds its own bytes.

    Args:
        png: a PNG file.
        alt: what is to be seen.
        width: in CSS pixels; on a narrower screen the image shrinks.
        pixelated: keep the edges of enlarged pixels sharp.
    """
    data = base64.b64encode(png).decode()
    style = f"width:{width}px;max-width:100%;height:auto"
    style += ";image-rendering:pixelated" if pixelated else ""
    return (
        f'<img alt="{escape(alt)}" style="{style}" src="data:image/png;base64,{data}">'
    )


def face_grid(
    images: np.ndarray,
    titles: Sequence[str] = (),
    *,
    columns: int = 8,
    maps: np.ndarray | None = None,
    side: float = 0.95,
) -> Figure:
    """Faces in rows, each with a title, and on request with an attention map laid over it.

    Args:
        images: shape (N, 48, 48), grey 0–255.
        titles: one for each face, or none.
        columns: faces in a row.
        maps: float in [0, 1], shape (N, height, width); drawn without smoothing, cell
            by cell.
        side: of one face, in inches.
    """
    rows = max(1, -(-len(images) // columns))
    height = rows * (side + (0.25 if len(titles) else 0.05))
    figure, axes = new_figure(
        min(columns, len(images)) or 1, rows, side * columns, height
    )
    for number, axis in enumerate(np.ravel(axes)):
        axis.axis("off")
        if number >= len(images):
            continue
        show_face(axis, images[number], None if maps is None else maps[number])
        if len(titles):
            axis.set_title(titles[number], fontsize=8, pad=2)
    return figure


def show_face(
    axis: Axes, image: np.ndarray, attention_map: np.ndarray | None = None
) -> None:
    """Draw one face, and over it its attention map, into axes.

    Args:
        axis: where.
        image: shape (48, 48), grey 0–255.
        attention_map: float in [0, 1], shape (height, width).
    """
    # Without smoothing a face looks as sharp as it is, and its PNG is a third as large.
    axis.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    if attention_map is not None:
        whole_face = (-0.5, IMAGE_SIDE - 0.5, IMAGE_SIDE - 0.5, -0.5)
        axis.imshow(
            attention_map,
            cmap=MAP_COLOURS,
            vmin=0,
            vmax=1,
            alpha=0.5,
            extent=whole_face,
        )
    axis.axis("off")


def emotion_bars(axis: Axes, values: Sequence[float], form: str = "{:,.0f}") -> None:
    """One horizontal bar for each emotion, in its colour, with the value written beside it.

    Args:
        axis: where.
        values: seven numbers, in the order of `EMOTIONS`.
        form: how a value is written.
    """
    places = np.arange(len(EMOTIONS))
    axis.barh(places, values, color=list(EMOTION_COLOURS.values()))
    for place, value in zip(places, values, strict=True):
        axis.text(value, place, " " + form.format(value), va="center", fontsize=8)
    axis.set_yticks(places, EMOTIONS)
    axis.invert_yaxis()
    axis.margins(x=0.18)


def learning_curves(
    curves: Mapping[str, Sequence[float]], label: str = "accuracy (%)"
) -> Figure:
    """One line for each named series over the epochs, with its name at its end.

    Args:
        curves: for each name, one number an epoch.
        label: of the vertical axis.
    """
    figure, axis = new_figure(width=5.2)
    for number, (name, values) in enumerate(curves.items()):
        epochs = np.arange(1, len(values) + 1)
        style = ("-", "--", "-.", ":")[number % 4]
        (line,) = axis.plot(epochs, values, style, marker=".")
        axis.annotate(
            f" {name}",
            (epochs[-1], values[-1]),
            color=line.get_color(),
            va="center",
            fontsize=8,
        )
    axis.set_xlabel("epoch")
    axis.set_ylabel(label)
    longest = max((len(values) for values in curves.values()), default=1)
    axis.set_xlim(0.5, longest + max(1.0, 0.25 * longest))  # room for the names
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def confusion_table(confusion: np.ndarray) -> Figure:
    """A confusion table in percent of each true emotion, numbers written in.

    Args:
        confusion: int, shape (7, 7), true emotion by row, predicted emotion by column.
    """
    totals = confusion.sum(axis=1, keepdims=True)
    shares = 100 * confusion / np.maximum(totals, 1)
    figure, axis = new_figure(width=4.6, height=3.8)
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    for (true, predicted), share in np.ndenumerate(shares):
        tone = "white" if share > 55 else "black"
        axis.text(
            predicted,
            true,
            f"{share:.0f}",
            ha="center",
            va="center",
            color=tone,
            fontsize=8,
        )
    places = np.arange(len(EMOTIONS))
    axis.set_xticks(places, EMOTIONS, rotation=45, ha="right")
    axis.set_yticks(
        places,
        [f"{name} ({n})" for name, n in zip(EMOTIONS, totals[:, 0], strict=True)],
    )
    axis.set_xlabel("predicted")
    axis.set_ylabel("true (faces)")
    axis.spines[:].set_visible(False)
    return figure


def accuracy_intervals(accuracies: Mapping[str, tuple[float, float, float]]) -> Figure:
    """One row for each name: the accuracy as a dot, its interval as a line, the number at its end.

    Args:
        accuracies: for each name, accuracy, lower and upper end of its interval, in
            percent.
    """
    figure, axis = new_figure(width=6.0, height=0.7 + 0.27 * max(len(accuracies), 1))
    for row, (accuracy, low, high) in enumerate(accuracies.values()):
        axis.plot([low, high], [row, row], color="0.55", linewidth=2)
        axis.plot(accuracy, row, "o", color="black", markersize=5)
        axis.text(high, row, f"  {accuracy:.1f}", va="center", fontsize=8)
    axis.set_yticks(range(len(accuracies)), accuracies)
    axis.set_ylim(len(accuracies) - 0.4, -0.6)
    axis.set_xlabel("accuracy (%), with 95 % interval")
    axis.margins(x=0.12)
    return figure
