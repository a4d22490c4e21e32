"""The checks of lesson 04."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from fercourse.lessons.exercise import compare, exercise, numbers, whole_number
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
        "After block 5 the field is larger than the image, and yet one cell of the map."
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


@exercise
def check_reward(function: Callable) -> str:
    """Exercise 4.4: by how much a reported accuracy exceeds the networks' mean."""
    random = np.random.default_rng(4)
    cases = [tuple(random.normal(64, 1, (2, *s))) for s in ((50, 9), (30, 4), (8, 5))]
    compare(function, cases, "one number, in points",
        reward, {
        "report": (lambda choose, report: report.max(axis=1).mean() - report.mean(),
            "You chose by the half that you report. Choose by the first argument."),
        "choose": (lambda choose, report: choose.max(axis=1).mean() - choose.mean(),
            "You report the half that you chose by. Report from the second argument."),
        "mixed": (lambda choose, report: choose.max(axis=1).mean() - report.mean(),
            "Choose by the first argument, then look the network up in the second."),
        "accuracy": (lambda choose, report: _picked(report, choose).mean(),
            "That is the mean reported accuracy. Subtract the mean of all networks'."),
        "lowest": (lambda choose, report:
                _picked(report, -choose).mean() - report.mean(),
            "You chose the network with the lowest accuracy."),
        "one network": (lambda choose, report:
                report[:, choose.mean(axis=0).argmax()].mean() - report.mean(),
            "You chose once for all rows. Choose anew in each row: `axis=1`."),
    }, {
        "rows": (lambda answer, choose, report: answer.shape == (len(report),),
            "That is one number for each row. Return their mean."),
    }, about="For accuracies of shape {0.shape}",
        hint="Choose in each row, look up what is reported, and compare the means.",
        read=numbers)  # fmt: skip
    return "Chosen on the faces that are reported, luck counts as accuracy."


def reward(choose: np.ndarray, report: np.ndarray) -> float:
    """Points by which the chosen networks' reported accuracies exceed the mean.

    Both arrays are accuracies, shape (rows, networks); each row chooses anew.
    """
    return float(_picked(report, choose).mean() - report.mean())


def _picked(report: np.ndarray, choose: np.ndarray) -> np.ndarray:
    """From each row, the number where the other array is highest."""
    return np.take_along_axis(report, choose.argmax(axis=1)[:, None], axis=1)[:, 0]
