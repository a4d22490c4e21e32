"""Archives: the same faces, and nothing that an archive could do wrong."""

import gzip
import importlib.util
import io
import tarfile
import zipfile

import pandas as pd
import pytest
from copies import (
    DOWNLOAD,
    IMAGES,
    LABELS,
    LINES,
    ROWS,
    USAGES,
    assert_same,
    message,
    pixel,
    write_halves,
)
from PIL import Image

from fercourse.data.fer2013 import archives, tables
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
        for name in ("fer2013.csv", "FER2013.CSV"):
            pack(path, {"train.csv": b"not looked at", name: content})
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
        ("fer2013.zip", b"<html>", "a web page"),
        ("fer2013.tar.gz", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        ("fer2013.tar.gz", gzip.compress(b"hello", mtime=0), "damaged"),
    ],
)
def test_no_archive(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    message(tmp_path / name, name, words, DOWNLOAD)


def test_backslashes_in_a_zip(tmp_path, table, folders):
    members = {f"kaggle\\fer2013\\{table.name}": table.read_bytes()}
    assert_same(load_fer2013(pack(tmp_path / "a.zip", members)), load_fer2013(table))
    members = {
        str(file.relative_to(folders)).replace("/", "\\"): file.read_bytes()
        for file in folders.rglob("*.png")
    }
    path = pack(tmp_path / "b.zip", members)
    assert b"train\\happy" in path.read_bytes()
    assert_same(load_fer2013(path), load_fer2013(folders))


@ENDINGS
def test_an_index_in_an_archive_does_not_hide_the_images(tmp_path, folders, ending):
    members = {
        f"data/{file.relative_to(folders).as_posix()}": file.read_bytes()
        for file in sorted(folders.rglob("*.png"))
    }
    members = {"train.csv": b"image,label\n0.png,3\n"} | members
    members["__MACOSX/data/train/happy/._a.png"] = b"junk"
    data = load_fer2013(pack(tmp_path / f"fer2013.{ending}", members))
    assert_same(data, load_fer2013(folders))
    (report,) = data.reports
    assert report.startswith(f"train.csv in fer2013.{ending} has no column")


def test_bomb_in_a_compressed_table(tmp_path, monkeypatch):
    path = tmp_path / "fer2013.csv.gz"
    path.write_bytes(gzip.compress(b"emotion,pixels,Usage\n" + b"0" * 2**23))
    message(path, path.name, "row 0 (line 2)", "1 columns")
    monkeypatch.setattr(tables, "_MOST", 100)
    path.write_bytes(gzip.compress("\n".join([*LINES, *LINES[1:] * 9]).encode()))
    message(path, path.name, "more than 100 rows")


@ENDINGS
def test_a_second_table_for_a_split_in_an_archive_is_said(tmp_path, ending):
    halves = write_halves(tmp_path / "halves")
    members = {name: (halves / name).read_bytes() for name in ("train.csv", "test.csv")}
    again = {f"copy/{name}": content for name, content in members.items()}
    data = load_fer2013(pack(tmp_path / f"fer2013.{ending}", again | members))
    assert_same(data, load_fer2013(halves))
    assert sum("second train" in report for report in data.reports) == 1


def test_damaged_compressed_table(table, tmp_path):
    path = tmp_path / "fer2013.csv.gz"
    path.write_bytes(gzip.compress(table.read_bytes())[:-2000])
    message(path, path.name, "truncated", DOWNLOAD)


def write_parquet(monkeypatch, folder, images="image", labels="label"):
    """Hugging Face's form, with pandas replaced where it would need pyarrow."""
    frames = {}
    for usage, split in zip(
        dict.fromkeys(USAGES), ("train", "valid", "test"), strict=True
    ):
        path = folder / f"{split}-00000-of-00001.parquet"
        path.write_bytes(b"PAR1")
        rows = [row for row in range(ROWS) if USAGES[row] == usage]
        cells = []
        for row in rows:
            file = io.BytesIO()
            Image.fromarray(IMAGES[row]).save(file, "PNG")
            cells.append({"bytes": file.getvalue(), "path": None})
        frames[path.name] = pd.DataFrame(
            {images: cells, labels: [LABELS[r] for r in rows]}
        )
    monkeypatch.setattr(pd, "read_parquet", lambda path: frames[path.name])


def test_parquet(published, tmp_path, monkeypatch, table):
    folder = tmp_path / "hub" / "data"
    folder.mkdir(parents=True)
    write_parquet(monkeypatch, folder)
    for path in (folder.parent, folder / "train-00000-of-00001.parquet"):
        data = load_fer2013(path)
        assert data.integrity == "verified FER2013"
        assert any("by number" in report for report in data.reports)
    data = load_fer2013(folder / "test-00000-of-00001.parquet")
    assert [len(faces) for faces in data.splits.values()] == [0, 0, 7]
    write_parquet(monkeypatch, folder, images="text")
    message(folder, "has the columns text, label")


def test_parquet_without_pyarrow(tmp_path):
    if importlib.util.find_spec("pyarrow"):
        pytest.skip("pyarrow is installed")
    (tmp_path / "fer2013.csv").write_bytes(b"PAR1 and more")
    message(tmp_path, "fer2013.csv is a Parquet file", "pip install pyarrow", DOWNLOAD)


def test_archive_without_data_or_with_a_bad_row(tmp_path):
    path = pack(tmp_path / "fer2013.zip", {"readme.txt": b"hello"})
    message(path, "fer2013.zip holds no fer2013.csv")
    rows = [*LINES[:18], pixel(LINES[18], 5, "256"), *LINES[19:], ""]
    pack(path, {"fer2013.csv": "\n".join(rows).encode()})
    message(path, "fer2013.csv in fer2013.zip, row 17 (line 19)")
