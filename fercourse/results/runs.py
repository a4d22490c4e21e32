"""Runs: what a number in the course was computed from, stored without pickle.

A run is two files: NAME.json with configuration, recipe, history, provenance and
confusion counts, and NAME.npz with the answer to each test face. Neither holds a face
or a label.
"""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fercourse.data.faces import EMOTIONS, FER2013, PRACTICE, SPLITS, FaceData, Faces
from fercourse.machine import REPOSITORY, write_whole
from fercourse.results.statistics import calibration_curve, macro_f1, wilson_interval
from fercourse.training.checkpoint import History
from fercourse.training.loop import rows_taught
from fercourse.training.prediction import predict
from fercourse.training.recipes import Recipe

RESULTS = REPOSITORY / "data" / "results"
"""The runs that come with the course: those on FER2013, and a folder for each of the
other data sets."""

HALVES = tuple(split.half for split in SPLITS if split.half)
"""The test halves: choices are made on "public", "private" is reported."""


@dataclass(frozen=True)
class Answers:
    """What a model answered to the N faces of one half, and whether it was right."""

    probabilities: np.ndarray  # float16, (N, 7)
    correct: np.ndarray  # bool, (N,): the most probable emotion is the label
    confusion: np.ndarray  # int64, (7, 7): true emotion by row, predicted by column
    seen: np.ndarray  # bool, (N,): the same picture is in Training

    @property
    def predicted(self) -> np.ndarray:
        """The most probable emotion of each face, int64, shape (N,)."""
        return self.probabilities.argmax(axis=-1)


@dataclass(frozen=True)
class Run:
    """A trained and tested model, without the model."""

    name: str  # also that of its files
    configuration: dict[str, Any]  # `system` and the arguments of its builder
    recipe: dict[str, Any]  # the fields of the `Recipe`
    history: dict[str, Any]  # of the `History`; its epochs as one list per quantity
    provenance: dict[str, Any]  # code, versions, hardware, date, data, selection
    parameters: int
    single: dict[str, Answers]  # by half: to the faces as they are
    multi: dict[str, Answers]  # by half: averaged over the recipe's views
    data: str = FER2013  # the data set, as `FaceData.name`

    @property
    def teachers(self) -> tuple[str, ...]:
        """The names of the runs whose models' answers it learned; often none."""
        return _taught(self.provenance)[0]

    @property
    def teachers_temperature(self) -> float:
        """The temperature that softened its teachers' answers; 1 changes nothing."""
        return _taught(self.provenance)[1]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The figures of one half in percent, each computed when it is asked for."""

    answers: Answers

    @property
    def count(self) -> int:
        """Number of faces."""
        return len(self.answers.correct)

    @cached_property
    def correct(self) -> int:
        """Number of right answers."""
        return int(self.answers.correct.sum())

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return 100 * self.correct / self.count

    @property
    def low(self) -> float:
        """Lower end of the accuracy's 95 % interval."""
        return wilson_interval(self.correct, self.count)[0]

    @property
    def high(self) -> float:
        """Upper end of the accuracy's 95 % interval."""
        return wilson_interval(self.correct, self.count)[1]

    @property
    def unseen(self) -> float:
        """Accuracy on the faces that do not also appear in Training."""
        return 100 * float(self.answers.correct[~self.answers.seen].mean())

    @property
    def macro_f1(self) -> float:
        """Mean F1 over the emotions."""
        return macro_f1(self.answers.confusion)

    @property
    def calibration_error(self) -> float:
        """Expected calibration error, 15 bins."""
        answers = self.answers
        return calibration_curve(answers.probabilities, answers.correct).error


def evaluate(answers: Answers) -> Evaluation:
    """The figures that follow from the answers alone, without labels or faces.

    Example: `fc.evaluate(run.single["private"]).accuracy`.
    """
    return Evaluation(answers)


def answer(probabilities: np.ndarray, faces: Faces, seen: np.ndarray) -> Answers:
    """Compare a model's probabilities, shape (N, 7), with the labels of the N faces."""
    faces.require_labels("evaluation")
    # Rounded first: whatever follows from the stored 16 bits must agree with this.
    rounded = probabilities.astype("float16")
    predicted = rounded.argmax(axis=-1)
    # (7, 7): add.at counts a cell that is named several times as often as it is named.
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

    Example: `fc.make_run("mine", model, data, configuration, recipe, history)`.
    """
    data.require_comparable("A run")
    single, multi = {}, {}
    for half, faces in _test_faces(data).items():
        # (N,): a face that the model was trained on shows memory, not skill.
        seen = data.in_training(faces)
        single[half] = answer(predict(model, faces.images), faces, seen)
        multi[half] = answer(predict(model, faces.images, recipe.views), faces, seen)
    provenance = {
        **history.surroundings[-1],
        "data": f"{data.source}: {data.integrity}",
        "faces": {name: len(faces) for name, faces in data.splits.items()},
        "selected": usual_selection(data.name),
    }
    if recipe.drop_blank:
        blank = len(data.train) - len(rows_taught(data.train.images, recipe))
        provenance["left out"] = f"{blank} training faces of a single grey"
    if len(history.surroundings) > 1:  # training was resumed on another machine
        provenance["earlier"] = history.surroundings[:-1]
    # One list per quantity instead of one record per epoch
    names = history.epochs[0]
    about_history = {
        "seconds": history.seconds,
        "finished": history.finished,
        "best_epoch": history.best_epoch,
        "epochs": {name: [epoch[name] for epoch in history.epochs] for name in names},
    }
    return Run(
        name, configuration, recipe.as_dict(), about_history, provenance,
        model.count_params(), single, multi, data.name,
    )  # fmt: skip


def _test_faces(data: FaceData) -> dict[str, Faces]:
    return {split.half: getattr(data, split.name) for split in SPLITS if split.half}


def _parts(run: Run) -> Iterator[tuple[str, str, Answers]]:
    """The four parts of a run: name in its files, half, and answers."""
    for views, answers_by_half in (("single", run.single), ("multi", run.multi)):
        for half in HALVES:
            yield f"{half}_{views}", half, answers_by_half[half]


def usual_selection(data: str) -> str:
    """How the course selects on a data set; a run selected otherwise says so."""
    faces = SPLITS[1].usage if data == FER2013 else "the validation faces"
    return f"best epoch on {faces}"


def runs_folder(data: str, folder: Path = RESULTS) -> Path:
    """Where the runs on a data set are: FER2013's in the folder, others' in one in it.

    `data` is a `FaceData.name`.
    """
    return folder if data == FER2013 else folder / data


def require_own_name(
    name: str,
    configuration: dict[str, Any],
    recipe: dict[str, Any],
    data: str,
    folder: Path,
    teachers: Sequence[str] = (),
    temperature: float = 1.0,
) -> None:
    """Raise `ValueError` if the folder has another experiment's run of this name."""
    path = folder / f"{name}.json"
    if not path.is_file():
        return
    stored = _read_about(path)
    # Through JSON, since a stored tuple has become a list; through `Recipe`, since a
    # field that is younger than the stored run had its default value in it.
    same = stored["configuration"] == json.loads(json.dumps(configuration))
    same = same and Recipe.from_dict(stored["recipe"]) == Recipe.from_dict(recipe)
    same = same and _taught(stored["provenance"]) == (tuple(teachers), temperature)
    if not same or _data_name(stored) != data:
        raise ValueError(
            f"{path.name} holds a run with another configuration, recipe, data set or "
            "teacher. Give this one a name of its own (--name), or remove the stored "
            "one."
        )


def _taught(provenance: dict[str, Any]) -> tuple[tuple[str, ...], float]:
    """The names of a run's teachers, and the temperature of their answers."""
    about = provenance.get("teachers", {})
    return tuple(about.get("names", ())), about.get("temperature", 1.0)


def save_run(run: Run, folder: Path | None = None) -> Path:
    """Write NAME.npz and NAME.json into a folder and return the latter's path.

    Without a folder, it is the `runs_folder` of the run's data set.
    """
    folder = runs_folder(run.data) if folder is None else folder
    folder.mkdir(parents=True, exist_ok=True)
    experiment = run.configuration, run.recipe, run.data
    require_own_name(run.name, *experiment, folder, *_taught(run.provenance))
    # Eight faces a byte for what is true or false
    arrays: dict[str, Any] = {}
    for half in HALVES:
        arrays[f"{half}_seen"] = np.packbits(run.single[half].seen)
    for part, _, answers in _parts(run):
        arrays[f"{part}_probabilities"] = answers.probabilities
        arrays[f"{part}_correct"] = np.packbits(answers.correct)
    confusion = {part: answers.confusion.tolist() for part, _, answers in _parts(run)}
    about = {
        "name": run.name,
        "data": run.data,
        "configuration": run.configuration,
        "recipe": run.recipe,
        "parameters": run.parameters,
        "provenance": run.provenance,
        "confusion": confusion,
        "history": run.history,
    }
    path = folder / f"{run.name}.json"
    # The inner file is renamed first: NAME.json never appears without its answers.
    with write_whole(path) as text, write_whole(path.with_suffix(".npz")) as binary:
        np.savez_compressed(binary, **arrays)
        about["answers_sha256"] = sha256(binary)
        text.write_text(_readable(about) + "\n", encoding="utf-8")
    return path


def sha256(path: Path) -> str:
    """The SHA-256 of a file, as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _readable(about: dict[str, Any]) -> str:
    """JSON with one line for each innermost list, such as a row of counts."""
    text = json.dumps(about, indent=1, ensure_ascii=False)
    return re.sub(
        r"\[\s+([^\[\]{}]*?)\s+\]", lambda row: f"[{' '.join(row[1].split())}]", text
    )


def read_run(name: str, folder: Path = RESULTS) -> Run:
    """Read a stored run; "practice/NAME" is one on practice faces.

    Example: `fc.read_run("pocket-none-pocket-seed0")`.
    """
    path, answers_path = folder / f"{name}.json", folder / f"{name}.npz"
    for needed in (path, answers_path):
        if not needed.is_file():
            stored = [other.stem for other in sorted(needed.parent.glob("*.json"))]
            close = get_close_matches(path.stem, stored, cutoff=0.4) or stored[:3]
            raise FileNotFoundError(
                f"{needed.name} is missing; a run is NAME.json and NAME.npz. Similar "
                f"names here: {', '.join(close) or 'none'}."
            )
    about = _read_about(path)
    # The digest tells answers of another training from those that were counted here.
    if sha256(answers_path) != about["answers_sha256"]:
        raise ValueError(
            f"{answers_path.name} is not the file that {path.name} was written with. "
            "Restore both from the same commit."
        )
    fields = {name: about[name] for name in _FIELDS}
    answers = _read_answers(answers_path, about["confusion"])
    return Run(**fields, **answers, data=_data_name(about))  # type: ignore[arg-type]


_FIELDS = ("name", "configuration", "recipe", "history", "provenance", "parameters")


def _read_about(path: Path) -> dict[str, Any]:
    """The JSON file of a run; `ValueError` if it is none."""
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        missing = {*_FIELDS, "answers_sha256", "confusion"} - about.keys()
    except (ValueError, AttributeError) as error:
        raise ValueError(
            f"{path.name} is no run's JSON file ({error!r}). Restore it from its "
            "commit, or move it away."
        ) from error
    if missing:
        raise ValueError(
            f"{path.name} is no run's JSON file: {', '.join(sorted(missing))} missing. "
            "Restore it from its commit, or move it away."
        )
    return about


def _data_name(about: dict[str, Any]) -> str:
    """The data set of a stored run; the oldest runs have it in words only."""
    practice = about["provenance"]["data"].startswith(PRACTICE)
    return about.get("data", PRACTICE if practice else FER2013)


def _read_answers(
    path: Path, confusion: dict[str, list]
) -> dict[str, dict[str, Answers]]:
    views: dict[str, dict[str, Answers]] = {"single": {}, "multi": {}}
    with np.load(path, allow_pickle=False) as arrays:
        for kind, answers_by_half in views.items():
            for half in HALVES:
                part = f"{half}_{kind}"
                probabilities = arrays[f"{part}_probabilities"]
                # Eight faces a byte; the count says how many bits of the last one hold.
                correct, seen = (
                    np.unpackbits(arrays[key], count=len(probabilities)).astype(bool)
                    for key in (f"{part}_correct", f"{half}_seen")
                )
                table = np.array(confusion[part], "int64")
                answers_by_half[half] = Answers(probabilities, correct, table, seen)
    return views


def runs(data: str = FER2013, folder: Path = RESULTS) -> list[Run]:
    """All runs on a data set, by name.

    A file that cannot be read, or holds a run on another data set, is left out, and a
    warning names it.

    Example: `fc.runs("practice")`.
    """
    stored = []
    for path in sorted(runs_folder(data, folder).glob("*.json")):
        try:
            run = read_run(path.stem, path.parent)
            if run.data != data:
                raise ValueError(
                    f"{path.name} is a run on {run.data}, not on {data}. Move it into "
                    f"a folder {run.data}."
                )
            if halves := [half for half in HALVES if not len(run.single[half].correct)]:
                raise ValueError(
                    f"{path.name} has no answers to {' and '.join(halves)}."
                )
            stored.append(run)
        except (OSError, ValueError, KeyError) as error:
            warnings.warn(f"A run is left out: {error}", stacklevel=2)
    return stored


def verify_run(run: Run, data: FaceData) -> list[str]:
    """Check a stored run against the real labels; one sentence for each fault.

    Example: `fc.verify_run(run, data)`.
    """
    faults = []
    for part, half, stored in _parts(run):
        faces, count = _test_faces(data)[half], len(stored.probabilities)
        if len(faces) != count:
            faults.append(
                f"{run.name}, {part}: {count} answers for {len(faces)} faces."
            )
            continue
        # Only the probabilities are taken from the run; the rest is computed again.
        again = answer(stored.probabilities, faces, data.in_training(faces))
        faults += [
            f"{run.name}, {part}: `{name}` does not follow from the labels."
            for name in ("correct", "confusion", "seen")
            if not np.array_equal(getattr(again, name), getattr(stored, name))
        ]
    return faults
