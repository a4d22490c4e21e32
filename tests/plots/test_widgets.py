"""Widgets: every control is moved here, and what it shows is checked."""

import datetime
import re

import ipywidgets
import numpy as np
import pytest
import traitlets

from fercourse.data.faces import FaceData, Faces
from fercourse.plots import widgets
from fercourse.plots.figures import new_figure
from fercourse.plots.widgets import (
    Guess,
    Picture,
    choice_list,
    gallery,
    number_box,
    react,
    take_upload,
)


def faces_of(*emotions: int) -> Faces:
    count = len(emotions)
    images = np.random.default_rng(count).integers(0, 256, (count, 48, 48), "uint8")
    rows = np.arange(100, 100 + count, dtype="int32")
    return Faces(images, np.array(emotions, "uint8"), rows)


def test_a_list_shows_words_and_numbers_as_they_are_and_others_by_name():
    words, numbers = (
        choice_list("choose", options, options[1])
        for options in (["one", "two"], (0.25, 2.0, 10))
    )
    assert words.options == (("one", "one"), ("two", "two")) and words.value == "two"
    assert numbers.options == (("0.25", 0.25), ("2", 2.0), ("10", 10))
    assert choice_list("choose", {"ten": 10}, 10).label == "ten"


@pytest.fixture
def shown():
    """50 happy and 2 sad faces in training, 3 disgusted in test, none in validation."""
    train, test = faces_of(*[3] * 50, 4, 4), faces_of(1, 1, 1)
    return gallery(FaceData(train, faces_of(), test, "a test", "made up"))


@pytest.mark.parametrize(
    ("emotion", "split", "page", "rows", "count", "pages"),
    [
        ("happy", "Training", 1, range(100, 124), 50, 3),
        ("happy", "Training", 3, (148, 149), 50, 3),
        ("sad", "Training", 1, (150, 151), 2, 1),
        ("disgust", "PrivateTest", 1, (100, 101, 102), 3, 1),
        ("happy", "PublicTest", 1, (), 0, 1),
    ],
)
def test_the_gallery_shows_what_is_chosen(
    shown, emotion, split, page, rows, count, pages
):
    shown.page.value = 3  # another emotion or split begins with its first page
    shown.emotion.value, shown.split.value = emotion, split
    shown.page.value = page
    assert shown.page.max == pages
    about = f"{emotion}, {split}: {count} faces, page {page} of {pages}"
    assert f"<p>{about}</p>" in shown.still()
    alts = [f"face in row {row}, labelled {emotion}" for row in rows]
    assert re.findall('alt="([^"]+)"', shown.still()) == alts


def test_one_move_draws_one_page(shown, monkeypatch):
    drawn = []
    monkeypatch.setattr(widgets, "_tiles", lambda faces: drawn.append(faces) or "")
    shown.page.value = 2
    shown.emotion.value = "sad"
    assert len(drawn) == 2
    assert shown.page.value == 1


def test_buttons_step_through_a_number_within_its_limits():
    box, row = number_box("page", 1, 3)
    _, less, more = row.children
    box.max = 9
    for button, value in ((more, 2), (more, 3), (less, 2), (less, 1), (less, 1)):
        button.click()
        assert box.value == value
    box.value = 9
    more.click()
    assert box.value == 9


def test_picture_has_an_alternative_text_and_a_short_repr():
    picture = Picture()
    assert repr(picture) == "Picture('')"
    picture.put(new_figure(width=0.75)[0], 'an "empty" frame')
    assert 'alt="an &quot;empty&quot; frame"' in picture.value
    assert "width:96px" in picture.value
    assert repr(picture) == "Picture('an \"empty\" frame')"


def test_react_calls_on_every_change(shown):
    calls = []
    controls = (shown.emotion, shown.split)
    react(controls, lambda change: calls.append(change["new"]))
    shown.emotion.value, shown.split.value = "fear", "PublicTest"
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


def test_a_guess_is_kept_and_a_still_lists_the_choices():
    guess = Guess("better", "5 < 6")
    assert guess.value == "not decided yet"
    assert guess.still() == "<p>My guess: better · 5 &lt; 6</p>"
    assert guess.reply("5 < 6") == "The answer: 5 < 6."
    (buttons,) = guess.children
    buttons.value = "better"
    assert guess.value == "better"
    assert guess.reply("better") == "The answer: better, as you guessed."
    assert guess.reply("5 < 6") == "The answer: 5 < 6, not better."


def test_a_stored_panel_says_how_to_move_it():
    guess = Guess("better", "worse")
    shown = guess._repr_mimebundle_()
    assert shown["text/html"].startswith(guess.still())
    assert "run the lesson or open it in Colab" in shown["text/html"]
    assert "Guess" in shown["text/plain"]
    live = shown["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert live != guess.model_id  # in a box that keeps its keys
