"""Widgets: every control is moved here, and what it shows is checked."""

import datetime
import io

import ipywidgets
import numpy as np
import pytest
import traitlets
from PIL import Image

from fercourse.data.faces import FaceData, Faces
from fercourse.plots import widgets
from fercourse.plots.widgets import Picture, gallery, react, take_upload


def faces_of(*emotions: int) -> Faces:
    count = len(emotions)
    images = np.random.default_rng(count).integers(0, 256, (count, 48, 48), "uint8")
    rows = np.arange(100, 100 + count, dtype="int32")
    return Faces(images, np.array(emotions, "uint8"), rows)


@pytest.fixture
def controls():
    """50 happy and 2 sad faces in training, 3 disgusted in test, none in validation."""
    train, test = faces_of(*[3] * 50, 4, 4), faces_of(1, 1, 1)
    return gallery(FaceData(train, faces_of(), test, "a test", "made up")).children


@pytest.mark.parametrize(
    ("emotion", "split", "page", "shown", "count", "pages"),
    [
        ("happy", "Training", 1, 24, 50, 3),
        ("happy", "Training", 3, 2, 50, 3),
        ("sad", "Training", 1, 2, 2, 1),
        ("disgust", "PrivateTest", 1, 3, 3, 1),
        ("happy", "PublicTest", 1, 0, 0, 1),
    ],
)
def test_the_gallery_shows_what_is_chosen(
    controls, monkeypatch, emotion, split, page, shown, count, pages
):
    titles, grid = [], widgets.face_grid

    def noted_grid(images, rows):
        titles[:] = rows
        return grid(images, rows)

    monkeypatch.setattr(widgets, "face_grid", noted_grid)
    emotion_box, split_box, page_box, line, picture = controls
    page_box.value = 2  # another emotion or split begins with its first page
    emotion_box.value, split_box.value = emotion, split
    page_box.value = page
    assert page_box.max == pages
    about = f"{emotion}, {split}"
    assert line.value == f"{about}: {count} faces, page {page} of {pages}"
    assert picture.alt.startswith(f"{shown} faces labelled {about}, page {page}")
    first = 100 + 24 * (page - 1)
    assert (
        titles == [str(row) for row in range(first, first + shown)] or emotion == "sad"
    )


def test_one_move_draws_one_picture(controls, monkeypatch):
    drawn = []
    monkeypatch.setattr(Picture, "put", lambda self, *about: drawn.append(about))
    emotion, _, page, *_ = controls
    page.value = 2
    emotion.value = "sad"
    assert len(drawn) == 2
    assert page.value == 1


def test_picture_has_an_alternative_text_and_a_short_repr():
    picture = Picture()
    assert repr(picture) == "Picture('')"
    png = io.BytesIO()
    Image.fromarray(np.full((4, 4), 9, "uint8")).save(png, "PNG")
    picture.put(png.getvalue(), 'a "grey" square', 96)
    assert 'alt="a &quot;grey&quot; square"' in picture.value
    assert "width:96px" in picture.value
    assert repr(picture) == "Picture('a \"grey\" square')"


def test_react_calls_on_every_change(controls):
    calls = []
    react(controls[:2], lambda change: calls.append(change["new"]))
    controls[0].value, controls[1].value = "fear", "PublicTest"
    assert calls == ["fear", "PublicTest"]


NOW = datetime.datetime.now(datetime.UTC)
ONE = {"name": "me.png", "type": "image/png", "size": 3, "last_modified": NOW}


class UploadOf7(traitlets.HasTraits):
    """The value of an upload button in ipywidgets 7, which Colab has."""

    value = traitlets.Dict(read_only=True)


@pytest.mark.parametrize(
    ("button", "value"),
    [
        (ipywidgets.FileUpload(), (ONE | {"content": memoryview(b"one")},)),
        (UploadOf7(), {"me.png": {"metadata": {"size": 3}, "content": b"one"}}),
    ],
)
def test_a_file_can_be_uploaded_twice(button, value):
    uploads = []
    # As in `react`: the button reports each change of its value.
    button.observe(lambda _: uploads.append(take_upload(button)), names="value")
    for _ in range(2):
        button.set_trait("value", value)
        assert len(button.value) == 0
    assert [upload for upload in uploads if upload] == [("me.png", b"one")] * 2
