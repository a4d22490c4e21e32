"""What a model costs, and how much of the face each place of a grid sees."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from fercourse.data.faces import IMAGE_SIDE
from fercourse.models.attention import SpatialAttention
from fercourse.models.network import Network
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import BLOCKS, POOLS, hidden_units


def multiply_adds(model: keras.Model) -> int:
    """The multiply-adds of a functional model for one face: two operations each.

    Those of convolutions and dense layers are nearly all, and the only ones counted.

    Example: `fc.multiply_adds(fc.pocket_model("block4_pool"))`.
    """
    return sum(map(_multiply_adds, model.layers))


def _multiply_adds(layer: layers.Layer) -> int:
    owner = layer.convolution if isinstance(layer, SpatialAttention) else layer
    kernel = getattr(owner, "kernel", None)
    if kernel is None:
        return 0
    # Every weight of the kernel is used once at every place of the output.
    return math.prod(kernel.shape) * math.prod(layer.output.shape[1:-1])


@dataclass(frozen=True)
class Place:
    """A block of VGG19 with its pooling layer, after which the attention can be."""

    after: str  # the pooling layer
    convolutions: int
    channels: int  # features at each place
    grid_before: int  # places on a side where the convolutions work
    grid: int  # places on a side after pooling
    field: int  # side in input pixels that a place sees, past the border too
    field_on_face: float  # the same in pixels of the 48×48 face


def places(size: int, width: float = 1.0) -> list[Place]:
    """VGG19's five blocks, and so the five places for the attention block.

    Example: `[place.grid for place in fc.places(size=224)]`.

    Args:
        size: side of the network's input in pixels.
        width: fraction of VGG19's channels.
    """
    blocks: list[Place] = []
    # The field of a place follows from the layers before it (Araujo et al., 2019): from
    # 1 pixel at first, each layer adds its window less one, in steps of its grid.
    field, step = 1, 1
    for after, (convolutions, filters) in zip(POOLS, BLOCKS, strict=True):
        # A 3×3 convolution adds two steps, the 2×2 pooling one.
        field += (2 * convolutions + 1) * step
        grid_before, step = size // step, 2 * step
        place = Place(
            after, convolutions, round(filters * width), grid_before, size // step,
            field, field * IMAGE_SIDE / size,
        )  # fmt: skip
        blocks.append(place)
    return blocks


def configuration_costs(configuration: Mapping[str, Any] | Network) -> tuple[int, int]:
    """Parameters and multiply-adds of the model that a configuration describes.

    VGG19s are counted without building them, since one at full width takes 0.5 GB;
    other systems are built, once. No weights are read.

    Example: `parameters, _ = fc.configuration_costs({"system": "vgg19_attention"})`.

    Raises:
        ValueError: the system is unknown, or as its builder raises.
    """
    if not isinstance(configuration, Network):
        configuration = Network.from_dict(configuration)
    return _costs(configuration)


@functools.cache
def _costs(network: Network) -> tuple[int, int]:
    if not network.is_vgg19:
        model = build_model(network)
        return model.count_params(), multiply_adds(model)
    parameters, additions = zip(*_layers_of_vgg19(network), strict=True)
    return sum(parameters), sum(additions)


def _layers_of_vgg19(network: Network) -> Iterator[tuple[int, int]]:
    """Parameters and multiply-adds of each layer that has any."""
    blocks, inputs = places(network.size, network.width), 3
    for block in blocks:
        for _ in range(block.convolutions):
            kernel = 3 * 3 * inputs * block.channels
            # A bias per channel, or the four numbers of batch normalisation.
            more = (1 if network.width == 1 else 4) * block.channels
            # Every weight of the kernel is used once at every place of the grid.
            yield kernel + more, kernel * block.grid_before**2
            inputs = block.channels
        if block.after in network.after:
            # On two channels, mean and maximum; one bias, or four numbers.
            kernel = 2 * network.kernel_size**2
            yield kernel + (4 if network.normalise_map else 1), kernel * block.grid**2
    # Each appended map is one more channel of the last features.
    channels = inputs + len(network.after) * (network.combine == "concat")
    # The flat head takes all places of all channels, 7·7·513 in Table I.
    inputs, more = channels * blocks[-1].grid ** 2, 1
    if network.head != "flatten":
        inputs = 2 * channels  # mean and maximum of each channel
    if network.head == "pooled":
        yield 4 * channels, 0
        more = 4  # numbers of batch normalisation in place of a bias
    for neurons in hidden_units(network):
        yield (inputs + more) * neurons, inputs * neurons
        inputs = neurons
    yield (inputs + 1) * network.classes, inputs * network.classes
