"""Prediction: any number of faces in batches that suit the device."""

import numpy as np
import pytest
from tiny import tiny_faces, tiny_model

from fercourse.training import prediction
from fercourse.training.prediction import predict


@pytest.fixture
def accelerator(monkeypatch):
    monkeypatch.setattr(prediction, "has_accelerator", lambda: True)


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


def test_filling_the_last_batch_changes_no_answer(monkeypatch):
    model, faces = tiny_model(), tiny_faces(23)
    expected = predict(model, faces.images)
    monkeypatch.setattr(prediction, "BATCH_SIZE", 10)
    monkeypatch.setattr(prediction, "has_accelerator", lambda: True)
    sizes = []
    inner = prediction.in_batches

    def noting(faces, batch_size):
        sizes.append((len(faces), batch_size))
        return inner(faces, batch_size=batch_size)

    monkeypatch.setattr(prediction, "in_batches", noting)
    np.testing.assert_allclose(predict(model, faces.images), expected, atol=1e-6)
    assert sizes == [(24, 8)]
