"""Facts of FER2013 and FER+: counted from the files, stored, and compared."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from fercourse.data.exploration import (
    FERPLUS_COLUMNS,
    balanced,
    constant_images,
    contradictory_groups,
    duplicate_groups,
    ferplus_agreement,
    joined,
    leak,
    nearest_neighbours,
    picture_numbers,
    random_test,
)
from fercourse.data.faces import EMOTIONS, FaceData
from fercourse.machine import REPOSITORY, code_version

FACTS = REPOSITORY / "data" / "fer2013_facts.json"
"""Counts of FER2013 and FER+, computed once by `python -m fercourse facts --write`; no label of a face."""


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
    return found | (
        _described("ferplus_facts", ferplus_facts(data, votes))
        if votes is not None
        else {}
    )


def count_facts(data: FaceData) -> dict[str, tuple[Any, str]]:
    """How many faces of each emotion, and how many of one grey value; each with its meaning."""
    everyone = joined(data)
    return {
        "training_faces": (
            _by_emotion(data.train.emotions),
            "Training faces of each emotion",
        ),
        "public_faces": (
            _by_emotion(data.validation.emotions),
            "PublicTest faces of each emotion",
        ),
        "private_faces": (
            _by_emotion(data.test.emotions),
            "PrivateTest faces of each emotion",
        ),
        "constant_images": (
            _count(constant_images(everyone.images)),
            "images of one constant grey value",
        ),
    }


def duplicate_facts(data: FaceData) -> dict[str, tuple[Any, str]]:
    """Copies, within and across the splits, and labels that contradict each other."""
    everyone, sizes = (
        joined(data),
        [len(data.train), len(data.validation), len(data.test)],
    )
    groups, of_split = duplicate_groups(everyone.images), np.repeat([0, 1, 2], sizes)
    contradictory = contradictory_groups(groups, everyone.emotions)
    faces = [
        group
        for group in contradictory
        if not constant_images(everyone.images[group[:1]]).any()
    ]
    numbers = np.split(picture_numbers(everyone.images), np.cumsum(sizes)[:-1])
    known, earlier = numbers[0], np.concatenate(numbers[:2])
    return {
        "duplicate_groups": (
            len(groups),
            "groups of two or more images that are the same in every pixel",
        ),
        "duplicate_images": (sum(map(len, groups)), "images in these groups"),
        "groups_across_splits": (
            sum(len(set(of_split[group].tolist())) > 1 for group in groups),
            "groups that span two or three splits",
        ),
        "contradictory_groups": (
            len(contradictory),
            "groups whose images have different labels",
        ),
        "contradictory_groups_of_faces": (
            len(faces),
            "the same without groups of one constant grey value",
        ),
        "public_in_training": (
            _count(np.isin(numbers[1], known)),
            "PublicTest faces also in Training",
        ),
        "private_in_training": (
            _count(np.isin(numbers[2], known)),
            "PrivateTest faces also in Training",
        ),
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
    right, copies = (
        data.train.emotions[nearest] == data.test.emotions,
        data.in_training(data.test),
    )
    return {
        "majority_right": (
            _count(data.test.emotions == majority),
            "PrivateTest faces with the commonest emotion of Training",
        ),
        "nearest_right_copies": (
            _count(right & copies),
            "right answers of the nearest Training face for PrivateTest faces that stand in Training",
        ),
        "nearest_right_rest": (
            _count(right & ~copies),
            "the same for the other PrivateTest faces",
        ),
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


def ferplus_facts(data: FaceData, votes: np.ndarray) -> dict[str, tuple[Any, str]]:
    """How often FER+ and FER2013 agree."""
    everyone = joined(data)
    if len(votes) != len(everyone):
        raise ValueError(
            f"{len(votes):,} rows of FER+ do not belong to {len(everyone):,} faces."
        )
    splits = {"training": data.train, "public": data.validation, "private": data.test}
    agree = {
        name: ferplus_agreement(faces.emotions, votes[faces.rows])
        for name, faces in splits.items()
    }
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
            [
                _count(votes[fear].argmax(axis=1) == column)
                for column in FERPLUS_COLUMNS
            ],
            "Private faces labelled fear by their most frequent FER+ vote, one of the seven emotions",
        ),
        "ferplus_votes_private": (
            int(votes[data.test.rows].sum()),
            "FER+ votes on PrivateTest",
        ),
        "ferplus_votes_for_label": (
            int(of_label.sum()),
            "those of them that are the label",
        ),
        "ferplus_no_face": (
            _count(votes[:, 9] > others),
            "images with more votes for no face than for others",
        ),
        "ferplus_no_face_or_tied": (
            _count(votes[:, 9] >= others),
            "the same with equally many",
        ),
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
        raise ValueError(
            f"facts are stored of FER2013 as published only; this is: {data.integrity}."
        )
    table = {
        "about": "Counts of FER2013 and of FER+'s votes on it. Nothing here tells the label of a face.",
        "made_by": "python -m fercourse facts --write; computed_by: a function of fercourse.data.exploration",
        "provenance": {
            "date": datetime.date.today().isoformat(),
            "code": code_version(),
            "numpy": np.__version__,
            "data": f"{data.source}: {data.integrity}",
            "ferplus": "fer2013new.csv, joined by row"
            if "ferplus_no_face" in found
            else None,
        },
        "facts": found,
    }
    FACTS.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _described(
    computed_by: str, found: Mapping[str, tuple[Any, str]]
) -> dict[str, dict[str, Any]]:
    return {
        name: {"value": value, "meaning": meaning, "computed_by": computed_by}
        for name, (value, meaning) in found.items()
    }


def _by_emotion(emotions: np.ndarray) -> list[int]:
    return np.bincount(emotions, minlength=len(EMOTIONS)).tolist()


def _count(mask: np.ndarray) -> int:
    return int(np.count_nonzero(mask))
