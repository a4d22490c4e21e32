"""A panel of lesson 08: what the scale of the features does to a head's first steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from fercourse.data.faces import EMOTIONS
from fercourse.plots.figures import (
    BLUE,
    GREEN,
    GREY,
    INK,
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
    "last loss": ("training loss after four passes", "log"),
}
"""What is drawn of a probe: its title and the kind of its axis."""

_SCALES = ((ORANGE, "o"), (BLUE, "s"), (GREEN, "^"), (GREY, "D"))
"""Colour and shape of each scale, the largest first."""


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
    """Four measurements, one below the other, with a row for each rate.

    Each scale has a colour, a shape and a line; a ring marks the chosen probe. A
    dashed line marks the loss of a network that answers 1/7 for every emotion.
    """
    figure, axes = new_figure(1, len(_STRIPS), 4.4, 5.8)
    rates = sorted({row["rate"] for row in probes})
    scales = sorted({row["scale"] for row in probes}, reverse=True)
    ring: Options = {"markersize": 14, "markerfacecolor": "none", "markeredgewidth": 2}
    for axis, (name, (title, kind)) in zip(axes, _STRIPS.items(), strict=True):
        for scale, (colour, form) in zip(scales, _SCALES, strict=True):
            line = {row["rate"]: row[name] for row in probes if row["scale"] == scale}
            values = [line[rate] for rate in rates]
            look: Options = {"color": colour, "linewidth": 1, "label": f"{scale:g}"}
            axis.plot(values, range(len(rates)), f"{form}-", markersize=6, **look)
        axis.plot(chosen[name], rates.index(chosen["rate"]), "o", color=INK, **ring)
        axis.set(xscale=kind, ylim=(-0.6, len(rates) - 0.4))
        axis.set_yticks(range(len(rates)), [rate_in_words(rate) for rate in rates])
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_formatter("")
        axis.set_title(title, loc="left")
        axis.set_title(f"{chosen[name]:g}", loc="right", color=INK, weight="bold")
        if name == "first loss":
            nothing = np.log(len(EMOTIONS))
            axis.axvline(nothing, color=GREY, linestyle="--", linewidth=1)
            note(axis, f"knows nothing: {nothing:.2f}", (2.6, 1), GREY)
    axes[0].set_xlim(1.5, 22)
    axes[0].set_xticks([2, 5, 10, 20])
    axes[2].set_xlim(0, 1.05)
    axes[3].set_xticks([0.1, 0.2, 0.5, 1, 2])
    figure.supylabel("learning rate", fontsize=9)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(
        handles[: len(scales)],
        labels[: len(scales)],
        title="features times",
        loc="outside lower center",
        ncols=len(scales),
        frameon=False,
        fontsize=8,
    )
    return figure
