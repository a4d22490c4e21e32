"""Training: it learns, repeats itself, selects on PublicTest, stops and resumes."""

import errno
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
from tiny import RECIPE, tiny_data, tiny_model

from fercourse.data.faces import FaceData, Faces
from fercourse.models.vgg19 import vgg19_attention
from fercourse.training import loop, trainer
from fercourse.training.checkpoint import Checkpoint, History, Progress
from fercourse.training.loop import plateau_rate, prepare, rows_taught, train
from fercourse.training.optimizer import make_optimizer
from fercourse.training.prediction import predict
from fercourse.training.recipes import Recipe
from fercourse.training.trainer import AveragedWeights, FacesInMemory, start_phase

HELPERS = Path(__file__).parents[1] / "helpers"
PLAIN = Recipe("plain", epochs=12, batch_size=16, learning_rate=0.02, flip=False)
HALF = {"precision": "mixed_float16"}  # Keras scales the loss
TWO_PHASES = RECIPE.changed(head_epochs=1, warmup_epochs=0)


def trained(recipe=RECIPE, data=None, **options):
    prepare(recipe)
    model = tiny_model()
    return model, train(model, data or tiny_data(), recipe, **options)


def assert_same(one, other):
    (model, history), (again, history_again) = one, other
    for mine, theirs in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    for mine, theirs in zip(history.epochs, history_again.epochs, strict=True):
        for quantity in ("loss", "accuracy", "public", "learning_rate"):
            assert mine[quantity] == pytest.approx(theirs[quantity], rel=1e-4), quantity


def losses(*arguments, **options):
    return [epoch["loss"] for epoch in trained(*arguments, **options)[1].epochs]


@pytest.fixture(scope="module")
def uninterrupted():
    return trained()


@pytest.fixture
def float32_again():
    """Whatever precision a test uses, the next one has 32 bits."""
    yield
    keras.mixed_precision.set_global_policy("float32")


@pytest.fixture
def saved(monkeypatch):
    """A list that gets epoch, step and state of every checkpoint."""
    written, save = [], Checkpoint.save

    def noting(self, progress, state):
        written.append((progress.epoch, progress.step, state))
        save(self, progress, state)

    monkeypatch.setattr(Checkpoint, "save", noting)
    return written


@pytest.fixture
def three_steps_a_call(monkeypatch):
    """As on an accelerator; eight steps an epoch are no multiple of it."""
    monkeypatch.setattr(trainer, "steps_per_call", lambda: 3)


def test_it_learns():
    _, history = trained(PLAIN, tiny_data(train=256))
    assert history.finished
    assert history.epochs[-1]["loss"] < 0.5 * history.epochs[0]["loss"]
    assert history.epochs[history.best_epoch]["public"] > 80


def test_a_recipe_and_its_seed_decide_the_run(uninterrupted):
    started = time.monotonic()
    again = trained()
    elapsed = time.monotonic() - started
    assert_same(uninterrupted, again)
    seconds = sum(epoch["seconds"] for epoch in again[1].epochs)
    assert 0 < seconds <= again[1].seconds + 0.1 <= elapsed + 0.2
    other = losses(RECIPE.changed(seed=1))
    assert other[0] != uninterrupted[1].epochs[0]["loss"]


def test_the_model_ends_with_the_weights_of_its_best_epoch(uninterrupted):
    model, history = uninterrupted
    validation = tiny_data().validation
    correct = predict(model, validation.images).argmax(-1) == validation.emotions
    best = max(epoch["public"] for epoch in history.epochs)
    assert 100 * np.mean(correct) == pytest.approx(best)


def test_averaged_weights_take_their_own_statistics():
    # At a high rate the weights wander, and the last statistics do not fit the average.
    recipe = RECIPE.changed(learning_rate=0.05, ema=0.98, mixup=0.0, erasing=0.0)
    prepare(recipe)
    model, data = tiny_model(), tiny_data()
    training = FacesInMemory(model, data.train, recipe)
    start_phase(training, recipe, 8, head_only=False)
    rows = np.tile(np.arange(128, dtype="int32"), 4)
    training.fit(rows, rows, batch_size=16, verbose=0)
    before = model.get_weights()
    layer = model.get_layer("block1_conv1_bn")
    inner = keras.Model(model.input, layer.output)
    with AveragedWeights(training, recipe):
        normalised = inner.predict(data.train.images[..., None] / 1.0, verbose=0)
        scale, offset, *_ = layer.get_weights()
    axes = (0, 1, 2)
    np.testing.assert_allclose(normalised.std(axes) / np.abs(scale), 1, atol=0.15)
    np.testing.assert_allclose((normalised.mean(axes) - offset) / scale, 0, atol=0.15)
    for mine, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_the_head_learns_first(tmp_path, saved, monkeypatch):
    monkeypatch.setattr(Checkpoint, "is_cheap", lambda _: True)
    prepare(TWO_PHASES)
    model = tiny_model()
    before = model.get_layer("block1_conv1").get_weights()[0]
    history = train(model, tiny_data(), TWO_PHASES.changed(ema=0.0), folder=tmp_path)
    first, second, _ = (state[0] for _, _, state in saved)
    np.testing.assert_array_equal(first, before)
    assert np.abs(second - before).max() > 0
    assert history.epochs[0]["learning_rate"] == pytest.approx(1e-3)


def test_attention_learns_with_the_head():
    model = vgg19_attention("block4_pool", size=48, weights=None, width=0.0625)
    training = FacesInMemory(model, tiny_data().train, TWO_PHASES)
    start_phase(training, TWO_PHASES, 8, head_only=True)
    learning = {v.path.split("/")[0] for v in training.trainable_variables}
    assert learning == {"block4_attention", "fc1", "predictions"}


@pytest.mark.usefixtures("float32_again")
@pytest.mark.parametrize("recipe", [TWO_PHASES, TWO_PHASES.changed(**HALF)])
def test_it_goes_on_across_the_change_of_phase(tmp_path, recipe):
    whole, stop = trained(recipe), threading.Event()

    def stop_after_the_head(done, _):
        if done == 8:
            stop.set()

    trained(recipe, folder=tmp_path, stop=stop, on_step=stop_after_the_head)
    trained(recipe, folder=tmp_path, minutes=0)  # one step of the second phase
    assert_same(whole, trained(recipe, folder=tmp_path))


@pytest.mark.usefixtures("float32_again")
def test_averages_are_taken_in_16_bits_too():
    recipe = RECIPE.changed(**HALF)
    prepare(recipe)
    model, data = tiny_model(), tiny_data()
    training = FacesInMemory(model, data.train, recipe)
    start_phase(training, recipe, 8, head_only=False)
    rows, initial = np.arange(128, dtype="int32"), model.get_weights()[0]
    with AveragedWeights(training, recipe):  # before the first step
        np.testing.assert_array_equal(model.get_weights()[0], initial)
    training.fit(rows, rows, batch_size=16, verbose=0)
    raw = model.get_weights()[0]
    with AveragedWeights(training, recipe):
        assert np.abs(model.get_weights()[0] - raw).max() > 1e-4


@pytest.fixture
def scale_the_loss(monkeypatch, float32_again):
    """A function that sets the first scale of the loss in 16 bits."""

    def scale_by(factor):
        def scaled(*arguments, **options):
            inner = make_optimizer(*arguments, **options)
            return keras.optimizers.LossScaleOptimizer(inner, initial_scale=factor)

        monkeypatch.setattr(trainer, "make_optimizer", scaled)

    return scale_by


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_nothing_is_selected_before_the_first_step(scale_the_loss, ema):
    scale_the_loss(2.0**30)  # the gradients of the first epoch overflow
    model, history = trained(RECIPE.changed(ema=ema, **HALF))
    public = [epoch["public"] for epoch in history.epochs]
    assert public[0] == 0
    assert history.best_epoch == np.argmax(public) > 0
    answers = predict(model, tiny_data().test.images)
    assert answers.argmax(axis=-1).std() > 0


def test_a_training_without_a_step_is_no_run(scale_the_loss, tmp_path):
    scale_the_loss(2.0**60)
    with pytest.raises(FloatingPointError, match=r"no step.*precision to 'float32'"):
        trained(RECIPE.changed(early_stop=1, **HALF), folder=tmp_path)


@pytest.mark.usefixtures("float32_again")
def test_activations_beyond_16_bits_stop_training():
    recipe = RECIPE.changed(**HALF)
    prepare(recipe)
    faces = keras.Input((48, 48, 1))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1000.0)(faces))
    model = keras.Model(faces, keras.layers.Dense(7, activation="softmax")(x))
    with pytest.raises(FloatingPointError, match=r"step 1 of epoch 1.*loss.*float32"):
        train(model, tiny_data(), recipe)


@pytest.mark.parametrize("seconds", [300.0, -1.0])  # after epochs, or every step
def test_a_loss_that_is_not_finite_ends_training(
    tmp_path, uninterrupted, monkeypatch, seconds
):
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", seconds)
    monkeypatch.setattr(Checkpoint, "is_cheap", lambda _: True)
    prepare(RECIPE)
    model = tiny_model()

    def spoil(done, _):
        if done == 12:
            model.layers[-1].bias.assign([np.nan] * 7)

    # The loss of a step is from before it, so the next step's is the first to show it.
    place = rf"step {5 if seconds > 0 else 4} of epoch 2.*learning_rate.*{tmp_path}"
    with pytest.raises(FloatingPointError, match=place):
        train(model, tiny_data(), RECIPE, folder=tmp_path, on_step=spoil)
    assert np.isfinite(predict(model, tiny_data().test.images)).all()
    assert_same(uninterrupted, trained(folder=tmp_path))


@pytest.mark.parametrize("accelerator", [False, True])
def test_jax_on_a_cpu_is_not_asked_for_bfloat16(
    monkeypatch, accelerator, float32_again
):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(loop, "has_accelerator", lambda: accelerator)
    recipe = RECIPE.changed(precision="mixed_bfloat16")
    if accelerator:
        prepare(recipe)
        assert keras.mixed_precision.global_policy().name == recipe.precision
    else:
        with pytest.raises(ValueError, match="--precision float32"):
            prepare(recipe)


def test_minutes_stop_it_and_parts_remember_their_surroundings(
    tmp_path, uninterrupted, monkeypatch
):
    for _ in range(2):
        _, history = trained(folder=tmp_path, minutes=0)
        assert (history.finished, history.epochs) == (False, [])
    there = {**loop.surroundings(), "hardware": "another machine"}
    monkeypatch.setattr(loop, "surroundings", lambda: there)
    resumed = trained(folder=tmp_path)
    assert_same(uninterrupted, resumed)
    assert len(resumed[1].surroundings) == 2
    assert resumed[1].surroundings[-1]["hardware"] == "another machine"
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_ctrl_c_stops_it_cleanly(tmp_path, uninterrupted):
    def interrupt_at_step_5(done, _):
        if done == 5:
            signal.raise_signal(signal.SIGINT)

    handler = signal.getsignal(signal.SIGINT)
    _, history = trained(folder=tmp_path, on_step=interrupt_at_step_5)
    assert not history.finished
    assert signal.getsignal(signal.SIGINT) is handler
    assert_same(uninterrupted, trained(folder=tmp_path))


def test_steps_are_reported_and_another_thread_may_stop(
    tmp_path, uninterrupted, monkeypatch
):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    stop, reported = threading.Event(), []

    def on_step(done, total):
        reported.append((done, total))
        if done == 5:
            stop.set()

    assert not trained(folder=tmp_path, stop=stop, on_step=on_step)[1].finished
    assert reported == [(done, 24) for done in range(1, 6)]
    assert_same(uninterrupted, trained(folder=tmp_path, on_step=on_step))
    assert reported == [(done, 24) for done in range(1, 25)]


KILLED = """
import sys
sys.path.insert(0, sys.argv[1])
from tiny import RECIPE, tiny_data, tiny_model
from fercourse.training import loop
from fercourse.training.checkpoint import Checkpoint

loop.CHECKPOINT_SECONDS = -1.0  # after every step
save = Checkpoint.save
def save_and_print(self, progress, state):
    save(self, progress, state)
    print(progress.epoch, progress.step, flush=True)
Checkpoint.save = save_and_print
loop.prepare(RECIPE)
loop.train(tiny_model(), tiny_data(), RECIPE, folder=sys.argv[2])
"""


@pytest.mark.slow
def test_killed_in_the_middle_of_an_epoch_it_goes_on(tmp_path, uninterrupted):
    environment = {**os.environ, "KERAS_BACKEND": keras.backend.backend()}
    words = [sys.executable, "-c", KILLED, str(HELPERS), str(tmp_path)]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        for line in process.stdout:
            if line.split() == ["1", "3"]:
                process.kill()  # SIGKILL: no chance to tidy up
                break
    assert process.returncode != 0
    assert_same(uninterrupted, trained(folder=tmp_path))


def test_steps_a_call_make_no_difference(uninterrupted, three_steps_a_call, recwarn):
    reported = []
    assert_same(uninterrupted, trained(on_step=lambda *step: reported.append(step)))
    ends = [epoch + step for epoch in (0, 8, 16) for step in (3, 6, 8)]
    assert reported == [(done, 24) for done in ends]
    assert not [w for w in recwarn if "ran out of data" in str(w.message)]


def test_with_several_steps_a_call_it_stops_between_calls(
    tmp_path, uninterrupted, three_steps_a_call, saved, monkeypatch
):
    for _ in range(3):
        trained(folder=tmp_path, minutes=0)
    assert [place[:2] for place in saved] == [(0, 3), (0, 6), (1, 0)]
    monkeypatch.setattr(trainer, "steps_per_call", lambda: 1)
    assert_same(uninterrupted, trained(folder=tmp_path))


def test_a_cpu_takes_one_step_a_call(monkeypatch):
    assert trainer.steps_per_call() == 1
    monkeypatch.setattr(trainer, "has_accelerator", lambda: True)
    assert trainer.steps_per_call() == trainer.STEPS_PER_CALL > 1


def test_a_twentieth_of_the_time_may_go_into_writing(tmp_path, saved, monkeypatch):
    checkpoint = Checkpoint(tmp_path, {})
    assert checkpoint.is_cheap()
    checkpoint.cost, checkpoint.written = 2.0, time.monotonic() - 39
    assert not checkpoint.is_cheap()
    checkpoint.written -= 2
    assert checkpoint.is_cheap()
    monkeypatch.setattr(Checkpoint, "is_cheap", lambda _: False)
    trained(folder=tmp_path)
    assert [place[:2] for place in saved] == [(3, 0)]


def test_training_goes_on_while_a_file_is_written(
    tmp_path, uninterrupted, saved, monkeypatch
):
    far_on, stop, savez = threading.Event(), threading.Event(), np.savez

    def write_slowly(path, **arrays):
        assert far_on.wait(300)
        savez(path, **arrays)

    def on_step(done, _):
        if done == 18:
            far_on.set()
        if done == 19:
            stop.set()

    monkeypatch.setattr(np, "savez", write_slowly)
    trained(folder=tmp_path, stop=stop, on_step=on_step)
    # After the second epoch the first file was still under way.
    assert [place[:2] for place in saved] == [(1, 0), (2, 3)]
    reported = []
    resumed = trained(folder=tmp_path, on_step=lambda *step: reported.append(step))
    assert_same(uninterrupted, resumed)
    assert reported[0] == (20, 24)


def test_a_full_disk_costs_no_earlier_checkpoint(tmp_path, uninterrupted, monkeypatch):
    files, savez = [], np.savez

    def fill_the_disk(path, **arrays):
        files.append(path)
        if len(files) > 1:
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        savez(path, **arrays)

    monkeypatch.setattr(np, "savez", fill_the_disk)
    with pytest.raises(OSError, match=r"checkpoint\.npz could not be written.*space"):
        trained(folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]
    monkeypatch.setattr(np, "savez", savez)
    reported = []
    resumed = trained(folder=tmp_path, on_step=lambda *step: reported.append(step))
    assert_same(uninterrupted, resumed)
    assert reported[0] == (9, 24)


def test_equal_arrays_are_kept_once(tmp_path):
    ones, zeros = np.ones((2, 3), "float32"), np.zeros((2, 3), "float32")
    best = [ones.copy(), -zeros, zeros.reshape(3, 2)]  # -0 and 0 have different bits
    with Checkpoint(tmp_path, {}) as checkpoint:
        checkpoint.save(Progress(best=best), [zeros, ones])
    with np.load(checkpoint.path) as stored:
        arrays = dict(stored)
    assert set(arrays) == {"about", "state0", "state1", "best1", "best2"}
    for same in (True, False):
        progress, state = checkpoint.load()
        kept = zip([*best, zeros, ones], [*progress.best, *state], strict=True)
        for mine, theirs in kept:
            assert mine.shape == theirs.shape
            assert mine.tobytes() == theirs.tobytes()
        if same:  # as older files are
            about = json.loads(str(arrays.pop("about")))
            del about["best"]
            arrays = {"about": np.array(json.dumps(about)), "best0": ones, **arrays}
            np.savez(checkpoint.path, **arrays)


def test_a_damaged_checkpoint_is_named(tmp_path):
    with Checkpoint(tmp_path / "mine", {}) as checkpoint:
        checkpoint.save(Progress(), [np.ones(9, "float32")])
    checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:-40])
    with pytest.raises(ValueError, match=r"mine/.* is damaged\. Delete it"):
        checkpoint.load()


def test_a_checkpoint_from_before_a_field_existed_is_resumed(tmp_path, uninterrupted):
    trained(folder=tmp_path, minutes=0)
    path = tmp_path / "checkpoint.npz"
    with np.load(path) as stored:
        arrays = dict(stored)
    about = json.loads(str(arrays["about"]))
    for field in ("early_blocks_rate", "mixup_off_epochs"):
        del about["recipe"][field]
    np.savez(path, **(arrays | {"about": np.array(json.dumps(about))}))
    assert_same(uninterrupted, trained(folder=tmp_path))


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    def refused(part, *arguments, **options):
        with pytest.raises(ValueError, match=f"belongs to another {part}"):
            trained(*arguments, folder=tmp_path, **options)

    trained(folder=tmp_path, minutes=0)
    refused("recipe", RECIPE.changed(learning_rate=0.02))
    refused("configuration", configuration={"weights": "imagenet"})
    refused("data set", data=tiny_data(train=144))
    model = tiny_model()
    softer = keras.layers.Activation("linear")(model.output)
    with pytest.raises(ValueError, match="belongs to another model"):
        train(keras.Model(model.input, softer), tiny_data(), RECIPE, folder=tmp_path)


def test_mixup_can_be_off_for_the_last_epochs(uninterrupted):
    always = [epoch["loss"] for epoch in uninterrupted[1].epochs]
    never, off = losses(RECIPE.changed(mixup=0.0)), RECIPE.changed(mixup_off_epochs=3)
    assert losses(off) == pytest.approx(never, rel=1e-4)
    partly = losses(RECIPE.changed(mixup_off_epochs=1))
    assert partly[:2] == pytest.approx(always[:2], rel=1e-4)
    assert partly[2] != pytest.approx(always[2], rel=1e-3)


def test_faces_of_a_single_grey_can_be_left_out_and_the_others_keep_their_rows():
    images = tiny_data().train.images.copy()
    images[3], images[8] = 0, 200
    assert len(rows_taught(images, RECIPE)) == len(images)
    rows = rows_taught(images, RECIPE.changed(drop_blank=True))
    np.testing.assert_array_equal(rows, np.delete(np.arange(len(images)), [3, 8]))


def test_early_blocks_can_be_kept_as_they_are():
    recipe = RECIPE.changed(early_blocks_rate=0.0, ema=0.0)
    prepare(recipe)
    model = tiny_model()
    kernel, *_, head, _ = model.get_weights()
    train(model, tiny_data(), recipe)
    np.testing.assert_array_equal(model.get_weights()[0], kernel)
    assert np.abs(model.get_weights()[-2] - head).max() > 0


def test_slow_early_blocks_go_on_where_they_stopped(tmp_path):
    recipe = RECIPE.changed(early_blocks_rate=0.1)
    whole = trained(recipe)
    trained(recipe, folder=tmp_path, minutes=0)
    assert_same(whole, trained(recipe, folder=tmp_path))


@pytest.mark.parametrize(
    ("fields", "accuracies", "expected"),
    [
        ({}, [5, 9, 9, 8, 7, 6, 9, 10, *[9] * 5], [1] * 7 + [0.75] * 6 + [0.75**2]),
        (
            {"plateau_factor": 0.5, "plateau_patience": 2},
            [5] * 5,
            [1, 1, 1, 0.5, 0.5, 0.25],
        ),
    ],
)
def test_plateau_waits_for_its_patience(fields, accuracies, expected):
    recipe = Recipe("mine", epochs=20, learning_rate=1.0, schedule="plateau", **fields)
    epochs = [{"public": accuracy} for accuracy in accuracies]
    counts = range(len(epochs) + 1)
    rates = [plateau_rate(recipe, History(epochs[:count])) for count in counts]
    assert rates == expected


def test_training_follows_the_plateau_and_ends_with_patience(tmp_path):
    still = PLAIN.changed(learning_rate=1e-9)  # no epoch is better than the first
    _, history = trained(still.changed(schedule="plateau", epochs=8))
    rates = [epoch["learning_rate"] for epoch in history.epochs]
    assert rates[0] == pytest.approx(1e-9)
    assert rates[-1] < rates[0]
    _, history = trained(still.changed(early_stop=2), folder=tmp_path)
    assert history.finished
    assert len(history.epochs) - 1 - history.best_epoch == 2
    assert trained(still.changed(early_stop=2), folder=tmp_path)[1] == history


def test_ten_views_of_a_face_are_ten_faces_in_a_step():
    recipe = RECIPE.changed(train_views=10, epochs=2)
    prepare(recipe)
    model, batches = tiny_model(), []
    call = model.call

    def noting(images, *arguments, **options):
        batches.append(images.shape[0])
        return call(images, *arguments, **options)

    model.call = noting
    assert train(model, tiny_data(), recipe).finished
    assert 160 in batches
    assert 16 not in batches


def test_teachers_can_teach_what_no_label_says():
    data = tiny_data()
    happy = np.tile(np.eye(7, dtype="float32")[3], (len(data.train), 1))
    model, _ = trained(PLAIN.changed(epochs=6, distillation=1.0), data, teachers=happy)
    assert (predict(model, data.test.images).argmax(axis=-1) == 3).all()


def test_teachers_mix_with_labels_and_mixup(tmp_path):
    teachers = np.full((128, 7), 1 / 7, "float32")
    recipe = RECIPE.changed(distillation=0.5)
    assert trained(recipe, teachers=teachers, folder=tmp_path)[1].finished
    with pytest.raises(ValueError, match="another teachers"):
        trained(recipe, teachers=teachers * 0.9, folder=tmp_path)


@pytest.mark.parametrize(
    ("share", "shape", "message"),
    [
        (0.5, None, "missing"),
        (0.0, (128, 7), "given"),
        (0.5, (127, 7), r"\(127, 7\); expected \(128, 7\)"),
    ],
)
def test_teachers_that_do_not_fit_are_refused(share, shape, message):
    teachers = None if shape is None else np.zeros(shape, "float32")
    recipe = RECIPE.changed(distillation=share)
    with pytest.raises(ValueError, match=message):
        train(tiny_model(), tiny_data(), recipe, teachers=teachers)


def test_faces_that_cannot_be_trained_on_are_refused():
    data = tiny_data()
    unlabelled = Faces(data.train.images, np.full(128, 255, "uint8"), data.train.rows)
    with pytest.raises(ValueError, match="training needs labels"):
        trained(data=FaceData(unlabelled, data.validation, data.test, "x", "x"))
    with pytest.raises(ValueError, match="128 training and 0 validation"):
        trained(data=FaceData(data.train, data.validation[:0], data.test, "x", "x"))


def test_fewer_faces_than_a_batch_are_one_batch_on_any_thread():
    results = []
    recipe = RECIPE.changed(batch_size=512, epochs=2)
    thread = threading.Thread(target=lambda: results.append(trained(recipe)))
    thread.start()
    thread.join()
    assert results[0][1].finished
