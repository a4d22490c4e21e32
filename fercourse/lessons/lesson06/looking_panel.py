"""The widget of lesson 06: any face, emotion, method and block."""

from __future__ import annotations

import ipywidgets
import numpy as np

from fercourse.data.faces import EMOTIONS
from fercourse.explain.maps import ACTIVATION_MAPS, METHODS, saliency
from fercourse.explain.table import KnownFaces, explained_faces, explained_model
from fercourse.lessons.lesson06.figures import in_words, map_row
from fercourse.plots.widgets import Panel, Picture, number_box, react
from fercourse.training.prediction import predict

FACES = 12


class LookPanel(Panel):
    """Choose what is explained and how; the picture follows.

    Attributes:
        face: number of the face, from 1.
        emotion: whose score is explained.
        method: one of `METHODS`.
        block: the features of class activation maps, 3 to 5.
    """

    def __init__(self) -> None:
        self.model = explained_model()
        self.faces: KnownFaces = explained_faces(self.model, FACES)
        self.answers = predict(self.model, self.faces.images)
        self.face, face_row = number_box("face", 1, FACES)
        self.face.value = surest = int(self.answers.max(axis=1).argmax()) + 1
        self.emotion = ipywidgets.Dropdown(options=EMOTIONS, description="emotion")
        self.method = ipywidgets.Dropdown(
            options=[(in_words(name), name) for name in METHODS],
            value="grad_cam",
            description="method",
        )
        self.block = ipywidgets.Dropdown(
            options=[3, 4, 5], value=5, description="block"
        )
        self.picture, self.says = Picture(), ipywidgets.HTML()
        wrap = ipywidgets.Layout(flex_flow="row wrap")
        choices = [self.emotion, self.method, self.block]
        controls = ipywidgets.HBox([face_row, *choices], layout=wrap)
        super().__init__([controls, self.says, self.picture])
        self.emotion.value = EMOTIONS[self.faces.emotions[surest - 1]]
        react((self.face, *choices), self._render)
        self._render()

    def __repr__(self) -> str:
        """Without the picture: a notebook stores this text, and nbval compares it."""
        return f"LookPanel({self.picture.alt!r})"

    def still(self) -> str:
        """The picture and the sentence above it."""
        return f"{self.says.value}{self.picture.value}"

    def _render(self, _=None) -> None:
        number, emotion, method = self.face.value - 1, self.emotion.value, self.method
        self.block.disabled = method.value not in ACTIVATION_MAPS
        one = self.faces.some(slice(number, number + 1))
        layer = f"block{self.block.value}"
        map_ = saliency(self.model, one.images, emotion, method.value, layer)[0]
        name = in_words(method.value)
        name += f", block {self.block.value}" * (not self.block.disabled)
        drawn = EMOTIONS[one.emotions[0]]
        probability = self.answers[number, EMOTIONS.index(emotion)]
        answer = EMOTIONS[self.answers[number].argmax()]
        self.says.value = (
            f"<p>Face {number + 1}, drawn as {drawn}. The network answers {answer}; "
            f"its probability of {emotion} is {probability:.2f}.</p>"
        )
        row, column = np.unravel_index(map_.argmax(), map_.shape)
        hit = "on" if one.evidence[0, row, column] else "not on"
        alt = (
            f"A face drawn as {drawn}, and the map of {name} for {emotion}; its "
            f"highest pixel is {hit} the evidence"
        )
        figure, _ = map_row(one.images[0], {name: map_}, one.evidence[0], side=2.4)
        self.picture.put(figure, alt)
