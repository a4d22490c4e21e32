"""What every test and every lesson under `pytest --nbval` shares."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from fercourse.machine import LESSON_ENVIRONMENT, PROFILE_VARIABLE

ROOT = Path(__file__).parent

# Before any kernel starts, for kernels inherit these. With FER2013, where no number is
# compared that depends on the processor, TensorFlow may be as fast as it can.
compared = (
    os.environ.get(PROFILE_VARIABLE, "practice") == LESSON_ENVIRONMENT[PROFILE_VARIABLE]
)
for name, value in LESSON_ENVIRONMENT.items():
    if compared or name != "TF_ENABLE_ONEDNN_OPTS":
        os.environ.setdefault(name, value)

# Read copies of FER2013 and drawn faces go with the tests. Workers, and pytest within a
# test, have the cache of the process that began, so that faces are drawn once.
if not {"PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST"} & os.environ.keys():
    _CACHE = tempfile.TemporaryDirectory(prefix="fercourse-test-cache-")
    os.environ["FERCOURSE_CACHE"] = _CACHE.name
if compared:  # what is in someone's data folder must not change a result
    _NO_DATA = tempfile.TemporaryDirectory(prefix="fercourse-test-data-")
    os.environ["FERCOURSE_DATA"] = _NO_DATA.name


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Let `pytest -n 2` keep each file on one worker: a lesson's cells are in order."""
    options = config.option
    if getattr(options, "numprocesses", None) and options.dist == "no":
        options.dist = "loadfile"
        options.loadscopereorder = False  # files in the order below


def pytest_configure(config: pytest.Config) -> None:
    """Name nbval's sanitizing rules by a path that holds from every folder."""
    if config.getoption("nbval_sanitize_with", None) is None:
        config.option.nbval_sanitize_with = str(ROOT / "tests" / "nbval_sanitize.cfg")


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Leave what C++ libraries log to stderr out of nbval's comparison."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """In other profiles than `practice`, compare only what is the same in all."""
    if hasattr(config, "workerinput"):
        long_files_first(items)
    if os.environ[PROFILE_VARIABLE] == LESSON_ENVIRONMENT[PROFILE_VARIABLE]:
        return
    for item in items:
        if "depends-on-profile" in getattr(item, "cell", {}).get("metadata", {}).get(
            "tags", []
        ):
            item.options["check"] = False


def long_files_first(items: list[pytest.Item]) -> None:
    """Sort files so that no worker waits for another's long last file.

    Lessons take longest, then files by their number of slow tests.
    """
    cells = Counter(item.path for item in items if item.path.suffix == ".ipynb")
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: (-cells[item.path], -slow[item.path]))


@pytest.fixture(scope="session")
def fer2013_folder() -> Path:
    """The folder that holds the real `fer2013.csv`; without it the test is skipped."""
    folder = os.environ.get("FERCOURSE_TEST_DATA", "")
    if not folder or not (Path(folder) / "fer2013.csv").is_file():
        pytest.skip(
            "needs the real FER2013: set FERCOURSE_TEST_DATA to the folder that holds "
            "fer2013.csv"
        )
    return Path(folder)
