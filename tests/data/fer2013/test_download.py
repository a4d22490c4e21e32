"""The download, with kagglehub replaced at its boundary."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fercourse.data.fer2013 import download
from fercourse.data.fer2013.download import DownloadError, download_fer2013
from fercourse.data.fer2013.tables import Reading

HAND = (
    "kaggle.com",
    "deadskull7/fer2013",
    "fer2013.csv",
    "data/",
    "python -m fercourse check",
)
Stub = Callable[..., str]


@pytest.fixture
def kaggle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Stub], list[bool]]:
    """Puts a function in kagglehub's place; the list tells each call's `force_download`."""

    def replace(stub: Stub) -> list[bool]:
        calls = []

        def dataset_download(
            handle: str, path: str | None = None, *, force_download: bool = False
        ) -> str:
            assert (handle, path) == ("deadskull7/fer2013", None)
            calls.append(force_download)
            return stub()

        monkeypatch.setitem(
            sys.modules, "kagglehub", SimpleNamespace(dataset_download=dataset_download)
        )
        return calls

    return replace


@pytest.fixture
def genuine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What kagglehub's folder holds: a made-up table that takes the part of FER2013."""
    pixels = np.random.default_rng(0).integers(0, 256, (3, 2304))
    usages = ("Training", "PublicTest", "PrivateTest")
    rows = [
        f"3,{' '.join(map(str, row))},{usage}"
        for row, usage in zip(pixels, usages, strict=True)
    ]
    file = tmp_path / "hub" / "versions" / "1" / "fer2013.csv"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(["emotion,pixels,Usage", *rows, ""]))
    total = pixels[0].sum()

    def integrity(reading: Reading) -> str:
        same = reading.faces["train"].images.sum() == total
        return (
            "verified FER2013"
            if same
            else "not FER2013 as published: 1 row of 3 differ"
        )

    monkeypatch.setattr(download, "integrity", integrity)
    return file


def only(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def test_fetched_once(kaggle, genuine: Path, tmp_path: Path) -> None:
    calls = kaggle(lambda: str(genuine.parent))
    target = download_fer2013(tmp_path / "course" / "data")
    assert target == tmp_path / "course" / "data" / "fer2013.csv"
    assert target.read_bytes() == genuine.read_bytes() and only(target.parent) == [
        "fer2013.csv"
    ]
    assert download_fer2013(target.parent) == target and calls == [False]


def test_other_content_at_the_destination_is_kept_aside(
    kaggle, genuine: Path, tmp_path: Path
) -> None:
    kaggle(lambda: str(genuine.parent))
    (tmp_path / "fer2013.csv").write_bytes(genuine.read_bytes()[:-100])
    target = download_fer2013(tmp_path)
    assert target.read_bytes() == genuine.read_bytes()
    assert (tmp_path / "fer2013.csv.old").stat().st_size == genuine.stat().st_size - 100


def test_interrupted_then_resumed(kaggle, genuine: Path, tmp_path: Path) -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    kaggle(interrupted)
    with pytest.raises(KeyboardInterrupt):
        download_fer2013(tmp_path / "data")
    assert only(tmp_path / "data") == []
    kaggle(lambda: str(genuine.parent))
    assert download_fer2013(tmp_path / "data").read_bytes() == genuine.read_bytes()


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")]
)
def test_interrupted_or_full_while_copying(
    kaggle,
    genuine: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
) -> None:
    def copy(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:1000])
        raise error

    kaggle(lambda: str(genuine.parent))
    monkeypatch.setattr(shutil, "copyfile", copy)
    with pytest.raises((KeyboardInterrupt, DownloadError)) as caught:
        download_fer2013(tmp_path / "data")
    assert only(tmp_path / "data") == []
    if isinstance(error, OSError):
        assert "disk is full" in str(
            caught.value
        ) and "python -m fercourse download" in str(caught.value)


def test_disk_full_inside_kagglehub(kaggle, tmp_path: Path) -> None:
    def full() -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    kaggle(full)
    with pytest.raises(DownloadError, match=r"disk is full.*700 MB"):
        download_fer2013(tmp_path)


def test_damaged_copy_of_kagglehub_is_fetched_anew(
    kaggle, genuine: Path, tmp_path: Path
) -> None:
    whole = genuine.read_bytes()
    genuine.write_bytes(whole[:-100])

    def fetch() -> str:
        if calls[-1]:
            genuine.write_bytes(whole)
        return str(genuine.parent)

    calls = kaggle(fetch)
    assert download_fer2013(tmp_path).read_bytes() == whole and calls == [False, True]


@pytest.mark.parametrize("content", ["truncated", "other", "page", "missing"])
def test_wrong_content_is_not_kept(
    kaggle, genuine: Path, tmp_path: Path, content: str
) -> None:
    whole = genuine.read_text()
    if content == "missing":
        genuine.rename(genuine.with_name("other.csv"))
    else:
        genuine.write_text(
            {
                "truncated": whole[:-100],
                "other": whole.replace("Training", "PublicTest"),
                "page": "<!DOCTYPE html>\n",
            }[content]
        )
    kaggle(lambda: str(genuine.parent))
    with pytest.raises(DownloadError) as caught:
        download_fer2013(tmp_path / "data")
    assert "not FER2013" in str(caught.value)
    assert all(word in str(caught.value) for word in HAND)
    assert only(tmp_path / "data") == []


def test_no_network(kaggle, tmp_path: Path) -> None:
    requests = pytest.importorskip("requests")

    def offline() -> str:
        raise requests.exceptions.ConnectionError("Failed to resolve 'api.kaggle.com'")

    kaggle(offline)
    with pytest.raises(DownloadError) as caught:
        download_fer2013(tmp_path / "data")
    assert "no connection to Kaggle" in str(caught.value)
    assert all(word in str(caught.value) for word in HAND)
    assert str(tmp_path) not in str(caught.value)


def test_kaggle_answers_with_an_error(kaggle, tmp_path: Path) -> None:
    requests = pytest.importorskip("requests")

    def forbidden() -> str:
        raise requests.exceptions.HTTPError(
            "403 Client Error", response=requests.Response()
        )

    kaggle(forbidden)
    with pytest.raises(DownloadError, match=r"Kaggle refused it \(HTTPError\)"):
        download_fer2013(tmp_path / "data")


def test_kaggle_refuses(kaggle, tmp_path: Path) -> None:
    class UnauthenticatedError(Exception):
        pass

    def refuse() -> str:
        raise UnauthenticatedError("User is not authenticated")

    kaggle(refuse)
    with pytest.raises(
        DownloadError, match=r"Kaggle refused it \(UnauthenticatedError\)"
    ):
        download_fer2013(tmp_path)


def test_without_kagglehub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(DownloadError, match="pip install kagglehub"):
        download_fer2013(tmp_path)


def test_folder_that_cannot_be_written(kaggle, genuine: Path, tmp_path: Path) -> None:
    kaggle(lambda: str(genuine.parent))
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(DownloadError, match="data/ cannot be written"):
        download_fer2013(tmp_path / "data")


def test_real_file(kaggle, tmp_path: Path) -> None:
    folder = os.environ.get("FERCOURSE_TEST_DATA", "")
    if not folder or not (Path(folder) / "fer2013.csv").is_file():
        pytest.skip(
            "needs the real FER2013: set FERCOURSE_TEST_DATA to the folder that holds "
            "fer2013.csv"
        )
    calls = kaggle(lambda: str(Path(folder, "fer2013.csv")))
    assert download_fer2013(tmp_path).stat().st_size == 301_072_766 and calls == [False]
