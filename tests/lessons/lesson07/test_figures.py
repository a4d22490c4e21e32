"""Figures of lesson 07: what is drawn, on small numbers."""

import numpy as np
import pytest
from drawn import overlaps, texts
from matplotlib.collections import LineCollection

from fercourse.lessons.lesson07 import figures
from fercourse.results.audit import audit
from fercourse.results.statistics import calibration_curve


def test_calibration_leaves_empty_bins_out():
    probabilities = np.full((100, 7), 0.05)
    probabilities[:, 0] = 0.7
    curve = calibration_curve(probabilities, np.arange(100) < 40)
    figure = figures.reliability_plots({"first": curve, "second": curve})
    errors = f"30.0 points of error, {curve.error_by_chance:.1f} by chance alone"
    assert f"first\n{errors}" in texts(figure)
    assert f"first, {errors}" in figures.calibration_in_words({"first": curve})
    (interval,) = figure.axes[0].findobj(LineCollection)
    assert len(interval.get_segments()) == 1


def test_the_stronger_change_is_on_the_right():
    curves = {
        "blur": np.array([(0, 60, 55), (2, 30, 50)]),
        "contrast": np.array([(1, 60, 55), (0.2, 40, 50)]),
    }
    figure = figures.change_plots(curves, np.zeros((2, 48, 48)))
    assert {"blur", "contrast", "dashed: confidence", "solid: right"} <= texts(figure)
    drawn = [axis for axis in figure.axes if axis.lines]
    ends = [axis.get_xlim() for axis in drawn]
    assert ends[0][0] < ends[0][1] and ends[1][0] > ends[1][1]
    confident, right = drawn[1].lines
    assert confident.get_ydata() == pytest.approx([55, 50])
    assert right.get_ydata() == pytest.approx([60, 40])
    assert overlaps(figure) == []


def test_votes_are_drawn_from_unanimous_to_split():
    figure = figures.vote_bars(np.array([0, 5, 5, 10, 10, 10, 10, 10, 20, 20]))
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == pytest.approx([20, 20, 10, 10, 10, 10, 10, 5, 5])
    assert {"10 of 10", "2 of 10", "20 %"} <= texts(figure)


def test_laws_are_drawn_from_their_dates():
    dates = {"one": "2025-02-02", "other": "2027-12-02"}
    figure = figures.law_dates(dates, "2026-11-29")
    assert {"2 February 2025: one", "2 December 2027: other"} <= texts(figure)
    starts = [line.get_xdata()[0] for line in figure.axes[0].lines]
    assert starts == pytest.approx([2025.09, 2027.92, 2026.91], abs=0.01)


def test_each_group_has_its_faces_and_both_errors():
    correct = np.arange(100) % 4 > 0
    found = audit(correct, {"left": np.arange(100) < 30, "odd": np.arange(100) % 2 > 0})
    figure = figures.group_errors(found)
    assert {"left (30)", "odd (50)"} <= texts(figure)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    first, _ = sorted(found.values(), key=lambda one: one.gap, reverse=True)
    assert names[0].endswith(f"({first.count})")
    drawn = sorted(x for line in figure.axes[0].lines for x in line.get_xdata())
    errors = [error for one in found.values() for error in (one.error, one.rest_error)]
    assert drawn == pytest.approx(sorted(errors))
    heading, *rows = figures.smallest_p(found, count=1)
    assert rows == [["odd", "50", "0", "50", "0.000", "0.00"]]
    assert len(heading) == len(rows[0])


def test_curves_of_alarms_are_named():
    common = np.linspace(1, 50, 5)
    curves = {"5 % false alarms": (common, common), "20 %": (common, common / 2)}
    figure = figures.false_alarm_curves(curves)
    assert {"5 % false alarms", "20 %", "half"} <= texts(figure)
    assert overlaps(figure) == []
