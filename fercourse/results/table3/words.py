"""What a run's network and budget are in words, and whether it is the published network of Table III."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from fercourse.models.systems import SYSTEMS
from fercourse.results.runs import Run
from fercourse.results.table3.paper import PAPER_ROWS
from fercourse.training.recipes import RECIPES, Recipe

SELECTED = "best epoch on PublicTest"
"""How the course selects; a run that was selected otherwise says so."""


def whole_recipe(run: Run) -> dict[str, Any]:
    """The run's recipe, with today's defaults in fields that it does not have."""
    return (
        Recipe(name=run.recipe["name"], epochs=run.recipe["epochs"]).as_dict()
        | run.recipe
    )


def whole_configuration(run: Run) -> dict[str, Any]:
    """The run's configuration, with the builder's defaults in arguments that it does not name.

    Raises:
        ValueError: the system is unknown.
    """
    system = run.configuration["system"]
    if system not in SYSTEMS:
        raise ValueError(
            f"{run.name}.json is a run of the unknown system {system!r}; expected one "
            f"of "
            f"{', '.join(SYSTEMS)}. Move it away, or use the version of the course "
            f"that it was made with."
        )
    return _defaults(system) | run.configuration


def selection(run: Run) -> str:
    """On what was selected, as the run says."""
    return run.provenance.get("selected", SELECTED)


def places_of_block(configuration: Mapping[str, Any]) -> list[str]:
    """The pooling layers behind which the attention block stands; empty without a block."""
    after = configuration.get("after") or []
    return [after] if isinstance(after, str) else list(after)


_WIDTHS = {
    1.0: "full width",
    0.5: "half width",
    0.25: "quarter width",
    0.125: "an eighth of the width",
}
_IN_OTHER_WORDS = ("system", "width", "size", "weights", "after", "combine")
_FREE_CHOICES = ("system", "width", "weights", "dropout")
"""What may differ from the builder's defaults in a network as published. The width is looked at by itself;
dropout is hardly ever stated, and so chosen."""


def is_as_published(configuration: Mapping[str, Any]) -> bool:
    """Whether a configuration is the published network of its row of Table III, as far as that is known.

    That is full width and, but for the dropout, the builder's own arguments: for
    `vgg19_attention` 224 pixels and the map appended after block 5. Plain `vgg19` is no
    row of the table.
    """
    system = configuration["system"]
    if system not in {row.system for row in PAPER_ROWS}:
        return False
    defaults = _defaults(system)
    return configuration.get("width", defaults["width"]) == 1 and all(
        _plain(value) == _plain(defaults.get(name))
        for name, value in configuration.items()
        if name not in _FREE_CHOICES
    )


def form_in_words(run: Run) -> str:
    """The network and its budget, such as "quarter width with batch normalisation, 48 pixels, 20 epochs"."""
    configuration = whole_configuration(run)
    parts = [
        _standing(configuration),
        _width_in_words(configuration),
        *_vgg19_in_words(configuration),
        *_others_in_words(configuration),
        *_recipe_in_words(whole_recipe(run)),
    ]
    if selection(run) != SELECTED:
        parts.append(f"selected otherwise: {selection(run)}")
    return ", ".join(part for part in parts if part)


def _standing(configuration: Mapping[str, Any]) -> str:
    published = {row.system: row.published for row in PAPER_ROWS}
    if configuration["system"] not in published:
        return "not in the paper's table"
    if not is_as_published(configuration):
        return ""
    return (
        "as published"
        if published[configuration["system"]]
        else "as published, layers reconstructed"
    )


def _width_in_words(configuration: Mapping[str, Any]) -> str:
    width = configuration["width"]
    words = _WIDTHS.get(width, f"{width:g} of the width")
    added = _is_vgg19(configuration) and width < 1  # see `fercourse.models.vgg19.vgg19`
    return f"{words} with batch normalisation" if added else words


def _vgg19_in_words(configuration: Mapping[str, Any]) -> list[str]:
    if not _is_vgg19(configuration):
        return []
    words = [f"{configuration['size']} pixels"]
    places = [
        place.removesuffix("_pool").replace("block", "block ")
        for place in places_of_block(configuration)
    ]
    if not places:
        words.append("no attention")
    else:
        combine = {
            "concat": "appended",
            "multiply": "multiplied",
            "residual": "multiplied as 1 + map",
        }
        words.append(
            f"map after {' and '.join(places)} {combine[configuration['combine']]}"
        )
    return [*words, _weights_in_words(configuration["weights"])]


def _weights_in_words(weights: str | None) -> str:
    if weights is None:
        return "random weights at first"
    return (
        "ImageNet weights at first"
        if "imagenet" in weights.lower()
        else f"weights of {weights} at first"
    )


def _others_in_words(configuration: Mapping[str, Any]) -> list[str]:
    defaults = _defaults(configuration["system"])
    return [
        f"{name.replace('_', ' ')} {_plain(value)}"
        for name, value in configuration.items()
        if name not in _IN_OTHER_WORDS and _plain(value) != _plain(defaults.get(name))
    ]


def _recipe_in_words(recipe: Mapping[str, Any]) -> list[str]:
    epochs = f"{recipe['epochs']} epoch{'s' if recipe['epochs'] > 1 else ''} of the recipe {recipe['name']}"
    named = RECIPES.get(recipe["name"])
    changed = {} if named is None else named.as_dict()
    return [f"up to {epochs}" if recipe["early_stop"] else epochs] + [
        f"{name.replace('_', ' ')} {recipe[name]}"
        for name, value in changed.items()
        if name not in ("epochs", "seed") and recipe[name] != value
    ]


def _is_vgg19(configuration: Mapping[str, Any]) -> bool:
    return configuration["system"].startswith("vgg19")


def _defaults(system: str) -> dict[str, Any]:
    """The arguments of a system's builder with their defaults."""
    parameters = inspect.signature(SYSTEMS[system]).parameters
    return {name: parameter.default for name, parameter in parameters.items()}


def _plain(value: Any) -> Any:
    """A value as JSON gives it back: a list for a tuple."""
    return list(value) if isinstance(value, tuple) else value
