"""A rented GPU: what is packed arrives whole, in small parts, and what was made there comes home."""

import importlib.util
import subprocess
import sys
import zipfile
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
from quick_command import tiny_csv

from fercourse.data.fer2013.load import load_fer2013

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "gpu_session.py"


@pytest.fixture(scope="module")
def gpu_session():
    specification = importlib.util.spec_from_file_location("gpu_session", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def packed(gpu_session, tmp_path, monkeypatch):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    weights = tmp_path / "any.h5"
    weights.write_bytes(b"weights" * 1000)
    csv = tiny_csv(tmp_path)
    options = Namespace(
        parts=tmp_path / "parts", data=csv, weights=weights, part_mib=0.05
    )
    assert gpu_session.pack(options) == 0
    return csv, weights, tmp_path / "parts"


def carry(parts: Path, number: int, folder: Path) -> Path:
    """One part and the digest, as one call carries them."""
    folder.mkdir()
    for name in (f"part-{number:02d}", "whole.sha256"):
        (folder / name).write_bytes((parts / name).read_bytes())
    return folder


def test_what_is_packed_arrives_whole_in_small_parts(
    gpu_session, packed, tmp_path, capsys
):
    csv, weights, parts = packed
    sizes = [path.stat().st_size for path in parts.glob("part-*")]
    assert len(sizes) > 3
    assert max(sizes) <= 0.05 * 2**20
    session = tmp_path / "session"
    for number in reversed(range(len(sizes))):
        assert not (session / "fer2013.csv").exists()
        call = carry(parts, number, tmp_path / f"call{number}")
        assert gpu_session.collect(Namespace(parts=call, session=session)) == 0
    assert f"{len(sizes)} of {len(sizes)} parts are here." in capsys.readouterr().out
    assert (session / "fer2013.csv").read_bytes() == csv.read_bytes()
    assert (session / "vgg19.weights.h5").read_bytes() == weights.read_bytes()


def test_a_damaged_part_is_noticed(gpu_session, packed, tmp_path, capsys):
    _, _, parts = packed
    damaged = bytearray((parts / "part-01").read_bytes())
    damaged[7] ^= 1
    (parts / "part-01").write_bytes(damaged)
    assert (
        gpu_session.collect(Namespace(parts=parts, session=tmp_path / "session")) == 1
    )
    assert "pack and carry them anew" in capsys.readouterr().err
    assert not (tmp_path / "session" / "fer2013.csv").exists()


def test_what_was_made_comes_home_in_files_that_are_small_enough(
    gpu_session, tmp_path, capsys
):
    session, out, data = (tmp_path / name for name in ("session", "out", "data"))
    random = np.random.default_rng(0)
    made = {f"results/run{number}.npz": random.bytes(40_000) for number in range(5)}
    made |= {
        "results/run0.json": b"{}",
        "maps/run0.npz": b"maps",
        "teachers/run0-views2.npz": b"answers",
    }
    for name, content in made.items():
        (session / name).parent.mkdir(parents=True, exist_ok=True)
        (session / name).write_bytes(content)
    out.mkdir()
    (out / "home-07.zip").write_bytes(b"of an earlier call")
    gpu_session.take_home(session, out, 100_000)
    files = sorted(out.iterdir())
    assert [path.name for path in files] == [
        "home-00.zip",
        "home-01.zip",
        "home-02.zip",
    ]
    assert all(
        path.stat().st_size <= 100_000 and zipfile.is_zipfile(path) for path in files
    )
    assert gpu_session.unpack(Namespace(out=out, data=data)) == 0
    places = {"results": "results", "maps": "results/maps", "teachers": "teachers"}
    for name, content in made.items():
        kind, file = name.split("/")
        assert (data / places[kind] / file).read_bytes() == content
    assert "8 files are in data." in capsys.readouterr().out


def test_a_process_ends_with_its_time(gpu_session, tmp_path):
    environment = gpu_session._environment(tmp_path)
    assert (
        gpu_session._call(["-c", "raise SystemExit(3)"], environment, float("inf")) == 3
    )
    script = "import time\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    raise SystemExit(0)"
    assert gpu_session._call(["-c", script], environment, 0.0) == 124


def test_training_is_told_how_much_time_it_has(gpu_session, tmp_path, monkeypatch):
    called = []
    monkeypatch.setattr(
        gpu_session, "_call", lambda words, *_: called.append(words) or 0
    )
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "run.json").write_text("{}")
    options = Namespace(
        session=tmp_path,
        out=tmp_path / "out",
        minutes=5,
        train=[],
        speed="--steps 2",
        file_mib=15,
    )
    assert gpu_session.work(options) == 0
    speed, train, keep = called
    assert speed[0].endswith("train_speed.py") and speed[-2:] == ["--steps", "2"]
    assert train[:5] == ["-m", "fercourse", "train", "--queue", "gpu"]
    assert 2.9 < float(train[-1]) <= 3.0
    assert keep[1:] == ["keep", str(tmp_path)]
    options.train, options.minutes, options.speed = ["--seed 1", "--seed 2"], 2.1, None
    called.clear()
    assert gpu_session.work(options) == 1
    assert called == [keep]


def test_it_explains_itself_without_the_library():
    done = subprocess.run(
        [sys.executable, "-S", str(SCRIPT), "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "rehearse" in done.stdout


@pytest.mark.slow
def test_all_of_it_on_a_cpu(tmp_path):
    """Two steps an epoch, two calls, a teacher and its student, and home again; what a GPU will do."""
    pytest.importorskip("jax")
    words = [sys.executable, str(SCRIPT), "rehearse", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert (
        "Home again: student, teacher, vgg19_attention-block5-concat-48" in done.stdout
    )
    maps = tmp_path / "home" / "data" / "results" / "maps" / "student.npz"
    with np.load(maps) as stored:
        assert stored["practice_block3_attention"].shape == (42, 6, 6)
    data = load_fer2013(tmp_path / "session" / "fer2013.csv")
    assert len(data.train) == 32
