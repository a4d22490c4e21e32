"""The systems of Table III: sizes as published or reconstructed; each can learn and be kept."""

import keras
import numpy as np
import pytest
from keras import ops
from tiny import tiny_faces

from fercourse.models.pocket import pocket_configuration
from fercourse.models.systems import SYSTEMS, Standardise, build_model
from fercourse.results.table3.tables import PAPER_ROWS

# Trained weights, and statistics of batch normalisation beside them: literature's
# counts, layer by layer.
WEIGHTS = {
    "deep_emotion": (66_877, 20),
    "inception": (1_209_735, 5_712),
    "tuned_cnn": (4_678_983, 3_456),
    "resnet": (5_325_159, 8_512),
    "vgg": (1_765_479, 1_920),
    "vggnet": (29_890_759, 3_840),
}


def weights_of(model):
    trained = sum(
        int(np.prod(variable.shape)) for variable in model.trainable_variables
    )
    return trained, model.count_params() - trained


@pytest.mark.parametrize("system", WEIGHTS)
def test_the_systems_have_exactly_the_known_weights(system):
    assert weights_of(SYSTEMS[system]()) == WEIGHTS[system]


@pytest.mark.parametrize("system", WEIGHTS)
def test_the_docstring_names_the_size_and_what_is_reconstructed(system):
    text = SYSTEMS[system].__doc__
    assert f"{WEIGHTS[system][0]:,} weights" in text
    assert "Published" in text
    assert "Reconstructed" in text or "with its code" in text


def test_every_row_of_the_paper_can_be_built():
    assert [row.system for row in PAPER_ROWS] == [
        name for name in SYSTEMS if name != "vgg19"
    ]


@pytest.mark.parametrize("system", WEIGHTS)
def test_a_system_answers_with_probabilities_and_learns_in_every_weight(system):
    keras.utils.set_random_seed(0)
    model = build_model({"system": system, "width": 0.125})
    faces = tiny_faces(16)
    images = faces.images[..., None].astype("float32")
    probabilities = ops.convert_to_numpy(model(images))
    assert probabilities.shape == (16, 7)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, atol=1e-5)
    # A face moved by one grey level must move the answer: nothing rounds the input
    # away.
    assert (
        np.abs(ops.convert_to_numpy(model(images[:, ::-1])) - probabilities).max()
        > 1e-6
    )
    before = [
        ops.convert_to_numpy(variable).copy() for variable in model.trainable_variables
    ]
    # Without XLA, as on most CPUs: there TensorFlow computes with oneDNN.
    model.compile(
        keras.optimizers.Adam(1e-3),
        "sparse_categorical_crossentropy",
        jit_compile=False,
    )
    model.fit(images, faces.emotions, batch_size=8, epochs=3, verbose=0)
    for variable, old in zip(model.trainable_variables, before, strict=True):
        assert np.abs(ops.convert_to_numpy(variable) - old).max() > 0, variable.path


@pytest.mark.parametrize("system", WEIGHTS)
def test_a_saved_system_answers_the_same(system, tmp_path):
    model = build_model({"system": system, "width": 0.125})
    images = tiny_faces(4).images[..., None].astype("float32")
    model.save(tmp_path / "system.keras")
    again = keras.models.load_model(tmp_path / "system.keras")
    np.testing.assert_allclose(
        model.predict(images, verbose=0), again.predict(images, verbose=0), atol=1e-6
    )


def test_deep_emotion_begins_with_the_face_as_it_is():
    model = SYSTEMS["deep_emotion"]()
    seen = keras.Model(
        model.input,
        [
            model.get_layer("scale").output,
            model.get_layer("spatial_transformer").output,
        ],
    )
    scaled, transformed = seen(tiny_faces(3).images[..., None].astype("float32"))
    np.testing.assert_allclose(
        ops.convert_to_numpy(scaled), ops.convert_to_numpy(transformed), atol=1e-4
    )
    assert (
        -1
        <= ops.convert_to_numpy(scaled).min()
        <= ops.convert_to_numpy(scaled).max()
        <= 1
    )


def test_standardised_faces_do_not_know_their_light():
    faces = tiny_faces(5).images[..., None].astype("float32")
    first, second = (
        ops.convert_to_numpy(Standardise()(images))
        for images in (faces, 0.5 * faces + 60)
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
    assert (model.get_layer("fc").units, model.get_layer("fc_dropout").rate) == (
        32,
        pytest.approx(0.1),
    )


def test_build_model_builds_what_a_configuration_says():
    model = build_model(pocket_configuration("block2_pool", "residual"))
    assert model.get_layer("block2_residual").output.shape == (None, 12, 12, 32)
    assert model.get_layer("dropout").rate == 0.4
    assert build_model({"system": "vgg", "width": 0.5}).get_layer("fc").units == 128
    with pytest.raises(
        ValueError, match="system='resnext' is unknown; expected one of deep_emotion"
    ):
        build_model({"system": "resnext"})


@pytest.mark.parametrize("width", [0, 1.5])
def test_an_impossible_width_is_refused(width):
    with pytest.raises(
        ValueError, match=f"width is {width}; expected a fraction above 0 and up to 1"
    ):
        build_model({"system": "vgg", "width": width})
