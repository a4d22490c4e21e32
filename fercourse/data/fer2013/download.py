"""Getting FER2013 from Kaggle, once, whole and verified."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from fercourse.data.fer2013.archives import read_files
from fercourse.data.fer2013.tables import FaceDataError
from fercourse.data.fer2013.verify import integrity
from fercourse.machine import write_whole

DATASET = "deadskull7/fer2013"
"""The public Kaggle data set that holds fer2013.csv with the official split."""

_FILE = "fer2013.csv"
_BY_HAND = (
    f"By hand: open the data set {DATASET} on kaggle.com, download it, and put "
    f"{_FILE} into data/; then run `python -m fercourse check`."
)


class DownloadError(FaceDataError):
    """FER2013 could not be fetched; the message says why and what to do by hand."""


def download_fer2013(folder: Path) -> Path:
    """Fetch `fer2013.csv` (301 MB) into a folder through kagglehub, without an account.

    A verified file in the folder is not fetched again. kagglehub resumes what was
    interrupted. The file gets its name only when its content is verified; a file of
    that name with other content is kept as `fer2013.csv.old`. The folder is made if it
    does not exist.

    Raises:
        DownloadError: no network, a full disk, or content that is not FER2013.
    """
    target = Path(folder) / _FILE
    if target.is_file():
        try:
            _verify(target)
            return target
        except FaceDataError:
            pass  # other content: fetch
    try:
        import kagglehub
    except ImportError as error:
        raise DownloadError(
            f"The package kagglehub is missing. Run `pip install kagglehub`. {_BY_HAND}"
        ) from error
    for again in (False, True):  # the second time past kagglehub's own, damaged copy
        try:
            fetched = Path(kagglehub.dataset_download(DATASET, force_download=again))
        except Exception as error:  # kagglehub's own kinds have no common base
            if isinstance(error, OSError) and getattr(error, "response", None) is None:
                raise _failure(error, "there is no connection to Kaggle") from error
            raise _failure(error, "Kaggle refused it") from error
        try:
            source = next(fetched.rglob(_FILE), None) if fetched.is_dir() else fetched
            if source is None:
                raise FaceDataError(f"it holds no {_FILE}")
            target.parent.mkdir(parents=True, exist_ok=True)
            with write_whole(target) as part:
                shutil.copyfile(source, part)
                _verify(part)
                if target.exists():
                    os.replace(target, target.with_name(f"{_FILE}.old"))
            return target
        except FaceDataError as error:
            fault = str(error)
        except OSError as error:
            raise _failure(error, f"{target.parent.name}/ cannot be written") from error
    raise DownloadError(
        f"What Kaggle sent is not FER2013 ({fault}), so it was not kept. {_BY_HAND}"
    )


def _verify(file: Path) -> None:
    """Raise `FaceDataError` unless a file is FER2013 to the last pixel and label."""
    content = integrity(read_files([file]))
    if content != "verified FER2013":
        raise FaceDataError(content)


def _failure(error: Exception, reason: str) -> DownloadError:
    if getattr(error, "errno", None) == errno.ENOSPC:
        return DownloadError(
            f"{_FILE} could not be downloaded: the disk is full. Free 700 MB "
            "(kagglehub keeps a copy of its own) and run `python -m fercourse "
            "download` again; it resumes."
        )
    return DownloadError(
        f"{_FILE} could not be downloaded: {reason} ({type(error).__name__}). Run "
        "`python -m fercourse download` again later; it resumes. " + _BY_HAND
    )
