"""What every form of FER2013 is read into, and the CSV forms."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE, UNLABELLED, Faces

SPLITS = ("train", "validation", "test")
AGAIN = "Get it again with `python -m fercourse download`, or correct it by hand."
FULL_TABLES = ("fer2013.csv", "icml_face_data.csv")

_PIXELS = IMAGE_SIDE * IMAGE_SIDE
_BLOCK = 32  # rows read at a time: their text, 260 KB, stays in the processor's cache
_USAGES = {b"training": 0, b"publictest": 1, b"privatetest": 2}
_DIGITS = {str(number).encode(): number for number in range(len(EMOTIONS))}
LFS_POINTER = b"version https://git-lfs"


class FaceDataError(ValueError):
    """Data that cannot be read; the message names the file, the row and the remedy."""


class FaceDataNotFoundError(FaceDataError, FileNotFoundError):
    """No data in any of the places searched."""


@dataclass
class Reading:
    """What a form tells, before it is compared with FER2013.

    Attributes:
        faces: `Faces` of each of `SPLITS`.
        form: what was read, such as "fer2013.csv".
        mixed: True when `test` holds PublicTest and PrivateTest in one.
        lossy: True when the images have been through JPEG.
        ordered: False when the position of a face says nothing about its row in
            FER2013.
        reports: what was left out, one sentence each.
    """

    faces: dict[str, Faces]
    form: str
    mixed: bool = False
    lossy: bool = False
    ordered: bool = True
    reports: tuple[str, ...] = ()


class Table(NamedTuple):
    """The rows of one CSV file; `splits` are positions in `SPLITS`, None without a column Usage."""

    name: str
    images: np.ndarray
    emotions: np.ndarray
    splits: np.ndarray | None


def no_faces() -> Faces:
    """An empty split."""
    return Faces(
        np.empty((0, IMAGE_SIDE, IMAGE_SIDE), np.uint8),
        np.empty(0, np.uint8),
        np.empty(0, np.int32),
    )


def check_start(start: bytes, name: str) -> None:
    """Raise `FaceDataError` when a file's first bytes show that it is not the data at all."""
    if not start:
        raise FaceDataError(f"{name} is empty. {AGAIN}")
    if start.startswith(LFS_POINTER):
        raise FaceDataError(
            f"{name} is a Git LFS pointer, not the file itself. Run `git lfs pull`, "
            "or get it with `python -m fercourse download`."
        )


def read_tables(paths: list[Path]) -> Reading:
    """Read one CSV file, or `train.csv` followed by `test.csv`.

    Rows count through all files, so that row 28,709 is the first of test.csv, as in
    fer2013.csv.
    """
    tables = []
    for path in paths:
        with open(path, "rb") as stream:
            tables.append(read_table(stream, path.name))
    return reading_of(tables, " and ".join(path.name for path in paths))


def reading_of(tables: list[Table], form: str) -> Reading:
    """Put tables one after the other and divide them into splits."""
    parts: dict[str, list[Faces]] = {split: [] for split in SPLITS}
    first, mixed = 0, False
    for table in tables:
        rows = np.arange(first, first + len(table.images), dtype=np.int32)
        first += len(rows)
        faces = Faces(table.images, table.emotions, rows)
        if table.splits is not None:
            for number, split in enumerate(SPLITS):
                parts[split].append(faces[table.splits == number])
        elif faces.labelled and not table.name.startswith("test.csv"):
            parts["train"].append(faces)
        else:
            parts["test"].append(faces)
            mixed = True
    return Reading({split: _joined(some) for split, some in parts.items()}, form, mixed)


def _joined(parts: list[Faces]) -> Faces:
    if len(parts) < 2:
        return parts[0] if parts else no_faces()
    return Faces(
        np.concatenate([faces.images for faces in parts]),
        np.concatenate([faces.emotions for faces in parts]),
        np.concatenate([faces.rows for faces in parts]),
    )


def read_table(stream: BinaryIO, name: str) -> Table:
    """Read the rows of a CSV file: 32 rows at a time, all their numbers at once."""
    header = stream.readline(10_000)
    check_start(header, name)
    columns, width = _columns(header, name)
    blocks: list[np.ndarray] = []
    emotions, splits = bytearray(), bytearray()
    number = 1
    while block := list(islice(stream, _BLOCK)):
        texts, lines = [], []
        first = len(emotions)
        for line in block:
            number += 1
            if line.isspace():
                continue
            fields = [field.strip(b' "\r\n') for field in line.split(b",")]
            if problem := _field_problem(fields, columns, width):
                raise _row_error(name, len(emotions), number, line, problem)
            emotions.append(
                _DIGITS[fields[columns["emotion"]]]
                if "emotion" in columns
                else UNLABELLED
            )
            if "usage" in columns:
                splits.append(_USAGES[fields[columns["usage"]].lower()])
            texts.append(fields[columns["pixels"]])
            lines.append((number, line))
        pixels = _numbers(texts)
        if pixels is None:
            for row, (text, (where, line)) in enumerate(
                zip(texts, lines, strict=True), first
            ):
                if problem := _pixel_problem(text):
                    raise _row_error(name, row, where, line, problem)
        blocks.append(pixels)
    if not emotions:
        raise FaceDataError(f"{name} has a header and no rows. {AGAIN}")
    return Table(
        name,
        np.concatenate(blocks).reshape(-1, IMAGE_SIDE, IMAGE_SIDE),
        np.frombuffer(emotions, np.uint8),
        np.frombuffer(splits, np.uint8) if "usage" in columns else None,
    )


def _columns(header: bytes, name: str) -> tuple[dict[str, int], int]:
    names = [
        cell.strip(' "\r\n')
        for cell in header.decode("utf-8-sig", "replace").split(",")
    ]
    columns = {cell.casefold(): place for place, cell in enumerate(names)}
    # test.csv alone may lack emotions; a table of several columns without them is
    # another table.
    needed = ["pixels"] if len(names) == 1 else ["emotion", "pixels"]
    missing = [column for column in needed if column not in columns]
    if missing:
        shown = ", ".join(names)
        raise FaceDataError(
            f"{name} has no column {' and no column '.join(missing)} (line 1 reads "
            f"{shown[:60]!r}). Expected are emotion, pixels and Usage. {AGAIN}"
        )
    return columns, len(names)


def _field_problem(
    fields: list[bytes], columns: dict[str, int], width: int
) -> str | None:
    if len(fields) != width:
        return f"has {len(fields)} columns where the header has {width}"
    if "emotion" in columns:
        emotion = fields[columns["emotion"]]
        if emotion not in _DIGITS:
            return f"has the emotion {_shown(emotion)}, expected 0 to 6 ({', '.join(EMOTIONS)})"
    if "usage" in columns:
        usage = fields[columns["usage"]]
        if usage.lower() not in _USAGES:
            return f"has the Usage {_shown(usage)}, expected Training, PublicTest or PrivateTest"
    return None


def _shown(text: bytes) -> str:
    return repr(text[:20].decode("utf-8", "replace"))


def _row_error(
    name: str, row: int, number: int, line: bytes, problem: str
) -> FaceDataError:
    if not line.endswith(b"\n"):  # only the last line can lack its end
        problem = f"is the last and {problem}: the file seems truncated"
    return FaceDataError(f"{name}, row {row} (line {number}) {problem}. {AGAIN}")


def _numbers(texts: list[bytes]) -> np.ndarray | None:
    """The pixels of several rows, uint8 of shape (rows × 2,304,), or None when any is wrong.

    Works on all characters at once: a number ends where a digit is followed by a blank,
    and its value is that digit, ten times the digit before, and a hundred times the
    digit before that.
    """
    buffer = np.frombuffer(b"   " + b" ".join(texts) + b" ", np.uint8)
    digits = buffer - 48  # below "0" this wraps to large values
    is_digit = digits < 10
    if np.count_nonzero(is_digit) + np.count_nonzero(buffer == 32) != len(buffer):
        return None
    digits *= is_digit
    ends = is_digit[3:-1] > is_digit[4:]
    hundreds = digits[1:-3] * is_digit[2:-2]
    values = digits[2:-2] * 10
    values += digits[3:-1]
    wrong = (hundreds > 2) | ((hundreds == 2) & (values > 55))
    wrong &= ends
    wrong |= (
        is_digit[:-4] & is_digit[1:-3] & is_digit[2:-2] & is_digit[3:-1]
    )  # four digits
    if wrong.any():
        return None
    start = 0
    for text in texts:
        if np.count_nonzero(ends[start : start + len(text)]) != _PIXELS:
            return None
        start += len(text) + 1
    hundreds *= 100
    values += hundreds
    return values.compress(ends)


def _pixel_problem(text: bytes) -> str | None:
    tokens = [token for token in text.split(b" ") if token]
    for place, token in enumerate(tokens):
        if not token.removeprefix(b"-").isdigit():
            return f"has {_shown(token)} as pixel {place}, which is not a number"
        if not token.isdigit() or len(token) > 3 or int(token) > 255:
            return (
                f"has {_shown(token)} as pixel {place}, expected a number from 0 to 255"
            )
    if len(tokens) != _PIXELS:
        return f"has {len(tokens):,} pixels, expected {_PIXELS:,}"
    return None
