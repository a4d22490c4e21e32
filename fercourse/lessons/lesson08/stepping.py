"""A panel of lesson 08: what the scale of the features does to a head's first steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fercourse.plots.figures import INK, Options, enlarge_text, new_figure, note
from fercourse.plots.widgets import FigurePanel, choice_list
from fercourse.results.probes import stored_probes

_MEASURED = {
    "first loss": ("first loss", (1.95, 30)),
    "moved": ("one step moves the logits by", (0.2, 60)),
    "same direction": ("agreement of the gradients", (1, 0.4)),
    "last loss": ("loss after four passes", (0.1, 3)),
}
"""What is shown of a probe: its title, and the numbers with no and full orange."""


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
        scales, rates = (_descending(self._probes, key) for key in ("scale", "rate"))
        names = {f"{scale:g}": scale for scale in scales}
        self.scale = choice_list("features times", names, scales[0])
        names = {rate_in_words(rate): rate for rate in rates}
        self.rate = choice_list("learning rate", names, rates[0])
        super().__init__(self.scale, self.rate)

    def draw(self) -> tuple[Figure, str]:
        """The figure for the chosen values, and its alternative text."""
        setting = {"scale": self.scale.value, "rate": self.rate.value}
        chosen = next(row for row in self._probes if row.items() >= setting.items())
        numbers = (
            f"{title} {chosen[name]:g}" for name, (title, _) in _MEASURED.items()
        )
        alt = (
            f"Features times {chosen['scale']:g}, rate {rate_in_words(chosen['rate'])}"
        )
        return measured_grids(self._probes, chosen), f"{alt}: {', '.join(numbers)}"


def rate_in_words(rate: float) -> str:
    """A learning rate such as 1e-4."""
    return f"{rate:.0e}".replace("e-0", "e-")


def measured_grids(
    probes: Sequence[Mapping[str, float]], chosen: Mapping[str, float]
) -> Figure:
    """Four measurements, each a grid: a column for a scale, and a row for a rate.

    The more orange a cell, the worse; the chosen probe is framed in every grid.
    """
    figure, axes = new_figure(2, 2, 5.4, 3.6)
    for axis, name in zip(axes.flat, _MEASURED, strict=True):
        _grid(axis, name, probes, chosen)
    for axis in axes[1]:
        axis.set_xlabel("features times")
    for axis in axes[:, 0]:
        axis.set_ylabel("learning rate")
    return enlarge_text(figure, 10)


def _grid(
    axis: Axes,
    name: str,
    probes: Sequence[Mapping[str, float]],
    chosen: Mapping[str, float],
) -> None:
    """One measurement of all probes."""
    scales, rates = (_descending(probes, key) for key in ("scale", "rate"))
    title, (good, bad) = _MEASURED[name]
    for probe in probes:
        column, row = scales.index(probe["scale"]), rates.index(probe["rate"])
        # On a logarithmic scale
        depth = 0.8 * np.clip(np.log(probe[name] / good) / np.log(bad / good), 0, 1)
        look: Options = {"facecolor": colormaps["Oranges"](depth), "edgecolor": "white"}
        axis.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, **look))
        note(axis, f"{probe[name]:.2f}", (column, row), across="center")
    corner = scales.index(chosen["scale"]) - 0.5, rates.index(chosen["rate"]) - 0.5
    frame: Options = {"fill": False, "edgecolor": INK, "linewidth": 2.5, "zorder": 3}
    axis.add_patch(Rectangle(corner, 1, 1, **frame))
    axis.set_title(title, loc="left")
    axis.set_xticks(range(len(scales)), [f"{scale:g}" for scale in scales])
    axis.set_yticks(range(len(rates)), [rate_in_words(rate) for rate in rates])
    axis.set(xlim=(-0.54, len(scales) - 0.46), ylim=(len(rates) - 0.44, -0.56))
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)


def _descending(probes: Sequence[Mapping[str, float]], key: str) -> list[float]:
    """The values of a setting, the largest first."""
    return sorted({probe[key] for probe in probes}, reverse=True)
