"""The crowd of lesson 07."""

import pytest
from drawn import overlaps, texts

from fercourse.lessons.lesson07 import crowd


@pytest.mark.parametrize("angry", crowd.ANGRY)
@pytest.mark.parametrize("false_alarms", crowd.FALSE_ALARMS)
def test_everybody_is_in_one_group_and_alarms_are_as_often_right(angry, false_alarms):
    groups = crowd.crowd(angry, false_alarms)
    assert sum(groups.values()) == crowd.PEOPLE and min(groups.values()) >= 0
    share, rate = angry / 100, false_alarms / 100
    expected = share * 0.35 / (share * 0.35 + (1 - share) * rate)
    right, wrong, *_ = groups.values()
    assert right / (right + wrong) == pytest.approx(expected, abs=0.03)


def test_curves_of_alarms_are_named_and_marked():
    figure, alt = crowd.false_alarm_curves((5, 10, 20), marked=5)
    title = "if 5\xa0% are angry: 27\xa0%, 16\xa0%, 8\xa0% are right"
    assert {title, "5\xa0% false alarms", "20\xa0% false alarms", "half"} <= texts(
        figure
    )
    assert title in alt
    dots = [y for x, y in points(figure) if x == 5]
    expected = [5 * 0.35 / (5 * 0.35 + 0.95 * rate) * 100 for rate in (5, 10, 20)]
    assert dots == pytest.approx(expected)
    assert overlaps(figure) == []
    _, alt = crowd.false_alarm_curves((5, 10, 20), 5, lambda angry, *_: angry)
    assert "5\xa0%, 5\xa0%, 5\xa0% are right" in alt


def points(figure):
    """Where a line of the figure has one point only."""
    lines = [line.get_xydata() for line in figure.axes[0].lines]
    return [tuple(line[0]) for line in lines if len(line) == 1]


def test_the_panel_follows_its_lists():
    panel = crowd.CrowdPanel()
    before = panel.still()
    assert "5 % are angry, and of the others 10 % scowl: 113 alarms, 18 right" in before
    panel.angry.value = 50
    assert "225 alarms, 175 right" in repr(panel) and before != panel.still()
    panel.false_alarms.value = 1
    assert "180 alarms, 175 right" in repr(panel)


def test_a_dot_for_each_person():
    groups = crowd.crowd(5, 10)
    figure = crowd.crowd_dots(groups, "5 % angry")
    drawn = {line.get_label(): len(line.get_xdata()) for line in figure.axes[0].lines}
    assert drawn == {f"{name}: {count}": count for name, count in groups.items()}
    assert "5 % angry: 18 of 113 alarms are right" in texts(figure)
    filled = [line.get_markerfacecolor() != "white" for line in figure.axes[0].lines]
    assert filled == [True, True, False, False]
    assert 'class="fc-chart"' in crowd.CrowdPanel().still()
