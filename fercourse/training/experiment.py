"""Experiments: what a `train` command says, as a configuration, a recipe and the name of a run.

Nothing heavy is imported before a command is read: `python -m fercourse --help` needs
no Keras.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fercourse.training.ablation import ABLATION, ablation
from fercourse.training.recipes import RECIPES, Recipe

_PAPER = {"size": 224, "weights": "imagenet", "width": 1.0, "dropout": 0.5}

DEFAULTS: dict[str, dict[str, Any]] = {
    "vgg19": _PAPER,
    "vgg19_attention": {
        **_PAPER,
        "after": "block5_pool",
        "combine": "concat",
        "kernel_size": 7,
    },
}
"""What a run of the paper's two networks states in any case. Of the other systems it states the width, and
beyond that what the command changes: the rest are the defaults of their builders."""


@dataclass(frozen=True)
class Experiment:
    """What is trained, how, and under which name.

    Attributes:
        name: of the run, its files and its checkpoint.
        configuration: `system` and the arguments of its builder; may hold a path to
            weights.
        recipe: how it is trained.
    """

    name: str
    configuration: dict[str, Any]
    recipe: Recipe

    @property
    def stored_configuration(self) -> dict[str, Any]:
        """The configuration as a run keeps it: it names no folder of the machine it was made on."""
        weights = self.configuration.get("weights")
        if weights is None or weights == "imagenet":
            return self.configuration
        return {**self.configuration, "weights": Path(weights).name}


def run_name(configuration: dict[str, Any], recipe: dict[str, Any]) -> str:
    """The default name of a run, such as "vgg19_attention-block5-concat-224-paper-seed0".

    Args:
        configuration: see `Run.configuration`.
        recipe: see `Run.recipe`.
    """
    changed = changed_fields(recipe)
    vgg19 = configuration["system"] in DEFAULTS
    if vgg19:
        changed.pop(
            "epochs", None
        )  # their names are older than this rule, and each has one length
    parts = [f"{field}{_short(value)}" for field, value in changed.items()]
    model = _vgg19_name(configuration) if vgg19 else _system_name(configuration)
    return "-".join([model, recipe["name"], *parts, f"seed{recipe['seed']}"])


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _system_name(configuration: dict[str, Any]) -> str:
    arguments = {
        name: value for name, value in configuration.items() if name != "system"
    }
    parts = [configuration["system"]]
    if "widths" in arguments:
        parts.append("+".join(map(str, arguments.pop("widths"))))
    if arguments.get("width") == 1:
        del arguments["width"]
    return "-".join(
        [
            *parts,
            *(f"{name}{_short(value)}" for name, value in sorted(arguments.items())),
        ]
    )


def _vgg19_name(configuration: dict[str, Any]) -> str:
    from fercourse.models.pocket import pocket_configuration, pocket_name

    after, combine = configuration.get("after"), configuration.get("combine", "concat")
    places = (after,) if after is None or isinstance(after, str) else tuple(after)
    if len(places) == 1 and configuration == pocket_configuration(after, combine):
        return pocket_name(after, combine)
    width, scratch = configuration["width"], configuration["weights"] is None
    parts = (
        configuration["system"],
        "+".join(place.removesuffix("_pool") for place in places if place),
        configuration.get("combine"),
        "normalised" if configuration.get("normalise_map") else "",
        "pooled" if configuration.get("head") == "pooled" else "",
        configuration["size"],
        f"width{width:g}" if width != 1 else "",
        "scratch" if scratch else "",
    )
    return "-".join(str(part) for part in parts if part)


def step_recipes() -> dict[str, Recipe]:
    """The recipes of the steps that are no named recipe, by their own names."""
    found = {recipe.name: recipe for recipe in (ablation(step)[1] for step in ABLATION)}
    return {name: recipe for name, recipe in found.items() if name not in RECIPES}


def find_recipe(name: str) -> Recipe:
    """The recipe of this name, also of a step of the ablation; `ValueError` names those that there are."""
    if name in RECIPES:
        return RECIPES[name]
    steps = step_recipes()
    if name not in steps:
        raise ValueError(
            f"--recipe {name} is unknown; expected one of "
            f"{', '.join([*RECIPES, *steps])}."
        )
    return steps[name]


def changed_fields(recipe: dict[str, Any]) -> dict[str, Any]:
    """What a run changed of the recipe that it names, but for the seed: field to value.

    Args:
        recipe: see `Run.recipe`; fields that it lacks are younger than the run.
    """
    usual = find_recipe(recipe["name"]).as_dict()
    return {
        field: recipe[field]
        for field in usual
        if field not in ("name", "seed")
        and field in recipe
        and recipe[field] != usual[field]
    }
