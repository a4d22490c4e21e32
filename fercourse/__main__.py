"""`python -m fercourse check · download · train · evaluate · table3 · facts · card`."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from fercourse import __version__
from fercourse.machine import REPOSITORY, hardware, load_backend

CHECKPOINTS = REPOSITORY / "data" / "checkpoints"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0, 1 when something is wrong, 2 for a wrong call."""
    for stream in (sys.stdout, sys.stderr):  # a Windows console may know no "ș" and no "–"
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (ValueError, OSError) as error:
        print(f"fercourse: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fercourse: interrupted.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fercourse", description="The course's library from the command line."
    )
    parser.add_argument("--version", action="version", version=f"fercourse {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="is everything there that the lessons need?")
    check.set_defaults(command=_check)

    download = commands.add_parser("download", help="get FER2013 (about 300 MB, no account needed)")
    download.add_argument("--folder", type=Path, default=REPOSITORY / "data", help="default: data")
    download.set_defaults(command=_download)

    _add_train(commands.add_parser("train", help="train a model on FER2013 and keep the run"))

    evaluate = commands.add_parser("evaluate", help="every figure of stored runs, checked against FER2013")
    evaluate.add_argument("names", nargs="*", metavar="RUN", help="names of runs; all without")
    _add_places(evaluate)
    evaluate.set_defaults(command=_evaluate)

    table3 = commands.add_parser("table3", help="the paper's Table III and the measured rows, from runs")
    table3.add_argument("--format", choices=("text", "csv", "markdown"), default="text")
    table3.add_argument("--results", type=Path, default=None, help="folder of runs; default: data/results")
    table3.set_defaults(command=_table3)

    facts = commands.add_parser("facts", help="counts of FER2013 and FER+, compared with the stored table")
    facts.add_argument("--data", type=Path, default=None, help="FER2013, file or folder; found without")
    facts.add_argument("--ferplus", type=Path, default=None, help="fer2013new.csv; found without")
    facts.add_argument("--write", action="store_true", help="write data/fer2013_facts.json instead")
    facts.set_defaults(command=_facts)

    card = commands.add_parser("card", help="the card of the shipped models, from their runs")
    card.add_argument("--write", action="store_true", help="write data/MODEL_CARD.md instead")
    card.set_defaults(command=_card)
    return parser


def _add_places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, help="FER2013, file or folder, found without; or `practice`, for practice faces"
    )
    parser.add_argument(
        "--results", type=Path, help="folder of runs; default: data/results, and `practice` in it for such"
    )


def _add_train(parser: argparse.ArgumentParser) -> None:
    model = parser.add_argument_group("the model (see fercourse.models)")
    model.add_argument("--system", default="vgg19_attention", help="default: vgg19_attention, the paper's")
    model.add_argument("--after", nargs="+", default=["block5_pool"], help="default: block5_pool")
    model.add_argument("--combine", default="concat", help="concat (default), multiply or residual")
    model.add_argument("--kernel-size", type=int, default=7, help="of the attention convolution; default: 7")
    model.add_argument("--size", type=int, default=224, help="side of the enlarged face; default: 224")
    model.add_argument("--width", type=float, default=1.0, help="fraction of the channels; pocket: 0.25")
    model.add_argument("--weights", default="imagenet", help="imagenet (default), a path, or none")
    model.add_argument("--dropout", type=float, default=0.5, help="before the head; default: 0.5")
    model.add_argument("--units", type=int, default=None, help="hidden neurons; default: 4096 × width")
    model.add_argument(
        "--pocket",
        action="store_true",
        help="a pocket model: only --system, --after and --combine are then looked at",
    )
    recipe = parser.add_argument_group("the recipe (see fercourse.recipes)")
    recipe.add_argument("--recipe", default=None, help="practice, pocket, paper (default) or best")
    recipe.add_argument("--epochs", type=int, default=None, help="default: the recipe's")
    recipe.add_argument("--warmup-epochs", type=int, default=None, help="default: the recipe's")
    recipe.add_argument("--head-epochs", type=int, default=None, help="default: the recipe's")
    recipe.add_argument("--batch-size", type=int, default=None, help="default: the recipe's")
    recipe.add_argument("--precision", default=None, help="default: the recipe's")
    recipe.add_argument("--views", type=int, default=None, help="1, 2, 10 or 16; default: the recipe's")
    recipe.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument("--minutes", type=float, default=None, help="stop after so long; go on with the same")
    parser.add_argument("--name", default=None, help="of the run; default: from model and recipe")
    parser.add_argument("--ship", action="store_true", help="write 16-bit weights into data/models as well")
    _add_places(parser)
    parser.set_defaults(command=_train)


def _check(_: argparse.Namespace) -> int:
    from fercourse.checkup import check

    lines, healthy = check()
    print("\n".join(lines))
    return 0 if healthy else 1


def _download(options: argparse.Namespace) -> int:
    from fercourse.download import download_fer2013

    path = download_fer2013(options.folder)
    print(f"FER2013 is here: {path.name}, verified. Next: `make lab`, or `python -m fercourse train`.")
    return 0


def _configuration(options: argparse.Namespace) -> dict:
    from fercourse.models import pocket_configuration

    after = options.after[0] if len(options.after) == 1 else options.after
    if options.pocket:
        return pocket_configuration(None if options.system == "vgg19" else after, options.combine)
    configuration = {
        "system": options.system,
        "size": options.size,
        "weights": None if options.weights == "none" else options.weights,
        "width": options.width,
        "dropout": options.dropout,
    }
    if options.units is not None:
        configuration["units"] = options.units
    if options.system == "vgg19_attention":
        configuration |= {"after": after, "combine": options.combine, "kernel_size": options.kernel_size}
    return configuration


def _recipe(options: argparse.Namespace):
    from fercourse.recipes import RECIPES

    name = options.recipe or ("pocket" if options.pocket else "paper")
    if name not in RECIPES:
        raise ValueError(f"--recipe {name} is unknown; expected one of {', '.join(RECIPES)}.")
    wanted = ("epochs", "warmup_epochs", "head_epochs", "batch_size", "precision", "views", "seed")
    changed = {field: getattr(options, field) for field in wanted if getattr(options, field) is not None}
    return RECIPES[name].changed(**changed)


def run_name(configuration: dict, recipe: dict) -> str:
    """The default name of a run, such as "vgg19_attention-block5-concat-224-paper-seed0"."""
    from fercourse.models import pocket_configuration, pocket_name

    after, combine = configuration.get("after"), configuration.get("combine", "concat")
    places = (after,) if after is None or isinstance(after, str) else tuple(after)
    if len(places) == 1 and configuration == pocket_configuration(after, combine):
        model = pocket_name(after, combine)
    else:
        width, scratch = configuration["width"], configuration["weights"] is None
        parts = (
            configuration["system"],
            "+".join(place.removesuffix("_pool") for place in places if place),
            configuration.get("combine"),
            configuration["size"],
            f"width{width:g}" if width != 1 else "",
            "scratch" if scratch else "",
        )
        model = "-".join(str(part) for part in parts if part)
    return f"{model}-{recipe['name']}-seed{recipe['seed']}"


def _train(options: argparse.Namespace) -> int:
    load_backend()
    from fercourse.models import SHIPPED_MODELS, build_model, save_weights_16bit
    from fercourse.runs import make_run, require_own_name, save_run
    from fercourse.training import prepare, train

    recipe, configuration = _recipe(options), _configuration(options)
    name = options.name or run_name(configuration, recipe.as_dict())
    stored_configuration = _without_paths(configuration)
    results, practice = _results(options), _on_practice_faces(options)
    require_own_name(name, stored_configuration, recipe.as_dict(), results)
    kind = "practice" if practice else "pocket"
    if options.ship and name != f"{_shipped_name(configuration)}-{kind}-seed0":
        raise ValueError(f"--ship is for pocket models of the {kind} recipe with seed 0 (--pocket).")
    data = _data(options)
    data.test.require_labels("evaluation")
    prepare(recipe)
    model = build_model(configuration)
    print(f"{name}: {model.count_params():,} parameters, on {hardware()}; {data.source}, {data.integrity}.")
    folder = CHECKPOINTS / name
    history = train(
        model, data, recipe, folder=folder, minutes=options.minutes, configuration=stored_configuration
    )
    if not history.finished:
        print(f"Stopped after {len(history.epochs)} of {recipe.epochs} epochs; the same command goes on.")
        return 1
    if options.ship:
        shipped = SHIPPED_MODELS / "practice" if practice else SHIPPED_MODELS
        shipped.mkdir(parents=True, exist_ok=True)
        path = shipped / f"{_shipped_name(configuration)}.weights.h5"
        save_weights_16bit(model, path)
        model.load_weights(path)  # what is tested must be what is shipped
    model.save(folder / f"{name}.keras")
    run = make_run(name, model, data, stored_configuration, recipe, history)
    if practice:
        run.provenance["selected"] = "best epoch on the validation faces"
    save_run(run, results)
    _print_evaluation(run)
    return 0


def _shipped_name(configuration: dict) -> str:
    from fercourse.models import pocket_name

    after = configuration.get("after")
    if after is not None and not isinstance(after, str):
        raise ValueError("--ship takes one place: one name after --after.")
    return pocket_name(after, configuration.get("combine", "concat"))


def _on_practice_faces(options: argparse.Namespace) -> bool:
    return options.data == Path("practice")


def _data(options: argparse.Namespace):
    from fercourse.fer2013 import load_fer2013
    from fercourse.lesson import cached_practice_data

    return cached_practice_data() if _on_practice_faces(options) else load_fer2013(options.data)


def _results(options: argparse.Namespace) -> Path:
    from fercourse.runs import RESULTS

    return options.results or (RESULTS / "practice" if _on_practice_faces(options) else RESULTS)


def _without_paths(configuration: dict) -> dict:
    """A run names no folder of the machine it was made on."""
    weights = configuration["weights"]
    if weights is None or weights == "imagenet":
        return configuration
    return {**configuration, "weights": Path(weights).name}


def _evaluate(options: argparse.Namespace) -> int:
    load_backend()
    from fercourse.runs import read_run, read_runs, verify_run

    folder = _results(options)
    runs = [read_run(folder / f"{name}.json") for name in options.names] or read_runs(folder)
    if not runs:
        raise ValueError("no stored runs; make one with `python -m fercourse train`.")
    for run in runs:
        _print_evaluation(run)
    try:
        data = _data(options)
    except FileNotFoundError:
        print("FER2013 is not here, so the runs were not checked against its labels.")
        return 0
    faults = [fault for run in runs for fault in verify_run(run, data)]
    print("\n".join(faults) or f"{len(runs)} run(s) agree with the labels of {data.source}.")
    return 1 if faults else 0


def _print_evaluation(run) -> None:
    from fercourse.runs import HALVES, evaluate

    epochs = len(run.history["epochs"]["public"])
    print(f"{run.name}: {run.parameters:,} parameters, {epochs} epochs, {run.provenance['hardware']}")
    for half in HALVES:
        seen = {"1 view": run.single}
        if run.recipe["views"] > 1:
            seen[f"{run.recipe['views']} views"] = run.multi
        for views, answers in seen.items():
            figures = evaluate(answers[half])
            print(
                f"  {'PublicTest' if half == 'public' else 'PrivateTest'}, {views}: "
                f"{figures.accuracy:.2f} % ({figures.correct} of {figures.count}; 95 % interval "
                f"{figures.low:.2f} to {figures.high:.2f}), not in Training {figures.unseen:.2f} %, "
                f"macro-F1 {figures.macro_f1:.2f}, calibration error {figures.calibration_error:.2f}"
            )


def _table3(options: argparse.Namespace) -> int:
    load_backend()
    from fercourse.runs import RESULTS, read_runs
    from fercourse.table3 import as_csv, as_markdown, as_text, table3

    runs = read_runs(options.results or RESULTS)
    draw = {"text": as_text, "markdown": as_markdown, "csv": lambda runs: as_csv(table3(runs))}
    print(draw[options.format](runs), end="")
    return 0


def _facts(options: argparse.Namespace) -> int:
    from fercourse import exploration
    from fercourse.fer2013 import load_fer2013

    data, path = load_fer2013(options.data), options.ferplus or exploration.find_ferplus()
    if data.mixed or not data.test.labelled:
        raise ValueError(f"the facts need FER2013's three splits with labels; {' '.join(data.reports)}")
    votes = None if path is None else exploration.read_ferplus(path)
    found = exploration.facts(data, votes)
    for name, fact in found.items():
        print(f"{name}: {fact['value']} ({fact['meaning']})")
    if votes is None:
        print("The votes of FER+ are not here, so its facts were left out; --ferplus names the file.")
    if options.write:
        exploration.write_facts(found, data)
        print(f"{exploration.FACTS.name} is written.")
        return 0
    differing = exploration.differing_facts(found)
    print("\n".join(differing) or f"All {len(found)} facts agree with {exploration.FACTS.name}.")
    return 1 if differing else 0


def _card(options: argparse.Namespace) -> int:
    load_backend()
    from fercourse.model_card import MODEL_CARD, model_card, shipped_runs
    from fercourse.runs import read_runs

    page = model_card(shipped_runs(read_runs()))
    if not options.write:
        print(page, end="")
        return 0
    beside = MODEL_CARD.with_name(f".{MODEL_CARD.name}.part")
    beside.write_text(page, encoding="utf-8")
    beside.replace(MODEL_CARD)
    print(f"{MODEL_CARD.name} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
