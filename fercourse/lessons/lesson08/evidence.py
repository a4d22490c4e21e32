"""What is known about each ingredient of the recipe, in lesson 08."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

from fercourse.lessons.lesson08.stepping import rate_in_words
from fercourse.plots.tables import signed
from fercourse.results.probes import stored_probes
from fercourse.results.runs import Run
from fercourse.results.statistics import mcnemar
from fercourse.training.ablation import ablation
from fercourse.training.recipes import Recipe


def short_trainings() -> list[dict[str, float]]:
    """The short trainings by Adam: scale, rate, and right answers in percent.

    The third setting is there twice, the second time from other initial weights.
    """
    rows = stored_probes("network")["rows"]
    chosen = [
        {"scale": row["scale"], "rate": row["rate"], "right": row["after two"]}
        for row in rows
        if row["optimizer"] == "adam"
    ]
    again = _varied("nothing")
    return [*chosen, {"scale": 0.05, "rate": 5e-5, "right": again}]


def _varied(what: str) -> float:
    """Right answers in percent of the variation with this name."""
    rows = stored_probes("variations")["rows"]
    return next(row["after two"] for row in rows if row["varied"] == what)


def gains(runs: Mapping[str, Run]) -> dict[str, tuple[float, float]]:
    """By how many points each run beats the one above it on PublicTest, and p."""
    result = {}
    for (_, before), (name, run) in pairwise(runs.items()):
        old, new = (one.single["public"].correct for one in (before, run))
        result[name] = 100 * (new.mean() - old.mean()), mcnemar(new, old).p_value
    return result


def students_table(students: Mapping[str, Run], teacher: Run) -> list[list[str]]:
    """Accuracies on PublicTest, and each student's gain over the one above it."""
    table = [["student", "right (%)", "gain", "p"]]
    gained = gains(students)
    for name, run in [*students.items(), ("the teacher", teacher)]:
        accuracy = f"{100 * run.single['public'].correct.mean():.1f}"
        gain, p_value = gained.get(name, (None, None))
        words = ["–", "–"] if gain is None else [signed(gain, 1), f"{p_value:.2g}"]
        table.append([name, accuracy, *words])
    return table


def evidence_table(students: Mapping[str, Run]) -> list[list[str]]:
    """For each ingredient what is known, whether alone, and how many seeds."""
    short = [row["right"] for row in short_trainings()]
    first, scaled, _, again = (f"{right:.1f}" for right in short)
    warm = f"{_varied('warm-up of half a pass'):.1f}"
    clipped = f"{_varied('clipped to norm 1'):.1f}"
    half, most, longer, *_ = (f"{gain:.1f}" for gain, _ in gains(students).values())
    return [
        ["ingredient", "what is known", "alone", "seeds"],
        [
            "features × 0.05, half of the rate",
            f"{scaled} and {again}\xa0% in the short trainings (two seeds), "
            f"{first}\xa0% without",
            "no",
            "two",
        ],
        [
            "warm-up",
            f"{warm}\xa0% in a short training; the {again}\xa0% above is without",
            "yes",
            "one",
        ],
        [
            "clipped gradients",
            f"{clipped}\xa0% in a short training; the same is without",
            "yes",
            "one",
        ],
        [
            "brightness, smoothing, mixup",
            "LetheSec's public ResNet18, with all three, is 0.7 points above WuJie's",
            "no",
            "not known",
        ],
        [
            "distillation",
            f"the pocket students above: {half} points from half, {most} more from "
            "90\xa0%",
            "nearly",
            "one",
        ],
        [
            "more epochs",
            f"the third pocket student: {longer} points for three times as many",
            "nearly",
            "one",
        ],
    ]


def recipe_table(first_run: Run) -> list[list[str]]:
    """Where the settings of the first run and of the recipe `full` differ."""
    network, full = ablation("averaging")
    both = Recipe.from_dict(first_run.recipe), full
    networks = first_run.configuration, network
    scales = [f"{one.get('feature_scale', 1):g}" for one in networks]
    table = [["setting", "first run", "full"], ["features times", *scales]]
    for setting, words in _SETTINGS.items():
        table.append([setting, *map(words, both)])
    return table


_SETTINGS: dict[str, Callable[[Recipe], str]] = {
    "highest rate": lambda one: rate_in_words(one.learning_rate),
    "weight decay": lambda one: f"{one.weight_decay:g}",
    "epochs": lambda one: str(one.epochs),
    "mixup until epoch": lambda one: str(one.epochs - one.mixup_off_epochs),
    "light varied by": lambda one: f"{100 * one.brightness:.0f}\xa0%",
    "turned by up to": lambda one: f"{one.rotation:.0f}°",
    "rectangles erased with": lambda one: one.erasing_fill,
    "all-black pictures": lambda one: "left out" if one.drop_blank else "kept",
}
"""Where the two recipes differ, in words."""
