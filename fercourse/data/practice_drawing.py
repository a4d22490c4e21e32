"""Drawing a practice face: a relief, lit from one side, seen by a poor camera.

Everything is drawn on arrays of shape (batch, height, width) with +, −, ×, ÷, √,
comparisons and rounding to whole numbers only. IEEE 754 fixes these to the last bit, so
the faces are the same on every platform; exp, sin and matrix products do not guarantee
that.

Lengths are in half-widths of the head. The origin is between the height of the eyes and
the tip of the nose, with `a` to the right and `b` down; `m` = |a| draws both halves of
the face at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from fercourse.data.faces import IMAGE_SIDE

SUPERSAMPLING = 2  # lids, lips and wrinkles are thinner than a pixel of the face

_Array = np.ndarray
_Person = SimpleNamespace  # a trait of `practice.TRAITS` each, float32 (B, 1, 1)
_Units = dict[int, _Array]  # number of an action unit → its intensity
_Layers = Iterator[tuple[_Array | float, _Array]]  # tone and opacity


@dataclass
class _View:
    """The place of every pixel on the face, and how the face looks so far.

    All arrays are float32, shape (B, 96, 96) or one that broadcasts to it.
    """

    u: _Array  # across the picture, in half-widths of the head
    v: _Array  # down the picture
    a: _Array  # across the face, 0 on the nose: moves with yaw
    b: _Array  # down the face: moves with pitch
    m: _Array  # |a|
    pixel: _Array  # pixels per half-width
    fine: _Array  # white noise
    streaks: _Array  # strands
    relief: _Array  # height of the skin towards the camera
    skin: _Array  # share of the light that the skin reflects


def draw(
    person: _Person,
    action_units: _Units,
    texture: _Array,
    *,
    twins: bool = True,
) -> tuple[_Array, _Array | None]:
    """Draw a batch of faces, and the same faces at rest.

    Args:
        person: each trait of `practice.TRAITS` as a float32 array of shape (B, 1, 1).
        action_units: intensity 0–1 of each number in `ACTION_UNITS`, float32 (B, 1, 1).
        texture: float32, shape (B, 48, 48), white noise 0–1 for hair, beard and
            background.
        twins: whether to draw the faces at rest too.

    Returns:
        The faces and the faces with every action unit at 0 (or None), each float32 of
        shape (B, 48, 48), grey values around 0–255, before the camera's noise.
    """
    p = person
    view = _look(p, texture)
    behind = _background(p, view)
    _hair_behind(p, view, behind)
    _neck_and_ears(p, view, behind)
    # Everything in front of the face as one layer: the tone to add, and the share of
    # the face that still shows.
    front = np.zeros_like(view.u)
    shows = np.ones_like(view.u)
    for layer in (_hair_in_front, _glasses, _hand):
        for tone, opacity in layer(p, view):
            front += (tone - front) * opacity
            shows *= 1 - opacity

    def picture(action_units: _Units) -> _Array:
        lit, head = _face(p, view, action_units)
        canvas = behind + (lit - behind) * head
        return _camera(p, canvas * shows + front)

    at_rest = {number: np.zeros_like(value) for number, value in action_units.items()}
    return picture(action_units), picture(at_rest) if twins else None


def _look(p: _Person, texture: _Array) -> _View:
    side = IMAGE_SIDE * SUPERSAMPLING
    axis = (np.arange(side, dtype=np.float32) + 0.5 - side / 2) / SUPERSAMPLING
    x = axis[None, None, :] - p.shift_x
    y = axis[None, :, None] - p.shift_y
    # Rotation by an angle whose half has the tangent p.roll: no sine needed.
    cosine = (1 - p.roll * p.roll) / (1 + p.roll * p.roll)
    sine = 2 * p.roll / (1 + p.roll * p.roll)
    u = (cosine * x + sine * y) / p.scale
    v = (cosine * y - sine * x) / (p.scale * p.length) + 0.12
    # What is nearer to the camera moves further when the head turns or nods.
    depth = np.maximum(1 - 0.8 * u * u - 0.45 * v * v, 0)
    a = u - p.yaw * depth
    b = v - p.pitch * depth
    fine = np.repeat(np.repeat(texture, SUPERSAMPLING, 1), SUPERSAMPLING, 2)
    pixel = p.scale * SUPERSAMPLING
    streaks = _streaks(fine)
    return _View(u, v, a, b, np.abs(a), pixel, fine, streaks, u, u)


def _face(p: _Person, view: _View, action_units: _Units) -> tuple[_Array, _Array]:
    """The lit skin, and the head's coverage of each pixel."""
    unequal = 1 + p.asymmetry * np.clip(2.5 * view.a, -1, 1)
    au = {number: intensity * unequal for number, intensity in action_units.items()}
    chin = 1.2 + 0.17 * action_units[26]
    radius = _head_radius(p, view, chin)
    head = _cover((1 - radius) * 0.95 * view.pixel)
    view.relief = 0.7 * (1 - 0.5 * radius * radius * (1 + radius * radius))
    view.skin = p.skin * (1 + 0.08 * (view.streaks - 0.5))
    mouth = _Mouth(p, au, view.a)
    _lines(p, view, au, mouth)
    _bones(p, view, au, chin)
    _nose(p, view, au)
    _lips(p, view, mouth)
    _beard(p, view, mouth)
    _eyes(p, view, au)
    _brows(p, view, au)
    return view.skin * _light(p, view), head


def _bump(distance: _Array, width: _Array | float) -> _Array:
    """A hill of height 1 that falls to 0 at `width`: a bell without exp."""
    hill = distance / width
    hill *= hill
    np.subtract(1, hill, out=hill)
    np.maximum(hill, 0, out=hill)
    hill *= hill
    return hill


def _ramp(value: _Array) -> _Array:
    """0 below 0, 1 above 1, smooth between."""
    value = np.clip(value, 0, 1)
    return value * value * (3 - 2 * value)


def _cover(pixels: _Array) -> _Array:
    """How much of a pixel is inside an edge `pixels` away (positive: inside)."""
    return np.clip(pixels + 0.5, 0, 1)


def _paint(canvas: _Array, tone: _Array | float, opacity: _Array) -> None:
    canvas += (tone - canvas) * opacity


def _streaks(fine: _Array) -> _Array:
    """White noise averaged along the vertical: strands of hair, folds, pores."""
    total = fine.copy()
    for step in range(2, 16, 2):
        total += np.roll(fine, step, axis=1)
    neighbours = np.roll(total, 1, axis=2) + np.roll(total, -1, axis=2)
    total = 0.5 * total + 0.25 * neighbours
    return 0.5 + (total / 8 - 0.5) * 2


def _head_radius(p: _Person, view: _View, chin: _Array) -> _Array:
    """Distance from the head's middle, 1 on its outline: skull above, jaw below."""
    below = np.maximum(view.v, 0) / chin
    above = np.minimum(view.v, 0) / 1.38
    narrow = view.u * (1 + p.taper * below * below)
    squared = below * below
    lower = squared * (1 - p.jaw + p.jaw * squared * squared)
    return np.sqrt(narrow * narrow + above * above + lower)


def _bones(p: _Person, view: _View, au: _Units, chin: _Array) -> None:
    """Brow ridge, eye sockets, cheeks, chin."""
    m, b = view.m, view.b
    relief = view.relief
    relief += 0.05 * _bump(b + 0.26 - 0.05 * au[4], 0.16) * _bump(m - 0.38, 0.5)
    relief -= p.socket * _bump(b + 0.08, 0.2) * _bump(m - 0.36, 0.32)
    raised = 0.6 * au[6] + 0.4 * au[12]
    cheek = _bump(m - 0.52, 0.4) * _bump(b - 0.36 + 0.1 * raised, 0.3)
    relief += (p.cheek + 0.1 * raised) * cheek
    relief += 0.06 * _bump(m, 0.24) * _bump(b - chin + 0.17, 0.2)
    relief += 0.05 * _bump(m, 0.5) * _bump(b - 0.72, 0.35)


def _nose(p: _Person, view: _View, au: _Units) -> None:
    tip = _ramp((view.b + 0.25) / 0.6)
    b = view.b + 0.06 * au[9] - p.nose_place
    ridge = _bump(view.a - 0.22 * p.yaw * tip, 0.15 + 1.1 * p.nose_width * tip)
    height = p.nose_height * (0.2 + 0.8 * tip * tip)
    view.relief += height * ridge * _ramp((view.b + 0.4) / 0.4) * _ramp((0.5 - b) / 0.2)
    wing_m = p.nose_width * (1 + 0.15 * au[9])
    flare = 0.06 + 0.03 * au[9]
    view.relief += flare * _bump(view.m - wing_m, 0.1) * _bump(b - 0.39, 0.11)
    nostril = _bump(view.m - 0.6 * wing_m, 0.07) * _bump(b - 0.45, 0.05)
    under = _bump(view.m, 1.3 * wing_m) * _bump(b - 0.49, 0.07)
    view.skin *= 1 - (p.nostril + 0.2 * au[9]) * nostril - 0.22 * under


class _Mouth:
    """Where the lips run, as heights `b` over the width of the face."""

    def __init__(self, p: _Person, au: _Units, a: _Array) -> None:
        stretch = 1 + 0.4 * au[12] + 0.28 * au[20] - 0.25 * au[23]
        stretch = stretch + 0.05 * au[15] - 0.15 * au[26]
        self.width = p.mouth_width * stretch
        s = a / self.width
        square = np.minimum(s * s, 1.3)
        arc = np.maximum(1 - square, 0)
        oval = np.sqrt(arc)
        corner = p.mouth_corner - 0.25 * au[12] + 0.17 * au[15]
        corner = corner + 0.05 * au[20] + 0.03 * au[26]
        middle = 0.72 + 0.06 * au[12] - 0.06 * au[15] - 0.07 * au[9] + 0.03 * au[26]
        self.line = middle + p.mouth_place + corner * square
        self.corner = 0.72 + p.mouth_place + corner
        self.gap = p.parted + 0.36 * au[26] + 0.2 * au[25]
        self.upper = self.line - (0.2 + 0.2 * au[25]) * self.gap * oval
        self.lower = self.line + 0.8 * self.gap * (0.5 * arc + 0.5 * oval)
        thin = (1 - 0.7 * au[23]) * (1 - 0.3 * au[12] - 0.2 * au[20])
        bow = arc * (1 - 0.25 * _bump(s, 0.3))
        self.above = self.upper - p.lip * 0.85 * thin * (1 + 0.3 * au[9]) * bow
        self.below = self.lower + p.lip * 1.15 * thin * arc
        self.inside = _ramp((1 - np.abs(s)) * 8 + 0.5)
        # Upper teeth: a smile bares them, a dropped jaw shows their edge.
        bared = 0.06 + 0.12 * au[12] + 0.06 * au[9] + 0.04 * au[20]
        self.teeth = np.minimum(0.7 * self.gap, bared) * oval


def _lips(p: _Person, view: _View, mouth: _Mouth) -> None:
    b, pixel, skin = view.b, view.pixel, view.skin
    under_edge = _cover((b - mouth.upper) * pixel)
    over_edge = _cover((mouth.lower - b) * pixel)
    open_ = under_edge * over_edge * mouth.inside * _ramp(mouth.gap * 25)
    upper = _cover((b - mouth.above) * pixel) * (1 - under_edge) * mouth.inside
    lower = _cover((mouth.below - b) * pixel) * (1 - over_edge) * mouth.inside
    half = 0.5 * (mouth.upper - mouth.above)
    # Lips bulge around their middle, and the chin begins with a groove.
    view.relief += 0.02 * _bump(b - mouth.above - half, half + 0.06) * mouth.inside
    half = 0.5 * (mouth.below - mouth.lower)
    view.relief += 0.03 * _bump(b - mouth.lower - half, half + 0.06) * mouth.inside
    view.relief -= 0.035 * _bump(b - mouth.below - 0.07, 0.09) * mouth.inside
    skin *= 1 - p.lip_tone * np.minimum(upper + 0.85 * lower, 1)
    closed = _bump(b - mouth.line, 0.045) * mouth.inside * (1 - _ramp(mouth.gap * 20))
    skin *= 1 - 0.62 * closed
    _paint(skin, 0.08 + 0.12 * _ramp((b - mouth.line) * 6), open_)
    teeth = open_ * _cover((mouth.upper + mouth.teeth - b) * pixel)
    _paint(skin, p.teeth, teeth)


def _crease(position: _Array) -> _Array:
    """Parallel lines, one per unit of `position`."""
    apart = np.abs(position - np.floor(position) - 0.5)
    return np.maximum(1 - 4 * apart, 0)


def _lines(p: _Person, view: _View, au: _Units, mouth: _Mouth) -> None:
    """Wrinkles and folds: of age, and of every action unit that creases the skin."""
    m, b = view.m, view.b
    furrow = _bump(m - 0.075, 0.05) * _bump(b + 0.27, 0.19) * (au[4] + 0.15 * p.age)
    raised = au[1] * _bump(m, 0.7) + au[2] * _bump(m - 0.5, 0.5)
    forehead = _crease(b / 0.15) * _bump(b + 0.68, 0.3) * _bump(m, 1.0)
    forehead *= 0.6 * raised + 0.4 * p.age
    bridge = _crease((b + 0.35 * m) / 0.11)
    bridge = bridge * _bump(m, 0.28) * _bump(b - 0.02, 0.25) * au[9]
    down = (b - 0.36 + 0.06 * au[9]) / (mouth.corner + 0.03 - 0.36)
    fold_m = 0.2 + (mouth.width - 0.12) * down * (1.35 - 0.35 * down)
    smile = 0.75 * au[12] + 0.6 * au[9] + 0.2 * au[6]
    fold = _bump(m - fold_m, 0.07) * _bump(down - 0.5, 0.72) * (smile + 0.45 * p.age)
    crows = _crease((b + 0.1 + 0.35 * (m - 0.7)) / 0.11) * _bump(m - 0.8, 0.14)
    crows *= _bump(b + 0.04, 0.22) * (0.9 * au[6] + 0.4 * p.age)
    outside = m - mouth.width
    corner = _bump(outside - 0.05, 0.07) * _bump(b - mouth.corner - 0.1, 0.16)
    corner *= 0.8 * au[15] + 0.3 * p.age
    dimple = _bump(outside - 0.03, 0.07) * _bump(b - mouth.corner, 0.09)
    dimple *= 0.6 * (au[12] + au[20]) + 0.25 * au[23]
    creases = furrow + fold + 0.8 * (corner + forehead + bridge + crows) + dimple
    view.relief -= 0.045 * creases
    view.skin *= 1 - 0.24 * np.minimum(creases, 1.5)


def _beard(p: _Person, view: _View, mouth: _Mouth) -> None:
    m, b = view.m, view.b
    edge = 0.3 + 0.5 * np.maximum(0.75 - m, 0)
    under_lip = 0.8 * _bump(b - mouth.below - 0.06, 0.1) * _bump(m, 0.2)
    area = _ramp((b - edge) / 0.25) * (1 - under_lip)
    moustache = _bump(b - mouth.above + 0.06, 0.1) * _ramp((mouth.width + 0.1 - m) * 6)
    lips = _ramp((b - mouth.above) * 20) * _ramp((mouth.below - b) * 20) * mouth.inside
    hairy = np.maximum(p.beard * area, p.moustache * moustache) * (1 - lips)
    opacity = np.minimum(hairy * (0.65 + 0.5 * view.fine), 1)
    _paint(view.skin, p.hair * 0.8 + 0.04, opacity)


def _eyes(p: _Person, view: _View, au: _Units) -> None:
    b, pixel, skin = view.b, view.pixel, view.skin
    out = view.m - p.eye_place
    t = out / p.eye_width
    arc = np.maximum(1 - t * t, 0)
    oblique = au[1] * au[4]
    middle = -0.08 - p.eye_tilt * t + 0.05 * oblique * t
    lid = 1 + 0.75 * au[5] - 0.45 * au[7] - 0.25 * au[6] - 0.4 * au[9] - 0.3 * oblique
    upper = middle - 0.62 * p.eye_open * np.maximum(lid, 0.12) * (1 - p.blink) * arc
    rise = 1 - 0.6 * au[7] - au[6] - 0.4 * au[9] + 0.1 * au[5]
    lower = np.maximum(middle + 0.42 * p.eye_open * rise * arc, upper)
    inside = _ramp((1 - np.abs(t)) * 5 + 0.3)
    opened = _cover((b - upper) * pixel) * _cover((lower - b) * pixel) * inside

    # Lids: the crease above, the bag below, and the bulge that raised cheeks push up.
    near = _bump(t, 1.25)
    crease = _bump(b - upper + 0.085 - 0.05 * au[5], 0.04) * near * (0.8 - 0.4 * au[5])
    puffed = 0.3 + 0.5 * p.age + 0.5 * au[6] + 0.4 * au[7]
    bag = _bump(b - lower - 0.1, 0.06) * near * puffed
    bulge = _bump(b - lower - 0.05, 0.07) * near * (au[6] + 0.7 * au[7])
    view.relief += 0.05 * bulge - 0.03 * (crease + bag)
    skin *= 1 - 0.2 * crease - 0.14 * bag - p.shadow * near * _bump(b + 0.06, 0.22)

    _paint(skin, 0.45 + 0.45 * p.skin + 0.1 * _ramp((b - upper) * 10), opened)
    side = np.sign(view.a)
    look = out - p.gaze_x * side
    height = b + 0.095 - p.gaze_y
    apart = np.sqrt(look * look + height * height)
    _paint(skin, p.iris, opened * _cover((0.092 - apart) * pixel))
    _paint(skin, 0.03, opened * _cover((0.042 - apart) * pixel))
    # The spark mirrors the lamp, so it is on the same side of both eyes.
    spark = _bump(look * side + 0.035, 0.05) * _bump(height + 0.04, 0.05)
    _paint(skin, 1.0, opened * spark * p.spark)
    skin *= 1 - p.lash * _bump(b - upper, 0.05) * inside
    skin *= 1 - 0.3 * _bump(b - lower - 0.01, 0.04) * inside


def _brows(p: _Person, view: _View, au: _Units) -> None:
    inner = 0.17 - 0.07 * au[4]
    t = (view.m - inner) / (p.brow_end - inner)
    along = np.clip(t, 0, 1)
    back = 1 - along
    arch = p.brow_arch * 4 * along * back * (0.6 + 0.8 * along)
    y = p.brow_place - arch + p.brow_tilt * along
    y -= 0.21 * au[1] * back * (0.4 + 0.6 * back)
    y -= 0.2 * au[2] * along * (2 - along) * (1.3 - 0.4 * along)
    y += (0.15 * au[4] + 0.05 * au[9]) * (1 - 0.55 * along) + 0.03 * au[7]
    thickness = p.brow_width * (1.1 - 0.7 * along)
    cover = _cover((thickness - np.abs(view.b - y)) * view.pixel)
    cover *= _ramp(t * 6 + 0.5) * _ramp((1 - t) * 5 + 0.3)
    _paint(view.skin, p.hair * 0.7, cover * p.brow_density * (0.7 + 0.3 * view.fine))


def _light(p: _Person, view: _View) -> _Array:
    """Lambert's law on the relief, plus light from all around."""
    relief = view.relief
    slope_x = np.zeros_like(relief)
    slope_y = np.zeros_like(relief)
    slope_x[:, :, 1:-1] = relief[:, :, 2:] - relief[:, :, :-2]
    slope_y[:, 1:-1] = relief[:, 2:] - relief[:, :-2]
    slope_x *= 0.5 * view.pixel
    slope_y *= 0.5 * view.pixel
    facing = 1 - p.light_x * slope_x - p.light_y * slope_y
    length = np.sqrt(1 + p.light_x * p.light_x + p.light_y * p.light_y)
    facing /= np.sqrt(1 + slope_x * slope_x + slope_y * slope_y) * length
    return p.ambient + (1.2 - p.ambient) * np.maximum(facing, 0)


def _background(p: _Person, view: _View) -> _Array:
    wall = p.wall + p.wall_x * view.u + p.wall_y * view.v + 0.05 * (view.streaks - 0.5)
    wall += p.blob * _bump(view.u - p.blob_x, 0.7) * _bump(view.v - p.blob_y, 0.9)
    wall += p.post * _cover((0.25 - np.abs(view.u - 1.2 * p.blob_x)) * 12)
    return np.clip(wall, 0.02, 1)


def _hair_behind(p: _Person, view: _View, canvas: _Array) -> None:
    above = np.minimum(view.v + 0.1, 0) / 1.4
    radius = np.sqrt(view.u * view.u + above * above) / (1 + p.volume)
    radius += (view.streaks - 0.5) * p.curl
    down = _cover((p.long * 1.6 - 0.25 - view.v) * view.pixel)
    cover = _cover((1.02 - radius) * view.pixel) * down
    cover = cover * np.minimum((1 - p.bald) * 2, 1)
    _paint(canvas, p.hair * (0.7 + 0.5 * view.streaks), cover)


def _neck_and_ears(p: _Person, view: _View, canvas: _Array) -> None:
    v, pixel = view.v, view.pixel
    wide = np.abs(view.u)
    shadow = 0.35 + 0.35 * _ramp((v - 1.1) * 2)
    neck = _cover((0.6 - wide) * pixel) * _cover((v - 0.5) * pixel)
    _paint(canvas, p.skin * shadow, neck)
    shoulder = 1.4 + 0.3 * wide * wide
    _paint(canvas, p.cloth * (0.8 + 0.2 * wide), _cover((v - shoulder) * pixel))
    ear_u = (wide - 0.97) / 0.13
    ear_v = (v - 0.08) / 0.28
    ear = _cover((1 - np.sqrt(ear_u * ear_u + ear_v * ear_v)) * 0.2 * pixel)
    side_light = 0.7 + 0.2 * p.light_x * np.sign(view.u)
    tone = p.skin * side_light * (1 - 0.4 * _bump(ear_u + 0.2, 0.5) * _bump(ear_v, 0.6))
    _paint(canvas, tone, ear * (1 - p.long))


def _hair_in_front(p: _Person, view: _View) -> _Layers:
    pixel, streaks = view.pixel, view.streaks
    off = view.a - p.parting
    off *= off
    line = p.hairline + p.temple * off * (1 + off) + (streaks - 0.5) * p.ragged
    above = np.minimum(view.b + 0.1, 0) / 1.4
    radius = np.sqrt(view.u * view.u + above * above)
    within = _cover((1.05 + p.volume - radius) * pixel)
    cover = _ramp((line - view.b) * pixel * 0.35 + 0.5) * (1 - p.bald)
    beyond = np.abs(view.u) - 0.98 + p.curtain + 0.08 * (streaks - 0.5)
    curtain = _cover(beyond * pixel)
    cover = np.maximum(cover, curtain * p.long * _cover((view.b + 1.0) * pixel))
    shine = 1 + p.shine * _bump(view.b + 0.95, 0.3)
    yield p.hair * (0.7 + 0.6 * streaks) * shine, cover * within


def _glasses(p: _Person, view: _View) -> _Layers:
    b, m, pixel = view.b, view.m, view.pixel
    across = (m - p.eye_place) / 0.3
    down = (b + 0.04) / p.lens
    across *= across
    down *= down
    radius = np.sqrt(np.sqrt(across * across + down * down))
    rim = _cover((p.rim - np.abs(radius - 1) * 0.27) * pixel)
    # Bridge and arms: one line at the height of the eyes, outside the lenses.
    bar = _cover((p.rim - np.abs(b + 0.1)) * pixel) * _cover((1 - m) * pixel)
    bar *= _cover((radius - 1) * 0.27 * pixel)
    glass = _cover((1 - radius) * 0.27 * pixel) * p.glasses
    yield 0.06, glass * p.tint
    yield 0.95, glass * 0.5 * _bump(view.a + 0.6 * b - p.glare, 0.12)
    yield p.frame, np.maximum(rim, bar) * p.glasses


def _hand(p: _Person, view: _View) -> _Layers:
    """Four fingers held to the face, from below or from the side."""
    cosine = (1 - p.hand_turn * p.hand_turn) / (1 + p.hand_turn * p.hand_turn)
    sine = 2 * p.hand_turn / (1 + p.hand_turn * p.hand_turn)
    x = view.u - p.hand_u
    y = view.v - p.hand_v
    across = (cosine * x + sine * y) / 0.22 + 2
    along = cosine * y - sine * x
    number = np.floor(across)
    finger = across - number - 0.5
    hollow = 4 * finger * finger
    tip = 0.1 * hollow + 0.06 * np.abs(number - 1.4)
    edge = (2 - np.abs(across - 2)) * 0.22
    cover = _cover((along - tip) * view.pixel) * _cover(edge * view.pixel)
    tone = p.skin * (0.95 - 0.35 * hollow * hollow) * (0.7 + 0.3 * p.ambient)
    yield tone, cover * p.hand


def _camera(p: _Person, canvas: _Array) -> _Array:
    """Exposure, blur and the sensor's 48 × 48 pixels."""
    canvas = canvas[:, ::2] + canvas[:, 1::2]
    canvas = (canvas[:, :, ::2] + canvas[:, :, 1::2]) * 0.25
    # Blur with the pixels above and below, then left and right; the border repeats.
    wide = np.pad(canvas, ((0, 0), (1, 1), (0, 0)), mode="edge")
    canvas = canvas + p.blur * (0.5 * (wide[:, :-2] + wide[:, 2:]) - canvas)
    wide = np.pad(canvas, ((0, 0), (0, 0), (1, 1)), mode="edge")
    canvas = canvas + p.blur * (0.5 * (wide[:, :, :-2] + wide[:, :, 2:]) - canvas)
    return 255 * (p.black + (p.white - p.black) * canvas)
