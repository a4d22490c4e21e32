"""Finding FER2013, and data that is still being written; the real one where it is."""

import numpy as np
import pytest
from copies import DOWNLOAD, LINES, assert_same, message, sizes, write

from fercourse.data.faces import Faces
from fercourse.data.fer2013 import sources
from fercourse.data.fer2013.archives import read_files
from fercourse.data.fer2013.load import FaceDataNotFoundError, load_fer2013
from fercourse.data.fer2013.tables import FaceDataError, Reading
from fercourse.data.fer2013.verify import integrity


def test_places(published, table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    by_default = load_fer2013()
    assert sizes(by_default) == [28, 7, 7]
    monkeypatch.chdir(table.parent)  # as a lesson, one folder below
    assert_same(load_fer2013(), by_default)
    monkeypatch.chdir("/")
    for place in (table, table.parent):
        monkeypatch.setenv("FERCOURSE_DATA", str(place))
        assert_same(load_fer2013(), by_default)
    write(tmp_path / "nested" / "fer2013" / "fer2013.csv")
    data = load_fer2013(tmp_path / "nested")
    assert_same(data, by_default)
    assert str(tmp_path) not in data.source


def test_nothing_found_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="of the course") as caught:
        load_fer2013()
    assert isinstance(caught.value, FaceDataNotFoundError)
    assert DOWNLOAD in str(caught.value)
    with pytest.raises(FaceDataNotFoundError, match=r"missing\.csv"):
        load_fer2013("missing.csv")
    monkeypatch.setenv("FERCOURSE_DATA", "nowhere")
    with pytest.raises(FileNotFoundError, match=r"FERCOURSE_DATA \(nowhere\)"):
        load_fer2013()


def test_folder_in_place_of_a_file(table):
    file = table.rename(table.with_name("other.csv"))
    table.mkdir()
    with pytest.raises(FaceDataNotFoundError, match=r"holds fer2013\.csv, other\.csv"):
        load_fer2013(table.parent)
    file.rename(table / "fer2013.csv")  # as some programs unpack it
    assert sizes(load_fer2013(table.parent)) == [28, 7, 7]


def test_a_broken_link_is_no_data(tmp_path):
    (tmp_path / "fer2013.csv").symlink_to(tmp_path / "gone")
    with pytest.raises(FaceDataNotFoundError, match=r"holds fer2013\.csv"):
        load_fer2013(tmp_path)


def test_one_split_is_told_apart_from_all(folders):
    with pytest.raises(FaceDataNotFoundError, match=r"angry.* Name the folder above"):
        load_fer2013(folders / "train")


def test_unreadable_table(table, monkeypatch):
    def refuse(paths):
        raise PermissionError(13, "Permission denied", str(paths[0]))

    monkeypatch.setattr(sources, "read_files", refuse)
    message(table, "fer2013.csv may not be read", "permissions")


@pytest.mark.parametrize("ending", [".part", ".crdownload"])
def test_unfinished_download(table, ending):
    whole = table.read_bytes()
    part = table.with_name(table.name + ending)
    part.write_bytes(whole[:1000])
    table.write_bytes(b"")  # the place that a browser keeps
    message(table, "fer2013.csv is empty", part.name, "wait")
    table.write_bytes(whole)
    for _ in range(2):  # read, and from the cache
        assert any(part.name in report for report in load_fer2013(table).reports)
    table.unlink()
    for path in (table.parent, table, part):
        with pytest.raises(FaceDataNotFoundError, match=rf"{part.name}.* unfinished"):
            load_fer2013(path)


@pytest.mark.parametrize("fails", [False, True])
def test_file_that_grows_while_it_is_read(table, monkeypatch, fails):
    def read(paths):
        reading = read_files(paths)
        with open(table, "a") as file:
            file.write(LINES[-1] + "\n")
        if fails:
            raise FaceDataError("truncated")
        return reading

    monkeypatch.setattr(sources, "read_files", read)
    message(table, "fer2013.csv", "still being written", "load again")


def test_real_csv(fer2013_folder):
    data = load_fer2013(fer2013_folder)
    assert (data.integrity, data.source) == ("verified FER2013", "fer2013.csv")
    assert data.reports == () and sizes(data) == [28709, 3589, 3589]
    assert list(data.train.counts().values()) == [
        3995,
        436,
        4097,
        7215,
        4830,
        3171,
        4965,
    ]
    first_and_last = [faces.rows[[0, -1]].tolist() for faces in data.splits.values()]
    assert first_and_last == [[0, 28708], [28709, 32297], [32298, 35886]]
    total = sum(faces.images.sum(dtype=np.int64) for faces in data.splits.values())
    assert round(total / (35887 * 2304), 3) == 129.386

    images, labels = data.test.images.copy(), data.train.emotions.copy()
    images[:5] = labels[:5] = 6
    other = Faces(images, data.test.emotions, data.test.rows)
    reading = Reading({**data.splits, "test": other}, "changed")
    assert integrity(reading).endswith(": 5 rows of 35,887 differ")
    other = Faces(data.train.images, labels, data.train.rows)
    assert "differ in label" in integrity(
        Reading({**data.splits, "train": other}, "changed")
    )


def test_real_icml_csv(fer2013_folder):
    if not (fer2013_folder / "icml_face_data.csv").is_file():
        pytest.skip("needs icml_face_data.csv in FERCOURSE_TEST_DATA")
    data = load_fer2013(fer2013_folder / "icml_face_data.csv")
    assert data.integrity == "verified FER2013"


def test_real_test_folder(fer2013_folder, tmp_path):
    if not (fer2013_folder / "test").is_dir():
        pytest.skip("needs the image folder test in FERCOURSE_TEST_DATA")
    (tmp_path / "test").symlink_to(fer2013_folder / "test", target_is_directory=True)
    data = load_fer2013(tmp_path)
    assert "lossy copy (JPEG)" in data.integrity and not data.mixed
    assert list(data.test.counts().values()) == [491, 55, 528, 879, 594, 416, 626]
    assert (data.validation.rows[0], data.test.rows[-1]) == (28709, 35886)
