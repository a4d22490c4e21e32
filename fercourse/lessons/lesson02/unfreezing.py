"""What unfreezing costs and gains: stored measurements, and a panel to choose in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import ipywidgets

from fercourse.data.faces import EMOTIONS
from fercourse.machine import REPOSITORY
from fercourse.models.costs import Place, places
from fercourse.models.pocket import pocket_configuration
from fercourse.plots.figures import BLUE, GREY, HIGHLIGHT, INK
from fercourse.plots.widgets import Panel, react
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


class UnfreezePanel(Panel):
    """Choose how many blocks learn; see what it costs and what it gained.

    Example: `panel = lesson02.UnfreezePanel(); panel.blocks.value = 2`.

    Attributes:
        network: "pocket" or "imagenet".
        blocks: how many of the last blocks learn, 0 to 5.
    """

    def __init__(self) -> None:
        self._measured = measured()
        names = [(known.name, key) for key, known in self._measured.items()]
        self.network = _choice("network", names)
        self.blocks = _choice("what learns", list(_LEVELS.items()))
        self._learns, self._gained = ipywidgets.HTML(), ipywidgets.HTML()
        for output in (self._learns, self._gained):
            output.layout = {"flex": "1 1 330px", "max_width": "480px"}
        wrap = ipywidgets.Layout(flex_flow="row wrap")
        controls = ipywidgets.Box([self.network, self.blocks], layout=wrap)
        outputs = ipywidgets.Box([self._learns, self._gained], layout=wrap)
        super().__init__([controls, outputs])
        react((self.network, self.blocks), self._render)
        self._render()

    def __repr__(self) -> str:
        """Without the pictures: a notebook stores this text, and nbval compares it."""
        return f"UnfreezePanel({self.network.value}, {self.blocks.value} blocks learn)"

    def still(self) -> str:
        """Both cards as they are now."""
        cards = "".join(
            f'<div style="flex:1 1 330px;max-width:480px">{output.value}</div>'
            for output in (self._learns, self._gained)
        )
        return f'<div style="display:flex;flex-wrap:wrap;gap:8px">{cards}</div>'

    def _render(self, _=None) -> None:
        known, blocks = self._measured[self.network.value], self.blocks.value
        self._learns.value = learns(known, blocks)
        self._gained.value = gained(known, blocks)


def learns(known: Measured, blocks: int) -> str:
    """The network from face to head; the last `blocks` blocks and the head learn."""
    rows = []
    for block in range(1, 6):
        learning = block > 5 - blocks
        if block == 6 - blocks:
            rows.append(_line("stored features" if blocks < 5 else "pixels"))
        grid, channels = known.blocks[block - 1].grid, known.blocks[block - 1].channels
        shape = f"{grid} × {grid} × {channels}"
        numbers = known.parameters(block), learning, 104 - 8 * block
        rows.append(_bar(f"block {block}", shape, *numbers))
    if not blocks:
        rows.append(_line("stored features"))
    rows.append(_bar("head", "7 probabilities", known.head, True, 50))
    last = range(6 - blocks, 6)
    free = known.head + sum(map(known.parameters, last))
    every = known.head + sum(map(known.parameters, range(1, 6)))
    # Back through a layer takes about twice the multiplications of the way forward.
    step = 3 * (known.head + sum(map(known.multiplications, last)))
    text = f"{free:,} of {every:,} parameters learn, {100 * free / every:.1f} %. "
    text += f"One face costs about {_short(step)} multiplications in every epoch"
    frozen = sum(map(known.multiplications, range(1, 6 - blocks)))
    text += f", and {_short(frozen)} once." if frozen else "."
    return _card("What learns (blue), and its parameters", "".join(rows), text)


def gained(known: Measured, blocks: int) -> str:
    """The measured accuracy of each level on one scale, one of them marked."""
    known_levels = [known.accuracy(right) for right in known.unfrozen]
    baseline = 100 * known.commonest / known.validation
    low = min(baseline, *(row[1] for row in known_levels)) - 1
    high = max(row[2] for row in known_levels) + 1

    def place(percent: float) -> float:
        return (percent - low) / (high - low)

    rows = []
    for name, level in _LEVELS.items():
        marked, line, number = level == blocks, "not measured", ""
        if level < len(known_levels):
            ends = map(place, known_levels[level])
            line = _interval(BLUE, *ends)
            dotted = f"left:{place(baseline):.1%};top:0;height:18px"
            line += f'<div style="position:absolute;{dotted}'
            line += ';border-left:2px dotted"></div>'
            number = f"{known_levels[level][0]:.0f}\N{NO-BREAK SPACE}%"
        cells = [("width:128px", name), ("flex:1;position:relative;height:18px", line)]
        cells.append(("width:48px;text-align:right", number))
        rows.append(_row(cells, marked))
    text = "This has not been measured. "
    if blocks < len(known_levels):
        value, lowest, highest = known_levels[blocks]
        text = (
            f"Accuracy after training: {value:.0f} % of {known.validation:,} new faces,"
        )
        text += f" 95 % interval {lowest:.0f} to {highest:.0f} %. "
    text += f"Dotted line: always the most frequent emotion, {baseline:.0f} %. "
    text += f"All learned from {known.training:,} faces."
    return _card("Validation accuracy with 95 % intervals", "".join(rows), text)


def _choice(label: str, options: list) -> ipywidgets.Dropdown:
    style = {"description_width": "80px"}
    return ipywidgets.Dropdown(
        options=options, description=label, style=style, layout={"width": "330px"}
    )


def _card(title: str, body: str, text: str) -> str:
    """A titled piece of the panel, dark on white in every theme."""
    style = f"background:#fff;color:{INK};font:13px/1.4 sans-serif;padding:8px 10px"
    style += ";border-radius:6px;box-sizing:border-box;min-height:100%"
    text = escape(text).replace(" %", "\N{NO-BREAK SPACE}%")
    heading = f'<div style="font-weight:600;margin-bottom:4px">{escape(title)}</div>'
    below = f'<p style="margin:6px 0 0;line-height:1.35">{text}</p>'
    return f'<div style="{style}">{heading}{body}{below}</div>'


def _row(cells: list[tuple[str, str]], marked: bool = False) -> str:
    """Cells next to each other, each with its CSS; a marked row is bold on a colour."""
    mark = f";background:{HIGHLIGHT};font-weight:600;border-radius:4px" * marked
    divs = "".join(f'<div style="{style}">{content}</div>' for style, content in cells)
    return f'<div style="display:flex;align-items:center;gap:6px{mark}">{divs}</div>'


def _bar(text: str, shape: str, parameters: int, learning: bool, width: int) -> str:
    """A layer's bar, `width` percent wide; next to it, parameters and output shape."""
    look = f"background:{BLUE if learning else GREY};color:#fff;border-radius:4px"
    look += f";width:{width}%;margin:1px auto;padding:1px 4px;box-sizing:border-box"
    state = "learns" if learning else "frozen"
    bar = f'<div style="{look};text-align:center;white-space:nowrap">{text}</div>'
    number = f'{parameters:,}<span style="color:{GREY}"> {state}<br>{shape}</span>'
    right = "width:128px;text-align:right;white-space:nowrap"
    return _row([("flex:1;min-width:0", bar), (right, number)])


def _line(text: str) -> str:
    """Where the frozen part ends."""
    style = f"border-top:2px dashed {INK};margin:3px 0;font-size:12px;line-height:1.2"
    return f'<div style="{style}">↓ {text}</div>'


def _interval(colour: str, value: float, low: float, high: float) -> str:
    """A dot on a line; the three numbers are parts of the width, from 0 to 1."""
    line = f"left:{low:.1%};width:{high - low:.1%};top:7px;height:2px"
    dot = f"left:calc({value:.1%} - 4px);width:8px;top:4px;height:8px;border-radius:4px"
    return "".join(
        f'<div style="position:absolute;background:{colour};{style}"></div>'
        for style in (line, dot)
    )


def _short(number: int) -> str:
    """A count in thousands or millions."""
    if number < 1_000_000:
        return f"{number / 1000:,.0f} thousand"
    return f"{number / 1e6:,.0f} million"
