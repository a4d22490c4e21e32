"""What is known about each ingredient of the recipe, in lesson 08."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from fercourse.results.probes import stored_probes
from fercourse.results.runs import Run
from fercourse.results.statistics import mcnemar


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
    table = [["student", "PublicTest (%)", "gain over the row above", "p"]]
    gained = gains(students)
    for name, run in [*students.items(), ("the teacher", teacher)]:
        accuracy = f"{100 * run.single['public'].correct.mean():.1f}"
        gain, p_value = gained.get(name, (None, None))
        words = ["–", "–"] if gain is None else [f"+{gain:.1f}", f"{p_value:.2g}"]
        table.append([name, accuracy, *words])
    return table


def evidence_table(students: Mapping[str, Run]) -> list[list[str]]:
    """For each ingredient what is known, and whether it meets three demands."""
    short = [row["right"] for row in short_trainings()]
    first, scaled, _, again = (f"{right:.0f}" for right in short)
    warm, cold = f"{_varied('warm-up of half a pass'):.0f}", again
    half, most, longer = (f"{gain:.1f}" for gain, _ in gains(students).values())
    return [
        ["ingredient", "what is known", "alone", "several seeds", "at full size"],
        [
            "features × 0.05, half of the rate",
            f"{scaled} and {again} % in the short trainings, {first} % without",
            "no",
            "two",
            "no",
        ],
        [
            "warm-up",
            f"{warm} % in a short training, {cold} % without",
            "yes",
            "no",
            "no",
        ],
        [
            "brightness, smoothing, mixup",
            "LetheSec's public ResNet18, with all three, is 0.7 points above WuJie's",
            "no",
            "not known",
            "no",
        ],
        [
            "distillation",
            f"the pocket students above: {half} points from half, {most} more from "
            "90 %",
            "nearly",
            "no",
            "no",
        ],
        [
            "more epochs",
            f"the last pocket student: {longer} points for three times as many",
            "nearly",
            "no",
            "no",
        ],
    ]
