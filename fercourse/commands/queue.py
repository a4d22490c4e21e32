"""`python -m fercourse train --queue`: the commands of `data/results/QUEUE.md`.

Each runs in a process of its own, because a run must not depend on what ran before it.
This process only waits: it imports no backend, so that memory and GPU are free.
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
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fercourse.commands.train import add_train_options, read_job
from fercourse.machine import REPOSITORY, has_accelerator, load_backend

QUEUE = REPOSITORY / "data" / "results" / "QUEUE.md"

SECTIONS = {"gpu": "## For a GPU", "cpu": "## For the CPU"}
"""The headings of the queue."""

COMMAND = ("python", "-m", "fercourse", "train")
"""How every command of the queue begins."""

_SEPARATOR = re.compile(r"\|[\s|:-]+\|")
_FOR_ALL = ("data", "results", "checkpoints")


@dataclass(frozen=True)
class WantedRun:
    """A row of the queue."""

    line: int  # its number in the file, from 1
    arguments: tuple[str, ...]  # what follows `train`
    name: str  # of the run
    stored: bool  # whether that run is there already


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
        "this machine (auto), a gpu or the cpu; only --minutes (for all together), "
        "--data, --results and --checkpoints go with it",
    )


def read_for_all(options: argparse.Namespace) -> dict[str, str]:
    """The options that every command of the queue gets; refuses all others."""
    default = argparse.ArgumentParser()
    add_train_options(default)
    usual = vars(default.parse_args([]))
    others = [name for name in usual if getattr(options, name) != usual[name]]
    wrong = [name for name in others if name not in (*_FOR_ALL, "minutes")]
    if wrong:
        wrong_options = ", ".join(f"--{name.replace('_', '-')}" for name in wrong)
        raise ValueError(
            f"{wrong_options} does not go with --queue: its lines say what is trained. "
            f"Only --minutes, {', '.join(f'--{name}' for name in _FOR_ALL)} do."
        )
    return {name: str(getattr(options, name)) for name in others if name in _FOR_ALL}


def run_queue(
    section: str,
    for_all: Mapping[str, str],
    minutes: float | None = None,
    path: Path = QUEUE,
) -> int:
    """Run the commands of the queue in order; returns 0 if all runs are there, else 1.

    Ctrl-C, or SIGTERM, lets the run under way write its checkpoint; no other starts.
    `section` is one of `SECTIONS` or "auto"; `minutes` limits all runs together.
    """
    # Keras knows names and devices. It is started in a process that ends before the
    # first run begins.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as elsewhere:
        title, queue = elsewhere.submit(plan, section, for_all, path).result()
    missing = [run for run in queue if not run.stored]
    print(f"{title}: {len(missing)} of {len(queue)} runs are wanted.")
    deadline = math.inf if minutes is None else time.monotonic() + 60 * minutes
    made, failed = _run_all(missing, deadline)
    for run in queue:
        if run.stored or run in made:
            print(f"Line {run.line} may go once its run is committed: {run.name}")
    for run, status in failed.items():
        print(f"Line {run.line} failed with exit status {status}: {run.name}")
    left = len(missing) - len(made) - len(failed)
    if left:
        print(f"Stopped; {left} still wanted. The same command goes on.")
    return 1 if failed or left else 0


def plan(
    section: str, for_all: Mapping[str, str], path: Path = QUEUE
) -> tuple[str, list[WantedRun]]:
    """The title of a section of the queue, and its runs; arguments as `run_queue`."""
    load_backend()
    if section == "auto":
        section = "gpu" if has_accelerator() else "cpu"
    runs: dict[str, WantedRun] = {}
    faults = []
    for line, row in queue_rows(section, path):
        try:
            run = _wanted_run(line, command_words(row), for_all)
            if run.name in runs:
                raise ValueError(f"{run.name} is in line {runs[run.name].line} too.")
            runs[run.name] = run
        except ValueError as error:
            faults.append(f"{path.name}, line {line}: {error}")
    if faults:
        raise ValueError("\n".join(faults))
    return f"{path.name}, {SECTIONS[section].strip('# ')}", list(runs.values())


def queue_rows(section: str, path: Path = QUEUE) -> Iterator[tuple[int, str]]:
    """The rows of a section's tables, without their heads, and their line numbers."""
    heading = SECTIONS[section]
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    if heading not in lines:
        raise ValueError(f"{path.name} has no section {heading!r}.")
    first = lines.index(heading) + 1
    for number, line in enumerate(lines[first:], start=first + 1):
        if line.startswith("## "):
            return
        # A head is the row above a separator; lines are counted from 1.
        around = (line, "".join(lines[number : number + 1]))
        if line.startswith("|") and not any(map(_SEPARATOR.fullmatch, around)):
            yield number, line


def command_words(row: str) -> list[str]:
    """The words after `train` in the last column of a row."""
    command = re.fullmatch(r"`([^`]+)`", row.strip("| ").split("|")[-1].strip())
    words = shlex.split(command[1]) if command else []
    if tuple(words[:4]) != COMMAND:
        raise ValueError(
            f"expected `{' '.join(COMMAND)} …` in the last column, found {row!r}."
        )
    return words[4:]


def _wanted_run(line: int, words: list[str], for_all: Mapping[str, str]) -> WantedRun:
    parser = _Parser(add_help=False)
    add_train_options(parser)
    own = vars(parser.parse_args(words))
    if own["minutes"] is not None:
        raise ValueError(
            "--minutes is for the whole queue: give it on the command line."
        )
    for name, value in for_all.items():
        if own[name] is None:
            words = [*words, f"--{name}", value]
    job = read_job(parser.parse_args(words))
    try:
        name = job.stored_name
        stored = (job.places.runs / f"{name}.json").is_file()
    except (ValueError, OSError):
        # Another experiment's run has its name, or its data are not here: `train` will
        # say so.
        name, stored = job.experiment.name, False
    return WantedRun(line, tuple(words), name, stored)


def _run_all(
    missing: list[WantedRun], deadline: float
) -> tuple[list[WantedRun], dict[WantedRun, int]]:
    """Run until all are made or it is time to stop: what was made, and what failed."""
    made: list[WantedRun] = []
    failed: dict[WantedRun, int] = {}
    with _Stopping() as stopping:
        for number, run in enumerate(missing, start=1):
            if stopping.asked or time.monotonic() > deadline:
                break
            words = ["-m", "fercourse", "train", *run.arguments]
            command = shlex.join(["python", *words])
            print(f"\n[{number} of {len(missing)}] {command}", flush=True)
            if math.isfinite(deadline):
                words += ["--minutes", f"{(deadline - time.monotonic()) / 60:.3f}"]
            status = stopping.run([sys.executable, *words])
            if status == 0:
                made.append(run)
            elif not stopping.asked and time.monotonic() <= deadline:
                failed[run] = status
    print()
    return made, failed


class _Stopping:
    """A context in which Ctrl-C and SIGTERM end this process only after its child."""

    def __init__(self) -> None:
        self.asked = False
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> _Stopping:
        self.before = {
            number: signal.signal(number, self._stop)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(self, *_) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, _) -> None:
        self.asked = True
        # Ctrl-C reaches every process of the terminal, so the child has it already;
        # SIGTERM is passed on as what makes `train` write its checkpoint.
        if number == signal.SIGTERM and self.process is not None:
            self.process.send_signal(signal.SIGINT)

    def run(self, words: list[str]) -> int:
        """Run a command to its end; returns its exit status."""
        with subprocess.Popen(words) as self.process:
            return self.process.wait()
