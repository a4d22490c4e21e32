"""The machine: profiles, versions, and a start without noise."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import keras
import nbformat
import pytest
from nbclient import NotebookClient

from fercourse import __version__, machine
from fercourse.machine import PROFILES, find_profile, write_whole


@pytest.mark.parametrize(
    ("missing", "accelerator", "expected"),
    [
        ("nothing is here", False, "practice"),
        ("nothing is here", True, "practice"),
        (None, False, "quick"),
        (None, True, "full"),
    ],
)
def test_the_best_profile_that_is_possible(monkeypatch, missing, accelerator, expected):
    monkeypatch.delenv("FERCOURSE_PROFILE", raising=False)
    profile = find_profile(missing, accelerator)
    assert profile.name == expected
    assert str(profile) == f"profile: {expected} ({PROFILES[expected]})"
    assert missing is None or profile.reason == missing


def test_the_variable_decides(monkeypatch):
    monkeypatch.setenv("FERCOURSE_PROFILE", "full")
    assert find_profile("nothing is here", False).name == "full"
    monkeypatch.setenv("FERCOURSE_PROFILE", "fast")
    with pytest.raises(ValueError, match=r"PROFILE=fast .* practice, quick"):
        find_profile(None, False)


@pytest.mark.parametrize(
    "text", ["{0}", "'{0}'", ' "{0}" ', "$PLACE/faces", "~/faces", "{0}/"]
)
def test_a_path_as_people_write_it(tmp_path, monkeypatch, text):
    for name in ("PLACE", "HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("FERCOURSE_DATA", text.format(tmp_path / "faces"))
    assert machine.path_in("FERCOURSE_DATA") == tmp_path / "faces"


def test_a_relative_path_is_looked_for_in_the_repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(machine, "REPOSITORY", tmp_path / "course")
    monkeypatch.setenv("FERCOURSE_DATA", "faces")
    assert machine.path_in("FERCOURSE_DATA") == Path("faces")  # nowhere
    (tmp_path / "course" / "faces").mkdir(parents=True)
    assert machine.path_in("FERCOURSE_DATA") == tmp_path / "course" / "faces"
    (tmp_path / "faces").mkdir()
    assert machine.path_in("FERCOURSE_DATA") == Path("faces")
    for empty in ("", '" "'):
        monkeypatch.setenv("FERCOURSE_DATA", empty)
        assert machine.path_in("FERCOURSE_DATA") is None


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "page.md"
    for text in ("first", "second"):
        with write_whole(path) as part:
            part.write_text(text)
            assert part.suffix == ".md"
    with pytest.raises(KeyboardInterrupt), write_whole(path) as part:
        part.write_text("th")
        raise KeyboardInterrupt
    assert path.read_text() == "second"
    assert list(tmp_path.iterdir()) == [path]


def test_a_run_knows_its_surroundings():
    surroundings = machine.surroundings()
    assert re.fullmatch(r"CPU, \d+ cores?|.*[A-Z].*", surroundings["hardware"])
    assert re.fullmatch(r"[0-9a-f]{12}\+?|\d+\.\d+\.\d+.*", surroundings["code"])
    versions = surroundings["versions"]
    assert versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"keras", "numpy"} <= set(versions)


def test_a_process_on_one_core_says_so(monkeypatch):
    monkeypatch.setattr(machine, "has_accelerator", lambda: False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1}, raising=False)
    assert machine.hardware() == "CPU, 1 core"
    assert machine.fastest_precision() == "float32"


@pytest.mark.parametrize(
    ("capability", "expected"),
    [
        ((9, 0), "mixed_bfloat16"),  # H100
        ((8, 9), "mixed_bfloat16"),  # L4
        ((7, 5), "mixed_float16"),  # T4
        ((6, 0), "float32"),  # P100
        (None, "mixed_bfloat16"),  # a TPU
    ],
)
def test_16_bits_where_the_device_multiplies_them_fast(
    monkeypatch, capability, expected
):
    devices = ["NVIDIA", "NVIDIA"], capability
    monkeypatch.setattr(machine, "has_accelerator", lambda: True)
    monkeypatch.setattr(machine, "_accelerators", lambda: devices)
    assert machine.fastest_precision() == expected
    assert machine.hardware() == "2 × NVIDIA"


@pytest.mark.parametrize(
    ("capability", "expected"),
    [("7.5", (7, 5)), ("12.0", (12, 0)), ("gfx942", None), (None, None)],
)
def test_devices_of_jax(monkeypatch, capability, expected):
    jax = pytest.importorskip("jax")
    device = SimpleNamespace(device_kind="any", compute_capability=capability)
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(jax, "devices", lambda: [device])
    assert machine._accelerators() == (["any"], expected)


def test_devices_of_tensorflow(monkeypatch):
    config = pytest.importorskip("tensorflow").config
    details = {"device_name": "any", "compute_capability": (7, 5)}
    monkeypatch.setattr(keras.backend, "backend", lambda: "tensorflow")
    monkeypatch.setattr(config, "list_physical_devices", lambda _: ["a GPU"])
    monkeypatch.setattr(config.experimental, "get_device_details", lambda _: details)
    assert machine._accelerators() == (["any"], (7, 5))
    monkeypatch.setattr(config, "list_physical_devices", lambda _: [])
    assert machine._accelerators()[1] is None


def test_code_without_its_history_has_a_version_too(monkeypatch):
    monkeypatch.setattr(machine, "REPOSITORY", machine.REPOSITORY / "nowhere")
    monkeypatch.delenv("FERCOURSE_CODE", raising=False)
    assert machine.code_version() == __version__
    monkeypatch.setenv("FERCOURSE_CODE", "0123456789ab")
    assert machine.code_version() == "0123456789ab"


def test_the_backend_starts_without_noise_and_errors_still_arrive():
    code = "import sys, fercourse as fc; print(fc.load_backend(), file=sys.stderr)"

    def start(**more):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
        command = [sys.executable, "-c", code]
        return subprocess.run(
            command, capture_output=True, text=True, env=environment | more
        )

    assert start().stderr.split() == ["tensorflow"]
    broken = start(KERAS_BACKEND="nonsense")
    assert broken.returncode != 0 and "nonsense" in broken.stderr


def test_what_a_killed_writer_left_goes_and_a_living_one_is_left_alone(tmp_path):
    old, new = tmp_path / ".part-1-run.json", tmp_path / ".part-2-run.json"
    old.write_text("half")
    new.write_text("half")
    os.utime(old, (0, 0))
    with write_whole(tmp_path / "run.json") as part:
        part.write_text("whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [new.name, "run.json"]


@pytest.mark.slow
def test_a_progress_bar_in_a_notebook_is_a_widget_that_goes_away(monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "0")
    code = """
        from fercourse.machine import ProgressBar
        with ProgressBar(total=2, desc="epoch 1/2") as bar:
            bar.update()  # stopped before its end
        assert bar.container.comm is None, "the widget is still there"
    """
    hidden = """
        import os
        os.environ["TQDM_DISABLE"] = "1"
        for _ in ProgressBar(range(2)):
            pass
    """
    cells = [nbformat.v4.new_code_cell(textwrap.dedent(c)) for c in (code, hidden)]
    book = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(book, kernel_name="python3").execute()
    (output,) = cells[0].outputs
    assert "application/vnd.jupyter.widget-view+json" in output.data
    assert cells[1].outputs == []
