"""The small panel for one's own face: what it shows, and what it never keeps."""

import datetime
import io

import numpy as np
import pytest
from PIL import Image

from fercourse.data.practice import practice_faces
from fercourse.lessons.lesson07.own_face import OwnFacePanel
from fercourse.models.pocket import pocket_model

FACES = practice_faces(8, seed=2).faces


@pytest.fixture
def panel():
    return OwnFacePanel(pocket_model(), FACES)


def upload(panel, content: bytes, name: str = "me.png") -> None:
    file = {"name": name, "type": "image/png", "size": len(content)}
    file |= {"content": memoryview(content), "last_modified": datetime.datetime.now()}
    panel.upload.value = (file,)


def picture() -> bytes:
    content = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (90, 120), dtype="uint8")
    Image.fromarray(noise).save(content, "PNG")
    return content.getvalue()


def test_it_opens_on_a_drawn_face_and_follows_its_list(panel):
    first = panel.still()
    assert "Drawn face 1: " in repr(panel) and panel.across.disabled
    page = panel._repr_mimebundle_()["text/html"]
    assert "on your own computer" in page and "open it in Colab" not in page
    panel.face.value = 2
    assert "Drawn face 3: " in repr(panel) and panel.still() != first


def test_an_own_picture_is_answered_but_never_stored(panel):
    upload(panel, picture())
    assert panel.picture.alt.startswith("Your picture: ")
    assert (panel.face.index, panel.face.label) == (0, "your picture")
    assert "memory only" in panel.says.value
    before = panel.picture.value
    panel.across.value = 30
    assert panel.picture.value != before and not panel.across.disabled
    assert (panel.still(), repr(panel)) == ("", "OwnFacePanel()")
    stored = panel._repr_mimebundle_()
    assert "img" not in stored["text/html"] and "%" not in stored["text/plain"]
    panel.face.value = 0  # a drawn face again, and the picture is still in memory
    assert panel.picture.alt.startswith("Drawn face 1: ")
    assert panel.still() == "" and panel.across.disabled
    panel.face.index = 0  # as a browser chooses
    assert panel.face.label == "your picture"
    assert panel.picture.alt.startswith("Your picture: ")


def test_a_file_that_is_no_picture_is_explained(panel):
    before = panel.picture.value
    upload(panel, b"nothing", "letter.txt")
    assert "letter.txt is not a picture" in panel.says.value
    assert panel.picture.value == before
