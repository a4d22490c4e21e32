"""What the content says about itself, with the made-up faces as FER2013."""

import shutil

import pytest
from copies import LINES, pixel, rename_all, sizes, write, write_halves

from fercourse.data.fer2013.load import load_fer2013

pytestmark = pytest.mark.usefixtures("published")


def test_verified(table, folders):
    for path in (table, folders):
        assert load_fer2013(path).integrity == "verified FER2013"


def other_pixels(lines):
    return [
        pixel(pixel(line, 0, "1"), 1, "2") if row in (3, 30, 40) else line
        for row, line in enumerate(lines)
    ]


def other_labels(lines):
    # Two emotions exchanged, which leaves the counts as they are, and one changed.
    labels = (1, 0, 0)
    rows = [f"{label}{line[1:]}" for label, line in zip(labels, lines, strict=False)]
    return [*rows, *lines[3:]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (other_pixels, "not FER2013 as published: 3 rows of 42 differ"),
        (other_labels, "the images are, but at least 1 row differ in label"),
        (lambda lines: other_pixels(other_labels(lines)), "pixels, and at least 1 row"),
        (lambda lines: lines[2:], "at least 2 rows of 42 differ or are missing (40"),
    ],
)
def test_how_many_rows_differ(tmp_path, change, words):
    path = write(tmp_path / "other.csv", [LINES[0], *change(LINES[1:])])
    assert words in load_fer2013(path).integrity


@pytest.mark.parametrize("name", ["{}_{}", "im{1}"])
def test_images_in_another_order(folders, name):
    rename_all(folders, lambda usage, row: name.format(usage, 99_000 - row))
    words = "FER2013's images in another order; as many"
    assert load_fer2013(folders).integrity.startswith(words)


def without_usage(lines):
    return [line.rsplit(",", 1)[0] for line in lines]


def test_a_table_without_usage_is_divided_by_position(tmp_path):
    data = load_fer2013(write(tmp_path / "fer2013.csv", without_usage(LINES)))
    assert sizes(data) == [28, 7, 7] and data.comparable
    assert data.integrity == "verified FER2013"
    other = [*LINES[:1], *reversed(LINES[1:])]
    data = load_fer2013(write(tmp_path / "fer2013.csv", without_usage(other)))
    assert sizes(data) == [42, 0, 0] and not data.comparable


@pytest.mark.parametrize("split", ["validation", "test"])
def test_both_halves_under_one_name(folders, split):
    (folders / "test").rename(folders / split)
    # Without numbers in order, the content cannot prove which is which.
    rename_all(folders, lambda usage, row: f"im{row * 37 % 43}")
    data = load_fer2013(folders)
    assert sizes(data) == [28, 0, 14] and data.mixed and not data.comparable


def test_a_split_that_is_missing_is_said(folders):
    shutil.rmtree(folders / "test")
    data = load_fer2013(folders)
    assert sizes(data) == [28, 0, 0] and not data.comparable
    for split in ("validation", "test"):
        assert any(f"no {split} split" in report for report in data.reports)


def test_unlabelled_test_that_proves_to_be_both_halves(tmp_path):
    data = load_fer2013(write_halves(tmp_path / "kaggle"))
    assert not data.mixed and sizes(data) == [28, 7, 7]
    assert data.integrity.endswith("images, without labels in validation and test")
    assert any("no labels" in report for report in data.reports)
