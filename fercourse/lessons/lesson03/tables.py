"""Tables of lesson 03: the paper's Table I, and what the paper leaves open."""

from __future__ import annotations

import keras

from fercourse.plots.tables import Table
from fercourse.training.recipes import Recipe

_ROWS = {
    "VGG19": "block5_pool",
    "Conv": "block5_attention",
    "Concat": "append_map",
    "Flatten": "flatten",
    "Dropout": "dropout",
    "Dense": "fc1",
    "Dense, 7": "predictions",
}
"""Table I's rows, and the layers of our network that they end with."""


def shapes(model: keras.Model) -> Table:
    """What each row of Table I makes of one face, as the model computes it."""
    outputs = {row: model.get_layer(name).output for row, name in _ROWS.items()}
    sides = {row: map("{:,}".format, out.shape[1:]) for row, out in outputs.items()}
    return [["row", "output"], *([row, " × ".join(s)] for row, s in sides.items())]


def decisions(recipe: Recipe, dropout: float) -> Table:
    """What a reproduction has to decide, what the paper says, and what we chose."""
    rate = f"{recipe.learning_rate:g}; times {recipe.plateau_factor:g} after "
    rate += f"{recipe.plateau_patience} epochs without a better PublicTest accuracy"
    varied = "half of the faces mirrored, " * recipe.flip
    varied += f"rotation up to {recipe.rotation:.0f}°, shift up to "
    varied += f"{100 * recipe.shift:.0f} % of the width"
    silent = "not stated"
    return [
        ["decision", "the paper", "ours"],
        ["optimiser", silent, recipe.optimizer.capitalize()],
        ["learning rate", silent, rate],
        ["batch size, epochs", silent, f"{recipe.batch_size}, {recipe.epochs}"],
        ["dropout rate", silent, f"{dropout:g}"],
        [
            "layers that are trained",
            "“transfer learning”",
            "all, starting from ImageNet",
        ],
        ["from 48 to 224 pixels", silent, "resized in the network, grey three times"],
        ["augmentation", silent, varied],
        ["views of a test face", silent, f"{recipe.views}"],
        ["test half for the best epoch", silent, "PublicTest"],
        ["test half that is reported", silent, "PrivateTest"],
    ]
