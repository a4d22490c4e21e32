"""The figures of lesson 01."""

import numpy as np
from drawn import texts
from matplotlib.colors import to_hex

from fercourse.data.faces import EMOTIONS
from fercourse.lessons.lesson01 import bars, name_rows
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


def test_each_row_of_faces_is_named_once():
    figure = face_grid(np.zeros((4, 48, 48)), columns=2)
    name_rows(figure, 2, ("above", "below"))
    words = [[text.get_text() for text in axis.texts] for axis in figure.axes]
    assert words == [["above"], [], ["below"], []]
