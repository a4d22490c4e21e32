"""The checks of lesson 04."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fercourse.lessons.exercise import Wrong, a, attempt, exercise, one_number
from fercourse.models.costs import places
from fercourse.models.vgg19 import BLOCKS


@exercise
def check_grid_side(grid_side: Callable) -> str:
    """Exercise 4.1: how many places a map has on one side, after a block, for a picture of some size."""
    for size, block in ((224, 1), (224, 5), (48, 3), (96, 4), (50, 2), (48, 5)):
        answer = one_number(attempt(grid_side, size, block), "the side of the grid")
        right = places(size)[block - 1].grid
        given = f"For a picture of {size} pixels, after block {block}, your function gives {answer:g}"
        if answer == right:
            continue
        if answer == size // 2 ** (block - 1):
            raise Wrong(
                f"{given}: that is the grid *in front of* the pooling layer of block "
                f"{block}."
            )
        if answer == right**2:
            raise Wrong(
                f"{given}: that is the number of places. Its square root is the side."
            )
        if answer == size // (2 * block):
            raise Wrong(
                f"{given}. Each pooling halves what the one before left, so the "
                f"halvings multiply."
            )
        if answer != int(answer):
            raise Wrong(
                f"{given}. There are no half places: pooling drops an odd last row "
                f"and column."
            )
        raise Wrong(
            f"{given}. Every block ends with a pooling layer that halves the side."
        )
    return "Five halvings: that is all that makes a grid coarse."


@exercise
def check_receptive_field(receptive_field: Callable) -> str:
    """Exercise 4.2: the side of what one place sees, in pixels of the network's input."""
    for block in (2, 3, 4, 5, 1):  # after block 1 alone, some mistakes look alike
        place = places(224)[block - 1]
        answer = one_number(
            attempt(receptive_field, block), "the side of the receptive field"
        )
        given = f"After block {block}, your function gives {answer:g}"
        if answer == place.field:
            continue
        for sentence, field in _wrong_fields(block).items():
            if answer == field:
                raise Wrong(f"{given}. {sentence}")
        raise Wrong(
            f"{given}; the blocks have 2, 2, 4, 4 and 4 convolutions of 3 × 3, each "
            f"with a pooling."
        )
    return "In the end one place sees more than the whole picture. Hold that against its small square on a map."


def _wrong_fields(block: int) -> dict[str, int]:
    """What each usual slip leads to after a block, by the sentence that answers it."""
    rules = {
        "After a pooling layer, neighbours in the grid lie twice as far apart in the "
        "picture: what a layer "
        "adds has to be multiplied by that distance.": lambda field, step, n: (
            field + 2 * n + 1
        ),
        "The pooling layers look at 2 × 2 places themselves and add a little too.": (
            lambda field, step, n: field + 2 * n * step
        ),
        "A 3 × 3 window looks one place to the left *and* one to the right.": (
            lambda field, step, n: field + (n + 1) * step
        ),
        "The distance doubles *behind* a pooling layer: the layer itself still works "
        "on the finer grid.": (lambda field, step, n: field + 2 * n * step + 2 * step),
    }
    found = {
        "Begin with the one pixel that a place of the picture itself sees.": places(
            224
        )[block - 1].field
        - 1
    }
    for sentence, rule in rules.items():
        field, step = 1, 1
        for convolutions, _ in BLOCKS[:block]:
            field, step = rule(field, step, convolutions), 2 * step
        found[sentence] = field
    return found


@exercise
def check_only_one_right(only_one_right: Callable) -> str:
    """Exercise 4.3: on how many faces only the first, and only the second of two models is right."""
    chance = np.random.default_rng(5)
    for count, first_rate, second_rate in (
        (40, 0.6, 0.8),
        (7, 0.5, 0.5),
        (300, 0.9, 0.2),
    ):
        first = chance.random(count) < first_rate
        second = chance.random(count) < second_rate
        answer = attempt(only_one_right, first, second)
        try:
            pair = [int(number) for number in answer]
        except (TypeError, ValueError):
            raise Wrong(
                f"Your function returns {a(answer)}; two numbers of faces are expected."
            ) from None
        right = [int((first & ~second).sum()), int((second & ~first).sum())]
        if pair == right:
            continue
        if len(pair) != 2:
            raise Wrong(f"Your function returns {len(pair)} numbers; two are expected.")
        if pair == right[::-1]:
            raise Wrong(
                "Both numbers are there, but in the other order: the first model's "
                "come first."
            )
        if pair == [int(first.sum()), int(second.sum())]:
            raise Wrong(
                "Those are all the faces that each model got right. Leave out the "
                "faces that *both* got "
                "right: they say nothing about a difference."
            )
        if pair == [int((~first & second).sum() + (first & ~second).sum())] * 2:
            raise Wrong(
                "You counted all faces on which the two disagree, twice. Divide them "
                "by who is right."
            )
        if pair == [int((~first).sum()), int((~second).sum())]:
            raise Wrong("Those are the faces that each model got *wrong*.")
        raise Wrong(
            f"For {count} faces your function gives {pair[0]} and {pair[1]}, which "
            f"does not fit."
        )
    return "These faces decide McNemar's test; the others cannot."


@exercise
def check_choose_position(choose_position: Callable) -> str:
    """Exercise 4.4: which position to choose, given both accuracies of each."""
    tables = (
        (
            {"block 1": 61.0, "block 2": 63.5, "block 3": 62.0},
            {"block 1": 64.0, "block 2": 62.5, "block 3": 65.0},
        ),
        ({"none": 60.2, "block 4": 60.1}, {"none": 59.0, "block 4": 61.0}),
    )
    for public, private in tables:
        answer = attempt(choose_position, dict(public), dict(private))
        if isinstance(answer, float | np.floating | int):
            raise Wrong(
                f"Your function returns {answer!r}, an accuracy. The name of the "
                f"position is asked for."
            )
        if answer not in public:
            raise Wrong(
                f"Your function returns {answer!r}; expected one of "
                f"{', '.join(public)}."
            )
        best = max(public, key=public.get)
        if answer == best:
            continue
        if answer == max(private, key=private.get):
            raise Wrong(
                "You chose by PrivateTest. Whoever chooses there and reports the "
                "number from there reports "
                "luck as skill: choose on PublicTest, and look at PrivateTest once, "
                "afterwards."
            )
        if answer == min(public, key=public.get):
            raise Wrong("That position has the lowest accuracy on PublicTest.")
        if answer == max(public, key=lambda name: public[name] + private[name]):
            raise Wrong(
                "You mixed both halves. PrivateTest may have no say in a choice."
            )
        raise Wrong(
            f"Your function chooses {answer!r}; look at who is highest on PublicTest."
        )
    return "The price of an honest number is that it may be lower than the best one you saw."
