"""`python -m fercourse train`: train one experiment, test it, and keep the run."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fercourse.commands.options import add_experiment_options, read_experiment
from fercourse.commands.places import Places, add_places
from fercourse.data.faces import FER2013, PRACTICE, FaceData
from fercourse.data.ferplus import VOTES
from fercourse.machine import CHECKPOINTS, hardware
from fercourse.models.network import Network
from fercourse.training.experiment import (
    POCKET_RECIPE,
    Experiment,
    changed_fields,
    name_on,
)

if TYPE_CHECKING:
    from fercourse.results.teachers import Teachers


@dataclass(frozen=True)
class TrainingJob:
    """What a `train` command asks for."""

    experiment: Experiment
    places: Places
    checkpoints: Path
    minutes: float | None = None  # time limit
    teachers: tuple[str, ...] = ()  # names of runs
    temperature: float = 1.0  # of the teachers' answers
    ship: bool = False  # whether weights go into data/models

    @property
    def stored_name(self) -> str:
        """The run's name; `ValueError` if another experiment's run has it."""
        from fercourse.results.runs import require_own_name

        data, places = self.places.data_name, self.places
        name, recipe = name_on(data, self.experiment.name), self.experiment.recipe
        about = self.experiment.stored_configuration, recipe.as_dict(), data
        taught = self.teachers_on(data), self.temperature
        require_own_name(name, *about, places.runs, *taught)
        return name

    def teachers_on(self, data: str) -> tuple[str, ...]:
        """The names of the teachers' runs on a data set, as they are stored."""
        if self.teachers == (VOTES,):
            return self.teachers
        return tuple(name_on(data, name) for name in self.teachers)

    @property
    def shipped_weights(self) -> Path | None:
        """Where `ship` writes the weights; `ValueError` if they are not shipped."""
        from fercourse.models.pocket import DISTILLED, shipped_weights

        if not self.ship:
            return None
        network = Network.from_dict(self.experiment.configuration)
        data, recipe = self.places.data_name, self.experiment.recipe
        kind = PRACTICE if data == PRACTICE else POCKET_RECIPE
        distilled = data == FER2013 and recipe.distillation > 0
        # The practice models were trained for fewer epochs than their recipe says.
        changed = changed_fields(recipe.as_dict()).keys()
        usual = recipe.name == kind and changed <= {"epochs", "precision"}
        usual &= data in (FER2013, PRACTICE)
        if not (network.is_pocket and recipe.seed == 0 and (usual or distilled)):
            raise ValueError(
                f"--ship is for pocket models of the {kind} recipe with seed 0 "
                "(--pocket), trained on FER2013 or practice faces, or distilled."
            )
        return shipped_weights(network, DISTILLED if distilled else data)


def add_train_options(parser: argparse.ArgumentParser) -> None:
    """Give a parser every option that `read_job` reads."""
    add_experiment_options(parser)
    parser.add_argument(
        "--minutes", type=float, help="stop after so long; go on with the same"
    )
    parser.add_argument(
        "--teachers",
        nargs="+",
        metavar="RUN",
        help="finished runs whose models' answers to Training are learned with its "
        "labels, or `votes`, the shares of FER+'s votes; then --distillation is 0.5 "
        "unless given",
    )
    parser.add_argument(
        "--temperature",
        type=float,
        default=1.0,
        help="above 1, teachers that are sure are made milder",
    )
    parser.add_argument(
        "--ship",
        action="store_true",
        help="write 16-bit weights into data/models as well",
    )
    parser.add_argument(
        "--checkpoints",
        type=Path,
        help="folder of checkpoints; default: data/checkpoints",
    )
    add_places(parser)


def read_job(options: argparse.Namespace) -> TrainingJob:
    """The job that parsed options describe; raises as `read_experiment`."""
    teachers = tuple(options.teachers or ())
    if options.temperature != 1 and teachers in ((), (VOTES,)):
        raise ValueError(
            f"--temperature {options.temperature:g} makes the answers of --teachers "
            "milder, and needs the names of finished runs there."
        )
    return TrainingJob(
        read_experiment(options),
        Places(options.data, options.results),
        options.checkpoints or CHECKPOINTS,
        options.minutes,
        teachers,
        options.temperature,
        options.ship,
    )


def train_one(job: TrainingJob) -> int:
    """Train, test and keep one run; returns 1 if it was stopped before its end."""
    from fercourse.commands.evaluate import print_evaluation
    from fercourse.models.systems import build_model
    from fercourse.models.weights import about_weights, save_weights_16bit
    from fercourse.results.runs import make_run, save_run
    from fercourse.training.loop import prepare, train

    data = job.places.faces
    data.require_comparable("A run")
    experiment, name = job.experiment, job.stored_name
    recipe, configuration = experiment.recipe, experiment.stored_configuration
    shipped = job.shipped_weights
    teachers = _ask_teachers(job, data)
    prepare(recipe)
    model = build_model(experiment.configuration)
    weights = experiment.configuration.get("weights")
    initial = None if weights is None else about_weights(model, weights)
    print(
        f"{name}: {model.count_params():,} parameters, on {hardware()}; "
        f"{data.source}, {data.integrity}."
    )
    for report in data.reports:
        print(f"  {report}")
    folder = job.checkpoints / name
    history = train(
        model,
        data,
        recipe,
        folder=folder,
        minutes=job.minutes,
        configuration=configuration,
        teachers=None if teachers is None else teachers.probabilities,
    )
    if not history.finished:
        print(
            f"Stopped after {len(history.epochs)} of {recipe.epochs} epochs; the same "
            "command goes on."
        )
        return 1
    if shipped is not None:
        shipped.parent.mkdir(parents=True, exist_ok=True)
        save_weights_16bit(model, shipped)
        model.load_weights(shipped)  # what is tested must be what is shipped
    model.save(folder / f"{name}.keras")
    run = make_run(name, model, data, configuration, recipe, history)
    if initial is not None:
        run.provenance["weights"] = initial
    if teachers is not None:
        run.provenance["teachers"] = teachers.as_dict()
    save_run(run, job.places.runs)
    print_evaluation(run)
    return 0


def _ask_teachers(job: TrainingJob, data: FaceData) -> Teachers | None:
    from fercourse.results.teachers import teacher_probabilities, voters

    if not job.teachers:
        share = job.experiment.recipe.distillation
        if share:
            raise ValueError(
                f"--distillation {share:g} needs --teachers: names of finished runs."
            )
        return None
    if job.teachers == (VOTES,):
        return voters(data)
    print(
        f"Asking {len(job.teachers)} teacher(s) about {len(data.train):,} faces.",
        flush=True,
    )
    return teacher_probabilities(
        job.teachers_on(data.name),
        data,
        temperature=job.temperature,
        results=job.places.runs,
        checkpoints=job.checkpoints,
        answers=job.checkpoints.parent / "teachers",
    )
