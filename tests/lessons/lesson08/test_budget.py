"""The bill of a training: operations, hours, memory, and rates that runs reached."""

import pytest
from made_up import made_up_run

from fercourse.lessons.lesson08 import budget
from fercourse.models.costs import configuration_costs
from fercourse.models.network import NETWORK_B
from fercourse.models.systems import build_model
from fercourse.results.runs import read_run
from fercourse.results.statistics import TEST_FACES
from fercourse.training.ablation import ablation
from fercourse.training.recipes import RECIPES

NETWORK, PAPER = ablation("paper")[0], RECIPES["paper"]
MULTIPLY_ADDS = configuration_costs(NETWORK)[1]


def test_the_papers_network_takes_118_billion_operations_a_face():
    assert budget.step_operations(MULTIPLY_ADDS) == pytest.approx(118e9, rel=0.005)


def test_a_recipe_is_epochs_of_three_passes_and_a_head_phase_of_one():
    forward = 2 * MULTIPLY_ADDS
    work = budget.recipe_work(NETWORK, PAPER)
    assert work.training == 40 * 3 * forward * budget.TRAINING_FACES
    assert work.selection == 40 * forward * TEST_FACES
    # One view, asked for twice by `make_run`.
    assert work.test == 2 * 2 * forward * TEST_FACES
    assert work.total == work.training + work.selection + work.test
    head = budget.recipe_work(NETWORK, PAPER.changed(head_epochs=10))
    assert head.training == (30 * 3 + 10) * forward * budget.TRAINING_FACES


@pytest.mark.parametrize(
    ("part", "change", "factor"),
    [
        ("training", {"train_views": 10}, 10),
        ("selection", {"ema": 0.9}, (TEST_FACES + 4096) / TEST_FACES),
        ("test", {"views": 16}, 17 / 2),
    ],
)
def test_what_makes_a_recipe_dearer(part, change, factor):
    plain = getattr(budget.recipe_work(NETWORK, PAPER), part)
    dearer = getattr(budget.recipe_work(NETWORK, PAPER.changed(**change)), part)
    assert dearer == pytest.approx(factor * plain)


def test_hours_and_what_they_refuse():
    assert budget.hours(3600e12, 10, 0.1) == pytest.approx(1)
    for peak, utilisation in ((0, 0.5), (100, 0), (100, 1.5)):
        with pytest.raises(ValueError, match="expected a peak above 0"):
            budget.hours(1e18, peak, utilisation)


def test_memory_of_the_papers_network():
    memory = budget.training_memory(NETWORK, PAPER)
    assert memory.weights == memory.gradients == 4 * 123_018_410
    assert memory.optimiser == 2 * memory.weights
    assert memory.average == 0
    assert memory.total == 4 * memory.weights + memory.activations
    for change in ({"batch_size": 128}, {"precision": "float32"}):
        more = budget.training_memory(NETWORK, PAPER.changed(**change))
        assert more.activations == 2 * memory.activations
    assert budget.training_memory(NETWORK_B, RECIPES["full"]).average == 4 * 20_553_081


@pytest.mark.parametrize("width", [1.0, 0.0625])
def test_activations_are_those_of_the_layers(width):
    configuration = NETWORK | {"size": 48, "width": width, "weights": None}
    kinds = ("Conv2D", "BatchNormalization", "MaxPooling2D", "Normalization")
    values = sum(
        layer.output.shape[1] * layer.output.shape[2] * layer.output.shape[3]
        for layer in build_model(configuration).layers
        if type(layer).__name__ in kinds
    )
    recipe = PAPER.changed(batch_size=3, precision="float32")
    assert budget.training_memory(configuration, recipe).activations == 4 * 3 * values


def test_a_checkpoint_is_weights_their_best_and_the_optimisers_numbers():
    averaged = PAPER.changed(optimizer="sgd", ema=0.9)
    for recipe in (PAPER, averaged):
        assert budget.checkpoint_bytes(NETWORK, recipe) == 4 * 4 * 123_018_410
    assert budget.checkpoint_bytes(NETWORK_B, RECIPES["full"]) == 4 * 5 * 20_553_081


@pytest.mark.parametrize("size_of", [budget.training_memory, budget.checkpoint_bytes])
def test_other_systems_are_refused(size_of):
    with pytest.raises(ValueError, match="resnet is no VGG19"):
        size_of({"system": "resnet", "width": 1.0}, RECIPES["common"])


def test_the_rate_of_a_run_is_its_operations_by_its_seconds():
    changes = {"head_epochs": 1, "epochs": 4, "warmup_epochs": 0}
    run = made_up_run(recipe=changes)
    assert budget.reached(run) is None
    run.history["epochs"]["seconds"] = [1.0, 10.0, 20.0, 40.0]
    recipe = RECIPES["pocket"].changed(**changes)
    operations = budget.epoch_operations(run.configuration, recipe)
    rate = budget.reached(run)
    assert (rate.fastest, rate.usual) == (operations / 10, operations / 20)
    rate = budget.reached(read_run("pocket-none-pocket-seed0"))
    assert 20e9 < rate.usual <= rate.fastest < 1e12


def test_the_share_of_the_peak_of_known_devices():
    def share(hardware, fastest):
        return budget.share_of_peak(budget.Reached(hardware, fastest, fastest))

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
    timed.history["epochs"]["seconds"] = [2.0, 4.0, 4.0]
    _, (name, fastest, _, share, hardware) = budget.rates_table([made_up_run(), timed])
    assert (name, share, hardware) == (timed.name, "8%", "Tesla T4")
    assert fastest.replace(",", "").isdigit()
