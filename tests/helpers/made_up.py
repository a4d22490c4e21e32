"""Made-up runs for the tests of Table III."""

import numpy as np

from fercourse.results.runs import Answers, Run
from fercourse.training.recipes import RECIPES

POCKET = {"system": "vgg19_attention", "width": 0.25, "size": 48, "weights": None,
          "after": "block4_pool", "combine": "concat"}  # fmt: skip
PAPERS = POCKET | {"width": 1.0, "size": 224, "weights": "imagenet",
                   "after": "block5_pool"}  # fmt: skip


def made_up_answers(right):
    """A hundred faces, `right` of them answered right, ten of them in Training."""
    confusion = np.diag([right, 0, 0, 0, 0, 0, 0])
    confusion[1, 0] = 100 - right
    probabilities = np.full((100, 7), 0.1, "float16")
    probabilities[:, 0] = 0.4
    faces = np.arange(100)
    return Answers(probabilities, faces < right, confusion, faces < 10)


def made_up_run(
    seed=0, right=50, multi=None, recipe=None, provenance=None, **configuration
):
    """A pocket run with changes; another system has its own arguments alone."""
    if configuration.get("system", "vgg19_attention") == "vgg19_attention":
        configuration = POCKET | configuration
    one = made_up_answers(right)
    several = one if multi is None else made_up_answers(multi)
    return Run(
        name=f"made-up-{seed}",
        configuration=configuration,
        recipe=RECIPES["pocket"].as_dict() | {"seed": seed} | (recipe or {}),
        history={"seconds": 600.0 + 60 * seed, "epochs": {"public": [1.0]}},
        provenance={"hardware": "CPU, 2 cores"} | (provenance or {}),
        parameters=1000,
        single={"public": one, "private": one},
        multi={"public": several, "private": several},
    )
