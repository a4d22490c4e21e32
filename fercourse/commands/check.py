"""Is everything here that the lessons need? `python -m fercourse check` prints it."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fercourse.machine import (
    PROFILE_VARIABLE,
    find_profile,
    hardware,
    has_accelerator,
    load_backend,
    path_in,
)

NEEDED = ["keras", "numpy", "h5py", "PIL", "pandas", "sklearn", "scipy", "statsmodels"]
NEEDED += ["matplotlib", "seaborn", "ipywidgets", "tqdm"]
"""Modules that the lessons import on every backend."""

FOR_TENSORFLOW = ("tensorflow", "tf_keras_vis")
OPTIONAL = {
    "jupyterlab": "opens the lessons",
    "nbval": "tests them",
    "kagglehub": "downloads FER2013",
}
_DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn"}


def print_check() -> int:
    """Print what `check_installation` says; returns 1 if the lessons cannot run."""
    lines, healthy = check_installation()
    if healthy:  # in a lesson, which is open already, this would make no sense
        lines.append("Next: `make lab` opens the lessons.")
    print("\n".join(lines))
    return 0 if healthy else 1


def check_installation() -> tuple[list[str], bool]:
    """What there is and what is missing, a line each, and whether the lessons can run.

    FER2013, a GPU and the ImageNet weights may be missing: the lessons then run on
    practice faces.

    Example: `lines, healthy = fc.check_installation()`.
    """
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    lines = [_line(supported, f"Python {platform.python_version()} (3.11 to 3.13)")]
    try:
        backend = load_backend()
    except Exception:  # the lines about packages say what is broken
        backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    for_backend = FOR_TENSORFLOW if backend == "tensorflow" else (backend,)
    packages = [_module(name) for name in (*NEEDED, *for_backend)]
    lines += packages
    lines += [_optional(name, purpose) for name, purpose in OPTIONAL.items()]
    if broken := [line[7:].split(":")[0] for line in packages if "[FAIL]" in line]:
        names = ", ".join(broken)
        return [*lines, f"Next: `make lab` installs what is missing ({names})."], False

    lines.append(_line(True, f"Keras backend: {backend}, on {hardware()}"))
    data, missing = _data()
    lines += data + _weights()
    try:
        profile = find_profile(missing, has_accelerator())
        lines.append(_line(True, f"{profile}; {profile.reason}"))
    except ValueError as error:
        lines.append(_line(False, str(error)))
    healthy = not any(line.startswith("[FAIL]") for line in lines)
    if not healthy:
        lines.append("Next: fix the items marked FAIL, then run this again.")
    return lines, healthy


def _line(good: bool | None, text: str) -> str:
    """A line of the report: good, bad, or (None) something you can do without."""
    return f"[{' -- ' if good is None else ' ok ' if good else 'FAIL'}] {text}"


def _module(name: str) -> str:
    distribution = _DISTRIBUTIONS.get(name, name.replace("_", "-"))
    try:
        importlib.import_module(name)
        return _line(True, f"{distribution} {version(distribution)}")
    except Exception as error:  # a broken installation fails in many ways
        return _line(False, f"{distribution}: {type(error).__name__}: {error}")


def _optional(name: str, purpose: str) -> str:
    try:
        return _line(True, f"{name} {version(name)}")
    except PackageNotFoundError:
        return _line(None, f"{name} is not installed ({purpose})")


def _data() -> tuple[list[str], str | None]:
    """The lines about FER2013, and why its accuracies compare with no others."""
    from fercourse.data.fer2013.load import DATA_VARIABLE, look_for_fer2013

    found = look_for_fer2013()
    data, missing = found.data, found.missing
    if data is None:
        # What FERCOURSE_DATA names must be there, unless no lesson will look for it.
        practice = os.environ.get(PROFILE_VARIABLE) == "practice"
        good = False if path_in(DATA_VARIABLE) and not practice else None
        first = f"{missing}; `python -m fercourse download` gets it"
        return [_line(good, text) for text in (first, *found.remarks)], missing
    genuine = data.integrity == "verified FER2013" or None
    counts = " + ".join(f"{len(faces):,}" for faces in data.splits.values())
    lines = [_line(genuine, f"{data.source}: {data.integrity}, {counts} faces")]
    lines += [_line(None, remark) for remark in found.remarks]
    if missing:
        lines.append(_line(None, f"{missing}: `python -m fercourse download` gets it"))
    return lines, missing


def _weights() -> list[str]:
    from fercourse.models.pocket import SHIPPED_MODELS
    from fercourse.models.weights import WEIGHTS_VARIABLE

    ending = ".weights.h5"
    shipped = sorted(file.name for file in SHIPPED_MODELS.glob(f"*{ending}"))
    names = ", ".join(name.removesuffix(ending) for name in shipped)
    pocket = f"pocket models: {names or 'none; the checkout is not complete'}"
    good: bool | None
    if path := path_in(WEIGHTS_VARIABLE):
        good = path.is_file()
        imagenet = f"{WEIGHTS_VARIABLE} names {'a' if good else 'no'} file ({path})"
    else:
        models = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "models"
        good = any(models.glob("vgg19_weights*notop*")) or None
        download = f"Keras downloads it (80 MB) when needed, or set {WEIGHTS_VARIABLE}"
        imagenet = "downloaded" if good else download
    return [_line(bool(shipped), pocket), _line(good, f"ImageNet VGG19: {imagenet}")]
