"""Every method against a closed form or a second computation."""

import keras
import numpy as np
import pytest
from explained import EMOTIONS, FACES, grid_model, linear_model, numbers_of
from scipy.ndimage import zoom

from fercourse.explain.class_activation import enlarged, features_and_gradients
from fercourse.explain.gradients import integrated_gradients
from fercourse.explain.maps import METHODS, saliency
from fercourse.explain.networks import before_softmax
from fercourse.explain.occlusion import occlusion
from fercourse.training.prediction import predict

needs_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="tf-keras-vis needs TensorFlow"
)


@needs_tensorflow
@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_pixels_of_zero_or_more(method):
    maps = saliency(grid_model(), FACES, EMOTIONS, method)
    assert maps.dtype == np.float32 and maps.shape == FACES.shape
    assert maps.min() >= 0 and np.isfinite(maps).all()


@needs_tensorflow
@pytest.mark.parametrize("method", ["gradient", "smooth_gradient"])
def test_the_gradient_of_a_weighted_sum_is_its_weights(method):
    model = linear_model()
    weights = np.abs(model.layers[-1].get_weights()[0]).reshape(48, 48, 7)
    maps = saliency(model, FACES, EMOTIONS, method)
    expected = np.moveaxis(weights[..., EMOTIONS], -1, 0)
    np.testing.assert_allclose(maps, expected, rtol=1e-4, atol=1e-8)


@needs_tensorflow
def test_noise_is_the_same_each_time_and_leaves_numpys_generator_alone():
    model = grid_model()
    np.random.seed(1)
    first = saliency(model, FACES, EMOTIONS, "smooth_gradient")
    drawn = np.random.random()
    np.random.seed(1)
    assert drawn == np.random.random()
    second = saliency(model, FACES, EMOTIONS, "smooth_gradient")
    np.testing.assert_array_equal(first, second)
    plain = saliency(model, FACES, EMOTIONS, "gradient")
    assert np.abs(first - plain).max() > 1e-3 * plain.max()


@needs_tensorflow
def test_integrated_gradients_add_up_to_the_change_of_the_score():
    scores = before_softmax(grid_model())
    parts = integrated_gradients(scores, FACES, EMOTIONS).sum(axis=(1, 2))
    grey = np.broadcast_to(FACES.mean(axis=(1, 2), keepdims=True), FACES.shape)
    of_face, of_grey = (
        scores.predict(x[..., None].astype("float32"), verbose=0)[range(3), EMOTIONS]
        for x in (FACES, grey)
    )
    np.testing.assert_allclose(parts, of_face - of_grey, rtol=0.03, atol=0.003)


def without_map() -> tuple[keras.Model, np.ndarray, np.ndarray]:
    """The grid model with a map of 1: features (3, 4, 4, 4), weights (4, 7)."""
    model = grid_model()
    kernel, bias = model.get_layer("block5_attention").get_weights()
    model.get_layer("block5_attention").set_weights([0 * kernel, bias + 30])
    weights, _ = model.layers[-1].get_weights()
    return model, numbers_of(model, "block5_conv1"), weights


@needs_tensorflow
def test_grad_cam_in_closed_form():
    model, features, weights = without_map()
    # z is the mean over 16 places times the weights, so ∂z / ∂A is weight / 16.
    w = weights[:, EMOTIONS].T[:, None, None] / 16  # (3, 1, 1, channels)
    cells = np.maximum((w * features).sum(axis=-1), 0)
    assert cells.max() > 0
    maps = saliency(model, FACES, EMOTIONS, "grad_cam")
    np.testing.assert_allclose(maps, enlarged(cells), rtol=1e-3, atol=1e-6)


@needs_tensorflow
def test_features_and_their_gradients_in_closed_form():
    model, features, weights = without_map()
    scores = before_softmax(model)
    found, slopes = features_and_gradients(scores, FACES, EMOTIONS, "block5_conv1")
    np.testing.assert_allclose(found, features, rtol=1e-5)
    expected = np.broadcast_to(weights[:, EMOTIONS].T[:, None, None] / 16, found.shape)
    np.testing.assert_allclose(slopes, expected, rtol=1e-4)


@needs_tensorflow
def test_grad_cam_plus_plus_in_closed_form():
    model, features, weights = without_map()
    scores = before_softmax(model).predict(
        FACES[..., None].astype("float32"), verbose=0
    )
    z = scores[range(3), EMOTIONS][:, None, None]
    # The gradient is the same at every place, so each α is 1 / 16: they sum to 1.
    w = np.maximum(weights[:, EMOTIONS].T[:, None, None] / 16, 0)
    cells = np.exp(z) * (w * features).sum(axis=-1)
    maps = saliency(model, FACES, EMOTIONS, "grad_cam++")
    np.testing.assert_allclose(maps, enlarged(cells), rtol=1e-3, atol=1e-6)


@needs_tensorflow
def test_score_cam_by_hand():
    model = grid_model()
    features = numbers_of(model, "block5_conv1")
    cells = np.zeros((3, 4, 4))
    for channel in range(4):
        mask = zoom(features[..., channel], (1, 12, 12), order=1, mode="nearest")
        low, high = (f(mask, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
        mask = (mask - low) / (high - low + 1e-7)
        w = predict(model, FACES * mask)[range(3), EMOTIONS]
        cells += w[:, None, None] * features[..., channel]
    maps = saliency(model, FACES, EMOTIONS, "score_cam")
    np.testing.assert_allclose(maps, enlarged(cells), rtol=1e-3, atol=1e-6)


def test_occlusion_by_hand():
    model, window, stride = grid_model(), 16, 16
    maps = occlusion(model, FACES, EMOTIONS, window, stride)
    before = predict(model, FACES)[range(3), EMOTIONS]
    for row in range(0, 48, stride):
        for column in range(0, 48, stride):
            covered = FACES.astype("float32")
            square = (slice(None), slice(row, row + 16), slice(column, column + 16))
            covered[square] = FACES.mean(axis=(1, 2), keepdims=True)
            drop = before - predict(model, covered)[range(3), EMOTIONS]
            expected = np.broadcast_to(drop[:, None, None], (3, 16, 16))
            np.testing.assert_allclose(maps[square], expected, atol=1e-5)


def test_a_pixel_gets_the_mean_of_all_squares_over_it():
    maps = occlusion(grid_model(), FACES[:1], EMOTIONS[:1], 32, 16)
    corners = maps[0][np.ix_([0, 47], [0, 47])]  # each under one square of four
    np.testing.assert_allclose(maps[0, 24, 24], corners.mean(), atol=1e-6)


def test_attention_is_the_models_own_map_and_no_emotion_changes_it():
    model = grid_model()
    own = numbers_of(model, "block5_attention")[..., 0]
    maps = saliency(model, FACES, "happy", "attention")
    np.testing.assert_allclose(maps, enlarged(own), atol=1e-6)
    np.testing.assert_array_equal(maps, saliency(model, FACES, "sad", "attention"))


def test_cells_are_enlarged_around_their_middles():
    cells = np.zeros((1, 3, 3), "float32")
    cells[0, 0, 1] = 1
    pixels = enlarged(cells)[0]
    assert np.all(pixels[:8, 23:25] > 0.96) and pixels[:, 24].argmax() < 8
    np.testing.assert_array_equal(pixels, pixels[:, ::-1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": "lime"}, "'lime' is none of gradient"),
        ({"emotion": "bored"}, "'bored' is none of angry"),
        ({"emotion": [1, 2]}, r"shape \(2,\)"),
        ({"layer": "block9"}, "no layer 'block9'"),
    ],
)
def test_wrong_arguments_are_named(change, words):
    arguments = {"emotion": EMOTIONS, "method": "grad_cam", "layer": "block5"} | change
    with pytest.raises(ValueError, match=words):
        saliency(grid_model(), FACES, **arguments)


def test_a_network_without_a_block_has_no_map():
    with pytest.raises(ValueError, match="no attention block"):
        saliency(linear_model(), FACES, EMOTIONS, "attention")


def test_another_backend_is_told_what_it_can_do(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RuntimeError, match='KERAS_BACKEND=tensorflow, or use "occlus'):
        saliency(grid_model(), FACES, EMOTIONS, "grad_cam")


def test_scores_are_what_the_softmax_gets():
    model = grid_model()
    scores = before_softmax(model).predict(
        FACES[..., None].astype("float32"), verbose=0
    )
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(expected, predict(model, FACES), atol=1e-5)
    with pytest.raises(ValueError, match="expected a dense layer with softmax"):
        before_softmax(before_softmax(model))
