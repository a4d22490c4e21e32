"""The command line: `python -m fercourse`, which loads a command when it is given."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from fercourse import __version__
from fercourse.commands.check import print_check
from fercourse.commands.evaluate import evaluate_runs
from fercourse.commands.facts import compare_facts
from fercourse.commands.places import Places, add_places
from fercourse.commands.queue import add_queue_options, read_for_all, run_queue
from fercourse.commands.table3 import print_table3
from fercourse.commands.train import add_train_options, read_job, train_one
from fercourse.data.faces import FER2013
from fercourse.machine import REPOSITORY, load_backend

SEARCH_ON_SEVERAL_MACHINES = """\
Several machines can share one search. On each, set KERASTUNER_ORACLE_IP and
KERASTUNER_ORACLE_PORT to the address of one of them, and KERASTUNER_TUNER_ID to a name
of its own (tuner0, tuner1, ...); then give the same command. One more process, on the
machine with that address, has KERASTUNER_TUNER_ID=chief: it trains nothing, hands out
the trials, and prints the table. A process that was stopped takes its trial up again
under the same name. The connection is neither encrypted nor protected by a password:
use a network that you trust.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0, or 1 when something is wrong."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A Windows console may know no "ș" and no "–".
            stream.reconfigure(encoding="utf-8")
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (ValueError, OSError, FloatingPointError) as error:
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

    def add(name: str, command: Callable[..., int], help: str, **more):
        subparser = commands.add_parser(name, help=help, **more)
        subparser.set_defaults(command=command)
        return subparser

    add("check", lambda _: print_check(), "is everything there that the lessons need?")
    download = add(
        "download", _download, "get FER2013 (about 300 MB, no account needed)"
    )
    folder = REPOSITORY / "data"
    download.add_argument("--folder", type=Path, default=folder, help="default: data")
    train = add("train", _train, "train a model on FER2013 and keep the run")
    add_train_options(train)
    add_queue_options(train)
    _add_search_options(
        add(
            "search",
            _search,
            "random search for the widths, dropout, units and learning rate of "
            "tuned_cnn",
            description="A random search with KerasTuner. Trials are compared on "
            "PublicTest; PrivateTest is not\nlooked at. It stops on Ctrl-C, and the "
            "same command goes on.",
            epilog=SEARCH_ON_SEVERAL_MACHINES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    evaluate = add(
        "evaluate", _evaluate, "every figure of stored runs, checked against FER2013"
    )
    names_help = "names of runs; all without"
    evaluate.add_argument("names", nargs="*", metavar="RUN", help=names_help)
    add_places(evaluate)
    table3 = add(
        "table3", _table3, "the paper's Table III and the measured rows, from runs"
    )
    table3.add_argument("--format", choices=("text", "csv", "markdown"), default="text")
    table3.add_argument(
        "--results", type=Path, help="folder of runs; default: data/results"
    )
    table3.add_argument(
        "--data",
        default=FER2013,
        help="a data set with runs of its own, such as practice or ferplus, by its "
        "name or how that begins; default: fer2013",
    )
    facts = add(
        "facts", _facts, "counts of FER2013 and FER+, compared with the stored table"
    )
    facts.add_argument(
        "--data", type=Path, help="FER2013, file or folder; found without"
    )
    facts.add_argument("--ferplus", type=Path, help="fer2013new.csv; found without")
    facts.add_argument(
        "--write", action="store_true", help="write data/fer2013_facts.json instead"
    )
    card = add("card", _card, "the card of the shipped models, from their runs")
    card.add_argument(
        "--write", action="store_true", help="write data/MODEL_CARD.md instead"
    )
    grade = add(
        "grade",
        _grade,
        "run students' notebooks; print the exercises solved, tried and in all as CSV",
        description="Runs every notebook in a folder and its subfolders, one for each "
        "student, and counts the exercises whose checks say that they are right. This "
        "runs other people's code with your rights: use a container.",
    )
    grade.add_argument("folder", type=Path, metavar="FOLDER")
    minutes_help = "stop a notebook after so long; default: 15"
    grade.add_argument("--minutes", type=float, default=15, help=minutes_help)
    release = add("release", _release, "copy the course without its solutions")
    release.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder")
    release.add_argument(
        "--repository",
        metavar="OWNER/NAME",
        help="where on GitHub your students will find it, for the links to Colab",
    )
    return parser


def _add_search_options(search: argparse.ArgumentParser) -> None:
    for name, kind, default, text in (
        ("trials", int, 20, "how many; default: 20; may be raised later"),
        ("epochs", int, 10, "of every trial; default: 10"),
        ("width", float, 0.25, "fraction of the channels; default: 0.25"),
        ("recipe", str, "common", "all but the learning rate; default: common"),
        ("seed", int, 0, "of the search and of every trial; default: 0"),
        ("minutes", float, None, "stop after so long; go on with the same"),
        ("folder", Path, None, "of the search; default: one in data/search"),
        ("data", Path, None, "FER2013, found without; or `practice`"),
    ):
        search.add_argument(f"--{name}", type=kind, default=default, help=text)


# Each command loads what it needs only when it runs: `--help` needs no Keras.


def _download(options: argparse.Namespace) -> int:
    from fercourse.data.fer2013.download import download_fer2013

    path = download_fer2013(options.folder)
    print(f"FER2013 is here: {path.name}, verified.", end=" ")
    print("Next: `make lab`, or `python -m fercourse train`.")
    return 0


def _train(options: argparse.Namespace) -> int:
    if options.queue is not None:
        return run_queue(options.queue, read_for_all(options), options.minutes)
    load_backend()
    return train_one(read_job(options))


def _search(options: argparse.Namespace) -> int:
    load_backend()
    from fercourse.commands.search import print_search
    from fercourse.training.experiment import find_recipe

    recipe = find_recipe(options.recipe)
    return print_search(
        Places(options.data),
        recipe.changed(epochs=options.epochs, seed=options.seed),
        width=options.width,
        trials=options.trials,
        folder=options.folder,
        minutes=options.minutes,
    )


def _evaluate(options: argparse.Namespace) -> int:
    return evaluate_runs(options.names, Places(options.data, options.results))


def _table3(options: argparse.Namespace) -> int:
    return print_table3(options.format, options.results, options.data)


def _facts(options: argparse.Namespace) -> int:
    return compare_facts(options.data, options.ferplus, options.write)


def _card(options: argparse.Namespace) -> int:
    load_backend()
    from fercourse.commands.card import print_card

    return print_card(options.write)


def _grade(options: argparse.Namespace) -> int:
    from fercourse.commands.grade import print_grades

    return print_grades(options.folder, options.minutes)


def _release(options: argparse.Namespace) -> int:
    from fercourse.commands.release import PUBLIC, make_release

    return make_release(options.folder, options.repository or PUBLIC)


if __name__ == "__main__":
    sys.exit(main())
