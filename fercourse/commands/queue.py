"""The queue of runs: the commands in `data/results/QUEUE.md`, one after the other, each in its own process.

A fresh process for each, because a run must not depend on what ran before it. This one
only waits: it imports no backend, so that memory and GPU are free for the run.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fercourse.commands.options import read_experiment
from fercourse.commands.train import add_train_options, find_results
from fercourse.machine import REPOSITORY, has_accelerator, load_backend
from fercourse.training.experiment import Experiment

QUEUE = REPOSITORY / "data" / "results" / "QUEUE.md"

SECTIONS = {"gpu": "## For a GPU", "cpu": "## For the CPU"}
"""The headings of the queue."""

_COMMAND = ["python", "-m", "fercourse", "train"]
_FOR_ALL = ("data", "results", "checkpoints")
_SEPARATOR = re.compile(r"\|[\s|:-]+\|")


@dataclass(frozen=True)
class WantedRun:
    """A line of the queue.

    Attributes:
        line: its number in the file, from 1.
        arguments: what follows `train`.
        name: of the run.
        stored: whether that run is there already.
    """

    line: int
    arguments: tuple[str, ...]
    name: str
    stored: bool


class _Parser(argparse.ArgumentParser):
    """Raises what is wrong, where its parent would print it and exit."""

    def error(self, message: str):
        raise ValueError(message)


def add_queue_options(parser: argparse.ArgumentParser) -> None:
    """Give the parser of `train` the option that starts the queue."""
    parser.add_argument(
        "--queue",
        nargs="?",
        const="auto",
        choices=("auto", *SECTIONS),
        help="run all commands of data/results/QUEUE.md that were not run yet, for "
        "this machine (auto), a "
        "gpu or the cpu; only --minutes (for all together), --data, --results and "
        "--checkpoints go with it",
    )


def run_queue(options: argparse.Namespace, path: Path = QUEUE) -> int:
    """Run what the queue wants, in its order; returns 0 when all of it is there, else 1.

    Ctrl-C, or SIGTERM, lets the run under way write its checkpoint; nothing further
    starts.

    Args:
        options: of `train`, with `queue`.
        path: of the queue.

    Raises:
        ValueError: options that do not go with `--queue`, or lines that cannot be read.
        OSError: there is no queue.
    """
    passed = _passed_on(options)
    # Keras tells names and devices. It is started in a process that ends before the
    # first run begins.
    with ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn")
    ) as elsewhere:
        section, wanted = elsewhere.submit(plan, path, options.queue, passed).result()
    missing = [run for run in wanted if not run.stored]
    print(
        f"{path.name}, {SECTIONS[section].strip('# ')}: {len(missing)} of "
        f"{len(wanted)} runs are wanted."
    )
    deadline = (
        math.inf if options.minutes is None else time.monotonic() + 60 * options.minutes
    )
    made, failed = _run_all(missing, deadline)
    for run in wanted:
        if run.stored or run in made:
            print(f"Line {run.line} may go once its run is committed: {run.name}")
    for run, status in failed.items():
        print(f"Line {run.line} failed with exit status {status}: {run.name}")
    left = len(missing) - len(made) - len(failed)
    if left:
        print(f"Stopped; {left} still wanted. The same command goes on.")
    return 1 if failed or left else 0


def _passed_on(options: argparse.Namespace) -> dict[str, str]:
    """Those of the user's options that every command gets, by name."""
    default = argparse.ArgumentParser()
    add_train_options(default)
    usual = vars(default.parse_args([]))
    others = [name for name in usual if getattr(options, name) != usual[name]]
    wrong = [
        f"--{name.replace('_', '-')}"
        for name in others
        if name not in (*_FOR_ALL, "minutes")
    ]
    if wrong:
        raise ValueError(
            f"{', '.join(wrong)} does not go with --queue: its lines say what is "
            f"trained. Only --minutes, "
            f"{', '.join(f'--{name}' for name in _FOR_ALL)} do."
        )
    return {name: str(getattr(options, name)) for name in others if name in _FOR_ALL}


def plan(
    path: Path, section: str, passed: dict[str, str]
) -> tuple[str, list[WantedRun]]:
    """The section of the queue that is meant, and its lines.

    Args:
        path: of the queue.
        section: one of `SECTIONS`, or "auto" for that of this machine.
        passed: options that every command gets unless it has its own, by name.

    Raises:
        ValueError: lines that cannot be read, all of them, with their numbers.
        OSError: there is no queue.
    """
    load_backend()
    if section == "auto":
        section = "gpu" if has_accelerator() else "cpu"
    wanted: dict[str, WantedRun] = {}
    faults = []
    for line, row in _rows(path, SECTIONS[section]):
        try:
            run = _wanted_run(line, row, passed)
            if run.name in wanted:
                raise ValueError(
                    f"{run.name} stands in line {wanted[run.name].line} already."
                )
            wanted[run.name] = run
        except ValueError as error:
            faults.append(f"{path.name}, line {line}: {error}")
    if faults:
        raise ValueError("\n".join(faults))
    return section, list(wanted.values())


def _rows(path: Path, heading: str) -> Iterator[tuple[int, str]]:
    """The rows of all tables below a heading, without their heads, and their line numbers."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if heading not in lines:
        raise ValueError(f"{path.name} has no section {heading!r}.")
    for index in range(lines.index(heading) + 1, len(lines)):
        line, following = (
            lines[index].strip(),
            "".join(lines[index + 1 : index + 2]).strip(),
        )
        if line.startswith("## "):
            return
        if line.startswith("|") and not any(
            map(_SEPARATOR.fullmatch, (line, following))
        ):
            yield index + 1, line


def _wanted_run(line: int, row: str, passed: dict[str, str]) -> WantedRun:
    command = re.fullmatch(r"`([^`]+)`", row.strip("| ").split("|")[-1].strip())
    words = shlex.split(command[1]) if command else []
    if words[:4] != _COMMAND:
        raise ValueError(
            f"expected `{' '.join(_COMMAND)} …` in the last column, found {row!r}."
        )
    parser = _Parser(add_help=False)
    add_train_options(parser)
    own = vars(parser.parse_args(words[4:]))
    if own["minutes"] is not None:
        raise ValueError(
            "--minutes is for the whole queue: give it on the command line."
        )
    more = {name: value for name, value in passed.items() if own[name] is None}
    arguments = (
        *words[4:],
        *(word for name, value in more.items() for word in (f"--{name}", value)),
    )
    options = parser.parse_args(arguments)
    experiment = read_experiment(options)
    return WantedRun(
        line, arguments, experiment.name, _is_stored(experiment, find_results(options))
    )


def _is_stored(experiment: Experiment, results: Path) -> bool:
    from fercourse.results.runs import require_own_name

    try:
        require_own_name(
            experiment.name,
            experiment.stored_configuration,
            experiment.recipe.as_dict(),
            results,
        )
    except ValueError:  # another run has its name; `train` will say so
        return False
    return (results / f"{experiment.name}.json").is_file()


def _run_all(
    missing: list[WantedRun], deadline: float
) -> tuple[list[WantedRun], dict[WantedRun, int]]:
    """Run them until all are made or it is time to stop: those that were made, and those that failed."""
    made: list[WantedRun] = []
    failed: dict[WantedRun, int] = {}
    with _Stopping() as stopping:
        for number, run in enumerate(missing, start=1):
            if stopping.asked or time.monotonic() > deadline:
                break
            print(
                f"\n[{number} of {len(missing)}] "
                f"{shlex.join([*_COMMAND, *run.arguments])}",
                flush=True,
            )
            status = stopping.run(run, deadline)
            if status == 0:
                made.append(run)
            elif not stopping.asked and time.monotonic() <= deadline:
                failed[run] = status
    print()
    return made, failed


class _Stopping:
    """Within it Ctrl-C and SIGTERM ask to stop, and never stop this process before its child."""

    def __init__(self) -> None:
        self.asked = False
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> _Stopping:
        self.before = {
            signal.SIGINT: signal.signal(signal.SIGINT, self._interrupted),
            signal.SIGTERM: signal.signal(signal.SIGTERM, self._terminated),
        }
        return self

    def __exit__(self, *_) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _interrupted(self, *_) -> None:
        self.asked = True  # Ctrl-C reaches every process of the terminal, so the child has it too

    def _terminated(self, *_) -> None:
        self.asked = True
        if self.process is not None:
            self.process.send_signal(
                signal.SIGINT
            )  # which makes `train` write its checkpoint

    def run(self, run: WantedRun, deadline: float) -> int:
        """Run one command to its end; returns its exit status."""
        words = [sys.executable, *_COMMAND[1:], *run.arguments]
        if math.isfinite(deadline):
            words += ["--minutes", f"{(deadline - time.monotonic()) / 60:.3f}"]
        with subprocess.Popen(words) as self.process:
            return self.process.wait()
