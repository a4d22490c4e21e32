"""How fast is training? The course's step, the device's limit, and PyTorch's step.

    KERAS_BACKEND=jax python benchmarks/train_speed.py

A rehearsal on a CPU:

    python benchmarks/train_speed.py --steps 2 --size 48 --width 0.25 --batch 16

Measured one after the other on one device, in one call:

1. how many bf16 multiplications a second a large matrix product gets: the limit;
2. the paper's network, trained by the recipe `paper`, as `python -m fercourse train`
   trains it;
3. with `--compare`, the same network with Keras's plain `fit` on NumPy arrays;
4. the test of 3,589 faces, which follows every epoch;
5. the same network, batch, augmentation and optimiser in PyTorch (channels last, bf16,
   compiled), where it is installed; in a process of its own, so that neither holds the
   other's memory.

Printed: faces a second, operations a second (two for each multiply-add, three times the
forward pass: the usual count of a training step), their share of the limit, and what an
epoch of FER2013 takes. First calls, which compile, are not counted. `--json` writes the
same into a file.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault(
    "XLA_PYTHON_CLIENT_PREALLOCATE", "false"
)  # PyTorch needs some memory too

from fercourse.machine import hardware, load_backend

load_backend()

import keras
import numpy as np

from fercourse.data.faces import Faces
from fercourse.data.practice import practice_faces
from fercourse.machine import has_accelerator, versions, xla_is_slow
from fercourse.models.costs import multiply_adds
from fercourse.models.vgg19 import vgg19_attention
from fercourse.training.augmentation import augmentation_layers
from fercourse.training.loop import prepare
from fercourse.training.optimizer import make_optimizer
from fercourse.training.prediction import in_batches, predict
from fercourse.training.recipes import RECIPES, Recipe
from fercourse.training.trainer import FacesInMemory, start_phase, steps_per_call

TRAINING_FACES, PUBLIC_FACES = 28_709, 3_589
DRAWN = 256
"""Practice faces that are drawn, then repeated: their content makes no difference."""


def main() -> None:
    """Measure all that was asked for, print a table, and write it down."""
    options = _options()
    recipe = RECIPES["paper"].changed(batch_size=options.batch)
    prepare(recipe)
    faces = _some_faces(options.batch * options.steps)
    model = vgg19_attention(size=options.size, width=options.width, weights=None)
    flops = 6 * multiply_adds(model)
    limit = matrix_rate(options.matrix)
    print(
        f"{keras.backend.backend()} on {hardware()}, "
        f"{keras.mixed_precision.global_policy().name}"
    )
    network = f"{options.size} pixels, width {options.width:g}, batch {options.batch}"
    print(f"{network}: {flops / 1e9:.3g} GFLOP a face")
    print(
        f"matrix product of {options.matrix}² in bf16: {limit / 1e12:.3g} TFLOP/s",
        flush=True,
    )
    found = {
        "device": hardware(),
        "versions": versions(),
        "limit": limit,
        "flops": flops,
        "rows": {},
    }

    def report(name: str, per_second: float, first: float) -> None:
        found["rows"][name] = {"faces_per_second": per_second, "first_call": first}
        rate = per_second * flops
        print(
            f"{name}: {per_second:.1f} faces/s, {rate / 1e12:.3g} TFLOP/s, "
            f"{100 * rate / limit:.1f} % of the "
            f"matrix product, {TRAINING_FACES / per_second:.1f} s an epoch (first "
            f"call {first:.1f} s)",
            flush=True,
        )

    report(
        f"this course, {steps_per_call()} step(s) a call",
        *time_loop(model, faces, recipe, options),
    )
    found["test_seconds"] = time_test(model, min(PUBLIC_FACES, 8 * len(faces)))
    print(f"a test of {PUBLIC_FACES} faces: {found['test_seconds']:.1f} s", flush=True)
    if options.compare:
        report("Keras, plain fit", *time_plain_fit(model, faces, recipe, options))
    del model
    if options.torch:
        torch = time_torch(faces, recipe, options)
        if torch is not None:
            report(
                f"PyTorch {torch['version']}",
                torch["faces_per_second"],
                torch["first_call"],
            )
            found["torch_limit"] = torch["limit"]
            print(f"(its matrix product: {torch['limit'] / 1e12:.3g} TFLOP/s)")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=48, help="of a round; default: 48")
    parser.add_argument(
        "--rounds", type=int, default=3, help="the median of them counts; default: 3"
    )
    parser.add_argument(
        "--matrix",
        type=int,
        default=8192 if has_accelerator() else 512,
        help="side of the matrix product",
    )
    parser.add_argument(
        "--compare",
        action="store_true",
        help="also Keras's plain fit",
    )
    parser.add_argument(
        "--no-torch", dest="torch", action="store_false", help="leave PyTorch out"
    )
    parser.add_argument(
        "--torch-python", default=sys.executable, help="the Python that has PyTorch"
    )
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser.parse_args()


def _some_faces(count: int) -> Faces:
    drawn = practice_faces(min(DRAWN, count)).faces
    rows = np.arange(count) % len(drawn)
    return Faces(
        drawn.images[rows], drawn.emotions[rows], np.arange(count, dtype="int32")
    )


def matrix_rate(side: int, repeats: int = 10) -> float:
    """Operations a second of a bf16 product of square matrices, best of three."""
    random = np.random.default_rng(0)
    a, b = (
        keras.ops.cast(random.normal(size=(side, side)).astype("float32"), "bfloat16")
        for _ in range(2)
    )
    product = _compiled(lambda a, b: keras.ops.matmul(a, b))
    _wait_for(product(a, b))
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        for _ in range(repeats):
            result = product(a, b)
        _wait_for(result)
        seconds.append((time.perf_counter() - started) / repeats)
    return 2 * side**3 / min(seconds)


def _compiled(function: Callable) -> Callable:
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(function)
    return function


def _wait_for(tensor) -> None:
    """Return when a result is there: one number of it is asked for."""
    keras.ops.convert_to_numpy(tensor[:1, :1])


def _median(
    action: Callable[[], object], count: int, rounds: int
) -> tuple[float, float]:
    """Things a second in the median round, and the seconds of the first call."""
    seconds = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - started)
    return count / float(np.median(seconds[1:])), seconds[0]


def time_loop(
    model: keras.Model, faces: Faces, recipe: Recipe, options: argparse.Namespace
) -> tuple[float, float]:
    """Faces a second of the course's loop, and the seconds of the first call."""
    trainer = FacesInMemory(model, faces, recipe)
    start_phase(trainer, recipe, options.steps, head_only=False)
    rows = np.arange(len(faces), dtype="int32")
    return _median(
        lambda: trainer.fit(
            **in_batches(rows, rows, batch_size=options.batch), shuffle=False, verbose=0
        ),
        len(faces),
        options.rounds,
    )


def time_plain_fit(
    model: keras.Model, faces: Faces, recipe: Recipe, options: argparse.Namespace
) -> tuple[float, float]:
    """Faces a second of Keras's `fit` on arrays, and the seconds of the first call."""
    plain = keras.Sequential(
        [keras.Input((48, 48, 1)), *augmentation_layers(recipe), model]
    )
    plain.compile(
        optimizer=make_optimizer(recipe, options.steps),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False if xla_is_slow() else "auto",
    )
    images, emotions = faces.images[..., None], faces.emotions.astype("int32")
    return _median(
        lambda: plain.fit(images, emotions, batch_size=options.batch, verbose=0),
        len(faces),
        options.rounds,
    )


def time_test(model: keras.Model, count: int) -> float:
    """Seconds of a compiled `predict` for PublicTest, measured on `count` faces."""
    images = np.random.default_rng(0).integers(0, 256, (count, 48, 48), dtype="uint8")
    predict(model, images)
    started = time.perf_counter()
    predict(model, images)
    return (time.perf_counter() - started) * PUBLIC_FACES / count


def time_torch(
    faces: Faces, recipe: Recipe, options: argparse.Namespace
) -> dict | None:
    """What `train_speed_torch.py` measures; None without PyTorch."""
    if (
        options.torch_python == sys.executable
        and importlib.util.find_spec("torch") is None
    ):
        print("PyTorch is not installed here: no comparison.")
        return None
    script = Path(__file__).with_name("train_speed_torch.py")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "faces.npz")
        np.savez(path, images=faces.images, emotions=faces.emotions)
        settings = {
            **{
                name: getattr(options, name)
                for name in ("size", "width", "batch", "rounds", "matrix")
            },
            "rotation": recipe.rotation,
            "shift": recipe.shift,
            "rate": recipe.learning_rate,
        }
        words = [options.torch_python, str(script), str(path), json.dumps(settings)]
        done = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        print(f"PyTorch failed with exit status {done.returncode}: no comparison.")
        return None
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
