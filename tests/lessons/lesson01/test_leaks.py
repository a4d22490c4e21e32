"""Splits that leak: what is counted, and what the figure says."""

import numpy as np
from drawn import texts

from fercourse.data.faces import Faces
from fercourse.lessons.lesson01 import leak_and_accuracy, leaks_figure


def test_a_leak_is_a_test_face_with_a_copy_and_the_neighbour_knows_its_label():
    grey = np.array([10, 10, 200, 12, 90, 90], "uint8")
    images = grey[:, None, None].repeat(48, 1).repeat(48, 2)
    emotions = np.array([3, 3, 4, 5, 1, 2], "uint8")
    faces = Faces(images, emotions, np.arange(6, dtype="int32"))
    test = np.array([True, False, False, True, True, False])
    # The first has a copy with its label, the fifth one with another, the fourth none.
    leaked, right = leak_and_accuracy(faces, test)
    assert (round(leaked, 3), round(right, 3)) == (66.667, 33.333)


def test_both_leaks_and_the_accuracy_of_each_split_are_written():
    here = {"official": (8.0, 24.0), "by picture": (0.0, 17.5)}
    figure, alt = leaks_figure(here, {"official": 8.7, "by picture": 0})
    assert {"official", "by picture", "8.0", "8.7", "24.0", "17.5"} <= texts(figure)
    assert "official: 8.0 % here, 8.7 % in FER2013, 24.0 % right" in alt
    series = [len(axis.containers) for axis in figure.axes]
    assert series == [2, 1]  # on the left, FER2013 too
