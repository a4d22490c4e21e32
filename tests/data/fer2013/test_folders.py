"""Image folders: every spelling, and what is not certain left out and reported."""

import numpy as np
import pytest
from copies import (
    DOWNLOAD,
    EMOTIONS,
    IMAGES,
    ROWS,
    USAGES,
    assert_same,
    message,
    rename_all,
    save,
    sizes,
)
from PIL import Image

from fercourse.data.fer2013.folders import Picture, read_pictures
from fercourse.data.fer2013.load import FaceDataError, load_fer2013


def test_png_folders_are_the_table(table, folders):
    data = load_fer2013(folders)
    assert_same(data, load_fer2013(table))
    assert (data.source, data.mixed, data.reports) == ("image folders", False, ())
    # Grey in a colour mode is the same grey.
    colour = np.stack([IMAGES[3]] * 3, axis=-1)
    save(colour, folders / "train" / "happy" / "Training_3.png")
    assert_same(load_fer2013(folders), data)


def test_one_mixed_test_folder_stays_whole(folders):
    rename_all(folders, lambda usage, row: f"im{row}")
    data = load_fer2013(folders)
    assert data.mixed and sizes(data) == [28, 0, 14]
    assert any("no accuracy" in report for report in data.reports)
    assert len({*data.train.rows, *data.test.rows}) == ROWS


def test_numbers_that_are_no_rows_are_not_trusted(folders):
    rename_all(folders, lambda usage, row: f"{usage}_{99_000_000 - row * 7}")
    data = load_fer2013(folders)
    assert not data.mixed and sizes(data) == [28, 7, 7]
    np.testing.assert_array_equal(data.validation.rows, range(28, 35))


@pytest.mark.parametrize(
    "splits",
    [
        ("Train", "val", "PrivateTest"),
        ("training", "Valid", "testing"),
        ("TRAIN", "PublicTest", "Test"),
    ],
)
def test_other_spellings(folders, tmp_path, splits):
    spellings = ("Anger", "Disgusted", "2", "HAPPY", "sadness", "Surprised", "Neutral")
    split_of = dict(zip(dict.fromkeys(USAGES), splits, strict=True))
    for file in folders.rglob("*.png"):
        usage, row = file.stem.split("_")
        emotion = spellings[EMOTIONS.index(file.parent.name)]
        path = tmp_path / "other" / split_of[usage] / emotion / f"face{row}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.read_bytes())
    data, same = load_fer2013(tmp_path / "other"), load_fer2013(folders)
    assert not data.mixed
    assert any("by number" in report for report in data.reports)
    for here, there in zip(data.splits.values(), same.splits.values(), strict=True):
        assert here.counts() == there.counts()


LEFT_OUT = {
    "train/happy/Training_3 - Copy.png": "augmented copy",
    "train/happy/Training_3 (1).png": "second copies",
    "train/happy/Training_77.png": "not 48×48 pixels",
    "train/happy/Training_78.png": "not 8 bits",
    "test/happy/Training_80.png": "contradict",
    "test/happy/me.png": "PublicTest or PrivateTest",
    "train/happy/more/Training_81.png": "not in train|validation|test",
    "train/contempt/Training_82.png": "contempt is none of the seven",
    "train/happy/film.gif": "neither PNG nor JPEG",
}


def test_what_is_not_certain_is_left_out_and_reported(folders):
    clean = load_fer2013(folders)
    for name in LEFT_OUT:
        image = IMAGES[0]
        if "_77" in name:
            image = image[:24, :24]
        elif "_78" in name:
            image = image.astype(np.uint16)
        save(image, folders / name)
    happy = folders / "train" / "happy"
    for more in (
        "aug_0_1.png",
        "Training_3_flip.png",
        "Training_3.jpg",
        "../loose.png",
    ):
        save(IMAGES[0], happy / more)
    save(IMAGES[0], happy / "PublicTest_79.png")
    for silent in (".DS_Store", "Thumbs.db"):
        (happy / silent).write_bytes(b"\0")
    data = load_fer2013(folders)
    assert_same(data, clean)
    counts = dict(zip(LEFT_OUT, (3, 2, 1, 1, 2, 1, 2, 1, 1), strict=True))
    assert len(data.reports) == len(LEFT_OUT)
    for name, reason in LEFT_OUT.items():
        (report,) = (report for report in data.reports if reason in report)
        assert report.startswith(f"{counts[name]} image")
        assert counts[name] > 1 or name in report


def test_class_that_would_be_lost_is_an_error(folders):
    (folders / "train" / "happy").rename(folders / "train" / "hapy")
    message(folders, "train/hapy", "no folder for happy", "Rename")


def test_two_folders_for_one_split(folders):
    save(IMAGES[0], folders / "training" / "happy" / "a.png")
    message(folders, "train and training", "Move one away")


def test_one_number_under_two_emotions_is_reported(folders):
    save(IMAGES[0], folders / "train" / "sad" / "Training_3.png")
    data = load_fer2013(folders)
    assert len(data.train) == 29
    assert any("two emotions" in report for report in data.reports)


@pytest.mark.parametrize(
    "name",
    [
        "Training_3_augmentation_1.png",
        "Training_3_noise.png",
        "Training_3-2.jpg",
        "Training_999_x.png",
        "synthetic_3.png",
        "my_zoom.png",
        "blur 7.png",
        "_0_1117.jpeg",
    ],
)
def test_augmented_copies_are_left_out(folders, name):
    clean = load_fer2013(folders)
    save(IMAGES[0], folders / "train" / "happy" / name)
    data = load_fer2013(folders)
    assert_same(data, clean)
    assert any(f"copy, such as train/happy/{name}" in text for text in data.reports)


@pytest.mark.parametrize("name", ["synthesis.png", "S005_001_00000011.png", "mb_3.png"])
def test_other_names_are_no_copies(folders, name):
    rename_all(folders, lambda usage, row: f"im{row}")
    save(IMAGES[0], folders / "train" / "happy" / name)
    assert len(load_fer2013(folders).train) == 29


def test_what_other_programs_leave_is_silent(folders):
    clean = load_fer2013(folders)
    for name in (
        ".ipynb_checkpoints/a-checkpoint.png",
        ".ipynb_checkpoints/happy/a.png",
    ):
        save(IMAGES[0], folders / "train" / name)
        save(IMAGES[0], folders / "train" / "happy" / name)
    data = load_fer2013(folders)
    assert_same(data, clean)
    assert data.reports == ()


@pytest.mark.parametrize(
    ("form", "words"), [("WEBP", "a WebP image"), ("GIF", "a GIF image")]
)
def test_another_kind_of_image_under_the_name_png(folders, form, words):
    Image.fromarray(IMAGES[0]).save(folders / "train" / "happy" / "new.png", form)
    data = load_fer2013(folders)
    assert sizes(data) == [28, 7, 7]
    (report,) = data.reports
    assert words in report and "train/happy/new.png" in report


LFS = b"version https://git-lfs"


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n broken", b"text", LFS, None]
)
def test_unreadable_image_is_named(folders, content):
    file = folders / "train" / "happy" / "Training_3.png"
    file.write_bytes(file.read_bytes()[:500] if content is None else content)
    remedy = DOWNLOAD if content in (b"", LFS) else "Delete it"
    message(folders, "train/happy/Training_3.png", remedy)


def test_only_thumbnails(tmp_path):
    save(IMAGES[0][:24, :24], tmp_path / "train" / "happy" / "a.png")
    message(tmp_path, "no face of 48×48", "train/happy/a.png")


def test_a_hundred_thousand_other_pictures_are_refused_after_a_few(tmp_path):
    reads = []

    def read():
        reads.append(1)
        return larger

    save(np.zeros((64, 64), "uint8"), tmp_path / "a.png")
    larger = (tmp_path / "a.png").read_bytes()
    pictures = [Picture(f"train/happy/{n}.png", read) for n in range(1000)]
    with pytest.raises(FaceDataError, match="not 48×48"):
        read_pictures(pictures, "image folders")
    assert len(reads) <= 50


def test_jpeg_is_called_lossy(folders):
    for file in folders.rglob("*.png"):
        Image.open(file).save(file.with_suffix(".jpg"), quality=95)
        file.unlink()
    data = load_fer2013(folders)
    assert "lossy copy (JPEG)" in data.integrity
    np.testing.assert_array_equal(data.train.rows, range(28))


def test_colours_for_print_are_read_as_grey(folders):
    path = folders / "train" / "happy" / "Training_9001.jpg"
    image = np.kron(IMAGES[0][:6, :6], np.ones((8, 8), "uint8"))
    Image.fromarray(image).convert("RGB").convert("CMYK").save(path, quality=100)
    data = load_fer2013(folders)
    assert not any("8 bits" in report for report in data.reports)
    differences = np.abs(data.train.images.astype(int) - image).mean(axis=(1, 2))
    assert differences.min() < 3
