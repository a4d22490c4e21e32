"""Tables of lesson 06: what the stored scores say about each method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from fercourse.data.faces import Faces
from fercourse.explain.maps import METHODS, saliency
from fercourse.explain.scores import area_under, pointing_hits, removal_curve
from fercourse.explain.table import RIVALS
from fercourse.lessons.lesson06.figures import in_words
from fercourse.results.evidence import own_and_others
from fercourse.results.statistics import mean_interval

Scores = Mapping[str, Mapping[str, Any]]
"""The stored scores, by method and baseline: `fercourse.explain.table.read_table`."""


def hit_rate(maps: np.ndarray, evidence: np.ndarray) -> float:
    """The share of faces whose highest pixel is on their evidence: exercise 6.4."""
    return float(np.diagonal(pointing_hits(maps, evidence)).mean())


def own_gain(pairs: np.ndarray) -> float:
    """How much more the own maps hit than the maps of others: exercise 6.5."""
    own, others = own_and_others(pairs.astype(float))
    return float(own.mean() - others.mean())


def found(mark: Mapping[str, Any], name: str) -> str:
    """At how many faces a method's map is highest at the mark, such as "39 of 40"."""
    faces = mark["about"]["faces"]
    return f"{mark['hits'][name] * faces / 100:.0f} of {faces}"


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
    if zero is in it.
    """
    table = [["map", *VERDICTS, "mark found", "any emotion"]]
    for name in METHODS:
        row = stored[name]
        verdicts = [
            _verdict(row, measure, rival or best_baseline(stored, measure))
            for measure, rival in VERDICTS.values()
        ]
        # The attention map is the same for every emotion.
        any_emotion = "no" if name == "attention" else "yes"
        table.append([in_words(name), *verdicts, found(mark, name), any_emotion])
    return table


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


def _with_ends(interval: Sequence[float]) -> tuple[str, str]:
    """A value and its interval, rounded, with a minus sign instead of a hyphen."""
    value, low, high = (f"{number:z.0f}".replace("-", "−") for number in interval)
    return value, f"{low} to {high}"
