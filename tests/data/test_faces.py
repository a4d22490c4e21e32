"""Faces and FaceData: what they hold and what they refuse."""

import re

import numpy as np
import pytest

from fercourse.data.faces import EMOTIONS, FER2013, UNLABELLED, FaceData, Faces
from fercourse.data.fer2013.load import load_fer2013


def faces(count=4, emotions=None):
    images = np.arange(count * 48 * 48).reshape(count, 48, 48).astype("uint8")
    images += np.arange(count, dtype="uint8")[:, None, None]
    emotions = np.arange(count) % 7 if emotions is None else np.array(emotions)
    return Faces(images, emotions.astype("uint8"), np.arange(count, dtype="int32"))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("images", np.zeros((4, 48, 48), "float32"), r"float32 .*, expected uint8"),
        ("images", np.zeros((4, 48, 47), "uint8"), r"expected uint8 \(4, 48, 48\)"),
        ("emotions", np.zeros(3, "uint8"), r"uint8 \(3,\), expected uint8 \(4,\)"),
        ("rows", np.zeros(4, "int64"), "int64 .*, expected int32"),
        ("emotions", np.array([0, 7, 0, 0], "uint8"), r"\[1\] is 7, expected 0 to 6"),
    ],
)
def test_wrong_arrays_are_named(field, value, message):
    with pytest.raises(ValueError, match=rf"Faces\.{field}.*{message}"):
        Faces(**{**vars(faces()), field: value})


def test_a_selection_is_faces():
    assert faces()[1:3].rows.tolist() == [1, 2]
    assert faces()[np.array([True, False, False, True])].rows.tolist() == [0, 3]
    assert len(faces()[:0]) == 0


def test_joined_faces_keep_their_order():
    joined = Faces.join([faces()[2:], faces()[:1]])
    assert joined.rows.tolist() == [2, 3, 0]
    assert np.array_equal(joined.images[2], faces().images[0])
    assert len(Faces.join([])) == 0


def test_counts_leave_out_what_has_no_label():
    some = faces(4, [3, 3, UNLABELLED, 6])
    assert some.counts() == dict.fromkeys(EMOTIONS, 0) | {"happy": 2, "neutral": 1}
    assert not some.labelled
    with pytest.raises(ValueError, match=r"evaluation needs .* 1 of 4 .*test\.csv"):
        some.require_labels("evaluation")
    faces().require_labels("evaluation")


def test_faces_that_are_in_training_are_found():
    training, test = faces(6), faces(10)[4:]
    data = FaceData(training, training[:0], test, "made up", "made up")
    assert data.in_training(test).tolist() == [True, True, False, False, False, False]
    assert not data.first(train=2, validation=0).in_training(test).any()


def data_of(source="my faces.csv (index)", **changes):
    splits = {"train": faces(6), "validation": faces(3), "test": faces(4)}
    return FaceData(**{**splits, **changes}, source=source, integrity="made up")


def test_a_data_set_is_named_after_its_source_and_its_content():
    name = data_of().name
    assert re.fullmatch("my-faces-[0-9a-f]{8}", name)
    other_label = faces(4, [3, 3, 3, 6])
    names = {data_of(test=some).name for some in (faces(4), faces(5), other_label)}
    assert name in names and len(names) == 3
    assert data_of("practice faces").name == "practice"
    assert re.fullmatch("practice-[0-9a-f]{8}", data_of("practice.csv").name)
    # A face that moves to the next split makes another data set.
    whole = faces(9)
    moved = [data_of(train=whole[:k], validation=whole[k:]) for k in (5, 6)]
    assert moved[0].name != moved[1].name


def test_published_fer2013_and_nothing_else_is_named_fer2013(fer2013_folder):
    data = load_fer2013(fer2013_folder / "fer2013.csv")
    assert data.name == FER2013 and data.comparable
    assert data.first(28_709, 3_588).name != FER2013


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"validation": faces(0)}, "no validation split"),
        ({"test": faces(0)}, "no test split"),
        ({"mixed": True}, "in one"),
        ({"test": faces(2, [UNLABELLED, 3])}, "no labels"),
    ],
)
def test_what_makes_accuracies_incomparable_is_said(changes, words):
    data = data_of(**changes)
    assert not data.comparable and words in " ".join(data.faults)
    with pytest.raises(ValueError, match=rf"^A run .*{words}.*fercourse download"):
        data.require_comparable("A run")
    data_of().require_comparable("A run")
