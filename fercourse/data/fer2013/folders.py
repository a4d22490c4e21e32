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
from fercourse.data.fer2013 import tables
from fercourse.data.fer2013.tables import FaceDataError, split_named

_USAGES = {split.usage.casefold(): split.name for split in SPLITS}
_NO_IMAGES = (".db", ".ini", ".txt", ".csv", ".md")  # not worth a report

# The rows of each split in fer2013.csv.
_ROWS = {"train": (0, 28709), "validation": (28709, 32298), "test": (32298, 35887)}
_NUMBERED = re.compile(r"(training|publictest|privatetest)_(\d{1,9})", re.IGNORECASE)
# A genuine name with more behind it, a name that Keras gives to augmented images, and
# words for what was done.
_AUGMENTED = re.compile(
    r"(training|publictest|privatetest)_\d+\D.*|_\d+_\d+|"
    r"(.*[^a-z])?(aug(ment(ed|ation)?)?|[hv]?flip(ped)?|copy|rot(at(ed|ion))?|"
    r"mirror(ed)?|nois[ey]|zoom(ed)?|blur(red)?|shift(ed)?|shear(ed)?|bright(ness)?|"
    r"synthetic|generated)([^a-z].*)?",
    re.IGNORECASE,
)
_SECOND = re.compile(r"(.+?) ?\(\d+\)")  # how file managers name a second copy
# With 8 bits for each channel
_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr")


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
    lossy: bool = False  # whether it has been JPEG
    fault: str = ""  # why it is left out

    @property
    def stem(self) -> str:
        """The path without the ending."""
        return self.name.rsplit(".", 1)[0]


def list_files(folder: Path) -> list[Path]:
    """Every file in the split folders of `folder`, sorted, without hidden ones."""
    files: list[Path] = []
    for split in folder.iterdir():
        if split_named(split.name):
            for where, folders, names in os.walk(split, followlinks=True):
                folders[:] = [name for name in folders if not is_hidden(name)]
                files += [Path(where, name) for name in names if not is_hidden(name)]
    return sorted(files)


def is_hidden(path: str) -> bool:
    """Whether a path leads through something hidden, as .ipynb_checkpoints."""
    names = (name for name in path.split("/") if name.strip("."))  # not "..": a place
    return any(name.startswith((".", "__MACOSX")) for name in names)


def is_picture(path: str) -> bool:
    """Whether a path leads through a split folder."""
    return any(map(split_named, path.split("/")[:-1]))


def read_folders(folder: Path) -> tables.Reading:
    """Read the image folders in `folder`."""
    pictures = [
        Picture(file.relative_to(folder).as_posix(), file.read_bytes)
        for file in list_files(folder)
    ]
    return read_pictures(pictures, "image folders")


def read_pictures(pictures: list[Picture], form: str) -> tables.Reading:
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
    _decode(_certain(pictures)[:: len(pictures) // 50 + 1])
    _require_faces(pictures, form)  # a few suffice to refuse 100,000 larger pictures
    _decode([some for some in _certain(pictures) if some.pixels is None])
    _require_faces(pictures, form)
    faces = _certain(pictures)
    lossy, ordered = any(face.lossy for face in faces), _are_rows(faces)
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
    reports = tuple(_reports(pictures))
    return tables.Reading(splits, form, mixed, lossy, ordered, reports)


def _require_faces(pictures: list[Picture], form: str) -> None:
    if all(picture.pixels is None for picture in pictures):
        raise tables.OtherFormatError(
            f"{form}: no face of {IMAGE_SIDE}×{IMAGE_SIDE} pixels was found. "
            f"{' '.join(_reports(pictures))} Expected are "
            "train|validation|test/<emotion>/ with PNG or JPEG images."
        )


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
        reports.append(f"Emotions by number were read in FER2013's order: {order}.")
    numbered = [(face.split, face.number) for face in faces if face.says]
    if twice := len(numbered) - len(set(numbered)):
        reports.append(
            f"{twice:,} numbers of file names are under two emotions; all were taken."
        )
    return reports


def _sort_by_folder(pictures: list[Picture]) -> None:
    """Give each picture the split and the emotion that its folders name."""
    unknown: dict[str, set[str]] = defaultdict(set)
    for picture in pictures:
        *folders, base = picture.name.split("/")
        picture.split = (split_named(folders[-2]) if len(folders) > 1 else "") or ""
        if not base.casefold().endswith((".png", ".jpg", ".jpeg")):
            picture.fault = "neither PNG nor JPEG"
        elif not picture.split:
            picture.fault = "not in train|validation|test/<emotion>/"
        elif (emotion := tables.emotion_named(folders[-1])) in (None, tables.CONTEMPT):
            picture.fault = f"the folder {folders[-1]} is none of the seven emotions"
            if emotion is None:
                unknown[picture.split].add("/".join(folders[-2:]))
        else:
            picture.emotion = emotion
            if match := _NUMBERED.fullmatch(base.rsplit(".", 1)[0]):
                picture.says = _USAGES[match[1].casefold()]
                picture.number = int(match[2])
    _choose_homes(_certain(pictures))
    for split, paths in unknown.items():
        present = {face.emotion for face in _certain(pictures) if face.split == split}
        missing = [name for k, name in enumerate(EMOTIONS) if k not in present]
        if missing:
            raise FaceDataError(
                f"The folder {min(paths)} is none of the seven emotions, and {split} "
                f"has no folder for {', '.join(missing)}. Rename it to the emotion "
                "that it holds, or move it away."
            )


def _choose_homes(faces: list[Picture]) -> None:
    """Of several folders for a split, as train and train/train, take the outermost."""
    homes: dict[str, dict[str, list[Picture]]] = {}
    for face in faces:
        home = face.name.rsplit("/", 2)[0]
        homes.setdefault(face.split, {}).setdefault(home, []).append(face)
    for split, inside in homes.items():
        first, *others = sorted(inside, key=lambda home: (home.count("/"), home))
        for home in others:
            if home.count("/") == first.count("/"):
                raise FaceDataError(
                    f"Two folders could be {split}: {first} and {home}. Move one away, "
                    "or give the path of the folder that holds the other."
                )
            for face in inside[home]:
                face.fault = f"in a second folder for {split}"


def _leave_out_copies(pictures: list[Picture]) -> None:
    """Find augmented copies, and second copies of a picture by its name."""
    stems = {picture.stem for picture in pictures}
    numbers = set()
    # PNG first: of a PNG and a JPEG with the same name, the PNG is exact.
    pictures = sorted(pictures, key=lambda p: not p.name.lower().endswith("png"))
    for picture in pictures:
        second = _SECOND.fullmatch(picture.stem)
        key = (picture.says, picture.emotion, picture.number)
        if (second and second[1] in stems) or (picture.says and key in numbers):
            picture.fault = "second copies"
        elif not second and _AUGMENTED.fullmatch(picture.stem.rsplit("/", 1)[-1]):
            picture.fault = "the name says augmented copy"
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
            folder = picture.name.split("/")[-3].casefold()
            mixed |= not folder.startswith(("private", "final"))
    return mixed and not any(p.split == "validation" for p in _certain(pictures))


def _decode(pictures: list[Picture]) -> None:
    """Decode the pictures of the right size, and say of the others what they are."""
    for picture in pictures:
        content = b""
        try:
            content = picture.read()
            tables.check_start(content, picture.name)
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
                # The header holds the size: a thumbnail or a bomb is never decoded.
                if image.size != (IMAGE_SIDE, IMAGE_SIDE):
                    picture.fault = f"not {IMAGE_SIDE}×{IMAGE_SIDE} pixels"
                elif image.mode not in _MODES:
                    picture.fault = "not 8 bits a pixel"
                else:
                    picture.pixels = np.asarray(image.convert("L"))
                    picture.lossy = image.format == "JPEG"
        except (FaceDataError, PermissionError):
            raise
        except Image.DecompressionBombError:
            picture.fault = f"not {IMAGE_SIDE}×{IMAGE_SIDE} pixels"
        except (OSError, ValueError, SyntaxError) as error:  # SyntaxError: a broken PNG
            if what := tables.format_of(content):
                picture.fault = f"{what} instead of PNG or JPEG, whatever the name says"
                continue
            raise FaceDataError(
                f"{picture.name} cannot be read as an image. Delete it, or copy it "
                "again from its source."
            ) from error


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
