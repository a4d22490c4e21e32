"""Faces: the one form in which pictures and their emotions travel through the course."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

EMOTIONS: tuple[str, ...] = (
    "angry",
    "disgust",
    "fear",
    "happy",
    "sad",
    "surprise",
    "neutral",
)
"""The seven emotions of FER2013; the position of a name is its number in the data."""


class Split(NamedTuple):
    """A split under its three names.

    Attributes:
        name: in this library, a field of `FaceData`.
        usage: in FER2013's `Usage` column and folders.
        half: in the files of a stored run; empty for the split that is trained on.
    """

    name: str
    usage: str
    half: str = ""


SPLITS = (
    Split("train", "Training"),
    Split("validation", "PublicTest", "public"),
    Split("test", "PrivateTest", "private"),
)
"""The three splits of FER2013: the only table of their names."""

IMAGE_SIDE = 48
"""Height and width of every face, in pixels."""

UNLABELLED = 255
"""The emotion of a face whose label the file does not tell."""


@dataclass(frozen=True)
class Faces:
    """Faces of one split, with their emotions.

    Attributes:
        images: uint8, shape (N, 48, 48), grey values 0 (black) to 255 (white).
        emotions: uint8, shape (N,), 0–6 as in `EMOTIONS`, or `UNLABELLED`.
        rows: int32, shape (N,), the row of each face in its source (0 = first row after
            the header).
    """

    images: np.ndarray
    emotions: np.ndarray
    rows: np.ndarray

    def __post_init__(self) -> None:
        count = len(self.images)
        expected = {
            "images": ("uint8", (count, IMAGE_SIDE, IMAGE_SIDE)),
            "emotions": ("uint8", (count,)),
            "rows": ("int32", (count,)),
        }
        for name, (dtype, shape) in expected.items():
            array = getattr(self, name)
            if array.dtype != dtype or array.shape != shape:
                raise ValueError(
                    f"Faces.{name} is {array.dtype} {array.shape}, expected {dtype} "
                    f"{shape}. "
                    "Load faces with load_fer2013 or practice_faces, or convert your "
                    "array."
                )
        wrong = (self.emotions >= len(EMOTIONS)) & (self.emotions != UNLABELLED)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise ValueError(
                f"Faces.emotions[{row}] is {self.emotions[row]}, expected 0 to 6 "
                f"({', '.join(EMOTIONS)}) or {UNLABELLED} for a face without a label."
            )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, selection: slice | np.ndarray) -> Faces:
        """The faces that a slice, a mask or an array of positions selects."""
        return Faces(
            self.images[selection], self.emotions[selection], self.rows[selection]
        )

    @property
    def labelled(self) -> bool:
        """Whether every face has an emotion."""
        return not (self.emotions == UNLABELLED).any()

    def require_labels(self, purpose: str) -> None:
        """Raise `ValueError` when a face has no label; `purpose` completes "… needs labels"."""
        if not self.labelled:
            missing = int((self.emotions == UNLABELLED).sum())
            raise ValueError(
                f"{purpose} needs labels, and {missing} of {len(self)} faces have "
                f"none. Kaggle's test.csv "
                "carries no emotions; use fer2013.csv or icml_face_data.csv, which do."
            )

    def counts(self) -> dict[str, int]:
        """The number of faces of each emotion, in the order of `EMOTIONS`."""
        tally = np.bincount(
            self.emotions[self.emotions != UNLABELLED], minlength=len(EMOTIONS)
        )
        return dict(zip(EMOTIONS, tally.tolist(), strict=True))


@dataclass(frozen=True)
class FaceData:
    """The three splits of a data set.

    Attributes:
        train: FER2013's Training (28,709 faces).
        validation: FER2013's PublicTest (3,589), for every choice that is made.
        test: FER2013's PrivateTest (3,589), for the number that is reported.
        source: where the faces come from, in words; never an absolute path.
        integrity: what the content hash says, such as "verified FER2013".
        mixed: True when `test` holds PublicTest and PrivateTest in one, so that no
            accuracy on it compares with anybody's.
        reports: what was found beside the faces and left out, one sentence each.
    """

    train: Faces
    validation: Faces
    test: Faces
    source: str
    integrity: str
    mixed: bool = False
    reports: tuple[str, ...] = ()

    def in_training(self, faces: Faces) -> np.ndarray:
        """Which of `faces` stand pixel for pixel in `train` too: bool, shape (N,).

        288 of FER2013's 3,589 PrivateTest faces do.
        """
        known = {image.tobytes() for image in self.train.images}
        return np.array(
            [image.tobytes() in known for image in faces.images], dtype=bool
        )

    def first(self, train: int, validation: int) -> FaceData:
        """The same data with only the first faces of two splits, for a quick rehearsal."""
        return replace(
            self, train=self.train[:train], validation=self.validation[:validation]
        )
