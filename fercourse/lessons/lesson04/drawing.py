"""What the attention panel shows, as small pieces of HTML: sharp on every screen and readable as text.

Every function takes plain values and returns a string; nothing here knows a model or a
widget.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from matplotlib import colormaps
from PIL import Image

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.models.costs import places
from fercourse.models.pocket import POCKET_WIDTH
from fercourse.models.vgg19 import BLOCKS
from fercourse.plots.figures import EMOTION_COLOURS, MAP_COLOURS, image_tag

INK, PALE, BLOCK, ATTENTION, CHANGED = (
    "#1b1b1b",
    "#5a5a5a",
    "#2f4b7c",
    "#9c3d00",
    "#fff1d6",
)
_CARD = f"background:#fff;color:{INK};font:13px/1.45 sans-serif;padding:8px 10px;border-radius:6px"
_BAR = "color:#fff;border-radius:4px;padding:3px 6px;box-sizing:border-box;text-align:center"
_PICTURE_SIDE = 144  # a multiple of 48 and of every grid, so that cells stay sharp


def card(title: str, body: str) -> str:
    """A titled piece of the panel, dark on white in every theme."""
    heading = f'<div style="font-weight:600;margin-bottom:4px">{escape(title)}</div>'
    return f'<div style="{_CARD}">{heading}{body}</div>'


def network(after: str | None, combine: str, kernel_size: int) -> str:
    """The pocket network stage by stage, with the attention block at its place and the shapes behind it.

    Args:
        after: the pooling layer behind which the block stands, or None.
        combine: "concat" or "multiply".
        kernel_size: side of the attention convolution's window.
    """
    stages = places(IMAGE_SIDE, POCKET_WIDTH)
    last = stages[-1]
    rows = [_stage("face", f"{IMAGE_SIDE} × {IMAGE_SIDE} × 1", 100, PALE)]
    for number, (place, (convolutions, _)) in enumerate(
        zip(stages, BLOCKS, strict=True), start=1
    ):
        text = f"block {number}: {convolutions} convolutions"
        rows.append(
            _stage(text, _shape(place.grid, place.channels), 106 - 10 * number, BLOCK)
        )
        if place.after == after:
            rows += _attention_rows(place, combine, kernel_size)
    features = last.grid**2 * last.channels
    appended = after is not None and combine == "concat"
    if appended:
        at_place = stages[[place.after for place in stages].index(after)]
        averaged = (
            ""
            if at_place.grid == last.grid
            else f"averaged to {last.grid} × {last.grid}, "
        )
        shape = _shape(last.grid, last.channels + 1)
        rows.append(
            _stage(f"map {averaged}appended", shape, 60, ATTENTION, changed=True)
        )
        features += last.grid**2
    rows.append(_stage("flatten, dropout", f"{features:,}", 44, PALE, changed=appended))
    rows.append(_stage("dense", f"{round(4096 * POCKET_WIDTH):,}", 40, PALE))
    rows.append(_stage("dense, softmax", str(len(EMOTIONS)), 36, PALE))
    return card(
        "The network, and the shape behind each stage; a block ends with pooling",
        "".join(rows),
    )


def _attention_rows(place, combine: str, kernel_size: int) -> list[str]:
    window = f"{kernel_size} × {kernel_size} convolution, sigmoid"
    rows = [
        _stage(
            f"attention: mean, maximum, {window}",
            _shape(place.grid, 1),
            92,
            ATTENTION,
            True,
        )
    ]
    if combine == "multiply":
        rows.append(
            _stage(
                "features × map",
                _shape(place.grid, place.channels),
                60,
                ATTENTION,
                True,
            )
        )
    return rows


def _shape(grid: int, channels: int) -> str:
    return f"{grid} × {grid} × {channels}"


def _stage(
    text: str, shape: str, width: int, colour: str, changed: bool = False
) -> str:
    bar = f'<div style="{_BAR};background:{colour};width:{width}%;margin:auto">{escape(text)}</div>'
    mark = f"background:{CHANGED};font-weight:600;border-radius:4px" if changed else ""
    return (
        '<div style="display:flex;align-items:center;gap:6px;margin:2px 0">'
        f'<div style="flex:1;min-width:0">{bar}</div>'
        f'<div style="width:92px;text-align:right;padding:0 '
        f'4px;{mark}">{shape}</div></div>'
    )


def pictures(face: np.ndarray, attention_map: np.ndarray | None, name: str) -> str:
    """The face, its attention map and both together, side by side; below one another on a phone.

    Args:
        face: uint8, shape (48, 48).
        attention_map: float in [0, 1], shape (grid, grid), or None without attention.
        name: of the face, for the alternative texts.
    """
    shown = [_figure(face_png(face), f"{name}, as the model gets it", "face")]
    if attention_map is None:
        shown.append(
            f'<p style="flex:1;min-width:140px;color:{PALE}">No attention block, no '
            f"map.</p>"
        )
    else:
        grid = attention_map.shape[0]
        row, column = np.unravel_index(attention_map.argmax(), attention_map.shape)
        text = (
            f"attention map of {grid} × {grid} places, {attention_map.min():.2f} to "
            f"{attention_map.max():.2f}, highest in row {row + 1}, column {column + 1}"
        )
        shown.append(_figure(map_png(attention_map), text, f"map, {grid} × {grid}"))
        shown.append(
            _figure(
                overlay_png(face, attention_map), f"{name} under its {text}", "both"
            )
        )
        shown.append(_scale())
    return card(
        "What the block sees",
        f'<div style="display:flex;flex-wrap:wrap;gap:8px">{"".join(shown)}</div>',
    )


def _figure(png: bytes, alt: str, caption: str) -> str:
    tag = image_tag(png, alt, 144, pixelated=True)
    return f'<div style="width:144px;text-align:center">{tag}<div>{escape(caption)}</div></div>'


def _scale() -> str:
    colours = colormaps[MAP_COLOURS](np.linspace(0, 1, 6))
    stops = ", ".join(
        f"rgb({', '.join(str(round(255 * part)) for part in colour[:3])})"
        for colour in colours
    )
    bar = f'<div style="flex:1;height:8px;background:linear-gradient(to right, {stops})"></div>'
    return f'<div style="display:flex;gap:6px;align-items:center;width:100%;max-width:448px">0 {bar} 1</div>'


def face_png(face: np.ndarray) -> bytes:
    """A face enlarged without smoothing, as a PNG file."""
    return _png(np.kron(face, np.ones((_PICTURE_SIDE // IMAGE_SIDE,) * 2, "uint8")))


def map_png(attention_map: np.ndarray) -> bytes:
    """An attention map, one square a place, as a PNG file."""
    return _png(_in_colour(attention_map))


def overlay_png(face: np.ndarray, attention_map: np.ndarray) -> bytes:
    """A face and its map in equal parts, as a PNG file."""
    grey = np.kron(face, np.ones((_PICTURE_SIDE // IMAGE_SIDE,) * 2))[..., None]
    return _png((0.5 * grey + 0.5 * _in_colour(attention_map)).round().astype("uint8"))


def _in_colour(attention_map: np.ndarray) -> np.ndarray:
    cell = _PICTURE_SIDE // attention_map.shape[0]
    large = np.kron(attention_map, np.ones((cell, cell)))
    return (
        (255 * colormaps[MAP_COLOURS](np.clip(large, 0, 1))[..., :3])
        .round()
        .astype("uint8")
    )


def _png(pixels: np.ndarray) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG", compress_level=1)
    return content.getvalue()


def probabilities(values: Sequence[float], label: str | None) -> str:
    """Seven bars, the answer in bold, the label named.

    Args:
        values: seven probabilities.
        label: the emotion that the face is labelled with, if there is one.
    """
    answer = int(np.argmax(values))
    rows = []
    for number, (emotion, value) in enumerate(zip(EMOTIONS, values, strict=True)):
        bold = ";font-weight:600" if number == answer else ""
        note = " (label)" if emotion == label else ""
        bar = f'<div style="height:12px;width:{100 * value:.1f}%;background:{EMOTION_COLOURS[emotion]}"></div>'
        rows.append(
            f'<div style="display:flex;align-items:center;gap:6px{bold}">'
            f'<div style="width:116px">{emotion}{note}</div><div '
            f'style="flex:1">{bar}</div>'
            f'<div style="width:40px;text-align:right">{value:.0%}</div></div>'
        )
    said = (
        "no label to compare with"
        if label is None
        else ("right" if EMOTIONS[answer] == label else "wrong")
    )
    return card(
        f"Its answer: {EMOTIONS[answer]}, {values[answer]:.0%} ({said})", "".join(rows)
    )


@dataclass(frozen=True)
class Measured:
    """A variant's accuracy as it is shown: percent with Wilson's interval, None where no run exists."""

    name: str
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    current: bool = False


def accuracies(variants: Sequence[Measured], title: str) -> str:
    """The accuracy of every variant with its interval on one scale, the current one marked.

    Args:
        variants: in the order of the rows.
        title: what was measured, on which faces.
    """
    known = [variant for variant in variants if variant.accuracy is not None]
    left = min((variant.low for variant in known), default=0.0) - 0.5
    right = max((variant.high for variant in known), default=100.0) + 0.5
    rows = [_measured(variant, left, right) for variant in variants]
    ends = (
        '<div style="display:flex;gap:6px;color:#5a5a5a"><div '
        'style="width:128px"></div>'
        f"<div "
        f'style="flex:1;display:flex;justify-content:space-between"><span>{left:.0f} '
        f"%</span>"
        f'<span>{right:.0f} %</span></div><div style="width:52px"></div></div>'
    )
    return card(title, "".join(rows) + (ends if known else ""))


def _measured(variant: Measured, left: float, right: float) -> str:
    mark = (
        f"background:{CHANGED};font-weight:600;border-radius:4px"
        if variant.current
        else ""
    )
    if variant.accuracy is None:
        line, number = f'<span style="color:{PALE}">not yet run</span>', "–"
    else:
        start, end, point = (
            100 * (value - left) / (right - left)
            for value in (variant.low, variant.high, variant.accuracy)
        )
        colour = ATTENTION if variant.current else BLOCK
        line = (
            '<div style="position:relative;height:14px">'
            f"<div "
            f'style="position:absolute;left:{start:.1f}%;width:{end - start:.1f}%;top:6px;height:2px;'
            f'background:{colour}"></div>'
            f'<div style="position:absolute;left:calc({point:.1f}% - '
            f"4px);top:3px;width:8px;height:8px;"
            f'border-radius:4px;background:{colour}"></div></div>'
        )
        number = f"{variant.accuracy:.1f} %"
    return (
        f'<div style="display:flex;align-items:center;gap:6px;{mark}">'
        f'<div style="width:128px">{escape(variant.name)}</div><div '
        f'style="flex:1">{line}</div>'
        f'<div style="width:52px;text-align:right">{number}</div></div>'
    )


def message(text: str, title: str = "What this says") -> str:
    """A few sentences of the panel."""
    return card(title, escape(text))
