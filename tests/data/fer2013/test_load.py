"""Every form of FER2013, bad input, the cache and the check of the content, on made-up faces."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fercourse.data import cache as fer2013_cache
from fercourse.data.faces import EMOTIONS, UNLABELLED, FaceData, Faces
from fercourse.data.fer2013 import archives as fer2013_archive
from fercourse.data.fer2013 import load as fer2013
from fercourse.data.fer2013 import verify as fer2013_check
from fercourse.data.fer2013.load import (
    FaceDataError,
    FaceDataNotFoundError,
    load_fer2013,
)
from fercourse.data.fer2013.tables import Reading, read_tables

ROWS = (
    42  # Training 0–27, PublicTest 28–34, PrivateTest 35–41: each emotion in each split
)
USAGES = ["Training"] * 28 + ["PublicTest"] * 7 + ["PrivateTest"] * 7
SPLITS = ("train", "validation", "test")
DOWNLOAD = "python -m fercourse download"


@pytest.fixture(autouse=True)
def own_cache(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("FERCOURSE_CACHE", str(folder))
    monkeypatch.delenv("FERCOURSE_DATA", raising=False)
    return folder


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (ROWS, 48, 48), dtype=np.uint8)


@pytest.fixture
def emotions() -> list[int]:
    return [row % 7 for row in range(ROWS)]


@pytest.fixture
def lines(images: np.ndarray, emotions: list[int]) -> list[str]:
    texts = [" ".join(map(str, image.ravel())) for image in images]
    rows = zip(emotions, texts, USAGES, strict=True)
    return [
        "emotion,pixels,Usage",
        *(f"{emotion},{text},{usage}" for emotion, text, usage in rows),
    ]


def write(path: Path, lines: list[str], end: str = "\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((end.join(lines) + end).encode())
    return path


@pytest.fixture
def table(tmp_path: Path, lines: list[str]) -> Path:
    return write(tmp_path / "data" / "fer2013.csv", lines)


@pytest.fixture
def folders(tmp_path: Path, images: np.ndarray, emotions: list[int]) -> Path:
    """The layout of the popular copy, in PNG: PublicTest and PrivateTest both in `test`."""
    for row, (image, emotion, usage) in enumerate(
        zip(images, emotions, USAGES, strict=True)
    ):
        split = "train" if usage == "Training" else "test"
        save(
            image,
            tmp_path / "folders" / split / EMOTIONS[emotion] / f"{usage}_{row}.png",
        )
    return tmp_path / "folders"


def save(image: np.ndarray, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)
    return path


def rename_all(folders: Path, name: str) -> None:
    """Take what the file names tell away."""
    for place, file in enumerate(sorted(folders.rglob("*.png"))):
        file.rename(file.with_name(name.format(place)))


def assert_same(one: FaceData, other: FaceData) -> None:
    for split in SPLITS:
        for array in ("images", "emotions", "rows"):
            here, there = (
                getattr(getattr(data, split), array) for data in (one, other)
            )
            assert here.dtype == there.dtype
            np.testing.assert_array_equal(here, there)


def message(path: Path | str | None) -> str:
    with pytest.raises(FaceDataError) as caught:
        load_fer2013(path)
    return str(caught.value)


# Forms


def test_csv_holds_what_was_written(
    table: Path, images: np.ndarray, emotions: list[int]
) -> None:
    data = load_fer2013(table)
    assert [len(getattr(data, split)) for split in SPLITS] == [28, 7, 7]
    np.testing.assert_array_equal(
        np.concatenate([getattr(data, s).images for s in SPLITS]), images
    )
    np.testing.assert_array_equal(
        np.concatenate([getattr(data, s).emotions for s in SPLITS]), emotions
    )
    np.testing.assert_array_equal(
        np.concatenate([getattr(data, s).rows for s in SPLITS]), range(ROWS)
    )
    assert (data.source, data.mixed, data.reports) == ("fer2013.csv", False, ())


def test_rows_of_the_splits_may_alternate(
    tmp_path: Path, lines: list[str], images: np.ndarray
) -> None:
    order = np.random.default_rng(1).permutation(ROWS)
    data = load_fer2013(
        write(tmp_path / "fer2013.csv", [lines[0], *(lines[1 + row] for row in order)])
    )
    for split in SPLITS:
        faces = getattr(data, split)
        np.testing.assert_array_equal(faces.images, images[order[faces.rows]])


def swap(line: str) -> str:
    """A row of fer2013.csv as a row of icml_face_data.csv."""
    emotion, pixels, usage = line.split(",")
    return f"{emotion},{usage},{pixels}"


@pytest.mark.parametrize(
    "form", ["icml", "quoted", "crlf", "spaces", "tar.gz", "zip", "nested", "index"]
)
def test_every_form_gives_the_same_faces(
    table: Path, lines: list[str], tmp_path: Path, form: str
) -> None:
    copy = tmp_path / "copy"
    header, *rows = lines
    copy.mkdir()
    if form == "icml":
        write(copy / "icml_face_data.csv", ["emotion, Usage, pixels", *map(swap, rows)])
    elif form == "quoted":
        quoted = [
            row.replace(",", ',"', 1).replace(",T", '",T').replace(",P", '",P')
            for row in rows
        ]
        write(copy / "fer2013.csv", [header, *quoted])
    elif form == "crlf":
        write(copy / "fer2013.csv", [f"\ufeff{header}", *rows, ""], end="\r\n")
    elif form == "spaces":
        write(
            copy / "fer2013.csv",
            [header, *(row.replace(",", " , ").replace(" ", "  ") for row in rows)],
        )
    elif form == "index":
        numbered = [f"{number},{row}" for number, row in enumerate(rows)]
        write(copy / "fer2013.csv", [f",{header}", *numbered])
    elif form == "tar.gz":
        with tarfile.open(copy / "fer2013.tar.gz", "w:gz") as archive:
            archive.add(table, "fer2013/fer2013.csv")
    elif form == "zip":
        with zipfile.ZipFile(
            copy / "archive.zip", "w", zipfile.ZIP_DEFLATED
        ) as archive:
            archive.writestr("train.csv", "not looked at")
            archive.write(table, "fer2013.csv")
    else:
        write(copy / "fer2013" / "fer2013.csv", lines)
    data = load_fer2013(copy)
    assert_same(data, load_fer2013(table))
    assert data.reports == ()
    assert not Path(data.source).is_absolute() and str(tmp_path) not in data.source


def test_png_folders_give_the_same_faces(
    table: Path, folders: Path, tmp_path: Path
) -> None:
    data = load_fer2013(folders)
    assert_same(data, load_fer2013(table))
    assert data.source == "image folders" and not data.mixed and data.reports == ()
    for kind, mode in (("zip", "w"), ("tar.gz", "w:gz")):
        path = tmp_path / f"archive.{kind}"
        with (
            zipfile.ZipFile(path, "w")
            if kind == "zip"
            else tarfile.open(path, mode) as archive
        ):
            add = archive.write if kind == "zip" else archive.add
            for file in folders.rglob("*.png"):
                add(file, f"images/{file.relative_to(folders).as_posix()}")
        assert_same(load_fer2013(path), data)


def test_train_and_test_csv(tmp_path: Path, table: Path, lines: list[str]) -> None:
    write(
        tmp_path / "kaggle" / "train.csv", [row.rsplit(",", 1)[0] for row in lines[:29]]
    )
    write(
        tmp_path / "kaggle" / "test.csv",
        ["pixels", *(row.split(",")[1] for row in lines[29:])],
    )
    data, whole = load_fer2013(tmp_path / "kaggle"), load_fer2013(table)
    np.testing.assert_array_equal(data.train.images, whole.train.images)
    np.testing.assert_array_equal(data.train.emotions, whole.train.emotions)
    assert len(data.validation) == 0 and len(data.test) == 14 and data.mixed
    assert (data.test.emotions == UNLABELLED).all() and list(data.test.rows) == list(
        range(28, 42)
    )
    assert data.source == "train.csv and test.csv"
    with pytest.raises(ValueError, match=r"Accuracy needs labels, .*test\.csv"):
        data.test.require_labels("Accuracy")
    assert any("no labels" in report for report in data.reports)
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        for name in ("test.csv", "train.csv"):
            archive.write(tmp_path / "kaggle" / name, name)
    assert_same(load_fer2013(tmp_path / "archive.zip"), data)


def test_a_test_csv_with_labels_is_not_training_data(
    tmp_path: Path, lines: list[str]
) -> None:
    write(tmp_path / "train.csv", [row.rsplit(",", 1)[0] for row in lines[:29]])
    write(
        tmp_path / "test.csv",
        [row.rsplit(",", 1)[0] for row in [lines[0], *lines[29:]]],
    )
    data = load_fer2013(tmp_path)
    assert (len(data.train), len(data.validation), len(data.test)) == (28, 0, 14)
    assert data.test.labelled and data.mixed


# Where it looks


def test_places(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    by_default = load_fer2013()
    monkeypatch.chdir(table.parent)  # as a lesson, one folder below
    assert_same(load_fer2013(), by_default)
    monkeypatch.chdir("/")
    monkeypatch.setenv("FERCOURSE_DATA", str(tmp_path / "data"))
    assert_same(load_fer2013(), by_default)


def test_nothing_found_says_where_it_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "course" / "lessons").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "course" / "lessons")
    monkeypatch.setattr(
        fer2013, "__file__", str(tmp_path / "elsewhere" / "fercourse" / "fer2013.py")
    )
    with pytest.raises(FileNotFoundError) as caught:
        load_fer2013()
    assert isinstance(caught.value, FaceDataNotFoundError)
    for words in (
        "data/ in the current folder",
        "data/ of the course",
        DOWNLOAD,
        "FERCOURSE_DATA",
    ):
        assert words in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    monkeypatch.setenv("FERCOURSE_DATA", "nowhere")
    assert "FERCOURSE_DATA (nowhere)" in message(None)
    assert "missing.csv" in message("missing.csv")


# Bad tables


def pixel(line: str, place: int, value: str) -> str:
    emotion, pixels, usage = line.split(",")
    values = pixels.split()
    values[place] = value
    return f"{emotion},{' '.join(values)},{usage}"


BAD_ROWS = {
    "too large": (lambda line: pixel(line, 5, "256"), ["'256'", "pixel 5", "0 to 255"]),
    "far too large": (
        lambda line: pixel(line, 2303, "300"),
        ["'300'", "pixel 2303", "0 to 255"],
    ),
    "negative": (lambda line: pixel(line, 0, "-1"), ["'-1'", "0 to 255"]),
    "minus zero": (lambda line: pixel(line, 0, "-0"), ["'-0'", "0 to 255"]),
    "four digits": (lambda line: pixel(line, 0, "0012"), ["'0012'", "0 to 255"]),
    "a word": (lambda line: pixel(line, 7, "abc"), ["'abc'", "not a number"]),
    "a fraction": (lambda line: pixel(line, 7, "1.5"), ["'1.5'", "not a number"]),
    "a tab": (lambda line: pixel(line, 7, "1\t2"), ["not a number"]),
    "too few": (lambda line: pixel(line, 7, ""), ["2,303 pixels", "2,304"]),
    "too many": (lambda line: pixel(line, 7, "1 2"), ["2,305 pixels", "2,304"]),
    "none": (lambda line: "3,,Training", ["0 pixels", "2,304"]),
    "emotion 7": (lambda line: "7" + line[1:], ["emotion '7'", "0 to 6"]),
    "emotion word": (lambda line: "happy" + line[1:], ["emotion 'happy'", "0 to 6"]),
    "usage": (
        lambda line: line.replace("Training", "Private"),
        ["Usage 'Private'", "PublicTest"],
    ),
    "columns": (lambda line: line.rsplit(",", 1)[0], ["2 columns", "header has 3"]),
}


@pytest.mark.parametrize("kind", BAD_ROWS)
def test_bad_row_is_named(tmp_path: Path, lines: list[str], kind: str) -> None:
    change, words = BAD_ROWS[kind]
    lines[1 + 17] = change(lines[1 + 17])
    text = message(write(tmp_path / "fer2013.csv", lines))
    for word in ("fer2013.csv", "row 17 (line 19)", DOWNLOAD, *words):
        assert word in text
    assert str(tmp_path) not in text


def test_one_pixel_too_few_beside_one_too_many(
    tmp_path: Path, lines: list[str]
) -> None:
    lines[4], lines[5] = pixel(lines[4], 9, ""), pixel(lines[5], 9, "1 2")
    assert "row 3 (line 5) has 2,303 pixels" in message(
        write(tmp_path / "fer2013.csv", lines)
    )


@pytest.mark.parametrize("cut", [3, 1000, 8000])
def test_truncated_table(table: Path, cut: int) -> None:
    content = table.read_bytes()
    last = content.rstrip(b"\n").rfind(b"\n") + 1
    table.write_bytes(content[: len(content) - min(cut, len(content) - last - 2)])
    text = message(table)
    for word in ("fer2013.csv", "row 41 (line 43)", "truncated", DOWNLOAD):
        assert word in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["is empty"]),
        (b"emotion,pixels,Usage\n", ["no rows"]),
        (b"emotion,Usage\n3,Training\n", ["no column pixels", "line 1", "emotion,"]),
        (b"pixels,Usage\n1,Training\n", ["no column emotion"]),
        (b"<!DOCTYPE html>\n", ["no column", "<!DOCTYPE html>"]),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
            ["Git LFS", "git lfs pull"],
        ),
    ],
)
@pytest.mark.parametrize("name", ["fer2013.csv", "icml_face_data.csv"])
def test_not_a_table(
    tmp_path: Path, name: str, content: bytes, words: list[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    text = message(tmp_path)
    assert name in text and DOWNLOAD in text and all(word in text for word in words)


def test_folder_in_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").mkdir()
    for path in (tmp_path, tmp_path / "fer2013.csv"):
        text = message(path)
        assert "fer2013.csv is a folder" in text and DOWNLOAD in text


def test_unreadable_table(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(paths: list[Path]) -> Reading:
        raise PermissionError(13, "Permission denied", str(paths[0]))

    monkeypatch.setattr(fer2013, "read_tables", refuse)
    text = message(table)
    assert "fer2013.csv may not be read" in text and "permissions" in text


# Still being written


@pytest.mark.parametrize("ending", [".part", ".crdownload"])
def test_unfinished_download(table: Path, ending: str) -> None:
    whole = table.read_bytes()
    beside = table.with_name(table.name + ending)
    beside.write_bytes(whole[:1000])
    table.write_bytes(b"")  # the place that a browser keeps
    text = message(table)
    assert "fer2013.csv is empty" in text and beside.name in text and "wait" in text
    table.write_bytes(whole)
    assert any(beside.name in report for report in load_fer2013(table).reports)
    table.unlink()
    for path in (table.parent, beside):
        text = message(path)
        assert beside.name in text and "unfinished download" in text


@pytest.mark.parametrize("fails", [False, True])
def test_file_that_grows_while_it_is_read(
    table: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    def read(paths: list[Path]) -> Reading:
        reading = read_tables(paths)
        with open(table, "a") as file:
            file.write(lines[-1] + "\n")
        if fails:
            raise FaceDataError("truncated")
        return reading

    monkeypatch.setattr(fer2013, "read_tables", read)
    text = message(table)
    assert (
        "fer2013.csv" in text and "still being written" in text and "load again" in text
    )


# Archives


def test_archive_writes_nothing_and_leads_nowhere(table: Path, tmp_path: Path) -> None:
    path = tmp_path / "in" / "fer2013.tar.gz"
    path.parent.mkdir()
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("train.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        archive.add(table, "../../fer2013.csv")
    before = sorted(tmp_path.rglob("*"))
    assert_same(load_fer2013(path), load_fer2013(table))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", ["tar.gz", "zip", "lying zip", "unused member"])
def test_bomb_is_stopped(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(fer2013_archive, "MAX_BYTES", 2**20)
    bomb = b"emotion,pixels,Usage\n" + b"0" * 2**23
    path = tmp_path / f"fer2013.{kind.split()[-1] if 'zip' in kind else 'tar.gz'}"
    if "zip" in kind:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("fer2013.csv", bomb)
        if kind == "lying zip":
            size = len(bomb).to_bytes(4, "little")
            path.write_bytes(
                path.read_bytes().replace(size, (100).to_bytes(4, "little"))
            )
    else:
        with tarfile.open(path, "w:gz") as archive:
            info = tarfile.TarInfo("fer2013.csv" if kind == "tar.gz" else "film.bin")
            info.size = len(bomb)
            archive.addfile(info, io.BytesIO(bomb))
    text = message(path)
    assert path.name in text
    if (
        kind == "lying zip"
    ):  # read no further than the header says, and found wrong there
        assert DOWNLOAD in text
    else:
        assert "more than 1 MB" in text and "another place" in text


@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_damaged_archive(table: Path, tmp_path: Path, kind: str, keep: float) -> None:
    path = tmp_path / f"fer2013.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(table, "fer2013.csv")
    else:
        with tarfile.open(path, "w:gz") as archive:
            archive.add(table, "fer2013.csv")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    text = message(path)
    assert path.name in text and "truncated" in text and DOWNLOAD in text


def test_archive_without_data_or_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "fer2013.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "fer2013.zip holds no fer2013.csv" in message(path)
    for name, content, words in (
        ("fer2013.zip", b"", "is empty"),
        ("fer2013.zip", b"<html>", "damaged"),
        ("fer2013.tar.gz", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        ("fer2013.tar.gz", gzip.compress(b"hello"), "damaged"),
    ):
        (tmp_path / name).write_bytes(content)
        text = message(tmp_path / name)
        assert name in text and words in text and DOWNLOAD in text


def test_bad_row_in_an_archive_is_named(tmp_path: Path, lines: list[str]) -> None:
    lines[18] = pixel(lines[18], 5, "256")
    with zipfile.ZipFile(tmp_path / "fer2013.zip", "w") as archive:
        archive.writestr("fer2013.csv", "\n".join(lines) + "\n")
    assert "fer2013.csv in fer2013.zip, row 17 (line 19)" in message(tmp_path)


# Image folders


def test_one_mixed_test_folder_stays_whole(folders: Path) -> None:
    rename_all(folders, "im{}.png")
    data = load_fer2013(folders)
    assert data.mixed and (len(data.train), len(data.validation), len(data.test)) == (
        28,
        0,
        14,
    )
    assert any("no accuracy" in report for report in data.reports)
    assert len({*data.train.rows, *data.test.rows}) == ROWS


def test_numbers_that_are_no_rows_are_not_trusted(folders: Path) -> None:
    for file in folders.rglob("*.png"):
        usage, number = file.stem.split("_")
        file.rename(file.with_stem(f"{usage}_{99_000_000 - int(number) * 7}"))
    data = load_fer2013(folders)
    assert not data.mixed and len(data.validation) == len(data.test) == 7
    np.testing.assert_array_equal(data.validation.rows, range(28, 35))


@pytest.mark.parametrize(
    "names",
    [
        ("Train", "val", "PrivateTest"),
        ("training", "Valid", "testing"),
        ("TRAIN", "PublicTest", "Test"),
    ],
)
def test_split_and_class_names_in_other_spellings(
    folders: Path, tmp_path: Path, names: tuple[str, ...]
) -> None:
    spellings = ("Anger", "Disgusted", "2", "HAPPY", "sadness", "Surprised", "Neutral")
    for file in sorted(folders.rglob("*.png")):
        usage, number = file.stem.split("_")
        split = names[("Training", "PublicTest", "PrivateTest").index(usage)]
        spelling = spellings[EMOTIONS.index(file.parent.name)]
        target = tmp_path / "other" / split / spelling / f"face{number}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    data, same = load_fer2013(tmp_path / "other"), load_fer2013(folders)
    assert not data.mixed
    for split in SPLITS:
        assert getattr(data, split).counts() == getattr(same, split).counts()
    assert any("named by number" in report for report in data.reports)


def test_what_is_not_certain_is_left_out_and_reported(
    folders: Path, images: np.ndarray
) -> None:
    clean = load_fer2013(folders)
    happy, tests = folders / "train" / "happy", folders / "test" / "happy"
    save(images[0], happy / "aug_0_1234.png")
    save(images[0], happy / "Training_3_flip.png")
    save(images[0], happy / "Training_3 - Copy.png")
    save(images[3], happy / "Training_3 (1).png")
    save(images[3], happy / "Training_3.jpg")
    save(images[0][:24, :24], happy / "Training_77.png")
    save(images[0].astype(np.uint16), happy / "Training_78.png")
    save(images[0], happy / "PublicTest_79.png")
    save(images[0], tests / "Training_80.png")
    save(images[0], tests / "me.png")
    save(images[0], folders / "train" / "loose.png")
    save(images[0], happy / "more" / "Training_81.png")
    save(images[0], folders / "train" / "contempt" / "Training_82.png")
    (happy / "film.gif").write_bytes(b"GIF89a")
    (happy / ".DS_Store").write_bytes(b"\0")
    (happy / "Thumbs.db").write_bytes(b"\0")
    data = load_fer2013(folders)
    assert_same(data, clean)
    reports = "\n".join(data.reports)
    for words in (
        "3 images left out: the name says augmented copy, such as "
        "train/happy/Training_3 - Copy.png",
        "2 images left out: second copies, such as train/happy/Training_3 (1).png",
        "1 image left out: not 48×48 pixels, such as train/happy/Training_77.png",
        "1 image left out: not 8 bits a pixel",
        "2 images left out: name and folder contradict each other, such as "
        "test/happy/Training_80.png",
        "the name does not tell PublicTest from PrivateTest, such as test/happy/me.png",
        "2 images left out: not in train|validation|test/<emotion>/, such as "
        "train/happy/more/",
        "the folder contempt is none of the seven emotions",
        "1 image left out: neither PNG nor JPEG, such as train/happy/film.gif",
    ):
        assert words in reports
    assert len(data.reports) == 9


def test_unknown_class_that_would_be_lost_is_an_error(folders: Path) -> None:
    (folders / "train" / "happy").rename(folders / "train" / "hapy")
    text = message(folders)
    assert "train/hapy" in text and "no folder for happy" in text and "Rename" in text


def test_two_folders_for_one_split(folders: Path, images: np.ndarray) -> None:
    save(images[0], folders / "training" / "happy" / "a.png")
    text = message(folders)
    assert "train" in text and "training" in text and "Move one away" in text


def test_one_number_under_two_emotions_is_reported(
    folders: Path, images: np.ndarray
) -> None:
    save(images[0], folders / "train" / "sad" / "Training_3.png")
    data = load_fer2013(folders)
    assert len(data.train) == 29 and any(
        "two emotions" in report for report in data.reports
    )


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n broken", b"text", b"version https://git-lfs"]
)
def test_unreadable_image_is_named(folders: Path, content: bytes) -> None:
    (folders / "train" / "happy" / "Training_3.png").write_bytes(content)
    text = message(folders)
    assert "train/happy/Training_3.png" in text
    assert "Delete it" in text or DOWNLOAD in text
    assert str(folders) not in text


def test_truncated_image_is_named(folders: Path) -> None:
    file = folders / "train" / "happy" / "Training_3.png"
    file.write_bytes(file.read_bytes()[:500])
    assert "train/happy/Training_3.png cannot be read as an image" in message(folders)


def test_only_thumbnails(tmp_path: Path, images: np.ndarray) -> None:
    save(images[0][:24, :24], tmp_path / "train" / "happy" / "a.png")
    text = message(tmp_path)
    assert "no face of 48×48" in text and "train/happy/a.png" in text


def test_grey_in_colour_mode_is_the_same_grey(
    folders: Path, table: Path, images: np.ndarray
) -> None:
    save(
        np.stack([images[3]] * 3, axis=-1),
        folders / "train" / "happy" / "Training_3.png",
    )
    assert_same(load_fer2013(folders), load_fer2013(table))


def test_jpeg_is_called_lossy(folders: Path) -> None:
    for file in folders.rglob("*.png"):
        Image.open(file).save(file.with_suffix(".jpg"), quality=95)
        file.unlink()
    data = load_fer2013(folders)
    assert "lossy copy (JPEG)" in data.integrity
    np.testing.assert_array_equal(data.train.rows, range(28))


# Integrity, with the made-up faces in the part of FER2013


@pytest.fixture
def published(table: Path, monkeypatch: pytest.MonkeyPatch) -> Reading:
    reading = read_tables([table])
    known = {
        split: fer2013_check._Known(
            hashlib.sha256(faces.images).hexdigest(),
            hashlib.sha256(faces.emotions).hexdigest(),
            tuple(faces.counts().values()),
        )
        for split, faces in reading.faces.items()
    }
    rows = np.concatenate(
        [fer2013_check.row_digests(faces.images) for faces in reading.faces.values()]
    )
    monkeypatch.setattr(fer2013_check, "_FER2013", known)
    monkeypatch.setattr(fer2013_check, "_known_rows", lambda: rows)
    return reading


def test_integrity_names_how_many_rows_differ(
    published: Reading, tmp_path: Path, lines: list[str], table: Path, folders: Path
) -> None:
    assert load_fer2013(table).integrity == "verified FER2013"
    assert load_fer2013(folders).integrity == "verified FER2013"
    one, two = [*lines], [*lines]
    for row in (3, 30, 40):
        one[1 + row] = pixel(pixel(lines[1 + row], 0, "1"), 1, "2")
    two[1], two[2] = (
        "1" + lines[1][1:],
        "0" + lines[2][1:],
    )  # emotions exchanged: the counts stay
    two[3] = "0" + lines[3][1:]
    (tmp_path / "x").mkdir()
    for name, changed, words in (
        ("one.csv", one, "not FER2013 as published: 3 rows of 42 differ"),
        ("two.csv", two, "the images are, but at least 1 row differ in label"),
        (
            "few.csv",
            [lines[0], *lines[3:]],
            "at least 2 rows of 42 differ or are missing (40 rows instead of 42)",
        ),
    ):
        assert words in load_fer2013(write(tmp_path / "x" / name, changed)).integrity


def test_integrity_of_images_in_another_order(
    published: Reading, folders: Path, lines: list[str]
) -> None:
    for file in folders.rglob("*.png"):
        usage, number = file.stem.split("_")
        file.rename(file.with_stem(f"{usage}_{99_000_000 - int(number)}"))
    assert load_fer2013(folders).integrity.startswith(
        "FER2013's images in another order; as many"
    )
    rename_all(folders, "im{}.png")
    assert load_fer2013(folders).integrity.startswith(
        "FER2013's images in another order; as many"
    )


def test_unlabelled_test_that_proves_to_be_both_halves(
    published: Reading, tmp_path: Path, lines: list[str]
) -> None:
    write(tmp_path / "train.csv", [row.rsplit(",", 1)[0] for row in lines[:29]])
    write(tmp_path / "test.csv", ["pixels", *(row.split(",")[1] for row in lines[29:])])
    data = load_fer2013(tmp_path / "train.csv")
    assert not data.mixed and len(data.validation) == len(data.test) == 7
    assert (
        data.integrity
        == "verified FER2013 images, without labels in validation and test"
    )
    assert not data.validation.labelled and any(
        "no labels" in report for report in data.reports
    )


# The cache


def test_second_load_is_memory_mapped(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_fer2013(table)
    monkeypatch.setattr(fer2013, "read_tables", None)
    second = load_fer2013(table)
    assert_same(first, second)
    assert (first.source, first.integrity, first.reports) == (
        second.source,
        second.integrity,
        second.reports,
    )
    base = second.train.images
    while not isinstance(base, np.memmap):
        base = base.base
    for data in (first, second):
        with pytest.raises(ValueError, match="read-only"):
            data.train.images[0, 0, 0] = 1


def test_changed_file_is_read_anew(
    table: Path, lines: list[str], own_cache: Path
) -> None:
    first = load_fer2013(table)
    write(table, [lines[0], *reversed(lines[1:])])
    os.utime(table, ns=(1, 1))
    assert not np.array_equal(load_fer2013(table).train.images, first.train.images)
    assert len(list(own_cache.iterdir())) == 1


@pytest.mark.parametrize(
    "name", ["images.npy", "emotions.npy", "rows.npy", "about.json"]
)
@pytest.mark.parametrize("damage", ["truncate", "zero", "flip", "empty", "remove"])
def test_damaged_cache_is_refilled(
    table: Path, own_cache: Path, name: str, damage: str
) -> None:
    first = load_fer2013(table)
    file = next(own_cache.glob(f"*/{name}"))
    content = file.read_bytes()
    file.unlink()  # what `first` maps stays as it is
    changed = {
        "truncate": content[:-20],
        "zero": content[:130] + bytes(len(content) - 130),
        "flip": content[:-2] + bytes([content[-2] ^ 1]) + content[-1:],
        "empty": b"",
    }
    if damage != "remove":
        file.write_bytes(changed[damage])
    assert_same(load_fer2013(table), first)
    assert file.read_bytes() == content


def test_cache_folder_that_cannot_be_written(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "file"))
    data = load_fer2013(table)
    assert len(data.train) == 28
    assert any(
        "could not be cached" in report and "FERCOURSE_CACHE" in report
        for report in data.reports
    )
    assert str(tmp_path) not in "".join(data.reports)


@pytest.mark.parametrize("reason", ["No space left on device", "Read-only file system"])
def test_full_or_read_only_cache(
    table: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(28, reason)

    monkeypatch.setattr(fer2013_cache.np, "save", fail)
    assert any(reason in report for report in load_fer2013(table).reports)
    assert list(own_cache.iterdir()) == []


def test_default_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FERCOURSE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert fer2013_cache.cache_folder() == tmp_path / "fercourse"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert fer2013_cache.cache_folder().parts[-3:] == ("Library", "Caches", "fercourse")


def test_leftovers_are_swept(table: Path, own_cache: Path) -> None:
    old, new = own_cache / "old.part", own_cache / "new.part"
    old.mkdir()
    new.mkdir()
    os.utime(old, (1, 1))
    load_fer2013(table)
    assert not old.exists() and new.exists()


def test_two_processes_fill_the_cache_at_once(table: Path, own_cache: Path) -> None:
    code = (
        "import sys, time; from fercourse.data.fer2013.load import load_fer2013; "
        "time.sleep(max(0, {start} - "
        "time.time())); data = load_fer2013(sys.argv[1]); print(len(data.train), "
        "data.reports)"
    )
    command = [sys.executable, "-c", code.format(start=time.time() + 1.5), str(table)]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for process in processes:
        assert process.communicate(timeout=60)[0].strip() == "28 ()"
    assert [len(list(place.iterdir())) for place in own_cache.iterdir()] == [4]


def test_lost_race_is_no_report(
    table: Path, monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    rename = os.rename

    def late(source: Path, target: Path) -> None:
        monkeypatch.setattr(os, "rename", rename)
        assert load_fer2013(table).reports == ()  # the other process
        rename(source, target)

    monkeypatch.setattr(os, "rename", late)
    assert load_fer2013(table).reports == ()
    assert len(list(own_cache.iterdir())) == 1


# The real FER2013


@pytest.fixture(scope="module")
def real_folder() -> Path:
    folder = os.environ.get("FERCOURSE_TEST_DATA", "")
    if not folder or not (Path(folder) / "fer2013.csv").is_file():
        pytest.skip(
            "needs the real FER2013: set FERCOURSE_TEST_DATA to the folder that holds "
            "fer2013.csv"
        )
    return Path(folder)


def test_real_csv(real_folder: Path) -> None:
    data = load_fer2013(real_folder)
    assert (
        data.integrity == "verified FER2013"
        and data.source == "fer2013.csv"
        and data.reports == ()
    )
    assert list(data.train.counts().values()) == [
        3995,
        436,
        4097,
        7215,
        4830,
        3171,
        4965,
    ]
    assert list(data.validation.counts().values()) == [467, 56, 496, 895, 653, 415, 607]
    assert list(data.test.counts().values()) == [491, 55, 528, 879, 594, 416, 626]
    assert [(part.rows[0], part.rows[-1]) for part in (data.train, data.validation, data.test)] == [
        (0, 28708), (28709, 32297), (32298, 35886)
    ]  # fmt: skip
    sums = sum(
        int(part.images.sum(dtype=np.int64))
        for part in (data.train, data.validation, data.test)
    )
    assert round(sums / (35887 * 2304), 3) == 129.386

    def changed(faces: Faces, images: bool) -> Faces:
        copy = Faces(faces.images.copy(), faces.emotions.copy(), faces.rows)
        (copy.images if images else copy.emotions)[:5] = 6
        return copy

    parts = {split: getattr(data, split) for split in SPLITS}
    reading = Reading({**parts, "test": changed(data.test, True)}, "changed")
    assert (
        fer2013_check.integrity(reading)
        == "not FER2013 as published: 5 rows of 35,887 differ"
    )
    reading = Reading({**parts, "train": changed(data.train, False)}, "changed")
    assert "differ in label" in fer2013_check.integrity(reading)


def test_real_icml_csv(real_folder: Path) -> None:
    if not (real_folder / "icml_face_data.csv").is_file():
        pytest.skip("needs icml_face_data.csv in FERCOURSE_TEST_DATA")
    assert (
        load_fer2013(real_folder / "icml_face_data.csv").integrity == "verified FER2013"
    )


def test_real_test_folder(real_folder: Path, tmp_path: Path) -> None:
    if not (real_folder / "test").is_dir():
        pytest.skip("needs the image folder test in FERCOURSE_TEST_DATA")
    (tmp_path / "test").symlink_to(real_folder / "test", target_is_directory=True)
    data = load_fer2013(tmp_path)
    assert "lossy copy (JPEG)" in data.integrity and not data.mixed
    assert list(data.test.counts().values()) == [491, 55, 528, 879, 594, 416, 626]
    assert (data.validation.rows[0], data.test.rows[-1]) == (28709, 35886)
