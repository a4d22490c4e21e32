"""The figures of lesson 01."""

import numpy as np
from drawn import texts
from matplotlib.colors import to_hex

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson01 import (
    bars,
    baseline_intervals,
    class_shares,
    difference_maps,
    figures,
    name_rows,
    reported_figure,
    show_pairs,
)
from fercourse.plots.figures import BLUE, EMOTION_COLOURS, face_grid


def test_bars_are_named_and_emotions_have_their_colours():
    values = dict(zip(EMOTIONS, range(7), strict=True))
    figure, alt = bars(values, "share (%)", "{:.0f} %", "a title")
    assert {"a title", "share (%)", "sad", "4 %"} <= texts(figure)
    assert alt.startswith("a title: angry 0 %, disgust 1 %")
    colours = [to_hex(bar.get_facecolor()) for bar in figure.axes[0].patches]
    assert colours == [colour.lower() for colour in EMOTION_COLOURS.values()]
    figure, alt = bars({"a": 1, "b": 2}, "faces", "{:g}")
    assert alt == "Bars: a 1, b 2."
    colours = {to_hex(bar.get_facecolor()) for bar in figure.axes[0].patches}
    assert colours == {BLUE.lower()}


def test_shares_of_classes_are_percentages_of_their_own_sum():
    figure, alt = class_shares([1, 1, 2, 0, 0, 0, 0], [0, 0, 0, 9, 1, 0, 0])
    assert {"here", "FER2013", "disgust", "50.0", "90.0"} <= texts(figure)
    assert "here: angry 25.0 %, disgust 25.0 %, fear 50.0 %" in alt
    assert "FER2013: angry 0.0 %, disgust 0.0 %, fear 0.0 %, happy 90.0 %" in alt


def test_maps_show_differences_from_neutral_without_brightness():
    means = np.full((7, 48, 48), 100.0)
    means[0] += 30  # only brighter
    means[1, :24] += 8  # half brighter by 4 than its mean, half darker
    shuffles = np.stack([means[::-1]] * 19 + [3 * means])
    figure, alt = difference_maps(means, shuffles, ("surprise", "angry", "disgust"))
    assert {"angry", "minus\nneutral", "RMS 4.0", "chance < 0.6"} <= texts(figure)
    assert "surprise 0.0 (4.0), angry 0.0 (0.0), disgust 4.0 (0.6)." in alt
    assert "happy" not in texts(figure) and "20 shuffles" in alt
    shown = figure.axes[5].images[0].get_array()
    assert (shown.min(), shown.max()) == (-4, 4)


def test_baselines_have_the_interval_of_their_counts():
    figure, alt = baseline_intervals({"commonest": (50, 100)}, {"commonest": (1, 4)})
    assert {"commonest", "50.0 here", "25.0 FER2013"} <= texts(figure)
    assert alt == "Intervals: commonest, here 40.4 to 59.6 %; " + (
        "commonest, FER2013 4.6 to 69.9 %."
    )


def test_every_repetition_is_a_dot_and_the_mean_is_written():
    rows = {"same": np.array([70.0, 71, 72]), "other": np.array([69.0, 70, 71])}
    figure, alt = reported_figure(rows, truth=70)
    assert {"same", "other", "71.0", "70.0"} <= texts(figure)
    dots = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 3]
    assert [list(line.get_xdata()) for line in dots] == [[70, 71, 72], [69, 70, 71]]
    assert alt == "Means of the reported accuracies: same: 71.0 %; other: 70.0 %."


def test_pairs_of_numbers_are_written_alike_and_words_as_they_are(monkeypatch):
    tables = []
    monkeypatch.setattr(figures, "show_table", tables.append)
    show_pairs("faces", {"all": (1000, 28709), "share": ("8 %", "–")})
    assert tables[0][0] == ["faces", "here", "FER2013"]
    assert tables[0][1:] == [["all", "1,000", "28,709"], ["share", "8 %", "–"]]


def test_each_row_of_faces_is_named_once():
    figure = face_grid(np.zeros((4, 48, 48)), columns=2)
    name_rows(figure, 2, ("above", "below"))
    words = [[text.get_text() for text in axis.texts] for axis in figure.axes]
    assert words == [["above"], [], ["below"], []]
