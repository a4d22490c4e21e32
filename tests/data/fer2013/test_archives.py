"""Archives: the same faces, and nothing that an archive could do wrong."""

import gzip
import io
import tarfile
import zipfile

import pytest
from copies import DOWNLOAD, LINES, assert_same, message, pixel, write_halves

from fercourse.data.fer2013 import archives
from fercourse.data.fer2013.load import load_fer2013


def pack(path, members):
    """Write a zip or a tar.gz of names and their bytes."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    else:
        with tarfile.open(path, "w:gz") as archive:
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return path


ENDINGS = pytest.mark.parametrize("ending", ["zip", "tar.gz"])


@ENDINGS
def test_archive_of_a_table(table, tmp_path, ending):
    content = table.read_bytes()
    path = pack(tmp_path / f"archive.{ending}", {"fer2013/fer2013.csv": content})
    assert_same(load_fer2013(tmp_path), load_fer2013(table))
    if ending == "zip":  # the whole table comes first
        pack(path, {"train.csv": b"not looked at", "fer2013.csv": content})
        assert_same(load_fer2013(path), load_fer2013(table))


@ENDINGS
def test_archive_of_halves_or_folders(tmp_path, folders, ending):
    for folder in (write_halves(tmp_path / "halves"), folders):
        members = {
            f"images/{file.relative_to(folder).as_posix()}": file.read_bytes()
            for file in sorted(folder.rglob("*.*"))
        }
        path = pack(tmp_path / f"fer2013.{ending}", members)
        assert_same(load_fer2013(path), load_fer2013(folder))


def test_archive_writes_nothing_and_leads_nowhere(table, tmp_path):
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


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("fer2013.zip", "fer2013.csv"),
        ("fer2013.tar.gz", "fer2013.csv"),
        ("fer2013.tar.gz", "unused.bin"),
    ],
)
def test_bomb_is_stopped(tmp_path, monkeypatch, name, member):
    monkeypatch.setattr(archives, "MAX_BYTES", 2**20)
    bomb = b"emotion,pixels,Usage\n" + b"0" * 2**23
    path = pack(tmp_path / name, {member: bomb})
    message(path, name, "more than 1 MB", "another place")
    if name.endswith("zip"):  # a header that lies: nothing beyond it is read
        size = len(bomb).to_bytes(4, "little")
        path.write_bytes(path.read_bytes().replace(size, (100).to_bytes(4, "little")))
        message(path, name, DOWNLOAD)


@ENDINGS
@pytest.mark.parametrize("share", [0.5, 0.99])
def test_damaged_archive(table, tmp_path, ending, share):
    path = pack(tmp_path / f"fer2013.{ending}", {"fer2013.csv": table.read_bytes()})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    message(path, path.name, "truncated", DOWNLOAD)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("fer2013.zip", b"", "is empty"),
        ("fer2013.zip", b"<html>", "damaged"),
        ("fer2013.tar.gz", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        ("fer2013.tar.gz", gzip.compress(b"hello"), "damaged"),
    ],
)
def test_no_archive(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    message(tmp_path / name, name, words, DOWNLOAD)


def test_archive_without_data_or_with_a_bad_row(tmp_path):
    path = pack(tmp_path / "fer2013.zip", {"readme.txt": b"hello"})
    message(path, "fer2013.zip holds no fer2013.csv")
    rows = [*LINES[:18], pixel(LINES[18], 5, "256"), *LINES[19:], ""]
    pack(path, {"fer2013.csv": "\n".join(rows).encode()})
    message(path, "fer2013.csv in fer2013.zip, row 17 (line 19)")
