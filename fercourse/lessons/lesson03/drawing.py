"""The six steps of a map taken apart, as SVG: sharp on every screen, and fast.

Every function returns a string; nothing here knows a model or a widget.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps

from fercourse.plots.figures import (
    BLUE,
    GREY,
    INK,
    MAP_COLOURS,
    ORANGE,
    PALE,
    pixels_png,
)

if TYPE_CHECKING:
    from fercourse.lessons.lesson03.taken_apart import Parts

WIDTH, HEIGHT = 290, 218  # of each step, in CSS pixels
_STACKS = ("mean", "maximum")
_SIGNED_COLOURS = "PuOr_r"  # violet below zero, orange above
_SIGNS = ("#7a5fa8", "#b35806")  # the same for one bar
_SMALLEST_WITH_NUMBERS = 24  # side of a cell, in pixels
GRIDS = [(8, 30, 168), (188, 42, 66), (188, 132, 66)]
"""The face and both stacks in the first picture: left, top and side."""
MAP_GRID = (24, 28, 180)
"""The map in the fifth."""


def steps(parts: Parts, face: np.ndarray, changed: tuple[int, int, int]) -> str:
    """A sentence and six pictures next to each other, or in one column on a phone.

    Args:
        parts: of the value at one place.
        face: uint8, shape (48, 48).
        changed: row, column and stack of the weight that can be changed.
    """
    count = len(parts.attention_map)
    pictures = (
        _step("1 · One place of the grid", *_place(parts, face), GRIDS, count),
        _step(f"2 · Its {len(parts.channels)} channels", *_channels(parts)),
        _step("3 · The window on both stacks", *_window(parts, changed)),
        _step("4 · They add up to z", *_sum(parts)),
        _step(f"5 · The map: {parts.value:.2f} here", *_map(parts), [MAP_GRID], count),
        _step("6 · What the next layer receives", *_passed_on(parts)),
    )
    row = '<div style="display:flex;flex-wrap:wrap;gap:6px;max-width:890px">'
    sentence = f'<p role="status" style="margin:4px 0">{escape(in_words(parts))}</p>'
    return f"{sentence}{row}{''.join(pictures)}</div>"


WALK = """<style onload="
    const box = this.closest('.fc-apart');
    const field = name => box.querySelector('.fc-' + name + ' input');
    const go = (name, value, count) => {
        field(name).value = Math.min(Math.max(value, 1), count);
        field(name).dispatchEvent(new Event('change', {bubbles: true}));
    };
    box.addEventListener('click', event => {
        const picture = event.target.closest('img[data-grids]');
        if (!picture) return;
        const {grids, count} = picture.dataset;
        const scale = WIDTH / picture.clientWidth;
        for (const [left, top, side] of JSON.parse(grids)) {
            const column = Math.ceil((event.offsetX * scale - left) / side * count);
            const row = Math.ceil((event.offsetY * scale - top) / side * count);
            if (Math.min(row, column) < 1 || Math.max(row, column) > count) continue;
            go('row', row, count);
            go('column', column, count);
            box.querySelector('.fc-steps').focus();
        }
    });
    box.addEventListener('keydown', event => {
        const steps = {ArrowUp: ['row', -1], ArrowDown: ['row', 1],
            ArrowLeft: ['column', -1], ArrowRight: ['column', 1]};
        if (!event.target.closest('.fc-steps') || !(event.key in steps)) return;
        const [name, step] = steps[event.key];
        const {count} = box.querySelector('img[data-grids]').dataset;
        go(name, Number(field(name).value) + step, count);
        event.preventDefault();
    });
    const steps = box.querySelector('.fc-steps');
    steps?.setAttribute('role', 'group');
    steps?.setAttribute('aria-label', 'six steps: arrow keys walk over the map');
">.fc-apart img[data-grids] { cursor: crosshair; }
.fc-steps:focus-visible { outline: 2px solid BLUE; }</style>"""
"""Clicks on a grid, and the arrow keys over the pictures, change row and column."""
WALK = WALK.replace("WIDTH", f"{WIDTH}").replace("BLUE", BLUE)


def in_words(parts: Parts) -> str:
    """How the value comes about, in one line."""
    row, column = _counted(parts)
    mean, maximum, bias = map(signed, parts.sums)
    return (
        f"Row {row}, column {column}: z = {mean} (means) {maximum} (maxima) "
        f"{bias} (bias) ≈ {signed(parts.z)}, and the map is {parts.value:.2f}."
    )


def signed(number: float) -> str:
    """Two decimals with a sign, never −0.00."""
    return f"{number:+z.2f}".replace("-", "−")


def _counted(parts: Parts) -> tuple[int, int]:
    """Row and column, from 1."""
    return parts.place[0] + 1, parts.place[1] + 1


# The steps: each returns the inside of its picture and what it shows, in words
# -------------------------------------------------------------------------------------

Drawn = tuple[str, str]


def _place(parts: Parts, face: np.ndarray) -> Drawn:
    """The face under its grid, and the two stacks; the place and the window marked."""
    mean, maximum = np.moveaxis(parts.stacks, -1, 0)
    (left, top, side), *small = GRIDS
    drawn = [_image(face, left, top, side, side)]
    drawn += [_grid_lines(mean.shape, *GRIDS[0]), _marks(parts, *GRIDS[0])]
    for name, stack, grid in zip(_STACKS, (mean, maximum), small, strict=True):
        left, top, _ = grid
        words = f"{name}, to {stack.max():.2f}"
        drawn.append(_text(left, top - 4, words, GREY, size=11))
        drawn.append(_cells(stack / stack.max(), *grid))
        drawn.append(_marks(parts, *grid))
    row, column = _counted(parts)
    highest = [
        np.add(np.unravel_index(x.argmax(), x.shape), 1) for x in (mean, maximum)
    ]
    where = [f"row {one}, column {other}" for one, other in highest]
    alt = (
        f"A face under a grid of {len(mean)} × {mean.shape[1]} places, with row {row}, "
        f"column {column} marked and the window around it. The largest mean is "
        f"{mean.max():.2f}, in {where[0]}, the largest maximum {maximum.max():.2f}, in "
        f"{where[1]}"
    )
    return "".join(drawn), alt


def _channels(parts: Parts) -> Drawn:
    """A bar for each channel, with the mean as a line and the maximum marked."""
    mean, largest = float(parts.channels.mean()), float(parts.channels.max())
    which = int(parts.channels.argmax())
    top, (left, right) = parts.features.max(), (30, 282)
    height = 150 / top
    colours = [BLUE] * len(parts.channels)
    colours[which] = ORANGE
    drawn = _bars(parts.channels, left, right, 200, height, colours)
    level = 200 - mean * height
    drawn += _line(left, level, right, level, INK, "4 3")
    drawn += _axis(left, 200, height, float(top))
    drawn += _text(left, 38, f"mean {mean:.2f} (dashed)")
    drawn += _text(right, 38, f"maximum {largest:.2f}", ORANGE, "end")
    drawn += _text(right, 214, f"channels 1 to {len(parts.channels)}", GREY, "end")
    alt = (
        f"The {len(parts.channels)} channels at this place: mean {mean:.2f}, maximum "
        f"{largest:.2f} in channel {which + 1}"
    )
    return drawn, alt


def _window(parts: Parts, changed: tuple[int, int, int]) -> Drawn:
    """Of each stack: the numbers in the window, their weights and the products."""
    side, lefts, tops = 74, (8, 108, 208), (34, 124)
    words = ("numbers", "weights", "products")
    drawn = [
        _text(left + side / 2, 30, word, GREY, "middle", 11)
        for left, word in zip(lefts, words, strict=True)
    ]
    weight_limit = np.abs(parts.kernel).max() or 1.0
    product_limit = np.abs(parts.products).max() or 1.0
    for stack, top in enumerate(tops):
        numbers = parts.window[..., stack] / parts.stacks[..., stack].max()
        weights = parts.kernel[..., stack] / weight_limit
        products = parts.products[..., stack] / product_limit
        products = np.where(np.isnan(numbers), np.nan, products)
        drawn.append(_cells(numbers, lefts[0], top, side))
        drawn.append(_cells((weights + 1) / 2, lefts[1], top, side, _SIGNED_COLOURS))
        drawn.append(_cells((products + 1) / 2, lefts[2], top, side, _SIGNED_COLOURS))
        drawn.append(_text(95, top + 42, "×", INK, "middle"))
        drawn.append(_text(195, top + 42, "=", INK, "middle"))
        name, total = _STACKS[stack], signed(parts.sums[stack])
        drawn.append(_text(8, top + side + 11, name))
        drawn.append(_text(282, top + side + 11, f"sum {total}", INK, "end"))
    row, column, stack = changed
    cell = side / len(parts.kernel)
    x, y = lefts[1] + column * cell, tops[stack] + row * cell
    drawn.append(_frame(x, y, cell, cell, INK, 2))
    drawn.append(_text(145, 119, "− violet, orange +", GREY, "middle", 10))
    outside = int(np.isnan(parts.window[..., 0]).sum())
    alt = (
        f"The window of {len(parts.kernel)} × {len(parts.kernel)} on both stacks, "
        f"{outside} of its places outside the grid. Numbers times weights: the means "
        f"add up to {signed(parts.sums[0])}, the maxima to {signed(parts.sums[1])}. "
        f"The weights at the centre are {_centre(parts)}"
    )
    return "".join(drawn), alt


def _centre(parts: Parts) -> str:
    middle = len(parts.kernel) // 2
    mean, maximum = map(signed, parts.kernel[middle, middle].tolist())
    return f"{mean} for the mean and {maximum} for the maximum"


def _sum(parts: Parts) -> Drawn:
    """Three steps from 0 to z on one axis, and above it the sigmoid."""
    ends = np.cumsum([0, *parts.sums])
    limit = 4.0
    while np.abs(ends).max() > limit:
        limit *= 2
    left, right = 92, 280
    middle, scale = (left + right) / 2, (right - left) / 2 / limit
    x = middle + ends * scale
    curve = np.linspace(-limit, limit, 60)
    heights = 122 - 84 / (1 + np.exp(-curve))
    points = " ".join(
        f"{middle + z * scale:.1f},{y:.1f}" for z, y in zip(curve, heights, strict=True)
    )
    drawn = [f'<polyline points="{points}" fill="none" stroke="{GREY}"/>']
    for value, label in ((0, "0"), (0.5, "0.5"), (1, "1")):
        drawn.append(_line(left, 122 - 84 * value, right, 122 - 84 * value, PALE))
        drawn.append(_text(left - 4, 126 - 84 * value, label, GREY, "end", 10))
    level = 122 - 84 * parts.value
    drawn.append(_line(x[3], level, x[3], 190, ORANGE, "3 2"))
    drawn.append(_line(left, level, x[3], level, ORANGE, "3 2"))
    drawn.append(f'<circle cx="{x[3]:.1f}" cy="{level:.1f}" r="4.5" fill="{ORANGE}"/>')
    drawn.append(_text(8, 38, "sigmoid(z)", GREY))
    drawn.append(_text(8, 54, f"= {parts.value:.2f}", ORANGE))
    for number, (name, total) in enumerate(
        zip(("means", "maxima", "bias"), parts.sums, strict=True)
    ):
        y = 132 + 19 * number
        start, width = min(x[number], x[number + 1]), abs(total) * scale
        drawn.append(_text(8, y + 11, f"{name} {signed(total)}"))
        drawn.append(_rect(start, y, max(width, 1), 13, _SIGNS[total > 0]))
    drawn.append(_line(left, 190, right, 190, INK))
    for value in (-limit, 0, limit):
        label = f"{value:.0f}".replace("-", "−")
        drawn.append(_text(middle + value * scale, 202, label, GREY, "middle", 10))
    drawn.append(_text(8, 206, f"z = {signed(parts.z)}", ORANGE))
    words = "each bar starts where the last one ends"
    drawn.append(_text(right, 214, words, GREY, "end", 10))
    alt = (
        f"On an axis for z, the means contribute {signed(parts.sums[0])}, the maxima "
        f"{signed(parts.sums[1])} and the bias {signed(parts.bias)}: z is "
        f"{signed(parts.z)}. The sigmoid curve is {parts.value:.2f} there"
    )
    return "".join(drawn), alt


def _map(parts: Parts) -> Drawn:
    """The whole map with its numbers and a colour bar."""
    map_ = parts.attention_map
    left, top, side = MAP_GRID
    drawn = [_cells(map_, left, top, side)]
    cell = side / len(map_)
    if cell >= _SMALLEST_WITH_NUMBERS:
        for (row, column), value in np.ndenumerate(map_):
            x, y = left + (column + 0.5) * cell, top + (row + 0.5) * cell + 4
            colour = INK if value > 0.6 else "#ffffff"
            drawn.append(_text(x, y, f"{value:.2f}", colour, "middle", 10))
    drawn += [_marks(parts, left, top, side, window=False), _colour_bar(232, top, side)]
    row, column = np.add(np.unravel_index(map_.argmax(), map_.shape), 1)
    alt = (
        f"The map of {len(map_)} × {map_.shape[1]} places, from {map_.min():.2f} to "
        f"{map_.max():.2f}, highest in row {row}, column {column}; {parts.value:.2f} "
        f"at the place that is marked"
    )
    return "".join(drawn), alt


def _passed_on(parts: Parts) -> Drawn:
    """The channels that the next layer receives, with marks at what they were."""
    value, count = parts.value, len(parts.channels)
    words = {
        "concat": f"{count} channels unchanged + the map {value:.2f}",
        "multiply": f"each channel × {value:.2f}",
        "residual": f"each channel × (1 + {value:.2f})",
    }[parts.combine]
    bars, top = parts.passed_on, 2 * parts.channels.max()
    height, (left, right) = 150 / top, (30, 282)
    # Room for the map's bar is kept in every case, so that nothing else moves.
    each = (right - left) / (count + 1)
    drawn = _bars(
        bars, left, left + each * len(bars), 200, height, [BLUE] * count + [ORANGE]
    )
    for number, before in enumerate(parts.channels):
        x, y = left + number * each, 200 - before * height
        drawn += _rect(x, y - 1, 0.8 * each, 2, INK)
    drawn += _axis(left, 200, height, float(top))
    drawn += _text(left, 38, words, ORANGE)
    drawn += _text(right, 214, "black: before the block", GREY, "end")
    alt = (
        f"The next layer receives {len(bars)} numbers for this place: {words}. The "
        f"largest feature is {bars[:count].max():.2f}; it was "
        f"{parts.channels.max():.2f}"
    )
    return drawn, alt


# Pieces of SVG
# -------------------------------------------------------------------------------------


def _step(
    title: str,
    inside: str,
    alt: str,
    grids: Sequence[tuple[int, int, int]] = (),
    count: int = 0,
) -> str:
    """A titled picture, dark on white in every theme, with its text.

    On its grids of `count` places a side, a click chooses a place; `WALK` reads where
    they are.
    """
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' font-family="sans-serif">{_rect(0, 0, WIDTH, HEIGHT, "#ffffff")}'
        f'<text x="8" y="18" font-size="13" font-weight="600">{escape(title)}</text>'
        f"{inside}</svg>"
    )
    data = base64.b64encode(svg.encode()).decode()
    source = f"data:image/svg+xml;base64,{data}"
    alt = f"{title}. {alt}."
    style = 'style="max-width:100%;height:auto"'
    where = f' data-count="{count}" data-grids="{[*map(list, grids)]}"' if grids else ""
    return f'<img {size} {style}{where} alt="{escape(alt)}" src="{source}">'


def _text(
    x: float,
    y: float,
    words: str,
    colour: str = INK,
    anchor: str = "start",
    size: int = 12,
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} font-size="{size}" fill="{colour}">{escape(words)}</text>'


def _rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} fill="{colour}"/>'


def _frame(
    x: float, y: float, width: float, height: float, colour: str, line: float
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} fill="none" stroke="{colour}" stroke-width="{line}"/>'


def _line(
    x1: float, y1: float, x2: float, y2: float, colour: str, dashes: str = ""
) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-dasharray="{dashes}"/>'


def _bars(
    values: np.ndarray,
    left: float,
    right: float,
    foot: float,
    height: float,
    colours: list[str],
) -> str:
    """One bar for each value, `height` pixels for 1."""
    each = (right - left) / len(values)
    return "".join(
        _rect(
            left + n * each, foot - value * height, 0.8 * each, value * height, colour
        )
        for n, (value, colour) in enumerate(zip(values, colours, strict=False))
    )


def _axis(left: float, foot: float, height: float, top: float) -> str:
    """A vertical axis from 0 to the top."""
    drawn = _line(left - 2, foot, left - 2, foot - top * height, GREY)
    for value in (0.0, top):
        label = f"{value:.1f}" if value else "0"
        level = foot - value * height + 4
        drawn += _text(left - 5, level, label, GREY, "end", 10)
    return drawn


def _cells(
    values: np.ndarray,
    left: float,
    top: float,
    side: float,
    colours: str = MAP_COLOURS,
    width: float = 0,
) -> str:
    """A grid of values in [0, 1]; NaN is outside and drawn as an empty place."""
    pixels = _shades(colours)[np.rint(255 * np.nan_to_num(values)).astype(int)]
    pixels[np.isnan(values)] = 235
    return _image(pixels, left, top, side, width or side)


@cache
def _shades(colours: str) -> np.ndarray:
    """The 256 colours for 0 to 1, uint8, shape (256, 3)."""
    return colormaps[colours](np.arange(256), bytes=True)[:, :3]


def _image(
    pixels: np.ndarray, left: float, top: float, height: float, width: float
) -> str:
    """A small picture, uint8, enlarged without smoothing."""
    data = base64.b64encode(pixels_png(pixels)).decode()
    size = f'x="{left}" y="{top}" width="{width}" height="{height}"'
    style = 'style="image-rendering:pixelated" preserveAspectRatio="none"'
    return f'<image {size} {style} href="data:image/png;base64,{data}"/>'


def _grid_lines(shape: tuple[int, ...], left: float, top: float, side: float) -> str:
    drawn = ""
    for number in range(1, shape[0]):
        at = side * number / shape[0]
        drawn += _line(left + at, top, left + at, top + side, "#ffffff80")
        drawn += _line(left, top + at, left + side, top + at, "#ffffff80")
    return drawn


def _marks(
    parts: Parts, left: float, top: float, side: float, window: bool = True
) -> str:
    """A frame for the place, and for the part of the window that is in the grid."""
    count, (row, column) = len(parts.attention_map), parts.place
    cell, reach = side / count, len(parts.kernel) // 2
    x, y = left + column * cell, top + row * cell
    drawn = _frame(x, y, cell, cell, "#000000", 4) + _frame(
        x, y, cell, cell, "#ffffff", 2
    )
    if window:
        first = [max(place - reach, 0) for place in (column, row)]
        last = [min(place + reach + 1, count) for place in (column, row)]
        width, height = (cell * (b - a) for a, b in zip(first, last, strict=True))
        corner = left + first[0] * cell, top + first[1] * cell
        drawn = _frame(*corner, width, height, ORANGE, 3) + drawn
    return drawn


def _colour_bar(left: float, top: float, height: float) -> str:
    """The colours of a map, from 0 at the foot to 1."""
    drawn = _cells(np.linspace(1, 0, 64)[:, None], left, top, height, width=14)
    for value in (0, 0.5, 1):
        level = top + height * (1 - value)
        drawn += _text(left + 19, level + 4, f"{value:g}", GREY, size=10)
    return drawn
