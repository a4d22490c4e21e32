"""What tests run in a second process on JAX: `python on_jax.py FOLDER TASK ...`."""

import json
import sys
from pathlib import Path
from unittest import mock

import keras
import numpy as np
from tiny import RECIPE, tiny_data, tiny_model

from fercourse.models.vgg19 import vgg19_attention
from fercourse.training import loop, trainer
from fercourse.training.augmentation import pose, pose_transforms
from fercourse.training.prediction import attention_maps


def probabilities(folder: Path) -> None:
    """Write what the folder's model says about the folder's faces, and posed faces."""
    faces = np.load(folder / "faces.npy")
    model = vgg19_attention(
        "block3_pool", "residual", size=48, weights=None, width=0.25
    )
    model.load_weights(folder / "model.weights.h5")
    one = np.ones(len(faces), "float32")
    transforms = pose_transforms(12 * one, 0.1 * one, -0.05 * one, 1.1 * one, 48)
    posed = pose(faces[..., None].astype("float32"), transforms)
    np.savez(
        folder / "jax.npz",
        probabilities=model.predict(faces[..., None], verbose=0),
        maps=attention_maps(model, faces)["block3_attention"],
        posed=keras.ops.convert_to_numpy(posed),
    )


def train(folder: Path) -> None:
    """Train the tiny model on all devices; write how, and with which result."""
    loop.prepare(RECIPE)
    model, devices = tiny_model(), len(keras.distribution.list_devices())
    place = folder / f"{devices}-devices-{trainer.steps_per_call()}-steps"
    history = loop.train(model, tiny_data(rest=45), RECIPE, folder=place)
    distribution = keras.distribution.distribution()
    axes = distribution.get_data_layout((16,)).axes if distribution else []
    about = {
        "devices": devices,
        "parallel": type(distribution).__name__,
        "batch": [str(axis) for axis in axes],
        "epochs": history.epochs,
        "weights": [float(np.abs(weight).sum()) for weight in model.get_weights()],
    }
    (place / "about.json").write_text(json.dumps(about))


def train_as_on_a_gpu(folder: Path) -> None:
    """Train with several steps a call."""
    with mock.patch.object(trainer, "steps_per_call", lambda: 3):
        train(folder)


if __name__ == "__main__":
    for task in sys.argv[2:]:
        globals()[task](Path(sys.argv[1]))
