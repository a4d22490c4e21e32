"""FER2013 in every form in which people have it: found, read, verified and cached."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from fercourse.data.cache import keep, open_cached
from fercourse.data.faces import FaceData
from fercourse.data.fer2013.archives import read_archive
from fercourse.data.fer2013.folders import holds_faces, list_files, read_folders
from fercourse.data.fer2013.tables import (
    FULL_TABLES,
    FaceDataError,
    FaceDataNotFoundError,
    Reading,
    read_tables,
)
from fercourse.data.fer2013.verify import integrity, separate_halves
from fercourse.machine import REPOSITORY

__all__ = ["FaceDataError", "FaceDataNotFoundError", "load_fer2013"]

_ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")
_NAMES = ("fer2013", "icml_face_data", "archive", "challenges-in-representation")
_PARTIAL = (".part", ".crdownload", ".download")
_PARTIAL_NAMES = (*_NAMES, "train", "test", "Unconfirmed")


class _Source(NamedTuple):
    """What to read: an archive, a table or two, or a folder of image folders."""

    form: str  # "tables", "archive" or "folders"
    paths: tuple[Path, ...]

    @property
    def folder(self) -> Path:  # what contains all files
        return self.paths[0] if self.form == "folders" else self.paths[0].parent

    def read(self) -> Reading:
        try:
            if self.form == "folders":
                return read_folders(self.paths[0])
            if self.form == "archive":
                return read_archive(self.paths[0])
            return read_tables(list(self.paths))
        except PermissionError as error:
            name = Path(error.filename or self.paths[0]).name
            raise FaceDataError(
                f"{name} may not be read by this user. Change its permissions, or copy "
                "it to data/."
            ) from error

    def identity(self) -> str:
        """Size and time of every file; it changes whenever one of them does."""
        stamps = []
        files = list_files(self.folder) if self.form == "folders" else self.paths
        for file in files:
            name = file.relative_to(self.folder).as_posix()
            try:
                stat = file.stat()
                stamps.append(f"{name} {stat.st_size} {stat.st_mtime_ns}")
            except OSError:  # a broken link, or gone by now: reading will say so
                stamps.append(f"{name} unreadable")
        return hashlib.sha256("\n".join(stamps).encode()).hexdigest()


def load_fer2013(path: str | os.PathLike[str] | None = None) -> FaceData:
    """Load FER2013, wherever it is and in whatever form.

    Example: `data = fc.load_fer2013()`.

    Args:
        path: a file or a folder. None searches the folder in the environment variable
            `FERCOURSE_DATA`, or else `data/` of the current folder, of the folder above
            it, and of the course. A folder is searched for `fer2013.csv`,
            `icml_face_data.csv`, an archive of these (`.tar.gz` or `.zip`), `train.csv`
            with `test.csv`, and image folders `train|validation|test/<emotion>/` in PNG
            or JPEG, in this order.

    Returns:
        The three splits, read-only; the second time they are memory-mapped from the
        cache (`FERCOURSE_CACHE`). `integrity` is "verified FER2013" if every byte is as
        published (Goodfellow et al., 2013, https://arxiv.org/abs/1307.0414). Faces of
        Kaggle's test.csv are `UNLABELLED`.

    Raises:
        FaceDataNotFoundError: no data; a `FileNotFoundError` too.
        FaceDataError: data that cannot be right: the message names file, row and
            remedy.
    """
    source = _find(path)
    place = " ".join(str(file.resolve()) for file in source.paths)
    identity, unfinished = source.identity(), _unfinished(source.folder)
    data = open_cached(place, identity)
    passing = []  # reports that are not kept in the cache
    if data is None:
        data = _read(source, identity, unfinished)
        if problem := keep(data, place, identity):
            passing.append(problem)
    if unfinished:
        passing.append(
            f"{unfinished} is next to the data: a download may still be running."
        )
    return replace(data, reports=(*data.reports, *passing))


def _read(source: _Source, identity: str, unfinished: str | None) -> FaceData:
    fault = None
    try:
        reading = separate_halves(source.read())
    except FaceDataError as error:
        fault = error
    if source.identity() != identity:
        names = " and ".join(file.name for file in source.paths)
        raise FaceDataError(
            f"{names} changed while it was read: it is still being written. Wait until "
            "the download or the copying ends, then load again."
        ) from fault
    if fault and unfinished:
        raise FaceDataError(
            f"{fault} {unfinished} is next to it: if a download is still running, wait "
            "for its end."
        ) from fault
    if fault:
        raise fault
    for faces in reading.faces.values():
        for array in (faces.images, faces.emotions, faces.rows):
            array.flags.writeable = False  # as the arrays from the cache are
    data = FaceData(
        **reading.faces,
        source=reading.form,
        integrity=integrity(reading),
        mixed=reading.mixed,
    )
    return replace(data, reports=(*reading.reports, *data.faults))


def _find(path: str | os.PathLike[str] | None) -> _Source:
    if path is not None:
        places = {str(path): Path(path).expanduser()}
    elif chosen := os.environ.get("FERCOURSE_DATA"):
        places = {f"FERCOURSE_DATA ({chosen})": Path(chosen).expanduser()}
    else:
        places = {
            "data/ in the current folder": Path("data"),
            "data/ in the folder above": Path("..", "data"),
            "data/ of the course": REPOSITORY / "data",
        }
    for place in places.values():
        for candidate in (place, place / "fer2013", place / "images"):
            for source in _sources(candidate):
                return source
    for place in places.values():
        folder = place if place.is_dir() or not place.suffix else place.parent
        if name := _unfinished(folder):
            raise FaceDataError(
                f"{name} is an unfinished download. Wait for its end, then load again; "
                "if none is running, run `python -m fercourse download`."
            )
    raise FaceDataNotFoundError(
        f"FER2013 was not found in {', '.join(places)}. Get it with `python -m "
        "fercourse download`, or set FERCOURSE_DATA to the folder that holds "
        "fer2013.csv, icml_face_data.csv, fer2013.tar.gz, train.csv, or image folders "
        "train and test."
    )


def _unfinished(folder: Path) -> str | None:
    """The name of an unfinished download in a folder, or None."""
    names = sorted(file.name for file in folder.glob("*") if file.suffix in _PARTIAL)
    return next((name for name in names if name.startswith(_PARTIAL_NAMES)), None)


def _sources(place: Path) -> Iterator[_Source]:
    """What a file is, or what there is in a folder, the best form first."""
    if place.suffix == ".csv" and place.is_dir():
        raise FaceDataError(
            f"{place.name} is a folder, not a file. Move the file {place.name} out of "
            "it, or delete it and run `python -m fercourse download`."
        )
    if place.is_dir():
        for name in FULL_TABLES:
            yield from _sources(place / name)
        for name in _NAMES:
            for file in sorted(place.glob(f"{name}*")):
                if file.name.casefold().endswith(_ARCHIVES):
                    yield from _sources(file)
        yield from _sources(place / "train.csv")
        if holds_faces(place):
            yield _Source("folders", (place,))
    elif place.name.casefold().endswith(_ARCHIVES) and place.is_file():
        yield _Source("archive", (place,))
    elif place.is_file() and place.suffix not in _PARTIAL:
        other = place.with_name("test.csv")
        both = place.name == "train.csv" and other.is_file()
        yield _Source("tables", (place, other) if both else (place,))
