"""What the tests of data share: a cache of their own, and made-up copies of FER2013."""

import hashlib

import numpy as np
import pytest
from copies import write, write_folders

from fercourse.data.fer2013 import load, verify
from fercourse.data.fer2013.archives import read_files


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("FERCOURSE_CACHE", str(folder))
    monkeypatch.delenv("FERCOURSE_DATA", raising=False)
    monkeypatch.setattr(load, "REPOSITORY", folder / "nowhere")
    return folder


@pytest.fixture
def table(tmp_path):
    return write(tmp_path / "data" / "fer2013.csv")


@pytest.fixture
def folders(tmp_path):
    return write_folders(tmp_path / "folders")


@pytest.fixture
def published(table, tmp_path, monkeypatch):
    """Takes the made-up faces for FER2013 as published."""
    splits = read_files([table]).faces
    known = {
        split: verify._Published(
            hashlib.sha256(faces.images).hexdigest(),
            hashlib.sha256(faces.emotions).hexdigest(),
            tuple(faces.counts().values()),
        )
        for split, faces in splits.items()
    }
    digests = [verify.row_digests(faces.images) for faces in splits.values()]
    np.save(tmp_path / "digests.npy", np.concatenate(digests))
    monkeypatch.setattr(verify, "_FER2013", known)
    monkeypatch.setattr(verify, "_ROW_DIGESTS", tmp_path / "digests.npy")
