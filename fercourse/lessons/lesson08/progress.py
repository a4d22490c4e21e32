"""What lesson 08 reads from runs: full size, and the ablation so far.

All comparisons are on PublicTest, from one view of each face, and face by face
(McNemar's test); several of them together are corrected by Holm's method.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fercourse.models.network import Network
from fercourse.results.comparisons import ALPHA, holm
from fercourse.results.runs import Run
from fercourse.results.statistics import TEST_FACES, mcnemar, wilson_interval
from fercourse.results.table3.rows import measured_row
from fercourse.results.table3.words import network_of
from fercourse.training.ablation import ABLATION, ablation
from fercourse.training.recipes import Recipe

GOALS: dict[str, float] = {"the paper": 73.35, "ResMaskingNet": 74.14}
"""Accuracies in percent as their authors state them.

The paper does not say on which faces (lesson 05). That of ResMaskingNet is for
PrivateTest, from averaged views, and others did not reach it again.
"""


def clearly_above(goal: float) -> float:
    """The lowest accuracy on a test half whose whole interval is above a goal."""
    enough = next(
        right
        for right in range(TEST_FACES)
        if wilson_interval(right, TEST_FACES)[0] > goal
    )
    return 100 * enough / TEST_FACES


def runs_of(
    configuration: Mapping[str, Any], recipe: Recipe, runs: Iterable[Run]
) -> list[Run]:
    """The runs of this network and recipe, by seed.

    Any pretrained weights count as such; the precision and the recipe's name do not
    matter.
    """
    network = _pretrained(Network.from_dict(configuration))
    matching = [
        run
        for run in runs
        if _pretrained(network_of(run)) == network
        and _training(Recipe.from_dict(run.recipe)) == _training(recipe)
    ]
    return sorted(matching, key=lambda run: run.recipe["seed"])


def _pretrained(network: Network) -> Network:
    """The network, whatever file its pretrained weights came from."""
    return replace(network, weights="pretrained" if network.weights else None)


def _training(recipe: Recipe) -> dict[str, Any]:
    return recipe.as_dict() | dict.fromkeys(("name", "seed", "precision"))


def full_size_table(runs: Mapping[str, Run]) -> list[list[str]]:
    """Accuracies on PublicTest and budget of `fc.full_size_runs`, one column each."""
    columns = [["head", "PublicTest, right (%)", "its 95 % interval (%)"]]
    columns[0] += ["from 16 views (%)", "epochs", "minutes of training"]
    for name, run in runs.items():
        row = measured_row([run])
        several = row.multi_public
        columns.append(
            [
                name,
                f"{row.public.accuracy:.2f}",
                f"{row.public.low:.1f} to {row.public.high:.1f}",
                "–" if several is None else f"{several.accuracy:.2f}",
                str(len(run.history["epochs"]["public"])),
                f"{row.minutes:.1f}",
            ]
        )
    return [list(row) for row in zip(*columns, strict=True)]


@dataclass(frozen=True)
class Compared:
    """A run next to the one that it should improve on; None where there is no run."""

    name: str  # what was added or changed
    run: Run | None = None
    public: float | None = None  # accuracy on PublicTest, percent, one view
    before: str | None = None  # the name of what it is compared with
    difference: float | None = None  # points by which it is better
    p_value: float | None = None  # McNemar's, after Holm's correction

    @property
    def verdict(self) -> str:
        """The difference in words, and whether chance may explain it."""
        if self.difference is None or self.p_value is None:
            return ""
        doubt = "" if self.p_value < ALPHA else ", may be chance"
        return f"{self.difference:+.2f} (p = {self.p_value:.2f}{doubt})"


def compare(
    runs: Mapping[str, Run | None], before: Mapping[str, str | None]
) -> list[Compared]:
    """Compare each run, by its name, with the one named `before` it."""
    correct = {name: _right(run) for name, run in runs.items() if run is not None}
    public = {name: 100 * float(right.mean()) for name, right in correct.items()}
    pairs = {name: other for name, other in before.items() if other and name in correct}
    tests = [mcnemar(correct[name], correct[other]) for name, other in pairs.items()]
    # Corrected for all pairs of this table together
    adjusted = dict(zip(pairs, holm([test.p_value for test in tests]), strict=True))
    return [
        Compared(
            name,
            run,
            public.get(name),
            pairs.get(name),
            public[name] - public[pairs[name]] if name in pairs else None,
            adjusted.get(name),
        )
        for name, run in runs.items()
    ]


def _right(run: Run) -> np.ndarray:
    return run.single["public"].correct


def ablation_steps(runs: Sequence[Run], size: int = 112) -> list[Compared]:
    """Each step of the ablation against the last one before it that was run.

    Of several seeds the lowest counts.
    """
    chosen: dict[str, Run | None] = {}
    before: dict[str, str | None] = {}
    last = None
    for step in ABLATION:
        chosen[step] = next(iter(runs_of(*ablation(step, size=size), runs)), None)
        before[step] = last
        last = step if chosen[step] is not None else last
    return compare(chosen, before)


def ablation_table(steps: Sequence[Compared]) -> list[list[str]]:
    """What each step adds, what suggests that it may help, and its gain if it ran."""
    table = [["step", "adds", "evidence", "gain"]]
    for step in steps:
        about, gain = ABLATION[step.name], "–"
        if step.public is not None:  # the first one that was run has no gain
            gain = step.verdict or f"begins at {step.public:.2f} %"
        table.append([step.name, about.adds, about.source or "–", gain])
    if all(step.public is None for step in steps):
        return [row[:-1] for row in table]
    return table
