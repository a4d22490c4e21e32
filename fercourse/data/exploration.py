"""What is in a data set: copies, contradictions, baselines, others' votes; and the facts of FER2013."""

from __future__ import annotations

import datetime
import gzip
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE, FaceData, Faces
from fercourse.machine import REPOSITORY, code_version

FACTS = REPOSITORY / "data" / "fer2013_facts.json"
"""Counts of FER2013 and FER+, computed once by `python -m fercourse facts --write`; no label of a face."""

FERPLUS_VARIABLE = "FERCOURSE_FERPLUS"
FERPLUS_NAMES = ("fer2013new.csv", "fer2013new.csv.gz")
_VOTES = ("neutral", "happiness", "surprise", "sadness", "anger")
_VOTES += ("disgust", "fear", "contempt", "unknown", "NF")
FERPLUS_HEADER = ["Usage", "Image name", *_VOTES]
FERPLUS_COLUMNS = (4, 5, 6, 1, 3, 2, 0)
"""The vote column of each emotion, in the order of `EMOTIONS`; 7, 8, 9 are contempt, unknown, not a face."""

_PARTS = 3  # 768 pixels from -128 to 127: no sum of their products reaches 2**24, so float32 is exact
_BLOCK = 256


def joined(data: FaceData) -> Faces:
    """The faces of all three splits in one, training first."""
    splits = (data.train, data.validation, data.test)
    return Faces(
        *(
            np.concatenate([getattr(faces, part) for faces in splits])
            for part in ("images", "emotions", "rows")
        )
    )


def picture_numbers(images: np.ndarray) -> np.ndarray:
    """Number the different pictures in the order in which they first appear.

    Args:
        images: shape (N, 48, 48), or any other shape of which the first axis counts.

    Returns:
        int64, shape (N,); two images have the same number exactly if every pixel is the same.
    """
    known: dict[bytes, int] = {}
    return np.array([known.setdefault(image.tobytes(), len(known)) for image in images], dtype=np.int64)


def duplicate_groups(images: np.ndarray) -> list[np.ndarray]:
    """Which images are pixel for pixel the same: for each group of two or more, their positions."""
    numbers = picture_numbers(images)
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers)) if len(numbers) else []
    return [group for group in np.split(order, ends[:-1]) if len(group) > 1]


def contradictory_groups(groups: list[np.ndarray], emotions: np.ndarray) -> list[np.ndarray]:
    """Those of the groups in which the same picture has more than one label."""
    return [group for group in groups if len(set(emotions[group].tolist())) > 1]


def constant_images(images: np.ndarray) -> np.ndarray:
    """Which images have one grey value all over: bool, shape (N,)."""
    flat = images.reshape(len(images), -1)
    return flat.min(axis=1) == flat.max(axis=1)


def average_faces(faces: Faces) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of every pixel, for each emotion.

    Returns:
        Two arrays, float64, shape (7, 48, 48), in grey values; an emotion without faces is all zeros.
    """
    means, spreads = np.zeros((2, len(EMOTIONS), IMAGE_SIDE, IMAGE_SIDE))
    for emotion in np.unique(faces.emotions):
        images = faces.images[faces.emotions == emotion]
        means[emotion], spreads[emotion] = images.mean(axis=0), images.std(axis=0)
    return means, spreads


def shrink(images: np.ndarray, side: int) -> np.ndarray:
    """Shrink faces to `side` × `side` pixels and enlarge them again, without inventing anything.

    Args:
        images: uint8, shape (N, 48, 48).
        side: of the small picture, 1 to 48.

    Returns:
        uint8, shape (N, 48, 48).
    """
    small = [Image.fromarray(image).resize((side, side), Image.Resampling.BOX) for image in images]
    return np.stack([np.array(image.resize((IMAGE_SIDE,) * 2, Image.Resampling.NEAREST)) for image in small])


def nearest_neighbours(images: np.ndarray, known: np.ndarray) -> np.ndarray:
    """For each image, the position of the most similar known one.

    Similar means: the smallest sum of squared pixel differences; of equals, the first. The sums are
    matrix products in float32, cut into parts so small that they are exact, so the answer is the same
    on every machine. 3,589 against 28,709 faces take about 15 seconds on two cores.

    Args:
        images: uint8, shape (N, 48, 48).
        known: uint8, shape (M, 48, 48), M at least 1.

    Returns:
        int64, shape (N,), positions in `known`.

    Raises:
        ValueError: nothing is known.
    """
    if not len(known):
        raise ValueError("known is empty; the nearest of no faces does not exist.")
    theirs = _centred(known)
    norms = sum((part.astype(np.int32) ** 2).sum(axis=1) for part in theirs)
    nearest = np.empty(len(images), dtype=np.int64)
    for start in tqdm(range(0, len(images), _BLOCK), desc="nearest faces", leave=False):
        ours = _centred(images[start : start + _BLOCK])
        products = sum((a @ b.T).astype(np.int32) for a, b in zip(ours, theirs, strict=True))
        nearest[start : start + _BLOCK] = (norms - 2 * products).argmin(axis=1)
    return nearest


def _centred(images: np.ndarray) -> list[np.ndarray]:
    flat = images.reshape(len(images), -1).astype(np.float32) - 128
    return np.array_split(flat, _PARTS, axis=1)


def random_test(count: int, size: int, seed: int) -> np.ndarray:
    """Which of `count` faces chance puts into a test split of `size`: bool, shape (count,)."""
    test = np.zeros(count, dtype=bool)
    test[_shuffled(count, seed)[:size]] = True
    return test


def balanced(emotions: np.ndarray) -> np.ndarray:
    """Positions that repeat the faces of rare emotions until all are as frequent as the most frequent one.

    This is what is done to learn rare emotions better, and what must not be done before splitting.
    """
    most = np.bincount(emotions).max()
    return np.concatenate(
        [np.resize(np.flatnonzero(emotions == emotion), most) for emotion in np.unique(emotions)]
    )


def _shuffled(count: int, seed: int) -> np.ndarray:
    # Sorting uniform numbers shuffles alike in every version of NumPy.
    return np.argsort(np.random.Generator(np.random.PCG64(seed)).random(count), kind="stable")


def find_ferplus() -> Path | None:
    """The file of FER+ votes, or None.

    Looked for in `FERCOURSE_FERPLUS` (a file or its folder), in the folder of `FERCOURSE_DATA`, and in
    `data`.
    """
    named = os.environ.get(FERPLUS_VARIABLE), os.environ.get("FERCOURSE_DATA"), REPOSITORY / "data"
    for place in (Path(place).expanduser() for place in named if place):
        if place.name in FERPLUS_NAMES and place.is_file():
            return place
        folder = place.parent if place.is_file() else place
        for name in FERPLUS_NAMES:
            if (folder / name).is_file():
                return folder / name
    return None


def read_ferplus(path: str | os.PathLike[str]) -> np.ndarray:
    """Read the FER+ votes: ten people a picture (Barsoum et al., 2016, https://arxiv.org/abs/1608.01041).

    Row i belongs to row i of fer2013.csv. The file's image names do not: from row 60 on they drift away.

    Args:
        path: fer2013new.csv, or the same with .gz.

    Returns:
        int64, shape (rows, 10): votes for neutral, happiness, surprise, sadness, anger, disgust, fear,
        contempt, unknown, and "not a face".

    Raises:
        ValueError: the file has other columns.
    """
    path = Path(path)
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8-sig") as file:
        header, *rows = (line.strip().split(",") for line in file if line.strip())
    if header != FERPLUS_HEADER:
        raise ValueError(
            f"{path.name} does not begin with the columns of FER+ ({', '.join(FERPLUS_HEADER)}). "
            "Take fer2013new.csv from github.com/microsoft/FERPlus."
        )
    return np.array([row[2:] for row in rows], dtype=np.int64)


def ferplus_agreement(emotions: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """Whether the most frequent FER+ vote is the label; of equal votes the first column counts.

    Args:
        emotions: shape (N,), 0–6.
        votes: int, shape (N, 10), the rows that belong to the same faces.

    Returns:
        bool, shape (N,).
    """
    return votes.argmax(axis=1) == np.array(FERPLUS_COLUMNS)[emotions]


# The facts of FER2013 ------------------------------------------------------------------------


def facts(data: FaceData, votes: np.ndarray | None = None) -> dict[str, dict[str, Any]]:
    """Every fact of the stored table, computed from the data.

    Args:
        data: labelled faces in the official splits.
        votes: of FER+, shape (rows, 10); without them, the facts about FER+ are left out.

    Returns:
        For each name `value` (a count, or a list of seven, one for each emotion), `meaning`, and
        `computed_by`, the function of this module that computes it.
    """
    found = {}
    for compute in (count_facts, duplicate_facts, baseline_facts, split_facts):
        found |= _described(compute.__name__, compute(data))
    return found | (_described("ferplus_facts", ferplus_facts(data, votes)) if votes is not None else {})


def count_facts(data: FaceData) -> dict[str, tuple[Any, str]]:
    """How many faces of each emotion, and how many of one grey value; each with its meaning."""
    everyone = joined(data)
    return {
        "training_faces": (_by_emotion(data.train.emotions), "Training faces of each emotion"),
        "public_faces": (_by_emotion(data.validation.emotions), "PublicTest faces of each emotion"),
        "private_faces": (_by_emotion(data.test.emotions), "PrivateTest faces of each emotion"),
        "constant_images": (_count(constant_images(everyone.images)), "images of one constant grey value"),
    }


def duplicate_facts(data: FaceData) -> dict[str, tuple[Any, str]]:
    """Copies, within and across the splits, and labels that contradict each other."""
    everyone, sizes = joined(data), [len(data.train), len(data.validation), len(data.test)]
    groups, of_split = duplicate_groups(everyone.images), np.repeat([0, 1, 2], sizes)
    contradictory = contradictory_groups(groups, everyone.emotions)
    faces = [group for group in contradictory if not constant_images(everyone.images[group[:1]]).any()]
    numbers = np.split(picture_numbers(everyone.images), np.cumsum(sizes)[:-1])
    known, earlier = numbers[0], np.concatenate(numbers[:2])
    return {
        "duplicate_groups": (len(groups), "groups of two or more images that are the same in every pixel"),
        "duplicate_images": (sum(map(len, groups)), "images in these groups"),
        "groups_across_splits": (
            sum(len(set(of_split[group].tolist())) > 1 for group in groups),
            "groups that span two or three splits",
        ),
        "contradictory_groups": (len(contradictory), "groups whose images have different labels"),
        "contradictory_groups_of_faces": (len(faces), "the same without groups of one constant grey value"),
        "public_in_training": (_count(np.isin(numbers[1], known)), "PublicTest faces also in Training"),
        "private_in_training": (_count(np.isin(numbers[2], known)), "PrivateTest faces also in Training"),
        "private_in_public": (
            _count(np.isin(numbers[2], numbers[1])),
            "PrivateTest faces also in PublicTest",
        ),
        "private_in_either": (
            _count(np.isin(numbers[2], earlier)),
            "PrivateTest faces also in Training or PublicTest",
        ),
    }


def baseline_facts(data: FaceData) -> dict[str, tuple[Any, str]]:
    """What two baselines get right on PrivateTest: the commonest emotion, and the nearest neighbour."""
    majority = np.bincount(data.train.emotions).argmax()
    nearest = nearest_neighbours(data.test.images, data.train.images)
    right, copies = data.train.emotions[nearest] == data.test.emotions, data.in_training(data.test)
    return {
        "majority_right": (
            _count(data.test.emotions == majority),
            "PrivateTest faces with the commonest emotion of Training",
        ),
        "nearest_right_copies": (
            _count(right & copies),
            "right answers of the nearest Training face for PrivateTest faces that stand in Training",
        ),
        "nearest_right_rest": (_count(right & ~copies), "the same for the other PrivateTest faces"),
    }


def split_facts(data: FaceData) -> dict[str, tuple[Any, str]]:
    """How many test faces have a copy outside the test split, however one splits."""
    everyone, size = joined(data), len(data.test)
    numbers = picture_numbers(everyone.images)
    more = balanced(everyone.emotions)
    test = random_test(len(everyone), size, seed=0)
    copied = random_test(len(more), size, seed=0)
    return {
        "random_split_leak": (
            leak(numbers, test),
            "of as many faces drawn at random from all, seed 0: those also among the rest",
        ),
        "balanced_split_leak": (
            leak(numbers[more], copied),
            "the same, if rare emotions are first repeated until all are equally frequent",
        ),
    }


def leak(numbers: np.ndarray, test: np.ndarray) -> int:
    """How many test faces also stand outside the test split.

    Args:
        numbers: int, shape (N,), see `picture_numbers`.
        test: bool, shape (N,), which faces are the test split.
    """
    return _count(np.isin(numbers[test], numbers[~test]))


def ferplus_facts(data: FaceData, votes: np.ndarray) -> dict[str, tuple[Any, str]]:
    """How often FER+ and FER2013 agree."""
    everyone = joined(data)
    if len(votes) != len(everyone):
        raise ValueError(f"{len(votes):,} rows of FER+ do not belong to {len(everyone):,} faces.")
    splits = {"training": data.train, "public": data.validation, "private": data.test}
    agree = {name: ferplus_agreement(faces.emotions, votes[faces.rows]) for name, faces in splits.items()}
    private = data.test.emotions
    of_label = votes[data.test.rows, np.array(FERPLUS_COLUMNS)[private]]
    fear = data.test.rows[private == EMOTIONS.index("fear")]
    others = votes[:, :9].max(axis=1)
    found = {
        f"ferplus_agree_{name}": (
            _by_emotion(splits[name].emotions[right]),
            f"{name.title()} faces of each emotion whose most frequent FER+ vote is the label",
        )
        for name, right in agree.items()
    }
    return found | {
        "ferplus_of_fear_private": (
            [_count(votes[fear].argmax(axis=1) == column) for column in FERPLUS_COLUMNS],
            "Private faces labelled fear by their most frequent FER+ vote, one of the seven emotions",
        ),
        "ferplus_votes_private": (int(votes[data.test.rows].sum()), "FER+ votes on PrivateTest"),
        "ferplus_votes_for_label": (int(of_label.sum()), "those of them that are the label"),
        "ferplus_no_face": (
            _count(votes[:, 9] > others),
            "images with more votes for no face than for others",
        ),
        "ferplus_no_face_or_tied": (_count(votes[:, 9] >= others), "the same with equally many"),
    }


def stored_facts() -> dict[str, Any]:
    """The values of the stored table, by name: counts, and lists of seven counts."""
    table = json.loads(FACTS.read_text("utf-8"))
    return {name: fact["value"] for name, fact in table["facts"].items()}


def differing_facts(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What was found and does not equal the stored table, one sentence for each fact; none if all agree."""
    stored = stored_facts()
    return [
        f"{name}: {fact['value']} here, {stored.get(name)} in {FACTS.name}"
        for name, fact in found.items()
        if fact["value"] != stored.get(name)
    ]


def write_facts(found: Mapping[str, Mapping[str, Any]], data: FaceData) -> None:
    """Write the table, with how and when it was made.

    Raises:
        ValueError: the data are not FER2013 as published.
    """
    if data.integrity != "verified FER2013":
        raise ValueError(f"facts are stored of FER2013 as published only; this is: {data.integrity}.")
    table = {
        "about": "Counts of FER2013 and of FER+'s votes on it. Nothing here tells the label of a face.",
        "made_by": "python -m fercourse facts --write; computed_by: a function of fercourse.data.exploration",
        "provenance": {
            "date": datetime.date.today().isoformat(),
            "code": code_version(),
            "numpy": np.__version__,
            "data": f"{data.source}: {data.integrity}",
            "ferplus": "fer2013new.csv, joined by row" if "ferplus_no_face" in found else None,
        },
        "facts": found,
    }
    FACTS.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _described(computed_by: str, found: Mapping[str, tuple[Any, str]]) -> dict[str, dict[str, Any]]:
    return {
        name: {"value": value, "meaning": meaning, "computed_by": computed_by}
        for name, (value, meaning) in found.items()
    }


def _by_emotion(emotions: np.ndarray) -> list[int]:
    return np.bincount(emotions, minlength=len(EMOTIONS)).tolist()


def _count(mask: np.ndarray) -> int:
    return int(np.count_nonzero(mask))
