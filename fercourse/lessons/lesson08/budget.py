"""The bill of a training before it begins: operations and seconds.

Floating-point operations are counted in the usual way: two for each multiply-add, and
three passes for a step of training. Pooling, normalisation (new statistics for averaged
weights, too) and the optimiser are left out: the convolutions take far more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from fercourse.models.costs import configuration_costs
from fercourse.results.runs import Run
from fercourse.results.statistics import TEST_FACES
from fercourse.training.recipes import Recipe

TRAINING_FACES = 28_709
"""Faces in FER2013's Training."""

OPERATIONS_OF_A_MULTIPLY_ADD = 2
PASSES_OF_A_STEP = 3
"""One forward, and two backward: for the features and for the weights."""


PEAKS: dict[str, float] = {
    "T4": 65,
    "L4": 121,
    "L40S": 362,
    "A100": 312,
    "H100 PCIe": 756,
    "H100 NVL": 835,
    "H100 SXM": 989,
    "H200 NVL": 835,
    "H200": 989,
}
"""TFLOP/s of the tensor cores in 16 bits, dense, from NVIDIA's data sheets.

An H100 or H200 that does not name its form is SXM.
"""

SHOWN_DEVICES = ("T4", "L4", "A100", "H100 SXM", "H200")
"""One of each generation; Colab lends the first without a fee."""


def step_operations(multiply_adds: float) -> float:
    """Operations of a step of training for one face, from those of a forward pass."""
    return OPERATIONS_OF_A_MULTIPLY_ADD * PASSES_OF_A_STEP * multiply_adds


def _forward_operations(configuration: Mapping[str, Any]) -> int:
    return OPERATIONS_OF_A_MULTIPLY_ADD * configuration_costs(configuration)[1]


def epoch_operations(configuration: Mapping[str, Any], recipe: Recipe) -> float:
    """Operations of an epoch in which all layers learn, and its selection."""
    trained = PASSES_OF_A_STEP * TRAINING_FACES * recipe.train_views
    return _forward_operations(configuration) * (trained + TEST_FACES)


@dataclass(frozen=True)
class Reached:
    """How fast a stored run was, in operations a second."""

    hardware: str
    usual: float  # in the median epoch: far slower if the machine had other work
    seconds: float  # of that epoch, its selection included


def reached(run: Run) -> Reached | None:
    """The rates of the epochs in which all layers learned; None without their times."""
    recipe = Recipe.from_dict(run.recipe)
    epochs = run.history["epochs"].get("seconds", [])[recipe.head_epochs :]
    if not epochs:
        return None
    seconds = median(epochs)
    operations = epoch_operations(run.configuration, recipe)
    return Reached(run.provenance["hardware"], operations / seconds, seconds)


def share_of_peak(rate: Reached) -> float | None:
    """The utilisation in a run's median epoch, 0 to 1; None for unlisted devices."""
    count, _, kind = rate.hardware.rpartition(" × ")  # "2 × NVIDIA H100 …"
    peak = peak_of(kind)
    if peak is None:
        return None
    return rate.usual / (peak * 1e12 * int(count or 1))


def peak_of(kind: str) -> float | None:
    """The peak of a device as a driver names it, such as "NVIDIA A100-SXM4-40GB"."""
    words = set(re.split(r"[\s-]+", kind))
    # By whole words: an L40S is no L4, and only forms that are named differ from SXM.
    form = (words & {"PCIe", "NVL"} or {"SXM"}).pop()
    for name, peak in PEAKS.items():
        chip, *named = name.split()
        if chip in words and (not named or form in named):
            return peak
    return None


def rates_table(runs: Mapping[str, Run]) -> list[list[str]]:
    """The median epoch of each run that has times of its epochs."""
    table = [["network", "s an epoch", "TFLOP/s", "of peak"]]
    for name, run in runs.items():
        rate = reached(run)
        if rate is None:
            continue
        share = share_of_peak(rate)
        listed = "–" if share is None else f"{100 * share:.0f} %"
        usual = rate.usual / 1e12
        digits = 0 if usual >= 10 else 2
        hardware = rate.hardware.removeprefix("NVIDIA ")
        numbers = [f"{rate.seconds:.1f}", f"{usual:.{digits}f}", listed]
        table.append([f"{name}, {hardware}", *numbers])
    return table


def seconds_elsewhere(
    run: Run, on_cpu: Run, size: int | None = None
) -> dict[str, float]:
    """Seconds of a run's epoch on GPUs that reach the same share of their peak.

    The last entry is the processor of the run `on_cpu`, at the rate measured there.
    `size` is the side of the faces in pixels, if it is not that of the run.
    """
    rate, processor = reached(run), reached(on_cpu)
    share = share_of_peak(rate) if rate else None
    if rate is None or processor is None or share is None:
        raise ValueError("expected runs with times of epochs, and a GPU in PEAKS.")
    operations = rate.usual * rate.seconds
    if size:
        resized = _forward_operations({**run.configuration, "size": size})
        operations *= resized / _forward_operations(run.configuration)
    seconds = {
        name: operations / (PEAKS[name] * 1e12 * share) for name in SHOWN_DEVICES
    }
    return seconds | {processor.hardware: operations / processor.usual}
