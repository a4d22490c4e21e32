"""Training: it learns, repeats itself, selects on PublicTest, stops cleanly, goes on where it was killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from tiny import RECIPE, tiny_data, tiny_faces, tiny_model

from fercourse import training
from fercourse.checkpoint import History
from fercourse.faces import FaceData, Faces
from fercourse.models import vgg19_attention
from fercourse.prediction import predict
from fercourse.recipes import Recipe
from fercourse.training import _plateau_rate, prepare, train

HERE = Path(__file__).parent


def trained(recipe=RECIPE, data=None, **options):
    prepare(recipe)
    model = tiny_model()
    history = train(model, data or tiny_data(), recipe, **options)
    return model, history


def assert_same(one, other):
    (model, history), (again, history_again) = one, other
    for mine, theirs in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    for mine, theirs in zip(history.epochs, history_again.epochs, strict=True):
        for quantity in ("loss", "accuracy", "public", "learning_rate"):
            assert mine[quantity] == pytest.approx(theirs[quantity], rel=1e-4), quantity


@pytest.fixture(scope="module")
def uninterrupted():
    return trained()


def test_it_learns():
    recipe = Recipe(
        name="plain", epochs=12, batch_size=16, learning_rate=0.02, flip=False, precision="float32"
    )
    _, history = trained(recipe, tiny_data(train=256))
    assert history.finished
    assert history.epochs[-1]["loss"] < 0.5 * history.epochs[0]["loss"]
    assert history.epochs[history.best_epoch]["public"] > 80


def test_the_same_recipe_gives_the_same_run(uninterrupted):
    assert_same(uninterrupted, trained())


def test_another_seed_gives_another_run(uninterrupted):
    _, history = trained(RECIPE.changed(seed=1))
    assert history.epochs[0]["loss"] != uninterrupted[1].epochs[0]["loss"]


def test_the_model_ends_with_the_weights_of_its_best_epoch(uninterrupted):
    model, history = uninterrupted
    data = tiny_data()
    public = 100 * np.mean(predict(model, data.validation.images).argmax(-1) == data.validation.emotions)
    assert public == pytest.approx(max(epoch["public"] for epoch in history.epochs))


def test_averaged_weights_take_their_own_statistics():
    # At a high rate the weights wander; statistics of the last steps do not fit their average.
    recipe = RECIPE.changed(epochs=4, learning_rate=0.05, ema=0.98, mixup=0.0, erasing=0.0)
    prepare(recipe)
    model, data = tiny_model(), tiny_data()
    trainer = training._FacesInMemory(model, data.train, recipe)
    training._start_phase(trainer, recipe, 8, head_only=False)
    rows = np.tile(np.arange(128, dtype="int32"), 4)
    trainer.fit(rows, rows, batch_size=16, verbose=0)
    before = model.get_weights()
    with training._AveragedWeights(trainer, recipe, data.train):
        normalise = next(
            layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)
        )
        inner = keras.Model(model.input, normalise.output)
        images = data.train.images[..., None].astype("float32")
        normalised = inner.predict(images, verbose=0)
        scale, offset = (keras.ops.convert_to_numpy(x) for x in (normalise.gamma, normalise.beta))
        spread = normalised.std(axis=(0, 1, 2)) / np.abs(scale)
        np.testing.assert_allclose(spread, 1, atol=0.15)
        np.testing.assert_allclose((normalised.mean(axis=(0, 1, 2)) - offset) / scale, 0, atol=0.15)
    for mine, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_the_head_learns_first():
    recipe = RECIPE.changed(head_epochs=1, warmup_epochs=0, ema=0.0, epochs=2)
    prepare(recipe)
    model = tiny_model()
    convolution = model.get_layer("block1_conv1")
    before = convolution.get_weights()[0].copy()
    seen = []

    class Look(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            seen.append(np.abs(convolution.get_weights()[0] - before).max())

    watch = training._Watch
    try:
        training._Watch = type("_Watch", (watch, Look), {})
        train(model, tiny_data(), recipe)
    finally:
        training._Watch = watch
    assert seen[0] == 0
    assert seen[1] > 0


def test_attention_learns_with_the_head():
    model = vgg19_attention("block4_pool", size=48, weights=None, width=0.0625)
    recipe = RECIPE.changed(head_epochs=1, warmup_epochs=0, ema=0.0, epochs=2)
    trainer = training._FacesInMemory(model, tiny_data().train, recipe)
    training._start_phase(trainer, recipe, 8, head_only=True)
    learning = {variable.path.split("/")[0] for variable in trainer.trainable_variables}
    assert learning == {"block4_attention", "fc1", "predictions"}


def test_it_goes_on_across_the_change_of_phase(tmp_path):
    recipe = RECIPE.changed(head_epochs=1, warmup_epochs=0)
    whole = trained(recipe)
    for _ in range(9):
        trained(recipe, folder=tmp_path, minutes=0)  # a step each: eight, and one of the second phase
    assert_same(whole, trained(recipe, folder=tmp_path))


def test_averages_are_taken_in_16_bits_too():
    recipe = RECIPE.changed(precision="mixed_float16", epochs=2)
    prepare(recipe)
    try:
        model, data = tiny_model(), tiny_data()
        trainer = training._FacesInMemory(model, data.train, recipe)
        training._start_phase(trainer, recipe, 8, head_only=False)
        rows = np.arange(128, dtype="int32")
        trainer.fit(rows, rows, batch_size=16, verbose=0)
        raw = model.get_layer("block1_conv1").get_weights()[0]
        with training._AveragedWeights(trainer, recipe, data.train):
            averaged = model.get_layer("block1_conv1").get_weights()[0]
        assert np.abs(averaged - raw).max() > 1e-4
    finally:
        prepare(RECIPE)


def test_parts_of_a_run_remember_their_surroundings(tmp_path, monkeypatch):
    trained(folder=tmp_path, minutes=0)
    there = {**training.surroundings(), "hardware": "another machine"}
    monkeypatch.setattr(training, "surroundings", lambda: there)
    _, history = trained(folder=tmp_path)
    assert [part["hardware"] for part in history.surroundings][-1] == "another machine"
    assert len(history.surroundings) == 2


def test_minutes_stop_it_and_the_same_call_goes_on(tmp_path, uninterrupted):
    _, history = trained(folder=tmp_path, minutes=0)
    assert not history.finished
    assert trained(folder=tmp_path, minutes=0)[1].epochs == []
    assert_same(uninterrupted, trained(folder=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_ctrl_c_stops_it_cleanly(tmp_path, uninterrupted, monkeypatch):
    steps = training._Watch.on_train_batch_end

    def interrupt_at_step_5(self, batch, logs=None):
        steps(self, batch, logs)
        if batch == 4:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(training._Watch, "on_train_batch_end", interrupt_at_step_5)
    handler = signal.getsignal(signal.SIGINT)
    _, history = trained(folder=tmp_path)
    assert not history.finished
    assert signal.getsignal(signal.SIGINT) is handler
    monkeypatch.undo()
    assert_same(uninterrupted, trained(folder=tmp_path))


KILLED = """
import sys
sys.path.insert(0, sys.argv[1])
from tiny import RECIPE, tiny_data, tiny_model
from fercourse import training
from fercourse.checkpoint import Checkpoint

training.CHECKPOINT_SECONDS = -1.0  # after every step
save = Checkpoint.save
def save_and_say(self, progress, state):
    save(self, progress, state)
    print(progress.epoch, progress.step, flush=True)
Checkpoint.save = save_and_say
training.prepare(RECIPE)
training.train(tiny_model(), tiny_data(), RECIPE, folder=sys.argv[2])
"""


@pytest.mark.slow
def test_killed_in_the_middle_of_an_epoch_it_goes_on_to_the_same_result(tmp_path, uninterrupted):
    environment = {**os.environ, "KERAS_BACKEND": keras.backend.backend()}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(HERE), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        for line in process.stdout:
            if line.split() == ["1", "3"]:
                process.kill()  # SIGKILL: no chance to tidy up
                break
    assert process.returncode != 0
    assert_same(uninterrupted, trained(folder=tmp_path))


def test_a_checkpoint_of_another_recipe_or_model_is_refused(tmp_path):
    trained(folder=tmp_path, minutes=0)
    with pytest.raises(ValueError, match=r"checkpoint\.npz belongs to another recipe\. Delete it"):
        trained(RECIPE.changed(learning_rate=0.02), folder=tmp_path)
    prepare(RECIPE)
    model = tiny_model()
    other = keras.Model(model.input, keras.layers.Activation("linear")(model.output), name="tiny")
    with pytest.raises(ValueError, match=r"checkpoint\.npz belongs to another model\. Delete it"):
        train(other, tiny_data(), RECIPE, folder=tmp_path)
    with pytest.raises(ValueError, match=r"checkpoint\.npz belongs to another configuration\. Delete it"):
        trained(folder=tmp_path, configuration={"weights": "imagenet"})
    with pytest.raises(ValueError, match=r"checkpoint\.npz belongs to another data set\. Delete it"):
        trained(data=tiny_data(train=144), folder=tmp_path)


def test_plateau_waits_five_epochs():
    recipe = Recipe(name="mine", epochs=20, learning_rate=1.0, schedule="plateau")
    accuracies = [50, 60, 60, 59, 58, 57, 60, 61, 60, 60, 60, 60, 60]
    rates = [
        _plateau_rate(recipe, History([{"public": value} for value in accuracies[:count]]))
        for count in range(len(accuracies) + 1)
    ]
    assert rates == [1.0] * 7 + [0.75] * 6 + [0.75**2]


def test_plateau_is_used_in_training():
    recipe = RECIPE.changed(schedule="plateau", warmup_epochs=0, epochs=8, learning_rate=1e-7, ema=0.0)
    _, history = trained(recipe)
    rates = [epoch["learning_rate"] for epoch in history.epochs]
    assert rates[0] == pytest.approx(1e-7)
    assert rates[-1] < rates[0]


def test_faces_that_cannot_be_trained_on_are_refused():
    data = tiny_data()
    unlabelled = Faces(data.train.images, np.full(128, 255, "uint8"), data.train.rows)
    with pytest.raises(ValueError, match="training needs labels, and 128 of 128 faces have none"):
        trained(data=FaceData(unlabelled, data.validation, data.test, "x", "x"))
    with pytest.raises(ValueError, match="128 training and 0 validation faces; training needs both"):
        trained(data=FaceData(data.train, data.validation[:0], data.test, "x", "x", mixed=True))


def test_fewer_faces_than_a_batch_are_one_batch():
    _, history = trained(RECIPE.changed(batch_size=512, epochs=2))
    assert history.finished


def test_it_trains_outside_of_the_main_thread():
    result = []
    thread = threading.Thread(target=lambda: result.append(trained(RECIPE.changed(epochs=2))))
    thread.start()
    thread.join()
    assert result[0][1].finished


def test_progress_is_told_and_another_thread_may_stop(tmp_path, uninterrupted, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    stop, told = threading.Event(), []

    def on_step(done, total):
        told.append((done, total))
        if done == 5:
            stop.set()

    _, history = trained(folder=tmp_path, stop=stop, on_step=on_step)
    assert not history.finished
    total = told[0][1]
    assert told == [(done, total) for done in range(1, 6)]
    resumed = []
    assert_same(uninterrupted, trained(folder=tmp_path, on_step=lambda *step: resumed.append(step)))
    assert resumed == [(done, total) for done in range(6, total + 1)]


@pytest.mark.parametrize("views", [1, 2, 10, 16])
def test_probabilities_of_several_views_are_averaged(views):
    model, faces = tiny_model(), tiny_faces(6)
    probabilities = predict(model, faces.images, views)
    assert (probabilities.dtype, probabilities.shape) == ("float32", (6, 7))
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, atol=1e-5)
    one = predict(model, faces.images)
    if views == 2:
        mirrored = predict(model, faces.images[:, :, ::-1])
        np.testing.assert_allclose(probabilities, (one + mirrored) / 2, atol=1e-6)
    if views > 1:
        assert np.abs(probabilities - one).max() > 1e-6


def test_seconds_add_up():
    started = time.monotonic()
    _, history = trained(RECIPE.changed(epochs=2))
    assert 0 < sum(epoch["seconds"] for epoch in history.epochs) <= history.seconds + 0.1
    assert history.seconds <= time.monotonic() - started + 0.1
