"""The random search behind `tuned_cnn`: KerasTuner draws; the course trains and compares on PublicTest.

The paper's row is Vulpe-Grigorași and Grigore (2021), a random search over a CNN. Their
search space is behind a paywall; the one here spans the sizes of the re-implementation
that `fercourse.models.systems.tuned_cnn` follows. Everything is kept in one folder, as
JSON. An interrupted trial goes on from its checkpoint.

Several processes, on one machine or on many, can share a search: KerasTuner's
environment variables KERASTUNER_ORACLE_IP, KERASTUNER_ORACLE_PORT and
KERASTUNER_TUNER_ID say who hands out trials ("chief") and who trains (any other name);
`python -m fercourse search --help` tells how.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import re
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import keras_tuner

from fercourse.data.faces import FaceData
from fercourse.machine import REPOSITORY
from fercourse.models.systems import TUNED_WIDTHS, build_model
from fercourse.plots.tables import aligned
from fercourse.results.statistics import wilson_interval
from fercourse.training.loop import prepare, train
from fercourse.training.recipes import Recipe

SEARCHES = REPOSITORY / "data" / "search"
"""Where searches are kept unless told otherwise."""

WIDTHS = (64, 128, 256, 384, 512)
UNITS = (128, 256, 384, 512)
DROPOUTS = (0.2, 0.3, 0.4, 0.5)
LEARNING_RATES = (1e-4, 1e-2)

_LAYERS = tuple(f"conv{number}" for number in range(1, len(TUNED_WIDTHS) + 1))
_FAILURES = 3
_NO_MEMORY = re.compile(
    "resource.?exhausted|out.?of.?memory|MemoryError", re.IGNORECASE
)


@dataclass(frozen=True)
class Trial:
    """One network of a search.

    Attributes:
        number: from 1, in the order in which they were drawn.
        configuration: see `Run.configuration`.
        recipe: with the learning rate that was drawn.
        accuracy: PublicTest, best epoch, in percent; None if the trial failed or is not
            finished.
        parameters: of the model; None as before.
        minutes: of training; None as before.
    """

    number: int
    configuration: dict[str, Any]
    recipe: Recipe
    accuracy: float | None = None
    parameters: int | None = None
    minutes: float | None = None


def space() -> keras_tuner.HyperParameters:
    """What is drawn: filters of each convolution, hidden neurons, dropout, and on a log scale the rate."""
    found = keras_tuner.HyperParameters()
    for layer in _LAYERS:
        found.Choice(layer, WIDTHS)
    found.Choice("units", UNITS)
    found.Choice("dropout", DROPOUTS)
    found.Float("learning_rate", *LEARNING_RATES, sampling="log")
    return found


def search(
    data: FaceData,
    recipe: Recipe,
    folder: Path,
    *,
    width: float = 1.0,
    trials: int = 20,
    minutes: float | None = None,
) -> tuple[list[Trial], bool]:
    """Train random forms of `tuned_cnn` on `data.train`, and compare them on `data.validation`.

    Called again with the same arguments, or with more trials, it goes on where it
    stopped. Which forms are drawn follows from `recipe.seed` alone, unless several
    processes share the search.

    Args:
        data: labelled faces; `data.test` is not looked at.
        recipe: of every trial, except for its learning rate.
        folder: keeps the search.
        width: fraction of the channels of every trial.
        trials: how many.
        minutes: time limit for this call.

    Returns:
        All trials so far, best first; and whether that is all that was asked for. A
        process that only trains for another one (see above) knows no trials.

    Raises:
        ValueError: `trials` below 1; the folder holds another search or is damaged;
            KerasTuner's environment variables are incomplete; trials fail one after
            another; or as `train` raises.
    """
    if trials < 1:
        raise ValueError(f"--trials is {trials}; expected 1 or more.")
    folder.mkdir(parents=True, exist_ok=True)
    _require_same_search(folder, data, recipe, width)
    deadline = math.inf if minutes is None else time.monotonic() + 60 * minutes
    # KerasTuner prints from where it reads.
    with _damage_told(folder), contextlib.redirect_stdout(io.StringIO()):
        tuner = _Search(folder, data, recipe, width, trials, deadline)
    finished = _finish(tuner)
    if not isinstance(tuner.oracle, keras_tuner.Oracle):
        return [], finished
    found = [
        _read_trial(trial, recipe, width) for trial in tuner.oracle.trials.values()
    ]
    failed_last = sorted(
        found,
        key=lambda trial: (
            trial.accuracy is None,
            -(trial.accuracy or 0),
            trial.number,
        ),
    )
    return failed_last, finished


def _finish(tuner: _Search) -> bool:
    """Run what is left of a search; whether it came to its end."""
    try:
        tuner.search(verbose=0)
    except _Stopped:
        return False
    except RuntimeError as error:
        if "consecutive failures" not in str(error):
            raise
        raise ValueError(
            f"{_FAILURES} trials failed one after another, as told above."
        ) from error
    return True


def _require_same_search(
    folder: Path, data: FaceData, recipe: Recipe, width: float
) -> None:
    """Write what the search is about, or compare it with what was written before."""
    about = {
        "width": width,
        "recipe": recipe.as_dict(),
        "data": f"{data.source}: {data.integrity}",
    }
    path = folder / "search.json"
    if not path.exists():
        beside = path.with_name(f".{path.name}.{os.getpid()}.part")
        beside.write_text(json.dumps(about, indent=1), encoding="utf-8")
        beside.replace(path)
        return
    with _damage_told(folder):
        stored = json.loads(path.read_text(encoding="utf-8"))
        # Fields that are younger than the search had their default values in it.
        stored["recipe"] = Recipe.from_dict(stored["recipe"]).as_dict()
        differing = [name for name in about if stored[name] != about[name]]
    if differing:
        raise ValueError(
            f"{folder.name} holds a search with another "
            f"{' and another '.join(differing)}. "
            "Use another folder, or remove this one."
        )


@contextlib.contextmanager
def _damage_told(folder: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{folder.name} is damaged ({error!r}). Remove it, and begin anew."
        ) from error
    except (
        RuntimeError
    ) as error:  # KerasTuner's own words, such as on settings that are incomplete
        raise ValueError(str(error)) from error


class _Stopped(keras_tuner.errors.FatalError):
    """Training was stopped; KerasTuner lets this through and draws the same trial again."""


class _Search(keras_tuner.RandomSearch):
    """A random search whose trials the course trains."""

    def __init__(
        self,
        folder: Path,
        data: FaceData,
        recipe: Recipe,
        width: float,
        trials: int,
        deadline: float,
    ) -> None:
        self.data, self.recipe, self.width, self.deadline = (
            data,
            recipe,
            width,
            deadline,
        )
        super().__init__(
            hyperparameters=space(),
            tune_new_entries=False,
            allow_new_entries=False,
            objective=keras_tuner.Objective("public", "max"),
            max_trials=trials,
            max_consecutive_failed_trials=_FAILURES,
            # KerasTuner takes 0 for none, and draws every value with the next seed:
            # seeds side by side would give the same trials, one place on.
            seed=1 + 1_000_000 * recipe.seed,
            directory=str(folder.parent),
            project_name=folder.name,
        )

    def run_trial(
        self, trial: keras_tuner.engine.trial.Trial, **_: Any
    ) -> dict[str, float]:
        """Train and validate one trial.

        KerasTuner would count any error as the trial's, and go on. Here only a lack of
        memory is that.

        Returns:
            `public` (PublicTest of the best epoch, in percent), `parameters` and
            `minutes`.
        """
        try:
            return self._train(trial)
        except keras_tuner.errors.FatalError:
            raise
        except (ValueError, OSError) as error:
            raise keras_tuner.errors.FatalValueError(str(error)) from error
        except Exception as error:
            if _NO_MEMORY.search(repr(error)):
                raise keras_tuner.errors.FailedTrialError(
                    "does not fit into memory"
                ) from error
            raise keras_tuner.errors.FatalError(
                "a trial ended in an error, see above"
            ) from error

    def _train(self, trial: keras_tuner.engine.trial.Trial) -> dict[str, float]:
        configuration, recipe = _drawn(
            trial.hyperparameters.values, self.recipe, self.width
        )
        keras.utils.clear_session()
        prepare(recipe)
        model = build_model(configuration)
        number = f"{_number(trial)} of {self.oracle.max_trials}"
        print(
            f"Trial {number}: {_in_words(configuration, recipe)}; "
            f"{model.count_params():,} parameters"
        )
        folder = Path(self.get_trial_dir(trial.trial_id))
        left = (
            None
            if math.isinf(self.deadline)
            else (self.deadline - time.monotonic()) / 60
        )
        history = train(
            model,
            self.data,
            recipe,
            folder=folder,
            minutes=left,
            configuration=configuration,
        )
        if not history.finished:
            print(f"Stopped in trial {number}; the same command goes on.")
            raise _Stopped
        # The best trial is trained again, as a run: no need for weights here, and they
        # are large.
        (folder / "checkpoint.npz").unlink()
        public = history.epochs[history.best_epoch]["public"]
        print(f"  PublicTest {public:.2f} %, in {history.seconds / 60:.1f} minutes")
        return {
            "public": public,
            "parameters": model.count_params(),
            "minutes": history.seconds / 60,
        }


def _number(trial: keras_tuner.engine.trial.Trial) -> int:
    return int(trial.trial_id) + 1


def _drawn(
    values: Mapping[str, Any], recipe: Recipe, width: float
) -> tuple[dict[str, Any], Recipe]:
    """Configuration and recipe of what was drawn; the rate so rounded that a command can repeat it."""
    configuration = {
        "system": "tuned_cnn",
        "width": width,
        "widths": [values[layer] for layer in _LAYERS],
        "dropout": values["dropout"],
        "units": values["units"],
    }
    return configuration, recipe.changed(
        learning_rate=float(f"{values['learning_rate']:.3g}")
    )


def _read_trial(
    trial: keras_tuner.engine.trial.Trial, recipe: Recipe, width: float
) -> Trial:
    drawn = _drawn(trial.hyperparameters.values, recipe, width)
    if trial.score is None:
        return Trial(_number(trial), *drawn)
    figures = {
        name: trial.metrics.get_best_value(name) for name in ("parameters", "minutes")
    }
    return Trial(
        _number(trial),
        *drawn,
        trial.score,
        int(figures["parameters"]),
        figures["minutes"],
    )


def _in_words(configuration: dict[str, Any], recipe: Recipe) -> str:
    widths = " ".join(map(str, configuration["widths"]))
    return (
        f"widths {widths}, units {configuration['units']}, dropout "
        f"{configuration['dropout']:g}, "
        f"learning rate {recipe.learning_rate:g}"
    )


def as_text(trials: Sequence[Trial], faces: int) -> str:
    """A table of trials, a line each.

    Args:
        trials: in the order of the lines.
        faces: number of faces on PublicTest, for Wilson's 95 % interval.
    """
    table = [["trial", "PublicTest", "low", "high", "parameters", "minutes", "form"]]
    for trial in trials:
        figures = ["none: not finished, or failed", "", "", "", ""]
        if trial.accuracy is not None:
            low, high = wilson_interval(round(trial.accuracy / 100 * faces), faces)
            figures = [f"{figure:.2f}" for figure in (trial.accuracy, low, high)]
            figures += [f"{trial.parameters:,}", f"{trial.minutes:.1f}"]
        table.append(
            [str(trial.number), *figures, _in_words(trial.configuration, trial.recipe)]
        )
    return aligned(table, widest=100)


def as_command(trial: Trial) -> str:
    """The `train` command that makes a run of a trial."""
    configuration, recipe = trial.configuration, trial.recipe
    options = {
        "--system": [configuration["system"]],
        "--width": [f"{configuration['width']:g}"],
        "--widths": map(str, configuration["widths"]),
        "--dropout": [f"{configuration['dropout']:g}"],
        "--units": [str(configuration["units"])],
        "--recipe": [recipe.name],
        "--learning-rate": [f"{recipe.learning_rate:g}"],
        "--epochs": [str(recipe.epochs)],
        "--seed": [str(recipe.seed)],
    }
    words = [word for option, values in options.items() for word in (option, *values)]
    return f"python -m fercourse train {shlex.join(words)}"
