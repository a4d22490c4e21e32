"""Figures of lesson 07: what is drawn, on small numbers."""

import numpy as np
import pytest
from drawn import overlaps, texts

from fercourse.lessons.lesson07 import figures
from fercourse.results.audit import audit
from fercourse.results.statistics import calibration_curve


def test_calibration_leaves_empty_bins_out():
    probabilities = np.full((100, 7), 0.05)
    probabilities[:, 0] = 0.7
    curve = calibration_curve(probabilities, np.arange(100) < 40)
    figure = figures.reliability_plots({"first": curve, "second": curve})
    assert "first\ncalibration error 30.0 points" in texts(figure)
    assert len(figure.axes[0].collections[0].get_segments()) == 1


def test_the_stronger_change_is_on_the_right():
    curves = {
        "blur": [(0, 60, 55), (2, 30, 50)],
        "contrast": [(1, 60, 55), (0.2, 40, 50)],
    }
    figure = figures.shift_plots(curves)
    assert {"blur", "contrast", "dashed: confidence", "solid: right"} <= texts(figure)
    ends = [axis.get_xlim() for axis in figure.axes]
    assert ends[0][0] < ends[0][1] and ends[1][0] > ends[1][1]
    confident, right = figure.axes[1].lines
    assert confident.get_ydata() == pytest.approx([55, 50])
    assert right.get_ydata() == pytest.approx([60, 40])
    assert overlaps(figure) == []


def test_each_group_has_its_faces_and_both_errors():
    correct = np.arange(100) % 4 > 0
    found = audit(correct, {"left": np.arange(100) < 30, "odd": np.arange(100) % 2 > 0})
    figure = figures.group_errors(found)
    assert {"left (30)", "odd (50)"} <= texts(figure)
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
