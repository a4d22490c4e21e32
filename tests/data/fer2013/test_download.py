"""The download, with kagglehub replaced at its boundary."""

import errno
import shutil
import sys
from types import SimpleNamespace

import pytest
from copies import LINES, write

from fercourse.data.fer2013 import download
from fercourse.data.fer2013.download import DownloadError, download_fer2013

BY_HAND = ("kaggle.com", "deadskull7/fer2013", "data/", "python -m fercourse check")
FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def kaggle(monkeypatch):
    """Puts a function in kagglehub's place; returns each call's `force_download`."""

    def replace(stub):
        calls = []

        def dataset_download(handle, path=None, *, force_download=False):
            assert (handle, path) == ("deadskull7/fer2013", None)
            calls.append(force_download)
            return str(stub())

        module = SimpleNamespace(dataset_download=dataset_download)
        monkeypatch.setitem(sys.modules, "kagglehub", module)
        return calls

    return replace


@pytest.fixture
def genuine(tmp_path, monkeypatch):
    """The file in kagglehub's folder: a made-up table in the part of FER2013."""
    file = write(tmp_path / "hub" / "versions" / "1" / "fer2013.csv", LINES[:4])

    def integrity(reading):
        genuine = len(reading.faces["train"]) == 3
        return "verified FER2013" if genuine else "not FER2013 as published"

    monkeypatch.setattr(download, "integrity", integrity)
    return file


def failing(error):
    def stub():
        raise error

    return stub


def names(folder):
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def test_fetched_once(kaggle, genuine, tmp_path):
    calls = kaggle(lambda: genuine.parent)
    target = download_fer2013(tmp_path / "course" / "data")
    assert target.read_bytes() == genuine.read_bytes()
    assert names(tmp_path / "course" / "data") == ["fer2013.csv"]
    assert download_fer2013(target.parent) == target and calls == [False]


def test_other_content_at_the_destination_is_kept_aside(kaggle, genuine, tmp_path):
    kaggle(lambda: genuine)  # kagglehub may answer with the file itself
    (tmp_path / "fer2013.csv").write_bytes(b"other")
    assert download_fer2013(tmp_path).read_bytes() == genuine.read_bytes()
    assert (tmp_path / "fer2013.csv.old").read_bytes() == b"other"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), FULL])
def test_interrupted_or_full_while_copying(
    kaggle, genuine, tmp_path, monkeypatch, error
):
    def copy(source, target):
        target.write_bytes(source.read_bytes()[:1000])
        raise error

    kaggle(lambda: genuine.parent)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", copy)
        with pytest.raises((KeyboardInterrupt, DownloadError)) as caught:
            download_fer2013(tmp_path / "data")
    assert error is not FULL or "disk is full" in str(caught.value)
    assert names(tmp_path / "data") == []
    assert download_fer2013(tmp_path / "data").read_bytes() == genuine.read_bytes()


def test_damaged_copy_of_kagglehub_is_fetched_again(kaggle, genuine, tmp_path):
    whole = genuine.read_bytes()
    genuine.write_bytes(whole[:-100])

    def fetch():
        if calls[-1]:
            genuine.write_bytes(whole)
        return genuine.parent

    calls = kaggle(fetch)
    assert download_fer2013(tmp_path).read_bytes() == whole and calls == [False, True]


@pytest.mark.parametrize("lines", [LINES[:3], ["<!DOCTYPE html>"], None])
def test_wrong_content_is_not_kept(kaggle, genuine, tmp_path, lines):
    if lines is None:
        genuine.rename(genuine.with_name("other.csv"))
    else:
        write(genuine, lines)
    kaggle(lambda: genuine.parent)
    with pytest.raises(DownloadError, match="not FER2013") as caught:
        download_fer2013(tmp_path / "data")
    assert all(word in str(caught.value) for word in BY_HAND)
    assert names(tmp_path / "data") == []


def from_requests(name, **options):
    exceptions = pytest.importorskip("requests").exceptions
    return getattr(exceptions, name)("Failed to resolve 'api.kaggle.com'", **options)


@pytest.mark.parametrize(
    ("make_error", "words"),
    [
        (lambda: FULL, r"disk is full.*700 MB"),
        (lambda: from_requests("ConnectionError"), "no connection to Kaggle"),
        (lambda: from_requests("HTTPError", response=object()), r"refused.*\(HTTPErr"),
        (lambda: RuntimeError("not authenticated"), r"refused it \(RuntimeError\)"),
    ],
)
def test_kagglehub_fails(kaggle, tmp_path, make_error, words):
    kaggle(failing(make_error()))
    with pytest.raises(DownloadError, match=words) as caught:
        download_fer2013(tmp_path / "data")
    assert "python -m fercourse download" in str(caught.value)
    assert "disk" in words or all(word in str(caught.value) for word in BY_HAND)
    assert str(tmp_path) not in str(caught.value)


def test_interrupted_in_kagglehub(kaggle, tmp_path):
    kaggle(failing(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        download_fer2013(tmp_path / "data")
    assert names(tmp_path / "data") == []


def test_without_kagglehub(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(DownloadError, match="pip install kagglehub"):
        download_fer2013(tmp_path)


def test_folder_that_cannot_be_written(kaggle, genuine, tmp_path):
    kaggle(lambda: genuine.parent)
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(DownloadError, match="data/ cannot be written"):
        download_fer2013(tmp_path / "data")


def test_real_file(kaggle, tmp_path, fer2013_folder):
    calls = kaggle(lambda: fer2013_folder / "fer2013.csv")
    assert download_fer2013(tmp_path).stat().st_size == 301_072_766 and calls == [False]
