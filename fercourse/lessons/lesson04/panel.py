"""The attention panel: move the block, see what changes and whether it matters."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import ipywidgets
import numpy as np

from fercourse.data.faces import EMOTIONS, IMAGE_SIDE
from fercourse.data.own_picture import (
    LARGEST_FILE,
    PictureError,
    crop_face,
    read_picture,
    square_of,
)
from fercourse.lessons.lesson04 import drawing, knowledge, words
from fercourse.lessons.lesson04.knowledge import FACES_PER_EMOTION, Choice, Knowledge
from fercourse.models.network import Network
from fercourse.plots.widgets import Panel, percent_box, react, take_upload

FIRST = {"position": "block 4", "emotion": "happy", "face": 2}
"""The panel opens on a face that its first network recognises."""

TITLES = {
    "fer2013": "PublicTest accuracy with 95 % intervals",
    "practice": "Practice test accuracy with 95 % intervals",
}


PAGE = """<style onload="
    const panel = this.closest('.fc-panel');
    const field = name => panel.querySelector('.fc-' + name + ' input');
    const centre = event => {
        const box = panel.querySelector('.fc-whole img').getBoundingClientRect();
        const across = (event.clientX - box.left) / box.width;
        const down = (event.clientY - box.top) / box.height;
        for (const [name, share] of Object.entries({across, down})) {
            field(name).value = Math.round(100 * Math.min(Math.max(share, 0), 1));
            field(name).dispatchEvent(new Event('change', {bubbles: true}));
        }
    };
    let dragged = false;
    panel.addEventListener('pointerdown', event => {
        dragged = event.target.closest('.fc-whole') && !field('across').disabled;
        if (!dragged) return;
        event.preventDefault();
        centre(event);
    });
    window.addEventListener('pointermove', event => dragged && centre(event));
    window.addEventListener('pointerup', () => { dragged = false; });
">.fc-whole:has(img) { cursor: move; touch-action: none; }
@media (max-width: 700px) {
    .fc-left { display: contents !important; } .fc-more { order: 1; }
    .fc-measured { height: auto !important; }
}</style>"""
"""A learner drags the frame over their picture: that sets "across" and "down".

In one column, the answer comes right after the controls of block and face. The
accuracies are taller there, because each name is above its interval.
"""


@dataclass(frozen=True)
class OwnPicture:
    """A picture of the learner's own, which stays in memory."""

    name: str
    pixels: np.ndarray  # uint8, shape (height, width)
    thumbnail: bytes


class AttentionPanel(Panel):
    """Controls for the attention block and the face, and what they change.

    Every control is a native element of the page, which has a name and announces its
    value to a screen reader; ipywidgets' sliders do neither.

    Attributes:
        position: such as "block 4" or "no block, 96 px".
        combine: "concat" or "multiply".
        trained_on: "fer2013" or "practice".
        emotion, face: of the practice face that is shown; faces are numbered from 1.
        across, down, side: the frame on the learner's own picture, in percent.
    """

    def __init__(self, known: Knowledge, accuracies: bool = True) -> None:
        """Without `accuracies`, a button shows them: learners can guess first."""
        self.known, self._reveals = known, accuracies
        self.own_picture: OwnPicture | None = None
        self.shown_picture: OwnPicture | None = None  # None: a practice face is shown
        self._networks: dict[str, dict[str, Network]] = defaultdict(dict)
        for network in known.networks:
            self._networks[knowledge.position_of(network)][network.combine] = network
        self._stop = threading.Event()
        self._training: threading.Thread | None = None
        controls = ipywidgets.VBox([*self._block_controls(), *self._face_controls()])
        more = ipywidgets.VBox([*self._own_controls(), *self._training_controls()])
        answer, measured = self._outputs()
        self._before = self._shown = self.choice
        left = _column(280, controls, more)
        columns = ipywidgets.Box([left, answer, measured], layout={"flex_flow": "wrap"})
        left.add_class("fc-left")
        more.add_class("fc-more")
        page = ipywidgets.HTML(PAGE, layout={"height": "0", "margin": "0"})
        super().__init__([page, columns])
        react((self.position, self.combine, self.trained_on), self._network_moved)
        react((self.emotion, self.face), self._show_answer)
        react((self.across, self.down, self.side), self._cropped)
        react((self.upload,), self._uploaded)
        self._network_moved()

    def __repr__(self) -> str:
        """Without the pictures: a notebook stores this text, and nbval compares it."""
        return f"AttentionPanel({self.variant.label})"

    def still(self) -> str:
        """What the panel shows, without its controls and without an own picture."""
        outputs = [self.pictures, self.probabilities, self.says]
        outputs += [self.network, self.accuracies]
        if self.own_picture is not None:
            outputs = outputs[2:]  # a notebook would store the learner's face
        shown = "".join(
            f'<div style="flex:1 1 400px;max-width:600px">{output.value}</div>'
            for output in outputs
            if output.value
        )
        return f'<div style="display:flex;flex-wrap:wrap;gap:8px">{shown}</div>'

    # State
    # ---------------------------------------------------------------------------------

    @property
    def variant(self) -> Network:
        """The network that the controls describe."""
        ways = self._networks[self.position.value]
        # Without a block there is nothing to combine.
        return ways.get(self.combine.value) or next(iter(ways.values()))

    @property
    def choice(self) -> Choice:
        """The network, and what it was trained on."""
        return Choice(self.variant, self.trained_on.value)

    @property
    def face_number(self) -> int | None:
        """The face's number among the panel's; None for the learner's own picture."""
        if self.shown_picture is not None:
            return None
        first = EMOTIONS.index(self.emotion.value) * FACES_PER_EMOTION
        return first + self.face.value - 1

    @property
    def image(self) -> np.ndarray:
        """The face that is shown, uint8, shape (48, 48)."""
        if self.shown_picture is None:
            return self.known.faces.images[self.face_number]
        return crop_face(self.shown_picture.pixels, *self._square)

    @property
    def _square(self) -> tuple[float, float, float]:
        """The frame on the learner's own picture, as shares of it."""
        across, down, side = self.across.value, self.down.value, self.side.value
        return across / 100, down / 100, side / 100

    # Controls and outputs
    # ---------------------------------------------------------------------------------

    def _block_controls(self) -> list[ipywidgets.Widget]:
        positions = list(self._networks)
        # A list, because a screen reader names it and each of its entries.
        self.position = _control(
            ipywidgets.Select, "position", positions, rows=len(positions)
        )
        ways = [("concat (the paper)", "concat"), ("multiply (CBAM)", "multiply")]
        self.combine = _control(ipywidgets.Dropdown, "combine", ways)
        sources = [("photographs (FER2013)", "fer2013"), ("drawn faces", "practice")]
        self.trained_on = _control(ipywidgets.Dropdown, "trained on", sources)
        return [self.position, self.combine, self.trained_on]

    def _face_controls(self) -> list[ipywidgets.Widget]:
        self.emotion = _control(ipywidgets.Dropdown, "emotion", EMOTIONS)
        numbers = [(f"{n} of {FACES_PER_EMOTION}", n) for n in range(1, 7)]
        self.face = _control(ipywidgets.Dropdown, "face", numbers)
        return [self.emotion, self.face]

    def _own_controls(self) -> list[ipywidgets.Widget]:
        limit = f"own picture, up to {LARGEST_FILE / 1e6:.0f} MB"
        self.upload = ipywidgets.FileUpload(
            accept="image/*", description=limit, icon="", layout={"width": "98%"}
        )
        self.upload_line = _output(54)
        self.whole_picture = _output(116, value=drawing.no_picture())
        self.across = percent_box("across", 0, 50)
        self.down = percent_box("down", 0, 50)
        self.side = percent_box("size", 10, 100)
        self.whole_picture.add_class("fc-whole")
        self.across.add_class("fc-across")
        self.down.add_class("fc-down")
        fields = ipywidgets.VBox([self.across, self.down, self.side])
        self.own_button = _button("own picture: none yet", self._switch)
        frame = ipywidgets.HBox([self.whole_picture, fields])
        self._allow_controls()
        return [self.upload, self.upload_line, frame, self.own_button]

    def _training_controls(self) -> list[ipywidgets.Widget]:
        self.train_button = _button("", self._start_training, "74%")
        self.stop_button = _button("stop", lambda _: self._stop.set(), "23%")
        self.training_line = _output(54)
        buttons = ipywidgets.HBox([self.train_button, self.stop_button])
        return [buttons, self.training_line]

    def _outputs(self) -> tuple[ipywidgets.Box, ipywidgets.Box]:
        self.pictures, self.probabilities = _output(276), _output(218)
        self.says, self.network = _output(128), _output(334)
        self.accuracies = _output(69 + 19 * len(self.known.networks))
        self.accuracies.add_class("fc-measured")
        self.reveal_button = _button("show the accuracies", self._reveal)
        # As wide as three pictures.
        shown = self.pictures, self.probabilities, self.says, self.reveal_button
        answer = _column(476, *shown)
        measured = _column(400, self.network, self.accuracies)
        # Next to each other where the page has room for one column less.
        measured.layout.flex_flow = "row wrap"
        self.network.layout.flex = self.accuracies.layout.flex = "1 1 400px"
        return answer, measured

    # What a move does
    # ---------------------------------------------------------------------------------

    def _network_moved(self, _=None) -> None:
        ways, variant = self._networks[self.position.value], self.variant
        if variant.after and self.combine.value not in ways:
            self.combine.value = variant.combine  # which calls this again
            return
        if self._shown != self.choice:
            self._before, self._shown = self._shown, self.choice
        self._show_answer()
        self.combine.disabled = len(ways) < 2
        self.network.value = drawing.network(variant, words.costs(variant))
        self._show_measured()
        self._show_training()

    def _show_answer(self, _=None) -> None:
        number, image, choice = self.face_number, self.image, self.choice
        label = None if number is None else self.emotion.value
        mask = None if number is None else self.known.drawn.evidence[number]
        name = f"a drawn face labelled {label}" if label else "your picture"
        answer = self.known.answer(choice, image, number)
        map_ = None if answer is None else answer.attention_map
        about = words.grid(choice.variant), words.evidence(map_, mask)
        self.pictures.value = drawing.pictures(image, map_, mask, name, *about)
        if answer is None:
            text = words.not_trained(self.known, choice)
            self.probabilities.value = drawing.message(text, "No answer yet")
        else:
            origin = words.origin(self.known, choice, number is None)
            values = answer.probabilities
            self.probabilities.value = drawing.probabilities(values, label, origin)

    def _reveal(self, _) -> None:
        self._reveals = True
        self._show_measured()

    def _show_measured(self) -> None:
        hidden, shown = ("none", "") if self._reveals else ("", "none")
        self.reveal_button.layout.display = hidden
        self.accuracies.layout.display = self.says.layout.display = shown
        if not self._reveals:
            return
        source, label = self.trained_on.value, self.variant.label
        tested = {
            network.label: self.known.correct(Choice(network, source))
            for network in self.known.networks
        }
        rows = {
            name: None if correct is None else words.interval(correct)
            for name, correct in tested.items()
        }
        title, headings = TITLES[source], self._headings()
        self.accuracies.value = drawing.accuracies(rows, label, title, headings)
        text = words.verdict(self.known, self._before, self._shown)
        self.says.value = drawing.message(text)

    def _headings(self) -> dict[str, str]:
        """What is above the first of the networks whose faces are enlarged."""
        for network in self.known.networks:
            if (size := network.size) > IMAGE_SIDE:
                words = f"{size} pixels: compare these only with each other"
                return {network.label: words}
        return {}

    # The learner's own picture
    # ---------------------------------------------------------------------------------

    def _uploaded(self, _) -> None:
        upload = take_upload(self.upload)
        if upload is None:
            return
        name, content = upload
        try:
            pixels = read_picture(content, name)
        except PictureError as error:
            self.upload_line.value = drawing.remark(str(error))
            return
        self.own_picture = OwnPicture(name, pixels, drawing.thumbnail(pixels))
        text = f"{name}: drag the frame to the face. Nothing is written to any file."
        self.upload_line.value = drawing.remark(text)
        self._switch_to(self.own_picture)
        self._show_frame()

    def _cropped(self, _) -> None:
        self._show_frame()
        self._show_answer()

    def _show_frame(self) -> None:
        if (own := self.own_picture) is not None:
            square = square_of(own.pixels, *self._square)
            shown = drawing.whole(own.thumbnail, own.pixels.shape, square, own.name)
            self.whole_picture.value = shown

    def _switch_to(self, picture: OwnPicture | None) -> None:
        self.shown_picture = picture
        self._allow_controls()
        self._show_answer()

    def _allow_controls(self) -> None:
        """Only the controls of the picture that is shown do anything."""
        own = self.shown_picture is not None
        for control in (self.emotion, self.face):
            control.disabled = own
        for control in (self.across, self.down, self.side):
            control.disabled = not own
        self.own_button.disabled = self.own_picture is None
        if self.own_picture is not None:
            names = ("your picture", "a drawn face")[:: 1 if own else -1]
            self.own_button.description = "showing {}: show {}".format(*names)

    def _switch(self, _) -> None:
        self._switch_to(None if self.shown_picture else self.own_picture)

    # Training on practice faces
    # ---------------------------------------------------------------------------------

    def _show_training(self) -> None:
        running = self._training is not None
        choice, minutes = self.choice, knowledge.training_minutes(self.variant)
        self.train_button.description = f"train it here ({minutes:.0f} minutes)"
        can_train = choice.trained_on == "practice" and choice not in self.known.shipped
        self.train_button.disabled = running or not can_train
        self.stop_button.disabled = not running
        if running:
            return
        here = self.known.trained_here.get(choice.variant) if can_train else None
        text = words.trained_here(here.correct, choice) if here else ""
        self.training_line.value = drawing.remark(text)

    def _start_training(self, _) -> None:
        self._stop.clear()
        self.training_line.value = drawing.training(0)
        arguments = (self.variant,)
        self._training = threading.Thread(
            target=self._train, args=arguments, daemon=True
        )
        self._show_training()
        self._training.start()

    def _train(self, variant: Network) -> None:
        def on_step(done: int, total: int) -> None:
            # In whole percent: an equal text is not sent again.
            self.training_line.value = drawing.training(round(done / total, 2))

        problem = ""
        try:
            self.known.keep(variant, knowledge.train_here(variant, self._stop, on_step))
        except Exception as error:  # nobody would see a thread's traceback
            problem = drawing.remark(f"Training failed: {error}")
        self._training = None
        self._network_moved()
        self.training_line.value = problem or self.training_line.value


def _control(kind: type, label: str, options, **more) -> ipywidgets.Widget:
    """A control as wide as its column, at the value that the panel opens with."""
    layout, style = ipywidgets.Layout(width="98%"), {"description_width": "72px"}
    control = kind(
        description=label, options=options, layout=layout, style=style, **more
    )
    if label in FIRST:
        control.value = FIRST[label]
    return control


def _button(text: str, on_click: Callable, width: str = "98%") -> ipywidgets.Button:
    layout = ipywidgets.Layout(width=width)
    button = ipywidgets.Button(description=text, layout=layout)
    button.on_click(on_click)
    return button


def _output(height: int, value: str = "") -> ipywidgets.HTML:
    """A place of a fixed height, so that nothing moves when its content changes."""
    place = {"height": f"{height}px", "flex": "0 0 auto", "overflow": "hidden auto"}
    return ipywidgets.HTML(value, layout=place)


def _column(width: int, *children: ipywidgets.Widget) -> ipywidgets.Box:
    layout = {"flex": f"1 1 {width}px", "min_width": "0", "flex_flow": "column"}
    return ipywidgets.Box(children, layout=layout)


def attention_panel(accuracies: bool = True) -> AttentionPanel:
    """The panel of lesson 04: where the attention block is, and what that changes.

    Controls: position, combine, what the network was trained on, emotion and face, or a
    picture of the learner's own. It shows the face with its map, the probabilities, the
    network with its costs, the measured accuracy of all networks, and whether a
    difference is more than chance. Without `accuracies`, a button shows the last two.

    Example: `panel = fc.attention_panel(); panel.position.value = "block 2"`.
    """
    return AttentionPanel(Knowledge.of_the_course(), accuracies)
