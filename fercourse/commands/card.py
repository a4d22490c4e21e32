"""The card of the shipped pocket models: what they are for, what they are not for, and how well they do.

Every figure on it is computed from stored runs: `python -m fercourse card --write`
writes the page anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fercourse.data.faces import EMOTIONS
from fercourse.machine import REPOSITORY
from fercourse.models.pocket import SHIPPED_MODELS
from fercourse.results.runs import Run, evaluate

MODEL_CARD = REPOSITORY / "data" / "MODEL_CARD.md"

_TEXT = """\
# The pocket models

{count} small networks that come with the course, one for each place of the attention block that has been
trained so far. The figures on this page are computed from the runs in `results/`; `python -m fercourse card
--write` writes the page anew.

## What they are

VGG19 (Simonyan and Zisserman, 2014) with a quarter of its channels and batch normalisation, with or without
the spatial attention block of Nguyen and Nguyen (2021): {parameters} parameters,
{megabytes:.0f} MB in 16 bits. 48 × 48 grey pixels go in, seven probabilities come out
({emotions}).
They started from random weights: nothing in them comes from ImageNet or from any other network, so no licence
but the course's applies to them, and the terms of the data they learned from.

**Data.** FER2013's Training, 28,709 faces. The epoch was selected on PublicTest, and PrivateTest was looked
at once. [README.md](README.md) says what FER2013 is and what is wrong with it.

## What they are for

Teaching: to see what a trained network answers, where its attention block responds, and how a number is
measured. They are weaker than what the literature reports, because they were trained on two CPU cores.

## What nobody may use them for

They guess which of seven words strangers chose for a picture. They do not read feelings. Do not use them to
decide anything about a person, to watch people, or where a wrong answer harms somebody. At work and in
education, systems that infer emotions are forbidden in the European Union (Regulation (EU) 2024/1689, Article
5(1)(f)).

## How well they do

Accuracy in percent on PrivateTest, one view of each face, with Wilson's 95 % interval. "unseen" leaves out
the faces that stand in Training too; "two views" averages each face and its mirror image; "calibration" is
the expected calibration error, by how many points confidence and accuracy differ. One seed each: differences
of a point or two mean nothing.

{accuracy}

How often each emotion is recognised, in percent of its faces on PrivateTest:

{recall}

## Known failures

{failures}
- On pictures of another kind they are worse. On drawn faces they are right about two of five (lesson 00).
- Age, gender and origin are not recorded in FER2013, so nobody knows for whom they work less well.
- They always answer: to a house, a dog or an empty picture as well.
"""


def model_card(runs: Sequence[Run]) -> str:
    """The page, from the runs of the shipped models.

    Args:
        runs: of pocket models with seed 0, those whose weights are shipped.

    Raises:
        ValueError: no runs.
    """
    if not runs:
        raise ValueError(
            "No runs of shipped models; `python -m fercourse train --pocket --ship` "
            "makes one."
        )
    sizes = [
        (SHIPPED_MODELS / f"{_name(run)}.weights.h5").stat().st_size for run in runs
    ]
    parameters = sorted({run.parameters for run in runs})
    low, high = f"{parameters[0]:,}", f"{parameters[-1]:,}"
    return _TEXT.format(
        count=len(runs),
        parameters=low if low == high else f"{low} to {high}",
        megabytes=np.mean(sizes) / 1e6,
        emotions=", ".join(EMOTIONS),
        accuracy=_table(
            [
                "model",
                "PublicTest",
                "PrivateTest",
                "unseen",
                "two views",
                "calibration",
            ],
            map(_figures, runs),
        ),
        recall=_table(["model", *EMOTIONS], map(_recall, runs)),
        failures=_failures(runs),
    )


def shipped_runs(runs: Sequence[Run]) -> list[Run]:
    """Those runs whose model is shipped: the pocket recipe with seed 0."""
    return [
        run
        for run in runs
        if run.name.endswith("-pocket-seed0")
        and (SHIPPED_MODELS / f"{_name(run)}.weights.h5").exists()
    ]


def _name(run: Run) -> str:
    return run.name.removesuffix("-pocket-seed0")


def _figures(run: Run) -> list[str]:
    public, private = evaluate(run.single["public"]), evaluate(run.single["private"])
    two_views = evaluate(run.multi["private"])
    return [
        _name(run),
        f"{public.accuracy:.1f}",
        f"{private.accuracy:.1f} ({private.low:.1f} to {private.high:.1f})",
        f"{private.unseen:.1f}",
        f"{two_views.accuracy:.1f}",
        f"{private.calibration_error:.1f}",
    ]


def _shares(run: Run) -> np.ndarray:
    confusion = run.single["private"].confusion
    return 100 * confusion / confusion.sum(axis=1, keepdims=True)


def _recall(run: Run) -> list[str]:
    return [_name(run), *(f"{share:.0f}" for share in np.diagonal(_shares(run)))]


def _failures(runs: Sequence[Run]) -> str:
    """The emotions that are recognised worst, and what they are taken for, over all models."""
    shares = np.mean([_shares(run) for run in runs], axis=0)
    lines = []
    for true in np.diagonal(shares).argsort()[:3]:
        others = shares[true].copy()
        others[true] = -1
        taken = int(others.argmax())
        lines.append(
            f"- {EMOTIONS[true].capitalize()} is recognised in "
            f"{shares[true, true]:.0f} % of its faces and "
            f"taken for {EMOTIONS[taken]} in {shares[true, taken]:.0f} %, on average "
            f"over the models."
        )
    return "\n".join(lines)


def _table(heading: list[str], rows) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
