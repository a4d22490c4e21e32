"""Splits that leak: what is counted, and what the figure says."""

import numpy as np
from drawn import texts

from fercourse.data.faces import Faces
from fercourse.lessons.lesson01 import leak_and_accuracy, leaks_figure, stored_leaks


def test_a_leak_is_a_test_face_with_a_copy_and_the_neighbour_knows_its_label():
    grey = np.array([10, 10, 200, 12, 90, 90], "uint8")
    images = grey[:, None, None].repeat(48, 1).repeat(48, 2)
    emotions = np.array([3, 3, 4, 5, 1, 2], "uint8")
    faces = Faces(images, emotions, np.arange(6, dtype="int32"))
    test = np.array([True, False, False, True, True, False])
    # The first has a copy with its label, the fifth one with another, the fourth none.
    leaked, right = leak_and_accuracy(faces, test)
    assert (round(leaked, 3), round(right, 3)) == (66.667, 33.333)


def test_both_leaks_and_both_accuracies_of_each_split_are_written():
    here = {"official": (8.0, 25.1), "by picture": (0.0, 17.5)}
    figure, alt = leaks_figure(here, {"official": (8.1, 40.5), "by picture": (0, 38)})
    numbers = {"8.0", "8.1", "25.1", "40.5", "0", "17.5", "38.0"}
    assert {"official", "by picture", "the paper: 73.35 %"} | numbers <= texts(figure)
    assert "official: 8.0 % here, 8.1 % in FER2013; the nearest" in alt
    assert [len(axis.containers) for axis in figure.axes] == [2, 2]


def test_stored_leaks_are_shares_of_their_own_test_faces():
    facts = dict.fromkeys(
        ("private_in_training", "random_split_leak", "balanced_split_leak"), 1
    )
    facts |= {"nearest_right_copies": 1, "nearest_right_rest": 2}
    facts |= {"random_split_right": 2, "balanced_split_right": 4}
    facts |= {"picture_split_right": 2, "picture_split_faces": 5}
    assert stored_leaks(facts, 4) == {
        "official": (25, 75),
        "at random": (25, 50),
        "balanced, then at random": (25, 100),
        "by picture": (0, 40),
    }
