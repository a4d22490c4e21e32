"""A row of the learner's own, trained briefly: the last cells of lesson 05."""

from __future__ import annotations

from matplotlib.figure import Figure

from fercourse.data.faces import EMOTIONS, FaceData
from fercourse.models.pocket import pocket_configuration
from fercourse.models.systems import build_model
from fercourse.plots.figures import ORANGE, interval_rows, new_figure, note
from fercourse.results.runs import Run, evaluate, make_run
from fercourse.training.loop import prepare, train
from fercourse.training.recipes import RECIPES


def train_a_row(data: FaceData, after: str, combine: str) -> Run:
    """Train a pocket network on 500 faces for two epochs, and test it on both halves.

    Example: `lesson05.train_a_row(data, "block3_pool", "multiply")`.
    """
    recipe = RECIPES["practice"].changed(epochs=2, views=1)
    configuration = pocket_configuration(after, combine)
    prepare(recipe)
    model = build_model(configuration)
    history = train(model, data.first(train=500, validation=256), recipe)
    return make_run("my-first-row", model, data, configuration, recipe, history)


def against_chance(run: Run) -> tuple[Figure, str]:
    """A run's accuracy with its interval, and that of always the commonest emotion.

    The text has round numbers, because two epochs differ between computers.
    """
    answers = run.single["private"]
    result = evaluate(answers)
    faces = answers.confusion.sum(axis=1)
    share = 100 * faces.max() / faces.sum()
    figure, axis = new_figure(width=4.4, height=1.2)
    interval_rows(axis, {"my first row": (result.accuracy, result.low, result.high)})
    axis.axvline(share, color=ORANGE, linestyle="--", linewidth=1.2)
    words = f' always "{EMOTIONS[faces.argmax()]}"'
    note(axis, words, (share, -0.8), ORANGE)
    axis.set(xlim=(0, 100), ylim=(0.4, -1), xlabel="accuracy (%), with 95 % interval")
    rounded = 10 * round(result.accuracy / 10)
    return figure, (
        f"Tested on {faces.sum():,} faces: right on about {rounded} %, and always the "
        f"commonest emotion on {share:.0f} %."
    )
