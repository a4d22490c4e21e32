"""The record of a network: its dictionary, its name, its defaults."""

import inspect
import json

import pytest

from fercourse.models.network import ARGUMENTS, NETWORK_B, Network
from fercourse.models.systems import SYSTEMS, build_model
from fercourse.results.runs import RESULTS

STORED = [
    json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.rglob("*.json"))
]
PAPERS = {"system": "vgg19_attention", "size": 224, "weights": "imagenet", "width": 1.0,
          "dropout": 0.5, "after": "block5_pool", "combine": "concat",
          "kernel_size": 7}  # fmt: skip


def test_arguments_are_those_of_the_builders():
    assert list(ARGUMENTS) == list(SYSTEMS)
    for system, builder in SYSTEMS.items():
        parameters = inspect.signature(builder).parameters.values()
        defaults = {parameter.name: parameter.default for parameter in parameters}
        if "after" in defaults:
            defaults["after"] = (defaults["after"],)
        assert ARGUMENTS[system] == defaults, system


@pytest.mark.parametrize("run", STORED, ids=[run["name"] for run in STORED])
def test_stored_configurations_and_names_are_unchanged(run):
    network = Network.from_dict(run["configuration"])
    assert network.as_dict() == run["configuration"]
    name = run["name"].removeprefix(f"{run.get('data')}-")
    assert name.startswith(f"{network.name}-")


def test_the_papers_network_is_the_default():
    paper = Network.from_dict({"system": "vgg19_attention"})
    assert paper == Network.from_dict(PAPERS)
    assert paper.as_dict() == PAPERS
    assert Network.from_dict(NETWORK_B).as_dict() == NETWORK_B


def test_no_block_is_spelled_once():
    plain = Network.pocket()
    assert plain == Network.pocket(None, "multiply") == Network.pocket((), "concat")
    assert (plain.system, plain.after) == ("vgg19", ())
    assert "after" not in plain.as_dict()
    assert build_model(plain).name == "vgg19"


@pytest.mark.parametrize(
    ("configuration", "name"),
    [
        (Network.pocket().as_dict(), "pocket-none"),
        (Network.pocket("block2_pool", "multiply").as_dict(), "pocket-block2-multiply"),
        (Network.pocket().as_dict() | {"size": 96}, "pocket96-none"),
        (PAPERS, "vgg19_attention-block5-concat-224"),
        (
            PAPERS | {"after": ["block3_pool", "block5_pool"], "combine": "residual"},
            "vgg19_attention-block3+block5-residual-224",
        ),
        (
            NETWORK_B,
            "vgg19_attention-block3+block4+block5-gate-normalised-mean_max-scale0.05"
            "-224",
        ),
        ({"system": "vgg19", "size": 96, "weights": None}, "vgg19-96-scratch"),
        ({"system": "vgg"}, "vgg"),
        ({"system": "vgg", "width": 0.25, "dropout": 0.3}, "vgg-dropout0.3-width0.25"),
        (
            {"system": "tuned_cnn", "widths": [64, 128, 256, 384, 512], "units": 128},
            "tuned_cnn-64+128+256+384+512-units128",
        ),
    ],
)
def test_names(configuration, name):
    assert Network.from_dict(configuration).name == name


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"system": "resnext"}, "'resnext' is unknown; expected one of deep_emotion"),
        ({"system": "vgg", "units": 8, "size": 48}, "vgg does not take size, units"),
    ],
)
def test_what_cannot_be_read_is_named(configuration, message):
    with pytest.raises(ValueError, match=message):
        Network.from_dict(configuration)
