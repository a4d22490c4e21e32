"""The machine: devices, versions, and the profile that it allows.

Nothing here imports a Keras backend before it is asked to, so that `check` can report a
broken installation.
"""

from __future__ import annotations

import contextlib
import datetime
import glob
import importlib.metadata
import logging
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from fercourse import __version__

REPOSITORY = Path(__file__).parent.parent
"""The checkout, with `data` and `lessons`."""

CHECKPOINTS = REPOSITORY / "data" / "checkpoints"
"""Where `train` keeps what it resumes from, and the models of finished runs."""

PROFILE_VARIABLE = "FERCOURSE_PROFILE"
PROFILES = {
    "practice": "drawn faces",
    "quick": "FER2013 on a CPU",
    "full": "FER2013 on a GPU",
}
"""What a lesson runs on (see the README)."""

# TensorFlow's log is silent only with the first two together, and without oneDNN its
# numbers are the same on more machines. A progress bar never prints a line twice.
LESSON_ENVIRONMENT = {
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TQDM_DISABLE": "1",
    PROFILE_VARIABLE: "practice",
}
"""How the stored outputs of the lessons were made, and how they are compared."""

VERDICTS_VARIABLE = "FERCOURSE_VERDICTS"
"""The file to which each check of an exercise adds a line, for `grade`."""

PACKAGES = ["keras", "tensorflow", "jax", "torch", "numpy"]
PACKAGES += ["scikit-learn", "statsmodels"]
"""Packages whose versions are kept with a run."""


class ProgressBar(tqdm):
    """The bar of a long computation: in a notebook it is gone when it is closed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take tqdm's options; nothing is shown where `TQDM_DISABLE` is set."""
        # In a notebook, tqdm would overlook the variable.
        hidden = os.environ.get("TQDM_DISABLE", "0") != "0"
        super().__init__(*args, **{"disable": hidden, **options})

    def close(self) -> None:
        """End the bar; on a terminal its last state stays."""
        super().close()
        # A stopped or failed computation would leave a red widget.
        if hasattr(self, "container"):
            self.container.close()


@contextlib.contextmanager
def write_whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path that replaces `path` at the end, and never after an error.

    Example: `with write_whole(path) as part: part.write_text(page)`.
    """
    # In the same folder, and with the same suffix, since NumPy and Keras look at it.
    part = path.with_name(f".part-{os.getpid()}-{path.name}")
    # What a process left that was killed while it wrote; a living one takes no hour.
    for other in path.parent.glob(f".part-*-{glob.escape(path.name)}"):
        if time.time() - other.stat().st_mtime > 3600:
            other.unlink(missing_ok=True)
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def path_in(variable: str) -> Path | None:
    """The path in an environment variable, or None if it is empty or not set.

    Quotes and blanks around it are dropped, `~` and `$HOME` expanded; a relative path
    that does not exist in the current folder is looked for in the repository too.
    """
    text = os.environ.get(variable, "").strip("\"' \t\r\n")
    if not text:
        return None
    path = Path(os.path.expandvars(text)).expanduser()
    here = path.exists() or not (REPOSITORY / path).exists()
    return path if here else REPOSITORY / path


@dataclass(frozen=True)
class Profile:
    """The profile of this machine."""

    name: str  # one of `PROFILES`
    reason: str  # why it is this one

    def __str__(self) -> str:
        return f"profile: {self.name} ({PROFILES[self.name]})"


def find_profile(missing: str | None, accelerator: bool) -> Profile:
    """The profile in `FERCOURSE_PROFILE`, or the best that data and device allow.

    Args:
        missing: why there are no faces whose accuracies compare with others, such as
            "FER2013 is not here"; None if there are.
        accelerator: whether there is a GPU or TPU.

    Raises:
        ValueError: the variable names no profile.
    """
    if chosen := os.environ.get(PROFILE_VARIABLE):
        if chosen not in PROFILES:
            raise ValueError(
                f"{PROFILE_VARIABLE}={chosen} is unknown; expected one of "
                f"{', '.join(PROFILES)}."
            )
        return Profile(chosen, f"set by {PROFILE_VARIABLE}")
    if missing:
        return Profile("practice", missing)
    if not accelerator:
        return Profile("quick", "FER2013 is here, a GPU is not")
    return Profile("full", "FER2013 and a GPU are here")


def load_backend() -> str:
    """Import Keras and start its backend without start-up messages; returns its name.

    Errors still arrive as exceptions.

    Example: `fc.load_backend()` is "tensorflow".
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    # TensorFlow writes to file 2 from C++ before any setting can stop it, which looks
    # in a notebook as if something were wrong: until it has started, 2 is no file.
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import keras

        keras.ops.zeros(1)
        # It also reports each model that it compiles, and sets its level on import.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        return keras.backend.backend()
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def has_accelerator() -> bool:
    """Whether the Keras backend sees a GPU or TPU."""
    import keras

    if keras.backend.backend() == "torch":
        import torch

        return torch.cuda.is_available()
    devices = keras.distribution.list_devices()
    return any(not name.lower().startswith("cpu") for name in devices)


def device_count() -> int:
    """How many devices share every batch; 1 without a `DataParallel` distribution."""
    import keras

    if keras.distribution.distribution() is None:
        return 1
    return len(keras.distribution.list_devices())


def xla_is_slow() -> bool:
    """Whether TensorFlow runs on a CPU, where XLA costs more than it saves."""
    import keras

    return keras.backend.backend() == "tensorflow" and not has_accelerator()


def fastest_precision() -> str:
    """The Keras policy with which this device trains fastest."""
    if not has_accelerator():
        return "float32"
    _, capability = _accelerators()
    # NVIDIA's tensor cores multiply float16 from compute capability 7.0 and bfloat16
    # from 8.0 (CUDA C++ Programming Guide); a T4 has 7.5 and would emulate bfloat16.
    # Where there is no capability (TPU), bfloat16 has float32's range: no loss scaling.
    if capability is None or capability >= (8, 0):
        return "mixed_bfloat16"
    return "mixed_float16" if capability >= (7, 0) else "float32"


def hardware() -> str:
    """The device that computes, in words, such as "CPU, 2 cores" or "NVIDIA H100"."""
    if has_accelerator():
        names, _ = _accelerators()
        return names[0] if len(names) == 1 else f"{len(names)} × {names[0]}"
    pinned = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    cores = len(pinned(0)) if pinned else os.cpu_count()
    return f"CPU, {cores} core{'' if cores == 1 else 's'}"


def _accelerators() -> tuple[list[str], tuple[int, ...] | None]:
    """The names of the accelerators, and NVIDIA's compute capability of the first."""
    import keras

    if keras.backend.backend() == "torch":
        import torch

        count = torch.cuda.device_count()
        names = [torch.cuda.get_device_name(number) for number in range(count)]
        amd = torch.version.hip
        return names, None if amd else torch.cuda.get_device_capability()
    if keras.backend.backend() == "jax":
        import jax

        names = [device.device_kind for device in jax.devices()]
        capability = str(getattr(jax.devices()[0], "compute_capability", None))
        # Another vendor puts the name of its architecture there.
        nvidia = re.fullmatch(r"(\d+)\.(\d+)", capability)
        return names, tuple(map(int, nvidia.groups())) if nvidia else None
    import tensorflow as tf

    details = [
        tf.config.experimental.get_device_details(device)
        for device in tf.config.list_physical_devices("GPU")
    ]
    if not details:  # a TPU
        return keras.distribution.list_devices(), None
    names = [detail.get("device_name", "GPU") for detail in details]
    return names, details[0].get("compute_capability")


def versions() -> dict[str, str]:
    """Versions of Python and of those of `PACKAGES` that are installed, by name."""
    installed = {"python": platform.python_version()}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            installed[package] = importlib.metadata.version(package)
    return installed


def code_version() -> str:
    """The Git commit, with "+" if the code differs from it.

    Without a Git history, `FERCOURSE_CODE` or the version of the package.
    """
    if chosen := os.environ.get("FERCOURSE_CODE"):
        return chosen

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(REPOSITORY), *arguments]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        return run.stdout.strip()

    try:
        commit = git("rev-parse", "--short=12", "HEAD")
        changed = git("status", "--porcelain", "--untracked-files=no", "fercourse")
        return f"{commit}+" if changed else commit
    except (OSError, subprocess.CalledProcessError):
        return __version__


def surroundings() -> dict[str, Any]:
    """What a number depends on besides the configuration."""
    import keras

    return {
        "date": datetime.date.today().isoformat(),
        "code": code_version(),
        "backend": keras.backend.backend(),
        "precision": keras.mixed_precision.global_policy().name,
        "hardware": hardware(),
        "versions": versions(),
    }
