"""Figures: what they show, and how they reach the page."""

import base64
import io
import re

import matplotlib
import numpy as np
import pytest
from PIL import Image

from fercourse.data.faces import EMOTIONS
from fercourse.plots import figures as plots

matplotlib.use("agg")


def luminance(colour: str) -> float:
    red, green, blue = matplotlib.colors.to_rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_one_colour_for_each_emotion():
    assert tuple(plots.EMOTION_COLOURS) == EMOTIONS
    assert len(set(plots.EMOTION_COLOURS.values())) == 7
    # Against white, every bar can be seen.
    assert all(luminance(colour) < 0.75 for colour in plots.EMOTION_COLOURS.values())


def test_a_shown_figure_is_an_image_with_its_text(monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "display", shown.append)
    figure, axis = plots.new_figure(width=2, height=1)
    axis.plot([0, 1])
    plots.show(figure, 'A line that rises, "straight" & thin.')
    (output,) = shown
    assert 'alt="A line that rises, &quot;straight&quot; &amp; thin."' in output.data
    png = base64.b64decode(re.search(r"base64,([^\"]+)", output.data)[1])
    assert Image.open(io.BytesIO(png)).size == (288, 144)
    assert "width:192px;max-width:100%" in output.data
    assert not matplotlib.pyplot.fignum_exists(figure.number)


def test_a_figure_needs_a_text():
    figure, _ = plots.new_figure()
    with pytest.raises(ValueError, match="alt is empty"):
        plots.show(figure, "  ")
    matplotlib.pyplot.close(figure)


def test_face_grid_places_faces_and_hides_what_is_left():
    images = np.arange(3, dtype="uint8")[:, None, None] * np.ones((1, 48, 48), "uint8")
    maps = np.linspace(0, 1, 27).reshape(3, 3, 3)
    figure = plots.face_grid(images, ["a", "b", "c"], columns=2, maps=maps)
    axes = figure.axes
    assert [len(axis.images) for axis in axes] == [2, 2, 2, 0]
    assert [axis.get_title() for axis in axes] == ["a", "b", "c", ""]
    assert not any(axis.axison for axis in axes)
    shown = axes[2].images[0]
    assert shown.get_array()[0, 0] == 2
    assert (shown.norm.vmin, shown.norm.vmax) == (0, 255)
    laid_over = axes[2].images[1]
    assert laid_over.get_array().shape == (3, 3)
    assert laid_over.get_extent() == [-0.5, 47.5, 47.5, -0.5]
    assert (laid_over.norm.vmin, laid_over.norm.vmax) == (0, 1)
    assert laid_over.cmap.name == "viridis"
    matplotlib.pyplot.close(figure)


def test_an_empty_grid_is_a_figure_too():
    assert plots.figure_png(plots.face_grid(np.zeros((0, 48, 48)))).startswith(
        b"\x89PNG"
    )


def test_emotion_bars_say_their_values():
    figure, axis = plots.new_figure()
    plots.emotion_bars(axis, range(1000, 8000, 1000))
    assert [bar.get_width() for bar in axis.patches] == list(range(1000, 8000, 1000))
    assert [text.get_text().strip() for text in axis.texts][:2] == ["1,000", "2,000"]
    assert [label.get_text() for label in axis.get_yticklabels()] == list(EMOTIONS)
    assert axis.yaxis_inverted()
    matplotlib.pyplot.close(figure)


def test_learning_curves_are_named_at_their_ends():
    figure = plots.learning_curves({"one": [1, 2, 3], "two": [2, 2]})
    (axis,) = figure.axes
    assert [line.get_xydata()[-1].tolist() for line in axis.lines] == [[3, 3], [2, 2]]
    assert [text.get_text().strip() for text in axis.texts] == ["one", "two"]
    assert axis.lines[0].get_linestyle() != axis.lines[1].get_linestyle()
    matplotlib.pyplot.close(figure)


def test_confusion_table_writes_the_share_of_each_row():
    confusion = np.diag([2] * 7)
    confusion[0, 1] = 6
    confusion[6] = 0
    figure = plots.confusion_table(confusion)
    (axis,) = figure.axes
    texts = np.array([text.get_text() for text in axis.texts]).reshape(7, 7)
    assert texts[0, :3].tolist() == ["25", "75", "0"]
    assert texts[6].tolist() == ["0"] * 7
    assert axis.get_yticklabels()[0].get_text() == "angry (8)"
    matplotlib.pyplot.close(figure)


def test_evidence_is_outlined_on_the_face_and_on_its_map():
    evidence = np.zeros((2, 48, 48), bool)
    evidence[0, 10:20, 10:20] = True
    maps = np.linspace(0, 1, 72).reshape(2, 6, 6)
    figure = plots.evidence_grid(
        np.zeros((2, 48, 48)), evidence, maps, ["happy", "neutral"]
    )
    top, bottom = figure.axes[:2], figure.axes[2:]
    assert [axis.get_title() for axis in top] == ["happy", "neutral"]
    assert [len(axis.images) for axis in top + bottom] == [1, 1, 2, 2]
    np.testing.assert_array_equal(bottom[1].images[1].get_array(), maps[1])
    # Two lines, white on black, where there is evidence; nothing where there is none.
    assert [len(axis.collections) for axis in top + bottom] == [2, 0, 2, 0]
    corners = top[0].collections[1].get_paths()[0].get_extents()
    assert corners.extents.tolist() == [9.5, 9.5, 19.5, 19.5]
    matplotlib.pyplot.close(figure)


def test_seed_lines_join_the_systems():
    figure = plots.seed_lines({"without": [70, 72, 74], "with": [71, 70, 71]})
    (axis,) = figure.axes
    assert [line.get_ydata().tolist() for line in axis.lines] == [
        [72, 70],
        [70, 71],
        [74, 71],
    ]
    assert len({line.get_linestyle() for line in axis.lines}) == 3
    names = [text for text in axis.texts if text.get_text().startswith("seed")]
    assert [name.get_text() for name in names] == ["seed 1", "seed 0", "seed 2"]
    heights = [name.xy[1] for name in names]
    assert heights[:2] == [70, 71]
    assert heights[2] == pytest.approx(71.28)  # would stand on the name before
    (bars,) = axis.collections
    assert [segment[0][1] for segment in bars.get_segments()] == pytest.approx(
        [72, 212 / 3]
    )
    assert [label.get_text() for label in axis.get_xticklabels()] == ["without", "with"]
    matplotlib.pyplot.close(figure)


def test_accuracy_intervals_from_low_to_high():
    figure = plots.accuracy_intervals(
        {"none": (64.0, 62.0, 66.0), "block 1": (61.0, 59.0, 63.0)}
    )
    (axis,) = figure.axes
    assert axis.lines[0].get_xdata().tolist() == [62.0, 66.0]
    assert [
        float(axis.lines[1].get_xdata()[0]),
        float(axis.lines[3].get_xdata()[0]),
    ] == [64.0, 61.0]
    assert [text.get_text().strip() for text in axis.texts] == ["64.0", "61.0"]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["none", "block 1"]
    assert axis.yaxis_inverted()
    matplotlib.pyplot.close(figure)


def test_activations_show_the_liveliest_channels():
    maps = np.zeros((4, 4, 3))
    maps[0, 0] = [1, 9, 3]
    figure = plots.activation_grid(
        {"block 1": maps, "block 2": maps[:2, :2, ::-1]}, columns=2
    )
    shown = [axis.images[0].get_array().max() for axis in figure.axes]
    assert shown == [9, 3, 9, 3]
    assert [axis.get_title(loc="left") for axis in figure.axes] == [
        "block 1: 4 × 4",
        "",
        "block 2: 2 × 2",
        "",
    ]
    matplotlib.pyplot.close(figure)


def test_value_bars_say_their_values_and_the_baseline():
    figure = plots.value_bars(
        {"first": 41.2, "second": 1234}, "accuracy (%)", {"guess": 22}
    )
    (axis,) = figure.axes
    assert [text.get_text().strip() for text in axis.texts] == ["41", "1,234", "guess"]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["first", "second"]
    assert axis.lines[0].get_xdata()[0] == 22
    matplotlib.pyplot.close(figure)
