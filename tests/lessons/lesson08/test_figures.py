"""The figures of lesson 08."""

import numpy as np
from drawn import overlaps, texts

from fercourse.lessons.lesson08.checks import rate
from fercourse.lessons.lesson08.figures import (
    against_goals,
    device_times,
    full_size_curves,
    head_accuracies,
    logit_steps,
    loss_curves,
    luck_of_tries,
    network_accuracies,
    rate_curve,
    resumed_losses,
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


def test_devices_have_their_time_in_words():
    times = {"T4": 150, "H200": 9.9, "CPU": 31_000}
    figure, alt = device_times(times, "an epoch", 3.0, "H200")
    words = {
        "an epoch; costs at 3 an hour",
        "T4",
        "2.5 minutes, costs 0.12",
        "9.9 s, costs 0.01",
    }
    assert words | {"8.6 hours"} <= texts(figure)
    blue = [line.get_ydata()[0] for line in figure.axes[0].lines if is_blue(line)]
    assert blue == [1]
    assert alt.endswith("9.9 s, costs 0.01; CPU 8.6 hours; only H200 was measured")


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


def test_the_accuracies_of_the_heads_are_named_by_their_rates():
    figure, alt = head_accuracies(stored_probes("head")["rows"], 256)
    assert {"rate 1e-5", "rate 5e-5", "rate 1e-4"} <= texts(figure)
    assert "Right of 256 faces" in alt
    assert "features times 0.05 and rate 1e-4 43.8 %" in alt
    assert overlaps(figure) == []


def test_a_logit_is_named_by_its_scale():
    logits = {"times 1": [0, 0.2], "times 20": [2, -3], "times 400": [60, 90]}
    figure, alt = logit_steps(logits)
    assert set(logits) <= texts(figure)
    assert "over 1 steps: times 1 between 0.0 and 0.2" in alt
    assert overlaps(figure) == []


def test_the_whole_networks_accuracies_have_their_intervals():
    rows = {"first": 22.7, "scaled": 40.4, "again": 33.1, "with SGD": 42.2}
    figure, alt = network_accuracies(rows, faces=1000, first=3)
    assert {*rows, "40.4", "33.1", "42.2"} <= texts(figure)
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [is_blue(dot) for dot in dots] == [True, True, True, False]
    assert alt.endswith("first 22.7 %; scaled 40.4 %; again 33.1 %; with SGD 42.2 %.")
    assert overlaps(figure) == []


def test_the_thresholds_are_on_one_line_with_our_run_and_the_goal():
    figure, alt = threshold_line(67.68)
    words = {"70.5", "71.5", "72.3", "our first run: 67.7", "the paper: 73.35"}
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
