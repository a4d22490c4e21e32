"""Practice faces: the same everywhere, varied, and honest about the expression."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fercourse.data import practice
from fercourse.data.exploration import picture_numbers
from fercourse.data.faces import EMOTIONS
from fercourse.data.practice import (
    ACTION_UNITS,
    PROTOTYPES,
    TRAITS,
    cached_practice_data,
    practice_data,
    practice_faces,
)

PICTURE = Path(__file__).parents[2] / "lessons" / "images" / "practice_faces.png"
NEUTRAL = EMOTIONS.index("neutral")
FORTY_FACES = "68fd0799b4099c45a903eb484254ca26aa926b250b185a18e9a77bd73f137dab"


@pytest.fixture(scope="module")
def drawn():
    return practice_faces(350, seed=5, label_noise=0.2, proportions="uniform")


def test_shapes_and_dtypes(drawn):
    assert drawn.faces.rows.tolist() == list(range(350))
    for array, dtype, shape in (
        (drawn.evidence, "bool", (350, 48, 48)),
        (drawn.drawn_emotions, "uint8", (350,)),
        (drawn.action_units, "float32", (350, len(ACTION_UNITS))),
    ):
        assert (array.dtype, array.shape) == (dtype, shape)
    assert len(practice_faces(0).faces) == 0


def test_a_face_knows_its_traits(drawn):
    assert set(drawn.traits) == set(TRAITS)
    for name, (share, low, high) in TRAITS.items():
        values = drawn.traits[name]
        assert values.shape == (350,)
        if name not in ("hair", "hairline"):  # a second trait is added to them
            present = values[values != 0]
            assert low - 1e-6 <= present.min() and present.max() <= high + 1e-6
            assert abs(len(present) / 350 - share) < 0.1, name
    # Skin of another tone is drawn with other greys.
    middle = drawn.faces.images[:, 16:40, 14:34].mean(axis=(1, 2))
    assert np.corrcoef(drawn.traits["skin"], middle)[0, 1] > 0.5
    assert np.array_equal(
        practice_faces(3, seed=5, first=16).traits["age"], drawn.traits["age"][16:19]
    )


def test_the_same_bytes_as_ever():
    # A drawing that changes makes every stored run on practice faces stale: change this
    # line only together with them.
    images = practice_faces(40).faces.images
    assert hashlib.sha256(images.tobytes()).hexdigest() == FORTY_FACES


def test_the_same_bytes_on_another_processor():
    """Without its vector instructions, NumPy computes by other code."""
    features = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    if not features:
        pytest.skip("this NumPy has no other code to try")
    code = (
        "import hashlib; from fercourse.data.practice import practice_faces; "
        "print(hashlib.sha256(practice_faces(40).faces.images.tobytes()).hexdigest())"
    )
    environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": " ".join(features)}
    printed = subprocess.check_output(
        [sys.executable, "-c", code], env=environment, text=True
    )
    assert printed.strip() == FORTY_FACES


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
    assert picture_numbers(drawn.faces.images).max() == 349
    assert images.std(axis=0).min() > 25  # every pixel differs between faces
    assert np.median(images.std(axis=(1, 2))) > 30  # and within one
    assert 90 < images.mean() < 150
    assert images.mean(axis=(1, 2)).std() > 15  # dark faces and bright ones
    # Neighbouring pixels agree: faces, not noise.
    assert np.abs(np.diff(images, axis=2)).mean() < 0.3 * images.std()


def test_action_units_follow_the_prototypes(drawn):
    units = np.array(ACTION_UNITS)
    for emotion, name in enumerate(EMOTIONS):
        moved = drawn.action_units[drawn.drawn_emotions == emotion] > 0
        always, ever = set(units[moved.all(axis=0)]), set(units[moved.any(axis=0)])
        assert always == set(PROTOTYPES[name])
        assert ever - always <= {25}
    expressive = drawn.action_units[drawn.drawn_emotions != NEUTRAL].max(axis=1)
    assert expressive.min() < 0.4 and expressive.max() == 1


def test_evidence_is_where_the_action_units_are(drawn):
    neutral = drawn.drawn_emotions == NEUTRAL
    assert neutral.any() and not drawn.evidence[neutral].any()
    pixels = drawn.evidence[~neutral].sum(axis=(1, 2))
    # A dark picture with hair over the brows may hide a faint expression, but rarely.
    assert (pixels > 0).mean() > 0.98
    assert np.median(pixels) > 100 and pixels.max() < 1000
    shares = {  # at least: of brows and eyes, of cheeks and mouth
        "angry": (0.5, 0.2),
        "disgust": (0.25, 0.4),
        "fear": (0.25, 0.4),
        "happy": (0.15, 0.6),
        "sad": (0.4, 0.25),
        "surprise": (0.2, 0.4),
    }
    for name, (upper, lower) in shares.items():
        where = drawn.evidence[drawn.drawn_emotions == EMOTIONS.index(name)].sum(axis=0)
        assert where[5:27, 6:42].sum() > upper * where.sum(), name
        assert where[27:, 8:40].sum() > lower * where.sum(), name
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
    assert [len(faces) for faces in data.splits.values()] == [100, 50, 75]
    assert data.source == "practice faces"
    assert data.integrity == "practice faces, seed 3"
    assert "4 validation and 6 test faces" in data.reports[0]
    known = {image.tobytes(): k for k, image in enumerate(data.train.images)}
    for split, copies in ((data.validation, 4), (data.test, 6)):
        copied = split[data.in_training(split)]
        assert len(copied) == copies
        originals = [known[image.tobytes()] for image in copied.images]
        assert np.array_equal(copied.emotions, data.train.emotions[originals])
    # No training face is copied twice, and the rest are the faces of practice_faces.
    others = np.concatenate([data.validation.images, data.test.images])
    assert picture_numbers(others).max() == 124
    plain = practice_data(100, 50, 75, seed=3, duplicates=0)
    assert not plain.in_training(plain.test).any()
    kept = ~data.in_training(data.test)
    assert np.array_equal(data.test.images[kept], plain.test.images[kept])
    continued = practice_faces(75, 3, first=150).faces
    assert np.array_equal(plain.test.images, continued.images)
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
        ({"train": -5}, "train is -5"),
        ({"duplicates": 1.5}, "duplicates is 1.5, expected 0 to 1"),
        ({"train": 5, "test": 1000}, "Ask for fewer duplicates"),
        ({"label_noise": 2}, "label_noise is 2"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        (practice_faces if "count" in arguments else practice_data)(**arguments)


def test_drawn_once_for_each_version_of_the_drawing(monkeypatch, tmp_path):
    calls = []
    small = practice_data(20, 5, 5)
    monkeypatch.setattr(practice, "practice_data", lambda: calls.append(1) or small)
    for _ in range(2):
        data = cached_practice_data()
        assert len(calls) == 1 and data.reports == small.reports
        assert np.array_equal(data.test.images, small.test.images)
    changed = tmp_path / "practice_drawing.py"
    changed.write_text("# drawn otherwise\n")
    monkeypatch.setattr(practice.practice_drawing, "__file__", str(changed))
    cached_practice_data()
    assert len(calls) == 2


def test_the_picture_in_the_readme_is_up_to_date():
    """Six faces of each emotion, twice as large, right of the emotions' names."""
    drawn = practice_faces(184, proportions="uniform")
    rows = [
        np.hstack(drawn.faces.images[drawn.drawn_emotions == emotion][:6])
        for emotion in range(7)
    ]
    sheet = np.vstack(rows).repeat(2, axis=0).repeat(2, axis=1)
    assert np.array_equal(np.asarray(Image.open(PICTURE))[:, 96:], sheet)
    assert PICTURE.stat().st_size <= 120_000
