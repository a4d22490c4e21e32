"""Fast gradients: ReLU and 2×2 maximum with fewer passes through a GPU's memory.

Both give the same values as Keras's layers. What differs is what their gradients need:

- ReLU's gradient is written in terms of its output. The convolution's sum, from which
  JAX takes it, is then needed nowhere after the step forward, so that convolution, bias
  and ReLU become one kernel and one array.
- The maximum of 2×2 places is that of four strided views. JAX's own gradient of a
  pooling window is a `select_and_scatter`, which a GPU does with atomic additions; this
  one is element by element. Where several of the four are the greatest, on JAX they
  share the gradient; there the first gets all of it.

No GPU has measured yet whether that is faster. `train_speed.py --compare` does; if it
is, they belong into `fercourse.training.trainer`. A model is changed only within a
`with`, and what is saved knows nothing of it.
"""

from __future__ import annotations

from types import TracebackType

import keras
from keras import layers, ops


@ops.custom_gradient
def relu(x):
    """`keras.ops.relu`, whose gradient needs only the output; float, any shape."""
    positive = ops.maximum(x, 0)

    def gradient(*arguments, upstream=None):
        if upstream is None:
            (upstream,) = arguments
        return ops.where(positive > 0, upstream, ops.zeros_like(upstream))

    return positive, gradient


def halve(x):
    """The maximum of every 2×2 places: (batch, height, width, channels), halved.

    A last row or column without a partner is left out, as in
    `keras.layers.MaxPooling2D`.
    """
    rows, columns = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
    corners = [
        x[:, row:rows:2, column:columns:2] for row in (0, 1) for column in (0, 1)
    ]
    return ops.maximum(
        ops.maximum(corners[0], corners[1]), ops.maximum(corners[2], corners[3])
    )


class FastGradients:
    """Within it a model's ReLUs and 2×2 maxima have these gradients."""

    def __init__(self, model: keras.Model) -> None:
        self.layers = model.layers

    def __enter__(self) -> FastGradients:
        self.changed: list[tuple[layers.Layer, str, object]] = []
        for layer in self.layers:
            if getattr(layer, "activation", None) is keras.activations.relu:
                self._change(layer, "activation", relu)
            elif isinstance(layer, layers.MaxPooling2D) and _halves(layer):
                self._change(layer, "call", halve)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for layer, name, before in self.changed:
            setattr(layer, name, before)

    def _change(self, layer: layers.Layer, name: str, value: object) -> None:
        self.changed.append((layer, name, getattr(layer, name)))
        setattr(layer, name, value)


def _halves(layer: layers.MaxPooling2D) -> bool:
    usual = (layer.padding, layer.data_format) == ("valid", "channels_last")
    return usual and tuple(layer.pool_size) == tuple(layer.strides) == (2, 2)
