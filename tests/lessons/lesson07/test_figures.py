"""Figures of lesson 07: what is drawn, on small numbers."""

import numpy as np
import pytest
from drawn import overlaps, texts
from matplotlib.collections import LineCollection

from fercourse.lessons.lesson07 import figures
from fercourse.plots.figures import BLUE, GREEN, ORANGE
from fercourse.results.audit import audit
from fercourse.results.statistics import calibration_curve, wilson_interval


def test_calibration_leaves_empty_bins_out():
    probabilities = np.full((100, 7), 0.05)
    probabilities[:, 0] = 0.7
    curve = calibration_curve(probabilities, np.arange(100) < 40)
    figure, alt = figures.reliability_plot(
        {"first": curve, "second": curve}, title="faces"
    )
    errors = f"30.0 points of error, {curve.error_by_chance:.1f} by chance alone"
    assert {f"first:\n{errors}", f"second:\n{errors}"} <= texts(figure)
    assert f"first, {errors}; second, {errors}" in alt and "faces" in texts(figure)
    intervals = figure.axes[0].findobj(LineCollection)
    assert [len(one.get_segments()) for one in intervals] == [1, 1]
    assert colours(figure) == [BLUE, ORANGE]
    later, _ = figures.reliability_plot({"second": curve, "third": curve}, skip=1)
    assert colours(later) == [ORANGE, GREEN]


def colours(figure):
    """The colours of the lines with markers."""
    lines = figure.axes[0].lines
    return [line.get_color() for line in lines if line.get_marker() != "None"]


def test_the_stronger_change_is_on_the_right():
    curves = {
        "blur": np.array([(0, 60, 55), (2, 30, 50)]),
        "contrast": np.array([(1, 60, 55), (0.2, 40, 50)]),
    }
    titles = ["blurred, 2 pixels", "contrast × 0.2"]
    figure, alt = figures.change_plots(curves, 100, np.zeros((2, 48, 48)), titles)
    ends = "blur 30 % right, 50 % confident; contrast 40 % right, 50 % confident"
    assert ends in alt
    key = {"mean confidence", "right answers", "95 % interval"}
    shown = {"blur", "contrast", *titles, *key}
    assert shown <= texts(figure)
    drawn = [axis for axis in figure.axes if axis.lines]
    ends = [axis.get_xlim() for axis in drawn]
    assert ends[0][0] < ends[0][1] and ends[1][0] > ends[1][1]
    right, confident = drawn[1].lines
    assert confident.get_ydata() == pytest.approx([55, 50])
    assert right.get_ydata() == pytest.approx([60, 40])
    (intervals,) = drawn[1].findobj(LineCollection)
    segments = [segment[:, 1] for segment in intervals.get_segments()]
    assert segments == [pytest.approx(wilson_interval(n, 100)) for n in (60, 40)]
    assert overlaps(figure) == []


def test_votes_are_drawn_from_unanimous_to_split():
    figure, alt = figures.vote_bars(np.array([0, 5, 5, 10, 10, 10, 10, 10, 20, 20]))
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == pytest.approx([20, 20, 10, 10, 10, 10, 10, 5, 5])
    assert {"10 of 10", "2 of 10", "20 %"} <= texts(figure)
    assert "agree on 20 percent" in alt and "on 30 percent, at most five" in alt


def test_the_example_of_a_group_is_in_few_others():
    faces = np.stack([np.full((48, 48), 60 * number) for number in range(4)])
    groups = {"dark": np.arange(4) < 3, "odd": np.arange(4) % 2 > 0}
    figure, alt = figures.group_examples(faces, groups)
    shown = [axis.images[0].get_array()[0, 0] for axis in figure.axes if axis.images]
    assert shown == [0, 176] and alt == "A face from each group: dark, odd."


def test_each_group_has_its_gap_with_an_interval():
    correct = np.arange(100) % 4 > 0
    groups = {"left": np.arange(100) < 30, "odd": np.arange(100) % 2 > 0}
    first, fresh = audit(correct, groups), audit(~correct, groups)
    figure, alt = figures.group_gaps({"first": first, "fresh": fresh})
    assert {"first", "fresh", "fewer errors"} <= texts(figure)
    assert f"fresh, with intervals: left {round(fresh['left'].gap):+} points" in alt
    assert alt.endswith("Significant after correction: odd.")
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["left (30 / 30)", "odd (50 / 50)"]
    for found, lines in zip(
        (first, fresh), figure.axes[0].findobj(LineCollection), strict=True
    ):
        ends = [segment[:, 0] for segment in lines.get_segments()]
        intervals = [found[name].gap_interval for name in ("left", "odd")]
        assert np.array(ends) == pytest.approx(np.array(intervals))
    filled = [
        len(line.get_xdata())
        for line in figure.axes[0].lines
        if line.get_linestyle() == "None" and line.get_markerfacecolor() != "white"
    ]
    assert filled == [
        sum(one.adjusted < 0.05 for one in x.values()) for x in (first, fresh)
    ]
    alone, _ = figures.group_gaps({"first": first})
    assert "first" not in texts(alone) and "left (30)" in texts(alone)
    heading, *rows = figures.smallest_p(first, count=1)
    assert rows == [["odd", "50", "0", "50", "0.000", "0.00"]]
    assert len(heading) == len(rows[0])


def test_gaps_of_guessed_groups_are_drawn_by_group_and_kind():
    gaps = {"right": {"hand": 17.2, "hat": 0.1}, "wrong": {"hand": 4, "hat": -4}}
    figure, alt = figures.guessed_gaps(gaps)
    points = {
        line.get_label(): list(line.get_xdata())
        for line in figure.axes[0].lines
        if line.get_marker() != "None"
    }
    assert points == {name: list(group.values()) for name, group in gaps.items()}
    assert {"right", "wrong", "hand", "hat"} <= texts(figure)
    assert "right: hand +17, hat +0; wrong: hand +4, hat -4" in alt
    assert overlaps(figure) == []
