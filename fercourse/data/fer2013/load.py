"""FER2013 in every form in which people have it: found, read, verified and cached."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from fercourse.data.cache import keep, open_cached
from fercourse.data.faces import FaceData
from fercourse.data.fer2013.sources import Source, find_sources, unfinished_download
from fercourse.data.fer2013.tables import (
    AGAIN,
    FaceDataError,
    FaceDataNotFoundError,
    OtherFormatError,
    split_named,
)
from fercourse.data.fer2013.verify import integrity, resembles_fer2013, separate_halves
from fercourse.machine import REPOSITORY, path_in

DATA_VARIABLE = "FERCOURSE_DATA"
"""Environment variable with the path of the data: a file or a folder."""

_SHOWN = 5  # what a message lists at most


class Found(NamedTuple):
    """What there is of FER2013 in the usual place."""

    data: FaceData | None
    missing: str | None  # why no accuracy on it compares with others, if so
    remarks: tuple[str, ...]  # what a user should know, one sentence or more each
    fault: FaceDataError | None = None  # why there are no data


def look_for_fer2013() -> Found:
    """Load FER2013 as `load_fer2013` does, and say what is wrong instead of raising."""
    try:
        data = load_fer2013()
    except FaceDataNotFoundError as error:
        # Without FERCOURSE_DATA it is nothing special that there are no data.
        remarks = (str(error),) if path_in(DATA_VARIABLE) else error.reports
        return Found(None, "FER2013 is not here", remarks, error)
    except FaceDataError as error:
        return Found(None, "FER2013 cannot be read", (str(error),), error)
    missing = None
    if not data.comparable:
        missing = f"{data.source} has not all three splits of FER2013 with labels"
    elif not resembles_fer2013(data):
        missing = f"{data.source} is another data set than FER2013"
    return Found(data, missing, data.reports)


def load_fer2013(path: str | os.PathLike[str] | None = None) -> FaceData:
    """Load FER2013, wherever it is and in whatever form.

    Example: `data = fc.load_fer2013()`.

    Args:
        path: a file or a folder. None searches the one in the environment variable
            `FERCOURSE_DATA`, or else `data/` of the current folder, of the folder above
            it, and of the course, where what is not FER2013 is passed over. In a folder
            and in three levels of folders below are found: `fer2013.csv`,
            `icml_face_data.csv`, archives, `train.csv` with `test.csv`, Parquet, and
            image folders `train|validation|test/<emotion>/`. The first that has three
            labelled splits is taken.

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
    chosen = Path(path).expanduser() if path is not None else path_in(DATA_VARIABLE)
    usual = [Path("data"), Path("../data"), REPOSITORY / "data"]
    places = (
        [chosen] if chosen else [*{path.resolve(): path for path in usual}.values()]
    )
    best: FaceData | None = None
    passed: list[str] = []  # what was passed over, a sentence each
    for source in chain.from_iterable(map(find_sources, places)):
        try:
            data = _load(source)
            if chosen is None and not resembles_fer2013(data):
                raise OtherFormatError(f"It is another data set ({data.integrity}).")
        except FaceDataError as error:
            if chosen and (chosen.is_file() or not isinstance(error, OtherFormatError)):
                raise
            why = str(error).replace(f" {AGAIN}", "")  # it is someone else's
            passed.append(f"Passed over {source.name}: {why}")
            fault = error
            continue
        if best is None or data.comparable:
            best = data
        if best.comparable:
            break
    if best is None and chosen and len(passed) == 1:
        raise fault  # the only candidate: no doubt what was meant
    if best is None:
        raise _not_found(path, places, passed)
    return replace(best, reports=(*best.reports, *passed[:_SHOWN]))


def _load(source: Source) -> FaceData:
    """The faces of a source, from the cache or read and kept there."""
    place = " ".join(str(file.resolve()) for file in source.paths)
    identity, unfinished = source.identity(), unfinished_download(source.folder)
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


def _read(source: Source, identity: str, unfinished: str | None) -> FaceData:
    fault = None
    try:
        reading = separate_halves(source.read())
    except FaceDataError as error:
        fault = error
    if source.identity() != identity:
        raise FaceDataError(
            f"{source.name} changed while it was read: it is still being written. Wait "
            "until the download or the copying ends, then load again."
        ) from fault
    if fault and unfinished:
        wait = "if a download is still running, wait for its end."
        fault = FaceDataError(f"{fault} {unfinished} is next to it: {wait}")
    if fault:
        raise fault
    for faces in reading.faces.values():
        for array in (faces.images, faces.emotions, faces.rows):
            array.flags.writeable = False  # as the arrays from the cache are
    data = FaceData(
        reading.faces["train"],
        reading.faces["validation"],
        reading.faces["test"],
        source=reading.form,
        integrity=integrity(reading),
        mixed=reading.mixed,
    )
    return replace(data, reports=(*reading.reports, *data.faults))


def _not_found(
    path: str | os.PathLike[str] | None, places: list[Path], passed: list[str]
) -> FaceDataNotFoundError:
    words = passed[:_SHOWN]
    folders = [place if place.is_dir() else place.parent for place in places]
    if names := [name for folder in folders if (name := unfinished_download(folder))]:
        words.append(
            f"{names[0]} is an unfinished download. Wait for its end, then load again; "
            "if none is running, run `python -m fercourse download`."
        )
    where = "data/ in the current folder, in the folder above, or of the course"
    if len(places) == 1:
        where = f"{DATA_VARIABLE} ({places[0]})" if path is None else str(path)
        words.append(_contents(places[0]))
    error = FaceDataNotFoundError(
        f"FER2013 was not found in {where}. {' '.join(words)} Get it with `python -m "
        f"fercourse download`, or set {DATA_VARIABLE} to the folder that holds "
        "fer2013.csv, icml_face_data.csv, fer2013.tar.gz, train.csv, or image folders "
        "train and test."
    )
    error.reports = tuple(words)
    return error


def _contents(place: Path) -> str:
    """What a folder without data holds, in words."""
    if not place.is_dir():
        return "" if place.exists() else "There is no such file or folder."
    names = sorted(path.name for path in place.iterdir() if path.name[0] != ".")
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    hint = " Name the folder above it." if split_named(place.name) else ""
    return f"The folder holds {', '.join(names[:_SHOWN]) or 'nothing'}{more}.{hint}"
