"""Figures of lesson 07: what is drawn, on small numbers."""

import numpy as np
import pytest
from drawn import overlaps, texts
from matplotlib.collections import LineCollection

from fercourse.lessons.lesson07 import figures
from fercourse.plots.figures import BLUE, ORANGE
from fercourse.results.statistics import calibration_curve, wilson_interval


def test_calibration_leaves_empty_bins_out():
    probabilities = np.full((100, 7), 0.05)
    probabilities[:, 0] = 0.7
    curve = calibration_curve(probabilities, np.arange(100) < 40)
    figure, alt = figures.reliability_plot(
        {"first": curve, "second": curve}, title="faces"
    )
    by_chance = f"(by chance: {curve.error_by_chance:.1f})"
    errors = f"calibration error 30.0 points {by_chance}"
    assert {f"first:\n{errors}", f"second:\n{errors}"} <= texts(figure)
    assert f"first, {errors}; second, {errors}" in alt and "faces" in texts(figure)
    intervals = figure.axes[0].findobj(LineCollection)
    assert [len(one.get_segments()) for one in intervals] == [1, 1]
    assert colours(figure) == [BLUE, ORANGE]


def test_bins_of_few_faces_are_counted_but_not_drawn():
    probabilities = np.full((129, 7), 0.05)
    probabilities[:, 0] = np.where(np.arange(129) < 100, 0.7, 0.9)
    curve = calibration_curve(probabilities, np.arange(129) < 40)
    figure, alt = figures.reliability_plot({"one": curve})
    shown = [line.get_xdata() for line in figure.axes[0].lines][1:]
    assert [len(places) for places in shown] == [1]
    assert f"calibration error {curve.error:.1f} points" in alt and curve.error > 30


def test_the_curve_before_a_repair_is_pale():
    probabilities = np.full((100, 7), 0.05)
    probabilities[:, 0] = 0.7
    old = calibration_curve(probabilities, np.arange(100) < 40)
    new = calibration_curve(probabilities, np.arange(100) < 70)
    figure, alt = figures.reliability_plot({"one": new}, before=[old])
    pale, strong = figure.axes[0].lines[1:]
    assert pale.get_ydata() == [40] and strong.get_ydata() == [70]
    assert pale.get_alpha() < 1 and strong.get_alpha() is None
    assert "error 30.0 \N{RIGHTWARDS ARROW} 0.0 points" in alt
    assert pale.get_color() == strong.get_color() == BLUE


def colours(figure):
    """The colours of the lines with markers."""
    lines = figure.axes[0].lines
    return [line.get_color() for line in lines if line.get_marker() != "None"]


def test_the_stronger_change_is_on_the_right():
    curves = {
        "blur": np.array([(0, 60, 55), (2, 30, 50)]),
        "contrast": np.array([(1, 60, 55), (0.2, 40, 50)]),
    }
    figure, alt = figures.change_plots(curves, 100)
    ends = "blur 30 % right, 50 % confident; contrast 40 % right, 50 % confident"
    assert ends in alt
    key = {"mean confidence", "right answers", "95 % interval"}
    assert {"blur", "contrast", *key} <= texts(figure)
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
    assert {"10 of 10", "2 of 10", "20 %", "5 %"} <= texts(figure)
    assert "agree on 20 percent" in alt and "on 30 percent, at most five" in alt


def test_few_faces_are_not_none():
    figure, _ = figures.vote_bars(np.array([0, 1, 0, 0, 0, 0, 0, 0, 0, 999]))
    assert "< 1 %" in texts(figure)


def test_opinions_are_shares_of_a_row_with_the_same_answer_marked():
    table = np.full((7, 10), 5)
    table[3, 3] = 55
    figure, alt = figures.opinion_table(table)
    assert "happy: 55 % happy" in alt and "sad: 10 % sad" in alt
    assert {"55", "contempt", "unknown", "no face"} <= texts(figure)
    assert [patch.get_xy() for patch in figure.axes[0].patches] == [
        (place, place) for place in range(7)
    ]
