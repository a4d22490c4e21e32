"""Teachers: what finished models answer to the training faces, for the self-distillation of another one.

A teacher has seen the faces that it answers to, and its answers to them are surer than
to others. Views, the average over several teachers and a temperature make them milder;
teachers that never saw a face would be better still, and cost a training for every
share of the faces that is held back.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fercourse.data.faces import FaceData
from fercourse.machine import CHECKPOINTS, REPOSITORY
from fercourse.models.network import Network
from fercourse.models.pocket import shipped_weights
from fercourse.models.systems import build_model
from fercourse.results.runs import RESULTS, Run, read_run
from fercourse.training.prediction import predict

ANSWERS = REPOSITORY / "data" / "teachers"
"""Where the answers of teachers are kept. They tell FER2013's labels, so that they stay on this machine."""

TRAINED_ON = "Training"
"""What a run was trained on if it says nothing else."""

_COMPARED = 256


@dataclass(frozen=True)
class Teachers:
    """What several models answer to the training faces, on average.

    Attributes:
        names: of their runs.
        views: pictures of one face whose probabilities are averaged.
        temperature: above 1, surer answers are made milder; 1 leaves them as they are.
        probabilities: float32, shape (N, 7), rows that sum to 1.
    """

    names: tuple[str, ...]
    views: int
    temperature: float
    probabilities: np.ndarray

    def as_dict(self) -> dict[str, Any]:
        """What a run says of its teachers, ready for JSON: all but the probabilities, of which a digest."""
        return {
            "names": list(self.names),
            "views": self.views,
            "temperature": self.temperature,
            "sha256": hashlib.sha256(
                np.ascontiguousarray(self.probabilities)
            ).hexdigest(),
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
    """The average answer of finished models to `data.train`; each one is asked once and then kept on disk.

    Args:
        names: of stored runs. Their models are those that `train` left in
            `checkpoints`, or the pocket models that come with the course.
        data: the faces, of which the teachers were trained on `train`.
        views: 1, 2, 10 or 16, see `Recipe.views`.
        temperature: by which the logarithms of the probabilities are divided (Hinton et
            al., 2015).
        results: folder of the runs.
        checkpoints: folder of their models.
        answers: folder of the kept answers, NAME-viewsN.npz.

    Raises:
        ValueError: no names, one twice, a run that was trained on other faces than
            these or did not end, a model that is not the run's, or a temperature that
            is not positive.
        FileNotFoundError: a run, or its model, is not here.
    """
    if not names or len(set(names)) != len(names):
        raise ValueError(
            f"teachers {', '.join(names) or 'are none'}: expected names of runs, each "
            f"once."
        )
    if not temperature > 0:
        raise ValueError(
            f"temperature is {temperature:g}; expected more than 0, such as 2."
        )
    total = np.zeros((len(data.train), 7))
    for name in names:
        run = _trustworthy_run(name, data, results)
        one = _answers(run, data, views, results, checkpoints, answers).astype(
            "float64"
        )
        milder = np.maximum(one, 1e-7) ** (1 / temperature)
        total += milder / milder.sum(axis=-1, keepdims=True)
    return Teachers(
        tuple(names), views, temperature, (total / len(names)).astype("float32")
    )


def keep_answers(
    name: str,
    model: keras.Model,
    data: FaceData,
    *,
    views: int = 2,
    results: Path = RESULTS,
    answers: Path = ANSWERS,
) -> Path:
    """Ask a model that was just trained, and keep what it says for the time when the model is gone.

    Args:
        name: of its run, stored in `results`.
        model: the model of that run.
        data: the faces that it was trained on.
        views: see `teacher_probabilities`.
        results: folder of the run.
        answers: folder of the kept answers.

    Returns:
        The path of the file, 0.3 MB.

    Raises:
        ValueError: as `teacher_probabilities`.
        FileNotFoundError: the run is not here.
    """
    run = _trustworthy_run(name, data, results)
    _require_model_of(run, model, data)
    path = answers / f"{name}-views{views}.npz"
    _keep(
        path,
        _identity(run, data, views, results),
        predict(model, data.train.images, views),
    )
    return path


def _trustworthy_run(name: str, data: FaceData, results: Path) -> Run:
    """The run, if all that it has seen of these faces is their training split."""
    path = results / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"The teacher {name} has no stored run in {results.name}, so nobody can "
            f"tell what it was trained "
            "on. Train it with `python -m fercourse train`, or name another one."
        )
    run = read_run(name, results)
    trained_on = run.provenance.get("trained on", TRAINED_ON)
    if trained_on != TRAINED_ON:
        raise ValueError(
            f"The teacher {name} was trained on {trained_on}. What it says of "
            f"{TRAINED_ON} would carry other "
            "faces' labels into a training that must not see them; take a teacher of "
            "Training alone."
        )
    if not run.provenance["data"].endswith(f": {data.integrity}"):
        raise ValueError(
            f"The teacher {name} was trained on other faces "
            f"({run.provenance['data']}) than these "
            f"({data.source}: {data.integrity}). Take a teacher of the same data, or "
            f"the data of the teacher."
        )
    if not run.history["finished"]:
        raise ValueError(f"The training of the teacher {name} was not finished.")
    return run


def _answers(
    run: Run,
    data: FaceData,
    views: int,
    results: Path,
    checkpoints: Path,
    answers: Path,
) -> np.ndarray:
    """Float16, shape (N, 7): from the file of kept answers, or else from the model."""
    path = answers / f"{run.name}-views{views}.npz"
    identity = _identity(run, data, views, results)
    kept = _read_kept(path, identity)
    if kept is None:
        model = _load_model(run, checkpoints)
        _require_model_of(run, model, data)
        _keep(path, identity, predict(model, data.train.images, views))
        kept = _read_kept(path, identity)
    return kept


def _identity(run: Run, data: FaceData, views: int, results: Path) -> dict[str, Any]:
    """What kept answers depend on: the run's stored answers stand for its model."""
    return {
        "run": hashlib.sha256((results / f"{run.name}.npz").read_bytes()).hexdigest(),
        "faces": hashlib.sha256(np.ascontiguousarray(data.train.images)).hexdigest(),
        "views": views,
    }


def _read_kept(path: Path, identity: dict[str, Any]) -> np.ndarray | None:
    try:
        with np.load(path, allow_pickle=False) as stored:
            if json.loads(str(stored["about"])) != identity:
                return None
            return stored["probabilities"]
    except (OSError, ValueError, KeyError):  # missing, or damaged: it is made anew
        return None


def _keep(path: Path, identity: dict[str, Any], probabilities: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".npz.part")
    with open(beside, "wb") as file:
        np.savez_compressed(
            file,
            about=np.array(json.dumps(identity)),
            probabilities=probabilities.astype("float16"),
        )
    os.replace(beside, path)


def _load_model(run: Run, checkpoints: Path) -> keras.Model:
    path = checkpoints / run.name / f"{run.name}.keras"
    if path.is_file():
        return keras.models.load_model(path)
    network = Network.from_dict(run.configuration)
    if network.is_pocket and (weights := shipped_weights(network)).is_file():
        model = build_model(network)
        model.load_weights(weights)
        return model
    raise FileNotFoundError(
        f"The model of the teacher {run.name} is not here: it would be {path.name} in "
        f"the folder "
        f"{run.name} of {checkpoints.name}. Train it on this machine, or bring its "
        f"kept answers."
    )


def _require_model_of(run: Run, model: keras.Model, data: FaceData) -> None:
    """Raise `ValueError` unless the model answers to PublicTest as the run did, but for rounding."""
    probabilities = predict(model, data.validation.images[:_COMPARED])
    same = probabilities.argmax(axis=-1) == run.single["public"].predicted[:_COMPARED]
    if same.mean() < 0.95:
        raise ValueError(
            f"The model beside the run {run.name} is not the one that was tested: only "
            f"{100 * same.mean():.0f} % of its answers are the run's. Train it anew "
            f"under a name of its own."
        )
