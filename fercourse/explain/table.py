"""The stored scores of all methods: how well each map finds what is known to matter.

`python -m fercourse.explain.table` explains 400 practice faces by every method, scores
the maps and writes data/practice_explanations.json, in ten to fifteen minutes on two
cores. It has four parts; name "scores", "blocks", "labels" or "mark" to repeat only
that one.
Run it when a method or the practice model changes.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from tqdm import tqdm

from fercourse.data.faces import EMOTIONS
from fercourse.data.practice import posed_face, practice_faces
from fercourse.explain.baselines import BASELINES
from fercourse.explain.maps import ACTIVATION_MAPS, METHODS, saliency
from fercourse.explain.randomised import trained_on_shuffled_labels
from fercourse.explain.scores import (
    FILLS,
    area_under,
    pointing_hits,
    rank_correlation,
    removal_curve,
)
from fercourse.explain.shortcut import (
    marked,
    near_mark,
    not_happy,
    trained_with_marks,
)
from fercourse.machine import REPOSITORY, surroundings, write_whole
from fercourse.models.pocket import pocket_model
from fercourse.results.evidence import own_and_others, shares_on_evidence
from fercourse.results.statistics import mean_interval
from fercourse.training.prediction import predict

TABLE = REPOSITORY / "data" / "practice_explanations.json"
"""Where the scores are stored; all of them are in percent."""

FACES = 400
REMOVAL_FACES = 40
"""How many of them lose their pixels; each is predicted 44 times for each map."""

OTHER_NETWORK_FACES = 100
MARKED_FACES = 40

SEED = 19
_KEPT = 8  # faces whose own scores are stored, so that a test can compute them again

COMPARED = ("gradient", "integrated_gradients", "grad_cam")
"""The methods whose maps are compared with those of a network on shuffled labels."""

MIRRORED = "mirrored"
"""The name of a map that knows the expression, but puts it on the wrong side."""

TRUTH = "evidence"
"""The name of the row that no method can beat: the evidence itself as a map."""

RIVALS = (*BASELINES, MIRRORED)
"""The rows that every other one is compared with, face by face."""

ROWS = (*METHODS, *RIVALS, TRUTH)

BLOCKS = tuple(
    f"{method} {block}" for method in ACTIVATION_MAPS for block in ("block3", "block4")
)
"""Class activation maps of earlier blocks; a name of `METHODS` means block 5."""


class KnownFaces(NamedTuple):
    """Faces whose expression, and where it is drawn, is known."""

    images: np.ndarray  # uint8, (N, 48, 48)
    emotions: np.ndarray  # uint8, (N,), as drawn
    evidence: np.ndarray  # bool, (N, 48, 48)
    numbers: np.ndarray  # int32, (N,), of `practice_faces` with `SEED`

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
    images, numbers = drawn.faces.images, drawn.faces.rows
    known = KnownFaces(images, drawn.drawn_emotions, drawn.evidence, numbers)
    return known.some(rows)


def mirrored_expression(faces: KnownFaces) -> np.ndarray:
    """How far each face differs from the same person at rest, left and right exchanged.

    float32, (N, 48, 48), in grey values.
    """
    at_rest = np.stack([posed_face({}, int(n), SEED) for n in faces.numbers])
    change = np.abs(faces.images.astype("float32") - at_rest)
    return change[:, :, ::-1]


def row_maps(name: str, model: keras.Model, faces: KnownFaces) -> np.ndarray:
    """The maps of a row of the table, (N, 48, 48): of a method or of a baseline."""
    if name == TRUTH:
        return faces.evidence.astype("float32")
    if name == MIRRORED:
        return mirrored_expression(faces)
    if name in BASELINES:
        return BASELINES[name](faces.images)
    return method_maps(name, model, faces.images, faces.emotions)


def method_maps(
    name: str,
    model: keras.Model,
    images: np.ndarray,
    emotion: str | Sequence[int] | np.ndarray,
) -> np.ndarray:
    """What `saliency` computes, by a name of `METHODS` or `BLOCKS`."""
    method, _, block = name.partition(" ")
    return saliency(model, images, emotion, method, block or "block5")


def evidence_scores(maps: np.ndarray, evidence: np.ndarray) -> dict[str, np.ndarray]:
    """Hits and shares on each face's evidence, of its own map and of other faces' maps.

    All are (N,) and in percent.
    """
    measures = {
        "pointing": pointing_hits(maps, evidence).astype(float),
        "share": shares_on_evidence(maps, evidence),
    }
    scores = {}
    for name, pairs in measures.items():
        scores[name], scores[f"{name}_others"] = own_and_others(100 * pairs)
    return scores


def removal_scores(
    model: keras.Model, faces: KnownFaces, maps: np.ndarray
) -> dict[str, np.ndarray]:
    """Areas under the curves of deletion (low is good) and insertion (high is good)."""
    scores = {}
    for name, insert in (("deletion", False), ("insertion", True)):
        for fill in FILLS:
            curve = removal_curve(
                model, faces.images, faces.emotions, maps, fill, insert
            )
            scores[f"{name}_{fill}"] = 100 * area_under(curve)
    return scores


def _with_interval(values: np.ndarray) -> list[float]:
    """The mean and both ends of its 95 % interval."""
    return [round(float(end), 2) for end in (values.mean(), *mean_interval(values))]


def _summary(
    row: Mapping[str, np.ndarray], rivals: Mapping[str, Mapping[str, np.ndarray]]
) -> dict[str, Any]:
    """Means with intervals, and paired differences from the rivals on the same faces.

    The difference "others" is that from the maps of other faces.
    """
    result: dict[str, Any] = {"faces": len(row["pointing"])}
    for name, values in row.items():
        result[name] = _with_interval(values)
        if name.endswith("_others"):
            continue
        baselines = {rival: scores[name] for rival, scores in rivals.items()}
        if f"{name}_others" in row:
            result[f"{name}_first"] = np.round(values[:_KEPT], 2).tolist()
            baselines = {"others": row[f"{name}_others"]} | baselines
        result[f"{name}_lead"] = {
            rival: _with_interval(values - theirs)
            for rival, theirs in baselines.items()
        }
    return result


def compute_scores(
    count: int = FACES, removed: int = REMOVAL_FACES, rows: Sequence[str] = ROWS
) -> dict[str, Any]:
    """The scores of all rows, or of some."""
    model = explained_model()
    faces = explained_faces(model, count)
    fewer, measured = faces.some(slice(removed)), {}
    for name in tqdm(rows, desc="explaining"):
        maps = row_maps(name, model, faces)
        measured[name] = evidence_scores(maps, faces.evidence)
        if removed:
            measured[name] |= removal_scores(model, fewer, maps[:removed])
    rivals = {name: row for name, row in measured.items() if name in RIVALS}
    about = {"model": "practice/pocket-block3-multiply", "seed": SEED}
    about |= {"faces": count, "removal_faces": removed}
    scores = {name: _summary(row, rivals) for name, row in measured.items()}
    return {"about": about, "rows": scores}


def compute_blocks(count: int = FACES, removed: int = REMOVAL_FACES) -> dict[str, Any]:
    """The scores of the class activation maps of earlier blocks, on the same faces."""
    part = compute_scores(count, removed, (*RIVALS, *BLOCKS))
    return part | {"rows": {name: part["rows"][name] for name in BLOCKS}}


def compute_labels(count: int = OTHER_NETWORK_FACES, **training: int) -> dict[str, Any]:
    """How similar the maps of other networks are to those of the explained one.

    One was trained on the true labels too, the other on shuffled labels. For each, by
    method: the mean rank correlation with its interval, and how much more often a
    face's own map hits than the maps of others.
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
            gain = scores["pointing"] - scores["pointing_others"]
            rows[name][method] = {
                "correlation": _with_interval(rank_correlation(own, maps)),
                "pointing_gain": _with_interval(gain),
            }
    about = {"faces": count, "remembered": remembered, "right": right}
    return {"about": about, "networks": rows}


def compute_mark(count: int = MARKED_FACES, **training: int) -> dict[str, Any]:
    """How often each method's map is highest at a mark that decides the answer.

    The network has learned to call faces with a mark happy; it is asked about faces
    that are not happy and carry the mark.
    """
    model = trained_with_marks(**training)
    images = marked(not_happy(count))
    happy = predict(model, images).argmax(axis=1) == EMOTIONS.index("happy")
    hits = {
        name: near_mark(method_maps(name, model, images, "happy")).mean()
        for name in (*METHODS, *BLOCKS)
    }
    percent = {name: round(100 * float(share), 2) for name, share in hits.items()}
    about = {"faces": count, "called_happy": 100 * float(happy.mean())}
    return {"about": about, "hits": percent}


def read_part(part: str, path: Path = TABLE) -> dict[str, Any]:
    """What one of `PARTS` has stored."""
    return json.loads(path.read_text("utf-8"))[part]


def read_table(path: Path = TABLE) -> dict[str, dict[str, Any]]:
    """The stored scores, by method and baseline."""
    return read_part("scores", path)["rows"]


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "scores": compute_scores,
    "blocks": compute_blocks,
    "labels": compute_labels,
    "mark": compute_mark,
}
"""What the command computes and stores, by name."""


def write_table(parts: Sequence[str] = (), path: Path = TABLE) -> None:
    """Compute all parts of the table, or some, and store each when it is ready."""
    for name in parts or PARTS:
        stored = json.loads(path.read_text("utf-8")) if path.exists() else {}
        stored[name] = PARTS[name]()
        stored[name]["about"] |= surroundings()
        # A line for each row of the table, so that a change shows where it is.
        text = re.sub(r'(?<=\}), (?="[\w+ ]+": \{)', ",\n ", json.dumps(stored))
        with write_whole(path) as part:
            part.write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    write_table(sys.argv[1:])
