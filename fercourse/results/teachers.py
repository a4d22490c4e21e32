"""Teachers: what finished models answer to Training, for the distillation of another.

A teacher is surer of faces that it was trained on than of others. Views, the average
over several teachers and a temperature make its answers milder. Teachers that never saw
a face would be better, and cost a training for every share of the faces held back.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fercourse.data.faces import EMOTIONS, FER2013, FERPLUS, FaceData, digest
from fercourse.data.ferplus import VOTES, require_ferplus, vote_shares
from fercourse.machine import CHECKPOINTS, REPOSITORY, write_whole
from fercourse.models.network import Network
from fercourse.models.pocket import DISTILLED, shipped_weights
from fercourse.models.systems import build_model
from fercourse.results.runs import RESULTS, Run, read_run, sha256
from fercourse.training.prediction import predict

ANSWERS = REPOSITORY / "data" / "teachers"
"""The kept answers of teachers. They reveal FER2013's labels, so they stay local."""

_COMPARED = 256  # faces on which a model is compared with its run


@dataclass(frozen=True)
class Teachers:
    """What several models answer to the training faces, on average."""

    names: tuple[str, ...]  # of their runs
    views: int  # of each face, whose probabilities are averaged
    temperature: float  # 1 leaves the answers as they are
    probabilities: np.ndarray  # float32, (N, 7), rows that sum to 1

    def as_dict(self) -> dict[str, Any]:
        """What a run says of its teachers: a digest instead of the probabilities."""
        return {
            "names": list(self.names),
            "views": self.views,
            "temperature": self.temperature,
            "sha256": digest(self.probabilities),
        }


def teacher_probabilities(
    names: Sequence[str],
    data: FaceData,
    *,
    views: int = 2,
    temperature: float = 1.0,
    results: Path = RESULTS,
    checkpoints: Path = CHECKPOINTS,
    answers: Path = ANSWERS,
) -> Teachers:
    """The average answer of finished models to `data.train`.

    The names are those of stored runs, whose models `train` left in `checkpoints` or
    the course ships. Each model is asked once; its answers are kept in `answers`, as
    NAME-viewsN.npz. A temperature above 1 makes them milder.

    Raises:
        ValueError: a run, model, name or temperature that does not fit.
        FileNotFoundError: a run, or its model, is not here.
    """
    if not names or len(set(names)) != len(names):
        raise ValueError(
            f"teachers {', '.join(names) or 'are none'}: expected names of runs, each "
            "once."
        )
    if not temperature > 0:
        raise ValueError(
            f"temperature is {temperature:g}; expected more than 0, such as 2."
        )
    total = np.zeros((len(data.train), len(EMOTIONS)))
    for name in names:
        run = _trustworthy_run(name, data, results)
        identity = _identity(run, data, views, results)
        path = answers / f"{name}-views{views}.npz"
        probabilities = _read_kept(path, identity)
        if probabilities is None:
            model = _load_model(run, checkpoints, path)
            probabilities = _ask(run, model, data, path, identity)
        # (N, 7): p^(1/T), normalised, is the softmax of log p / T (Hinton et al.,
        # 2015). A probability that 16 bits round to 0 would stay 0 at any temperature.
        milder = np.maximum(probabilities.astype("float64"), 1e-7) ** (1 / temperature)
        total += milder / milder.sum(axis=-1, keepdims=True)
    # The mean of distributions is a distribution: every teacher has the same weight.
    mean = (total / len(names)).astype("float32")
    return Teachers(tuple(names), views, temperature, mean)


def voters(data: FaceData) -> Teachers:
    """The ten people a face whom FER+ asked, as teachers of their shares of votes.

    Raises:
        ValueError: these are not FER2013's images, to which the votes belong.
        FileNotFoundError: the votes are not here.
    """
    if data.name not in (FER2013, FERPLUS):
        raise ValueError(
            f"--teachers {VOTES} needs FER2013 as published, with its labels or those "
            f"of FER+ (--data ferplus); this is {data.source}: {data.integrity}."
        )
    return Teachers((VOTES,), 1, 1.0, vote_shares(data.train, require_ferplus()))


def keep_answers(
    name: str,
    model: keras.Model,
    data: FaceData,
    *,
    views: int = 2,
    results: Path = RESULTS,
    answers: Path = ANSWERS,
) -> Path:
    """Keep a model's answers (0.3 MB) for when it is gone; returns the file's path."""
    run = _trustworthy_run(name, data, results)
    path = answers / f"{name}-views{views}.npz"
    _ask(run, model, data, path, _identity(run, data, views, results))
    return path


def _trustworthy_run(name: str, data: FaceData, results: Path) -> Run:
    """The run, if the only faces it has learned from are those of `data.train`."""
    if not (results / f"{name}.json").is_file():
        raise FileNotFoundError(
            f"The teacher {name} has no stored run in {results.name}, so nobody knows "
            "what it was trained on. Train it with `python -m fercourse train`, or "
            "name another one."
        )
    run = read_run(name, results)
    if run.data != data.name:
        raise ValueError(
            f"The teacher {name} was trained on other faces "
            f"({run.provenance['data']}) than these ({data.source}: {data.integrity}). "
            "Take a teacher of the same data, or the data of the teacher."
        )
    if not run.history["finished"]:
        raise ValueError(f"The training of the teacher {name} was not finished.")
    return run


def _ask(
    run: Run, model: keras.Model, data: FaceData, path: Path, identity: dict[str, Any]
) -> np.ndarray:
    """Check that a model is the run's, and keep its answers: float16, (N, 7)."""
    # Another device rounds differently, so a few answers may differ, of few faces one.
    predicted = predict(model, data.validation.images[:_COMPARED]).argmax(axis=-1)
    agree = predicted == run.single["public"].predicted[:_COMPARED]
    same = float(np.mean(agree))
    if np.sum(~agree) > max(1, 0.05 * len(agree)):
        raise ValueError(
            f"The model of the run {run.name} is not the one that was tested: only "
            f"{100 * same:.0f} % of its answers are the run's. Train it anew under a "
            "name of its own."
        )
    answers = predict(model, data.train.images, identity["views"]).astype("float16")
    path.parent.mkdir(parents=True, exist_ok=True)
    about = np.array(json.dumps(identity))
    with write_whole(path) as part:
        np.savez_compressed(part, about=about, probabilities=answers)
    return answers


def _identity(run: Run, data: FaceData, views: int, results: Path) -> dict[str, Any]:
    """What kept answers depend on; the run's stored answers identify its model."""
    return {
        "run": sha256(results / f"{run.name}.npz"),
        "faces": digest(data.train.images),
        "views": views,
    }


def _read_kept(path: Path, identity: dict[str, Any]) -> np.ndarray | None:
    """The kept answers, or None if there are none for this run and these faces."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            same = json.loads(str(stored["about"])) == identity
            return stored["probabilities"] if same else None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None  # missing or damaged: they are made anew


def _load_model(run: Run, checkpoints: Path, kept: Path) -> keras.Model:
    path = checkpoints / run.name / f"{run.name}.keras"
    if path.is_file():
        return keras.models.load_model(path)
    network = Network.from_dict(run.configuration)
    folder = DISTILLED if run.recipe.get("distillation") else FER2013
    weights = shipped_weights(network, folder)
    # Models of other seeds are not shipped.
    if network.is_pocket and run.recipe["seed"] == 0 and weights.is_file():
        model = build_model(network)
        model.load_weights(weights)
        return model
    raise FileNotFoundError(
        f"The model of the teacher {run.name} is not here: it would be {path.name} in "
        f"the folder {run.name} of {checkpoints.name}. Train it on this machine, or "
        f"put its kept answers to these faces, {kept.name}, into {kept.parent}."
    )
