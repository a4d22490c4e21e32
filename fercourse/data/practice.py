"""Practice faces: drawn, labelled, free to ship, with a map of each expression.

An expression is drawn as facial action units, the muscle movements of the Facial Action
Coding System (P. Ekman, W. V. Friesen: Facial Action Coding System, 1978), in the
combinations that its authors' EMFACS assigns to each emotion. Every face also knows
where the same person, drawn at rest, looks different: FER2013 has no such ground truth
for what a network should look at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from fercourse.data import practice_drawing
from fercourse.data.cache import keep, open_cached
from fercourse.data.faces import EMOTIONS, IMAGE_SIDE, PRACTICE_SOURCE, FaceData, Faces
from fercourse.data.practice_drawing import draw
from fercourse.machine import ProgressBar

ACTION_UNITS = (1, 2, 4, 5, 6, 7, 9, 12, 15, 20, 23, 25, 26)
"""The action units that practice faces move, by number.

1 inner brow up, 2 outer brow up, 4 brows together and down, 5 upper lid up, 6 cheek up,
7 lids tight, 9 nose wrinkled, 12 lip corners up, 15 lip corners down, 20 lips
stretched, 23 lips tight, 25 lips apart, 26 jaw dropped.
"""

PROTOTYPES: dict[str, tuple[int, ...]] = {
    "angry": (4, 5, 7, 23),
    "disgust": (9, 15),
    "fear": (1, 2, 4, 5, 20, 26),
    "happy": (6, 12),
    "sad": (1, 4, 15),
    "surprise": (1, 2, 5, 26),
    "neutral": (),
}
"""The action units of each emotion (EMFACS)."""

EVIDENCE_THRESHOLD = 10
"""A pixel is evidence if it differs from the face at rest by this many grey values."""

LABEL_NOISE = 0.08
"""Share of wrong labels in `practice_data`.

Where all ten FER+ annotators agree with each other, 8.2 % of FER2013's PrivateTest
labels disagree with them.
"""

# FER2013's Training faces of each emotion, in the order of EMOTIONS.
_PROPORTIONS = {
    "fer2013": (3995, 436, 4097, 7215, 4830, 3171, 4965),
    "uniform": (1, 1, 1, 1, 1, 1, 1),
}
# How often lips part where EMFACS allows closed and parted lips.
_PARTED = {"happy": 0.6, "disgust": 0.35, "angry": 0.25}
_CHUNK = 16  # faces drawn at once: their arrays stay in the processor's cache

# fmt: off
TRAITS: dict[str, tuple[float, float, float]] = {
    # place and pose
    "scale": (1, 17.5, 21.0), "length": (1, 1.08, 1.24), "shift_x": (1, -2.5, 2.5),
    "shift_y": (1, -2.0, 2.5), "roll": (1, -0.13, 0.13), "yaw": (1, -0.3, 0.3),
    "pitch": (1, -0.14, 0.14),
    # head and skin
    "jaw": (1, 0.0, 0.7), "taper": (1, 0.08, 0.32), "skin": (1, 0.38, 0.88),
    "age": (0.5, 0.0, 1.0), "cheek": (1, 0.02, 0.1), "socket": (1, 0.02, 0.1),
    "shadow": (1, 0.0, 0.3), "asymmetry": (1, -0.3, 0.3),
    # nose
    "nose_width": (1, 0.13, 0.21), "nose_height": (1, 0.1, 0.24),
    "nose_place": (1, -0.04, 0.04), "nostril": (1, 0.25, 0.6),
    # mouth at rest
    "mouth_width": (1, 0.3, 0.42), "mouth_corner": (1, -0.06, 0.07),
    "mouth_place": (1, -0.05, 0.05), "parted": (0.25, 0.0, 0.035),
    "lip": (1, 0.06, 0.14), "lip_tone": (1, 0.1, 0.45), "teeth": (1, 0.65, 0.95),
    "beard": (0.2, 0.15, 0.9), "moustache": (0.2, 0.3, 0.9),
    # eyes and brows at rest
    "eye_place": (1, 0.39, 0.46), "eye_width": (1, 0.19, 0.24),
    "eye_open": (1, 0.12, 0.21), "eye_tilt": (1, -0.02, 0.05),
    "blink": (0.05, 0.6, 1.0), "gaze_x": (0.6, -0.08, 0.08),
    "gaze_y": (0.6, -0.03, 0.04), "iris": (1, 0.05, 0.35), "spark": (0.7, 0.4, 1.0),
    "lash": (1, 0.4, 0.8), "brow_place": (1, -0.38, -0.25),
    "brow_arch": (1, 0.02, 0.09), "brow_tilt": (1, -0.05, 0.07),
    "brow_end": (1, 0.66, 0.78), "brow_width": (1, 0.025, 0.06),
    "brow_density": (1, 0.5, 1.0),
    # hair
    "hair": (1, 0.03, 0.4), "light_hair": (0.25, 0.1, 0.4), "bald": (0.1, 0.8, 1.0),
    "hairline": (1, -0.95, -0.6), "fringe": (0.2, 0.1, 0.3), "temple": (1, 0.1, 0.4),
    "parting": (1, -0.5, 0.5), "ragged": (1, 0.03, 0.25), "volume": (1, 0.0, 0.2),
    "curl": (1, 0.0, 0.15), "shine": (1, 0.0, 0.6), "long": (0.35, 1.0, 1.0),
    "curtain": (1, -0.1, 0.2),
    # glasses and a hand in the way
    "glasses": (0.16, 0.5, 0.95), "lens": (1, 0.16, 0.24), "rim": (1, 0.008, 0.03),
    "frame": (1, 0.03, 0.35), "tint": (0.2, 0.1, 0.85), "glare": (1, -0.9, 0.9),
    "hand": (0.06, 1.0, 1.0), "hand_u": (1, -0.8, 0.8), "hand_v": (1, 0.35, 0.9),
    "hand_turn": (1, -0.35, 0.35),
    # light, background, camera
    "light_x": (1, -0.9, 0.9), "light_y": (1, -0.9, 0.1), "ambient": (1, 0.3, 0.7),
    "wall": (1, 0.1, 0.9), "wall_x": (1, -0.2, 0.2), "wall_y": (1, -0.15, 0.15),
    "blob": (0.6, -0.5, 0.5), "blob_x": (1, -1.3, 1.3), "blob_y": (1, -1.2, 1.2),
    "post": (0.3, -0.4, 0.4), "cloth": (1, 0.05, 0.9), "blur": (0.6, 0.0, 0.6),
    "black": (1, 0.0, 0.08), "white": (1, 0.8, 1.05), "noise": (1, 1.0, 5.0),
}
# fmt: on
"""The traits of a face: how often it has each, and its lowest and highest value.

A trait that a face does not have is 0. `light_hair` and `fringe` are added to `hair`
and `hairline`.
"""


@dataclass(frozen=True)
class PracticeFaces:
    """Drawn faces and the truth about them."""

    faces: Faces  # with the labels that a learner gets; `rows` are the faces' numbers
    evidence: np.ndarray  # bool, (N, 48, 48): where the expression changes the picture
    drawn_emotions: np.ndarray  # uint8, (N,): the emotions without label noise
    action_units: np.ndarray  # float32, (N, 13): intensities 0–1, see `ACTION_UNITS`
    traits: dict[str, np.ndarray]  # float32, (N,) for each name, see `TRAITS`


def practice_faces(
    count: int,
    seed: int = 0,
    *,
    first: int = 0,
    label_noise: float = 0.0,
    proportions: str = "fer2013",
    evidence: bool = True,
) -> PracticeFaces:
    """Draw `count` practice faces with their evidence.

    Example: `faces = fc.practice_faces(6, seed=2).faces`.

    Every person differs in head, skin, hair, age, pose, light and camera, and in the
    set of mouth, eyes and brows at rest. Expressions run from faint (intensity 0.2) to
    full and are stronger on one side of the face, so that a faint one could be another
    person's face at rest.

    Face number i depends on `seed` and i alone, to the last bit on every platform.
    1,000 faces take about 4 seconds on one core.

    Args:
        count: how many faces, 0 or more.
        seed: 0 or more; another seed gives other faces.
        first: number of the first face. To continue a set, start at its length.
        label_noise: probability 0–1 that a label is replaced by one of the six others.
        proportions: "fer2013" (one face in four happy, one in 66 disgusted) or
            "uniform".
        evidence: whether to find it, which takes about half of the time.

    Raises:
        ValueError: an argument is out of its range.
    """
    _require("count", count, 0)
    _require("seed", seed, 0)
    _require("first", first, 0)
    _require("label_noise", label_noise, 0, 1)
    if proportions not in _PROPORTIONS:
        raise ValueError(
            f'proportions is {proportions!r}, expected "fer2013" or "uniform".'
        )
    # Linux gives every large freed array back to the system, and fetching its memory
    # again costs more than the drawing. After one very large array it keeps the memory.
    np.empty(31 << 20, dtype=np.uint8)

    images = np.zeros((count, IMAGE_SIDE, IMAGE_SIDE), np.uint8)
    changed = np.zeros(images.shape, bool)
    labels, drawn_emotions = np.zeros((2, count), np.uint8)
    intensities = np.zeros((count, len(ACTION_UNITS)), np.float32)
    traits = np.zeros((count, len(TRAITS)), np.float32)
    rows = np.arange(first, first + count, dtype=np.int32)
    starts: Iterable[int] = range(0, count, _CHUNK)
    if count >= 1000:  # fewer need no bar
        starts = ProgressBar(starts, desc="drawing faces")
    for start in starts:
        chunk = slice(start, start + _CHUNK)
        sketches = [
            _sketch(seed, int(number), label_noise, proportions)
            for number in rows[chunk]
        ]
        drawn_emotions[chunk] = [sketch.drawn for sketch in sketches]
        labels[chunk] = [sketch.label for sketch in sketches]
        intensities[chunk] = [sketch.intensities for sketch in sketches]
        traits[chunk] = [sketch.traits for sketch in sketches]
        images[chunk], changed[chunk] = _draw(sketches, evidence)
    faces = Faces(images, labels, rows)
    by_name = dict(zip(TRAITS, traits.T, strict=True))
    return PracticeFaces(faces, changed, drawn_emotions, intensities, by_name)


def posed_face(
    movements: Mapping[int, float], number: int = 0, seed: int = 0
) -> np.ndarray:
    """One person of `practice_faces`, with an expression of your own.

    Example: `practice.posed_face({12: 1.0, 6: 0.5})`.

    Args:
        movements: intensities from 0 to 1 by action unit; the others are 0.
        number: of the person.
        seed: of the set of persons.

    Returns:
        uint8, shape (48, 48).
    """
    person = _sketch(seed, number, label_noise=0, proportions="fer2013")
    person.intensities = [movements.get(unit, 0.0) for unit in ACTION_UNITS]
    images, _ = _draw([person], evidence=False)
    return images[0]


def practice_data(
    train: int = 4000,
    validation: int = 1000,
    test: int = 1000,
    *,
    seed: int = 0,
    duplicates: float = 0.08,
    label_noise: float = LABEL_NOISE,
) -> FaceData:
    """Draw three splits with FER2013's faults: copies across splits and wrong labels.

    A share `duplicates` of the validation and of the test faces are replaced by copies
    of training faces, label included; 8.0 % of FER2013's PrivateTest are such copies.
    Otherwise face i is face i of `practice_faces` with the same options.

    Raises:
        ValueError: an argument is out of its range, or there are more copies than
            training faces.
    """
    _require("duplicates", duplicates, 0, 1)
    for name, size in (("train", train), ("validation", validation), ("test", test)):
        _require(name, size, 0)
    copied = [round(duplicates * validation), round(duplicates * test)]
    if sum(copied) > train:
        raise ValueError(
            f"{duplicates:.0%} of {validation} validation and {test} test faces are "
            f"{sum(copied)} copies of training faces, and there are {train}. Ask for "
            "fewer duplicates."
        )
    known, count = train + validation, train + validation + test
    drawn = practice_faces(count, seed, label_noise=label_noise, evidence=False).faces
    splits = {
        "train": drawn[:train],
        "validation": drawn[train:known],
        "test": drawn[known:],
    }

    # Sorting uniform numbers shuffles alike in every version of NumPy.
    chance = np.random.Generator(np.random.PCG64([seed, 0, 1]))
    originals = np.argsort(chance.random(train), kind="stable")
    for name, copies in zip(("validation", "test"), copied, strict=True):
        split = splits[name]
        places = np.argsort(chance.random(len(split)), kind="stable")[:copies]
        taken, originals = originals[:copies], originals[copies:]
        split.images[places] = drawn.images[taken]
        split.emotions[places] = drawn.emotions[taken]
    return FaceData(
        **splits,
        mixed=False,
        source=PRACTICE_SOURCE,
        integrity=f"practice faces, seed {seed}",
        reports=(
            f"{copied[0]} validation and {copied[1]} test faces are planted copies of "
            "training faces.",
            f"Each label is wrong with probability {label_noise:.0%}: planted label "
            "noise.",
        ),
    )


def cached_practice_data() -> FaceData:
    """`practice_data()`, drawn the first time and read from the cache afterwards."""
    # Another version of the drawing code draws other faces.
    code = Path(__file__).read_bytes() + Path(practice_drawing.__file__).read_bytes()
    source, identity = PRACTICE_SOURCE, hashlib.sha256(code).hexdigest()
    if (cached := open_cached(source, identity)) is not None:
        return cached
    data = practice_data()
    keep(data, source, identity)
    return data


def _require(name: str, value: float, low: float, high: float = float("inf")) -> None:
    if not low <= value <= high:
        allowed = f"{low} or more" if high == float("inf") else f"{low} to {high}"
        raise ValueError(f"{name} is {value}, expected {allowed}.")


def _sketch(
    seed: int, number: int, label_noise: float, proportions: str
) -> SimpleNamespace:
    """Everything that chance decides about one face."""
    chance = np.random.Generator(np.random.PCG64([seed, number]))
    present, value = chance.random((2, len(TRAITS)))
    traits = {
        name: low + (high - low) * value[k] if present[k] < share else 0.0
        for k, (name, (share, low, high)) in enumerate(TRAITS.items())
    }
    traits["hair"] += traits["light_hair"]
    traits["hairline"] += traits["fringe"]

    emotion, strength, parted, wrong, other = chance.random(5)
    weights = np.array(_PROPORTIONS[proportions])
    # The first emotion whose cumulated share exceeds the uniform number.
    drawn = int((emotion * weights.sum() >= weights.cumsum()).sum())
    # A wrong label is 1 to 6 places further round the seven.
    label = (drawn + 1 + int(other * 6)) % 7 if wrong < label_noise else drawn
    name = EMOTIONS[drawn]
    units = PROTOTYPES[name] + ((25,) if parted < _PARTED.get(name, 0) else ())
    vary = chance.random(len(ACTION_UNITS))
    intensities = [
        min(1.0, (0.3 + 0.7 * strength) * (0.6 + 0.5 * vary[k])) * (unit in units)
        for k, unit in enumerate(ACTION_UNITS)
    ]
    # Three uniform fields (48, 48); the sum of two is scaled to a deviation of 1.
    texture, one, two = (
        chance.random((IMAGE_SIDE, IMAGE_SIDE), dtype=np.float32) for _ in range(3)
    )
    return SimpleNamespace(
        traits=list(traits.values()),
        drawn=drawn,
        label=label,
        intensities=intensities,
        texture=texture,
        noise=(one + two - 1) * np.float32(2.45),
    )


def _draw(
    sketches: list[SimpleNamespace], evidence: bool
) -> tuple[np.ndarray, np.ndarray | bool]:
    """Images, uint8 (B, 48, 48), and where the expression changes them, bool."""
    # Each trait and each action unit becomes a (B, 1, 1) column.
    traits = np.array([sketch.traits for sketch in sketches], np.float32)
    columns = list(traits.T[:, :, None, None])
    person = SimpleNamespace(**dict(zip(TRAITS, columns, strict=True)))
    intensities = np.array([sketch.intensities for sketch in sketches], np.float32)
    columns = list(intensities.T[:, :, None, None])
    units = dict(zip(ACTION_UNITS, columns, strict=True))
    texture = np.stack([sketch.texture for sketch in sketches])
    noise = person.noise * np.stack([sketch.noise for sketch in sketches])
    face, at_rest = draw(person, units, texture, twins=evidence)
    images = _grey(face + noise)
    if at_rest is None:
        return images, False
    # The same noise on both, so that only the expression differs.
    change = images.astype(np.int16) - _grey(at_rest + noise)
    return images, np.abs(change) >= EVIDENCE_THRESHOLD


def _grey(picture: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)
