"""Is everything there that the lessons need? What `python -m fercourse check` prints."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import sys
from pathlib import Path

from fercourse.machine import find_profile, hardware, has_accelerator, load_backend

NEEDED = (
    "keras",
    "numpy",
    "h5py",
    "PIL",
    "pandas",
    "sklearn",
    "statsmodels",
    "matplotlib",
    "seaborn",
    "ipywidgets",
    "tqdm",
)
"""Modules that the lessons import on every backend."""

FOR_TENSORFLOW = ("tensorflow", "tf_keras_vis")
OPTIONAL = {
    "jupyterlab": "opens the lessons",
    "nbval": "tests them",
    "kagglehub": "downloads FER2013",
}

_DISTRIBUTIONS = {
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "tf_keras_vis": "tf-keras-vis",
}


def check_installation() -> tuple[list[str], bool]:
    """What there is and what is missing, a line each, and whether the lessons can run.

    FER2013, a GPU and the ImageNet weights may be missing: the lessons then run on
    practice faces.
    """
    lines: list[str] = []
    healthy = True

    def say(good: bool | None, text: str) -> None:
        nonlocal healthy
        mark = {True: " ok ", False: "FAIL", None: " -- "}[good]
        healthy = healthy and good is not False
        lines.append(f"[{mark}] {text}")

    version = platform.python_version()
    say((3, 11) <= sys.version_info[:2] <= (3, 13), f"Python {version} (3.11 to 3.13)")
    try:
        backend = load_backend()
    except Exception:  # what is broken is told below, package by package
        backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    broken = _say_packages(say, backend)
    if broken:
        lines.append(
            f"Next: `make lab` installs what is missing ({', '.join(broken)})."
        )
        return lines, False

    say(True, f"Keras backend: {backend}, on {hardware()}")
    data_found = _say_data(say)
    _say_weights(say)
    try:
        profile = find_profile(data_found, has_accelerator())
        say(True, str(profile))
    except ValueError as error:
        say(False, str(error))
    if not healthy:
        lines.append("Next: mend what is marked FAIL, then run this again.")
    elif not data_found:
        lines.append(
            "Next: `make lab` opens the lessons on practice faces; "
            "`python -m fercourse download` gets FER2013."
        )
    else:
        lines.append("Next: `make lab` opens the lessons.")
    return lines, healthy


def _say_packages(say, backend: str) -> list[str]:
    needed = NEEDED + (FOR_TENSORFLOW if backend == "tensorflow" else (backend,))
    broken = []
    for module in needed:
        distribution = _DISTRIBUTIONS.get(module, module)
        try:
            importlib.import_module(module)
            say(True, f"{distribution} {importlib.metadata.version(distribution)}")
        except (
            Exception
        ) as error:  # a broken installation fails in many ways, and each is told
            say(False, f"{distribution}: {type(error).__name__}: {error}")
            broken.append(distribution)
    for module, purpose in OPTIONAL.items():
        try:
            say(True, f"{module} {importlib.metadata.version(module)}")
        except importlib.metadata.PackageNotFoundError:
            say(None, f"{module} is not installed ({purpose})")
    return broken


def _say_data(say) -> bool:
    from fercourse.data.fer2013.load import load_fer2013

    try:
        data = load_fer2013()
    except FileNotFoundError:
        say(None, "FER2013 is not here; `python -m fercourse download` gets it")
        return False
    except ValueError as error:
        say(False, f"FER2013: {error}")
        return False
    counts = (
        f"{len(data.train):,} + {len(data.validation):,} + {len(data.test):,} faces"
    )
    genuine = data.integrity == "verified FER2013"
    say(True if genuine else None, f"{data.source}: {data.integrity}, {counts}")
    for report in data.reports:
        say(None, report)
    if data.mixed or not data.test.labelled:
        say(
            None,
            "these files give no comparable accuracy; `python -m fercourse download` "
            "gets some that do",
        )
        return False
    return True


def _say_weights(say) -> None:
    from fercourse.models.pocket import SHIPPED_MODELS
    from fercourse.models.weights import WEIGHTS_VARIABLE

    shipped = sorted(
        path.name.removesuffix(".weights.h5")
        for path in SHIPPED_MODELS.glob("*.weights.h5")
    )
    say(
        bool(shipped),
        f"pocket models: {', '.join(shipped) or 'none; the checkout is not complete'}",
    )
    path = os.environ.get(WEIGHTS_VARIABLE, "")
    if path:
        found = Path(path).is_file()
        say(
            found,
            f"ImageNet VGG19: {WEIGHTS_VARIABLE} names "
            f"{'a file' if found else 'no file'}",
        )
        return
    keras_home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    cached = list((keras_home / "models").glob("vgg19_weights*notop*"))
    if cached:
        say(True, "ImageNet VGG19: downloaded")
    else:
        say(
            None,
            f"ImageNet VGG19: Keras downloads it (80 MB) when needed, or set "
            f"{WEIGHTS_VARIABLE}",
        )
