"""What is in a data set: copies, contradictions, average faces, neighbours, leaks."""

from __future__ import annotations

import numpy as np
from PIL import Image

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE, FaceData, Faces
from fercourse.machine import ProgressBar

# Sums of products of 768 numbers from -128 to 127 stay below 2**24: exact in float32.
_PARTS = IMAGE_SIDE * IMAGE_SIDE // 768
_BLOCK = 256


def joined(data: FaceData) -> Faces:
    """The faces of all three splits in one, training first."""
    return Faces.join(data.splits.values())


def picture_numbers(images: np.ndarray) -> np.ndarray:
    """Number the different pictures in the order in which they first appear.

    Returns:
        int64, shape (N,); images have the same number if every pixel is the same.
    """
    known: dict[bytes, int] = {}
    numbers = [known.setdefault(image.tobytes(), len(known)) for image in images]
    return np.array(numbers, dtype=np.int64)


def duplicate_groups(images: np.ndarray) -> list[np.ndarray]:
    """The positions of images that are the same in every pixel, in groups."""
    numbers = picture_numbers(images)
    # The positions sorted by picture, cut where the next picture begins.
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers))
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
        Two arrays, float64, shape (7, 48, 48); all zeros for an emotion without faces.
    """
    means, spreads = np.zeros((2, len(EMOTIONS), IMAGE_SIDE, IMAGE_SIDE))
    for emotion in np.unique(faces.emotions):
        images = faces.images[faces.emotions == emotion]
        means[emotion], spreads[emotion] = images.mean(axis=0), images.std(axis=0)
    return means, spreads


def shrink(images: np.ndarray, side: int) -> np.ndarray:
    """Shrink faces to `side` × `side` pixels (means) and enlarge them again (repeats).

    Returns:
        uint8, shape (N, 48, 48), as `images`.
    """

    def shrunk(image: np.ndarray) -> np.ndarray:
        small = Image.fromarray(image).resize((side, side), Image.Resampling.BOX)
        return np.array(small.resize((IMAGE_SIDE,) * 2, Image.Resampling.NEAREST))

    return np.stack([shrunk(image) for image in images])


def nearest_neighbours(images: np.ndarray, known: np.ndarray) -> np.ndarray:
    """For each image, the position of the most similar known one.

    Most similar means the smallest sum of squared pixel differences; of equals, the
    first. The sums are exact, so the answer is the same on every machine. 3,589 against
    28,709 faces take about 15 seconds on two cores.

    Args:
        images: uint8, shape (N, 48, 48).
        known: uint8, shape (M, 48, 48), M at least 1.

    Returns:
        int64, shape (N,), positions in `known`.
    """
    if not len(known):
        raise ValueError("known is empty; the nearest of no faces does not exist.")
    theirs = _centred(known)
    # |a - b|² = |a|² - 2 a·b + |b|², and |a|² is the same for every b: leave it out.
    norms = sum((part.astype(np.int32) ** 2).sum(axis=1) for part in theirs)  # (M,)
    nearest = np.empty(len(images), dtype=np.int64)
    for start in ProgressBar(range(0, len(images), _BLOCK), desc="nearest faces"):
        block = slice(start, start + _BLOCK)
        pairs = zip(_centred(images[block]), theirs, strict=True)
        products = sum((a @ b.T).astype(np.int32) for a, b in pairs)  # (256, M)
        nearest[block] = (norms - 2 * products).argmin(axis=1)
    return nearest


def _centred(images: np.ndarray) -> list[np.ndarray]:
    """Grey values around 0, float32, in parts of shape (N, 768)."""
    flat = images.reshape(len(images), -1).astype(np.float32) - 128
    return np.array_split(flat, _PARTS, axis=1)


def remembered(faces: Faces, test: np.ndarray, step: int = 1) -> np.ndarray:
    """Which test faces get their label from their nearest neighbour among the rest.

    `test`, bool of shape (N,), marks the test faces; every `step`-th is looked up.
    """
    asked, known = faces[np.flatnonzero(test)[::step]], faces[~test]
    nearest = nearest_neighbours(asked.images, known.images)
    return known.emotions[nearest] == asked.emotions


def random_test(count: int, size: int, seed: int) -> np.ndarray:
    """A random test split: bool, shape (count,), True for `size` of the faces."""
    # Sorting uniform numbers shuffles alike in every version of NumPy.
    chance = np.random.Generator(np.random.PCG64(seed)).random(count)
    test = np.zeros(count, dtype=bool)
    test[np.argsort(chance, kind="stable")[:size]] = True
    return test


def balanced(emotions: np.ndarray) -> np.ndarray:
    """Positions that repeat the faces of rare emotions until all are equally frequent.

    This helps to learn rare emotions, and must not be done before splitting.
    """
    most = np.bincount(emotions).max()
    positions = [np.flatnonzero(emotions == emotion) for emotion in np.unique(emotions)]
    return np.concatenate([np.resize(some, most) for some in positions])


def leak(numbers: np.ndarray, test: np.ndarray) -> int:
    """How many faces of the split `test`, a mask, are outside it too, by number."""
    return int(np.isin(numbers[test], numbers[~test]).sum())
