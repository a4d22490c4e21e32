"""What is in a data set: copies, contradictions, baselines, others' votes; and the facts of FER2013."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE, FaceData, Faces
from fercourse.machine import REPOSITORY

FERPLUS_VARIABLE = "FERCOURSE_FERPLUS"
FERPLUS_NAMES = ("fer2013new.csv", "fer2013new.csv.gz")
_VOTES = ("neutral", "happiness", "surprise", "sadness", "anger")
_VOTES += ("disgust", "fear", "contempt", "unknown", "NF")
FERPLUS_HEADER = ["Usage", "Image name", *_VOTES]
FERPLUS_COLUMNS = (4, 5, 6, 1, 3, 2, 0)
"""The vote column of each emotion, in the order of `EMOTIONS`; 7, 8, 9 are contempt, unknown, not a face."""

_PARTS = 3  # 768 pixels from -128 to 127: no sum of their products reaches 2**24, so float32 is exact
_BLOCK = 256


def joined(data: FaceData) -> Faces:
    """The faces of all three splits in one, training first."""
    splits = (data.train, data.validation, data.test)
    return Faces(
        *(
            np.concatenate([getattr(faces, part) for faces in splits])
            for part in ("images", "emotions", "rows")
        )
    )


def picture_numbers(images: np.ndarray) -> np.ndarray:
    """Number the different pictures in the order in which they first appear.

    Args:
        images: shape (N, 48, 48), or any other shape of which the first axis counts.

    Returns:
        int64, shape (N,); two images have the same number exactly if every pixel is the
        same.
    """
    known: dict[bytes, int] = {}
    return np.array(
        [known.setdefault(image.tobytes(), len(known)) for image in images],
        dtype=np.int64,
    )


def duplicate_groups(images: np.ndarray) -> list[np.ndarray]:
    """Which images are pixel for pixel the same: for each group of two or more, their positions."""
    numbers = picture_numbers(images)
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers)) if len(numbers) else []
    return [group for group in np.split(order, ends[:-1]) if len(group) > 1]


def contradictory_groups(
    groups: list[np.ndarray], emotions: np.ndarray
) -> list[np.ndarray]:
    """Those of the groups in which the same picture has more than one label."""
    return [group for group in groups if len(set(emotions[group].tolist())) > 1]


def constant_images(images: np.ndarray) -> np.ndarray:
    """Which images have one grey value all over: bool, shape (N,)."""
    flat = images.reshape(len(images), -1)
    return flat.min(axis=1) == flat.max(axis=1)


def average_faces(faces: Faces) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of every pixel, for each emotion.

    Returns:
        Two arrays, float64, shape (7, 48, 48), in grey values; an emotion without faces
        is all zeros.
    """
    means, spreads = np.zeros((2, len(EMOTIONS), IMAGE_SIDE, IMAGE_SIDE))
    for emotion in np.unique(faces.emotions):
        images = faces.images[faces.emotions == emotion]
        means[emotion], spreads[emotion] = images.mean(axis=0), images.std(axis=0)
    return means, spreads


def shrink(images: np.ndarray, side: int) -> np.ndarray:
    """Shrink faces to `side` × `side` pixels and enlarge them again, without inventing anything.

    Args:
        images: uint8, shape (N, 48, 48).
        side: of the small picture, 1 to 48.

    Returns:
        uint8, shape (N, 48, 48).
    """
    small = [
        Image.fromarray(image).resize((side, side), Image.Resampling.BOX)
        for image in images
    ]
    return np.stack(
        [
            np.array(image.resize((IMAGE_SIDE,) * 2, Image.Resampling.NEAREST))
            for image in small
        ]
    )


def nearest_neighbours(images: np.ndarray, known: np.ndarray) -> np.ndarray:
    """For each image, the position of the most similar known one.

    Similar means: the smallest sum of squared pixel differences; of equals, the first.
    The sums are matrix products in float32, cut into parts so small that they are
    exact, so the answer is the same on every machine. 3,589 against 28,709 faces take
    about 15 seconds on two cores.

    Args:
        images: uint8, shape (N, 48, 48).
        known: uint8, shape (M, 48, 48), M at least 1.

    Returns:
        int64, shape (N,), positions in `known`.

    Raises:
        ValueError: nothing is known.
    """
    if not len(known):
        raise ValueError("known is empty; the nearest of no faces does not exist.")
    theirs = _centred(known)
    norms = sum((part.astype(np.int32) ** 2).sum(axis=1) for part in theirs)
    nearest = np.empty(len(images), dtype=np.int64)
    for start in tqdm(range(0, len(images), _BLOCK), desc="nearest faces", leave=False):
        ours = _centred(images[start : start + _BLOCK])
        products = sum(
            (a @ b.T).astype(np.int32) for a, b in zip(ours, theirs, strict=True)
        )
        nearest[start : start + _BLOCK] = (norms - 2 * products).argmin(axis=1)
    return nearest


def _centred(images: np.ndarray) -> list[np.ndarray]:
    flat = images.reshape(len(images), -1).astype(np.float32) - 128
    return np.array_split(flat, _PARTS, axis=1)


def random_test(count: int, size: int, seed: int) -> np.ndarray:
    """Which of `count` faces chance puts into a test split of `size`: bool, shape (count,)."""
    test = np.zeros(count, dtype=bool)
    test[_shuffled(count, seed)[:size]] = True
    return test


def balanced(emotions: np.ndarray) -> np.ndarray:
    """Positions that repeat the faces of rare emotions until all are as frequent as the most frequent one.

    This is what is done to learn rare emotions better, and what must not be done before
    splitting.
    """
    most = np.bincount(emotions).max()
    return np.concatenate(
        [
            np.resize(np.flatnonzero(emotions == emotion), most)
            for emotion in np.unique(emotions)
        ]
    )


def _shuffled(count: int, seed: int) -> np.ndarray:
    # Sorting uniform numbers shuffles alike in every version of NumPy.
    return np.argsort(
        np.random.Generator(np.random.PCG64(seed)).random(count), kind="stable"
    )


def find_ferplus() -> Path | None:
    """The file of FER+ votes, or None.

    Looked for in `FERCOURSE_FERPLUS` (a file or its folder), in the folder of
    `FERCOURSE_DATA`, and in `data`.
    """
    named = (
        os.environ.get(FERPLUS_VARIABLE),
        os.environ.get("FERCOURSE_DATA"),
        REPOSITORY / "data",
    )
    for place in (Path(place).expanduser() for place in named if place):
        if place.name in FERPLUS_NAMES and place.is_file():
            return place
        folder = place.parent if place.is_file() else place
        for name in FERPLUS_NAMES:
            if (folder / name).is_file():
                return folder / name
    return None


def read_ferplus(path: str | os.PathLike[str]) -> np.ndarray:
    """Read the FER+ votes: ten people a picture (Barsoum et al., 2016, https://arxiv.org/abs/1608.01041).

    Row i belongs to row i of fer2013.csv. The file's image names do not: from row 60 on
    they drift away.

    Args:
        path: fer2013new.csv, or the same with .gz.

    Returns:
        int64, shape (rows, 10): votes for neutral, happiness, surprise, sadness, anger,
        disgust, fear, contempt, unknown, and "not a face".

    Raises:
        ValueError: the file has other columns.
    """
    path = Path(path)
    with (gzip.open if path.suffix == ".gz" else open)(
        path, "rt", encoding="utf-8-sig"
    ) as file:
        header, *rows = (line.strip().split(",") for line in file if line.strip())
    if header != FERPLUS_HEADER:
        raise ValueError(
            f"{path.name} does not begin with the columns of FER+ "
            f"({', '.join(FERPLUS_HEADER)}). "
            "Take fer2013new.csv from github.com/microsoft/FERPlus."
        )
    return np.array([row[2:] for row in rows], dtype=np.int64)


def ferplus_agreement(emotions: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """Whether the most frequent FER+ vote is the label; of equal votes the first column counts.

    Args:
        emotions: shape (N,), 0–6.
        votes: int, shape (N, 10), the rows that belong to the same faces.

    Returns:
        bool, shape (N,).
    """
    return votes.argmax(axis=1) == np.array(FERPLUS_COLUMNS)[emotions]


def leak(numbers: np.ndarray, test: np.ndarray) -> int:
    """How many test faces also stand outside the test split.

    Args:
        numbers: int, shape (N,), see `picture_numbers`.
        test: bool, shape (N,), which faces are the test split.
    """
    return int(np.isin(numbers[test], numbers[~test]).sum())
