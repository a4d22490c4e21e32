"""Faces whose labels are in doubt, one after another: a widget of lesson 01."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import ipywidgets
import numpy as np

from fercourse.data.exploration import joined
from fercourse.data.faces import EMOTIONS, FaceData, Faces
from fercourse.data.ferplus import FERPLUS_COLUMNS, ferplus_agreement
from fercourse.data.practice import ACTION_UNITS, PROTOTYPES, PracticeFaces
from fercourse.plots.figures import BLUE, image_tag, pixels_png
from fercourse.plots.widgets import Panel, number_box, react

_TRY_VOTES = (
    "Lower “agree” step by step. Questions: how many labels did not a single voter "
    "choose, and from how many votes on would you not call a label wrong?"
)
_TRY_DRAWN = (
    "Say what you see, then tick “show the answer”. Lower “strength” step by step. "
    "Question: at which strength can you no longer say that the label is wrong?"
)


class Doubts(Panel):
    """A face and, once asked for, its bars; two numbers choose which face.

    Args:
        faces: with their doubtful labels.
        levels: int, shape (N,); `name` is what they measure.
        name: of the number that says which faces; another goes through them.
        bars: for each answer, float, shape (N,).
        unit: what a bar counts; the longest possible has the length 10.
        words: a sentence for each face.
        task: what to try, and a question.

    Attributes:
        reveal: whether the bars and the words are shown; off again for the next face.
    """

    def __init__(
        self,
        faces: Faces,
        levels: np.ndarray,
        name: str,
        bars: Mapping[str, np.ndarray],
        unit: str,
        words: list[str],
        task: str,
    ) -> None:
        super().__init__()
        self._faces, self._levels, self._name = faces, levels, name
        self._bars, self._unit, self._words = bars, unit, words
        self.level, level_row = number_box(name, 0, int(levels.max(initial=0)))
        self.level.value = self.level.max
        self.face, face_row = number_box("face", 1, 1)
        self._task, self._shown = ipywidgets.HTML(f"<p>{task}</p>"), ipywidgets.HTML()
        self.reveal = ipywidgets.Checkbox(description="show the answer", indent=False)
        rows = self._task, level_row, face_row, self.reveal, self._shown
        self.children = rows
        react((self.level,), self._begin)
        react((self.face,), self._turn)
        react((self.reveal,), self._render)
        self._render()

    def still(self) -> str:
        """What to try, and a face whose bars fold out."""
        return self._task.value + self._page("details")

    def _begin(self, _=None) -> None:
        if self.face.value == 1:
            self._turn()
        self.face.value = 1  # turns if it was another

    def _turn(self, _=None) -> None:
        self.reveal.value = False
        self._render()

    def _render(self, _=None) -> None:
        self._shown.value = self._page("div" if self.reveal.value else "")

    def _page(self, tag: str) -> str:
        """The face that is chosen, and, in an element of this name, its answer."""
        here = np.flatnonzero(self._levels == self.level.value)
        self.face.max = max(1, len(here))
        about = f"{self._name} {self.level.value}: {len(here):,} of "
        about += f"{len(self._levels):,} faces"
        one = self._one(here[self.face.value - 1], tag) if len(here) else ""
        return f"<p>{about}</p>{one}"

    def _one(self, number: int, tag: str) -> str:
        label = EMOTIONS[self._faces.emotions[number]]
        face = pixels_png(self._faces.images[number])
        picture = image_tag(face, f"a face that is labelled {label}", 168, True)
        values = {name: float(values[number]) for name, values in self._bars.items()}
        style = "display:flex;flex-wrap:wrap;gap:12px;align-items:center"
        answer = f"{_bars(values, self._unit)}<p>{escape(self._words[number])}</p>"
        if tag == "details":
            answer = f"<summary>the answer</summary>{answer}"
        answer = f"<{tag}>{answer}</{tag}>" if tag else ""
        titled = f"<div><b>labelled {label}</b><br>{picture}</div>"
        return f'<div style="{style}">{titled}{answer}</div>'


def _bars(values: Mapping[str, float], unit: str) -> str:
    """A table of names, bars and numbers from 0 to 10."""
    rows = f'<tr><th></th><th style="text-align:left">{unit}</th></tr>'
    for name, value in values.items():
        look = f"width:{12 * value:.0f}px;height:12px;background:{BLUE}"
        bar = f'<div style="{look};display:inline-block;margin-right:4px"></div>'
        rows += f'<tr><td style="text-align:right">{name}</td>'
        rows += f'<td style="text-align:left">{bar}{value:.0f}</td></tr>'
    style = "border-collapse:collapse;font-size:13px;line-height:1.2"
    return f'<table style="{style}">{rows}</table>'


def voted_labels(data: FaceData, votes: np.ndarray) -> Doubts:
    """The faces of FER2013 whose most frequent FER+ vote is not their label.

    `votes`, of shape (35887, 10), are those that `read_ferplus` returns.
    """
    everyone = joined(data)
    doubtful = ~ferplus_agreement(everyone.emotions, votes[everyone.rows])
    faces = everyone[doubtful]
    cast = votes[faces.rows]  # (N, 10)
    columns = dict(zip(EMOTIONS, FERPLUS_COLUMNS, strict=True))
    columns |= {"contempt": 7, "unknown": 8, "no face": 9}
    own = cast[np.arange(len(cast)), np.array(FERPLUS_COLUMNS)[faces.emotions]]
    words = [
        f"FER2013's label is {EMOTIONS[emotion]}: {agree} of {count} voters agree."
        for emotion, agree, count in zip(faces.emotions, own, cast.sum(1), strict=True)
    ]
    bars = {name: cast[:, column] for name, column in columns.items()}
    return Doubts(faces, own, "agree", bars, "votes", words, _TRY_VOTES)


def planted_labels(drawn: PracticeFaces) -> Doubts:
    """The practice faces whose label is not what was drawn; nobody voted on them.

    A bar says how strongly the movements of an emotion were drawn, from 0 to 10.
    """
    wrong = drawn.faces.emotions != drawn.drawn_emotions
    faces, units = drawn.faces[wrong], drawn.action_units[wrong]  # (N,), (N, 13)
    bars = {
        name: 10 * units[:, np.isin(ACTION_UNITS, movements)].mean(axis=1)
        for name, movements in PROTOTYPES.items()
        if movements
    }
    strength = np.round(10 * units.max(axis=1)).astype(int)
    words = [
        f"The planted label is {EMOTIONS[label]}; what was drawn is {EMOTIONS[truth]}."
        for label, truth in zip(
            faces.emotions, drawn.drawn_emotions[wrong], strict=True
        )
    ]
    unit = "movements shown (0–10)"
    return Doubts(faces, strength, "strength", bars, unit, words, _TRY_DRAWN)
