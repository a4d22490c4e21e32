"""Pocket models: VGG19 at a quarter of the width, trained on FER2013 and shipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from fercourse.data.faces import IMAGE_SIDE
from fercourse.machine import REPOSITORY
from fercourse.models.network import Network
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import POOLS

SHIPPED_MODELS = REPOSITORY / "data" / "models"
"""The pocket weights that come with the course."""

DISTILLED = "distilled"
"""Pocket models trained on FER2013 for longer, with the answers of a larger network."""


def shipped_weights(network: Network, trained_on: str = "fer2013") -> Path:
    """Where the weights of a pocket model are, or would be.

    Args:
        trained_on: "fer2013", "practice" for practice faces, or `DISTILLED`.
    """
    folder = SHIPPED_MODELS if trained_on == "fer2013" else SHIPPED_MODELS / trained_on
    return folder / f"{network.name}.weights.h5"


def is_shipped(network: Network, trained_on: str = "fer2013") -> bool:
    """Whether the course has a trained model of this network."""
    return network.is_pocket and shipped_weights(network, trained_on).exists()


def pocket_configuration(
    after: str | tuple[str, ...] | None = None, combine: str = "concat"
) -> dict[str, Any]:
    """The configuration of a pocket model before training: weights are random.

    Example: `model = fc.build_model(fc.pocket_configuration("block3_pool"))`.
    """
    return Network.pocket(after, combine).as_dict()


def pocket_model(
    after: str | tuple[str, ...] | None = None,
    combine: str = "concat",
    trained_on: str = "fer2013",
    size: int = IMAGE_SIDE,
) -> keras.Model:
    """A trained pocket model that comes with the course.

    Example: `model = fc.pocket_model("block4_pool", "multiply")`.

    Args:
        after: one of `POOLS`, or None or () for plain VGG19.
        trained_on: "fer2013", "practice" for practice faces, or "distilled" for
            FER2013 with the answers of a larger network.
        size: side in pixels to which the model enlarges a face, 48 or 96.

    Raises:
        FileNotFoundError: no such model is shipped; the message names those that are.
    """
    network = Network.pocket(after, combine, size=size)
    path = shipped_weights(network, trained_on)
    if not path.exists():
        names = sorted(file.name.split(".")[0] for file in path.parent.glob("*.h5"))
        raise FileNotFoundError(
            f"No trained model {path.name} comes with the course. Shipped: "
            f"{', '.join(names) or 'none'}."
        )
    model = build_model(network)
    model.load_weights(path)
    return model


VARIANTS = (
    Network.pocket(),
    *(
        Network.pocket(pool, combine)
        for combine in ("concat", "multiply")
        for pool in POOLS[:4]
    ),
)
"""The pocket networks trained on FER2013 at 48 pixels, in the order of the panel.

After block 5 the grid would be a single place.
"""

LARGER_VARIANTS = (
    Network.pocket(size=96),
    Network.pocket(POOLS[4], "concat", size=96),
    Network.pocket(POOLS[4], "multiply", size=96),
)
"""Those at 96 pixels: the paper's own position, and none to compare it with."""
