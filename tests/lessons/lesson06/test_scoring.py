"""The tables of lesson 06, from made-up scores."""

import keras
import numpy as np
import pytest

from fercourse.data.practice import practice_faces
from fercourse.explain.maps import METHODS
from fercourse.explain.table import BLOCKS, RIVALS, KnownFaces, explained_model
from fercourse.lessons.lesson06 import scoring

FACES = practice_faces(3, seed=1).faces

AHEAD, BEHIND, OPEN = [9.0, 5.0, 13.0], [-9.0, -13.0, -5.0], [1.0, -1.0, 3.0]
ROW = {"pointing": [50.0, 45.0, 55.0], "pointing_others": [20.0, 18.0, 22.0]}
ROW |= {"share": [10.0, 5.0, 15.0], "share_others": [9.0, 8.0, 10.0]}
ROW |= {"deletion_mean": [20.0, 19.0, 21.0], "insertion_mean": [20.0, 19.0, 21.0]}
ROW |= {"pointing_lead": dict.fromkeys(["others", *RIVALS], AHEAD)}
ROW |= {"deletion_mean_lead": dict.fromkeys(RIVALS, BEHIND)}
ROW |= {"insertion_mean_lead": dict.fromkeys(RIVALS, AHEAD)}
STORED = dict.fromkeys((*METHODS, *RIVALS, *BLOCKS), ROW)
MARK = dict.fromkeys((*METHODS, *BLOCKS), 97.5)


def test_marks_are_counted_in_faces():
    assert scoring.found(97.5) == "39 of 40"


def test_differences_have_a_sign_that_is_not_a_hyphen():
    assert scoring.gain([-2.26, -5.67, 1.15]) == "−2 (−6 to 1)"
    row = {"pointing_lead": {"others": [-0.79, -1.3, -0.28]}}
    assert scoring.pointing_lead(row) == "−0.8 (−1.3 to −0.3)"


def test_a_method_passes_if_the_paired_interval_excludes_zero():
    mixed = ROW | {
        "pointing_lead": {"others": AHEAD, "edges": OPEN, "mirrored": BEHIND},
        "deletion_mean_lead": dict.fromkeys(RIVALS, AHEAD),  # a larger area is worse
        "insertion_mean_lead": dict.fromkeys(RIVALS, OPEN),
    }
    _, *rows = scoring.verdict_table(STORED | {"gradient": mixed}, MARK)
    verdicts = {name: passed for name, *passed in rows}
    assert verdicts["occlusion"] == [*["yes"] * 5, "39 of 40", "yes"]
    assert verdicts["gradient"][:5] == ["yes", "open", "no", "no", "open"]
    assert verdicts["attention"][-1] == "no"
    assert list(verdicts)[-1] == "gradient"  # it passes least
    assert {"Grad-CAM, block 3", "Grad-CAM, block 5"} <= set(verdicts)


def test_each_block_of_a_class_activation_map_has_its_column():
    numbers = dict(zip((*METHODS, *BLOCKS), range(14), strict=True))
    heading, grad_cam, *_ = scoring.block_table(numbers, str)
    assert heading == ["map", "block 3", "block 4", "block 5"]
    names = scoring.GRAD_CAMS
    assert grad_cam == ["Grad-CAM", *(str(numbers[name]) for name in names)]


def test_a_peak_is_lost_where_no_feature_has_a_gradient():
    maps, gradients = np.zeros((3, 48, 48)), np.ones((3, 3, 3, 2))
    gradients[:, 2, 0] = 0
    maps[0, 32, 15] = maps[1, 31, 15] = maps[2, 32, 16] = 1
    assert scoring.lost_peaks(maps, gradients) == 1


def test_the_first_hit_is_shown_and_the_other_map_of_the_same_face():
    evidence, maps = np.zeros((3, 48, 48), bool), np.zeros((3, 48, 48))
    evidence[:, 5, 5] = maps[1, 5, 5] = maps[2, 5, 5] = 1
    faces = KnownFaces(FACES.images, FACES.emotions, evidence, np.arange(3))
    _, alt = scoring.hit_or_miss(faces, {"occlusion": maps, "attention": 0 * maps})
    assert "occlusion: a hit, row 5, column 5; attention: a miss, row 0" in alt


def test_the_face_with_a_mark_is_one_on_which_all_maps_do_the_usual():
    found, missed = np.zeros((2, 48, 48)), np.zeros((2, 48, 48))
    found[1, 40, 5] = 1
    maps = {"occlusion": found, "grad_cam": missed}
    _, alt = scoring.mark_row(FACES.images[:2], maps, {"occlusion": 100, "grad_cam": 0})
    assert "occlusion 40 of 40, row 40, column 5; Grad-CAM, block 5 0 of 40" in alt


def test_replacing_maps_keep_their_grid_and_shuffles_their_cells():
    maps = np.random.default_rng(0).random((4, 6, 6))
    drawn = scoring.replacements(maps, 3)
    assert all(draw.shape == maps.shape for draws in drawn.values() for draw in draws)
    for draw in drawn["cells shuffled"]:
        np.testing.assert_array_equal(np.sort(draw, None), np.sort(maps, None))
    for draw in drawn["another face's map"]:
        assert not (draw == maps).all(axis=(1, 2)).any()


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf-keras-vis")
def test_a_learners_grad_cam_draws_the_same_maps_as_the_library():
    def own(features, gradients):
        return np.maximum(features @ gradients.mean(axis=(0, 1)), 0)

    model = explained_model()
    ours = scoring.block_maps(model, FACES.images[0], 3)
    theirs = scoring.block_maps(model, FACES.images[0], 3, own)
    assert list(ours) == ["block 3, 12 × 12", "block 4, 6 × 6", "block 5, 3 × 3"]
    for name, map_ in ours.items():
        np.testing.assert_allclose(theirs[name], map_, rtol=1e-3, atol=1e-6)


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

    rivals = {"random": lambda images: np.random.default_rng(0).random(images.shape)}
    heading, attention = scoring.removal_table(
        grid_model(), FACES, ["attention"], rivals
    )
    assert heading[2] == "minus random"
    assert attention[0] == "attention" and " to " in attention[3]
