"""A panel of lesson 08: what the scale of the features does to a head's first steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from fercourse.plots.figures import (
    GREY,
    INK,
    PALE,
    Options,
    Shown,
    enlarge_text,
    new_figure,
    note,
)
from fercourse.plots.widgets import FigurePanel, choice_list
from fercourse.results.probes import stored_probes

FEATURES = 25_088
"""After block 5 of VGG19, at 224 pixels: 7 × 7 places with 512 channels."""

_MEASURED = {
    "first loss": ("first loss", (1.95, 30)),
    "moved": ("a step moves logits by", (0.2, 60)),
    "same direction": ("agreement (best: 1)", (1, 0.4)),
    "last loss": ("last loss", (0.1, 3)),
}
"""What is shown of a probe: its title, and the numbers with no and full orange."""


class StepsPanel(FigurePanel):
    """Choose how the features are scaled, and the rate; see how the training starts.

    What was chosen once remains visible.

    Example: `panel = lesson08.StepsPanel(); panel.scale.value = 0.05`.

    Attributes:
        scale: the number that all features are multiplied by.
        rate: Adam's learning rate.
    """

    def __init__(self) -> None:
        self._probes = stored_probes("head")["rows"]
        # The largest first: the first run had the largest of both.
        scales, rates = (_descending(self._probes, key) for key in ("scale", "rate"))
        self.scale = choice_list("features times", scales, scales[0])
        names = {rate_in_words(rate): rate for rate in rates}
        self.rate = choice_list("learning rate", names, rates[0])
        self._visited: list[Mapping[str, float]] = []
        super().__init__(self.scale, self.rate)

    def draw(self) -> Shown:
        """The figure for the chosen values, and its alternative text."""
        setting = {"scale": self.scale.value, "rate": self.rate.value}
        chosen = next(row for row in self._probes if row.items() >= setting.items())
        numbers = (
            f"{title} {chosen[name]:g}" for name, (title, _) in _MEASURED.items()
        )
        alt = (
            f"Features times {chosen['scale']:g}, rate {rate_in_words(chosen['rate'])}"
        )
        if chosen not in self._visited:
            self._visited.append(chosen)
        figure = measured_grids(self._probes, self._visited, chosen)
        reached = reach_of(chosen)
        figure.suptitle(f"reach of a step: {reached:.2g}", x=0.01, ha="left")
        enlarge_text(figure, 10)
        return figure, f"{alt}: reach {reached:.2g}, {', '.join(numbers)}"


def rate_in_words(rate: float) -> str:
    """A learning rate such as 1e-4."""
    return f"{rate:.0e}".replace("e-0", "e-")


def reach_of(probe: Mapping[str, float]) -> float:
    """How far a step of a probe of the head can move a neuron."""
    about = stored_probes("head")["about"]
    return float(probe["rate"] * probe["scale"] * FEATURES * about["feature mean"])


def reach_table(
    features: np.ndarray, rows: Mapping[float, Mapping[str, Any]], rule: Callable
) -> list[list[str]]:
    """The reach, by a rule such as `checks.reach`, and the first step of each head.

    Args:
        features: of the pocket network, shape (N, channels), before they are scaled.
        rows: what `probe_head` measured with the rate 1e-3, by the scale.
        rule: gives the reach for features, a scale and a rate.
    """
    head = stored_probes("head")
    whole = np.full((1, FEATURES), head["about"]["feature mean"])
    first = max(head["rows"], key=reach_of)
    lines = [
        (f"pocket, × {scale}", features, scale, 1e-3, rows[scale]) for scale in rows
    ]
    name = "VGG19, first run"
    lines.append((name, whole, first["scale"], first["rate"], first))
    table = [["features", "rate", "reach", "first loss", "logits move"]]
    for name, numbers, scale, rate, row in lines:
        measured = f"{row['first loss']:.1f}", f"{row['moved']:.2f}"
        reached = f"{rule(numbers, scale, rate):.2f}"
        table.append([name, rate_in_words(rate), reached, *measured])
    return table


def measured_grids(
    probes: Sequence[Mapping[str, float]],
    shown: Sequence[Mapping[str, float]],
    chosen: Mapping[str, float] | None = None,
) -> Figure:
    """Four measurements, each a grid: a column for a scale, and a row for a rate.

    The more orange a cell, the worse. Only the probes in `shown` have their numbers;
    the chosen one is framed in every grid.
    """
    figure, axes = new_figure(2, 2, 5.4, 3.9)
    for axis, name in zip(axes.flat, _MEASURED, strict=True):
        _grid(axis, name, probes, shown, chosen)
    for axis in axes[1]:
        axis.set_xlabel("features times")
    for axis in axes[:, 0]:
        axis.set_ylabel("learning rate")
    words = ("best", "", "", "worst, within each grid")
    keys = [
        Patch(facecolor=_orange(depth), edgecolor=GREY, label=word)
        for depth, word in zip(np.linspace(0, 1, len(words)), words, strict=True)
    ]
    tight: Options = {"columnspacing": 0.4, "handletextpad": 0.3, "frameon": False}
    figure.legend(handles=keys, loc="outside lower center", ncols=len(keys), **tight)
    return enlarge_text(figure, 10)


def _orange(depth: float) -> str:
    """A colour for 0, best, to 1, worst, on which a number can be read."""
    return to_hex(colormaps["Oranges"](0.5 * depth))


def _grid(
    axis: Axes,
    name: str,
    probes: Sequence[Mapping[str, float]],
    shown: Sequence[Mapping[str, float]],
    chosen: Mapping[str, float] | None,
) -> None:
    """One measurement of all probes."""
    scales, rates = (_descending(probes, key) for key in ("scale", "rate"))
    title, (good, bad) = _MEASURED[name]
    for probe in probes:
        column, row = scales.index(probe["scale"]), rates.index(probe["rate"])
        # On a logarithmic scale
        depth = np.clip(np.log(probe[name] / good) / np.log(bad / good), 0, 1)
        colour, text = _orange(depth), f"{probe[name]:.2f}"
        if probe not in shown:
            colour, text = "white", "?"
        look: Options = {"facecolor": colour, "edgecolor": PALE}
        axis.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, **look))
        note(axis, text, (column, row), across="center")
    if chosen:
        corner = scales.index(chosen["scale"]) - 0.5, rates.index(chosen["rate"]) - 0.5
        frame: Options = {"fill": False, "edgecolor": INK, "linewidth": 2.5}
        axis.add_patch(Rectangle(corner, 1, 1, zorder=3, **frame))
    axis.set_title(title, loc="left")
    axis.set_xticks(range(len(scales)), [f"{scale:g}" for scale in scales])
    axis.set_yticks(range(len(rates)), [rate_in_words(rate) for rate in rates])
    axis.set(xlim=(-0.54, len(scales) - 0.46), ylim=(len(rates) - 0.44, -0.56))
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)


def _descending(probes: Sequence[Mapping[str, float]], key: str) -> list[float]:
    """The values of a setting, the largest first."""
    return sorted({probe[key] for probe in probes}, reverse=True)
