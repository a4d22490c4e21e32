"""Is a map about the network at all? Destroy the network, layer by layer, and look.

J. Adebayo and others: Sanity Checks for Saliency Maps, arXiv:1810.03292, section 3.1.
"""

from __future__ import annotations

from collections.abc import Iterator

import keras


def parts_from_the_top(model: keras.Model) -> list[str]:
    """The parts that have weights, from the answer down: "predictions" to "block1"."""
    names = [layer.name.split("_")[0] for layer in model.layers if layer.weights]
    return list(dict.fromkeys(reversed(names)))


def cascade(model: keras.Model) -> Iterator[tuple[str, keras.Model]]:
    """Copies of a network with more and more parts reset to random weights.

    The first copy has a new last layer, the last one has nothing that was learned. Call
    `keras.utils.set_random_seed` before, to draw the same weights every time.

    Yields:
        the name of the part that was reset last, and the copy; it is the same object
        every time.
    """
    copy = keras.models.clone_model(model)  # with new weights, as before a training
    fresh = {layer.name: layer.get_weights() for layer in copy.layers}
    copy.set_weights(model.get_weights())
    for part in parts_from_the_top(model):
        for layer in copy.layers:
            if layer.name.split("_")[0] == part:
                layer.set_weights(fresh[layer.name])
        yield part, copy
