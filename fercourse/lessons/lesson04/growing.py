"""How a receptive field grows, layer by layer: a panel of lesson 04."""

from __future__ import annotations

from typing import NamedTuple

import ipywidgets
import numpy as np

from fercourse.data.faces import IMAGE_SIDE
from fercourse.lessons.lesson04.figures import draw_field
from fercourse.models.vgg19 import BLOCKS
from fercourse.plots.figures import (
    BLUE,
    GREY,
    Shown,
    enlarge_text,
    new_figure,
    note,
)
from fercourse.plots.widgets import FigurePanel, choice_list

SIZES = (48, 96, 224)


class Layer(NamedTuple):
    """A layer of VGG19: its name, what it adds to the field, and the result."""

    name: str
    added: int  # pixels of the input
    field: int  # side in pixels of the input
    step: int  # pixels between neighbours of the grid after this layer


def layers() -> list[Layer]:
    """The 21 convolutions and pooling layers of VGG19, in order."""
    field, step, grown = 1, 1, []
    for block, (convolutions, _) in enumerate(BLOCKS, 1):
        names = [f"block {block}, convolution {n + 1}" for n in range(convolutions)]
        for name in [*names, f"block {block}, pooling"]:
            pools = name.endswith("pooling")
            # A 3 × 3 window adds a neighbour on either side, a 2 × 2 window one.
            added = step if pools else 2 * step
            field, step = field + added, 2 * step if pools else step
            grown.append(Layer(name, added, field, step))
    return grown


class FieldPanel(FigurePanel):
    """Walk through VGG19 and watch the receptive field of one cell grow.

    Example: `panel = lesson04.FieldPanel(face); panel.layer.value = 10`.

    Attributes:
        layer: how many layers the field has grown through, from 1 to 21.
        size: to how many pixels a side the face is enlarged.
    """

    def __init__(self, face: np.ndarray) -> None:
        self._face, self._layers = face, layers()
        self.layer = ipywidgets.BoundedIntText(
            6, min=1, max=len(self._layers), description="layers",
            layout={"width": "160px"},
        )  # fmt: skip
        self.size = choice_list("pixels a side", SIZES, SIZES[0])
        super().__init__(self.layer, self.size)

    def draw(self) -> Shown:
        """The field on the face next to its growth, and its alternative text."""
        count, size = self.layer.value, self.size.value
        layer = self._layers[count - 1]
        figure, (left, right) = new_figure(2, 1, 6.0, 2.9)
        side = layer.field * IMAGE_SIDE / size
        draw_field(left, self._face, size // layer.step, side)
        left.set_title(f"{layer.field} × {layer.field} of {size} × {size}", color=BLUE)
        fields = [one.field for one in self._layers]
        places = np.arange(1, len(fields) + 1)
        pools = [n for n, one in enumerate(self._layers, 1) if "pooling" in one.name]
        right.vlines(pools, 1, fields[-1], color=GREY, linewidth=0.5)
        right.plot(places, fields, color=GREY, linewidth=1)
        right.plot(places[:count], fields[:count], ".-", color=BLUE)
        right.plot(count, layer.field, "o", color=BLUE, markersize=8)
        right.axhline(size, color=GREY, linestyle=":")
        margin = right.get_yaxis_transform()
        note(right, "side of\nthe face", (1.03, size), GREY, xycoords=margin)
        right.set(xlabel="layers (grey lines: pooling)", ylabel="field (pixels)")
        right.set_title(f"{layer.field - layer.added} + {layer.added} = {layer.field}")
        seen = min(1.0, layer.field / size)
        alt = (
            f"After {count} layers ({layer.name}), the field is {layer.field} × "
            f"{layer.field} pixels: {layer.added} more than before, and {seen:.0%} of "
            f"the face's side of {size} pixels."
        )
        return enlarge_text(figure, 10), alt
