"""The attention panel: move the block, and see what changes and whether that means anything."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import ipywidgets
import keras
import numpy as np

from fercourse import panel_drawing as draw
from fercourse.attention import SpatialAttention
from fercourse.costs import places, pocket_costs
from fercourse.faces import EMOTIONS, IMAGE_SIDE, Faces
from fercourse.lesson import cached_practice_data
from fercourse.models import (
    POOLS,
    SHIPPED_MODELS,
    build_model,
    pocket_configuration,
    pocket_model,
    pocket_name,
)
from fercourse.pictures import PictureError, crop_face, read_picture
from fercourse.practice import practice_faces
from fercourse.prediction import attention_maps, predict
from fercourse.recipes import RECIPES
from fercourse.runs import RESULTS, Run, evaluate, read_run
from fercourse.statistics import mcnemar, wilson_interval
from fercourse.training import prepare, train

FACES_PER_EMOTION = 6
KERNEL_SIZES = (1, 3, 5, 7, 9, 11)
TRAINED_KERNEL_SIZE = 7
"""The paper's, and that of every shipped model."""

NO_BLOCK = "none"
"""What the position slider says without attention; None would mean that nothing is chosen."""

TRAINING_MINUTES = 1.8
ANSWERS = SHIPPED_MODELS / "panel_answers.npz"
"""What every shipped model answers to the panel's faces, so that the panel opens without loading any."""


@dataclass(frozen=True)
class Variant:
    """Where the attention block stands, and how its map is used.

    Attributes:
        after: one of `POOLS`, or None for no block.
        combine: "concat" or "multiply".
        kernel_size: side of the attention convolution's window.
    """

    after: str | None = None
    combine: str = "concat"
    kernel_size: int = TRAINED_KERNEL_SIZE

    @property
    def label(self) -> str:
        """In words, such as "block 3, multiply"."""
        if self.after is None:
            return "no attention"
        kernel = (
            "" if self.kernel_size == TRAINED_KERNEL_SIZE else f", {self.kernel_size} × {self.kernel_size}"
        )
        return f"block {POOLS.index(self.after) + 1}, {self.combine}{kernel}"

    @property
    def name(self) -> str:
        """Of its pocket model; only with the trained kernel size is there one."""
        return pocket_name(self.after, self.combine)

    @property
    def shipped(self) -> bool:
        """Whether a trained model comes with the course."""
        file = SHIPPED_MODELS / f"{self.name}.weights.h5"
        return (self.after is None or self.kernel_size == TRAINED_KERNEL_SIZE) and file.exists()


VARIANTS = (Variant(), *(Variant(after, combine) for combine in ("concat", "multiply") for after in POOLS))
"""All variants that are or will be trained on FER2013, in the order in which the panel lists them."""


@dataclass(frozen=True)
class Answer:
    """What one variant says about one face: probabilities, shape (7,), and its map, (grid, grid) or None."""

    probabilities: np.ndarray
    attention_map: np.ndarray | None


@dataclass(frozen=True)
class TrainedHere:
    """A variant trained on practice faces in the panel: the model, and how many test faces it got right."""

    model: keras.Model
    correct: int
    count: int


def panel_faces() -> Faces:
    """The practice faces of the panel: six of each emotion, in the order of `EMOTIONS`."""
    faces = practice_faces(140, seed=4, proportions="uniform").faces
    chosen = [np.flatnonzero(faces.emotions == number)[:FACES_PER_EMOTION] for number in range(len(EMOTIONS))]
    return faces[np.concatenate(chosen)]


def answers_of(model: keras.Model, images: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """A model's probabilities (N, 7) and the maps (N, grid, grid) of its first attention block, if any."""
    maps = list(attention_maps(model, images).values())
    return predict(model, images), maps[0] if maps else None


def write_answers(path: Path = ANSWERS) -> None:
    """Ask every shipped model about the panel's faces and store what it says, in 16 bits."""
    images, arrays = panel_faces().images, {}
    for variant in VARIANTS:
        if variant.shipped:
            probabilities, maps = answers_of(pocket_model(variant.after, variant.combine), images)
            arrays[f"{variant.name}/probabilities"] = probabilities.astype("float16")
            if maps is not None:
                arrays[f"{variant.name}/maps"] = maps.astype("float16")
    beside = path.with_name(f".{path.name}.part")
    with open(beside, "wb") as file:
        np.savez_compressed(file, **arrays)
    beside.replace(path)


@dataclass
class Knowledge:
    """What the panel knows: stored answers, runs, loaded models, and what was trained here."""

    faces: Faces = field(default_factory=panel_faces)
    stored: dict[str, np.ndarray] = field(default_factory=dict)
    runs: dict[Variant, Run] = field(default_factory=dict)
    models: dict[Variant, keras.Model] = field(default_factory=dict)
    trained_here: dict[Variant, TrainedHere] = field(default_factory=dict)

    @classmethod
    def of_the_course(cls) -> Knowledge:
        """Stored answers and runs as they come with the course; models are loaded when they are needed."""
        known = cls()
        if ANSWERS.exists():
            with np.load(ANSWERS, allow_pickle=False) as arrays:
                known.stored = {name: arrays[name] for name in arrays.files}
        for variant in VARIANTS:
            path = RESULTS / f"{variant.name}-pocket-seed0.json"
            if path.exists():
                known.runs[variant] = read_run(path)
        return known

    def answer(self, variant: Variant, image: np.ndarray, number: int | None) -> Answer | None:
        """The variant's answer to a face, or None if no such model was trained.

        Args:
            variant: which.
            image: uint8, shape (48, 48).
            number: of the face among the panel's, None for a picture of the learner's own.
        """
        key = f"{variant.name}/probabilities"
        if number is not None and variant.shipped and key in self.stored:
            maps = self.stored.get(f"{variant.name}/maps")
            attention_map = None if maps is None else maps[number].astype("float32")
            return Answer(self.stored[key][number].astype("float32"), attention_map)
        model = self._model(variant)
        if model is None:
            return None
        # Called directly: `predict` prepares itself anew for every model, which a slider would feel.
        outputs = model(image[None, ..., None].astype("float32"), training=False)
        probabilities, *maps = (keras.ops.convert_to_numpy(output)[0] for output in outputs)
        return Answer(probabilities, maps[0][..., 0] if maps else None)

    def _model(self, variant: Variant) -> keras.Model | None:
        """From faces to a list: probabilities, and the map if there is one."""
        trained = self.trained_here.get(variant)
        if variant not in self.models and (trained is not None or variant.shipped):
            model = trained.model if trained else pocket_model(variant.after, variant.combine)
            maps = [layer.output for layer in model.layers if isinstance(layer, SpatialAttention)]
            self.models[variant] = keras.Model(model.input, [model.output, *maps])
        return self.models.get(variant)


def verdict(known: Knowledge, before: Variant, now: Variant) -> str:
    """What changed between two variants, and whether the difference means anything."""
    if now not in known.runs:
        return (
            f"There is no run of {now.label} on FER2013 yet, so shapes and costs are shown and no accuracy. "
            "You can train it here on practice faces."
        )
    here = evaluate(known.runs[now].single["private"])
    if before == now or before not in known.runs:
        return (
            f"{now.label}: {here.accuracy:.1f} % of FER2013's {here.count:,} PrivateTest faces, "
            f"95 % interval {here.low:.1f} to {here.high:.1f} %, one seed. Move a slider to compare."
        )
    there = evaluate(known.runs[before].single["private"])
    paired = mcnemar(known.runs[before].single["private"].correct, known.runs[now].single["private"].correct)
    text = (
        f"From {before.label} to {now.label}: {there.accuracy:.1f} to {here.accuracy:.1f} % on the same "
        f"{here.count:,} faces. {paired.only_first} faces are right only before, {paired.only_second} only "
        f"now; chance alone divides them at least so unevenly with probability {paired.p_value:.2f}. "
    )
    if paired.p_value >= 0.05:
        return text + "So no difference can be claimed."
    return (
        text
        + "That is more than chance explains for these two networks; whether another seed agrees is open."
    )


def costs_in_words(variant: Variant) -> str:
    """Parameters and multiply-adds, and what the block adds to them."""
    parameters, additions = pocket_costs(variant.after, variant.combine, variant.kernel_size)
    plain_parameters, plain_additions = pocket_costs(None)
    text = f"{parameters:,} parameters, {additions / 1e6:.1f} million multiply-adds a face"
    if variant.after is None:
        return text + "."
    return (
        f"{text}: {parameters - plain_parameters:,} parameters and {additions - plain_additions:,} "
        "multiply-adds more than without the block."
    )


class AttentionPanel(ipywidgets.VBox):
    """The panel of `fercourse.widgets.attention_panel`.

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

    # State ------------------------------------------------------------------------------------

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
        return EMOTIONS.index(self.emotion.value) * FACES_PER_EMOTION + self.face.value - 1

    @property
    def image(self) -> np.ndarray:
        """The face that is shown, uint8, shape (48, 48)."""
        if self.own_picture is not None:
            return crop_face(self.own_picture, self.right.value, self.down.value, self.side.value)
        return self.known.faces.images[self.face_number]

    # Controls ---------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        wide = {"layout": ipywidgets.Layout(width="98%"), "style": {"description_width": "72px"}}
        blocks = [("no block", NO_BLOCK), *((f"block {n}", pool) for n, pool in enumerate(POOLS, start=1))]
        self.position = ipywidgets.SelectionSlider(
            options=blocks, value="block4_pool", description="position", **wide
        )
        self.position_line = ipywidgets.HTML()
        self.combine = ipywidgets.RadioButtons(
            options=[("concatenate (the paper)", "concat"), ("multiply (CBAM)", "multiply")],
            description="combine",
            **wide,
        )
        self.kernel_size = ipywidgets.SelectionSlider(
            options=[(f"{size} × {size}", size) for size in KERNEL_SIZES],
            value=TRAINED_KERNEL_SIZE,
            description="kernel",
            **wide,
        )
        self.emotion = ipywidgets.Dropdown(options=EMOTIONS, value="happy", description="emotion", **wide)
        self.face = ipywidgets.IntSlider(value=1, min=1, max=FACES_PER_EMOTION, description="face", **wide)
        half = ipywidgets.Layout(width="47%")
        self.previous = ipywidgets.Button(description="previous face", layout=half)
        self.next = ipywidgets.Button(description="next face", layout=half)
        self.upload = ipywidgets.FileUpload(
            accept="image/*", description="your own picture", icon="", layout=ipywidgets.Layout(width="98%")
        )
        self.upload_line = ipywidgets.HTML()
        crop = {"min": 0.0, "max": 1.0, "step": 0.01, "value": 0.5, "readout_format": ".2f", **wide}
        self.right = ipywidgets.FloatSlider(description="right", **crop)
        self.down = ipywidgets.FloatSlider(description="down", **crop)
        self.side = ipywidgets.FloatSlider(description="size", **{**crop, "min": 0.1, "value": 1.0})
        self.back = ipywidgets.Button(
            description="back to the practice faces", layout=ipywidgets.Layout(width="98%")
        )
        self.own_box = ipywidgets.VBox([self.right, self.down, self.side, self.back])
        self.own_box.layout.display = "none"

    def _controls_box(self) -> ipywidgets.VBox:
        steps = ipywidgets.HBox([self.previous, self.next])
        block = [self.position, self.position_line, self.combine, self.kernel_size]
        faces = [self.emotion, self.face, steps, self.upload, self.upload_line, self.own_box]
        columns = [self._column(block), self._column(faces)]
        return ipywidgets.Box(columns, layout=ipywidgets.Layout(flex_flow="row wrap"))

    def _make_outputs(self) -> None:
        self.network, self.pictures, self.probabilities = (ipywidgets.HTML() for _ in range(3))
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
        self.training_box = ipywidgets.VBox([self.train_button, self.running_box, self.training_line])

    def _outputs_box(self) -> ipywidgets.Box:
        columns = [
            self._column([self.pictures, self.probabilities]),
            self._column([self.network]),
            self._column([self.accuracies, self.says, self.training_box]),
        ]
        return ipywidgets.Box(columns, layout=ipywidgets.Layout(flex_flow="row wrap"))

    @staticmethod
    def _column(children: list[ipywidgets.Widget]) -> ipywidgets.VBox:
        return ipywidgets.VBox(children, layout=ipywidgets.Layout(flex="1 1 300px", min_width="0"))

    # What happens -----------------------------------------------------------------------------

    def _render(self, _=None) -> None:
        variant = self.variant
        if self._shown is not None and self._shown != variant:
            self._before = self._shown
        self._shown = variant
        for control in (self.combine, self.kernel_size):
            control.disabled = variant.after is None
        self.position_line.value = _position_in_words(variant)
        self.network.value = draw.network(variant.after, variant.combine, variant.kernel_size)
        label = None if self.face_number is None else EMOTIONS[self.known.faces.emotions[self.face_number]]
        answer = self.known.answer(variant, self.image, self.face_number)
        name = "your picture" if label is None else f"a drawn face labelled {label}"
        if answer is None:
            self.pictures.value = draw.pictures(self.image, None, name)
            self.probabilities.value = draw.message(
                f"No trained model exists for {variant.label}, so nothing is answered.", "Its answer"
            )
        else:
            self.pictures.value = draw.pictures(self.image, answer.attention_map, name)
            self.probabilities.value = draw.probabilities(answer.probabilities, label)
        self.accuracies.value = draw.accuracies(
            [self._measured(other) for other in VARIANTS],
            "Measured on FER2013's PrivateTest, with 95 % intervals, one seed each",
        )
        says = verdict(self.known, self._before, variant)
        self.says.value = draw.message(f"{says} {costs_in_words(variant)}")
        self._show_training(variant)

    def _measured(self, variant: Variant) -> draw.Measured:
        current = variant == self.variant
        if variant not in self.known.runs:
            return draw.Measured(variant.label, current=current)
        found = evaluate(self.known.runs[variant].single["private"])
        return draw.Measured(variant.label, found.accuracy, found.low, found.high, current)

    def _show_training(self, variant: Variant) -> None:
        running = self.running_box.layout.display is None
        trained = self.known.trained_here.get(variant)
        untrained = not variant.shipped and trained is None
        self.train_button.layout.display = None if untrained and not running else "none"
        if trained is not None:
            low, high = wilson_interval(trained.correct, trained.count)
            self.training_line.value = draw.message(
                f"{variant.label}, trained here on practice faces: {trained.correct:,} of {trained.count:,} "
                f"practice test faces right, {100 * trained.correct / trained.count:.1f} %, interval "
                f"{low:.1f} to {high:.1f} %. Drawn faces are another task than FER2013: the two "
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

    # The learner's own picture ----------------------------------------------------------------

    def _uploaded(self, change) -> None:
        if not change["new"]:
            return
        file = change["new"][0]
        try:
            self.own_picture = read_picture(bytes(file["content"]), file["name"])
        except PictureError as error:
            self.upload_line.value = draw.message(str(error), "This picture cannot be used")
            return
        height, width = self.own_picture.shape
        self.upload_line.value = draw.message(
            f"{width} × {height} pixels. Crop the face with the three sliders. The picture stays in this "
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

    # Training on practice faces ---------------------------------------------------------------

    def _start_training(self) -> None:
        self._stop.clear()
        self.progress.value = 0
        self.running_box.layout.display = None
        self.train_button.layout.display = "none"
        self.training_line.value = draw.message("Drawing faces and building the network …", "Training")
        threading.Thread(target=self._train, args=(self.variant,), daemon=True).start()

    def _train(self, variant: Variant) -> None:
        def on_step(done: int, total: int) -> None:
            self.progress.value = round(100 * done / total)

        try:
            self.known.trained_here[variant] = train_here(variant, self._stop, on_step)
            self.known.models.pop(variant, None)  # an earlier training of the same variant
        except Exception as error:  # a thread's traceback reaches nobody
            self.training_line.value = draw.message(f"Training failed: {error}", "Training")
        finally:
            self.running_box.layout.display = "none"
        self._render()


def train_here(variant: Variant, stop: threading.Event, on_step: Callable[[int, int], None]) -> TrainedHere:
    """Train a variant on practice faces for `TRAINING_MINUTES` at most, and test it on others.

    Args:
        variant: which.
        stop: set, it ends training early; what was learned is kept.
        on_step: called with the steps done and the steps in all.
    """
    data = cached_practice_data()
    recipe = RECIPES["practice"]
    prepare(recipe)
    configuration = pocket_configuration(variant.after, variant.combine)
    if variant.after is not None:
        configuration["kernel_size"] = variant.kernel_size
    model = build_model(configuration)
    train(model, data, recipe, minutes=TRAINING_MINUTES, stop=stop, on_step=on_step)
    right = predict(model, data.test.images).argmax(axis=-1) == data.test.emotions
    return TrainedHere(model, int(right.sum()), len(right))


def _position_in_words(variant: Variant) -> str:
    if variant.after is None:
        return "No attention block: plain VGG19."
    number = POOLS.index(variant.after)
    place = places(IMAGE_SIDE)[number]
    seen = min(round(place.field_on_face), IMAGE_SIDE)
    return (
        f"After block {number + 1}: a map of {place.grid} × {place.grid}; each place sees "
        f"{seen} × {seen} of the face's 48 × 48 pixels."
    )
