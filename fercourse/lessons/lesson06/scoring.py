"""Tables of lesson 06: what the stored scores say about each method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fercourse.explain.maps import METHODS
from fercourse.lessons.lesson06.figures import in_words

Scores = Mapping[str, Mapping[str, Any]]
"""The stored scores, by method and baseline: `fercourse.explain.table.read_table`."""


def scores_table(stored: Scores) -> list[list[str]]:
    """Hits and shares of a face's own map, and of the maps of others, in percent."""
    measures = ("pointing", "pointing_others", "share", "share_others")
    table = [["map", "hits", "others", "share", "others"]]
    for name, row in stored.items():
        numbers = (np.ravel(row[measure])[0] for measure in measures)
        table.append([in_words(name), *(f"{number:.1f}" for number in numbers)])
    return table


def labels_table(shuffling: Mapping[str, Any]) -> list[list[str]]:
    """How maps change with other labels: likeness, gain, and the gain's interval."""
    table = [["map, and labels", "likeness", "gain", "interval"]]
    networks = shuffling["networks"]
    for method in next(iter(networks.values())):
        for labels, rows in networks.items():
            gain, low, high = rows[method]["pointing_gain"]
            likeness = f"{rows[method]['correlation'][0]:.2f}"
            name = f"{in_words(method)}, {labels.removesuffix(' labels')}"
            ends = f"{low:.0f} to {high:.0f}".replace("-", "−")
            gained = f"{gain:.0f}".replace("-", "−")
            table.append([name, likeness, gained, ends])
    return table


def verdict_table(stored: Scores) -> list[list[str]]:
    """Which tests each method passes, by intervals that exclude the contrary."""
    table = [["map", "own", "edges", "deletion", "any"]]
    edges, chance = stored["edges"]["pointing"], stored["random"]["deletion_mean"]
    for name in METHODS:
        row = stored[name]
        passed = (
            row["pointing_gain"][1] > 0,
            row["pointing"][1] > edges[2],
            row["deletion_mean"][2] < chance[1],
            name != "attention",  # it is the same for every emotion
        )
        table.append([in_words(name), *("yes" if one else "no" for one in passed)])
    return table
