"""The ablation of lesson 08 as a list, coloured by what is known of each step."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from fercourse.plots.figures import BLUE, GREY, ORANGE, PALE, Options, new_figure, note

KINDS: dict[str, str] = {
    "tried here, in small or other runs": BLUE,
    "others' gains, with more changed": ORANGE,
    "others use it": PALE,
}
"""Kinds of evidence and their colours, the most direct first."""

_TRIED, _SYSTEMS, _SHARED = KINDS

LADDER: dict[str, tuple[str, str]] = {
    "paper": ("", "the start"),
    "scale": (_TRIED, "two short runs: 40 and 33 %, without it 23 %"),
    "schedule": (_SHARED, "others use parts of it"),
    "zoom": (_SHARED, "used by one of three systems"),
    "light": (_SYSTEMS, "+0.7 points, with smoothing and mixup"),
    "erasing": (_SHARED, "used by two systems"),
    "smoothing": (_SYSTEMS, "part of the same +0.7 points"),
    "mixup": (_SYSTEMS, "part of the same +0.7 points"),
    "averaging": (_SHARED, "used by one system"),
    "mean_max": (_TRIED, "38 % in a short run; the pooled head failed"),
    "masks": (_SYSTEMS, "+1.7 points, with much larger masks"),
    "distillation": (_SYSTEMS, "+2.5 points, but from ensembles"),
}
"""For each step of the ablation the kind of its evidence, and what was found."""


def evidence_ladder() -> tuple[Figure, str]:
    """A row for each step, with a square in the colour of its evidence; and a text."""
    figure, axis = new_figure(width=4.6, height=4.0)
    count = len(LADDER)
    for place, (kind, found) in enumerate(LADDER.values()):
        look: Options = {"facecolor": KINDS.get(kind, "white"), "edgecolor": GREY}
        axis.add_patch(Rectangle((0, place - 0.3), 0.6, 0.6, **look))
        note(axis, found, (0.85, place))
    axis.set(xlim=(0, 9), ylim=(count - 0.4, -0.6), xticks=[])
    axis.set_yticks(range(count), list(LADDER))
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    keys = [Patch(facecolor=colour, label=kind) for kind, colour in KINDS.items()]
    figure.legend(handles=keys, loc="outside lower left", fontsize=8, frameon=False)
    words = [f"{name}: {kind or 'no evidence'}" for name, (kind, _) in LADDER.items()]
    return figure, f"Steps of the ablation and their evidence. {'; '.join(words)}."
