"""The bill of a training: operations, seconds, and rates that runs reached."""

import pytest
from made_up import made_up_run

from fercourse.lessons.lesson08 import budget
from fercourse.models.costs import configuration_costs
from fercourse.results.runs import read_run
from fercourse.results.statistics import TEST_FACES
from fercourse.training.ablation import ablation
from fercourse.training.recipes import RECIPES

NETWORK, PAPER = ablation("paper")[0], RECIPES["paper"]
MULTIPLY_ADDS = configuration_costs(NETWORK)[1]


def test_the_papers_network_takes_118_billion_operations_a_face():
    assert budget.step_operations(MULTIPLY_ADDS) == pytest.approx(118e9, rel=0.005)


def test_an_epoch_is_three_passes_and_a_selection():
    forward = 2 * MULTIPLY_ADDS
    faces = 3 * budget.TRAINING_FACES
    assert budget.epoch_operations(NETWORK, PAPER) == forward * (faces + TEST_FACES)
    views = budget.epoch_operations(NETWORK, PAPER.changed(train_views=10))
    assert views == forward * (10 * faces + TEST_FACES)


def test_the_rate_of_a_run_is_its_operations_by_its_seconds():
    changes = {"head_epochs": 1, "epochs": 4, "warmup_epochs": 0}
    run = made_up_run(recipe=changes)
    assert budget.reached(run) is None
    run.history["epochs"]["seconds"] = [1.0, 10.0, 20.0, 40.0]
    recipe = RECIPES["pocket"].changed(**changes)
    operations = budget.epoch_operations(run.configuration, recipe)
    rate = budget.reached(run)
    assert (rate.usual, rate.seconds) == (operations / 20, 20)
    rate = budget.reached(read_run("pocket-none-pocket-seed0"))
    assert 20e9 < rate.usual < 1e12


def test_the_share_of_the_peak_of_known_devices():
    def share(hardware, usual):
        return budget.share_of_peak(budget.Reached(hardware, usual, 10.0))

    assert share("Tesla T4", 13e12) == pytest.approx(0.2)
    assert share("2 × NVIDIA H100 80GB HBM3", 989e12) == pytest.approx(0.5)
    # No device is taken for another with a name like its own.
    for hardware, peak in {
        "NVIDIA L4": 121,
        "NVIDIA L40S": 362,
        "NVIDIA A100-SXM4-40GB": 312,
        "NVIDIA H100 PCIe": 756,
        "NVIDIA H100 NVL": 835,
        "NVIDIA H200": 989,
        "NVIDIA H200 NVL": 835,
    }.items():
        assert share(hardware, peak * 1e12) == pytest.approx(1), hardware
    assert share("NVIDIA L400", 1e12) is None
    assert share("CPU, 2 cores", 1e11) is None


def test_the_table_of_rates_leaves_out_runs_without_seconds():
    timed = made_up_run(recipe={"head_epochs": 0}, provenance={"hardware": "Tesla T4"})
    timed.history["epochs"]["seconds"] = [2.0, 2.0, 4.0]
    runs = {"untimed": made_up_run(), "timed": timed}
    _, (name, seconds, usual, share) = budget.rates_table(runs)
    assert (name, seconds, share) == ("timed, Tesla T4", "2.0", "8 %")
    assert 0.07 < float(usual) / 65 < 0.09 and "." in usual
    timed.history["epochs"]["seconds"] = [0.2]
    assert "." not in budget.rates_table(runs)[1][2]


def test_other_devices_are_given_the_same_share_of_their_peak():
    gpu, cpu = (
        made_up_run(recipe={"head_epochs": 0}, provenance={"hardware": hardware})
        for hardware in ("NVIDIA H200", "CPU, 2 cores")
    )
    gpu.history["epochs"]["seconds"] = [2.0]
    cpu.history["epochs"]["seconds"] = [50.0]
    seconds = budget.seconds_elsewhere(gpu, cpu)
    assert list(seconds) == [*budget.SHOWN_DEVICES, "CPU, 2 cores"]
    assert seconds["H200"] == pytest.approx(2)
    assert seconds["T4"] == pytest.approx(2 * 989 / 65)
    assert seconds["CPU, 2 cores"] == pytest.approx(50)
    with pytest.raises(ValueError, match="a GPU in PEAKS"):
        budget.seconds_elsewhere(cpu, cpu)
