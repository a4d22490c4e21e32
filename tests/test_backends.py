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


FACES = np.random.default_rng(0).integers(0, 256, (8, 48, 48), dtype="uint8")


def run_on_jax(folder: Path, devices: int, *tasks: str) -> None:
    """Run tasks of `on_jax.py` in a new process, which leaves files in a folder."""
    # To compile takes longer than to compute, so XLA does not optimise.
    flags = f"--xla_force_host_platform_device_count={devices}"
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"{flags} --xla_backend_optimization_level=0",
    }
    command = [sys.executable, str(ON_JAX), str(folder), *tasks]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def model():
    return vgg19_attention("block3_pool", "residual", size=48, weights=None, width=0.25)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, model):
    """What all the tasks write, in one process for each number of devices."""
    folder = tmp_path_factory.mktemp("jax")
    np.save(folder / "faces.npy", FACES)
    model.save_weights(folder / "model.weights.h5")
    run_on_jax(folder, 1, "probabilities", "train", "train_as_on_a_gpu")
    run_on_jax(folder, 4, "train")
    return folder


def trained(folder: Path, devices: int, steps: int) -> dict:
    place = folder / f"{devices}-devices-{steps}-steps"
    return json.loads((place / "about.json").read_text())


def test_tensorflow_and_jax_agree(folder, model):
    assert keras.backend.backend() != "jax"
    with np.load(folder / "jax.npz") as arrays:
        theirs = dict(arrays)
    mine = model.predict(FACES[..., None], verbose=0)
    np.testing.assert_allclose(mine, theirs["probabilities"], atol=2e-5)
    maps = attention_maps(model, FACES)["block3_attention"]
    np.testing.assert_allclose(maps, theirs["maps"], atol=2e-5)
    one = np.ones(len(FACES), "float32")
    transforms = pose_transforms(12 * one, 0.1 * one, -0.05 * one, 1.1 * one, 48)
    posed = pose(FACES[..., None].astype("float32"), transforms)
    posed = keras.ops.convert_to_numpy(posed)
    np.testing.assert_allclose(posed, theirs["posed"], atol=0.1)


def test_four_devices_train_as_one_does(folder):
    one, four = trained(folder, 1, 1), trained(folder, 4, 1)
    assert (one["devices"], one["parallel"]) == (1, "NoneType")
    assert (four["devices"], four["parallel"]) == (4, "DataParallel")
    assert four["batch"] == ["batch"]
    for mine, theirs in zip(one["epochs"], four["epochs"], strict=True):
        assert mine["loss"] == pytest.approx(theirs["loss"], rel=1e-3)
    np.testing.assert_allclose(one["weights"], four["weights"], rtol=1e-2, atol=1e-3)


def test_several_steps_a_call_train_as_one_does(folder):
    slow, fast = trained(folder, 1, 1), trained(folder, 1, 3)
    for mine, theirs in zip(slow["epochs"], fast["epochs"], strict=True):
        assert mine["loss"] == pytest.approx(theirs["loss"], rel=1e-4)
        assert mine["public"] == pytest.approx(theirs["public"])
    np.testing.assert_allclose(slow["weights"], fast["weights"], rtol=1e-3, atol=1e-4)
