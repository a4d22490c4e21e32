"""The tables of lesson 06, from made-up scores."""

import numpy as np

from fercourse.data.practice import practice_faces
from fercourse.explain.maps import METHODS
from fercourse.explain.table import RIVALS
from fercourse.lessons.lesson06 import scoring

AHEAD, BEHIND, OPEN = [9.0, 5.0, 13.0], [-9.0, -13.0, -5.0], [1.0, -1.0, 3.0]
ROW = {"pointing": [50.0, 45.0, 55.0], "pointing_others": [20.0, 18.0, 22.0]}
ROW |= {"share": [10.0, 5.0, 15.0], "share_others": [9.0, 8.0, 10.0]}
ROW |= {"deletion_mean": [20.0, 19.0, 21.0], "insertion_mean": [20.0, 19.0, 21.0]}
ROW |= {"pointing_lead": dict.fromkeys(["others", *RIVALS], AHEAD)}
ROW |= {"deletion_mean_lead": dict.fromkeys(RIVALS, BEHIND)}
ROW |= {"insertion_mean_lead": dict.fromkeys(RIVALS, AHEAD)}
STORED = dict.fromkeys((*METHODS, *RIVALS), ROW)
MARK = {"about": {"faces": 40}, "hits": dict.fromkeys(METHODS, 97.5)}


def test_marks_are_counted_in_faces():
    assert scoring.found(MARK, "occlusion") == "39 of 40"


def test_a_method_passes_if_the_paired_interval_excludes_zero():
    mixed = ROW | {
        "pointing_lead": {"others": AHEAD, "edges": OPEN, "mirrored": BEHIND},
        "deletion_mean_lead": dict.fromkeys(RIVALS, AHEAD),  # a larger area is worse
        "insertion_mean_lead": dict.fromkeys(RIVALS, OPEN),
    }
    rows = scoring.verdict_table(STORED | {"gradient": mixed}, MARK)
    verdicts = {name: passed for name, *passed in rows}
    assert verdicts["occlusion"] == [*["yes"] * 5, "39 of 40", "yes"]
    assert verdicts["gradient"][:5] == ["yes", "open", "no", "no", "open"]
    assert verdicts["attention"][-1] == "no"


def test_the_best_baseline_is_the_lowest_in_deletion_only():
    low = {
        measure: [5.0, 4.0, 6.0]
        for measure in ("pointing", "deletion_mean", "insertion_mean")
    }
    stored = STORED | {"edges": ROW | low}
    assert scoring.best_baseline(stored, "deletion_mean") == "edges"
    assert scoring.best_baseline(stored, "insertion_mean") != "edges"


def test_removal_is_compared_face_by_face_with_the_first_rival():
    from explained import grid_model

    faces = practice_faces(3, seed=1).faces
    rivals = {"random": lambda images: np.random.default_rng(0).random(images.shape)}
    heading, attention = scoring.removal_table(
        grid_model(), faces, ["attention"], rivals
    )
    assert heading[2] == "minus random"
    assert attention[0] == "attention" and " to " in attention[3]
