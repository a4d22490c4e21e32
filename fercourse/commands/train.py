"""`python -m fercourse train`: train one experiment, test it, and keep the run."""

from __future__ import annotations

import argparse
from pathlib import Path

from fercourse.commands.options import add_experiment_options, read_experiment
from fercourse.machine import CHECKPOINTS, hardware, load_backend
from fercourse.training.experiment import Experiment


def add_train_options(parser: argparse.ArgumentParser) -> None:
    """Give a parser every option of `train`."""
    add_experiment_options(parser)
    parser.add_argument(
        "--minutes", type=float, help="stop after so long; go on with the same"
    )
    parser.add_argument(
        "--teachers",
        nargs="+",
        metavar="RUN",
        help="finished runs whose models' answers to Training are learned beside its "
        "labels; then "
        "--distillation is 0.5 unless given",
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


def add_places(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options that say where faces and runs lie."""
    parser.add_argument(
        "--data",
        type=Path,
        help="FER2013, file or folder, found without; or `practice`, for practice "
        "faces",
    )
    parser.add_argument(
        "--results",
        type=Path,
        help="folder of runs; default: data/results, and `practice` in it for such",
    )


def on_practice_faces(options: argparse.Namespace) -> bool:
    """Whether `--data practice` was given."""
    return options.data == Path("practice")


def find_data(options: argparse.Namespace):
    """The faces that `--data` names, a `FaceData`."""
    from fercourse.data.fer2013.load import load_fer2013
    from fercourse.data.practice import cached_practice_data

    return (
        cached_practice_data()
        if on_practice_faces(options)
        else load_fer2013(options.data)
    )


def find_results(options: argparse.Namespace) -> Path:
    """The folder of runs that `--results` names."""
    from fercourse.results.runs import RESULTS

    return options.results or (
        RESULTS / "practice" if on_practice_faces(options) else RESULTS
    )


def train_one(options: argparse.Namespace) -> int:
    """Train, test and keep one run; returns 1 if training was stopped before its end, else 0.

    Raises:
        ValueError: as `read_experiment`; the run's name belongs to another experiment;
            `--ship` where nothing is shipped; or as the builder and `train` raise.
        OSError: FER2013 or the ImageNet weights are not here.
    """
    load_backend()
    from fercourse.models.systems import build_model
    from fercourse.models.weights import save_weights_16bit
    from fercourse.results.runs import make_run, require_own_name, save_run
    from fercourse.training.loop import prepare, train

    experiment, results = read_experiment(options), find_results(options)
    name, recipe, configuration = (
        experiment.name,
        experiment.recipe,
        experiment.stored_configuration,
    )
    require_own_name(name, configuration, recipe.as_dict(), results)
    shipped = (
        _shipped_weights(experiment, on_practice_faces(options))
        if options.ship
        else None
    )
    data = find_data(options)
    data.test.require_labels("evaluation")
    teachers = _ask_teachers(options, recipe, data)
    prepare(recipe)
    model = build_model(experiment.configuration)
    print(
        f"{name}: {model.count_params():,} parameters, on {hardware()}; "
        f"{data.source}, {data.integrity}."
    )
    folder = (options.checkpoints or CHECKPOINTS) / name
    history = train(
        model,
        data,
        recipe,
        folder=folder,
        minutes=options.minutes,
        configuration=configuration,
        teachers=None if teachers is None else teachers.probabilities,
    )
    if not history.finished:
        print(
            f"Stopped after {len(history.epochs)} of {recipe.epochs} epochs; the same "
            f"command goes on."
        )
        return 1
    if shipped is not None:
        shipped.parent.mkdir(parents=True, exist_ok=True)
        save_weights_16bit(model, shipped)
        model.load_weights(shipped)  # what is tested must be what is shipped
    model.save(folder / f"{name}.keras")
    run = make_run(name, model, data, configuration, recipe, history)
    if on_practice_faces(options):
        run.provenance["selected"] = "best epoch on the validation faces"
    if teachers is not None:
        run.provenance["teachers"] = teachers.as_dict()
    save_run(run, results)
    print_evaluation(run)
    return 0


def _ask_teachers(options: argparse.Namespace, recipe, data):
    """The `Teachers` that `--teachers` names, or None."""
    from fercourse.results.teachers import teacher_probabilities

    if not options.teachers:
        if recipe.distillation:
            raise ValueError(
                f"--distillation {recipe.distillation:g} needs --teachers: names of "
                f"finished runs."
            )
        return None
    checkpoints = options.checkpoints or CHECKPOINTS
    print(
        f"Asking {len(options.teachers)} teacher(s) about {len(data.train):,} faces.",
        flush=True,
    )
    return teacher_probabilities(
        options.teachers,
        data,
        temperature=options.temperature,
        results=find_results(options),
        checkpoints=checkpoints,
        answers=checkpoints.parent / "teachers",
    )


def _shipped_weights(experiment: Experiment, practice: bool) -> Path:
    """Where the weights of a pocket model go; `ValueError` for an experiment that is not shipped."""
    from fercourse.models.pocket import SHIPPED_MODELS, pocket_name

    after = experiment.configuration.get("after")
    if after is not None and not isinstance(after, str):
        raise ValueError("--ship takes one place: one name after --after.")
    pocket = pocket_name(after, experiment.configuration.get("combine", "concat"))
    kind = "practice" if practice else "pocket"
    if experiment.name != f"{pocket}-{kind}-seed0":
        raise ValueError(
            f"--ship is for pocket models of the {kind} recipe with seed 0 (--pocket)."
        )
    return (
        SHIPPED_MODELS / "practice" if practice else SHIPPED_MODELS
    ) / f"{pocket}.weights.h5"


def print_evaluation(run) -> None:
    """Print every figure of a `Run`, a line for each half and number of views."""
    from fercourse.results.runs import HALVES, evaluate

    epochs = len(run.history["epochs"]["public"])
    print(
        f"{run.name}: {run.parameters:,} parameters, {epochs} epochs, "
        f"{run.provenance['hardware']}"
    )
    for half in HALVES:
        seen = {"1 view": run.single}
        if run.recipe["views"] > 1:
            seen[f"{run.recipe['views']} views"] = run.multi
        for views, answers in seen.items():
            figures = evaluate(answers[half])
            print(
                f"  {'PublicTest' if half == 'public' else 'PrivateTest'}, {views}: "
                f"{figures.accuracy:.2f} % ({figures.correct} of {figures.count}; 95 "
                f"% interval "
                f"{figures.low:.2f} to {figures.high:.2f}), not in Training "
                f"{figures.unseen:.2f} %, "
                f"macro-F1 {figures.macro_f1:.2f}, calibration error "
                f"{figures.calibration_error:.2f}"
            )
