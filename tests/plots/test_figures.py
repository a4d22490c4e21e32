"""Figures: what they show, and how they reach the page."""

import base64
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from drawn import contrast, overlaps, texts
from PIL import Image

from fercourse.data.faces import EMOTIONS
from fercourse.plots import figures as plots
from fercourse.results.statistics import PairedTest


def test_one_colour_for_each_emotion():
    assert tuple(plots.EMOTION_COLOURS) == EMOTIONS
    assert len(set(plots.EMOTION_COLOURS.values())) == 7
    assert all(contrast(bar, "white") > 1.9 for bar in plots.EMOTION_COLOURS.values())


@pytest.mark.parametrize("paper", ["white", plots.HIGHLIGHT])
@pytest.mark.parametrize("ink", ["INK", "GREY", "BLUE", "ORANGE", "GREEN"])
def test_text_can_be_read(ink, paper):
    # What WCAG 2 asks for; the other way round, white is read on a bar of this colour.
    assert contrast(getattr(plots, ink), paper) >= 4.5


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
    assert "width:256px;max-width:100%" in output.data
    assert not plt.fignum_exists(figure.number)


def draw_bars(axis, colour):
    axis.bar([0, 1], [1, 2], color=colour)


@pytest.mark.parametrize(
    ("draw", "turns"),
    [
        (lambda axis: axis.plot([0, 1]), True),
        (lambda axis: draw_bars(axis, "#0072B2"), True),
        (lambda axis: draw_bars(axis, [*plots.EMOTION_COLOURS.values()][4:6]), False),
        (lambda axis: axis.plot([0, 1], "o", color=plots.LIGHT_BLUE), False),
        (lambda axis: axis.scatter([0, 1], [0, 1], c=["k", plots.LIGHT_BLUE]), False),
        (lambda axis: axis.scatter([0, 1], [0, 1], c=[0.1, 0.9]), False),
        (lambda axis: axis.imshow(np.zeros((2, 2))), False),
        (lambda axis: axis.pcolormesh(np.eye(2)), False),
        (lambda axis: axis.hlines([0, 1], 0, 1), True),
    ],
)
def test_charts_turn_dark_on_a_dark_page_but_no_face_and_no_colour_map(
    monkeypatch, draw, turns
):
    shown = []
    monkeypatch.setattr(plots, "display", shown.append)
    figure, axis = plots.new_figure(width=2, height=1)
    draw(axis)
    plots.show(figure, "A figure.")
    assert ('class="fc-chart"' in shown[0].data) == turns
    assert ("img.fc-chart{filter:invert(1)" in shown[0].data) == turns


def test_a_palette_keeps_the_colour_of_something_small():
    figure, (left, right) = plots.new_figure(2, width=4, height=2)
    left.imshow(np.random.default_rng(0).random((40, 40)))
    right.set(xlim=(0, 50), ylim=(0, 50))
    right.axis("off")
    right.add_patch(plt.Rectangle((20, 20), 1, 1, color="#D55E00"))
    picture = Image.open(io.BytesIO(plots.figure_png(figure))).convert("RGB")
    half = np.asarray(picture)[:, picture.width // 2 + 10 :].astype(int)
    nearest = np.abs(half - (0xD5, 0x5E, 0x00)).max(axis=-1).min()
    assert nearest < 10


def test_a_figure_needs_a_text():
    with pytest.raises(ValueError, match="alt is empty"):
        plots.show(plots.new_figure()[0], "  ")


@pytest.mark.parametrize("count", [0, 1, 3, 5])
def test_a_grid_has_a_cell_for_each_face(count):
    images = np.full((count, 48, 48), 7, "uint8")
    titles = list("abcde"[:count])
    figure = plots.face_grid(images, titles, columns=2)
    assert texts(figure) >= set(titles)
    faces = [axis for axis in figure.axes if axis.images]
    assert len(faces) == count
    assert plots.figure_png(figure).startswith(b"\x89PNG")


def test_bars_show_their_values():
    figure, axis = plots.new_figure()
    plots.emotion_bars(axis, np.arange(1000, 8000, 1000))
    assert {*EMOTIONS, "1,000", "7,000"} <= texts(figure)
    colours = {bar.get_facecolor()[:3] for bar in axis.patches}
    assert colours == set(
        map(plt.matplotlib.colors.to_rgb, plots.EMOTION_COLOURS.values())
    )
    assert axis.yaxis_inverted()


def test_curves_are_named_and_the_names_are_apart():
    curves = {"one": [1, 2, 3], "two": [2, 2.99], "three": [5, 4, 3.01], "four": [3]}
    figure = plots.learning_curves(curves)
    assert set(curves) <= texts(figure)
    assert overlaps(figure) == []
    drawn = [line.get_ydata().tolist() for line in figure.axes[0].lines]
    assert drawn == list(curves.values())


def test_apart_keeps_the_order_and_the_distance():
    moved = plots.apart([1, 1.1, 1.2, 9], 0.5)
    assert np.diff(moved).min() >= 0.5 - 1e-9
    assert plots.apart([], 1) == []


def test_a_confusion_table_writes_the_share_of_each_row():
    confusion = np.diag([2] * 7)
    confusion[0, 1] = 6
    confusion[6] = 0
    figure = plots.confusion_table(confusion)
    assert {"angry (8)", "neutral (0)", "25", "75", "100", "0"} <= texts(figure)
    assert len(figure.axes[0].texts) == 49


def test_intervals_go_from_low_to_high():
    rows = {"none": (64.0, 62.0, 66.0), "block 1": (61.0, 59.0, 63.0)}
    figure = plots.accuracy_intervals(rows)
    assert {*rows, "64.0", "61.0"} <= texts(figure)
    # Each name is over its own line, and inside the axes.
    axis, drawn = figure.axes[0], figure.canvas.get_renderer()
    for place, label in enumerate(axis.get_yticklabels()):
        box = label.get_window_extent(drawn).transformed(axis.transData.inverted())
        assert place - 1 < max(box.y0, box.y1) < place
        assert label.get_window_extent(drawn).x0 >= axis.bbox.x0 - 1
    # The second row's background holds its name and its line.
    (stripe,) = axis.patches
    assert stripe.get_y() < min(box.y0, box.y1) < 1 < stripe.get_y() + 1
    (lines,) = figure.axes[0].collections
    ends = [segment[:, 0].tolist() for segment in lines.get_segments()]
    assert ends == [[62, 66], [59, 63]]
    assert plots.figure_png(plots.accuracy_intervals({}))


def test_duels_show_both_counts_and_p():
    pair = PairedTest(only_first=2, only_second=1, p_value=1.0)
    figure, alt = plots.duels({"block 1": pair}, places=3)
    assert [bar.get_width() for bar in figure.axes[0].patches] == [-2, 1]
    assert {"2", "1", "p = 1.000"} <= texts(figure)
    assert "block 1 2 to 1, p 1.000" in alt
    assert overlaps(figure) == []


@pytest.mark.parametrize(("width", "side"), [(40, 48), (84, 96), (144, 144)])
def test_enlarged_pixels_are_sharp_without_a_style(width, side):
    face = np.random.default_rng(0).integers(0, 256, (48, 48), "uint8")
    tag = plots.image_tag(plots.pixels_png(face), "a face", width, pixelated=True)
    png = base64.b64decode(re.search(r"base64,([^\"]+)", tag)[1])
    times = side // 48
    expected = face.repeat(times, 0).repeat(times, 1)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png))), expected)
