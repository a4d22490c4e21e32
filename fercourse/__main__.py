"""`python -m fercourse check · download · train · search · evaluate · table3 · facts · card`."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from fercourse import __version__
from fercourse.commands.queue import add_queue_options, run_queue
from fercourse.commands.train import (
    add_places,
    add_train_options,
    find_data,
    find_results,
    on_practice_faces,
    print_evaluation,
    train_one,
)
from fercourse.machine import REPOSITORY, load_backend, write_whole

SEARCH_ON_SEVERAL_MACHINES = """\
Several machines can share one search. On each, set KERASTUNER_ORACLE_IP and KERASTUNER_ORACLE_PORT to
the address of one of them, and KERASTUNER_TUNER_ID to a name of its own (tuner0, tuner1, ...); then give
the same command. One more process, on the machine with that address, has KERASTUNER_TUNER_ID=chief: it
trains nothing, hands out the trials, and prints the table. A process that was stopped takes its trial up
again under the same name. The connection is neither encrypted nor protected by a password: use a network
that you trust.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0, 1 when something is wrong, 2 for a wrong call."""
    for stream in (
        sys.stdout,
        sys.stderr,
    ):  # a Windows console may know no "ș" and no "–"
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
        prog="python -m fercourse",
        description="The course's library from the command line.",
    )
    parser.add_argument(
        "--version", action="version", version=f"fercourse {__version__}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser(
        "check", help="is everything there that the lessons need?"
    )
    check.set_defaults(command=_check)

    download = commands.add_parser(
        "download", help="get FER2013 (about 300 MB, no account needed)"
    )
    download.add_argument(
        "--folder", type=Path, default=REPOSITORY / "data", help="default: data"
    )
    download.set_defaults(command=_download)

    train = commands.add_parser(
        "train", help="train a model on FER2013 and keep the run"
    )
    add_train_options(train)
    add_queue_options(train)
    train.set_defaults(command=_train)

    _add_search(commands)

    evaluate = commands.add_parser(
        "evaluate", help="every figure of stored runs, checked against FER2013"
    )
    evaluate.add_argument(
        "names", nargs="*", metavar="RUN", help="names of runs; all without"
    )
    add_places(evaluate)
    evaluate.set_defaults(command=_evaluate)

    table3 = commands.add_parser(
        "table3", help="the paper's Table III and the measured rows, from runs"
    )
    table3.add_argument("--format", choices=("text", "csv", "markdown"), default="text")
    table3.add_argument(
        "--results",
        type=Path,
        default=None,
        help="folder of runs; default: data/results",
    )
    table3.set_defaults(command=_table3)

    facts = commands.add_parser(
        "facts", help="counts of FER2013 and FER+, compared with the stored table"
    )
    facts.add_argument(
        "--data", type=Path, default=None, help="FER2013, file or folder; found without"
    )
    facts.add_argument(
        "--ferplus", type=Path, default=None, help="fer2013new.csv; found without"
    )
    facts.add_argument(
        "--write", action="store_true", help="write data/fer2013_facts.json instead"
    )
    facts.set_defaults(command=_facts)

    card = commands.add_parser(
        "card", help="the card of the shipped models, from their runs"
    )
    card.add_argument(
        "--write", action="store_true", help="write data/MODEL_CARD.md instead"
    )
    card.set_defaults(command=_card)
    return parser


def _add_search(commands) -> None:
    search = commands.add_parser(
        "search",
        help="random search for the widths, dropout, units and learning rate of "
        "tuned_cnn",
        description="A random search with KerasTuner. Trials are compared on "
        "PublicTest; PrivateTest is not\n"
        "looked at. It stops on Ctrl-C, and the same command goes on.",
        epilog=SEARCH_ON_SEVERAL_MACHINES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    search.add_argument(
        "--trials",
        type=int,
        default=20,
        help="how many; default: 20; may be raised later",
    )
    search.add_argument(
        "--epochs", type=int, default=10, help="of every trial; default: 10"
    )
    search.add_argument(
        "--width",
        type=float,
        default=0.25,
        help="fraction of the channels; default: 0.25",
    )
    search.add_argument(
        "--recipe", default="common", help="all but the learning rate; default: common"
    )
    search.add_argument(
        "--seed",
        type=int,
        default=0,
        help="of the search and of every trial; default: 0",
    )
    search.add_argument(
        "--minutes", type=float, help="stop after so long; go on with the same"
    )
    search.add_argument(
        "--folder", type=Path, help="of the search; default: one in data/search"
    )
    search.add_argument(
        "--data", type=Path, help="FER2013, found without; or `practice`"
    )
    search.set_defaults(command=_search)


def _check(_: argparse.Namespace) -> int:
    from fercourse.commands.check import check_installation

    lines, healthy = check_installation()
    print("\n".join(lines))
    return 0 if healthy else 1


def _download(options: argparse.Namespace) -> int:
    from fercourse.data.fer2013.download import download_fer2013

    path = download_fer2013(options.folder)
    print(
        f"FER2013 is here: {path.name}, verified. Next: `make lab`, or `python -m "
        f"fercourse train`."
    )
    return 0


def _train(options: argparse.Namespace) -> int:
    return train_one(options) if options.queue is None else run_queue(options)


def _search(options: argparse.Namespace) -> int:
    load_backend()
    from fercourse.commands.search import SEARCHES, as_command, as_text, search
    from fercourse.training.experiment import find_recipe

    recipe = find_recipe(options.recipe).changed(
        epochs=options.epochs, seed=options.seed
    )
    name = (
        f"width{options.width:g}-{recipe.name}-epochs{recipe.epochs}-seed{recipe.seed}"
    )
    place = "practice" if on_practice_faces(options) else ""
    data, folder = find_data(options), options.folder or SEARCHES / place / name
    trials, finished = search(
        data,
        recipe,
        folder,
        width=options.width,
        trials=options.trials,
        minutes=options.minutes,
    )
    if trials:
        print("\nCompared on PublicTest; PrivateTest was not looked at.\n")
        print(as_text(trials, len(data.validation)))
    if finished and trials and trials[0].accuracy is not None:
        more = f" --data {options.data}" if options.data else ""
        print(
            f"\nThe best as a run (more epochs make it "
            f"better):\n{as_command(trials[0])}{more}"
        )
    return 0 if finished else 1


def _evaluate(options: argparse.Namespace) -> int:
    load_backend()
    from fercourse.results.runs import read_run, runs, verify_run

    folder = find_results(options)
    stored = [read_run(name, folder) for name in options.names] or runs(folder)
    if not stored:
        raise ValueError("no stored runs; make one with `python -m fercourse train`.")
    for run in stored:
        print_evaluation(run)
    try:
        data = find_data(options)
    except FileNotFoundError:
        print("FER2013 is not here, so the runs were not checked against its labels.")
        return 0
    faults = [fault for run in stored for fault in verify_run(run, data)]
    print(
        "\n".join(faults)
        or f"{len(stored)} run(s) agree with the labels of {data.source}."
    )
    return 1 if faults else 0


def _table3(options: argparse.Namespace) -> int:
    load_backend()
    from fercourse.results.runs import RESULTS, runs
    from fercourse.results.table3.tables import as_csv, as_markdown, as_text

    stored = runs(options.results or RESULTS)
    draw = {"text": as_text, "markdown": as_markdown, "csv": as_csv}
    print(draw[options.format](stored), end="")
    return 0


def _facts(options: argparse.Namespace) -> int:
    from fercourse.data import facts, ferplus
    from fercourse.data.fer2013.load import load_fer2013

    data = load_fer2013(options.data)
    path = options.ferplus or ferplus.find_ferplus()
    if data.mixed or not data.test.labelled:
        raise ValueError(
            "the facts need FER2013's three splits with labels; "
            f"{' '.join(data.reports)}"
        )
    votes = None if path is None else ferplus.read_ferplus(path)
    computed = facts.facts(data, votes)
    for name, fact in computed.items():
        print(f"{name}: {fact['value']} ({fact['meaning']})")
    if votes is None:
        print(
            "The votes of FER+ are not here, so its facts were left out; --ferplus "
            "names the file."
        )
    if options.write:
        facts.write_facts(computed, data)
        print(f"{facts.FACTS.name} is written.")
        return 0
    differing = facts.differing_facts(computed)
    agree = f"All {len(computed)} facts agree with {facts.FACTS.name}."
    print("\n".join(differing) or agree)
    return 1 if differing else 0


def _card(options: argparse.Namespace) -> int:
    load_backend()
    from fercourse.commands.card import MODEL_CARD, model_card, shipped_runs
    from fercourse.results.runs import runs

    page = model_card(shipped_runs(runs()))
    if not options.write:
        print(page, end="")
        return 0
    with write_whole(MODEL_CARD) as part:
        part.write_text(page, encoding="utf-8")
    print(f"{MODEL_CARD.name} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
