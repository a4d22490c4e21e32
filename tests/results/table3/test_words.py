"""A run's network and budget in words, and what counts as published."""

from dataclasses import replace

import pytest
from made_up import PAPERS, POCKET, made_up_run

from fercourse.models.network import Network
from fercourse.results.table3.words import form_in_words, is_as_published, network_of
from fercourse.training.recipes import RECIPES, Recipe


def published(**configuration):
    return is_as_published(Network.from_dict(configuration))


def test_the_papers_network_is_as_published():
    assert published(**PAPERS)
    assert published(system="vgg19_attention"), "the defaults are the paper's network"
    assert published(**PAPERS | {"dropout": 0.3, "weights": None})


@pytest.mark.parametrize(
    "change",
    [
        {"width": 0.5},
        {"size": 112},
        {"after": "block4_pool"},
        {"after": ["block4_pool", "block5_pool"]},
        {"combine": "multiply"},
        {"kernel_size": 3},
        {"units": 512},
        {"classes": 8},
    ],
)
def test_another_network_is_not(change):
    assert not published(**PAPERS | change)


def test_other_systems_are_published_at_full_width():
    assert published(system="vgg", width=1.0)
    assert not published(system="vgg", width=0.25)
    assert published(system="tuned_cnn", widths=[256, 512, 384, 192, 384])
    assert not published(system="tuned_cnn", widths=[64, 64, 64, 64, 64])
    assert not published(system="vgg19"), "no row of the paper's table"


SCRATCH = {"system": "vgg19", "size": 96, "weights": None, "width": 0.5, "units": 64}
SEVERAL = {"after": ["block3_pool", "block5_pool"], "combine": "residual"}


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        (
            POCKET,
            "quarter width with batch normalisation, 48 pixels, map after block 4 "
            "appended, random weights at first",
        ),
        (
            PAPERS,
            "as published, full width, 224 pixels, map after block 5 appended, "
            "ImageNet weights at first",
        ),
        (
            PAPERS | SEVERAL | {"weights": "my.h5"},
            "full width, 224 pixels, map after block 3 and block 5 multiplied as 1 + "
            "map, weights of my.h5 at first",
        ),
        (
            SCRATCH | {"dropout": 0.4},
            "not in the paper's table, half width with batch normalisation, 96 pixels, "
            "no attention, random weights at first, dropout 0.4, units 64",
        ),
        ({"system": "vgg"}, "as published, layers reconstructed, full width"),
        ({"system": "vggnet"}, "as published, full width"),
        ({"system": "vggnet", "width": 0.3}, "0.3 of the width"),
        (
            {"system": "tuned_cnn", "width": 0.25, "widths": [64, 64, 64, 64, 64]},
            "quarter width, widths [64, 64, 64, 64, 64]",
        ),
    ],
)
def test_a_network_in_words(configuration, words):
    run = made_up_run(recipe={"name": "mine"}, **configuration)
    assert form_in_words(run) == f"{words}, 20 epochs of the recipe mine"


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (
            {"name": "mine", "epochs": 1, "warmup_epochs": 0},
            "1 epoch of the recipe mine",
        ),
        ({"name": "mine", "early_stop": 5}, "up to 20 epochs of the recipe mine"),
        (
            RECIPES["pocket"].changed(epochs=3, batch_size=128, seed=7).as_dict(),
            "3 epochs of the recipe pocket, batch size 128",
        ),
    ],
)
def test_a_budget_in_words(recipe, words):
    run = made_up_run(recipe=recipe, system="vgg", width=0.25)
    assert form_in_words(run) == f"quarter width, {words}"


@pytest.mark.parametrize("half", ["PublicTest", "PrivateTest"])
def test_another_selection_is_mentioned(half):
    words = form_in_words(made_up_run(provenance={"selected": f"best epoch on {half}"}))
    assert ("selected otherwise" in words) == (half == "PrivateTest")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["large"], "1 teacher"),
        (["large", "small"], "2 teachers"),
        (["votes"], "taught by FER+'s votes"),
    ],
)
def test_teachers_in_words(names, words):
    run = made_up_run(provenance={"teachers": {"names": names}})
    assert form_in_words(run).endswith(f", {words}")
    assert words not in form_in_words(made_up_run())


def test_fields_younger_than_a_run_have_todays_defaults():
    recipe = {"name": "mine", "epochs": 5, "views": 10, "seed": 3}
    run = replace(made_up_run(), recipe=recipe)
    whole = Recipe("mine", epochs=5, views=10, seed=3).as_dict()
    assert form_in_words(run) == form_in_words(replace(run, recipe=whole))
    assert network_of(made_up_run(system="vgg19_attention", width=0.5)).kernel_size == 7


def test_a_run_of_an_unknown_system_is_named():
    with pytest.raises(ValueError, match=r"made-up-0\.json .*'resnext' is unknown"):
        network_of(made_up_run(system="resnext", width=1.0))
