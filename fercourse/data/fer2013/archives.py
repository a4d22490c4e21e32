"""Files that hold FER2013: tables, compressed or in archives, and Parquet.

Archives are read as they stream, in memory, up to a stated size. What a file is shows
in its first bytes; its name may say something else.
"""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from fercourse.data.fer2013 import tables
from fercourse.data.fer2013.folders import (
    Picture,
    is_hidden,
    is_picture,
    read_pictures,
)
from fercourse.data.fer2013.tables import (
    FULL_TABLES,
    FaceDataError,
    OtherFormatError,
    Reading,
    Table,
    split_of_file,
)

MAX_BYTES = 2**30
"""The most that a file may unpack to, in bytes; FER2013 needs 301 MB."""

_OPENERS: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ": lzma.open}
_DAMAGED = (
    tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError,
    EOFError,
    RuntimeError,  # an encrypted member or an unknown compression
)  # fmt: skip


def read_files(paths: Sequence[Path]) -> Reading:
    """Read one file that holds all faces, or a file for each split."""
    parts: list[Table] = []
    pictures: list[Picture] = []
    skipped: list[str] = []
    for path in paths:
        try:
            whole = _read_file(path, parts, pictures, skipped)
        except _DAMAGED as error:
            raise FaceDataError(
                f"{path.name} cannot be unpacked ({error}): it is truncated or "
                f"damaged. {tables.AGAIN}"
            ) from error
        if whole is not None:
            return tables.reading_of([whole], f"{path.name} ({_base(whole.name)})")
    names = " and ".join(path.name for path in paths)
    if parts:
        order = ["train", "validation", "test", None]
        parts.sort(key=lambda table: order.index(split_of_file(table.name)))
        inside = " and ".join(_base(table.name) for table in parts)
        form = names if inside == names else f"{names} ({inside})"
        reading = tables.reading_of(parts, form)
    elif pictures:
        reading = read_pictures(pictures, names)
    else:
        raise OtherFormatError(
            f"{names} holds no {', no '.join(FULL_TABLES)}, no train.csv and no image "
            f"folders train, validation, test. {' '.join([*skipped, tables.AGAIN])}"
        )
    reading.reports += tuple(skipped)
    return reading


def _read_file(
    path: Path, parts: list[Table], pictures: list[Picture], skipped: list[str]
) -> Table | None:
    """Collect what a file holds; returns the table of all faces if there is one."""
    with open(path, "rb") as file:
        start = file.read(512)
        tables.check_start(start, path.name)
        file.seek(0)
        if start.startswith(b"PAR1"):
            pictures += _parquet_pictures(path, len(pictures))
            return None
        members: Iterator[tuple[str, IO[bytes]]]
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            members = _zip_members(file, path.name)
        elif _is_tar(file, start, path.name):
            members = _tar_members(file, path.name)
        else:
            parts.append(_read_plain(file, start, path.name))
            return None
        for name, stream in members:
            base = _base(name)
            if base in FULL_TABLES or (split_of_file(base) and base.endswith(".csv")):
                try:
                    table = tables.read_table(stream, f"{base} in {path.name}")
                except OtherFormatError as error:  # as an index of images
                    skipped.append(str(error))
                    continue
                if base in FULL_TABLES:
                    return table
                parts.append(table)
            elif is_picture(name):
                pictures.append(Picture(name, io.BytesIO(stream.read()).read))
    return None


def _base(name: str) -> str:
    """The name of a table without its folders, and without its archive's name."""
    return name.split(" in ")[0].rsplit("/", 1)[-1].casefold()


def _is_tar(file: IO[bytes], start: bytes, name: str) -> bool:
    if ".tar" in name.casefold() or name.casefold().endswith(".tgz"):
        return True
    if opener := _opener(start):
        with opener(file) as stream:
            start = stream.read(512)
        file.seek(0)
    return start[257:262] == b"ustar"


def _opener(start: bytes) -> Any:
    marks = [mark for mark in _OPENERS if start.startswith(mark)]
    return _OPENERS[marks[0]] if marks else None


def _read_plain(file: IO[bytes], start: bytes, name: str) -> Table:
    """Read a table, compressed or not."""
    if opener := _opener(start):
        with opener(file) as stream:
            limited: Any = _Limited(stream, name)
            return tables.read_table(io.BufferedReader(limited, 2**20), name)
    return tables.read_table(file, name)


class _Limited(io.RawIOBase):
    """A stream that raises `FaceDataError` once `MAX_BYTES` have been read."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream, self._count = stream, _Count(name)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._stream.read(len(buffer))
        self._count(len(content))
        buffer[: len(content)] = content
        return len(content)


class _Count:
    """Adds up bytes, and raises `FaceDataError` beyond `MAX_BYTES`."""

    def __init__(self, name: str) -> None:
        self._name, self._total = name, 0

    def __call__(self, size: int) -> None:
        self._total += size
        if self._total > MAX_BYTES:
            raise FaceDataError(
                f"{self._name} unpacks to more than {MAX_BYTES // 2**20:,} MB, which "
                "FER2013 never does; it was not read further. Get the data from "
                "another place."
            )


def _zip_members(file: IO[bytes], name: str) -> Iterator[tuple[str, IO[bytes]]]:
    """The files in a zip as streams; tables of all faces come first."""
    count = _Count(name)
    with zipfile.ZipFile(file) as archive:
        # Windows' own compression once wrote backslashes.
        infos = archive.infolist()
        members = {info.filename.replace("\\", "/"): info for info in infos}
        for path in sorted(members, key=lambda p: (_base(p) not in FULL_TABLES, p)):
            if path.endswith("/") or is_hidden(path):
                continue
            count(members[path].file_size)  # a stream ends after the size in its header
            stream: Any = archive.open(members[path])
            # Lines come twice as fast from a larger buffer, which closes it.
            with io.BufferedReader(stream, 2**20) as buffered:
                yield path, buffered


def _tar_members(file: IO[bytes], name: str) -> Iterator[tuple[str, IO[bytes]]]:
    count = _Count(name)
    with tarfile.open(fileobj=file) as tar:
        for member in tar:
            count(member.size)
            if member.isfile() and not is_hidden(member.name):
                content = tar.extractfile(member)
                assert content is not None
                yield member.name, content


def _parquet_pictures(path: Path, first: int) -> Iterator[Picture]:
    """The rows of a Parquet file in the form of Hugging Face's image data sets."""
    import pandas

    try:
        frame = pandas.read_parquet(path)
    except ImportError as error:
        raise FaceDataError(
            f"{path.name} is a Parquet file, which pandas reads with the package "
            "pyarrow only. Run `pip install pyarrow`, or get FER2013 as a table with "
            "`python -m fercourse download`."
        ) from error
    except (OSError, ValueError) as error:
        raise FaceDataError(
            f"{path.name} cannot be read as Parquet ({error}). {tables.AGAIN}"
        ) from error
    images = next((some for some in ("image", "img_bytes") if some in frame), None)
    labels = next((some for some in ("label", "labels") if some in frame), None)
    if images is None or labels is None:
        raise OtherFormatError(
            f"{path.name} has the columns {', '.join(map(str, frame))}, expected are "
            f"image and label. {tables.AGAIN}"
        )
    split = split_of_file(path.name) or "train"
    for number, (image, label) in enumerate(
        zip(frame[images], frame[labels], strict=True), first
    ):
        content = image["bytes"] if isinstance(image, dict) else image
        # As a path of image folders, so that one reader serves both.
        name = f"{split}/{label}/{path.stem}-{number}.png"
        yield Picture(name, io.BytesIO(content).read, number=number)
