"""What every form of FER2013 is read into, and the CSV forms."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE, SPLITS, UNLABELLED, Faces

AGAIN = "Get it again with `python -m fercourse download`, or correct it by hand."
FULL_TABLES = ("fer2013.csv", "icml_face_data.csv")
LFS_POINTER = b"version https://git-lfs"

_PIXELS = IMAGE_SIDE * IMAGE_SIDE
_BLOCK = 32  # rows read at a time: their text, 260 KB, stays in the processor's cache
_USAGES = {split.usage.lower().encode(): k for k, split in enumerate(SPLITS)}
_DIGITS = {str(number).encode(): number for number in range(len(EMOTIONS))}


class FaceDataError(ValueError):
    """Data that cannot be read; the message names the file, the row and the remedy."""


class FaceDataNotFoundError(FaceDataError, FileNotFoundError):
    """No data in any of the places searched."""


@dataclass
class Reading:
    """What was read, before it is compared with FER2013."""

    faces: dict[str, Faces]  # by the names of `SPLITS`
    form: str  # what was read, such as "fer2013.csv"
    mixed: bool = False  # whether `test` is PublicTest and PrivateTest in one
    lossy: bool = False  # whether the images have been JPEG
    ordered: bool = True  # whether a face's position is its row in FER2013
    reports: tuple[str, ...] = ()  # what was left out, one sentence each


class Table(NamedTuple):
    """The rows of one CSV file."""

    name: str
    images: np.ndarray  # uint8, (N, 48, 48)
    emotions: np.ndarray  # uint8, (N,)
    splits: np.ndarray | None  # uint8, (N,), positions in `SPLITS`; None without Usage


def check_start(start: bytes, name: str) -> None:
    """Raise `FaceDataError` if a file's first bytes show that it is not the data."""
    if not start:
        raise FaceDataError(f"{name} is empty. {AGAIN}")
    if start.startswith(LFS_POINTER):
        raise FaceDataError(
            f"{name} is a Git LFS pointer, not the file itself. Run `git lfs pull`, "
            "or get it with `python -m fercourse download`."
        )


def read_tables(paths: list[Path]) -> Reading:
    """Read one CSV file, or `train.csv` followed by `test.csv`.

    Rows are counted through all files: row 28,709 is the first of test.csv, as it is
    the first of PublicTest in fer2013.csv.
    """
    tables = []
    for path in paths:
        with open(path, "rb") as stream:
            tables.append(read_table(stream, path.name))
    return reading_of(tables, " and ".join(path.name for path in paths))


def reading_of(tables: list[Table], form: str) -> Reading:
    """Put tables one after the other and divide them into splits."""
    parts: dict[str, list[Faces]] = {split.name: [] for split in SPLITS}
    first, mixed = 0, False
    for table in tables:
        rows = np.arange(first, first + len(table.images), dtype=np.int32)
        first += len(rows)
        faces = Faces(table.images, table.emotions, rows)
        if table.splits is not None:
            for number, split in enumerate(SPLITS):
                parts[split.name].append(faces[table.splits == number])
        elif faces.labelled and not table.name.startswith("test.csv"):
            parts["train"].append(faces)
        else:
            parts["test"].append(faces)
            mixed = True
    return Reading(
        {name: Faces.join(some) for name, some in parts.items()}, form, mixed
    )


def read_table(stream: IO[bytes], name: str) -> Table:
    """Read the rows of a CSV file: 32 rows at a time, all their numbers at once."""
    header = stream.readline(10_000)
    check_start(header, name)
    columns = _columns(header, name)
    blocks, emotions, splits = [], bytearray(), bytearray()
    lines = (pair for pair in enumerate(stream, start=2) if not pair[1].isspace())
    while block := list(islice(lines, _BLOCK)):
        first, texts = len(emotions), []
        try:
            for _, line in block:
                cells = dict(zip(columns, _fields(line), strict=True))
                emotions.append(
                    _DIGITS[cells["emotion"]] if "emotion" in cells else UNLABELLED
                )
                if "usage" in cells:
                    splits.append(_USAGES[cells["usage"].lower()])
                texts.append(cells["pixels"])
            blocks.append(_numbers(texts))
        except (KeyError, ValueError):  # something is wrong in one of the rows
            raise _block_error(block, columns, first, name) from None
    if not emotions:
        raise FaceDataError(f"{name} has a header and no rows. {AGAIN}")
    return Table(
        name,
        np.concatenate(blocks).reshape(-1, IMAGE_SIDE, IMAGE_SIDE),
        np.frombuffer(emotions, np.uint8),
        np.frombuffer(splits, np.uint8) if "usage" in columns else None,
    )


def _columns(header: bytes, name: str) -> list[str]:
    names = _fields(header.removeprefix(b"\xef\xbb\xbf"))  # without a byte order mark
    columns = [column.decode("utf-8", "replace").casefold() for column in names]
    # Only test.csv, which has a single column, may lack emotions.
    needed = ["pixels"] if len(columns) == 1 else ["emotion", "pixels"]
    if missing := [column for column in needed if column not in columns]:
        raise FaceDataError(
            f"{name} has no column {' and no column '.join(missing)} (line 1 reads "
            f"{_shown(b', '.join(names), 60)}). Expected are emotion, pixels and "
            f"Usage. {AGAIN}"
        )
    return columns


def _fields(line: bytes) -> list[bytes]:
    return [field.strip(b' "\r\n') for field in line.split(b",")]


def _shown(text: bytes, width: int = 20) -> str:
    return repr(text[:width].decode("utf-8", "replace"))


def _block_error(
    block: list[tuple[int, bytes]], columns: list[str], first: int, name: str
) -> FaceDataError:
    row, number, line, problem = next(
        (row, number, line, problem)
        for row, (number, line) in enumerate(block, first)
        if (problem := _problem(_fields(line), columns))
    )
    if not line.endswith(b"\n"):  # only the last line can lack its end
        problem = f"is the last and {problem}: the file seems truncated"
    return FaceDataError(f"{name}, row {row} (line {number}) {problem}. {AGAIN}")


def _problem(fields: list[bytes], columns: list[str]) -> str | None:
    """What is wrong with a row, or None."""
    if len(fields) != len(columns):
        return f"has {len(fields)} columns where the header has {len(columns)}"
    cells = dict(zip(columns, fields, strict=True))
    if cells.get("emotion", b"0") not in _DIGITS:
        expected = f"0 to 6 ({', '.join(EMOTIONS)})"
        return f"has the emotion {_shown(cells['emotion'])}, expected {expected}"
    if "usage" in cells and cells["usage"].lower() not in _USAGES:
        expected = "Training, PublicTest or PrivateTest"
        return f"has the Usage {_shown(cells['usage'])}, expected {expected}"
    pixels = [pixel for pixel in cells["pixels"].split(b" ") if pixel]
    for place, pixel in enumerate(pixels):
        where = f"has {_shown(pixel)} as pixel {place}"
        if not pixel.removeprefix(b"-").isdigit():
            return f"{where}, which is not a number"
        if not pixel.isdigit() or len(pixel) > 3 or int(pixel) > 255:
            return f"{where}, expected a number from 0 to 255"
    if len(pixels) != _PIXELS:
        return f"has {len(pixels):,} pixels, expected {_PIXELS:,}"
    return None


def _numbers(texts: list[bytes]) -> np.ndarray:
    """The pixels of several rows: uint8, (rows × 2,304,); `ValueError` if any is wrong.

    Works on all characters at once: a number ends where a digit is followed by a blank.
    Its value is that digit, ten times the digit before, and a hundred times the digit
    before that.
    """
    buffer = np.frombuffer(b"   " + b" ".join(texts) + b" ", np.uint8)
    digits = buffer - 48  # below "0" this wraps to large values
    is_digit = digits < 10
    if np.count_nonzero(is_digit) + np.count_nonzero(buffer == 32) != len(buffer):
        raise ValueError("neither a digit nor a blank")
    digits *= is_digit
    # From here on, position i is character i + 3; the three blanks give it a past.
    ends = is_digit[3:-1] > is_digit[4:]
    # The hundreds count only if the digit between them and the end is there.
    hundreds = digits[1:-3] * is_digit[2:-2]
    values = digits[2:-2] * 10
    values += digits[3:-1]
    wrong = (hundreds > 2) | ((hundreds == 2) & (values > 55))
    wrong &= ends
    # Four digits in a row are no grey value.
    wrong |= is_digit[:-4] & is_digit[1:-3] & is_digit[2:-2] & is_digit[3:-1]
    if wrong.any():
        raise ValueError("a number above 255")
    # Each row has its own 2,304 numbers: one too few and one too many do not cancel.
    start = 0
    for text in texts:
        if np.count_nonzero(ends[start : start + len(text)]) != _PIXELS:
            raise ValueError("too few or too many pixels")
        start += len(text) + 1
    hundreds *= 100
    values += hundreds
    return values.compress(ends)
