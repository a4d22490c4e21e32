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

from fercourse.data.faces import SPLITS
from fercourse.data.fer2013 import tables
from fercourse.data.fer2013.folders import Picture, is_hidden, is_picture, read_pictures
from fercourse.data.fer2013.tables import FULL_TABLES, FaceDataError, OtherFormatError

MAX_BYTES = 2**30
"""The most that an archive may unpack to, in bytes; FER2013 needs 301 MB."""

_DAMAGED = (
    tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError,
    EOFError,
    RuntimeError,  # an encrypted member or an unknown compression
)  # fmt: skip


def read_files(paths: Sequence[Path]) -> tables.Reading:
    """Read one file that holds all faces, or a file for each split."""
    names = " and ".join(path.name for path in paths)
    parts: dict[str, tables.Table] = {}  # by split; "" is a table of all
    pictures: list[Picture] = []
    skipped: list[str] = []
    for path in paths:
        try:
            _read_file(path, parts, pictures, skipped)
        except _DAMAGED as error:
            raise FaceDataError(
                f"{path.name} cannot be unpacked ({error}): it is truncated or "
                f"damaged. {tables.AGAIN}"
            ) from error
    if parts:
        splits = ("", *(split.name for split in SPLITS))
        ordered = [parts[split] for split in splits if split in parts]
        inside = " and ".join(table.name.split(" in ")[0] for table in ordered)
        form = names if inside == names else f"{names} ({inside})"
        reading = tables.reading_of(ordered, form)
    elif pictures:
        reading = read_pictures(pictures, names)
    else:
        expected = f"{', no '.join(FULL_TABLES)}, no train.csv and no image folders"
        skipped = skipped or [f"{names} holds no {expected}. {tables.AGAIN}"]
        raise OtherFormatError(" ".join(skipped))
    reading.reports += tuple(skipped)
    return reading


def _read_file(
    path: Path, parts: dict[str, Any], pictures: list[Picture], skipped: list[str]
) -> None:
    """Collect what a file holds; what is something else goes to `skipped`."""
    for name, stream in _streams(path):
        base = name.rsplit("/", 1)[-1].casefold()
        split = tables.split_of_file(base) if base.endswith(".csv") else None
        if not name:
            split = tables.split_of_file(path.name) or ""
        if not name and stream.peek(4).startswith(b"PAR1"):
            pictures += _parquet_pictures(path, len(pictures))
        elif base in FULL_TABLES:
            parts.clear()  # nothing is better than a table of all faces
            parts[""] = tables.read_table(stream, f"{base} in {path.name}")
            return
        elif split in parts:
            skipped.append(f"{name or path.name} was not read: it is a second {split}.")
        elif split is not None:
            shown = f"{base} in {path.name}" if name else path.name
            try:
                parts[split] = tables.read_table(stream, shown)
            except OtherFormatError as error:  # as an index of images
                skipped.append(str(error))
        elif is_picture(name):
            pictures.append(Picture(name, io.BytesIO(stream.read()).read))


def _streams(path: Path) -> Iterator[tuple[str, Any]]:
    """The members of an archive, or a file itself under an empty name."""
    with open(path, "rb") as file:
        start, low = file.read(512), path.name.casefold()
        tables.check_start(start, path.name)
        file.seek(0)
        unpack: Any = None
        if start.startswith((b"\x1f\x8b", b"\xfd7zXZ")):
            unpack = gzip.open if start[0] == 0x1F else lzma.open
            with unpack(file) as stream:
                start = stream.read(512)
            file.seek(0)
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            yield from _zip_members(file, path.name)
        elif start[257:262] == b"ustar" or low.endswith((".tar", ".tgz", ".tar.gz")):
            yield from _tar_members(file, path.name)
        elif unpack:
            with io.BufferedReader(unpack(file), 2**20) as buffered:
                yield "", buffered
        else:
            yield "", file


def _tables_first(name: str) -> tuple[bool, str]:
    return not name.casefold().endswith(FULL_TABLES), name


def _zip_members(file: IO[bytes], name: str) -> Iterator[tuple[str, IO[bytes]]]:
    """The files in a zip as streams; tables of all faces come first."""
    total = 0
    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()  # some programs on Windows write backslashes
        members = {info.filename.replace("\\", "/"): info for info in infos}
        names = [some for some in members if not some.endswith("/")]
        for path in sorted(names, key=_tables_first):
            if not is_hidden(path):
                total += members[path].file_size  # its stream ends there
                _check_size(total, name)
                stream: Any = archive.open(members[path])
                # Lines come twice as fast from a larger buffer, which closes it.
                with io.BufferedReader(stream, 2**20) as buffered:
                    yield path, buffered


def _tar_members(file: IO[bytes], name: str) -> Iterator[tuple[str, IO[bytes]]]:
    total = 0
    with tarfile.open(fileobj=file) as tar:
        for member in tar:
            total += member.size
            _check_size(total, name)
            if member.isfile() and not is_hidden(member.name):
                content = tar.extractfile(member)
                assert content is not None
                yield member.name, content


def _check_size(total: int, name: str) -> None:
    if total > MAX_BYTES:
        raise FaceDataError(
            f"{name} unpacks to more than {MAX_BYTES // 2**20:,} MB, which FER2013 "
            "never does; it was not read further. Get the data from another place."
        )


def _parquet_pictures(path: Path, first: int) -> Iterator[Picture]:
    """The rows of a Parquet file in the form of Hugging Face's image data sets."""
    import pandas

    try:
        frame = pandas.read_parquet(path)
    except (ImportError, OSError, ValueError) as error:
        why = f"it cannot be read ({error})"
        if isinstance(error, ImportError):
            why = "to read it, install a package: `pip install pyarrow`"
        raise FaceDataError(
            f"{path.name} is a Parquet file: {why}. {tables.AGAIN}"
        ) from error
    frame = frame.rename(columns={"img_bytes": "image", "labels": "label"})
    if not {"image", "label"} <= {*frame}:
        raise OtherFormatError(
            f"{path.name} has the columns {', '.join(map(str, frame))}, expected are "
            f"image and label. {tables.AGAIN}"
        )
    # Named as in image folders, so that one reader serves both.
    folder = tables.split_of_file(path.name) or "train"
    rows = zip(frame.image, frame.label, strict=True)
    for row, (image, label) in enumerate(rows, first):
        content = image["bytes"] if isinstance(image, dict) else image
        name = f"{folder}/{label}/{path.stem}-{row}.png"
        yield Picture(name, io.BytesIO(content).read, number=row)
