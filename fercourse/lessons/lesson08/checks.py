"""The checks of lesson 08."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.exercise import Wrong, a, attempt, exercise, one_number
from fercourse.lessons.lesson08.budget import TRAINING_FACES, step_operations


def _several_numbers(answer: Any, what: str) -> np.ndarray:
    """The learner's numbers, float64, one axis.

    Raises:
        Wrong: they are none.
    """
    try:
        numbers = np.asarray(answer, "float64")
    except (TypeError, ValueError):
        raise Wrong(
            f"Your function returns {a(answer)}; {what} are expected, in a list or an "
            f"array."
        ) from None
    if numbers.ndim != 1:
        raise Wrong(
            f"Your function returns "
            f"{'one number' if numbers.ndim == 0 else f'shape {numbers.shape}'}; "
            f"{what} are expected, side by side in a list or an array."
        )
    return numbers


# 8.1
# ------------------------------------------------------------------------------------------

# Money, price of an hour, multiply-adds, operations a second.
_BUDGETS = (
    (10.0, 2.0, 19_611_423_426, 45e12),
    (3.0, 0.5, 4_900_000_000, 15e12),
    (0.1, 4.0, 19_611_423_426, 10e12),
)


@exercise
def check_epochs_that_fit(epochs_that_fit: Callable) -> str:
    """Exercise 8.1: how many whole epochs a budget pays for."""
    for money, price, multiply_adds, rate in _BUDGETS:
        answer = one_number(
            attempt(epochs_that_fit, money, price, multiply_adds, rate),
            "the number of whole epochs",
        )
        seconds = 3600 * money / price
        epochs = seconds * rate / (step_operations(multiply_adds) * TRAINING_FACES)
        if answer == math.floor(epochs):
            continue
        given = f"For {money:g} at {price:g} an hour, your function gives {answer:,.6g}"
        if _near(answer, epochs) and answer != round(answer):
            raise Wrong(
                f"{given}. Only whole epochs count: one that was not finished is not "
                f"selected."
            )
        if answer == math.ceil(epochs):
            raise Wrong(
                f"{given}. That is one too many: you rounded up, and the money ends "
                f"before it does."
            )
        for slip, sentence in _budget_slips(
            epochs, money, price, multiply_adds
        ).items():
            if _near(answer, slip) or answer in (math.floor(slip), math.ceil(slip)):
                raise Wrong(f"{given}. {sentence}")
        raise Wrong(
            f"{given}. Go step by step: the seconds that the money buys, the "
            f"operations that these hold, "
            "the operations of one epoch; then divide."
        )
    return "The same function tells what the size of the faces costs: try a quarter of the multiply-adds."


def _near(answer: float, value: float, tolerance: float = 1e-6) -> bool:
    return math.isclose(answer, value, rel_tol=tolerance, abs_tol=1e-12)


def _budget_slips(
    epochs: float, money: float, price: float, multiply_adds: float
) -> dict[float, str]:
    """What each usual slip leads to."""
    return {
        2 * epochs: "A multiply-add is a multiplication *and* an addition: two "
        "operations.",
        3
        * epochs: "A step of training also goes backward, which takes two more passes.",
        6
        * epochs: "These are multiply-adds of one pass forward. A training step takes "
        "more than one "
        "pass, and a multiply-add is more than one operation.",
        epochs / 3600: "The rate is a second's; the price is an hour's.",
        epochs / 60: "An hour has 3,600 seconds, not 60.",
        epochs * TRAINING_FACES: "That many *faces* fit. An epoch shows all 28,709 of "
        "Training.",
        epochs
        * price
        ** 2: "You multiplied by the price where the money is to be divided by it.",
        3600
        * money
        / price: "Those are the seconds that the money buys. How many epochs fit in?",
        money
        / price: "Those are the hours that the money buys. How many epochs fit in?",
    }


# 8.2
# ------------------------------------------------------------------------------------------

_SCHEDULES = ((1e-4, 100, 1000), (0.5, 7, 57), (1e-3, 0, 40))


@exercise
def check_rate_at(rate_at: Callable) -> str:
    """Exercise 8.2: the learning rate with a warm-up and half a cosine."""
    for peak, warmup, total in _SCHEDULES:
        steps = sorted(
            {
                0,
                warmup // 4,
                warmup,
                (warmup + total) // 2,
                (warmup + 3 * total) // 4,
                total,
            }
        )
        for step in steps:
            answer = one_number(attempt(rate_at, step, peak, warmup, total), "the rate")
            if abs(answer - _rate(step, peak, warmup, total)) <= 1e-3 * peak:
                continue
            given = (
                f"With a peak of {peak:g}, {warmup} steps of warm-up and {total} "
                f"steps in all, your rate at "
                f"step {step} is {answer:.4g}"
            )
            raise Wrong(f"{given}. {_rate_fault(answer, step, peak, warmup, total)}")
    return "Half a cosine stays high for long, falls quickest in the middle, and ends in small steps."


def _rate(step: float, peak: float, warmup: float, total: float) -> float:
    if step < warmup:
        return peak * step / warmup
    return peak * (1 + math.cos(math.pi * (step - warmup) / (total - warmup))) / 2


def _rate_fault(answer: float, step: int, peak: float, warmup: int, total: int) -> str:
    if step < warmup:
        return _warmup_fault(answer, step, peak, warmup)
    passed = (step - warmup) / (total - warmup)
    slips = {
        peak
        * (1 - passed): "It falls along a straight line; half a cosine is asked for.",
        peak
        * math.cos(
            math.pi * passed / 2
        ): "That is a quarter of a cosine, from its top to its middle; "
        "it ends in its steepest place. Take the half from its top to its bottom, "
        "raised above 0.",
        peak
        * math.cos(
            math.pi * passed
        ): "A cosine goes from 1 to -1, and a rate must not be negative: "
        "raise it by 1, and halve.",
        peak * (1 + math.cos(math.pi * passed)): "1 + cosine begins at 2: halve it.",
        _rate(
            step, peak, 0, total
        ): "Your cosine counts from step 0. Warm-up is over by then: it begins at "
        "the end of the warm-up.",
        _rate(
            step - warmup, peak, 0, total
        ): "Your cosine is stretched over all steps; it has only those "
        "behind the warm-up.",
        peak
        * (1 + math.cos(180 * passed))
        / 2: "`cos` takes its angle in radians: half a turn is pi.",
    }
    for slip, sentence in slips.items():
        if abs(answer - slip) <= 1e-3 * peak:
            return sentence
    if step == warmup:
        return "There the warm-up ends, and the rate has to be the peak."
    if step == total:
        return "There training ends, and the rate has to be 0."
    return "Behind the warm-up it should fall as half a cosine, from the peak to 0."


def _warmup_fault(answer: float, step: int, peak: float, warmup: int) -> str:
    if abs(answer - peak) <= 1e-3 * peak:
        return "It is at its peak already: in the warm-up it should rise in a straight line from 0."
    if abs(answer - peak * (1 - step / warmup)) <= 1e-3 * peak:
        return "It falls; in the warm-up it should rise."
    if step == 0:
        return "The first step of the warm-up has the rate 0."
    return "In the warm-up it should rise in a straight line: halfway, to half of the peak."


# 8.3
# ------------------------------------------------------------------------------------------

# First emotion, second emotion, share of the first, smoothing.
_BLENDS = (
    (3, 6, 1.0, 0.0),
    (3, 6, 0.75, 0.0),
    (3, 6, 1.0, 0.1),
    (0, 5, 0.6, 0.1),
    (2, 2, 0.7, 0.2),
)


@exercise
def check_target_of(target_of: Callable) -> str:
    """Exercise 8.3: the target of two blended faces, smoothed."""
    for first, second, share, smoothing in _BLENDS:
        answer = _several_numbers(
            attempt(target_of, first, second, share, smoothing),
            "seven shares, one for each emotion,",
        )
        given = f"For {share:g} of emotion {first}, the rest of emotion {second}, and smoothing {smoothing:g}"
        if len(answer) != len(EMOTIONS):
            raise Wrong(
                f"{given}, {len(answer)} numbers came back; there are {len(EMOTIONS)} "
                f"emotions."
            )
        if np.allclose(answer, _target(first, second, share, smoothing), atol=1e-4):
            continue
        for slip, sentence in _target_slips(first, second, share, smoothing):
            if np.allclose(answer, slip, atol=1e-4):
                raise Wrong(f"{given}, {sentence}")
        if abs(answer.sum() - 1) > 1e-3:
            raise Wrong(
                f"{given}, your target sums to {answer.sum():.3f}. A target is a "
                f"distribution: it sums to 1."
            )
        raise Wrong(
            f"{given}, your target holds "
            f"{', '.join(f'{value:.3f}' for value in answer)}. Blend first: a "
            "share for each label. What is smoothed is then taken from these, and "
            "divided evenly."
        )
    return "The sum stays 1, and so the best possible loss is no longer 0: nobody can be that sure any more."


def _labels(first: int, second: int, share: float) -> np.ndarray:
    target = np.zeros(len(EMOTIONS))
    target[first] += share
    target[second] += 1 - share
    return target


def _target(first: int, second: int, share: float, smoothing: float) -> np.ndarray:
    return (1 - smoothing) * _labels(first, second, share) + smoothing / len(EMOTIONS)


def _target_slips(
    first: int, second: int, share: float, smoothing: float
) -> list[tuple[np.ndarray, str]]:
    """What each usual slip leads to, and the sentence that answers it."""
    blended = _labels(first, second, share)
    others = len(EMOTIONS) - 1
    on_others = blended * (1 - smoothing) + (1 - blended) * smoothing / others
    overwritten = blended.copy()
    overwritten[second] = 1 - share
    overwritten = (1 - smoothing) * overwritten + smoothing / len(EMOTIONS)
    return [
        (blended, "nothing is smoothed: the last argument makes no difference."),
        (
            _target(second, first, share, smoothing),
            "the two shares are swapped: the third argument is that of the first face.",
        ),
        (
            on_others,
            "you spread over the six *other* emotions. Szegedy et al., and Keras, "
            "spread over all seven: the "
            "label gets a seventh of it back.",
        ),
        (
            blended + smoothing / len(EMOTIONS),
            "something is added to all seven and taken from none: the target sums to "
            "more than 1.",
        ),
        (
            (1 - smoothing) * blended,
            "something is taken from the labels and given to none.",
        ),
        (
            overwritten,
            "both faces have the same label, and one share overwrites the other: add "
            "them up.",
        ),
        (
            _target(first, first, share, smoothing),
            "only the first face counts: where is the second?",
        ),
        (
            _target(first, second, 0.5, smoothing),
            "both faces count the same, whatever the share is.",
        ),
        (
            _target(*((first,) if share >= 0.5 else (second,)) * 2, 1.0, smoothing),
            "only the label with the larger share counts; both do, by their shares.",
        ),
    ]


# 8.4
# ------------------------------------------------------------------------------------------

_PATHS = (
    ((4.0, 0.0, 0.0, 2.0), 0.5),
    ((1.0, 2.0, 3.0, 5.0, 8.0), 0.9),
    ((-1.0, 1.0), 0.8),
)


@exercise
def check_moving_average(moving_average: Callable) -> str:
    """Exercise 8.4: the average that a recipe keeps of the weights."""
    for values, momentum in _PATHS:
        answer = attempt(moving_average, np.array(values), momentum)
        given = f"For {', '.join(f'{value:g}' for value in values)} and momentum {momentum:g}"
        if np.ndim(answer) == 0 and _near(
            one_number(answer, ""), _averages(values, momentum)[-1], 1e-4
        ):
            raise Wrong(
                f"{given}, only the last average came back. Collect one for every "
                f"value."
            )
        answer = _several_numbers(answer, "as many averages as there are values")
        if len(answer) != len(values):
            raise Wrong(
                f"{given}, {len(answer)} averages came back; {len(values)} are "
                f"expected, one for each value. "
                "The first of them is the first value itself."
            )
        if np.allclose(answer, _averages(values, momentum), atol=1e-4):
            continue
        for slip, sentence in _average_slips(values, momentum):
            if np.allclose(answer, slip, atol=1e-4):
                raise Wrong(f"{given}, {sentence}")
        wrong = int(
            np.argmax(~np.isclose(answer, _averages(values, momentum), atol=1e-4))
        )
        raise Wrong(
            f"{given}, your average number {wrong + 1} is {answer[wrong]:.4g}. It is "
            f"made of two things "
            "only: the average before it, and the newest value."
        )
    return "The larger the momentum, the longer the memory: about 1 / (1 - momentum) steps."


def _averages(
    values: Sequence[float], momentum: float, start: float | None = None
) -> np.ndarray:
    average, found = values[0] if start is None else start, []
    for value in values:
        average = momentum * average + (1 - momentum) * value
        found.append(average)
    return np.array(found)


def _average_slips(
    values: Sequence[float], momentum: float
) -> list[tuple[np.ndarray, str]]:
    counts = np.arange(1, len(values) + 1)
    return [
        (
            _averages(values, 1 - momentum),
            "the momentum stands at the wrong one: it says how much of the *old* "
            "average stays.",
        ),
        (
            _averages(values, momentum, 0.0),
            "your average begins at 0; it should begin with the first value.",
        ),
        (
            np.cumsum(values) / counts,
            "that is the mean of all values so far. A moving average forgets the old "
            "ones.",
        ),
        (
            np.array(values),
            "the values come back as they are: the momentum makes no difference.",
        ),
    ]


# 8.5
# ------------------------------------------------------------------------------------------


@exercise
def check_gain_of_best(gain_of_best: Callable) -> str:
    """Exercise 8.5: by how much the best of several equally good networks seems better."""
    for spread, tries in ((1.0, 1), (1.0, 5), (0.6, 20), (1.0, 2)):
        answers = [
            one_number(attempt(gain_of_best, spread, tries), "the mean gain in points")
            for _ in range(3)
        ]
        right = spread * _mean_of_highest(tries)
        given = f"With a spread of {spread:g} points and {tries} tr{'y' if tries == 1 else 'ies'}"
        if all(abs(answer - right) <= 0.06 * spread for answer in answers):
            continue
        if max(answers) - min(answers) > 0.06 * spread:
            raise Wrong(
                f"{given}, one question got two answers, {min(answers):.2f} and "
                f"{max(answers):.2f}. One "
                "draw is luck itself: draw thousands of times, and take the mean."
            )
        raise Wrong(
            f"{given}, your gain is {answers[0]:.2f}. "
            f"{_gain_fault(answers[0], spread, tries)}"
        )
    return "It grows without end, if ever more slowly, and none of it is there in a new test."


def _mean_of_highest(tries: int) -> float:
    """The mean of the highest of so many standard normal numbers."""

    def density(x: float) -> float:
        return x * tries * norm.pdf(x) * norm.cdf(x) ** (tries - 1)

    return float(quad(density, -10, 10)[0])


def _gain_fault(answer: float, spread: float, tries: int) -> str:
    right = _mean_of_highest(tries)
    slips = {
        -right * spread: "That is the mean of the *lowest*: the best has the highest "
        "accuracy.",
        right: "The spread makes no difference in it, and it should: with no spread, "
        "there is no luck.",
        right * spread**2: "The spread counts twice; perhaps you passed its square.",
        2
        * right
        * spread: "That is the distance from the lowest to the highest, or twice the "
        "gain.",
        spread
        / math.sqrt(
            tries
        ): "That is by how much a *mean* of the tries varies. The best one is asked "
        "for.",
        spread
        * math.sqrt(
            2 * math.log(tries)
        ): "That formula is an upper bound, far above the mean for few "
        "tries; draw numbers instead.",
        spread * tries: "It does not grow in proportion to the tries.",
    }
    for slip, sentence in slips.items():
        if abs(answer - slip) <= 0.06 * spread:
            return sentence
    if tries == 1:
        return "With one try nothing is picked, so that on average nothing is gained."
    if abs(answer) <= 0.06 * spread:
        return (
            "On average *all* tries gain nothing; what does the highest of them gain?"
        )
    side = "much" if answer > right * spread else "little"
    return f"That is too {side}. Draw so many numbers around 0, take the highest, and average that over draws."


# 8.6
# ------------------------------------------------------------------------------------------

_NEXT: dict[str, tuple[int, str]] = {
    "A": (
        1,
        "Memory is full of what a batch leaves behind; what makes a batch smaller?",
    ),
    "B": (4, "The steps were too long at some point; what makes them shorter?"),
    "C": (
        2,
        "A quarter is what a network gets that answers happy to every face: it has "
        "learned nothing.",
    ),
    "D": (
        5,
        "Nothing is broken: the checkpoint protects the training that it belongs to.",
    ),
    "E": (
        6,
        "It knows the training faces by heart, and the gate below 71.5 says what "
        "comes then.",
    ),
    "F": (3, "Look at the last gate again."),
}
_REMEDIES = 7


@exercise
def check_next_steps(next_steps: Mapping[str, int]) -> str:
    """Exercise 8.6: what to do next, for six reports of a training."""
    if not isinstance(next_steps, Mapping):
        raise Wrong(
            f"This is {a(next_steps)}; a dictionary is expected, such as "
            f"{{'A': 7, 'B': 7, …}}."
        )
    chosen = {}
    for letter, remedy in next_steps.items():
        if remedy is ...:
            continue
        name = str(letter).strip().upper()
        if name not in _NEXT:
            raise Wrong(f"{name} is none of the six reports, which go from A to F.")
        number = _number_of(remedy, name)
        if number == _REMEDIES:
            raise Wrong(
                f"Remedy {_REMEDIES} for report {name}: that is how lucky seeds get "
                f"into tables. No report "
                "asks for it."
            )
        chosen[name] = number
    for name, (remedy, look) in _NEXT.items():
        if name in chosen and chosen[name] != remedy:
            raise Wrong(
                f"Remedy {chosen[name]} does not help with report {name}. {look}"
            )
    missing = [name for name in _NEXT if name not in chosen]
    if missing:
        raise Wrong(f"Right so far; still without an answer: {', '.join(missing)}.")
    return "Six reports, six answers, and the remedy that remains is one that nobody needs."


def _number_of(remedy: Any, name: str) -> int:
    """The number of a remedy, 1 to 7."""
    try:
        number = int(remedy)
    except (TypeError, ValueError):
        raise Wrong(
            f"For report {name} you give {a(remedy)}; the number of a remedy is "
            f"expected."
        ) from None
    if not 1 <= number <= _REMEDIES or number != float(remedy):
        raise Wrong(
            f"For report {name} you give {remedy}; remedies go from 1 to {_REMEDIES}."
        )
    return number
