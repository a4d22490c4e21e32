"""Faces as another camera would show them: what changes, and a panel of lesson 07."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from fercourse.data import shift
from fercourse.data.faces import EMOTIONS, Faces
from fercourse.plots.figures import (
    Shown,
    emotion_bars,
    face_grid,
    new_mosaic,
    show_face,
)
from fercourse.plots.widgets import FigurePanel, choice_list
from fercourse.training.prediction import predict


@dataclass(frozen=True)
class Change:
    """One way to change pictures, and how strongly; the first strength changes none."""

    axis: str  # what a figure writes under the strengths
    words: str  # one strength in words, as a format
    apply: Callable[[np.ndarray, float], np.ndarray]
    strengths: Sequence[float]


CHANGES: dict[str, Change] = {
    "blur": Change(
        "blur (pixels)", "blurred, {:g} pixels", shift.blurred, (0, 0.7, 1.4, 2.1)
    ),
    "contrast": Change(
        "contrast (1 is the original)",
        "contrast × {:g}",
        shift.with_contrast,
        (1, 0.6, 0.4, 0.2),
    ),
    "tilt": Change("tilt (degrees)", "tilted, {:g}°", shift.turned, (0, 10, 20, 30)),
    "cover": Change(
        "covered part of the picture (%)",
        "{:g}\N{NO-BREAK SPACE}% covered",
        lambda faces, percent: shift.covered(faces, percent / 100),
        (0, 15, 30, 45),
    ),
}
STRENGTHS = ("none", "weak", "medium", "strong")
OFFERED = 9
"""Faces to choose from."""


def measured_changes(network: Any, faces: Faces) -> dict[str, np.ndarray]:
    """For each change, shape (4, 3): strength, right answers, mean confidence (%)."""
    curves, unchanged = {}, predict(network, faces.images)
    for name, change in CHANGES.items():
        rows = []
        for strength in change.strengths:
            answers = unchanged
            if strength != change.strengths[0]:
                answers = predict(network, change.apply(faces.images, strength))
            right = (answers.argmax(axis=1) == faces.emotions).mean()
            rows.append((strength, 100 * right, 100 * answers.max(axis=1).mean()))
        curves[name] = np.array(rows)
    return curves


class ChangePanel(FigurePanel):
    """Choose a face, a change and its strength; see the picture and the answer change.

    Example: `lesson07.ChangePanel(fc.pocket_model(), data.test)`.

    Attributes:
        change: a name in `CHANGES`.
        strength: 0 (none) to 3 (strong).
        face: which of the first faces.
    """

    def __init__(self, network: Any, faces: Faces) -> None:
        self._network, self._faces = network, faces
        self.change = choice_list("change", [*CHANGES], "cover")
        names = {name: number for number, name in enumerate(STRENGTHS)}
        self.strength = choice_list("strength", names, 2)
        self.face = choice_list("face", range(OFFERED), 6)
        super().__init__(self.change, self.strength, self.face)

    def draw(self) -> Shown:
        """The figure for the chosen values, and its alternative text."""
        face = self._faces[self.face.value : self.face.value + 1]
        change = CHANGES[self.change.value]
        strength = change.strengths[self.strength.value]
        images = np.concatenate([face.images, change.apply(face.images, strength)])
        answers = predict(self._network, images)
        titles = ["as it is", in_words(change, strength)]
        titles = [
            f"{title}: {answer_in_words(answer)}"
            for title, answer in zip(titles, answers, strict=True)
        ]
        label = EMOTIONS[face.emotions[0]]
        figure = two_faces(images, titles, answers[1], f"the label is {label}")
        return figure, f"A face labelled {label}. {'; '.join(titles)}"


def in_words(change: Change, strength: float) -> str:
    """Such as "30 % covered"."""
    return change.words.format(strength)


def disappearing(network: Any, face: np.ndarray, hidden: Sequence[float]) -> Shown:
    """A network's answers to a face, (1, 48, 48), as more and more of it is hidden."""
    stages = np.concatenate([shift.covered(face, share) for share in hidden])
    words = [answer_in_words(answer) for answer in predict(network, stages)]
    shares = [
        f"{share:.0%}, {answer}" for share, answer in zip(hidden, words, strict=True)
    ]
    alt = (
        f"A face, and an answer, by how much is hidden from below: {'; '.join(shares)}."
    )
    columns = min(3, len(hidden))
    shown = stages // 8 * 8  # 32 greys look alike, in a smaller file
    return face_grid(shown, words, columns=columns, side=1.4), alt


def answer_in_words(answer: np.ndarray) -> str:
    """Such as "happy, 60 %"."""
    return f"{EMOTIONS[answer.argmax()]}, {100 * answer.max():.0f} %"


def two_faces(
    images: np.ndarray, titles: Sequence[str], answer: np.ndarray, label: str
) -> Figure:
    """Two faces next to each other, and the answer to the second as bars below."""
    figure, axes = new_mosaic("AB;CC", 4.4, 4.2, height_ratios=(1.15, 1))
    for place, image, title in zip("AB", images, titles, strict=True):
        show_face(axes[place], image)
        axes[place].set_title(title.replace(": ", "\n"))
    emotion_bars(axes["C"], (100 * answer).tolist(), "{:.0f} %")
    axes["C"].set(xlim=(0, 115), xticks=[0, 50, 100], ylabel="", title=label)
    axes["C"].set_xlabel("answer to the changed picture (%)")
    return figure
