"""A network before it is built: one frozen record that is stored, named and compared.

Nothing here imports Keras, so that a command can read its options before a backend is
loaded. `fercourse.models.systems.build_model` builds the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE

TUNED_WIDTHS = (256, 512, 384, 192, 384)
"""Filters of the five convolutions of `tuned_cnn`."""

POCKET_WIDTH = 0.25
"""A quarter of VGG19's channels: trains on two CPU cores."""

KERNEL_SIZE = 7
"""The attention convolution's window in the paper and in every shipped model."""

NETWORK_B: dict[str, Any] = {
    "system": "vgg19_attention",
    "after": ["block3_pool", "block4_pool", "block5_pool"],
    "combine": "gate",
    "kernel_size": 7,
    "normalise_map": True,
    "head": "mean_max",
    "feature_scale": 0.05,
    "size": 224,
    "weights": "imagenet",
    "width": 1.0,
    "dropout": 0.5,
}
"""The course's own network, 20,553,081 parameters: gates in three places, which begin
by changing nothing, and a head of half a million weights, since every network for
FER2013 that was narrowed gained."""

_CNN: dict[str, Any] = {"width": 1.0, "classes": len(EMOTIONS)}
_VGG19: dict[str, Any] = {"size": 224, "weights": "imagenet", "width": 1.0}
_VGG19 |= {"dropout": 0.5, "units": None, "classes": len(EMOTIONS), "head": "flatten"}
_VGG19 |= {"feature_scale": 1.0}
_BLOCK = {"after": ("block5_pool",), "combine": "concat", "kernel_size": KERNEL_SIZE}

ARGUMENTS: dict[str, dict[str, Any]] = {
    "deep_emotion": _CNN,
    "inception": {"dropout": 0.4, **_CNN},
    "tuned_cnn": {"widths": TUNED_WIDTHS, "dropout": 0.4, "units": 256, **_CNN},
    "resnet": {"dropout": 0.4, **_CNN},
    "vgg": {"dropout": 0.25, **_CNN},
    "vggnet": {"dropout": 0.2, **_CNN},
    "vgg19": _VGG19,
    "vgg19_attention": {**_BLOCK, **_VGG19, "normalise_map": False},
}
"""What each system's builder takes, with its defaults; in the order of Table III."""

_STATED = ("after", "combine", "kernel_size", "size", "weights", "width", "dropout")
"""What the configuration of a VGG19 states even where it is the default."""


@dataclass(frozen=True)
class Network:
    """A system and its builder's arguments; those that it does not take are unused.

    `from_dict` fills in the builder's defaults, which the defaults here are not.
    """

    system: str  # a name in `ARGUMENTS`
    after: tuple[str, ...] = ()  # pools with an attention block after them; () is none
    combine: str = "concat"
    kernel_size: int = KERNEL_SIZE
    size: int = IMAGE_SIDE  # side of the enlarged face, in pixels
    weights: str | None = None  # None: random
    width: float = 1.0  # fraction of the channels
    widths: tuple[int, ...] = ()
    dropout: float = 0.0
    units: int | tuple[int, ...] | None = None  # None: as the width asks for
    classes: int = len(EMOTIONS)
    head: str = "flatten"
    normalise_map: bool = False
    feature_scale: float = 1.0  # of all that the head takes

    @classmethod
    def from_dict(cls, configuration: Mapping[str, Any]) -> Network:
        """The network of a configuration, with the defaults of what it leaves out.

        Raises:
            ValueError: the system is unknown, or does not take one of the arguments.
        """
        stated = dict(configuration)
        system = stated.pop("system")
        if system not in ARGUMENTS:
            known = ", ".join(ARGUMENTS)
            raise ValueError(f"system={system!r} is unknown; expected one of {known}.")
        if others := stated.keys() - ARGUMENTS[system]:
            raise ValueError(
                f"{system} does not take {', '.join(sorted(others))}; it takes "
                f"{', '.join(ARGUMENTS[system])}."
            )
        if "after" in stated:
            # None, a name or several in a configuration; always a tuple here.
            after = stated["after"] or ()
            stated["after"] = (after,) if isinstance(after, str) else after
        # JSON gives lists, which are no part of a frozen record.
        arguments: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in {**ARGUMENTS[system], **stated}.items()
        }
        return cls(system, **arguments)

    @classmethod
    def pocket(
        cls,
        after: str | tuple[str, ...] | None = None,
        combine: str = "concat",
        kernel_size: int = KERNEL_SIZE,
        size: int = IMAGE_SIDE,
    ) -> Network:
        """VGG19 at a quarter of the width, on small faces, before training."""
        plain = {"size": size, "weights": None, "width": POCKET_WIDTH}
        plain |= {"dropout": 0.4}
        if not after:
            return cls.from_dict({"system": "vgg19", **plain})
        block = {"after": after, "combine": combine, "kernel_size": kernel_size}
        return cls.from_dict({"system": "vgg19_attention", **block, **plain})

    @property
    def arguments(self) -> dict[str, Any]:
        """All arguments of the builder."""
        return {name: getattr(self, name) for name in ARGUMENTS[self.system]}

    def as_dict(self) -> dict[str, Any]:
        """The configuration that a run stores; it leaves out most of the defaults."""
        defaults = ARGUMENTS[self.system]
        # Stored runs are compared with this dictionary, so it must not change: VGG19s
        # state these arguments in any case, the other systems only their width.
        stated = _STATED if self.is_vgg19 else ("width",)
        configuration = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self.arguments.items()
            if name in stated or value != defaults[name]
        }
        if len(self.after) == 1:
            configuration["after"] = self.after[0]
        return {"system": self.system, **configuration}

    @property
    def is_vgg19(self) -> bool:
        """Whether it is VGG19, with a block or without."""
        return self.system.startswith("vgg19")

    @property
    def blocks(self) -> list[str]:
        """Where the attention is, such as ["block3", "block5"]."""
        return [pool.removesuffix("_pool") for pool in self.after]

    @property
    def label(self) -> str:
        """The block in a few words, such as "block 3, multiply"."""
        pixels = "" if self.size == IMAGE_SIDE else f", {self.size} px"
        if not self.after:
            return f"no block{pixels}"
        places = " and ".join(self.blocks).replace("block", "block ")
        side = self.kernel_size
        window = "" if side == KERNEL_SIZE else f", {side} × {side}"
        return f"{places}, {self.combine}{window}{pixels}"

    @property
    def is_pocket(self) -> bool:
        """Whether it is the pocket network of its size with one block or none."""
        return self == Network.pocket(self.after[:1], self.combine, size=self.size)

    @property
    def name(self) -> str:
        """Its part of a run's name, such as "vgg19_attention-block5-concat-224"."""
        if self.is_pocket:
            block = f"{self.blocks[0]}-{self.combine}" if self.after else "none"
            # "pocket96-none": the usual side of 48 pixels is left out.
            side = "" if self.size == IMAGE_SIDE else self.size
            return f"pocket{side}-{block}"
        if self.is_vgg19:
            return self._vgg19_name()
        # "resnet-width0.5": every argument that differs from the builder's default.
        differing = self.as_dict()
        parts = [differing.pop("system")]
        if "widths" in differing:
            parts.append("+".join(map(str, differing.pop("widths"))))
        if self.width == 1:
            del differing["width"]
        return "-".join([*parts, *(f"{n}{v:g}" for n, v in sorted(differing.items()))])

    def _vgg19_name(self) -> str:
        # What is usual is left out. Names of stored runs depend on this order.
        parts = (
            self.system,
            "+".join(self.blocks),
            self.combine if self.after else "",
            "normalised" if self.normalise_map else "",
            "" if self.head == "flatten" else self.head,
            f"scale{self.feature_scale:g}" if self.feature_scale != 1 else "",
            str(self.size),
            f"width{self.width:g}" if self.width != 1 else "",
            "scratch" if self.weights is None else "",
        )
        return "-".join(part for part in parts if part)
