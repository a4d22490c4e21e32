"""Where FER2013 may be: candidates, near before deep, the best form first."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from fercourse.data.faces import SPLITS
from fercourse.data.fer2013.archives import read_files
from fercourse.data.fer2013.folders import is_hidden, list_files, read_folders
from fercourse.data.fer2013.tables import (
    FULL_TABLES,
    FaceDataError,
    Reading,
    emotion_named,
    split_named,
    split_of_file,
)
from fercourse.data.ferplus import FERPLUS_NAMES

_PACKED = (".zip", ".tar", ".gz", ".tgz", ".xz", ".parquet")
_NAMES = ("fer", "icml", "archive", "challenges-in-representation", "face", "facial")
_TABLE = re.compile(r"[^.]*\.csv(\.zip|\.gz|\.xz)?", re.IGNORECASE)
_PARQUET = re.compile(r".*\.parquet", re.IGNORECASE)
_PARTIAL = (".part", ".crdownload", ".download")
_PARTIAL_NAMES = (*_NAMES, "train", "test", "unconfirmed")
# How far wrapper folders are followed: a tree of other data must not cost seconds.
_LEVELS, _FOLDERS, _ENTRIES = 3, 100, 1000


class Source(NamedTuple):
    """What to read: the folder of image folders, or a file or several."""

    paths: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The names of what is read."""
        return " and ".join(path.name for path in self.paths)

    @property
    def folder(self) -> Path:
        """What contains all files."""
        return self.paths[0] if self.paths[0].is_dir() else self.paths[0].parent

    def read(self) -> Reading:
        """Read the faces."""
        try:
            if self.paths[0].is_dir():
                return read_folders(self.paths[0])
            return read_files(self.paths)
        except PermissionError as error:
            name = Path(error.filename or self.paths[0]).name
            raise FaceDataError(
                f"{name} may not be read by this user. Change its permissions, or copy "
                "it to data/."
            ) from error

    def identity(self) -> str:
        """Size and time of every file; it changes whenever one of them does."""
        stamps = []
        files = list_files(self.folder) if self.paths[0].is_dir() else self.paths
        for file in files:
            name = file.relative_to(self.folder).as_posix()
            try:
                stat = file.stat()
                stamps.append(f"{name} {stat.st_size} {stat.st_mtime_ns}")
            except OSError:  # a broken link, or gone by now: reading will say so
                stamps.append(f"{name} unreadable")
        return hashlib.sha256("\n".join(stamps).encode()).hexdigest()


def find_sources(place: Path) -> Iterator[Source]:
    """What a file is, or what there is in a folder and in wrapper folders in it."""
    if place.is_file() and place.suffix not in _PARTIAL:
        sets = _parts(place.parent, _listing(place.parent)[0])
        # train.csv goes with test.csv; who names another file means that one alone.
        yield next((some for some in sets if place == some.paths[0]), Source((place,)))
    level = [place] if place.is_dir() else []
    for depth in range(_LEVELS + 1):
        candidates: list[tuple[int, Source]] = []
        inner: list[Path] = []
        for folder in level:
            files, folders = _listing(folder, _ENTRIES if depth else None)
            candidates += _candidates(folder, files)
            splits = [name for name in folders if split_named(name)]
            if any(_holds_emotions(folder / name) for name in splits):
                candidates.append((4, Source((folder,))))  # after tables
                folders = [name for name in folders if name not in splits]
            inner += [folder / name for name in folders if emotion_named(name) is None]
        yield from (source for _, source in sorted(candidates))
        level = inner[:_FOLDERS]


def unfinished_download(folder: Path) -> str | None:
    """The name of an unfinished download in a folder, or None."""
    names = sorted(file.name for file in folder.glob("*") if file.suffix in _PARTIAL)
    ours = [name for name in names if name.casefold().startswith(_PARTIAL_NAMES)]
    return ours[0] if ours else None


def _listing(folder: Path, limit: int | None = None) -> tuple[list[str], list[str]]:
    """The names of the files and of the folders in a folder, without hidden ones."""
    files: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, limit):
                if not is_hidden(entry.name):
                    if entry.is_dir():
                        folders.append(entry.name)
                    elif entry.is_file():  # no broken link
                        files.append(entry.name)
    except OSError:  # may not be read, or is gone
        pass
    return sorted(files), sorted(folders)


def _holds_emotions(folder: Path, levels: int = 1) -> bool:
    """Whether folders of emotions are in a split folder, or in one more inside it."""
    _, names = _listing(folder, _ENTRIES)
    return any(emotion_named(name) is not None for name in names) or any(
        levels and split_named(name) and _holds_emotions(folder / name, levels - 1)
        for name in names
    )


def _candidates(folder: Path, files: list[str]) -> Iterator[tuple[int, Source]]:
    """The files in a folder that may hold FER2013, with the rank of their form."""
    for name in sorted({*files}.difference(FERPLUS_NAMES)):
        low = name.casefold()
        if low in FULL_TABLES:
            yield FULL_TABLES.index(low), Source((folder / name,))
        elif low.startswith(_NAMES) and low.endswith(_PACKED):
            yield 2, Source((folder / name,))
    yield from ((3, source) for source in _parts(folder, files))


def _parts(folder: Path, files: list[str]) -> Iterator[Source]:
    """Files for one split each: tables, also compressed, or parts of Parquet."""
    for form in (_TABLE, _PARQUET):
        paths = [
            folder / name
            for split in SPLITS
            for name in files
            if split_of_file(name) == split.name and form.fullmatch(name)
        ]
        if paths:
            yield Source(tuple(paths))
