"""The ablation: from the paper's network and recipe to `full`, step by step.

Each step keeps what the steps before it added, so the difference between neighbouring
steps is that ingredient's gain, given the earlier ones. Each is a run of its own:
`python -m fercourse train --ablation mixup`. Choices are made with `--size 112`, which
costs a quarter.

Steps are compared on PublicTest only. A run stores its answers to PrivateTest too, but
choosing a step by them would use up the test half. With one seed each, most neighbours
differ by less than `fercourse.results.comparisons` can resolve: repeat both with the
seeds 1 and 2 before a step counts as an improvement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fercourse.models.network import NETWORK_B, Network
from fercourse.training.recipes import RECIPES, Recipe


@dataclass(frozen=True)
class Step:
    """One step of the ablation: what it adds, and what suggests that it may help."""

    adds: str
    source: str = ""  # weak evidence: others have it, or several things changed
    configuration: Mapping[str, Any] = field(default_factory=dict)  # what it changes
    recipe: Mapping[str, Any] = field(default_factory=dict)  # what it changes


_FULL = RECIPES["full"].as_dict()


def _as_in_full(fields: str) -> dict[str, Any]:
    return {name: _FULL[name] for name in fields.split()}


ABLATION: dict[str, Step] = {
    "paper": Step("the paper's network and the plainest recipe"),
    "scale": Step(
        "the features times 0.05 before the head, and half of the rate",
        "best in one of two short runs that differ in nothing but the initial "
        "weights; both were changed together",
        configuration={"feature_scale": NETWORK_B["feature_scale"]},
        recipe=_as_in_full("learning_rate"),
    ),
    "schedule": Step(
        "AdamW with clipped gradients, a warm-up and a cosine to zero; no empty "
        "pictures; 16 views in the test",
        "networks fine-tuned to FER2013 have small, falling rates in common, which "
        "says nothing about the rest",
        # The views change the test, not the training; a run has the answers from one
        # view, too.
        recipe=_as_in_full(
            "optimizer schedule plateau_factor plateau_patience weight_decay "
            "warmup_epochs clip_norm drop_blank views"
        ),
    ),
    "zoom": Step(
        "zooms, and slightly smaller shifts",
        "of the systems above 73 %, VGGnet zooms, but WuJie's VGG19 and the Residual "
        "Masking Network do not",
        recipe=_as_in_full("rotation shift zoom"),
    ),
    "light": Step(
        "brighter and darker faces, more and less contrast",
        "LetheSec's ResNet18 with light, smoothing and mixup is 0.7 points above "
        "WuJie's without; both were selected on the test",
        recipe=_as_in_full("brightness contrast"),
    ),
    "erasing": Step(
        "a grey rectangle in a quarter of the faces",
        "two systems above 73 % use it",
        recipe=_as_in_full("erasing erasing_fill"),
    ),
    "smoothing": Step(
        "labels smoothed by 0.1",
        "the same two systems as for light",
        recipe=_as_in_full("label_smoothing"),
    ),
    "mixup": Step(
        "mixup, and none in the last six epochs",
        "the same two systems as for light",
        recipe=_as_in_full("mixup mixup_off_epochs"),
    ),
    "averaging": Step(
        "the average of the weights is tested and kept",
        "EmoNeXt does it",
        recipe=_as_in_full("ema"),
    ),
    "mean_max": Step(
        "a head of mean and maximum, half a million weights in place of 103 million",
        "narrower heads helped others; ours, the pooled head, failed, but with batch "
        "normalisation, features as they were, and six times this rate (three times "
        "the first run's)",
        configuration={"head": NETWORK_B["head"]},
    ),
    "masks": Step(
        "gates after blocks 3, 4 and 5 in place of one appended map",
        "the Residual Masking Network is 1.7 points above its ResNet-34, but with 121 "
        "million weights in its masks, where these have 306",
        configuration={
            name: NETWORK_B[name] for name in ("after", "combine", "normalise_map")
        },
    ),
    "distillation": Step(
        "half of the target from teachers of the step before, several seeds together",
        "Pramerdorfer and Kampel's ensembles gain 2.5 points, so there is something to "
        "teach",
        recipe={"distillation": 0.5},
    ),
}
"""The steps by name, in order. From "averaging" on, the recipe is "full"; with "masks",
the network is `NETWORK_B`; the last step needs `--teachers`."""


class Threshold(NamedTuple):
    """What a PublicTest accuracy suggests: with one view, of faces of 224 pixels."""

    lowest: float  # percent
    accuracies: str  # from this threshold to the next, in words
    advice: str  # what to do next
    reason: str  # why the threshold is there


THRESHOLDS = (
    Threshold(
        0.0,
        "below 70.5",
        "something is probably wrong. Look at the pictures that the network gets, the "
        "rates and the loss before training anything longer.",
        "a point below others' plain VGG19",
    ),
    Threshold(
        70.5,
        "70.5 to 71.5",
        "works as others' plain VGG19 does. Change regularisation and augmentation, "
        "one thing at a time, at 112 pixels.",
        "WuJie's VGG19 has 71.5, from ten crops",
    ),
    Threshold(
        71.5,
        "71.5 to 72.3",
        "on the way. Add the next ingredient of the ablation; repeat what gains with "
        "other seeds.",
        "better than WuJie's",
    ),
    Threshold(
        72.3,
        "72.3 or more",
        "freeze configuration and recipe, train the seeds 1 and 2, and look at "
        "PrivateTest once.",
        "our first run had 1.5 more on PrivateTest (one seed): 72.3 would be 73.8",
    ),
)
"""In ascending order.

PrivateTest was 1.5 points higher for our first run at full size, and 1.6 to 1.8 for
WuJie's two networks, which were selected on it.
"""

_NAMED = {"paper": "paper"}
_NAMED |= dict.fromkeys(("averaging", "mean_max", "masks", "distillation"), "full")
"""Steps whose runs have the name of a recipe."""


def ablation(
    step: str, *, size: int = 224, seed: int = 0
) -> tuple[dict[str, Any], Recipe]:
    """The configuration and the recipe of a step, with all that earlier steps added.

    `size` is the side in pixels of the enlarged faces: 224 in the paper.
    """
    if step not in ABLATION:
        known = ", ".join(ABLATION)
        raise ValueError(f"--ablation {step} is unknown; expected one of {known}.")
    # The paper's network and recipe, and then every step up to this one.
    paper = Network.from_dict({"system": "vgg19_attention", "size": size})
    configuration, recipe = paper.as_dict(), RECIPES["paper"].changed(seed=seed)
    number = list(ABLATION).index(step)
    for earlier in list(ABLATION.values())[: number + 1]:
        configuration |= earlier.configuration
        recipe = recipe.changed(**earlier.recipe)
    return configuration, recipe.changed(name=_NAMED.get(step, f"step{number}_{step}"))
