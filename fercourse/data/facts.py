"""Facts of FER2013 and FER+: counted from the files, stored, and compared."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import entropy

from fercourse.data.exploration import (
    balanced,
    constant_images,
    contradictory_groups,
    duplicate_groups,
    joined,
    leak,
    nearest_neighbours,
    picture_numbers,
    random_test,
    remembered,
)
from fercourse.data.faces import EMOTIONS, SPLITS, FaceData
from fercourse.data.ferplus import FERPLUS_COLUMNS, ferplus_agreement
from fercourse.machine import REPOSITORY, code_version, write_whole

FACTS = REPOSITORY / "data" / "fer2013_facts.json"
"""Counts of FER2013 and FER+, made by `python -m fercourse facts --write`."""

_NO_EMOTION = (7, 8, 9)  # the other vote columns: contempt, unknown, not a face
_MEANINGS = {
    "training_faces": "Training faces of each emotion",
    "public_faces": "PublicTest faces of each emotion",
    "private_faces": "PrivateTest faces of each emotion",
    "constant_images": "images of one constant grey value",
    "duplicate_groups": "groups of two or more images that are the same in every pixel",
    "duplicate_images": "images in these groups",
    "groups_across_splits": "groups that span two or three splits",
    "contradictory_groups": "groups whose images have different labels",
    "contradictory_groups_of_faces": "the same without groups of one constant grey "
    "value",
    "public_in_training": "PublicTest faces also in Training",
    "private_in_training": "PrivateTest faces also in Training",
    "private_in_public": "PrivateTest faces also in PublicTest",
    "private_in_either": "PrivateTest faces also in Training or PublicTest",
    "majority_right": "PrivateTest faces with the most frequent emotion of Training",
    "nearest_right_copies": "right answers of the nearest Training face for "
    "PrivateTest faces that are in Training",
    "nearest_right_rest": "the same for the other PrivateTest faces",
    "random_split_leak": "of as many faces drawn at random from all, seed 0: those "
    "also among the rest",
    "balanced_split_leak": "the same, if rare emotions are first repeated until all "
    "are equally frequent",
    "random_split_right": "right answers of the nearest of the rest for faces drawn at "
    "random from all, seed 0",
    "balanced_split_right": "the same, if rare emotions are first repeated until all "
    "are equally frequent",
    "picture_split_faces": "faces drawn at random by picture, so that copies stay "
    "together, seed 0",
    "picture_split_right": "right answers of the nearest of the rest for them",
    "ferplus_agree_training": "Training faces of each emotion whose most frequent FER+ "
    "vote is the label",
    "ferplus_agree_public": "the same for PublicTest faces",
    "ferplus_agree_private": "the same for PrivateTest faces",
    "ferplus_of_fear_private": "PrivateTest faces labelled fear by their most frequent "
    "FER+ vote, one of the seven emotions",
    "ferplus_votes_private": "FER+ votes on PrivateTest",
    "ferplus_votes_for_label": "those of them that are the label",
    "ferplus_votes_for_best_emotion": "those of them that are the face's most frequent "
    "one of the seven emotions",
    "ferplus_votes_by_label": "FER+ votes on the PrivateTest faces of each label: a "
    "row for each emotion, votes for the seven emotions, contempt, unknown, no face",
    "ferplus_votes_by_pocket": "the same on those of each answer of the pocket model "
    "without attention",
    "ferplus_most_votes_private": "PrivateTest faces whose most frequent FER+ vote has "
    "1, 2, …, 10 votes",
    "ferplus_entropy_private": "PrivateTest faces whose FER+ votes have an entropy of "
    "0.0, 0.1, …, 3.3 bits, rounded",
    "ferplus_no_face": "images with more votes for no face than for others",
    "ferplus_no_face_or_tied": "the same with equally many",
}


def facts(
    data: FaceData, votes: np.ndarray | None = None, answers: np.ndarray | None = None
) -> dict[str, dict[str, Any]]:
    """Every fact of the stored table, computed; without votes, none about FER+.

    `answers` are those of the pocket model to PrivateTest; without them, none about it.

    Returns:
        For each name `value` (a count, or a list of counts, most of them one for each
        emotion), `meaning`, and `computed_by`, the function of this module that
        computes it.
    """
    computed = {
        compute.__name__: compute(data)
        for compute in (count_facts, duplicate_facts, baseline_facts, split_facts)
    }
    if votes is not None:
        computed["ferplus_facts"] = ferplus_facts(data, votes)
        if answers is not None:
            computed["answer_facts"] = answer_facts(data, votes, answers)
    return {
        name: {"value": value, "meaning": _MEANINGS[name], "computed_by": function}
        for function, values in computed.items()
        for name, value in values.items()
    }


def count_facts(data: FaceData) -> dict[str, Any]:
    """How many faces of each emotion there are, and how many of one grey value."""
    return {
        "training_faces": _by_emotion(data.train.emotions),
        "public_faces": _by_emotion(data.validation.emotions),
        "private_faces": _by_emotion(data.test.emotions),
        "constant_images": _count(constant_images(joined(data).images)),
    }


def duplicate_facts(data: FaceData) -> dict[str, Any]:
    """Copies, within and across the splits, and labels that contradict each other."""
    everyone = joined(data)
    sizes = [len(faces) for faces in data.splits.values()]
    groups = duplicate_groups(everyone.images)
    contradictory = contradictory_groups(groups, everyone.emotions)
    constant = constant_images(everyone.images)
    split_of = np.repeat([0, 1, 2], sizes)
    across = [group for group in groups if len(set(split_of[group].tolist())) > 1]
    numbers = picture_numbers(everyone.images)
    training, public, private = np.split(numbers, np.cumsum(sizes)[:-1])
    return {
        "duplicate_groups": len(groups),
        "duplicate_images": sum(map(len, groups)),
        "groups_across_splits": len(across),
        "contradictory_groups": len(contradictory),
        "contradictory_groups_of_faces": sum(
            not constant[group[0]] for group in contradictory
        ),
        "public_in_training": _count(np.isin(public, training)),
        "private_in_training": _count(np.isin(private, training)),
        "private_in_public": _count(np.isin(private, public)),
        "private_in_either": _count(np.isin(private, [*training, *public])),
    }


def baseline_facts(data: FaceData) -> dict[str, Any]:
    """What two baselines get right on PrivateTest: majority and nearest neighbour."""
    majority = np.bincount(data.train.emotions).argmax()
    nearest = nearest_neighbours(data.test.images, data.train.images)
    right = data.train.emotions[nearest] == data.test.emotions
    copies = data.in_training(data.test)
    return {
        "majority_right": _count(data.test.emotions == majority),
        "nearest_right_copies": _count(right & copies),
        "nearest_right_rest": _count(right & ~copies),
    }


def split_facts(data: FaceData) -> dict[str, Any]:
    """Copies of test faces in the rest, and what memory gets right, in other splits."""
    everyone, size = joined(data), len(data.test)
    numbers = picture_numbers(everyone.images)
    repeated = balanced(everyone.emotions)
    at_random = random_test(len(everyone), size, seed=0)
    of_repeated = random_test(len(repeated), size, seed=0)
    by_picture = random_test(numbers.max() + 1, size, seed=0)[numbers]
    return {
        "random_split_leak": leak(numbers, at_random),
        "balanced_split_leak": leak(numbers[repeated], of_repeated),
        "random_split_right": _count(remembered(everyone, at_random)),
        "balanced_split_right": _count(remembered(everyone[repeated], of_repeated)),
        "picture_split_faces": _count(by_picture),
        "picture_split_right": _count(remembered(everyone, by_picture)),
    }


def ferplus_facts(data: FaceData, votes: np.ndarray) -> dict[str, Any]:
    """How often FER+ and FER2013 agree."""
    count = sum(len(faces) for faces in data.splits.values())
    if len(votes) != count:
        raise ValueError(
            f"{len(votes):,} rows of FER+ do not belong to {count:,} faces."
        )
    agree = {}
    for split in SPLITS:
        faces = data.splits[split.name]
        right = ferplus_agreement(faces.emotions, votes[faces.rows])
        name = f"ferplus_agree_{split.half or 'training'}"
        agree[name] = _by_emotion(faces.emotions[right])
    private, rows = data.test.emotions, data.test.rows
    fear = votes[rows[private == EMOTIONS.index("fear")]].argmax(axis=1)
    most = votes[rows].max(axis=1)
    tenths = np.rint(10 * entropy(votes[rows], base=2, axis=1)).astype(int)
    no_face, others = votes[:, 9], votes[:, :9].max(axis=1)
    return agree | {
        "ferplus_of_fear_private": [_count(fear == vote) for vote in FERPLUS_COLUMNS],
        "ferplus_votes_private": int(votes[rows].sum()),
        "ferplus_votes_for_label": int(
            votes[rows, np.array(FERPLUS_COLUMNS)[private]].sum()
        ),
        "ferplus_votes_for_best_emotion": int(
            votes[rows][:, FERPLUS_COLUMNS].max(axis=1).sum()
        ),
        "ferplus_votes_by_label": _votes_by_answer(votes[rows], private),
        "ferplus_most_votes_private": np.bincount(most, minlength=11)[1:].tolist(),
        "ferplus_entropy_private": np.bincount(tenths, minlength=34).tolist(),
        "ferplus_no_face": _count(no_face > others),
        "ferplus_no_face_or_tied": _count(no_face >= others),
    }


def answer_facts(
    data: FaceData, votes: np.ndarray, answers: np.ndarray
) -> dict[str, Any]:
    """What FER+'s voters say about PrivateTest faces, by a model's answer to them."""
    return {"ferplus_votes_by_pocket": _votes_by_answer(votes[data.test.rows], answers)}


def _votes_by_answer(votes: np.ndarray, answers: np.ndarray) -> list[list[int]]:
    """The votes on all faces of each answer, added up: a row for each emotion."""
    ordered = votes[:, [*FERPLUS_COLUMNS, *_NO_EMOTION]]
    return [
        ordered[answers == emotion].sum(axis=0).tolist()
        for emotion in range(len(EMOTIONS))
    ]


def stored_facts() -> dict[str, Any]:
    """The values of the stored table, by name: counts, and lists of counts."""
    table = json.loads(FACTS.read_text("utf-8"))
    return {name: fact["value"] for name, fact in table["facts"].items()}


def differing_facts(computed: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The facts that do not equal the stored ones, one sentence each."""
    stored = stored_facts()
    return [
        f"{name}: {fact['value']} here, {stored.get(name)} in {FACTS.name}"
        for name, fact in computed.items()
        if fact["value"] != stored.get(name)
    ]


def write_facts(computed: Mapping[str, Mapping[str, Any]], data: FaceData) -> None:
    """Write the table, with how and when it was made.

    Raises:
        ValueError: the data are not FER2013 as published.
    """
    if data.integrity != "verified FER2013":
        raise ValueError(
            f"facts are stored of FER2013 as published only; this is: {data.integrity}."
        )
    votes = "fer2013new.csv, joined by row" if "ferplus_no_face" in computed else None
    table = {
        "about": "Counts of FER2013 and of FER+'s votes on it; no label of a face.",
        "made_by": "python -m fercourse facts --write; "
        f"computed_by: a function of {__name__}",
        "provenance": {
            "date": datetime.date.today().isoformat(),
            "code": code_version(),
            "numpy": np.__version__,
            "data": f"{data.source}: {data.integrity}",
            "ferplus": votes,
        },
        "facts": computed,
    }
    with write_whole(FACTS) as path:
        path.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _by_emotion(emotions: np.ndarray) -> list[int]:
    return np.bincount(emotions, minlength=len(EMOTIONS)).tolist()


def _count(mask: np.ndarray) -> int:
    return int(np.count_nonzero(mask))
