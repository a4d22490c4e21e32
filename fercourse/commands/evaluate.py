"""`python -m fercourse evaluate`: figures of stored runs, checked against FER2013."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fercourse.commands.places import Places
from fercourse.data.faces import FER2013, SPLITS
from fercourse.machine import load_backend

if TYPE_CHECKING:
    from fercourse.results.runs import Run


def evaluate_runs(names: Sequence[str], places: Places) -> int:
    """Print and check these runs, or all; returns 1 if one contradicts the labels."""
    load_backend()
    from fercourse.results.runs import RESULTS, read_run, runs, verify_run

    stored = [read_run(name, places.runs) for name in names]
    stored = stored or runs(places.data_name, places.results or RESULTS)
    if not stored:
        raise ValueError("no stored runs; make one with `python -m fercourse train`.")
    for run in stored:
        print_evaluation(run)
    try:
        data = places.faces
    except FileNotFoundError:
        print("FER2013 is not here, so the runs were not checked against its labels.")
        return 0
    faults = [fault for run in stored for fault in verify_run(run, data)]
    agree = f"{len(stored)} run(s) agree with the labels of {data.source}."
    print("\n".join(faults) or agree)
    return 1 if faults else 0


def print_evaluation(run: Run) -> None:
    """Print every figure of a run, a line for each half and number of views."""
    from fercourse.results.runs import evaluate

    epochs = len(run.history["epochs"]["public"])
    print(
        f"{run.name}: {run.parameters:,} parameters, {epochs} epochs, "
        f"{run.provenance['hardware']}"
    )
    by_views = {"1 view": run.single}
    if run.recipe["views"] > 1:
        by_views[f"{run.recipe['views']} views"] = run.multi
    for name, usage, half in SPLITS:
        split = usage if run.data == FER2013 else name
        for views, answers in by_views.items() if half else ():
            figures = evaluate(answers[half])
            print(
                f"  {split}, {views}: {figures.accuracy:.2f} % "
                f"({figures.correct} of {figures.count}; 95 % interval "
                f"{figures.low:.2f} to {figures.high:.2f}), not in Training "
                f"{figures.unseen:.2f} %, macro-F1 {figures.macro_f1:.2f}, "
                f"calibration error {figures.calibration_error:.2f}"
            )
