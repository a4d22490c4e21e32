"""`train` of a small network on a few faces, all files in one folder. Shared by the tests."""

from pathlib import Path

from tiny import tiny_data

NARROW_VGG19 = [
    "--width",
    "0.0625",
    "--size",
    "48",
    "--weights",
    "none",
    "--after",
    "block3_pool",
]
"""Options of a model that trains in seconds."""

SHORT = ["--recipe", "practice", "--epochs", "2", "--batch-size", "16"]
"""Options of a recipe that is over in seconds."""


def tiny_csv(folder: Path) -> Path:
    """tiny_data as `faces/fer2013.csv` in a folder; its path."""
    data, path = tiny_data(train=96, rest=24), folder / "faces" / "fer2013.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    splits = {
        "Training": data.train,
        "PublicTest": data.validation,
        "PrivateTest": data.test,
    }
    with open(path, "w") as file:
        file.write("emotion,pixels,Usage\n")
        for usage, faces in splits.items():
            for image, emotion in zip(faces.images, faces.emotions, strict=True):
                file.write(
                    f"{emotion},{' '.join(map(str, image.ravel().tolist()))},{usage}\n"
                )
    return path


def places(folder: Path) -> list[str]:
    """Options that keep everything in a folder in which `tiny_csv` was called."""
    return [
        "--data", str(folder / "faces" / "fer2013.csv"),
        "--results", str(folder / "results"),
        "--checkpoints", str(folder / "checkpoints"),
    ]  # fmt: skip
