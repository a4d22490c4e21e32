"""Faces and their emotions, in the one form in which the course passes them on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The seven emotions of FER2013; the position of a name is its number in the data.

Example: `fc.EMOTIONS[3]` is "happy".
"""

IMAGE_SIDE = 48
"""Height and width of every face, in pixels."""

UNLABELLED = 255
"""The emotion of a face without a label."""

FER2013, FERPLUS, PRACTICE = "fer2013", "ferplus", "practice"
"""Names of data sets: FER2013 as published, its images with FER+'s labels, and practice
faces."""

PRACTICE_SOURCE = "practice faces"
"""The source of practice faces; files are named after themselves."""

_NAMES = {
    "4a7b82b8a03fc7bfbb3bb86a90a4a57fad19eafa7c561b6206723dad0c82e6b3": FER2013,
    "f26439dd0a3e5c4428decb06c7817888eb5de11dae626854b3c33546f10047e8": FERPLUS,
}
"""The data sets that `FaceData.digest` recognises."""


def digest(*arrays: np.ndarray) -> str:
    """SHA-256 of the bytes of arrays, one after another, as hexadecimal digits."""
    sha256 = hashlib.sha256()
    for array in arrays:
        sha256.update(np.ascontiguousarray(array).data)
    return sha256.hexdigest()


class Split(NamedTuple):
    """A split under its three names."""

    name: str  # in this library: a field of `FaceData`
    usage: str  # in FER2013's column Usage and in folder names
    half: str = ""  # in the files of a stored run; the training split has none


SPLITS = (
    Split("train", "Training"),
    Split("validation", "PublicTest", "public"),
    Split("test", "PrivateTest", "private"),
)
"""The three splits of FER2013: the only table of their names.

Example: `fc.SPLITS[2].usage` is "PrivateTest".
"""


@dataclass(frozen=True)
class Faces:
    """The faces of one split, with their emotions.

    Example: `data.train[:100].counts()["happy"]`.
    """

    images: np.ndarray  # uint8, (N, 48, 48): 0 is black, 255 is white
    emotions: np.ndarray  # uint8, (N,): 0 to 6 as in `EMOTIONS`, or `UNLABELLED`
    rows: np.ndarray  # int32, (N,): row in the source; 0 follows the header

    def __post_init__(self) -> None:
        count = len(self.images)
        for name, dtype, shape in (
            ("images", "uint8", (count, IMAGE_SIDE, IMAGE_SIDE)),
            ("emotions", "uint8", (count,)),
            ("rows", "int32", (count,)),
        ):
            array = getattr(self, name)
            if array.dtype != dtype or array.shape != shape:
                raise ValueError(
                    f"Faces.{name} is {array.dtype} {array.shape}, expected {dtype} "
                    f"{shape}. Load faces with load_fer2013 or practice_faces, or "
                    "convert your array."
                )
        wrong = (self.emotions >= len(EMOTIONS)) & (self.emotions != UNLABELLED)
        if wrong.any():
            row = int(wrong.argmax())
            raise ValueError(
                f"Faces.emotions[{row}] is {self.emotions[row]}, expected 0 to 6 "
                f"({', '.join(EMOTIONS)}) or {UNLABELLED} for a face without a label."
            )

    @staticmethod
    def join(parts: Iterable[Faces]) -> Faces:
        """The faces of several splits in one; an empty split if there are no parts."""
        parts = list(parts)
        if len(parts) == 1:
            return parts[0]
        none = np.empty((0, IMAGE_SIDE, IMAGE_SIDE), "uint8")
        return Faces(
            np.concatenate([none, *(faces.images for faces in parts)]),
            np.concatenate([none[:, 0, 0], *(faces.emotions for faces in parts)]),
            np.concatenate([np.empty(0, "int32"), *(faces.rows for faces in parts)]),
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
        """Raise `ValueError` if a face has no label; `purpose` begins the message."""
        if not self.labelled:
            missing = int((self.emotions == UNLABELLED).sum())
            raise ValueError(
                f"{purpose} needs labels, and {missing} of {len(self)} faces have "
                "none. Kaggle's test.csv carries no emotions; use fer2013.csv or "
                "icml_face_data.csv, which do."
            )

    def counts(self) -> dict[str, int]:
        """The number of faces of each emotion, in the order of `EMOTIONS`."""
        known = self.emotions[self.emotions != UNLABELLED]
        tally = np.bincount(known, minlength=len(EMOTIONS)).tolist()
        return dict(zip(EMOTIONS, tally, strict=True))


@dataclass(frozen=True)
class FaceData:
    """The three splits of a data set.

    Example: `data.in_training(data.test).sum()`.
    """

    train: Faces  # FER2013's Training: 28,709 faces
    validation: Faces  # PublicTest: 3,589 faces, for every choice
    test: Faces  # PrivateTest: 3,589 faces, for the number that is reported
    source: str  # where the faces come from, in words; never an absolute path
    integrity: str  # what the content hash says, such as "verified FER2013"
    mixed: bool = False  # whether `test` is PublicTest and PrivateTest in one
    reports: tuple[str, ...] = ()  # what was found and left out, a sentence each

    @property
    def splits(self) -> dict[str, Faces]:
        """The three splits by name."""
        return {split.name: getattr(self, split.name) for split in SPLITS}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all pixels and labels, split by split in the order of the rows."""
        digest = hashlib.sha256()
        for faces in self.splits.values():
            # The length first, so that no face can move to the next split unnoticed.
            digest.update(len(faces).to_bytes(8, "little"))
            digest.update(np.ascontiguousarray(faces.images).data)
            digest.update(np.ascontiguousarray(faces.emotions).data)
        return digest.hexdigest()

    @cached_property
    def name(self) -> str:
        """The identity of the data set, a part of a run's name and folder.

        "fer2013" is FER2013 as published, to the last pixel and label. A data set that
        is not known by its content is named after its source and its content, such as
        "ckextended-1f0c9a2b", so that no two data sets share a name.
        """
        if self.source == PRACTICE_SOURCE:
            return PRACTICE
        # "My faces.csv" becomes "my-faces".
        stem = self.source.split(" (")[0].removesuffix(".csv").casefold()
        words = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:24]
        return _NAMES.get(self.digest, f"{words or 'faces'}-{self.digest[:8]}")

    @property
    def faults(self) -> tuple[str, ...]:
        """Why accuracies on these faces compare with no others, a sentence each."""
        faults = [
            f"There is no {split.name} split ({split.usage}): it holds no face."
            for split in SPLITS
            if not len(self.splits[split.name])
        ]
        if self.mixed:
            faults.append(
                "The test images are PublicTest and PrivateTest in one, so that no "
                "accuracy on them compares with a published one."
            )
        faults += [
            f"The {name} images have no labels, so that nothing can be evaluated on "
            "them."
            for name in ("validation", "test")
            if not self.splits[name].labelled
        ]
        return tuple(faults)

    @property
    def comparable(self) -> bool:
        """Whether a model can be trained, selected and tested on these faces."""
        return not self.faults

    def require_comparable(self, purpose: str) -> None:
        """Raise `ValueError` if there are `faults`; `purpose` begins the message."""
        if not self.comparable:
            raise ValueError(
                f"{purpose} needs training, validation and test faces with labels. "
                f"{self.source}: {' '.join(self.faults)} `python -m fercourse "
                "download` gets FER2013 with all three."
            )

    @cached_property
    def _training_images(self) -> set[bytes]:
        return {image.tobytes() for image in self.train.images}

    def in_training(self, faces: Faces) -> np.ndarray:
        """Which of `faces` are in `train` too, pixel for pixel: bool, shape (N,).

        288 of FER2013's 3,589 PrivateTest faces are.
        """
        images = (image.tobytes() for image in faces.images)
        return np.array([image in self._training_images for image in images], bool)

    def first(self, train: int, validation: int) -> FaceData:
        """The same data with the first faces of two splits only, for a rehearsal."""
        return replace(
            self, train=self.train[:train], validation=self.validation[:validation]
        )
