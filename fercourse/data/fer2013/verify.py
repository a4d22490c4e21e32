"""Whether faces are FER2013's: known from hashes, without any pixel or label."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fercourse.data.faces import FaceData, Faces, digest
from fercourse.data.fer2013.tables import Reading


class _Published(NamedTuple):
    images: str  # SHA-256 of the pixels in row order
    emotions: str  # SHA-256 of the labels in row order, one byte each
    counts: tuple[int, ...]  # faces of each emotion


_FER2013 = {
    "train": _Published(
        "df3a4816f2773b35a9f3d4a7ef9db4a08a05ba690f816f7fef5873c43960809f",
        "e013aa0aa0b464e92443aa01950fbc974b099828690b72dc68aeb928766c6435",
        (3995, 436, 4097, 7215, 4830, 3171, 4965),
    ),
    "validation": _Published(
        "55b4b9d1b3c61f36ffc4121ab62edc1391693780bf078827a8f8a3aa077145a3",
        "6f62bd526ed08067dd2f1faf3ebfe4e37552b2e1d130322a24fdfaafd4d67968",
        (467, 56, 496, 895, 653, 415, 607),
    ),
    "test": _Published(
        "179d376e953073aa33926501accca585431635f85fd9d2081de1b8344e95e61e",
        "19e25aa1d187ba49a99350f0aaf83ff90f86fa2d0f78a0d3c9a6c657eb15823d",
        (491, 55, 528, 879, 594, 416, 626),
    ),
}
_ROW_DIGESTS = Path(__file__).with_name("row_digests.npy")  # `row_digests` of all rows


def row_digests(images: np.ndarray) -> np.ndarray:
    """Sixteen bits of the BLAKE2b hash of each image: uint16, shape (N,)."""
    digests = [hashlib.blake2b(image, digest_size=2).digest() for image in images]
    return np.frombuffer(b"".join(digests), "<u2")


def separate_halves(reading: Reading) -> Reading:
    """Separate splits that are in one, where the content proves in which order.

    Kaggle's test.csv has PublicTest and then PrivateTest, without labels; a table
    without Usage has all three. Any 7,178 images of one split are the two halves.
    """
    train, validation, test = (reading.faces[split] for split in _FER2013)
    whole, splits = train, [*_FER2013]
    if len(validation) or len(test):
        whole, splits = (test if len(test) else validation), ["validation", "test"]
    ends = np.cumsum([sum(_FER2013[split].counts) for split in splits]).tolist()
    if len(whole) != ends[-1] or (len(validation) and len(test)):
        return reading
    slices = map(slice, [0, *ends], ends)
    divided = {split: whole[rows] for split, rows in zip(splits, slices, strict=True)}
    if all(_same_images(faces, split) for split, faces in divided.items()):
        return replace(reading, faces={**reading.faces, **divided}, mixed=False)
    if whole is train:
        return reading
    halves = {"validation": whole[:0], "test": whole}
    return replace(reading, faces={**reading.faces, **halves}, mixed=True)


def resembles_fer2013(data: FaceData) -> bool:
    """Whether these are FER2013's faces or most of them, also changed or in JPEG.

    True if seven in ten images are FER2013's, in any order, or if as many faces have
    each emotion, up to a tenth.
    """
    if data.integrity.startswith("verified"):
        return True
    everyone = Faces.join(data.splits.values())
    counts = np.array([published.counts for published in _FER2013.values()])
    present = [len(faces) > 0 for faces in data.splits.values()]
    for expected in (counts.sum(axis=0), counts[present].sum(axis=0)):
        differing = np.abs(list(everyone.counts().values()) - expected).sum()
        if differing <= 0.1 * expected.sum():
            return True
    here, published = row_digests(everyone.images), np.load(_ROW_DIGESTS)
    # Of other images, four in ten have the 16 bits of one of FER2013's by chance.
    matched = Counter(here.tolist()) & Counter(published.tolist())
    return matched.total() >= 0.7 * len(here)


def integrity(reading: Reading) -> str:
    """What the content says: "verified FER2013", or how many rows differ."""
    if reading.lossy:
        counts = _compared_counts(reading)
        return f"lossy copy (JPEG), so that pixels cannot be verified; {counts}"
    if not all(_same_images(faces, split) for split, faces in reading.faces.items()):
        return _differences(reading)
    unlabelled = [split for split, faces in reading.faces.items() if not faces.labelled]
    if unlabelled:
        return f"verified FER2013 images, without labels in {' and '.join(unlabelled)}"
    if wrong := _differing_labels(reading):
        return (
            "not FER2013 as published: the images are, but at least "
            f"{_rows(wrong)} differ in label"
        )
    return "verified FER2013"


def _differences(reading: Reading) -> str:
    in_order = reading.ordered and not reading.mixed
    published, differing, certain = 0, 0, in_order
    for faces, digests, _ in _compared(reading):
        published += len(digests)
        here = row_digests(faces.images)
        if in_order and len(here) == len(digests):
            differing += int((here != digests).sum())
        else:
            # Without a common order, only rows without any counterpart surely differ.
            matched = Counter(here.tolist()) & Counter(digests.tolist())
            differing += max(len(here), len(digests)) - matched.total()
            certain = False
    if not differing and not in_order:
        return f"FER2013's images in another order; {_compared_counts(reading)}"
    total = sum(len(faces) for faces in reading.faces.values())
    at_least = "" if certain and differing else "at least "
    words = (
        f"not FER2013 as published: {at_least}{_rows(max(differing, 1))} of "
        f"{published:,} differ"
    )
    if total != published:
        words += f" or are missing ({_rows(total)} instead of {published:,})"
    labelled = all(faces.labelled for faces in reading.faces.values())
    if certain and labelled and (wrong := _differing_labels(reading)):
        words += f" in pixels, and at least {_rows(wrong)} in label"
    return words


def _compared_counts(reading: Reading) -> str:
    differing = sum(
        int(np.abs(np.subtract(list(faces.counts().values()), counts)).sum())
        for faces, _, counts in _compared(reading)
    )
    if not differing:
        return "as many faces of each emotion as FER2013"
    return (
        "the numbers of faces of each emotion differ from FER2013's by "
        f"{differing:,} in all"
    )


def _compared(reading: Reading) -> Iterator[tuple[Faces, np.ndarray, np.ndarray]]:
    """The faces of each split, with FER2013's row digests and counts of emotions.

    PublicTest and PrivateTest are compared as one split where they are mixed.
    """
    splits = [("train",), ("validation",), ("test",)]
    digests, first = np.load(_ROW_DIGESTS), 0
    for names in [("train",), ("validation", "test")] if reading.mixed else splits:
        counts = np.sum([_FER2013[name].counts for name in names], axis=0)
        last = first + counts.sum()
        faces = Faces.join(reading.faces[name] for name in names)
        yield faces, digests[first:last], counts
        first = last


def _same_images(faces: Faces, split: str) -> bool:
    return len(faces) == sum(_FER2013[split].counts) and (
        digest(faces.images) == _FER2013[split].images
    )


def _differing_labels(reading: Reading) -> int:
    """How many labels differ at least: as the counts say where the hash disagrees."""
    differing = 0
    for split, faces in reading.faces.items():
        if digest(faces.emotions) != _FER2013[split].emotions:
            surplus = np.subtract(list(faces.counts().values()), _FER2013[split].counts)
            # A label that is wrong is missing in one count and too many in another.
            differing += max(1, int(np.abs(surplus).sum()) // 2)
    return differing


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
