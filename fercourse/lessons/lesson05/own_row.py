"""A row of the learner's own, trained briefly: the last cells of lesson 05."""

from __future__ import annotations

import numpy as np

from fercourse.data.faces import EMOTIONS, FaceData
from fercourse.models.pocket import pocket_configuration, pocket_model
from fercourse.plots.figures import (
    BLUE,
    ORANGE,
    ROW_HEIGHT,
    Options,
    Shown,
    interval_rows,
    new_figure,
    note,
)
from fercourse.results.runs import Run, evaluate, make_run, runs
from fercourse.results.table3.words import network_of
from fercourse.training.experiment import changed_fields
from fercourse.training.loop import prepare, train
from fercourse.training.recipes import RECIPES

NAME = "my-first-row"
FACES = 500
SHORT = {"epochs"}
"""What may differ from a recipe in the runs that a row is compared with."""


def train_a_row(data: FaceData, after: str, combine: str) -> Run:
    """Train a pocket network on 500 faces for two epochs, and test it on both halves.

    It begins with the weights that the same network learned from FER2013.

    Example: `lesson05.train_a_row(data, "block3_pool", "multiply")`.
    """
    recipe = RECIPES["practice"].changed(epochs=2, views=1)
    prepare(recipe)
    model = pocket_model(after, combine)
    configuration = pocket_configuration(after, combine) | {"weights": "fer2013"}
    history = train(model, data.first(train=FACES, validation=256), recipe)
    return make_run(NAME, model, data, configuration, recipe, history)


def commonest(run: Run) -> tuple[str, float]:
    """The commonest emotion of a run's test faces, and its share in percent."""
    faces = run.single["private"].confusion.sum(axis=1)
    return EMOTIONS[faces.argmax()], 100 * float(faces.max() / faces.sum())


def against_their_mean(run: Run) -> str:
    """Whether a run's interval is above or below the mean of stored runs like it."""
    result = evaluate(run.single["private"])
    stored = stored_like(run).values()
    mean = np.mean([evaluate(one.single["private"]).accuracy for one in stored])
    if result.low > mean:
        return "better"
    return "worse" if result.high < mean else "as good"


def stored_like(run: Run) -> dict[str, Run]:
    """Stored pocket runs with the same block on the same data; else those without one.

    They are named after block and seed.
    """
    pocket = [
        (network_of(other), other)
        for other in runs(run.data)
        if network_of(other).is_pocket and changed_fields(other.recipe).keys() <= SHORT
    ]
    own = network_of(run)
    like = [
        (n, r) for n, r in pocket if (n.after, n.combine) == (own.after, own.combine)
    ]
    like = like or [(n, r) for n, r in pocket if not n.after]
    return {
        f"{n.label}, seed {r.recipe['seed']}": r for n, r in like if n.size == own.size
    }


def against_others_like_it(run: Run) -> Shown:
    """A run's accuracy, next to stored runs like it and to the commonest emotion.

    The text has no accuracies, because short trainings differ between computers.
    """
    shown = {f"my row: {network_of(run).label}": run} | stored_like(run)
    results = {name: evaluate(one.single["private"]) for name, one in shown.items()}
    lines = {name: (one.accuracy, one.low, one.high) for name, one in results.items()}
    figure, axis = new_figure(width=4.8, height=0.9 + ROW_HEIGHT * len(lines))
    interval_rows(axis, lines)
    for place, (name, (accuracy, _, high)) in enumerate(lines.items()):
        epochs = shown[name].recipe["epochs"]
        note(axis, f" {accuracy:.0f} %, {epochs} epochs", (high, place))
    mine, *_ = lines.values()
    axis.plot(mine[0], 0, "o", color=BLUE, markersize=7)
    axis.get_yticklabels()[0].set_color(BLUE)
    emotion, share = commonest(run)
    axis.axvline(share, color=ORANGE, linestyle="--", linewidth=1.2)
    above: Options = {"across": "center", "level": "bottom"}
    note(axis, f'always "{emotion}"', (share, -0.7), ORANGE, **above)
    axis.set(xlim=(0, 100), ylim=(len(lines) - 0.4, -0.7))
    faces = "the practice test faces" if run.data == "practice" else "PrivateTest"
    axis.set_xlabel(f"accuracy on {faces} (%),\nwith 95 % interval")
    return figure, (
        f"My row next to {len(lines) - 1} stored ones and to the {share:.0f} % of "
        f'always "{emotion}".'
    )
