"""The figures of lesson 05."""

import numpy as np
import pytest
from drawn import overlaps, texts
from made_up import made_up_run
from matplotlib.colors import to_hex

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson05 import figures
from fercourse.lessons.lesson05.tables import lead_of_the_last
from fercourse.plots.figures import BLUE
from fercourse.results.comparisons import bootstrap_ranks, compare_pairs
from fercourse.results.runs import Answers
from fercourse.results.statistics import PairedTest, wilson_interval
from fercourse.results.table3.paper import PAPER_ROWS
from fercourse.results.table3.rows import measured_row

RIGHT = (("a", 90), ("b", 20))


def answers(*shares, count=400):
    chance = np.random.default_rng(1)
    right = [chance.random(count) < share for share in shares]
    return {f"model {n}": which for n, which in enumerate(right)}


@pytest.mark.parametrize("discordant", [12.0, 4.0])
def test_more_faces_for_smaller_differences_and_fewer_in_pairs(discordant):
    figure, alt = figures.faces_needed_curves(73.3, discordant, {"a gap": 0.07})
    assert {"a gap", "3,589 faces", "both on the\nsame faces"} <= texts(figure)
    assert overlaps(figure) == []
    own, same = (line.get_xydata() for line in figure.axes[0].lines[:2])
    assert (np.diff(own[:, 1]) < 0).all() and (same[:, 1] < own[:, 1]).all()
    # Where the line of 3,589 faces meets the curves.
    gaps = [line.get_xydata()[0, 0] for line in figure.axes[0].lines[3:5]]
    np.testing.assert_allclose(np.interp(gaps[0], *same.T), 3589, rtol=0.03)
    np.testing.assert_allclose(np.interp(gaps[1], *own.T), 3589, rtol=0.03)
    assert f"at {gaps[1]:.1f} points" in alt and f"at {gaps[0]:.1f} if both" in alt
    # Two networks cannot differ by more than they disagree.
    assert own[-1, 0] == pytest.approx(min(5, discordant))


def test_the_papers_rows_are_dots_with_their_numbers():
    figure, alt = figures.printed_rows()
    assert {row.printed for row in PAPER_ROWS} <= texts(figure)
    assert "0.07 points" in texts(figure) and "leads by 0.07 points" in alt
    assert overlaps(figure) == []


def test_the_leads_are_dots_with_their_p():
    table = lead_of_the_last()
    figure, alt = figures.leads_chart(table)
    assert {"1.96", "120 faces, p = 0.002", "3 faces, p = 0.947"} <= texts(figure)
    (dots,) = (x for x in figure.axes[0].lines if x.get_marker() == "o")
    assert [f"{z:.2f}" for z in dots.get_xdata()] == [row[3] for row in table[1:]]
    assert "VGGnet, 73.28: 0.07 points, z = 0.07" in alt and overlaps(figure) == []


def test_origins_are_blue_grey_or_white():
    rows = [["a", "PublicTest", "probably several"], ["b", "unknown", "ten"]]
    table = [["method", "faces", "views"], *rows]
    figure, alt = figures.origins_chart(table)
    assert {"faces", "PublicTest", "several", "unknown", "source read"} <= texts(figure)
    assert "a, PublicTest, probably several" in alt
    bars = [to_hex(bar.get_facecolor()) for bar in figure.axes[0].patches]
    assert bars == [BLUE.lower(), "#d9d9d9", "#ffffff", BLUE.lower()]


def test_the_band_is_the_last_interval():
    rows = [(70, 68, 72)] * 5 + [(72, 70, 74), (73, 71, 75)]
    figure, alt = figures.intervals_in_band(rows)
    (band,) = figure.axes[0].patches
    assert (band.get_x(), band.get_width()) == (71, 4)
    assert "71.0 to 75.0 percent; 1 of the 6 others" in alt


def test_public_test_is_a_tick_in_the_row():
    rows = {name: measured_row([made_up_run(right=right)]) for name, right in RIGHT}
    figure, alt = figures.both_halves(rows)
    *_, ticks = figure.axes[0].lines
    public = [[row.public.accuracy, place] for place, row in enumerate(rows.values())]
    assert ticks.get_xydata().tolist() == public
    assert overlaps(figure) == [] and "Highest on PrivateTest: a." in alt
    row = rows["a"]
    assert {"90.0", f"{row.epochs}", f"{row.multiply_adds / 1e6:,.0f}"} <= texts(figure)


def test_a_row_far_below_is_at_the_edge_with_its_number():
    rows = {name: measured_row([made_up_run(right=right)]) for name, right in RIGHT}
    figure, _ = figures.both_halves(rows)
    assert figure.axes[0].get_xlim()[0] == 50 and "◂ at 20.0" in texts(figure)


@pytest.mark.parametrize("only", [(30, 10), (0, 0)])
def test_pair_bars_hold_every_face(only):
    test = PairedTest(*only, 0.002)
    figure = figures.pair_bars("one", "other", test, both_right=50, count=100)
    assert {"both right: 50", f"neither right: {50 - sum(only)}"} <= texts(figure)
    numbers = {f"only one: {only[0]}", f"only other: {only[1]}"}
    assert (numbers <= texts(figure)) == any(only)
    assert overlaps(figure) == []
    every, deciding = ([bar.get_width() for bar in a.patches] for a in figure.axes)
    assert sum(every) == 100 and deciding == list(only)


def test_pair_matrix_is_blue_where_more_than_chance_differs():
    correct = answers(0.3, 0.7, 0.68)
    accuracies = {name: 100 * right.mean() for name, right in correct.items()}
    pairs = compare_pairs(correct)
    figure = figures.pair_matrix(accuracies, [p for p in pairs if p.adjusted < 0.05])
    gap = accuracies["model 1"] - accuracies["model 0"]
    assert {"model 1", "model 2", "model 0", f"{gap:.0f}"} <= texts(figure)
    assert overlaps(figure) == []
    squares = [to_hex(square.get_facecolor()) for square in figure.axes[0].patches]
    assert [square == BLUE.lower() for square in squares] == [False, True, True]


def test_equal_models_share_the_better_place():
    places = figures.places_of({"a": 50, "b": 70, "c": 60, "d": 60})
    assert places == {"a": 4, "b": 1, "c": 2, "d": 2}


def test_ranks_are_shown_from_the_best():
    ranks = bootstrap_ranks(answers(0.4, 0.7, 0.55), resamples=200)
    figure, alt = figures.rank_plot(ranks)
    (axis,) = figure.axes
    names = [label.get_text() for label in axis.get_yticklabels()]
    assert names == ["model 1  1", "model 2  2", "model 0  3"]
    first = round(100 * ranks.shares[1, 0])
    assert f"{first}" in texts(figure) and "3 networks" in alt
    frames = [patch for patch in axis.patches if not patch.get_fill()]
    places = [(frame.get_x() + 0.5, frame.get_width()) for frame in frames]
    order, low, high = [1, 2, 0], ranks.low, ranks.high
    assert places == [(low[model], high[model] - low[model] + 1) for model in order]


def test_the_excess_is_sorted_and_next_to_the_papers_lead():
    seen = np.arange(100) < 50
    # Right on so many of the 50 seen faces, and on 20 of the 50 unseen ones.
    known = {"one": 30, "two": 20, "three": 38}
    rows = {
        name: Answers(
            None, (np.arange(100) < count) | (np.arange(100) >= 80), None, seen
        )
        for name, count in known.items()
    }
    figure, alt = figures.excess_dots(rows)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["three", "one", "two"]
    assert {"18.0", "10.0", "0.0", "the paper's lead: 0.07"} <= texts(figure)
    assert "18.0 for three, falling to 0.0 for two" in alt and overlaps(figure) == []


def test_what_is_known_names_the_test_faces_of_every_row():
    rows = [(70 + n / 2, 69 + n / 2, 71 + n / 2) for n in range(len(PAPER_ROWS))]
    ours = {
        "our run of Table I, one view": measured_row([made_up_run(right=70)]).private
    }
    figure, alt = figures.what_is_known(rows, ours)
    words = {"PublicTest", "probably PrivateTest", "unknown", "70.0", "73.35"}
    assert words | {"our run of Table I,\none view"} <= texts(figure)
    assert "73.28, PublicTest; 73.35, unknown; 70.0, PrivateTest" in alt
    assert "No count of 3,589 faces gives 73.35 percent" in alt
    assert overlaps(figure) == []


def test_one_model_is_shown_as_diamonds_with_intervals():
    recall = np.arange(10, 80, 10)
    # What is not right is taken for the next emotion.
    one, other = (
        np.diag(right) + np.roll(np.diag(100 - right), 1, axis=1)
        for right in (recall, np.full(7, 50))
    )
    figure, alt = figures.emotion_dots({"one": one, "other": other}, "one")
    assert set(EMOTIONS) <= texts(figure)
    assert "most for neutral, 70 percent, fewest for angry, 10 percent" in alt
    *intervals, own = figure.axes[0].collections
    assert own.get_offsets()[:, 0].tolist() == recall.tolist()
    (low, _), (high, _) = intervals[0].get_segments()[0]
    assert (low, high) == pytest.approx(wilson_interval(10, 100))
