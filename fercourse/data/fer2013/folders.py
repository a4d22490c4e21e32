"""FER2013 as image folders: `train|validation|test/<emotion>/*` in PNG or JPEG."""

from __future__ import annotations

import io
import os
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE, SPLITS, Faces
from fercourse.data.fer2013.tables import FaceDataError, Reading, check_start

_USAGES = {split.usage.lower(): split.name for split in SPLITS}
_SPLIT_NAMES = _USAGES | {split.name: split.name for split in SPLITS}
_SPLIT_NAMES |= {"val": "validation", "valid": "validation", "testing": "test"}
_EMOTION_NAMES = {
    **{name: number for number, name in enumerate(EMOTIONS)},
    **{str(number): number for number in range(len(EMOTIONS))},
    "anger": 0, "disgusted": 1, "fearful": 2, "happiness": 3, "sadness": 4,
    "surprised": 5, "suprise": 5,  # the second is widespread in copies
}  # fmt: skip
_FOREIGN = "contempt"  # an emotion of other data sets, which FER2013 does not have
_NO_IMAGES = (".db", ".ini", ".txt", ".csv", ".md")  # not worth a report

# The rows of each split in fer2013.csv.
_ROWS = {"train": (0, 28709), "validation": (28709, 32298), "test": (32298, 35887)}
_NUMBERED = re.compile(r"(training|publictest|privatetest)_(\d{1,9})", re.IGNORECASE)
_AUGMENTED = re.compile(
    r"(?<![a-z])(aug(mented)?|h?flip|flipped|copy|rot(ated)?|mirror(ed)?)(?![a-z])",
    re.IGNORECASE,
)
_SECOND = re.compile(r"(.+?) ?\(\d+\)")  # how file managers name a second copy
_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")  # 8 bits for each channel


@dataclass
class Picture:
    """An image file, what its folders and its name say, and what is in it."""

    name: str  # its path, with forward slashes
    read: Callable[[], bytes]
    split: str = ""
    emotion: int = -1
    says: str = ""  # the split in the file name
    number: int = -1  # in the file name
    pixels: np.ndarray | None = None  # uint8, (48, 48)
    fault: str = ""  # why it is left out

    @property
    def stem(self) -> str:
        """The path without the ending."""
        return self.name.rsplit(".", 1)[0]


def holds_faces(folder: Path) -> bool:
    """Whether `folder` has a split folder that has a folder named like an emotion."""
    return any(
        inner.parent.name.casefold() in _SPLIT_NAMES
        and inner.name.casefold() in _EMOTION_NAMES
        and inner.is_dir()
        for inner in folder.glob("*/*")
    )


def list_files(folder: Path) -> list[Path]:
    """Every file in the split folders of `folder`, sorted, without hidden ones."""
    return sorted(
        Path(where, name)
        for split in folder.iterdir()
        if split.name.casefold() in _SPLIT_NAMES
        for where, _, names in os.walk(split, followlinks=True)
        for name in names
        if not name.startswith(".")
    )


def is_picture(name: str) -> bool:
    """Whether a path leads through a split folder to a file that is not hidden."""
    *folders, base = name.casefold().split("/")
    return not base.startswith(".") and not _SPLIT_NAMES.keys().isdisjoint(folders)


def read_folders(folder: Path) -> Reading:
    """Read the image folders in `folder`."""
    pictures = [
        Picture(file.relative_to(folder).as_posix(), file.read_bytes)
        for file in list_files(folder)
    ]
    return read_pictures(pictures, "image folders")


def read_pictures(pictures: list[Picture], form: str) -> Reading:
    """Sort pictures into splits by folder and name, and decode those that are certain.

    Raises:
        FaceDataError: an unreadable image, two folders for one split, an unknown folder
            where one of the seven emotions is missing, or no face at all.
    """
    pictures = sorted(
        (some for some in pictures if not some.name.casefold().endswith(_NO_IMAGES)),
        key=lambda picture: picture.name,
    )
    _sort_by_folder(pictures)
    _leave_out_copies(_certain(pictures))
    mixed = _sort_by_name(_certain(pictures))
    lossy = _decode(_certain(pictures))
    faces = _certain(pictures)
    reports = _reports(pictures)
    if not faces:
        raise FaceDataError(
            f"{form}: no face of {IMAGE_SIDE}×{IMAGE_SIDE} pixels was found. "
            f"{' '.join(reports)} Expected are train|validation|test/<emotion>/ with "
            "PNG or JPEG images."
        )
    ordered = _are_rows(faces)
    splits, first = {}, 0
    for split in SPLITS:
        some = [face for face in faces if face.split == split.name]
        rows = list(range(first, first + len(some)))
        first += len(some)
        if ordered:
            some.sort(key=lambda face: face.number)
            rows = [face.number for face in some]
        images = np.array([face.pixels for face in some], np.uint8)
        splits[split.name] = Faces(
            images.reshape(-1, IMAGE_SIDE, IMAGE_SIDE),  # (0, 48, 48) without faces
            np.array([face.emotion for face in some], np.uint8),
            np.array(rows, np.int32),
        )
    return Reading(splits, form, mixed, lossy, ordered, tuple(reports))


def _certain(pictures: list[Picture]) -> list[Picture]:
    return [picture for picture in pictures if not picture.fault]


def _reports(pictures: list[Picture]) -> list[str]:
    left_out: dict[str, list[str]] = defaultdict(list)
    for picture in pictures:
        if picture.fault:
            left_out[picture.fault].append(picture.name)
    faces = _certain(pictures)
    reports = [
        f"{len(names):,} {'image' if len(names) == 1 else 'images'} left out: "
        f"{fault}, such as {names[0]}."
        for fault, names in left_out.items()
    ]
    if any(face.name.split("/")[-2].isdigit() for face in faces):
        order = ", ".join(f"{number} {name}" for number, name in enumerate(EMOTIONS))
        reports.append(
            f"Folders named by number were read in FER2013's order: {order}."
        )
    numbered = [(face.split, face.number) for face in faces if face.says]
    if twice := len(numbered) - len(set(numbered)):
        reports.append(
            f"{twice:,} numbers of file names are under two emotions; all were taken."
        )
    return reports


def _sort_by_folder(pictures: list[Picture]) -> None:
    """Give each picture the split and the emotion that its folders name."""
    homes: dict[str, set[str]] = defaultdict(set)  # folders of each split
    unknown: dict[str, set[str]] = defaultdict(set)
    present: dict[str, set[int]] = defaultdict(set)
    for picture in pictures:
        *folders, base = picture.name.split("/")
        split = _SPLIT_NAMES.get(folders[-2].casefold()) if len(folders) > 1 else None
        if not base.casefold().endswith((".png", ".jpg", ".jpeg")):
            picture.fault = "neither PNG nor JPEG"
        elif split is None:
            picture.fault = "not in train|validation|test/<emotion>/"
        elif (emotion := _EMOTION_NAMES.get(folders[-1].casefold())) is None:
            picture.fault = f"the folder {folders[-1]} is none of the seven emotions"
            if folders[-1].casefold() != _FOREIGN:
                unknown[split].add("/".join(folders[-2:]))
        else:
            homes[split].add("/".join(folders[:-1]))
            present[split].add(emotion)
            picture.split, picture.emotion = split, emotion
            if match := _NUMBERED.fullmatch(base.rsplit(".", 1)[0]):
                picture.says = _USAGES[match[1].casefold()]
                picture.number = int(match[2])
    for split, paths in homes.items():
        if len(paths) > 1:
            raise FaceDataError(
                f"Two folders could be {split}: {' and '.join(sorted(paths))}. "
                "Move one away, or give the path of the folder that holds the other."
            )
    for split, paths in unknown.items():
        missing = [name for k, name in enumerate(EMOTIONS) if k not in present[split]]
        if missing:
            raise FaceDataError(
                f"The folder {min(paths)} is none of the seven emotions, and {split} "
                f"has no folder for {', '.join(missing)}. Rename it to the emotion "
                "that it holds, or move it away."
            )


def _leave_out_copies(pictures: list[Picture]) -> None:
    """Find augmented copies, and second copies of a picture by its name."""
    stems = {picture.stem for picture in pictures}
    numbers = set()
    # PNG first: of a PNG and a JPEG with the same name, the PNG is exact.
    pictures = sorted(pictures, key=lambda p: not p.name.lower().endswith("png"))
    for picture in pictures:
        second = _SECOND.fullmatch(picture.stem)
        key = (picture.says, picture.emotion, picture.number)
        if _AUGMENTED.search(picture.stem.rsplit("/", 1)[-1]):
            picture.fault = "the name says augmented copy"
        elif (second and second[1] in stems) or (picture.says and key in numbers):
            picture.fault = "second copies"
        else:
            numbers.add(key)


def _sort_by_name(pictures: list[Picture]) -> bool:
    """Separate PublicTest and PrivateTest by file name; True if they stay mixed."""
    halves = [p.says for p in pictures if p.split != "train"]
    named = "validation" in halves or "test" in halves
    mixed = False
    for picture in pictures:
        if picture.says and (picture.says == "train") != (picture.split == "train"):
            picture.fault = "name and folder contradict each other"
        elif not picture.says and picture.split == "test" and named:
            picture.fault = "the name does not say PublicTest or PrivateTest"
        elif picture.says:
            picture.split = picture.says
        elif picture.split == "test":
            mixed |= picture.name.split("/")[-3].casefold() != "privatetest"
    return mixed and not any(p.split == "validation" for p in _certain(pictures))


def _decode(pictures: list[Picture]) -> bool:
    """Decode the pictures of the right size; True if any was a JPEG."""
    lossy = False
    for picture in pictures:
        try:
            content = picture.read()
            check_start(content, picture.name)
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
                # The header holds the size: a thumbnail or a bomb is never decoded.
                if image.size != (IMAGE_SIDE, IMAGE_SIDE):
                    picture.fault = f"not {IMAGE_SIDE}×{IMAGE_SIDE} pixels"
                elif image.mode not in _MODES:
                    picture.fault = "not 8 bits a pixel"
                else:
                    picture.pixels = np.asarray(image.convert("L"))
                    lossy |= image.format == "JPEG"
        except FaceDataError:
            raise
        except Image.DecompressionBombError:
            picture.fault = f"not {IMAGE_SIDE}×{IMAGE_SIDE} pixels"
        except (OSError, ValueError, SyntaxError) as error:  # SyntaxError: a broken PNG
            raise FaceDataError(
                f"{picture.name} cannot be read as an image. Delete it, or copy it "
                "again from its source."
            ) from error
    return lossy


def _are_rows(faces: list[Picture]) -> bool:
    """Whether the numbers in the file names are rows of the CSV file.

    They are if all differ and either count every row from 0 or are where FER2013 has
    each split. A popular copy has eight-digit numbers that mean nothing.
    """
    numbers = [face.number for face in faces]
    if min(numbers) < 0 or len(set(numbers)) < len(numbers):
        return False
    return max(numbers) == len(numbers) - 1 or all(
        face.number in range(*_ROWS[face.split]) for face in faces
    )
