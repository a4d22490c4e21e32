"""Prediction: views are averaged, and batches suit the device and keep their order."""

import keras
import numpy as np
import pytest
from tiny import tiny_faces, tiny_model

from fercourse.training import prediction
from fercourse.training.prediction import in_batches, predict


@pytest.fixture
def accelerator(monkeypatch):
    monkeypatch.setattr(prediction, "has_accelerator", lambda: True)


@pytest.mark.parametrize("views", [1, 2, 10, 16])
def test_probabilities_of_several_views_are_averaged(views):
    # Dark, so that the untrained network is not certain of its answers.
    model, images = tiny_model(), tiny_faces(6).images / 64
    probabilities = predict(model, images, views)
    assert (probabilities.dtype, probabilities.shape) == ("float32", (6, 7))
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, atol=1e-5)
    one = predict(model, images)
    if views == 2:
        mirrored = predict(model, images[:, :, ::-1])
        np.testing.assert_allclose(probabilities, (one + mirrored) / 2, atol=1e-6)
    if views > 1:
        assert np.abs(probabilities - one).max() > 1e-6


@pytest.mark.parametrize(
    ("count", "size"),
    [(1, 1), (7, 7), (256, 256), (257, 129), (3589, 240), (4096, 256)],
)
def test_an_accelerator_gets_batches_of_one_size(accelerator, count, size):
    assert prediction._batch_size(count) == size
    assert -count % size < count / size + 1


def test_several_devices_get_equal_shares(accelerator, monkeypatch):
    monkeypatch.setattr(prediction, "device_count", lambda: 6)
    assert [prediction._batch_size(count) for count in (1, 7, 3589)] == [6, 12, 240]


def test_a_cpu_is_left_the_usual_batch():
    assert prediction._batch_size(3) == prediction._batch_size(3589) == 256


def test_filling_the_last_batch_changes_no_answer(accelerator, monkeypatch):
    model, faces = tiny_model(), tiny_faces(23)
    expected = predict(model, faces.images)
    monkeypatch.setattr(prediction, "BATCH_SIZE", 10)
    sizes = []

    def noting(faces, batch_size):
        sizes.append((len(faces), batch_size))
        return in_batches(faces, batch_size=batch_size)

    monkeypatch.setattr(prediction, "in_batches", noting)
    np.testing.assert_allclose(predict(model, faces.images), expected, atol=1e-6)
    assert sizes == [(24, 8)]


class Same(keras.Model):
    """Gives each row back."""

    def __init__(self):
        super().__init__()
        self.weight = self.add_weight(shape=(), initializer="ones")

    def call(self, rows):
        return keras.ops.cast(rows, "float32")[:, None] * self.weight


@pytest.mark.parametrize("count", [1, 8, 11])
def test_rows_come_once_in_their_order_with_their_targets(count):
    rows = np.random.default_rng(0).permutation(count).astype("int32")
    model = Same()
    answers = model.predict(**in_batches(rows, batch_size=4), verbose=0)
    np.testing.assert_array_equal(answers[:, 0], rows)
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="mean_squared_error")
    both = in_batches(rows, rows.astype("float32"), batch_size=4)
    assert model.fit(**both, shuffle=False, verbose=0).history["loss"] == [0.0]


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="only TensorFlow's data sets are tuned",
)
@pytest.mark.parametrize(("count", "size"), [(12, 4), (11, None)])
def test_no_thread_tunes_the_data_set(count, size):
    data = in_batches(np.arange(count), np.arange(count), batch_size=4)["x"]
    assert data.options().autotune.enabled is False
    assert [tuple(spec.shape) for spec in data.element_spec] == [(size,), (size,)]
