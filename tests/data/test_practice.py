"""Practice faces: the same everywhere, varied, and honest about where the expression is."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fercourse.data.faces import EMOTIONS
from fercourse.data.practice import (
    ACTION_UNITS,
    PROTOTYPES,
    PracticeFaces,
    practice_data,
    practice_faces,
    save_contact_sheet,
)

PICTURE = Path(__file__).parents[2] / "lessons" / "images" / "practice_faces.png"
NEUTRAL = EMOTIONS.index("neutral")
FORTY_FACES = "68fd0799b4099c45a903eb484254ca26aa926b250b185a18e9a77bd73f137dab"


@pytest.fixture(scope="module")
def drawn() -> PracticeFaces:
    return practice_faces(350, seed=5, label_noise=0.2, proportions="uniform")


def _digest(images: np.ndarray) -> str:
    return hashlib.sha256(images.tobytes()).hexdigest()


def test_shapes_and_dtypes(drawn):
    # Faces checks its own three arrays.
    assert drawn.faces.images.shape == (350, 48, 48)
    assert drawn.faces.rows.tolist() == list(range(350))
    assert (drawn.evidence.dtype, drawn.evidence.shape) == (np.bool_, (350, 48, 48))
    assert (drawn.drawn_emotions.dtype, drawn.drawn_emotions.shape) == (
        np.uint8,
        (350,),
    )
    assert drawn.action_units.dtype == np.float32
    assert drawn.action_units.shape == (350, len(ACTION_UNITS))


def test_no_faces_are_faces_too():
    assert len(practice_faces(0).faces) == 0


def test_the_same_bytes_as_ever():
    # A drawing that changes makes every stored run on practice faces stale: change this
    # line only together with them.
    assert _digest(practice_faces(40).faces.images) == FORTY_FACES


def test_the_same_bytes_on_another_processor():
    """Without its vector instructions, NumPy computes by other code, as on another platform."""
    features = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    if not features:
        pytest.skip("this NumPy has no other code to try")
    code = (
        "import hashlib; from fercourse.data.practice import practice_faces; "
        "print(hashlib.sha256(practice_faces(40).faces.images.tobytes()).hexdigest())"
    )
    environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": " ".join(features)}
    command = [sys.executable, "-c", code]
    result = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == FORTY_FACES


def test_a_face_depends_on_seed_and_number_alone(drawn):
    fewer = practice_faces(21, seed=5, label_noise=0.2, proportions="uniform")
    assert np.array_equal(fewer.faces.images, drawn.faces.images[:21])
    assert np.array_equal(fewer.faces.emotions, drawn.faces.emotions[:21])
    assert np.array_equal(fewer.evidence, drawn.evidence[:21])
    later = practice_faces(5, seed=5, first=16, label_noise=0.2, proportions="uniform")
    assert np.array_equal(later.faces.images, drawn.faces.images[16:21])
    assert later.faces.rows.tolist() == [16, 17, 18, 19, 20]
    other = practice_faces(21, seed=6, label_noise=0.2, proportions="uniform")
    assert not (other.faces.images == fewer.faces.images).all(axis=(1, 2)).any()


def test_faces_vary(drawn):
    images = drawn.faces.images.astype(float)
    assert len({image.tobytes() for image in drawn.faces.images}) == 350
    assert images.std(axis=0).min() > 25  # every pixel differs between faces
    assert np.median(images.std(axis=(1, 2))) > 30  # and within one
    assert 90 < images.mean() < 150
    assert images.mean(axis=(1, 2)).std() > 15  # dark faces and bright ones
    # Neighbouring pixels agree: faces, not noise.
    assert np.abs(np.diff(images, axis=2)).mean() < 0.3 * images.std()


def test_action_units_follow_the_prototypes(drawn):
    for emotion, name in enumerate(EMOTIONS):
        moved = drawn.action_units[drawn.drawn_emotions == emotion] > 0
        always = {
            unit
            for unit, all_ in zip(ACTION_UNITS, moved.all(axis=0), strict=True)
            if all_
        }
        ever = {
            unit
            for unit, any_ in zip(ACTION_UNITS, moved.any(axis=0), strict=True)
            if any_
        }
        assert always == set(PROTOTYPES[name])
        assert ever - always <= {25}
    expressive = drawn.action_units[drawn.drawn_emotions != NEUTRAL].max(axis=1)
    assert expressive.min() < 0.4 and expressive.max() == 1


def test_neutral_faces_hold_no_evidence(drawn):
    neutral = drawn.drawn_emotions == NEUTRAL
    assert neutral.any() and not drawn.evidence[neutral].any()


def test_evidence_lies_where_the_action_units_are(drawn):
    expressive = drawn.drawn_emotions != NEUTRAL
    pixels = drawn.evidence[expressive].sum(axis=(1, 2))
    # A dark picture with hair over the brows may hide a faint expression, but rarely.
    assert (
        (pixels > 0).mean() > 0.98 and np.median(pixels) > 100 and pixels.max() < 1000
    )
    brows_and_eyes = np.s_[5:27, 6:42]
    cheeks_and_mouth = np.s_[27:, 8:40]
    upper = {
        "angry": 0.5,
        "disgust": 0.25,
        "fear": 0.25,
        "happy": 0.15,
        "sad": 0.4,
        "surprise": 0.2,
    }
    lower = {
        "angry": 0.2,
        "disgust": 0.4,
        "fear": 0.4,
        "happy": 0.6,
        "sad": 0.25,
        "surprise": 0.4,
    }
    for name in upper:
        where = drawn.evidence[drawn.drawn_emotions == EMOTIONS.index(name)].sum(axis=0)
        assert where[brows_and_eyes].sum() > upper[name] * where.sum(), name
        assert where[cheeks_and_mouth].sum() > lower[name] * where.sum(), name
        assert where[:, :4].sum() + where[:, -4:].sum() < 0.05 * where.sum(), name


def test_proportions(drawn):
    fer2013 = practice_data(800, 0, 0, label_noise=0).train.counts()
    # Four standard deviations of a binomial count are less than 4 √count.
    expected = {"happy": 201, "disgust": 12, "neutral": 138, "sad": 135, "surprise": 88}
    for name, count in expected.items():
        assert abs(fer2013[name] - count) < 4 * np.sqrt(count), name
    uniform = np.bincount(drawn.drawn_emotions, minlength=7)
    assert (abs(uniform - 50) < 4 * np.sqrt(50)).all()


def test_label_noise(drawn):
    wrong = drawn.faces.emotions != drawn.drawn_emotions
    assert 0.12 < wrong.mean() < 0.28  # 0.2, give or take four standard deviations
    shift = (drawn.faces.emotions[wrong].astype(int) - drawn.drawn_emotions[wrong]) % 7
    assert set(shift.tolist()) == {1, 2, 3, 4, 5, 6}
    clean = practice_faces(30, seed=5, proportions="uniform")
    assert np.array_equal(clean.faces.emotions, clean.drawn_emotions)
    assert np.array_equal(clean.faces.images, drawn.faces.images[:30])
    all_wrong = practice_faces(30, seed=5, label_noise=1.0)
    assert (all_wrong.faces.emotions != all_wrong.drawn_emotions).all()


def test_practice_data_plants_duplicates():
    data = practice_data(100, 50, 75, seed=3)
    assert [len(split) for split in (data.train, data.validation, data.test)] == [
        100,
        50,
        75,
    ]
    assert (
        data.source == "practice faces" and data.integrity == "practice faces, seed 3"
    )
    for split, copies in ((data.validation, 4), (data.test, 6)):
        in_training = data.in_training(split)
        assert in_training.sum() == copies
        known = {image.tobytes(): k for k, image in enumerate(data.train.images)}
        for face in np.flatnonzero(in_training):
            original = known[split.images[face].tobytes()]
            assert split.emotions[face] == data.train.emotions[original]
    assert "4 validation and 6 test faces" in data.reports[0]
    # No training face is copied twice, and the rest are the faces of practice_faces.
    assert (
        len(
            {
                image.tobytes()
                for image in np.concatenate([data.validation.images, data.test.images])
            }
        )
        == 125
    )
    plain = practice_data(100, 50, 75, seed=3, duplicates=0)
    assert not plain.in_training(plain.test).any()
    kept = ~data.in_training(data.test)
    assert np.array_equal(data.test.images[kept], plain.test.images[kept])
    assert np.array_equal(
        plain.test.images, practice_faces(75, 3, first=150).faces.images
    )
    assert data.test.rows.tolist() == list(range(150, 225))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": -1}, "count is -1, expected 0 or more"),
        ({"count": 1, "seed": -1}, "seed is -1"),
        ({"count": 1, "first": -1}, "first is -1"),
        ({"count": 1, "label_noise": 1.1}, "label_noise is 1.1, expected 0 to 1"),
        ({"count": 1, "label_noise": -0.1}, "label_noise is -0.1"),
        ({"count": 1, "label_noise": float("nan")}, "label_noise is nan"),
        ({"count": 1, "proportions": "fer"}, 'expected "fer2013" or "uniform"'),
    ],
)
def test_bad_arguments_of_practice_faces(arguments, message):
    with pytest.raises(ValueError, match=message):
        practice_faces(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"train": -5}, "train is -5"),
        ({"duplicates": 1.5}, "duplicates is 1.5, expected 0 to 1"),
        ({"train": 5, "test": 1000}, "Ask for fewer duplicates"),
        ({"label_noise": 2}, "label_noise is 2"),
    ],
)
def test_bad_arguments_of_practice_data(arguments, message):
    with pytest.raises(ValueError, match=message):
        practice_data(**arguments)


def test_the_picture_in_the_readme_is_up_to_date(tmp_path):
    from PIL import Image

    save_contact_sheet(tmp_path / "sheet.png")
    made, stored = (
        np.asarray(Image.open(path)) for path in (tmp_path / "sheet.png", PICTURE)
    )
    assert made.shape == (7 * 96, 96 + 6 * 96)
    # The names of the emotions stand in the margin; fonts differ between versions of
    # Pillow.
    assert np.array_equal(made[:, 96:], stored[:, 96:])
    assert made[:, :96].min() == 0
    assert PICTURE.stat().st_size <= 120_000
