"""The bill of a training before it begins: operations, hours, memory.

Floating-point operations are counted in the usual way: two for each multiply-add, and
three passes for a step of training. Pooling, normalisation and the optimiser are left
out; next to the convolutions they are little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from statistics import median
from typing import Any

from fercourse.models.costs import configuration_costs, places
from fercourse.models.network import Network
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
    """What a vendor's data sheet says about a GPU."""

    peak: float  # TFLOP/s of the tensor cores in 16 bits, dense
    arithmetic: str  # the 16-bit numbers that this holds for
    memory: int  # GB


DEVICES: dict[str, Device] = {
    "T4": Device(65, "float16", 16),
    "L4": Device(121, "bfloat16", 24),
    "L40S": Device(362, "bfloat16", 48),
    "A100": Device(312, "bfloat16", 40),
    "H100 PCIe": Device(756, "bfloat16", 80),
    "H100 NVL": Device(835, "bfloat16", 94),
    "H100 SXM": Device(989, "bfloat16", 80),
    "H200 NVL": Device(835, "bfloat16", 141),
    "H200": Device(989, "bfloat16", 141),
}
"""From NVIDIA's data sheets, without sparsity, which doubles the figures on paper.

The tensor cores of a T4 know float16 only. An A100 comes with 40 or with 80 GB. An H100
or H200 that does not name its form is SXM.
"""


@dataclass(frozen=True)
class Work:
    """The floating-point operations of a run."""

    training: float  # all steps of the recipe
    selection: float  # PublicTest after every epoch
    test: float  # both halves at the end, from one view and from the recipe's

    @property
    def total(self) -> float:
        """All of it."""
        return sum(astuple(self))


def step_operations(multiply_adds: float) -> float:
    """Operations of a step of training for one face, from those of a forward pass."""
    return OPERATIONS_OF_A_MULTIPLY_ADD * PASSES_OF_A_STEP * multiply_adds


def _forward_operations(configuration: Mapping[str, Any]) -> int:
    return OPERATIONS_OF_A_MULTIPLY_ADD * configuration_costs(configuration)[1]


def epoch_operations(configuration: Mapping[str, Any], recipe: Recipe) -> float:
    """Operations of an epoch in which all layers learn, and its selection."""
    trained = PASSES_OF_A_STEP * TRAINING_FACES * recipe.train_views
    return _forward_operations(configuration) * (trained + _faces_of_selection(recipe))


def recipe_work(configuration: Mapping[str, Any], recipe: Recipe) -> Work:
    """What a whole recipe takes on FER2013; an early stop makes it less."""
    forward = _forward_operations(configuration)
    # While only the head learns, a step is hardly more than the pass forward.
    whole = recipe.epochs - recipe.head_epochs
    passes = PASSES_OF_A_STEP * whole + recipe.head_epochs
    return Work(
        training=float(forward * passes * TRAINING_FACES * recipe.train_views),
        selection=float(forward * recipe.epochs * _faces_of_selection(recipe)),
        # Two halves, each from one view and from the recipe's
        test=float(forward * 2 * TEST_FACES * (1 + recipe.views)),
    )


def _faces_of_selection(recipe: Recipe) -> int:
    # Averaged weights need new statistics for batch normalisation before each test.
    return TEST_FACES + (STATISTICS_STEPS * STATISTICS_BATCH if recipe.ema else 0)


def hours(operations: float, peak: float, utilisation: float) -> float:
    """How long a device takes that reaches a share of its peak, given in TFLOP/s.

    The utilisation has to be measured, for instance by `benchmarks/train_speed.py`.
    """
    if peak <= 0 or not 0 < utilisation <= 1:
        raise ValueError(
            f"peak is {peak:g} TFLOP/s and utilisation {utilisation:g}; expected a "
            "peak above 0, and a share above 0 and up to 1."
        )
    return operations / (peak * 1e12 * utilisation) / 3600


@dataclass(frozen=True)
class Memory:
    """Bytes that training keeps at the same time, without a framework's work space."""

    weights: int  # in 32 bits
    gradients: int  # as many
    optimiser: int  # one number for each weight with "sgd", two with "adam"
    average: int  # of the weights, if the recipe keeps one
    activations: int  # left by the pass forward for the pass backward

    @property
    def total(self) -> int:
        """All of it."""
        return sum(astuple(self))


def training_memory(configuration: Mapping[str, Any], recipe: Recipe) -> Memory:
    """What training a VGG19 keeps in the memory of the device."""
    network = Network.from_dict(configuration)
    weights = 4 * _parameters_of_vgg19(network)
    # 16-bit activations, unless the recipe says otherwise
    bytes_of_a_value = 4 if recipe.precision == "float32" else 2
    values = _kept_values(network)
    faces = recipe.batch_size * recipe.train_views
    return Memory(
        weights=weights,
        gradients=weights,
        optimiser=weights * _moments(recipe),
        average=weights if recipe.ema else 0,
        activations=bytes_of_a_value * faces * values,
    )


def checkpoint_bytes(configuration: Mapping[str, Any], recipe: Recipe) -> int:
    """The size of a VGG19's checkpoint, with the best epoch's weights and optimiser."""
    copies = 2 + _moments(recipe) + (1 if recipe.ema else 0)
    return 4 * copies * _parameters_of_vgg19(Network.from_dict(configuration))


def _parameters_of_vgg19(network: Network) -> int:
    if not network.is_vgg19:
        raise ValueError(
            f"{network.system} is no VGG19, and its activations are not counted here."
        )
    return configuration_costs(network)[0]


def _moments(recipe: Recipe) -> int:
    return 1 if recipe.optimizer == "sgd" else 2


def _kept_values(network: Network) -> int:
    """Activations of one face: each convolution, normalisation and pooling."""
    values = 3 * network.size**2
    # A narrow network normalises each convolution, which keeps its output twice.
    copies = 1 if network.width == 1 else 2
    for place in places(network.size, network.width):
        values += copies * place.convolutions * place.channels * place.grid_before**2
        values += place.channels * place.grid**2
    return values


@dataclass(frozen=True)
class Reached:
    """How fast a stored run was, in operations a second."""

    hardware: str
    fastest: float  # in its fastest epoch
    usual: float  # in the median epoch: far slower if the machine had other work


def reached(run: Run) -> Reached | None:
    """The rates of the epochs in which all layers learned; None without their times."""
    recipe = Recipe.from_dict(run.recipe)
    seconds = run.history["epochs"].get("seconds", [])[recipe.head_epochs :]
    if not seconds:
        return None
    operations = epoch_operations(run.configuration, recipe)
    fastest, usual = operations / min(seconds), operations / median(seconds)
    return Reached(run.provenance["hardware"], fastest, usual)


def share_of_peak(rate: Reached) -> float | None:
    """The utilisation in a run's fastest epoch, 0 to 1; None for unlisted devices."""
    count, _, kind = rate.hardware.rpartition(" × ")  # "2 × NVIDIA H100 …"
    device = device_of(kind)
    if device is None:
        return None
    return rate.fastest / (device.peak * 1e12 * int(count or 1))


def device_of(kind: str) -> Device | None:
    """The listed device that a driver calls `kind`, such as "NVIDIA A100-SXM4-40GB"."""
    words = set(re.split(r"[\s-]+", kind))
    # By whole words: an L40S is no L4, and only forms that are named differ from SXM.
    form = (words & {"PCIe", "NVL"} or {"SXM"}).pop()
    for name, device in DEVICES.items():
        chip, *named = name.split()
        if chip in words and (not named or form in named):
            return device
    return None


def rates_table(runs: Iterable[Run]) -> list[list[str]]:
    """The rates of each run that has times of its epochs, and on what hardware."""
    speeds = ["GFLOP/s, fastest epoch", "usual epoch"]
    table = [["run", *speeds, "of the peak", "hardware"]]
    for run in runs:
        rate = reached(run)
        if rate is None:
            continue
        share = share_of_peak(rate)
        fastest, usual = (f"{speed / 1e9:,.0f}" for speed in (rate.fastest, rate.usual))
        listed = "not listed" if share is None else f"{share:.0%}"
        table.append([run.name, fastest, usual, listed, rate.hardware])
    return table
