"""The queue of runs: which lines it accepts, and what it does with them."""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from quick_command import places, tiny_csv

from fercourse.__main__ import main
from fercourse.commands.options import read_experiment
from fercourse.commands.queue import QUEUE, SECTIONS, add_queue_options, plan, run_queue
from fercourse.commands.train import add_train_options
from fercourse.results.runs import runs as stored_runs

HEADING = SECTIONS["cpu"]
QUICK = "--system deep_emotion --recipe practice --batch-size 16 --epochs"


def options_of(*words: str) -> argparse.Namespace:
    """What `train` makes of these words."""
    parser = argparse.ArgumentParser()
    add_train_options(parser)
    add_queue_options(parser)
    return parser.parse_args(words)


def write_queue(path: Path, *arguments: str) -> Path:
    """A queue of commands for the CPU; the first stands in line 7."""
    rows = [
        f"| something | `python -m fercourse train {words}` |" for words in arguments
    ]
    path.write_text(
        "\n".join(
            [
                "# Runs",
                "",
                HEADING,
                "",
                "| what for | command |",
                "| --- | --- |",
                *rows,
            ]
        )
    )
    return path


@pytest.mark.parametrize("section", SECTIONS)
def test_every_line_of_the_queue_is_a_run(section):
    _, wanted = plan(QUEUE, section, {})
    assert len(wanted) >= 5
    assert len({run.name for run in wanted}) == len(wanted)
    lines = QUEUE.read_text("utf-8").splitlines()
    for run in wanted:
        assert (
            f"`python -m fercourse train {' '.join(run.arguments)}`"
            in lines[run.line - 1]
        )


def test_every_system_stands_in_the_queue_until_it_was_run():
    every = {"deep_emotion", "inception", "tuned_cnn", "resnet", "vgg", "vggnet"}
    wanted = {
        section: {run.name.split("-")[0] for run in plan(QUEUE, section, {})[1]}
        for section in SECTIONS
    }
    stored = {
        run.configuration["system"]
        for run in stored_runs()
        if run.recipe["name"] == "common"
    }
    assert wanted["gpu"] >= every
    assert wanted["cpu"] | stored >= every


def test_a_run_of_the_gpu_is_not_one_of_the_cpu():
    names = [{run.name for run in plan(QUEUE, section, {})[1]} for section in SECTIONS]
    assert not names[0] & names[1]


def test_sections_are_kept_apart_and_prose_is_left_alone(tmp_path):
    path = tmp_path / "QUEUE.md"
    path.write_text(
        f"# Runs\n\n`python -m fercourse download` first.\n\n{SECTIONS['gpu']}\n\n"
        "| what for | command |\n| --- | --- |\n| a | `python -m fercourse train "
        "--seed 1` |\n\n"
        f"### more\n\n| what for | command |\n|:---|---:|\n| b | `python -m fercourse "
        f"train --seed 2` |\n"
        f"{HEADING}\n| what for | command |\n| --- | --- |\n| c | `python -m "
        f"fercourse train --seed 3` |"
    )
    assert [(run.line, run.arguments) for run in plan(path, "gpu", {})[1]] == [
        (9, ("--seed", "1")),
        (15, ("--seed", "2")),
    ]
    assert [run.line for run in plan(path, "cpu", {})[1]] == [19]


def test_the_section_follows_from_the_machine(tmp_path, monkeypatch):
    path = write_queue(tmp_path / "QUEUE.md", "--seed 1")
    assert plan(path, "auto", {})[0] == "cpu"
    monkeypatch.setattr("fercourse.commands.queue.has_accelerator", lambda: True)
    with pytest.raises(
        ValueError, match=f"QUEUE.md has no section '{SECTIONS['gpu']}'"
    ):
        plan(path, "auto", {})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "| a | python -m fercourse train |",
            "expected `python -m fercourse train …` in the last column",
        ),
        (
            "| a | `rm -rf data` |",
            "expected `python -m fercourse train …` in the last column",
        ),
        (
            "| a | `python -m fercourse evaluate` |",
            "expected `python -m fercourse train …`",
        ),
        (
            "| `python -m fercourse train` | a |",
            "expected `python -m fercourse train …`",
        ),
        (
            "| a | `python -m fercourse train --seed 1; rm x` |",
            "invalid int value: '1;'",
        ),
        (
            "| a | `python -m fercourse train --seed 1 && rm x` |",
            "unrecognized arguments: && rm x",
        ),
        (
            "| a | `python -m fercourse train --sead 1` |",
            "unrecognized arguments: --sead 1",
        ),
        (
            "| a | `python -m fercourse train --help` |",
            "unrecognized arguments: --help",
        ),
        (
            "| a | `python -m fercourse train --queue` |",
            "unrecognized arguments: --queue",
        ),
        ("| a | `python -m fercourse train --name 'x` |", "No closing quotation"),
        (
            "| a | `python -m fercourse train --minutes 3` |",
            "--minutes is for the whole queue",
        ),
        (
            "| a | `python -m fercourse train --system resnext` |",
            "--system resnext is unknown",
        ),
        (
            "| a | `python -m fercourse train --system vgg --size 48` |",
            "--size does not go with",
        ),
        (
            "| a | `python -m fercourse train --recipe none` |",
            "--recipe none is unknown",
        ),
        ("| a | `python -m fercourse train --epochs 0` |", "Recipe.epochs is 0"),
        (
            "| a | `python -m fercourse train --recipe paper` |",
            "stands in line 7 already",
        ),
    ],
)
def test_a_wrong_line_is_named(tmp_path, row, message):
    path = write_queue(tmp_path / "QUEUE.md", "--seed 0")
    path.write_text(f"{path.read_text()}\n{row}\n| b | nothing |\n")
    with pytest.raises(ValueError, match=re.escape(message)) as raised:
        plan(path, "cpu", {})
    first, second = str(raised.value).splitlines()
    assert first.startswith("QUEUE.md, line 8: ")
    assert second.startswith("QUEUE.md, line 9: expected")


def test_what_is_stored_is_not_wanted(tmp_path):
    path = write_queue(
        tmp_path / "QUEUE.md",
        "--system vgg",
        "--system vgg --seed 1",
        "--system resnet",
    )
    for words, epochs in (("--system vgg", None), ("--system vgg --seed 1", "7")):
        stored = read_experiment(options_of(*words.split()))
        name = stored.name
        if (
            epochs
        ):  # another recipe under the same name: the run of the queue is not there
            stored = read_experiment(options_of(*words.split(), "--epochs", epochs))
        about = {
            "configuration": stored.configuration,
            "recipe": stored.recipe.as_dict(),
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(about))
    _, wanted = plan(path, "cpu", {"results": str(tmp_path)})
    assert [run.stored for run in wanted] == [True, False, False]


def test_places_are_passed_on_unless_a_line_has_its_own(tmp_path):
    path = write_queue(tmp_path / "QUEUE.md", "--seed 1", "--seed 2 --data practice")
    _, wanted = plan(path, "cpu", {"data": "my folder", "results": str(tmp_path)})
    assert wanted[0].arguments == (
        "--seed",
        "1",
        "--data",
        "my folder",
        "--results",
        str(tmp_path),
    )
    assert wanted[1].arguments == (
        "--seed",
        "2",
        "--data",
        "practice",
        "--results",
        str(tmp_path),
    )


@pytest.mark.parametrize(
    "words", ["--system vgg", "--seed 1", "--pocket", "--ship", "--kernel-size 3"]
)
def test_what_is_trained_stands_in_the_queue_alone(words, capsys):
    assert main(["train", "--queue", "cpu", *words.split(), "--minutes", "1"]) == 1
    assert f"{words.split()[0]} does not go with --queue" in capsys.readouterr().err


def test_no_queue(tmp_path):
    with pytest.raises(FileNotFoundError):
        run_queue(options_of("--queue", "cpu"), tmp_path / "QUEUE.md")


@pytest.mark.slow
def test_a_command_that_fails_does_not_keep_the_others(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    tiny_csv(tmp_path)
    wrong = "--weights nowhere --size 48 --epochs 2"
    path = write_queue(
        tmp_path / "QUEUE.md", f"{QUICK} 2", wrong, f"{QUICK} 2 --seed 1"
    )
    options = options_of("--queue", "cpu", *places(tmp_path))
    assert run_queue(options, path) == 1
    said = capfd.readouterr()
    names = [
        f"deep_emotion-practice-epochs2-batch_size16-seed{seed}" for seed in (0, 1)
    ]
    assert sorted(file.stem for file in (tmp_path / "results").glob("*.json")) == names
    assert "QUEUE.md, For the CPU: 3 of 3 runs are wanted." in said.out
    assert "[2 of 3] python -m fercourse train --weights nowhere" in said.out
    assert "No VGG19 weights at nowhere" in said.err
    assert (
        "Line 8 failed with exit status 1: vgg19_attention-block5-concat-48-paper-seed0"
        in said.out
    )
    assert f"Line 7 may go once its run is committed: {names[0]}" in said.out
    assert f"Line 9 may go once its run is committed: {names[1]}" in said.out

    before = {
        file.name: file.stat().st_mtime_ns for file in (tmp_path / "results").iterdir()
    }
    write_queue(path, f"{QUICK} 2", f"{QUICK} 2 --seed 1")
    assert run_queue(options, path) == 0
    assert "0 of 2 runs are wanted." in capfd.readouterr().out
    assert {
        file.name: file.stat().st_mtime_ns for file in (tmp_path / "results").iterdir()
    } == before


@pytest.mark.slow
def test_the_queue_ends_with_its_minutes(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("FERCOURSE_CACHE", str(tmp_path / "cache"))
    tiny_csv(tmp_path)
    path = write_queue(tmp_path / "QUEUE.md", f"{QUICK} 50000", f"{QUICK} 2")
    assert (
        run_queue(
            options_of("--queue", "cpu", *places(tmp_path), "--minutes", "0.05"), path
        )
        == 1
    )
    said = capfd.readouterr().out
    assert "of 50000 epochs; the same command goes on." in said
    assert "Stopped; 2 still wanted. The same command goes on." in said
    assert "failed" not in said
    assert "[2 of 2]" not in said


def steps_done(checkpoint: Path) -> tuple[int, int]:
    """Epochs, and steps of the one under way."""
    with np.load(checkpoint, allow_pickle=False) as arrays:
        about = json.loads(str(arrays["about"]))
    return about["epoch"], about["step"]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a process group gets no Ctrl-C there")
@pytest.mark.parametrize(("how", "times"), [("Ctrl-C", 2), ("SIGTERM", 1)])
def test_it_stops_cleanly_and_goes_on(tmp_path, how, times):
    tiny_csv(tmp_path)
    path = write_queue(tmp_path / "QUEUE.md", f"{QUICK} 50000", f"{QUICK} 2")
    checkpoint = (
        tmp_path
        / "checkpoints"
        / "deep_emotion-practice-epochs50000-batch_size16-seed0"
    )
    code = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_run_queue import options_of, run_queue
sys.exit(run_queue(options_of("--queue", "cpu", *{places(tmp_path)!r}), Path({str(path)!r})))
"""
    reached = (0, 0)
    for _ in range(times):
        # A session of its own, as a terminal has one: Ctrl-C there reaches the queue
        # and its child.
        process = subprocess.Popen(
            [sys.executable, "-c", code], start_new_session=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "FERCOURSE_CACHE": str(tmp_path / "cache")},
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 300
            while (
                not (checkpoint / "checkpoint.npz").exists()
                or steps_done(checkpoint / "checkpoint.npz") <= reached
            ):
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
        assert "Stopped; 2 still wanted. The same command goes on." in said
        assert "[2 of 2]" not in said
        assert "Traceback" not in said
        assert steps_done(checkpoint / "checkpoint.npz") > reached
        reached = steps_done(checkpoint / "checkpoint.npz")
    assert not (tmp_path / "results").exists()
