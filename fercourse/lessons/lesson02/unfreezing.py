"""What unfreezing costs and gains: measurements, a figure, a panel to choose in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson02.figures import in_words
from fercourse.machine import REPOSITORY
from fercourse.models.costs import Place, places
from fercourse.models.pocket import pocket_configuration
from fercourse.plots.figures import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    Options,
    Shown,
    new_figure,
    note,
)
from fercourse.plots.widgets import FigurePanel, choice_list
from fercourse.results.statistics import wilson_interval

STORED = REPOSITORY / "data" / "unfreezing.json"
"""Right answers of two networks, made by `benchmarks/unfreezing.py`."""

_LEVELS = {
    "the head only": 0,
    "block 5": 1,
    "blocks 4 and 5": 2,
    "blocks 3 to 5": 3,
    "blocks 2 to 5": 4,
    "all five": 5,
}


def accuracy(right: int, faces: int) -> tuple[float, float, float]:
    """An accuracy and the ends of its 95 % interval, in percent.

    Example: `lesson02.accuracy(288, 548)`.
    """
    low, high = wilson_interval(right, faces)
    return 100 * right / faces, low, high


def last_accuracy(
    history: Mapping[str, Sequence[float]], faces: int
) -> tuple[float, float, float]:
    """The last validation accuracy of a history, and its interval, in percent."""
    return accuracy(round(history["val_accuracy"][-1] * faces), faces)


@dataclass(frozen=True)
class Measured:
    """One pretrained network, measured block by block and level by level.

    Attributes:
        name: of the network, and of the faces that it was tested on.
        width: fraction of VGG19's channels.
        training, validation: numbers of faces.
        commonest: validation faces with the commonest emotion.
        pixels: right answers of a head on the raw pixels.
        probes: right answers of a head on the features of each pool.
        random: the same for the same network with random weights.
        unfrozen: right answers after 0, 1, … blocks learned.
    """

    name: str
    width: float
    training: int
    validation: int
    commonest: int
    pixels: int
    probes: dict[str, int]
    random: dict[str, int]
    unfrozen: tuple[int, ...]

    def accuracy(self, right: int) -> tuple[float, float, float]:
        """An accuracy and the ends of its interval, in percent."""
        return accuracy(right, self.validation)

    @property
    def blocks(self) -> list[Place]:
        """Its five blocks, at 48 pixels."""
        return places(48, self.width)

    @property
    def grids(self) -> list[int]:
        """Rows of the features of each block; 1 and 2 are averaged down, as stored."""
        return [min(place.grid, self.blocks[2].grid) for place in self.blocks]

    def parameters(self, block: int) -> int:
        """The parameters of a block's convolutions that can learn; blocks from 1."""
        place, inputs = self.blocks[block - 1], 3
        if block > 1:
            inputs = self.blocks[block - 2].channels
        # A bias for each filter, or the scale and shift of batch normalisation.
        more = 1 if self.width == 1 else 2
        return sum(
            (9 * channels + more) * place.channels
            for channels in [inputs] + [place.channels] * (place.convolutions - 1)
        )

    def multiplications(self, block: int) -> int:
        """Those of a block's convolutions for one face; blocks from 1."""
        place = self.blocks[block - 1]
        more = 1 if self.width == 1 else 2
        biases = more * place.channels * place.convolutions
        return (self.parameters(block) - biases) * place.grid_before**2

    @property
    def head(self) -> int:
        """The parameters of the head: normalisation, and a dense layer of seven."""
        last = self.blocks[-1]
        features = last.grid**2 * last.channels
        return 2 * features + (features + 1) * len(EMOTIONS)


def measured() -> dict[str, Measured]:
    """The two networks of `data/unfreezing.json`, "pocket" and "imagenet"."""
    stored = json.loads(STORED.read_text("utf-8"))
    names = {
        "pocket": ("pocket VGG19 on drawn faces", pocket_configuration()["width"]),
        "imagenet": ("ImageNet's VGG19 on FER2013", 1.0),
    }
    kept = ("training", "validation", "commonest", "pixels", "probes", "random")
    return {
        key: Measured(
            *names[key],
            **{name: stored[key][name] for name in kept},
            unfrozen=tuple(stored[key]["unfrozen"]),
        )
        for key in names
    }


def levels_and_networks(networks: Mapping[str, Measured]) -> Shown:
    """Accuracy by the number of blocks that learned, a line for each network."""
    figure, axis = new_figure(width=5.6, height=3)
    alt = []
    for known, colour, form, shift in zip(
        networks.values(), (BLUE, ORANGE), ("o-", "s--"), (-0.04, 0.04), strict=True
    ):
        values, low, high = np.transpose([*map(known.accuracy, known.unfrozen)])
        places = np.arange(len(values)) + shift
        axis.vlines(places, low, high, color=colour)
        axis.plot(places, values, form, color=colour)
        # Above the line's last interval, a short line's to the right of it.
        across = "left" if len(values) < 6 else "right"
        point = places[-1], high[-1] + 1.5
        note(axis, known.name, point, colour, across, "bottom")
        baseline = known.accuracy(known.commonest)[0]
        axis.axhline(baseline, color=GREY, linestyle=":")
        numbers = ", ".join(f"{value:.0f}" for value in values)
        alt.append(f"{known.name}: {numbers}; most frequent answer {baseline:.0f}")
    axis.margins(y=0.12)
    words = "always the most frequent answer"
    note(axis, words, (5.25, baseline - 1), GREY, "right", "top")
    axis.set_xticks(range(6), ["head only", "5", "4 and 5", "3 to 5", "2 to 5", "all"])
    axis.set(xlabel="blocks that learn", ylabel="accuracy (%)", xlim=(-0.4, 5.3))
    text = "Accuracy in percent after 0, 1, … of the last blocks learned. "
    return figure, f"{text}{'. '.join(alt)}."


class UnfreezePanel(FigurePanel):
    """Choose how many blocks learn; see what it costs and what it gained.

    Example: `panel = lesson02.UnfreezePanel(); panel.blocks.value = 2`.

    Attributes:
        network: "pocket" or "imagenet".
        blocks: how many of the last blocks learn, 0 to 5.
    """

    def __init__(self) -> None:
        self._measured = measured()
        names = {known.name: key for key, known in self._measured.items()}
        self.network = choice_list("network", names, "pocket")
        self.blocks = choice_list("what learns", _LEVELS, 1)
        super().__init__(self.network, self.blocks)

    def draw(self) -> Shown:
        """The network, what its parts cost and gained, and the alternative text."""
        known, blocks = self._measured[self.network.value], self.blocks.value
        figure, (left, right) = new_figure(2, 1, 6, 3.7)
        left.get_gridspec().set_width_ratios([60, 40])
        _draw_network(left, known, blocks)
        _draw_gains(right, known, blocks)
        title = _costs(known, blocks)
        figure.suptitle(title, fontsize=9, ha="left", x=0.01)
        [chosen] = [name for name, level in _LEVELS.items() if level == blocks]
        text = f"{known.name}, what learns: {chosen}. {title}".replace("\n", " ")
        if blocks >= len(known.unfrozen):
            return figure, f"{text} The accuracy was not measured."
        value, low, high = known.accuracy(known.unfrozen[blocks])
        return figure, f"{text} Accuracy {value:.0f} % ({low:.0f} to {high:.0f})."


def _costs(known: Measured, blocks: int) -> str:
    """What learns, and the multiplications, in two sentences."""
    last = range(6 - blocks, 6)
    free = known.head + sum(map(known.parameters, last))
    every = known.head + sum(map(known.parameters, range(1, 6)))
    # Back through a layer takes about twice the multiplications of the way forward.
    step = 3 * (known.head + sum(map(known.multiplications, last)))
    frozen = sum(map(known.multiplications, range(1, 6 - blocks)))
    once = f" and {in_words(frozen)} once" if frozen else ""
    share = max(0.1, 100 * free / every)
    return (
        f"{free:,} of {every:,} parameters learn ({'<' * (free < every / 1000)}"
        f"{share:.1f} %).\n"
        f"Multiplications for one face: {in_words(step)} in every epoch{once}."
    ).replace(" %", "\N{NO-BREAK SPACE}%")


def _draw_network(axis: Axes, known: Measured, blocks: int) -> None:
    """The network from the face down to the head; blue learns, grey is frozen."""
    rows = [(f"block {block}", known.parameters(block)) for block in range(1, 6)]
    shapes = [f"{x.grid} × {x.grid} × {x.channels}" for x in known.blocks]
    rows.append(("head", known.head))
    for row, (name, parameters) in enumerate(rows):
        learns = row >= 5 - blocks
        width = 1 - 0.11 * row
        axis.barh(row, width, 0.6, left=-width / 2, color=BLUE if learns else GREY)
        note(axis, name, (0, row), "white", "center")
        words = f"{parameters:,} {'learn' if learns else 'frozen'}"
        shape = [*shapes, "7 probabilities"][row]
        note(axis, f"{words}\n{shape}", (1.42, row), BLUE if learns else GREY, "right")
    axis.axhline(4.5 - blocks, color=INK, linestyle="--", linewidth=1)
    above = "features" if blocks < 5 else "pixels"
    white: Options = {"bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1}}
    note(axis, f"↓ stored {above} ↓", (0, 4.5 - blocks), INK, "center", **white)
    axis.set(xlim=(-0.56, 1.45), ylim=(5.5, -0.95))
    axis.set_title("parameters, output shape", fontsize=8, loc="right")
    axis.axis("off")


def _draw_gains(axis: Axes, known: Measured, blocks: int) -> None:
    """In each row, the accuracy if everything from there to the head learns."""
    middle = axis.get_yaxis_transform()
    for level in range(6):
        row = 5 - level
        if level >= len(known.unfrozen):
            words = "not measured"
            note(axis, words, (0.5, row), GREY, "center", xycoords=middle)
            continue
        value, low, high = known.accuracy(known.unfrozen[level])
        chosen = level == blocks
        axis.hlines(row, low, high, color=BLUE if chosen else GREY, linewidth=2)
        look: Options = {"color": BLUE if chosen else GREY}
        axis.plot(value, row, "o", markersize=9 if chosen else 5, **look)
        note(axis, f"  {value:.0f}", (high, row), look["color"])
    axis.axvline(known.accuracy(known.commonest)[0], color=INK, linestyle=":")
    axis.set(ylim=(5.5, -0.95), yticks=[], xlabel="accuracy (%)")
    axis.set_title("if all from here on learns", fontsize=8)
    axis.spines["left"].set_visible(False)
    axis.margins(x=0.15)
