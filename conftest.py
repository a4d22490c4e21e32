"""What every test and every lesson under `pytest --nbval` shares."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent

# Before any kernel starts, for kernels inherit these. TensorFlow's start-up log is silent only with
# the first two together, and nbval would not see it where JupyterLab does; a progress bar never
# prints the same line twice; and the stored outputs are those of the practice profile.
for name, value in {
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TQDM_DISABLE": "1",
    "FERCOURSE_PROFILE": "practice",
}.items():
    os.environ.setdefault(name, value)


# Tests read many copies of FER2013; their caches go with them.
_CACHE = tempfile.TemporaryDirectory(prefix="fercourse-test-cache-")
os.environ["FERCOURSE_CACHE"] = _CACHE.name


def pytest_configure(config: pytest.Config) -> None:
    """Name nbval's sanitizing rules by a path that holds from every folder."""
    if config.getoption("nbval_sanitize_with", None) is None:
        config.option.nbval_sanitize_with = str(ROOT / "tests" / "nbval_sanitize.cfg")


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Leave what C++ libraries log to stderr out of nbval's comparison."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)


@pytest.fixture(scope="session")
def fer2013_folder() -> Path:
    """The folder with the real FER2013, `fer2013.csv` in it; without one the test is skipped."""
    folder = os.environ.get("FERCOURSE_TEST_DATA", "")
    if not folder or not (Path(folder) / "fer2013.csv").is_file():
        pytest.skip("needs the real FER2013: set FERCOURSE_TEST_DATA to the folder that holds fer2013.csv")
    return Path(folder)
