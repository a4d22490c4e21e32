"""The cache of read faces: `.npy` files that open in milliseconds, without pickle."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np

from fercourse.data.faces import FaceData, Faces

_FORMAT = 1  # raise it whenever a reader or the check of the content changes
_ARRAYS = ("images", "emotions", "rows")
_SPLITS = ("train", "validation", "test")


def cache_folder() -> Path:
    """The folder of `FERCOURSE_CACHE`, or `fercourse` in the user's cache folder."""
    if chosen := os.environ.get("FERCOURSE_CACHE"):
        return Path(chosen).expanduser()
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local, "fercourse", "cache")
    if sys.platform == "darwin":
        return Path("~/Library/Caches/fercourse").expanduser()
    return (
        Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "fercourse"
    )


def open_cached(source: str, identity: str) -> FaceData | None:
    """The faces kept for a source, memory-mapped, or None.

    Args:
        source: what was read; one source has one place in the cache.
        identity: what changes with the content: sizes and times of the files.

    Returns:
        None when nothing is kept, when it is of another identity, or when it is
        damaged: a sum over all its bytes finds a truncated, emptied or overwritten
        file.
    """
    place = _place(source)
    try:
        about = json.loads((place / "about.json").read_text("utf-8"))
        if about["identity"] != _identity(identity):
            return None
        arrays = {
            name: np.asarray(
                np.load(place / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            )
            for name in _ARRAYS
        }
        if about["sums"] != _sums(arrays):
            return None
        parts, first = {}, 0
        for split in _SPLITS:
            last = first + about["sizes"][split]
            parts[split] = Faces(*(arrays[name][first:last] for name in _ARRAYS))
            first = last
        return FaceData(
            **parts,
            source=about["source"],
            integrity=about["integrity"],
            mixed=about["mixed"],
            reports=tuple(about["reports"]),
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        return None


def keep(data: FaceData, source: str, identity: str) -> str | None:
    """Keep faces for the next time; None, or one sentence that says why that was not possible.

    The files are written beside their place and renamed, so that a reader never meets
    half of them and the later of two processes that keep the same source gives way to
    the earlier.
    """
    part = None
    try:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        part = Path(tempfile.mkdtemp(suffix=".part", dir=folder))
        splits = [getattr(data, split) for split in _SPLITS]
        arrays = {
            name: np.concatenate([getattr(faces, name) for faces in splits])
            for name in _ARRAYS
        }
        for name, array in arrays.items():
            np.save(part / f"{name}.npy", array, allow_pickle=False)
        about = {
            "identity": _identity(identity),
            "sums": _sums(arrays),
            "sizes": {split: len(getattr(data, split)) for split in _SPLITS},
            "source": data.source,
            "integrity": data.integrity,
            "mixed": data.mixed,
            "reports": data.reports,
        }
        (part / "about.json").write_text(json.dumps(about, indent=1), "utf-8")
        if open_cached(source, identity) is not None:  # another process was faster
            shutil.rmtree(part, ignore_errors=True)
            return None
        place = _place(source)
        if place.exists():  # of an older file, or damaged
            os.rename(place, part / "old")
        os.rename(part, place)
        shutil.rmtree(place / "old", ignore_errors=True)
        return None
    except (
        OSError,
        RuntimeError,
    ) as error:  # RuntimeError: a user without a home folder
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
        if open_cached(source, identity) is not None:
            return None  # another process was faster by a hair
        reason = getattr(error, "strerror", None) or error
        return (
            f"The faces could not be cached ({reason}), so that they are read anew "
            f"each time; set "
            "FERCOURSE_CACHE to a folder that can be written."
        )


def _place(source: str) -> Path:
    return cache_folder() / hashlib.sha256(source.encode()).hexdigest()[:16]


def _identity(identity: str) -> str:
    return f"{_FORMAT} {identity}"


def _sums(arrays: dict[str, np.ndarray]) -> dict[str, int]:
    """A sum over all bytes of each array, a few milliseconds for 83 MB."""
    return {
        "images": int(arrays["images"].reshape(-1).view("<u8").sum(dtype="<u8")),
        "emotions": zlib.crc32(arrays["emotions"]),
        "rows": zlib.crc32(arrays["rows"]),
    }


def _sweep(folder: Path) -> None:
    """Remove what a process that was stopped while writing left an hour ago or earlier."""
    for part in folder.glob("*.part"):
        if time.time() - part.stat().st_mtime > 3600:
            shutil.rmtree(part, ignore_errors=True)
