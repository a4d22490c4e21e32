"""What lesson 08 reads from runs: full-size results, the ablation so far, and pocket runs with one change.

All comparisons are on PublicTest, from one view of each face, and face by face
(McNemar's test); several of them together are corrected by Holm's method.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from statsmodels.stats.multitest import multipletests

from fercourse.models.pocket import pocket_configuration
from fercourse.results.comparisons import ALPHA
from fercourse.results.runs import Run, evaluate
from fercourse.results.statistics import mcnemar
from fercourse.results.table3.rows import measured_row
from fercourse.results.table3.words import whole_configuration, whole_recipe
from fercourse.training.ablation import ABLATION, ablation
from fercourse.training.experiment import changed_fields
from fercourse.training.recipes import RECIPES, Recipe

GOALS: dict[str, float] = {"the paper": 73.35, "ResMaskingNet": 74.14}
"""Accuracies in percent that their authors state. The paper does not say on which faces (lesson 05); that of
ResMaskingNet is for PrivateTest, from averaged views, and others did not reach it
again."""

NOT_YET_RUN = "not yet run"

_TRAIN = "python -m fercourse train"
_PLAIN = ("system", "size", "weights", "width", "dropout")

FULL_SIZE: dict[str, tuple[dict[str, Any], Recipe, str]] = {
    "the paper's network, its recipe as we chose it": (
        *ablation("paper"),
        f"{_TRAIN} --recipe paper",
    ),
    "the same without attention": (
        {name: ablation("paper")[0][name] for name in _PLAIN} | {"system": "vgg19"},
        RECIPES["paper"],
        f"{_TRAIN} --system vgg19 --recipe paper",
    ),
    "network B, the recipe best": (
        *ablation("averaging"),
        f"{_TRAIN} --ablation averaging",
    ),
}
"""The runs at 224 pixels about which the lesson is: configuration, recipe and command."""


def runs_of(
    configuration: Mapping[str, Any], recipe: Recipe, runs: Iterable[Run]
) -> list[Run]:
    """The runs of this network and recipe, by seed. Any pretrained weights count as such, and any precision.

    Args:
        configuration: with "imagenet" as weights, or None.
        recipe: its name does not matter.
        runs: any.
    """
    wanted = _plain(configuration), _fields(recipe)
    found = [
        run
        for run in runs
        if run.configuration["system"] == configuration["system"]
        and (_plain(whole_configuration(run)), _fields(Recipe(**run.recipe))) == wanted
    ]
    return sorted(found, key=lambda run: run.recipe["seed"])


def _plain(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON gives it back; defaults that the networks here do not change are left out."""
    kept = {
        name: value
        for name, value in configuration.items()
        if value is not None and name != "weights"
    }
    usual = {"head": "flatten", "normalise_map": False, "classes": 7}
    kept = {name: value for name, value in kept.items() if usual.get(name) != value}
    return json.loads(json.dumps(kept)) | {
        "pretrained": configuration.get("weights") is not None
    }


def _fields(recipe: Recipe) -> dict[str, Any]:
    fields = recipe.as_dict()
    return {
        name: fields[name]
        for name in fields
        if name not in ("name", "seed", "precision")
    }


def full_size_table(runs: Sequence[Run]) -> list[list[str]]:
    """For each of `FULL_SIZE` its accuracies over the seeds, or "not yet run" and the command."""
    table = [
        [
            "network",
            "seeds",
            "PublicTest",
            "PrivateTest",
            "95 % interval",
            "views averaged",
        ]
    ]
    for name, (configuration, recipe, _) in FULL_SIZE.items():
        found = runs_of(configuration, recipe, runs)
        if not found:
            table.append([name, "0", NOT_YET_RUN, "", "", ""])
            continue
        row = measured_row(found)
        interval = f"{row.private.low:.1f} to {row.private.high:.1f}"
        several = (
            "" if row.multi_private is None else f"{row.multi_private.accuracy:.2f}"
        )
        table.append(
            [
                name,
                str(len(found)),
                f"{row.public.accuracy:.2f}",
                f"{row.private.accuracy:.2f}",
                interval,
                several,
            ]
        )
    return table


def missing_commands(runs: Sequence[Run]) -> list[str]:
    """The commands of those of `FULL_SIZE` that no run is there for."""
    return [
        command
        for configuration, recipe, command in FULL_SIZE.values()
        if not runs_of(configuration, recipe, runs)
    ]


@dataclass(frozen=True)
class Compared:
    """A run beside the one that it has to be better than.

    Attributes:
        name: what was added or changed.
        run: the run, or None if there is none yet.
        public: its accuracy on PublicTest in percent, from one view; None without a
            run.
        before: the name of what it is compared with, or None.
        difference: points by which it is better; None without a comparison.
        p_value: McNemar's, after Holm's correction for all that are compared together.
    """

    name: str
    run: Run | None = None
    public: float | None = None
    before: str | None = None
    difference: float | None = None
    p_value: float | None = None

    @property
    def verdict(self) -> str:
        """The difference in words, and whether it can be told from none."""
        if self.difference is None:
            return ""
        told = "" if self.p_value < ALPHA else ", not told apart"
        return f"{self.difference:+.2f} (p {self.p_value:.2f}){told}"


def compare(
    runs: Mapping[str, Run | None], before: Mapping[str, str | None]
) -> list[Compared]:
    """Each run beside the one before it.

    Args:
        runs: by name, None for those that are wanted.
        before: for each name, that with which it is compared, or None.
    """
    pairs = {
        name: other
        for name, other in before.items()
        if other is not None and runs[name] is not None
    }
    p_values = [
        mcnemar(_right(runs[name]), _right(runs[other])).p_value
        for name, other in pairs.items()
    ]
    adjusted = dict(zip(pairs, _holm(p_values), strict=True))
    found = []
    for name, run in runs.items():
        public = None if run is None else 100 * float(_right(run).mean())
        difference = None
        if name in pairs:
            difference = public - 100 * float(_right(runs[pairs[name]]).mean())
        found.append(
            Compared(name, run, public, pairs.get(name), difference, adjusted.get(name))
        )
    return found


def _right(run: Run) -> np.ndarray:
    return run.single["public"].correct


def _holm(p_values: Sequence[float]) -> list[float]:
    return (
        [float(p) for p in multipletests(p_values, method="holm")[1]]
        if p_values
        else []
    )


def ablation_steps(runs: Sequence[Run], size: int = 112) -> list[Compared]:
    """Every step of the ablation beside the last one before it that was run; one seed each, the lowest."""
    chosen: dict[str, Run | None] = {}
    before: dict[str, str | None] = {}
    last = None
    for step in ABLATION:
        chosen[step] = next(iter(runs_of(*ablation(step, size=size), runs)), None)
        before[step] = last
        last = step if chosen[step] is not None else last
    return compare(chosen, before)


def ablation_text(steps: Sequence[Compared]) -> list[list[str]]:
    """A table of the steps: what each adds, how good the evidence was beforehand, and what was measured."""
    table = [["step", "adds", "evidence beforehand", "PublicTest", "gain"]]
    for step in steps:
        about = ABLATION[step.name]
        public = NOT_YET_RUN if step.public is None else f"{step.public:.2f}"
        table.append([step.name, about.adds, about.evidence, public, step.verdict])
    return table


def pocket_changes(runs: Sequence[Run]) -> list[Compared]:
    """Runs of the pocket network without attention whose recipe was changed, beside the unchanged one.

    Compared are runs with as many epochs and the seed 0; empty if the unchanged one is
    not there.
    """
    plain = pocket_configuration(None)
    fair = [
        run
        for run in runs
        if run.configuration == plain
        and run.recipe["name"] == "pocket"
        and run.recipe["seed"] == 0
        and run.recipe["epochs"] == RECIPES["pocket"].epochs
    ]
    changes = {run.name: changed_fields(whole_recipe(run)) for run in fair}
    unchanged = next((run for run in fair if not changes[run.name]), None)
    if unchanged is None:
        return []
    named = {_in_words(changes[run.name]): run for run in fair if changes[run.name]}
    compared = compare(
        {"unchanged": unchanged, **named},
        {"unchanged": None, **dict.fromkeys(named, "unchanged")},
    )
    return [change for change in compared if change.name != "unchanged"]


def changes_table(changes: Sequence[Compared]) -> list[list[str]]:
    """Changed runs as a table, or one row that says that there are none."""
    table = [["changed", "PublicTest", "against the unchanged"]]
    rows = [[change.name, f"{change.public:.2f}", change.verdict] for change in changes]
    return table + (rows or [["none yet", "", ""]])


def _in_words(fields: Mapping[str, Any]) -> str:
    words = {name: name.replace("_", " ") for name in fields}
    return ", ".join(
        f"{words[name]} {value}" if value else f"no {words[name]}"
        for name, value in fields.items()
    )


@dataclass(frozen=True)
class Views:
    """What averaging over several views brings one run on PublicTest.

    Attributes:
        name: of the run.
        views: how many.
        single: accuracy from one view, in percent.
        several: accuracy of the average.
        p_value: McNemar's, after Holm's correction for all runs that are looked at
            together.
    """

    name: str
    views: int
    single: float
    several: float
    p_value: float


def gains_of_views(runs: Iterable[Run]) -> list[Views]:
    """One view against several, for every run that has both."""
    several = [run for run in runs if run.recipe["views"] > 1]
    tests = [
        mcnemar(run.multi["public"].correct, _right(run)).p_value for run in several
    ]
    return [
        Views(
            run.name,
            run.recipe["views"],
            evaluate(run.single["public"]).accuracy,
            evaluate(run.multi["public"]).accuracy,
            p_value,
        )
        for run, p_value in zip(several, _holm(tests), strict=True)
    ]


def views_table(gains: Iterable[Views]) -> list[list[str]]:
    """The gains as a table, accuracies and points on PublicTest."""
    table = [["run", "views", "one view", "several", "gain", "p"]]
    for gain in gains:
        numbers = [
            f"{gain.single:.2f}",
            f"{gain.several:.2f}",
            f"{gain.several - gain.single:+.2f}",
        ]
        table.append([gain.name, str(gain.views), *numbers, f"{gain.p_value:.2f}"])
    return table


def average_is_right(
    runs: Sequence[Run], half: str = "public"
) -> tuple[np.ndarray, np.ndarray]:
    """What the average of several runs' probabilities gets right, without asking for a label.

    A label is known where one of the runs is right: it is what that run answered. Where
    none is, the average may be right and nobody here can tell; it counts as wrong, so
    that the share found is a lower bound.

    Args:
        runs: on the same faces.
        half: one of `fercourse.results.runs.HALVES`.

    Returns:
        Whether the average is known to be right, bool, shape (N,); and whether the
        label is known, bool, shape (N,).

    Raises:
        ValueError: no runs.
    """
    if not runs:
        raise ValueError(
            "No runs are given; expected one or more, whose answers are averaged."
        )
    answers = [run.single[half] for run in runs]
    labels = np.full(len(answers[0].correct), -1)
    for one in answers:
        labels[one.correct] = one.predicted[one.correct]
    mean = np.mean([one.probabilities.astype("float64") for one in answers], axis=0)
    return mean.argmax(axis=-1) == labels, labels >= 0
