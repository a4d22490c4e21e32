"""What every form of FER2013 is read into, and the CSV forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import IO, NamedTuple

import numpy as np

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE, SPLITS, UNLABELLED, Faces

AGAIN = "Get it again with `python -m fercourse download`, or correct it by hand."
FULL_TABLES = ("fer2013.csv", "icml_face_data.csv")

CONTEMPT = len(EMOTIONS)
"""The eighth emotion of CK+ and FER+; faces with it are left out."""

_SPLIT_NAMES = {split.usage.casefold(): split.name for split in SPLITS}
_SPLIT_NAMES |= {split.name: split.name for split in SPLITS}
_SPLIT_NAMES |= dict.fromkeys(("val", "valid", "public", "dev"), "validation")
_SPLIT_NAMES |= dict.fromkeys(("finaltest", "private", "testing"), "test")
_EMOTION_NAMES = {name: number for number, name in enumerate(EMOTIONS)} | {
    "anger": 0, "disgusted": 1, "fearful": 2, "afraid": 2, "happiness": 3,
    "sadness": 4, "surprised": 5, "suprise": 5,  # as in many copies
    "neutrality": 6, "contempt": CONTEMPT,
}  # fmt: skip
_NUMBERED = re.compile(r"(\d*)[ _.-]*([a-z]*)")  # "3", "03", "happy", "3_Happy"

_PICKLE = "a pickle, which is never opened as it may run any code"
_FORMATS = {  # the first bytes of files that people rename
    b"PK\x03\x04": "a zip archive", b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive", b"\x1f\x8b": "compressed by gzip",
    b"BZh": "compressed by bzip2", b"\xfd7zXZ": "compressed by xz",
    b"PAR1": "a Parquet file", b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array", b"\xff\xfe": "text in UTF-16 instead of UTF-8",
    b"<": "a web page (HTML)", b"{": "JSON", b"[": "JSON",
    b"RIFF": "a WebP image", b"GIF8": "a GIF image", b"BM": "a BMP image",
    b"II*\0": "a TIFF image", b"MM\0*": "a TIFF image",
    **{bytes([128, version]): _PICKLE for version in range(2, 6)},
}  # fmt: skip
_LFS_POINTER = b"version https://git-lfs"

_PIXELS = IMAGE_SIDE * IMAGE_SIDE
_BLOCK = 32  # rows read at a time: their text, 260 KB, stays in the processor's cache
_MOST = 400_000  # rows, 0.9 GB
_POSITIONS = {split.name: position for position, split in enumerate(SPLITS)}
_USAGES = {name.encode(): _POSITIONS[split] for name, split in _SPLIT_NAMES.items()}
_LABELS = {name.encode(): number for name, number in _EMOTION_NAMES.items()}
_LABELS |= {str(number).encode(): number for number in range(CONTEMPT + 1)}


class FaceDataError(ValueError):
    """Data that cannot be read; the message names the file, the row and the remedy."""


class OtherFormatError(FaceDataError):
    """A file or folder of another kind: FER2013 may be elsewhere."""


class FaceDataNotFoundError(FaceDataError, FileNotFoundError):
    """No data in any of the places searched."""

    reports: tuple[str, ...] = ()  # what is there instead, one sentence each


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
    emotions: np.ndarray  # uint8, (N,): 0 to 6, `CONTEMPT` or `UNLABELLED`
    splits: np.ndarray | None  # uint8, (N,), positions in `SPLITS`; None without Usage


def check_start(start: bytes, name: str) -> None:
    """Raise `FaceDataError` if a file is empty or a Git LFS pointer."""
    if not start:
        raise FaceDataError(f"{name} is empty. {AGAIN}")
    if start.startswith(_LFS_POINTER):
        raise FaceDataError(
            f"{name} is a Git LFS pointer, not the file itself. Run `git lfs pull`, "
            "or get it with `python -m fercourse download`."
        )


def format_of(start: bytes) -> str | None:
    """What a file is by its first bytes, in words; None if it may be a table."""
    marks = [mark for mark in _FORMATS if start.startswith(mark)]
    return _FORMATS[marks[0]] if marks else None


def split_named(name: str) -> str | None:
    """The split that a name means in any usual spelling, such as "Public_Test"."""
    return _SPLIT_NAMES.get(re.sub("[ _-]", "", name.casefold()))


def emotion_named(name: str) -> int | None:
    """The emotion that a name means in any usual spelling, as "03" or "3_Happy"."""
    match = _NUMBERED.fullmatch(name.casefold())
    if match and match[1] and not match[2]:
        return int(match[1]) if int(match[1]) < len(EMOTIONS) else None
    return _EMOTION_NAMES.get(match[2]) if match else None


def split_of_file(name: str) -> str | None:
    """The split that a file is named after: train.csv, train-00000-of-00002.parquet."""
    return split_named(re.split(r"\.|-\d+-of-", name)[0])


def reading_of(tables: list[Table], form: str) -> Reading:
    """Put tables one after the other and divide them into splits.

    Rows are counted through all tables: row 28,709 is the first of test.csv, as it is
    the first of PublicTest in fer2013.csv.
    """
    parts: dict[str, list[Faces]] = {split.name: [] for split in SPLITS}
    first, left_out, whole = 0, 0, False
    for table in tables:
        rows = np.arange(first, first + len(table.images), dtype=np.int32)
        first += len(rows)
        splits = _positions(table)
        for position, split in enumerate(SPLITS):
            if (chosen := splits == position).any():
                arrays = (table.images, table.emotions, rows)
                parts[split.name].append(Faces(*(some[chosen] for some in arrays)))
        left_out += int((splits == len(SPLITS)).sum())
        # Only names such as private.csv say that this is not all of the test data.
        named = table.name.casefold().startswith(("private", "final"))
        whole |= table.splits is None and not named
    mixed = whole and bool(parts["test"]) and not parts["validation"]
    reports = (f"{left_out:,} faces of contempt left out.",) if left_out else ()
    joined = {name: Faces.join(some) for name, some in parts.items()}
    return Reading(joined, form, mixed, reports=reports)


def _positions(table: Table) -> np.ndarray:
    """The position in `SPLITS` of each row; behind them all is what is left out."""
    splits = table.splits
    if splits is None:
        usual = "test" if (table.emotions == UNLABELLED).any() else "train"
        position = _POSITIONS[split_of_file(table.name) or usual]
        splits = np.full(len(table.emotions), position, np.uint8)
    return np.where(table.emotions == CONTEMPT, len(SPLITS), splits)


def read_table(stream: IO[bytes], name: str) -> Table:
    """Read the rows of a CSV file: 32 rows at a time, all their numbers at once."""
    header = stream.readline(10_000)
    check_start(header, name)
    if what := format_of(header):
        raise OtherFormatError(f"{name} is {what}, not a table in CSV. {AGAIN}")
    columns = _columns(header, name)
    blocks, emotions, splits = [], bytearray(), bytearray()
    # A line that never ends is cut, and then found to be wrong.
    pieces = iter(partial(stream.readline, 2**16), b"")
    lines = (pair for pair in enumerate(pieces, start=2) if not pair[1].isspace())
    while block := list(islice(lines, _BLOCK)):
        if len(emotions) > _MOST:
            most = f"{_MOST:,} rows, the most that is held in memory"
            raise FaceDataError(f"{name} has more than {most}. Load a part of it.")
        first, texts = len(emotions), []
        try:
            for _, line in block:
                cells = dict(zip(columns, _fields(line), strict=True))
                label = cells.get("emotion")
                emotions.append(UNLABELLED if label is None else _LABELS[label.lower()])
                if "usage" in cells:
                    splits.append(_USAGES[cells["usage"].lower()])
                texts.append(cells["pixels"])
            blocks.append(_numbers(texts))
        except (KeyError, ValueError):  # something is wrong in one of the rows
            raise _block_error(block, columns, first, name) from None
    if not emotions:
        raise FaceDataError(f"{name} has a header and no rows. {AGAIN}")
    if CONTEMPT in emotions and 0 not in emotions:
        raise FaceDataError(
            f"{name} has the emotions {min(emotions)} to {CONTEMPT}, expected 0 to 6 "
            f"({', '.join(EMOTIONS)}). Number them in this order."
        )
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
        raise OtherFormatError(
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
    if cells.get("emotion", b"0").lower() not in _LABELS:
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
