"""Experiments: from the words of a command to configuration, recipe and name."""

import argparse
import json

import pytest

from fercourse.commands.options import add_experiment_options, read_experiment
from fercourse.data.faces import FER2013
from fercourse.models.network import NETWORK_B
from fercourse.models.pocket import pocket_configuration
from fercourse.models.systems import SYSTEMS
from fercourse.results.runs import RESULTS
from fercourse.training.ablation import ABLATION, ablation
from fercourse.training.experiment import (
    changed_fields,
    find_recipe,
    is_recipe,
    name_on,
    run_name,
)
from fercourse.training.recipes import RECIPES

SIX = [system for system in SYSTEMS if not system.startswith("vgg19")]
STORED = [
    json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.rglob("*.json"))
]
PAPERS = "vgg19_attention-block5-concat-224"


def experiment(*words: str):
    parser = argparse.ArgumentParser()
    add_experiment_options(parser)
    parser.add_argument("--ship", action="store_true")
    return read_experiment(parser.parse_args(words))


def words_of(arguments: dict) -> list[str]:
    """The options that give these arguments."""
    words = []
    for name, value in arguments.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{option}")
            continue
        values = value if isinstance(value, list) else [value]
        values = ["none" if value is None else str(value) for value in values]
        words += [f"--{option}", *values]
    return words


@pytest.mark.parametrize("run", STORED, ids=[run["name"] for run in STORED])
def test_every_stored_run_has_a_command(run):
    configuration, recipe = run["configuration"], run["recipe"]
    changed = changed_fields(recipe) | {"seed": recipe["seed"]}
    how = ["--recipe", recipe["name"], *words_of(changed)]
    read = experiment(*words_of(configuration), *how)
    assert read.configuration == read.stored_configuration == configuration
    assert read.name == run_name(configuration, recipe)
    teachers = run["provenance"].get("teachers", {"names": []})["names"]
    if len(teachers) > 1:  # which the usual name does not say
        how += ["--name", run["name"]]
        read = experiment(*words_of(configuration), *how)
    assert name_on(run.get("data", FER2013), read.name) == run["name"]
    if run["name"].startswith("pocket-"):
        names = ("system", "after", "combine")
        place = {name: configuration[name] for name in names if name in configuration}
        short = experiment("--pocket", *words_of(place), *how)
        assert (short.configuration, short.name) == (configuration, run["name"])


def test_without_options_it_is_the_papers_network():
    read = experiment()
    assert read.configuration == ablation("paper")[0]
    assert read.recipe == RECIPES["paper"]
    assert read.name == f"{PAPERS}-paper-seed0"
    assert experiment("--name", "mine").name == "mine"


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (
            "--after block2_pool --combine multiply --dropout 0.9",
            ("block2_pool", "multiply"),
        ),
        ("", ("block5_pool", "concat")),
        ("--system vgg19", (None,)),
    ],
)
def test_a_pocket_model_has_its_own_form_and_recipe(words, place):
    read = experiment("--pocket", *words.split())
    assert read.configuration == pocket_configuration(*place)
    assert read.recipe == RECIPES["pocket"]


def test_a_larger_pocket_model_has_the_same_recipe():
    read = experiment("--pocket", "--after", "block5_pool", "--size", "96")
    assert read.configuration == pocket_configuration("block5_pool") | {"size": 96}
    assert read.recipe == RECIPES["pocket"]
    assert read.name == "pocket96-block5-concat-pocket-seed0"


@pytest.mark.parametrize("system", SIX)
def test_the_other_systems_state_the_width_and_what_was_changed(system):
    read = experiment("--system", system)
    assert read.configuration == {"system": system, "width": 1.0}
    assert (read.recipe, read.name) == (RECIPES["common"], f"{system}-common-seed0")
    narrow = experiment("--system", system, "--width", "0.25", "--seed", "2")
    assert narrow.configuration == {"system": system, "width": 0.25}
    assert narrow.name == f"{system}-width0.25-common-seed2"


@pytest.mark.parametrize(
    ("arguments", "changes", "name"),
    [
        ({"system": "vgg", "dropout": 0.3}, {}, "vgg-dropout0.3-common-seed0"),
        ({"system": "vgg"}, {"epochs": 7}, "vgg-common-epochs7-seed0"),
        ({"system": "vgg"}, {"epochs": 100}, "vgg-common-seed0"),
        (
            {
                **{"system": "tuned_cnn", "widths": [64, 128, 256, 384, 512]},
                **{"dropout": 0.3, "units": 128, "width": 0.25},
            },
            {"learning_rate": 0.0021, "epochs": 8},
            "tuned_cnn-64+128+256+384+512-dropout0.3-units128-width0.25-common-"
            "epochs8-learning_rate0.0021-seed0",
        ),
        # Names of VGG19s leave out the epochs.
        ({}, {"zoom": 0.2, "epochs": 3}, f"{PAPERS}-paper-zoom0.2-seed0"),
        (
            {"system": "vgg19", "head": "pooled"},
            {"flip": False, "rotation": 0.0, "seed": 1},
            "vgg19-pooled-224-paper-flip0-rotation0-seed1",
        ),
    ],
)
def test_what_is_changed_is_in_the_name(arguments, changes, name):
    read = experiment(*words_of(arguments), *words_of(changes))
    assert read.name == name
    assert read.configuration.items() >= arguments.items()
    assert {**read.recipe.as_dict(), **changes} == read.recipe.as_dict()


@pytest.mark.parametrize("system", SIX)
@pytest.mark.parametrize(
    "words",
    ["--after block3_pool", "--combine concat", "--kernel-size 7", "--size 48",
     "--weights none", "--pocket", "--ship"],
)  # fmt: skip
def test_what_a_system_does_not_take_is_refused(system, words):
    refused = f"^{words.split()[0]} does not go with --system {system}, which takes --w"
    with pytest.raises(ValueError, match=refused):
        experiment("--system", system, *words.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--system deep_emotion --dropout 0.5", "^--dropout .*--system deep_emotion"),
        ("--system vgg --units 8 --widths 4", "^--widths, --units .*--system vgg,"),
        ("--system vgg19 --after block3_pool", "^--after .*--system vgg19,"),
        ("--widths 8 8 8 8 8", "^--widths .*--system vgg19_attention"),
        ("--system vgg --head pooled", "^--head .*--system vgg,"),
        ("--system resnext", "resnext is unknown; expected one of deep_emotion"),
        ("--pocket --after block3_pool block5_pool", "--pocket takes one place"),
        ("--recipe secret", "secret is unknown; expected one of practice, pocket"),
        ("--recipe step0_none", "step0_none is unknown.*step2_schedule"),
        ("--epochs 0", "Recipe.epochs is 0"),
        ("--learning-rate 11", "Recipe.learning_rate is 11"),
        ("--ablation mixup --head pooled", "^--head .*--ablation"),
        ("--ablation mixup --recipe full --pocket", "^--recipe, --pocket .*--ablation"),
        ("--ablation mixup --system vgg", "^--system .*--ablation"),
        ("--ablation cutmix", "cutmix is unknown; expected one of paper, scale"),
    ],
)
def test_wrong_words_are_refused(words, message):
    with pytest.raises(ValueError, match=message):
        experiment(*words.split())


@pytest.mark.parametrize("recipe", [*RECIPES, "step2_schedule"])
def test_what_a_run_changed_of_its_recipe(recipe):
    named = find_recipe(recipe)
    assert not changed_fields(named.changed(seed=5).as_dict())
    assert not changed_fields({"name": recipe, "seed": 1})
    changes = {"erasing": 0.37, "epochs": 77}
    assert changed_fields(named.changed(**changes).as_dict()) == changes


def test_every_field_of_a_recipe_has_an_option():
    fields = RECIPES["common"].as_dict()
    changes = {name: value + 1 for name, value in fields.items() if type(value) is int}
    changes |= {
        name: value / 2 + 0.01 for name, value in fields.items() if type(value) is float
    }
    changes |= {"optimizer": "sgd", "schedule": "plateau", "precision": "float32"}
    changes |= {"views": 10, "train_views": 10, "flip": False}
    changes |= {"border": "black", "erasing_fill": "grey", "drop_blank": True}
    assert changes.keys() == fields.keys() - {"name"}
    recipe = experiment("--system", "vgg", *words_of(changes)).recipe
    assert recipe == RECIPES["common"].changed(**changes)
    del changes["seed"]
    assert changed_fields(recipe.as_dict()) == changes


@pytest.mark.parametrize(
    ("weights", "stored"),
    [("/some/mine.weights.h5", "mine.weights.h5"), ("none", None)],
)
def test_a_run_names_no_folder(weights, stored):
    read = experiment("--weights", weights)
    assert read.configuration["weights"] == (weights if stored else None)
    assert read.stored_configuration == {**read.configuration, "weights": stored}


def test_network_b_has_a_command():
    assert experiment(*words_of(NETWORK_B)).configuration == NETWORK_B


def test_steps_of_the_ablation_are_a_model_a_recipe_and_a_name():
    names = [experiment("--ablation", step).name for step in ABLATION]
    assert len(set(names)) == len(names)
    assert names[0] == experiment().name
    assert names[2].endswith("-block5-concat-scale0.05-224-step2_schedule-seed0")
    assert names[-2].endswith(
        "block4+block5-gate-normalised-mean_max-scale0.05-224-full-seed0"
    )
    assert names[-1].endswith("-224-full-distillation0.5-seed0")
    for step in ABLATION:
        configuration, recipe = ablation(step, size=112, seed=2)
        changes = ["--size", "112", "--seed", "2", "--weights", "none"]
        read = experiment("--ablation", step, *changes)
        assert read.configuration == {**configuration, "weights": None}
        assert read.recipe == recipe
        named = find_recipe(recipe.name)
        assert named.changed(seed=2, distillation=recipe.distillation) == recipe
    short = experiment("--ablation", "averaging", "--epochs", "9", "--batch-size", "16")
    assert short.recipe == RECIPES["full"].changed(epochs=9, batch_size=16)


def test_a_run_of_another_precision_followed_the_same_recipe():
    pocket = RECIPES["pocket"]
    faster = pocket.changed(precision="mixed_bfloat16", seed=3)
    assert is_recipe(faster.as_dict(), "pocket")
    assert not is_recipe(faster.changed(ema=0).as_dict(), "pocket")
    assert not is_recipe(faster.as_dict(), "common")
