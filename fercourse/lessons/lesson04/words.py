"""The sentences of the panel: what a position changes, and whether it matters."""

from __future__ import annotations

import numpy as np

from fercourse.data.faces import IMAGE_SIDE
from fercourse.lessons.lesson04.knowledge import Choice, Knowledge, position_of
from fercourse.models.costs import Place, configuration_costs, places
from fercourse.models.network import KERNEL_SIZE, Network
from fercourse.models.vgg19 import POOLS
from fercourse.results.evidence import shares_on_evidence
from fercourse.results.statistics import mcnemar, wilson_interval

TEST_FACES = {"fer2013": "PublicTest faces", "practice": "practice test faces"}


def interval(correct: np.ndarray) -> tuple[float, float, float]:
    """An accuracy and the ends of its 95 % interval, in percent."""
    return 100 * correct.mean(), *wilson_interval(int(correct.sum()), len(correct))


def verdict(known: Knowledge, before: Choice, now: Choice) -> str:
    """What changed between two networks on the same faces, and what it means."""
    correct, faces, name = known.correct(now), TEST_FACES[now.trained_on], _name(now)
    if correct is None:
        return f"{name} was not tested on {faces}, so there is nothing to compare."
    accuracy, low, high = interval(correct)
    reference = _reference(before, now)
    first = known.correct(reference)
    if first is None or reference == now:
        return (
            f"{name}: {accuracy:.1f} % of {len(correct):,} {faces}, 95 % interval "
            f"{low:.1f} to {high:.1f} %, one seed. Move the block to compare."
        )
    paired = mcnemar(first, correct)
    chance = f"{paired.p_value:.2f}" if paired.p_value >= 0.01 else "below 0.01"
    means = (
        ", so no difference can be claimed."
        if paired.p_value >= 0.05
        else ". But you make many such comparisons here."
    )
    return (
        f"From {reference.variant.label} to {now.variant.label}: "
        f"{100 * first.mean():.1f} to {accuracy:.1f} % of the same {len(correct):,} "
        f"{faces}. {paired.only_first} are right only before, {paired.only_second} "
        f"only now. By chance, a split this uneven has probability {chance}{means}"
    )


def _name(choice: Choice) -> str:
    return choice.variant.label.capitalize()


def _reference(before: Choice, now: Choice) -> Choice:
    """What a network is compared with: one that sees faces of the same size."""
    alike = before.variant.size == now.variant.size
    if alike and before.trained_on == now.trained_on:
        return before
    return Choice(Network.pocket(size=now.variant.size), now.trained_on)


def origin(known: Knowledge, choice: Choice, own_picture: bool) -> str:
    """What a trained network knows, and how it fares with the panel's faces."""
    right, count = known.right_in_panel(choice), len(known.faces)
    score = f"of the panel's {count} drawn faces, it gets {right} right."
    if choice.trained_on == "fer2013":
        return f"This network was trained on photographs (FER2013); {score}"
    if own_picture:
        return "This network has seen drawings only; do not expect much of a picture."
    return f"This network was trained on other drawings of this kind; {score}"


def not_trained(known: Knowledge, choice: Choice) -> str:
    """That nobody has trained this network yet, and what the learner can do."""
    drawings = [Choice(network, "practice") for network in known.networks]
    trained = [other.variant.label for other in drawings if known.is_trained(other)]
    return (
        f"This network ({choice.variant.label}) has not been trained on drawings yet. "
        f"Train it with the button below the controls, or choose one that is trained: "
        f"{'; '.join(trained)}."
    )


def trained_here(correct: np.ndarray, choice: Choice) -> str:
    """How well a network does that was trained in the panel."""
    accuracy, low, high = interval(correct)
    return (
        f"{_name(choice)}: {correct.sum():,} of {len(correct):,} practice test faces "
        f"right, {accuracy:.1f} % ({low:.1f} to {high:.1f} %)."
    )


def costs(variant: Network) -> str:
    """Parameters and multiply-adds, and what the block adds to them."""
    parameters, additions = configuration_costs(variant)
    plain = configuration_costs(Network.pocket(size=variant.size))
    total = f"{parameters:,} parameters"
    cost = f"{additions / 1e6:.1f} million multiply-adds per face"
    if not variant.after:
        return f"{total}, {cost}."
    return (
        f"{total} ({parameters - plain[0]:,} more than without the block), {cost} "
        f"({additions - plain[1]:,} more)."
    )


def grid(variant: Network) -> str:
    """A network's grid, and how much of the face a cell of its map depends on."""
    if not variant.after:
        return f"{position_of(variant).capitalize()}: plain VGG19, no map."
    place = places(variant.size)[POOLS.index(variant.after[0])]
    seen = min(round(field_of_map(place, variant.kernel_size)), IMAGE_SIDE)
    return (
        f"A map of {place.grid} × {place.grid}: a cell can depend on {seen} × {seen} "
        f"of {IMAGE_SIDE} × {IMAGE_SIDE} pixels."
    )


def field_of_map(place: Place, kernel_size: int = KERNEL_SIZE) -> float:
    """Side in pixels of the face of what can influence one cell of the map."""
    # The block's window reaches (kernel_size - 1) / 2 cells to each side, and a cell of
    # the grid is IMAGE_SIDE / grid pixels wide.
    return place.field_on_face + (kernel_size - 1) * IMAGE_SIDE / place.grid


def evidence(attention_map: np.ndarray | None, mask: np.ndarray | None) -> str:
    """How much of a map is where the expression changes the face.

    Args:
        attention_map: float in [0, 1], shape (grid, grid), or None.
        mask: bool, shape (48, 48), or None for a picture that was not drawn here.
    """
    if mask is None:
        return "The pixels that matter are known of drawn faces only."
    if not mask.any():
        return "The expression changes no pixel of this face."
    outline = "The white line encloses what the expression changes"
    if attention_map is None:
        return f"{outline}."
    share = shares_on_evidence(attention_map[None], mask[None]).item()
    return (
        f"{outline}: {100 * share:.0f} % of the map's total, {100 * mask.mean():.0f} % "
        f"of the area."
    )
