"""One's own face, or a drawn one, and a network's answer: a panel of lesson 07."""

from __future__ import annotations

from typing import Any

import ipywidgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fercourse.data.faces import Faces
from fercourse.data.own_picture import (
    LARGEST_FILE,
    PictureError,
    crop_face,
    read_picture,
    square_of,
)
from fercourse.lessons.lesson07.shifting import answer_in_words
from fercourse.plots.figures import (
    ORANGE,
    Options,
    Shown,
    emotion_bars,
    new_mosaic,
    show_face,
)
from fercourse.plots.widgets import (
    FigurePanel,
    choice_list,
    percent_box,
    react,
    take_upload,
)
from fercourse.training.prediction import predict

OFFERED = 4
"""Drawn faces to choose from."""
OWN = "own"
"""The value of `face` for one's own picture; a list of ipywidgets cannot show None."""


class OwnFacePanel(FigurePanel):
    """A network's answer to a drawn face, or to a picture that stays in memory.

    Example: `lesson07.OwnFacePanel(fc.pocket_model(), drawn.faces)`.

    Attributes:
        upload: the button for a picture of one's own.
        face: which drawn face is shown, from 0; `OWN` is one's own picture.
        across, down, side: the frame on one's own picture, in percent.
    """

    caption = (
        "To try your own face, run the lesson on your own computer. In Colab, use the "
        "drawn faces only."
    )

    def __init__(self, network: Any, faces: Faces) -> None:
        self._network, self._faces = network, faces
        self._own: Any = None  # or a picture: uint8, (height, width)
        self.upload = ipywidgets.FileUpload(
            accept="image/*",
            description=f"own picture, up to {LARGEST_FILE / 1e6:.0f} MB",
            icon="",
            layout={"width": "240px"},
        )
        self.face = choice_list("face", self._choices(), 0)
        self.across = percent_box("across", 0, 50)
        self.down = percent_box("down", 0, 50)
        self.side = percent_box("size", 10, 100)
        self.says = ipywidgets.HTML()
        self._frame = (self.across, self.down, self.side)
        super().__init__(self.face, *self._frame)
        self.set_trait("children", (self.upload, self.says, *self.children))
        react((self.upload,), self._uploaded)

    def __repr__(self) -> str:
        """Without the answer to one's own picture, which a notebook would store."""
        return super().__repr__() if self._own is None else "OwnFacePanel()"

    def still(self) -> str:
        """The picture, unless one of the learner's own was here."""
        return super().still() if self._own is None else ""

    def draw(self) -> Shown:
        """The figure for the chosen values, and its alternative text."""
        own = self.face.value == OWN
        for control in self._frame:
            control.disabled = not own
        face, images = self.face.value, self._faces.images
        image = crop_face(self._own, *self._square()) if own else images[face]
        (answer,) = predict(self._network, image[None])
        words = answer_in_words(answer)
        figure = self._figure(image, answer, words, own)
        name = "Your picture" if own else f"Drawn face {face + 1}"
        return figure, f"{name}: {words}"

    def _figure(
        self, image: np.ndarray, answer: np.ndarray, words: str, own: bool
    ) -> Figure:
        layout, height = ("AA;BC", 3.8) if own else ("BC", 2.2)
        figure, axes = new_mosaic(layout, 4.4, height, width_ratios=(1, 1.5))
        if own:
            self._show_frame(axes["A"])
        show_face(axes["B"], image)
        axes["B"].set_title("48 × 48 pixels")
        emotion_bars(axes["C"], (100 * answer).tolist(), "{:.0f} %")
        axes["C"].set(xlim=(0, 119), xticks=[0, 50, 100], ylabel="", title=words)
        axes["C"].set_xlabel("answer (%)")
        return figure

    def _show_frame(self, axis: Axes) -> None:
        axis.imshow(self._own, cmap="gray", vmin=0, vmax=255)
        left, top, length = square_of(self._own, *self._square())
        look: Options = {"fill": False, "edgecolor": ORANGE, "linewidth": 2}
        axis.add_patch(Rectangle((left, top), length, length, **look))
        axis.set_title("move the frame to your face")
        axis.axis("off")

    def _square(self) -> tuple[float, float, float]:
        return self.across.value / 100, self.down.value / 100, self.side.value / 100

    def _choices(self) -> dict[str, int | str]:
        own = {} if self._own is None else {"your picture": OWN}
        return {**own, **{f"drawn {number + 1}": number for number in range(OFFERED)}}

    def _uploaded(self, _) -> None:
        upload = take_upload(self.upload)
        if upload is None:
            return
        name, content = upload
        try:
            self._own = read_picture(content, name)
        except PictureError as error:
            self.says.value = str(error)
            return
        self.says.value = f"{name} is in memory only, and is written to no file."
        self.face.options = list(self._choices().items())
        self.face.value = OWN
        self._render()
