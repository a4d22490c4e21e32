"""The attention panel: move the block, see what changes and whether it matters."""

from __future__ import annotations

import threading
from collections.abc import Callable

import ipywidgets
import numpy as np

from fercourse.data.faces import EMOTIONS
from fercourse.data.own_picture import (
    LARGEST_FILE,
    PictureError,
    crop_face,
    read_picture,
)
from fercourse.lessons.lesson04 import drawing, knowledge
from fercourse.lessons.lesson04.knowledge import FACES_PER_EMOTION, Knowledge
from fercourse.models.network import KERNEL_SIZE, Network
from fercourse.models.pocket import VARIANTS, is_shipped
from fercourse.models.vgg19 import POOLS
from fercourse.plots.widgets import react, take_upload
from fercourse.results.statistics import wilson_interval

KERNEL_SIZES = (1, 3, 5, 7, 9, 11)


class AttentionPanel(ipywidgets.VBox):
    """Sliders for the attention block and the face, and what they change.

    Attributes:
        position: slider, `()` for no block or one of `POOLS`.
        combine: "concat" or "multiply".
        kernel_size: slider, one of `KERNEL_SIZES`.
        emotion: of the practice face that is shown.
        face: slider, its number among those of this emotion.
        right, down, side: sliders that crop the learner's own picture.
    """

    def __init__(self, known: Knowledge) -> None:
        self.known = known
        self.own_picture: np.ndarray | None = None
        # The accuracies do not depend on any slider, so they are computed once.
        self._accuracies = {variant.label: None for variant in VARIANTS} | {
            variant.label: (measured.accuracy, measured.low, measured.high)
            for variant, measured in known.public.items()
        }
        self._stop = threading.Event()
        block, faces = self._block_controls(), self._face_controls()
        outputs = self._outputs()
        self._before = self._shown = self.variant
        super().__init__([_side_by_side(block, faces), _side_by_side(*outputs)])
        moved = (self.position, self.combine, self.kernel_size, self.face)
        react((*moved, self.right, self.down, self.side), self._render)
        react((self.emotion,), self._first_face)
        react((self.upload,), self._uploaded)
        self._render()

    def __repr__(self) -> str:
        """Without the pictures: a notebook stores this text, and nbval compares it."""
        return f"AttentionPanel({self.variant.label})"

    # State
    # ---------------------------------------------------------------------------------

    @property
    def variant(self) -> Network:
        """The network that the sliders describe."""
        if not self.position.value:
            return Network.pocket()
        return Network.pocket(
            self.position.value, self.combine.value, self.kernel_size.value
        )

    @property
    def face_number(self) -> int | None:
        """The face's number among the panel's; None for the learner's own picture."""
        if self.own_picture is not None:
            return None
        first = EMOTIONS.index(self.emotion.value) * FACES_PER_EMOTION
        return first + self.face.value - 1

    @property
    def image(self) -> np.ndarray:
        """The face that is shown, uint8, shape (48, 48)."""
        if self.own_picture is None:
            return self.known.faces.images[self.face_number]
        square = (self.right.value, self.down.value, self.side.value)
        return crop_face(self.own_picture, *square)

    # Controls and outputs
    # ---------------------------------------------------------------------------------

    def _block_controls(self) -> list[ipywidgets.Widget]:
        # `()` rather than None, which to a selection means that nothing is selected.
        blocks = [(f"block {n}", pool) for n, pool in enumerate(POOLS, start=1)]
        self.position = _control(
            ipywidgets.SelectionSlider,
            "position",
            options=[("no block", ()), *blocks],
            value="block4_pool",
        )
        self.position_line = ipywidgets.HTML()
        ways = [("concatenate (the paper)", "concat"), ("multiply (CBAM)", "multiply")]
        self.combine = _control(ipywidgets.RadioButtons, "combine", options=ways)
        self.kernel_size = _control(
            ipywidgets.SelectionSlider,
            "kernel",
            options=[(f"{size} × {size}", size) for size in KERNEL_SIZES],
            value=KERNEL_SIZE,
        )
        return [self.position, self.position_line, self.combine, self.kernel_size]

    def _face_controls(self) -> list[ipywidgets.Widget]:
        self.emotion = _control(
            ipywidgets.Dropdown, "emotion", options=EMOTIONS, value="happy"
        )
        self.face = _control(ipywidgets.IntSlider, "face", min=1, max=FACES_PER_EMOTION)
        self.previous = _button("previous face", lambda _: self._step(-1), "47%")
        self.next = _button("next face", lambda _: self._step(1), "47%")
        self.upload = ipywidgets.FileUpload(
            accept="image/*",
            description=f"your own picture, up to {LARGEST_FILE / 1e6:.0f} MB",
            icon="",
        )
        self.upload.layout.width = "98%"
        self.upload_line = ipywidgets.HTML()
        share = {"min": 0.0, "max": 1.0, "step": 0.01, "value": 0.5}
        self.right = _control(ipywidgets.FloatSlider, "right", **share)
        self.down = _control(ipywidgets.FloatSlider, "down", **share)
        size = share | {"min": 0.1, "value": 1.0}
        self.side = _control(ipywidgets.FloatSlider, "size", **size)
        self.back = _button("back to the practice faces", self._drop_own_picture)
        self.own_box = ipywidgets.VBox([self.right, self.down, self.side, self.back])
        _show(self.own_box, False)
        steps = ipywidgets.HBox([self.previous, self.next])
        own = [self.upload, self.upload_line, self.own_box]
        return [self.emotion, self.face, steps, *own]

    def _outputs(self) -> list[list[ipywidgets.Widget]]:
        self.network, self.pictures = ipywidgets.HTML(), ipywidgets.HTML()
        self.probabilities, self.accuracies = ipywidgets.HTML(), ipywidgets.HTML()
        self.says, self.training_line = ipywidgets.HTML(), ipywidgets.HTML()
        self.train_button = _button(
            "train it here on practice faces (under 2 minutes)", self._start_training
        )
        self.progress = ipywidgets.IntProgress(min=0, max=100, description="trained")
        self.stop_button = _button("stop", lambda _: self._stop.set(), "auto")
        self.running_box = ipywidgets.HBox([self.progress, self.stop_button])
        _show(self.running_box, False)
        training = [self.train_button, self.running_box, self.training_line]
        return [
            [self.pictures, self.probabilities],
            [self.network],
            [self.accuracies, self.says, *training],
        ]

    # What a move does
    # ---------------------------------------------------------------------------------

    def _render(self, _=None) -> None:
        variant = self.variant
        if self._shown != variant:
            self._before, self._shown = self._shown, variant
        for control in (self.combine, self.kernel_size):
            control.disabled = not variant.after
        self.position_line.value = knowledge.position_in_words(variant)
        self.network.value = drawing.network(variant)
        self._show_answer(variant)
        title = "Measured on FER2013's PublicTest, with 95 % intervals, one seed each"
        self.accuracies.value = drawing.accuracies(
            self._accuracies, variant.label, title
        )
        says = knowledge.verdict(self.known, self._before, variant)
        costs = knowledge.costs_in_words(variant)
        self.says.value = drawing.message(f"{says} {costs}")
        self._show_training(variant)

    def _show_answer(self, variant: Network) -> None:
        number, image = self.face_number, self.image
        label = None if number is None else self.emotion.value
        name = f"a drawn face labelled {label}" if label else "your picture"
        answer = self.known.answer(variant, image, number)
        if answer is None:
            self.pictures.value = drawing.pictures(image, None, name)
            text = (
                f"No trained model exists for {variant.label}, so there is no answer."
            )
            self.probabilities.value = drawing.message(text, "Its answer")
        else:
            self.pictures.value = drawing.pictures(image, answer.attention_map, name)
            shown = drawing.probabilities(answer.probabilities, label)
            self.probabilities.value = shown

    def _show_training(self, variant: Network) -> None:
        running = self.running_box.layout.display is None
        trained = self.known.trained_here.get(variant)
        _show(self.train_button, not (is_shipped(variant) or trained or running))
        if trained is not None:
            low, high = wilson_interval(trained.correct, trained.count)
            text = (
                f"{variant.label}, trained here: {trained.correct:,} of "
                f"{trained.count:,} practice test faces right, "
                f"{100 * trained.correct / trained.count:.1f} %, interval {low:.1f} to "
                f"{high:.1f} %. Drawn faces are a different task from FER2013, so the "
                f"two percentages cannot be compared."
            )
            self.training_line.value = drawing.message(text, "Trained here")
        elif not running:
            self.training_line.value = ""

    def _first_face(self, _) -> None:
        if self.face.value == 1:
            self._render()
        else:
            self.face.value = 1

    def _step(self, by: int) -> None:
        self.face.value = (self.face.value - 1 + by) % FACES_PER_EMOTION + 1

    # The learner's own picture
    # ---------------------------------------------------------------------------------

    def _uploaded(self, _) -> None:
        upload = take_upload(self.upload)
        if upload is None:
            return
        name, content = upload
        try:
            self.own_picture = read_picture(content, name)
        except PictureError as error:
            title = "This picture cannot be used"
            self.upload_line.value = drawing.message(str(error), title)
            return
        height, width = self.own_picture.shape
        text = (
            f"{width} × {height} pixels. Crop the face with the three sliders. The "
            f"picture stays in this kernel's memory and is not written to any file."
        )
        self.upload_line.value = drawing.message(text, name)
        _show(self.own_box, True)
        self._render()

    def _drop_own_picture(self, _) -> None:
        self.own_picture = None
        _show(self.own_box, False)
        self.upload_line.value = ""
        self._render()

    # Training on practice faces
    # ---------------------------------------------------------------------------------

    def _start_training(self, _) -> None:
        self._stop.clear()
        self.progress.value = 0
        _show(self.running_box, True)
        _show(self.train_button, False)
        text = "Drawing faces and building the network …"
        self.training_line.value = drawing.message(text, "Training")
        threading.Thread(target=self._train, args=(self.variant,), daemon=True).start()

    def _train(self, variant: Network) -> None:
        def on_step(done: int, total: int) -> None:
            self.progress.value = round(100 * done / total)

        problem = ""
        try:
            trained = knowledge.train_here(variant, self._stop, on_step)
            self.known.trained_here[variant] = trained
            self.known.models.pop(variant, None)  # of an earlier training
        except Exception as error:  # nobody would see a thread's traceback
            problem = drawing.message(f"Training failed: {error}", "Training")
        _show(self.running_box, False)
        self._render()
        self.training_line.value = problem or self.training_line.value


def _control(kind: type, label: str, **options) -> ipywidgets.Widget:
    """A control as wide as its column."""
    layout, style = ipywidgets.Layout(width="98%"), {"description_width": "72px"}
    return kind(description=label, layout=layout, style=style, **options)


def _button(text: str, on_click: Callable, width: str = "98%") -> ipywidgets.Button:
    layout = ipywidgets.Layout(width=width)
    button = ipywidgets.Button(description=text, layout=layout)
    button.on_click(on_click)
    return button


def _side_by_side(*columns: list[ipywidgets.Widget]) -> ipywidgets.Box:
    """Columns next to each other, one below another where there is no room."""
    boxes = [
        ipywidgets.VBox(
            column, layout=ipywidgets.Layout(flex="1 1 300px", min_width="0")
        )
        for column in columns
    ]
    return ipywidgets.Box(boxes, layout=ipywidgets.Layout(flex_flow="row wrap"))


def _show(widget: ipywidgets.Widget, shown: bool) -> None:
    widget.layout.display = None if shown else "none"


def attention_panel() -> AttentionPanel:
    """The panel of lesson 04: where the attention block is, and what that changes.

    Controls: position, combine, kernel size, emotion and face, or a picture of the
    learner's own. It shows the network, the face with its map, the probabilities, the
    measured accuracy of all variants, the costs, and whether a difference is more than
    chance.

    Example: `panel = fc.attention_panel(); panel.position.value = "block2_pool"`.
    """
    return AttentionPanel(Knowledge.of_the_course())
