"""The first guess of lesson 08: what held the first run back, and what it recorded."""

from __future__ import annotations

import numpy as np

from fercourse.data.faces import EMOTIONS
from fercourse.results.runs import Run

SUSPICIONS: dict[str, str] = {
    "overfitting": "Worth a look, but for most of the run Training is below "
    "PublicTest.",
    "wrong labels": "They are a limit for everybody, yet others got further with them.",
    "pictures with too little detail": "They are a limit for everybody, yet others "
    "got further with them.",
    "first steps that are too large": "We chose this one, too.",
}
"""What may be guessed, and a reply to each guess."""


def reply_to(guess: str) -> str:
    """A sentence about a suspicion; another one if none was chosen."""
    return SUSPICIONS.get(guess, "Here is what the run recorded.")


def suspicions_table(run: Run) -> list[list[str]]:
    """What each suspicion predicts, and what a run at full size recorded of it."""
    epochs = run.history["epochs"]
    training, public = np.array(epochs["accuracy"]), np.array(epochs["public"])
    below = int((training < public).sum())
    ahead = training[-1] - public[-1]
    first, nothing = epochs["loss"][0], np.log(len(EMOTIONS))
    everybody = "the same limit for everybody"
    seen = (
        f"below it in {below} of {len(public)} epochs, {ahead:.0f} points above it "
        "after the last (on varied faces, with dropout)",
        "WuJie's VGG19 has 71.5 % with these labels",
        "it has 71.5 % with these pictures, too",
        f"{first:.2f} on average over the first epoch; no single step was recorded",
    )
    predicted = (
        "Training far above PublicTest",
        everybody,
        everybody,
        f"a loss far above {nothing:.2f}, that of a network that knows nothing",
    )
    rows = zip(SUSPICIONS, predicted, seen, strict=True)
    return [["suspicion", "predicts", "the first run"], *map(list, rows)]
