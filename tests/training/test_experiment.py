"""Experiments: from the words of a command to configuration, recipe and name."""

import argparse
import json

import pytest

from fercourse.commands.options import add_experiment_options, read_experiment
from fercourse.models.network import NETWORK_B
from fercourse.models.pocket import pocket_configuration
from fercourse.models.systems import SYSTEMS, build_model
from fercourse.results.runs import RESULTS
from fercourse.training.ablation import ABLATION, ablation
from fercourse.training.experiment import changed_fields, find_recipe, run_name
from fercourse.training.recipes import RECIPES

SIX = [system for system in SYSTEMS if not system.startswith("vgg19")]
STORED = [
    json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.rglob("*.json"))
]


def experiment(*words: str):
    parser = argparse.ArgumentParser()
    add_experiment_options(parser)
    parser.add_argument("--ship", action="store_true")
    return read_experiment(parser.parse_args(words))


def words_of(arguments: dict) -> list[str]:
    """The options that give these arguments."""
    words = []
    for name, value in arguments.items():
        if isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{name.replace('_', '-')}")
            continue
        values = (
            value if isinstance(value, list) else ["none" if value is None else value]
        )
        words += [f"--{name.replace('_', '-')}", *map(str, values)]
    return words


@pytest.mark.parametrize("run", STORED, ids=[run["name"] for run in STORED])
def test_every_stored_run_has_a_command(run):
    configuration, recipe = run["configuration"], run["recipe"]
    changed = {
        name: recipe[name]
        for name in ("epochs", "batch_size", "views", "seed", "distillation")
        if name in recipe
    }
    found = experiment(
        *words_of(configuration), "--recipe", recipe["name"], *words_of(changed)
    )
    assert found.configuration == configuration
    assert list(found.configuration) == list(found.stored_configuration)
    assert found.name == run_name(configuration, recipe) == run["name"]
    if run["name"].startswith("pocket-"):
        place = {
            name: configuration[name]
            for name in ("system", "after", "combine")
            if name in configuration
        }
        short = experiment(
            "--pocket", *words_of(place), "--recipe", recipe["name"], *words_of(changed)
        )
        assert (short.configuration, short.name) == (configuration, run["name"])


def test_without_options_it_is_the_papers_network():
    found = experiment()
    assert found.configuration == {
        "system": "vgg19_attention",
        "size": 224,
        "weights": "imagenet",
        "width": 1.0,
        "dropout": 0.5,
        "after": "block5_pool",
        "combine": "concat",
        "kernel_size": 7,
    }
    assert found.recipe == RECIPES["paper"]
    assert found.name == "vgg19_attention-block5-concat-224-paper-seed0"


def test_a_pocket_model_has_its_own_form_and_recipe():
    found = experiment(
        "--pocket", "--after", "block2_pool", "--combine", "multiply", "--size", "96"
    )
    assert found.configuration == pocket_configuration("block2_pool", "multiply")
    assert found.recipe == RECIPES["pocket"]
    assert found.name == "pocket-block2-multiply-pocket-seed0"
    assert experiment("--pocket").configuration == pocket_configuration("block5_pool")
    assert (
        experiment("--pocket", "--system", "vgg19").configuration
        == pocket_configuration()
    )


@pytest.mark.parametrize("system", SIX)
def test_the_other_systems_state_the_width_and_what_was_changed(system):
    found = experiment("--system", system)
    assert found.configuration == {"system": system, "width": 1.0}
    assert found.recipe == RECIPES["common"]
    assert found.name == f"{system}-common-seed0"
    narrow = experiment("--system", system, "--width", "0.25", "--seed", "2")
    assert narrow.configuration == {"system": system, "width": 0.25}
    assert narrow.name == f"{system}-width0.25-common-seed2"
    assert build_model(narrow.configuration).name == system


def test_dropout_is_stated_where_it_is_given():
    found = experiment("--system", "vgg", "--dropout", "0.3")
    assert found.configuration == {"system": "vgg", "width": 1.0, "dropout": 0.3}
    assert found.name == "vgg-dropout0.3-common-seed0"


def test_a_form_of_the_tuned_cnn():
    form = {
        "widths": [64, 128, 256, 384, 512],
        "dropout": 0.3,
        "units": 128,
        "width": 0.25,
    }
    recipe = {"learning_rate": 0.0021, "epochs": 8}
    found = experiment("--system", "tuned_cnn", *words_of(form), *words_of(recipe))
    assert found.configuration == {"system": "tuned_cnn", **form}
    assert found.recipe == RECIPES["common"].changed(**recipe)
    assert found.name == (
        "tuned_cnn-64+128+256+384+512-dropout0.3-units128-width0.25-common-epochs8-learning_rate0.0021-seed0"
    )


def test_a_short_run_and_a_long_one_have_two_names():
    assert (
        experiment("--system", "vgg", "--epochs", "7").name
        == "vgg-common-epochs7-seed0"
    )
    usual = str(RECIPES["common"].epochs)
    assert experiment("--system", "vgg", "--epochs", usual).name == "vgg-common-seed0"


@pytest.mark.parametrize("system", SIX)
@pytest.mark.parametrize(
    "words", ["--after block3_pool", "--combine concat", "--kernel-size 7", "--size 48", "--weights none",
              "--pocket", "--ship"],
)  # fmt: skip
def test_what_a_system_does_not_take_is_refused(system, words):
    option = words.split()[0]
    with pytest.raises(
        ValueError,
        match=f"^{option} does not go with --system {system}, which takes --width",
    ):
        experiment("--system", system, *words.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "--system deep_emotion --dropout 0.5",
            "--dropout does not go with --system deep_emotion",
        ),
        (
            "--system vgg --units 8 --widths 4",
            "--widths, --units does not go with --system vgg,",
        ),
        (
            "--system vgg19 --after block3_pool",
            "--after does not go with --system vgg19,",
        ),
        ("--widths 8 8 8 8 8", "--widths does not go with --system vgg19_attention"),
        (
            "--system resnext",
            "--system resnext is unknown; expected one of deep_emotion, inception",
        ),
        (
            "--recipe secret",
            "--recipe secret is unknown; expected one of practice, pocket",
        ),
        ("--epochs 0", "Recipe.epochs is 0"),
        ("--learning-rate 11", "Recipe.learning_rate is 11"),
    ],
)
def test_wrong_words_are_refused(words, message):
    with pytest.raises(ValueError, match=message):
        experiment(*words.split())


def test_names_of_the_papers_networks():
    recipe = {"name": "pocket", "seed": 2}
    assert run_name(pocket_configuration(), recipe) == "pocket-none-pocket-seed2"
    assert (
        run_name(pocket_configuration("block2_pool", "multiply"), recipe)
        == "pocket-block2-multiply-pocket-seed2"
    )
    full = {
        "system": "vgg19_attention",
        "after": ["block3_pool", "block5_pool"],
        "combine": "residual",
    }
    full |= {"weights": "imagenet"}
    assert run_name(
        {**full, "width": 1.0, "size": 224}, {"name": "best", "seed": 0}
    ) == ("vgg19_attention-block3+block5-residual-224-best-seed0")
    plain = {"system": "vgg19", "width": 1.0, "size": 96, "weights": None}
    assert run_name(plain, recipe) == "vgg19-96-scratch-pocket-seed2"
    assert (
        run_name({**pocket_configuration(), "size": 96}, recipe)
        == "vgg19-96-width0.25-scratch-pocket-seed2"
    )


def test_what_a_recipe_changes_stands_in_the_name():
    plain = ("--pocket", "--system", "vgg19")
    assert experiment(*plain, "--label-smoothing", "0.1").name == (
        "pocket-none-pocket-label_smoothing0.1-seed0"
    )
    still = experiment(
        *plain,
        "--no-flip",
        "--rotation",
        "0",
        "--shift",
        "0",
        "--zoom",
        "0",
        "--seed",
        "1",
    )
    assert still.name == "pocket-none-pocket-flip0-rotation0-shift0-zoom0-seed1"
    assert still.recipe == RECIPES["pocket"].changed(
        flip=False, rotation=0, shift=0, zoom=0, seed=1
    )
    assert experiment(
        *plain, "--ema", str(RECIPES["pocket"].ema), "--epochs", "3"
    ).name == ("pocket-none-pocket-seed0")


@pytest.mark.parametrize("recipe", [*RECIPES, "step1_schedule"])
def test_what_a_run_changed_of_its_recipe(recipe):
    named = find_recipe(recipe)
    assert not changed_fields(named.changed(seed=5).as_dict())
    assert changed_fields({"name": recipe, "seed": 1}) == {}
    assert changed_fields(named.changed(erasing=0.37, epochs=77).as_dict()) == {
        "erasing": 0.37,
        "epochs": 77,
    }


def test_every_field_of_a_recipe_has_an_option():
    other = {
        **{field: value + 1 for field, value in RECIPES["common"].as_dict().items() if type(value) is int},
        **{field: value / 2 + 0.01 for field, value in RECIPES["common"].as_dict().items()
           if type(value) is float},
        "optimizer": "sgd", "schedule": "plateau", "precision": "float32", "views": 10, "train_views": 10,
        "flip": False,
    }  # fmt: skip
    wanted = RECIPES["common"].changed(**other)
    assert experiment("--system", "vgg", *words_of(other)).recipe == wanted
    assert changed_fields(wanted.as_dict()) == {
        field: other[field] for field in other if field != "seed"
    }


def test_a_run_names_no_folder():
    found = experiment("--weights", "/somewhere/mine.weights.h5")
    assert found.configuration["weights"] == "/somewhere/mine.weights.h5"
    assert found.stored_configuration == {
        **found.configuration,
        "weights": "mine.weights.h5",
    }
    assert experiment("--weights", "none").stored_configuration["weights"] is None
    assert experiment("--system", "vgg").stored_configuration == {
        "system": "vgg",
        "width": 1.0,
    }


def test_a_name_of_its_own():
    assert experiment("--name", "mine").name == "mine"


def test_network_b_has_a_command_and_a_name():
    words = words_of(
        {name: value for name, value in NETWORK_B.items() if name != "system"}
    )
    found = experiment(*words, "--recipe", "best")
    assert found.configuration == NETWORK_B
    name = (
        "vgg19_attention-block3+block4+block5-residual-normalised-pooled-224-best-seed0"
    )
    assert found.name == name
    assert (
        experiment("--system", "vgg19", "--head", "pooled").name
        == "vgg19-pooled-224-paper-seed0"
    )


@pytest.mark.parametrize("step", ABLATION)
def test_a_step_of_the_ablation_is_a_model_and_a_recipe(step):
    found = experiment(
        "--ablation", step, "--size", "112", "--seed", "2", "--weights", "none"
    )
    configuration, recipe = ablation(step, size=112, seed=2)
    assert (found.configuration, found.recipe) == (
        {**configuration, "weights": None},
        recipe,
    )
    assert (
        find_recipe(recipe.name).changed(seed=2, distillation=recipe.distillation)
        == recipe
    )


def test_steps_of_the_ablation_have_names_of_their_own():
    names = [experiment("--ablation", step).name for step in ABLATION]
    assert len(set(names)) == len(names)
    assert names[0] == experiment().name
    assert (
        names[5]
        == "vgg19_attention-block3+block4+block5-residual-normalised-pooled-224-step5_masks-seed0"
    )
    assert names[-1].endswith("-224-best-distillation0.5-seed0")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--ablation mixup --head pooled", "^--head does not go with --ablation"),
        (
            "--ablation mixup --recipe best --pocket",
            "^--recipe, --pocket does not go with --ablation",
        ),
        ("--ablation mixup --system vgg", "^--system does not go with --ablation"),
        (
            "--ablation cutmix",
            "--ablation cutmix is unknown; expected one of paper, schedule",
        ),
        ("--system vgg --head pooled", "^--head does not go with --system vgg,"),
        (
            "--recipe step0_none",
            "--recipe step0_none is unknown; expected one of practice.*step1_schedule",
        ),
    ],
)
def test_what_does_not_go_with_an_ablation_is_refused(words, message):
    with pytest.raises(ValueError, match=message):
        experiment(*words.split())


def test_a_step_can_be_shortened():
    found = experiment("--ablation", "averaging", "--epochs", "9", "--batch-size", "16")
    assert found.recipe == RECIPES["best"].changed(epochs=9, batch_size=16)
