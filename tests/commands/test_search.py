"""The random search: what is drawn and compared, and how it goes on."""

import os
import shlex
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tiny import tiny_data

from fercourse.__main__ import main
from fercourse.commands import search as module
from fercourse.commands.search import Search, Stopped
from fercourse.results.runs import read_run
from fercourse.training.checkpoint import History
from fercourse.training.recipes import RECIPES

HELPERS = Path(__file__).parents[1] / "helpers"
RECIPE = RECIPES["common"].changed(epochs=3, batch_size=16)

pytestmark = pytest.mark.filterwarnings("ignore:.*(currentThread|getName)")


class Sketch:
    """A model that is only counted: its parameters are the sum of its widths."""

    def __init__(self, configuration: dict) -> None:
        self.configuration = configuration

    def count_params(self) -> int:
        return sum(self.configuration["widths"])


def sketched_train(model, data, recipe, *, folder, minutes) -> History:
    """As `train` behaves, without training; the accuracy follows from the form."""
    (folder / "checkpoint.npz").write_bytes(b"large")
    public = 100 * (model.count_params() % 25) / 24
    return History([{"public": 0.0}, {"public": public}], seconds=90.0, finished=True)


@pytest.fixture
def sketched(monkeypatch):
    """Searches end in a moment."""
    monkeypatch.setattr(module, "build_model", Sketch)
    monkeypatch.setattr(module, "train", sketched_train)


def searched(folder: Path, trials: int = 4, recipe=RECIPE, width=0.25) -> Search:
    search = Search(folder, tiny_data(train=96, rest=24), recipe, width, trials)
    search.search(verbose=0)
    return search


def drawn(search: Search) -> list[dict]:
    return [trial.hyperparameters.values for trial in search.trials()]


def test_trials_are_ranked_by_publictest_and_follow_from_the_seed(sketched, tmp_path):
    search = searched(tmp_path / "search", 12)
    scores = [trial.score for trial in search.trials()]
    assert len(scores) == 12
    assert scores == sorted(scores, reverse=True)
    assert all(1e-4 <= values["learning_rate"] <= 1e-2 for values in drawn(search))
    assert drawn(searched(tmp_path / "again", 12)) == drawn(search)
    rates = {values["learning_rate"] for values in drawn(search)}
    other = searched(tmp_path / "other", recipe=RECIPE.changed(seed=1))
    assert not rates & {values["learning_rate"] for values in drawn(other)}
    files = {path.suffix for path in (tmp_path / "search").rglob("*") if path.is_file()}
    assert files == {".json"}, "no weights and no pickle are kept"
    assert len(search.table().splitlines()) == 14


def test_privatetest_is_not_looked_at(sketched, tmp_path):
    data = tiny_data(train=96, rest=24)
    object.__setattr__(data, "test", None)
    search = Search(tmp_path / "search", data, RECIPE, 0.25, 2)
    search.search(verbose=0)
    assert len(search.trials()) == 2


def test_it_goes_on_where_it_stopped(sketched, tmp_path, monkeypatch):
    whole = searched(tmp_path / "whole")
    calls = []

    def train_stops_once(*arguments, folder, **more):
        calls.append(folder.name)
        history = sketched_train(*arguments, folder=folder, **more)
        history.finished = len(calls) != 3
        return history

    monkeypatch.setattr(module, "train", train_stops_once)
    with pytest.raises(Stopped):
        searched(tmp_path / "parts")
    assert drawn(searched(tmp_path / "parts")) == drawn(whole)
    assert calls == [f"trial_{number}" for number in (0, 1, 2, 2, 3)]
    assert len(searched(tmp_path / "parts", 6).trials()) == 6
    with pytest.raises(ValueError, match="another width, recipe or data"):
        searched(tmp_path / "parts", width=0.5)


def test_a_trial_that_does_not_fit_into_memory_is_last(sketched, tmp_path, monkeypatch):
    def little_memory(model, *arguments, **more):
        if model.count_params() > 1250:
            raise MemoryError("cannot allocate")
        return sketched_train(model, *arguments, **more)

    monkeypatch.setattr(module, "train", little_memory)
    search = searched(tmp_path / "search", 6)
    failed = [trial for trial in search.trials() if trial.score is None]
    assert 0 < len(failed) < 6
    assert "failed" in search.table().splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--recipe secret", "--recipe secret is unknown"),
        ("--epochs 2", "Recipe.epochs is 2"),
        ("--width 2", "width is 2.0"),
    ],
)
def test_wrong_words_are_one_sentence(tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.setattr("fercourse.data.practice.cached_practice_data", tiny_data)
    where = ["--data", "practice", "--folder", str(tmp_path / "search")]
    assert main(["search", *where, *words.split()]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


@pytest.mark.slow
def test_a_trial_is_what_its_command_trains(tmp_path, monkeypatch, capsys):
    data = replace(tiny_data(train=96, rest=24), source="practice faces")
    monkeypatch.setattr("fercourse.data.practice.cached_practice_data", lambda: data)
    where = ["--data", "practice", "--folder", str(tmp_path / "search")]
    words = ["--trials", "2", "--epochs", "2", "--width", "0.015625"]
    words += ["--recipe", "practice"]
    assert main(["search", *where, *words, "--minutes", "0"]) == 1
    assert main(["search", *where, *words]) == 0
    table, command = (
        capsys.readouterr().out.split("trial  PublicTest")[-1].split("\n\n")
    )
    more = f"--results {tmp_path} --checkpoints {tmp_path} --name best".split()
    assert main([*shlex.split(command.splitlines()[-1])[3:], *more]) == 0
    best = max(read_run("practice/practice-best", tmp_path).history["epochs"]["public"])
    assert best == pytest.approx(float(table.splitlines()[2].split()[1]), abs=0.005)


@pytest.mark.slow
def test_processes_share_a_search(tmp_path):
    code = f"""
import sys
sys.path[:0] = {[str(Path(__file__).parent), str(HELPERS)]!r}
import test_search as here
here.module.build_model, here.module.train = here.Sketch, here.sketched_train
print("trials", len(here.searched(here.Path(sys.argv[1]), 5).trials()))
"""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {"KERASTUNER_ORACLE_IP": "127.0.0.1", "KERASTUNER_ORACLE_PORT": port}
    processes = {
        name: subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / name)],
            text=True,
            stdout=subprocess.PIPE,
            env={**os.environ, **shared, "KERASTUNER_TUNER_ID": name},
        )
        for name in ("chief", "tuner0")
    }
    try:
        said = {name: p.communicate(timeout=240)[0] for name, p in processes.items()}
    finally:
        for process in processes.values():
            process.kill()
    assert "trials 5" in said["chief"]
    assert "PublicTest" not in said["chief"], "it trains nothing"
    assert said["tuner0"].count("PublicTest") == 5
