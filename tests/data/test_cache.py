"""The cache: mapped the second time, and never wrong."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest
from copies import LINES, assert_same, write

from fercourse.data import cache
from fercourse.data.fer2013 import sources
from fercourse.data.fer2013.load import load_fer2013


def test_second_load_is_memory_mapped(table, monkeypatch):
    first = load_fer2013(table)
    monkeypatch.setattr(sources, "read_files", None)
    second = load_fer2013(table)
    assert_same(first, second)
    for name in ("source", "integrity", "mixed", "reports"):
        assert getattr(first, name) == getattr(second, name)
    base = second.train.images
    while not isinstance(base, np.memmap):
        base = base.base
    for data in (first, second):
        with pytest.raises(ValueError, match="read-only"):
            data.train.images[0, 0, 0] = 1


def test_changed_file_is_read_anew(table, own_cache):
    first = load_fer2013(table)
    write(table, [LINES[0], *reversed(LINES[1:])])
    os.utime(table, ns=(1, 1))
    assert not np.array_equal(load_fer2013(table).train.images, first.train.images)
    assert len(list(own_cache.iterdir())) == 1


DAMAGE = {
    "truncate": lambda content: content[:-20],
    "zero": lambda content: content[:130] + bytes(len(content) - 130),
    "flip": lambda content: content[:-2] + bytes([content[-2] ^ 1]) + content[-1:],
    "empty": lambda content: b"",
    "remove": None,
}


@pytest.mark.parametrize("name", ["images", "emotions", "rows", "about"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_cache_is_refilled(table, own_cache, name, damage):
    first = load_fer2013(table)
    (file,) = own_cache.glob(f"*/{name}.*")
    content = file.read_bytes()
    file.unlink()  # what `first` maps stays as it is
    if DAMAGE[damage]:
        file.write_bytes(DAMAGE[damage](content))
    assert_same(load_fer2013(table), first)
    assert file.read_bytes() == content


def test_cache_folder_that_cannot_be_written(table, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "file"))
    data = load_fer2013(table)
    assert len(data.train) == 28
    (report,) = data.reports
    assert "could not be cached" in report and "FERCOURSE_CACHE" in report
    assert str(tmp_path) not in report


def test_full_disk(table, own_cache, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.np, "save", fail)
    (report,) = load_fer2013(table).reports
    assert "No space left on device" in report
    assert not [path for path in own_cache.rglob("*") if path.is_file()]


def test_default_cache_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("FERCOURSE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache.cache_folder() == tmp_path / "fercourse"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache.cache_folder().parts[-3:] == ("Library", "Caches", "fercourse")


def test_three_processes_fill_the_cache_at_once(table, own_cache):
    code = (
        "import sys, time; from fercourse.data.fer2013.load import load_fer2013; "
        f"time.sleep(max(0, {time.time() + 1.5} - time.time())); "
        "data = load_fer2013(sys.argv[1]); print(len(data.train), data.reports)"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(table)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.communicate(timeout=60)[0].strip() == "28 ()"
    assert [len(list(place.iterdir())) for place in own_cache.iterdir()] == [4]
