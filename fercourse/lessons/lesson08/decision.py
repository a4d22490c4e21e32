"""The last decision of lesson 08: which runs to make in a quarter of an hour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fercourse.lessons.lesson08.budget import seconds_elsewhere
from fercourse.lessons.lesson08.progress import runs_of
from fercourse.plots.figures import (
    BLUE,
    GREY,
    ORANGE,
    TALL_ROW,
    Options,
    Shown,
    enlarge_text,
    names_above,
    new_figure,
    note,
)
from fercourse.plots.widgets import FigurePanel, choice_list
from fercourse.results.runs import Run, evaluate
from fercourse.training.ablation import ablation

MINUTES = 15
"""For which the GPU is there."""


@dataclass(frozen=True)
class Plan:
    """Runs that somebody might make, as steps of the ablation."""

    steps: tuple[str, ...]
    size: int
    seeds: tuple[int, ...]
    shows: str
    leaves: str


PLANS: dict[str, Plan] = {
    "the whole recipe, once": Plan(
        ("averaging",),
        224,
        (0,),
        "whether it beats the first run,\nand which threshold it passes",
        "which of its changes helped,\nand whether it was luck",
    ),
    "the whole recipe, two seeds": Plan(
        ("averaging",),
        224,
        (0, 1),
        "the same, and how far other\ninitial weights move it",
        "which of its changes helped;\nand no time is left to start and test",
    ),
    "large and small steps, 112 pixels": Plan(
        ("paper", "scale"),
        112,
        (0, 1),
        "whether the scale and half of the rate,\ntogether, help on two seeds",
        "which of the two it was,\nand what happens at 224 pixels",
    ),
}
"""What fits into a quarter of an hour, or nearly."""


class NextRunPanel(FigurePanel):
    """Choose what to run; see how long it takes, what it shows, and what it does not.

    Example: `panel = lesson08.NextRunPanel(run, on_cpu)`.

    Attributes:
        plan: the name of the chosen plan in `PLANS`.
    """

    def __init__(self, run: Run, on_cpu: Run) -> None:
        self._minutes = {
            name: plan_minutes(plan, run, on_cpu) for name, plan in PLANS.items()
        }
        self.plan = choice_list("run", [*PLANS], next(iter(PLANS)))
        super().__init__(self.plan)

    def draw(self) -> Shown:
        """The figure for the chosen plan, and its alternative text."""
        name = self.plan.value
        figure, axis = new_figure(width=5.0, height=2.9 + TALL_ROW)
        for place, (other, minutes) in enumerate(self._minutes.items()):
            colour = BLUE if other == name else GREY
            axis.barh(place, minutes, 0.3, color=colour)
            note(axis, f"{minutes:.1f} ", (minutes, place), "white", "right")
        names_above(axis, list(PLANS))
        axis.axvline(MINUTES, color=ORANGE, linestyle="--")
        axis.set(xlabel=f"minutes of training on an H200; dashed: {MINUTES}")
        axis.set(xlim=(0, 16), xticks=range(0, MINUTES + 1, 5))
        plan = PLANS[name]
        words = f"It shows {plan.shows}.\nIt leaves open {plan.leaves}."
        left: Options = {"ha": "left", "color": BLUE}
        figure.suptitle(words, x=0.02, **left)
        enlarge_text(figure, 10)
        minutes = self._minutes[name]
        alt = f"{name}: {minutes:.1f} of {MINUTES} minutes. {words}"
        return figure, alt.replace("\n", " ")


def plan_minutes(plan: Plan, run: Run, on_cpu: Run) -> float:
    """Minutes of training on the device of `run`, with as much to spare a run as it."""
    epochs = run.history["epochs"]["seconds"]
    usual = seconds_elsewhere(run, on_cpu)["H200"]
    other = run.history["seconds"] - usual * len(epochs)  # compiling, checkpoints
    an_epoch = seconds_elsewhere(run, on_cpu, plan.size)["H200"]
    seconds = 0.0
    for step in plan.steps:
        _, recipe = ablation(step, size=plan.size)
        seconds += len(plan.seeds) * (recipe.epochs * an_epoch + other)
    return seconds / 60


def next_runs_table(runs: Iterable[Run]) -> list[list[str]]:
    """Each run of the plans: its command, and PublicTest once it has been made."""
    stored = list(runs)
    table = [["command: python -m fercourse train", "PublicTest (%)"]]
    for plan in PLANS.values():
        for step in plan.steps:
            for seed in plan.seeds:
                options = f"--ablation {step} --seed {seed}"
                options += "" if plan.size == 224 else f" --size {plan.size}"
                made = runs_of(*ablation(step, size=plan.size, seed=seed), stored)
                answer = "not made yet"
                if made:
                    answer = f"{evaluate(made[0].single['public']).accuracy:.2f}"
                if [options, answer] not in table:
                    table.append([options, answer])
    return table
