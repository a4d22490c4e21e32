"""How long does an epoch of each system take, and how many fit into an hour?

    python benchmarks/systems_speed.py [SYSTEM=WIDTH ...] [--minutes 27] [--steps 10]
    [--batch 64]

Without systems: each at the width that a CPU can carry. The steps go through
`fercourse.training.loop.train` with the recipe "common", on random faces; the first
three, which compile, are not counted. An epoch is as long as with FER2013: its training
faces, the pass that takes the statistics for the averaged weights, and PublicTest.
Several processes at once make each slower: close what you can.
"""

import argparse
import threading
import time

from fercourse.machine import hardware, load_backend

load_backend()

import keras
import numpy as np

from fercourse.data.faces import FaceData, Faces
from fercourse.models.pocket import pocket_configuration
from fercourse.models.systems import build_model
from fercourse.training.loop import prepare, train
from fercourse.training.prediction import predict
from fercourse.training.recipes import RECIPES
from fercourse.training.trainer import STATISTICS_BATCH, STATISTICS_STEPS

WIDTHS = {
    "deep_emotion": 1.0,
    "inception": 1.0,
    "tuned_cnn": 0.25,
    "resnet": 0.5,
    "vgg": 1.0,
    "vggnet": 0.5,
    "vgg19_attention": 0.25,
}
TRAINING_FACES, PUBLIC_FACES = 28_709, 3_589
WARM_UP = 3


def main() -> None:
    """Time the systems one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("systems", nargs="*", metavar="SYSTEM=WIDTH")
    parser.add_argument("--minutes", type=float, default=27.0)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--batch", type=int, default=64)
    options = parser.parse_args()
    asked = dict(pair.split("=") for pair in options.systems) or WIDTHS
    print(f"{keras.backend.backend()} on {hardware()}, batches of {options.batch}")
    for system, width in asked.items():
        time_system(system, float(width), options)


def time_system(system: str, width: float, options: argparse.Namespace) -> None:
    recipe = RECIPES["common"].changed(batch_size=options.batch)
    prepare(recipe)
    if system == "vgg19_attention":
        model = build_model(pocket_configuration("block4_pool") | {"width": width})
    else:
        model = build_model({"system": system, "width": width})
    training = (
        step_seconds(model, random_data(options.batch * 40), recipe, options.steps)
        / options.batch
    )
    answering = predict_seconds(model)
    counted = TRAINING_FACES // options.batch * options.batch
    epoch = (
        counted * training
        + (PUBLIC_FACES + STATISTICS_STEPS * STATISTICS_BATCH) * answering
    )
    print(
        f"{system}, width {width:g}: {model.count_params():,} parameters, "
        f"{1 / training:.0f} images/s in "
        f"training, {1 / answering:.0f} in answering; an epoch takes {epoch:.0f} s, "
        f"{options.minutes:g} minutes are {60 * options.minutes / epoch:.1f} epochs",
        flush=True,
    )


def random_data(count: int) -> FaceData:
    random = np.random.default_rng(0)

    def split(size: int) -> Faces:
        images = random.integers(0, 256, (size, 48, 48)).astype("uint8")
        return Faces(
            images,
            random.integers(0, 7, size).astype("uint8"),
            np.arange(size, dtype="int32"),
        )

    return FaceData(
        split(count), split(64), split(64), "random faces", "for a benchmark"
    )


def step_seconds(model: keras.Model, data: FaceData, recipe, steps: int) -> float:
    """The median time of a training step after the warm-up."""
    stop, ended = threading.Event(), []

    def on_step(done: int, _: int) -> None:
        ended.append(time.perf_counter())
        if done == WARM_UP + steps:
            stop.set()

    train(model, data, recipe, stop=stop, on_step=on_step)
    return float(np.median(np.diff(ended[WARM_UP - 1 :])))


def predict_seconds(model: keras.Model) -> float:
    """Time for a face in prediction."""
    images = np.zeros((1024, 48, 48), "uint8")
    predict(model, images)
    started = time.perf_counter()
    predict(model, images)
    return (time.perf_counter() - started) / len(images)


if __name__ == "__main__":
    main()
