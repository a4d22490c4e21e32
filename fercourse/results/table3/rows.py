"""The measured rows of Table III: runs that differ in nothing but the seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from fercourse.models.costs import configuration_costs
from fercourse.models.network import Network
from fercourse.results.runs import Answers, Run, evaluate
from fercourse.results.statistics import wilson_interval
from fercourse.results.table3.words import (
    form_in_words,
    is_as_published,
    network_of,
    selection,
)
from fercourse.training.experiment import POCKET_RECIPE, is_recipe
from fercourse.training.recipes import Recipe

PAPERS_SIZE = 224
"""The side of the faces in the paper, in pixels."""


@dataclass(frozen=True)
class Mean:
    """The figures of one half in percent, averaged over the seeds."""

    accuracy: float
    spread: float | None  # standard deviation over the seeds; None for one seed
    low: float  # Wilson's 95 % interval of the mean accuracy
    high: float
    unseen: float  # accuracy on the faces that are not in Training, too
    macro_f1: float
    calibration_error: float


def mean_over_seeds(answers: Iterable[Answers]) -> Mean:
    """The mean figures of several runs' answers to the same half."""
    figures = [evaluate(one) for one in answers]
    # Every seed saw the same faces: for the interval they count once.
    low, high = wilson_interval(
        round(fmean(one.correct for one in figures)), figures[0].count
    )
    accuracies = [one.accuracy for one in figures]
    return Mean(
        accuracy=fmean(accuracies),
        # n − 1 in the denominator: the seeds are a sample
        spread=stdev(accuracies) if len(figures) > 1 else None,
        low=low,
        high=high,
        unseen=fmean(one.unseen for one in figures),
        macro_f1=fmean(one.macro_f1 for one in figures),
        calibration_error=fmean(one.calibration_error for one in figures),
    )


@dataclass(frozen=True)
class Row:
    """A measured row of the table: what was run, and the figures from its answers."""

    public: Mean  # PublicTest, one view of each face
    private: Mean  # PrivateTest, one view
    multi_public: Mean | None  # averaged views; None for recipes of one view
    multi_private: Mean | None
    system: str
    width: float  # fraction of the channels
    size: int  # side in pixels at which the network looks at the faces
    combine: str  # how the attention map is used; "none" without a block
    after: str | None  # the pooling layers with an attention block, joined by "+"
    hardware: str
    seeds: int  # number of runs
    parameters: int
    multiply_adds: int  # for one view of one face
    minutes: float  # mean training time
    form: str  # the network and its budget in words
    as_published: bool  # the published network, as far as that is known
    recipe: str
    epochs: int
    weights: str  # at the start of training: "imagenet", a file's name or "random"
    views: int
    source: str  # the names of the runs
    selected: str  # the faces on which the choices were made
    split: str = "PublicTest and PrivateTest"
    state: str = "measured"


def group_by_seed(runs: Iterable[Run]) -> list[list[Run]]:
    """Group the runs that differ in nothing but the seed, in order of appearance.

    A group has the same configuration, recipe, teachers, hardware and selection.
    """
    groups: dict[tuple, list[Run]] = {}
    for run in runs:
        recipe = Recipe.from_dict(run.recipe).changed(seed=0)
        hardware = run.provenance["hardware"]
        taught = run.teachers, run.teachers_temperature
        about = network_of(run), recipe, *taught, hardware, selection(run)
        groups.setdefault(about, []).append(run)
    return list(groups.values())


def measured_rows(runs: Iterable[Run]) -> list[Row]:
    """A row for each experiment on each hardware, over its seeds; the best is last.

    Example: `fc.measured_rows(fc.runs())`.
    """
    rows = map(measured_row, group_by_seed(runs))
    return sorted(rows, key=lambda row: row.private.accuracy)


def measured_row(runs: Sequence[Run]) -> Row:
    """The row of runs that differ in nothing but the seed.

    Example: `fc.measured_row([run]).private.accuracy`.
    """
    first = runs[0]
    network, recipe = network_of(first), Recipe.from_dict(first.recipe)
    several = recipe.views > 1
    multi = {
        half: mean_over_seeds(run.multi[half] for run in runs) if several else None
        for half in first.multi
    }
    return Row(
        public=mean_over_seeds(run.single["public"] for run in runs),
        private=mean_over_seeds(run.single["private"] for run in runs),
        multi_public=multi["public"],
        multi_private=multi["private"],
        system=network.system,
        width=network.width,
        size=network.size,
        combine=network.combine if network.after else "none",
        after="+".join(network.after) or None,
        hardware=first.provenance["hardware"],
        seeds=len(runs),
        parameters=first.parameters,
        multiply_adds=configuration_costs(network)[1],
        minutes=fmean(run.history["seconds"] for run in runs) / 60,
        form=form_in_words(first),
        as_published=is_as_published(network),
        recipe=recipe.name,
        epochs=recipe.epochs,
        weights=network.weights or "random",
        views=recipe.views,
        source=" ".join(run.name for run in runs),
        selected=selection(first),
    )


def is_pocket_run(run: Run) -> bool:
    """Whether it is a pocket model's, trained by the pocket recipe."""
    return network_of(run).is_pocket and is_recipe(run.recipe, POCKET_RECIPE)


def full_size_runs(runs: Iterable[Run]) -> dict[str, Run]:
    """The VGG19s of full width at the paper's 224 pixels, by name, the best first.

    PublicTest says which is the best. Example: `fc.full_size_runs(fc.runs())`.
    """
    full = [run for run in runs if _is_full_size(network_of(run))]
    full.sort(key=lambda run: -evaluate(run.single["public"]).accuracy)
    names = [_full_size_name(run) for run in full]
    # Runs that differ in a detail of their recipe share their words, not their name.
    return {
        name if names.count(name) == 1 else f"{name} ({run.name})": run
        for name, run in zip(names, full, strict=True)
    }


def _full_size_name(run: Run) -> str:
    network, recipe = network_of(run), run.recipe
    block = network.label.removesuffix(f", {PAPERS_SIZE} px")
    published = "Table I" if is_as_published(network) else f"{network.head} head"
    seed = f", seed {recipe['seed']}" if recipe["seed"] else ""
    return f"{published}, {block}, {recipe['name']}{seed}"


def _is_full_size(network: Network) -> bool:
    return network.is_vgg19 and (network.width, network.size) == (1, PAPERS_SIZE)
