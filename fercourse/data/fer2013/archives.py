"""Archives that hold FER2013: read as they stream, in memory, up to a stated size."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from fercourse.data.fer2013 import tables
from fercourse.data.fer2013.folders import Picture, is_picture, read_pictures
from fercourse.data.fer2013.tables import FULL_TABLES, FaceDataError, Reading, Table

MAX_BYTES = 2**30
"""The most that an archive may unpack to, in bytes; FER2013 needs 301 MB."""


def read_archive(path: Path) -> Reading:
    """Read the best form in a `.tar.gz`, `.tar` or `.zip`; nothing is unpacked to disk.

    Members are recognised by name and never written, so no path can lead outside.
    """
    halves: dict[str, Table] = {}  # train.csv and test.csv
    pictures: list[Picture] = []
    try:
        for name, stream in _members(path):
            base = name.rsplit("/", 1)[-1].casefold()
            if base in (*FULL_TABLES, "train.csv", "test.csv"):
                table = tables.read_table(stream, f"{base} in {path.name}")
                if base in FULL_TABLES:
                    return tables.reading_of([table], f"{path.name} ({base})")
                halves[base] = table
            elif is_picture(name):
                pictures.append(Picture(name, io.BytesIO(stream.read()).read))
    except (
        tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError,
        RuntimeError,  # an encrypted member or an unknown compression
    ) as error:  # fmt: skip
        raise FaceDataError(
            f"{path.name} cannot be read as an archive ({error}): it is truncated or "
            f"damaged. {tables.AGAIN}"
        ) from error
    if "train.csv" in halves:
        names = sorted(halves, reverse=True)  # train.csv first
        form = f"{path.name} ({' and '.join(names)})"
        return tables.reading_of([halves[name] for name in names], form)
    if pictures:
        return read_pictures(pictures, path.name)
    raise FaceDataError(
        f"{path.name} holds no {', no '.join(FULL_TABLES)}, no train.csv and no image "
        f"folders train, validation, test. {tables.AGAIN}"
    )


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """The files in an archive as streams; in a zip, full tables come first."""
    total = 0

    def count(size: int) -> None:  # a stream ends after the size in its header
        nonlocal total
        total += size
        if total > MAX_BYTES:
            raise FaceDataError(
                f"{path.name} unpacks to more than {MAX_BYTES // 2**20:,} MB, which "
                "FER2013 never does; it was not read further. Get the data from "
                "another place."
            )

    with open(path, "rb") as file:
        tables.check_start(file.read(len(tables.LFS_POINTER)), path.name)
        file.seek(0)
        if path.suffix.casefold() == ".zip":
            with zipfile.ZipFile(file) as archive:
                names = sorted(filter(_is_data, archive.namelist()))
                names.sort(key=lambda name: not name.endswith(FULL_TABLES))
                for name in names:
                    count(archive.getinfo(name).file_size)
                    stream: Any = archive.open(name)
                    # Lines come twice as fast from a larger buffer, which closes it.
                    with io.BufferedReader(stream, 2**20) as buffered:
                        yield name, buffered
            return
        with tarfile.open(fileobj=file) as tar:
            for member in tar:
                count(member.size)
                if member.isfile() and _is_data(member.name):
                    content = tar.extractfile(member)
                    assert content is not None
                    yield member.name, content


def _is_data(name: str) -> bool:
    return not name.endswith("/") and not name.rsplit("/", 1)[-1].startswith(".")
