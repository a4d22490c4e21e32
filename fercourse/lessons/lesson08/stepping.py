"""A panel of lesson 08: what the scale of the features does to a head's first steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from fercourse.data.faces import EMOTIONS
from fercourse.plots.figures import (
    GREY,
    ORANGE,
    Options,
    new_figure,
    note,
)
from fercourse.plots.widgets import FigurePanel, choice_list
from fercourse.results.probes import stored_probes

_STRIPS = {
    "first loss": ("first loss", "log"),
    "moved": ("one step moves the logits by", "log"),
    "same direction": ("agreement of the gradients", "linear"),
    "last loss": ("loss after four passes", "log"),
}
"""What is drawn of a probe: its title and the kind of its axis."""


class StepsPanel(FigurePanel):
    """Choose how the features are scaled, and the rate; see how the training starts.

    Example: `panel = lesson08.StepsPanel(); panel.scale.value = 0.05`.

    Attributes:
        scale: the number that all features are multiplied by.
        rate: Adam's learning rate.
    """

    def __init__(self) -> None:
        self._probes = stored_probes("head")["rows"]
        # The largest first: the first run had the largest of both.
        scales, rates = (
            sorted({row[key] for row in self._probes}, reverse=True)
            for key in ("scale", "rate")
        )
        names = {f"{scale:g}": scale for scale in scales}
        self.scale = choice_list("features times", names, scales[0])
        names = {rate_in_words(rate): rate for rate in rates}
        self.rate = choice_list("learning rate", names, rates[0])
        super().__init__(self.scale, self.rate)

    def draw(self) -> tuple[Figure, str]:
        """The figure for the chosen values, and its alternative text."""
        setting = {"scale": self.scale.value, "rate": self.rate.value}
        chosen = next(row for row in self._probes if row.items() >= setting.items())
        figure = measured_strips(self._probes, chosen)
        numbers = (f"{_STRIPS[name][0]} {chosen[name]:g}" for name in _STRIPS)
        alt = (
            f"Features times {chosen['scale']:g}, rate {rate_in_words(chosen['rate'])}"
        )
        alt += f": {', '.join(numbers)}"
        return figure, alt


def rate_in_words(rate: float) -> str:
    """A learning rate such as 1e-4."""
    return f"{rate:.0e}".replace("e-0", "e-")


def measured_strips(
    probes: Sequence[Mapping[str, float]], chosen: Mapping[str, float]
) -> Figure:
    """Four measurements, one below the other: all probes grey, the chosen one orange.

    There is a row for each rate. A dashed line marks the loss of a network that answers
    1/7 for every emotion.
    """
    figure, axes = new_figure(1, len(_STRIPS), 4.4, 5.2)
    rates = sorted({row["rate"] for row in probes})
    look: Options = {"markersize": 8, "markeredgecolor": "white"}
    for axis, (name, (title, kind)) in zip(axes, _STRIPS.items(), strict=True):
        values = [row[name] for row in probes]
        heights = [rates.index(row["rate"]) for row in probes]
        axis.plot(values, heights, "o", color=GREY, alpha=0.7, **look)
        height = rates.index(chosen["rate"])
        axis.plot(chosen[name], height, "o", color=ORANGE, **look | {"markersize": 11})
        axis.set(xscale=kind, ylim=(-0.6, len(rates) - 0.4))
        axis.set_yticks(range(len(rates)), [rate_in_words(rate) for rate in rates])
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_formatter("")
        axis.set_title(title, loc="left")
        axis.set_title(f"{chosen[name]:g}", loc="right", color=ORANGE, weight="bold")
        if name == "first loss":
            nothing = np.log(len(EMOTIONS))
            axis.axvline(nothing, color=GREY, linestyle="--", linewidth=1)
            note(axis, f"knows nothing: {nothing:.2f}", (2.6, 1), GREY)
    axes[0].set_xlim(1.5, 22)
    axes[0].set_xticks([2, 5, 10, 20])
    axes[2].set_xlim(0, 1.05)
    axes[3].set_xticks([0.1, 0.2, 0.5, 1, 2])
    figure.supylabel("learning rate", fontsize=9)
    return figure
