"""The measured rows of Table III: runs that differ in nothing but the seed, in figures and in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from fercourse.data.faces import IMAGE_SIDE
from fercourse.models.costs import configuration_costs
from fercourse.results.runs import Evaluation, Run, evaluate
from fercourse.results.statistics import wilson_interval
from fercourse.results.table3.words import (
    form_in_words,
    is_as_published,
    places_of_block,
    selection,
    whole_configuration,
    whole_recipe,
)


@dataclass(frozen=True)
class Row:
    """One row of the table as `python -m fercourse table3` prints it; None where nothing was measured.

    Accuracies are in percent and the mean over seeds. Those that begin with `multi` are
    from the recipe's several views of each face, all others from one view.

    Attributes:
        system: its name in `fercourse.models.systems`.
        paper: what the paper prints; such a row has nothing measured.
        width: fraction of the channels.
        size: side in pixels at which the network looks at the faces.
        combine: one of `fercourse.models.vgg19.COMBINE`, or "none".
        after: where the attention block stands.
        hardware: on which the runs were trained.
        seeds: number of runs.
        public: accuracy on PublicTest.
        private: accuracy on PrivateTest.
        private_low: lower end of Wilson's 95 % interval of that mean, for the faces of
            one half.
        private_high: its upper end.
        private_unseen: the same on the PrivateTest faces that do not stand in Training.
        macro_f1: mean F1 over the emotions on PrivateTest.
        parameters: of the model.
        minutes: mean training time.
        method: the row's name in the paper.
        state: "not yet run", "network as published" or "other forms only" for the
            paper's rows; "measured".
        form: the network and its budget in words, above all what departs from the
            published network.
        as_published: whether it is the published network, as far as that is known.
        recipe: its name.
        epochs: of the recipe.
        weights: what training began with: "imagenet", a file's name or "random".
        views: of the recipe; for the paper's rows what is known of theirs.
        public_sd: spread of `public` over the seeds, the sample standard deviation;
            None for one seed.
        private_sd: the same of `private`.
        calibration_error: expected calibration error on PrivateTest, 15 bins.
        multi_public: accuracy on PublicTest; None, as the following, for recipes of one
            view.
        multi_private: accuracy on PrivateTest.
        multi_low: lower end of its Wilson interval.
        multi_high: its upper end.
        multi_sd: its spread over the seeds.
        multi_unseen: the same on the faces that do not stand in Training.
        multiply_adds: multiplications that are added up for one view of one face.
        source: where the paper's number comes from, or the names of the runs.
        split: on which faces was measured.
        selected: on which faces the choices were made.
        faults: of the paper's number.
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
    method: str | None = None
    state: str | None = None
    form: str | None = None
    as_published: bool | None = None
    recipe: str | None = None
    epochs: int | None = None
    weights: str | None = None
    views: int | str | None = None
    public_sd: float | None = None
    private_sd: float | None = None
    calibration_error: float | None = None
    multi_public: float | None = None
    multi_private: float | None = None
    multi_low: float | None = None
    multi_high: float | None = None
    multi_sd: float | None = None
    multi_unseen: float | None = None
    multiply_adds: int | None = None
    source: str | None = None
    split: str | None = None
    selected: str | None = None
    faults: str | None = None


def group_by_seed(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs that differ in nothing but the seed, together; in the order in which each group begins.

    Alike are configuration, recipe, hardware and selection. Fields that are younger
    than a stored run had their default values in it.
    """
    groups: dict[str, list[Run]] = {}
    for run in runs:
        recipe = whole_recipe(run)
        del recipe["seed"]
        about = [
            whole_configuration(run),
            recipe,
            run.provenance["hardware"],
            selection(run),
        ]
        groups.setdefault(json.dumps(about, sort_keys=True), []).append(run)
    return list(groups.values())


def measured_rows(runs: Iterable[Run]) -> list[Row]:
    """One row for each configuration and recipe on each hardware, over its seeds; best PrivateTest last."""
    return sorted(map(measured_row, group_by_seed(runs)), key=lambda row: row.private)


def measured_row(runs: Sequence[Run]) -> Row:
    """The row of runs that differ in nothing but the seed."""
    first = runs[0]
    configuration, recipe = whole_configuration(first), whole_recipe(first)
    return Row(
        **_figures(runs),
        **_multi_view_figures(runs, recipe["views"]),
        system=configuration["system"],
        width=configuration["width"],
        size=configuration.get("size", IMAGE_SIDE),
        combine=configuration.get("combine", "none"),
        after="+".join(places_of_block(configuration)) or None,
        hardware=first.provenance["hardware"],
        seeds=len(runs),
        parameters=first.parameters,
        multiply_adds=configuration_costs(first.configuration)[1],
        minutes=fmean(run.history["seconds"] for run in runs) / 60,
        state="measured",
        form=form_in_words(first),
        as_published=is_as_published(first.configuration),
        recipe=recipe["name"],
        epochs=recipe["epochs"],
        weights=configuration.get("weights") or "random",
        views=recipe["views"],
        source=" ".join(run.name for run in runs),
        split="PublicTest and PrivateTest",
        selected=selection(first),
    )


def _figures(runs: Sequence[Run]) -> dict[str, float | None]:
    public = [evaluate(run.single["public"]) for run in runs]
    private = [evaluate(run.single["private"]) for run in runs]
    low, high = _interval(private)
    return {
        "public": fmean(half.accuracy for half in public),
        "public_sd": _spread(public),
        "private": fmean(half.accuracy for half in private),
        "private_sd": _spread(private),
        "private_low": low,
        "private_high": high,
        "private_unseen": fmean(half.unseen for half in private),
        "macro_f1": fmean(half.macro_f1 for half in private),
        "calibration_error": fmean(half.calibration_error for half in private),
    }


def _multi_view_figures(runs: Sequence[Run], views: int) -> dict[str, float | None]:
    if views == 1:
        return {}
    private = [evaluate(run.multi["private"]) for run in runs]
    low, high = _interval(private)
    return {
        "multi_public": fmean(evaluate(run.multi["public"]).accuracy for run in runs),
        "multi_private": fmean(half.accuracy for half in private),
        "multi_low": low,
        "multi_high": high,
        "multi_sd": _spread(private),
        "multi_unseen": fmean(half.unseen for half in private),
    }


def _interval(halves: Sequence[Evaluation]) -> tuple[float, float]:
    """Wilson's interval of the mean. Every seed saw the same faces: they count once."""
    return wilson_interval(
        round(fmean(half.correct for half in halves)), halves[0].count
    )


def _spread(halves: Sequence[Evaluation]) -> float | None:
    return stdev(half.accuracy for half in halves) if len(halves) > 1 else None
