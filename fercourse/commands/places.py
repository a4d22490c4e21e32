"""Where a command finds faces and runs: `--data` and `--results`."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from fercourse.data.faces import FaceData

PRACTICE = Path("practice")
"""What `--data` names for practice faces."""


@dataclass(frozen=True)
class Places:
    """Faces and runs as a command names them; None is the usual place."""

    data: Path | None = None  # a file or folder, or `PRACTICE`
    results: Path | None = None

    @property
    def practice(self) -> bool:
        """Whether these are practice faces."""
        return self.data == PRACTICE

    def load(self) -> FaceData:
        """Read the faces."""
        if self.practice:
            from fercourse.data.practice import cached_practice_data

            return cached_practice_data()
        from fercourse.data.fer2013.load import load_fer2013

        return load_fer2013(self.data)

    @property
    def runs(self) -> Path:
        """The folder of runs; practice faces have one of their own."""
        from fercourse.results.runs import RESULTS

        usual = RESULTS / PRACTICE if self.practice else RESULTS
        return self.results or usual


def add_places(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options that `read_places` reads."""
    parser.add_argument(
        "--data",
        type=Path,
        help="FER2013, file or folder, found without; or `practice`, for practice "
        "faces",
    )
    parser.add_argument(
        "--results",
        type=Path,
        help="folder of runs; default: data/results, and `practice` in it for such",
    )


def read_places(options: argparse.Namespace) -> Places:
    """The places that parsed options name."""
    return Places(options.data, options.results)
