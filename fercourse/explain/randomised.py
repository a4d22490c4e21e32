"""Is a map about what was learned? Randomise the weights, or the labels, and compare.

J. Adebayo and others: Sanity Checks for Saliency Maps, arXiv:1810.03292.
"""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np

from fercourse.data.faces import FaceData, Faces
from fercourse.data.practice import practice_faces
from fercourse.models.pocket import pocket_configuration
from fercourse.models.systems import build_model
from fercourse.training.loop import prepare, train
from fercourse.training.prediction import predict
from fercourse.training.recipes import RECIPES


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


def trained_on_shuffled_labels(
    count: int = 500, epochs: int = 30
) -> tuple[keras.Model, float, float]:
    """A network that has learned which label each face was dealt, and nothing else.

    The data randomisation test: practice faces get each other's labels, so that only
    memory helps. Nothing varies the faces, since that would make memory harder.

    Returns:
        the network; its accuracy on the labels that it was trained on, and on the true
        emotions of 200 other faces, both in percent.
    """
    drawn = practice_faces(count + 200, seed=31, proportions="uniform")
    labels = drawn.drawn_emotions.copy()
    labels[:count] = np.random.default_rng(0).permutation(labels[:count])
    faces = Faces(drawn.faces.images, labels, drawn.faces.rows)
    learned, others = faces[:count], faces[count:]
    # Validation on the same faces: the weights that remember most are kept.
    data = FaceData(learned, learned, others, "shuffled labels", "drawn for this")
    still = {"flip": False, "shift": 0.0, "weight_decay": 0.0}
    recipe = RECIPES["practice"].changed(epochs=epochs, **still)
    prepare(recipe)
    model = build_model(pocket_configuration("block3_pool", "multiply"))
    train(model, data, recipe)
    remembered, right = (
        100 * float(np.mean(predict(model, part.images).argmax(1) == part.emotions))
        for part in (learned, others)
    )
    return model, remembered, right
