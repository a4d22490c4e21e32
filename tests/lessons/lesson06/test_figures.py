"""Lesson 06's figures, its panel and its shortcut."""

import keras
import numpy as np
import pytest

from fercourse.data.practice import practice_faces
from fercourse.explain import table
from fercourse.lessons.lesson06.figures import (
    gain_intervals,
    map_row,
    randomisation_lines,
)
from fercourse.lessons.lesson06.looking_panel import look_panel
from fercourse.lessons.lesson06.shortcut import MARK, marked
from fercourse.plots.figures import figure_png

FACES = practice_faces(2, seed=1)


def texts(figure):
    """Everything that is written in a figure's axes."""
    figure.canvas.draw()
    return {
        text.get_text()
        for axis in figure.axes
        for text in [axis.title, axis.xaxis.label, axis.yaxis.label, *axis.texts]
    } | {label.get_text() for axis in figure.axes for label in axis.get_yticklabels()}


def test_a_row_shows_the_face_each_map_and_the_scale():
    maps = {
        "first": np.random.default_rng(0).random((48, 48)),
        "empty": np.zeros((6, 6)),
    }
    figure = map_row(FACES.faces.images[0], maps, FACES.evidence[0])
    assert {"evidence", "first", "empty", "maximum"} <= texts(figure)
    assert "face" in texts(map_row(FACES.faces.images[0], maps))
    assert figure_png(figure).startswith(b"\x89PNG")


def test_intervals_have_a_row_for_each_method():
    stored = table.read_table()
    assert set(stored) <= texts(gain_intervals(stored))


def test_lines_name_their_method_and_the_parts():
    figure = randomisation_lines({"gradient": [0.9, 0.1]}, ["predictions", "block5"])
    assert "gradient" in texts(figure)
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels == ["predictions", "block5"]


def test_the_mark_changes_its_corner_only():
    images = FACES.faces.images
    changed = marked(images) != images
    assert changed[:, MARK[0], MARK[1]].any(axis=(1, 2)).all()
    changed[:, MARK[0], MARK[1]] = False
    assert not changed.any()


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf-keras-vis")
def test_the_panel_follows_its_controls():
    panel = look_panel()
    first = panel.picture.alt
    assert "map of grad_cam, block5 for" in first and not panel.block.disabled
    panel.block.value = 3
    assert "grad_cam, block3" in panel.picture.alt
    panel.method.value = "gradient"
    assert panel.block.disabled and "the map of gradient for" in panel.picture.alt
    panel.face.value, panel.emotion.value = 5, "neutral"
    assert "Face 5" in panel.says.value and "being neutral" in panel.says.value
    still = panel.still()
    assert panel.says.value in still and 'alt="A face drawn' in still
    assert repr(panel) == f"LookPanel({panel.picture.alt!r})"
