"""Runs: what a number that the course states was computed from, saved and read without pickle.

A run is two files: NAME.json with configuration, recipe, history, provenance and
confusion counts, and NAME.npz with the answer to each test face. Neither holds a face
or a label.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fercourse.data.faces import EMOTIONS, FaceData, Faces
from fercourse.machine import REPOSITORY
from fercourse.results.statistics import calibration_error, macro_f1, wilson_interval
from fercourse.training.checkpoint import History
from fercourse.training.prediction import predict
from fercourse.training.recipes import Recipe

RESULTS = REPOSITORY / "data" / "results"
"""The runs that come with the course."""

HALVES = ("public", "private")
"""FER2013's two test halves: PublicTest, on which choices are made, and PrivateTest, which is reported."""


@dataclass(frozen=True)
class Answers:
    """What a model answered to the faces of one half, and whether it was right.

    Attributes:
        probabilities: float16, shape (N, 7).
        correct: bool, shape (N,), whether the most probable emotion is the labelled
            one.
        confusion: int64, shape (7, 7), true emotion by row, predicted emotion by
            column.
        seen: bool, shape (N,), whether the face stands in Training too.
    """

    probabilities: np.ndarray
    correct: np.ndarray
    confusion: np.ndarray
    seen: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """The most probable emotion of each face, int64, shape (N,)."""
        return self.probabilities.argmax(axis=-1)


@dataclass(frozen=True)
class Run:
    """A trained and tested model, without the model.

    Attributes:
        name: of the run and its files.
        configuration: `system` and the arguments of its builder, see
            `fercourse.models.systems.build_model`.
        recipe: the fields of the `Recipe`.
        history: the fields of the `History`, its epochs as one list for each quantity,
            and `best_epoch`.
        provenance: code version, versions, backend, hardware, date, data, and on what
            was selected; if training was resumed in other surroundings, the `earlier`
            ones too.
        parameters: of the model.
        single: for each of `HALVES`, the answers to the faces as they are.
        multi: for each of `HALVES`, the answers averaged over the recipe's views.
    """

    name: str
    configuration: dict[str, Any]
    recipe: dict[str, Any]
    history: dict[str, Any]
    provenance: dict[str, Any]
    parameters: int
    single: dict[str, Answers]
    multi: dict[str, Answers]


@dataclass(frozen=True)
class Evaluation:
    """The figures of one half, all in percent except the counts.

    Attributes:
        accuracy: share of right answers.
        low: lower end of Wilson's 95 % interval.
        high: its upper end.
        unseen: accuracy on the faces that do not stand in Training.
        macro_f1: mean F1 over the emotions.
        calibration_error: expected calibration error, 15 bins.
        correct: number of right answers.
        count: number of faces.
    """

    accuracy: float
    low: float
    high: float
    unseen: float
    macro_f1: float
    calibration_error: float
    correct: int
    count: int


def evaluate(answers: Answers) -> Evaluation:
    """Compute every figure from the answers alone; no labels and no faces are needed."""
    correct, count = int(answers.correct.sum()), len(answers.correct)
    low, high = wilson_interval(correct, count)
    return Evaluation(
        accuracy=100 * correct / count,
        low=low,
        high=high,
        unseen=100 * float(answers.correct[~answers.seen].mean()),
        macro_f1=macro_f1(answers.confusion),
        calibration_error=calibration_error(answers.probabilities, answers.correct),
        correct=correct,
        count=count,
    )


def answer(probabilities: np.ndarray, faces: Faces, seen: np.ndarray) -> Answers:
    """Compare a model's probabilities with the labels.

    The probabilities are rounded to 16 bits first, so that all that is derived from the
    stored ones agrees with what is derived here.

    Args:
        probabilities: float, shape (N, 7).
        faces: the N labelled faces.
        seen: bool, shape (N,), see `FaceData.in_training`.

    Raises:
        ValueError: faces without labels.
    """
    faces.require_labels("evaluation")
    rounded = probabilities.astype("float16")
    predicted = rounded.argmax(axis=-1)
    confusion = np.zeros((len(EMOTIONS), len(EMOTIONS)), "int64")
    np.add.at(confusion, (faces.emotions, predicted), 1)
    return Answers(rounded, predicted == faces.emotions, confusion, seen)


def make_run(
    name: str,
    model: keras.Model,
    data: FaceData,
    configuration: dict[str, Any],
    recipe: Recipe,
    history: History,
) -> Run:
    """Test a trained model on both halves, from one view and from the recipe's.

    Args:
        name: of the run.
        model: a trained Keras model.
        data: labelled FER2013 with its official split.
        configuration: what the model was built from.
        recipe: the `Recipe` it was trained with.
        history: the `History` that `train` returned.

    Raises:
        ValueError: a mixed test folder, whose accuracy compares with nothing, or faces
            without labels.
    """
    if data.mixed:
        raise ValueError(
            f"{data.source} mixes PublicTest and PrivateTest in one folder; a number "
            f"on it compares with "
            "nothing. Use fer2013.csv (`python -m fercourse download`)."
        )
    single, multi = {}, {}
    for half, faces in zip(HALVES, (data.validation, data.test), strict=True):
        seen = data.in_training(faces)
        single[half] = answer(predict(model, faces.images), faces, seen)
        multi[half] = answer(predict(model, faces.images, recipe.views), faces, seen)
    provenance = {
        **history.surroundings[-1],
        "data": f"{data.source}: {data.integrity}",
        "selected": "best epoch on PublicTest",
    }
    if len(history.surroundings) > 1:
        provenance["earlier"] = history.surroundings[:-1]
    about_history = {
        "seconds": history.seconds,
        "finished": history.finished,
        "best_epoch": history.best_epoch,
        "epochs": {
            key: [epoch[key] for epoch in history.epochs] for key in history.epochs[0]
        },
    }
    return Run(
        name,
        configuration,
        recipe.as_dict(),
        about_history,
        provenance,
        model.count_params(),
        single,
        multi,
    )


def _parts(run: Run):
    for views, answers_by_half in (("single", run.single), ("multi", run.multi)):
        for half in HALVES:
            yield f"{half}_{views}", answers_by_half[half]


def require_own_name(
    name: str,
    configuration: dict[str, Any],
    recipe: dict[str, Any],
    folder: Path = RESULTS,
) -> None:
    """Raise `ValueError` when another experiment's run has this name, so that none is overwritten."""
    path = folder / f"{name}.json"
    if not path.is_file():
        return
    stored = json.loads(path.read_text(encoding="utf-8"))
    configuration = json.loads(
        json.dumps(configuration)
    )  # as JSON gives it back: lists for tuples
    # Fields that are younger than the stored run had their default values in it.
    if (stored["configuration"], Recipe(**stored["recipe"])) != (
        configuration,
        Recipe(**recipe),
    ):
        raise ValueError(
            f"{path.name} holds a run with another configuration or recipe. Give this "
            f"one a name of its "
            "own (--name), or remove the stored one."
        )


def save_run(run: Run, folder: Path = RESULTS) -> Path:
    """Write NAME.npz and NAME.json into a folder, each beside and then renamed; return the latter's path.

    Raises:
        ValueError: another experiment's run has this name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    require_own_name(run.name, run.configuration, run.recipe, folder)
    arrays = {}
    for part, answers in _parts(run):
        arrays[f"{part}_probabilities"] = answers.probabilities
        arrays[f"{part}_correct"] = np.packbits(answers.correct)
    for half in HALVES:
        arrays[f"{half}_seen"] = np.packbits(run.single[half].seen)
    answers_path, about_path = folder / f"{run.name}.npz", folder / f"{run.name}.json"
    beside = folder / f"{run.name}.npz.part"
    with open(beside, "wb") as file:
        np.savez_compressed(file, **arrays)
    about = {
        "name": run.name,
        "configuration": run.configuration,
        "recipe": run.recipe,
        "parameters": run.parameters,
        "provenance": run.provenance,
        "confusion": {
            part: answers.confusion.tolist() for part, answers in _parts(run)
        },
        "history": run.history,
        "answers_sha256": hashlib.sha256(beside.read_bytes()).hexdigest(),
    }
    os.replace(beside, answers_path)
    beside = folder / f"{run.name}.json.part"
    beside.write_text(_readable(about) + "\n", encoding="utf-8")
    os.replace(beside, about_path)
    return about_path


def _readable(about: dict[str, Any]) -> str:
    """JSON with one line for each innermost list, so that a confusion table looks like one."""
    text = json.dumps(about, indent=1, ensure_ascii=False)
    return re.sub(
        r"\[\s+([^\[\]{}]*?)\s+\]", lambda row: f"[{' '.join(row[1].split())}]", text
    )


def read_run(name: str, folder: Path = RESULTS) -> Run:
    """Read a stored run, such as "pocket-none-pocket-seed0" or "practice/NAME".

    Raises:
        FileNotFoundError: no such run, or only one of its two files.
        ValueError: the files do not belong together, or the JSON file is no run.
    """
    path, answers_path = folder / f"{name}.json", folder / f"{name}.npz"
    for needed in (path, answers_path):
        if not needed.is_file():
            stored = [other.stem for other in sorted(needed.parent.glob("*.json"))]
            close = get_close_matches(path.stem, stored, cutoff=0.4) or stored[:3]
            raise FileNotFoundError(
                f"{needed.name} is missing; a run is NAME.json and NAME.npz together. "
                f"Similar names here: {', '.join(close) or 'none'}."
            )
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        expected = about["answers_sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path.name} is not the JSON file of a run ({error!r})."
        ) from error
    if hashlib.sha256(answers_path.read_bytes()).hexdigest() != expected:
        raise ValueError(
            f"{answers_path.name} is not the file that {path.name} was written with. "
            "Restore both from the same commit."
        )
    views: dict[str, dict[str, Answers]] = {"single": {}, "multi": {}}
    with np.load(answers_path, allow_pickle=False) as arrays:
        for kind, answers_by_half in views.items():
            for half in HALVES:
                part = f"{half}_{kind}"
                probabilities = arrays[f"{part}_probabilities"]
                count = len(probabilities)
                answers_by_half[half] = Answers(
                    probabilities,
                    np.unpackbits(arrays[f"{part}_correct"], count=count).astype(bool),
                    np.array(about["confusion"][part], "int64"),
                    np.unpackbits(arrays[f"{half}_seen"], count=count).astype(bool),
                )
    fields = ("name", "configuration", "recipe", "history", "provenance", "parameters")
    return Run(**{field: about[field] for field in fields}, **views)


def runs(folder: Path | str = RESULTS) -> list[Run]:
    """All runs of a folder, by name; a string names a folder inside `RESULTS`."""
    if isinstance(folder, str):
        folder = RESULTS / folder
    return [read_run(path.stem, folder) for path in sorted(folder.glob("*.json"))]


def verify_run(run: Run, data: FaceData) -> list[str]:
    """Hold a stored run against the real labels: what does not agree, one sentence each; empty if all does.

    Args:
        run: as read.
        data: FER2013 with its official split.
    """
    found = []
    halves = dict(zip(HALVES, (data.validation, data.test), strict=True))
    for part, stored in _parts(run):
        half = part.split("_")[0]
        faces = halves[half]
        if len(faces) != len(stored.probabilities):
            found.append(
                f"{run.name}, {part}: {len(stored.probabilities)} answers for "
                f"{len(faces)} faces."
            )
            continue
        again = answer(stored.probabilities, faces, data.in_training(faces))
        for name in ("correct", "confusion", "seen"):
            if not np.array_equal(getattr(again, name), getattr(stored, name)):
                found.append(
                    f"{run.name}, {part}: `{name}` does not follow from the labels."
                )
    return found
