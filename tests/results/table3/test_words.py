"""Forms: a run's network and budget in words, and what counts as published."""

from dataclasses import replace

import pytest
from made_up import PAPERS, POCKET, made_up_run

from fercourse.results.table3.words import (
    form_in_words,
    is_as_published,
    whole_configuration,
    whole_recipe,
)
from fercourse.training.recipes import RECIPES, Recipe


def test_the_papers_network_is_as_published():
    assert is_as_published(PAPERS)
    assert is_as_published(
        {"system": "vgg19_attention"}
    )  # the builder's defaults are the paper's network
    assert is_as_published(PAPERS | {"dropout": 0.3, "weights": None})


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
    assert not is_as_published(PAPERS | change)


def test_other_systems_are_published_at_full_width():
    assert is_as_published({"system": "vgg", "width": 1.0})
    assert is_as_published({"system": "vgg"})
    assert not is_as_published({"system": "vgg", "width": 0.25})
    assert is_as_published(
        {"system": "tuned_cnn", "width": 1.0, "widths": [256, 512, 384, 192, 384]}
    )
    assert not is_as_published(
        {"system": "tuned_cnn", "width": 1.0, "widths": [64, 64, 64, 64, 64]}
    )
    assert not is_as_published({"system": "vgg19", "width": 1.0, "size": 224})
    assert not is_as_published({"system": "tiny", "width": 1.0})


@pytest.mark.parametrize(
    ("configuration", "recipe", "words"),
    [
        (
            POCKET,
            {},
            "quarter width with batch normalisation, 48 pixels, map after block 4 "
            "appended, "
            "random weights at first, 20 epochs of the recipe mine",
        ),
        (
            PAPERS,
            {"epochs": 1},
            "as published, full width, 224 pixels, map after block 5 appended, "
            "ImageNet weights at first, "
            "1 epoch of the recipe mine",
        ),
        (
            PAPERS
            | {
                "after": ["block3_pool", "block5_pool"],
                "combine": "residual",
                "weights": "my.h5",
            },
            {},
            "full width, 224 pixels, map after block 3 and block 5 multiplied as 1 + "
            "map, "
            "weights of my.h5 at first, 20 epochs of the recipe mine",
        ),
        (
            {
                "system": "vgg19",
                "size": 96,
                "weights": None,
                "width": 0.5,
                "dropout": 0.4,
                "units": 64,
            },
            {},
            "not in the paper's table, half width with batch normalisation, 96 "
            "pixels, no attention, "
            "random weights at first, dropout 0.4, units 64, 20 epochs of the recipe "
            "mine",
        ),
        (
            {"system": "vgg", "width": 1.0},
            {},
            "as published, layers reconstructed, full width, 20 epochs of the recipe "
            "mine",
        ),
        (
            {"system": "vggnet", "width": 1.0},
            {},
            "as published, full width, 20 epochs of the recipe mine",
        ),
        (
            {"system": "vggnet", "width": 0.3},
            {},
            "0.3 of the width, 20 epochs of the recipe mine",
        ),
        (
            {"system": "tuned_cnn", "width": 0.25, "widths": [64, 64, 64, 64, 64]},
            {"early_stop": 5},
            "quarter width, widths [64, 64, 64, 64, 64], up to 20 epochs of the "
            "recipe mine",
        ),
    ],
)
def test_words(configuration, recipe, words):
    run = made_up_run(recipe={"name": "mine"} | recipe, **configuration)
    assert form_in_words(run) == words


def test_what_was_changed_in_a_named_recipe_is_told():
    recipe = (
        RECIPES["pocket"]
        .changed(epochs=3, warmup_epochs=1, batch_size=128, seed=7)
        .as_dict()
    )
    words = form_in_words(made_up_run(recipe=recipe, system="vgg", width=0.25))
    assert (
        words == "quarter width, 3 epochs of the recipe pocket, batch size 128, warmup "
        "epochs 1"
    )


def test_another_selection_is_told():
    run = made_up_run(provenance={"selected": "best epoch on PrivateTest"})
    assert form_in_words(run).endswith(
        ", selected otherwise: best epoch on PrivateTest"
    )
    assert "selected" not in form_in_words(
        made_up_run(provenance={"selected": "best epoch on PublicTest"})
    )


def test_missing_fields_have_todays_defaults():
    recipe = {"name": "mine", "epochs": 5, "views": 10, "seed": 3}
    run = replace(made_up_run(), recipe=recipe)
    assert (
        whole_recipe(run) == Recipe(name="mine", epochs=5, views=10, seed=3).as_dict()
    )
    configuration = whole_configuration(
        made_up_run(system="vgg19_attention", width=0.5)
    )
    assert (configuration["kernel_size"], configuration["width"]) == (7, 0.5)


def test_a_run_of_an_unknown_system_is_named():
    with pytest.raises(
        ValueError, match=r"made-up-0\.json is a run of the unknown system 'resnext'"
    ):
        whole_configuration(made_up_run(system="resnext", width=1.0))
