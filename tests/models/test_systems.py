"""The systems of Table III: their sizes; each learns and can be saved."""

import keras
import numpy as np
import pytest
from keras import ops
from tiny import tiny_faces

from fercourse.models.pocket import pocket_configuration
from fercourse.models.systems import SYSTEMS, Standardise, build_model

# Trained weights and, apart from them, statistics of batch normalisation: the
# literature's counts, layer by layer.
WEIGHTS = {
    "deep_emotion": (66_877, 20),
    "inception": (1_209_735, 5_712),
    "tuned_cnn": (4_678_983, 3_456),
    "resnet": (5_325_159, 8_512),
    "vgg": (1_765_479, 1_920),
    "vggnet": (29_890_759, 3_840),
}
IMAGES = tiny_faces(16).images[..., None].astype("float32")


@pytest.mark.parametrize("system", WEIGHTS)
def test_the_systems_have_exactly_the_known_weights(system):
    model, (trained, statistics) = SYSTEMS[system](), WEIGHTS[system]
    assert model.count_params() == trained + statistics
    assert sum(ops.size(weight) for weight in model.trainable_variables) == trained
    assert f"{trained:,} weights" in SYSTEMS[system].__doc__


@pytest.mark.parametrize("system", WEIGHTS)
def test_a_system_learns_in_every_weight_and_is_one_file(system, tmp_path):
    keras.utils.set_random_seed(0)
    model = build_model({"system": system, "width": 0.125})
    probabilities = ops.convert_to_numpy(model(IMAGES))
    assert probabilities.shape == (16, 7)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, atol=1e-5)
    # Other faces, other answers: nothing rounds the input away.
    others = ops.convert_to_numpy(model(IMAGES[:, ::-1]))
    assert np.abs(others - probabilities).max() > 1e-6
    before = [ops.convert_to_numpy(weight) + 0 for weight in model.trainable_variables]
    # Three eager steps: to compile so many layers would take longer.
    optimizer, loss = keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy"
    model.compile(optimizer, loss, run_eagerly=True)
    model.fit(IMAGES, tiny_faces(16).emotions, batch_size=16, epochs=3, verbose=0)
    for weight, old in zip(model.trainable_variables, before, strict=True):
        assert np.abs(ops.convert_to_numpy(weight) - old).max() > 0, weight.path
    model.save(tmp_path / "system.keras")
    again = keras.models.load_model(tmp_path / "system.keras")
    answers = [ops.convert_to_numpy(network(IMAGES)) for network in (model, again)]
    np.testing.assert_allclose(*answers, atol=1e-6)


def test_deep_emotion_begins_with_the_face_as_it_is():
    model = SYSTEMS["deep_emotion"]()
    names = ("scale", "spatial_transformer")
    inner = keras.Model(model.input, [model.get_layer(name).output for name in names])
    scaled, transformed = map(ops.convert_to_numpy, inner(IMAGES))
    np.testing.assert_allclose(scaled, transformed, atol=1e-4)
    assert -1 <= scaled.min() <= scaled.max() <= 1


def test_standardised_faces_do_not_know_their_light():
    first, second = (
        ops.convert_to_numpy(Standardise()(images))
        for images in (IMAGES, 0.5 * IMAGES + 60)
    )
    np.testing.assert_allclose(first, second, atol=1e-4)
    np.testing.assert_allclose(first.mean(axis=(1, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(first.std(axis=(1, 2, 3)), 1, atol=1e-3)
    black = ops.convert_to_numpy(Standardise()(np.zeros((1, 48, 48, 1), "float32")))
    np.testing.assert_array_equal(black, 0)


def test_the_search_can_set_every_size_of_the_tuned_network():
    model = SYSTEMS["tuned_cnn"](widths=(8, 16, 8, 4, 8), units=32, dropout=0.2)
    convolutions = [model.get_layer(f"conv{number}").filters for number in range(1, 6)]
    assert convolutions == [8, 16, 8, 4, 8]
    assert model.get_layer("fc").units == 32
    assert model.get_layer("fc_dropout").rate == pytest.approx(0.1)


def test_build_model_builds_what_a_configuration_says():
    model = build_model(pocket_configuration("block2_pool", "residual"))
    assert model.get_layer("block2_residual").output.shape == (None, 12, 12, 32)
    assert model.get_layer("dropout").rate == 0.4
    assert build_model({"system": "vgg", "width": 0.5}).get_layer("fc").units == 128


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"system": "resnext"}, "'resnext' is unknown; expected one of deep_emotion"),
        ({"system": "vgg", "width": 0}, "width is 0; expected a fraction above 0"),
        ({"system": "vgg", "width": 1.5}, "width is 1.5; expected a fraction"),
    ],
)
def test_what_cannot_be_built_is_named(configuration, message):
    with pytest.raises(ValueError, match=message):
        build_model(configuration)
