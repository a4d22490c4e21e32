"""TensorFlow and JAX: the same numbers, also from a batch on several JAX devices."""

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

ON_JAX = Path(__file__).parent / "helpers" / "on_jax.py"


def on_jax(task: str, folder: Path, devices: int = 1) -> Path:
    """Run a task of `on_jax.py` in a new process; returns the folder of its files."""
    folder.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
    }
    command = [sys.executable, str(ON_JAX), task, str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def trained_on_jax(task: str, folder: Path, devices: int = 1) -> dict:
    return json.loads((on_jax(task, folder, devices) / "about.json").read_text())


def test_tensorflow_and_jax_agree(tmp_path):
    assert keras.backend.backend() != "jax"
    faces = np.random.default_rng(0).integers(0, 256, (8, 48, 48), dtype="uint8")
    model = vgg19_attention(
        "block3_pool", "residual", size=48, weights=None, width=0.25
    )
    np.save(tmp_path / "faces.npy", faces)
    model.save_weights(tmp_path / "model.weights.h5")
    with np.load(on_jax("probabilities", tmp_path) / "jax.npz") as arrays:
        theirs = dict(arrays)
    mine = model.predict(faces[..., None], verbose=0)
    np.testing.assert_allclose(mine, theirs["probabilities"], atol=2e-5)
    maps = attention_maps(model, faces)["block3_attention"]
    np.testing.assert_allclose(maps, theirs["maps"], atol=2e-5)
    one = np.ones(len(faces), "float32")
    transforms = pose_transforms(12 * one, 0.1 * one, -0.05 * one, 1.1 * one, 48)
    posed = pose(faces[..., None].astype("float32"), transforms)
    posed = keras.ops.convert_to_numpy(posed)
    np.testing.assert_allclose(posed, theirs["posed"], atol=0.1)


def test_four_devices_train_as_one_does(tmp_path):
    one = trained_on_jax("train", tmp_path / "one")
    four = trained_on_jax("train", tmp_path / "four", devices=4)
    assert (one["devices"], one["parallel"]) == (1, "NoneType")
    assert (four["devices"], four["parallel"]) == (4, "DataParallel")
    assert four["batch"] == ["batch"]
    for mine, theirs in zip(one["epochs"], four["epochs"], strict=True):
        assert mine["loss"] == pytest.approx(theirs["loss"], rel=1e-3)
    np.testing.assert_allclose(one["weights"], four["weights"], rtol=1e-2, atol=1e-3)


def test_several_steps_a_call_train_as_one_does(tmp_path):
    slow = trained_on_jax("train", tmp_path / "slow")
    fast = trained_on_jax("train-as-on-a-gpu", tmp_path / "fast")
    for mine, theirs in zip(slow["epochs"], fast["epochs"], strict=True):
        assert mine["loss"] == pytest.approx(theirs["loss"], rel=1e-4)
        assert mine["public"] == pytest.approx(theirs["public"])
    np.testing.assert_allclose(slow["weights"], fast["weights"], rtol=1e-3, atol=1e-4)
