"""What the panel shows, as pieces of HTML: sharp on every screen and readable as text.

Every function returns a string; nothing here knows a model or a widget.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from matplotlib import colormaps
from PIL import Image

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.models.costs import Place, places
from fercourse.models.network import Network
from fercourse.models.vgg19 import hidden_units
from fercourse.plots.figures import (
    BLUE,
    EMOTION_COLOURS,
    GREY,
    HIGHLIGHT,
    INK,
    MAP_COLOURS,
    ORANGE,
    image_tag,
)

PICTURE_SIDE = 144  # a multiple of 48 and of every grid, so that cells stay sharp
_CARD = f"background:#fff;color:{INK};font:13px/1.45 sans-serif;padding:8px 10px"
_BAR = "color:#fff;border-radius:4px;padding:3px 6px;text-align:center"


def card(title: str, body: str) -> str:
    """A titled piece of the panel, dark on white in every theme."""
    heading = f'<div style="font-weight:600;margin-bottom:4px">{escape(title)}</div>'
    return f'<div style="{_CARD};border-radius:6px">{heading}{body}</div>'


def message(text: str, title: str = "What this means") -> str:
    """A few sentences of the panel."""
    return card(title, escape(text))


def _row(*cells: tuple[str, str], marked: bool = False) -> str:
    """Cells next to each other, each with its CSS; a marked row is bold on a colour."""
    mark = f";background:{HIGHLIGHT};font-weight:600;border-radius:4px" * marked
    divs = "".join(f'<div style="{style}">{content}</div>' for style, content in cells)
    return f'<div style="display:flex;align-items:center;gap:6px{mark}">{divs}</div>'


# The network
# -------------------------------------------------------------------------------------


def network(variant: Network) -> str:
    """A pocket network, stage by stage, with the shape after each."""
    stages = places(variant.size, variant.width)
    last, rows = stages[-1], [_stage("face", (IMAGE_SIDE, IMAGE_SIDE, 1), 100, GREY)]
    features = last.grid**2 * last.channels
    appended = ""
    for number, place in enumerate(stages, start=1):
        text = f"block {number}: {place.convolutions} convolutions"
        shape = (place.grid, place.grid, place.channels)
        rows.append(_stage(text, shape, 106 - 10 * number, BLUE))
        if place.after in variant.after:
            rows += _attention_stages(place, variant)
            averaged = f"averaged to {last.grid} × {last.grid}, " * (place != last)
            appended = f"map {averaged}appended" * (variant.combine == "concat")
    if appended:
        # One channel more: the map, on the grid of the last block.
        shape = (last.grid, last.grid, last.channels + 1)
        rows.append(_stage(appended, shape, 60, ORANGE))
        features += last.grid**2
    rows.append(_stage("flatten, dropout", (features,), 44, GREY))
    rows.append(_stage("dense", hidden_units(variant), 40, GREY))
    rows.append(_stage("dense, softmax", (len(EMOTIONS),), 36, GREY))
    title = "The network: each stage with its output shape (a block ends with pooling)"
    return card(title, "".join(rows))


def _attention_stages(place: Place, variant: Network) -> list[str]:
    window = f"{variant.kernel_size} × {variant.kernel_size} convolution, sigmoid"
    text = f"attention: mean, maximum, {window}"
    rows = [_stage(text, (place.grid, place.grid, 1), 92, ORANGE)]
    if variant.combine == "multiply":
        shape = (place.grid, place.grid, place.channels)
        rows.append(_stage("features × map", shape, 60, ORANGE))
    return rows


def _stage(text: str, shape: tuple[int, ...], width: int, colour: str) -> str:
    """A bar, `width` percent wide, and the shape after it; the block's are marked."""
    size = f"width:{width}%;box-sizing:border-box;margin:auto"
    bar = f'<div style="{_BAR};{size};background:{colour}">{escape(text)}</div>'
    sides = " × ".join(f"{side:,}" for side in shape)
    cells = (
        ("flex:1;min-width:0;margin:2px 0", bar),
        ("width:92px;text-align:right", sides),
    )
    return _row(*cells, marked=colour == ORANGE)


# The face and its map
# -------------------------------------------------------------------------------------


def pictures(face: np.ndarray, attention_map: np.ndarray | None, name: str) -> str:
    """The face, its attention map and both together; one below another on a phone.

    Args:
        face: uint8, shape (48, 48).
        attention_map: float in [0, 1], shape (grid, grid), or None without a block.
        name: of the face, for the alternative texts.
    """
    shown = [_figure(face_png(face), f"{name}, as the model gets it", "face")]
    if attention_map is None:
        style = f"flex:1;min-width:140px;color:{GREY}"
        shown.append(f'<p style="{style}">No block, no map.</p>')
    else:
        grid = attention_map.shape[0]
        row, column = np.unravel_index(attention_map.argmax(), attention_map.shape)
        text = (
            f"attention map of {grid} × {grid} cells, {attention_map.min():.2f} to "
            f"{attention_map.max():.2f}, highest in row {row + 1}, column {column + 1}"
        )
        both = overlay_png(face, attention_map)
        shown.append(_figure(map_png(attention_map), text, f"map, {grid} × {grid}"))
        shown.append(_figure(both, f"{name} under its {text}", "both"))
        shown.append(_scale())
    style = "display:flex;flex-wrap:wrap;gap:8px"
    return card("What the block sees", f'<div style="{style}">{"".join(shown)}</div>')


def _figure(png: bytes, alt: str, caption: str) -> str:
    tag = image_tag(png, alt, PICTURE_SIDE, pixelated=True)
    style = f"width:{PICTURE_SIDE}px;text-align:center"
    return f'<div style="{style}">{tag}<div>{escape(caption)}</div></div>'


def _scale() -> str:
    """A colour bar for maps, from 0 to 1."""
    colours = (255 * colormaps[MAP_COLOURS](np.linspace(0, 1, 6))[:, :3]).round()
    stops = ", ".join(f"rgb({r:.0f}, {g:.0f}, {b:.0f})" for r, g, b in colours)
    style = f"width:260px;height:8px;background:linear-gradient(to right, {stops})"
    return _row(("", "0"), (style, ""), ("", "1"))


def face_png(face: np.ndarray) -> bytes:
    """A face enlarged without smoothing, as a PNG file."""
    return _png(_enlarged(face))


def map_png(attention_map: np.ndarray) -> bytes:
    """An attention map, one square for each cell, as a PNG file."""
    return _png(_enlarged(_coloured(attention_map)))


def overlay_png(face: np.ndarray, attention_map: np.ndarray) -> bytes:
    """A face and its map in equal parts, as a PNG file."""
    grey, colour = _enlarged(face[..., None]), _enlarged(_coloured(attention_map))
    return _png((grey.astype(int) + colour) // 2)


def _enlarged(cells: np.ndarray) -> np.ndarray:
    """Each cell repeated, so that the picture has `PICTURE_SIDE` pixels a side."""
    times = PICTURE_SIDE // len(cells)
    return cells.repeat(times, axis=0).repeat(times, axis=1)


def _coloured(attention_map: np.ndarray) -> np.ndarray:
    """(grid, grid) in [0, 1] → (grid, grid, 3) in 0–255."""
    return colormaps[MAP_COLOURS](attention_map, bytes=True)[..., :3]


def _png(pixels: np.ndarray) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels.astype("uint8")).save(content, "PNG", compress_level=1)
    return content.getvalue()


# The answer and the accuracies
# -------------------------------------------------------------------------------------


def probabilities(values: Sequence[float] | np.ndarray, label: str | None) -> str:
    """Seven bars with the answer marked.

    Args:
        values: seven probabilities.
        label: the emotion that the face is labelled with, if there is one.
    """
    answer = int(np.argmax(values))
    rows = []
    for number, (emotion, value) in enumerate(zip(EMOTIONS, values, strict=True)):
        name = f"{emotion} (label)" if emotion == label else emotion
        style = f"height:12px;width:{100 * value:.1f}%"
        bar = f'<div style="{style};background:{EMOTION_COLOURS[emotion]}"></div>'
        share = ("width:40px;text-align:right", f"{value:.0%}")
        cells = ("width:116px", name), ("flex:1", bar), share
        rows.append(_row(*cells, marked=number == answer))
    judged = "right" if EMOTIONS[answer] == label else "wrong"
    judged = judged if label else "no label to compare with"
    title = f"Its answer: {EMOTIONS[answer]}, {values[answer]:.0%} ({judged})"
    return card(title, "".join(rows))


Interval = tuple[float, float, float]
"""An accuracy and the lower and upper end of its interval, in percent."""


def accuracies(rows: Mapping[str, Interval | None], current: str, title: str) -> str:
    """Each name's accuracy with its interval on one scale, the current name marked.

    Args:
        rows: for each name its accuracy, or None where there is no run yet.
        current: the name to mark.
        title: what was measured, and on which faces.
    """
    ends = [end for row in rows.values() if row for end in row[1:]] or [0, 100]
    left, right = min(ends) - 0.5, max(ends) + 0.5
    drawn = []
    for name, row in rows.items():
        marked = name == current
        line = f'<span style="color:{GREY}">not yet run</span>'
        if row:
            shares = [(value - left) / (right - left) for value in row]
            line = _interval(ORANGE if marked else BLUE, *shares)
        number = ("width:52px;text-align:right", f"{row[0]:.1f} %" if row else "–")
        cells = ("width:128px", escape(name)), ("flex:1", line), number
        drawn.append(_row(*cells, marked=marked))
    style = "flex:1;display:flex;justify-content:space-between"
    scale = f"<span>{left:.0f} %</span><span>{right:.0f} %</span>"
    margins = ("width:128px", ""), ("width:52px", "")
    drawn.append(_row(margins[0], (style, scale), margins[1]))
    return card(title, "".join(drawn))


def _interval(colour: str, value: float, low: float, high: float) -> str:
    """A dot on a line; the three numbers are parts of the width, from 0 to 1."""
    line = f"left:{low:.1%};width:{high - low:.1%};top:6px;height:2px"
    dot = f"left:calc({value:.1%} - 4px);width:8px;top:3px;height:8px;border-radius:4px"
    marks = "".join(
        f'<div style="position:absolute;background:{colour};{style}"></div>'
        for style in (line, dot)
    )
    return f'<div style="position:relative;height:14px">{marks}</div>'
