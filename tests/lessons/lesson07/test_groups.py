"""Groups of lesson 07: who belongs to them, and what an audit says."""

import numpy as np
import pytest
from drawn import overlaps, texts
from matplotlib.collections import LineCollection

from fercourse.data.practice import practice_faces
from fercourse.lessons.lesson07 import groups as audited
from fercourse.plots.tables import signed
from fercourse.results.audit import audit


@pytest.fixture(scope="module")
def drawn():
    return practice_faces(120, seed=20, evidence=False)


def test_groups_follow_from_the_traits(drawn):
    groups = audited.groups_of(drawn)
    assert len(groups) == 10
    assert (groups["hand"] == (drawn.traits["hand"] > 0)).all()
    for name in ("darker skin", "turned", "tilted"):
        assert 0.3 < groups[name].mean() < 0.7, name


def test_the_example_of_a_group_belongs_to_it(drawn):
    figure, alt = audited.group_examples(drawn)
    shown = [axis.images[0].get_array() for axis in figure.axes if axis.images]
    for (name, member), image in zip(
        audited.groups_of(drawn).items(), shown, strict=True
    ):
        assert (
            (drawn.faces.images[member] // 16 * 16 + 8 == image).all(axis=(1, 2)).any()
        )
        assert name in alt


def test_a_gap_is_that_of_the_audit():
    right, member = np.arange(60) % 3 > 0, np.arange(60) < 25
    assert audited.gap(right, member) == pytest.approx(
        audit(right, {"one": member})["one"].gap
    )


def test_wrong_guesses_are_rarer_where_the_network_is_right():
    right = np.arange(2000) % 2 > 0
    none, random, errors = audited.wrong_guesses(right).values()
    assert not none.any() and not errors[right].any()
    assert 0.07 < random.mean() < 0.13 and 0.15 < errors[~right].mean() < 0.25


def test_each_group_has_its_gap_with_an_interval():
    correct = np.arange(100) % 4 > 0
    groups = {"left": np.arange(100) < 30, "odd": np.arange(100) % 2 > 0}
    first, fresh = audit(correct, groups), audit(~correct, groups)
    figure, alt = audited.group_gaps({"first": first, "fresh": fresh})
    assert {"first", "fresh", "fewer errors"} <= texts(figure)
    assert f"intervals: left {signed(fresh['left'].gap)} points" in alt
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
    alone, _ = audited.group_gaps({"first": first})
    assert "first" not in texts(alone) and "left (30)" in texts(alone)
    heading, *rows = audited.smallest_p(first, count=1)
    assert rows == [["odd", "50", "\N{MINUS SIGN}50", "0.000", "0.00"]]
    assert len(heading) == len(rows[0])
    low, high = map(signed, first["odd"].gap_interval)
    rows = audited.gap_intervals("odd", {"first": first, "fresh": fresh})
    assert rows[0][0] == "odd, gap in" and len(rows) == 3
    assert rows[1] == ["first", f"{low} to {high}"]


def test_gaps_of_guessed_groups_are_drawn_by_group_and_kind():
    gaps = {"right": {"hand": 17.2, "hat": 0.1}, "wrong": {"hand": 4, "hat": -4}}
    figure, alt = audited.guessed_gaps(gaps)
    points = {
        line.get_label(): list(line.get_xdata())
        for line in figure.axes[0].lines
        if line.get_marker() != "None"
    }
    assert points == {name: list(group.values()) for name, group in gaps.items()}
    assert {"right", "wrong", "hand", "hat"} <= texts(figure)
    assert "right: hand +17, hat 0; wrong: hand +4, hat \N{MINUS SIGN}4" in alt
    assert overlaps(figure) == []
