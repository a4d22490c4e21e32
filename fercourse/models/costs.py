"""What a model costs: parameters and multiply-adds of each layer, and how far a place of a grid sees."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.models.attention import SpatialAttention
from fercourse.models.pocket import POCKET_WIDTH
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import BLOCKS, POOLS


@dataclass(frozen=True)
class LayerCost:
    """One layer of a model for one face.

    Attributes:
        name: of the layer.
        shape: of its output, without the batch.
        parameters: trained or not.
        multiply_adds: multiplications that are added up: those of convolutions and
            dense layers, which are nearly all. Two floating-point operations each.
    """

    name: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int


def layer_costs(model: keras.Model) -> list[LayerCost]:
    """The cost of every layer of a functional model, in order, for one face."""
    return [
        LayerCost(
            layer.name,
            tuple(layer.output.shape[1:]),
            layer.count_params(),
            _multiply_adds(layer),
        )
        for layer in model.layers
    ]


def multiply_adds(model: keras.Model) -> int:
    """The multiply-adds of a functional model for one face."""
    return sum(cost.multiply_adds for cost in layer_costs(model))


def _multiply_adds(layer: layers.Layer) -> int:
    kernel = getattr(
        layer.convolution if isinstance(layer, SpatialAttention) else layer,
        "kernel",
        None,
    )
    if kernel is None:
        return 0
    # Every weight of the kernel is used once at every place of the output.
    return math.prod(kernel.shape) * math.prod(layer.output.shape[1:-1])


@dataclass(frozen=True)
class Place:
    """What stands after one of the five pooling layers.

    Attributes:
        after: the pooling layer.
        grid: places on one side of the feature grid.
        channels: features at each place.
        field: side of the square of input pixels that one place sees, at the size of
            the network's input; near the border part of it lies outside the face.
        field_on_face: the same in pixels of the 48×48 face.
    """

    after: str
    grid: int
    channels: int
    field: int
    field_on_face: float


def places(size: int, width: float = 1.0) -> list[Place]:
    """The five places where the attention block can stand in a VGG19.

    The field follows from the layers before: a 3×3 convolution adds two steps of the
    grid on which it works, a pooling layer one, and then doubles the step (Araujo et
    al., 2019).

    Args:
        size: side of the network's input in pixels.
        width: fraction of VGG19's channels.
    """
    found, field, step = [], 1, 1
    for after, (convolutions, filters) in zip(POOLS, BLOCKS, strict=True):
        field += (2 * convolutions + 1) * step
        step *= 2
        found.append(
            Place(
                after,
                size // step,
                round(filters * width),
                field,
                field * IMAGE_SIDE / size,
            )
        )
    return found


def vgg19_costs(
    after: str | Sequence[str] | None = None,
    combine: str = "concat",
    *,
    kernel_size: int = 7,
    size: int = 224,
    width: float = 1.0,
    units: int | Sequence[int] | None = None,
    classes: int = len(EMOTIONS),
    head: str = "flatten",
    normalise_map: bool = False,
) -> tuple[int, int]:
    """Parameters and multiply-adds of a VGG19, counted without building it: at full width it takes 0.5 GB.

    Args:
        after: the pooling layer behind which the attention block stands, several of
            them, or None.
        combine: one of `fercourse.models.vgg19.COMBINE`.
        kernel_size: side of the attention convolution's window.
        size: side of the network's input in pixels.
        width: fraction of VGG19's channels.
        units: neurons of the hidden dense layer, or of several; 4096·width by default,
            512·width if pooled.
        classes: neurons of the last layer.
        head: one of `fercourse.models.vgg19.HEADS`.
        normalise_map: whether batch normalisation stands in front of the map's sigmoid.
    """
    blocks = [] if after is None else [after] if isinstance(after, str) else list(after)
    parameters = additions = 0
    grid, channels = size, 3
    stages = places(size, width)
    for (convolutions, _), place in zip(BLOCKS, stages, strict=True):
        for _ in range(convolutions):
            kernel = 9 * channels * place.channels
            # An offset for each channel, or batch normalisation: two learned numbers,
            # two measured ones.
            parameters += kernel + (1 if width == 1 else 4) * place.channels
            additions += kernel * grid**2
            channels = place.channels
        grid = place.grid
    for block in blocks:
        parameters += 2 * kernel_size**2 + (4 if normalise_map else 1)
        additions += 2 * kernel_size**2 * stages[POOLS.index(block)].grid ** 2
    features = channels + (len(blocks) if combine == "concat" else 0)
    pooled = head == "pooled"
    inputs = 2 * features if pooled else features * grid**2
    parameters += 4 * features if pooled else 0
    usual = round((512 if pooled else 4096) * width)
    hidden = [usual] if units is None else [units] if isinstance(units, int) else units
    for neurons in (*hidden, classes):
        parameters += (inputs + 1) * neurons
        additions += inputs * neurons
        inputs = neurons
    # Normalised neurons: no offset of their own, but the four numbers.
    parameters += 3 * sum(hidden) if pooled else 0
    return parameters, additions


def pocket_costs(
    after: str | None, combine: str = "concat", kernel_size: int = 7
) -> tuple[int, int]:
    """Parameters and multiply-adds of a pocket model, counted without building it.

    Args:
        after: the pooling layer behind which the attention block stands, or None.
        combine: one of `fercourse.models.vgg19.COMBINE`.
        kernel_size: side of the attention convolution's window.
    """
    return vgg19_costs(
        after, combine, kernel_size=kernel_size, size=IMAGE_SIDE, width=POCKET_WIDTH
    )


def configuration_costs(configuration: Mapping[str, Any]) -> tuple[int, int]:
    """Parameters and multiply-adds of the model that a configuration describes; each is counted once.

    Args:
        configuration: as `fercourse.models.systems.build_model` takes it. VGG19s are
            counted without building them, other systems are built; no weights are read.

    Raises:
        ValueError: the system is unknown, or as its builder raises.
    """
    return _configuration_costs(json.dumps(configuration, sort_keys=True, default=str))


@functools.cache
def _configuration_costs(text: str) -> tuple[int, int]:
    configuration = json.loads(text)
    if not configuration["system"].startswith("vgg19"):
        model = build_model(configuration)
        return model.count_params(), multiply_adds(model)
    defaults = (
        {"after": "block5_pool"} if configuration["system"] == "vgg19_attention" else {}
    )
    without_cost = ("system", "weights", "dropout")
    counted = {
        name: value for name, value in configuration.items() if name not in without_cost
    }
    return vgg19_costs(**(defaults | counted))
