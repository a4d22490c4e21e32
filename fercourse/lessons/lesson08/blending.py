"""A panel of lesson 08: two faces blended, and the target of the blend."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from fercourse.data.faces import EMOTIONS
from fercourse.data.practice import practice_faces
from fercourse.plots.figures import Shown, emotion_bars, new_figure, show_face
from fercourse.plots.widgets import FigurePanel, choice_list

BLENDED = ("happy", "neutral")
SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
SMOOTHINGS = (0.0, 0.1, 0.3)


class BlendPanel(FigurePanel):
    """Choose how two faces are blended and their labels smoothed; see the target.

    Example: `panel = lesson08.BlendPanel(); panel.share.value = 0.5`.

    Attributes:
        share: of the first face in the blend.
        smoothing: the part of the labels that is spread over all emotions.
    """

    def __init__(self) -> None:
        drawn = practice_faces(40, seed=5)
        rows = [
            list(drawn.drawn_emotions).index(EMOTIONS.index(name)) for name in BLENDED
        ]
        self._faces = drawn.faces.images[rows].astype("float32")
        self.share = choice_list(f"share of {BLENDED[0]}", SHARES, 0.8)
        self.smoothing = choice_list("smoothing", SMOOTHINGS, 0.0)
        super().__init__(self.share, self.smoothing)

    def draw(self) -> Shown:
        """The figure for the chosen values, and its alternative text."""
        share = self.share.value
        first, second = self._faces
        blend = share * first + (1 - share) * second
        target = blended_target(share, self.smoothing.value)
        lowest = lowest_loss(target)
        alt = f"Target of {share:g} {BLENDED[0]} and {1 - share:.1f} {BLENDED[1]}, "
        alt += f"smoothed by {self.smoothing.value:g}: happy {target.max():.2f}; "
        alt += f"lowest possible loss {lowest:.2f}"
        return blend_and_target(blend, target, lowest), alt


def blended_target(share: float, smoothing: float) -> np.ndarray:
    """Seven shares: those of the two blended labels, smoothed."""
    first, second = np.eye(len(EMOTIONS))[[EMOTIONS.index(name) for name in BLENDED]]
    blend = share * first + (1 - share) * second
    return (1 - smoothing) * blend + smoothing / len(EMOTIONS)


def lowest_loss(target: np.ndarray) -> float:
    """The cross-entropy of an answer that is exactly the target."""
    held = target[target > 0]
    return float(-(held * np.log(held)).sum()) + 0.0  # no minus in front of zero


def blend_and_target(blend: np.ndarray, target: np.ndarray, lowest: float) -> Figure:
    """A face next to its target as bars."""
    figure, (left, right) = new_figure(2, 1, 4.6, 2.5)
    show_face(left, blend)
    left.set_title("what the network sees")
    emotion_bars(right, target.tolist(), "{:.2f}")
    right.set(xlabel="share", xlim=(0, 1.3), xticks=[0, 0.5, 1])
    right.set_title(f"what it should answer\nlowest loss: {lowest:.2f}")
    return figure
