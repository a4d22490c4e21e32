"""The checks of lesson 04."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from fercourse.lessons.exercise import compare, exercise, numbers, whole_number, word
from fercourse.models.costs import places
from fercourse.models.vgg19 import BLOCKS


@exercise
def check_grid_side(grid_side: Callable) -> str:
    """Exercise 4.1: how many cells a map has on one side, after a block."""
    compare(grid_side, [(224, 1), (224, 5), (48, 3), (75, 3), (50, 2), (48, 5)],
        "the side of the grid", lambda size, block: places(size)[block - 1].grid, {
        "before pooling": (lambda size, block: size // 2 ** (block - 1),
            "That is the grid *before* the pooling layer of this block."),
        "places": (lambda size, block: places(size)[block - 1].grid ** 2,
            "That is the number of cells. The side is its square root."),
        "added halvings": (lambda size, block: size // (2 * block),
            "Each pooling layer halves what the one before it left: they multiply."),
        "rounded up": (lambda size, b: [math.ceil(size / 2**b), round(size / 2**b)],
            "Pooling drops an odd last row and column, so round down."),
    }, about="For an image of {0} pixels and block {1}",
        hint="Every block ends with a pooling layer that halves the side.",
        read=whole_number, rtol=0)  # fmt: skip
    return "Five halvings: that is all that makes a grid coarse."


@exercise
def check_receptive_field(receptive_field: Callable) -> str:
    """Exercise 4.2: the side of the receptive field, in pixels."""
    compare(receptive_field, [(block,) for block in (2, 3, 4, 5, 1)],
        "the side of the receptive field", lambda block: places(224)[block - 1].field, {
        "no steps": (lambda block: field(block, lambda step, n: 2 * n + 1),
            "Multiply what a layer adds by the step, which each pooling doubles."),
        "no pooling": (lambda block: field(block, lambda step, n: 2 * n * step),
            "The pooling layers take in 2 × 2 cells themselves and add a little too."),
        "one side": (lambda block: field(block, lambda step, n: (n + 1) * step),
            "A 3 × 3 window takes in one cell on the left *and* one on the right."),
        "early": (lambda block: [
                field(block, lambda step, n: 2 * n * step + 2 * step),
                field(block, lambda step, n: (2 * n + 1) * 2 * step)],
            "The step doubles *after* a pooling layer, which has the old one itself."),
        "start": (lambda block: places(224)[block - 1].field - 1,
            "Begin with one pixel: the field of a pixel in the image itself."),
        "two convolutions": (lambda block: field(block, lambda step, n: 5 * step),
            "Not every block has two convolutions: blocks 3, 4 and 5 have four."),
        "step": (lambda block: 2**block,
            "That is how far apart two cells are. Their fields are larger."),
    }, about="After block {0}",
        hint="The blocks have 2, 2, 4, 4 and 4 convolutions, and a pooling layer each.",
        read=whole_number, rtol=0)  # fmt: skip
    return (
        "After block 5 the field is larger than the image, but drawn as a small square."
    )


def field(block: int, growth: Callable[[int, int], int]) -> int:
    """The receptive field if a block with n convolutions adds `growth(step, n)`."""
    return 1 + sum(growth(2**b, n) for b, (n, _) in enumerate(BLOCKS[:block]))


@exercise
def check_only_one_right(only_one_right: Callable) -> str:
    """Exercise 4.3: how many faces only the first, only the second model gets right."""
    random = np.random.default_rng(5)
    compare(only_one_right,
        [(random.random(n) < 0.6, random.random(n) < p) for n, p in
            ((40, 0.8), (7, 0.8), (300, 0.4))],
        "two numbers of faces",
        lambda first, second: (sum(first & ~second), sum(second & ~first)), {
        "order": (lambda first, second: (sum(second & ~first), sum(first & ~second)),
            "Both numbers are right, but the first model's comes first."),
        "all right": (lambda first, second: (sum(first), sum(second)),
            "Leave out the faces that *both* models got right."),
        "differences": (lambda first, second: (sum(first ^ second),) * 2,
            "Those are all faces on which the two disagree. Which model is right?"),
        "agreement": (lambda x, y: (sum(x & y), sum(~x & ~y)),
            "Those are the faces on which the two agree."),
        "all wrong": (lambda first, second: (sum(~first), sum(~second)),
            "Those are the faces that each model got *wrong*."),
        "shares": (lambda x, y: ((x & ~y).mean(), (y & ~x).mean()),
            "Those are shares. Return numbers of faces."),
    }, {
        "shape": (lambda pair, *_: pair.shape != (2,), "Return two numbers of faces."),
    }, about="For {0.size} faces",
        hint="Count the faces where one model is right and the other is not.",
        read=numbers, rtol=0)  # fmt: skip
    return "These faces decide McNemar's test; the others cannot."


# Accuracies on PublicTest and PrivateTest, made up so that each slip chooses otherwise;
# in the last tables three are equal, and PrivateTest singles out the middle one.
_POSITIONS = ("block 1", "block 2", "block 3", "block 4", "none")
_ACCURACIES = (
    ((61.0, 63.52, 63.48, 61.5), (63.9, 60.0, 65.2, 65.9)),
    ((60.2, 60.1, 58.0), (61.0, 62.0, 54.0)),
    ((62.3, 60.1, 58.7, 62.4, 59.0), (62.0, 60.2, 61.3, 59.0, 62.2)),
    ((63.0, 63.0, 63.0, 58.0), (60.0, 64.0, 61.0, 65.0)),
    ((63.0, 63.0, 63.0, 58.0), (64.0, 60.0, 61.0, 59.0)),
)


@exercise
def check_choose_position(choose_position: Callable) -> str:
    """Exercise 4.4: which position to choose, given both accuracies of each."""
    tables = [
        tuple(dict(zip(_POSITIONS, half, strict=False)) for half in halves)
        for halves in _ACCURACIES
    ]
    compare(choose_position, tables, "the name of a position", _best, {
        "private": (lambda public, private: max(private, key=private.get),
            "You chose by PrivateTest, where you report: that sells luck as skill."),
        "lowest": (lambda public, private: min(public, key=public.get),
            "That position has the lowest accuracy on PublicTest."),
        "name": (lambda public, private: [max(public), min(public)],
            "That is the last or first name. `max` needs a `key=` here."),
        "both": (lambda public, private: [
                max(public, key=lambda x: public[x] + n * private[x]) for n in (1, -1)],
            "You mixed both halves. PrivateTest must have no say in a choice."),
        "ties": (lambda a, b: [
                max(a, key=lambda x: (round(a[x], n), b[x])) for n in (9, 1)],
            "Where PublicTest is equal, or nearly so, you let PrivateTest decide."),
    }, hint="Find the highest accuracy on PublicTest.",
        read=partial(word, words=_POSITIONS))  # fmt: skip
    return "An honest number may be lower than the best one you saw: that is its price."


def _best(public: dict[str, float], private: dict[str, float]) -> list[str]:
    """The first and the last name with the highest accuracy on PublicTest."""
    best = [name for name in public if public[name] == max(public.values())]
    return [best[0], best[-1]]
