"""The checks of lesson 07."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from scipy.special import softmax

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.exercise import (
    NotDone,
    Wrong,
    a,
    compare,
    exercise,
    numbers,
    one_number,
    word,
)
from fercourse.lessons.lesson07.crowd import share_right
from fercourse.lessons.lesson07.groups import gap
from fercourse.lessons.lesson07.proposals import WORDS
from fercourse.results.calibration import tempered
from fercourse.results.runs import Run, evaluate


def _some_probabilities(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return softmax(random.normal(size=(count, len(EMOTIONS))), axis=1)


@exercise
def check_tempered(change: Callable) -> str:
    """Exercise 7.1: probabilities at another temperature."""
    cases = [(_some_probabilities(n, n), t) for n, t in ((3, 2.0), (5, 0.5), (1, 4.0))]
    compare(change, cases, "probabilities of the same shape", tempered, {
        "not normalised": (lambda p, t: p ** (1 / t),
            "The rows no longer add up to 1. Divide each by its sum."),
        "inverted": (lambda p, t: tempered(p, 1 / t),
            "A temperature above 1 has to make them more alike: the exponent is 1/T."),
        "inverted, not normalised": (lambda p, t: p**t,
            "The exponent is 1/T, and each row has to add up to 1 afterwards."),
        "divided": (lambda p, t: p / t,
            "Dividing by T changes all seven alike. T goes into the exponent."),
        "unchanged": (lambda p, t: p,
            "That is what you were given. Dividing by T and by the sum undoes itself."),
        "softmax": (lambda p, t: softmax(p / t, axis=1),
            "The softmax takes logits, not probabilities: take their logarithm first."),
        "all rows": (lambda p, t: p ** (1 / t) / (p ** (1 / t)).sum(),
            "All rows together add up to 1. Each row has to: use `axis=1`."),
        "columns": (lambda p, t: p ** (1 / t) / (p ** (1 / t)).sum(axis=0),
            "The columns add up to 1. Sum over the emotions: `axis=1`."),
    }, about="For {0.shape[0]} faces and T = {1}",
        hint="Raise each probability to the power 1/T, then divide by the row's sum.",
        read=numbers)  # fmt: skip
    return "The largest stays the largest, so no temperature changes an accuracy."


def soft_accuracy(table: np.ndarray) -> float:
    """The share of all votes that are for the answer, from votes by answer (7, 10)."""
    return table.diagonal().sum() / table.sum()


@exercise
def check_soft_accuracy(score: Callable) -> str:
    """Exercise 7.2: the share of votes that agree with the answers."""
    random, cases = np.random.default_rng(7), []
    for most in (4, 9, 40):
        table = random.integers(0, most, size=(len(EMOTIONS), len(EMOTIONS) + 3))
        table[np.arange(7), np.arange(7)] += random.integers(1, 3 * most, 7)
        table[4, 6] += 5 * most  # most voters disagree with one of the answers
        cases.append((table,))

    compare(score, cases, "a share of the votes", soft_accuracy, {
        "seven": (lambda table: table.diagonal().sum() / table[:, :7].sum(),
            "That leaves out the votes for contempt, unknown and no face."),
        "rows": (lambda table: (table.diagonal() / table.sum(axis=1)).mean(),
            "A rare answer counts as much as a common one. Add up the votes first."),
        "columns": (lambda table: (table.diagonal() / table.sum(axis=0)[:7]).mean(),
            "You divide by the votes for one emotion. Divide by all votes."),
        "best": (lambda table: table.max(axis=1).sum() / table.sum(),
            "That takes the largest number of each row. Take the answer's own."),
        "votes": (lambda table: table.diagonal().sum(),
            "That is a number of votes. Divide it by that of all votes."),
        "a mean": (lambda table: table.diagonal().mean() / table.sum(),
            "That is the mean of the seven agreeing numbers. Take their sum."),
        "others": (lambda table: 1 - soft_accuracy(table),
            "That is the share of the votes that disagree."),
    }, about="For a table of {0.shape[0]} by {0.shape[1]}",
        hint="Votes for the answer itself, divided by all votes.",
        )  # fmt: skip
    return "It is 1 only if all voters agree with each other, and with the answer."


@exercise
def check_gap(gap_of: Callable) -> str:
    """Exercise 7.3: how many points more errors a network makes on a group."""
    random, cases = np.random.default_rng(3), []
    for count in (20, 60, 200):
        member = random.permutation(np.arange(count) < count // 4)
        right = random.random(count) < np.where(member, 0.3, 0.7)
        cases.append((right, member))

    def errors(right: np.ndarray) -> float:
        return 100 * (~right).mean()

    compare(gap_of, cases, "a number of points", gap, {
        "right answers": (lambda right, member: -gap(right, member),
            "That is how many more it gets right. Count the errors, `~right`."),
        "everybody": (lambda right, member: errors(right[member]) - errors(right),
            "You compare the group with everybody. Compare it with the *other* faces."),
        "group": (lambda right, member: errors(right[member]),
            "That is the error rate of the group. Subtract that of all other faces."),
        "rest": (lambda right, member: errors(right[~member]),
            "That is the error rate of the other faces."),
        "numbers": (lambda right, member:
            (~right & member).sum() - (~right & ~member).sum(),
            "Those are numbers of errors, and the groups differ in size. Take rates."),
        "of all": (lambda right, member:
            100 * ((~right & member).mean() - (~right & ~member).mean()),
            "You divide by all faces. Divide by the faces of each side."),
        "ratio": (lambda right, member: errors(right[member]) / errors(right[~member]),
            "That is a ratio. Subtract one error rate from the other."),
    }, about="For {0.size} faces",
        hint="In points: a rate of 30 % minus one of 20 % is a gap of 10.",
        )  # fmt: skip
    return "Positive: more errors on the group than on all other faces."


@exercise
def check_share_right(share: Callable) -> str:
    """Exercise 7.4: how many of the people who are flagged feel the emotion."""
    cases = [(0.05, 0.35, 0.1), (0.5, 0.8, 0.3), (0.01, 0.9, 0.05), (0.2, 0.3, 0.02)]

    def flagged(common: float, hits: float, alarms: float) -> float:
        return common * hits + (1 - common) * alarms

    compare(share, cases, "a share of those who are flagged", share_right, {
        "hits": (lambda common, hits, alarms: hits,
            "That is the share of those who feel it who are flagged, the other way "
            "round."),
        "right flags": (lambda common, hits, alarms: common * hits,
            "That is a share of *all* people. Divide by all who are flagged."),
        "flagged": (flagged,
            "That is the share of people who are flagged. How many of them feel it?"),
        "as common": (lambda common, hits, alarms: hits / (hits + alarms),
            "That is right if half of the people feel it. Weigh by how many do."),
        "alarms of all": (lambda common, hits, alarms:
            common * hits / (common * hits + alarms),
            "False alarms come only from those who do *not* feel it: 1 − prevalence."),
        "wrong flags": (lambda common, hits, alarms:
            1 - common * hits / flagged(common, hits, alarms),
            "That is the share of flags that are wrong."),
        "accuracy": (lambda common, hits, alarms:
            common * hits + (1 - common) * (1 - alarms),
            "That is the accuracy, which also counts all who are rightly left alone."),
        "only hits": (lambda common, hits, alarms: common / flagged(common, 1, alarms),
            "Not all who feel it are flagged: use the hit rate."),
    }, about="For prevalence {0}, hit rate {1}, false alarms {2}",
        hint="Right flags divided by all flags, right and false.",
        )  # fmt: skip
    return "If few people feel it, most flags are wrong, however good the accuracy is."


# For each use of exercise 7.5: how we read the AI Act, and a hint.
_USES = {
    "A": ("prohibited", "Where does it happen, and what is inferred from faces?"),
    "B": ("prohibited", "The Commission counts applying for a job as workplace."),
    "C": ("prohibited", "Whose emotions are inferred: those of customers or of staff?"),
    "D": ("high-risk", "Callers are not at work. But a voice is biometric data."),
    "E": ("high-risk", "Neither workplace nor school. But Annex III is about it."),
    "F": ("not covered", "Are words on a page biometric data?"),
    "G": ("not covered", "Is it an emotion? See recital 18."),
    "H": ("not covered", "Is anything inferred from the expression? See recital 18."),
}


@exercise
def check_uses(uses: Mapping[str, str]) -> str:
    """Exercise 7.5: which of eight uses the AI Act prohibits, as we read it."""
    if not isinstance(uses, Mapping):
        text = f"This is {a(uses)}. Use a dictionary with a word for each letter."
        raise Wrong("kind", text)
    text = "Not done yet: choose a word for all eight, then run this cell."
    _require_all(uses, _USES, "use", text)
    for letter, (reading, hint) in _USES.items():
        if word(uses[letter], "one of three words", WORDS) != reading:
            raise Wrong(letter, f"We read use {letter} differently. {hint}")
    return "That is also how we read the Act. It is no legal advice."


_PLACES = ("Training", "PublicTest", "PrivateTest")
_GROUPS = ("equal", "unequal", "unknown")
_PROTOCOL = dict(
    zip(("trained on", "selected on", "reported on"), _PLACES, strict=True)
)
_FIGURES = {
    "accuracy": "accuracy",
    "unseen": "unseen",
    "calibration error": "calibration_error",
}
_ENTRIES = [*_PROTOCOL, *_FIGURES, "interval", "weakest emotion", "groups"]


@exercise
def check_card(card: Mapping[str, Any], run: Run) -> str:
    """Exercise 7.6: a model card whose entries follow from the run."""
    if not isinstance(run, Run):
        raise Wrong("run", f"The second argument is {a(run)}. Pass the run.")
    if not isinstance(card, Mapping):
        raise Wrong("kind", f"This is {a(card)}. A card is a dictionary.")
    _require_all(card, _ENTRIES, "entry")
    for entry, place in _PROTOCOL.items():
        if word(card[entry], "a split of FER2013", _PLACES) != place:
            text = f"{entry!r} is not {card[entry]}. Lesson 01 has the protocol."
            raise Wrong(entry, text)
    reported, public = (evaluate(run.single[half]) for half in ("private", "public"))
    for entry, name in _FIGURES.items():
        right = getattr(reported, name), getattr(public, name)
        _require_figure(entry, card[entry], *right)
    ends = numbers(card["interval"], "both ends of an interval")
    if ends.shape != (2,) or not _close(ends, (reported.low, reported.high)):
        text = "The interval is not that of PrivateTest. Give both ends in percent."
        raise Wrong("interval", text)
    confusion = run.single["private"].confusion
    recall = confusion.diagonal() / confusion.sum(axis=1)
    weakest = EMOTIONS[recall.argmin()]
    if word(card["weakest emotion"], "an emotion", EMOTIONS) != weakest:
        text = "Which row of the confusion table has the smallest share of right ones?"
        raise Wrong("weakest", text)
    if word(card["groups"], "what is known about groups", _GROUPS) != "unknown":
        text = "FER2013 does not record who is shown. What can a card say about groups?"
        raise Wrong("groups", text)
    return "Somebody who reads this card knows what was measured, and what was not."


def _require_all(
    answer: Mapping, names: Iterable[str], kind: str, not_done: str = ""
) -> None:
    missing = [name for name in names if name not in answer]
    if missing:
        raise Wrong("missing", f"There is no {kind} {missing[0]!r} in your answer yet.")
    if any(answer[name] is ... for name in names):
        raise NotDone(not_done)


def _require_figure(entry: str, given: Any, right: float, public: float) -> None:
    value = one_number(given, f"{entry} in percent")
    if _close(value, right):
        return
    text = f"{entry!r} is not {value:.4g}."
    if _close(100 * value, right):
        raise Wrong("share", f"{text} Is it a share instead of percent?")
    if _close(value, public):
        raise Wrong("public", f"{text} That is PublicTest, on which it was selected.")
    raise Wrong(entry, f"{text} Take it from `fc.evaluate(run.single['private'])`.")


def _close(given: Any, right: Any) -> bool:
    """Whether figures in percent are the same when printed with one decimal."""
    return np.allclose(given, right, rtol=0, atol=0.06)
