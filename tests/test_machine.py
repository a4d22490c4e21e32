"""The machine: profiles, versions, and a start without noise."""

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import keras
import pytest

from fercourse import __version__, machine
from fercourse.machine import (
    CODE_VARIABLE,
    PROFILES,
    code_version,
    fastest_precision,
    find_profile,
    hardware,
    versions,
)


@pytest.mark.parametrize(
    ("data_found", "accelerator", "expected"),
    [
        (False, False, "practice"),
        (False, True, "practice"),
        (True, False, "quick"),
        (True, True, "full"),
    ],
)
def test_the_best_profile_that_is_possible(
    monkeypatch, data_found, accelerator, expected
):
    monkeypatch.delenv("FERCOURSE_PROFILE", raising=False)
    profile = find_profile(data_found, accelerator)
    assert profile.name == expected
    assert str(profile).startswith(f"profile: {expected} ({PROFILES[expected]}); ")


def test_the_variable_decides(monkeypatch):
    monkeypatch.setenv("FERCOURSE_PROFILE", "full")
    assert find_profile(False, False).reason == "chosen by FERCOURSE_PROFILE"
    monkeypatch.setenv("FERCOURSE_PROFILE", "fast")
    with pytest.raises(
        ValueError,
        match="FERCOURSE_PROFILE=fast is unknown; expected one of practice, quick",
    ):
        find_profile(False, False)


def test_a_run_can_tell_its_surroundings():
    assert versions()["python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"keras", "numpy"} <= set(versions())
    assert re.fullmatch(r"CPU, \d+ cores|.*[A-Z].*", hardware())
    assert re.fullmatch(r"[0-9a-f]{12}\+?|\d+\.\d+\.\d+.*", code_version())


@pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"),
    reason="needs a system that can pin a process to a core",
)
def test_a_process_on_one_core_says_so(monkeypatch):
    monkeypatch.setattr(machine, "has_accelerator", lambda: False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1})
    assert hardware() == "CPU, 1 core"


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
    monkeypatch.setattr(machine, "has_accelerator", lambda: True)
    monkeypatch.setattr(machine, "_compute_capability", lambda: capability)
    assert fastest_precision() == expected


def test_a_cpu_computes_in_32_bits(monkeypatch):
    monkeypatch.setattr(machine, "has_accelerator", lambda: False)
    assert fastest_precision() == "float32"


@pytest.mark.parametrize(
    ("told", "expected"),
    [("7.5", (7, 5)), ("12.0", (12, 0)), ("gfx942", None), (None, None)],
)
def test_jax_tells_the_compute_capability(monkeypatch, told, expected):
    jax = pytest.importorskip("jax")
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(
        jax, "devices", lambda: [SimpleNamespace(compute_capability=told)]
    )
    assert machine._compute_capability() == expected


def test_tensorflow_tells_the_compute_capability(monkeypatch):
    tf = pytest.importorskip("tensorflow")
    monkeypatch.setattr(keras.backend, "backend", lambda: "tensorflow")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda _: ["a GPU"])
    monkeypatch.setattr(
        tf.config.experimental,
        "get_device_details",
        lambda _: {"compute_capability": (7, 5)},
    )
    assert machine._compute_capability() == (7, 5)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda _: [])
    assert machine._compute_capability() is None


def test_code_without_its_history_has_a_version_too(monkeypatch):
    def no_git(*_):
        raise subprocess.CalledProcessError(128, "git")

    monkeypatch.setattr(machine, "_git", no_git)
    monkeypatch.delenv(CODE_VARIABLE, raising=False)
    assert code_version() == __version__
    monkeypatch.setenv(CODE_VARIABLE, "0123456789ab")
    assert code_version() == "0123456789ab"


def test_the_backend_starts_without_noise_and_errors_still_arrive():
    script = "import sys; from fercourse.machine import load_backend; print(load_backend(), file=sys.stderr)"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("TF_")
    }

    def start(**more):
        return subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            env={**environment, **more},
        )

    assert start().stderr.split() == ["tensorflow"]
    broken = start(KERAS_BACKEND="nonsense")
    assert broken.returncode != 0
    assert "nonsense" in broken.stderr
