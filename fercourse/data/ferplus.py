"""FER+: ten people's votes on each picture of FER2013, read and compared with it."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np

from fercourse.data.faces import FERPLUS, SPLITS, FaceData, Faces
from fercourse.machine import REPOSITORY, path_in

FERPLUS_VARIABLE = "FERCOURSE_FERPLUS"
FERPLUS_NAMES = ("fer2013new.csv", "fer2013new.csv.gz")
VOTES = "votes"
"""What `train --teachers` calls the ten people who voted on each face."""

_COLUMNS = "neutral happiness surprise sadness anger disgust fear contempt unknown NF"
FERPLUS_HEADER = ["Usage", "Image name", *_COLUMNS.split()]
FERPLUS_COLUMNS = (4, 5, 6, 1, 3, 2, 0)
"""The vote column of each emotion; 7, 8 and 9 are contempt, unknown and not a face."""


def find_ferplus(path: Path | None = None) -> Path | None:
    """The file of FER+ votes, or None.

    Args:
        path: the file or its folder. None searches `FERCOURSE_FERPLUS`, or else the
            folder of `FERCOURSE_DATA`, then `data`.

    Raises:
        FileNotFoundError: the path, or the one in `FERCOURSE_FERPLUS`, has no votes.
    """
    if chosen := path or path_in(FERPLUS_VARIABLE):
        if file := _votes_at(chosen.expanduser()):
            return file
        source = "" if path else f" ({FERPLUS_VARIABLE})"
        raise FileNotFoundError(
            f"{chosen}{source} is neither fer2013new.csv nor a folder that contains "
            "it. Get that file from github.com/microsoft/FERPlus, or correct the path."
        )
    places = (path_in("FERCOURSE_DATA"), REPOSITORY / "data")
    return next(
        (file for place in places if place and (file := _votes_at(place))), None
    )


def _votes_at(place: Path) -> Path | None:
    if place.is_file() and place.name in FERPLUS_NAMES:
        return place
    folder = place.parent if place.is_file() else place
    files = (folder / name for name in FERPLUS_NAMES)
    return next((file for file in files if file.is_file()), None)


def require_ferplus() -> np.ndarray:
    """The votes of FER+, as `read_ferplus` returns them, from where they are found.

    Raises:
        FileNotFoundError: they are nowhere.
    """
    path = find_ferplus()
    if path is None:
        raise FileNotFoundError(
            f"The votes of FER+ are not here. Put {FERPLUS_NAMES[0]} (from "
            f"github.com/microsoft/FERPlus) into data/, or set {FERPLUS_VARIABLE} to "
            "the file."
        )
    return read_ferplus(path)


def read_ferplus(path: str | os.PathLike[str]) -> np.ndarray:
    """Read fer2013new.csv, also with .gz (Barsoum et al., 2016, arXiv:1608.01041).

    Row i belongs to row i of fer2013.csv. The image names in the file do not: from row
    60 on they no longer match.

    Returns:
        int64, shape (rows, 10): the votes in the columns of `FERPLUS_HEADER`.

    Raises:
        ValueError: the file has other columns.
    """
    path = Path(path)
    open_file = gzip.open if path.suffix == ".gz" else open
    try:
        with open_file(path, "rt", encoding="utf-8-sig") as file:
            table = [line.strip().split(",") for line in file if line.strip()]
    except EOFError as error:
        raise ValueError(
            f"{path.name} is cut off. Copy or download it again."
        ) from error
    if table[:1] != [FERPLUS_HEADER]:
        raise ValueError(
            f"{path.name} does not begin with the columns of FER+ "
            f"({', '.join(FERPLUS_HEADER)}). Take fer2013new.csv from "
            "github.com/microsoft/FERPlus."
        )
    return np.array([row[2:] for row in table[1:]], dtype=np.int64)


def ferplus_agreement(emotions: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """Whether the most frequent vote is the label: bool, shape (N,).

    `votes`, of shape (N, 10), are those of the same faces. Of equal votes the first
    counts.
    """
    return votes.argmax(axis=1) == np.array(FERPLUS_COLUMNS)[emotions]


def ferplus_data(data: FaceData, votes: np.ndarray) -> FaceData:
    """FER2013's images with the labels of FER+: each face's most frequent vote.

    Left out are faces whose most frequent vote is contempt, unknown or not a face, or
    is tied with another (Barsoum et al., 2016, call this majority voting).

    Raises:
        ValueError: the votes do not belong to these faces.
    """
    count = sum(len(faces) for faces in data.splits.values())
    if len(votes) != count:
        raise ValueError(
            f"FER+ has {len(votes):,} rows of votes and {data.source} {count:,} faces; "
            "they belong together row by row. Use FER2013 as published."
        )
    splits: dict[str, Any] = {}
    left_out = []
    for split in SPLITS:
        faces = data.splits[split.name]
        ranked = np.sort(votes[faces.rows], axis=1)
        # (N,) position in `EMOTIONS` of the most frequent vote; -1 for the other three
        of_column = np.full(votes.shape[1], -1)
        of_column[list(FERPLUS_COLUMNS)] = np.arange(len(FERPLUS_COLUMNS))
        majority = of_column[votes[faces.rows].argmax(axis=1)]
        certain = (majority >= 0) & (ranked[:, -1] > ranked[:, -2])
        splits[split.name] = Faces(
            faces.images[certain],
            majority[certain].astype("uint8"),
            faces.rows[certain],
        )
        left_out.append(f"{(~certain).sum():,} of {split.usage}")
    return FaceData(
        **splits,
        source=f"{FERPLUS} (most frequent votes on {data.source})",
        integrity=f"labels of FER+ on images of {data.integrity}",
        reports=(
            "Left out, because their most frequent vote is contempt, unknown, not a "
            f"face, or tied: {', '.join(left_out)}.",
        ),
    )


def vote_shares(faces: Faces, votes: np.ndarray) -> np.ndarray:
    """The share of each emotion in the votes on each face: float32, shape (N, 7).

    Votes for contempt, unknown and not a face are not counted. A face without any vote
    for one of the seven has equal shares.
    """
    of_seven = votes[faces.rows][:, list(FERPLUS_COLUMNS)].astype("float32")  # (N, 7)
    total = of_seven.sum(axis=1, keepdims=True)
    equal = np.full_like(of_seven, 1 / len(FERPLUS_COLUMNS))
    return np.divide(of_seven, total, out=equal, where=total > 0)
