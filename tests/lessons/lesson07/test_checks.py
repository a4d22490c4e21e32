"""Right and wrong answers to lesson 07's exercises."""

import functools

import numpy as np
from checking import make_tests

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson07 import checks
from fercourse.results.runs import evaluate, read_run

# 7.1


def tempered(p, t):
    powers = p ** (1 / t)
    return powers / powers.sum(axis=1, keepdims=True)


def by_softmax(p, t):
    logits = np.log(p) / t
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_of_probabilities(p, t):
    powers = np.exp(p / t)
    return powers / powers.sum(axis=1, keepdims=True)


# 7.2


def soft(table):
    return np.trace(table) / table.sum()


def by_loop(table):
    return sum(row[place] for place, row in enumerate(table)) / sum(map(sum, table))


# 7.3


def gap(right, member):
    wrong = ~right
    return 100 * (wrong[member].mean() - wrong[~member].mean())


def by_counts(right, member):
    group = [not r for r, m in zip(right, member, strict=True) if m]
    rest = [not r for r, m in zip(right, member, strict=True) if not m]
    return 100 * sum(group) / len(group) - 100 * sum(rest) / len(rest)


# 7.4


def share_right(common, hits, alarms):
    return common * hits / (common * hits + (1 - common) * alarms)


# 7.5

USES = dict(zip("ABCDEFGH", 3 * ["prohibited"] + 2 * ["high-risk"], strict=False))
USES |= dict.fromkeys("FGH", "not covered")

# 7.6

RUN = read_run("pocket-block2-concat-pocket-seed0")


@functools.cache
def right_card():
    result = evaluate(RUN.single["private"])
    confusion = RUN.single["private"].confusion
    return {
        "trained on": "Training",
        "selected on": "PublicTest",
        "reported on": "PrivateTest",
        "accuracy": result.accuracy,
        "interval": (result.low, result.high),
        "unseen": result.unseen,
        "calibration error": result.calibration_error,
        "weakest emotion": EMOTIONS[
            (confusion.diagonal() / confusion.sum(axis=1)).argmin()
        ],
        "groups": "unknown",
    }


def card(**changes):
    changed = {name.replace("_", " "): value for name, value in changes.items()}
    return {**right_card(), **changed}, RUN


def without(entry):
    return {k: value for k, value in right_card().items() if k != entry}, RUN


RESULT = evaluate(RUN.single["private"])
PUBLIC = evaluate(RUN.single["public"])

TABLE = {
    checks.check_tempered: [
        ("right", tempered),
        ("right", by_softmax),
        ("right", lambda p, t: tempered(p.astype("float32"), t).tolist()),
        ("softmax", softmax_of_probabilities),
        ("shape", lambda p, t: tempered(p, t)[:1, :3]),
        ("kind", lambda p, t: str(p)),
        ("other", lambda p, t: np.round(tempered(p, 1.5 * t), 3)),
    ],
    checks.check_soft_accuracy: [
        ("right", soft),
        ("right", by_loop),
        ("right", lambda table: np.float32(soft(table))),
        ("shape", lambda table: table.diagonal() / table.sum(axis=1)),
        ("percent", lambda table: 100 * soft(table)),
        ("kind", lambda table: f"{soft(table):.2f}"),
        ("other", lambda table: soft(table) / 3),
    ],
    checks.check_gap: [
        ("right", gap),
        ("right", by_counts),
        ("right", lambda r, m: np.array([gap(r, m)])),
        ("share", lambda r, m: gap(r, m) / 100),
        ("shape", lambda r, m: (~r)[m]),
        ("kind", lambda r, m: f"{gap(r, m):.0f} points"),
        ("other", lambda r, m: gap(r, m) / 3),
    ],
    checks.check_share_right: [
        ("right", share_right),
        ("right", lambda p, h, f: 1 / (1 + (1 - p) * f / (p * h))),
        ("right", lambda p, h, f: np.array([share_right(p, h, f)])),
        ("percent", lambda p, h, f: 100 * share_right(p, h, f)),
        ("constant", lambda p, h, f: 0.35),
        ("shape", lambda p, h, f: (p * h, f)),
    ],
    checks.check_uses: [
        ("right", USES),
        ("right", dict(reversed(USES.items()))),
        ("right", USES | {"Z": "prohibited"}),
        ("A", USES | {"A": "high-risk"}),
        ("B", USES | {"B": "not covered"}),
        ("C", USES | {"C": "high-risk"}),
        ("D", USES | {"D": "prohibited"}),
        ("E", USES | {"E": "prohibited"}),
        ("F", USES | {"F": "high-risk"}),
        ("G", USES | {"G": "prohibited"}),
        ("H", USES | {"H": "high-risk"}),
        ("missing", {"A": "prohibited"}),
        ("unknown", USES | {"A": "forbidden"}),
        ("kind", ["prohibited"] * 8),
        ("kind", USES | {"C": ["prohibited"]}),
        ("not done", USES | {"H": ...}),
    ],
    checks.check_card: [
        ("right", card()),
        ("right", card(accuracy=round(RESULT.accuracy, 1))),
        ("right", card(interval=[round(RESULT.low, 1), round(RESULT.high, 1)])),
        ("trained on", card(trained_on="PublicTest")),
        ("selected on", card(selected_on="PrivateTest")),
        ("reported on", card(reported_on="PublicTest")),
        ("unknown", card(reported_on="test")),
        ("public", card(accuracy=PUBLIC.accuracy)),
        ("share", card(accuracy=RESULT.accuracy / 100)),
        ("accuracy", card(accuracy=99)),
        ("unseen", card(unseen=RESULT.accuracy)),
        ("calibration error", card(calibration_error=0)),
        ("interval", card(interval=(PUBLIC.low, PUBLIC.high))),
        ("interval", card(interval=RESULT.low)),
        ("interval", card(interval=(RESULT.high, RESULT.low))),
        ("weakest", card(weakest_emotion="happy")),
        ("groups", card(groups="equal")),
        ("missing", without("unseen")),
        ("not done", card(accuracy=...)),
        ("kind", (["Training"], RUN)),
        ("run", (right_card(), "pocket-block2-concat-pocket-seed0")),
    ],
}
globals().update(make_tests(TABLE))
