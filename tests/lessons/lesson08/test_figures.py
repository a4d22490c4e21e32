"""The figures of lesson 08."""

import numpy as np
from drawn import overlaps, texts

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson08.figures import (
    first_steps,
    full_size_curves,
    gains_of_probes,
    luck_of_tries,
    rate_curve,
    target_bars,
)
from fercourse.results.probes import stored_probes
from fercourse.results.runs import runs
from fercourse.results.table3.rows import full_size_runs
from fercourse.training.recipes import RECIPES, Recipe


def test_the_rate_rises_to_its_peak_and_the_end_without_mixup_is_named():
    figure = rate_curve(RECIPES["full"], 20)
    (line,) = figure.axes[0].lines
    epochs, rates = line.get_data()
    assert (epochs[rates.argmax()], rates.max()) == (2, 5e-5)
    assert {"no\nmixup", "0", "5e-5"} <= texts(figure)
    assert overlaps(figure) == []
    assert "no\nmixup" not in texts(rate_curve(Recipe(name="one", epochs=4), 5))


def test_targets_are_side_by_side():
    figure = target_bars({"label": np.eye(7)[3], "smoothed": np.full(7, 1 / 7)})
    assert {"label", "smoothed", "1.00", "0.14", *EMOTIONS} <= texts(figure)


def test_lines_are_named():
    gains = {"on PublicTest": [0.0, 0.5, 0.8], "on PrivateTest": [0.0, 0.0, 0.0]}
    assert set(gains) <= texts(luck_of_tries(gains))


def test_full_size_runs_are_drawn_next_to_the_papers_number():
    chosen = full_size_runs(runs())
    figure = full_size_curves(chosen)
    assert {*chosen, "PublicTest", "Training", "the paper: 73.35 %"} <= texts(figure)
    assert overlaps(figure) == []


def test_first_steps_are_named_by_their_rates():
    figure = first_steps(stored_probes("head")["rows"])
    assert {"rate 1e-5", "rate 5e-5", "rate 1e-4"} <= texts(figure)
    assert overlaps(figure) == []


def test_what_the_whole_network_gained_is_named_by_its_setting():
    row = {"scale": 0.05, "rate": 5e-5, "after one pass": 25.1, "after two": 40.4}
    shown = texts(gains_of_probes([row]))
    assert {"features times 0.05,\nrate 5e-5", "40.4"} <= shown
