"""Widgets: one function turns their state into a picture, and nothing else is kept.

Neither `interact` nor `Output` is used: both behave differently in JupyterLab, Colab,
Voilà and nbval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from html import escape
from typing import Any

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from fercourse.data.faces import EMOTIONS, SPLITS, FaceData, Faces
from fercourse.plots.figures import Shown, figure_tag, image_tag, pixels_png

FACES_ON_A_PAGE = 24


class Picture(ipywidgets.HTML):
    """A picture with an alternative text, `alt`; `ipywidgets.Image` has none."""

    alt = ""

    def __repr__(self) -> str:
        """Without the picture: a notebook stores this text, and nbval compares it."""
        return f"Picture({self.alt!r})"

    def put(self, figure: Figure, alt: str) -> None:
        """Show a figure, which is then closed."""
        self.alt = alt
        self.value = figure_tag(figure, alt)


_KEYS = """<style onload="this.closest('.fc-panel').addEventListener(
    'keydown', event => event.stopPropagation())"></style>"""
"""JupyterLab would take the arrow keys from a control to walk through its cells."""

_CAPTION = '<p style="margin:4px 0 0;font-size:12px;opacity:0.8">{}</p>'


class Panel(ipywidgets.VBox):
    """Controls and pictures, which a notebook that was not run yet shows as a still.

    Attributes:
        caption: the sentence under the still.
    """

    caption = "To move this, run the lesson or open it in Colab."

    def still(self) -> str:
        """The pictures as they are now, as HTML with alternative texts."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options):
        # A front end that reaches the kernel prefers the live widget; a stored notebook
        # has only the still, because the build removes the reference to the widget.
        box = ipywidgets.VBox([ipywidgets.HTML(_KEYS), self]).add_class("fc-panel")
        shown = box._repr_mimebundle_(**options)
        text = super()._repr_mimebundle_(**options)["text/plain"]
        page = self.still() + _CAPTION.format(self.caption)
        return {**shown, "text/plain": text, "text/html": page}


class FigurePanel(Panel):
    """Controls above one figure, which is drawn anew whenever one of them changes.

    A class of this kind defines `draw`, and calls `__init__` once that can run.
    """

    def __init__(self, *controls: ipywidgets.ValueWidget) -> None:
        self.picture = Picture()
        wrap = ipywidgets.Layout(flex_flow="row wrap")
        super().__init__([ipywidgets.Box(controls, layout=wrap), self.picture])
        react(controls, self._render)
        self._render()

    def draw(self) -> Shown:
        """The figure for the controls' values, and its alternative text."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """Without the picture: a notebook stores this text, and nbval compares it."""
        return f"{type(self).__name__}({self.picture.alt!r})"

    def still(self) -> str:
        """The picture."""
        return self.picture.value

    def _render(self, _=None) -> None:
        self.picture.put(*self.draw())


def choice_list(
    label: str, options: Mapping[str, Any] | Iterable[str | float], value: Any
) -> ipywidgets.Select:
    """A list of values; unlike a slider, a screen reader announces its name.

    `options` maps what is shown to the value that it means, or has words and numbers
    that are shown as they are.
    """
    if not isinstance(options, Mapping):
        options = {o if isinstance(o, str) else f"{o:g}": o for o in options}
    longest = max(map(len, options))  # a letter takes about 8 pixels
    return ipywidgets.Select(
        options=list(options.items()),
        value=value,
        description=label,
        rows=len(options),
        style={"description_width": "100px"},
        layout={"width": f"{max(200, 120 + 8 * longest)}px"},
    )


_UNDECIDED = "not decided yet"


class Guess(Panel):
    """A choice that is made before its answer is known; `.value` is the choice.

    Example: `guess = fc.Guess("better", "worse"); guess`.
    """

    caption = "To answer this, run the lesson or open it in Colab."
    value = traitlets.Unicode(_UNDECIDED)

    def __init__(self, *choices: str) -> None:
        options = [self.value, *choices]
        buttons = ipywidgets.RadioButtons(options=options, description="my guess")
        super().__init__([buttons])
        traitlets.link((buttons, "value"), (self, "value"))

    def still(self) -> str:
        """The choices as a list."""
        (buttons,) = self.children
        return f"<p>My guess: {' · '.join(map(escape, buttons.options[1:]))}</p>"

    def reply(self, answer: str) -> str:
        """A sentence with the answer, and whether it was guessed."""
        if self.value == _UNDECIDED:
            return f"The answer: {answer}."
        guessed = "as you guessed" if self.value == answer else f"not {self.value}"
        return f"The answer: {answer}, {guessed}."


class ChoicePanel(Panel):
    """Texts named by letters, each with a list to choose an answer from.

    Args:
        texts: by letter.
        answers: what the lists offer, by what they show.
        layout: of each list.
    """

    caption = "To answer this, run the lesson or open it in Colab."

    def __init__(
        self, texts: Mapping[str, str], answers: Mapping[str, Any], **layout: str
    ) -> None:
        self._texts = texts
        self._lists = {
            letter: ipywidgets.Dropdown(
                options=[("not decided yet", ...), *answers.items()],
                value=...,
                description=letter,
                style={"description_width": "24px"},
                layout=layout,
            )
            for letter in texts
        }
        rows = [
            ipywidgets.VBox([ipywidgets.HTML(escape(text)), self._lists[letter]])
            for letter, text in texts.items()
        ]
        super().__init__(rows)

    @property
    def chosen(self) -> dict[str, Any]:
        """The answer for each letter; `...` where none is chosen yet."""
        return {letter: one.value for letter, one in self._lists.items()}

    def choose(self, **answers: Any) -> None:
        """Choose answers by letter."""
        for letter, answer in answers.items():
            self._lists[letter].value = answer

    def __repr__(self) -> str:
        """What a notebook stores as text."""
        decided = sum(answer is not ... for answer in self.chosen.values())
        return f"{type(self).__name__}({decided} of {len(self._texts)} decided)"

    def still(self) -> str:
        """The texts as a list, with the answers chosen so far."""
        items = ""
        for letter, text in self._texts.items():
            answer = self.chosen[letter]
            after = "" if answer is ... else f" → <em>{answer}</em>"
            items += f"<li><b>{letter}</b> {escape(text)}{after}</li>"
        return f"<ul>{items}</ul>"


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


def percent_box(label: str, low: int, value: int) -> ipywidgets.BoundedIntText:
    """A number in percent; the arrow keys change it by two."""
    return ipywidgets.BoundedIntText(
        value,
        min=low,
        max=100,
        step=2,
        description=f"{label} %",
        continuous_update=True,
        layout={"width": "132px"},
        style={"description_width": "64px"},
    )


def number_box(
    name: str, low: int, high: int
) -> tuple[ipywidgets.BoundedIntText, ipywidgets.HBox]:
    """A whole number to type or to step through: its box, and box with buttons.

    A slider of ipywidgets has no name that a screen reader could say; these have one.
    """
    box = ipywidgets.BoundedIntText(value=low, min=low, max=high, description=name)
    box.layout.width = "160px"
    buttons = []
    for text, step in (("\N{MINUS SIGN}1", -1), ("+1", 1)):
        button = ipywidgets.Button(description=text, tooltip=f"{name} {text}")
        button.layout.width = "48px"
        button.on_click(partial(_step, box, step))
        buttons.append(button)
    wrap = ipywidgets.Layout(flex_flow="row wrap")
    return box, ipywidgets.HBox([box, *buttons], layout=wrap)


def _step(box: ipywidgets.BoundedIntText, step: int, _) -> None:
    """Change a number within its limits."""
    box.value = min(max(box.value + step, box.min), box.max)


def gallery(data: FaceData) -> Panel:
    """Faces of one emotion and split, page by page; each is titled with its row.

    Example: `fc.gallery(data)` as the last line of a cell.

    Returns:
        A box with `.emotion`, `.split` and `.page` to choose.
    """
    return Gallery(data)


class Gallery(Panel):
    """What `gallery` returns."""

    def __init__(self, data: FaceData) -> None:
        super().__init__()
        self._splits = {split.usage: data.splits[split.name] for split in SPLITS}
        choose = ipywidgets.Dropdown
        self.emotion = choose(options=EMOTIONS, value="happy", description="emotion")
        self.split = choose(options=list(self._splits), description="split")
        self.page, pages = number_box("page", 1, 1)
        # Eight columns; a limit in the HTML would keep it from being narrower.
        self._shown = ipywidgets.HTML(layout={"max_width": "730px"})
        self.children = (self.emotion, self.split, pages, self._shown)
        react((self.emotion, self.split), self._turn_to_first)
        react((self.page,), self._render)
        self._render()

    def still(self) -> str:
        """The page of faces and the line above it."""
        return f'<div style="max-width:730px">{self._shown.value}</div>'

    def _faces(self) -> Faces:
        faces = self._splits[self.split.value]
        return faces[faces.emotions == EMOTIONS.index(self.emotion.value)]

    def _turn_to_first(self, _=None) -> None:
        if self.page.value == 1:
            self._render()
        self.page.value = 1  # renders if it was another

    def _render(self, _=None) -> None:
        faces, start = self._faces(), (self.page.value - 1) * FACES_ON_A_PAGE
        self.page.max = max(1, -(-len(faces) // FACES_ON_A_PAGE))
        about = f"{self.emotion.value}, {self.split.value}: {len(faces):,} faces, "
        about += f"page {self.page.value} of {self.page.max}"
        shown = faces[start : start + FACES_ON_A_PAGE]
        self._shown.value = f"<p>{about}</p>{_tiles(shown)}"


def _tiles(faces: Faces) -> str:
    """Faces above their rows in the data, in as many columns as the page has room."""
    style = "display:grid;grid-template-columns:repeat(auto-fill,84px);gap:4px 6px"
    style += ";text-align:center;font-size:12px;line-height:1.3"
    tiles = ""
    for image, emotion, row in zip(
        faces.images, faces.emotions, faces.rows, strict=True
    ):
        alt = f"face in row {row}, labelled {EMOTIONS[emotion]}"
        tiles += f"<div>{image_tag(pixels_png(image), alt, 84, True)}<br>{row}</div>"
    return f'<div style="{style}">{tiles}</div>'
