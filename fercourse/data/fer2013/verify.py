"""Whether faces are FER2013's, told from hashes alone: the course ships neither pixels nor labels."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fercourse.data.faces import Faces
from fercourse.data.fer2013.tables import SPLITS, Reading, no_faces


class _Known(NamedTuple):
    images: str  # SHA-256 of the pixels in row order
    emotions: str  # SHA-256 of the labels in row order, one byte each
    counts: tuple[int, ...]  # faces of each emotion


_FER2013 = {
    "train": _Known(
        "df3a4816f2773b35a9f3d4a7ef9db4a08a05ba690f816f7fef5873c43960809f",
        "e013aa0aa0b464e92443aa01950fbc974b099828690b72dc68aeb928766c6435",
        (3995, 436, 4097, 7215, 4830, 3171, 4965),
    ),
    "validation": _Known(
        "55b4b9d1b3c61f36ffc4121ab62edc1391693780bf078827a8f8a3aa077145a3",
        "6f62bd526ed08067dd2f1faf3ebfe4e37552b2e1d130322a24fdfaafd4d67968",
        (467, 56, 496, 895, 653, 415, 607),
    ),
    "test": _Known(
        "179d376e953073aa33926501accca585431635f85fd9d2081de1b8344e95e61e",
        "19e25aa1d187ba49a99350f0aaf83ff90f86fa2d0f78a0d3c9a6c657eb15823d",
        (491, 55, 528, 879, 594, 416, 626),
    ),
}


def _size(split: str) -> int:
    return sum(_FER2013[split].counts)


def row_digests(images: np.ndarray) -> np.ndarray:
    """Sixteen bits of the BLAKE2b hash of each image: uint16, shape (N,)."""
    digests = [hashlib.blake2b(image, digest_size=2).digest() for image in images]
    return np.frombuffer(b"".join(digests), "<u2")


def tell_halves(reading: Reading) -> Reading:
    """Divide a test split of 7,178 images where its content proves which half is which.

    Kaggle's test.csv holds PublicTest and then PrivateTest, without labels.
    """
    half, test = _size("validation"), reading.faces["test"]
    if not reading.mixed or len(reading.faces["validation"]) or len(test) != 2 * half:
        return reading
    faces = {**reading.faces, "validation": test[:half], "test": test[half:]}
    if not all(_same_images(faces[split], split) for split in ("validation", "test")):
        return reading
    return replace(reading, faces=faces, mixed=False)


def integrity(reading: Reading) -> str:
    """What the content says, in words: "verified FER2013", or how many rows differ."""
    if reading.lossy:
        return f"lossy copy (JPEG), so that pixels cannot be verified; {_compared_counts(reading)}"
    same = {split: _same_images(faces, split) for split, faces in reading.faces.items()}
    if not all(same.values()):
        return _differences(reading)
    unlabelled = [split for split, faces in reading.faces.items() if not faces.labelled]
    if unlabelled:
        return f"verified FER2013 images, without labels in {' and '.join(unlabelled)}"
    wrong = sum(
        _differing_labels(faces, split) for split, faces in reading.faces.items()
    )
    if wrong:
        return f"not FER2013 as published: the images are, but at least {_rows(wrong)} differ in label"
    return "verified FER2013"


def _known_rows() -> np.ndarray:
    """`row_digests` of all images of FER2013 in row order."""
    return np.load(Path(__file__).with_name("row_digests.npy"), allow_pickle=False)


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _same_images(faces: Faces, split: str) -> bool:
    images = np.ascontiguousarray(faces.images)
    return (
        len(images) == _size(split)
        and hashlib.sha256(images).hexdigest() == _FER2013[split].images
    )


def _differing_labels(faces: Faces, split: str) -> int:
    """How many labels differ at least: none when the hash agrees, else as the counts tell."""
    if (
        hashlib.sha256(np.ascontiguousarray(faces.emotions)).hexdigest()
        == _FER2013[split].emotions
    ):
        return 0
    differences = np.array(list(faces.counts().values())) - _FER2013[split].counts
    return max(1, int(abs(differences).sum()) // 2)


def _compared_counts(reading: Reading) -> str:
    """Compare the faces of each emotion, PublicTest and PrivateTest together if they are mixed."""
    groups = (
        [("train",), ("validation", "test")]
        if reading.mixed
        else [(s,) for s in SPLITS]
    )
    differing = 0
    for group in groups:
        here = sum(
            np.array(list(reading.faces[split].counts().values())) for split in group
        )
        known = sum(np.array(_FER2013[split].counts) for split in group)
        differing += int(abs(here - known).sum())
    if not differing:
        return "as many faces of each emotion as FER2013"
    return f"the numbers of faces of each emotion differ from FER2013's by {differing:,} in all"


def _differences(reading: Reading) -> str:
    known = _known_rows()
    bounds = np.cumsum([_size(split) for split in SPLITS])[:-1]
    genuine = dict(zip(SPLITS, np.split(known, bounds), strict=True))
    faces = dict(reading.faces)
    if reading.mixed:  # compared as one: which half a face belongs to is not known
        genuine["test"] = np.concatenate([genuine["validation"], genuine["test"]])
        genuine["validation"] = known[:0]
        faces["validation"] = no_faces()
    count, exact, published = 0, True, len(known)
    for split in SPLITS:
        here, there = row_digests(faces[split].images), genuine[split]
        if reading.ordered and len(here) == len(there) and not reading.mixed:
            count += int((here != there).sum())
            continue
        # Without a common order, only the number of rows without any counterpart is
        # certain.
        matched = sum((Counter(here.tolist()) & Counter(there.tolist())).values())
        count += max(len(here), len(there)) - matched
        exact = False
    total = sum(len(some) for some in reading.faces.values())
    sizes = (
        ""
        if total == published
        else f" or are missing ({_rows(total)} instead of {published:,})"
    )
    if not count and (reading.mixed or not reading.ordered):
        return f"FER2013's images in another order; {_compared_counts(reading)}"
    least = "" if exact and count else "at least "
    words = f"not FER2013 as published: {least}{_rows(max(count, 1))} of {published:,} differ{sizes}"
    if exact and all(some.labelled for some in faces.values()):
        wrong = sum(_differing_labels(some, split) for split, some in faces.items())
        return (
            f"{words} in pixels, and at least {_rows(wrong)} in label"
            if wrong
            else words
        )
    return words
