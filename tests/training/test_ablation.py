"""The ablation: from the paper to the full recipe, one thing at a time."""

import pytest

from fercourse.models.network import NETWORK_B, Network
from fercourse.models.systems import build_model
from fercourse.training.ablation import ABLATION, THRESHOLDS, ablation
from fercourse.training.recipes import RECIPES


def test_it_begins_with_the_paper():
    configuration, recipe = ablation("paper", seed=2)
    paper = Network.from_dict({"system": "vgg19_attention"})
    assert Network.from_dict(configuration) == paper
    assert recipe == RECIPES["paper"].changed(seed=2)


def test_it_leads_to_the_papers_network_on_scaled_features_by_the_full_recipe():
    configuration, recipe = ablation("averaging")
    paper, _ = ablation("paper")
    assert configuration == paper | {"feature_scale": 0.05}
    assert recipe == RECIPES["full"]


@pytest.mark.parametrize(
    ("step", "changes"), [("masks", {}), ("distillation", {"distillation": 0.5})]
)
def test_it_ends_with_network_b_and_the_full_recipe(step, changes):
    assert ablation(step) == (NETWORK_B, RECIPES["full"].changed(**changes))


def differing(before, after):
    return {name for name, value in after.items() if before.get(name) != value}


def test_every_step_brings_in_what_it_says_and_nothing_else():
    before = ablation("paper")
    for name in list(ABLATION)[1:]:
        after, step = ablation(name), ABLATION[name]
        arguments = differing(before[0], after[0])
        fields = differing(before[1].as_dict(), after[1].as_dict()) - {"name"}
        assert arguments == set(step.configuration), name
        assert fields <= set(step.recipe), name
        assert arguments or fields, name
        before = after


def test_steps_that_are_no_named_recipe_have_names_of_their_own():
    names = [ablation(step)[1].name for step in ABLATION]
    assert [name for name in names if name in RECIPES] == ["paper", *4 * ["full"]]
    assert len(set(names)) == len(names) - 3


def test_every_step_can_be_built_at_any_size():
    for step in ABLATION:
        configuration, _ = ablation(step, size=48)
        model = build_model({**configuration, "weights": None, "width": 0.0625})
        assert model.output.shape == (None, 7)


def test_every_addition_has_a_source():
    assert all(step.source for step in [*ABLATION.values()][1:])


def test_thresholds_rise():
    lowest = [one.lowest for one in THRESHOLDS]
    assert lowest == sorted(lowest)
