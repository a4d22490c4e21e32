"""The bill of a training: operations, hours, memory, and the rates that runs reached."""

import pytest
from made_up import made_up_run

from fercourse.lessons.lesson08.budget import (
    DEVICES,
    TRAINING_FACES,
    Reached,
    checkpoint_bytes,
    epoch_operations,
    hours,
    rates_table,
    reached,
    recipe_work,
    share_of_peak,
    step_operations,
    training_memory,
)
from fercourse.models.costs import vgg19_costs
from fercourse.models.pocket import pocket_configuration
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import NETWORK_B
from fercourse.results.runs import read_run
from fercourse.results.statistics import TEST_FACES
from fercourse.training.ablation import ablation
from fercourse.training.recipes import RECIPES

PAPER = ablation("paper")[0]


def test_the_papers_network_takes_118_billion_operations_a_face():
    assert step_operations(vgg19_costs("block5_pool")[1]) == pytest.approx(
        118e9, rel=0.005
    )
    epoch = step_operations(vgg19_costs("block5_pool")[1]) * TRAINING_FACES
    assert epoch == pytest.approx(3.4e15, rel=0.01)


def test_a_recipe_is_epochs_of_three_passes_and_a_head_phase_of_one():
    forward = 2 * vgg19_costs("block5_pool")[1]
    work = recipe_work(PAPER, RECIPES["paper"])
    assert work.training == 40 * 3 * forward * TRAINING_FACES
    assert work.selection == 40 * forward * TEST_FACES
    assert (
        work.test == 2 * 2 * forward * TEST_FACES
    )  # one view, twice: as `make_run` asks
    assert work.total == work.training + work.selection + work.test
    head = recipe_work(PAPER, RECIPES["paper"].changed(head_epochs=10))
    assert head.training == (30 * 3 + 10) * forward * TRAINING_FACES


def test_ten_crops_cost_ten_times_and_averaged_weights_their_statistics():
    plain = RECIPES["paper"]
    assert recipe_work(PAPER, plain.changed(train_views=10)).training == pytest.approx(
        10 * recipe_work(PAPER, plain).training
    )
    averaged = recipe_work(PAPER, plain.changed(ema=0.9)).selection
    assert averaged / recipe_work(PAPER, plain).selection == pytest.approx(
        (TEST_FACES + 4096) / TEST_FACES
    )
    assert recipe_work(PAPER, plain.changed(views=16)).test == pytest.approx(
        17 / 2 * recipe_work(PAPER, plain).test
    )


def test_half_the_side_costs_about_a_quarter():
    small, large = (
        recipe_work(*ablation("averaging", size=size)).total for size in (112, 224)
    )
    assert large / small == pytest.approx(4, rel=0.01)


def test_hours_and_what_they_refuse():
    assert hours(3600e12, 10, 0.1) == pytest.approx(1)
    assert hours(1e18, 100, 0.5) == 2 * hours(1e18, 200, 0.5)
    for peak, utilisation in ((0, 0.5), (100, 0), (100, 1.5)):
        with pytest.raises(ValueError, match="expected a peak above 0"):
            hours(1e18, peak, utilisation)


def test_devices_are_in_the_order_of_their_rates():
    peaks = [device.peak for device in DEVICES.values()]
    assert peaks == sorted(peaks)
    assert DEVICES["T4"].arithmetic == "float16"


def test_memory_of_the_papers_network():
    memory = training_memory(PAPER, RECIPES["paper"])
    assert memory.weights == memory.gradients == 4 * 123_018_410
    assert memory.optimiser == 2 * memory.weights
    assert memory.average == 0
    assert memory.total == sum(
        (
            memory.weights,
            memory.gradients,
            memory.optimiser,
            memory.average,
            memory.activations,
        )
    )
    twice = training_memory(PAPER, RECIPES["paper"].changed(batch_size=128))
    assert twice.activations == 2 * memory.activations
    wide = training_memory(PAPER, RECIPES["paper"].changed(precision="float32"))
    assert wide.activations == 2 * memory.activations
    assert training_memory(NETWORK_B, RECIPES["best"]).average == 4 * 20_556_665


@pytest.mark.parametrize("width", [1.0, 0.0625])
def test_activations_are_those_of_the_layers(width):
    configuration = PAPER | {"size": 48, "width": width, "weights": None}
    model = build_model(configuration)
    kinds = ("Conv2D", "BatchNormalization", "MaxPooling2D", "Normalization")
    shapes = [
        layer.output.shape[1:]
        for layer in model.layers
        if type(layer).__name__ in kinds
    ]
    values = sum(height * width * channels for height, width, channels in shapes)
    recipe = RECIPES["paper"].changed(batch_size=3, precision="float32")
    assert training_memory(configuration, recipe).activations == 4 * 3 * values


def test_a_checkpoint_is_weights_their_best_and_the_optimisers_numbers():
    assert checkpoint_bytes(PAPER, RECIPES["paper"]) == 4 * 4 * 123_018_410
    assert (
        checkpoint_bytes(PAPER, RECIPES["paper"].changed(optimizer="sgd", ema=0.9))
        == 4 * 4 * 123_018_410
    )
    assert checkpoint_bytes(NETWORK_B, RECIPES["best"]) == 4 * 5 * 20_556_665


def test_other_systems_are_refused():
    with pytest.raises(ValueError, match="resnet is no VGG19"):
        training_memory({"system": "resnet", "width": 1.0}, RECIPES["common"])
    with pytest.raises(ValueError, match="resnet is no VGG19"):
        checkpoint_bytes({"system": "resnet", "width": 1.0}, RECIPES["common"])


def test_the_rate_of_a_run_is_its_operations_by_its_seconds():
    run = made_up_run(recipe={"head_epochs": 1, "epochs": 4, "warmup_epochs": 0})
    run.history["epochs"]["seconds"] = [1.0, 10.0, 20.0, 40.0]
    found = reached(run)
    recipe = RECIPES["pocket"].changed(head_epochs=1, epochs=4, warmup_epochs=0)
    operations = epoch_operations(run.configuration, recipe)
    assert found.fastest == operations / 10
    assert found.usual == operations / 20
    assert found.hardware == "CPU, 2 cores"


def test_a_run_without_seconds_has_no_rate():
    assert reached(made_up_run()) is None


def test_the_stored_runs_agree_on_what_a_cpu_can_do():
    found = reached(read_run("pocket-none-pocket-seed0"))
    assert 20e9 < found.usual <= found.fastest < 1e12
    assert epoch_operations(
        pocket_configuration(None), RECIPES["pocket"]
    ) == pytest.approx(1e13, rel=0.1)


def test_the_share_of_the_peak_of_known_devices():
    assert share_of_peak(Reached("Tesla T4", 13e12, 10e12)) == pytest.approx(0.2)
    assert share_of_peak(
        Reached("2 × NVIDIA H100 80GB HBM3", 989e12, 1e12)
    ) == pytest.approx(0.5)
    assert share_of_peak(Reached("CPU, 2 cores", 1e11, 1e11)) is None


def test_the_table_of_rates_leaves_out_runs_without_seconds():
    timed = made_up_run(recipe={"head_epochs": 0}, provenance={"hardware": "Tesla T4"})
    timed.history["epochs"]["seconds"] = [2.0, 4.0, 4.0]
    heading, row = rates_table([made_up_run(), timed])
    assert len(row) == len(heading)
    assert row[0] == timed.name
    assert (row[1].endswith(" GFLOP/s"), row[3], row[4]) == (True, "8%", "Tesla T4")
