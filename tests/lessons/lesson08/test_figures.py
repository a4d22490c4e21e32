"""The figures of lesson 08."""

import numpy as np
from drawn import overlaps, texts

from fercourse.lessons.lesson08.checks import rate
from fercourse.lessons.lesson08.figures import (
    against_goals,
    device_times,
    full_size_curves,
    loss_curves,
    luck_of_tries,
    rate_curve,
    reach_valley,
    resumed_losses,
    scale_or_rate,
    threshold_line,
    two_networks,
)
from fercourse.plots.figures import BLUE
from fercourse.results.probes import stored_probes
from fercourse.results.runs import runs
from fercourse.results.table3.rows import full_size_runs
from fercourse.training.recipes import RECIPES, Recipe


def test_the_rate_rises_to_its_peak_and_the_end_without_mixup_is_named():
    figure, alt = rate_curve(RECIPES["full"], 20, rate)
    (line,) = figure.axes[0].lines
    epochs, rates = line.get_data()
    assert (epochs[rates.argmax()], rates.max()) == (2, 5e-5)
    assert "a warm-up of 2 to 5e-5" in alt
    assert {"no\nmixup", "0", "5e-5"} <= texts(figure)
    assert overlaps(figure) == []
    assert "no\nmixup" not in texts(
        rate_curve(Recipe(name="one", epochs=4), 5, rate)[0]
    )


def test_devices_have_their_time_and_the_price_at_which_they_are_as_cheap():
    times = {"T4": 150, "H200": 9.9, "CPU": 31_000}
    figure, alt = device_times(times, "an epoch", 3.0, "H200")
    words = {"an epoch", "T4", "2.5 minutes", "0.2", "9.9 s", "3", "8.6 hours"}
    assert words <= texts(figure)
    blue = [line.get_ydata()[0] for line in figure.axes[0].lines if is_blue(line)]
    assert blue == [1]
    assert alt.endswith(
        "H200 9.9 s at 3; CPU 8.6 hours at 0.00096; only H200 was measured"
    )
    assert overlaps(figure) == []
    _, alt = device_times({"A": 99.7, "B": 9.97}, "an epoch", 10.0)
    assert alt.endswith("A 100 s at 1; B 10 s at 10")


def is_blue(line):
    return line.get_color() == BLUE


def test_losses_are_named_next_to_what_a_network_without_knowledge_has():
    losses = {
        "times 1": [1.9, 1.7, 1.2],
        "times 20": [5, 3, 2],
        "times 400": [99, 70, 9],
    }
    figure, alt = loss_curves(losses)
    assert {*losses, "worse than knowing nothing: 1.95"} <= texts(figure)
    assert "over 3 steps: times 1 from 2 to 2" in alt
    assert overlaps(figure) == []


def test_lines_are_named():
    gains = {"on PublicTest": [0.0, 0.5, 0.8], "on PrivateTest": [0.0, 0.0, 0.0]}
    figure, alt = luck_of_tries(gains)
    assert set(gains) <= texts(figure)
    assert "best of 3: 0.8 points on PublicTest, 0.0 points" in alt


def test_full_size_runs_are_drawn_next_to_the_papers_number():
    chosen = dict([*full_size_runs(runs()).items()][:2])
    figure, alt = full_size_curves(chosen)
    words = {
        "PublicTest",
        "Training",
        "the paper: 73.35 % (faces not stated)",
        "mixup ends",
    }
    words |= {"always happy: 25 %"}
    assert words | {*chosen} <= texts(figure)
    assert all(f"{name}: PublicTest rises from" in alt for name in chosen)
    assert alt.endswith("the paper at 73.35 %, always happy at 25 %.")
    assert overlaps(figure) == []


def test_the_valley_has_every_probe_and_names_some():
    rows = stored_probes("head")["rows"]
    figure, alt = reach_valley(rows, {"first run": rows[2]})
    assert sum(len(line.get_xdata()) for line in figure.axes[0].lines) == len(rows)
    assert "first run" in texts(figure)
    assert "a valley, lowest (0.07) at 0.17; first run: 1.35 at 3.5" in alt
    assert overlaps(figure) == []


def test_what_nobody_measured_is_a_question_mark():
    rows = [
        {"scale": 1.0, "rate": 1e-5, "right": 30.0},
        {"scale": 1.0, "rate": 1e-4, "right": 20.0},
        {"scale": 0.1, "rate": 1e-5, "right": 40.0},
        {"scale": 0.1, "rate": 1e-5, "right": 35.0},
    ]
    figure, alt = scale_or_rate(rows, faces=1000, happy=25)
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words.count("?") == 1
    assert {"30.0", "20.0", "40.0", "35.0"} <= set(words)
    assert "features times 0.1, 1e-5: 40.0 % and 35.0 %" in alt
    assert alt.endswith("0.1, 1e-4: not measured. Line: always happy: 25 %.")
    assert overlaps(figure) == []


def test_the_thresholds_are_on_one_line_with_our_run_and_the_goal():
    figure, alt = threshold_line(67.68)
    words = {
        "70.5",
        "71.5",
        "72.3",
        "our first run,\none view: 67.7",
        "the paper:\n73.35",
    }
    assert words <= texts(figure)
    assert overlaps(figure) == []
    assert alt.startswith("Thresholds at 70.5 %, 71.5 %, 72.3 %; marks: our first run")


def test_faces_that_tell_two_networks_apart_are_highlighted():
    one, other = np.array([True, True, False, False]), np.array([True, False] * 2)
    figure, alt = two_networks(one, other)
    assert alt == (
        "Two networks on 4 faces: 2 and 2 right; just one of them is right about 2."
    )
    assert len(figure.axes[0].patches) == 2


def test_a_resumed_run_is_dots_on_the_line_of_the_undisturbed_one():
    _, alt = resumed_losses([1.9, 1.7], [1.9, 1.7], stop=1.5)
    assert alt.endswith("they differ by 0.00 at most.")
    assert "differ by 0.30" in resumed_losses([1.9, 1.7], [1.9, 1.4], stop=1.5)[1]


def test_each_goal_is_a_line_and_what_is_needed_is_hollow():
    measured, needed = {"ours": (70.5, 69, 72)}, {"enough": (75, 73.4, 76.5)}
    figure, alt = against_goals(measured, needed)
    _, hollow, *lines = figure.axes[0].lines
    assert [line.get_xdata()[0] for line in lines] == [73.35, 74.14]
    assert hollow.get_xydata().tolist() == [[75, 1]]
    assert hollow.get_markerfacecolor() == "white"
    assert {"the paper: 73.35", "ResMaskingNet: 74.14", "75.00"} <= texts(figure)
    assert "ours 70.50 % (69.0 to 72.0); enough" in alt
    assert overlaps(figure) == []
