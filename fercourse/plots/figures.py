"""Figures in one style, shown with a text for readers who cannot see them."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import seaborn
from IPython.display import HTML, display
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba, to_rgba_array
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from PIL import Image

from fercourse.data.faces import EMOTIONS

# Okabe and Ito's set, made for colour-blind readers.
_COLOURS = ["#D55E00", "#009E73", "#CC79A7", "#E69F00", "#0072B2", "#56B4E9", "#666666"]
EMOTION_COLOURS: dict[str, str] = dict(zip(EMOTIONS, _COLOURS, strict=True))
"""One colour for each emotion, the same in every figure."""
LIGHT_BLUE = EMOTION_COLOURS["surprise"]

INK, GREY, PALE = "#1b1b1b", "#5a5a5a", "#c4c4c4"
BLUE, ORANGE, GREEN = "#0072B2", "#b04a00", "#00734f"
"""For text and lines; except `PALE`, each is dark enough to be read on white."""
HIGHLIGHT = "#fff1d6"
"""Background of the row that a reader has chosen."""
MAP_COLOURS = "viridis"
"""Of every attention map: equal steps look equal, and it keeps its order in grey."""

Options = dict[str, Any]
"""Keyword arguments of a drawing function."""
Shown = tuple[Figure, str]
"""A figure and its alternative text."""
ROW_HEIGHT = 0.27  # inches, in figures with a row for each name
TALL_ROW = 0.38  # inches, where the name is above its row
STRIPE = "#efefef"
"""Background of every other row in a chart with names above their rows."""
_LINES = ((BLUE, "o-"), (ORANGE, "s--"), (INK, "^-."), (GREEN, "D:"))
_DOTS_PER_INCH = 144  # more than are shown, and files stay small
_PIXELS_PER_INCH = 128  # CSS pixels: text of 8 points is as large as the page's
_DARK_PAGES = (
    'body[data-jp-theme-light="false"]',  # JupyterLab
    'html[data-theme="dark"]',  # the course's web pages
    "html[theme=dark]",  # Colab
    "body.vscode-dark",
)
# White becomes black and lets the page through; the second turn restores the hues.
_ON_DARK = f"""<style>{",".join(f"{page} img.fc-chart" for page in _DARK_PAGES)}\
{{filter:invert(1) hue-rotate(180deg)!important;mix-blend-mode:screen}}</style>"""
_STYLE: dict[Any, Any] = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.labelsize": 9,
    "font.size": 9,
    "figure.constrained_layout.use": True,
}


# The figure and the page
# -------------------------------------------------------------------------------------


def new_figure(
    columns: int = 1, rows: int = 1, width: float = 6.0, height: float = 2.6
) -> tuple[Figure, Any]:
    """A figure and its axes in the course's style, as from `plt.subplots`.

    `width` and `height` are those of the whole figure, in inches.

    Example: `figure, axis = fc.new_figure(); axis.plot([1, 2, 4])`.
    """
    with plt.rc_context(_STYLE):
        return plt.subplots(rows, columns, figsize=(width, height))


def new_mosaic(
    layout: str, width: float, height: float, **ratios: Any
) -> tuple[Figure, dict[str, Axes]]:
    """A figure and its axes by letter in our style, as from `plt.subplot_mosaic`.

    Example: `figure, axes = new_mosaic("AB;CC", 4.4, 4.2, height_ratios=(1, 2))`.
    """
    with plt.rc_context(_STYLE):
        return plt.subplot_mosaic(layout, figsize=(width, height), **ratios)


def show(figure: Figure, alt: str) -> None:
    """Show a figure under a cell, with an alternative text that says what it shows.

    JupyterLab gives a plain figure no alternative text, so this one is an HTML output.
    It shrinks with the page. On a dark page a figure without pictures, colour maps and
    `LIGHT_BLUE` is light on dark.

    Example: `fc.show(fc.face_grid(faces.images[:8]), "Eight faces.")`.

    Raises:
        ValueError: the text is empty.
    """
    if not alt.strip():
        raise ValueError("alt is empty; say in a sentence what the figure shows.")
    display(HTML(figure_tag(figure, alt)))


def figure_tag(figure: Figure, alt: str) -> str:
    """The figure as HTML, light on dark on a dark page if nothing speaks against it."""
    chart = not figure.findobj(_keeps_its_light)
    width = round(_PIXELS_PER_INCH * figure.get_figwidth())  # CSS pixels
    # Lines and letters look the same in fewer colours, and take a fifth less room.
    tag = image_tag(figure_png(figure, 64 if chart else 256), alt, width)
    tag = tag.replace(' style="', ' style="border-radius:6px;', 1)
    if chart:
        tag = _ON_DARK + tag.replace(" src=", ' class="fc-chart" src=', 1)
    return tag


def _keeps_its_light(part: Artist) -> bool:
    """No face or colour map may become its negative, nor the two blues each other."""
    colours: Any = ()
    if isinstance(part, Patch | PathCollection):
        colours = part.get_facecolor()
    elif isinstance(part, Line2D):
        colours = part.get_color()
    light_blue = np.isclose(to_rgba_array(colours), to_rgba(LIGHT_BLUE)).all(axis=-1)
    mapped = isinstance(part, ScalarMappable) and part.get_array() is not None
    return mapped or bool(light_blue.any())


def figure_png(figure: Figure, colours: int = 256) -> bytes:
    """The figure as a PNG file of at most so many colours; the figure is closed."""
    whole, small = io.BytesIO(), io.BytesIO()
    with plt.rc_context(_STYLE):
        figure.savefig(whole, dpi=_DOTS_PER_INCH, facecolor="white")
    plt.close(figure)
    # A palette makes the file a third as large; dithering would make it grow again. Of
    # the palettes, only this one keeps the colour of a small bar next to a large map.
    # The means of k-means keep the greys of a face free of colour.
    form: Options = {"method": Image.Quantize.MAXCOVERAGE, "kmeans": 1}
    form |= {"dither": Image.Dither.NONE}
    picture = Image.open(whole).convert("RGB").quantize(colours, **form)
    picture.save(small, "PNG", optimize=True)
    return small.getvalue()


def pixels_png(pixels: np.ndarray) -> bytes:
    """A picture of uint8 pixels, shape (height, width) or (…, 3), as a PNG file."""
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG", compress_level=1)
    return content.getvalue()


def enlarged_png(png: bytes, width: int) -> bytes:
    """A picture at least `width` pixels wide, with every pixel repeated.

    JupyterLab drops `image-rendering` from stored outputs and would blur a small one.
    """
    picture, content = Image.open(io.BytesIO(png)), io.BytesIO()
    times = max(1, -(-width // picture.width))
    sides = picture.width * times, picture.height * times
    picture.resize(sides, Image.Resampling.NEAREST).save(content, "PNG")
    return content.getvalue()


def image_tag(png: bytes, alt: str, width: int, pixelated: bool = False) -> str:
    """An HTML image that holds its own bytes, `width` CSS pixels wide or less.

    `pixelated` keeps the edges of enlarged pixels sharp.
    """
    png = enlarged_png(png, width) if pixelated else png
    data = base64.b64encode(png).decode()
    style = f"width:{width}px;max-width:100%;height:auto"
    style += ";image-rendering:pixelated" if pixelated else ""
    source = f"data:image/png;base64,{data}"
    return f'<img alt="{escape(alt)}" style="{style}" src="{source}">'


# Parts of figures
# -------------------------------------------------------------------------------------


def note(
    axis: Axes,
    text: str,
    point: tuple[float, float],
    colour: str = INK,
    across: str = "left",
    level: str = "center",
    **options: Any,
) -> None:
    """Write a short text at a point; `across` and `level` say how it is aligned."""
    aligned: Options = {"ha": across, "va": level, "fontsize": 8}
    axis.annotate(text, point, color=colour, **aligned, **options)


def name_ends(
    axis: Axes,
    ends: Mapping[str, tuple[float, float]],
    colours: Mapping[str, str] | None = None,
) -> None:
    """Write each name in the right margin, level with its point, none on another.

    Call it last: what is drawn later may move the points.
    """
    low, high = axis.get_ylim()
    names = sorted(ends, key=lambda name: ends[name][1])
    inches = axis.get_window_extent().height / axis.figure.dpi
    # 0.16 inches hold a line of text.
    distance = 0.16 / inches * (high - low)
    heights = apart([ends[name][1] for name in names], distance)
    leader: Options = {"arrowstyle": "-", "color": PALE, "shrinkA": 0, "shrinkB": 4}
    margin: Options = {"textcoords": axis.get_yaxis_transform(), "arrowprops": leader}
    for name, height in zip(names, heights, strict=True):
        colour = (colours or {}).get(name, INK)
        note(axis, name, ends[name], colour, xytext=(1.03, height), **margin)


def apart(ascending: Sequence[float], distance: float) -> list[float]:
    """The numbers moved upwards until neighbours are `distance` apart, then centred."""
    moved: list[float] = []
    for number in ascending:
        moved.append(max(number, moved[-1] + distance) if moved else number)
    shift = (moved[-1] - ascending[-1]) / 2 if moved else 0
    return [number - shift for number in moved]


def named_lines(axis: Axes, lines: Mapping[str, Sequence[float]]) -> None:
    """One line for each name over 1, 2, …, with the name in the right margin."""
    ends, colours = {}, {}
    for number, (name, values) in enumerate(lines.items()):
        colours[name], form = _LINES[number % len(_LINES)]
        places = np.arange(1, len(values) + 1)
        axis.plot(places, values, form, color=colours[name], markersize=4)
        ends[name] = (places[-1], values[-1])
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    name_ends(axis, ends, colours)


def named_bars(
    axis: Axes, values: Mapping[str, float], colours: Any = BLUE, form: str = "{:,.0f}"
) -> None:
    """One horizontal bar for each name, with its value; in one colour, or one each.

    Example: `fc.named_bars(axis, {"none": 64.3, "block 4": 64.5}, form="{:.1f} %")`.
    """
    names = list(values)
    by_name: Options = {"hue": names, "palette": colours, "legend": False}
    look: Options = {"color": colours} if isinstance(colours, str) else by_name
    numbers = [float(value) for value in values.values()]
    seaborn.barplot(x=numbers, y=names, errorbar=None, saturation=1, ax=axis, **look)
    box: Options = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    bars: Any
    for bars in axis.containers:  # one, or one for each colour
        axis.bar_label(bars, fmt=form, padding=3, fontsize=8, bbox=box)
    axis.margins(x=0.18)


def enlarge_text(figure: Figure, size: float = 11) -> Figure:
    """Set all text of a wide figure in one size, so that a phone's copy can be read."""
    for text in figure.findobj(Text):
        text.set_fontsize(size)
    return figure


def interval_rows(
    axis: Axes, rows: Mapping[str, Sequence[float]], line: str = GREY, dot: str = INK
) -> None:
    """One row for each name, the first at the top: a dot, and a line for its interval.

    A row is a value and the ends of its interval; `line` and `dot` are colours.
    """
    places = np.arange(len(rows))
    values, low, high = np.reshape([*rows.values()], (-1, 3)).astype(float).T
    axis.hlines(places, low, high, color=line, linewidth=2)
    axis.plot(values, places, "o", color=dot, markeredgecolor="white", markersize=6)
    axis.set_yticks(places, list(rows))
    axis.set_ylim(len(rows) - 0.4, -0.6)


def names_above(axis: Axes, names: Sequence[str]) -> None:
    """Write the name of each row above it: a phone has no room to the left.

    The rows are at 0, 1, … from the top, `TALL_ROW` inches each. Every other one has a
    background, which holds a name and its marks together.
    """
    for row in range(1, len(names), 2):
        look: Options = {"facecolor": STRIPE, "linewidth": 0, "zorder": -2}
        axis.axhspan(row - 0.67, row + 0.33, **look)
    axis.set_yticks(np.arange(len(names)) - 0.2, names, ha="left", va="bottom")
    axis.tick_params(axis="y", length=0, pad=0)
    axis.spines["left"].set_visible(False)
    axis.set_ylim(len(names) - 0.4, -0.8)


def show_face(axis: Axes, image: np.ndarray) -> None:
    """Draw one face: shape (48, 48), grey 0–255."""
    # Without smoothing a face looks as sharp as it is, and its PNG is a third as large.
    axis.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axis.axis("off")


def emotion_bars(axis: Axes, values: Sequence[float], form: str = "{:,.0f}") -> None:
    """One horizontal bar for each emotion, in its colour, with the value at its end.

    Example: `fc.emotion_bars(axis, list(data.train.counts().values()))`.
    """
    shown = dict(zip(EMOTIONS, values, strict=True))
    named_bars(axis, shown, EMOTION_COLOURS, form)


# Whole figures
# -------------------------------------------------------------------------------------


def face_grid(
    images: np.ndarray,
    titles: Sequence[str] = (),
    *,
    columns: int = 8,
    side: float = 0.95,
) -> Figure:
    """Faces in rows, each with its title, if there are any.

    Args:
        images: shape (N, 48, 48), grey 0–255.
        titles: one for each face, or none.
        columns: faces in a row.
        side: of one face, in inches.

    Example: `fc.show(fc.face_grid(faces.images[:8]), "Eight faces.")`.
    """
    rows = max(1, -(-len(images) // columns))
    height = rows * (side + (0.25 if len(titles) else 0.05))
    columns_used = min(columns, len(images)) or 1
    figure, axes = new_figure(columns_used, rows, side * columns, height)
    for number, axis in enumerate(np.ravel(axes)):
        axis.axis("off")
        if number < len(images):
            show_face(axis, images[number])
        if number < len(titles):
            axis.set_title(titles[number], fontsize=8, pad=2)
    return figure


def learning_curves(
    curves: Mapping[str, Sequence[float]], label: str = "accuracy (%)"
) -> Figure:
    """One line for each named series over the epochs, with its name at its end.

    Example: `fc.learning_curves({"Training": [40, 55], "PublicTest": [41, 50]})`.
    """
    figure, axis = new_figure(width=5.2)
    axis.set(xlabel="epoch", ylabel=label)
    named_lines(axis, curves)
    return figure


def confusion_table(confusion: np.ndarray) -> Figure:
    """A confusion table in percent of each label, with the numbers written in.

    Args:
        confusion: int, shape (7, 7), label by row, answer by column.

    Example: `fc.confusion_table(run.single["private"].confusion)`.
    """
    totals = confusion.sum(axis=1)
    shares = 100 * confusion / np.maximum(totals, 1)[:, None]
    figure, axis = new_figure(width=4.6, height=3.8)
    names = [f"{name} ({n})" for name, n in zip(EMOTIONS, totals, strict=True)]
    look: Options = {"cmap": "Blues", "vmin": 0, "vmax": 100, "cbar": False}
    numbers: Options = {"annot": True, "fmt": ".0f", "annot_kws": {"fontsize": 8}}
    labels: Options = {"xticklabels": EMOTIONS, "yticklabels": names}
    seaborn.heatmap(shares, ax=axis, **look, **numbers, **labels)
    axis.set_xticks(axis.get_xticks(), EMOTIONS, rotation=45, ha="right")
    axis.set(xlabel="answer", ylabel="label (faces)")
    return figure


def accuracy_intervals(
    accuracies: Mapping[str, tuple[float, float, float]], form: str = "{:.1f}"
) -> Figure:
    """One row for each name: accuracy and the ends of its interval, in percent.

    Example: `fc.accuracy_intervals({"pocket VGG19": (64.1, 62.5, 65.6)})`.
    """
    height = 0.7 + TALL_ROW * max(len(accuracies), 1)
    figure, axis = new_figure(width=4.6, height=height)
    interval_rows(axis, accuracies)
    names_above(axis, list(accuracies))
    for row, (accuracy, _, high) in enumerate(accuracies.values()):
        note(axis, f"  {form.format(accuracy)}", (high, row))
    axis.set_xlabel("accuracy (%), with 95 % interval")
    axis.margins(x=0.12)
    return figure


def duels(pairs: Mapping[str, Any], places: int = 2) -> Shown:
    """For each name, the faces that only one of two networks gets right, and p.

    Example: `fc.show(*fc.duels({"block 3": fc.mcnemar(without, with_block)}))`.

    Args:
        pairs: what `mcnemar` returns; the network without a block is the first.
        places: decimal places of p.
    """
    figure, axis = new_figure(width=5.0, height=0.5 + ROW_HEIGHT * len(pairs))
    axis.axvline(0, color=INK, linewidth=1)
    widest = max(max(pair.only_first, pair.only_second) for pair in pairs.values())
    shifted: Options = {"textcoords": "offset points"}
    for row, pair in enumerate(pairs.values()):
        first, second = pair.only_first, pair.only_second
        axis.barh(row, -first, color=GREY, height=0.8)
        axis.barh(row, second, color=BLUE, height=0.8)
        note(axis, f"{first}", (-first, row), "white", xytext=(4, -0.5), **shifted)
        right: Options = {"across": "right", "xytext": (-4, -0.5)}
        note(axis, f"{second}", (second, row), "white", **right, **shifted)
        note(axis, f"p = {pair.p_value:.{places}f}", (1.08 * widest, row))
    axis.set_yticks(range(len(pairs)), list(pairs))
    axis.tick_params(axis="y", length=0)
    axis.set(xlim=(-1.05 * widest, 1.55 * widest), ylim=(len(pairs) - 0.5, -1.3))
    note(axis, "right only without", (0, -1), GREY, "right", xytext=(-5, 0), **shifted)
    note(axis, "only with the block", (0, -1), BLUE, xytext=(5, 0), **shifted)
    axis.spines[["bottom", "left"]].set_visible(False)
    axis.set_xticks([])
    words = [
        f"{name} {pair.only_first} to {pair.only_second}, p {pair.p_value:.{places}f}"
        for name, pair in pairs.items()
    ]
    return enlarge_text(figure, 10), (
        "Faces that only the network without the block, and only the one with it, gets "
        f"right: {'; '.join(words)}."
    )
