"""What the tests of data share: a cache of their own, and made-up copies of FER2013."""

import pytest
from copies import write, write_folders


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("FERCOURSE_CACHE", str(folder))
    monkeypatch.delenv("FERCOURSE_DATA", raising=False)
    return folder


@pytest.fixture
def table(tmp_path):
    return write(tmp_path / "data" / "fer2013.csv")


@pytest.fixture
def folders(tmp_path):
    return write_folders(tmp_path / "folders")
