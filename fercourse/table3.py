"""Table III: the paper's numbers and, apart from them, what stored runs measured."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from statistics import fmean

from fercourse.models import COMBINE, POOLS, pocket_configuration
from fercourse.runs import Run, evaluate
from fercourse.statistics import wilson_interval

POCKET_RECIPE = "pocket"
QUEUE = "data/results/QUEUE.md"
"""Where the commands of runs that are still wanted stand."""


@dataclass(frozen=True)
class PaperRow:
    """One row of the paper's Table III.

    Attributes:
        system: its name in `fercourse`.
        method: its name in the paper.
        accuracy: percent, as the paper prints it.
        origin: where the number really comes from, as far as is known.
    """

    system: str
    method: str
    accuracy: float
    origin: str


PAPER_ROWS: tuple[PaperRow, ...] = (
    PaperRow(
        "deep_emotion",
        "DeepEmotion [21]",
        70.02,
        "Minaee and Abdolrashidi (2019); public re-runs reach 47 to 55 %.",
    ),
    PaperRow(
        "inception",
        "Inception [7]",
        71.6,
        "Pramerdorfer and Kampel (2016), that is [24], not [7].",
    ),
    PaperRow(
        "tuned_cnn",
        "CNN Hyperparameter Optimisation [15]",
        72.16,
        "Vulpe-Grigorași and Grigore (2021); split and network not public, a re-run reached 67 to 68 %.",
    ),
    PaperRow("resnet", "ResNet [24]", 72.4, "Pramerdorfer and Kampel (2016), README of cpra/fer-cnn-sota."),
    PaperRow("vgg", "VGG [24]", 72.7, "Pramerdorfer and Kampel (2016), README of cpra/fer-cnn-sota."),
    PaperRow(
        "vggnet",
        "VGGnet [7]",
        73.28,
        "Khaireddin and Chen (2021): measured on PublicTest, selected on PrivateTest (usef-kh/fer).",
    ),
    PaperRow(
        "vgg19_attention",
        "The proposed method (VGG19+Attention)",
        73.35,
        "the paper; no k of 3,589 gives 73.35 %, and no split is named.",
    ),
)
"""Table III as printed. The last column is ours; sources stand in the lessons."""


@dataclass(frozen=True)
class Row:
    """One row of the table as `python -m fercourse table3` prints it; None where nothing was measured.

    Accuracies are in percent, from one view of each face, and the mean over seeds. `private_low` and
    `private_high` are Wilson's 95 % interval of that mean for the faces of one half. `minutes` is the
    mean training time.
    """

    system: str
    paper: float | None = None
    width: float | None = None
    size: int | None = None
    combine: str | None = None
    after: str | None = None
    hardware: str | None = None
    seeds: int | None = None
    public: float | None = None
    private: float | None = None
    private_low: float | None = None
    private_high: float | None = None
    private_unseen: float | None = None
    macro_f1: float | None = None
    parameters: int | None = None
    minutes: float | None = None
    recipe: str | None = None
    epochs: int | None = None


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Row))[:-2]
"""The columns of the CSV form. Text and Markdown show recipe and epochs too."""

_ALL = tuple(field.name for field in fields(Row))

_DECIMALS = {"paper": 2, "minutes": 1} | dict.fromkeys(
    ("public", "private", "private_low", "private_high", "private_unseen", "macro_f1"), 2
)


def measured_rows(runs: Iterable[Run]) -> list[Row]:
    """One row for each configuration and recipe on each hardware, over its seeds; best PrivateTest last."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        recipe = {name: value for name, value in run.recipe.items() if name != "seed"}
        key = repr((run.configuration, recipe, run.provenance["hardware"]))
        groups.setdefault(key, []).append(run)
    return sorted((_measured_row(group) for group in groups.values()), key=lambda row: row.private)


def _measured_row(runs: Sequence[Run]) -> Row:
    first = runs[0]
    configuration = first.configuration
    public = [evaluate(run.single["public"]) for run in runs]
    private = [evaluate(run.single["private"]) for run in runs]
    count = private[0].count
    low, high = wilson_interval(round(fmean(half.correct for half in private)), count)
    after = configuration.get("after")
    return Row(
        system=configuration["system"],
        width=configuration["width"],
        size=configuration["size"],
        combine=configuration.get("combine", "none"),
        after=after if after is None or isinstance(after, str) else "+".join(after),
        hardware=first.provenance["hardware"],
        seeds=len(runs),
        public=fmean(half.accuracy for half in public),
        private=fmean(half.accuracy for half in private),
        private_low=low,
        private_high=high,
        private_unseen=fmean(half.unseen for half in private),
        macro_f1=fmean(half.macro_f1 for half in private),
        parameters=first.parameters,
        minutes=fmean(run.history["seconds"] for run in runs) / 60,
        recipe=first.recipe["name"],
        epochs=first.recipe["epochs"],
    )


def table3(runs: Iterable[Run]) -> list[Row]:
    """The paper's seven rows without measured columns, then the measured rows without a paper column."""
    return [Row(row.system, row.accuracy) for row in PAPER_ROWS] + measured_rows(runs)


def _cells(row: Row) -> list[str]:
    cells = []
    for name, value in zip(_ALL, astuple(row), strict=True):
        if value is None:
            cells.append("")
        elif name in _DECIMALS:
            cells.append(f"{value:.{_DECIMALS[name]}f}")
        else:
            cells.append(str(value))
    return cells


def as_csv(rows: Iterable[Row]) -> str:
    """The rows as CSV, one header line, empty cells where nothing was measured."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(row)[: len(COLUMNS)] for row in rows)
    return text.getvalue()


def as_markdown(runs: Sequence[Run]) -> str:
    """Markdown tables: the paper's numbers, the measured ones, and the places of the block."""
    return _all_tables(runs, _markdown)


def as_text(runs: Sequence[Run]) -> str:
    """The same tables as `as_markdown`, in aligned columns."""
    return _all_tables(runs, _aligned)


_LEGEND = (
    "Trained on Training, best epoch chosen on PublicTest, PrivateTest looked at once; one view of a face;\n"
    "low and high: Wilson's 95 % interval; unseen: PrivateTest without the faces that are in Training too."
)


def _all_tables(runs: Sequence[Run], draw) -> str:
    rows = measured_rows(runs)
    paper = [["system", "method in the paper", "paper", "measured here", "what is known of the number"]]
    for row in PAPER_ROWS:
        measured = _measured_here(row.system, rows)
        paper.append([row.system, row.method, f"{row.accuracy:.2f}", measured, row.origin])
    keep = [i for i, name in enumerate(_ALL) if name != "paper"]
    heading = [_ALL[i].removeprefix("private_") for i in keep]
    ours = [heading] + [[_cells(row)[i] or "–" for i in keep] for row in rows]
    below = draw(ours) if len(ours) > 1 else "No runs yet: `python -m fercourse train --help`."
    return (
        f"Table III as the paper prints it (accuracy in percent)\n\n{draw(paper)}\n\n"
        f"Measured, from stored runs (accuracy in percent)\n\n{below}\n\n{_LEGEND}\n\n"
        f"The place of the attention block, pocket models (commands: {QUEUE})\n\n"
        f"{draw(_positions(runs))}\n"
    )


def _positions(runs: Sequence[Run]) -> list[list[str]]:
    """The pocket models at every place of the block: accuracies over the seeds, or "not yet run"."""
    table = [["block after", "map", "seeds", "PublicTest", "PrivateTest", "low", "high"]]
    for combine, after in [("none", None), *((combine, pool) for combine in COMBINE[:2] for pool in POOLS)]:
        wanted = pocket_configuration(after, combine)
        found = [run for run in runs if run.configuration == wanted and run.recipe["name"] == POCKET_RECIPE]
        row = [after.removesuffix("_pool") if after else "nowhere", combine, str(len(found))]
        if found:
            measured = _measured_row(found)
            figures = (measured.public, measured.private, measured.private_low, measured.private_high)
            table.append([*row, *(f"{figure:.2f}" for figure in figures)])
        else:
            table.append([*row, "not yet run", "", "", ""])
    return table


def _measured_here(system: str, rows: Sequence[Row]) -> str:
    """Whether a row of the paper was measured as the paper has it, or only something smaller or other."""
    of_system = [row for row in rows if row.system == system]
    if not of_system:
        return "not yet run"
    papers = {"vgg19_attention": (1.0, 224, "concat", "block5_pool")}
    as_in_paper = papers.get(system)
    if any((row.width, row.size, row.combine, row.after) == as_in_paper for row in of_system):
        return "see below"
    return "other forms only, see below"


def _markdown(table: list[list[str]]) -> str:
    heading, *rows = [f"| {' | '.join(row)} |" for row in table]
    return "\n".join([heading, "|" + " --- |" * len(table[0]), *rows])


def _aligned(table: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])
