"""What lesson 08 reads from runs at full size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from fercourse.models.network import Network
from fercourse.results.runs import Run
from fercourse.results.statistics import TEST_FACES, wilson_interval
from fercourse.results.table3.rows import measured_row
from fercourse.results.table3.words import network_of
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
    """The runs of this network and recipe.

    Any pretrained weights count as such; the precision and the recipe's name do not
    matter.
    """
    network = _pretrained(Network.from_dict(configuration))
    return [
        run
        for run in runs
        if _pretrained(network_of(run)) == network
        and _training(Recipe.from_dict(run.recipe)) == _training(recipe)
    ]


def _pretrained(network: Network) -> Network:
    """The network, whatever file its pretrained weights came from."""
    return replace(network, weights="pretrained" if network.weights else None)


def _training(recipe: Recipe) -> dict[str, Any]:
    return recipe.as_dict() | dict.fromkeys(("name", "precision"))


def full_size_table(runs: Mapping[str, Run]) -> list[list[str]]:
    """Accuracies on PublicTest and budget of `fc.full_size_runs`, one column each."""
    columns = [["head", "PublicTest, right (%)", "its 95 % interval (%)"]]
    columns[0] += ["epochs", "minutes of training"]
    for name, run in runs.items():
        row = measured_row([run])
        columns.append(
            [
                name,
                f"{row.public.accuracy:.2f}",
                f"{row.public.low:.1f} to {row.public.high:.1f}",
                str(len(run.history["epochs"]["public"])),
                f"{row.minutes:.1f}",
            ]
        )
    return [list(row) for row in zip(*columns, strict=True)]
