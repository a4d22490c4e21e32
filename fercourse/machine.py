"""The machine: devices, versions, and the profile that it allows.

Nothing here imports a Keras backend before it is asked to, so that a broken
installation can be told.
"""

from __future__ import annotations

import contextlib
import datetime
import importlib.metadata
import logging
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fercourse import __version__

REPOSITORY = Path(__file__).parent.parent
"""The checkout, with `data` and `lessons`."""

CHECKPOINTS = REPOSITORY / "data" / "checkpoints"
"""Where `train` keeps what it goes on from, and the models of finished runs."""

PROFILE_VARIABLE = "FERCOURSE_PROFILE"
PROFILES: dict[str, str] = {
    "practice": "practice faces, CPU, the same numbers everywhere",
    "quick": "real FER2013, CPU, minutes",
    "full": "real FER2013, GPU, the paper's setting",
}
"""What a lesson runs on, in one place (see the README)."""

LESSON_ENVIRONMENT: dict[str, str] = {
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TQDM_DISABLE": "1",
    PROFILE_VARIABLE: "practice",
}
"""What the stored outputs of the lessons were made with, and what they are compared under. TensorFlow's
start-up log is silent only with the first two together, and without oneDNN its numbers
are the same on more machines; a progress bar never prints the same line twice."""

CODE_VARIABLE = "FERCOURSE_CODE"
"""Environment variable that names the commit, for code that lies somewhere without its history."""

PACKAGES = (
    "keras",
    "tensorflow",
    "jax",
    "torch",
    "numpy",
    "scikit-learn",
    "statsmodels",
)
"""Whose versions are kept with a run."""


@contextlib.contextmanager
def write_whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path that replaces `path` at the end, so no half-written file remains.

    The temporary file is in the same folder and has the same suffix, since NumPy and Keras
    look at it. After an error it is removed and `path` is as it was.

    Example: `with write_whole(path) as part: part.write_text(page)`.
    """
    part = path.with_name(f".part-{os.getpid()}-{path.name}")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@dataclass(frozen=True)
class Profile:
    """The profile of this machine: its name, one of `PROFILES`, and why it is this one."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"profile: {self.name} ({PROFILES[self.name]}); {self.reason}"


def find_profile(data_found: bool, accelerator: bool) -> Profile:
    """The profile that `FERCOURSE_PROFILE` names, or else the best that data and device allow.

    Raises:
        ValueError: the variable names no profile.
    """
    wanted = os.environ.get(PROFILE_VARIABLE, "")
    if wanted:
        if wanted not in PROFILES:
            raise ValueError(
                f"{PROFILE_VARIABLE}={wanted} is unknown; expected one of "
                f"{', '.join(PROFILES)}."
            )
        return Profile(wanted, f"chosen by {PROFILE_VARIABLE}")
    if not data_found:
        return Profile("practice", "FER2013 is not here")
    if not accelerator:
        return Profile("quick", "FER2013 is here, a GPU is not")
    return Profile("full", "FER2013 and a GPU are here")


def load_backend() -> str:
    """Import Keras and start its backend without the latter's start-up messages; returns its name.

    TensorFlow writes to the error stream from C++ before any setting can stop it, and a
    notebook shows that to a learner as if something were wrong. Errors still arrive:
    they are exceptions.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import keras

        keras.ops.zeros(1)
        # A lesson asks many small models; that TensorFlow compiles for each is no news
        # for a learner. Only now, for TensorFlow sets the level of its log when it is
        # imported.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        return keras.backend.backend()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def has_accelerator() -> bool:
    """Whether the Keras backend sees a GPU or TPU."""
    import keras

    if keras.backend.backend() == "torch":
        import torch

        return torch.cuda.is_available()
    return any(
        not name.lower().startswith("cpu") for name in keras.distribution.list_devices()
    )


def fastest_precision() -> str:
    """The Keras policy with which this device trains fastest: 16 bits wherever its matrix units know them.

    NVIDIA's tensor cores know float16 from compute capability 7.0 and bfloat16 from 8.0
    (CUDA C++ Programming Guide, tensor cores); a T4, which has 7.5, would emulate
    bfloat16. TPUs and accelerators that do not tell take bfloat16, which has float32's
    range and needs no loss scaling.
    """
    if not has_accelerator():
        return "float32"
    capability = _compute_capability()
    if capability is None or capability >= (8, 0):
        return "mixed_bfloat16"
    return "mixed_float16" if capability >= (7, 0) else "float32"


def _compute_capability() -> tuple[int, int] | None:
    """That of the first NVIDIA GPU; None for every other accelerator."""
    import keras

    match keras.backend.backend():
        case "jax":
            import jax

            told = getattr(jax.devices()[0], "compute_capability", None)
            # Another vendor's name of its architecture may stand here.
            return (
                tuple(map(int, told.split(".")))
                if re.fullmatch(r"\d+\.\d+", str(told))
                else None
            )
        case "torch":
            import torch

            return None if torch.version.hip else torch.cuda.get_device_capability()
        case _:
            import tensorflow as tf

            devices = tf.config.list_physical_devices("GPU")
            details = (
                tf.config.experimental.get_device_details(devices[0]) if devices else {}
            )
            return details.get("compute_capability")


def xla_is_slow() -> bool:
    """Whether TensorFlow runs on a CPU: XLA compiles for many seconds there, and its convolutions lose."""
    import keras

    return keras.backend.backend() == "tensorflow" and not has_accelerator()


def device_count() -> int:
    """Among how many devices every batch is divided; 1 unless a `DataParallel` distribution is set."""
    import keras

    if keras.distribution.distribution() is None:
        return 1
    return len(keras.distribution.list_devices())


def hardware() -> str:
    """The device that computes, in words, such as "CPU, 2 cores" or "NVIDIA H100"."""
    import keras

    if has_accelerator():
        backend = keras.backend.backend()
        if backend == "jax":
            import jax

            devices = [device.device_kind for device in jax.devices()]
        elif backend == "torch":
            import torch

            devices = [
                torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())
            ]
        else:
            import tensorflow as tf

            physical = tf.config.list_physical_devices("GPU")
            details = [
                tf.config.experimental.get_device_details(device) for device in physical
            ]
            devices = [detail.get("device_name", "GPU") for detail in details]
            devices = devices or keras.distribution.list_devices()  # a TPU
        return devices[0] if len(devices) == 1 else f"{len(devices)} × {devices[0]}"
    cores = (
        len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count()
    )
    return f"CPU, {cores} core{'' if cores == 1 else 's'}"


def versions() -> dict[str, str]:
    """Versions of Python and of those of `PACKAGES` that are installed, by name."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def code_version() -> str:
    """The version of this code: `FERCOURSE_CODE`, the Git commit ("+" if changed), or the package's."""
    if told := os.environ.get(CODE_VARIABLE):
        return told
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        changed = _git(
            "status", "--porcelain", "--untracked-files=no", "--", "fercourse"
        )
    except (OSError, subprocess.CalledProcessError):
        return __version__
    return f"{commit}+" if changed else commit


def surroundings() -> dict[str, Any]:
    """What a number may depend on beside the configuration: date, code, backend, precision, device."""
    import keras

    return {
        "date": datetime.date.today().isoformat(),
        "code": code_version(),
        "backend": keras.backend.backend(),
        "precision": keras.mixed_precision.global_policy().name,
        "hardware": hardware(),
        "versions": versions(),
    }


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(REPOSITORY), *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout.strip()
