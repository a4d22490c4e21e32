"""The lessons under Colab's own versions, in an environment that is made on request.

    FERCOURSE_COLAB=1 pytest tests/test_colab.py

takes several GB and minutes; FERCOURSE_COLAB=FOLDER keeps the environment there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]

COLAB = [
    "tensorflow==2.19.0", "keras==3.10.0", "numpy==2.0.2", "pandas==2.2.2",
    "ipywidgets==7.7.1", "matplotlib==3.10.0", "scikit-learn==1.6.1",
    "seaborn==0.13.2", "ipykernel==6.17.1", "ipython==7.34.0",
]  # fmt: skip
"""What decides whether lessons run; Colab has them ready, on Python 3.12."""

AS_IN_COLAB = """
import sys, types
sys.modules["google.colab"] = types.ModuleType("google.colab")
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        "FERCOURSE_COLAB" not in os.environ, reason="only with FERCOURSE_COLAB=1"
    ),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """The folder of the commands of an environment with Colab's versions."""
    place = os.environ["FERCOURSE_COLAB"]
    folder = tmp_path_factory.mktemp("colab") if place == "1" else Path(place)
    commands = folder.resolve() / "bin"
    if not commands.exists():
        python = shutil.which("python3.12") or sys.executable
        subprocess.run([python, "-m", "venv", folder], check=True)
    pip = [commands / "pip", "install", "-q", *COLAB, "nbclient"]
    subprocess.run(pip, check=True)
    return commands


def versions(commands: Path) -> set[str]:
    done = subprocess.run(
        [commands / "pip", "freeze"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("number", ["00", "03", "04", "06"])
def test_a_lesson_runs_in_colab_and_leaves_its_packages_alone(
    number, environment, tmp_path
):
    (lesson,) = ROOT.glob(f"lessons/{number}_*.ipynb")
    shutil.copy(lesson, tmp_path)
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "colab.py").write_text(AS_IN_COLAB)
    address = re.search(r"https://github.com/\w+/\w+", lesson.read_text("utf-8"))[0]
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "FERCOURSE_"))
    }
    as_in_colab = {
        "IPYTHONDIR": str(startup.parents[1]),
        "FERCOURSE_PROFILE": "practice",
        # The first cell clones this checkout's last commit.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{ROOT}.insteadOf",
        "GIT_CONFIG_VALUE_0": address,
    }
    command = [environment / "jupyter", "execute", "--inplace", tmp_path / lesson.name]
    subprocess.run(command, env=kept | as_in_colab, check=True)
    assert set(COLAB) <= versions(environment)
    book = nbformat.read(tmp_path / lesson.name, 4)
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    assert [output for output in outputs if output.get("name") == "stderr"] == []
    assert any("profile: practice" in output.get("text", "") for output in outputs)
