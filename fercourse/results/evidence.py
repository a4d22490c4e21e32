"""Is an attention map where the expression is? Measured on faces drawn for it.

The evidence of a face is compared with its own map and with the maps of all the other
faces. The second comparison is the fair baseline: faces are centred, so any map that
favours the middle of the picture finds some evidence on every face.
"""

from __future__ import annotations

import numpy as np


def evidence_on_grid(evidence: np.ndarray, height: int, width: int) -> np.ndarray:
    """The share of each grid cell that is evidence.

    From (N, 48, 48) pixels, true or false, to (N, height, width) shares; height and
    width must divide 48.
    """
    count, rows, columns = evidence.shape
    if rows % height or columns % width:
        raise ValueError(
            f"A grid of {height}×{width} cells does not divide {rows}×{columns} "
            "pixels evenly; give a map whose sides divide those of the picture."
        )
    # (N, height, pixels of a cell, width, pixels of a cell): the mean over each cell
    cells = evidence.reshape(count, height, rows // height, width, columns // width)
    return cells.mean(axis=(2, 4), dtype="float64")


def shares_on_evidence(maps: np.ndarray, evidence: np.ndarray) -> np.ndarray:
    """The share of each map's mass that is on the evidence of each face.

    The mass of a map is the sum of its cells. A map that is the same everywhere has the
    evidence's share of the area. Example: `fc.shares_on_evidence(maps, evidence)`.

    Args:
        maps: float, 0 or more, shape (N, height, width); one map for each face.
        evidence: bool, shape (N, 48, 48), of the same faces in the same order.

    Returns:
        float64 in [0, 1], shape (N, N): map of face i by row, evidence of face j by
        column.
    """
    if maps.ndim != 3 or evidence.ndim != 3 or len(maps) != len(evidence):
        raise ValueError(
            f"maps {maps.shape} and evidence {evidence.shape} do not belong together; "
            "expected (N, height, width) and (N, 48, 48) of the same N faces."
        )
    if maps.min(initial=0) < 0:
        raise ValueError(
            "The maps hold negative numbers, which have no mass; expected 0 or more."
        )
    mass = maps.astype("float64")
    # A map of zeros counts as one that is the same everywhere.
    mass = np.where(mass.sum(axis=(1, 2), keepdims=True) > 0, mass, 1.0)
    mass /= mass.sum(axis=(1, 2), keepdims=True)
    cells = evidence_on_grid(evidence, *maps.shape[1:])
    # (N, cells) @ (cells, N): each cell spreads its mass evenly over its pixels.
    return mass.reshape(len(maps), -1) @ cells.reshape(len(maps), -1).T


def own_and_others(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each face's evidence: the share of its own map, and the mean of all others'.

    From shares of shape (N, N) to two arrays of shape (N,).
    Example: `own, others = fc.own_and_others(fc.shares_on_evidence(maps, evidence))`.
    """
    count = len(shares)
    if count < 2:
        raise ValueError(
            f"{count} face(s): there are no others to compare with; expected 2 or more."
        )
    # Along a column the evidence stays and the maps change, so the difference does not
    # depend on how much evidence a face has.
    own = np.diagonal(shares).copy()
    return own, (shares.sum(axis=0) - own) / (count - 1)
