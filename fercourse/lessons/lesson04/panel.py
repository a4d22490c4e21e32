"""The attention panel: move the block, and see what changes and whether that means anything."""

from __future__ import annotations

import threading

import ipywidgets
import numpy as np

from fercourse.data.faces import EMOTIONS
from fercourse.data.own_picture import PictureError, crop_face, read_picture
from fercourse.lessons.lesson04 import drawing as draw
from fercourse.lessons.lesson04 import knowledge as variants
from fercourse.lessons.lesson04.knowledge import FACES_PER_EMOTION, Knowledge
from fercourse.models.pocket import TRAINED_KERNEL_SIZE, VARIANTS, Variant
from fercourse.models.vgg19 import POOLS
from fercourse.results.runs import evaluate
from fercourse.results.statistics import wilson_interval

KERNEL_SIZES = (1, 3, 5, 7, 9, 11)

NO_BLOCK = "none"
"""What the position slider says without attention; None would mean that nothing is chosen."""


class AttentionPanel(ipywidgets.VBox):
    """The panel of `fercourse.plots.widgets.attention_panel`.

    Attributes:
        position: slider, `NO_BLOCK` or one of `POOLS`.
        combine: "concat" or "multiply".
        kernel_size: slider, one of `KERNEL_SIZES`.
        emotion: of the practice face that is shown.
        face: slider, its number among those of this emotion.
        right, down, side: sliders that crop the learner's own picture.
    """

    def __init__(self, known: Knowledge) -> None:
        self.known = known
        self.own_picture: np.ndarray | None = None
        self._shown: Variant | None = None
        self._before = Variant("block4_pool")
        self._make_controls()
        self._make_outputs()
        super().__init__([self._controls_box(), self._outputs_box()])
        for control in (self.position, self.combine, self.kernel_size, self.face):
            control.observe(self._render, names="value")
        for control in (self.right, self.down, self.side):
            control.observe(self._render, names="value")
        self.emotion.observe(self._first_face, names="value")
        self.previous.on_click(lambda _: self._step(-1))
        self.next.on_click(lambda _: self._step(1))
        self.upload.observe(self._uploaded, names="value")
        self.back.on_click(lambda _: self._drop_own_picture())
        self.train_button.on_click(lambda _: self._start_training())
        self.stop_button.on_click(lambda _: self._stop.set())
        self._stop = threading.Event()
        self._render()

    def __repr__(self) -> str:
        """Without the pictures: a notebook stores this text, and nbval compares it."""
        return f"AttentionPanel({self.variant.label})"

    # State
    # ------------------------------------------------------------------------------------

    @property
    def variant(self) -> Variant:
        """What the sliders say."""
        if self.position.value == NO_BLOCK:
            return Variant()
        return Variant(self.position.value, self.combine.value, self.kernel_size.value)

    @property
    def face_number(self) -> int | None:
        """The number of the face among the panel's; None for the learner's own picture."""
        if self.own_picture is not None:
            return None
        return (
            EMOTIONS.index(self.emotion.value) * FACES_PER_EMOTION + self.face.value - 1
        )

    @property
    def image(self) -> np.ndarray:
        """The face that is shown, uint8, shape (48, 48)."""
        if self.own_picture is not None:
            return crop_face(
                self.own_picture, self.right.value, self.down.value, self.side.value
            )
        return self.known.faces.images[self.face_number]

    # Controls
    # ---------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        wide = {
            "layout": ipywidgets.Layout(width="98%"),
            "style": {"description_width": "72px"},
        }
        blocks = [
            ("no block", NO_BLOCK),
            *((f"block {n}", pool) for n, pool in enumerate(POOLS, start=1)),
        ]
        self.position = ipywidgets.SelectionSlider(
            options=blocks, value="block4_pool", description="position", **wide
        )
        self.position_line = ipywidgets.HTML()
        self.combine = ipywidgets.RadioButtons(
            options=[
                ("concatenate (the paper)", "concat"),
                ("multiply (CBAM)", "multiply"),
            ],
            description="combine",
            **wide,
        )
        self.kernel_size = ipywidgets.SelectionSlider(
            options=[(f"{size} × {size}", size) for size in KERNEL_SIZES],
            value=TRAINED_KERNEL_SIZE,
            description="kernel",
            **wide,
        )
        self.emotion = ipywidgets.Dropdown(
            options=EMOTIONS, value="happy", description="emotion", **wide
        )
        self.face = ipywidgets.IntSlider(
            value=1, min=1, max=FACES_PER_EMOTION, description="face", **wide
        )
        half = ipywidgets.Layout(width="47%")
        self.previous = ipywidgets.Button(description="previous face", layout=half)
        self.next = ipywidgets.Button(description="next face", layout=half)
        self.upload = ipywidgets.FileUpload(
            accept="image/*",
            description="your own picture",
            icon="",
            layout=ipywidgets.Layout(width="98%"),
        )
        self.upload_line = ipywidgets.HTML()
        crop = {
            "min": 0.0,
            "max": 1.0,
            "step": 0.01,
            "value": 0.5,
            "readout_format": ".2f",
            **wide,
        }
        self.right = ipywidgets.FloatSlider(description="right", **crop)
        self.down = ipywidgets.FloatSlider(description="down", **crop)
        self.side = ipywidgets.FloatSlider(
            description="size", **{**crop, "min": 0.1, "value": 1.0}
        )
        self.back = ipywidgets.Button(
            description="back to the practice faces",
            layout=ipywidgets.Layout(width="98%"),
        )
        self.own_box = ipywidgets.VBox([self.right, self.down, self.side, self.back])
        self.own_box.layout.display = "none"

    def _controls_box(self) -> ipywidgets.VBox:
        steps = ipywidgets.HBox([self.previous, self.next])
        block = [self.position, self.position_line, self.combine, self.kernel_size]
        faces = [
            self.emotion,
            self.face,
            steps,
            self.upload,
            self.upload_line,
            self.own_box,
        ]
        columns = [self._column(block), self._column(faces)]
        return ipywidgets.Box(columns, layout=ipywidgets.Layout(flex_flow="row wrap"))

    def _make_outputs(self) -> None:
        self.network, self.pictures, self.probabilities = (
            ipywidgets.HTML() for _ in range(3)
        )
        self.accuracies, self.says = ipywidgets.HTML(), ipywidgets.HTML()
        self.train_button = ipywidgets.Button(
            description="train it here on practice faces (under 2 minutes)",
            layout=ipywidgets.Layout(width="98%"),
        )
        self.progress = ipywidgets.IntProgress(min=0, max=100, description="trained")
        self.stop_button = ipywidgets.Button(description="stop")
        self.training_line = ipywidgets.HTML()
        self.running_box = ipywidgets.HBox([self.progress, self.stop_button])
        self.running_box.layout.display = "none"
        self.training_box = ipywidgets.VBox(
            [self.train_button, self.running_box, self.training_line]
        )

    def _outputs_box(self) -> ipywidgets.Box:
        columns = [
            self._column([self.pictures, self.probabilities]),
            self._column([self.network]),
            self._column([self.accuracies, self.says, self.training_box]),
        ]
        return ipywidgets.Box(columns, layout=ipywidgets.Layout(flex_flow="row wrap"))

    @staticmethod
    def _column(children: list[ipywidgets.Widget]) -> ipywidgets.VBox:
        return ipywidgets.VBox(
            children, layout=ipywidgets.Layout(flex="1 1 300px", min_width="0")
        )

    # What happens
    # -----------------------------------------------------------------------------

    def _render(self, _=None) -> None:
        variant = self.variant
        if self._shown is not None and self._shown != variant:
            self._before = self._shown
        self._shown = variant
        for control in (self.combine, self.kernel_size):
            control.disabled = variant.after is None
        self.position_line.value = variants.position_in_words(variant)
        self.network.value = draw.network(
            variant.after, variant.combine, variant.kernel_size
        )
        label = (
            None
            if self.face_number is None
            else EMOTIONS[self.known.faces.emotions[self.face_number]]
        )
        answer = self.known.answer(variant, self.image, self.face_number)
        name = "your picture" if label is None else f"a drawn face labelled {label}"
        if answer is None:
            self.pictures.value = draw.pictures(self.image, None, name)
            self.probabilities.value = draw.message(
                f"No trained model exists for {variant.label}, so nothing is answered.",
                "Its answer",
            )
        else:
            self.pictures.value = draw.pictures(self.image, answer.attention_map, name)
            self.probabilities.value = draw.probabilities(answer.probabilities, label)
        self.accuracies.value = draw.accuracies(
            [self._measured(other) for other in VARIANTS],
            "Measured on FER2013's PublicTest, with 95 % intervals, one seed each",
        )
        says = variants.verdict(self.known, self._before, variant)
        self.says.value = draw.message(f"{says} {variants.costs_in_words(variant)}")
        self._show_training(variant)

    def _measured(self, variant: Variant) -> draw.Measured:
        current = variant == self.variant
        if variant not in self.known.runs:
            return draw.Measured(variant.label, current=current)
        found = evaluate(self.known.runs[variant].single["public"])
        return draw.Measured(
            variant.label, found.accuracy, found.low, found.high, current
        )

    def _show_training(self, variant: Variant) -> None:
        running = self.running_box.layout.display is None
        trained = self.known.trained_here.get(variant)
        untrained = not variant.shipped and trained is None
        self.train_button.layout.display = None if untrained and not running else "none"
        if trained is not None:
            low, high = wilson_interval(trained.correct, trained.count)
            self.training_line.value = draw.message(
                f"{variant.label}, trained here on practice faces: "
                f"{trained.correct:,} of {trained.count:,} "
                f"practice test faces right, "
                f"{100 * trained.correct / trained.count:.1f} %, interval "
                f"{low:.1f} to {high:.1f} %. Drawn faces are another task than "
                f"FER2013: the two "
                "percentages do not compare.",
                "Trained here",
            )
        elif not running:
            self.training_line.value = ""

    def _first_face(self, _) -> None:
        if self.face.value == 1:
            self._render()
        else:
            self.face.value = 1

    def _step(self, by: int) -> None:
        number = (self.face.value - 1 + by) % FACES_PER_EMOTION
        self.face.value = number + 1

    # The learner's own picture
    # ----------------------------------------------------------------

    def _uploaded(self, change) -> None:
        if not change["new"]:
            return
        file = change["new"][0]
        try:
            self.own_picture = read_picture(bytes(file["content"]), file["name"])
        except PictureError as error:
            self.upload_line.value = draw.message(
                str(error), "This picture cannot be used"
            )
            return
        height, width = self.own_picture.shape
        self.upload_line.value = draw.message(
            f"{width} × {height} pixels. Crop the face with the three sliders. The "
            f"picture stays in this "
            "kernel's memory and is written nowhere.",
            file["name"],
        )
        self.own_box.layout.display = None
        self._render()

    def _drop_own_picture(self) -> None:
        self.own_picture = None
        self.own_box.layout.display = "none"
        self.upload_line.value = ""
        self._render()

    # Training on practice faces
    # ---------------------------------------------------------------

    def _start_training(self) -> None:
        self._stop.clear()
        self.progress.value = 0
        self.running_box.layout.display = None
        self.train_button.layout.display = "none"
        self.training_line.value = draw.message(
            "Drawing faces and building the network …", "Training"
        )
        threading.Thread(target=self._train, args=(self.variant,), daemon=True).start()

    def _train(self, variant: Variant) -> None:
        def on_step(done: int, total: int) -> None:
            self.progress.value = round(100 * done / total)

        try:
            self.known.trained_here[variant] = variants.train_here(
                variant, self._stop, on_step
            )
            self.known.models.pop(
                variant, None
            )  # an earlier training of the same variant
        except Exception as error:  # a thread's traceback reaches nobody
            self.training_line.value = draw.message(
                f"Training failed: {error}", "Training"
            )
        finally:
            self.running_box.layout.display = "none"
        self._render()


def attention_panel() -> AttentionPanel:
    """The panel of lesson 04: where the attention block stands, how its map is used, and what that changes.

    Controls: position, combine, kernel size, emotion and face, or a picture of the
    learner's own. It shows the network, the face with its map, the probabilities, the
    measured accuracy of all variants, the costs, and a sentence that says whether a
    difference means anything.
    """
    return AttentionPanel(Knowledge.of_the_course())
