"""Where a command finds faces and runs: `--data` and `--results`."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fercourse.data.faces import FER2013, FERPLUS, PRACTICE, FaceData


@dataclass(frozen=True)
class Places:
    """Faces and runs as a command names them; None is the usual place."""

    data: Path | None = None  # a file or folder, or the word "practice" or "ferplus"
    results: Path | None = None

    @cached_property
    def faces(self) -> FaceData:
        """The faces, read when they are first asked for."""
        from fercourse.data.fer2013.load import load_fer2013

        if self.data == Path(PRACTICE):
            from fercourse.data.practice import cached_practice_data

            return cached_practice_data()
        if self.data == Path(FERPLUS):
            from fercourse.data.ferplus import ferplus_data, require_ferplus

            return ferplus_data(load_fer2013(), require_ferplus())
        return load_fer2013(self.data)

    @property
    def data_name(self) -> str:
        """The name of the data set; FER2013 if none is named and it is not here."""
        try:
            return self.faces.name
        except FileNotFoundError:
            if self.data is not None:
                raise
            return FER2013

    @property
    def runs(self) -> Path:
        """The folder of the runs on this data set."""
        from fercourse.results.runs import RESULTS, runs_folder

        return runs_folder(self.data_name, self.results or RESULTS)


def add_places(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options `--data` and `--results`."""
    parser.add_argument(
        "--data",
        type=Path,
        help="file or folder of a data set with FER2013's form, FER2013 found without; "
        "`practice` for practice faces, `ferplus` for FER2013 with the labels of FER+",
    )
    parser.add_argument(
        "--results",
        type=Path,
        help="folder of runs; default: data/results. Data sets other than FER2013 have "
        "a folder of their own in it",
    )
