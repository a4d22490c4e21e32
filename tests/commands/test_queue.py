"""The queue of runs: which lines it accepts, and what it does with them."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from quick_command import TINY, places, tiny_csv

from fercourse.__main__ import _parser, main
from fercourse.commands.queue import QUEUE, SECTIONS, plan, read_for_all, run_queue
from fercourse.commands.train import read_job
from fercourse.results.runs import runs as stored_runs

HEADING = SECTIONS["cpu"]
QUICK = "--system deep_emotion --recipe practice --batch-size 16 --epochs"
COMMAND = "python -m fercourse train"


def options_of(*words: str):
    """What `train` makes of these words."""
    return _parser().parse_args(["train", *words])


def write_queue(path: Path, *arguments: str) -> Path:
    """A queue of commands for the CPU; the first is in line 7."""
    rows = [f"| something | `{COMMAND} {words}` |" for words in arguments]
    head = ["# Runs", "", HEADING, "", "| what for | command |", "| --- | --- |"]
    path.write_text("\n".join([*head, *rows]))
    return path


@pytest.mark.parametrize("section", SECTIONS)
def test_every_line_of_the_queue_is_a_run(section):
    _, queue = plan(section, {})
    assert len(queue) >= 5
    assert len({run.name for run in queue}) == len(queue)
    lines = QUEUE.read_text("utf-8").splitlines()
    for run in queue:
        command = shlex.join([*COMMAND.split(), *run.arguments])
        assert f"`{command}`" in lines[run.line - 1]


def test_every_system_is_in_the_queue_until_it_was_run():
    every = {"deep_emotion", "inception", "tuned_cnn", "resnet", "vgg", "vggnet"}
    gpu, cpu = ({run.name for run in plan(s, {})[1]} for s in ("gpu", "cpu"))
    common = [run for run in stored_runs() if run.recipe["name"] == "common"]
    stored = {run.configuration["system"] for run in common}
    assert {name.split("-")[0] for name in gpu} >= every
    assert {name.split("-")[0] for name in cpu} | stored >= every
    assert not gpu & cpu


def test_sections_are_kept_apart_and_prose_is_left_alone(tmp_path):
    path = tmp_path / "QUEUE.md"
    path.write_text(
        f"# Runs\n\n`python -m fercourse download` first.\n\n{SECTIONS['gpu']}\n\n"
        f"| what for | command |\n| --- | --- |\n| a | `{COMMAND} --seed 1` |\n\n"
        "### more\n\n| what for | command |\n|:---|---:|\n"
        f"| b | `{COMMAND} --seed 2` |\n{HEADING}\n"
        f"| what for | command |\n| --- | --- |\n| c | `{COMMAND} --seed 3` |"
    )
    gpu = [(run.line, run.arguments) for run in plan("gpu", {}, path)[1]]
    assert gpu == [(9, ("--seed", "1")), (15, ("--seed", "2"))]
    assert [run.line for run in plan("cpu", {}, path)[1]] == [19]


def test_the_section_follows_from_the_machine(tmp_path, monkeypatch):
    path = write_queue(tmp_path / "QUEUE.md", "--seed 1")
    assert plan("auto", {}, path)[0] == "QUEUE.md, For the CPU"
    monkeypatch.setattr("fercourse.commands.queue.has_accelerator", lambda: True)
    with pytest.raises(ValueError, match=SECTIONS["gpu"]):
        plan("auto", {}, path)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (COMMAND, "expected `python"),
        ("`rm -rf data`", "expected `python"),
        ("`python -m fercourse evaluate`", "expected `python"),
        (f"`{COMMAND}` | a", "expected `python"),
        (f"`{COMMAND} --seed 1; rm x`", "'1;'"),
        (f"`{COMMAND} --seed 1 && rm x`", "&& rm x"),
        (f"`{COMMAND} --sead 1`", "--sead 1"),
        (f"`{COMMAND} --help`", "--help"),
        (f"`{COMMAND} --queue`", "--queue"),
        (f"`{COMMAND} --name 'x`", "No closing quotation"),
        (f"`{COMMAND} --minutes 3`", "--minutes"),
        (f"`{COMMAND} --system resnext`", "--system resnext"),
        (f"`{COMMAND} --system vgg --size 48`", "--size"),
        (f"`{COMMAND} --recipe none`", "--recipe none"),
        (f"`{COMMAND} --epochs 0`", "Recipe.epochs"),
        (f"`{COMMAND} --recipe paper`", "line 7"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, command, message):
    path = write_queue(tmp_path / "QUEUE.md", "--seed 0")
    path.write_text(f"{path.read_text()}\n| a | {command} |\n| b | nothing |\n")
    with pytest.raises(ValueError, match=re.escape(message)) as raised:
        plan("cpu", {}, path)
    first, second = str(raised.value).splitlines()
    assert first.startswith("QUEUE.md, line 8: ")
    assert second.startswith("QUEUE.md, line 9: ")


def test_what_is_stored_is_not_wanted(tmp_path):
    commands = ["--system vgg", "--system vgg --seed 1", "--system resnet"]
    path = write_queue(tmp_path / "QUEUE.md", *commands)
    for words, more in ((commands[0], []), (commands[1], ["--epochs", "7"])):
        name = read_job(options_of(*words.split())).experiment.name
        # With other epochs it is another experiment's run that has the name.
        stored = read_job(options_of(*words.split(), *more)).experiment
        recipe = stored.recipe.as_dict()
        about = dict.fromkeys(("name", "history", "parameters", "confusion"), "")
        about |= {"configuration": stored.stored_configuration, "recipe": recipe}
        about |= {"provenance": {"data": ""}, "answers_sha256": ""}
        (tmp_path / f"{name}.json").write_text(json.dumps(about))
    _, queue = plan("cpu", {"results": str(tmp_path)}, path)
    assert [run.stored for run in queue] == [True, False, False]


def test_a_run_whose_data_are_not_here_is_wanted(tmp_path, monkeypatch):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FERCOURSE_DATA", str(tiny_csv(tmp_path)))
    monkeypatch.setenv("FERCOURSE_FERPLUS", str(tmp_path))
    words = ["--pocket --system vgg19 --data nowhere.csv", "--seed 1 --data ferplus"]
    _, queue = plan("cpu", {}, write_queue(tmp_path / "QUEUE.md", *words))
    assert [run.stored for run in queue] == [False, False]


def test_places_are_passed_on_unless_a_line_has_its_own(tmp_path):
    path = write_queue(tmp_path / "QUEUE.md", "--seed 1", "--seed 2 --data practice")
    words = ["--data", "my folder", "--results", str(tmp_path)]
    _, queue = plan("cpu", read_for_all(options_of(*words)), path)
    assert queue[0].arguments == ("--seed", "1", *words)
    practice = ("--seed", "2", "--data", "practice")
    assert queue[1].arguments == (*practice, "--results", str(tmp_path))


@pytest.mark.parametrize(
    "words", ["--system vgg", "--seed 1", "--pocket", "--ship", "--kernel-size 3"]
)
def test_the_queue_alone_says_what_is_trained(words, capsys):
    assert main(["train", "--queue", "cpu", *words.split(), "--minutes", "1"]) == 1
    assert f"{words.split()[0]} does not go with" in capsys.readouterr().err


def test_no_queue(tmp_path):
    with pytest.raises(FileNotFoundError):
        run_queue("cpu", {}, path=tmp_path / "QUEUE.md")


def queue_in(folder: Path, *commands: str) -> tuple[dict[str, str], Path]:
    """Options that keep everything in a folder, and the path of a queue there."""
    for_all = read_for_all(options_of(*places(folder)))
    return for_all, write_queue(folder / "QUEUE.md", *commands)


def run_here(folder: Path, *commands: str, minutes: float | None = None) -> int:
    """Run a queue with everything in a folder."""
    for_all, path = queue_in(folder, *commands)
    return run_queue("cpu", for_all, minutes, path)


@pytest.mark.slow
def test_a_command_that_fails_does_not_keep_the_others(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    tiny_csv(tmp_path)
    wrong = "--weights nowhere --size 48 --epochs 2"
    assert run_here(tmp_path, wrong, f"{QUICK} 2") == 1
    said = capfd.readouterr()
    name = f"{TINY}-deep_emotion-practice-epochs2-batch_size16-seed0"
    (path,) = (tmp_path / "results" / TINY).glob("*.json")
    assert path.stem == name
    assert "2 of 2 runs are wanted." in said.out
    assert f"Line 7 failed with exit status 1: {TINY}-vgg19_attention" in said.out
    assert f"Line 8 may go once its run is committed: {name}" in said.out
    assert "No VGG19 weights at nowhere" in said.err

    before = path.stat().st_mtime_ns
    assert run_here(tmp_path, f"{QUICK} 2") == 0
    assert "0 of 1 runs are wanted." in capfd.readouterr().out
    assert path.stat().st_mtime_ns == before


@pytest.mark.slow
def test_the_queue_ends_with_its_minutes(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    tiny_csv(tmp_path)
    assert run_here(tmp_path, f"{QUICK} 50000", f"{QUICK} 2", minutes=0.05) == 1
    said = capfd.readouterr().out
    assert "of 50000 epochs; the same command goes on." in said
    assert "Stopped; 2 still wanted." in said
    assert "failed" not in said
    assert "[2 of 2]" not in said


def steps_done(checkpoint: Path) -> tuple[int, int]:
    """Epochs, and steps of the one under way."""
    if not checkpoint.exists():
        return 0, 0
    with np.load(checkpoint, allow_pickle=False) as arrays:
        about = json.loads(str(arrays["about"]))
    return about["epoch"], about["step"]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a process group gets no Ctrl-C there")
def test_it_stops_cleanly_and_goes_on(tmp_path):
    tiny_csv(tmp_path)
    name = f"{TINY}-deep_emotion-practice-epochs50000-batch_size16-seed0"
    checkpoint = tmp_path / "checkpoints" / name / "checkpoint.npz"
    for_all, path = queue_in(tmp_path, f"{QUICK} 50000", f"{QUICK} 2")
    code = f"""
import sys
from pathlib import Path
from fercourse.commands.queue import run_queue
sys.exit(run_queue("cpu", {for_all!r}, path=Path({str(path)!r})))
"""
    environment = {**os.environ, "FERCOURSE_CACHE": str(tmp_path / "cache")}
    reached = (0, 0)
    for how in ("Ctrl-C", "SIGTERM"):
        # A session of its own, as a terminal has one: Ctrl-C there reaches the queue
        # and its child.
        streams = dict(stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        words = [sys.executable, "-c", code]
        process = subprocess.Popen(
            words, start_new_session=True, env=environment, **streams
        )
        try:
            deadline = time.monotonic() + 300
            while steps_done(checkpoint) <= reached:
                assert time.monotonic() < deadline and process.poll() is None
                time.sleep(0.2)
            if how == "Ctrl-C":
                os.killpg(process.pid, signal.SIGINT)
            else:
                process.terminate()
            said, _ = process.communicate(timeout=120)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        assert process.returncode == 1, said
        assert "of 50000 epochs; the same command goes on." in said
        assert "Stopped; 2 still wanted." in said
        assert "[2 of 2]" not in said
        assert "Traceback" not in said
        assert steps_done(checkpoint) > reached
        reached = steps_done(checkpoint)
    assert not (tmp_path / "results").exists()
