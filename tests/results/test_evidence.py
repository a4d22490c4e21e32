"""How much of an attention map is on the evidence, and the runs on practice faces."""

import json
from collections import defaultdict

import numpy as np
import pytest

from fercourse.data.practice import cached_practice_data, practice_faces
from fercourse.models.pocket import SHIPPED_MODELS
from fercourse.models.systems import build_model
from fercourse.results.evidence import (
    evidence_on_grid,
    own_and_others,
    shares_on_evidence,
)
from fercourse.results.runs import read_run, verify_run
from fercourse.results.runs import runs as stored_runs
from fercourse.training.prediction import predict


@pytest.fixture(scope="module")
def evidence():
    drawn = practice_faces(60, seed=3, proportions="uniform").evidence
    return drawn[drawn.any(axis=(1, 2))]


def stripes() -> np.ndarray:
    """Two faces: evidence in the upper half of one, the left quarter of the other."""
    evidence = np.zeros((2, 48, 48), bool)
    evidence[0, :24] = True
    evidence[1, :, :12] = True
    return evidence


def test_the_grid_holds_the_share_of_each_cell():
    cells = evidence_on_grid(stripes(), 2, 2)
    np.testing.assert_array_equal(cells, [[[1, 1], [0, 0]], [[0.5, 0], [0.5, 0]]])
    assert cells.dtype == np.float64


def test_shares_by_hand():
    maps = np.array([[[0.6, 0.2], [0.1, 0.1]], [[0.5, 0.0], [0.0, 0.5]]])
    shares = shares_on_evidence(maps, stripes())
    np.testing.assert_allclose(shares, [[0.8, 0.35], [0.5, 0.25]])


@pytest.mark.parametrize("level", [0.0, 0.3])
def test_a_map_that_is_the_same_everywhere_has_the_share_of_the_area(evidence, level):
    shares = shares_on_evidence(np.full((len(evidence), 6, 6), level), evidence)
    area = evidence.mean(axis=(1, 2))
    np.testing.assert_allclose(shares, np.tile(area, (len(evidence), 1)))


def test_the_evidence_itself_as_a_map_finds_its_own_face(evidence):
    maps = evidence.astype("float32")
    own, others = own_and_others(shares_on_evidence(maps, evidence))
    np.testing.assert_allclose(own, 1)
    maps = evidence_on_grid(evidence, 6, 6)
    coarse, _ = own_and_others(shares_on_evidence(maps, evidence))
    assert others.mean() < 0.6 and others.mean() < coarse.mean() < 1


def test_a_map_of_the_middle_gains_nothing_over_others(evidence):
    middle = np.zeros((len(evidence), 6, 6))
    middle[:, 1:5, 1:5] = 1
    own, others = own_and_others(shares_on_evidence(middle, evidence))
    assert own.mean() > 1.3 * evidence.mean()  # better than the area …
    np.testing.assert_allclose(own, others)  # … yet it knows nothing of the face


def test_own_and_others_by_hand():
    shares = np.array([[0.9, 0.1, 0.3], [0.2, 0.8, 0.4], [0.0, 0.5, 0.7]])
    own, others = own_and_others(shares)
    np.testing.assert_allclose(own, [0.9, 0.8, 0.7])
    np.testing.assert_allclose(others, [0.1, 0.3, 0.35])
    with pytest.raises(ValueError, match="there are no others"):
        own_and_others(np.ones((1, 1)))


@pytest.mark.parametrize(
    ("shape", "value", "words"),
    [
        ((3, 6, 6), 1, "do not belong together"),
        ((2, 6, 6, 1), 1, "do not belong together"),
        ((2, 6, 6), -1, "negative numbers"),
        ((2, 5, 5), 1, "5×5 cells does not divide 48×48"),
    ],
)
def test_wrong_maps_are_named(shape, value, words):
    with pytest.raises(ValueError, match=words):
        shares_on_evidence(np.full(shape, value), stripes())


# Runs on practice faces
# ------------------------------------------------------------------------

PRACTICE_RUNS = stored_runs("practice")
PRACTICE_MODELS = sorted((SHIPPED_MODELS / "practice").glob("*.weights.h5"))


@pytest.fixture(scope="module")
def data():
    return cached_practice_data()


def test_runs_with_and_without_attention_differ_in_nothing_else():
    seeds, budgets = defaultdict(set), set()
    for run in PRACTICE_RUNS:
        assert run.provenance["data"] == "practice faces: practice faces, seed 0"
        assert not run.provenance["code"].endswith("+") and run.history["finished"]
        seeds[run.name.partition("-practice")[0]].add(run.recipe["seed"])
        budgets.add(json.dumps(run.recipe | {"seed": 0}) + run.provenance["code"])
    models = ("pocket-none", "pocket-block3-multiply", "pocket-block3-concat")
    assert seeds == {model: {0, 1, 2} for model in models}
    assert len(budgets) == 1


def test_they_have_names_of_their_own():
    names = [run.name for run in PRACTICE_RUNS]
    assert not set(names) & {run.name for run in stored_runs()}


@pytest.mark.slow
def test_they_agree_with_the_labels_of_the_practice_faces(data):
    assert [fault for run in PRACTICE_RUNS for fault in verify_run(run, data)] == []


@pytest.mark.slow
@pytest.mark.parametrize("path", PRACTICE_MODELS, ids=lambda path: path.name)
def test_a_practice_model_gives_the_probabilities_of_its_run(path, data):
    name = path.name.removesuffix(".weights.h5")
    run = read_run(f"practice/{name}-practice-seed0")
    model = build_model(run.configuration)
    model.load_weights(path)
    stored = run.single["private"].probabilities[:200]
    probabilities = predict(model, data.test.images[:200])
    np.testing.assert_allclose(probabilities, stored, atol=2e-3)
    assert path.stat().st_size < 3_000_000
