"""The figures of lesson 08: rates over a training, targets, an averaged path, the luck of several tries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from fercourse.plots.figures import emotion_bars, new_figure
from fercourse.training.optimizer import HEAD_LEARNING_RATE, learning_rates
from fercourse.training.recipes import Recipe

_DARK, _GREY, _BLUE, _ORANGE = "0.2", "0.55", "#0072B2", "#D55E00"


def rate_curves(recipe: Recipe, steps: int) -> Figure:
    """The learning rate over the epochs, on a logarithmic axis, with its phases named.

    Args:
        recipe: see `learning_rates`.
        steps: of an epoch.
    """
    rates = learning_rates(recipe, steps)
    epochs = np.arange(len(rates)) / steps
    figure, axis = new_figure(width=6.4, height=2.9)
    everything = epochs >= recipe.head_epochs
    axis.plot(epochs[~everything], rates[~everything], color=_ORANGE, linewidth=2)
    axis.plot(epochs[everything], rates[everything], color=_DARK)
    middle = (recipe.head_epochs + recipe.warmup_epochs + recipe.epochs) // 2
    if recipe.early_blocks_rate not in (0, 1):
        slow = recipe.early_blocks_rate * rates[everything]
        axis.plot(epochs[everything], slow, "--", color=_BLUE)
        axis.annotate(
            "blocks 1 and 2",
            (middle, 0.8 * slow[middle * steps]),
            color=_BLUE,
            **_below,
        )
    axis.annotate(
        "all other layers", (middle, 1.2 * rates[middle * steps]), color=_DARK, **_above
    )
    if recipe.head_epochs:
        axis.annotate(
            " the head alone",
            (recipe.head_epochs, HEAD_LEARNING_RATE),
            color=_ORANGE,
            va="center",
            fontsize=8,
        )
    axis.axvspan(
        recipe.epochs - recipe.mixup_off_epochs, recipe.epochs, color="0.92", zorder=0
    )
    if recipe.mixup_off_epochs:
        place = (recipe.epochs - recipe.mixup_off_epochs / 2, 0.97)
        where = {
            "xycoords": ("data", "axes fraction"),
            "ha": "center",
            "va": "top",
            "fontsize": 8,
        }
        axis.annotate("no\nmixup", place, **where)
    axis.set(yscale="log", xlabel="epoch", ylabel="learning rate")
    axis.set_ylim(recipe.learning_rate / 1000, 2 * rates.max())
    return figure


_below = {"ha": "center", "va": "top", "fontsize": 8}
_above = {"ha": "center", "va": "bottom", "fontsize": 8}


def target_bars(targets: Mapping[str, Sequence[float]]) -> Figure:
    """Targets side by side, as seven bars each.

    Args:
        targets: for each title, seven shares.
    """
    figure, axes = new_figure(len(targets), width=2.3 * len(targets), height=2.3)
    for axis, (title, target) in zip(np.ravel(axes), targets.items(), strict=True):
        emotion_bars(axis, target, "{:.2f}")
        axis.set_title(title)
        axis.set_xlim(0, 1.3)
        axis.set_xticks([0, 1])
    for axis in np.ravel(axes)[1:]:
        axis.set_yticks([])
    return figure


def path_and_average(
    path: np.ndarray, average: np.ndarray, lowest: tuple[float, float]
) -> Figure:
    """Two weights on their way through training, and the average of the way so far.

    Args:
        path: float, shape (steps, 2).
        average: float, shape (steps, 2).
        lowest: where the loss is lowest.
    """
    figure, axis = new_figure(width=4.4, height=2.7)
    axis.plot(*path.T, color="0.75", linewidth=0.8)
    axis.plot(*average.T, color=_BLUE, linewidth=2)
    axis.plot(*lowest, "x", color=_ORANGE, markersize=9, markeredgewidth=2.5)
    box = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1}
    beside = {"textcoords": "offset points", "fontsize": 8, "bbox": box}
    axis.annotate(
        "the weights", path[0], xytext=(-8, 8), color=_GREY, ha="right", **beside
    )
    way_in = average[len(average) // 12]
    axis.annotate("their average", way_in, xytext=(10, 8), color=_BLUE, **beside)
    axis.annotate(
        "lowest loss", lowest, xytext=(0, -18), color=_ORANGE, ha="center", **beside
    )
    axis.set(xlabel="one weight", ylabel="another weight")
    return figure


def luck_of_tries(gains: Mapping[str, Sequence[float]]) -> Figure:
    """By how many points the best of several tries seems better, for each of several ways to look.

    Args:
        gains: for each name, the mean gain with 1, 2, … tries.
    """
    figure, axis = new_figure(width=5.6, height=2.8)
    marks = ("o-", "s--", "^-.", "D:")
    for number, (name, values) in enumerate(gains.items()):
        tries = np.arange(1, len(values) + 1)
        colour = (_ORANGE, _BLUE, _DARK, _GREY)[number % 4]
        axis.plot(tries, values, marks[number % 4], color=colour, markersize=4)
        axis.annotate(
            f"  {name}", (tries[-1], values[-1]), color=colour, va="center", fontsize=8
        )
    longest = max((len(values) for values in gains.values()), default=1)
    axis.set_xlim(0.7, longest + 0.6 * max(longest - 1, 1))
    axis.set_xticks(range(1, longest + 1))
    axis.set(xlabel="networks trained, of which one is picked", ylabel="gain (points)")
    return figure
