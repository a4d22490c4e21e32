"""Scores of maps, and the baselines, by hand."""

import numpy as np
import pytest
from explained import EMOTIONS, FACES, grid_model, linear_model
from scipy.stats import spearmanr

from fercourse.explain.baselines import BASELINES
from fercourse.explain.scores import (
    FILLS,
    area_under,
    filled,
    pointing_hits,
    rank_correlation,
    removal_curve,
)
from fercourse.training.prediction import predict


def test_the_pointing_game_by_hand():
    evidence = np.zeros((2, 48, 48), bool)
    evidence[0, :24] = True
    evidence[1, :, :12] = True
    maps = np.zeros((2, 48, 48))
    maps[0, 3, 40] = 2  # in the upper half, not in the left quarter
    maps[1, 30, 5] = 1  # the other way round
    np.testing.assert_array_equal(pointing_hits(maps, evidence), np.eye(2, dtype=bool))
    maps[1, 1, 1] = 3  # on both
    np.testing.assert_array_equal(
        pointing_hits(maps, evidence), [[True, False], [True, True]]
    )


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("insert", [False, True])
def test_a_curve_runs_from_the_face_to_the_fill_or_back(fill, insert):
    model = grid_model()
    maps = np.random.default_rng(0).random(FACES.shape)
    curve = removal_curve(model, FACES, EMOTIONS, maps, fill, insert, steps=4)
    ends = [FACES, filled(FACES, fill)]
    for answer, end in zip(
        curve[:, [0, -1]].T, ends[:: -1 if insert else 1], strict=True
    ):
        expected = predict(model, end)[range(3), EMOTIONS]
        np.testing.assert_allclose(answer, expected, atol=1e-5)
    assert curve.shape == (3, 5)


def test_the_most_important_pixels_go_first():
    model = linear_model()
    weights, _ = model.layers[-1].get_weights()
    faces = FACES[:1].astype("float32")
    # What removing each pixel takes from the happy score of a weighted sum
    part = weights[:, 3].reshape(1, 48, 48) * (faces - faces.mean())
    areas = [
        area_under(removal_curve(model, faces, "happy", maps))[0]
        for maps in (part, BASELINES["random"](faces), -part)
    ]
    assert areas == sorted(areas) and areas[2] - areas[0] > 0.02


def test_areas_by_hand():
    curves = np.array([[1.0, 0.5, 0.0], [0.0, 0.0, 1.0], [0.4, 0.4, 0.4]])
    np.testing.assert_allclose(area_under(curves), [0.5, 0.25, 0.4])


def test_an_unknown_fill_is_named():
    with pytest.raises(ValueError, match="'black' is none of mean, blur"):
        filled(FACES, "black")


def test_rank_correlation_is_spearmans():
    random = np.random.default_rng(1)
    first, noise = random.random((2, 3, 48, 48)).round(2)
    found = rank_correlation(first, first + noise)
    expected = [
        spearmanr(a.ravel(), b.ravel())[0]
        for a, b in zip(first, first + noise, strict=True)
    ]
    np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(rank_correlation(first, 0 * first), 0)


def test_baselines_know_the_face_or_nothing():
    maps = {name: compute(FACES) for name, compute in BASELINES.items()}
    for name, map_ in maps.items():
        assert map_.shape == FACES.shape and map_.dtype == np.float32, name
        assert map_.min() >= 0 and map_.max() <= 1, name
    np.testing.assert_array_equal(maps["middle"][0], maps["middle"][1])
    assert maps["middle"][0].max() == maps["middle"][0, 23, 23]
    halves = np.zeros((1, 48, 48), "uint8")
    halves[:, :, 24:] = 255
    edge = BASELINES["edges"](halves)[0]
    assert set(np.flatnonzero(edge.max(axis=0))) == {23, 24}
    for one, all_ in zip(FACES, maps["edges"], strict=True):
        np.testing.assert_array_equal(BASELINES["edges"](one[None])[0], all_)
