"""Experiments: a network, a recipe, and the name of the run they make.

Nothing here imports Keras: `python -m fercourse --help` needs none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fercourse.data.faces import FER2013
from fercourse.models.network import Network
from fercourse.training.ablation import ABLATION, ablation
from fercourse.training.recipes import RECIPES, Recipe

POCKET_RECIPE = "pocket"
"""The recipe of the pocket models of every place and size."""

SPELLED = 3
"""How many changed fields of a recipe a run's name spells out; of more, a digest."""


@dataclass(frozen=True)
class Experiment:
    """What is trained, how, and under which name."""

    name: str
    configuration: dict[str, Any]
    recipe: Recipe

    @property
    def stored_configuration(self) -> dict[str, Any]:
        """The configuration as a run keeps it: a file of weights, but no folder."""
        weights = self.configuration.get("weights")
        if weights is None or weights == "imagenet":
            return self.configuration
        return {**self.configuration, "weights": Path(weights).name}


def run_name(
    configuration: Mapping[str, Any],
    recipe: Mapping[str, Any],
    *,
    spelled: int = SPELLED,
) -> str:
    """The default name of a run, such as "pocket-block4-concat-pocket-seed0".

    `spelled` is for reading names that are older than the digest.
    """
    network = Network.from_dict(configuration)
    changed = changed_fields(recipe)
    if network.is_vgg19:
        # Their names are older than this rule, and each recipe has one length.
        changed.pop("epochs", None)
    # "…-pocket-label_smoothing0.1-seed0": the recipe, and what differs from it.
    parts = [
        f"{field}{value:g}" if isinstance(value, int | float) else f"{field}{value}"
        for field, value in changed.items()
    ]
    if len(parts) > spelled:
        # "…-best-3f2a1c-seed0": as unique, and short enough to be read.
        digest = hashlib.sha256(json.dumps(changed, sort_keys=True).encode())
        parts = [digest.hexdigest()[:6]]
    return "-".join([network.name, recipe["name"], *parts, f"seed{recipe['seed']}"])


def name_on(data: str, name: str) -> str:
    """A run's name with the data set in it, unless that is FER2013.

    `data` is a `FaceData.name`.
    """
    return name if data == FER2013 or data in name else f"{data}-{name}"


def find_recipe(name: str) -> Recipe:
    """The recipe of this name, or that of a step of the ablation."""
    if name in RECIPES:
        return RECIPES[name]
    steps = {recipe.name: recipe for recipe in (ablation(step)[1] for step in ABLATION)}
    if name not in steps:
        known = ", ".join(RECIPES | steps)
        raise ValueError(f"--recipe {name} is unknown; expected one of {known}.")
    return steps[name]


def changed_fields(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """What a run changed of the recipe that it names, except for the seed.

    Fields that the run lacks are younger than it, and so unchanged.

    Example: `fc.changed_fields(run.recipe)`.
    """
    usual = find_recipe(recipe["name"]).as_dict()
    # In the order of the recipe's fields, as in the names of stored runs
    return {
        field: recipe[field]
        for field in usual
        if field not in ("name", "seed")
        and recipe.get(field, usual[field]) != usual[field]
    }


def is_recipe(recipe: Mapping[str, Any], name: str) -> bool:
    """Whether a run followed the recipe of this name; its precision may differ.

    16-bit arithmetic makes the steps faster on some processors; it rounds more.
    """
    return recipe["name"] == name and changed_fields(recipe).keys() <= {"precision"}
