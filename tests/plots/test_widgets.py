"""What a learner moves: every control is moved here, and what it shows is looked at."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from fercourse.data.faces import FaceData, Faces
from fercourse.plots import widgets
from fercourse.plots.widgets import FACES_ON_A_PAGE, Picture, gallery, react


def faces_of(*emotions: int) -> Faces:
    count = len(emotions)
    images = (
        np.random.default_rng(count).integers(0, 256, (count, 48, 48)).astype("uint8")
    )
    return Faces(
        images, np.array(emotions, "uint8"), np.arange(100, 100 + count, dtype="int32")
    )


@pytest.fixture
def data() -> FaceData:
    """50 happy faces and 2 sad ones in training, 3 disgusted ones in test, none in validation."""
    return FaceData(
        faces_of(*[3] * 50, 4, 4),
        faces_of(),
        faces_of(1, 1, 1),
        "a test",
        "made for a test",
    )


@pytest.fixture
def controls(data):
    emotion, split, page, line, picture = gallery(data).children
    return emotion, split, page, line, picture


def png_in(picture: Picture) -> np.ndarray:
    data = picture.value.partition("base64,")[2].partition('"')[0]
    return np.array(Image.open(io.BytesIO(base64.b64decode(data))).convert("L"))


def test_gallery_begins_with_happy_training_faces(controls):
    emotion, split, page, line, picture = controls
    assert (emotion.value, split.value, page.value, page.max) == (
        "happy",
        "Training",
        1,
        3,
    )
    assert line.value == "happy, Training: 50 faces, page 1 of 3"
    assert picture.alt == "24 faces labelled happy, Training, page 1, in rows of 8"


def test_page_turns(controls):
    _, _, page, line, picture = controls
    before = picture.value
    page.value = 3
    assert line.value.endswith("page 3 of 3")
    assert picture.alt.startswith(f"{50 - 2 * FACES_ON_A_PAGE} faces")
    assert picture.value != before


def test_another_emotion_begins_at_its_first_page(controls):
    emotion, _, page, line, _ = controls
    page.value = 2
    emotion.value = "sad"
    assert (page.value, page.max) == (1, 1)
    assert line.value == "sad, Training: 2 faces, page 1 of 1"


def test_another_split(controls):
    emotion, split, _, line, picture = controls
    emotion.value, split.value = "disgust", "PrivateTest"
    assert line.value == "disgust, PrivateTest: 3 faces, page 1 of 1"
    assert picture.alt.startswith("3 faces labelled disgust, PrivateTest")


def test_an_emotion_without_faces(controls):
    _, split, _, line, picture = controls
    split.value = "PublicTest"
    assert line.value == "happy, PublicTest: 0 faces, page 1 of 1"
    assert picture.alt.startswith("0 faces")


def test_one_move_draws_one_picture(controls, monkeypatch):
    emotion, _, page, _, _ = controls
    drawn = []
    put = Picture.put
    monkeypatch.setattr(
        Picture, "put", lambda self, *about: (drawn.append(about), put(self, *about))
    )
    page.value = 2
    emotion.value = "sad"
    assert len(drawn) == 2


def test_the_faces_of_the_split_are_drawn(controls, data, monkeypatch):
    emotion, split, _, _, _ = controls
    shown = []

    def grid(images, titles):
        shown.append((images, titles))
        return original(images, titles)

    original = widgets.face_grid
    monkeypatch.setattr(widgets, "face_grid", grid)
    emotion.value, split.value = "disgust", "PrivateTest"
    images, titles = shown[-1]
    np.testing.assert_array_equal(images, data.test.images)
    assert titles == ["100", "101", "102"]


def test_picture_has_an_alternative_text_and_a_short_repr():
    picture = Picture()
    assert repr(picture) == "Picture('')"
    png = io.BytesIO()
    Image.fromarray(np.full((4, 4), 9, "uint8")).save(png, "PNG")
    picture.put(png.getvalue(), 'a "grey" square', 96)
    assert 'alt="a &quot;grey&quot; square"' in picture.value
    assert "width:96px" in picture.value
    assert (png_in(picture) == 9).all()
    assert repr(picture) == "Picture('a \"grey\" square')"


def test_react_calls_on_every_change(controls):
    emotion, split, *_ = controls
    calls = []
    react((emotion, split), lambda change: calls.append(change["new"]))
    emotion.value = "fear"
    split.value = "PublicTest"
    assert calls == ["fear", "PublicTest"]
