"""Recipes: every choice of a training run in one frozen record, and the four that the course names."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

OPTIMIZERS = ("adam", "adamw", "sgd")
SCHEDULES = ("constant", "cosine", "plateau")
PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
VIEWS = (1, 2, 10, 16)

# Each accepted interval: name -> (lowest, highest).
_RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, 100_000),
    "batch_size": (1, 65_536),
    "learning_rate": (0, 10),
    "weight_decay": (0, 10),
    "warmup_epochs": (0, 100_000),
    "head_epochs": (0, 100_000),
    "rotation": (0, 180),
    "shift": (0, 1),
    "zoom": (0, 0.99),
    "erasing": (0, 1),
    "label_smoothing": (0, 0.99),
    "mixup": (0, 100),
    "ema": (0, 0.999999),
    "clip_norm": (0, 1e6),
    "seed": (0, 2**31 - 1),
}


@dataclass(frozen=True)
class Recipe:
    """How a model is trained and how it is looked at in the test.

    Attributes:
        name: the recipe's name; a changed recipe keeps the name of its origin.
        epochs: passes over the training faces.
        batch_size: faces a step; the remainder of an epoch below one batch is left out (the order
            changes with every epoch, so nothing is left out for good).
        optimizer: "adam", "adamw" (Loshchilov and Hutter, 2019) or "sgd" (Nesterov momentum 0.9).
        learning_rate: its highest value (1e-4 for ImageNet weights: the Residual Masking Network's).
        weight_decay: decoupled, on kernels only: not on biases or normalisation.
        schedule: "constant"; "cosine" down to zero over all steps; "plateau": ×0.75 after five epochs
            without a better PublicTest accuracy (Khaireddin and Chen, 2021).
        warmup_epochs: epochs of linear rise from zero, under "cosine".
        head_epochs: first epochs in which only the layers behind the convolutions learn, at a constant
            1e-3, so that a random head does not spoil pretrained filters.
        flip: mirror half of the faces.
        rotation: largest turn in degrees, either way.
        shift: largest shift as a fraction of the side, either way and in both directions.
        zoom: largest change of scale as a fraction, in or out.
        erasing: share of faces of which a rectangle is overwritten (Zhong et al., 2020).
        label_smoothing: share of the target spread over all emotions (Szegedy et al., 2016).
        mixup: alpha of the beta distribution that blends two faces and their labels (Zhang et al.,
            2018); 0 is off.
        ema: momentum of the average of the weights that is evaluated and kept (Polyak and Juditsky,
            1992; EmoNeXt on FER2013); 0 is off.
        clip_norm: largest norm of the gradient of all weights together (Pascanu et al., 2013); 0 is off.
        precision: "auto" is bfloat16 arithmetic with float32 weights on an accelerator, float32 on a CPU.
        views: pictures of one face whose probabilities are averaged in the multi-view test:
            1; 2 (and mirrored); 10 (and four shifts, mirrored); 16 (and two turns and a zoom, mirrored).
        seed: of the initial weights, the order of the faces, augmentation and dropout.
    """

    name: str
    epochs: int
    batch_size: int = 64
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    schedule: str = "cosine"
    warmup_epochs: int = 0
    head_epochs: int = 0
    flip: bool = True
    rotation: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    erasing: float = 0.0
    label_smoothing: float = 0.0
    mixup: float = 0.0
    ema: float = 0.0
    clip_norm: float = 0.0
    precision: str = "auto"
    views: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        choices = {
            "optimizer": OPTIMIZERS,
            "schedule": SCHEDULES,
            "precision": PRECISIONS,
            "views": VIEWS,
        }
        for field, allowed in choices.items():
            if getattr(self, field) not in allowed:
                raise ValueError(f"Recipe.{field} is {getattr(self, field)!r}; expected one of {allowed}.")
        for field, (lowest, highest) in _RANGES.items():
            value = getattr(self, field)
            if not lowest <= value <= highest:
                raise ValueError(f"Recipe.{field} is {value!r}; expected {lowest:g} to {highest:g}.")
        if self.warmup_epochs + self.head_epochs >= self.epochs:
            raise ValueError(
                f"Recipe.epochs is {self.epochs}, and warmup_epochs {self.warmup_epochs} and head_epochs "
                f"{self.head_epochs} leave none for the training proper; raise epochs or lower the others."
            )

    def changed(self, **fields: Any) -> Recipe:
        """The same recipe with other values in some fields."""
        return replace(self, **fields)

    def as_dict(self) -> dict[str, Any]:
        """All fields by name, ready for JSON."""
        return asdict(self)


_FACE_VARIATION = {"flip": True, "rotation": 14.0, "shift": 0.08, "zoom": 0.1}
"""Mirror, small turns, shifts and zooms: what every FER2013 system above 73 % uses (WuJie1010,
LetheSec, Khaireddin and Chen), at the size they use."""

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        # 4,000 practice faces on two CPU cores in two to four minutes: small batches, for many steps, and no
        # averaging, which pays only later.
        Recipe(
            name="practice",
            epochs=12,
            batch_size=32,
            learning_rate=1e-3,
            weight_decay=1e-3,
            warmup_epochs=1,
            shift=0.05,
            precision="float32",
        ),
        # Pocket width on real FER2013, two CPU cores. It is the length that limits it: 20 epochs
        # leave no time for overfitting, so there is neither erasing nor mixup.
        Recipe(
            name="pocket",
            epochs=20,
            batch_size=64,
            learning_rate=1e-3,
            weight_decay=1e-3,
            warmup_epochs=2,
            ema=0.998,
            clip_norm=1.0,
            **_FACE_VARIATION,
        ),
        # The faithful baseline. The paper states neither optimiser nor rate, batch, epochs or
        # augmentation; these are the plainest choices for fine-tuning an ImageNet network.
        Recipe(
            name="paper",
            epochs=40,
            batch_size=64,
            optimizer="adam",
            learning_rate=1e-4,
            schedule="plateau",
            flip=True,
            rotation=15.0,
            shift=0.1,
            views=1,
        ),
        # What other work suggests, together: small turns and erasing (all systems above 73 %), label
        # smoothing and mixup (LetheSec), averaged weights and a slow cosine (EmoNeXt).
        Recipe(
            name="best",
            epochs=80,
            batch_size=128,
            learning_rate=1e-4,
            weight_decay=2e-2,
            warmup_epochs=3,
            head_epochs=3,
            erasing=0.25,
            label_smoothing=0.1,
            mixup=0.2,
            ema=0.999,
            clip_norm=1.0,
            views=16,
            **_FACE_VARIATION,
        ),
    )
}
"""The named recipes. Evidence per ingredient is told in lesson 08; numbers are in the stored runs."""
