"""Make the interactive page: pocket models in the reader's browser.

    python lessons/site/export.py _site/panel

Needs Node.js; without it, the page is left out. `make install` fetches its packages.
`course.json` describes the models and names their files; `faces.bin` has the panel's
practice faces, one byte a pixel. A model's file holds its arrays one after another, as
its description in `course.json` lists them. Kernels keep the 16 bits of the shipped
weights; whatever batch normalisation multiplies and adds is given in 32 bits.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from fercourse.machine import load_backend

load_backend()

import keras
from matplotlib import colormaps

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.lessons.lesson04.knowledge import FACES_PER_EMOTION, Choice, Knowledge
from fercourse.models.costs import configuration_costs
from fercourse.models.network import Network
from fercourse.models.pocket import (
    LARGER_VARIANTS,
    VARIANTS,
    is_shipped,
    pocket_model,
)
from fercourse.models.vgg19 import BLOCKS, IMAGENET_MEANS_BGR
from fercourse.plots.figures import EMOTION_COLOURS, MAP_COLOURS
from fercourse.results.runs import evaluate

PANEL = Path(__file__).parent / "panel"
"""The page's own sources."""

SIGNED_COLOURS = "PuOr_r"
"""As in lesson 03: violet below zero, orange above."""


class _File:
    """Arrays in one file, and what a reader must know of each."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.arrays: dict[str, dict[str, Any]] = {}

    def add(self, name: str, values: np.ndarray, kind: str) -> None:
        content = np.ascontiguousarray(values, kind).tobytes()
        start = sum(map(len, self.parts))
        self.arrays[name] = {"shape": values.shape, "kind": kind, "start": start}
        # Every array begins at a multiple of four bytes.
        self.parts.append(content + bytes(-len(content) % 4))


def main(folder: Path) -> None:
    """Write every file of the page into a folder."""
    if shutil.which("npm") is None:
        print("The interactive page is left out: it needs Node.js (nodejs.org).")
        return
    folder.mkdir(parents=True, exist_ok=True)
    _bundle(folder)
    _data(folder)


def _bundle(folder: Path) -> None:
    """The page, its code in one file, and the WebAssembly of TensorFlow.js."""
    packages = PANEL / "node_modules"
    if not packages.is_dir():
        subprocess.run(["npm", "ci", "--silent"], cwd=PANEL, check=True)
    build = ["npm", "run", "--silent", "build", "--", f"--outdir={folder.resolve()}"]
    subprocess.run(build, cwd=PANEL, check=True)
    compiled = packages / "@tensorflow" / "tfjs-backend-wasm" / "dist"
    for path in (PANEL / "index.html", PANEL / "page.css", *compiled.glob("*.wasm")):
        shutil.copyfile(path, folder / path.name)


def _data(folder: Path) -> None:
    """The models, the practice faces, and what was measured."""
    known = Knowledge.of_the_course()
    (folder / "faces.bin").write_bytes(known.faces.images.tobytes())
    course = {
        "emotions": EMOTIONS,
        "colours": [EMOTION_COLOURS[emotion] for emotion in EMOTIONS],
        "faces_per_emotion": FACES_PER_EMOTION,
        "first_face": _first_face(known),
        "map_colours": _colours(MAP_COLOURS),
        "signed_colours": _colours(SIGNED_COLOURS),
        "side": IMAGE_SIDE,
        "means": IMAGENET_MEANS_BGR,
        "convolutions": [count for count, _ in BLOCKS],
        "models": [
            _model(variant, known, folder)
            for variant in (*VARIANTS, *LARGER_VARIANTS)
            if is_shipped(variant)
        ],
    }
    (folder / "course.json").write_text(json.dumps(course), encoding="utf-8")


def _first_face(known: Knowledge) -> int:
    """The first of the panel's faces that the model of block 4 recognises."""
    first = Choice(Network.pocket("block4_pool"))
    for number, emotion in enumerate(known.faces.emotions):
        answer = known.answer(first, known.faces.images[number], number)
        if answer is not None and answer.probabilities.argmax() == emotion:
            return number
    return 0


def _colours(name: str) -> list[list[int]]:
    """Red, green and blue for 256 values, from the lowest to the highest."""
    return colormaps[name](np.arange(256), bytes=True)[:, :3].tolist()


def _model(variant: Network, known: Knowledge, folder: Path) -> dict[str, Any]:
    """Write a model's file; returns its description."""
    file = _file(variant)
    path = folder / f"{variant.name}.bin"
    path.write_bytes(b"".join(file.parts))
    measured = evaluate(known.runs[variant].single["public"])
    parameters, additions = configuration_costs(variant)
    return {
        "name": variant.name,
        "file": path.name,
        "bytes": path.stat().st_size,
        "arrays": file.arrays,
        "block": int(variant.blocks[0].removeprefix("block")) if variant.after else 0,
        "combine": variant.combine,
        "size": variant.size,
        "parameters": parameters,
        "multiply_adds": additions,
        "accuracy": [measured.accuracy, measured.low, measured.high],
    }


def _file(variant: Network) -> _File:
    model = pocket_model(variant.after, variant.combine, size=variant.size)
    file = _File()
    if variant.size != IMAGE_SIDE:
        file.add("enlarge", _enlarging(variant.size), "float32")
    for layer in model.layers:
        values = layer.get_weights()
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = values
            # y = γ (x − mean) / √(variance + ε) + β = scale · x + offset
            scale = gamma / np.sqrt(variance + layer.epsilon)
            name = layer.name.removesuffix("_bn")
            file.add(f"{name}/scale", scale, "float32")
            file.add(f"{name}/offset", beta - scale * mean, "float32")
        elif values and not isinstance(layer, keras.layers.Normalization):
            name = "attention" if layer.name.endswith("_attention") else layer.name
            file.add(f"{name}/kernel", values[0], "float16")
            if len(values) > 1:
                file.add(f"{name}/offset", values[1], "float32")
    return file


def _enlarging(size: int) -> np.ndarray:
    """The matrix R, (size, 48), with which R · face · Rᵀ is the enlarged face."""
    columns = np.eye(IMAGE_SIDE, dtype="float32")[None, ..., None]
    # Along one side only: every column of the identity matrix is an image's column.
    enlarged = keras.ops.image.resize(
        columns, (size, IMAGE_SIDE), interpolation="bicubic"
    )
    return keras.ops.convert_to_numpy(enlarged)[0, ..., 0]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
