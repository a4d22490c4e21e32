"""The ablation of lesson 08 as a ladder, coloured by what is known of each step."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from fercourse.plots.figures import BLUE, GREY, ORANGE, PALE, Options, new_figure, note

KINDS: dict[str, str] = {
    "tried here, in small or other runs": BLUE,
    "from systems that differ in more": ORANGE,
    "others use it": PALE,
}
"""Kinds of evidence and their colours, the most direct first."""

_TRIED, _SYSTEMS, _SHARED = KINDS

LADDER: dict[str, tuple[str, str]] = {
    "paper": ("", "the start"),
    "scale": (_TRIED, "40 and 33 %, its rival 34 %"),
    "schedule": (_SHARED, "in part"),
    "zoom": (_SHARED, "one of three systems"),
    "light": (_SYSTEMS, "+0.7 with smoothing and mixup"),
    "erasing": (_SHARED, "two systems"),
    "smoothing": (_SYSTEMS, "see light"),
    "mixup": (_SYSTEMS, "see light"),
    "averaging": (_SHARED, "one system"),
    "mean_max": (_TRIED, "a relative failed; short run: 38 %"),
    "masks": (_SYSTEMS, "+1.7, with larger masks"),
    "distillation": (_SYSTEMS, "+2.5, of ensembles"),
}
"""For each step of the ablation the kind of its evidence, and what was found."""


def evidence_ladder() -> tuple[Figure, str]:
    """A step for each addition, in the colour of its evidence; and a text for it."""
    figure, axis = new_figure(width=4.6, height=4.2)
    count = len(LADDER)
    for place, (kind, found) in enumerate(LADDER.values()):
        look: Options = {"facecolor": KINDS.get(kind, "white"), "edgecolor": GREY}
        axis.add_patch(Rectangle((place, place - 0.4), 1, 0.8, **look))
        right = place < count / 2  # where there is room
        end, across = (place + 1.2, "left") if right else (place - 0.2, "right")
        note(axis, found, (end, place), across=across)
    axis.set(xlim=(0, count), ylim=(count - 0.4, -0.6), xticks=[])
    axis.set_yticks(range(count), list(LADDER))
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    keys = [Patch(facecolor=colour, label=kind) for kind, colour in KINDS.items()]
    figure.legend(handles=keys, loc="outside lower left", fontsize=8, frameon=False)
    words = [f"{name}: {kind or 'no evidence'}" for name, (kind, _) in LADDER.items()]
    return figure, f"Steps of the ablation and their evidence. {'; '.join(words)}."
