"""A run's network and budget in words, and whether it is a network as published."""

from __future__ import annotations

from typing import Any

from fercourse.data.ferplus import VOTES
from fercourse.models.network import ARGUMENTS, Network
from fercourse.results.runs import Run, usual_selection
from fercourse.results.table3.paper import PAPER_ROWS
from fercourse.training.recipes import RECIPES, Recipe

_PUBLISHED = {row.system: row.published for row in PAPER_ROWS}
_WIDTHS = {
    **{1.0: "full width", 0.5: "half width", 0.25: "quarter width"},
    **{0.125: "an eighth of the width"},
}
_COMBINE = {
    "concat": "appended",
    "multiply": "multiplied",
    "residual": "multiplied as 1 + map",
    "gate": "multiplied as 2 · map",
}
_FREE_CHOICES = ("width", "weights", "dropout", "feature_scale")
"""What may differ in a network as published: width counts by itself, dropout is hardly
ever stated, and a scale is a choice of initial weights and of a rate."""
_IN_OTHER_WORDS = ("width", "size", "weights", "after", "combine")


def network_of(run: Run) -> Network:
    """The run's network, with the builder's defaults in what it does not state.

    Raises:
        ValueError: the system is unknown; the message names the file.
    """
    try:
        return Network.from_dict(run.configuration)
    except ValueError as error:
        raise ValueError(
            f"{run.name}.json cannot be read: {error} Move it away, or use the version "
            "of the course that it was made with."
        ) from error


def selection(run: Run) -> str:
    """The faces on which the choices were made, as the run says."""
    return run.provenance.get("selected", usual_selection(run.data))


def is_as_published(network: Network) -> bool:
    """Whether it is the published network of its row of Table III, as far as known.

    That is full width and, but for the dropout, the builder's own arguments: for
    `vgg19_attention` 224 pixels and the map appended after block 5. Plain `vgg19` is no
    row of the table.
    """
    defaults = ARGUMENTS[network.system]
    return (
        network.system in _PUBLISHED
        and network.width == 1
        and all(
            value == defaults[name]
            for name, value in network.arguments.items()
            if name not in _FREE_CHOICES
        )
    )


def form_in_words(run: Run) -> str:
    """The network and its budget: "half width, 7 epochs of the recipe common"."""
    network = network_of(run)
    parts = [_publication(network), _width_in_words(network)]
    if network.is_vgg19:
        parts += _vgg19_in_words(network)
    # Whatever else differs from the builder's defaults
    defaults = ARGUMENTS[network.system]
    parts += [
        f"{name.replace('_', ' ')} {list(value) if isinstance(value, tuple) else value}"
        for name, value in network.arguments.items()
        if name not in _IN_OTHER_WORDS and value != defaults[name]
    ]
    parts += _recipe_in_words(Recipe.from_dict(run.recipe))
    parts.append(_teachers_in_words(run.teachers))
    if selection(run) != usual_selection(run.data):
        parts.append(f"selected otherwise: {selection(run)}")
    return ", ".join(part for part in parts if part)


def _publication(network: Network) -> str:
    if network.system not in _PUBLISHED:
        return "not in the paper's table"
    if not is_as_published(network):
        return ""
    reconstructed = "" if _PUBLISHED[network.system] else ", layers reconstructed"
    return f"as published{reconstructed}"


def _width_in_words(network: Network) -> str:
    words = _WIDTHS.get(network.width, f"{network.width:g} of the width")
    # A narrow VGG19 has normalisation that the published one lacks.
    normalised = network.is_vgg19 and network.width < 1
    return f"{words} with batch normalisation" if normalised else words


def _vgg19_in_words(network: Network) -> list[str]:
    block = "no attention"
    if network.after:
        places = " and ".join(network.blocks).replace("block", "block ")
        block = f"map after {places} {_COMBINE[network.combine]}"
    weights = network.weights or "random weights"
    if network.weights is not None:
        imagenet = "imagenet" in network.weights.lower()
        weights = "ImageNet weights" if imagenet else f"weights of {network.weights}"
    return [f"{network.size} pixels", block, f"{weights} at first"]


def _teachers_in_words(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    if names == (VOTES,):
        return "taught by FER+'s votes"
    return f"{len(names)} teacher{'s' if len(names) > 1 else ''}"


def _recipe_in_words(recipe: Recipe) -> list[str]:
    plural = "s" if recipe.epochs > 1 else ""
    epochs = f"{recipe.epochs} epoch{plural} of the recipe {recipe.name}"
    fields: dict[str, Any] = recipe.as_dict()
    usual = RECIPES[recipe.name].as_dict() if recipe.name in RECIPES else fields
    return [f"up to {epochs}" if recipe.early_stop else epochs] + [
        f"{name.replace('_', ' ')} {value}"
        for name, value in fields.items()
        if name not in ("epochs", "seed") and value != usual[name]
    ]
