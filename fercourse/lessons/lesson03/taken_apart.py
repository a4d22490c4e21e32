"""The map, taken apart: how one value of an attention map comes about, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ipywidgets
import keras
import numpy as np
from keras import ops

from fercourse.lessons.exercise import verdict
from fercourse.lessons.lesson03 import drawing
from fercourse.lessons.lesson03.checks import check_append_map
from fercourse.models.attention import SpatialAttention
from fercourse.plots.widgets import Panel, Picture, react

WAYS = {
    "append (paper)": "concat",
    "multiply (CBAM)": "multiply",
    "residual": "residual",
}
KERNELS = ("as learned", "centre only: maximum − mean", "all weights 0")
_OFFSETS = {
    "centre": (0, 0),
    "above": (-1, 0),
    "below": (1, 0),
    "left": (0, -1),
    "right": (0, 1),
}
_STACKS = ("mean", "maximum")
_LARGEST = 10.0  # of a weight or the bias
_WIDTHS = {"row": 140, "column": 140, "use": 200, "kernel": 290, "weight": 200}
_WIDTHS |= {"its value": 160, "bias": 140}  # in CSS pixels: two rows of four
_LABEL_STYLE = {"description_width": "56px"}


@dataclass(frozen=True)
class Parts:
    """Everything between the features of a face and one value of its map.

    Attributes:
        features: float, shape (height, width, channels).
        place: row and column, from 0.
        kernel: float, shape (k, k, 2), for the mean first.
        bias: of the convolution.
        attention_map: float in [0, 1], shape (height, width), as the layer computes it.
        combine: how the map is used, one of `WAYS`' values.
    """

    features: np.ndarray
    place: tuple[int, int]
    kernel: np.ndarray
    bias: float
    attention_map: np.ndarray
    combine: str

    @property
    def channels(self) -> np.ndarray:
        """The features at the place, shape (channels,)."""
        return self.features[self.place]

    @property
    def stacks(self) -> np.ndarray:
        """Mean and maximum over the channels, shape (height, width, 2)."""
        return np.stack([self.features.mean(-1), self.features.max(-1)], axis=-1)

    @cached_property
    def window(self) -> np.ndarray:
        """What the kernel covers, shape (k, k, 2); NaN outside the grid."""
        reach = len(self.kernel) // 2
        edge = ((reach, reach), (reach, reach), (0, 0))
        padded = np.pad(self.stacks, edge, constant_values=np.nan)
        row, column = self.place
        size = len(self.kernel)
        return padded[row : row + size, column : column + size]

    @property
    def products(self) -> np.ndarray:
        """Each number of the window times its weight; outside the grid they are 0."""
        return np.nan_to_num(self.window) * self.kernel

    @property
    def sums(self) -> tuple[float, float, float]:
        """What the means, the maxima and the bias contribute to z."""
        mean, maximum = self.products.sum(axis=(0, 1)).tolist()
        return mean, maximum, self.bias

    @property
    def z(self) -> float:
        """The weighted sum, to which the sigmoid is applied."""
        return sum(self.sums)

    @property
    def value(self) -> float:
        """The map at the place."""
        return float(self.attention_map[self.place])

    @property
    def passed_on(self) -> np.ndarray:
        """What the next layer receives at the place."""
        if self.combine == "concat":
            return np.append(self.channels, self.value)
        factor = self.value + (self.combine == "residual")
        return self.channels * factor


class Block:
    """An attention layer on the features of one face, with weights to change."""

    def __init__(self, model: keras.Model, face: np.ndarray, layer: Any = None) -> None:
        learned = next(
            (layer for layer in model.layers if isinstance(layer, SpatialAttention)),
            None,
        )
        if learned is None:
            raise ValueError("This model has no attention block to take apart.")
        to_features = keras.Model(model.input, learned.input)
        pixels = face.reshape(1, *face.shape[-2:], 1).astype("float32")
        self.features = ops.convert_to_numpy(to_features(pixels))
        kernel, bias = learned.convolution.get_weights()
        self.kernel, self.bias = kernel[..., 0], float(bias[0])
        self.layer = _own(layer) if layer is not None else SpatialAttention(len(kernel))
        self.layer(self.features)  # makes the weights
        self.order = slice(None)
        self.order = self._order()

    def _order(self) -> slice:
        """Which stack comes first in the layer: exercise 3.3 leaves that open."""
        first = np.zeros_like(self.kernel)
        first[len(first) // 2, len(first) // 2, 0] = 1
        # The map is now the sigmoid of the first stack at each place.
        mean = 1 / (1 + np.exp(-self.features[0].mean(axis=-1)))
        return slice(None, None, 1 if np.allclose(self.map(first, 0), mean) else -1)

    def map(self, kernel: np.ndarray, bias: float) -> np.ndarray:
        """The layer's map, shape (height, width); the kernel has the mean first."""
        for weight in self.layer.weights:
            is_kernel = len(weight.shape) == 4
            ours = kernel[..., self.order, None] if is_kernel else [bias]
            weight.assign(ours)
        # The last channel: of a layer that appends, too, that is the map.
        return ops.convert_to_numpy(self.layer(self.features))[0, ..., -1]

    def parts(
        self, place: tuple[int, int], kernel: np.ndarray, bias: float, combine: str
    ) -> Parts:
        """One value of the map with all that it comes from."""
        map_ = self.map(kernel, bias)
        return Parts(self.features[0], place, kernel, bias, map_, combine)


def _own(layer: Any) -> keras.layers.Layer:
    """A learner's layer, or a layer of their class, once it passes exercise 3.3."""
    own = layer() if isinstance(layer, type) else layer
    answer = verdict(check_append_map, own)
    if answer.status != "right":
        raise ValueError(f"This layer does not pass exercise 3.3. {answer.text}")
    return own


class MapTakenApart(Panel):
    """What `map_taken_apart` returns.

    Attributes:
        row, column: the place, from 1.
        kernel: one of `KERNELS`, on which `weight` and `value` make changes.
        weight: stack, row and column of the weight to change.
        value: of this weight.
        bias: of the convolution.
        use: one of `WAYS`' values.
    """

    def __init__(self, block: Block, face: np.ndarray) -> None:
        self.block, self.face = block, face.reshape(face.shape[-2:])
        self._weights, self._bias = block.kernel, block.bias
        self.picture = Picture(tabbable=True)  # so that arrow keys reach it
        self.picture.add_class("fc-steps")
        controls = self._controls()
        super().__init__([controls, self.picture, ipywidgets.HTML(drawing.WALK)])
        self.add_class("fc-apart")
        react((self.row, self.column, self.use), self._render)
        react((self.kernel,), self._choose_kernel)
        react((self.weight,), self._choose_weight)
        react((self.value,), self._change_weight)
        react((self.bias,), self._change_bias)
        self._choose_weight()

    def __repr__(self) -> str:
        """Without the pictures: a notebook stores this text, and nbval compares it."""
        return f"MapTakenApart(row={self.row.value}, column={self.column.value})"

    def still(self) -> str:
        """The six steps for the place that is chosen now."""
        return self.picture.value

    @property
    def parts(self) -> Parts:
        """What is shown now."""
        place = self.row.value - 1, self.column.value - 1
        return self.block.parts(place, self._weights, self._bias, self.use.value)

    def _controls(self) -> ipywidgets.Box:
        height, width = self.block.features.shape[1:3]
        middle = len(self._weights) // 2
        weights = {
            f"{stack}, {name}": (middle + down, middle + right, number)
            for number, stack in enumerate(_STACKS)
            for name, (down, right) in _OFFSETS.items()
            if max(abs(down), abs(right)) <= middle
        }
        # Number fields: sliders of ipywidgets have no name for a screen reader.
        whole, real = ipywidgets.BoundedIntText, ipywidgets.BoundedFloatText
        self.row = _number(whole, "row", (height + 1) // 2, 1, height)
        self.column = _number(whole, "column", (width + 1) // 2, 1, width)
        self.row.add_class("fc-row")
        self.column.add_class("fc-column")
        self.kernel = _choice("kernel", KERNELS, KERNELS[0])
        self.weight = _choice("weight", weights, (middle, middle, 1))
        limits = {"low": -_LARGEST, "high": _LARGEST, "step": 0.25}
        self.value = _number(real, "its value", 0.0, **limits)
        self.bias = _number(real, "bias", round(self.block.bias, 2), **limits)
        self.use = _choice("use", WAYS, "multiply")
        self.reset = ipywidgets.Button(description="as learned, from the start")
        self.reset.layout = ipywidgets.Layout(width="200px")
        self.reset.on_click(self._start_again)
        controls = [self.row, self.column, self.use, self.reset, self.kernel]
        controls += [self.weight, self.value, self.bias]
        layout = ipywidgets.Layout(flex_flow="row wrap")
        return ipywidgets.Box(controls, layout=layout)

    def _start_again(self, _) -> None:
        self._bias = self.block.bias
        self.bias.value = round(self._bias, 2)
        self.kernel.value = KERNELS[0]
        self._choose_kernel()  # also where only one weight was changed

    def _choose_kernel(self, _=None) -> None:
        learned = self.block.kernel
        self._weights = learned if self.kernel.value == KERNELS[0] else 0 * learned
        if self.kernel.value == KERNELS[1]:
            self._weights[len(learned) // 2, len(learned) // 2] = -1, 1
        self._choose_weight()

    def _choose_weight(self, _=None) -> None:
        self.value.value = round(float(self._weights[self.weight.value]), 2)
        self._render()

    def _change_weight(self, _) -> None:
        # The field shows a rounded weight; only another number is a change.
        if self.value.value != round(float(self._weights[self.weight.value]), 2):
            self._weights = self._weights.copy()
            self._weights[self.weight.value] = self.value.value
            self._render()

    def _change_bias(self, _) -> None:
        if self.bias.value != round(self._bias, 2):
            self._bias = self.bias.value
            self._render()

    def _render(self, _=None) -> None:
        parts = self.parts
        self.picture.alt = drawing.in_words(parts)
        self.picture.value = drawing.steps(parts, self.face, self.weight.value)


def _choice(label: str, options: Any, value: Any) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(options=options, value=value, **_labelled(label))


def _number(
    kind: type, label: str, value: float, low: float, high: float, step: float = 1
) -> ipywidgets.Widget:
    limits = {"min": low, "max": high, "step": step}
    return kind(value=value, **limits, **_labelled(label))


def _labelled(label: str) -> dict[str, Any]:
    layout = ipywidgets.Layout(width=f"{_WIDTHS[label]}px")
    return {"description": label, "layout": layout, "style": _LABEL_STYLE}


def map_taken_apart(
    model: keras.Model, face: np.ndarray, layer: Any = None
) -> MapTakenApart:
    """A widget that shows how one value of a face's attention map comes about.

    Six steps: the place, its channels, the window on both stacks, the sum z and its
    sigmoid, the map, and what the next layer receives. Place, weights, bias and the use
    of the map can be changed.

    Args:
        model: with an attention block, such as a pocket model.
        face: shape (48, 48), grey 0–255.
        layer: the layer of exercise 3.3 or its class, which then computes the map with
            the model's learned weights; the library's own if None.

    Raises:
        ValueError: the model has no attention block, or the layer fails the check.
    """
    return MapTakenApart(Block(model, face, layer), face)
