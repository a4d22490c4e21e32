"""The map, taken apart: each step is what the library's layer computes."""

import re
import time

import keras
import numpy as np
import pytest
from keras import ops

from fercourse.data.practice import practice_faces
from fercourse.lessons.lesson03 import drawing
from fercourse.lessons.lesson03.taken_apart import KERNELS, map_taken_apart
from fercourse.models.pocket import pocket_model
from fercourse.training.prediction import attention_maps


@pytest.fixture(scope="module")
def model():
    return pocket_model("block3_pool", "multiply", trained_on="practice")


@pytest.fixture(scope="module")
def face():
    return practice_faces(1, seed=11).faces.images


@pytest.fixture
def apart(model, face):
    return map_taken_apart(model, face)


class Append(keras.layers.Layer):
    """Exercise 3.3, with mean and maximum in either order."""

    def __init__(self, order=(0, 1)):
        super().__init__()
        self.order = order
        self.convolution = keras.layers.Conv2D(1, 7, padding="same")

    def call(self, features):
        two = (
            ops.mean(features, -1, keepdims=True),
            ops.max(features, -1, keepdims=True),
        )
        pooled = ops.concatenate([two[place] for place in self.order], axis=-1)
        map_ = ops.sigmoid(self.convolution(pooled))
        return ops.concatenate([features, map_], axis=-1)


def test_each_place_adds_up_to_the_map_of_the_model(apart, model, face):
    expected = attention_maps(model, face)["block3_attention"][0]
    assert np.allclose(apart.parts.attention_map, expected, atol=1e-5)
    for row, column in np.ndindex(expected.shape):
        apart.row.value, apart.column.value = row + 1, column + 1
        parts = apart.parts
        assert np.isclose(1 / (1 + np.exp(-parts.z)), expected[row, column], atol=1e-5)
        assert parts.value == pytest.approx(expected[row, column], abs=1e-5)
        assert f"the map is {parts.value:.2f}." in apart.picture.alt


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_changed_weight_and_bias_change_the_whole_map(apart, kernel):
    apart.kernel.value = kernel
    before = apart.parts.attention_map
    apart.bias.value = -2.0
    darker = apart.parts.attention_map
    assert (darker < before).all()
    apart.weight.value = apart.weight.options["mean, right"]
    apart.value.value = 1.5
    parts = apart.parts
    assert parts.kernel[3, 4, 0] == 1.5
    # Right of the last column, there is nothing to weigh.
    assert np.allclose(parts.attention_map[:, -1], darker[:, -1], atol=1e-6)
    assert (parts.attention_map != darker)[:, :-1].all()
    assert np.isclose(1 / (1 + np.exp(-parts.z)), parts.value, atol=1e-5)


def test_choosing_a_weight_changes_none_and_the_button_restores_all(apart):
    learned = apart.parts.attention_map
    for weight in apart.weight.options.values():
        apart.weight.value = weight
        assert apart.value.value == round(float(apart.parts.kernel[weight]), 2)
    assert (apart.parts.attention_map == learned).all()
    apart.value.value, apart.bias.value = 3.0, 1.0
    assert (apart.parts.attention_map != learned).any()
    apart.reset.click()
    assert (apart.parts.attention_map == learned).all()


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("concat", lambda x, m: [*x, m]),
        ("multiply", lambda x, m: x * m),
        ("residual", lambda x, m: x + x * m),
    ],
)
def test_what_the_next_layer_receives(apart, use, expected):
    apart.use.value = use
    parts = apart.parts
    assert np.allclose(parts.passed_on, expected(parts.channels, parts.value))
    alt = alts(apart)[5]
    assert f"receives {len(parts.passed_on)} numbers" in alt


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_learners_own_layer_computes_the_same_map(model, face, apart, order):
    own = map_taken_apart(model, face, Append(order))
    assert own.block.layer.order == order
    expected = apart.parts.attention_map
    assert np.allclose(own.parts.attention_map, expected, atol=1e-5)
    apart.value.value = own.value.value = 2.0
    expected = apart.parts.attention_map
    assert np.allclose(own.parts.attention_map, expected, atol=1e-5)


def test_a_layer_that_is_not_finished_says_so(model, face):
    class Stub(Append):
        def call(self, features):
            return ...

    with pytest.raises(ValueError, match="does not pass exercise"):
        map_taken_apart(model, face, Stub)


def test_without_attention_there_is_nothing_to_take_apart(face):
    with pytest.raises(ValueError, match="no attention block"):
        map_taken_apart(pocket_model(), face)


def alts(apart) -> list[str]:
    return re.findall(r'alt="([^"]+)"', apart.still())


def test_every_step_says_what_it_shows(apart):
    apart.row.value, apart.column.value = 1, 6
    texts, parts = alts(apart), apart.parts
    assert [text[0] for text in texts] == list("123456")
    assert "row 1, column 6 marked" in texts[0]
    assert f"mean {parts.channels.mean():.2f}" in texts[1]
    assert f"maximum {parts.channels.max():.2f}" in texts[1]
    # At a corner, the window keeps 4 × 4 of its 49 places.
    assert "33 of its places outside the grid" in texts[2]
    assert all(drawing.signed(total) in texts[3] for total in (*parts.sums, parts.z))
    assert f"{parts.value:.2f} at the place that is marked" in texts[4]


def test_other_grids_and_windows_are_drawn_too(face):
    coarse = map_taken_apart(pocket_model("block4_pool"), face)
    assert coarse.parts.attention_map.shape == (3, 3)
    assert "3 × 3 places" in alts(coarse)[4]


def test_a_move_is_fast(apart):
    seconds = []
    for move in range(20):
        start = time.process_time()
        apart.row.value = move % 6 + 1
        seconds.append(time.process_time() - start)
    assert np.median(seconds) < 0.1  # 20 ms on a quiet machine


def test_the_answers_in_the_lesson_hold(apart):
    strongest, learned = (3, 2), apart.parts
    for stack in np.moveaxis(learned.stacks, -1, 0):
        assert np.unravel_index(stack.argmax(), stack.shape) == strongest
    assert learned.attention_map[strongest] < np.median(learned.attention_map)
    apart.row.value, apart.column.value = 4, 3
    mean, maximum, _ = apart.parts.sums
    assert maximum < 0 < mean
    products = apart.parts.products[..., 1]
    assert (products < 0).sum() > (products > 0).sum()
    apart.weight.value = apart.weight.options["mean, left"]
    apart.value.value = 1.0
    brighter = apart.parts.attention_map - learned.attention_map
    assert np.allclose(brighter[:, 0], 0, atol=1e-6) and (brighter[:, 1:] > 0).all()
    apart.kernel.value = KERNELS[1]
    bright = apart.parts.attention_map
    assert bright.argmax() == np.ravel_multi_index(strongest, bright.shape)
    assert bright.min() > 0.5
    for apart.bias.value in (-2.0, -3.0):
        map_ = apart.parts.attention_map
        assert map_.min() < 0.5 < map_[strongest]
