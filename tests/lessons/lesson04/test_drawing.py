"""What the panel shows, as text and as pixels."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson04 import drawing as draw
from fercourse.models.pocket import pocket_configuration
from fercourse.models.systems import build_model
from fercourse.models.vgg19 import POOLS


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def shapes(html: str) -> list[str]:
    return re.findall(r"\d+ × \d+ × \d+", text_of(html))


@pytest.mark.parametrize("after", [None, *POOLS])
@pytest.mark.parametrize("combine", ["concat", "multiply"])
def test_the_network_shows_the_shapes_of_the_model(after, combine):
    html = draw.network(after, combine, 7)
    model = build_model(pocket_configuration(after, combine))
    names = [
        layer.name
        for layer in model.layers
        if re.fullmatch(r"block\d_(pool|attention|multiply)|append_map", layer.name)
    ]
    shown = shapes(html)[1:]
    drawn = {tuple(int(side) for side in shape.split(" × ")) for shape in shown}
    assert drawn == {tuple(model.get_layer(name).output.shape[1:]) for name in names}
    assert len(shown) == len(names)
    features = model.get_layer("flatten").output.shape[1]
    assert f"flatten, dropout {features:,}" in text_of(html)


def test_the_block_stands_at_its_place():
    text = text_of(draw.network("block3_pool", "concat", 5))
    assert (
        text.index("block 3") < text.index("5 × 5 convolution") < text.index("block 4")
    )
    assert "map averaged to 1 × 1, appended 1 × 1 × 129" in text
    assert "attention" not in text_of(draw.network(None, "concat", 7))


def test_what_the_block_changes_is_marked():
    marked = re.findall(
        r"background:#fff1d6[^>]*>([^<]+)<", draw.network("block2_pool", "multiply", 7)
    )
    assert marked == ["12 × 12 × 1", "12 × 12 × 32"]


def test_pictures_have_texts_that_say_where_the_map_is_highest():
    face = np.zeros((48, 48), "uint8")
    attention_map = np.zeros((6, 6), "float32")
    attention_map[4, 1] = 0.75
    html = draw.pictures(face, attention_map, "a drawn face labelled sad")
    alts = re.findall(r'alt="([^"]+)"', html)
    assert len(alts) == 3
    assert "6 × 6 places, 0.00 to 0.75, highest in row 5, column 2" in alts[1]
    assert "a drawn face labelled sad" in alts[0]
    without = draw.pictures(face, None, "a face")
    assert len(re.findall(r"<img", without)) == 1
    assert "No attention block, no map." in without


@pytest.mark.parametrize("grid", [24, 12, 6, 3, 1])
def test_maps_keep_sharp_cells(grid):
    attention_map = np.random.default_rng(0).random((grid, grid)).astype("float32")
    pixels = np.asarray(Image.open(io.BytesIO(draw.map_png(attention_map))))
    cell = 144 // grid
    assert pixels.shape == (144, 144, 3)
    for row in range(grid):
        block = pixels[row * cell : (row + 1) * cell, :cell]
        assert (block == block[0, 0]).all()


def test_an_overlay_is_half_face_half_map():
    face = np.full((48, 48), 200, "uint8")
    attention_map = np.ones((3, 3), "float32")
    overlay = np.asarray(
        Image.open(io.BytesIO(draw.overlay_png(face, attention_map)))
    ).astype(int)
    colour = np.asarray(Image.open(io.BytesIO(draw.map_png(attention_map)))).astype(int)
    assert np.abs(overlay - (200 + colour) / 2).max() <= 1


def test_probabilities_name_answer_and_label():
    values = [0.05, 0.0, 0.1, 0.2, 0.5, 0.1, 0.05]
    text = text_of(draw.probabilities(values, "fear"))
    assert "Its answer: sad, 50% (wrong)" in text
    assert "fear (label) 10%" in text
    assert all(emotion in text for emotion in EMOTIONS)
    assert "(right)" in draw.probabilities(values, "sad")
    assert "no label to compare with" in draw.probabilities(values, None)


def test_accuracies_lie_on_one_scale():
    rows = [
        draw.Measured("no attention", 64.0, 62.5, 65.5),
        draw.Measured("block 4, concat", 66.0, 64.5, 67.5, current=True),
        draw.Measured("block 5, concat"),
    ]
    html = draw.accuracies(rows, "Measured")
    assert "62 %" in html
    assert "68 %" in html
    lefts = [float(left) for left in re.findall(r"left:calc\(([\d.]+)%", html)]
    # From 62.0 to 68.0 percent.
    assert lefts == [
        pytest.approx(100 * 2 / 6, abs=0.1),
        pytest.approx(100 * 4 / 6, abs=0.1),
    ]
    assert text_of(html).count("not yet run") == 1
    assert html.count(draw.CHANGED) == 1


def test_what_a_learner_types_is_escaped():
    assert "<b>" not in draw.message("<b>x</b>", "<b>y</b>")


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        colour = colour.lstrip("#")
        colour = "".join(2 * digit for digit in colour) if len(colour) == 3 else colour
        parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)])
        linear = np.where(
            parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4
        )
        return float(linear @ (0.2126, 0.7152, 0.0722))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        (draw.INK, "#fff"),
        (draw.PALE, "#fff"),
        (draw.INK, draw.CHANGED),
        ("#fff", draw.BLOCK),
        ("#fff", draw.ATTENTION),
        ("#fff", draw.PALE),
    ],
)
def test_contrast_is_enough_to_read(ink, paper):
    assert contrast(ink, paper) >= 4.5
