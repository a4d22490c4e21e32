"""The figures of lesson 01."""

import numpy as np
from drawn import texts
from matplotlib.colors import to_hex

from fercourse.data.faces import EMOTIONS, Faces
from fercourse.data.practice import practice_faces
from fercourse.lessons.lesson01 import (
    bars,
    baseline_intervals,
    class_shares,
    difference_maps,
    figures,
    nearest_pairs,
    reported_figure,
    show_pairs,
    wrong_labels,
)
from fercourse.plots.figures import BLUE, ORANGE


def test_bars_are_named_and_one_is_marked():
    values = dict(zip(EMOTIONS, range(7), strict=True))
    figure, alt = bars(values, "share (%)", "{:.0f} %", "a title", "fear")
    assert {"a title", "share (%)", "sad", "4 %"} <= texts(figure)
    assert alt.startswith("a title: angry 0 %, disgust 1 %")
    colours = [to_hex(bar.get_facecolor()) for bar in figure.axes[0].patches]
    expected = [ORANGE if name == "fear" else BLUE for name in EMOTIONS]
    assert colours == [colour.lower() for colour in expected]


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
    figure, alt = difference_maps(
        means, shuffles, ("surprise", "angry", "disgust"), "drawings"
    )
    assert {"angry", "minus\nneutral", "size 4.0 (chance:\nup to 0.6)"} <= texts(figure)
    assert "surprise 0.0 (4.0), angry 0.0 (0.0), disgust 4.0 (0.6)." in alt
    assert "averages of drawings" in texts(figure)
    assert "happy" not in texts(figure) and "20 shuffles" in alt
    shown = figure.axes[5].images[0].get_array()
    assert (shown.min(), shown.max()) == (-4, 4)


def test_baselines_have_the_interval_of_their_counts():
    right = np.arange(100) < 50
    figure, alt = baseline_intervals({"most frequent": (right, 1, 4)})
    assert {"most frequent", "50.0 here", "25.0 FER2013"} <= texts(figure)
    assert alt == "Intervals: most frequent, here 40.4 to 59.6 %; " + (
        "most frequent, FER2013 4.6 to 69.9 %."
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


def test_wrong_labels_are_shown_with_what_was_drawn():
    drawn = practice_faces(60, seed=0, label_noise=0.3, evidence=False)
    wrong = np.flatnonzero(drawn.faces.emotions != drawn.drawn_emotions)
    figure, alt = wrong_labels(drawn, count=2)
    assert f"{len(wrong)} of 60 labels are wrong: label (drawn)" in texts(figure)
    for axis, number in zip(figure.axes, wrong, strict=False):
        label = EMOTIONS[drawn.faces.emotions[number]]
        truth = EMOTIONS[drawn.drawn_emotions[number]]
        assert axis.get_title() == f"{label}\n({truth})"
        assert f"{label} ({truth})" in alt


def test_a_face_is_above_its_nearest_one():
    images = np.zeros((3, 48, 48), "uint8")
    rows = np.arange(3, dtype="int32")
    asked = Faces(images, np.array([0, 1, 2], "uint8"), rows)
    nearest = Faces(images, np.array([3, 4, 5], "uint8"), rows)
    figure, alt = nearest_pairs(asked, nearest, count=2)
    titles = [axis.get_title() for axis in figure.axes]
    assert titles == ["angry", "disgust", "happy", "sad"]
    words = [[text.get_text() for text in axis.texts] for axis in figure.axes]
    assert words == [["test face"], [], ["its nearest"], []]
    assert alt.endswith("angry and happy, disgust and sad.")
