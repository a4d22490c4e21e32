"""Widgets: one function turns their state into a picture, and nothing else is kept.

Neither `interact` nor `Output` is used: both behave differently in JupyterLab, Colab,
Voilà and nbval.
"""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from fercourse.data.faces import EMOTIONS, SPLITS, FaceData, Faces
from fercourse.plots.figures import face_grid, figure_png, image_tag

FACES_ON_A_PAGE = 24


class Picture(ipywidgets.HTML):
    """A picture with an alternative text, `alt`; `ipywidgets.Image` has none."""

    alt = ""

    def __repr__(self) -> str:
        """Without the picture: a notebook stores this text, and nbval compares it."""
        return f"Picture({self.alt!r})"

    def put(self, png: bytes, alt: str, width: int) -> None:
        """Show a PNG file, `width` CSS pixels wide."""
        self.alt = alt
        self.value = image_tag(png, alt, width)


class Panel(ipywidgets.VBox):
    """Controls and pictures, which a notebook that was not run yet shows as a still."""

    def still(self) -> str:
        """The pictures as they are now, as HTML with alternative texts."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options):
        # A front end that reaches the kernel prefers the live widget; a stored notebook
        # has only the still, because the build removes the reference to the widget.
        return {**super()._repr_mimebundle_(**options), "text/html": self.still()}


class Gallery(Panel):
    """What `gallery` returns."""

    def still(self) -> str:
        """The page of faces and the line above it."""
        *_, line, picture = self.children
        return f"<p>{line.value}</p>{picture.value}"


def react(controls: tuple[ipywidgets.Widget, ...], render: Callable) -> None:
    """Call `render` whenever the value of one of the controls changes."""
    for control in controls:
        control.observe(render, names="value")


def take_upload(button: ipywidgets.FileUpload) -> tuple[str, bytes] | None:
    """The name and content of the file in an upload button, which is then empty again.

    None for an empty button.
    """
    files = button.value
    if not files:
        return None
    if isinstance(files, dict):  # ipywidgets 7, as on Colab: by name
        name, file = next(iter(files.items()))
    else:
        file = files[0]
        name = file["name"]
    # The same file once more would otherwise be no change, and nobody would notice it.
    button.set_trait("value", type(files)())
    return name, bytes(file["content"])


def gallery(data: FaceData) -> Panel:
    """Faces of one emotion and split, page by page; each is titled with its row.

    Example: `fc.gallery(data)` as the last line of a cell.

    Returns:
        A box with `.children`: emotion, split and page to choose, one line of text, the
        `Picture`.
    """
    names = {split.usage: split.name for split in SPLITS}
    emotion = ipywidgets.Dropdown(options=EMOTIONS, value="happy")
    split, page = ipywidgets.Dropdown(options=list(names)), ipywidgets.IntSlider(min=1)
    emotion.description, split.description, page.description = (
        "emotion",
        "split",
        "page",
    )
    page.continuous_update = False
    line, picture = ipywidgets.Label(), Picture()

    def faces() -> Faces:
        of_split = getattr(data, names[split.value])
        return of_split[of_split.emotions == EMOTIONS.index(emotion.value)]

    def render(_=None) -> None:
        chosen, start = faces(), (page.value - 1) * FACES_ON_A_PAGE
        shown = chosen[start : start + FACES_ON_A_PAGE]
        about, where = f"{emotion.value}, {split.value}", f"page {page.value}"
        line.value = f"{about}: {len(chosen):,} faces, {where} of {page.max}"
        alt = f"{len(shown)} faces labelled {about}, {where}, in rows of 8"
        grid = face_grid(shown.images, [str(row) for row in shown.rows])
        picture.put(figure_png(grid), alt, 730)

    def turn_to_first(_=None) -> None:
        page.unobserve(render, names="value")  # one picture is enough
        page.max, page.value = max(1, -(-len(faces()) // FACES_ON_A_PAGE)), 1
        react((page,), render)
        render()

    react((emotion, split), turn_to_first)
    turn_to_first()
    return Gallery([emotion, split, page, line, picture])
