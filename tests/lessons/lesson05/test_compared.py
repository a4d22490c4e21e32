"""Which runs lesson 05 compares."""

import dataclasses

import pytest
from made_up import PAPERS, made_up_run

from fercourse.lessons.lesson05.compared import (
    NAMES,
    contest,
    name_in_figures,
    not_yet_run,
    one_run_a_system,
    pocket_variants,
)
from fercourse.models.pocket import pocket_configuration
from fercourse.results.runs import HALVES, evaluate
from fercourse.results.runs import runs as stored_runs
from fercourse.results.table3.tables import PAPER_ROWS
from fercourse.training.recipes import RECIPES

GPU = {"hardware": "1 GPU"}


def common(system, epochs=10, **changes):
    run = made_up_run(system=system, **changes)
    recipe = RECIPES["common"].changed(epochs=epochs).as_dict() | {
        "seed": run.recipe["seed"]
    }
    return dataclasses.replace(run, recipe=recipe)


def pocket(after, combine="concat", right=50, name="pocket"):
    run = made_up_run(right=right)
    return dataclasses.replace(
        run, name=name, configuration=pocket_configuration(after, combine)
    )


def changed(run, **recipe):
    return dataclasses.replace(run, recipe=run.recipe | recipe)


def test_every_row_of_the_paper_has_a_name():
    assert list(NAMES) == [row.system for row in PAPER_ROWS]
    assert len(set(NAMES.values())) == 7


def test_systems_stand_in_the_order_of_the_paper():
    runs = [common("vggnet"), common("inception"), common("deep_emotion", epochs=90)]
    assert list(one_run_a_system(runs)) == ["deep_emotion", "inception", "vggnet"]
    assert one_run_a_system([]) == contest([]) == {}


def test_another_seed_and_plain_vgg19_do_not_take_part():
    assert not one_run_a_system([common("vgg", seed=1), common("vgg19", width=0.25)])


def test_the_common_recipe_comes_first_then_width_then_epochs():
    own, narrow, wide, long = (
        made_up_run(system="resnet", recipe={"name": "pramerdorfer", "epochs": 300}),
        common("resnet", width=0.5, epochs=90),
        common("resnet", epochs=3),
        common("resnet", epochs=4),
    )
    for runs in ([own, narrow, wide, long], [long, wide, narrow, own]):
        assert one_run_a_system(runs)["resnet"] is long
        assert (
            one_run_a_system([run for run in runs if run is not long])["resnet"] is wide
        )
    assert one_run_a_system([own, narrow])["resnet"] is narrow
    assert one_run_a_system([own])["resnet"] is own


def test_a_changed_recipe_is_not_the_common_one():
    usual, longer = (
        common("vgg", epochs=3),
        changed(common("vgg", epochs=90), mixup=0.2),
    )
    assert one_run_a_system([usual, longer])["vgg"] is usual
    assert "VGG" in not_yet_run({"VGG": longer})
    assert "VGG" not in not_yet_run({"VGG": usual})


def test_like_hardware_comes_before_width():
    wide_on_gpu = common("resnet", provenance=GPU, epochs=100)
    narrow, others = common("resnet", width=0.5), [common("vgg"), common("inception")]
    assert one_run_a_system([wide_on_gpu, narrow, *others])["resnet"] is narrow
    on_gpu = [
        common(system, provenance=GPU) for system in ("vgg", "inception", "vggnet")
    ]
    assert (
        one_run_a_system([wide_on_gpu, narrow, *others, *on_gpu])["resnet"]
        is wide_on_gpu
    )
    # A system that was trained nowhere else takes part with what there is.
    alone = one_run_a_system([wide_on_gpu, *others, common("deep_emotion")])
    assert alone["resnet"] is wide_on_gpu


def test_of_pocket_networks_the_plain_one_and_the_choice_of_public_test():
    runs = [
        pocket("block2_pool", right=60, name="two"),
        pocket("block3_pool", right=61, name="three"),
        pocket("block4_pool", "multiply", right=40, name="gated"),
        pocket(None, right=55, name="plain"),
        dataclasses.replace(
            pocket("block1_pool", right=99), recipe={"name": "pocket", "seed": 1}
        ),
        dataclasses.replace(
            pocket("block1_pool", right=99), recipe={"name": "common", "seed": 0}
        ),
        changed(pocket(None, right=99), mixup=0.2),
        changed(pocket("block1_pool", right=99), epochs=40),
    ]
    found = pocket_variants(runs)
    assert {name: run.name for name, run in found.items()} == {
        "pocket, no attention": "plain",
        "pocket, block 3, concat": "three",
        "pocket, block 4, multiply": "gated",
    }


def test_pocket_networks_are_chosen_on_public_test_alone():
    lucky = pocket("block2_pool", right=60)
    lucky = dataclasses.replace(
        lucky,
        single={**lucky.single, "private": made_up_run(right=99).single["private"]},
    )
    sound = pocket("block3_pool", right=61)
    assert list(pocket_variants([lucky, sound])) == ["pocket, block 3, concat"]


@pytest.mark.parametrize(
    ("run", "name"),
    [
        (common("inception"), "Inception"),
        (common("resnet", width=0.5), "ResNet, width 0.5"),
        (
            made_up_run(system="vgg", recipe={"name": "pramerdorfer"}),
            "VGG, recipe pramerdorfer",
        ),
        (common("vgg19_attention"), "VGG19+Attention, width 0.25"),
        (
            made_up_run(recipe={"name": "paper"}, **PAPERS),
            "VGG19+Attention, recipe paper",
        ),
    ],
)
def test_a_name_says_what_a_run_departs_in(run, name):
    assert name_in_figures(run) == name


def test_what_is_missing_is_named():
    assert not_yet_run({}) == list(NAMES.values())
    runs = contest(
        [common("vgg"), made_up_run(system="resnet", recipe={"name": "pramerdorfer"})]
    )
    assert list(runs) == ["ResNet, recipe pramerdorfer", "VGG"]
    assert "VGG" not in not_yet_run(runs) and "ResNet" in not_yet_run(runs)


def test_systems_stand_before_pocket_networks():
    assert list(contest([pocket(None), common("vggnet")])) == [
        "VGGnet",
        "pocket, no attention",
    ]


def test_the_papers_network_is_the_pocket_one_after_block_4_until_a_wider_one_is_trained():
    papers = pocket("block4_pool", right=70, name="papers")
    runs = contest([papers, pocket(None), pocket("block2_pool", right=60)])
    assert {name: run.name for name, run in runs.items()} == {
        "VGG19+Attention, width 0.25": "papers",
        "pocket, no attention": "pocket",
    }
    assert "VGG19+Attention" not in not_yet_run(runs)
    own = made_up_run(recipe={"name": "paper"}, **PAPERS)
    assert one_run_a_system([own, papers])["vgg19_attention"] is papers
    wide = common(**PAPERS)
    assert one_run_a_system([wide, papers])["vgg19_attention"] is wide


def test_every_system_of_table_iii_was_run_by_the_common_recipe():
    runs = contest(stored_runs())
    assert not not_yet_run(runs)
    systems = list(runs.values())[: len(NAMES)]
    assert [run.configuration["system"] for run in systems] == list(NAMES)
    assert {run.provenance["data"] for run in systems} == {
        "fer2013.csv: verified FER2013"
    }


def test_stored_runs_answered_the_same_faces():
    runs = contest(stored_runs())
    for half in HALVES:
        first, *others = [run.single[half] for run in runs.values()]
        for other in others:
            assert (other.seen == first.seen).all()
            assert (other.confusion.sum(axis=1) == first.confusion.sum(axis=1)).all()
    plain = runs["pocket, no attention"]
    assert plain.name == "pocket-none-pocket-seed0"
    multiplied = [
        run
        for name, run in runs.items()
        if name.startswith("pocket") and name.endswith("multiply")
    ]
    every = [
        run
        for run in stored_runs()
        if run.name.startswith("pocket-block") and "multiply-pocket-seed0" in run.name
    ]
    best = max(every, key=lambda run: evaluate(run.single["public"]).accuracy)
    assert [run.name for run in multiplied] == [best.name]
