"""The cache of read faces: `.npy` files that open in milliseconds, without pickle."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import zlib
from pathlib import Path

import numpy as np

from fercourse.data.faces import FaceData, Faces
from fercourse.machine import path_in, write_whole

_FORMAT = 3  # raise it whenever a reader or the check of the content changes
_ARRAYS = ("images", "emotions", "rows")


def cache_folder() -> Path:
    """The folder of `FERCOURSE_CACHE`, or `fercourse` in the user's cache folder."""
    if chosen := path_in("FERCOURSE_CACHE"):
        return chosen
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local, "fercourse", "cache")
    if sys.platform == "darwin":
        return Path("~/Library/Caches/fercourse").expanduser()
    general = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(general).expanduser() / "fercourse"


def open_cached(source: str, identity: str) -> FaceData | None:
    """The faces kept for a source, memory-mapped.

    Args:
        source: what was read; each source has one folder in the cache.
        identity: what changes with the content: sizes and times of the files.

    Returns:
        None if nothing is kept, or with another identity, or if a file is damaged: a
        sum over all bytes finds a truncated, emptied or overwritten file.
    """
    try:
        folder = _folder(source)
        about = json.loads((folder / "about.json").read_text("utf-8"))
        arrays = [
            np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))
            for name in _ARRAYS
        ]
        if about["identity"] != [_FORMAT, identity] or about["sums"] != _sums(*arrays):
            return None
        faces, first, splits = Faces(*arrays), 0, {}
        for split, size in about["sizes"].items():
            splits[split] = faces[first : first + size]
            first += size
        return FaceData(
            **splits,
            source=about["source"],
            integrity=about["integrity"],
            mixed=about["mixed"],
            reports=tuple(about["reports"]),
        )
    except (OSError, EOFError, RuntimeError, ValueError, KeyError, TypeError):
        return None


def keep(data: FaceData, source: str, identity: str) -> str | None:
    """Keep faces for the next time; a sentence that says why if that is not possible.

    `about.json` is written last and holds the sums of the arrays, so a reader never
    takes the files of two writers for one.
    """
    try:
        folder = _folder(source)
        folder.mkdir(parents=True, exist_ok=True)
        everyone = Faces.join(data.splits.values())
        for name in _ARRAYS:
            with write_whole(folder / f"{name}.npy") as path:
                np.save(path, getattr(everyone, name), allow_pickle=False)
        about = {
            "identity": [_FORMAT, identity],
            "sums": _sums(everyone.images, everyone.emotions, everyone.rows),
            "sizes": {split: len(faces) for split, faces in data.splits.items()},
            "source": data.source,
            "integrity": data.integrity,
            "mixed": data.mixed,
            "reports": data.reports,
        }
        with write_whole(folder / "about.json") as path:
            path.write_text(json.dumps(about, indent=1), "utf-8")
        return None
    except (OSError, RuntimeError) as error:  # RuntimeError: a user without a home
        if open_cached(source, identity) is not None:
            return None  # another process was faster, and Windows locks what it reads
        reason = getattr(error, "strerror", None) or error
        return (
            f"The faces could not be cached ({reason}), so they are read again each "
            "time; set FERCOURSE_CACHE to a folder that can be written."
        )


def _folder(source: str) -> Path:
    return cache_folder() / hashlib.sha256(source.encode()).hexdigest()[:16]


def _sums(images: np.ndarray, emotions: np.ndarray, rows: np.ndarray) -> list[int]:
    """A sum over all bytes of each array: a few milliseconds for 83 MB."""
    words = np.ascontiguousarray(images).reshape(-1).view("<u8")
    total = int(words.sum(dtype="<u8"))
    return [total, zlib.crc32(emotions.data), zlib.crc32(rows.data)]
