"""What the panel shows, as text and as pixels."""

import base64
import io
import re

import numpy as np
import pytest
from drawn import text_of
from PIL import Image

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson04 import drawing
from fercourse.models.network import Network
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import POOLS
from fercourse.plots.figures import HIGHLIGHT


def pixels(html: str) -> list[np.ndarray]:
    """The pictures of a piece of HTML."""
    files = [base64.b64decode(data) for data in re.findall(r"base64,([^\"]+)", html)]
    return [np.asarray(Image.open(io.BytesIO(file))) for file in files]


@pytest.mark.parametrize("after", [None, *POOLS])
@pytest.mark.parametrize("combine", ["concat", "multiply"])
@pytest.mark.parametrize("size", [48, 96])
def test_the_network_shows_the_shapes_of_the_model(after, combine, size):
    variant = Network.pocket(after, combine, size=size)
    text = text_of(drawing.network(variant, "a million parameters"))
    model = build_model(variant)
    stage = r"block\d_(pool|attention|multiply)|append_map"
    stages = [layer for layer in model.layers if re.fullmatch(stage, layer.name)]
    shown = [
        [*map(int, shape.split(" × "))]
        for shape in re.findall(r"\d+ × \d+ × \d+", text)
    ]
    expected = [list(layer.output.shape[1:]) for layer in stages]
    assert shown[0] == [size, size, 1]
    assert sorted(shown[1:]) == sorted(expected)
    features = model.get_layer("flatten").output.shape[1]
    assert f"flatten, dropout {features:,}" in text
    assert "a million parameters" in text


def test_pictures_say_where_the_map_is_highest():
    face, attention_map = np.zeros((48, 48), "uint8"), np.zeros((6, 6), "float32")
    attention_map[4, 1] = 0.75
    name, mask = "a drawn face labelled sad", np.ones((48, 48), bool)
    html = drawing.pictures(face, attention_map, mask, name, "Look.")
    alone, map_, both = re.findall(r'alt="([^"]+)"', html)
    assert name in alone and name in both
    assert "6 × 6 cells, 0.00 to 0.75, highest in row 5, column 2" in map_
    assert "a white line around its evidence" in both
    assert "Look." in text_of(html)
    without = drawing.pictures(face, None, None, "a face")
    assert "no map" in text_of(without)
    assert without.count("<img") == 2 and "white line" not in without


@pytest.mark.parametrize("grid", [48, 24, 12, 6, 3, 1])
def test_both_is_half_face_half_map_with_a_line_around_the_evidence(grid):
    attention_map = np.random.default_rng(0).random((grid, grid)).astype("float32")
    face, mask = np.full((48, 48), 200, "uint8"), np.zeros((48, 48), bool)
    mask[10:20, 30:40] = True
    _, map_, both = pixels(drawing.pictures(face, attention_map, mask, "a face"))
    assert map_.shape == both.shape  # JupyterLab would blur a smaller one
    half = (200 + map_.astype(int)) / 2
    line = (both == 255).all(axis=-1)
    assert line[30:60, 90:120].sum() == line.sum() == 4 * 29
    assert np.abs(both - half)[~line].max() <= 1
    (_, _, plain) = pixels(drawing.pictures(face, attention_map, None, "a face"))
    assert np.abs(plain - half).max() <= 1


def test_the_frame_is_where_the_square_is():
    picture = np.zeros((100, 200), "uint8")
    html = drawing.whole(drawing.thumbnail(picture), (100, 200), (50, 20, 60), "me.png")
    assert "frame of 60 × 60 pixels, 50 from the left and 20 from the top" in html
    assert "left:25.00%;top:20.00%;width:30.00%;height:60.00%" in html
    (small,) = pixels(html)
    assert max(small.shape) <= 2 * drawing.WHOLE_SIDE


def test_probabilities_name_answer_and_label():
    values = [0.05, 0.0, 0.1, 0.2, 0.5, 0.1, 0.05]
    text = text_of(drawing.probabilities(values, "fear", "It knows cats."))
    assert "Its answer: sad, 50 % (wrong)" in text
    assert "fear (label) 10 %" in text and "It knows cats." in text
    assert all(emotion in text for emotion in EMOTIONS)
    assert "(right)" in drawing.probabilities(values, "sad", "")
    assert "no label to compare with" in drawing.probabilities(values, None, "")


def test_accuracies_are_on_one_scale_and_the_current_one_is_marked():
    rows = {"no block": (64.0, 62.5, 65.5), "block 4": (66.0, 64.5, 67.5), "new": None}
    html = drawing.accuracies(rows, "block 4", "Measured")
    text = text_of(html)
    assert all(words in text for words in ("64.0 %", "66.0 %", "new untrained"))
    assert "62 % 68 %" in text  # the ends of the scale
    (marked,) = re.findall(rf"{HIGHLIGHT}[^>]*><div[^>]*>([^<]+)", html)
    assert marked == "block 4"
    apart = drawing.accuracies(rows, "block 4", "Measured", {"block 4": "Large faces"})
    assert "64.0 % Large faces block 4" in text_of(apart)
    assert "&lt;b&gt; untrained" in text_of(drawing.accuracies({"<b>": None}, "", ""))
