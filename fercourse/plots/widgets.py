"""What a learner moves: state goes through one function to a picture, and nothing else is kept.

Neither `interact` nor `Output` is used: both behave differently in JupyterLab, Colab,
Voilà and nbval.
"""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from fercourse.data.faces import EMOTIONS, FaceData
from fercourse.plots.figures import face_grid, figure_png, image_tag

SPLITS = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}
"""FER2013's names of the splits, and ours."""

FACES_ON_A_PAGE = 24


class Picture(ipywidgets.HTML):
    """A picture with an alternative text; `ipywidgets.Image` has none.

    Attributes:
        alt: what is to be seen; empty before the first picture.
    """

    alt = ""

    def __repr__(self) -> str:
        """Without the picture: a notebook stores this text, and nbval compares it."""
        return f"Picture({self.alt!r})"

    def put(self, png: bytes, alt: str, width: int) -> None:
        """Show a PNG file.

        Args:
            png: the file.
            alt: what is to be seen.
            width: in CSS pixels.
        """
        self.alt = alt
        self.value = image_tag(png, alt, width)


def gallery(data: FaceData) -> ipywidgets.VBox:
    """Faces of one emotion and split, page by page; over each face its row in the source.

    Args:
        data: labelled faces.

    Returns:
        A box with `.children`: emotion, split and page to choose, one line of text, the
        `Picture`.
    """
    emotion = ipywidgets.Dropdown(
        options=EMOTIONS, value="happy", description="emotion"
    )
    split = ipywidgets.Dropdown(options=list(SPLITS), description="split")
    page = ipywidgets.IntSlider(
        min=1, max=1, description="page", continuous_update=False
    )
    line, picture = ipywidgets.Label(), Picture()

    def faces():
        chosen = getattr(data, SPLITS[split.value])
        return chosen[chosen.emotions == EMOTIONS.index(emotion.value)]

    def render(_=None) -> None:
        found = faces()
        start = (page.value - 1) * FACES_ON_A_PAGE
        shown = found[start : start + FACES_ON_A_PAGE]
        line.value = f"{emotion.value}, {split.value}: {len(found):,} faces, page {page.value} of {page.max}"
        alt = f"{len(shown)} faces labelled {emotion.value}, {split.value}, page {page.value}, in rows of 8"
        picture.put(
            figure_png(face_grid(shown.images, [str(row) for row in shown.rows])),
            alt,
            730,
        )

    def turn_to_first(_=None) -> None:
        page.unobserve(render, names="value")  # one picture is enough
        page.max, page.value = max(1, -(-len(faces()) // FACES_ON_A_PAGE)), 1
        react((page,), render)
        render()

    react((emotion, split), turn_to_first)
    react((page,), render)
    turn_to_first()
    return ipywidgets.VBox([emotion, split, page, line, picture])


def react(controls: tuple[ipywidgets.Widget, ...], render: Callable) -> None:
    """Call `render` whenever the value of one of the controls changes."""
    for control in controls:
        control.observe(render, names="value")
