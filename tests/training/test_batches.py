"""Feeding Keras: the rows in their order, and no wait when they are through."""

import keras
import numpy as np
import pytest

from fercourse.training.prediction import in_batches

needs_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="only TensorFlow's data sets are tuned",
)


class LastRow(keras.Model):
    """Gives each row back, and keeps the rows of the latest step."""

    def __init__(self):
        super().__init__()
        self.weight = self.add_weight(shape=(), initializer="ones")

    def call(self, rows):
        return keras.ops.cast(rows, "float32")[:, None] * self.weight


@pytest.mark.parametrize("count", [1, 8, 11])
def test_every_row_comes_once_and_in_its_order(count):
    rows = np.random.default_rng(0).permutation(count).astype("int32")
    answers = LastRow().predict(**in_batches(rows, batch_size=4), verbose=0)
    np.testing.assert_array_equal(answers[:, 0], rows)


def test_targets_stay_with_their_rows():
    model = LastRow()
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="mean_squared_error")
    rows = np.arange(12, dtype="int32")
    history = model.fit(
        **in_batches(rows, rows.astype("float32"), batch_size=4),
        shuffle=False,
        verbose=0,
    )
    assert history.history["loss"] == [0.0]


@needs_tensorflow
@pytest.mark.parametrize(("count", "size"), [(12, 4), (11, None)])
def test_no_thread_tunes_the_data_set(count, size):
    data = in_batches(np.arange(count), np.arange(count), batch_size=4)["x"]
    assert data.options().autotune.enabled is False
    assert [tuple(spec.shape) for spec in data.element_spec] == [(size,), (size,)]
