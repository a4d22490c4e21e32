"""Archives that hold FER2013: read as they stream, in memory, up to a stated size."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from fercourse.data.fer2013.folders import Picture, is_picture, read_pictures
from fercourse.data.fer2013.tables import (
    AGAIN,
    FULL_TABLES,
    LFS_POINTER,
    FaceDataError,
    Reading,
    Table,
    check_start,
    read_table,
    reading_of,
)

MAX_BYTES = 2**30
"""The most that an archive may unpack to, in bytes; FER2013 needs 301 MB."""


class _Limited(io.RawIOBase):
    """A stream that stops at `MAX_BYTES`, counted as they come: headers may lie."""

    def __init__(self, stream: BinaryIO, name: str, spent: list[int]) -> None:
        self._stream, self._name, self._spent = stream, name, spent

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        data = self._stream.read(len(buffer))
        self._spent[0] += len(data)
        if self._spent[0] > MAX_BYTES:
            raise FaceDataError(
                f"{self._name} unpacks to more than {MAX_BYTES // 2**20:,} MB, which "
                f"FER2013 never "
                "does; it was not read further. Get the data from another place."
            )
        buffer[: len(data)] = data
        return len(data)


def read_archive(path: Path) -> Reading:
    """Read the best form in a `.tar.gz`, `.tar` or `.zip`, in memory: nothing is unpacked to disk.

    A member's name only says what the member is, so that no path can lead outside.
    """
    tables: dict[str, Table] = {}
    pictures: list[Picture] = []
    try:
        for name, stream in _members(path):
            base = name.rsplit("/", 1)[-1].casefold()
            if base in FULL_TABLES:
                table = read_table(stream, f"{base} in {path.name}")
                return reading_of([table], f"{path.name} ({base})")
            if base in ("train.csv", "test.csv"):
                tables[base] = read_table(stream, f"{base} in {path.name}")
            elif is_picture(name):
                data = stream.read()
                pictures.append(Picture(name, lambda data=data: data))
    except (
        tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError,
        RuntimeError,  # an encrypted member or an unknown compression
    ) as error:  # fmt: skip
        raise FaceDataError(
            f"{path.name} cannot be read as an archive ({error}): it is truncated or "
            f"damaged. {AGAIN}"
        ) from error
    if "train.csv" in tables:
        names = sorted(tables, reverse=True)
        return reading_of(
            [tables[name] for name in names], f"{path.name} ({' and '.join(names)})"
        )
    if pictures:
        return read_pictures(pictures, path.name)
    raise FaceDataError(
        f"{path.name} holds no {', no '.join(FULL_TABLES)}, no train.csv and no image "
        f"folders "
        f"train, validation, test. {AGAIN}"
    )


def _members(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    """The files in an archive, those first that tell everything, as streams that count."""
    spent = [0]
    with ExitStack() as stack:
        file = stack.enter_context(open(path, "rb"))
        start = file.read(len(LFS_POINTER))
        check_start(start, path.name)
        file.seek(0)
        if path.suffix.casefold() == ".zip":
            archive = stack.enter_context(zipfile.ZipFile(file))
            names = sorted(
                archive.namelist(), key=lambda name: not name.endswith(FULL_TABLES)
            )
            for name in filter(_wanted, names):
                with archive.open(name) as member:
                    yield (
                        name,
                        io.BufferedReader(_Limited(member, path.name, spent), 2**20),
                    )
            return
        plain = (
            stack.enter_context(gzip.open(file)) if start[:2] == b"\x1f\x8b" else file
        )
        limited = _Limited(plain, path.name, spent)
        tar = stack.enter_context(
            tarfile.open(fileobj=limited, mode="r|", bufsize=2**20)
        )
        for member in tar:
            if member.isfile() and _wanted(member.name):
                yield member.name, tar.extractfile(member)


def _wanted(name: str) -> bool:
    return not name.endswith("/") and not name.rsplit("/", 1)[-1].startswith(".")
