"""Which runs lesson 05 compares."""

from dataclasses import replace

import numpy as np
import pytest
from made_up import PAPERS, made_up_run

from fercourse.lessons.lesson05.compared import (
    NAMES,
    compared_runs,
    deciding_shares,
    name_in_figures,
    near_the_best,
    one_run_a_system,
    pocket_variants,
)
from fercourse.models.pocket import pocket_configuration
from fercourse.results.comparisons import compare_pairs
from fercourse.results.runs import HALVES, evaluate
from fercourse.results.runs import runs as stored_runs
from fercourse.results.statistics import TEST_FACES
from fercourse.results.table3.paper import PAPER_ROWS
from fercourse.results.table3.rows import measured_row
from fercourse.training.recipes import RECIPES

GPU = {"hardware": "1 GPU"}
PAPERS_OWN = made_up_run(recipe={"name": "paper"}, **PAPERS)
OWN_RECIPE = made_up_run(system="resnet", recipe={"name": "pramerdorfer"})


def common(system, epochs=10, **changes):
    run = made_up_run(system=system, **changes)
    recipe = RECIPES["common"].changed(epochs=epochs).as_dict()
    return replace(run, recipe=recipe | {"seed": run.recipe["seed"]})


def pocket(after, combine="concat", right=50, name="pocket", size=48, **recipe):
    run = made_up_run(right=right, recipe=recipe)
    configuration = pocket_configuration(after, combine) | {"size": size}
    return replace(run, name=name, configuration=configuration)


def test_systems_are_in_the_order_of_the_paper_and_pocket_models_last():
    runs = [pocket(None), common("vggnet"), common("inception"), common("deep_emotion")]
    order = ["DeepEmotion", "Inception", "VGGnet", "pocket, no block"]
    assert list(compared_runs(runs)) == order
    assert compared_runs([]) == {}
    assert list(NAMES) == [row.system for row in PAPER_ROWS]


def test_another_seed_and_plain_vgg19_do_not_take_part():
    assert not one_run_a_system([common("vgg", seed=1), common("vgg19", width=0.25)])


def test_the_common_recipe_comes_first_then_width_then_epochs():
    order = [OWN_RECIPE, common("resnet", width=0.5, epochs=90)]
    order += [common("resnet", epochs=3), common("resnet", epochs=4)]
    for count in range(1, 5):
        for runs in (order[:count], order[:count][::-1]):
            assert one_run_a_system(runs)["resnet"] is order[count - 1]


def test_a_changed_recipe_is_not_the_common_one():
    usual, longer = common("vgg", epochs=3), common("vgg", epochs=90)
    longer = replace(longer, recipe=longer.recipe | {"mixup": 0.2})
    assert one_run_a_system([usual, longer])["vgg"] is usual


def test_like_hardware_comes_before_width():
    wide, narrow = common("resnet", provenance=GPU), common("resnet", width=0.5)
    others = [common("vgg"), common("inception")]
    assert one_run_a_system([wide, narrow, *others])["resnet"] is narrow
    gpu = [common(name, provenance=GPU) for name in ("vgg", "inception", "vggnet")]
    assert one_run_a_system([wide, narrow, *others, *gpu])["resnet"] is wide
    # A system that was trained nowhere else takes part with what there is.
    assert one_run_a_system([wide, *others, common("vggnet")])["resnet"] is wide


def test_pocket_models_are_chosen_on_public_test_alone():
    lucky = pocket("block2_pool", right=60, name="two")
    private = made_up_run(right=99).single["private"]
    lucky = replace(lucky, single=lucky.single | {"private": private})
    runs = [
        lucky,
        pocket("block3_pool", right=61, name="three"),
        pocket("block4_pool", "multiply", right=40, name="gated"),
        pocket(None, right=55, name="plain"),
        pocket("block1_pool", right=99, seed=1),
        replace(pocket("block1_pool"), recipe={"name": "common", "seed": 0}),
        pocket(None, right=99, mixup=0.2),
        pocket("block1_pool", right=99, epochs=40),
    ]
    chosen = [(name, run.name) for name, run in pocket_variants(runs).items()]
    assert chosen == [
        ("pocket, no block", "plain"),
        ("pocket, block 3, concat", "three"),
        ("pocket, block 4, multiply", "gated"),
    ]


def test_pocket_models_of_96_pixels_are_rows_of_their_own():
    runs = [pocket(after, size=96) for after in (None, "block5_pool")]
    runs += [pocket(None), pocket("block4_pool", right=70)]
    assert list(compared_runs(runs)) == [
        "pocket, block 4, concat",
        "pocket, no block",
        "pocket 96 px, no block",
        "pocket 96 px, block 5, concat",
    ]
    longer = replace(runs[1], recipe=runs[1].recipe | {"epochs": 40})
    assert not compared_runs([longer])


@pytest.mark.parametrize(
    ("run", "name"),
    [
        (common("inception"), "Inception"),
        (common("resnet", width=0.5), "ResNet, width 0.5"),
        (OWN_RECIPE, "ResNet, recipe pramerdorfer"),
        (common("vgg19_attention"), "VGG19+Attention, width 0.25"),
        (PAPERS_OWN, "VGG19+Attention, recipe paper"),
        (pocket("block4_pool"), "pocket, block 4, concat"),
    ],
)
def test_a_name_says_what_a_run_departs_in(run, name):
    assert name_in_figures(run) == name


def test_the_papers_network_is_the_pocket_one_until_a_wider_one_is_trained():
    papers = pocket("block4_pool", right=70, name="papers")
    runs = compared_runs([papers, pocket(None), pocket("block2_pool", right=60)])
    assert list(runs) == ["pocket, block 4, concat", "pocket, no block"]
    assert one_run_a_system([PAPERS_OWN, papers])["vgg19_attention"] is papers
    wide = common(**PAPERS)
    assert one_run_a_system([wide, papers])["vgg19_attention"] is wide


def test_every_stored_system_took_part_on_the_same_faces():
    stored = stored_runs()
    runs = compared_runs(stored)
    systems = [run.configuration["system"] for run in runs.values()]
    assert systems[: len(NAMES)] == list(NAMES)
    for half in HALVES:
        first, *others = [run.single[half] for run in runs.values()]
        for other in others:
            assert (other.seen == first.seen).all()
            assert (other.confusion.sum(axis=1) == first.confusion.sum(axis=1)).all()
    assert runs["pocket, no block"].name == "pocket-none-pocket-seed0"
    multiplied = [run for run in stored if "multiply-pocket-seed0" in run.name]
    best = max(multiplied, key=lambda run: evaluate(run.single["public"]).accuracy)
    assert best.name in [run.name for run in runs.values()]


def test_only_pairs_of_nearly_one_accuracy_are_counted():
    faces = np.arange(TEST_FACES)
    right = {"one": faces < 2000, "other": faces >= 1600, "worse": faces < 1000}
    (share,) = deciding_shares(compare_pairs(right), within=2)
    # `one` and `other` share the 400 faces from 1600 on, and 1600 + 1589 decide.
    assert share == pytest.approx(100 * 3189 / TEST_FACES)


def test_near_the_best_is_a_matter_of_public_test():
    rows = {f"{n}": measured_row([made_up_run(right=n)]) for n in (60, 64, 65, 69)}
    assert near_the_best(rows, points=5) == ["65", "69"]
