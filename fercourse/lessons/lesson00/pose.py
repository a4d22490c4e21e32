"""Draw a face by its muscles and see what a model answers: a game of lesson 00."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import ipywidgets
import keras
import numpy as np

from fercourse.data.faces import EMOTIONS
from fercourse.data.practice import posed_face
from fercourse.lessons.lesson00.figures import movements_figure
from fercourse.plots.figures import (
    EMOTION_COLOURS,
    INK,
    figure_tag,
    image_tag,
    pixels_png,
)
from fercourse.plots.widgets import Panel, number_box, react
from fercourse.training.prediction import predict

MOVEMENTS = {
    "inner brows up": 1,
    "outer brows up": 2,
    "brows down": 4,
    "upper lids up": 5,
    "cheeks up": 6,
    "lids tight": 7,
    "nose wrinkled": 9,
    "lip corners up": 12,
    "lip corners down": 15,
    "lips stretched": 20,
    "lips apart": 25,
    "jaw dropped": 26,
}
"""Action units of the Facial Action Coding System, by what one sees."""

PERSONS, _SEED, _FIRST = 20, 11, 3
_STILL = (
    ("lip corners up", "lip corners up", 1),
    ("jaw dropped", "jaw dropped", 1),
    ("lip corners up,\nanother person", "lip corners up", 20),
)
"""Title, movement and person of each face that a page shows without being run."""


class PosePanel(Panel):
    """Move the muscles of a drawn face, and collect the model's seven answers.

    Example: `lesson00.PosePanel(fc.pocket_model("block4_pool"))`.

    Attributes:
        movements: a checkbox for each of `MOVEMENTS`.
        person: number of the person, from 1.
        collected: the answers that the model has given so far.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self.collected: set[str] = set()
        self.movements = {
            name: ipywidgets.Checkbox(description=name, indent=False)
            for name in MOVEMENTS
        }
        for box in self.movements.values():
            box.layout = {"width": "148px", "margin": "0"}
        self.person, persons = number_box("person", 1, PERSONS)
        rest = ipywidgets.Button(description="relax", tooltip="no movement")
        rest.on_click(self._relax)
        rest.layout.width = "80px"
        self._shown = ipywidgets.HTML()
        wrap = ipywidgets.Layout(flex_flow="row wrap", max_width="640px")
        boxes = ipywidgets.Box(list(self.movements.values()), layout=wrap)
        buttons = ipywidgets.Box([persons, rest], layout=wrap)
        super().__init__([boxes, buttons, self._shown])
        react((*self.movements.values(), self.person), self._render)
        self._render()

    def __repr__(self) -> str:
        """Without the picture: a notebook stores this text, and nbval compares it."""
        return f"PosePanel({len(self.collected)} of {len(EMOTIONS)} collected)"

    def still(self) -> str:
        """The movements as a list, and the answers to two persons who move."""
        listed = f"<p>{escape(' · '.join(MOVEMENTS))}</p>"
        asked = [self._ask([movement], person) for _, movement, person in _STILL]
        images, probabilities = map(np.stack, zip(*asked, strict=True))
        titles = [title for title, _, _ in _STILL]
        return listed + figure_tag(*movements_figure(images, titles, probabilities))

    def _ask(self, chosen: Sequence[str], person: int) -> tuple[np.ndarray, np.ndarray]:
        """A person with these movements, and the model's probabilities."""
        units = {MOVEMENTS[name]: 1.0 for name in chosen}
        face = posed_face(units, person - 1 + _FIRST, _SEED)
        return face, predict(self._model, face[None])[0]

    def _relax(self, _) -> None:
        for box in self.movements.values():
            box.value = False

    def _render(self, _=None) -> None:
        chosen = [name for name, box in self.movements.items() if box.value]
        face, probabilities = self._ask(chosen, self.person.value)
        self.collected.add(EMOTIONS[probabilities.argmax()])
        self._shown.value = _answered(face, probabilities, chosen, self.collected)


def _answered(
    face: np.ndarray, probabilities: np.ndarray, chosen: list[str], collected: set[str]
) -> str:
    """A face next to the model's seven bars, and below them what was collected."""
    moved = " and ".join(chosen) or "no movement"
    picture = image_tag(pixels_png(face), f"a drawn face with {moved}", 192, True)
    rows = ""
    for number, emotion in enumerate(EMOTIONS):
        share, bold = probabilities[number], number == probabilities.argmax()
        bar = f"height:12px;width:{100 * share:.0f}%;min-width:1px"
        bar += f";background:{EMOTION_COLOURS[emotion]}"
        weight = "font-weight:600;" if bold else ""
        rows += (
            f'<div style="display:flex;gap:6px;align-items:center;{weight}">'
            f'<div style="width:66px;text-align:right">{emotion}</div>'
            f'<div style="flex:1"><div style="{bar}"></div></div>'
            f'<div style="width:44px;text-align:right">{100 * share:.0f}\u00a0%</div>'
            "</div>"
        )
    won = ", ".join(emotion for emotion in EMOTIONS if emotion in collected)
    tally = f"Collected: {len(collected)} of {len(EMOTIONS)} ({won})"
    look = f"background:#fff;color:{INK};font:14px/1.5 sans-serif;border-radius:6px"
    look += ";padding:10px;max-width:620px;box-sizing:border-box"
    return (
        f'<div style="{look}"><div style="display:flex;flex-wrap:wrap;gap:14px">'
        f'<div style="flex:0 0 192px">{picture}</div>'
        f'<div style="flex:1 1 280px">{rows}</div></div>'
        f'<p style="margin:8px 0 0"><b>{tally}</b></p></div>'
    )
