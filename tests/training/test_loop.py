"""Training: it learns, repeats itself, selects on PublicTest, stops cleanly, goes on where it was killed."""

import json
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

from fercourse.data.faces import FaceData, Faces
from fercourse.models.vgg19 import vgg19_attention
from fercourse.training import loop as training
from fercourse.training import trainer as trainer_module
from fercourse.training.checkpoint import Checkpoint, History
from fercourse.training.loop import plateau_rate, prepare, train
from fercourse.training.prediction import predict
from fercourse.training.recipes import Recipe
from fercourse.training.trainer import AveragedWeights, FacesInMemory, start_phase

HELPERS = Path(__file__).parents[1] / "helpers"


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
        name="plain",
        epochs=12,
        batch_size=16,
        learning_rate=0.02,
        flip=False,
        precision="float32",
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
    public = 100 * np.mean(
        predict(model, data.validation.images).argmax(-1) == data.validation.emotions
    )
    assert public == pytest.approx(max(epoch["public"] for epoch in history.epochs))


def test_averaged_weights_take_their_own_statistics():
    # At a high rate the weights wander; statistics of the last steps do not fit their
    # average.
    recipe = RECIPE.changed(
        epochs=4, learning_rate=0.05, ema=0.98, mixup=0.0, erasing=0.0
    )
    prepare(recipe)
    model, data = tiny_model(), tiny_data()
    trainer = FacesInMemory(model, data.train, recipe)
    start_phase(trainer, recipe, 8, head_only=False)
    rows = np.tile(np.arange(128, dtype="int32"), 4)
    trainer.fit(rows, rows, batch_size=16, verbose=0)
    before = model.get_weights()
    with AveragedWeights(trainer, recipe):
        normalise = next(
            layer
            for layer in model.layers
            if isinstance(layer, keras.layers.BatchNormalization)
        )
        inner = keras.Model(model.input, normalise.output)
        images = data.train.images[..., None].astype("float32")
        normalised = inner.predict(images, verbose=0)
        scale, offset = (
            keras.ops.convert_to_numpy(x) for x in (normalise.gamma, normalise.beta)
        )
        spread = normalised.std(axis=(0, 1, 2)) / np.abs(scale)
        np.testing.assert_allclose(spread, 1, atol=0.15)
        np.testing.assert_allclose(
            (normalised.mean(axis=(0, 1, 2)) - offset) / scale, 0, atol=0.15
        )
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
    trainer = FacesInMemory(model, tiny_data().train, recipe)
    start_phase(trainer, recipe, 8, head_only=True)
    learning = {variable.path.split("/")[0] for variable in trainer.trainable_variables}
    assert learning == {"block4_attention", "fc1", "predictions"}


@pytest.mark.parametrize(
    "precision", ["float32", "mixed_float16"]
)  # the latter also keeps the scale of its loss
def test_it_goes_on_across_the_change_of_phase(tmp_path, precision):
    recipe = RECIPE.changed(head_epochs=1, warmup_epochs=0, precision=precision)
    try:
        whole = trained(recipe)
        for _ in range(9):
            trained(
                recipe, folder=tmp_path, minutes=0
            )  # a step each: eight, and one of the second phase
        assert_same(whole, trained(recipe, folder=tmp_path))
    finally:
        prepare(RECIPE)


def test_averages_are_taken_in_16_bits_too():
    recipe = RECIPE.changed(precision="mixed_float16", epochs=2)
    prepare(recipe)
    try:
        model, data = tiny_model(), tiny_data()
        trainer = FacesInMemory(model, data.train, recipe)
        start_phase(trainer, recipe, 8, head_only=False)
        rows = np.arange(128, dtype="int32")
        trainer.fit(rows, rows, batch_size=16, verbose=0)
        raw = model.get_layer("block1_conv1").get_weights()[0]
        with AveragedWeights(trainer, recipe):
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
from fercourse.training import trainer as trainer_module
from fercourse.training import loop as training
from fercourse.training.checkpoint import Checkpoint

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
def test_killed_in_the_middle_of_an_epoch_it_goes_on_to_the_same_result(
    tmp_path, uninterrupted
):
    environment = {**os.environ, "KERAS_BACKEND": keras.backend.backend()}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(HELPERS), str(tmp_path)],
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


@pytest.fixture
def three_steps_a_call(monkeypatch):
    """As on an accelerator, and eight steps an epoch are no multiple of it."""
    monkeypatch.setattr(trainer_module, "steps_per_call", lambda: 3)


def test_steps_a_call_make_no_difference(uninterrupted, three_steps_a_call, recwarn):
    told = []
    assert_same(uninterrupted, trained(on_step=lambda *step: told.append(step)))
    assert told == [
        (done, 24) for epoch in (0, 8, 16) for done in (epoch + 3, epoch + 6, epoch + 8)
    ]
    assert not [
        warning for warning in recwarn if "ran out of data" in str(warning.message)
    ]


def test_with_several_steps_a_call_it_stops_between_calls_and_goes_on(
    tmp_path, uninterrupted, three_steps_a_call, monkeypatch
):
    saved = []
    save = Checkpoint.save
    monkeypatch.setattr(
        Checkpoint,
        "save",
        lambda self, progress, state: _saved(save, self, progress, state, saved),
    )
    for _ in range(4):
        trained(folder=tmp_path, minutes=0)
    assert saved == [(0, 3), (0, 6), (1, 0), (1, 3)]
    monkeypatch.setattr(trainer_module, "steps_per_call", lambda: 1)
    assert_same(uninterrupted, trained(folder=tmp_path))


def _saved(save, checkpoint, progress, state, saved):
    saved.append((progress.epoch, progress.step))
    save(checkpoint, progress, state)


def test_a_cpu_takes_one_step_a_call(monkeypatch):
    assert trainer_module.steps_per_call() == 1
    monkeypatch.setattr(trainer_module, "has_accelerator", lambda: True)
    assert trainer_module.steps_per_call() == trainer_module.STEPS_PER_CALL > 1


def test_what_is_costly_to_write_is_written_seldom(
    tmp_path, uninterrupted, monkeypatch
):
    saved = []
    save = Checkpoint.save
    monkeypatch.setattr(
        Checkpoint,
        "save",
        lambda self, progress, state: _saved(save, self, progress, state, saved),
    )
    monkeypatch.setattr(Checkpoint, "is_cheap", lambda self: False)
    assert_same(uninterrupted, trained(folder=tmp_path))
    assert saved == [(3, 0)]


def test_a_twentieth_of_the_time_may_go_into_writing(tmp_path):
    checkpoint = Checkpoint(tmp_path, {})
    assert checkpoint.is_cheap()
    checkpoint.cost, checkpoint.written = 2.0, time.monotonic() - 39
    assert not checkpoint.is_cheap()
    checkpoint.written -= 2
    assert checkpoint.is_cheap()


def test_a_checkpoint_from_before_a_field_existed_is_gone_on_from(
    tmp_path, uninterrupted
):
    trained(folder=tmp_path, minutes=0)
    path = tmp_path / "checkpoint.npz"
    with np.load(path) as stored:
        arrays = dict(stored)
    about = json.loads(str(arrays["about"]))
    for field in ("early_blocks_rate", "mixup_off_epochs"):
        del about["recipe"][field]
    np.savez(path, **(arrays | {"about": np.array(json.dumps(about))}))
    assert_same(uninterrupted, trained(folder=tmp_path))


def test_mixup_can_be_off_for_the_last_epochs():
    _, always = trained()
    _, never = trained(RECIPE.changed(mixup=0.0))
    _, off = trained(RECIPE.changed(mixup_off_epochs=3))
    _, partly = trained(RECIPE.changed(mixup_off_epochs=1))
    losses = [
        [epoch["loss"] for epoch in history.epochs]
        for history in (always, never, off, partly)
    ]
    assert losses[2] == pytest.approx(losses[1], rel=1e-4)
    assert losses[3][:2] == pytest.approx(losses[0][:2], rel=1e-4)
    assert losses[3][2] != pytest.approx(losses[0][2], rel=1e-3)


def test_early_blocks_can_be_kept_as_they_are(tmp_path):
    recipe = RECIPE.changed(early_blocks_rate=0.0, ema=0.0)
    prepare(recipe)
    model = tiny_model()
    before = {layer.name: layer.get_weights() for layer in model.layers}
    train(model, tiny_data(), recipe)
    kernel, _ = model.get_layer("block1_conv1").get_weights()
    np.testing.assert_array_equal(kernel, before["block1_conv1"][0])
    last = model.layers[-1]
    assert np.abs(last.get_weights()[0] - before[last.name][0]).max() > 0


def test_slow_early_blocks_go_on_where_they_stopped(tmp_path):
    recipe = RECIPE.changed(early_blocks_rate=0.1)
    whole = trained(recipe)
    trained(recipe, folder=tmp_path, minutes=0)
    assert_same(whole, trained(recipe, folder=tmp_path))


def test_a_checkpoint_of_another_recipe_or_model_is_refused(tmp_path):
    trained(folder=tmp_path, minutes=0)
    with pytest.raises(
        ValueError, match=r"checkpoint\.npz belongs to another recipe\. Delete it"
    ):
        trained(RECIPE.changed(learning_rate=0.02), folder=tmp_path)
    prepare(RECIPE)
    model = tiny_model()
    other = keras.Model(
        model.input, keras.layers.Activation("linear")(model.output), name="tiny"
    )
    with pytest.raises(
        ValueError, match=r"checkpoint\.npz belongs to another model\. Delete it"
    ):
        train(other, tiny_data(), RECIPE, folder=tmp_path)
    with pytest.raises(
        ValueError,
        match=r"checkpoint\.npz belongs to another configuration\. Delete it",
    ):
        trained(folder=tmp_path, configuration={"weights": "imagenet"})
    with pytest.raises(
        ValueError, match=r"checkpoint\.npz belongs to another data set\. Delete it"
    ):
        trained(data=tiny_data(train=144), folder=tmp_path)


def test_plateau_waits_five_epochs():
    recipe = Recipe(name="mine", epochs=20, learning_rate=1.0, schedule="plateau")
    accuracies = [50, 60, 60, 59, 58, 57, 60, 61, 60, 60, 60, 60, 60]
    rates = [
        plateau_rate(
            recipe, History([{"public": value} for value in accuracies[:count]])
        )
        for count in range(len(accuracies) + 1)
    ]
    assert rates == [1.0] * 7 + [0.75] * 6 + [0.75**2]


def test_plateau_takes_its_numbers_from_the_recipe():
    recipe = Recipe(
        name="mine",
        epochs=20,
        learning_rate=1.0,
        schedule="plateau",
        plateau_factor=0.5,
        plateau_patience=2,
    )
    rates = [
        plateau_rate(recipe, History([{"public": 50.0}] * epochs))
        for epochs in range(1, 6)
    ]
    assert rates == [1.0, 1.0, 0.5, 0.5, 0.25]


def test_training_ends_when_patience_does(tmp_path):
    recipe = RECIPE.changed(
        schedule="constant", warmup_epochs=0, epochs=9, learning_rate=1e-9, ema=0.0
    )
    recipe = recipe.changed(early_stop=2, rotation=0.0, shift=0.0)
    _, history = trained(recipe, folder=tmp_path)
    since_best = len(history.epochs) - 1 - history.best_epoch
    assert history.finished
    assert len(history.epochs) < 9
    assert since_best == 2
    _, again = trained(recipe, folder=tmp_path)
    assert again.epochs == history.epochs


def test_plateau_is_used_in_training():
    recipe = RECIPE.changed(
        schedule="plateau", warmup_epochs=0, epochs=8, learning_rate=1e-7, ema=0.0
    )
    _, history = trained(recipe)
    rates = [epoch["learning_rate"] for epoch in history.epochs]
    assert rates[0] == pytest.approx(1e-7)
    assert rates[-1] < rates[0]


def test_ten_views_of_a_face_are_ten_faces_in_a_step():
    data = tiny_data()
    recipe = RECIPE.changed(train_views=10, epochs=2, batch_size=16)
    prepare(recipe)
    model, batches = tiny_model(), []
    model.call = _noting(model.call, batches)
    history = train(model, data, recipe)
    assert history.finished
    assert 160 in batches
    assert 16 not in batches


def _noting(call, batches):
    def noting(images, *arguments, **options):
        batches.append(images.shape[0])
        return call(images, *arguments, **options)

    return noting


def test_teachers_can_teach_what_no_label_says():
    """Whoever learns from teachers alone believes them, even when all of them call every face happy."""
    data = tiny_data()
    teachers = np.tile(np.eye(7, dtype="float32")[3], (len(data.train), 1))
    recipe = Recipe(
        name="mine",
        epochs=6,
        batch_size=16,
        learning_rate=0.02,
        flip=False,
        distillation=1.0,
    )
    model, _ = trained(recipe, data, teachers=teachers)
    assert (predict(model, data.test.images).argmax(axis=-1) == 3).all()


def test_teachers_mix_with_labels_and_mixup(tmp_path):
    data = tiny_data()
    teachers = np.full((len(data.train), 7), 1 / 7, "float32")
    recipe = RECIPE.changed(distillation=0.5)
    _, history = trained(recipe, data, teachers=teachers, folder=tmp_path)
    assert history.finished
    with pytest.raises(ValueError, match="checkpoint"):
        trained(recipe, data, teachers=teachers * 0.9, folder=tmp_path)


@pytest.mark.parametrize(
    ("share", "shape", "message"),
    [
        (0.5, None, r"distillation is 0.5, and teachers are missing"),
        (0.0, (128, 7), r"distillation is 0, and teachers are given"),
        (0.5, (127, 7), r"teachers has shape \(127, 7\); expected \(128, 7\)"),
    ],
)
def test_teachers_that_do_not_fit_are_refused(share, shape, message):
    teachers = None if shape is None else np.zeros(shape, "float32")
    with pytest.raises(ValueError, match=message):
        train(
            tiny_model(),
            tiny_data(),
            RECIPE.changed(distillation=share),
            teachers=teachers,
        )


def test_faces_that_cannot_be_trained_on_are_refused():
    data = tiny_data()
    unlabelled = Faces(data.train.images, np.full(128, 255, "uint8"), data.train.rows)
    with pytest.raises(
        ValueError, match="training needs labels, and 128 of 128 faces have none"
    ):
        trained(data=FaceData(unlabelled, data.validation, data.test, "x", "x"))
    with pytest.raises(
        ValueError, match="128 training and 0 validation faces; training needs both"
    ):
        trained(
            data=FaceData(
                data.train, data.validation[:0], data.test, "x", "x", mixed=True
            )
        )


def test_fewer_faces_than_a_batch_are_one_batch():
    _, history = trained(RECIPE.changed(batch_size=512, epochs=2))
    assert history.finished


def test_it_trains_outside_of_the_main_thread():
    result = []
    thread = threading.Thread(
        target=lambda: result.append(trained(RECIPE.changed(epochs=2)))
    )
    thread.start()
    thread.join()
    assert result[0][1].finished


def test_progress_is_told_and_another_thread_may_stop(
    tmp_path, uninterrupted, monkeypatch
):
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
    assert_same(
        uninterrupted,
        trained(folder=tmp_path, on_step=lambda *step: resumed.append(step)),
    )
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
    assert (
        0 < sum(epoch["seconds"] for epoch in history.epochs) <= history.seconds + 0.1
    )
    assert history.seconds <= time.monotonic() - started + 0.1
