"""Commands that train a small network on a few faces, all files in one folder."""

from dataclasses import replace
from pathlib import Path

from tiny import tiny_data

from fercourse.data.faces import SPLITS
from fercourse.results.runs import Run, read_run

NARROW_VGG19 = [
    "--width", "0.0625", "--size", "48", "--weights", "none", "--after", "block3_pool"
]  # fmt: skip
"""Options of a model that trains in seconds."""

SHORT = ["--recipe", "practice", "--epochs", "2", "--batch-size", "16"]
"""Options of a recipe that is over in seconds."""


TINY = replace(tiny_data(train=96, rest=24), source="fer2013.csv").name
"""The name of the data set in `tiny_csv`: it is not FER2013, whatever its file says."""


def read_tiny_run(name: str, folder: Path) -> Run:
    """The run on `tiny_csv` that a command with `places(folder)` stored."""
    return read_run(f"{TINY}-{name}", folder / "results" / TINY)


def tiny_csv(folder: Path) -> Path:
    """tiny_data as `faces/fer2013.csv` in a folder; its path."""
    data, path = tiny_data(train=96, rest=24), folder / "faces" / "fer2013.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        file.write("emotion,pixels,Usage\n")
        for split in SPLITS:
            faces = getattr(data, split.name)
            for image, emotion in zip(faces.images, faces.emotions, strict=True):
                pixels = " ".join(map(str, image.ravel().tolist()))
                file.write(f"{emotion},{pixels},{split.usage}\n")
    return path


def places(folder: Path) -> list[str]:
    """Options that keep everything in a folder in which `tiny_csv` was called."""
    return [
        "--data", str(folder / "faces" / "fer2013.csv"),
        "--results", str(folder / "results"),
        "--checkpoints", str(folder / "checkpoints"),
    ]  # fmt: skip
