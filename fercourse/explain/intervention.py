"""Does the answer depend on the attention map? Put another map in its place."""

from __future__ import annotations

import keras
import numpy as np

from fercourse.models.attention import SpatialAttention
from fercourse.training.prediction import BATCH_SIZE, with_channel


def answers_with_map(
    model: keras.Model, images: np.ndarray, maps: np.ndarray
) -> np.ndarray:
    """The probabilities if the attention block had answered with these maps.

    Args:
        model: with one attention block.
        images: shape (N, 48, 48), grey 0–255.
        maps: float in [0, 1], shape (N, height, width), on the grid of the block.

    Returns:
        float32, shape (N, 7).

    Raises:
        ValueError: the model has no attention block, or several.
    """
    blocks = [layer for layer in model.layers if isinstance(layer, SpatialAttention)]
    if len(blocks) != 1:
        raise ValueError(
            f"The model {model.name} has {len(blocks)} attention blocks; expected one."
        )
    # A model on the same layers with two inputs, which no longer computes its map:
    # faces (batch, 48, 48, 1) and maps (batch, height, width, 1).
    both = keras.Model([model.input, blocks[0].output], model.output)
    parts = [
        both([with_channel(images[part]), with_channel(maps[part])], training=False)
        for part in (
            slice(n, n + BATCH_SIZE) for n in range(0, len(images), BATCH_SIZE)
        )
    ]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])
