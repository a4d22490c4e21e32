"""What the panel shows, as text and as pixels."""

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


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png))).astype(int)


@pytest.mark.parametrize("after", [None, *POOLS])
@pytest.mark.parametrize("combine", ["concat", "multiply"])
def test_the_network_shows_the_shapes_of_the_model(after, combine):
    text = text_of(drawing.network(Network.pocket(after, combine)))
    model = build_model(Network.pocket(after, combine))
    stage = r"block\d_(pool|attention|multiply)|append_map"
    stages = [layer for layer in model.layers if re.fullmatch(stage, layer.name)]
    shown = [
        [*map(int, shape.split(" × "))]
        for shape in re.findall(r"\d+ × \d+ × \d+", text)
    ]
    expected = [list(layer.output.shape[1:]) for layer in stages]
    assert sorted(shown[1:]) == sorted(expected)  # the first is the face
    features = model.get_layer("flatten").output.shape[1]
    assert f"flatten, dropout {features:,}" in text


def test_pictures_say_where_the_map_is_highest():
    face, attention_map = np.zeros((48, 48), "uint8"), np.zeros((6, 6), "float32")
    attention_map[4, 1] = 0.75
    html = drawing.pictures(face, attention_map, "a drawn face labelled sad")
    alone, map_, both = re.findall(r'alt="([^"]+)"', html)
    assert "a drawn face labelled sad" in alone and "a drawn face" in both
    assert "6 × 6 cells, 0.00 to 0.75, highest in row 5, column 2" in map_
    without = drawing.pictures(face, None, "a face")
    assert without.count("<img") == 1
    assert "No block, no map." in without


@pytest.mark.parametrize("grid", [24, 12, 6, 3, 1])
def test_maps_keep_sharp_cells(grid):
    attention_map = np.random.default_rng(0).random((grid, grid)).astype("float32")
    picture = pixels(drawing.map_png(attention_map))
    assert picture.shape == (144, 144, 3)
    cell = 144 // grid
    centres = picture[cell // 2 :: cell, cell // 2 :: cell]
    np.testing.assert_array_equal(picture, centres.repeat(cell, 0).repeat(cell, 1))


def test_an_overlay_is_half_face_half_map():
    face, attention_map = np.full((48, 48), 200, "uint8"), np.ones((3, 3), "float32")
    half = (200 + pixels(drawing.map_png(attention_map))) / 2
    assert np.abs(pixels(drawing.overlay_png(face, attention_map)) - half).max() <= 1


def test_probabilities_name_answer_and_label():
    values = [0.05, 0.0, 0.1, 0.2, 0.5, 0.1, 0.05]
    text = text_of(drawing.probabilities(values, "fear"))
    assert "Its answer: sad, 50% (wrong)" in text
    assert "fear (label) 10%" in text
    assert all(emotion in text for emotion in EMOTIONS)
    assert "(right)" in drawing.probabilities(values, "sad")
    assert "no label to compare with" in drawing.probabilities(values, None)


def test_accuracies_are_on_one_scale_and_the_current_one_is_marked():
    rows = {"no block": (64.0, 62.5, 65.5), "block 4": (66.0, 64.5, 67.5), "new": None}
    html = drawing.accuracies(rows, "block 4", "Measured")
    text = text_of(html)
    assert all(words in text for words in ("64.0 %", "66.0 %", "new not yet run"))
    assert "62 % 68 %" in text  # the ends of the scale
    (marked,) = re.findall(rf"{HIGHLIGHT}[^>]*><div[^>]*>([^<]+)", html)
    assert marked == "block 4"
    assert "&lt;b&gt; not yet run" in text_of(drawing.accuracies({"<b>": None}, "", ""))
