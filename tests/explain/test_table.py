"""The stored scores are those that the code computes."""

import json

import keras
import numpy as np
import pytest

from fercourse.explain import table
from fercourse.explain.baselines import BASELINES
from fercourse.explain.maps import METHODS


def test_every_method_and_baseline_is_scored_with_its_provenance():
    stored = json.loads(table.TABLE.read_text("utf-8"))
    scores = table.read_table()
    assert set(scores) == {*METHODS, *BASELINES, table.TRUTH}
    for name, row in scores.items():
        few = name in table.EXPENSIVE
        assert row["faces"] == (table.FEW_FACES if few else table.FACES)
    assert {"code", "versions", "hardware", "date"} <= stored["about"].keys()
    assert scores["evidence"]["pointing"] == [100, 100, 100]
    for row in scores.values():
        for name in ("pointing", "share", "pointing_gain", "share_gain"):
            value, low, high = row[name]
            assert -100 <= low <= value <= high <= 100
    # A map that is the same on every face gains nothing on its own.
    assert scores["middle"]["share_gain"] == [0, 0, 0]


def test_networks_on_true_and_on_shuffled_labels_are_compared_by_the_same_methods():
    labels = table.read_labels()
    assert labels["about"]["remembered"] > 95 and labels["about"]["right"] < 25
    assert set(labels["networks"]) == {"true labels", "shuffled labels"}
    for rows in labels["networks"].values():
        assert set(rows) == set(table.COMPARED)
        for row in rows.values():
            value, low, high = row["correlation"]
            assert -1 <= low <= value <= high <= 1


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf-keras-vis")
def test_the_first_faces_score_as_stored():
    rows = ["gradient", "grad_cam", "attention", "edges", "evidence"]
    again = table.compute_table(table._KEPT, removed=0, rows=rows)["scores"]
    for name, stored in table.read_table().items():
        for measure in ("share_first", "pointing_first"):
            if name in rows:
                np.testing.assert_allclose(
                    again[name][measure], stored[measure], atol=0.1
                )
