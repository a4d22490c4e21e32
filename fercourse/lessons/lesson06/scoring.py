"""Lesson 06: its exercises on the course's network, and tables of stored scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from fercourse.data.faces import IMAGE_SIDE, Faces
from fercourse.explain.class_activation import enlarged, features_and_gradients
from fercourse.explain.maps import ACTIVATION_MAPS, METHODS, saliency
from fercourse.explain.networks import before_softmax, features_layer
from fercourse.explain.scores import area_under, pointing_hits, removal_curve
from fercourse.explain.shortcut import MARK, NEAR, near_mark
from fercourse.explain.table import MARKED_FACES, RIVALS, KnownFaces
from fercourse.lessons.lesson06.figures import in_words, map_row
from fercourse.plots.figures import Shown
from fercourse.results.evidence import own_and_others
from fercourse.results.statistics import mean_interval

Scores = Mapping[str, Mapping[str, Any]]
"""The stored scores, by method and baseline: `fercourse.explain.table.read_table`."""


def own_gain(pairs: np.ndarray) -> float:
    """How much more the own maps hit than the maps of others: exercise 6.4."""
    own, others = own_and_others(pairs.astype(float))
    return float(own.mean() - others.mean())


def stays(maps: np.ndarray, answer: Callable[[np.ndarray], np.ndarray]) -> float:
    """The share of answers that another face's map leaves as they are: exercise 6.5."""
    exchanged = maps[np.arange(len(maps)) - 1]
    before, after = (answer(drawn).argmax(axis=-1) for drawn in (maps, exchanged))
    return float(np.mean(before == after))


def block_maps(
    model: keras.Model, face: np.ndarray, emotion: int, own: Callable | None = None
) -> dict[str, np.ndarray]:
    """Grad-CAM of one face at blocks 3 to 5, by block and grid.

    Args:
        face: shape (48, 48), grey 0–255.
        own: a learner's function, from features and gradients (height, width, channels)
            to a map on their grid; without it, `saliency` computes the maps.
    """
    scores, maps = before_softmax(model), {}
    for block in BLOCKS:
        layer = features_layer(model, block)
        one = features_and_gradients(scores, face[None], np.array([emotion]), layer)
        name = "{}, {} × {}".format(block.replace("k", "k "), *one[0].shape[1:3])
        if own is None:
            maps[name] = saliency(model, face[None], [emotion], "grad_cam", block)[0]
        else:
            maps[name] = enlarged(np.asarray(own(*(part[0] for part in one)))[None])[0]
    return maps


BLOCKS = ("block3", "block4", "block5")
"""Where the lesson computes class activation maps."""

GRAD_CAMS = ("grad_cam block3", "grad_cam block4", "grad_cam")
"""Grad-CAM of these blocks, by the names of the stored table."""


def block_table(rows: Mapping[str, Any], cell: Callable[[Any], str]) -> list[list[str]]:
    """A row for each class activation map, a column for each block.

    Args:
        rows: by name of a method, for block 5, or of `table.BLOCKS`.
        cell: from what a row holds to what is written.
    """
    table = [["map", *(block.replace("k", "k ") for block in BLOCKS)]]
    for method in ACTIVATION_MAPS:
        names = [f"{method} {block}" for block in BLOCKS[:-1]]
        table.append([in_words(method), *(cell(rows[n]) for n in (*names, method))])
    return table


def pointing_lead(row: Mapping[str, Any]) -> str:
    """How much more often own maps hit than others', with its interval, in points."""
    return gain(row["pointing_lead"]["others"], digits=1)


def gain(interval: Sequence[float], digits: int = 0) -> str:
    """A difference and its interval, such as "−2 (−6 to 1)"."""
    return "{} ({})".format(*_with_ends(interval, digits))


def lost_peaks(maps: np.ndarray, gradients: np.ndarray) -> int:
    """How many maps are highest in a place from which nothing reaches the answer.

    Args:
        maps: shape (N, 48, 48).
        gradients: of a score with respect to features, (N, height, width, channels).
    """
    lost = (gradients == 0).all(axis=(0, 3))  # (height, width)
    peaks = maps.reshape(len(maps), -1).argmax(axis=1)
    rows, columns = np.unravel_index(peaks, maps.shape[1:])
    cell = IMAGE_SIDE // len(lost)
    return int(lost[rows // cell, columns // cell].sum())


def found(percent: float, faces: int = MARKED_FACES) -> str:
    """On how many faces a map is highest at the mark, such as "39 of 40"."""
    return f"{percent * faces / 100:.0f} of {faces}"


def _with_block(name: str) -> str:
    """A method in words; the name of a class activation map alone means block 5."""
    return in_words(f"{name} block5" if name in ACTIVATION_MAPS else name)


def mark_row(
    images: np.ndarray, maps: Mapping[str, np.ndarray], hits: Mapping[str, float]
) -> Shown:
    """The first face on which each map finds the mark if it does on most faces.

    Args:
        images: faces with the mark, shape (N, 48, 48).
        maps: by name of a method or of `table.BLOCKS`, shape (N, 48, 48).
        hits: of the stored table, in percent.
    """
    usual = [near_mark(map_) == (hits[name] > 50) for name, map_ in maps.items()]
    typical = np.all(usual, axis=0).argmax()
    titled = {
        f"{_with_block(name)}\n{found(hits[name])}": map_[typical]
        for name, map_ in maps.items()
    }
    mark = np.zeros(images.shape[1:], bool)
    mark[MARK] = True
    return map_row(images[typical], titled, mark, zone=NEAR)


def hit_or_miss(faces: KnownFaces, maps: Mapping[str, np.ndarray]) -> Shown:
    """The first face on which the first map hits, and whether the others do.

    Args:
        maps: by name of a method, shape (N, 48, 48).
    """
    hits = {
        name: np.diagonal(pointing_hits(map_, faces.evidence))
        for name, map_ in maps.items()
    }
    first = next(iter(hits.values())).argmax()
    titled = {
        f"{in_words(name)}: {'a hit' if hits[name][first] else 'a miss'}": map_[first]
        for name, map_ in maps.items()
    }
    return map_row(faces.images[first], titled, faces.evidence[first])


def replacements(maps: np.ndarray, draws: int = 10) -> dict[str, list[np.ndarray]]:
    """Maps to put in the place of the own ones, (N, height, width), by name.

    Those that depend on chance are drawn several times.
    """
    random, cells = np.random.default_rng(0), maps.reshape(len(maps), -1)
    return {
        "its own map": [maps],
        "mean of all maps": [np.broadcast_to(maps.mean(axis=0), maps.shape)],
        "another face's map": [np.roll(maps, n, axis=0) for n in range(1, draws + 1)],
        "1 everywhere": [np.ones_like(maps)],
        "cells shuffled": [
            random.permuted(cells, axis=1).reshape(maps.shape) for _ in range(draws)
        ],
    }


def removal_table(
    model: keras.Model, faces: Faces, methods: Sequence[str], rivals: Mapping[str, Any]
) -> list[list[str]]:
    """The area under each method's curve of deletion, compared face by face.

    Args:
        rivals: functions from images to maps; the first is what the others, and the
            methods, are compared with, and has no row.
    """
    maps = {name: compute(faces.images) for name, compute in rivals.items()}
    for name in methods:
        maps[name] = saliency(model, faces.images, faces.emotions, name)
    areas = {
        name: 100 * area_under(removal_curve(model, faces.images, faces.emotions, map_))
        for name, map_ in maps.items()
    }
    first = next(iter(areas))
    table = [["map", "area (%)", f"minus {first}", "interval"]]
    for name, area in areas.items():
        if name == first:
            continue
        lead = area - areas[first]
        cells = _with_ends((lead.mean(), *mean_interval(lead)))
        table.append([in_words(name), f"{area.mean():.0f}", *cells])
    return table


def verdict_table(stored: Scores, mark: Mapping[str, Any]) -> list[list[str]]:
    """Which tests each method passes, by paired differences on the same faces.

    "yes" and "no" if the 95 % interval of the difference is on one side of zero, "open"
    if zero is in it. The methods that pass most tests are first.

    Args:
        stored: the rows of the parts "scores" and "blocks".
        mark: on how many faces each map finds the mark, in percent.
    """
    rows, passed = [], {}
    for name in (*METHODS, *(f"{method} block3" for method in ACTIVATION_MAPS)):
        row = stored[name]
        verdicts = [
            _verdict(row, measure, rival or best_baseline(stored, measure))
            for measure, rival in VERDICTS.values()
        ]
        # The attention map is the same for every emotion.
        any_emotion = "no" if name == "attention" else "yes"
        label = _with_block(name)
        rows.append([label, *verdicts, found(mark[name]), any_emotion])
        passed[label] = rows[-1].count("yes") + (mark[name] > 50)
    rows.sort(key=lambda cells: -passed[cells[0]])
    return [["map", *VERDICTS, "mark found", "any emotion"], *rows]


VERDICTS = {
    "others' maps": ("pointing", "others"),
    "edges": ("pointing", "edges"),
    "mirrored": ("pointing", "mirrored"),
    "deletion": ("deletion_mean", None),
    "insertion": ("insertion_mean", None),
}
"""By heading: a measure, and the baseline to compare with, or None for the best."""


def best_baseline(stored: Scores, measure: str) -> str:
    """The baseline with the best mean: the lowest in deletion, else the highest."""
    return max(RIVALS, key=lambda name: _sign(measure) * stored[name][measure][0])


def _sign(measure: str) -> int:
    """-1 for a measure whose low values are good, else 1."""
    return -1 if measure.startswith("deletion") else 1


def _verdict(row: Mapping[str, Any], measure: str, rival: str) -> str:
    _, *ends = row[f"{measure}_lead"][rival]
    low, high = sorted(_sign(measure) * end for end in ends)
    return "yes" if low > 0 else "no" if high < 0 else "open"


def _with_ends(interval: Sequence[float], digits: int = 0) -> tuple[str, str]:
    """A value and its interval, rounded, with a minus sign instead of a hyphen."""
    value, low, high = (f"{x:z.{digits}f}".replace("-", "−") for x in interval)
    return value, f"{low} to {high}"
