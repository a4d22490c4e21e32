"""Recipes: every choice of a training run in one frozen record, and the named ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

_CHOICES: dict[str, tuple[Any, ...]] = {
    "optimizer": ("adam", "adamw", "sgd"),
    "schedule": ("constant", "cosine", "plateau"),
    "precision": ("auto", "float32", "mixed_bfloat16", "mixed_float16"),
    "views": (1, 2, 10, 16),
    "train_views": (1, 10),
    "border": ("edge", "black"),
    "erasing_fill": ("noise", "grey", "black"),
}

_RANGES: dict[str, tuple[float, float]] = {  # lowest and highest value, both allowed
    "epochs": (1, 100_000),
    "batch_size": (1, 65_536),
    "learning_rate": (0, 10),
    "early_blocks_rate": (0, 1),
    "weight_decay": (0, 10),
    "plateau_factor": (0.01, 1),
    "plateau_patience": (1, 100_000),
    "early_stop": (0, 100_000),
    "warmup_epochs": (0, 100_000),
    "head_epochs": (0, 100_000),
    "rotation": (0, 180),
    "shift": (0, 1),
    "zoom": (0, 0.99),
    "aspect": (0, 1),
    "brightness": (0, 1),
    "contrast": (0, 1),
    "erasing": (0, 1),
    "label_smoothing": (0, 0.99),
    "mixup": (0, 100),
    "mixup_off_epochs": (0, 100_000),
    "distillation": (0, 1),
    "ema": (0, 0.999999),
    "clip_norm": (0, 1e6),
    "seed": (0, 2**31 - 1),
}


@dataclass(frozen=True)
class Recipe:
    """How a model is trained, and how many views of a face it is tested on.

    A comment above each group of fields says what is not obvious. 0 turns an ingredient
    off; `changed` gives a copy with other values under the same name.

    Example: `fc.Recipe("mine", epochs=3, learning_rate=1e-4)`
    """

    name: str
    epochs: int
    # Faces in a step. An epoch leaves out what is less than a batch; the order changes
    # with every epoch, so no face is left out for good.
    batch_size: int = 64
    # "adamw": Loshchilov and Hutter, 2019; "sgd" has Nesterov momentum 0.9.
    optimizer: str = "adamw"
    # The highest rate: 1e-4 suits ImageNet weights (Residual Masking Network).
    learning_rate: float = 1e-3
    # Factor on the rate, and so on weight decay, in blocks 1 and 2 of a VGG19, whose
    # edges and textures are worth keeping (Howard and Ruder, 2018, section 3.2).
    early_blocks_rate: float = 1.0
    # Decoupled; on kernels only, not on biases or normalisation. PyTorch's SGD passes
    # its decay through the momentum: with 0.9, a number decays ten times as much there.
    weight_decay: float = 0.0
    # "cosine" falls to zero over all steps; "plateau" lowers the rate by the factor
    # after so many epochs without a better PublicTest accuracy (Khaireddin and Chen,
    # 2021: 0.75 and 5).
    schedule: str = "cosine"
    plateau_factor: float = 0.75
    plateau_patience: int = 5
    # Epochs without a better PublicTest accuracy after which training ends.
    early_stop: int = 0
    # Epochs in which the rate rises linearly from zero, for "cosine".
    warmup_epochs: int = 0
    # First epochs, at a constant 1e-3, in which only the layers after the convolutions
    # learn, so that a random head does not spoil pretrained filters.
    head_epochs: int = 0
    # Mirror half of the faces; turn by up to `rotation` degrees, shift by up to `shift`
    # of the side, resize by up to `zoom`, stretch by up to `aspect`, each in both
    # directions. What comes in from outside continues the edge, or is black.
    flip: bool = True
    rotation: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    aspect: float = 0.0
    border: str = "edge"
    # Add up to `brightness` of the grey range to a face; stretch its greys around their
    # mean by up to `contrast`; both up or down.
    brightness: float = 0.0
    contrast: float = 0.0
    # Share of the faces in which a rectangle is overwritten (Zhong et al., 2020): with
    # Keras's "noise", half of which is black and the rest bright, with black, or with
    # the grey of the mean face.
    erasing: float = 0.0
    erasing_fill: str = "noise"
    # Share of the target spread over all emotions (Szegedy et al., 2016).
    label_smoothing: float = 0.0
    # Alpha of the beta distribution that blends two faces and their labels (Zhang et
    # al., 2018). The last epochs can do without, so that training ends on real faces
    # (Ge et al., 2021, section 2.1, for detection).
    mixup: float = 0.0
    mixup_off_epochs: int = 0
    # Share of the target that comes from teachers' probabilities (Hinton et al., 2015).
    distillation: float = 0.0
    # Views of each face in a step: 10 are the crops of Khaireddin and Chen, so that a
    # step sees ten times the batch.
    train_views: int = 1
    # Momentum of the average of the weights, which is evaluated and kept in their place
    # (Polyak and Juditsky, 1992; EmoNeXt on FER2013).
    ema: float = 0.0
    # Largest norm of the gradient of all weights together (Pascanu et al., 2013).
    clip_norm: float = 0.0
    # Leave out training faces of a single grey: FER2013 has 11 black ones.
    drop_blank: bool = False
    # A Keras policy; "auto" takes `fercourse.machine.fastest_precision`.
    precision: str = "auto"
    # Views averaged in the test: 2 adds the mirror image; 10 adds shifts by 4 pixels
    # towards each corner, the ten crops of a network that sees 40 pixels; 16 adds two
    # turns and a zoom.
    views: int = 2
    # Of the initial weights, the order of the faces, augmentation and dropout.
    seed: int = 0

    def __post_init__(self) -> None:
        for field, allowed in _CHOICES.items():
            value = getattr(self, field)
            if value not in allowed:
                raise ValueError(
                    f"Recipe.{field} is {value!r}; expected one of {allowed}."
                )
        for field, (lowest, highest) in _RANGES.items():
            value = getattr(self, field)
            if not lowest <= value <= highest:
                raise ValueError(
                    f"Recipe.{field} is {value!r}; expected {lowest:g} to {highest:g}."
                )
        if self.warmup_epochs + self.head_epochs >= self.epochs:
            raise ValueError(
                f"Recipe.epochs is {self.epochs}, of which warmup_epochs "
                f"{self.warmup_epochs} and head_epochs {self.head_epochs} leave none "
                f"for the training proper; raise epochs or lower the others."
            )

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Recipe:
        """The recipe that a run or a checkpoint stored with `as_dict`."""
        # A field that the file lacks is younger than it; its default is what was done.
        return cls(**stored)

    def as_dict(self) -> dict[str, Any]:
        """All fields by name, ready for JSON."""
        return asdict(self)

    def changed(self, **fields: Any) -> Recipe:
        """The same recipe with other values in some fields."""
        return replace(self, **fields)


# Mirror, small turns, shifts and zooms: what every FER2013 system above 73 % uses
# (WuJie1010, LetheSec, Khaireddin and Chen), at the size they use.
_VARIATION: dict[str, Any] = dict(flip=True, rotation=14.0, shift=0.08, zoom=0.1)

_COMMON: dict[str, Any] = {
    **_VARIATION, "batch_size": 64, "learning_rate": 1e-3, "weight_decay": 1e-3,
    "warmup_epochs": 2, "ema": 0.998, "clip_norm": 1.0,
}  # fmt: skip

# fmt: off
_NAMED = (
    # 4,000 practice faces on two CPU cores in two to four minutes: small batches, for
    # many steps, and no averaging, which pays only later.
    Recipe("practice", epochs=12, batch_size=32, learning_rate=1e-3, weight_decay=1e-3,
           warmup_epochs=1, shift=0.05, precision="float32"),
    # Pocket width on real FER2013, two CPU cores. 20 epochs leave no time for
    # overfitting, so there is neither erasing nor mixup.
    Recipe("pocket", epochs=20, **_COMMON),
    # The same for every system of Table III. A run on a CPU is shorter and says so.
    Recipe("common", epochs=100, **_COMMON),
    # The systems' own recipes, as far as they are known; lesson 05 gives the sources.
    Recipe("deep_emotion", epochs=100, batch_size=128, optimizer="adam",
           learning_rate=5e-3, schedule="constant", flip=False, views=1),
    # Inception, ResNet and VGG of Pramerdorfer and Kampel, as others remember them, not
    # confirmed. Their padded crops are shifts by up to 4 of 48 pixels; their decay of
    # 1e-4 is PyTorch's kind, here ten times as large.
    Recipe("pramerdorfer", epochs=300, batch_size=128, optimizer="sgd",
           learning_rate=0.1, weight_decay=1e-3,
           schedule="plateau", plateau_factor=0.5, plateau_patience=10,
           shift=4 / 48, views=10),
    Recipe("tuned_cnn", epochs=300, batch_size=64, optimizer="adam", learning_rate=1e-3,
           schedule="plateau", plateau_factor=0.9, plateau_patience=3, early_stop=30,
           views=1),
    # VGGnet as in usef-kh/fer, with a decay of 1e-4 of PyTorch's kind. Departures: the
    # original turns or shifts half of the faces, where this varies all of them by
    # evenly spread amounts; it zooms in only, by 7 % on average, where this zooms both
    # ways; and it erases in each crop by itself.
    Recipe("khaireddin", epochs=300, batch_size=64, optimizer="sgd", learning_rate=0.01,
           weight_decay=1e-3, schedule="plateau",
           rotation=10.0, shift=0.2, zoom=0.2, aspect=0.2, border="black",
           erasing=0.5, erasing_fill="black", train_views=10, views=10),
    # The faithful baseline. The paper states neither optimiser nor rate, batch, epochs
    # or augmentation; these are the plainest choices for fine-tuning. The plateau is
    # the Residual Masking Network's: 0.75 after 5 epochs would hardly lower the rate in
    # 40 epochs.
    Recipe("paper", epochs=40, batch_size=64, optimizer="adam", learning_rate=1e-4,
           schedule="plateau", plateau_factor=0.1, plateau_patience=2,
           flip=True, rotation=15.0, shift=0.1, views=1),
    # The paper's network and its relatives at full size, on scaled features: small
    # rates that fall slowly to zero, the variations of the systems above 73 %, labels
    # smoothed and mixed (LetheSec), averaged weights (EmoNeXt).
    # `fercourse.training.ablation` adds these one at a time.
    Recipe("full", epochs=40, batch_size=64, learning_rate=5e-5, weight_decay=0.05,
           warmup_epochs=2, flip=True, rotation=15.0, shift=0.08, zoom=0.1,
           brightness=0.2, contrast=0.2, erasing=0.25, erasing_fill="grey",
           label_smoothing=0.1, mixup=0.2, mixup_off_epochs=6, drop_blank=True,
           ema=0.998, clip_norm=1.0, views=16),
    # What `full` replaces: the first runs at full size name it.
    Recipe("best", epochs=80, batch_size=128, learning_rate=1e-4, early_blocks_rate=0.1,
           weight_decay=2e-2, warmup_epochs=3, head_epochs=3, **_VARIATION,
           erasing=0.25, label_smoothing=0.1, mixup=0.2, mixup_off_epochs=10,
           ema=0.999, clip_norm=1.0, views=16),
)
# fmt: on

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _NAMED}
"""The named recipes. Lesson 08 gives the evidence for each ingredient."""
