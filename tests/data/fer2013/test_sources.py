"""Candidates: through wrapper folders, in any case, past what is something else."""

import gzip
import lzma
import os
import tarfile
import zipfile

import pytest
from copies import (
    EMOTIONS,
    IMAGES,
    LINES,
    assert_same,
    message,
    rename_all,
    save,
    sizes,
    write,
    write_folders,
    write_halves,
)

from fercourse.data.fer2013 import sources
from fercourse.data.fer2013.load import FaceDataNotFoundError, load_fer2013

SIZES = [28, 7, 7]


@pytest.mark.parametrize(
    "wrapper",
    ["archive", "FER2013", "fer2013/fer2013", "images/images", "a/b/My faces"],
)
@pytest.mark.parametrize("form", ["table", "folders"])
def test_wrapper_folders(tmp_path, wrapper, form):
    folder = tmp_path / "data" / wrapper
    if form == "table":
        write(folder / "FER2013.csv")
    else:
        write_folders(folder)
    assert sizes(load_fer2013(tmp_path / "data")) == SIZES


def test_a_split_folder_in_itself(folders):
    for split in ("train", "test"):
        (folders / split).rename(folders / "other")
        (folders / split).mkdir()
        (folders / "other").rename(folders / split / split)
    assert sizes(load_fer2013(folders)) == SIZES


def test_the_outermost_of_two_copies_counts(folders):
    save(IMAGES[0], folders / "train" / "train" / "happy" / "Training_3.png")
    data = load_fer2013(folders)
    assert sizes(data) == SIZES
    assert any("second folder for train" in report for report in data.reports)


@pytest.mark.parametrize("form", ["{0:02}", "{0}_{1}", "{1}", "{0}-{1}"])
def test_spellings_of_class_folders(folders, form):
    for split in ("train", "test"):
        for number, emotion in enumerate(EMOTIONS):
            name = form.format(number, emotion.title())
            (folders / split / emotion).rename(folders / split / name)
    assert sizes(load_fer2013(folders)) == SIZES


def packed(path):
    content = "\n".join(LINES).encode()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("fer2013.csv", content)
    else:
        compress = lzma.compress if path.suffix == ".xz" else gzip.compress
        path.write_bytes(compress(content))


@pytest.mark.parametrize(
    "name",
    ["FER2013.zip", "fer2013.csv.zip", "fer2013.csv.gz", "Fer2013.CSV.xz"],
)
def test_compressed_tables(tmp_path, table, name):
    packed(tmp_path / name)
    table.rename(tmp_path / "other")
    assert sizes(load_fer2013(tmp_path)) == SIZES


@pytest.mark.parametrize("ending", [".zip", ".gz", ".xz", ".tar"])
def test_a_name_that_says_something_else(tmp_path, table, ending):
    packed_as = tmp_path / f"faces{ending}"
    if ending == ".tar":
        with tarfile.open(packed_as, "w:xz") as archive:
            archive.add(table, "fer2013.csv")
    else:
        packed(packed_as)
    packed_as.rename(tmp_path / "fer2013.csv")
    assert sizes(load_fer2013(tmp_path)) == SIZES


@pytest.mark.parametrize("ending", [".zip", ".gz"])
def test_each_half_compressed(tmp_path, ending):
    plain = load_fer2013(write_halves(tmp_path))
    for name in ("train.csv", "test.csv"):
        file = tmp_path / name
        if ending == ".zip":
            with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
                archive.write(file, name)
        else:
            (tmp_path / f"{name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    for path in (tmp_path, tmp_path / f"train.csv{ending}"):
        data = load_fer2013(path)
        assert_same(data, plain)
        assert data.source.startswith(f"train.csv{ending} and test.csv{ending}")


@pytest.mark.parametrize(
    "names",
    [
        ("train.csv", "val.csv", "finaltest.csv"),
        ("Training.csv", "PublicTest.csv", "PrivateTest.csv"),
        ("train.csv", "valid.csv", "test.csv"),
    ],
)
def test_a_table_for_each_split(tmp_path, table, names):
    rows = [row.rsplit(",", 1)[0] for row in LINES]
    for name, part in zip(names, (rows[1:29], rows[29:36], rows[36:]), strict=True):
        write(tmp_path / "parts" / name, [rows[0], *part])
    data = load_fer2013(tmp_path / "parts")
    assert_same(data, load_fer2013(table))
    assert data.comparable and data.reports == ()


def test_a_second_table_for_a_split_is_said(tmp_path):
    write_halves(tmp_path)
    write(tmp_path / "finaltest.csv", [row.rsplit(",", 1)[0] for row in LINES[:8]])
    data = load_fer2013(tmp_path)
    assert sizes(data) == [28, 0, 7]
    assert any(report.startswith("test.csv was not read") for report in data.reports)


INDEX = ["image,label", "images/0.png,3"]


@pytest.mark.parametrize("where", ["before", "around"])
def test_an_index_does_not_hide_the_data(tmp_path, folders, where):
    folder = folders if where == "before" else tmp_path
    write(folder / "train.csv", INDEX)
    with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    data = load_fer2013(folder)
    assert sizes(data) == SIZES
    for name in ("train.csv", "archive.zip"):
        assert any(report.startswith(f"Passed over {name}:") for report in data.reports)


def test_an_index_alone_is_named(tmp_path):
    write(tmp_path / "train.csv", INDEX)
    message(tmp_path, "train.csv has no column emotion")


def test_a_broken_table_is_not_passed_over_where_it_was_asked_for(table):
    write(table, [*LINES[:5], "3,1 2 3,Training"])
    write_folders(table.parent)
    message(table.parent, "fer2013.csv, row 4")


def test_the_first_copy_with_three_splits_is_taken(table):
    write(table.parent / "archive" / "fer2013.csv")
    write(table, [row.rsplit(",", 1)[0] for row in LINES])
    assert sizes(load_fer2013(table)) == [42, 0, 0]
    assert sizes(load_fer2013(table.parent)) == SIZES


def test_what_is_in_a_folder_without_data_is_listed(tmp_path):
    write(tmp_path / "faces.csv")
    for name in EMOTIONS:
        (tmp_path / name).mkdir()
    with pytest.raises(FaceDataNotFoundError, match=r"angry, disgust.* and 3 more"):
        load_fer2013(tmp_path)


def test_a_tree_of_other_files_is_not_walked(tmp_path, monkeypatch):
    for name in range(20):
        for number in range(20):
            write(tmp_path / "other" / str(name) / f"{number}.txt", ["hello"])
    listed = []
    scan = os.scandir

    def counting(folder):
        listed.append(folder)
        return scan(folder)

    monkeypatch.setattr(sources.os, "scandir", counting)
    monkeypatch.setattr(sources, "_FOLDERS", 5)
    with pytest.raises(FaceDataNotFoundError):
        load_fer2013(tmp_path)
    assert len(listed) <= 1 + 1 + 5 * 2


class TestUsualPlaces:
    """Where nobody asked for the data, what is not FER2013 is passed over."""

    @pytest.fixture(autouse=True)
    def here(self, tmp_path, monkeypatch, published):
        (tmp_path / "work").mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / "work")
        return tmp_path / "work" / "data"

    def test_another_data_set_gives_way(self, here, tmp_path):
        others = [f"{number % 7},{'7 ' * 2304},Training" for number in range(10)]
        write(here / "fer2013.csv", [LINES[0], *others])
        data = load_fer2013()  # that in the folder above
        assert data.integrity == "verified FER2013"
        assert any("another data set" in report for report in data.reports)
        assert sizes(load_fer2013(here)) == [10, 0, 0]  # whoever asks gets it

    @pytest.mark.parametrize(
        "lines",
        [INDEX, [*LINES[:3], "3,1 2 3,Training"], ["<html>"], [LINES[0]]],
    )
    def test_what_cannot_be_read_gives_way(self, here, lines):
        write(here / "fer2013.csv", lines)
        data = load_fer2013()
        assert data.integrity == "verified FER2013"
        (report,) = data.reports
        assert report.startswith("Passed over fer2013.csv: ")

    def test_nothing_else(self, here, tmp_path):
        write(here / "train.csv", INDEX)
        (tmp_path / "data" / "fer2013.csv").unlink()
        with pytest.raises(FaceDataNotFoundError, match="folder above") as caught:
            load_fer2013()
        assert any("train.csv" in report for report in caught.value.reports)

    @pytest.mark.parametrize("change", ["jpeg", "order", "some", "no labels"])
    def test_changed_copies_are_still_fer2013(self, here, tmp_path, change):
        (tmp_path / "data" / "fer2013.csv").unlink()
        if change == "some":
            write(here / "fer2013.csv", [LINES[0], *LINES[10:]])
        elif change == "no labels":
            write_halves(here)
        else:
            write_folders(here)
            rename_all(here, lambda usage, row: f"{usage}_{99_000 - row}")
        if change == "jpeg":
            for file in here.rglob("*.png"):
                save(IMAGES[0] // 2, file.with_suffix(".jpg"))
                file.unlink()
        data = load_fer2013()
        assert len(data.train) >= 19
        assert not any(report.startswith("Passed over") for report in data.reports)
