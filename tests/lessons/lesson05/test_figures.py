"""The figures of lesson 05."""

import numpy as np
import pytest
from drawn import overlaps, texts
from made_up import made_up_run
from matplotlib.colors import to_hex

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson05 import figures
from fercourse.lessons.lesson05.figures import Priced, cost_plot, on_front
from fercourse.plots.figures import BLUE
from fercourse.results.comparisons import bootstrap_ranks, compare_pairs
from fercourse.results.statistics import PairedTest
from fercourse.results.table3.rows import measured_row


def answers(*shares, count=400):
    chance = np.random.default_rng(1)
    right = [chance.random(count) < share for share in shares]
    return {f"model {n}": which for n, which in enumerate(right)}


@pytest.mark.parametrize("discordant", [12.0, 2.0])
def test_more_faces_for_smaller_differences_and_fewer_in_pairs(discordant):
    figure = figures.faces_needed_curves(73.3, discordant, {"a gap": 0.07})
    assert {"a gap", "3,589 faces", "both on the same faces"} <= texts(figure)
    assert overlaps(figure) == []
    own, same = (line.get_xydata() for line in figure.axes[0].lines[:2])
    assert (np.diff(own[:, 1]) < 0).all() and (same[:, 1] < own[:, 1]).all()
    # Two networks cannot differ by more than they disagree.
    assert own[-1, 0] == pytest.approx(min(5, discordant))


def test_origins_are_blue_grey_or_white():
    rows = [["method", "faces", "views"], ["a", "PublicTest", "probably several"]]
    figure = figures.origins_chart([*rows, ["b", "not known", "ten crops"]])
    assert {"a", "b", "faces", "views", "PublicTest", "not known"} <= texts(figure)
    bars = [to_hex(bar.get_facecolor()) for bar in figure.axes[0].patches]
    assert bars == [BLUE.lower(), "#d9d9d9", "#ffffff", BLUE.lower()]


def test_the_band_is_the_last_interval():
    figure = figures.intervals_in_band({"a": (70, 68, 72), "b": (73, 71, 75)})
    (band,) = figure.axes[0].patches
    assert (band.get_x(), band.get_width()) == (71, 4)


def test_public_test_is_a_tick_in_the_row():
    rows = {"a": measured_row([made_up_run(right=90)])}
    figure = figures.both_halves(rows)
    *_, ticks = figure.axes[0].lines
    assert ticks.get_xydata().tolist() == [[rows["a"].public.accuracy, 0]]
    assert figures.priced(rows)[0].group == "a"


@pytest.mark.parametrize("only", [(30, 10), (0, 0)])
def test_pair_bars_hold_every_face(only):
    test = PairedTest(*only, 0.002)
    figure = figures.pair_bars("one", "other", test, both_right=50, count=100)
    numbers = {f"one: {only[0]}", f"other: {only[1]}", "both right: 50"}
    assert numbers <= texts(figure)
    every, deciding = ([bar.get_width() for bar in a.patches] for a in figure.axes)
    assert sum(every) == 100 and deciding == list(only)


def test_pair_matrix_is_dark_where_more_than_chance_differs():
    correct = answers(0.3, 0.7, 0.68)
    accuracies = {name: 100 * right.mean() for name, right in correct.items()}
    pairs = compare_pairs(correct)
    figure = figures.pair_matrix(accuracies, [p for p in pairs if p.adjusted < 0.05])
    gap = accuracies["model 1"] - accuracies["model 0"]
    assert {"1  model 2\n2  model 1\n3  model 0", f"{gap:.0f}"} <= texts(figure)
    assert overlaps(figure) == []
    shades = figure.axes[0].collections[0].get_array().compressed()
    assert (shades > 0.5).tolist() == [False, True, True]


def test_ranks_are_shown_from_the_best():
    ranks = bootstrap_ranks(answers(0.4, 0.7, 0.55), resamples=200)
    axis, _ = figures.rank_plot(ranks).axes  # and the colour bar
    names = sorted(axis.texts, key=lambda name: name.xy[1])
    assert [name.get_text() for name in names] == ["model 1", "model 2", "model 0"]
    shares = axis.images[0].get_array()
    np.testing.assert_allclose(shares, ranks.shares[[1, 2, 0]])


@pytest.mark.parametrize("first", [(60, 75), (75, 60)])
def test_two_kinds_are_named_over_the_first_row(first):
    rows = {"one": first, "other": (62, 61)}
    figure = figures.two_kinds(rows, ("unseen", "seen"))
    assert {"one", "other", "unseen", "seen"} <= texts(figure)
    assert overlaps(figure) == []


def priced(group, cost, accuracy):
    return Priced(group, cost, accuracy, accuracy - 1.5, accuracy + 1.5)


def test_on_the_front_is_what_nothing_beats_in_both():
    cheap, best = priced("a", 1e6, 50), priced("b", 1e8, 65)
    points = [cheap, best, priced("c", 1e8, 64), priced("d", 2e8, 65)]
    assert on_front(points) == [True, True, False, False]
    assert on_front([cheap, cheap]) == [True, True]
    assert on_front([]) == []


@pytest.mark.parametrize(
    ("costs", "ticks"),
    [
        ((56_872_000, 56_886_000), {"50", "100"}),
        ((57e6, 64e6, 88e6, 118e6, 163e6), {"50", "100", "200"}),
        ((1e6, 2e10), {"1", "10", "100", "1,000", "10,000"}),
    ],
)
def test_costs_are_on_a_readable_scale_and_groups_named_once(costs, ticks):
    points = [priced("pocket", cost, 60 + n) for n, cost in enumerate(costs)]
    figure = cost_plot([*points, priced("near", costs[0], 60.1)])
    assert overlaps(figure) == []
    assert ticks <= texts(figure)
    notes = [note.get_text() for note in figure.axes[0].texts]
    assert sorted(notes) == ["near", "pocket"]


def test_one_model_has_the_colours_of_the_emotions():
    recalls = {"one": np.arange(10, 80, 10), "other": np.full(7, 50)}
    figure = figures.emotion_dots(recalls, "one")
    assert set(EMOTIONS) <= texts(figure)
    (own,) = figure.axes[0].collections
    assert own.get_offsets()[:, 0].tolist() == recalls["one"].tolist()
