"""The options of `train`: parsed here, once, into an `Experiment`."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import Any, get_type_hints

from fercourse.data.faces import IMAGE_SIDE
from fercourse.models.network import ARGUMENTS, Network
from fercourse.training.ablation import ablation
from fercourse.training.experiment import (
    POCKET_RECIPE,
    Experiment,
    find_recipe,
    run_name,
)
from fercourse.training.recipes import RECIPES, Recipe

MODEL_OPTIONS: dict[str, dict[str, Any]] = {
    "after": {"nargs": "+", "help": "place of the attention; default: block5_pool"},
    "combine": {"help": "concat (default), multiply, residual or gate"},
    "kernel_size": {"type": int, "help": "of the attention convolution; default: 7"},
    "normalise_map": {
        "action": argparse.BooleanOptionalAction,
        "help": "batch normalisation before the map's sigmoid; default: none",
    },
    "head": {"help": "VGG19: flatten (default, the paper), mean_max or pooled"},
    "feature_scale": {"type": float, "help": "VGG19: factor before the head"},
    "size": {"type": int, "help": "VGG19: side of the enlarged face; default: 224"},
    "weights": {"help": "VGG19: imagenet (default), a path, or none"},
    "width": {"type": float, "help": "share of the channels; default: 1, pocket: 0.25"},
    "widths": {"type": int, "nargs": "+", "help": "tuned_cnn: filters of its layers"},
    "dropout": {"type": float, "help": "default: 0.5 for VGG19, else the system's"},
    "units": {
        "type": int,
        "help": "hidden neurons; default: the system's, 4096 × width for VGG19",
    },
}
"""Arguments of builders that a command can give, and how each is read."""

RECIPE_OPTIONS = tuple(field.name for field in fields(Recipe) if field.name != "name")
"""Fields of a recipe that a command can change: all."""

_HELP = {
    "epochs": "the recipe's unless given, like all options below",
    "learning_rate": "highest learning rate",
    "distillation": "share of the target that teachers make up",
    "views": "1, 2, 10 or 16",
    "seed": "default: 0",
}


def add_experiment_options(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options that `read_experiment` reads."""
    model = parser.add_argument_group("the model (see fercourse.models.systems)")
    model.add_argument(
        "--system",
        default="vgg19_attention",
        help="deep_emotion, inception, tuned_cnn, resnet, vgg, vggnet, vgg19, or "
        "vgg19_attention (default), the paper's; refuses what a system does not take",
    )
    for name, how in MODEL_OPTIONS.items():
        model.add_argument(option_of(name), default=None, **how)
    model.add_argument(
        "--pocket",
        action="store_true",
        help="a pocket model of VGG19: only --system, --after, --combine and --size "
        "(default: 48) count then",
    )
    model.add_argument(
        "--ablation",
        metavar="STEP",
        help="model and recipe of a step from the paper to the best, see "
        "fercourse.training.ablation: only --size, --weights, and what changes a "
        "recipe go with it",
    )
    recipe = parser.add_argument_group("the recipe (see fercourse.training.recipes)")
    recipe.add_argument(
        "--recipe",
        help=f"{', '.join(RECIPES)}; default: paper for VGG19, pocket for pocket "
        "models, else common",
    )
    types = get_type_hints(Recipe)
    for field in RECIPE_OPTIONS:
        reads: dict[str, Any] = {"type": types[field]}
        if types[field] is bool:
            reads = {"action": argparse.BooleanOptionalAction, "default": None}
        recipe.add_argument(option_of(field), help=_HELP.get(field), **reads)
    parser.set_defaults(seed=0)
    parser.add_argument("--name", help="of the run; default: from model and recipe")


def option_of(name: str) -> str:
    """The option of an argument or field, such as "--kernel-size"."""
    return f"--{name.replace('_', '-')}"


def read_experiment(options: argparse.Namespace) -> Experiment:
    """The experiment that parsed options describe; refuses what does not fit."""
    if options.ablation is None:
        configuration = _configuration(options)
        usual = "paper" if Network(options.system).is_vgg19 else "common"
        if options.pocket:
            usual = POCKET_RECIPE
        recipe = find_recipe(options.recipe or usual)
    else:
        configuration, recipe = _ablation(options)
    # An option that is not given is None, and changes nothing.
    changes = {field: getattr(options, field) for field in RECIPE_OPTIONS}
    changes = {field: value for field, value in changes.items() if value is not None}
    if getattr(options, "teachers", None) and not recipe.distillation:
        changes.setdefault("distillation", 0.5)
    recipe = recipe.changed(**changes)
    name = options.name or run_name(configuration, recipe.as_dict())
    return Experiment(name, configuration, recipe)


def _configuration(options: argparse.Namespace) -> dict[str, Any]:
    stated = {name: getattr(options, name) for name in MODEL_OPTIONS}
    stated = {name: value for name, value in stated.items() if value is not None}
    _require_fitting(options, stated)
    if stated.get("weights") == "none":
        stated["weights"] = None
    network = Network.from_dict({"system": options.system, **stated})
    if options.pocket:
        if len(network.after) > 1:
            raise ValueError("--pocket takes one place: one name after --after.")
        side = options.size or IMAGE_SIDE
        network = Network.pocket(network.after, network.combine, size=side)
    return network.as_dict()


def _ablation(options: argparse.Namespace) -> tuple[dict[str, Any], Recipe]:
    """The configuration and the recipe of the step that `--ablation` names."""
    fixed = [name for name in MODEL_OPTIONS if name not in ("size", "weights")]
    wrong = [name for name in (*fixed, "recipe") if getattr(options, name) is not None]
    wrong += ["pocket"] if options.pocket else []
    if wrong or options.system != "vgg19_attention":
        raise ValueError(
            f"{', '.join(map(option_of, wrong or ['system']))} does not go with "
            "--ablation, whose steps say what is trained; --size, --weights and what "
            "changes a recipe do."
        )
    size = options.size or 224
    configuration, recipe = ablation(options.ablation, size=size, seed=options.seed)
    if options.weights is not None:
        weights = None if options.weights == "none" else options.weights
        configuration["weights"] = weights
    return configuration, recipe


def _require_fitting(options: argparse.Namespace, stated: dict[str, Any]) -> None:
    system = options.system
    if system not in ARGUMENTS:
        known = ", ".join(ARGUMENTS)
        raise ValueError(f"--system {system} is unknown; expected one of {known}.")
    taken = [name for name in MODEL_OPTIONS if name in ARGUMENTS[system]]
    if Network(system).is_vgg19:
        taken += ["pocket", "ship"]
    others = [name for name in ("pocket", "ship") if getattr(options, name, False)]
    if wrong := [name for name in (*stated, *others) if name not in taken]:
        raise ValueError(
            f"{', '.join(map(option_of, wrong))} does not go with --system {system}, "
            f"which takes {', '.join(map(option_of, taken))}."
        )
