"""Two backends: the same numbers on TensorFlow and JAX, and one batch divided among several JAX devices."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from fercourse.models.vgg19 import vgg19_attention
from fercourse.training.augmentation import pose, pose_transforms
from fercourse.training.prediction import attention_maps

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("jax") is None, reason="needs JAX: pip install jax"
    ),
]

HELPERS = Path(__file__).parent / "helpers"


def on_jax(task: str, folder: Path, devices: int = 1) -> None:
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
    }
    done = subprocess.run(
        [sys.executable, str(HELPERS / "on_jax.py"), task, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_tensorflow_and_jax_agree(tmp_path):
    assert keras.backend.backend() != "jax"
    faces = np.random.default_rng(0).integers(0, 256, (8, 48, 48), dtype="uint8")
    model = vgg19_attention(
        "block3_pool", "residual", size=48, weights=None, width=0.25
    )
    np.save(tmp_path / "faces.npy", faces)
    model.save_weights(tmp_path / "model.weights.h5")
    on_jax("probabilities", tmp_path)
    one = np.ones(len(faces), "float32")
    transforms = pose_transforms(12 * one, 0.1 * one, -0.05 * one, 1.1 * one, 48)
    with np.load(tmp_path / "jax.npz") as on_the_other:
        np.testing.assert_allclose(
            model.predict(faces[..., None], verbose=0),
            on_the_other["probabilities"],
            atol=2e-5,
        )
        np.testing.assert_allclose(
            attention_maps(model, faces)["block3_attention"],
            on_the_other["maps"],
            atol=2e-5,
        )
        posed = keras.ops.convert_to_numpy(
            pose(faces[..., None].astype("float32"), transforms)
        )
        np.testing.assert_allclose(posed, on_the_other["posed"], atol=0.1)


def test_four_devices_train_as_one_does(tmp_path):
    about = {}
    for devices in (1, 4):
        folder = tmp_path / str(devices)
        folder.mkdir()
        on_jax("train", folder, devices)
        about[devices] = json.loads((folder / "about.json").read_text())
    assert (about[1]["devices"], about[1]["parallel"]) == (1, "NoneType")
    assert (about[4]["devices"], about[4]["parallel"]) == (4, "DataParallel")
    assert about[4]["batch"] == ["batch"]
    for mine, theirs in zip(about[1]["epochs"], about[4]["epochs"], strict=True):
        assert mine["loss"] == pytest.approx(theirs["loss"], rel=1e-3)
    np.testing.assert_allclose(
        about[1]["weights"], about[4]["weights"], rtol=1e-2, atol=1e-3
    )


def test_the_ways_of_a_gpu_give_what_a_cpu_gives(tmp_path):
    about = {}
    for task in ("train", "train-as-on-a-gpu"):
        folder = tmp_path / task
        folder.mkdir()
        on_jax(task, folder)
        about[task] = json.loads((folder / "about.json").read_text())
    slow, fast = about.values()
    for mine, theirs in zip(slow["epochs"], fast["epochs"], strict=True):
        assert mine["loss"] == pytest.approx(theirs["loss"], rel=1e-4)
        assert mine["public"] == pytest.approx(theirs["public"])
    np.testing.assert_allclose(slow["weights"], fast["weights"], rtol=1e-3, atol=1e-4)
