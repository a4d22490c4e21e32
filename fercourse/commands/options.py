"""The options of `train`: read once, here, into an `Experiment`."""

from __future__ import annotations

import argparse
import inspect
from dataclasses import Field, fields
from typing import Any

from fercourse.training.experiment import DEFAULTS, Experiment, run_name
from fercourse.training.recipes import RECIPES, Recipe

MODEL_OPTIONS = (
    "after", "combine", "kernel_size", "normalise_map", "head", "size", "weights", "width", "widths",
    "dropout", "units",
)  # fmt: skip
"""Arguments of builders that a command can give."""


RECIPE_OPTIONS = tuple(field.name for field in fields(Recipe) if field.name != "name")
"""Fields of a recipe that a command can change: all."""


_HELP = {
    "epochs": "this and what follows: the recipe's unless given",
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
        help="deep_emotion, inception, tuned_cnn, resnet, vgg, vggnet, vgg19, or vgg19_attention "
        "(default), the paper's; what a system does not take is refused",
    )
    model.add_argument(
        "--after", nargs="+", help="place of the attention; default: block5_pool"
    )
    model.add_argument("--combine", help="concat (default), multiply or residual")
    model.add_argument(
        "--kernel-size", type=int, help="of the attention convolution; default: 7"
    )
    model.add_argument(
        "--normalise-map",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="batch normalisation in front of the map's sigmoid; default: none",
    )
    model.add_argument("--head", help="VGG19: flatten (default, the paper) or pooled")
    model.add_argument(
        "--size", type=int, help="VGG19: side of the enlarged face; default: 224"
    )
    model.add_argument("--weights", help="VGG19: imagenet (default), a path, or none")
    model.add_argument(
        "--width", type=float, help="fraction of the channels; default: 1, pocket: 0.25"
    )
    model.add_argument(
        "--widths",
        type=int,
        nargs="+",
        help="tuned_cnn: filters of its five convolutions",
    )
    model.add_argument(
        "--dropout", type=float, help="default: 0.5 for VGG19, else the system's"
    )
    model.add_argument(
        "--units",
        type=int,
        help="hidden neurons; default: the system's, 4096 × width for VGG19",
    )
    model.add_argument(
        "--pocket",
        action="store_true",
        help="a pocket model of VGG19: only --system, --after and --combine are then looked at",
    )
    model.add_argument(
        "--ablation",
        metavar="STEP",
        help="model and recipe of a step from the paper to the best, see fercourse.training.ablation: only --size, "
        "--weights, and what changes a recipe go with it",
    )
    recipe = parser.add_argument_group("the recipe (see fercourse.training.recipes)")
    recipe.add_argument(
        "--recipe",
        help=f"{', '.join(RECIPES)}; default: paper for VGG19, pocket for pocket models, else common",
    )
    for field in fields(Recipe):
        if field.name != "name":
            recipe.add_argument(
                _option(field.name), **_reads(field), help=_HELP.get(field.name)
            )
    parser.set_defaults(seed=0)
    parser.add_argument("--name", help="of the run; default: from model and recipe")


def _reads(field: Field) -> dict[str, Any]:
    """How an option reads the values of a field."""
    if field.type == "bool":
        return {"action": argparse.BooleanOptionalAction, "default": None}
    return {"type": {"int": int, "float": float, "str": str}[field.type]}


def read_experiment(options: argparse.Namespace) -> Experiment:
    """The experiment that parsed options describe.

    Raises:
        ValueError: an unknown system or recipe, a value out of range, or an option that the system does
            not take.
    """
    configuration, recipe = read_configuration(options), read_recipe(options)
    return Experiment(
        options.name or run_name(configuration, recipe.as_dict()), configuration, recipe
    )


def read_configuration(options: argparse.Namespace) -> dict[str, Any]:
    """`system` and the arguments of its builder.

    Raises:
        ValueError: as `read_experiment`.
    """
    from fercourse.models.pocket import pocket_configuration

    if options.ablation is not None:
        return _ablation(options)[0]
    given = {
        name: getattr(options, name)
        for name in MODEL_OPTIONS
        if getattr(options, name) is not None
    }
    _require_fitting(options, given)
    if given.get("weights") == "none":
        given["weights"] = None
    if len(given.get("after", ())) == 1:
        given["after"] = given["after"][0]
    if not options.pocket:
        return {
            "system": options.system,
            **DEFAULTS.get(options.system, {"width": 1.0}),
            **given,
        }
    place = {
        name: DEFAULTS["vgg19_attention"][name] for name in ("after", "combine")
    } | given
    return pocket_configuration(
        None if options.system == "vgg19" else place["after"], place["combine"]
    )


def _ablation(options: argparse.Namespace) -> tuple[dict[str, Any], Recipe]:
    """The configuration and the recipe of the step that `--ablation` names."""
    from fercourse.training.ablation import ablation

    fixed = [name for name in MODEL_OPTIONS if name not in ("size", "weights")]
    wrong = [name for name in (*fixed, "recipe") if getattr(options, name) is not None]
    wrong += ["pocket"] if options.pocket else []
    if wrong or options.system != "vgg19_attention":
        raise ValueError(
            f"{', '.join(map(_option, wrong or ['system']))} does not go with --ablation, whose steps say "
            "what is trained; --size, --weights and what changes a recipe do."
        )
    configuration, recipe = ablation(
        options.ablation, size=options.size or 224, seed=options.seed
    )
    if options.weights is not None:
        configuration["weights"] = (
            None if options.weights == "none" else options.weights
        )
    return configuration, recipe


def _require_fitting(options: argparse.Namespace, given: dict[str, Any]) -> None:
    from fercourse.models.systems import SYSTEMS

    system = options.system
    if system not in SYSTEMS:
        raise ValueError(
            f"--system {system} is unknown; expected one of {', '.join(SYSTEMS)}."
        )
    taken = [
        name
        for name in MODEL_OPTIONS
        if name in inspect.signature(SYSTEMS[system]).parameters
    ]
    wrong = [name for name in given if name not in taken]
    if system in DEFAULTS:
        taken += ["pocket", "ship"]
    else:
        wrong += [name for name in ("pocket", "ship") if getattr(options, name, False)]
    if wrong:
        raise ValueError(
            f"{', '.join(map(_option, wrong))} does not go with --system {system}, which takes "
            f"{', '.join(map(_option, taken))}."
        )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def read_recipe(options: argparse.Namespace) -> Recipe:
    """The recipe, with what the options change.

    Raises:
        ValueError: as `read_experiment`.
    """
    from fercourse.training.experiment import find_recipe

    if options.ablation is not None:
        recipe = _ablation(options)[1]
    else:
        recipe = find_recipe(options.recipe or _usual_recipe(options))
    changed = {field: getattr(options, field) for field in RECIPE_OPTIONS}
    given = {field: value for field, value in changed.items() if value is not None}
    if getattr(options, "teachers", None) and not recipe.distillation:
        given.setdefault("distillation", 0.5)
    return recipe.changed(**given)


def _usual_recipe(options: argparse.Namespace) -> str:
    return (
        "common"
        if options.system not in DEFAULTS
        else "pocket"
        if options.pocket
        else "paper"
    )
