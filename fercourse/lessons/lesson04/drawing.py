"""What the panel shows, as pieces of HTML: sharp on every screen and readable as text.

Every function returns a string; nothing here knows a model or a widget.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType

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
    pixels_png,
)

PICTURE_SIDE = 144  # a multiple of 48 and of every grid, so that cells stay sharp
WHOLE_SIDE = 112
"""The longer side of a learner's own picture, in CSS pixels."""
_CARD = f"background:#fff;color:{INK};font:13px/1.4 sans-serif;padding:6px 10px"
_MAP_COLOURS = colormaps[MAP_COLOURS]  # a copy each time that it is asked for
_BAR = "color:#fff;border-radius:4px;padding:1px 6px;text-align:center"


def card(title: str, body: str) -> str:
    """A titled piece of the panel, dark on white in every theme, as tall as its box."""
    heading = f'<div style="font-weight:600;margin-bottom:3px">{escape(title)}</div>'
    style = f"{_CARD};border-radius:6px;box-sizing:border-box;min-height:100%"
    return f'<div style="{style}">{heading}{body}</div>'


def message(text: str, title: str = "What this means") -> str:
    """A few sentences of the panel."""
    return card(title, _unbroken(text))


def _unbroken(text: str) -> str:
    """A text that breaks no line before a percent sign."""
    return escape(text).replace(" %", "\N{NO-BREAK SPACE}%")


def _paragraph(text: str) -> str:
    return f'<p style="margin:3px 0 0;line-height:1.3">{_unbroken(text)}</p>'


def remark(text: str) -> str:
    """A sentence below a control."""
    style = f"{_CARD};font-size:12px;border-radius:6px;padding:2px 8px"
    return f'<div style="{style}">{escape(text)}</div>' if text else ""


def training(done: float) -> str:
    """How much of a training is done, from 0 to 1."""
    bar = f'<progress max="1" value="{done:.2f}" aria-label="trained"></progress>'
    return f'<div style="{_CARD};border-radius:6px">training {bar} {done:.0%}</div>'


def _row(*cells: tuple[str, str], marked: bool = False, wraps: bool = False) -> str:
    """Cells next to each other, each with its CSS; a marked row is bold on a colour."""
    look = f";background:{HIGHLIGHT};font-weight:600;border-radius:4px" * marked
    look += ";flex-wrap:wrap;border-top:1px solid #eee" * wraps
    divs = "".join(f'<div style="{style}">{content}</div>' for style, content in cells)
    return f'<div style="display:flex;align-items:center;gap:0 6px{look}">{divs}</div>'


# The network
# -------------------------------------------------------------------------------------


@functools.cache
def network(variant: Network, costs: str) -> str:
    """A pocket network, stage by stage, with the shape after each, and its costs."""
    stages = places(variant.size, variant.width)
    last = stages[-1]
    face = "face" if variant.size == IMAGE_SIDE else "face, enlarged"
    rows = [_stage(face, (variant.size, variant.size, 1), 100, GREY)]
    features = last.grid**2 * last.channels
    appended = ""
    for number, place in enumerate(stages, start=1):
        text = f"block {number}: {place.convolutions} convolutions"
        shape = (place.grid, place.grid, place.channels)
        width = 102 - 4 * number
        rows.append(_stage(text, shape, width, BLUE))
        if place.after in variant.after:
            rows += _attention_stages(place, variant, width)
            averaged = "averaged " * (place != last)
            appended = f"concat: {averaged}map" * (variant.combine == "concat")
    if appended:
        # One channel more: the map, on the grid of the last block.
        shape = (last.grid, last.grid, last.channels + 1)
        rows.append(_stage(appended, shape, width, ORANGE))
        features += last.grid**2
    rows.append(_stage("flatten, dropout", (features,), 54, GREY))
    rows.append(_stage("dense", hidden_units(variant), 54, GREY))
    rows.append(_stage("dense, softmax", (len(EMOTIONS),), 54, GREY))
    return card(
        "The network, with the shape after each stage",
        "".join(rows) + _paragraph(costs),
    )


def _attention_stages(place: Place, variant: Network, width: int) -> list[str]:
    text = f"attention, {variant.kernel_size} × {variant.kernel_size} kernel"
    rows = [_stage(text, (place.grid, place.grid, 1), width, ORANGE)]
    if variant.combine == "multiply":
        shape = (place.grid, place.grid, place.channels)
        rows.append(_stage("features × map", shape, width, ORANGE))
    return rows


def _stage(text: str, shape: tuple[int, ...], width: int, colour: str) -> str:
    """A bar, `width` percent wide, and the shape after it; the block's are marked."""
    size = f"width:{width}%;box-sizing:border-box;margin:auto;white-space:nowrap"
    bar = f'<div style="{_BAR};{size};background:{colour}">{escape(text)}</div>'
    sides = " × ".join(f"{side:,}" for side in shape)
    cells = (
        ("flex:1;min-width:0;margin:1px 0", bar),
        ("width:98px;text-align:right;white-space:nowrap", sides),
    )
    return _row(*cells, marked=colour == ORANGE)


# The face and its map
# -------------------------------------------------------------------------------------


def pictures(
    face: np.ndarray,
    attention_map: np.ndarray | None,
    mask: np.ndarray | None,
    name: str,
    *sentences: str,
) -> str:
    """The face, its attention map and both together, in a row.

    Args:
        face: uint8, shape (48, 48).
        attention_map: float in [0, 1], shape (grid, grid), or None without a block.
        mask: bool, shape (48, 48), where the expression changes the face; None if that
            is not known.
        name: of the face, for the alternative texts.
        sentences: what is below the pictures.
    """
    outline = " with a white line around its evidence" * (mask is not None)
    both, text, caption = face[..., None].repeat(3, axis=-1), "", "no map"
    if attention_map is not None:
        row, column = np.unravel_index(attention_map.argmax(), attention_map.shape)
        grid = attention_map.shape[0]
        text = (
            f"attention map of {grid} × {grid} cells, {attention_map.min():.2f} to "
            f"{attention_map.max():.2f}, highest in row {row + 1}, column {column + 1}"
        )
        both, caption = overlay(face, attention_map), f"map, {grid} × {grid}"
    shown = [_figure(pixels_png(face), f"{name}, as the model gets it", "face")]
    if attention_map is None:
        shown.append(
            _framed('<div style="aspect-ratio:1;background:#eee"></div>', caption)
        )
    else:
        shown.append(_figure(pixels_png(coloured(attention_map)), text, caption))
    under = f" under its {text}" * bool(text)
    both_png = pixels_png(outlined(both, mask))
    shown.append(_figure(both_png, f"{name}{outline}{under}", "both"))
    style = "display:flex;gap:8px"
    below = "".join(_paragraph(sentence) for sentence in sentences)
    row_ = f'<div style="{style}">{"".join(shown)}</div>{_scale()}'
    return card("The face and the block's map", row_ + below)


def _figure(content: bytes, alt: str, caption: str) -> str:
    return _framed(image_tag(content, alt, PICTURE_SIDE, pixelated=True), caption)


def _framed(picture: str, caption: str) -> str:
    style = f"flex:1;max-width:{PICTURE_SIDE}px;text-align:center;line-height:1.3"
    return f'<div style="{style}">{picture}<div>{escape(caption)}</div></div>'


@functools.cache
def _scale() -> str:
    """A colour bar for maps, from 0 to 1."""
    colours = (255 * _MAP_COLOURS(np.linspace(0, 1, 6))[:, :3]).round()
    stops = ", ".join(f"rgb({r:.0f}, {g:.0f}, {b:.0f})" for r, g, b in colours)
    style = f"width:200px;height:8px;background:linear-gradient(to right, {stops})"
    return _row(("", "map: 0"), (style, ""), ("", "1"))


def coloured(attention_map: np.ndarray) -> np.ndarray:
    """(grid, grid) in [0, 1] → (grid, grid, 3), uint8."""
    return _MAP_COLOURS(attention_map, bytes=True)[..., :3]


def overlay(face: np.ndarray, attention_map: np.ndarray) -> np.ndarray:
    """A face and its map in equal parts: uint8, shape (48, 48, 3)."""
    colour = enlarged(coloured(attention_map), IMAGE_SIDE)
    return ((face[..., None].astype(int) + colour) // 2).astype("uint8")


def outlined(picture: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """A picture (48, 48, 3) enlarged, with a white line just inside a mask (48, 48)."""
    picture = enlarged(picture, PICTURE_SIDE)
    if mask is None:
        return picture
    inside = np.pad(enlarged(mask, PICTURE_SIDE), 1)
    # A pixel of the mask is on its border if one of its four neighbours is outside.
    across = inside[1:-1, :-2] & inside[1:-1, 2:]
    along = inside[:-2, 1:-1] & inside[2:, 1:-1]
    border = inside[1:-1, 1:-1] & ~(across & along)
    return np.where(border[..., None], np.uint8(255), picture)


def enlarged(cells: np.ndarray, side: int) -> np.ndarray:
    """Each cell repeated, so that the picture has `side` pixels a side."""
    times = side // len(cells)
    return cells.repeat(times, axis=0).repeat(times, axis=1)


# The learner's own picture
# -------------------------------------------------------------------------------------


def thumbnail(picture: np.ndarray) -> bytes:
    """A whole picture, at most twice `WHOLE_SIDE` pixels wide and high, as a PNG."""
    small = Image.fromarray(picture)
    small.thumbnail((2 * WHOLE_SIDE, 2 * WHOLE_SIDE))
    return pixels_png(np.asarray(small))


def whole(
    content: bytes,
    shape: tuple[int, ...],
    square: tuple[float, float, float],
    name: str,
) -> str:
    """A whole picture with a frame around the square that the network gets.

    Args:
        content: the picture as a PNG file.
        shape: its height and width in pixels.
        square: left and upper border of the square and its side, in pixels.
        name: of the picture's file.
    """
    height, width = shape
    left, top, side = square
    alt = (
        f"{name}, {width} × {height} pixels, with a frame of {side:.0f} × {side:.0f} "
        f"pixels, {left:.0f} from the left and {top:.0f} from the top"
    )
    shown = WHOLE_SIDE * width / max(height, width)
    frame = (
        f"position:absolute;box-sizing:border-box;border:2px solid {HIGHLIGHT};"
        f"outline:1px solid {ORANGE};left:{left / width:.2%};top:{top / height:.2%};"
        f"width:{side / width:.2%};height:{side / height:.2%}"
    )
    picture = f'{image_tag(content, alt, round(shown))}<div style="{frame}"></div>'
    style = f"position:relative;width:{shown:.0f}px;line-height:0;margin:auto"
    return f'<div style="{style}">{picture}</div>'


def no_picture() -> str:
    """What is in the place of a picture that was not chosen yet."""
    style = f"width:{WHOLE_SIDE}px;height:{WHOLE_SIDE}px;box-sizing:border-box"
    style += f";border:1px dashed {GREY};border-radius:6px;margin:auto"
    return f'<div style="{style}"></div>'


# The answer and the accuracies
# -------------------------------------------------------------------------------------


def probabilities(
    values: Sequence[float] | np.ndarray, label: str | None, origin: str
) -> str:
    """Seven bars with the answer marked.

    Args:
        values: seven probabilities.
        label: the emotion that the face is labelled with, if there is one.
        origin: a sentence about what the network knows.
    """
    answer = int(np.argmax(values))
    rows = []
    for number, (emotion, value) in enumerate(zip(EMOTIONS, values, strict=True)):
        name = f"{emotion} (label)" if emotion == label else emotion
        style = f"height:11px;width:{100 * value:.1f}%"
        bar = f'<div style="{style};background:{EMOTION_COLOURS[emotion]}"></div>'
        share = ("width:40px;text-align:right", f"{100 * value:.0f} %")
        cells = ("width:116px", name), ("flex:1", bar), share
        rows.append(_row(*cells, marked=number == answer))
    judged = "right" if EMOTIONS[answer] == label else "wrong"
    judged = judged if label else "no label to compare with"
    title = f"Its answer: {EMOTIONS[answer]}, {100 * values[answer]:.0f} % ({judged})"
    return card(title, "".join(rows) + _paragraph(origin))


# Where both do not fit next to each other, as on a phone, the name is above the line.
_NAME = "flex:1 1 150px;white-space:nowrap"
_LINE = "flex:2 1 210px"
_HEADING = f"border-top:2px solid {GREY};font-size:11px;line-height:12px"
Interval = tuple[float, float, float]
"""An accuracy and the lower and upper end of its interval, in percent."""


def accuracies(
    rows: Mapping[str, Interval | None],
    current: str,
    title: str,
    headings: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Each name's accuracy with its interval on one scale, the current name marked.

    Args:
        rows: for each name its accuracy, or None where there is no run yet.
        current: the name to mark.
        title: what was measured, and on which faces.
        headings: for some names, what is above them, after a rule.
    """
    ends = [end for row in rows.values() if row for end in row[1:]] or [0, 100]
    left, right = min(ends) - 0.5, max(ends) + 0.5
    drawn = []
    for name, row in rows.items():
        marked = name == current
        if name in headings:
            drawn.append(f'<div style="{_HEADING}">{escape(headings[name])}</div>')
        line = f'<span style="color:{GREY}">untrained</span>'
        if row:
            shares = [(value - left) / (right - left) for value in row]
            line = _interval(ORANGE if marked else BLUE, *shares)
        number = ("width:52px;text-align:right", f"{row[0]:.1f} %" if row else "–")
        measured = _row(("flex:1", line), number)
        cells = (_NAME, escape(name)), (_LINE, measured)
        drawn.append(_row(*cells, marked=marked, wraps=True))
    style = "flex:1;display:flex;justify-content:space-between"
    limits = f"<span>{left:.0f} %</span><span>{right:.0f} %</span>"
    scale = _row((style, limits), ("width:52px", ""))
    drawn.append(_row((_NAME, ""), (_LINE, scale), wraps=True))
    return card(title, "".join(drawn))


def _interval(colour: str, value: float, low: float, high: float) -> str:
    """A dot on a line; the three numbers are parts of the width, from 0 to 1."""
    line = f"left:{low:.1%};width:{high - low:.1%};top:7px;height:2px"
    # JupyterLab drops `calc` from stored outputs.
    dot = f"left:{value:.1%};margin-left:-4px;top:4px;width:8px;height:8px"
    dot += ";border-radius:4px"
    marks = "".join(
        f'<div style="position:absolute;background:{colour};{style}"></div>'
        for style in (line, dot)
    )
    return f'<div style="position:relative;height:16px">{marks}</div>'
