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
        ("position", lambda p: p.argmax()),
        ("other", lambda p: EMOTIONS[3]),
        ("kind", lambda p: p.max()),
        ("unknown", lambda p: "joy"),
        ("kind", lambda p: EMOTIONS),
    ],
    checks.check_always_happy: [
        ("right", lambda c: 100 * c[3].sum() / c.sum()),
        ("right", lambda c: sum(c[3]) / sum(sum(row) for row in c) * 100),
        ("right", lambda c: np.float32(100 * np.sum(c, axis=1)[3] / np.sum(c))),
        ("other", lambda c: 24.5),
        ("shape", lambda c: [1, 2]),
    ],
    checks.check_least_sure: [
        ("right", lambda p: p.max(axis=1).argmin()),
        ("right", lambda p: min(range(len(p)), key=lambda row: max(p[row]))),
        ("right", lambda p: int(np.argsort(np.max(p, axis=-1))[0])),
        ("range", lambda p: p.ravel().argmax() + 12),
        ("shape", lambda p: p.max(axis=1)),
        ("not whole", lambda p: 0.5),
        ("other", lambda p: np.argsort(p.max(axis=1))[1]),
        ("kind", lambda p: EMOTIONS[p.max(axis=1).argmin() % 7]),
    ],
}
test_answers, test_nonsense, test_wording = make_tests(TABLE)
