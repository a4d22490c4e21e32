"""A crowd of 1,000 people and the alarms of a camera: a panel of lesson 07."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure

from fercourse.lessons.lesson07.figures import legend_outside
from fercourse.plots.figures import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    Options,
    Shown,
    name_ends,
    new_figure,
    note,
)
from fercourse.plots.widgets import FigurePanel, choice_list

PEOPLE = 1000
HIT_RATE = 0.35
"""The share of angry people who scowl (Barrett, 2022)."""

ANGRY = (1, 5, 10, 20, 35, 50)
FALSE_ALARMS = (1, 5, 10, 20, 35)
"""Percent of all people, and of those who are not angry."""


def crowd(angry: int, false_alarms: int) -> dict[str, int]:
    """How many of 1,000 people are in each of the four groups."""
    of_all = PEOPLE * angry // 100
    right = round(HIT_RATE * of_all)
    wrong = round(false_alarms / 100 * (PEOPLE - of_all))
    return {
        "angry, alarm": right,
        "not angry, alarm": wrong,
        "angry, no alarm": of_all - right,
        "not angry, no alarm": PEOPLE - of_all - wrong,
    }


def share_right(prevalence: float, hit_rate: float, false_alarms: float) -> float:
    """The share of alarms that are right."""
    right, wrong = prevalence * hit_rate, (1 - prevalence) * false_alarms
    return right / (right + wrong)


def false_alarm_curves(
    rates: Sequence[float], marked: float, share: Callable = share_right
) -> Shown:
    """The share of right alarms by how common anger is, a curve for each rate.

    All in percent. Dots say what the curves are where `marked` percent are angry;
    `share` computes them like `share_right`.
    """

    def right_alarms(angry: float, rate: float) -> float:
        return 100 * float(share(angry / 100, HIT_RATE, rate / 100))

    figure, axis = new_figure(width=4.6, height=3.2)
    angry, ends, read = np.linspace(1, 50, 99), {}, []
    colours = dict(zip(map(_named, rates), (BLUE, GREEN, ORANGE), strict=True))
    axis.axvline(marked, color=PALE, linewidth=1)
    axis.axhline(50, linestyle=":", color=GREY)
    for (name, colour), rate in zip(colours.items(), rates, strict=True):
        right = [right_alarms(one, rate) for one in angry.tolist()]
        here = right_alarms(marked, rate)
        axis.plot(angry, right, color=colour, linewidth=2)
        axis.plot(marked, here, "o", color=colour, markersize=6)
        ends[name] = (angry[-1], right[-1])
        read.append(f"{here:.0f}\N{NO-BREAK SPACE}%")
    axis.set(xlim=(0, 50), ylim=(0, 100), xlabel="people who are angry (%)")
    note(axis, "half", (49, 48), GREY, "right", "top")
    axis.set_ylabel("alarms that are right (%)")
    title = f"if {marked:g}\N{NO-BREAK SPACE}% are angry: {', '.join(read)} are right"
    axis.set_title(title, loc="left")
    name_ends(axis, ends, colours)
    return figure, f"Rising curves for {', '.join(ends)}; {title}."


def _named(percent: float, name: str = "false alarms") -> str:
    return f"{percent:g}\N{NO-BREAK SPACE}% {name}"


class CrowdPanel(FigurePanel):
    """Choose how common anger is and how often others scowl; count the alarms.

    Example: `panel = lesson07.CrowdPanel(); panel.angry.value = 50`.

    Attributes:
        angry: percent of the people who are angry.
        false_alarms: percent of the others who scowl all the same.
    """

    def __init__(self) -> None:
        self.angry = choice_list("angry", _percent(ANGRY), 5)
        self.false_alarms = choice_list("false alarms", _percent(FALSE_ALARMS), 10)
        super().__init__(self.angry, self.false_alarms)

    def draw(self) -> Shown:
        """The figure for the chosen values, and its alternative text."""
        groups = crowd(self.angry.value, self.false_alarms.value)
        right, wrong, *_ = groups.values()
        alt = (
            f"Of {PEOPLE:,} people {self.angry.value} % are angry, and of the others "
            f"{self.false_alarms.value} % scowl: {right + wrong} alarms, {right} right"
        )
        crowd_in_words = (
            f"{_named(self.angry.value, 'angry')}, "
            f"{_named(self.false_alarms.value, 'of the others scowl')}"
        )
        return crowd_dots(groups, crowd_in_words), alt


def _percent(numbers: tuple[int, ...]) -> dict[str, float]:
    return {f"{number}\N{NO-BREAK SPACE}%": number for number in numbers}


def crowd_dots(groups: dict[str, int], title: str) -> Figure:
    """A dot for each person, group by group, filled where there is an alarm."""
    figure, axis = new_figure(width=5.2, height=3.6)
    colours = (BLUE, ORANGE, BLUE, PALE)
    columns = 40
    numbers = np.arange(PEOPLE)
    starts = np.cumsum([0, *groups.values()])
    for (name, count), start, colour in zip(
        groups.items(), starts, colours, strict=False
    ):
        group = numbers[start : start + count]
        x, y = group % columns, group // columns
        fill = "white" if "no alarm" in name else colour
        look: Options = {"color": colour, "markerfacecolor": fill, "markersize": 5}
        axis.plot(x, y, "o", label=f"{name}: {count}", **look)
    right, wrong, *_ = groups.values()
    title = f"{title}: {right} of {right + wrong} alarms are right"
    axis.set_title(title, loc="left", fontsize=9)
    legend_outside(axis, (-0.02, 0), loc="upper left", ncols=2, handletextpad=0)
    axis.invert_yaxis()
    axis.axis("off")
    return figure
