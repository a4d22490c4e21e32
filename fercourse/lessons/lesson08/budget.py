"""The bill of a training before it begins: operations, hours on a device, memory; and what runs reached.

Floating-point operations are counted in the usual way: two for each multiply-add, and
for a step of training three times the pass forward, since the gradients of the features
and those of the weights take one such pass each. Pooling, normalisation and the
optimiser are left out; next to the convolutions they are little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from fercourse.models.costs import configuration_costs
from fercourse.models.vgg19 import BLOCKS
from fercourse.results.runs import Run
from fercourse.results.statistics import TEST_FACES
from fercourse.training.recipes import Recipe
from fercourse.training.trainer import STATISTICS_BATCH, STATISTICS_STEPS

TRAINING_FACES = 28_709
"""Faces in FER2013's Training."""

OPERATIONS_OF_A_MULTIPLY_ADD = 2
PASSES_OF_A_STEP = 3
"""One forward, and two backward: for the features and for the weights."""


@dataclass(frozen=True)
class Device:
    """What a vendor's data sheet says of a GPU.

    Attributes:
        peak: tensor-core operations a second in 16 bits, dense, in TFLOP/s.
        arithmetic: the 16-bit numbers that this holds for.
        memory: in GB.
    """

    peak: float
    arithmetic: str
    memory: int


DEVICES: dict[str, Device] = {
    "T4": Device(65, "float16", 16),
    "L4": Device(121, "bfloat16", 24),
    "A100": Device(312, "bfloat16", 40),
    "H100 SXM": Device(989, "bfloat16", 80),
}
"""From NVIDIA's data sheets of each; the figures with sparsity, twice as high, are of no use here. The tensor
cores of a T4 know float16 only. An A100 comes with 40 or with 80 GB."""


@dataclass(frozen=True)
class Work:
    """The floating-point operations of a run.

    Attributes:
        training: all steps of the recipe.
        selection: PublicTest after every epoch, and before it new statistics for
            averaged weights.
        test: both halves at the end, from one view and from the recipe's.
    """

    training: float
    selection: float
    test: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.training + self.selection + self.test


def step_operations(multiply_adds: float) -> float:
    """Operations that a step of training takes for each face in it.

    Args:
        multiply_adds: of the pass forward for one face, see `fercourse.models.costs`.
    """
    return OPERATIONS_OF_A_MULTIPLY_ADD * PASSES_OF_A_STEP * multiply_adds


def epoch_operations(configuration: Mapping[str, Any], recipe: Recipe) -> float:
    """Operations of one epoch in which all layers learn, the selection after it included."""
    forward = OPERATIONS_OF_A_MULTIPLY_ADD * configuration_costs(configuration)[1]
    return forward * (
        PASSES_OF_A_STEP * TRAINING_FACES * recipe.train_views
        + _faces_of_selection(recipe)
    )


def recipe_work(configuration: Mapping[str, Any], recipe: Recipe) -> Work:
    """What a whole recipe takes on FER2013; while only the head learns, a step is hardly more than forward.

    Args:
        configuration: see `fercourse.models.systems.build_model`.
        recipe: with all its epochs; an early stop makes it less.
    """
    forward = OPERATIONS_OF_A_MULTIPLY_ADD * configuration_costs(configuration)[1]
    passes = (
        PASSES_OF_A_STEP * (recipe.epochs - recipe.head_epochs) + recipe.head_epochs
    )
    return Work(
        training=float(forward * passes * TRAINING_FACES * recipe.train_views),
        selection=float(forward * recipe.epochs * _faces_of_selection(recipe)),
        test=float(forward * 2 * TEST_FACES * (1 + recipe.views)),
    )


def _faces_of_selection(recipe: Recipe) -> int:
    return TEST_FACES + (STATISTICS_STEPS * STATISTICS_BATCH if recipe.ema else 0)


def hours(operations: float, peak: float, utilisation: float) -> float:
    """How long a device takes.

    Args:
        operations: floating-point operations.
        peak: of the device, in TFLOP/s.
        utilisation: the share of it that is reached, above 0 and up to 1. It has to be
            measured: the TFLOP/s of the step that `benchmarks/train_speed.py` prints,
            divided by the peak.

    Raises:
        ValueError: a peak or a utilisation that is impossible.
    """
    if peak <= 0 or not 0 < utilisation <= 1:
        raise ValueError(
            f"peak is {peak:g} TFLOP/s and utilisation {utilisation:g}; expected a "
            f"peak above 0, and a share "
            "above 0 and up to 1."
        )
    return operations / (peak * 1e12 * utilisation) / 3600


@dataclass(frozen=True)
class Memory:
    """Bytes that training has to keep at the same time, at least.

    Attributes:
        weights: in 32 bits.
        gradients: as many.
        optimiser: one number for each weight with "sgd", two with "adam" and "adamw".
        average: of the weights, if the recipe keeps one.
        activations: what the pass forward leaves for the pass backward, in 16 bits
            unless the recipe says float32.
    """

    weights: int
    gradients: int
    optimiser: int
    average: int
    activations: int

    @property
    def total(self) -> int:
        """All of it. Work space, and what a framework does not give back at once, come on top."""
        return (
            self.weights
            + self.gradients
            + self.optimiser
            + self.average
            + self.activations
        )


def training_memory(configuration: Mapping[str, Any], recipe: Recipe) -> Memory:
    """What training a VGG19 keeps in the memory of the device.

    Args:
        configuration: of a VGG19, see `fercourse.models.systems.build_model`.
        recipe: whose batch, optimiser, average and precision count.

    Raises:
        ValueError: the configuration is that of another system.
    """
    weights = 4 * _parameters_of_vgg19(configuration)
    wide = 4 if recipe.precision == "float32" else 2
    faces = recipe.batch_size * recipe.train_views
    return Memory(
        weights=weights,
        gradients=weights,
        optimiser=weights * _moments(recipe),
        average=weights if recipe.ema else 0,
        activations=wide
        * faces
        * _kept_values(configuration["size"], configuration["width"]),
    )


def checkpoint_bytes(configuration: Mapping[str, Any], recipe: Recipe) -> int:
    """The size of a checkpoint: weights, those of the best epoch, and all that the optimiser keeps.

    Raises:
        ValueError: the configuration is that of another system than VGG19.
    """
    copies = 2 + _moments(recipe) + (1 if recipe.ema else 0)
    return 4 * copies * _parameters_of_vgg19(configuration)


def _parameters_of_vgg19(configuration: Mapping[str, Any]) -> int:
    if not configuration["system"].startswith("vgg19"):
        raise ValueError(
            f"{configuration['system']} is no VGG19, and its activations are not "
            f"counted here."
        )
    return configuration_costs(configuration)[0]


def _moments(recipe: Recipe) -> int:
    return 1 if recipe.optimizer == "sgd" else 2


def _kept_values(size: int, width: float) -> int:
    """For one face: the output of each convolution, twice where it is normalised, and of each pooling."""
    values, grid = 3 * size**2, size
    for convolutions, filters in BLOCKS:
        channels = round(filters * width)
        values += convolutions * channels * grid**2 * (1 if width == 1 else 2)
        grid //= 2
        values += channels * grid**2
    return values


@dataclass(frozen=True)
class Reached:
    """How fast a stored run was.

    Attributes:
        hardware: on which it was trained.
        fastest: operations a second in its fastest epoch.
        usual: in the median epoch. On a machine that has other work too, the two lie
            far apart.
    """

    hardware: str
    fastest: float
    usual: float


def reached(run: Run) -> Reached | None:
    """The rate of the epochs in which all layers learned; None if the run does not tell their seconds."""
    recipe = Recipe(
        **run.recipe
    )  # fields that are younger than the run had their default values in it
    seconds = run.history["epochs"].get("seconds", [])[recipe.head_epochs :]
    if not seconds:
        return None
    operations = epoch_operations(run.configuration, recipe)
    return Reached(
        run.provenance["hardware"],
        operations / min(seconds),
        operations / median(seconds),
    )


def share_of_peak(rate: Reached) -> float | None:
    """The utilisation in a run's fastest epoch, 0 to 1; None where no data sheet in `DEVICES` fits."""
    count, _, kind = rate.hardware.rpartition(" × ")
    for name, device in DEVICES.items():
        if name.split()[0] in kind:
            return rate.fastest / (device.peak * 1e12 * int(count or 1))
    return None


def rates_table(runs: Iterable[Run]) -> list[list[str]]:
    """For each run that tells its seconds, in GFLOP/s, its fastest and its usual epoch, and on what."""
    table = [["run", "fastest epoch", "usual epoch", "of the peak", "hardware"]]
    for run in runs:
        if (rate := reached(run)) is not None:
            speeds = [
                f"{speed / 1e9:,.0f} GFLOP/s" for speed in (rate.fastest, rate.usual)
            ]
            share = share_of_peak(rate)
            table.append(
                [
                    run.name,
                    *speeds,
                    "not listed" if share is None else f"{share:.0%}",
                    rate.hardware,
                ]
            )
    return table
