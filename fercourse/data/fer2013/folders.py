"""FER2013 as image folders: `train|validation|test/<emotion>/*` in PNG or JPEG."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE, Faces
from fercourse.data.fer2013.tables import (
    SPLITS,
    FaceDataError,
    Reading,
    check_start,
    no_faces,
)

_SPLIT_NAMES = {
    "train": "train", "training": "train",
    "validation": "validation", "val": "validation", "valid": "validation",
    "publictest": "validation",
    "test": "test", "testing": "test", "privatetest": "test",
}  # fmt: skip
_EMOTION_NAMES = {
    **{name: number for number, name in enumerate(EMOTIONS)},
    **{str(number): number for number in range(len(EMOTIONS))},
    "anger": 0, "disgusted": 1, "fearful": 2, "happiness": 3, "sadness": 4, "surprised": 5,
    "suprise": 5,  # a spelling that is widespread in copies
}  # fmt: skip
_FOREIGN = ("contempt",)  # an emotion of other data sets, which FER2013 does not have

# The rows that each split has in fer2013.csv.
_ROWS = {"train": (0, 28709), "validation": (28709, 32298), "test": (32298, 35887)}
_NUMBERED = re.compile(r"(training|publictest|privatetest)_(\d{1,9})", re.IGNORECASE)
_COPY = re.compile(
    r"(?<![a-z])(aug|augmented|flip|flipped|hflip|copy|rot|rotated|mirror|mirrored)(?![a-z])",
    re.IGNORECASE,
)
_SECOND = re.compile(
    r"(.+?) ?\(\d+\)"
)  # what browsers and file managers call a second copy
_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")


class Picture(NamedTuple):
    """An image file: its path with forward slashes, and how to get its bytes."""

    name: str
    read: Callable[[], bytes]


class _Placed(NamedTuple):
    picture: Picture
    split: str
    emotion: int
    number: int  # -1 when the name has none


class _LeftOut:
    """Counts what is left out, by reason, and turns it into one sentence each."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, reason: str, name: str) -> None:
        self._names.setdefault(reason, []).append(name)

    def sentences(self) -> list[str]:
        return [
            f"{len(names):,} {'image' if len(names) == 1 else 'images'} left out: "
            f"{reason}, "
            f"such as {names[0]}."
            for reason, names in self._names.items()
        ]


def holds_faces(folder: Path) -> bool:
    """Whether `folder` has a split folder that has a folder named like an emotion."""
    return any(
        inner.is_dir() and inner.name.casefold() in _EMOTION_NAMES
        for split in _split_folders(folder)
        for inner in split.iterdir()
    )


def list_files(folder: Path) -> list[Path]:
    """Every file in the split folders of `folder`, sorted by path; hidden files apart."""
    files = []
    for split in _split_folders(folder):
        for where, _, names in os.walk(split, followlinks=True):
            files += [Path(where, name) for name in names if not name.startswith(".")]
    return sorted(files)


def _split_folders(folder: Path) -> list[Path]:
    return [
        inner
        for inner in sorted(folder.iterdir())
        if inner.name.casefold() in _SPLIT_NAMES and inner.is_dir()
    ]


def read_folders(folder: Path) -> Reading:
    """Read the image folders in `folder`."""
    files = list_files(folder)
    pictures = [
        Picture(file.relative_to(folder).as_posix(), file.read_bytes) for file in files
    ]
    return read_pictures(pictures, "image folders")


def is_picture(name: str) -> bool:
    """Whether a path has a split folder in it and leads to a file that is not hidden."""
    *folders, base = name.split("/")
    return not base.startswith(".") and any(
        part.casefold() in _SPLIT_NAMES for part in folders
    )


def read_pictures(pictures: list[Picture], form: str) -> Reading:
    """Sort pictures into splits by folder and name, and decode those that are certain.

    Raises:
        FaceDataError: An unreadable image, two folders for one split, an unknown folder
            where one of the seven emotions is missing, or no face at all.
    """
    left_out = _LeftOut()
    placed, mixed = _halves(
        _without_copies(_place(pictures, left_out), left_out), left_out
    )
    decoded, lossy = _decode(placed, left_out)
    if not decoded:
        found = " ".join(left_out.sentences())
        raise FaceDataError(
            f"{form}: no face of {IMAGE_SIDE}×{IMAGE_SIDE} pixels was found. {found} "
            "Expected are train|validation|test/<emotion>/ with PNG or JPEG images."
        )
    ordered = _trusted([item for item, _ in decoded])
    reports = left_out.sentences()
    if any(item.picture.name.split("/")[-2].isdigit() for item, _ in decoded):
        reports.append(
            "Folders named by number were read in FER2013's order: 0 angry, 1 "
            "disgust, 2 fear, "
            "3 happy, 4 sad, 5 surprise, 6 neutral."
        )
    numbered = [(item.split, item.number) for item, _ in decoded if item.number >= 0]
    if twice := len(numbered) - len(set(numbered)):
        reports.append(
            f"{twice:,} numbers of file names stand under two emotions; all were taken."
        )
    faces, first = {}, 0
    for split in SPLITS:
        faces[split] = _faces(
            [pair for pair in decoded if pair[0].split == split], ordered, first
        )
        first += len(faces[split])
    return Reading(faces, form, mixed, lossy, ordered, tuple(reports))


def _place(pictures: list[Picture], left_out: _LeftOut) -> list[_Placed]:
    """Give each picture the split and the emotion that its folders name."""
    placed: list[_Placed] = []
    homes: dict[str, set[str]] = {}
    unknown: dict[str, set[str]] = {}
    for picture in sorted(pictures, key=lambda picture: picture.name):
        *outer, base = picture.name.split("/")
        split = _SPLIT_NAMES.get(outer[-2].casefold()) if len(outer) > 1 else None
        if not base.casefold().endswith((".png", ".jpg", ".jpeg")):
            if not base.casefold().endswith((".db", ".ini", ".txt", ".csv", ".md")):
                left_out.add("neither PNG nor JPEG", picture.name)
        elif split is None:
            left_out.add("not in train|validation|test/<emotion>/", picture.name)
        elif (emotion := _EMOTION_NAMES.get(outer[-1].casefold())) is None:
            left_out.add(
                f"the folder {outer[-1]} is none of the seven emotions", picture.name
            )
            if outer[-1].casefold() not in _FOREIGN:
                unknown.setdefault(split, set()).add("/".join(outer[-2:]))
        else:
            homes.setdefault(split, set()).add("/".join(outer[:-1]))
            match = _NUMBERED.fullmatch(base.rsplit(".", 1)[0])
            placed.append(
                _Placed(picture, split, emotion, int(match[2]) if match else -1)
            )
    for split, folders in homes.items():
        if len(folders) > 1:
            raise FaceDataError(
                f"Two folders could be {split}: {' and '.join(sorted(folders))}. "
                "Move one away, or give the path of the folder that holds the other."
            )
    for split, folders in unknown.items():
        missing = set(range(len(EMOTIONS))) - {
            item.emotion for item in placed if item.split == split
        }
        if missing:
            raise FaceDataError(
                f"The folder {sorted(folders)[0]} is none of the seven emotions, and "
                f"{split} has no "
                f"folder for "
                f"{', '.join(EMOTIONS[number] for number in sorted(missing))}. "
                "Rename it to the emotion that it holds, or move it away."
            )
    return placed


def _without_copies(placed: list[_Placed], left_out: _LeftOut) -> list[_Placed]:
    """Leave out augmented copies, and second copies of a picture by its name."""
    stems = {item.picture.name.rsplit(".", 1)[0] for item in placed}
    seen: set[tuple[str, int, int]] = set()
    kept = []
    # PNG first: of a PNG and a JPEG with the same name, the PNG is the exact one.
    for item in sorted(
        placed, key=lambda item: not item.picture.name.casefold().endswith(".png")
    ):
        stem = item.picture.name.rsplit(".", 1)[0]
        base = stem.rsplit("/", 1)[-1]
        second = _SECOND.fullmatch(stem)
        key = (base.casefold().split("_")[0], item.emotion, item.number)
        if _COPY.search(base):
            left_out.add("the name says augmented copy", item.picture.name)
        elif (second and second[1] in stems) or (item.number >= 0 and key in seen):
            left_out.add("second copies", item.picture.name)
        else:
            seen.add(key)
            kept.append(item)
    return sorted(kept, key=lambda item: item.picture.name)


def _halves(placed: list[_Placed], left_out: _LeftOut) -> tuple[list[_Placed], bool]:
    """Tell PublicTest from PrivateTest by file name, and whether they cannot be told apart."""
    named = {"training": "train", "publictest": "validation", "privatetest": "test"}

    def says(item: _Placed) -> str | None:
        match = _NUMBERED.fullmatch(
            item.picture.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        )
        return named[match[1].casefold()] if match else None

    told = any(
        says(item) in ("validation", "test") for item in placed if item.split != "train"
    )
    kept = []
    for item in placed:
        split = says(item)
        if split is not None and (split == "train") != (item.split == "train"):
            left_out.add("name and folder contradict each other", item.picture.name)
        elif split is None and item.split == "test" and told:
            left_out.add(
                "the name does not tell PublicTest from PrivateTest", item.picture.name
            )
        else:
            kept.append(item._replace(split=split or item.split))
    tests = {
        item.picture.name.split("/")[-3].casefold()
        for item in kept
        if item.split == "test"
    }
    alone = not any(item.split == "validation" for item in kept)
    return kept, not told and alone and bool(tests - {"privatetest"})


def _decode(
    placed: list[_Placed], left_out: _LeftOut
) -> tuple[list[tuple[_Placed, np.ndarray]], bool]:
    from PIL import Image

    decoded, lossy = [], False
    for item in placed:
        name = item.picture.name
        try:
            data = item.picture.read()
            check_start(data, name)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
                # The size stands in the header: a thumbnail or a bomb is never decoded.
                if image.size != (IMAGE_SIDE, IMAGE_SIDE):
                    left_out.add(f"not {IMAGE_SIDE}×{IMAGE_SIDE} pixels", name)
                    continue
                if image.mode not in _MODES:
                    left_out.add("not 8 bits a pixel", name)
                    continue
                pixels = np.asarray(image.convert("L"))
                lossy = lossy or image.format == "JPEG"
        except FaceDataError:
            raise
        except Image.DecompressionBombError:
            left_out.add(f"not {IMAGE_SIDE}×{IMAGE_SIDE} pixels", name)
            continue
        except (
            OSError,
            ValueError,
            SyntaxError,
        ) as error:  # SyntaxError: Pillow on a broken PNG
            raise FaceDataError(
                f"{name} cannot be read as an image. Delete it, or copy it again from "
                f"its source."
            ) from error
        decoded.append((item, pixels))
    return decoded, lossy


def _trusted(placed: list[_Placed]) -> bool:
    """Whether the numbers in the names are rows of the CSV file.

    They are when all differ and either count every row from 0 or lie where FER2013 has
    each split. A popular copy carries eight-digit numbers that mean nothing.
    """
    numbers = [item.number for item in placed]
    if min(numbers) < 0 or len(set(numbers)) < len(numbers):
        return False
    dense = max(numbers) == len(numbers) - 1
    return dense or all(
        _ROWS[item.split][0] <= item.number < _ROWS[item.split][1] for item in placed
    )


def _faces(pairs: list[tuple[_Placed, np.ndarray]], ordered: bool, first: int) -> Faces:
    if not pairs:
        return no_faces()
    if ordered:
        pairs = sorted(pairs, key=lambda pair: pair[0].number)
        rows = np.array([item.number for item, _ in pairs], np.int32)
    else:
        rows = np.arange(first, first + len(pairs), dtype=np.int32)
    return Faces(
        np.stack([pixels for _, pixels in pairs]),
        np.array([item.emotion for item, _ in pairs], np.uint8),
        rows,
    )
