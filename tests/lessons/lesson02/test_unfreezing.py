"""The panel of lesson 02: its counts are those of the networks, its numbers stored."""

import math
import re

import keras
import pytest

from fercourse.lessons.lesson02 import transfer, unfreezing
from fercourse.lessons.lesson02.unfreezing import Measured
from fercourse.models.costs import multiply_adds
from fercourse.models.vgg19 import POOLS, vgg19

FORTY = dict.fromkeys(POOLS, 40)
MADE_UP = {
    "pocket": Measured(
        "pocket", 0.25, 12, 100, 25, 30, FORTY, FORTY, (40, 45, 50, 55, 56, 57)
    ),
    "imagenet": Measured("ImageNet", 1.0, 12, 100, 25, 30, FORTY, FORTY, (30, 33)),
}


@pytest.mark.parametrize("width", [0.25, 1.0])
def test_counts_are_those_of_keras(width):
    model = vgg19(size=48, width=width, weights=None, units=())
    known = Measured("any", width, 1, 1, 0, 0, {}, {}, ())
    for block in range(1, 6):
        layers = [x for x in model.layers if x.name.startswith(f"block{block}")]
        counted = sum(
            math.prod(w.shape) for layer in layers for w in layer.trainable_weights
        )
        assert known.parameters(block) == counted
        assert known.multiplications(block) == sum(
            multiply_adds(keras.Model(layer.input, layer.output))
            for layer in layers
            if "conv" in layer.name and "bn" not in layer.name
        )
    last = known.blocks[-1]
    head = transfer.new_head((last.grid, last.grid, last.channels))
    assert known.head == sum(math.prod(w.shape) for w in head.trainable_weights)


def test_the_last_accuracy_of_a_history_has_its_interval():
    value, low, high = unfreezing.last_accuracy({"val_accuracy": [0.1, 0.25]}, 200)
    assert value == 25 and low < value < high


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html)).replace("\xa0", " ")


def test_the_panel_shows_what_learns_and_what_it_gained(monkeypatch):
    monkeypatch.setattr(unfreezing, "measured", lambda: MADE_UP)
    panel = unfreezing.UnfreezePanel()
    shown = text_of(panel.still())
    assert (shown.count("frozen"), shown.count("learns")) == (5, 2)  # one in the title
    assert "Accuracy after training: 40 % of 100 new faces" in shown
    panel.blocks.value = 2
    shown = text_of(panel.still())
    assert (shown.count("frozen"), shown.count("learns")) == (3, 4)
    assert "50 % of 100 new faces" in shown
    panel.network.value = "imagenet"
    assert "This has not been measured" in text_of(panel.still())
    assert repr(panel) == "UnfreezePanel(imagenet, 2 blocks learn)"
