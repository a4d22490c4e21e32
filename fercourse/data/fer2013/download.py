"""Getting FER2013 from Kaggle, once, whole and verified."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

from fercourse.data.fer2013.tables import FaceDataError, read_tables
from fercourse.data.fer2013.verify import integrity

DATASET = "deadskull7/fer2013"
"""The public Kaggle data set that holds fer2013.csv with the official split."""

_FILE = "fer2013.csv"
_BY_HAND = (
    f"By hand: open the data set {DATASET} on kaggle.com, download it, and put "
    f"{_FILE} into data/; "
    "then run `python -m fercourse check`."
)


class DownloadError(FaceDataError):
    """FER2013 could not be fetched; the message says why and what to do by hand."""


def download_fer2013(folder: Path) -> Path:
    """Fetch `fer2013.csv` (301 MB) into a folder through kagglehub; no account is needed.

    A verified file in the folder is not fetched again. kagglehub resumes what was
    interrupted. The file gets its name only when its content is verified; a file of
    that name with other content is kept as `fer2013.csv.old`.

    Args:
        folder: Where the file goes, such as `Path("data")`; made when it does not
            exist.

    Returns:
        The path of the file.

    Raises:
        DownloadError: No network, a full disk, or content that is not FER2013.
    """
    target = Path(folder) / _FILE
    if target.is_file() and _fault(target) is None:
        return target
    try:
        import kagglehub
    except ImportError as error:
        raise DownloadError(
            f"The package kagglehub is missing. Run `pip install kagglehub`. {_BY_HAND}"
        ) from error
    part = target.with_name(f"{_FILE}.part")
    for again in (False, True):  # the second time past kagglehub's own, damaged copy
        try:
            fetched = Path(kagglehub.dataset_download(DATASET, force_download=again))
        except OSError as error:
            answered = getattr(error, "response", None)
            reason = (
                "there is no connection to Kaggle"
                if answered is None
                else "Kaggle refused it"
            )
            raise _failure(error, reason) from error
        except Exception as error:  # kagglehub's own kinds have no common base
            raise _failure(error, "Kaggle refused it") from error
        try:
            source = next(fetched.rglob(_FILE), None) if fetched.is_dir() else fetched
            if source is None:
                fault = f"it holds no {_FILE}"
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, part)
            fault = _fault(part)
            if fault is None:
                if target.exists():
                    os.replace(target, target.with_name(f"{_FILE}.old"))
                os.replace(part, target)
                return target
        except OSError as error:
            raise _failure(error, f"{target.parent.name}/ cannot be written") from error
        finally:
            with suppress(OSError):
                part.unlink()
    raise DownloadError(
        f"What Kaggle sent is not FER2013 ({fault}), so it was not kept. {_BY_HAND}"
    )


def _fault(file: Path) -> str | None:
    """What is wrong with a file, or None when it is FER2013 to the last pixel and label."""
    try:
        found = integrity(read_tables([file]))
    except (FaceDataError, OSError) as error:
        return str(error)
    return None if found == "verified FER2013" else found


def _failure(error: Exception, otherwise: str) -> DownloadError:
    if getattr(error, "errno", None) == errno.ENOSPC:
        return DownloadError(
            f"{_FILE} could not be downloaded: the disk is full. Free 700 MB "
            f"(kagglehub keeps a copy "
            "of its own) and run `python -m fercourse download` again; it resumes."
        )
    return DownloadError(
        f"{_FILE} could not be downloaded: {otherwise} ({type(error).__name__}). Run "
        f"`python -m "
        f"fercourse download` again later; it resumes. {_BY_HAND}"
    )
