"""Figures of lesson 08: what runs and probes recorded, rates, the luck of tries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson08.progress import GOALS
from fercourse.lessons.lesson08.stepping import rate_in_words, reach_of
from fercourse.plots.figures import (
    BLUE,
    GREEN,
    GREY,
    HIGHLIGHT,
    INK,
    ORANGE,
    PALE,
    Options,
    Shown,
    accuracy_intervals,
    enlarge_text,
    named_lines,
    new_figure,
    note,
)
from fercourse.results.runs import Run
from fercourse.results.statistics import wilson_interval
from fercourse.training.ablation import THRESHOLDS
from fercourse.training.recipes import Recipe

Intervals = Mapping[str, tuple[float, float, float]]
"""For each name an accuracy and the ends of its interval, in percent."""


def full_size_curves(runs: Mapping[str, Run]) -> Shown:
    """Accuracy over the epochs on PublicTest (solid) and Training (dashed).

    Training's accuracy is that of the faces as they were varied, with dropout on. A
    mark on it names the end of a run's mixup, if it has any. Grey lines: the paper, and
    the answer "happy" for every face.
    """
    figure, axis = new_figure(width=5.0, height=3.4)
    goal, alt = GOALS["the paper"], []
    happy = always_happy(next(iter(runs.values())))
    colours = dict(zip(runs, (BLUE, ORANGE), strict=True))
    for name, run in runs.items():
        epochs, colour = run.history["epochs"], colours[name]
        public, training = epochs["public"], epochs["accuracy"]
        count = np.arange(1, len(public) + 1)
        axis.plot(count, public, color=colour, linewidth=2.5)
        axis.plot(count, training, "--", color=colour, linewidth=1.3)
        if run.recipe["mixup_off_epochs"]:
            last = len(count) - run.recipe["mixup_off_epochs"]
            end = (last, training[last - 1])
            arrow: Options = {"arrowstyle": "->", "color": colour}
            below: Options = {"xytext": (last, 61), "arrowprops": arrow}
            note(axis, "mixup ends", end, colour, "center", "top", **below)
        alt.append(
            f"{name}: PublicTest rises from {public[0]:.0f} to {public[-1]:.0f} %, "
            f"Training from {training[0]:.0f} to {training[-1]:.0f} %"
        )
        note(axis, f"  {name}", (count[-1], public[-1]), colour)
    for height in (goal, happy):
        axis.axhline(height, color=GREY, linewidth=1)
    words = f"the paper: {goal} % (faces not stated)"
    note(axis, words, (0.5, goal + 0.8), GREY, level="bottom")
    note(axis, f"always happy: {happy:.0f} %", (7, happy - 0.8), GREY, level="top")
    axis.plot([], [], color=INK, linewidth=2.5, label="PublicTest")
    axis.plot([], [], "--", color=INK, linewidth=1.3, label="Training")
    axis.legend(loc="lower right", bbox_to_anchor=(1, 0.25), frameon=False)
    longest = max(len(run.history["epochs"]["public"]) for run in runs.values())
    axis.set(xlabel="epoch", ylabel="accuracy (%)", ylim=(15, 82))
    axis.set_xlim(0, 1.38 * longest)  # room for the names
    axis.set_xticks(range(0, longest + 1, 5))
    lines = f"Lines: the paper at {goal} %, always happy at {happy:.0f} %"
    alt.append(lines)
    return enlarge_text(figure, 10), f"Accuracy over the epochs. {'; '.join(alt)}."


def always_happy(run: Run) -> float:
    """Percent of PublicTest that the answer "happy" for every face gets right."""
    truth = run.single["public"].confusion.sum(axis=1)  # faces of each emotion
    return float(100 * truth[EMOTIONS.index("happy")] / truth.sum())


def device_times(
    seconds: Mapping[str, float], training: str, price: float, measured: str = ""
) -> Shown:
    """The time that each device takes, and the price at which it is as cheap.

    As cheap as the last GPU at `price` an hour. `training` is what is timed, in words;
    the dot of the device that was measured (if any) is blue.
    """
    figure, axis = new_figure(width=5.4, height=1.0 + 0.3 * len(seconds))
    dearest = [name for name in seconds if "CPU" not in name][-1]
    words = {
        name: (_duration(value), _two_digits(price * seconds[dearest] / value))
        for name, value in seconds.items()
    }
    columns = (1e7, 1e11)  # two columns of words, to the right of the dots
    for place, (name, value) in enumerate(seconds.items()):
        colour = BLUE if name == measured else GREY
        axis.plot(value, place, "o", color=colour, markersize=8)
        for across, text in zip(columns, words[name], strict=True):
            note(axis, text, (across, place), colour)
    for across, text in zip(columns, ("time", "price of\nan hour"), strict=True):
        note(axis, text, (across, -1), INK)
    axis.set(xscale="log", xlim=(0.5, 1e14))
    axis.set_xlabel(training, loc="left")
    axis.spines["bottom"].set_bounds(0.5, 2e6)
    axis.spines["left"].set_bounds(-0.5, len(seconds) - 0.5)
    axis.vlines([1, 60, 3600, 86_400], -0.5, len(seconds), color=PALE, lw=0.6, zorder=0)
    ticks = {1: "1 s", 60: "1 min", 3600: "1 h", 86_400: "1 day"}
    axis.set_xticks(list(ticks), list(ticks.values()))
    axis.minorticks_off()
    axis.set_yticks(range(len(seconds)), list(seconds))
    axis.set_ylim(len(seconds) - 0.5, -1.5)
    rows = "; ".join(f"{name} {' at '.join(pair)}" for name, pair in words.items())
    alt = f"{training}, and the price of an hour at which each costs the same: {rows}"
    alt += f"; only {measured} was measured" if measured else ""
    return enlarge_text(figure, 10), alt


def _two_digits(number: float) -> str:
    """Two significant digits: "0.025", "9.9", "100"."""
    return np.format_float_positional(number, 2, fractional=False, trim="-")


def _duration(seconds: float) -> str:
    """Such as "10 s" or "8.6 hours"."""
    if seconds < 100:
        return f"{_two_digits(seconds)} s"
    if seconds < 3600:
        return f"{seconds / 60:.1f} minutes"
    if seconds < 86_400:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 86_400:.1f} days"


def loss_curves(losses: Mapping[str, Sequence[float]]) -> Shown:
    """The loss of every step of a training, for each of three names; logarithmic.

    The band begins at the loss of a network that answers 1/7 for every emotion.
    """
    figure, axis = new_figure(width=4.6, height=3.0)
    nothing = np.log(len(EMOTIONS))
    axis.axhspan(nothing, 200, color=HIGHLIGHT, zorder=0)
    steps = max(map(len, losses.values()))
    words = f"worse than knowing nothing: {nothing:.2f}"
    note(axis, words, (steps, nothing * 1.08), GREY, "right", "bottom")
    lines = zip(losses.items(), (GREEN, BLUE, ORANGE), strict=True)
    for (name, values), colour in lines:
        axis.plot(np.arange(1, len(values) + 1), values, color=colour, linewidth=2)
        below = values[0] < 1.5 * nothing  # under the dashed line, out of its way
        where: Options = {"xytext": (-4, -30) if below else (10, 6)}
        note(axis, name, (2, values[1]), colour, textcoords="offset points", **where)
    axis.set(yscale="log", xlabel="training step", ylabel="loss")
    axis.set_ylim(0.6, 1.5 * max(max(values) for values in losses.values()))
    axis.set_yticks([1, 2, 5, 10, 20, 50, 100])
    axis.yaxis.set_major_formatter("{x:g}")
    axis.minorticks_off()
    ends = [
        f"{name} from {values[0]:.0f} to {np.mean(values[-8:]):.0f}"
        for name, values in losses.items()
    ]
    return figure, f"The loss of a new head over {steps} steps: {', '.join(ends)}."


def reach_valley(
    rows: Sequence[Mapping[str, float]], marks: Mapping[str, Mapping[str, float]]
) -> Shown:
    """The last loss of each probe of the head over its reach; both logarithmic.

    `marks` are some of the rows by their names.
    """
    figure, axis = new_figure(width=5.0, height=3.2)
    scales = sorted({row["scale"] for row in rows}, reverse=True)
    looks = zip(scales, (ORANGE, BLUE, GREEN, INK), "so^D", strict=True)
    for scale, colour, form in looks:
        chosen = [row for row in rows if row["scale"] == scale]
        points = [(reach_of(row), row["last loss"]) for row in chosen]
        axis.plot(*np.transpose(points), form, color=colour, label=f"{scale:g}")
    for name, row in marks.items():
        end = reach_of(row), row["last loss"]
        arrow: Options = {"arrowstyle": "->", "color": GREY}
        above: Options = {"textcoords": "offset points", "arrowprops": arrow}
        place = (0, 34) if end[1] > 1 else (-34, 16)
        note(axis, name, end, INK, "center", xytext=place, **above)
    axis.legend(title="features times", loc="lower left", frameon=False)
    axis.set(xscale="log", yscale="log", ylim=(0.05, 4))
    axis.set(xlabel="reach of a step", ylabel="last loss")
    axis.set_xticks([0.001, 0.01, 0.1, 1, 10], ["0.001", "0.01", "0.1", "1", "10"])
    axis.set_yticks([0.1, 0.2, 0.5, 1, 2], ["0.1", "0.2", "0.5", "1", "2"])
    axis.minorticks_off()
    lowest = min(rows, key=lambda row: row["last loss"])
    alt = f"Last losses of {len(rows)} heads over their reach: a valley, lowest "
    alt += f"({lowest['last loss']:g}) at {reach_of(lowest):.2g}"
    for name, row in marks.items():
        alt += f"; {name}: {row['last loss']:g} at {reach_of(row):.2g}"
    return enlarge_text(figure, 10), alt


def scale_or_rate(
    rows: Sequence[Mapping[str, float]], faces: int, happy: float
) -> Shown:
    """Accuracies of short trainings by rate and scale, and what nobody measured.

    Each is in percent of `faces`, and has its interval. A question mark is at one of
    the two higher rates where a scale has no training. A line shows what the answer
    "happy" for every face gets, `happy` percent.
    """
    figure, axis = new_figure(width=5.0, height=3.2)
    scales, rates = (sorted({row[key] for row in rows}) for key in ("scale", "rate"))
    axis.axhline(happy, color=GREY, linewidth=1, zorder=0)
    line = f"always happy: {happy:.0f} %"
    note(axis, line, (-0.45, happy - 0.5), GREY, level="top")
    alt = []
    looks = zip(scales[::-1], (ORANGE, BLUE), (-0.12, 0.12), strict=True)
    for scale, colour, shift in looks:
        axis.plot([], [], "o", color=colour, label=f"features times {scale:g}")
        for place, rate in enumerate(rates):
            rights = [
                row["right"]
                for row in rows
                if (row["scale"], row["rate"]) == (scale, rate)
            ]
            for number, right in enumerate(rights):
                across = place + shift + 0.14 * number
                ends = wilson_interval(round(right * faces / 100), faces)
                axis.vlines(across, *ends, color=colour, linewidth=2)
                axis.plot(across, right, "o", color=colour, markeredgecolor="white")
                note(axis, f"{right:.1f}", (across, ends[1] + 0.5), colour, "center",
                     "bottom")  # fmt: skip
            words = " and ".join(f"{right:.1f} %" for right in rights)
            if not rights and place:
                note(axis, "?", (place + shift, 31), colour, "center", weight="bold")
                words = "not measured"
            if words:
                alt.append(f"features times {scale:g}, {rate_in_words(rate)}: {words}")
    axis.set_xticks(range(len(rates)), [rate_in_words(rate) for rate in rates])
    axis.set(xlim=(-0.5, len(rates) - 0.5), ylim=(17, 53))
    axis.set(xlabel="learning rate", ylabel="right answers (%)")
    tight: Options = {"columnspacing": 1, "handletextpad": 0.2, "frameon": False}
    axis.legend(loc="upper center", ncols=2, **tight)
    enlarge_text(figure, 10)
    for text in axis.texts:
        if text.get_text() == "?":
            text.set_fontsize(22)
    return figure, f"Right of {faces} faces: {'; '.join(alt)}. Line: {line}."


def rate_curve(recipe: Recipe, steps: int, rule: Callable[..., float]) -> Shown:
    """The learning rate over the epochs; grey: the last ones, without mixup.

    `steps` are those of an epoch; `rule` gives the rate of a step, as `checks.rate`.
    """
    plan = recipe.learning_rate, recipe.warmup_epochs * steps, recipe.epochs * steps
    rates = np.array([rule(step, *plan) for step in range(plan[-1])])
    figure, axis = new_figure(width=4.6, height=2.9)
    axis.plot(np.arange(len(rates)) / steps, rates, color=INK)
    if recipe.mixup_off_epochs:
        start = recipe.epochs - recipe.mixup_off_epochs
        axis.axvspan(start, recipe.epochs, color="0.92", zorder=0)
        place = ((start + recipe.epochs) / 2, 0.97)
        top: Options = {"level": "top", "xycoords": ("data", "axes fraction")}
        note(axis, "no\nmixup", place, across="center", **top)
    axis.yaxis.set_major_formatter(lambda rate, _: rate_in_words(rate) if rate else "0")
    axis.set(xlabel="epoch", ylabel="learning rate")
    alt = f"Learning rate over {recipe.epochs} epochs: a warm-up of "
    alt += f"{recipe.warmup_epochs} to {rate_in_words(rates.max())}, then down to 0."
    return figure, alt


def luck_of_tries(gains: Mapping[str, Sequence[float]]) -> Shown:
    """How much better the best of several tries seems, for several ways to look.

    `gains` holds, for each name, the mean gain in points with 1, 2, … tries.
    """
    figure, axis = new_figure(width=4.6, height=2.8)
    axis.set(xlabel="networks trained, the best one picked", ylabel="gain (points)")
    named_lines(axis, gains)
    ends = [f"{values[-1]:.1f} points {name}" for name, values in gains.items()]
    tries = max(map(len, gains.values()))
    return figure, f"Mean gain of the best of {tries}: {', '.join(ends)}."


def against_goals(measured: Intervals, needed: Intervals) -> Shown:
    """Accuracies with the ends of their intervals, and a line for each goal.

    Those of imagined networks, `needed`, have hollow dots.
    """
    rows = {**measured, **needed}
    figure = accuracy_intervals(rows, "{:.2f}")
    (axis,) = figure.axes
    places = range(len(measured), len(rows))
    hollow: Options = {"markerfacecolor": "white", "markeredgecolor": INK}
    axis.plot([value for value, *_ in needed.values()], places, "o", **hollow)
    axis.set_ylim(top=-1.3)
    sides = (("right", -4), ("left", 4))
    for (name, goal), (across, shift) in zip(GOALS.items(), sides, strict=True):
        axis.axvline(goal, color=ORANGE, linestyle=":", zorder=0)
        off: Options = {"xytext": (shift, 0), "textcoords": "offset points"}
        note(axis, f"{name}: {goal}", (goal, -1.1), ORANGE, across, **off)
    words = [
        f"{name} {value:.2f} % ({low:.1f} to {high:.1f})"
        for name, (value, low, high) in rows.items()
    ]
    goals = " and ".join(f"{name} at {goal} %" for name, goal in GOALS.items())
    return figure, f"Accuracies with intervals: {'; '.join(words)}. Lines: {goals}."


def threshold_line(ours: float) -> Shown:
    """A line of accuracies: the thresholds, our first run, WuJie's VGG19 and the goal.

    `ours` is in percent of PublicTest, from one view.
    """
    figure, axis = new_figure(width=6.0, height=2.3)
    goal = GOALS["the paper"]
    low, high = 66.9, 74.5
    thresholds = [one.lowest for one in THRESHOLDS[1:]]
    advice = (
        "look for a fault",
        "change\none\nthing",
        "keep\ngoing",
        "freeze, look\nat PrivateTest",
    )
    zones = pairwise([low, *thresholds, high])
    for number, (words, (start, end)) in enumerate(zip(advice, zones, strict=True)):
        if number % 2:
            axis.axvspan(start, end, 0.35, 0.83, color=HIGHLIGHT, linewidth=0)
        note(axis, words, ((start + end) / 2, 1.42), across="center")
    for lowest in thresholds:
        axis.plot([lowest] * 2, [0.84, 2], color=ORANGE, linewidth=2)
        note(axis, f"{lowest}", (lowest, 2.05), ORANGE, "center", "bottom")
    marks = {
        f"our first run,\none view: {ours:.1f}": ours,
        "WuJie's VGG19,\nten crops: 71.5": 71.5,
    }
    marks[f"the paper:\n{goal}"] = goal
    for name, accuracy in marks.items():
        look: Options = {"color": BLUE, "markersize": 8, "clip_on": False}
        axis.plot(accuracy, 0.08, "v", **look)
        note(axis, name, (accuracy, 0.3), BLUE, "center", "bottom")
    axis.set(xlim=(low, high), ylim=(0, 2.4), yticks=[], xticks=range(67, 75))
    axis.set_xlabel("PublicTest (%); the paper does not say which faces")
    axis.spines["left"].set_visible(False)
    listed = ", ".join(f"{lowest} %" for lowest in thresholds)
    alt = f"Thresholds at {listed}; marks: {'; '.join(marks)}.".replace("\n", " ")
    return enlarge_text(figure, 10), alt


def two_networks(one: np.ndarray, other: np.ndarray) -> Shown:
    """Whether each of two networks is right about each face; highlighted: just one is.

    Both are bool, shape (N,), for a few faces.
    """
    figure, axis = new_figure(width=4.8, height=1.3)
    names = ("network 1", "network 2")
    look: Options = {"ha": "center", "va": "center", "fontsize": 11}
    for place, right in enumerate((one, other)):
        for face, hit in enumerate(right):
            sign, colour = ("✓", GREEN) if hit else ("\N{MULTIPLICATION SIGN}", ORANGE)
            axis.text(face, place, sign, color=colour, **look)
    differ = np.flatnonzero(one != other)
    for place in differ.tolist():
        axis.axvspan(place - 0.5, place + 0.5, color=HIGHLIGHT, zorder=0)
    axis.set(xlim=(-0.6, len(one) - 0.4), ylim=(1.6, -0.6), xticks=[])
    axis.set_yticks([0, 1], names)
    axis.set_xlabel(f"{len(one)} faces")
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    alt = f"Two networks on {len(one)} faces: {int(one.sum())} and {int(other.sum())} "
    return figure, alt + f"right; just one of them is right about {len(differ)}."


def resumed_losses(
    undisturbed: Sequence[float], resumed: Sequence[float], stop: float
) -> Shown:
    """The loss of each epoch: one run as a line, the one that was resumed as dots."""
    figure, axis = new_figure(width=4.4, height=2.4)
    epochs = np.arange(1, len(undisturbed) + 1)
    axis.plot(epochs, undisturbed, color=BLUE, linewidth=2, label="undisturbed")
    axis.plot(epochs, resumed, "o", color=ORANGE, label="stopped and resumed")
    axis.axvline(stop, color=GREY, linestyle=":")
    top: Options = {"xycoords": ("data", "axes fraction")}
    note(axis, " stopped here", (stop, 0.95), GREY, level="top", **top)
    axis.set(xlabel="epoch", ylabel="loss", xticks=epochs)
    axis.legend(frameon=False)
    gap = np.abs(np.subtract(undisturbed, resumed)).max()
    alt = f"The loss of {len(epochs)} epochs, undisturbed and resumed: they differ by "
    return figure, alt + f"{gap:.2f} at most."
