"""Recipes: every choice of a training run in one frozen record, and those that the course names."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

OPTIMIZERS = ("adam", "adamw", "sgd")
SCHEDULES = ("constant", "cosine", "plateau")
PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
VIEWS = (1, 2, 10, 16)
TRAIN_VIEWS = (1, 10)

# Each accepted interval: name -> (lowest, highest).
_RANGES: dict[str, tuple[float, float]] = {
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
    """How a model is trained and how it is looked at in the test.

    Attributes:
        name: the recipe's name; a changed recipe keeps the name of its origin.
        epochs: passes over the training faces.
        batch_size: faces a step; the remainder of an epoch below one batch is left out
            (the order changes with every epoch, so nothing is left out for good).
        optimizer: "adam", "adamw" (Loshchilov and Hutter, 2019) or "sgd" (Nesterov
            momentum 0.9).
        learning_rate: its highest value (1e-4 for ImageNet weights: the Residual
            Masking Network's).
        early_blocks_rate: by which the rate is multiplied in blocks 1 and 2 of a VGG19,
            whose edges and textures are worth keeping (Howard and Ruder, 2018, section
            3.2); 1 makes no difference, 0 keeps them as they are. Weight decay follows
            the rate.
        weight_decay: decoupled, on kernels only: not on biases or normalisation.
        schedule: "constant"; "cosine" down to zero over all steps; "plateau": lower
            whenever the PublicTest accuracy has not risen for some epochs.
        plateau_factor: by which "plateau" multiplies the rate (0.75: Khaireddin and
            Chen, 2021).
        plateau_patience: epochs without a better PublicTest accuracy before it does (5:
            the same).
        early_stop: epochs without a better PublicTest accuracy after which training
            ends; 0 is off.
        warmup_epochs: epochs of linear rise from zero, under "cosine".
        head_epochs: first epochs in which only the layers behind the convolutions
            learn, at a constant 1e-3, so that a random head does not spoil pretrained
            filters.
        flip: mirror half of the faces.
        rotation: largest turn in degrees, either way.
        shift: largest shift as a fraction of the side, either way and in both
            directions.
        zoom: largest change of scale as a fraction, in or out.
        erasing: share of faces of which a rectangle is overwritten (Zhong et al.,
            2020).
        label_smoothing: share of the target spread over all emotions (Szegedy et al.,
            2016).
        mixup: alpha of the beta distribution that blends two faces and their labels
            (Zhang et al., 2018); 0 is off.
        mixup_off_epochs: last epochs without mixup, so that training ends on faces as
            they are (Ge et al., 2021, section 2.1, for detection).
        distillation: share of the target that teachers' probabilities make up, the rest
            is the label (Hinton et al., 2015); `train` must be given them. 0 is off.
        train_views: pictures of one face in every step: 1; 10 (the ten crops of
            Khaireddin and Chen, so that a step sees ten times the batch).
        ema: momentum of the average of the weights that is evaluated and kept (Polyak
            and Juditsky, 1992; EmoNeXt on FER2013); 0 is off.
        clip_norm: largest norm of the gradient of all weights together (Pascanu et al.,
            2013); 0 is off.
        precision: a Keras policy; "auto" is the device's
            `fercourse.machine.fastest_precision`, which on an accelerator is 16-bit
            arithmetic with float32 weights, and float32 on a CPU.
        views: pictures of one face whose probabilities are averaged in the multi-view
            test: 1; 2 (and mirrored); 10 (and moved by 4 pixels towards each corner,
            all mirrored: behind a 40-pixel crop the usual ten crops); 16 (and two turns
            and a zoom, mirrored).
        seed: of the initial weights, the order of the faces, augmentation and dropout.
    """

    name: str
    epochs: int
    batch_size: int = 64
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    early_blocks_rate: float = 1.0
    weight_decay: float = 0.0
    schedule: str = "cosine"
    plateau_factor: float = 0.75
    plateau_patience: int = 5
    early_stop: int = 0
    warmup_epochs: int = 0
    head_epochs: int = 0
    flip: bool = True
    rotation: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    erasing: float = 0.0
    label_smoothing: float = 0.0
    mixup: float = 0.0
    mixup_off_epochs: int = 0
    distillation: float = 0.0
    train_views: int = 1
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
            "train_views": TRAIN_VIEWS,
        }
        for field, allowed in choices.items():
            if getattr(self, field) not in allowed:
                raise ValueError(
                    f"Recipe.{field} is {getattr(self, field)!r}; expected one of "
                    f"{allowed}."
                )
        for field, (lowest, highest) in _RANGES.items():
            value = getattr(self, field)
            if not lowest <= value <= highest:
                raise ValueError(
                    f"Recipe.{field} is {value!r}; expected {lowest:g} to {highest:g}."
                )
        if self.warmup_epochs + self.head_epochs >= self.epochs:
            raise ValueError(
                f"Recipe.epochs is {self.epochs}, and warmup_epochs "
                f"{self.warmup_epochs} and head_epochs "
                f"{self.head_epochs} leave none for the training proper; raise epochs "
                f"or lower the others."
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

_COMMON = {
    "batch_size": 64,
    "learning_rate": 1e-3,
    "weight_decay": 1e-3,
    "warmup_epochs": 2,
    "ema": 0.998,
    "clip_norm": 1.0,
    **_FACE_VARIATION,
}

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        # 4,000 practice faces on two CPU cores in two to four minutes: small batches,
        # for many steps, and no averaging, which pays only later.
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
        # Pocket width on real FER2013, two CPU cores. It is the length that limits it:
        # 20 epochs leave no time for overfitting, so there is neither erasing nor
        # mixup.
        Recipe(name="pocket", epochs=20, **_COMMON),
        # The same for every system of Table III. A run on a CPU is shorter: it says its
        # epochs.
        Recipe(name="common", epochs=100, **_COMMON),
        # The systems' own recipes, as far as they are known; lesson 05 tells the
        # sources.
        Recipe(
            name="deep_emotion",
            epochs=100,
            batch_size=128,
            optimizer="adam",
            learning_rate=5e-3,
            schedule="constant",
            flip=False,
            views=1,
        ),
        # Inception, ResNet and VGG of Pramerdorfer and Kampel, as remembered by others,
        # not confirmed. Their padded crops are shifts by up to 4 of 48 pixels.
        Recipe(
            name="pramerdorfer",
            epochs=300,
            batch_size=128,
            optimizer="sgd",
            learning_rate=0.1,
            weight_decay=1e-4,
            schedule="plateau",
            plateau_factor=0.5,
            plateau_patience=10,
            shift=4 / 48,
            views=10,
        ),
        Recipe(
            name="tuned_cnn",
            epochs=300,
            batch_size=64,
            optimizer="adam",
            learning_rate=1e-3,
            schedule="plateau",
            plateau_factor=0.9,
            plateau_patience=3,
            early_stop=30,
            views=1,
        ),
        # VGGnet as in usef-kh/fer. There half of the faces are turned or shifted, here
        # all are, by amounts that are spread evenly; there each crop is erased by
        # itself, here the face before it is cropped.
        Recipe(
            name="khaireddin",
            epochs=300,
            batch_size=64,
            optimizer="sgd",
            learning_rate=0.01,
            weight_decay=1e-4,
            schedule="plateau",
            rotation=10.0,
            shift=0.2,
            zoom=0.2,
            erasing=0.5,
            train_views=10,
            views=10,
        ),
        # The faithful baseline. The paper states neither optimiser nor rate, batch,
        # epochs or augmentation; these are the plainest choices for fine-tuning an
        # ImageNet network.
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
        # What other work suggests, together: small turns and erasing (all systems above
        # 73 %), label smoothing and mixup (LetheSec), averaged weights and a slow
        # cosine (EmoNeXt); slow first blocks and an end without mixup, as is usual in
        # fine-tuning. `fercourse.training.ablation` adds them one at a time.
        Recipe(
            name="best",
            epochs=80,
            batch_size=128,
            learning_rate=1e-4,
            early_blocks_rate=0.1,
            weight_decay=2e-2,
            warmup_epochs=3,
            head_epochs=3,
            erasing=0.25,
            label_smoothing=0.1,
            mixup=0.2,
            mixup_off_epochs=10,
            ema=0.999,
            clip_norm=1.0,
            views=16,
            **_FACE_VARIATION,
        ),
    )
}
"""The named recipes. Evidence per ingredient is told in lesson 08; numbers are in the stored runs."""
