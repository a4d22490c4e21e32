"""Networks that are destroyed, forced to another map, or asked for a picture."""

import keras
import numpy as np
import pytest
from explained import EMOTIONS, FACES, grid_model, linear_model, numbers_of

from fercourse.explain.activation_maximization import favourite_pictures
from fercourse.explain.intervention import answers_with_map
from fercourse.explain.maps import saliency
from fercourse.explain.randomised import (
    cascade,
    parts_from_the_top,
    trained_on_shuffled_labels,
)
from fercourse.explain.scores import rank_correlation
from fercourse.training.prediction import predict


def test_the_cascade_goes_from_the_answer_down_and_leaves_the_network_alone():
    model = grid_model()
    before = model.get_weights()
    assert parts_from_the_top(model) == ["predictions", "block5"]
    for part, copy in cascade(model):
        new = {
            layer.name
            for layer, other in zip(copy.layers, model.layers, strict=True)
            if any(
                not np.array_equal(a, b)
                for a, b in zip(layer.get_weights(), other.get_weights(), strict=True)
            )
        }
        lower = {"block5_conv1", "block5_attention"}
        assert new == {"predictions"} | (lower if part == "block5" else set())
    for old, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, now)


def test_random_weights_change_a_map_of_the_network():
    model = linear_model()
    maps = saliency(model, FACES, EMOTIONS, "gradient")
    keras.utils.set_random_seed(0)
    ((_, copy),) = cascade(model)
    changed = saliency(copy, FACES, EMOTIONS, "gradient")
    assert np.abs(rank_correlation(maps, changed)).max() < 0.1


@pytest.mark.slow
def test_shuffled_labels_are_learned_as_a_network_is_built():
    model, remembered, right = trained_on_shuffled_labels(32, 2)
    assert model.get_layer("block3_attention")
    assert 0 <= remembered <= 100 and 0 <= right <= 40


def test_a_map_that_is_put_in_place_of_its_own():
    model = grid_model()
    own = numbers_of(model, "block5_attention")[..., 0]
    answers = predict(model, FACES)
    np.testing.assert_allclose(answers_with_map(model, FACES, own), answers, atol=1e-6)
    block = model.get_layer("block5_attention")
    kernel, bias = block.get_weights()
    block.set_weights([0 * kernel, bias + 30])  # a sigmoid of 30 is 1
    expected = predict(model, FACES)
    found = answers_with_map(model, FACES, np.ones_like(own))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.abs(expected - answers).max() > 1e-3


def test_without_a_block_there_is_no_map_to_replace():
    with pytest.raises(ValueError, match="has 0 attention blocks; expected one"):
        answers_with_map(linear_model(), FACES, np.ones((3, 4, 4)))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf-keras-vis")
def test_a_favourite_picture_follows_the_weights():
    model = linear_model()
    weights = model.layers[-1].get_weights()[0].T.reshape(7, 48, 48)
    pictures = favourite_pictures(model, [3, 5], steps=20, smoothness=0)
    for picture, emotion in zip(pictures, [3, 5], strict=True):
        lighter = picture > 128
        assert np.mean(lighter == (weights[emotion] > 0)) > 0.9
    scores = predict(model, pictures)
    assert scores[0, 3] > 0.5 and scores[1, 5] > 0.5
    assert pictures.min() >= 0 and pictures.max() <= 255
