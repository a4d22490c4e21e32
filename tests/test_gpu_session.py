"""A rented GPU: what is packed arrives whole, and what was made there comes home."""

import argparse
import json
import re
import shlex
import subprocess
import sys
import zipfile
from argparse import Namespace
from pathlib import Path

import gpu_session
import numpy as np
import pytest
from quick_command import tiny_csv

from fercourse.commands.options import add_experiment_options, read_experiment
from fercourse.data.fer2013.load import load_fer2013
from fercourse.models.network import NETWORK_B
from fercourse.results.runs import RESULTS
from fercourse.training.ablation import ablation
from fercourse.training.experiment import run_name
from fercourse.training.recipes import RECIPES

SCRIPT = Path(gpu_session.__file__)
FULL_SIZE = "vgg19_attention-block5-concat-224-best-c1f8e6-seed0"


@pytest.fixture
def packed(tmp_path, monkeypatch):
    """FER2013, weights, and the folder of their parts."""
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    csv, weights, parts = tiny_csv(tmp_path), tmp_path / "any.h5", tmp_path / "parts"
    weights.write_bytes(b"weights" * 1000)
    options = Namespace(parts=parts, data=csv, weights=weights, part_mib=0.05)
    assert gpu_session.pack(options) == 0
    return csv, weights, parts


def test_what_is_packed_arrives_whole_in_small_parts(packed, tmp_path):
    csv, weights, parts = packed
    sizes = [path.stat().st_size for path in parts.glob("part-*")]
    assert len(sizes) > 3
    assert max(sizes) <= 0.05 * 2**20
    session = tmp_path / "session"
    for number in reversed(range(len(sizes))):
        assert not (session / "fer2013.csv").exists()
        call = tmp_path / f"call{number}"
        call.mkdir()
        for name in (f"part-{number:02d}", "whole.sha256"):
            (call / name).write_bytes((parts / name).read_bytes())
        assert gpu_session.collect(Namespace(parts=call, session=session)) == 0
    assert (session / "fer2013.csv").read_bytes() == csv.read_bytes()
    assert (session / "vgg19.weights.h5").read_bytes() == weights.read_bytes()


def test_a_damaged_part_is_noticed(packed, tmp_path):
    *_, parts = packed
    damaged = bytearray((parts / "part-01").read_bytes())
    damaged[7] ^= 1
    (parts / "part-01").write_bytes(damaged)
    session = tmp_path / "session"
    assert gpu_session.collect(Namespace(parts=parts, session=session)) == 1
    assert not (session / "fer2013.csv").exists()


def test_what_was_made_comes_home_in_small_files(tmp_path):
    session, out, data = (tmp_path / name for name in ("session", "out", "data"))
    random = np.random.default_rng(0)
    made = {f"results/run{number}.npz": random.bytes(40_000) for number in range(5)}
    made |= {"maps/run0.npz": b"maps", "teachers/run0-views2.npz": b"answers"}
    for name, content in made.items():
        (session / name).parent.mkdir(parents=True, exist_ok=True)
        (session / name).write_bytes(content)
    out.mkdir()
    (out / "home-07.zip").write_bytes(b"of an earlier call")
    gpu_session.take_home(session, out, 100_000)
    files = sorted(out.iterdir())
    assert [path.name for path in files] == [
        f"home-0{number}.zip" for number in range(3)
    ]
    assert all(path.stat().st_size <= 100_000 for path in files)
    assert all(map(zipfile.is_zipfile, files))
    assert gpu_session.unpack(Namespace(out=out, data=data)) == 0
    for name, content in made.items():
        place = data / name.replace("maps/", "results/maps/")
        assert place.read_bytes() == content


def test_a_name_that_spells_out_every_field_becomes_short(tmp_path):
    run = json.loads((RESULTS / f"{FULL_SIZE}.json").read_text("utf-8"))
    what = run["configuration"], run["recipe"]
    run["name"] = run_name(*what, spelled=99)
    assert len(run["name"]) > 100
    (tmp_path / "out").mkdir()
    with zipfile.ZipFile(tmp_path / "out" / "home-00.zip", "w") as archive:
        archive.writestr(f"results/{run['name']}.json", json.dumps(run))
        archive.writestr(f"teachers/{run['name']}-views2.npz", b"answers")
        archive.writestr("maps/mine.npz", b"maps")
    data = tmp_path / "data"
    assert gpu_session.unpack(Namespace(out=tmp_path / "out", data=data)) == 0
    about = json.loads((data / "results" / f"{FULL_SIZE}.json").read_text("utf-8"))
    assert about == run | {"name": FULL_SIZE}
    assert (data / "teachers" / f"{FULL_SIZE}-views2.npz").is_file()
    assert (data / "results" / "maps" / "mine.npz").is_file()


def test_a_process_ends_with_its_time(tmp_path):
    environment = gpu_session._environment(tmp_path)
    failing = ["-c", "raise SystemExit(3)"]
    assert gpu_session._call(failing, environment, float("inf")) == 3
    waiting = ["-c", "import time; time.sleep(60)"]
    assert gpu_session._call(waiting, environment, 0.0) == 124


def test_training_is_told_how_much_time_it_has(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(
        gpu_session, "_call", lambda words, *_: calls.append(words) or 0
    )
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "run.json").write_text("{}")
    places = {"session": tmp_path, "out": tmp_path / "out", "file_mib": 15}
    places |= {"plan": None, "more": ""}
    options = Namespace(minutes=5, train=[], speed="--steps 2", **places)
    assert gpu_session.work(options) == 0
    speed, train, keep = calls
    assert speed[-2:] == ["--steps", "2"]
    assert train[2:5] == ["train", "--queue", "gpu"]
    assert 4.15 < float(train[-1]) <= 4.25
    calls.clear()
    options = Namespace(minutes=0.9, train=["--seed 1"], speed=None, **places)
    assert gpu_session.work(options) == 1
    assert calls == [keep]
    calls.clear()
    places |= {"plan": "full", "more": "--learning-rate 1e-4"}
    options = Namespace(minutes=None, train=[], speed=None, **places)
    assert gpu_session.work(options) == 0
    paper, network_b, _ = calls
    assert "block3_pool" in network_b and "block3_pool" not in paper
    assert all("1e-4" in words and "0.05" in words for words in (paper, network_b))
    assert 8.2 < float(paper[-1]) <= 8.25


def test_the_plan_is_experiments_of_the_papers_network_and_its_relatives():
    parser = argparse.ArgumentParser()
    add_experiment_options(parser)
    read = {
        name: [read_experiment(parser.parse_args(shlex.split(run))) for run in runs]
        for name, (_, runs) in gpu_session.PLAN.items()
    }
    paper, network_b = read["full"]
    (plain,) = read["plain"]
    assert paper.configuration == ablation("averaging")[0]
    assert network_b.configuration == NETWORK_B
    assert plain.recipe == paper.recipe == RECIPES["full"].changed(epochs=26)
    assert len({probe.name for probe in read["probes"]}) == 4
    wanted = {run_name(one.configuration, one.recipe.as_dict()) for one in read["full"]}
    assert not wanted & {one.name for one in read["full"]}, "runs of 40 epochs"
    assert {probe.configuration["size"] for probe in read["probes"]} == {112}


def test_it_explains_itself_without_the_library():
    words = [sys.executable, "-S", str(SCRIPT), "--help"]
    assert "rehearse" in subprocess.run(words, capture_output=True, text=True).stdout


@pytest.mark.slow
def test_all_of_it_on_a_cpu(tmp_path):
    """Two steps an epoch, two calls, a teacher and its student, and home again."""
    pytest.importorskip("jax")
    words = [sys.executable, str(SCRIPT), "rehearse", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    home = done.stdout.partition("Home again: ")[2]
    assert len(re.findall(r"\S+-probe-\S+,", home)) == 1
    assert re.search(r"-quarter-hour-network-b, .*-student\b", home)
    (maps,) = (tmp_path / "home" / "data" / "results" / "maps").glob("*-student.npz")
    with np.load(maps) as stored:
        assert stored["practice_block3_attention"].shape == (42, 6, 6)
    assert len(load_fer2013(tmp_path / "session" / "fer2013.csv").train) == 32
