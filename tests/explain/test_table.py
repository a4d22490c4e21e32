"""The table of scores: what is stored, and that it can be computed again."""

import json

import keras
import numpy as np
import pytest
from explained import EMOTIONS, FACES, grid_model

from fercourse.data.practice import EVIDENCE_THRESHOLD, practice_faces
from fercourse.explain import table
from fercourse.explain.maps import METHODS


def test_every_method_and_baseline_is_scored_with_its_provenance():
    stored = json.loads(table.TABLE.read_text("utf-8"))
    scores = table.read_table()
    assert set(stored) == set(table.PARTS) and set(scores) == set(table.ROWS)
    for part in stored.values():
        assert {"code", "versions", "hardware", "date"} <= part["about"].keys()
    about = stored["scores"]["about"]
    assert (about["faces"], about["removal_faces"]) == (400, table.REMOVAL_FACES)
    assert scores["evidence"]["pointing"] == [100, 100, 100]
    for row in scores.values():
        assert row["faces"] == table.FACES
        for measure in ("pointing", "share"):
            value, low, high = row[measure]
            assert 0 <= low <= value <= high <= 100
    # A map that is the same on every face is never ahead of other faces' maps.
    assert np.allclose(scores["middle"]["share_lead"]["others"], 0)


def test_class_activation_maps_of_earlier_blocks_are_scored_on_the_same_faces():
    blocks = table.read_part("blocks")
    assert blocks["about"]["faces"] == table.FACES
    assert set(blocks["rows"]) == set(table.BLOCKS)
    faces = table.KnownFaces(FACES, EMOTIONS, FACES > 128, np.arange(len(FACES)))
    model = grid_model()
    np.testing.assert_array_equal(
        table.row_maps("grad_cam block5", model, faces),
        table.row_maps("grad_cam", model, faces),
    )


def test_differences_are_those_of_the_means():
    scores = table.read_table()
    for row in scores.values():
        for measure in ("deletion_mean", "insertion_blur", "pointing", "share"):
            for rival in table.RIVALS:
                value, low, high = row[f"{measure}_lead"][rival]
                expected = row[measure][0] - scores[rival][measure][0]
                assert value == pytest.approx(expected, abs=0.02)
                assert low <= value <= high


def test_an_interval_is_that_of_the_differences_face_by_face():
    hits = np.array([0.0, 100, 0, 100])
    row = {"pointing": np.array([10, 110, 10, 130]), "pointing_others": hits * 0}
    rivals = {"edges": {"pointing": hits}}
    lead = table._summary(row, rivals)["pointing_lead"]
    # mean 15, standard error 10 / √4, and Student's t with 3 degrees of freedom: 3.182
    assert lead["edges"] == pytest.approx([15, 15 - 15.91, 15 + 15.91], abs=0.01)
    assert lead["others"][0] == 65


def test_a_mirrored_expression_is_the_evidence_of_the_other_side():
    drawn = practice_faces(6, seed=table.SEED, proportions="uniform")
    images, numbers = drawn.faces.images, drawn.faces.rows
    faces = table.KnownFaces(images, drawn.drawn_emotions, drawn.evidence, numbers)
    maps = table.mirrored_expression(faces.some([2, 4]))[:, :, ::-1]
    np.testing.assert_array_equal(maps >= EVIDENCE_THRESHOLD, drawn.evidence[[2, 4]])


def test_networks_on_true_and_on_shuffled_labels_are_compared_by_the_same_methods():
    labels = table.read_part("labels")
    assert labels["about"]["remembered"] > 95 and labels["about"]["right"] < 25
    assert set(labels["networks"]) == {"true labels", "shuffled labels"}
    for rows in labels["networks"].values():
        assert set(rows) == set(table.COMPARED)
        for row in rows.values():
            value, low, high = row["correlation"]
            assert -1 <= low <= value <= high <= 1


def test_the_mark_decided_the_answers_that_are_explained():
    mark = table.read_part("mark")
    assert mark["about"]["called_happy"] > 90 and set(mark["hits"]) == {
        *METHODS,
        *table.BLOCKS,
    }
    assert all(0 <= hits <= 100 for hits in mark["hits"].values())


def test_one_part_is_stored_without_the_others_being_lost(tmp_path, monkeypatch):
    path = tmp_path / "table.json"
    monkeypatch.setattr(
        table, "PARTS", {"one": lambda: {"about": {}, "rows": {"a": {"b": 1}}}}
    )
    path.write_text('{"other": {"about": {}}}', "utf-8")
    table.write_table(["one"], path)
    stored = json.loads(path.read_text("utf-8"))
    assert set(stored) == {"one", "other"} and "code" in stored["one"]["about"]
    assert stored["one"]["rows"] == {"a": {"b": 1}}


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf-keras-vis")
def test_the_first_faces_score_as_stored():
    rows = ["gradient", "grad_cam", "attention", "edges", "mirrored", "evidence"]
    again = table.compute_scores(table._KEPT, removed=0, rows=rows)["rows"]
    for name, stored in table.read_table().items():
        for measure in ("share_first", "pointing_first"):
            if name in rows:
                np.testing.assert_allclose(
                    again[name][measure], stored[measure], atol=0.1
                )
