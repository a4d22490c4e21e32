"""The card of the shipped pocket models: what they are for, and how well they do.

Every figure on it is computed from stored runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fercourse.data.faces import EMOTIONS
from fercourse.machine import REPOSITORY, write_whole
from fercourse.models.pocket import shipped_weights
from fercourse.plots.tables import markdown
from fercourse.results.runs import Run, evaluate
from fercourse.results.runs import runs as stored_runs
from fercourse.results.table3.rows import full_size_runs, is_pocket_run
from fercourse.results.table3.words import network_of

MODEL_CARD = REPOSITORY / "data" / "MODEL_CARD.md"

_FIGURES = ("PublicTest", "PrivateTest", "unseen", "two views", "calibration")

_TEXT = Path(__file__).with_name("card.md")
"""The page with gaps for the figures."""


def model_card(
    runs: Sequence[Run], taught: Sequence[Run] = (), full_size: Sequence[Run] = ()
) -> str:
    """The page, from the runs of shipped, of distilled and of full-size models."""
    if not runs:
        raise ValueError(
            "No runs of shipped models; `python -m fercourse train --pocket --ship` "
            "makes one."
        )
    sizes = sorted(_weights(run).stat().st_size for run in runs)
    parameters = sorted({run.parameters for run in runs})
    fewest, most = f"{parameters[0]:,}", f"{parameters[-1]:,}"
    accuracy = [["model", *_FIGURES], *map(_figures, runs)]
    recall = [["model", *EMOTIONS]]
    for run in runs:
        shares = np.diagonal(_shares(run))
        recall.append([network_of(run).name, *(f"{share:.0f}" for share in shares)])
    return _TEXT.read_text("utf-8").format(
        count=len(runs),
        parameters=fewest if fewest == most else f"{fewest} to {most}",
        megabytes=" to ".join(f"{size / 1e6:.0f}" for size in (sizes[0], sizes[-1])),
        emotions=", ".join(EMOTIONS),
        accuracy=markdown(accuracy),
        recall=markdown(recall),
        taught=markdown(_taught(taught)),
        failures=_failures(runs),
        full_size=markdown(_full_size(full_size)),
    )


def print_card(write: bool = False) -> int:
    """Print the page from the stored runs, or write `MODEL_CARD`."""
    stored = stored_runs()
    large = list(full_size_runs(stored).values())
    page = model_card(shipped_runs(stored), distilled_runs(stored), large)
    if not write:
        print(page, end="")
        return 0
    with write_whole(MODEL_CARD) as part:
        part.write_text(page, encoding="utf-8")
    print(f"{MODEL_CARD.name} is written.")
    return 0


def shipped_runs(runs: Sequence[Run]) -> list[Run]:
    """The runs whose model is shipped: the pocket recipe with seed 0."""
    return [
        run
        for run in runs
        if is_pocket_run(run) and run.recipe["seed"] == 0 and _weights(run).exists()
    ]


def distilled_runs(runs: Sequence[Run]) -> list[Run]:
    """The pocket models' runs with a teacher, the best on PublicTest last."""
    taught = [run for run in runs if run.recipe.get("distillation")]
    pocket = [run for run in taught if network_of(run).is_pocket]
    return sorted(pocket, key=lambda run: evaluate(run.single["public"]).accuracy)


def _taught(runs: Sequence[Run]) -> list[list[str]]:
    table = [["model", "epochs", "teachers", "their share", *_FIGURES]]
    for run in runs:
        name, *figures = _figures(run)
        about = [str(run.recipe["epochs"]), str(len(run.teachers))]
        table.append([name, *about, f"{run.recipe['distillation']:g}", *figures])
    return table


def _full_size(runs: Sequence[Run]) -> list[list[str]]:
    table = [["run", "parameters", "device", "PrivateTest", "several views"]]
    for run in runs:
        parts = [evaluate(views["private"]) for views in (run.single, run.multi)]
        figures = [f"{p.accuracy:.1f} ({p.low:.1f} to {p.high:.1f})" for p in parts]
        about = [run.name, f"{run.parameters:,}", run.provenance["hardware"]]
        table.append([*about, *figures])
    return table


def _weights(run: Run) -> Path:
    return shipped_weights(network_of(run))


def _figures(run: Run) -> list[str]:
    public, private = evaluate(run.single["public"]), evaluate(run.single["private"])
    return [
        network_of(run).name,
        f"{public.accuracy:.1f}",
        f"{private.accuracy:.1f} ({private.low:.1f} to {private.high:.1f})",
        f"{private.unseen:.1f}",
        f"{evaluate(run.multi['private']).accuracy:.1f}",
        f"{private.calibration_error:.1f}",
    ]


def _shares(run: Run) -> np.ndarray:
    """Predicted emotions of each true one, by row, in percent: (7, 7)."""
    confusion = run.single["private"].confusion
    return 100 * confusion / confusion.sum(axis=1, keepdims=True)


def _failures(runs: Sequence[Run]) -> str:
    """The emotions that are recognised worst, and what they are taken for."""
    shares = np.mean([_shares(run) for run in runs], axis=0)
    lines = []
    for true in np.diagonal(shares).argsort()[:3]:
        # (7,): the most frequent answer apart from the right one
        taken = int(np.where(np.arange(7) == true, -1, shares[true]).argmax())
        lines.append(
            f"- {EMOTIONS[true].capitalize()} is recognised in "
            f"{shares[true, true]:.0f} % of its faces and taken for {EMOTIONS[taken]} "
            f"in {shares[true, taken]:.0f} %, on average over the models."
        )
    return "\n".join(lines)
