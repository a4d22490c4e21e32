"""The checks of lesson 08."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from numbers import Real

import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

from fercourse.lessons.exercise import (
    NotDone,
    Wrong,
    a,
    compare,
    exercise,
    judge,
)
from fercourse.lessons.lesson08.budget import TRAINING_FACES, step_operations


@exercise
def check_reach(reach_of: Callable) -> str:
    """Exercise 8.1: how far one step can move a neuron."""
    random = np.random.default_rng(8)
    cases = [
        (random.normal(size=(faces, channels)), scale, rate)
        for faces, channels, scale, rate in (
            (3, 5, 20.0, 1e-3),
            (4, 6, 0.5, 0.2),
            (1, 7, 1.0, 0.1),
        )
    ]
    compare(reach_of, cases, "the mean reach of a step", reach, {
        "signed": (lambda x, s, r: r * s * x.sum(1).mean(),
            "Features of different signs cancel out there. Take them without signs."),
        "mean": (lambda x, s, r: r * s * np.abs(x).mean(),
            "That is the mean over the features. A neuron adds them up."),
        "all faces": (lambda x, s, r: r * s * np.abs(x).sum(),
            "That adds up all faces. Add up the features of each; average the faces."),
        "axis": (lambda x, s, r: r * s * np.abs(x).sum(0).mean(),
            "That adds up the faces and averages the features; it is the other way."),
        "no rate": (lambda x, s, r: s * np.abs(x).sum(1).mean(),
            "The learning rate makes no difference to your answer."),
        "no scale": (lambda x, s, r: r * np.abs(x).sum(1).mean(),
            "The scale makes no difference to your answer."),
        "largest": (lambda x, s, r: r * s * np.abs(x).sum(1).max(),
            "That is the face with the largest reach. Average over the faces."),
        "squares": (lambda x, s, r: [r * s * (x**2).sum(1).mean(),
            r * s * np.sqrt((x**2).sum(1)).mean()],
            "You squared the features. Add up their absolute values."),
    }, about="For features of shape {0.shape}, scale {1:g} and rate {2:g}",
        hint="Multiply the rate, the scale, and the mean over faces of the sum of "
            "absolute features.")  # fmt: skip
    return "Halve the scale or the rate, and the reach is halved either way."


def reach(features: np.ndarray, scale: float, rate: float) -> float:
    """How far one step of Adam can move a neuron, averaged over the faces."""
    return rate * scale * float(np.abs(features).sum()) / len(features)


@exercise
def check_rate_at(rate_at: Callable) -> str:
    """Exercise 8.2: the learning rate with a warm-up and half a cosine."""
    # Peak, steps of warm-up and steps in all, and the steps asked about.
    schedules = {
        (0.01, 100, 1000): (0, 25, 100, 550, 775, 1000),
        (0.5, 7, 57): (0, 1, 7, 32, 44, 57),
        (0.001, 0, 40): (0, 20, 30, 40),
    }
    cases = [(step, *plan) for plan, steps in schedules.items() for step in steps]
    compare(rate_at, cases, "the rate", rate, {
        "warm-up falls": (
            lambda s, p, w, t: p * (1 - s / w) if s < w else rate(s, p, w, t),
            "It falls in the warm-up, where it should rise."),
        "no warm-up": (lambda s, p, w, t: p if s < w else rate(s, p, w, t),
            "It is at its peak already: in the warm-up it should rise from 0."),
        "straight": (_after_warmup(lambda passed: 1 - passed),
            "It falls along a straight line; use half a cosine."),
        "no fall": (_after_warmup(lambda passed: 1),
            "After the warm-up it stays at its peak."),
        "full": (_after_warmup(lambda passed: (1 + math.cos(2 * math.pi * passed)) / 2),
            "That is a whole cosine, which comes back to the peak. Use half of it."),
        "quarter": (_after_warmup(lambda passed: math.cos(math.pi * passed / 2)),
            "That is a quarter of a cosine. Use the half from top to bottom, raised."),
        "negative": (_after_warmup(lambda passed: math.cos(math.pi * passed)),
            "That goes from 1 to −1, and no rate is negative: add 1, and halve."),
        "not halved": (_after_warmup(lambda passed: 1 + math.cos(math.pi * passed)),
            "1 + cosine begins at 2: halve it."),
        "from step 0": (lambda s, p, w, t: rate(s, p, *((w, t) if s < w else (0, t))),
            "Your cosine counts from step 0. It begins at the end of the warm-up."),
        "stretched": (
            lambda s, p, w, t: rate(s, p, w, t) if s < w else rate(s - w, p, 0, t),
            "Your cosine is stretched over all steps, also those of the warm-up."),
        "degrees": (_after_warmup(lambda passed: (1 + math.cos(180 * passed)) / 2),
            "`cos` takes its angle in radians: half a turn is pi."),
    }, {
        "start": (lambda rate, s, p, w, t: s == 0 < w,
            "The first step of the warm-up has the rate 0."),
        "warm-up": (lambda rate, s, p, w, t: s < w,
            "It should rise in a straight line: halfway, to half of the peak."),
        "peak": (lambda rate, s, p, w, t: s == w,
            "There the warm-up ends, and the rate has to be the peak."),
        "end": (lambda rate, s, p, w, t: s == t,
            "There training ends, and the rate has to be 0."),
    }, about="At step {0} of {3}, with a peak of {1:g} and {2} steps of warm-up",
        hint="After the warm-up it should fall as half a cosine, from peak to 0.",
        rtol=1e-3)  # fmt: skip
    return "It stays high, falls fastest in the middle, and ends in small steps."


def _after_warmup(fall: Callable[[float], float]) -> Callable[..., float]:
    """A rule for the rate with the right warm-up and any fall after it."""

    def rule(step: int, peak: float, warmup: int, total: int) -> float:
        if step < warmup:
            return peak * step / warmup
        return peak * fall((step - warmup) / (total - warmup))

    return rule


rate = _after_warmup(lambda passed: (1 + math.cos(math.pi * passed)) / 2)


# Minutes, multiply-adds, operations a second.
_BUDGETS = [
    (130.0, 4_611_423_426, 45e12),
    (400.0, 1_900_000_000, 15e12),
    (700.0, 2_300_000_000, 10e12),
]


@exercise
def check_epochs_that_fit(epochs_that_fit: Callable) -> str:
    """Exercise 8.3: how many whole epochs fit into a number of minutes."""
    compare(epochs_that_fit, _BUDGETS, "the number of whole epochs",
        lambda *budget: math.floor(epochs(*budget)), {
        "not whole": (epochs,
            "Only whole epochs count: one that was not finished is not selected."),
        "rounded up": (lambda *x: [math.ceil(epochs(*x)), round(epochs(*x))],
            "The time ends before that epoch does. Round down."),
        "additions": (_times(lambda *_: 2),
            "A multiply-add is a multiplication *and* an addition: two operations."),
        "backward": (_times(lambda *_: 3),
            "A training step also goes backward, which takes two more passes."),
        "one pass": (_times(lambda *_: 6),
            "A training step takes three passes, and a multiply-add two operations."),
        "minutes": (_times(lambda *_: 1 / 60),
            "The rate is per second; the time is in minutes."),
        "hours": (_times(lambda *_: 60),
            "You count 3,600 seconds for a minute. It has 60."),
        "faces": (_times(lambda *_: TRAINING_FACES),
            "That many *faces* fit. An epoch shows all 28,709 of Training."),
        "rate": (_times(lambda minutes, adds, rate: rate**-2),
            "You divided by the rate; multiply the seconds by it."),
    }, about="For {0:g} minutes",
        hint="Seconds, operations in them, operations of one epoch: divide.",
        rtol=1e-6)  # fmt: skip
    return "Try a quarter of the multiply-adds: faces of half the side cost that much."


def epochs(minutes: float, multiply_adds: float, rate: float) -> float:
    """The epochs that fit into the minutes, with the last one unfinished."""
    operations = 60 * minutes * rate
    return operations / (step_operations(multiply_adds) * TRAINING_FACES)


def _times(factor: Callable) -> Callable:
    """A rule for a multiple of the epochs, rounded in any way but to 0 or 1."""

    def rule(*budget: float) -> list[float]:
        count = factor(*budget) * epochs(*budget)
        return [count, *({math.floor(count), math.ceil(count)} - {0, 1})]

    return rule


@exercise
def check_gain_of_best(gain_of_best: Callable) -> str:
    """Exercise 8.4: how much better the best of several equal networks seems."""
    compare(gain_of_best, [(0.6, 20), (0.5, 1), (1.0, 5), (0.9, 10), (1.0, 2)],
        "the mean gain in points", gain, {
        "no spread": (lambda s, k: gain(1, k),
            "The spread makes no difference; with no spread, there is no luck."),
        "squared": (lambda s, k: gain(s**2, k),
            "The spread counts twice; perhaps you passed its square."),
        "range": (lambda s, k: 2 * gain(s, k),
            "That is the distance from the lowest to the highest, or twice the gain."),
        "sign": (lambda s, k: -gain(s, k),
            "That is the mean of the *lowest*: the best has the highest accuracy."),
        "all": (lambda s, k: 0.0,
            "On average *all* tries gain nothing; what does the highest of them gain?"),
        "median": (lambda s, k: s * norm.ppf(0.5 ** (1 / k)),
            "That is the median of the highest. Return their mean."),
        "mean": (lambda s, k: s / math.sqrt(k),
            "That is by how much a *mean* of the tries varies. Take the best one."),
        "bound": (lambda s, k: s * math.sqrt(2 * math.log(k)),
            "That is an upper bound, far above the mean for few tries."),
        "product": (lambda s, k: s * k, "It does not grow in proportion to the tries."),
    }, {
        "one try": (lambda answer, s, k: k == 1 and answer > 0.1,
            "With one try nothing is picked, so that on average nothing is gained."),
        "few draws": (lambda answer, s, k: abs(answer - gain(s, k)) < 4 * _LUCK,
            "That is near. Average over more draws, at least 10,000."),
        "too much": (lambda answer, s, k: answer > gain(s, k),
            f"That is too much. {_HOW}"),
    }, about="For spread {0:g} and tries {1}", hint=f"That is too little. {_HOW}",
        rtol=0, atol=_LUCK)  # fmt: skip
    return "It grows without end, if ever more slowly, and a new test has none of it."


# What 10,000 draws hardly ever miss; the median of the highest misses it.
_LUCK = 0.03
_HOW = "Draw a number for each try, take the highest, and average over many draws."


@cache
def gain(spread: float, tries: int) -> float:
    """The mean of the highest of several normal numbers, by integration."""
    return (
        spread
        * quad(lambda x: x * tries * norm.pdf(x) * norm.cdf(x) ** (tries - 1), -10, 10)[
            0
        ]
    )


# For each report of exercise 8.5: the number of its remedy, and a hint.
_NEXT = {
    "A": (1, "Memory is full of what a batch needs; what makes a batch smaller?"),
    "B": (4, "The steps were too long at some point; what makes them shorter?"),
    "C": (2, "Calling every face happy gets a quarter right: it has learned nothing."),
    "D": (5, "Nothing is broken: the checkpoint protects the training it belongs to."),
    "E": (6, "It knows the training faces by heart; look at the row up to 71.5."),
    "F": (3, "Look at the last threshold again."),
}  # fmt: skip


@exercise
def check_next_steps(next_steps: Mapping[str, int]) -> str:
    """Exercise 8.5: what to do next, for six reports of a training."""
    if not isinstance(next_steps, Mapping):
        text = "A dictionary is expected, such as {'A': 7, 'B': 7, …}."
        raise Wrong("kind", text)
    if next_steps and all(remedy is ... for remedy in next_steps.values()):
        raise NotDone("Not done yet: choose a remedy for each of the six reports.")
    chosen = {
        str(letter).strip().upper(): remedy
        for letter, remedy in next_steps.items()
        if remedy is not ...
    }
    for name, remedy in chosen.items():
        right, hint = _NEXT.get(name, (0, ""))
        number = isinstance(remedy, Real) and not isinstance(remedy, bool)
        judge({
            "unknown": (lambda right=right: not right,
                f"{name:.20} is none of the six reports A to F."),
            "kind": (lambda r=remedy, n=number: not n or r not in range(1, 8),
                f"For {name} you give {a(remedy)}; remedies have the numbers 1 to 7."),
            "seeds": (lambda r=remedy: r == 7,
                f"Remedy 7 for {name}: that is how lucky seeds get into tables."),
            name: (lambda r=remedy, right=right: r != right,
                f"That remedy does not help with {name}. {hint}"),
        })  # fmt: skip
    missing = [name for name in _NEXT if name not in chosen]
    if missing:
        text = f"Right so far; still without an answer: {', '.join(missing)}."
        raise Wrong("missing", text)
    return "Six reports, six answers, and nobody needs the remedy that remains."
