"""The tables of lesson 06, from made-up scores."""

from fercourse.explain.maps import METHODS
from fercourse.lessons.lesson06 import scoring

HIGH, LOW = [50.0, 45.0, 55.0], [10.0, 5.0, 15.0]
ROW = {"pointing": HIGH, "pointing_others": 20.0, "share": LOW, "share_others": 9.0}
ROW |= {"pointing_gain": [30.0, 25.0, 35.0], "deletion_mean": LOW}
EDGES = ROW | {"pointing": LOW, "deletion_mean": HIGH}
STORED = {**dict.fromkeys(METHODS, ROW), "edges": EDGES, "random": EDGES}


def test_scores_have_a_row_for_each_map():
    table = scoring.scores_table(STORED)
    assert ["Grad-CAM", "50.0", "20.0", "10.0", "9.0"] in table
    assert len(table) == len(STORED) + 1


def test_labels_are_compared_method_by_method():
    one = {"correlation": [0.31, 0.2, 0.4], "pointing_gain": [11.2, 2.1, 20.4]}
    networks = {"true labels": {"gradient": one}, "shuffled labels": {"gradient": one}}
    rows = scoring.labels_table({"networks": networks})[1:]
    assert rows[0] == ["gradient, true", "0.31", "11", "2 to 20"]
    assert rows[1][0] == "gradient, shuffled"


def test_a_method_passes_only_with_intervals_that_do_not_overlap():
    near = ROW | {"pointing_gain": [1.0, -0.1, 2.0], "pointing": [14.0, 9.0, 19.0]}
    near |= {"deletion_mean": [44.0, 40.0, 48.0]}
    rows = scoring.verdict_table(STORED | {"gradient": near})
    verdicts = {name: passed for name, *passed in rows}
    assert verdicts["occlusion"] == ["yes", "yes", "yes", "yes"]
    assert verdicts["gradient"] == ["no", "no", "no", "yes"]
    assert verdicts["attention"][-1] == "no"
