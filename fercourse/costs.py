"""What a model costs: parameters and multiply-adds of each layer, and how far a place of a grid sees."""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras
from keras import layers

from fercourse.attention import SpatialAttention
from fercourse.faces import EMOTIONS, IMAGE_SIDE
from fercourse.models import BLOCKS, POCKET_WIDTH, POOLS


@dataclass(frozen=True)
class LayerCost:
    """One layer of a model for one face.

    Attributes:
        name: of the layer.
        shape: of its output, without the batch.
        parameters: trained or not.
        multiply_adds: multiplications that are added up: those of convolutions and dense layers, which
            are nearly all. Two floating-point operations each.
    """

    name: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int


def layer_costs(model: keras.Model) -> list[LayerCost]:
    """The cost of every layer of a functional model, in order, for one face."""
    return [
        LayerCost(layer.name, tuple(layer.output.shape[1:]), layer.count_params(), _multiply_adds(layer))
        for layer in model.layers
    ]


def multiply_adds(model: keras.Model) -> int:
    """The multiply-adds of a functional model for one face."""
    return sum(cost.multiply_adds for cost in layer_costs(model))


def _multiply_adds(layer: layers.Layer) -> int:
    kernel = getattr(layer.convolution if isinstance(layer, SpatialAttention) else layer, "kernel", None)
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
        field: side of the square of input pixels that one place sees, at the size of the network's
            input; near the border part of it lies outside the face.
        field_on_face: the same in pixels of the 48×48 face.
    """

    after: str
    grid: int
    channels: int
    field: int
    field_on_face: float


def places(size: int, width: float = 1.0) -> list[Place]:
    """The five places where the attention block can stand in a VGG19.

    The field follows from the layers before: a 3×3 convolution adds two steps of the grid on which it
    works, a pooling layer one, and then doubles the step (Araujo et al., 2019).

    Args:
        size: side of the network's input in pixels.
        width: fraction of VGG19's channels.
    """
    found, field, step = [], 1, 1
    for after, (convolutions, filters) in zip(POOLS, BLOCKS, strict=True):
        field += (2 * convolutions + 1) * step
        step *= 2
        found.append(Place(after, size // step, round(filters * width), field, field * IMAGE_SIDE / size))
    return found


def pocket_costs(after: str | None, combine: str = "concat", kernel_size: int = 7) -> tuple[int, int]:
    """Parameters and multiply-adds of a pocket model, counted without building it.

    Args:
        after: the pooling layer behind which the attention block stands, or None.
        combine: one of `fercourse.models.COMBINE`.
        kernel_size: side of the attention convolution's window.
    """
    parameters = additions = 0
    grid, channels = IMAGE_SIDE, 3
    stages = places(IMAGE_SIDE, POCKET_WIDTH)
    for (convolutions, _), place in zip(BLOCKS, stages, strict=True):
        for _ in range(convolutions):
            kernel = 9 * channels * place.channels
            parameters += kernel + 4 * place.channels  # batch normalisation: two learned, two measured
            additions += kernel * grid**2
            channels = place.channels
        grid = place.grid
    features = channels
    if after is not None:
        parameters += 2 * kernel_size**2 + 1
        additions += 2 * kernel_size**2 * stages[POOLS.index(after)].grid ** 2
        features += combine == "concat"
    inputs = features * grid**2
    for neurons in (round(4096 * POCKET_WIDTH), len(EMOTIONS)):
        parameters += (inputs + 1) * neurons
        additions += inputs * neurons
        inputs = neurons
    return parameters, additions
