"""The ablation: it begins with the paper, ends with the best, and changes one thing at a time."""

import inspect

import pytest

from fercourse.models.network import NETWORK_B
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import vgg19_attention
from fercourse.training.ablation import ABLATION, GATES, ablation, gate
from fercourse.training.recipes import RECIPES


def test_it_begins_with_the_paper():
    configuration, recipe = ablation("paper", seed=2)
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(vgg19_attention).parameters.items()
    }
    assert configuration.pop("system") == "vgg19_attention"
    assert all(defaults[name] == value for name, value in configuration.items())
    assert recipe == RECIPES["paper"].changed(seed=2)


def test_it_ends_with_network_b_and_the_best_recipe():
    configuration, recipe = ablation("averaging")
    assert configuration == NETWORK_B
    assert recipe == RECIPES["best"]
    configuration, recipe = ablation("distillation")
    assert configuration == NETWORK_B
    assert recipe == RECIPES["best"].changed(distillation=0.5)


def test_every_step_brings_in_what_it_says_and_nothing_else():
    before = ablation("paper")
    for name in list(ABLATION)[1:]:
        after, step = ablation(name), ABLATION[name]
        changed = {
            key for key, value in after[0].items() if before[0].get(key) != value
        }
        assert changed == set(step.configuration), name
        fields = after[1].as_dict()
        moved = {
            key for key, value in fields.items() if before[1].as_dict()[key] != value
        } - {"name"}
        assert moved <= set(step.recipe), name
        assert changed or moved, name
        before = after


def test_steps_that_are_no_named_recipe_have_names_of_their_own():
    names = [ablation(step)[1].name for step in ABLATION]
    assert [name for name in names if name in RECIPES] == ["paper", "best", "best"]
    assert len(set(names)) == len(names) - 1


def test_every_step_can_be_built_at_any_size():
    for step in ABLATION:
        configuration, _ = ablation(step, size=48)
        model = build_model({**configuration, "weights": None, "width": 0.0625})
        assert model.output.shape == (None, 7)


def test_an_unknown_step_is_named():
    with pytest.raises(
        ValueError,
        match=r"--ablation cutmix is unknown; expected one of paper, schedule",
    ):
        ablation("cutmix")


@pytest.mark.parametrize(
    ("public", "begins"),
    [
        (0, "below 70.5"),
        (70.49, "below 70.5"),
        (70.5, "70.5 to"),
        (72.29, "71.5 to"),
        (74, "72.3 or more"),
    ],
)
def test_a_gate_holds_from_its_number_on(public, begins):
    assert gate(public).startswith(begins)
    assert [lowest for lowest, _ in GATES] == sorted(lowest for lowest, _ in GATES)
