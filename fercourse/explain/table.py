"""The stored scores of all methods: how well each map finds the evidence of a face.

`python -m fercourse.explain.table` explains 400 practice faces by every method (100 by
the expensive ones), scores the maps and writes data/practice_explanations.json, in
about five minutes on one core. With the argument `labels` it only repeats the part that
trains a network on shuffled labels. Run it when a method or the practice model changes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from tqdm import tqdm

from fercourse.data.practice import practice_faces
from fercourse.explain.baselines import BASELINES
from fercourse.explain.maps import METHODS, saliency
from fercourse.explain.randomised import trained_on_shuffled_labels
from fercourse.explain.scores import (
    FILLS,
    area_under,
    pointing_hits,
    rank_correlation,
    removal_curve,
)
from fercourse.machine import REPOSITORY, surroundings, write_whole
from fercourse.models.pocket import pocket_model
from fercourse.results.evidence import own_and_others, shares_on_evidence
from fercourse.results.statistics import mean_interval
from fercourse.training.prediction import predict

TABLE = REPOSITORY / "data" / "practice_explanations.json"
"""Where the scores are stored; all of them are in percent."""

FACES = 400
FEW_FACES = 100
"""How many of them the methods in `EXPENSIVE` explain."""

EXPENSIVE = ("smooth_gradient", "integrated_gradients", "score_cam", "occlusion")
"""They ask the network 30 to 130 times about each face."""

REMOVAL_FACES = 40
"""How many faces lose their pixels; each is predicted 44 times for each map."""

SEED = 19
_KEPT = 8  # faces whose own scores are stored, so that a test can compute them again

COMPARED = ("gradient", "integrated_gradients", "grad_cam")
"""The methods whose maps are compared with those of a network on shuffled labels."""

TRUTH = "evidence"
"""The name of the row that no method can beat: the evidence itself as a map."""

ROWS = (*METHODS, *BASELINES, TRUTH)


class KnownFaces(NamedTuple):
    """Faces whose expression, and where it is drawn, is known."""

    images: np.ndarray  # uint8, (N, 48, 48)
    emotions: np.ndarray  # uint8, (N,), as drawn
    evidence: np.ndarray  # bool, (N, 48, 48)

    def some(self, rows: Any) -> KnownFaces:
        """Those in some rows: a slice, or numbers."""
        return KnownFaces(*(part[rows] for part in self))


def explained_model() -> keras.Model:
    """The network that is explained: its map is multiplied, so the map matters."""
    return pocket_model("block3_pool", "multiply", trained_on="practice")


def explained_faces(model: keras.Model, count: int = FACES) -> KnownFaces:
    """The first practice faces that have evidence and that the model names right.

    Only where it is right do we know that the network used the expression.
    """
    drawn = practice_faces(3 * count + 20, seed=SEED, proportions="uniform")
    right = predict(model, drawn.faces.images).argmax(axis=1) == drawn.drawn_emotions
    rows = np.flatnonzero(right & drawn.evidence.any(axis=(1, 2)))[:count]
    known = KnownFaces(drawn.faces.images, drawn.drawn_emotions, drawn.evidence)
    return known.some(rows)


def evidence_scores(maps: np.ndarray, evidence: np.ndarray) -> dict[str, Any]:
    """Pointing game and share on the evidence, of own maps and of other faces' maps."""
    measures = {
        "pointing": pointing_hits(maps, evidence).astype(float),
        "share": shares_on_evidence(maps, evidence),
    }
    scores: dict[str, Any] = {}
    for name, pairs in measures.items():
        own, others = own_and_others(100 * pairs)
        scores[name] = _with_interval(own)
        scores[f"{name}_others"] = round(float(others.mean()), 2)
        scores[f"{name}_gain"] = _with_interval(own - others)
        scores[f"{name}_first"] = np.round(own[:_KEPT], 2).tolist()
    return scores


def removal_scores(
    model: keras.Model, faces: KnownFaces, maps: np.ndarray
) -> dict[str, Any]:
    """Areas under the curves of deletion (low is good) and insertion (high is good)."""
    scores = {}
    for name, insert in (("deletion", False), ("insertion", True)):
        for fill in FILLS:
            curve = removal_curve(
                model, faces.images, faces.emotions, maps, fill, insert
            )
            scores[f"{name}_{fill}"] = _with_interval(100 * area_under(curve))
    return scores


def _with_interval(values: np.ndarray) -> list[float]:
    """The mean and both ends of its 95 % interval."""
    ends = mean_interval(values) if np.ptp(values) else (values[0], values[0])
    return [round(float(number), 2) for number in (values.mean(), *ends)]


def row_maps(name: str, model: keras.Model, faces: KnownFaces) -> np.ndarray:
    """The maps of a row of the table, (N, 48, 48): of a method or of a baseline."""
    if name == TRUTH:
        return faces.evidence.astype("float32")
    if name in BASELINES:
        return BASELINES[name](faces.images)
    return saliency(model, faces.images, faces.emotions, name)


def compute_table(
    count: int = FACES, removed: int = REMOVAL_FACES, rows: Sequence[str] | None = None
) -> dict[str, Any]:
    """The whole table as it is stored, or some of its rows."""
    model = explained_model()
    faces = explained_faces(model, count)
    few, fewer = faces.some(slice(FEW_FACES)), faces.some(slice(removed))
    scores = {}
    for name in tqdm(rows or ROWS, desc="explaining"):
        explained = few if name in EXPENSIVE else faces
        maps = row_maps(name, model, explained)
        scores[name] = {"faces": len(maps)} | evidence_scores(maps, explained.evidence)
        if removed:
            scores[name] |= removal_scores(model, fewer, maps[:removed])
    about = {"model": "practice/pocket-block3-multiply", "seed": SEED}
    return {"about": about | {"removal_faces": removed}, "scores": scores}


def compute_labels(count: int = FEW_FACES, **training: int) -> dict[str, Any]:
    """How similar the maps of other networks are to those of the explained one.

    One was trained on the true labels too, the other on shuffled labels. For each, by
    method: the mean rank correlation with its interval, and the gain in the pointing
    game.
    """
    model = explained_model()
    faces = explained_faces(model, count)
    shuffled, remembered, right = trained_on_shuffled_labels(**training)
    networks = {
        "true labels": pocket_model("block3_pool", "concat", trained_on="practice"),
        "shuffled labels": shuffled,
    }
    rows: dict[str, Any] = {name: {} for name in networks}
    for method in COMPARED:
        own = saliency(model, faces.images, faces.emotions, method)
        for name, network in networks.items():
            maps = saliency(network, faces.images, faces.emotions, method)
            scores = evidence_scores(maps, faces.evidence)
            rows[name][method] = {
                "correlation": _with_interval(rank_correlation(own, maps)),
                "pointing_gain": scores["pointing_gain"],
            }
    about = {"faces": count, "remembered": remembered, "right": right}
    return {"about": about | surroundings(), "networks": rows}


def read_labels(path: Path = TABLE) -> dict[str, Any]:
    """What `compute_labels` has stored."""
    return json.loads(path.read_text("utf-8"))["labels"]


def read_table(path: Path = TABLE) -> dict[str, dict[str, Any]]:
    """The stored scores, by method and baseline."""
    return json.loads(path.read_text("utf-8"))["scores"]


def write_table(path: Path = TABLE, only_labels: bool = False) -> None:
    """Compute the table, or only its part on shuffled labels, and store it."""
    if only_labels:
        table = json.loads(path.read_text("utf-8"))
    else:
        table = compute_table()
        table["about"] |= surroundings()
    table["labels"] = compute_labels()
    # A line for each row of the table, so that a change shows where it is.
    about, scores, labels = (
        json.dumps(table[part]) for part in ("about", "scores", "labels")
    )
    lines = scores.replace(']}, "', ']},\n  "')
    text = f'{{\n "about": {about},\n "scores": {lines},\n "labels": {labels}\n}}\n'
    with write_whole(path) as part:
        part.write_text(text, "utf-8")


if __name__ == "__main__":
    write_table(only_labels=sys.argv[1:] == ["labels"])
