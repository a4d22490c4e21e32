"""FER2013 in every form in which it reaches a user: found, read, checked and cached."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from fercourse.data.cache import keep, open_cached
from fercourse.data.faces import FaceData, Faces
from fercourse.data.fer2013.archives import read_archive
from fercourse.data.fer2013.folders import holds_faces, list_files, read_folders
from fercourse.data.fer2013.tables import (
    FULL_TABLES,
    FaceDataError,
    FaceDataNotFoundError,
    Reading,
    read_tables,
)
from fercourse.data.fer2013.verify import integrity, tell_halves

__all__ = ["FaceDataError", "FaceDataNotFoundError", "load_fer2013"]

_ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")
_PARTIAL = (".part", ".crdownload", ".download")
_PARTIAL_NAMES = (
    "fer2013",
    "icml_face_data",
    "archive",
    "train",
    "test",
    "Unconfirmed",
)
_NAMES = (
    "fer2013*",
    "icml_face_data*",
    "archive*",
    "challenges-in-representation-learning*",
)


class _Source(NamedTuple):
    """What is going to be read: one archive, one or two tables, or the folder of image folders."""

    form: str  # "tables", "archive" or "folders"
    paths: tuple[Path, ...]


def load_fer2013(path: str | os.PathLike[str] | None = None) -> FaceData:
    """Load FER2013 from wherever and in whatever form it lies.

    Args:
        path: A file or a folder. None searches the folder named by the environment
            variable `FERCOURSE_DATA`, or else `data/` of the current folder, of the
            folder above it, and of the course. A folder is searched for `fer2013.csv`,
            `icml_face_data.csv`, an archive of these (`.tar.gz` or `.zip`), `train.csv`
            with `test.csv`, and image folders `train|validation|test/<emotion>/` in PNG
            or JPEG, in this order.

    Returns:
        The three splits: images uint8 (N, 48, 48), emotions uint8 (N,), rows int32
        (N,). Read-only; the second time they are memory-mapped from the cache
        (`FERCOURSE_CACHE`). `integrity` is "verified FER2013" when every byte is as
        published (Goodfellow et al., 2013, https://arxiv.org/abs/1307.0414). Faces of
        Kaggle's test.csv are `UNLABELLED`.

    Raises:
        FaceDataNotFoundError: No data; a `FileNotFoundError` too.
        FaceDataError: Data that cannot be right: the message names file, row and
            remedy.
    """
    source = _find(path)
    place = " ".join(str(file.resolve()) for file in source.paths)
    identity = _identity(source)
    partial = _partial_beside(source)
    if (cached := open_cached(place, identity)) is not None:
        return _reporting(cached, _still_running(partial))
    try:
        reading = tell_halves(_read(source))
    except FaceDataError as error:
        if _identity(source) != identity:
            raise _still_written(source) from error
        if partial:
            raise FaceDataError(
                f"{error} {partial} lies beside it: if a download is still running, "
                f"wait for its end."
            ) from error
        raise
    if _identity(source) != identity:
        raise _still_written(source)
    data = FaceData(
        **{split: _read_only(faces) for split, faces in reading.faces.items()},
        source=reading.form,
        integrity=integrity(reading),
        mixed=reading.mixed,
        reports=(*reading.reports, *_warnings(reading)),
    )
    # Neither of the two belongs into the cache: both pass.
    return _reporting(data, keep(data, place, identity), _still_running(partial))


def _reporting(data: FaceData, *passing: str | None) -> FaceData:
    return replace(
        data, reports=(*data.reports, *(report for report in passing if report))
    )


def _read(source: _Source) -> Reading:
    try:
        if source.form == "folders":
            return read_folders(source.paths[0])
        if source.form == "archive":
            return read_archive(source.paths[0])
        return read_tables(list(source.paths))
    except PermissionError as error:
        name = Path(error.filename or source.paths[0]).name
        raise FaceDataError(
            f"{name} may not be read by this user. Change its permissions, or copy it "
            f"to data/."
        ) from error


def _still_running(partial: str | None) -> str | None:
    return (
        f"{partial} lies beside the data: a download may still be running."
        if partial
        else None
    )


def _warnings(reading: Reading) -> Iterator[str]:
    if reading.mixed:
        yield (
            "The test images are PublicTest and PrivateTest in one, so that no "
            "accuracy on them "
            "compares with a published one."
        )
    if not reading.faces["test"].labelled:
        yield "The test images have no labels, so that nothing can be evaluated on them."


def _read_only(faces: Faces) -> Faces:
    for array in (faces.images, faces.emotions, faces.rows):
        array.flags.writeable = False  # as the arrays from the cache are
    return faces


def _find(path: str | os.PathLike[str] | None) -> _Source:
    if path is not None:
        given = Path(path).expanduser()
        if given.is_dir():
            if given.suffix == ".csv":
                raise _is_a_folder(given)
            places = [(f"the folder {path}", given)]
        else:
            return _given_file(given)
    elif chosen := os.environ.get("FERCOURSE_DATA"):
        places = [(f"FERCOURSE_DATA ({chosen})", Path(chosen).expanduser())]
        if places[0][1].is_file():
            return _given_file(places[0][1])
    else:
        places = [
            ("data/ in the current folder", Path("data")),
            ("data/ in the folder above", Path("..", "data")),
            ("data/ of the course", Path(__file__).resolve().parents[3] / "data"),
        ]
    for _, folder in places:
        for inner in (folder, folder / "fer2013", folder / "images"):
            if inner.is_dir() and (source := _in_folder(inner)):
                return source
    raise _not_found([words for words, _ in places], [folder for _, folder in places])


def _given_file(file: Path) -> _Source:
    if not file.exists():
        raise _not_found([str(file)], [file.parent])
    if file.name.casefold().endswith(_ARCHIVES):
        return _Source("archive", (file,))
    if file.suffix in _PARTIAL:
        raise FaceDataError(
            f"{file.name} is an unfinished download. Wait for its end, then load the "
            f"finished file."
        )
    return _tables(file)


def _in_folder(folder: Path) -> _Source | None:
    for name in FULL_TABLES:
        if (folder / name).is_dir():
            raise _is_a_folder(folder / name)
        if (folder / name).is_file():
            return _Source("tables", (folder / name,))
    for pattern in _NAMES:
        for file in sorted(folder.glob(pattern)):
            if file.name.casefold().endswith(_ARCHIVES) and file.is_file():
                return _Source("archive", (file,))
    if (folder / "train.csv").is_file():
        return _tables(folder / "train.csv")
    if holds_faces(folder):
        return _Source("folders", (folder,))
    return None


def _tables(file: Path) -> _Source:
    other = file.with_name("test.csv")
    both = file.name == "train.csv" and other.is_file()
    return _Source("tables", (file, other) if both else (file,))


def _is_a_folder(path: Path) -> FaceDataError:
    return FaceDataError(
        f"{path.name} is a folder, not a file. Move the file {path.name} out of it, "
        f"or delete it and "
        "run `python -m fercourse download`."
    )


def _not_found(places: list[str], folders: Iterable[Path]) -> FaceDataError:
    for folder in folders:
        for file in sorted(folder.glob("*")) if folder.is_dir() else ():
            if file.suffix in _PARTIAL and file.name.startswith(_PARTIAL_NAMES):
                return FaceDataError(
                    f"{file.name} is an unfinished download. Wait for its end, then "
                    f"load again; if "
                    "none is running, run `python -m fercourse download`."
                )
    return FaceDataNotFoundError(
        f"FER2013 was not found in {', '.join(places)}. Get it with `python -m "
        f"fercourse download`, "
        "or set FERCOURSE_DATA to the folder that holds fer2013.csv, "
        "icml_face_data.csv, "
        "fer2013.tar.gz, train.csv, or image folders train and test."
    )


def _partial_beside(source: _Source) -> str | None:
    """The name of an unfinished download of what is going to be read."""
    for file in source.paths if source.form != "folders" else ():
        for ending in _PARTIAL:
            if file.with_name(file.name + ending).exists():
                return file.name + ending
    return None


def _still_written(source: _Source) -> FaceDataError:
    names = " and ".join(file.name for file in source.paths)
    return FaceDataError(
        f"{names} changed while it was read: it is still being written. Wait until "
        f"the download or "
        "the copying ends, then load again."
    )


def _identity(source: _Source) -> str:
    """Size and time of every file; it changes whenever one of them does."""
    files = list(source.paths)
    if source.form == "folders":
        root = files[0]
        text = "\n".join(
            f"{file.relative_to(root).as_posix()} {_stamp(file)}"
            for file in list_files(root)
        )
        return hashlib.sha256(text.encode()).hexdigest()
    return " ".join(_stamp(file) for file in files)


def _stamp(file: Path) -> str:
    try:
        stat = file.stat()
    except OSError:  # a broken link, or gone by now: the reader will say so
        return "unreadable"
    return f"{stat.st_size} {stat.st_mtime_ns}"
