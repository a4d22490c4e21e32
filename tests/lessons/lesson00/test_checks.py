"""Right and wrong answers to lesson 00's exercises."""

import numpy as np
from checking import make_tests

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson00 import checks

TABLE = {
    checks.check_answer_in_words: [
        ("right", lambda p: EMOTIONS[p.argmax()]),
        ("right", lambda p: max(zip(p, EMOTIONS, strict=True))[1]),
        ("right", lambda p: np.array(EMOTIONS)[np.argsort(p)[-1]]),
        ("right", lambda p: np.array(EMOTIONS[p.argmax()])),
        ("position", lambda p: p.argmax()),
        ("constant", lambda p: EMOTIONS[3]),
        ("kind", lambda p: p.max()),
        ("kind", lambda p: EMOTIONS),
        ("kind", lambda p: ("happy",)),
        ("kind", lambda p: [EMOTIONS[p.argmax()]]),
        ("unknown", lambda p: "joy"),
        ("unknown", lambda p: EMOTIONS[p.argmax()].title()),
        ("nothing", lambda p: print(end="")),
        ("other", lambda p: EMOTIONS[p.argmax() - 1]),
        ("other", lambda p: EMOTIONS[np.flatnonzero(p > 0.1)[0]]),
        ("second", lambda p: EMOTIONS[np.abs(p - 0.3).argmin()]),
        ("in place", lambda p: p.sort() or EMOTIONS[p.argmax()]),
        ("crash", lambda p: EMOTIONS[max(p)]),
    ],
    checks.check_always_happy: [
        ("right", lambda c: 100 * c[3].sum() / c.sum()),
        ("right", lambda c: sum(c[3]) / sum(sum(row) for row in c) * 100),
        ("right", lambda c: np.float32(100 * np.sum(c, axis=1)[3] / np.sum(c))),
        ("constant", lambda c: 24.5),
        ("shape", lambda c: [1, 2]),
        ("share", lambda c: c[3].sum() / c.sum()),
        ("rounded", lambda c: round(100 * c[3].sum() / c.sum(), 1)),
        ("rounded", lambda c: round(100 * c[3].sum() / c.sum())),
        ("kind", lambda c: f"{100 * c[3].sum() / c.sum():.1f} %"),
        ("other", lambda c: 100 * c[4].sum() / c.sum()),
    ],
    checks.check_least_sure: [
        ("right", lambda p: p.max(axis=1).argmin()),
        ("right", lambda p: min(range(len(p)), key=lambda row: max(p[row]))),
        ("right", lambda p: int(np.argsort(np.max(p, axis=-1))[0])),
        ("range", lambda p: p.ravel().argmax() + len(p)),
        ("shape", lambda p: p.max(axis=1)),
        ("not whole", lambda p: p.max(axis=1).min()),
        ("other", lambda p: np.argsort(p.max(axis=1))[1]),
        ("kind", lambda p: EMOTIONS[p.max(axis=1).argmin() % 7]),
        ("kind", lambda p: EMOTIONS),
    ],
}
globals().update(make_tests(TABLE))
