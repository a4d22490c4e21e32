"""The CSV forms: what they hold, and which row is wrong."""

import pickle

import numpy as np
import pytest
from copies import (
    DOWNLOAD,
    IMAGES,
    LABELS,
    LINES,
    assert_same,
    message,
    pixel,
    sizes,
    write,
    write_halves,
)

from fercourse.data.exploration import joined
from fercourse.data.faces import UNLABELLED
from fercourse.data.fer2013.load import load_fer2013


def test_csv_holds_what_was_written(table):
    data = load_fer2013(table)
    assert sizes(data) == [28, 7, 7]
    everyone = joined(data)
    assert np.array_equal(everyone.images, IMAGES)
    assert everyone.emotions.tolist() == LABELS
    assert everyone.rows.tolist() == list(range(42))
    assert (data.source, data.mixed, data.reports) == ("fer2013.csv", False, ())


def test_rows_of_the_splits_may_alternate(tmp_path):
    order = np.random.default_rng(1).permutation(42)
    rows = [LINES[1 + row] for row in order]
    data = load_fer2013(write(tmp_path / "fer2013.csv", [LINES[0], *rows]))
    for faces in data.splits.values():
        np.testing.assert_array_equal(faces.images, IMAGES[order[faces.rows]])


def swapped(row):
    emotion, pixels, usage = row.split(",")
    return f"{emotion},{usage},{pixels}"


HEADER, *BODY = LINES
FORMS = {
    "icml": ["emotion, Usage, pixels", *map(swapped, BODY)],
    "quoted": [HEADER, *('"' + row.replace(",", '","') + '"' for row in BODY)],
    "marked": [f"\ufeff{HEADER}", *BODY, ""],
    "spaces": [HEADER, *(row.replace(",", " , ").replace(" ", "  ") for row in BODY)],
    "index": [f",{HEADER}", *(f"{number},{row}" for number, row in enumerate(BODY))],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_form_gives_the_same_faces(table, tmp_path, form, end):
    copy = write(tmp_path / "icml_face_data.csv", FORMS[form], end)
    assert_same(load_fer2013(copy), load_fer2013(table))


def test_train_and_test_csv(tmp_path, table):
    data = load_fer2013(write_halves(tmp_path / "kaggle"))
    np.testing.assert_array_equal(joined(data).images, IMAGES)
    assert sizes(data) == [28, 0, 14] and data.mixed
    assert (data.train.emotions == LABELS[:28]).all()
    assert (data.test.emotions == UNLABELLED).all()
    assert data.test.rows.tolist() == list(range(28, 42))
    assert data.source == "train.csv and test.csv"
    assert any("no labels" in report for report in data.reports)


def test_a_test_csv_with_labels_is_not_training_data(tmp_path):
    rows = [row.rsplit(",", 1)[0] for row in LINES]
    write(tmp_path / "train.csv", rows[:29])
    write(tmp_path / "test.csv", [rows[0], *rows[29:]])
    data = load_fer2013(tmp_path)
    assert sizes(data) == [28, 0, 14]
    assert data.test.labelled and data.mixed


def test_contempt_is_left_out_and_said(tmp_path):
    rows = [f"7{row[1:]}" if row[0] == "3" else row for row in LINES]
    data = load_fer2013(write(tmp_path / "ckextended.csv", rows))
    assert sizes(data) == [24, 6, 6]
    assert data.train.counts()["happy"] == 0
    assert data.train.rows.tolist() == [row for row in range(28) if row % 7 != 3]
    assert data.reports == ("6 faces of contempt left out.",)


def test_emotions_from_one_to_seven_are_refused(tmp_path):
    rows = [f"{int(row[0]) + 1}{row[1:]}" for row in LINES[1:]]
    path = write(tmp_path / "faces.csv", [LINES[0], *rows])
    message(path, "faces.csv has the emotions 1 to 7", "angry, disgust")


def test_words_for_emotions_and_splits(table, tmp_path):
    words = (
        "Anger",
        "DISGUST",
        "fearful",
        "happiness",
        "sadness",
        "surprise",
        "Neutral",
    )
    usages = {"Training": "train", "PublicTest": "val", "PrivateTest": "Test"}
    rows = []
    for row in LINES[1:]:
        emotion, pixels, usage = row.split(",")
        rows.append(f"{words[int(emotion)]},{pixels},{usages[usage]}")
    data = load_fer2013(write(tmp_path / "faces.csv", [LINES[0], *rows]))
    assert_same(data, load_fer2013(table))


BAD_ROWS = {
    "too large": (lambda row: pixel(row, 5, "256"), "'256'", "pixel 5", "0 to 255"),
    "three digits": (lambda row: pixel(row, 2303, "300"), "'300'", "pixel 2303"),
    "negative": (lambda row: pixel(row, 0, "-1"), "'-1'", "0 to 255"),
    "minus zero": (lambda row: pixel(row, 0, "-0"), "'-0'", "0 to 255"),
    "four digits": (lambda row: pixel(row, 0, "0012"), "'0012'", "0 to 255"),
    "a word": (lambda row: pixel(row, 7, "abc"), "'abc'", "not a number"),
    "a fraction": (lambda row: pixel(row, 7, "1.5"), "'1.5'", "not a number"),
    "a tab": (lambda row: pixel(row, 7, "1\t2"), "not a number"),
    "too few": (lambda row: pixel(row, 7, ""), "2,303 pixels", "2,304"),
    "too many": (lambda row: pixel(row, 7, "1 2"), "2,305 pixels", "2,304"),
    "none": (lambda row: "3,,Training", "0 pixels", "2,304"),
    "emotion 8": (lambda row: "8" + row[1:], "emotion '8'", "0 to 6"),
    "emotion word": (lambda row: "glad" + row[1:], "emotion 'glad'", "0 to 6"),
    "usage": (lambda row: row.replace("Train", "P"), "Usage 'Ping'", "PublicTest"),
    "columns": (lambda row: row.rsplit(",", 1)[0], "2 columns", "header has 3"),
}


@pytest.mark.parametrize("kind", BAD_ROWS)
def test_bad_row_is_named(tmp_path, kind):
    change, *words = BAD_ROWS[kind]
    rows = [*LINES[:18], change(LINES[18]), *LINES[19:]]
    path = write(tmp_path / "fer2013.csv", rows)
    message(path, "fer2013.csv, row 17 (line 19)", DOWNLOAD, *words)


def test_one_pixel_too_few_next_to_one_too_many(tmp_path):
    pair = [pixel(LINES[4], 9, ""), pixel(LINES[5], 9, "1 2")]
    path = write(tmp_path / "fer2013.csv", [*LINES[:4], *pair, *LINES[6:]])
    message(path, "row 3 (line 5) has 2,303 pixels")


@pytest.mark.parametrize("cut", [3, 1000, 8000])
def test_truncated_table(table, cut):
    *others, last = table.read_bytes().splitlines(keepends=True)
    table.write_bytes(b"".join(others) + last[: max(2, len(last) - cut)])
    message(table, "fer2013.csv, row 41 (line 43)", "truncated", DOWNLOAD)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"emotion,pixels,Usage\n", "no rows"),
        (b"emotion,Usage\n3,Training\n", "no column pixels"),
        (b"pixels,Usage\n1,Training\n", "no column emotion"),
        (b"<!DOCTYPE html>\n", "a web page (HTML)"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    ],
)
def test_not_a_table(tmp_path, content, words):
    (tmp_path / "icml_face_data.csv").write_bytes(content)
    message(tmp_path / "icml_face_data.csv", "icml_face_data.csv", DOWNLOAD, words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"BZh91AY", "compressed by bzip2"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"\x93NUMPY\x01\x00", "a NumPy array"),
        (pickle.dumps([1]), "never opened"),
        (b"<html>", "a web page"),
        (b'{"error": 403}', "JSON"),
        ("emotion,pixels".encode("utf-16"), "UTF-16"),
    ],
)
def test_other_formats_are_recognised(tmp_path, content, words):
    (tmp_path / "fer2013.csv").write_bytes(content)
    for path in (tmp_path, tmp_path / "fer2013.csv"):
        message(path, "fer2013.csv is ", words, DOWNLOAD)
