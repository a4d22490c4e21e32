"""The panel of lesson 02: its counts are those of the networks, its numbers stored."""

import math
import re

import keras
import pytest
from drawn import overlaps, texts

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


def test_both_networks_are_drawn_as_far_as_they_were_measured():
    figure, alt = unfreezing.levels_and_networks(MADE_UP)
    assert "pocket: 40, 45, 50, 55, 56, 57; most frequent answer 25" in alt
    assert "ImageNet: 30, 33; most frequent answer 25" in alt
    assert {"pocket", "ImageNet", "head only", "all"} <= texts(figure)
    figure, _ = unfreezing.levels_and_networks(unfreezing.measured())
    assert overlaps(figure) == []


def test_blocks_1_and_2_have_the_grid_of_block_3():
    assert MADE_UP["imagenet"].grids == [6, 6, 6, 3, 1]


def test_the_panel_shows_what_learns_and_what_it_gained(monkeypatch):
    monkeypatch.setattr(unfreezing, "measured", lambda: MADE_UP)
    panel = unfreezing.UnfreezePanel()
    panel.blocks.value = 0
    assert "Accuracy 40 % (31 to 50)" in panel.picture.alt
    panel.blocks.value = 2
    assert "pocket, what learns: blocks 4 and 5" in panel.picture.alt
    assert "Accuracy 50 %" in panel.picture.alt
    figure, _ = panel.draw()
    shown = [text.split()[1] for text in texts(figure) if re.match(r"[\d,]+ ", text)]
    assert (shown.count("frozen"), shown.count("learn")) == (3, 3)
    assert overlaps(figure) == []
    panel.network.value = "imagenet"
    assert "Accuracy" not in panel.picture.alt
    assert "was not measured" in panel.picture.alt
    assert "not measured" in texts(panel.draw()[0])


@pytest.mark.parametrize("blocks", range(6))
def test_no_label_of_the_panel_is_on_another(blocks):
    panel = unfreezing.UnfreezePanel()
    for network in ("pocket", "imagenet"):
        panel.network.value, panel.blocks.value = network, blocks
        assert overlaps(panel.draw()[0]) == []
