"""How fast is training? This course's loop beside Keras's plain `fit`, in one run on the same device.

    KERAS_BACKEND=jax python benchmarks/train_speed.py [--size 48] [--width 0.25] [--batch 64] [--steps 60]

Both train the same network with the same augmentation and optimiser on practice faces, in turn. The loop
gathers the faces inside the compiled step from bytes that lie on the device; plain `fit` is fed NumPy
arrays, and its augmentation layers stand in front of the network. Printed: faces a second, and the ratio.
"""

import argparse
import time

from fercourse.machine import hardware, load_backend

load_backend()

import keras  # noqa: E402
import numpy as np  # noqa: E402

from fercourse import training  # noqa: E402
from fercourse.ingredients import augmentation, make_optimizer  # noqa: E402
from fercourse.machine import xla_is_slow  # noqa: E402
from fercourse.models import vgg19_attention  # noqa: E402
from fercourse.practice import practice_faces  # noqa: E402
from fercourse.recipes import RECIPES  # noqa: E402

ROUNDS = 3


def main() -> None:
    """Time both in turn and print the medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--width", type=float, default=0.25)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=60)
    options = parser.parse_args()
    recipe = RECIPES["pocket"].changed(batch_size=options.batch, ema=0.0)
    faces = practice_faces(options.batch * options.steps).faces
    settings = {"size": options.size, "width": options.width, "weights": None}

    training.prepare(recipe)
    loop = training._FacesInMemory(vgg19_attention("block4_pool", **settings), faces, recipe)
    training._start_phase(loop, recipe, options.steps, head_only=False)
    rows = np.arange(len(faces), dtype="int32")

    network = vgg19_attention("block4_pool", **settings)
    plain = keras.Sequential([keras.Input((48, 48, 1)), *augmentation(recipe), network])
    plain.compile(
        optimizer=make_optimizer(recipe, options.steps),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False if xla_is_slow() else "auto",
    )
    images, emotions = faces.images[..., None], faces.emotions.astype("int32")

    runs = {
        "rows, faces on the device": lambda: loop.fit(rows, rows, batch_size=options.batch, verbose=0),
        "plain fit": lambda: plain.fit(images, emotions, batch_size=options.batch, verbose=0),
    }
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS + 1):
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    print(f"{keras.backend.backend()} on {hardware()}, {options.size} pixels, width {options.width}")
    speeds = {name: len(faces) / float(np.median(times[1:])) for name, times in seconds.items()}
    for name, speed in speeds.items():
        print(f"{name}: {speed:.0f} faces/s (first call, with compilation: {seconds[name][0]:.1f} s)")
    print(f"ratio: {speeds['rows, faces on the device'] / speeds['plain fit']:.2f}")


if __name__ == "__main__":
    main()
