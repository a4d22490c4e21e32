"""The random search: what is drawn, how it goes on, and what becomes of a trial that ends badly."""

import dataclasses
import json
import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from test_experiment import experiment
from tiny import tiny_data

from fercourse.__main__ import main
from fercourse.commands.search import (
    DROPOUTS,
    LEARNING_RATES,
    UNITS,
    WIDTHS,
    Trial,
    as_command,
    as_text,
    search,
)
from fercourse.results.runs import read_run
from fercourse.training.checkpoint import History
from fercourse.training.recipes import RECIPES

RECIPE = RECIPES["common"].changed(epochs=3, batch_size=16)

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*(currentThread|getName):DeprecationWarning"
)


class Sketch:
    """A model that is only counted."""

    def __init__(self, configuration: dict) -> None:
        self.configuration = configuration

    def count_params(self) -> int:
        """Something that depends on the form."""
        return sum(self.configuration["widths"])


def sketched_accuracy(configuration: dict) -> float:
    """What `sketched_train` finds in percent of 24 faces."""
    return 100 * (sum(configuration["widths"]) % 25) / 24


def sketched_train(model, data, recipe, *, folder, minutes, configuration) -> History:
    """As `train` behaves, without training: the best of two epochs, and a checkpoint."""
    (folder / "checkpoint.npz").write_bytes(b"large")
    public = [0.0, sketched_accuracy(configuration)]
    return History(
        [{"public": accuracy} for accuracy in public], seconds=90.0, finished=True
    )


@pytest.fixture
def sketched(monkeypatch):
    """Searches end in a moment."""
    monkeypatch.setattr("keras.utils.clear_session", lambda: None)
    monkeypatch.setattr("fercourse.commands.search.build_model", Sketch)
    monkeypatch.setattr("fercourse.commands.search.train", sketched_train)


def tiny_search(folder: Path, trials: int = 4, recipe=RECIPE, **more):
    return search(tiny_data(train=96, rest=24), recipe, folder, trials=trials, **more)


def forms(trials: list[Trial]) -> list[tuple]:
    """What was drawn, in that order."""
    return [
        (trial.configuration, trial.recipe.learning_rate)
        for trial in sorted(trials, key=lambda trial: trial.number)
    ]


def test_what_is_drawn_lies_in_the_space(sketched, tmp_path):
    trials, finished = tiny_search(tmp_path / "search", 20, width=0.5)
    assert finished
    assert len(trials) == 20
    for trial in trials:
        configuration = trial.configuration
        assert (configuration["system"], configuration["width"]) == ("tuned_cnn", 0.5)
        assert len(configuration["widths"]) == 5
        assert set(configuration["widths"]) <= set(WIDTHS)
        assert configuration["units"] in UNITS
        assert configuration["dropout"] in DROPOUTS
        assert LEARNING_RATES[0] <= trial.recipe.learning_rate <= LEARNING_RATES[1]
        assert trial.recipe == RECIPE.changed(learning_rate=trial.recipe.learning_rate)
    drawn = {width for trial in trials for width in trial.configuration["widths"]}
    assert drawn == set(WIDTHS)
    rates = sorted(trial.recipe.learning_rate for trial in trials)
    assert rates[10] < 4e-3, "on a linear scale half of them would be above 5e-3"


def test_the_best_of_publictest_comes_first(sketched, tmp_path):
    trials, _ = tiny_search(tmp_path / "search", 12)
    accuracies = [trial.accuracy for trial in trials]
    assert accuracies == sorted(accuracies, reverse=True)
    for trial in trials:
        assert trial.accuracy == pytest.approx(sketched_accuracy(trial.configuration))
        assert trial.parameters == sum(trial.configuration["widths"])
        assert trial.minutes == 1.5


def test_privatetest_is_not_looked_at(sketched, tmp_path, monkeypatch):
    data = tiny_data(train=96, rest=24)
    monkeypatch.setattr(
        type(data), "test", property(lambda _: pytest.fail("looked at")), raising=False
    )
    assert len(search(data, RECIPE, tmp_path / "search", trials=2)[0]) == 2


def test_the_seed_alone_decides(sketched, tmp_path):
    first, again = (
        forms(tiny_search(tmp_path / name)[0]) for name in ("first", "again")
    )
    assert first == again
    for seed in (1, 2, 8):  # a trial has eight values
        other = forms(
            tiny_search(tmp_path / str(seed), recipe=RECIPE.changed(seed=seed))[0]
        )
        assert not [form for form in other if form in first]


def test_it_goes_on_where_it_stopped(sketched, tmp_path, monkeypatch, capsys):
    whole, _ = tiny_search(tmp_path / "whole")
    calls = []

    def train_stops_once(*arguments, folder, **more):
        calls.append((folder.name, (folder / "checkpoint.npz").exists()))
        history = sketched_train(*arguments, folder=folder, **more)
        history.finished = len(calls) != 3
        return history

    monkeypatch.setattr("fercourse.commands.search.train", train_stops_once)
    part, finished = tiny_search(tmp_path / "parts")
    assert not finished
    assert [trial.accuracy is None for trial in part] == [False, False, True]
    assert (
        "Stopped in trial 3 of 4; the same command goes on." in capsys.readouterr().out
    )
    parts, finished = tiny_search(tmp_path / "parts")
    assert finished
    assert calls == [
        ("trial_0", False),
        ("trial_1", False),
        ("trial_2", False),
        ("trial_2", True),
        ("trial_3", False),
    ]
    assert parts == whole
    assert tiny_search(tmp_path / "parts") == (whole, True), "nothing is left to do"
    more, _ = tiny_search(tmp_path / "parts", 6)
    assert forms(more)[:4] == forms(whole)
    assert len(more) == 6
    assert len(calls) == 7


def test_no_weights_and_no_pickle_are_kept(sketched, tmp_path):
    tiny_search(tmp_path / "search")
    files = [path for path in (tmp_path / "search").rglob("*") if path.is_file()]
    assert len(files) >= 6
    for path in files:
        json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"width": 0.5}, "another width"),
        ({"recipe": RECIPE.changed(epochs=4)}, "another recipe"),
    ],
)
def test_another_search_does_not_go_on_from_it(sketched, tmp_path, more, message):
    tiny_search(tmp_path / "search")
    with pytest.raises(
        ValueError, match=f"search holds a search with {message}. Use another folder"
    ):
        tiny_search(tmp_path / "search", **more)


def test_other_faces_do_not_go_on_from_it(sketched, tmp_path):
    tiny_search(tmp_path / "search")
    data = dataclasses.replace(tiny_data(train=96, rest=24), source="other faces")
    with pytest.raises(ValueError, match="another data"):
        search(data, RECIPE, tmp_path / "search", trials=4)


@pytest.mark.parametrize(
    "name", ["oracle.json", "tuner0.json", "search.json", "trial_1/trial.json"]
)
def test_a_damaged_search_is_told(sketched, tmp_path, name):
    tiny_search(tmp_path / "search")
    path = tmp_path / "search" / name
    path.write_text(path.read_text()[: len(path.read_text()) // 2])
    with pytest.raises(
        ValueError, match=r"search is damaged .* Remove it, and begin anew"
    ):
        tiny_search(tmp_path / "search")


def test_what_does_not_fit_into_memory_is_a_failed_trial(
    sketched, tmp_path, monkeypatch, capsys
):
    def train_where_little_fits(model, *arguments, **more):
        if model.count_params() > 1250:
            raise MemoryError("cannot allocate")
        return sketched_train(model, *arguments, **more)

    monkeypatch.setattr("fercourse.commands.search.train", train_where_little_fits)
    trials, finished = tiny_search(tmp_path / "search", 6)
    failed = [trial for trial in trials if trial.accuracy is None]
    assert finished
    assert failed == [
        trial for trial in trials if sum(trial.configuration["widths"]) > 1250
    ]
    assert 0 < len(failed) < 6
    assert trials[-len(failed) :] == failed
    assert "not finished, or failed" in as_text(trials, 24).splitlines()[-1]


def test_many_failures_end_the_search(sketched, tmp_path, monkeypatch):
    monkeypatch.setattr("fercourse.commands.search.train", lambda *_, **__: 1 / 0)
    with pytest.raises(Exception, match="a trial ended in an error") as raised:
        tiny_search(tmp_path / "search")
    assert isinstance(raised.value.__cause__, ZeroDivisionError), "no trial's own fault"

    def too_large(*_, **__):
        raise MemoryError

    monkeypatch.setattr("fercourse.commands.search.train", too_large)
    with pytest.raises(ValueError, match="3 trials failed one after another"):
        tiny_search(tmp_path / "search")


def test_what_training_refuses_ends_the_search(sketched, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise ValueError("no validation faces")

    monkeypatch.setattr("fercourse.commands.search.train", refuse)
    with pytest.raises(ValueError, match=r"^no validation faces$"):
        tiny_search(tmp_path / "search")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--trials 0", "--trials is 0; expected 1 or more"),
        ("--recipe secret", "--recipe secret is unknown; expected one of"),
        ("--epochs 2", "Recipe.epochs is 2"),
        ("--width 2", "width is 2.0; expected a fraction"),
    ],
)
def test_wrong_words_are_one_sentence(tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.setattr(
        "fercourse.lessons.start.cached_practice_data",
        lambda: tiny_data(train=96, rest=24),
    )
    where = ["--data", "practice", "--folder", str(tmp_path / "search")]
    assert main(["search", *where, *words.split()]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_the_table_tells_how_sure_one_can_be():
    form = {
        "system": "tuned_cnn",
        "width": 1.0,
        "widths": [64, 128, 256, 384, 512],
        "dropout": 0.3,
    }
    trial = Trial(
        4,
        {**form, "units": 256},
        RECIPE.changed(learning_rate=1e-3),
        60.0,
        1_234_567,
        3.25,
    )
    text = as_text([trial], 3589)
    assert re.split(r"  +", text.splitlines()[-1]) == [
        "4",
        "60.00",
        "58.38",
        "61.58",
        "1,234,567",
        "3.2",
        "widths 64 128 256 384 512, units 256, dropout 0.3, learning rate 0.001",
    ]


def test_the_command_describes_the_trial(sketched, tmp_path):
    recipe = RECIPES["tuned_cnn"].changed(epochs=7, seed=3)
    trials, _ = tiny_search(tmp_path / "search", 10, recipe=recipe, width=0.25)
    for trial in trials:
        words = shlex.split(as_command(trial))
        assert words[:4] == ["python", "-m", "fercourse", "train"]
        found = experiment(*words[4:])
        assert (found.configuration, found.recipe) == (
            trial.configuration,
            trial.recipe,
        )


@pytest.mark.slow
def test_a_trial_is_what_its_command_trains(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        "fercourse.lessons.start.cached_practice_data",
        lambda: tiny_data(train=96, rest=24),
    )
    where = ["--data", "practice", "--folder", str(tmp_path / "search")]
    words = [
        "--trials",
        "2",
        "--epochs",
        "2",
        "--width",
        "0.015625",
        "--recipe",
        "practice",
    ]
    assert main(["search", *where, *words, "--minutes", "0"]) == 1
    assert "Stopped in trial 1 of 2" in capsys.readouterr().out
    assert main(["search", *where, *words]) == 0
    said = capsys.readouterr().out
    assert "PrivateTest was not looked at" in said
    table, command = said.split("trial  PublicTest")[1], said.strip().splitlines()[-1]
    best = float(table.splitlines()[2].split()[1])
    assert command.startswith(
        "python -m fercourse train --system tuned_cnn --width 0.015625 --widths "
    )
    assert command.endswith(" --data practice")
    more = [
        "--results",
        str(tmp_path),
        "--checkpoints",
        str(tmp_path / "checkpoints"),
        "--name",
        "best",
    ]
    assert main([*shlex.split(command)[3:], *more]) == 0
    run = read_run("best", tmp_path)
    assert max(run.history["epochs"]["public"]) == pytest.approx(best, abs=0.005)


@pytest.mark.slow
def test_several_processes_share_a_search(tmp_path):
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import fercourse.commands.search
import test_search as here
fercourse.commands.search.build_model, fercourse.commands.search.train = here.Sketch, here.sketched_train
trials, finished = here.tiny_search(here.Path(sys.argv[1]), 5)
print("found", [trial.number for trial in sorted(trials, key=lambda trial: trial.number)], finished)
"""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    together = {
        "KERASTUNER_ORACLE_IP": "127.0.0.1",
        "KERASTUNER_ORACLE_PORT": str(port),
    }
    processes = {
        name: subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / name)], text=True, stdout=subprocess.PIPE,
            env={**os.environ, **together, "KERASTUNER_TUNER_ID": name},
        )
        for name in ("chief", "tuner0")
    }  # fmt: skip
    try:
        said = {
            name: process.communicate(timeout=240)[0]
            for name, process in processes.items()
        }
    finally:
        for process in processes.values():
            process.kill()
    assert "found [1, 2, 3, 4, 5] True" in said["chief"]
    assert "Trial" not in said["chief"], "it trains nothing"
    assert said["tuner0"].count("PublicTest") == 5
    assert "found [] True" in said["tuner0"]


def test_incomplete_settings_of_a_shared_search_are_told(
    sketched, tmp_path, monkeypatch
):
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
    monkeypatch.delenv("KERASTUNER_ORACLE_PORT", raising=False)
    with pytest.raises(ValueError, match="KERASTUNER_ORACLE_PORT"):
        tiny_search(tmp_path / "search")
