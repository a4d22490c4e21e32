"""Pocket models: VGG19 at a quarter of the width, trained on FER2013, shipped with the course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras

from fercourse.data.faces import IMAGE_SIDE
from fercourse.machine import REPOSITORY
from fercourse.models.vgg19 import POOLS, vgg19, vgg19_attention

POCKET_WIDTH = 0.25
"""A quarter of VGG19's channels: trains on two CPU cores."""


SHIPPED_MODELS = REPOSITORY / "data" / "models"
"""Where the pocket weights that come with the course lie."""


def pocket_name(after: str | None = None, combine: str = "concat") -> str:
    """The name of a pocket model, of its weights file and of its runs, such as "pocket-block4-concat"."""
    return (
        "pocket-none"
        if after is None
        else f"pocket-{after.removesuffix('_pool')}-{combine}"
    )


def pocket_configuration(
    after: str | None = None, combine: str = "concat"
) -> dict[str, Any]:
    """What a pocket model is built from: a quarter of the channels, 48 pixels, random weights."""
    place = (
        {"system": "vgg19"}
        if after is None
        else {"system": "vgg19_attention", "after": after}
    )
    if after is not None:
        place |= {"combine": combine, "kernel_size": 7}
    return {
        **place,
        "size": IMAGE_SIDE,
        "weights": None,
        "width": POCKET_WIDTH,
        "dropout": 0.4,
    }


def pocket_model(after: str | None = None, combine: str = "concat") -> keras.Model:
    """A pocket model trained on real FER2013 that comes with the course.

    Args:
        after: one of `POOLS`, or None for plain VGG19.
        combine: one of `COMBINE`.

    Raises:
        FileNotFoundError: no such model is shipped; the message names those that are.
    """
    path = SHIPPED_MODELS / f"{pocket_name(after, combine)}.weights.h5"
    if not path.exists():
        shipped = sorted(
            file.name.removesuffix(".weights.h5")
            for file in SHIPPED_MODELS.glob("*.h5")
        )
        raise FileNotFoundError(
            f"No trained model {path.name} comes with the course. Shipped: {', '.join(shipped) or 'none'}."
        )
    arguments = pocket_configuration(after, combine)
    builder = {"vgg19": vgg19, "vgg19_attention": vgg19_attention}[
        arguments.pop("system")
    ]
    model = builder(**arguments)
    model.load_weights(path)
    return model


TRAINED_KERNEL_SIZE = 7
"""The paper's, and that of every shipped model."""


@dataclass(frozen=True)
class Variant:
    """Where the attention block stands, and how its map is used.

    Attributes:
        after: one of `POOLS`, or None for no block.
        combine: "concat" or "multiply".
        kernel_size: side of the attention convolution's window.
    """

    after: str | None = None
    combine: str = "concat"
    kernel_size: int = TRAINED_KERNEL_SIZE

    @property
    def label(self) -> str:
        """In words, such as "block 3, multiply"."""
        if self.after is None:
            return "no attention"
        kernel = (
            ""
            if self.kernel_size == TRAINED_KERNEL_SIZE
            else f", {self.kernel_size} × {self.kernel_size}"
        )
        return f"block {POOLS.index(self.after) + 1}, {self.combine}{kernel}"

    @property
    def name(self) -> str:
        """Of its pocket model; only with the trained kernel size is there one."""
        return pocket_name(self.after, self.combine)

    @property
    def shipped(self) -> bool:
        """Whether a trained model comes with the course."""
        file = SHIPPED_MODELS / f"{self.name}.weights.h5"
        return (
            self.after is None or self.kernel_size == TRAINED_KERNEL_SIZE
        ) and file.exists()


VARIANTS = (
    Variant(),
    *(Variant(after, combine) for combine in ("concat", "multiply") for after in POOLS),
)
"""All variants that are or will be trained on FER2013, in the order in which the panel lists them."""
