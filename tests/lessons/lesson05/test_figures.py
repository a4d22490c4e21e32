"""The figures of lesson 05."""

from itertools import pairwise

import numpy as np
import pytest
from drawn import texts

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson05.figures import (
    Priced,
    calibration_plots,
    cost_plot,
    emotion_dots,
    faces_needed_curves,
    on_front,
    pair_bars,
    pair_matrix,
    rank_plot,
    two_kinds,
)
from fercourse.results.comparisons import bootstrap_ranks, compare_pairs
from fercourse.results.statistics import TEST_FACES, PairedTest, calibration_curve


def test_more_faces_for_smaller_differences_and_fewer_in_pairs():
    (axis,) = faces_needed_curves(73.3, 12.0, {"a gap": 0.07}).axes
    own, same = axis.lines[0], axis.lines[1]
    assert (np.diff(own.get_ydata()) < 0).all() and (
        np.diff(same.get_ydata()) < 0
    ).all()
    assert (np.array(same.get_ydata()) < own.get_ydata()).all()
    assert own.get_ydata()[0] > 1e7
    assert list(axis.lines[2].get_ydata()) == [TEST_FACES] * 2
    assert list(axis.lines[3].get_xdata()) == [0.07] * 2
    assert {"a gap", "3,589 faces", "both on the same faces"} <= set(texts(axis))
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")


def test_two_networks_that_hardly_disagree_have_a_shorter_curve():
    (axis,) = faces_needed_curves(73.3, 2.0, {}).axes
    assert axis.lines[0].get_xdata()[-1] == pytest.approx(2.0)


def test_pair_bars_hold_every_face():
    every, deciding = pair_bars(
        "one", "other", PairedTest(30, 10, 0.002), both_right=50, count=100
    ).axes
    assert [bar.get_width() for bar in every.patches] == [50, 40, 10]
    assert [bar.get_width() for bar in deciding.patches] == [30, 10]
    assert [bar.get_x() for bar in deciding.patches] == [0, 30]
    assert texts(deciding) == ["30", "10", "only one", "only other"]
    assert list(deciding.lines[0].get_xdata()) == [20, 20]
    assert [label.get_text() for label in deciding.get_yticklabels()] == [
        "the 40 that decide"
    ]


def test_pair_bars_without_a_face_that_decides():
    _, deciding = pair_bars(
        "one", "other", PairedTest(0, 0, 1.0), both_right=70, count=100
    ).axes
    assert texts(deciding) == ["only one", "only other"]
    assert not deciding.lines


def answers(*shares, count=400):
    chance = np.random.default_rng(1)
    return {
        f"model {n}": chance.random(count) < share for n, share in enumerate(shares)
    }


def test_pair_matrix_is_dark_where_more_than_chance_differs():
    correct = answers(0.3, 0.7, 0.68)
    accuracies = {name: 100 * right.mean() for name, right in correct.items()}
    (axis,) = pair_matrix(accuracies, compare_pairs(correct), 0.05).axes
    order = sorted(accuracies, key=accuracies.get, reverse=True)
    assert [label.get_text() for label in axis.get_yticklabels()] == [
        f"{name}  {n}" for n, name in enumerate(order, 1)
    ]
    shades = np.ma.filled(axis.images[0].get_array(), np.nan)
    assert np.isnan(shades[np.triu_indices(3)]).all()
    assert shades[1, 0] < 0.5 < shades[2, 0] == shades[2, 1]
    behind = [
        accuracies[order[0]] - accuracies[order[1]],
        accuracies[order[0]] - accuracies[order[2]],
    ]
    assert texts(axis)[:2] == [f"{points:.1f}" for points in behind]


def test_rank_plot_shows_places_from_the_best():
    ranks = bootstrap_ranks(answers(0.4, 0.7, 0.55), resamples=200)
    (axis,) = rank_plot(ranks).axes
    assert [label.get_text() for label in axis.get_yticklabels()] == [
        "model 1",
        "model 2",
        "model 0",
    ]
    np.testing.assert_allclose(axis.images[0].get_array(), ranks.shares[[1, 2, 0]])
    assert axis.images[0].get_extent() == [0.5, 3.5, 2.5, -0.5]
    lines = [line.get_xdata().tolist() for line in axis.lines[::2]]
    assert lines == [[ranks.low[model], ranks.high[model]] for model in (1, 2, 0)]
    assert [line.get_xdata()[0] for line in axis.lines[1::2]] == [1, 2, 3]


def test_two_kinds_are_named_over_the_first_row():
    (axis,) = two_kinds({"one": (60, 75), "other": (62, 61)}, ("unseen", "seen")).axes
    unseen, seen = axis.collections[1:]
    assert unseen.get_offsets()[:, 0].tolist() == [60, 62]
    assert seen.get_offsets()[:, 0].tolist() == [75, 61]
    assert [(text.get_text().strip(), text.get_ha()) for text in axis.texts] == [
        ("unseen", "right"),
        ("seen", "left"),
    ]
    (axis,) = two_kinds({"one": (75, 60)}, ("unseen", "seen")).axes
    assert [text.get_ha() for text in axis.texts] == ["left", "right"]


def priced(group, cost, accuracy):
    return Priced(group, cost, accuracy, accuracy - 1.5, accuracy + 1.5)


def test_on_the_front_is_what_nothing_beats_in_both():
    points = [
        priced("a", 1e6, 50),
        priced("b", 1e8, 65),
        priced("c", 1e8, 64),
        priced("d", 2e8, 65),
    ]
    assert on_front(points) == [True, True, False, False]
    assert on_front([points[0], points[0]]) == [True, True]
    assert on_front([]) == []


def test_cost_plot_fills_the_front_and_names_each_group_once():
    points = [
        priced("a", 1e6, 50),
        priced("pocket", 1e8, 65),
        priced("pocket", 1e8, 64),
        priced("b", 2e8, 64.9),
    ]
    (axis,) = cost_plot(points).axes
    assert sorted(texts(axis)) == ["a", "b", "pocket"]
    dots = [line for line in axis.lines if line.get_marker() == "o"]
    assert [dot.get_markerfacecolor() != "white" for dot in dots] == [
        True,
        True,
        False,
        False,
    ]
    heights = {text.get_text(): text.xyann[1] for text in axis.texts}
    assert heights["pocket"] > heights["b"] > heights["a"]
    distance = 0.07 * np.diff(axis.get_ylim())[0]
    assert heights["pocket"] - heights["b"] >= 0.99 * distance
    assert {text.xy for text in axis.texts} == {(1e6, 50), (1e8, 65), (2e8, 64.9)}


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ((56_872_000, 56_886_000), {"50", "100"}),
        ((57e6, 64e6, 88e6, 118e6, 163e6), {"50", "100", "200"}),
        ((1e6, 2e10), {"1", "10", "100", "1,000", "10,000"}),
    ],
)
def test_costs_stand_on_a_readable_scale(costs, expected):
    figure = cost_plot(
        [priced("some", cost, 60 + number) for number, cost in enumerate(costs)]
    )
    (axis,) = figure.axes
    figure.canvas.draw()
    low, high = axis.get_xlim()
    shown = {
        label.get_text(): label.get_window_extent()
        for label in axis.get_xticklabels(which="both")
        if label.get_text() and low <= label.get_position()[0] <= high
    }
    assert set(shown) == expected
    boxes = sorted((box.x0, box.x1) for box in shown.values())
    assert all(one[1] <= other[0] for one, other in pairwise(boxes))


def test_emotions_have_their_colours_in_one_model_only():
    recalls = {"one": np.arange(10, 80, 10), "other": np.full(7, 50)}
    (axis,) = emotion_dots(recalls, "one").axes
    assert axis.lines[0].get_xdata().tolist() == [50] * 7
    assert len(axis.lines) == 1
    (own,) = axis.collections
    assert own.get_offsets()[:, 0].tolist() == recalls["one"].tolist()
    assert len(np.unique(own.get_facecolors(), axis=0)) == 7
    assert [label.get_text() for label in axis.get_yticklabels()] == list(EMOTIONS)
    assert "diamonds: one" in axis.get_xlabel()


def test_calibration_leaves_empty_bins_out():
    probabilities = np.full((100, 7), 0.05)
    probabilities[:, 0] = 0.7
    correct = np.arange(100) < 40
    curve = calibration_curve(probabilities, correct)
    one, two = calibration_plots({"first": curve, "second": curve}).axes
    assert one.get_title() == "first\ncalibration error 30.0 points"
    assert two.get_title().startswith("second")
    diagonal, measured = one.lines
    assert diagonal.get_xydata().tolist() == [[0, 0], [100, 100]]
    np.testing.assert_allclose(measured.get_xydata(), [[70, 40]])
    (segment,) = one.collections[0].get_segments()
    low, high = segment[:, 1]
    assert low < 40 < high
