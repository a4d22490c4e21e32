"""Copy the course for students, without solutions and whatever contains them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

from fercourse.machine import REPOSITORY

LEFT_OUT = (
    "lessons/solutions/",
    "lessons/source/",  # solutions between their markers
    "lessons/build.py",
    "tests/",  # right answers to every exercise
    "instructors/",
    ".ci/",
    ".github/",
    ".pre-commit-config.yaml",
)
"""Folders and files that students do not get."""

PUBLIC = "fercourse/fercourse"
"""The course's own repository on GitHub, where Colab fetches it."""

_NOTE = """
> A release for students, without solutions and tests. `make lab` opens the lessons.
"""
_ABOUT_SOLUTIONS = (
    r"(?:, and|\.)\s+(?:the s|S)olutions\s+are in "
    r"(?:the folder `solutions`|\[lessons/solutions\]\(lessons/solutions\))[^.]*"
)


def make_release(folder: Path, repository: str = PUBLIC) -> int:
    """Copy what git tracks into a new folder, without `LEFT_OUT`.

    Args:
        folder: must be empty or not exist.
        repository: owner and name of the students' repository on GitHub; the Colab
            links open it instead of the public one.

    Raises:
        ValueError: the folder has files, or this is no git clone.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} has files in it: name a new folder.")
    names = [name for name in _tracked() if not name.startswith(LEFT_OUT)]
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / name, path)
        if name == "README.md" or path.suffix == ".ipynb":
            _adapt(path, repository)
    project = folder / "pyproject.toml"
    text = project.read_text("utf-8").replace(PUBLIC, repository)
    project.write_text(text, "utf-8")
    print(f"{len(names)} files for students are in {folder}.")
    return 0


def _tracked() -> list[str]:
    """The files that git tracks, which leaves out FER2013 and private notes."""
    command = ["git", "ls-files", "-z"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True)
    if done.returncode:
        raise ValueError(f"{REPOSITORY} is no git clone; a release needs one.")
    names = done.stdout.decode().strip("\0").split("\0")
    return [name for name in names if (REPOSITORY / name).is_file()]


def _adapt(path: Path, repository: str) -> None:
    """Change the address, and remove the sentence that says where solutions are."""
    text = path.read_text("utf-8").replace(PUBLIC, repository)
    if path.suffix != ".ipynb":
        text = re.sub(_ABOUT_SOLUTIONS, "", text)
        text = re.sub(r"To teach the course, [^;]*;\s+to change", "To change", text)
        title, _, rest = text.partition("\n")
        path.write_text(f"{title}\n{_NOTE}{rest}", "utf-8")
        return
    book = json.loads(text)
    for cell in book["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            source = re.sub(_ABOUT_SOLUTIONS, "", source)
        cell["source"] = source.splitlines(keepends=True)
    text = json.dumps(book, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", "utf-8")
