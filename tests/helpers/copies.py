"""A made-up FER2013 of 42 faces, in the forms in which people have the real one."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fercourse.data.faces import EMOTIONS
from fercourse.data.fer2013.load import FaceDataError, load_fer2013

ROWS = 42  # each emotion in each split
USAGES = ["Training"] * 28 + ["PublicTest"] * 7 + ["PrivateTest"] * 7
LABELS = [row % 7 for row in range(ROWS)]
IMAGES = np.random.default_rng(0).integers(0, 256, (ROWS, 48, 48), dtype="uint8")
LINES = ["emotion,pixels,Usage"] + [
    f"{emotion},{' '.join(map(str, image.ravel()))},{usage}"
    for emotion, image, usage in zip(LABELS, IMAGES, USAGES, strict=True)
]
DOWNLOAD = "python -m fercourse download"


def write(path, lines=LINES, end="\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((end.join(lines) + end).encode())
    return path


def write_halves(folder):
    """Kaggle's train.csv and test.csv, the latter without labels."""
    write(folder / "train.csv", [row.rsplit(",", 1)[0] for row in LINES[:29]])
    write(folder / "test.csv", ["pixels", *(row.split(",")[1] for row in LINES[29:])])
    return folder


def save(image, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)


def write_folders(folder):
    """The popular copy in PNG: PublicTest and PrivateTest are both in `test`."""
    for row, (image, emotion, usage) in enumerate(
        zip(IMAGES, LABELS, USAGES, strict=True)
    ):
        split = "train" if usage == "Training" else "test"
        save(image, folder / split / EMOTIONS[emotion] / f"{usage}_{row}.png")
    return folder


def rename_all(folder, name):
    """Rename each image, given its usage and its row."""
    for file in sorted(folder.rglob("*.png")):
        usage, row = file.stem.split("_")
        file.rename(file.with_stem(name(usage, int(row))))


def pixel(line, place, value):
    """A row with another pixel."""
    emotion, pixels, usage = line.split(",")
    values = pixels.split()
    values[place] = value
    return f"{emotion},{' '.join(values)},{usage}"


def sizes(data):
    return [len(faces) for faces in data.splits.values()]


def assert_same(one, other):
    for here, there in zip(one.splits.values(), other.splits.values(), strict=True):
        for name in ("images", "emotions", "rows"):
            np.testing.assert_array_equal(getattr(here, name), getattr(there, name))


def message(path, *words):
    """Assert that loading fails, and that the message has these words and no folder."""
    with pytest.raises(FaceDataError) as caught:
        load_fer2013(path)
    text = str(caught.value)
    for word in words:
        assert word in text
    assert str(Path(path).parent) not in text
