"""`python -m fercourse search`: KerasTuner's random search over forms of `tuned_cnn`.

The space of the paper's search (Vulpe-Grigorași and Grigore, 2021) is behind a paywall;
this one spans the sizes of the re-implementation that `tuned_cnn` follows.
"""

import math
import time
from pathlib import Path
from typing import Any

import keras_tuner
from keras import utils
from keras_tuner.engine.trial import Trial

from fercourse.commands.places import Places
from fercourse.data.faces import FER2013, FaceData
from fercourse.machine import REPOSITORY
from fercourse.models.systems import TUNED_WIDTHS, build_model
from fercourse.plots.tables import aligned
from fercourse.results.statistics import wilson_interval
from fercourse.training.loop import prepare, train
from fercourse.training.recipes import Recipe

SEARCHES = REPOSITORY / "data" / "search"


class Stopped(keras_tuner.errors.FatalError):
    """Training was stopped; the next call continues the same trial."""


class Search(keras_tuner.RandomSearch):
    """A random search whose trials the course trains; `data.test` is not looked at."""

    def __init__(
        self, folder: Path, data: FaceData, recipe: Recipe, width: float, trials: int
    ) -> None:
        """Begin or continue the search of a folder; `recipe` gives all but the rate."""
        self.data, self.recipe, self.width = data, recipe, width
        self.deadline = math.inf  # by `time.monotonic`
        space = keras_tuner.HyperParameters()
        about = f"{width:g}, {recipe}, {data.source}: {data.integrity}"
        space.Fixed("about", about)
        for number in range(len(TUNED_WIDTHS)):
            space.Choice(f"conv{number}", (64, 128, 256, 384, 512))
        space.Choice("units", (128, 256, 384, 512))
        space.Choice("dropout", (0.2, 0.3, 0.4, 0.5))
        space.Float("learning_rate", 1e-4, 1e-2, sampling="log")
        # KerasTuner draws each value with the next seed, so neighbouring seeds would
        # give the same trials, shifted by one; 0 would be no seed.
        super().__init__(
            hyperparameters=space,
            tune_new_entries=False,
            objective=keras_tuner.Objective("public", "max"),
            max_trials=trials,
            seed=1 + 1_000_000 * recipe.seed,
            directory=str(folder.parent),
            project_name=folder.name,
        )
        if self.trials() and self.oracle.get_space().get("about") != about:
            raise ValueError(
                f"{folder.name} holds a search with another width, recipe or data. "
                "Use another folder, or remove this one."
            )

    def run_trial(self, trial: Trial, **_: Any) -> dict[str, float]:
        """Train and validate one trial; KerasTuner counts those that fail."""
        drawn = _drawn(trial)
        recipe = self.recipe.changed(learning_rate=drawn.pop("learning_rate"))
        folder = Path(self.get_trial_dir(trial.trial_id))
        minutes = (self.deadline - time.monotonic()) / 60
        utils.clear_session()
        prepare(recipe)
        try:
            model = build_model({"system": "tuned_cnn", "width": self.width, **drawn})
            history = train(model, self.data, recipe, folder=folder, minutes=minutes)
        except (ValueError, OSError) as error:  # the next trial would end in it too
            raise keras_tuner.errors.FatalValueError(str(error)) from error
        if not history.finished:
            raise Stopped
        (folder / "checkpoint.npz").unlink()  # large; the best is trained again
        public = history.epochs[history.best_epoch]["public"]
        print(f"Trial {trial.trial_id}: PublicTest {public:.2f} %", flush=True)
        figures = {"public": public, "minutes": history.seconds / 60}
        return figures | {"parameters": model.count_params()}

    def trials(self) -> list[Trial]:
        """All trials, the best on PublicTest first, those without a score last."""
        if not isinstance(self.oracle, keras_tuner.Oracle):
            return []  # this process trains for another one, which knows the trials
        trials = self.oracle.trials.values()
        return sorted(trials, key=lambda t: (t.score is None, -(t.score or 0)))

    def table(self) -> str:
        """The trials, with Wilson's 95 % interval of the accuracy on PublicTest."""
        rows = [["trial", "PublicTest", "low", "high", "parameters", "minutes", "form"]]
        faces = len(self.data.validation)
        for trial in self.trials():
            figures = ["none: not finished, or failed", "", "", "", ""]
            if trial.score is not None:
                interval = wilson_interval(round(trial.score / 100 * faces), faces)
                best = trial.metrics.get_best_value
                figures = [f"{figure:.2f}" for figure in (trial.score, *interval)]
                figures += [f"{best('parameters'):,.0f}", f"{best('minutes'):.1f}"]
            rows.append([trial.trial_id, *figures, ", ".join(_form(trial))])
        return aligned(rows, widest=100)

    def command(self, trial: Trial) -> str:
        """The `train` command that makes a run of a trial."""
        options = ["system tuned_cnn", f"width {self.width:g}", *_form(trial)]
        options += [f"recipe {self.recipe.name}", f"epochs {self.recipe.epochs}"]
        options += [f"seed {self.recipe.seed}"]
        return f"python -m fercourse train --{' --'.join(options)}"


def _drawn(trial: Trial) -> dict[str, Any]:
    values = trial.hyperparameters.values
    widths = [values[f"conv{number}"] for number in range(len(TUNED_WIDTHS))]
    rate = float(f"{values['learning_rate']:.3g}")  # so that a command can repeat it
    units, dropout = values["units"], values["dropout"]
    return dict(widths=widths, units=units, dropout=dropout, learning_rate=rate)


def _form(trial: Trial) -> list[str]:
    """What was drawn, as options of `train` without their dashes."""
    drawn = _drawn(trial) | {"widths": " ".join(map(str, _drawn(trial)["widths"]))}
    return [f"{name.replace('_', '-')} {value}" for name, value in drawn.items()]


def print_search(
    places: Places,
    recipe: Recipe,
    *,
    width: float = 0.25,
    trials: int = 20,
    folder: Path | None = None,
    minutes: float | None = None,
) -> int:
    """Search, and print all trials; returns 1 if some are left to do, else 0."""
    data = places.faces
    name = f"width{width:g}-{recipe.name}-epochs{recipe.epochs}-seed{recipe.seed}"
    usual = SEARCHES / ("" if data.name == FER2013 else data.name) / name
    left, more = 0, f" --data {places.data}" if places.data else ""
    try:
        search = Search(folder or usual, data, recipe, width, trials)
        limit = math.inf if minutes is None else 60 * minutes
        search.deadline = time.monotonic() + limit
        search.search(verbose=0)
    except Stopped:
        left = 1
        print("Stopped; the same command goes on.")
    except RuntimeError as error:  # KerasTuner's words, such as on missing variables
        raise ValueError(str(error)) from error
    if found := search.trials():
        print("\nCompared on PublicTest; PrivateTest was not looked at.\n")
        print(search.table())
        if not left and found[0].score is not None:
            print("\nThe best as a run (more epochs make it better):")
            print(search.command(found[0]) + more)
    return left
