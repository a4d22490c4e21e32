"""What a model costs: parameters and multiply-adds of each layer, and how far a place of a grid sees."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from fercourse.data.faces import IMAGE_SIDE
from fercourse.models.attention import SpatialAttention
from fercourse.models.network import Network
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import BLOCKS, POOLS, hidden_units


@dataclass(frozen=True)
class LayerCost:
    """One layer of a model for one face."""

    name: str
    shape: tuple[int, ...]  # of its output, without the batch
    parameters: int  # trained or not
    multiply_adds: int  # of convolutions and dense layers: two operations each


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
    """One of VGG19's five blocks with its pooling layer: the one description of them."""

    after: str  # the pooling layer
    convolutions: int
    channels: int  # features at each place
    grid_before: int  # places on a side where the convolutions work
    grid: int  # places on a side after pooling
    field: int  # side in input pixels that a place sees, past the border too
    field_on_face: float  # the same in pixels of the 48×48 face


def places(size: int, width: float = 1.0) -> list[Place]:
    """The five places where the attention block can be in a VGG19.

    The field follows from the layers before: a 3×3 convolution adds two steps of the
    grid on which it works, a pooling layer one, and then doubles the step (Araujo et
    al., 2019).

    Args:
        size: side of the network's input in pixels.
        width: fraction of VGG19's channels.
    """
    stages = []
    field, step = 1, 1
    for after, (convolutions, filters) in zip(POOLS, BLOCKS, strict=True):
        before = size // step
        field += (2 * convolutions + 1) * step
        step *= 2
        stages.append(
            Place(
                after=after,
                convolutions=convolutions,
                channels=round(filters * width),
                grid_before=before,
                grid=size // step,
                field=field,
                field_on_face=field * IMAGE_SIDE / size,
            )
        )
    return stages


def configuration_costs(configuration: Mapping[str, Any] | Network) -> tuple[int, int]:
    """Parameters and multiply-adds of the model that a configuration describes.

    VGG19s are counted without building them, since one at full width takes 0.5 GB;
    other systems are built, once. No weights are read.

    Raises:
        ValueError: the system is unknown, or as its builder raises.
    """
    if isinstance(configuration, Network):
        return _costs(configuration)
    return _costs(Network.from_dict(configuration))


@functools.cache
def _costs(network: Network) -> tuple[int, int]:
    if not network.is_vgg19:
        model = build_model(network)
        return model.count_params(), multiply_adds(model)
    stages = places(network.size, network.width)
    counts = [
        *_convolution_costs(stages, normalised=network.width < 1),
        *_attention_costs(stages, network),
        *_head_costs(stages[-1], network),
    ]
    return sum(count for count, _ in counts), sum(count for _, count in counts)


def _convolution_costs(
    stages: Sequence[Place], normalised: bool
) -> Iterator[tuple[int, int]]:
    inputs = 3
    # A bias for each channel, or batch normalisation's two learned and two measured numbers.
    per_channel = 4 if normalised else 1
    for stage in stages:
        for _ in range(stage.convolutions):
            kernel = 3 * 3 * inputs * stage.channels
            # Every weight of the kernel is used once at every place of the grid.
            yield kernel + per_channel * stage.channels, kernel * stage.grid_before**2
            inputs = stage.channels


def _attention_costs(
    stages: Sequence[Place], network: Network
) -> Iterator[tuple[int, int]]:
    # Two input channels: mean and maximum. One bias, or four numbers of normalisation.
    kernel, more = 2 * network.kernel_size**2, 4 if network.normalise_map else 1
    for stage in stages:
        if stage.after in network.after:
            yield kernel + more, kernel * stage.grid**2


def _head_costs(last: Place, network: Network) -> Iterator[tuple[int, int]]:
    # Each appended map is one more channel.
    channels = last.channels + len(network.after) * (network.combine == "concat")
    pooled = network.head == "pooled"
    if pooled:
        yield 4 * channels, 0  # batch normalisation
    # Mean and maximum of each channel, or all places of all channels.
    inputs = 2 * channels if pooled else channels * last.grid**2
    for neurons in hidden_units(network):
        # A bias for each neuron, or batch normalisation's four numbers.
        yield (inputs + (4 if pooled else 1)) * neurons, inputs * neurons
        inputs = neurons
    yield (inputs + 1) * network.classes, inputs * network.classes


def pocket_costs(
    after: str | None, combine: str = "concat", kernel_size: int = 7
) -> tuple[int, int]:
    """Parameters and multiply-adds of a pocket model; `after` is None for no block."""
    return configuration_costs(Network.pocket(after, combine, kernel_size))
